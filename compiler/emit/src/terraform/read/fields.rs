//! The fields of one block.
//!
//! Invariant: every field is taken or, at [`Fields::finish`], reported with the nearest names.
//! `null` means the field was left out, as it does to Terraform.

use platformc_source::{Diagnostic, Span, codes, nearest};
use platformc_value::{Data, Entry, Map, Value};

use crate::terraform::{Name, mark};

/// The fields of a block that are not taken yet.
pub(super) struct Fields<'s> {
    what: String,
    entries: Vec<Entry>,
    known: Vec<&'static str>,
    anchor: Span,
    sink: &'s mut Vec<Diagnostic>,
}

/// A short place to point at: the first key.
pub(super) fn anchor(value: &Value) -> Span {
    let first = value.as_map().and_then(|map| map.iter().next());
    match first {
        Some(entry) if !entry.key_origin.span.is_none() => entry.key_origin.span,
        _ => value.origin.span,
    }
}

/// The diagnostic for a value of the wrong form.
pub(super) fn wrong(what: &str, expected: &str, value: &Value) -> Diagnostic {
    let kind = value.kind_name();
    let kind = match kind {
        "null" => "null".to_owned(),
        "int" => "an int".to_owned(),
        _ => format!("a {kind}"),
    };
    let message = format!("{what} must be {expected}, not {kind}");
    Diagnostic::new(codes::TERRAFORM_BLOCK, value.origin.span, message)
}

/// The items of what may be one block or a list of blocks.
pub(super) fn one_or_many(value: Value) -> Vec<Value> {
    match value.data {
        Data::List(items) => items,
        data => vec![Value { data, origin: value.origin }],
    }
}

impl<'s> Fields<'s> {
    /// Opens a block; `what` names it in messages.
    pub(super) fn open(
        value: Value,
        what: impl Into<String>,
        sink: &'s mut Vec<Diagnostic>,
    ) -> Option<Fields<'s>> {
        let what = what.into();
        let anchor = anchor(&value);
        match value.data {
            Data::Map(map) => {
                let entries = map.into_iter().collect();
                Some(Fields { what, entries, known: Vec::new(), anchor, sink })
            }
            _ => {
                sink.push(wrong(&what, "a struct", &value));
                None
            }
        }
    }

    pub(super) fn sink(&mut self) -> &mut Vec<Diagnostic> {
        self.sink
    }

    pub(super) fn anchor(&self) -> Span {
        self.anchor
    }

    /// Drops the comment of Terraform's JSON syntax.
    pub(super) fn comment(&mut self) {
        self.entries.retain(|entry| &*entry.key != "//");
    }

    pub(super) fn take(&mut self, key: &'static str) -> Option<Entry> {
        self.known.push(key);
        let at = self.entries.iter().position(|entry| &*entry.key == key)?;
        let entry = self.entries.remove(at);
        (!entry.value.is_null()).then_some(entry)
    }

    pub(super) fn required(&mut self, key: &'static str) -> Option<Value> {
        let found = self.take(key).map(|entry| entry.value);
        if found.is_none() {
            let message = format!("{} has no `{key}`", self.what);
            self.sink.push(Diagnostic::new(codes::TERRAFORM_BLOCK, self.anchor, message));
        }
        found
    }

    /// Text in a position that Terraform does not evaluate.
    pub(super) fn text(&mut self, key: &'static str) -> Option<Name> {
        let value = self.take(key)?.value;
        literal(&value, &format!("`{key}` of {}", self.what), self.sink)
    }

    /// Text for people, in a position that Terraform does not evaluate: any text.
    pub(super) fn prose(&mut self, key: &'static str) -> Option<Name> {
        let value = self.take(key)?.value;
        if let Data::String(text) = &value.data {
            return Some(Name::new(text.clone(), value.origin));
        }
        literal(&value, &format!("`{key}` of {}", self.what), self.sink)
    }

    pub(super) fn required_text(&mut self, key: &'static str) -> Option<Name> {
        let value = self.required(key)?;
        literal(&value, &format!("`{key}` of {}", self.what), self.sink)
    }

    pub(super) fn boolean(&mut self, key: &'static str) -> Option<bool> {
        let value = self.take(key)?.value;
        let found = value.as_bool();
        if found.is_none() {
            let what = format!("`{key}` of {}", self.what);
            self.sink.push(match mark::of(&value) {
                Ok(None) => wrong(&what, "a bool", &value),
                _ => expression(&what, &value),
            });
        }
        found
    }

    pub(super) fn texts(&mut self, key: &'static str) -> Vec<Name> {
        let Some(entry) = self.take(key) else { return Vec::new() };
        let what = format!("an item of `{key}` of {}", self.what);
        match entry.value.data {
            Data::List(items) => {
                items.iter().filter_map(|item| literal(item, &what, self.sink)).collect()
            }
            _ => {
                let what = format!("`{key}` of {}", self.what);
                self.sink.push(wrong(&what, "a list", &entry.value));
                Vec::new()
            }
        }
    }

    /// Blocks of one kind.
    pub(super) fn blocks(&mut self, key: &'static str) -> Vec<Map> {
        let Some(entry) = self.take(key) else { return Vec::new() };
        let mut blocks = Vec::new();
        for value in one_or_many(entry.value) {
            match value.data {
                Data::Map(map) => blocks.push(map),
                _ => {
                    self.sink.push(wrong(&format!("`{key}` of {}", self.what), "a struct", &value));
                }
            }
        }
        blocks
    }

    pub(super) fn finish(self) {
        for entry in &self.entries {
            let message = format!("`{}` is not a field of {}", entry.key, self.what);
            let span = entry.key_origin.span;
            let mut diagnostic = Diagnostic::new(codes::TERRAFORM_BLOCK, span, message);
            if let Some(best) = nearest(&entry.key, self.known.iter().copied()).first() {
                diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?")).replace(
                    span,
                    *best,
                    format!("rename it to `{best}`"),
                );
            }
            let mut known = self.known.clone();
            known.sort_unstable();
            self.sink.push(diagnostic.note(format!("its fields are {}", known.join(", "))));
        }
    }
}

fn expression(what: &str, value: &Value) -> Diagnostic {
    let message = format!("{what} is read literally and cannot be an expression");
    Diagnostic::new(codes::TERRAFORM_LITERAL, value.origin.span, message)
        .note("Terraform decides on it before it evaluates anything: write the text itself")
}

/// The text of a literal position.
pub(super) fn literal(value: &Value, what: &str, sink: &mut Vec<Diagnostic>) -> Option<Name> {
    match (&value.data, mark::of(value)) {
        (Data::String(text), _) => {
            let name = Name::new(text.clone(), value.origin);
            if text.contains("${") || text.contains("%{") {
                sink.push(expression(what, value));
                return None;
            }
            Some(name)
        }
        (_, Ok(None)) => {
            sink.push(wrong(what, "a string", value));
            None
        }
        _ => {
            sink.push(expression(what, value));
            None
        }
    }
}
