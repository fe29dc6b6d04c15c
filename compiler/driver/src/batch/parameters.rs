//! Parameters of operations: what is written, and what only a run knows.
//!
//! Invariant: a definition sees a reference as text that it can pass on and nothing else, and
//! authored braces as text that Argo Workflows does not read.

use platformc_emit::argo_workflows::{hide, reference};
use platformc_model::Text;
use platformc_source::{Diagnostic, Span, codes};
use platformc_value::{Data, Value};

/// The key of a value that comes from somewhere else.
const VALUE_FROM: &str = "valueFrom";

/// The output of another operation, as parameters name it.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    /// The operation's id.
    pub(super) operation: Text,
    /// The output.
    pub(super) output: Text,
    /// The whole reference.
    pub(super) span: Span,
}

/// Parameters made ready.
#[derive(Clone, Debug)]
pub(super) struct Parameters {
    /// For checking: as written, with marks for references.
    pub(super) checked: Value,
    /// For rendering: braces are marks, too.
    pub(super) rendered: Value,
    /// The references, each with the number of its mark.
    pub(super) references: Vec<Reference>,
}

/// Finds the references in parameters. What looks like one and is none is reported.
pub(super) fn parameters(written: &Value, sink: &mut Vec<Diagnostic>) -> Parameters {
    let mut references = Vec::new();
    let mut checked = written.clone();
    let mut open = vec![&mut checked];
    while let Some(value) = open.pop() {
        if let Some(found) = reference_of(value, sink) {
            let mark = platformc_emit::argo_workflows::reference(references.len());
            value.data = Data::String(mark.into());
            references.extend(found);
            continue;
        }
        match &mut value.data {
            Data::List(items) => open.extend(items),
            Data::Map(map) => open.extend(map.iter_mut().map(|entry| &mut entry.value)),
            _ => {}
        }
    }
    let mut rendered = checked.clone();
    let mut open = vec![&mut rendered];
    while let Some(value) = open.pop() {
        match &mut value.data {
            Data::String(text) => {
                let is_mark = (0..references.len()).any(|number| reference(number) == **text);
                if is_mark {
                    continue;
                }
                match hide(text) {
                    Some(hidden) => *text = hidden.into(),
                    None => {
                        let message = "the text holds characters that stand for something else \
                                       while a workflow is made";
                        let note = "U+F8D0 to U+F8D2 are not for documents";
                        sink.push(
                            Diagnostic::new(codes::WORKFLOW_REFERENCE, value.origin.span, message)
                                .note(note),
                        );
                    }
                }
            }
            Data::List(items) => open.extend(items),
            Data::Map(map) => open.extend(map.iter_mut().map(|entry| &mut entry.value)),
            _ => {}
        }
    }
    Parameters { checked, rendered, references }
}

/// A value that is a reference: `Some(None)` for one that is reported.
fn reference_of(value: &Value, sink: &mut Vec<Diagnostic>) -> Option<Option<Reference>> {
    let map = value.as_map()?;
    let entry = map.entry(VALUE_FROM)?;
    let from = entry.value.as_map()?;
    let operation = from.entry("operation")?;
    let text = |value: &Value| match &value.data {
        Data::String(text) => Some(Text { text: text.clone(), origin: value.origin }),
        _ => None,
    };
    let output = from.get("output");
    let known = from.len() == 1 + usize::from(output.is_some()) && map.len() == 1;
    match (text(&operation.value), output.and_then(text)) {
        (Some(operation), Some(output)) if known => {
            // A block has no short text of its own; its first key has.
            Some(Some(Reference { operation, output, span: entry.key_origin.span }))
        }
        _ => {
            let message = "a value of another operation is written \
                           `valueFrom: {operation: ID, output: NAME}`";
            let span = entry.key_origin.span;
            sink.push(Diagnostic::new(codes::WORKFLOW_REFERENCE, span, message));
            Some(None)
        }
    }
}

/// Whether a diagnostic is about a mark: then it is said in words of the reference.
pub(super) fn explain(
    mut diagnostic: Diagnostic,
    written: &Value,
    references: &[Reference],
) -> Diagnostic {
    let at = diagnostic.primary.span;
    let mut open = vec![written];
    while let Some(value) = open.pop() {
        if let Some(Some(found)) = reference_of(value, &mut Vec::new()) {
            if value.origin.span == at || found.span == at {
                let known = references.iter().any(|reference| reference.span == found.span);
                if known {
                    let message = format!(
                        "the output `{}` of `{}` is text that only a run knows, and cannot stand here",
                        found.output, found.operation
                    );
                    let said = std::mem::replace(&mut diagnostic.message, message);
                    let clean = !said.contains(['\u{f8d0}', '\u{f8d1}', '\u{f8d2}']);
                    diagnostic.code = codes::WORKFLOW_REFERENCE;
                    diagnostic.primary.span = found.span;
                    diagnostic.notes.retain(|note| !note.contains('\u{f8d1}'));
                    diagnostic.fixes.clear();
                    if clean {
                        diagnostic = diagnostic.note(said);
                    }
                }
                return diagnostic;
            }
            continue;
        }
        match &value.data {
            Data::List(items) => open.extend(items),
            Data::Map(map) => open.extend(map.iter().map(|entry| &entry.value)),
            _ => {}
        }
    }
    diagnostic
}
