//! Nickel in a build of the compiler without it. Invariant: a Nickel file is a located diagnostic
//! that says how to get it compiled.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::sync::Arc;

use platformc_definition::Definition;
use platformc_source::{Diagnostic, FileId, Outcome, SourceMap, Sources, Span, codes};
use platformc_value::Value;

/// The Nickel of a build: none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nickel<'a>(PhantomData<&'a ()>);

impl<'a> Nickel<'a> {
    /// Takes what the real one takes.
    pub(crate) fn new(_sources: &'a dyn Sources, _map: &'a SourceMap) -> Nickel<'a> {
        Nickel(PhantomData)
    }

    /// Reports the file.
    pub(crate) fn value(
        &self,
        path: &str,
        file: FileId,
        _text: &Arc<str>,
        _fields: &[(&str, &Value)],
    ) -> Outcome<Option<Value>> {
        let message = format!("`{path}` is Nickel, which this platformc was built without");
        let found = Diagnostic::new(codes::MODEL_NOT_SUPPORTED, Span::new(file, 0, 0), message)
            .note("install platformc with its default features, or write the file in YAML or CUE");
        Outcome::new(None, vec![found])
    }

    /// Reports the file.
    pub(crate) fn definitions(
        &self,
        path: &str,
        file: FileId,
        text: &Arc<str>,
    ) -> Outcome<Vec<Definition>> {
        self.value(path, file, text, &[]).map(|_| Vec::new())
    }

    /// Reports the file.
    pub(crate) fn document(
        &self,
        path: &str,
        file: FileId,
        text: &Arc<str>,
    ) -> Outcome<Option<Document<'a>>> {
        self.value(path, file, text, &[]).map(|_| None)
    }
}

/// A Nickel file of documents: there is none.
#[derive(Debug)]
pub(crate) struct Document<'a>(PhantomData<&'a ()>, Infallible);

impl Document<'_> {
    /// Never asked.
    pub(crate) fn is_configured(&self) -> bool {
        match self.1 {}
    }

    /// Never asked.
    pub(crate) fn value(&self, _config: &Value) -> Outcome<Option<Value>> {
        match self.1 {}
    }
}
