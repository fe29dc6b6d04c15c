//! Typed reading of a definition's attributes from values.
//!
//! Invariant: every field is read once, what is left over is unknown; a field of another type is
//! reported and read as absent.

use std::sync::Arc;

use platformc_source::{Diagnostic, Severity, Span, codes, nearest};
use platformc_value::{Data, Map, Value};

use crate::Text;

/// A struct whose fields are taken one by one.
pub(crate) struct Fields<'v> {
    map: Option<&'v Map>,
    at: String,
    taken: Vec<&'static str>,
}

impl<'v> Fields<'v> {
    /// The fields of `value`, which stands at the path `at`; another type is reported.
    pub(crate) fn new(value: Option<&'v Value>, at: &str, sink: &mut Vec<Diagnostic>) -> Self {
        let map = match value {
            Some(Value { data: Data::Map(map), .. }) => Some(map),
            Some(other) if !other.is_null() => {
                sink.push(wrong_type(other, at, "a struct"));
                None
            }
            _ => None,
        };
        Fields { map, at: at.to_owned(), taken: Vec::new() }
    }

    fn path(&self, name: &str) -> String {
        if self.at.is_empty() { name.to_owned() } else { format!("{}.{name}", self.at) }
    }

    /// The value of a field, not `null`.
    pub(crate) fn take(&mut self, name: &'static str) -> Option<&'v Value> {
        self.taken.push(name);
        self.map.and_then(|map| map.get(name)).filter(|value| !value.is_null())
    }

    /// Declares a field that may be there and is not read.
    pub(crate) fn ignore(&mut self, names: &[&'static str]) {
        self.taken.extend(names);
    }

    /// A text field.
    pub(crate) fn text(&mut self, name: &'static str, sink: &mut Vec<Diagnostic>) -> Option<Text> {
        let value = self.take(name)?;
        let text = text_of(value);
        if text.is_none() {
            sink.push(wrong_type(value, &self.path(name), "a string"));
        }
        text
    }

    /// A boolean field; `false` where it is absent.
    pub(crate) fn flag(&mut self, name: &'static str, sink: &mut Vec<Diagnostic>) -> bool {
        let Some(value) = self.take(name) else { return false };
        value.as_bool().unwrap_or_else(|| {
            sink.push(wrong_type(value, &self.path(name), "true or false"));
            false
        })
    }

    /// An integer field; 0 where it is absent.
    pub(crate) fn int(&mut self, name: &'static str, sink: &mut Vec<Diagnostic>) -> i64 {
        let Some(value) = self.take(name) else { return 0 };
        value.as_number().and_then(platformc_value::Number::to_i64).unwrap_or_else(|| {
            sink.push(wrong_type(value, &self.path(name), "an integer"));
            0
        })
    }

    /// A list of texts.
    pub(crate) fn texts(&mut self, name: &'static str, sink: &mut Vec<Diagnostic>) -> Vec<Text> {
        let Some(value) = self.take(name) else { return Vec::new() };
        let Some(items) = value.as_list() else {
            sink.push(wrong_type(value, &self.path(name), "a list of strings"));
            return Vec::new();
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match text_of(item) {
                Some(text) => texts.push(text),
                None => sink.push(wrong_type(item, &self.path(name), "a list of strings")),
            }
        }
        texts
    }

    /// A map of texts.
    pub(crate) fn text_map(
        &mut self,
        name: &'static str,
        sink: &mut Vec<Diagnostic>,
    ) -> Vec<(Arc<str>, Arc<str>)> {
        let Some(value) = self.take(name) else { return Vec::new() };
        let Some(map) = value.as_map() else {
            sink.push(wrong_type(value, &self.path(name), "a struct of strings"));
            return Vec::new();
        };
        let mut texts = Vec::with_capacity(map.len());
        for entry in map {
            match &entry.value.data {
                Data::String(text) => texts.push((Arc::clone(&entry.key), Arc::clone(text))),
                _ => {
                    let path = format!("{}.{}", self.path(name), entry.key);
                    sink.push(wrong_type(&entry.value, &path, "a string"));
                }
            }
        }
        texts
    }

    /// Reports what was not taken.
    pub(crate) fn finish(self, severity: Severity, sink: &mut Vec<Diagnostic>) {
        for entry in self.map.into_iter().flatten() {
            if self.taken.contains(&&*entry.key) {
                continue;
            }
            let span = entry.key_origin.span;
            let place = if self.at.is_empty() {
                "a definition".to_owned()
            } else {
                format!("`{}`", self.at)
            };
            let message = format!("{place} has no field `{}`", entry.key);
            let mut diagnostic =
                Diagnostic::new(codes::DEFINITION_ATTRIBUTE, span, message).severity(severity);
            match nearest(&entry.key, self.taken.iter().copied()).first() {
                Some(name) => {
                    diagnostic = diagnostic.replace(span, *name, format!("write `{name}` instead"));
                }
                None => {
                    let known = crate::text::list(self.taken.iter().copied());
                    diagnostic = diagnostic.note(format!("known here: {known}"));
                }
            }
            sink.push(diagnostic);
        }
    }
}

fn text_of(value: &Value) -> Option<Text> {
    match &value.data {
        Data::String(text) => Some(Text { text: Arc::clone(text), span: value.origin.span }),
        _ => None,
    }
}

fn wrong_type(value: &Value, path: &str, wanted: &str) -> Diagnostic {
    let span: Span = value.origin.span;
    let found = value.kind_name();
    Diagnostic::new(
        codes::DEFINITION_ATTRIBUTE,
        span,
        format!("`{path}` of a definition has to be {wanted}, not {found}"),
    )
}
