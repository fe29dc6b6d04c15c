//! Diagnostics as data. Invariant: the message reads well alone; everything else adds to it.

use crate::{Code, Span};

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// The build fails.
    Error,
    /// The build goes on; the author should look.
    Warning,
    /// For information only.
    Note,
}

impl Severity {
    /// `error`, `warning` or `note`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// A place that has a part in a diagnostic, with a few words on that part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// The place, in any file.
    pub span: Span,
    /// The part it plays, in a few words; may be empty.
    pub message: String,
}

/// A replacement of the bytes of `span` by `text`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// What is replaced; an empty span inserts.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// A way out: a title and the edits that take it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// What the fix does, as an imperative.
    pub title: String,
    /// Edits that do not overlap.
    pub edits: Vec<Edit>,
}

/// Something found in the input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// Its stable code.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// One line that reads well alone, without a final full stop.
    pub message: String,
    /// The place at fault, with words for it (may be empty).
    pub primary: Label,
    /// Other places that have a part in it.
    pub labels: Vec<Label>,
    /// Facts that help to understand it.
    pub notes: Vec<String>,
    /// Ways out.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// A diagnostic with the default severity of `code`, at `span`.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: code.info().severity,
            message: message.into(),
            primary: Label { span, message: String::new() },
            labels: Vec::new(),
            notes: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// Words for the primary place.
    #[must_use]
    pub fn primary_label(mut self, message: impl Into<String>) -> Diagnostic {
        self.primary.message = message.into();
        self
    }

    /// One more place. A span of no file is left out.
    #[must_use]
    pub fn label(mut self, span: Span, message: impl Into<String>) -> Diagnostic {
        if !span.is_none() {
            self.labels.push(Label { span, message: message.into() });
        }
        self
    }

    /// One more fact.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Diagnostic {
        self.notes.push(note.into());
        self
    }

    /// One more way out.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, edits: Vec<Edit>) -> Diagnostic {
        self.fixes.push(Fix { title: title.into(), edits });
        self
    }

    /// A fix that replaces the bytes of one span.
    #[must_use]
    pub fn replace(
        self,
        span: Span,
        text: impl Into<String>,
        title: impl Into<String>,
    ) -> Diagnostic {
        if span.is_none() {
            return self;
        }
        self.fix(title, vec![Edit { span, text: text.into() }])
    }

    /// Another severity than the code's own.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Diagnostic {
        self.severity = severity;
        self
    }
}
