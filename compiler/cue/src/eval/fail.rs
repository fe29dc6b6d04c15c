//! Making errors: messages, paths and places.

use platformc_source::Span;

use super::{NodeId, Stop, Unit};
use crate::label::Label;
use crate::tree::{Bottom, ErrorCode, Reason};

pub(crate) fn bottom(code: ErrorCode, message: impl Into<String>, span: Span) -> Bottom {
    Bottom {
        code,
        message: message.into(),
        path: String::new(),
        spans: if span.is_none() { Vec::new() } else { vec![span] },
        expression: None,
        causes: Vec::new(),
        reason: Reason::Other,
    }
}

pub(crate) fn incomplete(message: impl Into<String>, span: Span) -> Stop {
    Stop::from(bottom(ErrorCode::Incomplete, message, span))
}

pub(crate) fn failed(message: impl Into<String>, span: Span) -> Stop {
    Stop::from(bottom(ErrorCode::Eval, message, span))
}

/// How many places an error names: one that climbs a long chain of references passes more.
const MAX_PLACES: usize = 16;

impl Bottom {
    pub(crate) fn because(mut self, reason: Reason) -> Bottom {
        self.reason = reason;
        self
    }

    pub(crate) fn at(mut self, span: Span) -> Bottom {
        if !span.is_none() && self.spans.len() < MAX_PLACES && !self.spans.contains(&span) {
            self.spans.push(span);
        }
        self
    }
}

/// A label as CUE prints it in a path.
pub(crate) fn label_text(label: Label) -> String {
    match label {
        Label::Index(index) => index.to_string(),
        Label::Name(_) if label.is_regular() => platformc_cue_syntax::label_text(&label.text()),
        Label::Name(_) => label.text().into_owned(),
    }
}

impl Unit<'_> {
    /// The path of a node from the root, as CUE prints it.
    pub(crate) fn path(&self, node: NodeId) -> String {
        let mut labels = Vec::new();
        let mut at = node;
        while at != NodeId::NONE {
            let record = self.node(at);
            if let Some(label) = record.label {
                labels.push(label_text(label));
            }
            at = record.parent;
        }
        labels.reverse();
        labels.join(".")
    }

    /// Records an error of a node.
    pub(crate) fn report(&mut self, node: NodeId, mut error: Bottom) {
        if error.path.is_empty() {
            error.path = self.path(node);
        }
        self.progress += 1;
        if error.code.is_incomplete() {
            let rare = self.node_mut(node).rare_mut();
            if rare.incomplete.len() < 16 {
                rare.incomplete.push(error);
            }
        } else if self.node(node).errors.len() < 16 {
            self.node_mut(node).errors.push(error);
        }
    }

    pub(crate) fn conflict(
        &mut self,
        node: NodeId,
        left: (&str, Span),
        right: (&str, Span),
        types: Option<(&str, &str)>,
    ) {
        let mut message = format!("conflicting values {} and {}", right.0, left.0);
        if let Some((a, b)) = types {
            message.push_str(&format!(" (mismatched types {b} and {a})"));
        }
        let error = bottom(ErrorCode::Eval, message, right.1).at(left.1).because(Reason::Conflict);
        self.report(node, error);
    }

    /// What a node is known to be, in a few words, for messages.
    pub(crate) fn describe(&self, node: NodeId) -> String {
        let record = self.node(node);
        if let Some(scalar) = &record.scalar {
            return scalar.text();
        }
        if record.is_list() {
            return "list".to_owned();
        }
        if !record.arcs.is_empty() {
            return "struct".to_owned();
        }
        record.kinds.text()
    }
}
