//! Reading the fields of a struct.
//!
//! Invariant: every field is either taken or, at [`Fields::finish`], reported as unknown with the
//! nearest known names. `null` means the field was left out, as it does to Kubernetes.

use platformc_source::{Diagnostic, Span, codes, nearest};
use platformc_value::{Data, Entry, Value};

use crate::Text;

/// The fields of one struct that are not taken yet.
pub(crate) struct Fields<'s> {
    what: String,
    entries: Vec<Entry>,
    known: Vec<&'static str>,
    anchor: Span,
    sink: &'s mut Vec<Diagnostic>,
}

/// A place to point at that is shorter than a whole block: the first key of a struct.
pub(crate) fn anchor(value: &Value) -> Span {
    match value.as_map().and_then(|map| map.iter().next()) {
        Some(first) if !first.key_origin.span.is_none() => first.key_origin.span,
        _ => value.origin.span,
    }
}

/// `a struct`, `an int`: a kind with its article.
pub(crate) fn a_kind(value: &Value) -> String {
    let kind = value.kind_name();
    let article = if kind.starts_with('i') { "an" } else { "a" };
    if kind == "null" { "null".to_owned() } else { format!("{article} {kind}") }
}

/// The diagnostic for a value of the wrong kind.
pub(crate) fn wrong_type(what: &str, expected: &str, value: &Value) -> Diagnostic {
    let message = format!("{what} must be {expected}, not {}", a_kind(value));
    Diagnostic::new(codes::MODEL_WRONG_TYPE, value.origin.span, message)
        .primary_label(format!("this is {}", a_kind(value)))
}

