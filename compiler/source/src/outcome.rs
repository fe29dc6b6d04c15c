//! What a stage returns. Invariant: diagnostics never replace the value; a broken document still
//! yields what could be understood of it.

use crate::{Diagnostic, Severity};

/// A value and what was found on the way to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome<T> {
    /// What could be understood.
    pub value: T,
    /// What was found, in the order of finding.
    pub diagnostics: Vec<Diagnostic>,
}

impl<T> Outcome<T> {
    /// A value nothing was found against.
    pub fn clean(value: T) -> Outcome<T> {
        Outcome { value, diagnostics: Vec::new() }
    }

    /// A value with its diagnostics.
    pub fn new(value: T, diagnostics: Vec<Diagnostic>) -> Outcome<T> {
        Outcome { value, diagnostics }
    }

    /// Moves the diagnostics to `sink` and returns the value.
    pub fn drain_into(self, sink: &mut Vec<Diagnostic>) -> T {
        sink.extend(self.diagnostics);
        self.value
    }

    /// Applies `f` to the value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Outcome<U> {
        Outcome { value: f(self.value), diagnostics: self.diagnostics }
    }

    /// Whether any diagnostic is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}
