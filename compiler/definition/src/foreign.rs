//! Definitions in a language other than CUE.
//!
//! Invariant: what another language decides (whether properties hold, what a template makes) enters
//! as the same trees and errors as CUE's, so that checking, patching and reporting know one kind of
//! definition, and a component and its traits may be written in different ones.

use std::fmt;
use std::sync::Arc;

use platformc_cue::{Bottom, Tree};
use platformc_source::{FileId, Outcome, Span};
use platformc_value::Value;

use crate::load::{HEADER, attributes, kind_of};
use crate::patch::Strategy;
use crate::{Body, Definition, Parameters, Text};

/// What a definition in another language can do.
pub trait Foreign: fmt::Debug + Send + Sync {
    /// The file it is written in.
    fn file(&self) -> FileId;

    /// The parameters as people and tools see them.
    fn parameters(&self) -> Parameters;

    /// Whether the template may read a field of `context`. Never underestimates.
    fn reads(&self, field: &str) -> bool;

    /// What is wrong with properties. Paths begin with `parameter`.
    fn check(&self, properties: &Value) -> Vec<Bottom>;

    /// What the template makes.
    ///
    /// # Errors
    /// What is wrong; paths begin with `parameter`, `output` and so on.
    fn render(&self, properties: &Value, context: &Value) -> Result<ForeignMade, Vec<Bottom>>;
}

/// What a template in another language made.
#[derive(Clone, Debug, Default)]
pub struct ForeignMade {
    /// The fields it has: `output`, `outputs`, `patch`, `patchOutputs` and so on.
    pub fields: Vec<(Arc<str>, Tree)>,
    /// How `patch` applies.
    pub strategy: Strategy,
    /// Errors that the template itself reports.
    pub errors: Vec<String>,
}

/// Makes a definition of a header (`name`, `type` and what a CUE header has) and its template;
/// `None` where it has no name or type.
#[must_use]
pub fn load_foreign(
    header: &Value,
    whole: Span,
    template: Option<Arc<dyn Foreign>>,
) -> Outcome<Option<Definition>> {
    let mut sink = Vec::new();
    let definition = load(header, whole, template, &mut sink);
    Outcome::new(definition, sink)
}

fn load(
    header: &Value,
    whole: Span,
    template: Option<Arc<dyn Foreign>>,
    sink: &mut Vec<platformc_source::Diagnostic>,
) -> Option<Definition> {
    use platformc_source::{Diagnostic, codes};
    let named = header.as_map().and_then(|map| map.entry("name"));
    let name = named.and_then(|entry| Some((entry, entry.value.as_str()?)));
    let Some((entry, text)) = name else {
        let span = named.map_or(Span { end: whole.start, ..whole }, |found| found.key_origin.span);
        let message = "a definition needs a `name`, the text that documents use as `type`";
        sink.push(Diagnostic::new(codes::DEFINITION_HEADER, span, message));
        return None;
    };
    let name = Text { text: Arc::from(text), span: entry.value.origin.span };
    let kind = kind_of(&name, header, sink)?;
    let mut definition = Definition::new(kind, name, whole);
    let known: Vec<&'static str> = HEADER.into_iter().chain(["name"]).collect();
    attributes::header(&mut definition, header, &known, sink);
    match template {
        Some(template) => definition.body = Body::Foreign(template),
        None => sink.push(Diagnostic::new(
            codes::DEFINITION_NO_TEMPLATE,
            definition.name.span,
            format!("the definition `{}` has no `template`", definition.name.text),
        )),
    }
    Some(definition)
}