impl<'s> Fields<'s> {
    /// Opens a struct; `what` names it in messages (`a component`). Anything but a struct is
    /// reported and yields `None`.
    pub(crate) fn open(
        value: Value,
        what: impl Into<String>,
        sink: &'s mut Vec<Diagnostic>,
    ) -> Option<Fields<'s>> {
        let what = what.into();
        let anchor = anchor(&value);
        match value.data {
            Data::Map(map) => Some(Fields {
                what,
                entries: map.into_iter().collect(),
                known: Vec::new(),
                anchor,
                sink,
            }),
            _ => {
                sink.push(wrong_type(&what, "a struct", &value));
                None
            }
        }
    }

    /// Where diagnostics on the struct as a whole point.
    pub(crate) fn anchor(&self) -> Span {
        self.anchor
    }

    /// Reports something.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.sink.push(diagnostic);
    }

    /// Where everything is reported.
    pub(crate) fn sink(&mut self) -> &mut Vec<Diagnostic> {
        self.sink
    }

    /// The field of a name, if it is there and not `null`.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<Entry> {
        self.known.push(key);
        let at = self.entries.iter().position(|entry| &*entry.key == key)?;
        let entry = self.entries.remove(at);
        (!entry.value.is_null()).then_some(entry)
    }

    /// The value of a field, if it is there and not `null`.
    pub(crate) fn value(&mut self, key: &'static str) -> Option<Value> {
        self.take(key).map(|entry| entry.value)
    }

    /// A field that must be there.
    pub(crate) fn required(&mut self, key: &'static str) -> Option<Value> {
        let value = self.value(key);
        if value.is_none() {
            let message = format!("`{key}` is missing in {}", self.what);
            let diagnostic = Diagnostic::new(codes::MODEL_MISSING_FIELD, self.anchor, message)
                .primary_label(format!("`{key}` belongs beside this"));
            self.sink.push(diagnostic);
        }
        value
    }

    fn as_text(&mut self, key: &str, value: &Value) -> Option<Text> {
        let text = text(value);
        if text.is_none() {
            let what = format!("`{key}` of {}", self.what);
            let mut diagnostic = wrong_type(&what, "a string", value);
            if let Data::Number(_) | Data::Bool(_) = value.data {
                diagnostic = diagnostic.note("quotes around it make it a string");
            }
            self.sink.push(diagnostic);
        }
        text
    }

    /// A text field.
    pub(crate) fn text(&mut self, key: &'static str) -> Option<Text> {
        let value = self.value(key)?;
        self.as_text(key, &value)
    }

    /// A text field that must be there.
    pub(crate) fn required_text(&mut self, key: &'static str) -> Option<Text> {
        let value = self.required(key)?;
        self.as_text(key, &value)
    }

    /// A boolean field.
    pub(crate) fn boolean(&mut self, key: &'static str) -> Option<bool> {
        let value = self.value(key)?;
        let boolean = value.as_bool();
        if boolean.is_none() {
            let what = format!("`{key}` of {}", self.what);
            self.sink.push(wrong_type(&what, "a bool", &value));
        }
        boolean
    }

    /// The items of a list field; none where it is left out.
    pub(crate) fn list(&mut self, key: &'static str) -> Vec<Value> {
        match self.value(key) {
            None => Vec::new(),
            Some(Value { data: Data::List(items), .. }) => items,
            Some(other) => {
                let what = format!("`{key}` of {}", self.what);
                self.sink.push(wrong_type(&what, "a list", &other));
                Vec::new()
            }
        }
    }

    /// The texts of a list field.
    pub(crate) fn texts(&mut self, key: &'static str) -> Vec<Text> {
        let items = self.list(key);
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match text(&item) {
                Some(text) => texts.push(text),
                None => {
                    let what = format!("an item of `{key}` of {}", self.what);
                    self.sink.push(wrong_type(&what, "a string", &item));
                }
            }
        }
        texts
    }

    /// The entries of a struct field; none where it is left out.
    pub(crate) fn entries(&mut self, key: &'static str) -> Vec<Entry> {
        match self.value(key) {
            None => Vec::new(),
            Some(Value { data: Data::Map(map), .. }) => map.into_iter().collect(),
            Some(other) => {
                let what = format!("`{key}` of {}", self.what);
                self.sink.push(wrong_type(&what, "a struct", &other));
                Vec::new()
            }
        }
    }

    /// The entries of a field that maps text to text, such as labels.
    pub(crate) fn text_map(&mut self, key: &'static str) -> Vec<(Text, Text)> {
        let entries = self.entries(key);
        let mut pairs = Vec::with_capacity(entries.len());
        for entry in entries {
            let name = Text { text: entry.key, origin: entry.key_origin };
            let what = format!("{} in `{key}`", name.text);
            match self.as_text(&what, &entry.value) {
                Some(text) => pairs.push((name, text)),
                None => continue,
            }
        }
        pairs
    }

    /// Leaves a field to whoever owns it: it is known, and not read.
    pub(crate) fn ignore(&mut self, key: &'static str) {
        let _ = self.take(key);
    }

    /// Reports every field that nobody took; what is found from there on goes to what it returns.
    pub(crate) fn finish_into(self) -> &'s mut Vec<Diagnostic> {
        self.report_unknown()
    }

    /// Reports every field that nobody took.
    pub(crate) fn finish(self) {
        self.report_unknown();
    }

    fn report_unknown(self) -> &'s mut Vec<Diagnostic> {
        for entry in &self.entries {
            let what = format!("`{}` is not a field of {}", entry.key, self.what);
            let mut diagnostic =
                Diagnostic::new(codes::MODEL_UNKNOWN_FIELD, entry.key_origin.span, what);
            let near = nearest(&entry.key, self.known.iter().copied());
            if let Some(best) = near.first() {
                diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?")).replace(
                    entry.key_origin.span,
                    *best,
                    format!("rename it to `{best}`"),
                );
            }
            let mut known = self.known.clone();
            known.sort_unstable();
            known.dedup();
            self.sink.push(diagnostic.note(format!("its fields are {}", known.join(", "))));
        }
        self.sink
    }
}

/// The text of a scalar that is text.
pub(crate) fn text(value: &Value) -> Option<Text> {
    match &value.data {
        Data::String(text) => Some(Text { text: text.clone(), origin: value.origin }),
        _ => None,
    }
}
