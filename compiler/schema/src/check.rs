//! Checking an object against its schema.
//!
//! Invariant: every fault is reported at the value or key that is at fault, once; a field that is
//! wrong is not looked into.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use platformc_source::{Code, Diagnostic, Origin, Span, codes, nearest};
use platformc_value::{Data, Map, Number, Value};

use crate::catalog::{Catalog, Found};
use crate::types::{Field, Keys, Type};

/// Objects nest this deep at most; what is deeper is not looked at.
const MAX_DEPTH: usize = 128;
/// So many faults of one object are reported.
const MOST_FAULTS: usize = 50;

/// Whether there was a schema.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Known {
    /// The object has been checked.
    Checked,
    /// No catalog knows the group of its kind.
    Unknown,
}

/// Checks an object as a cluster of a minor version of Kubernetes would read it. What the object
/// says of itself (`apiVersion`, `kind`) must be text.
pub fn check(
    object: &Value,
    minor: u32,
    catalogs: &[&Catalog],
    sink: &mut Vec<Diagnostic>,
) -> Known {
    let text = |key: &str| object.get(key).and_then(|value| Some((value.as_str()?, value.origin)));
    let (Some((version, at)), Some((kind, kind_at))) = (text("apiVersion"), text("kind")) else {
        return Known::Unknown;
    };
    for catalog in catalogs {
        match catalog.find(version, kind, minor) {
            Found::Unknown => {}
            Found::Type(id) => {
                let mut checking = Checking {
                    catalog,
                    kind,
                    path: Vec::new(),
                    found: 0,
                    sink,
                    whole: object.origin,
                };
                checking.value(object, catalog.get(id), object.origin.span);
                return Known::Checked;
            }
            Found::NotServed(instead) => {
                let message =
                    format!("Kubernetes 1.{minor} does not serve `{kind}` of `{version}`");
                let mut diagnostic = Diagnostic::new(codes::SCHEMA_NOT_SERVED, at.span, message);
                if !instead.is_empty() {
                    diagnostic = diagnostic.note(format!("it serves {}", instead.join(", ")));
                }
                sink.push(diagnostic);
                return Known::Checked;
            }
            Found::UnknownKind(kinds) => {
                let message = format!("`{version}` has no kind `{kind}`");
                let mut diagnostic =
                    Diagnostic::new(codes::SCHEMA_UNKNOWN_KIND, kind_at.span, message);
                diagnostic = match nearest(kind, kinds.iter().map(String::as_str)).first() {
                    Some(best) => diagnostic.primary_label(format!("did you mean `{best}`?")),
                    None if kinds.len() <= 30 => {
                        diagnostic.note(format!("its kinds are {}", kinds.join(", ")))
                    }
                    None => diagnostic,
                };
                sink.push(diagnostic);
                return Known::Checked;
            }
        }
    }
    Known::Unknown
}

enum Step<'v> {
    Field(&'v str),
    Item(usize),
}

struct Checking<'v, 's> {
    catalog: &'v Catalog,
    kind: &'v str,
    path: Vec<Step<'v>>,
    found: usize,
    sink: &'s mut Vec<Diagnostic>,
    whole: Origin,
}

impl<'v> Checking<'v, '_> {
    fn report(&mut self, code: Code, span: Span, message: String) -> Option<&mut Diagnostic> {
        self.found += 1;
        if self.found > MOST_FAULTS {
            return None;
        }
        let span = if span.is_none() { self.whole.span } else { span };
        self.sink.push(Diagnostic::new(code, span, message));
        self.sink.last_mut()
    }

    fn place(&self) -> String {
        let mut text = String::new();
        for step in &self.path {
            match step {
                Step::Field(name) if text.is_empty() => text.push_str(name),
                Step::Field(name) => {
                    let _ = write!(text, ".{name}");
                }
                Step::Item(at) => {
                    let _ = write!(text, "[{at}]");
                }
            }
        }
        text
    }

    fn value(&mut self, value: &'v Value, kind: &'v Type, around: Span) {
        let span = if value.origin.span.is_none() { around } else { value.origin.span };
        if value.is_null() || self.path.len() > MAX_DEPTH || self.found > MOST_FAULTS {
            return;
        }
        match (kind, &value.data) {
            (Type::Ref(id), _) => self.value(value, self.catalog.get(*id), around),
            (Type::Any, _)
            | (Type::String, Data::String(_))
            | (Type::Bytes, Data::Bytes(_))
            | (Type::Bool, Data::Bool(_))
            | (Type::Number | Type::Quantity, Data::Number(_))
            | (Type::IntOrString | Type::Quantity, Data::String(_)) => {}
            (Type::Bytes, Data::String(text)) => self.base64(text, span),
            (Type::Int32, Data::Number(number)) => {
                self.integer(number, i64::from(i32::MIN), i64::from(i32::MAX), span);
            }
            (Type::Int64 | Type::IntOrString, Data::Number(number)) => {
                self.integer(number, i64::MIN, i64::MAX, span);
            }
            (Type::OneOf(names), Data::String(text)) => self.one_of(names, text, span),
            (Type::List { keys, item }, Data::List(items)) => {
                for (at, value) in items.iter().enumerate() {
                    self.path.push(Step::Item(at));
                    self.value(value, item, span);
                    self.path.pop();
                }
                self.apart(keys, items);
            }
            (Type::Map(inner), Data::Map(map)) => {
                for entry in map {
                    self.path.push(Step::Field(&entry.key));
                    self.value(&entry.value, inner, span);
                    self.path.pop();
                }
            }
            (Type::Struct(fields), Data::Map(map)) => self.fields(map, fields, span),
            _ => {
                let message = format!(
                    "`{}` of a {} must be {}, not {}",
                    self.place(),
                    self.kind,
                    name_of(kind),
                    article(value.kind_name())
                );
                self.report(codes::SCHEMA_WRONG_TYPE, span, message);
            }
        }
    }

    fn fields(&mut self, map: &'v Map, fields: &'v [Field], span: Span) {
        let mut meant: Vec<&str> = Vec::new();
        for entry in map {
            let known = fields.binary_search_by(|field| (*field.name).cmp(&entry.key));
            let Some(field) = known.ok().and_then(|at| fields.get(at)) else {
                if !entry.value.is_null() {
                    let origin = entry.key_origin.span;
                    let origin = if origin.is_none() { entry.value.origin.span } else { origin };
                    let origin = if origin.is_none() { span } else { origin };
                    meant.extend(self.unknown(&entry.key, fields, origin));
                }
                continue;
            };
            self.path.push(Step::Field(&entry.key));
            self.value(&entry.value, &field.kind, span);
            self.path.pop();
        }
        for field in fields.iter().filter(|field| field.required) {
            // A misspelt field is not missing as well.
            if map.get(&field.name).is_none_or(Value::is_null) && !meant.contains(&&*field.name) {
                self.path.push(Step::Field(&field.name));
                let message = format!("`{}` is missing in a {}", self.place(), self.kind);
                self.path.pop();
                self.report(codes::SCHEMA_MISSING_FIELD, span, message);
            }
        }
    }

    /// Reports a field that is not known; the one that was probably meant.
    fn unknown<'f>(&mut self, name: &str, fields: &'f [Field], span: Span) -> Option<&'f str> {
        let place = self.place();
        let message = match place.as_str() {
            "" => format!("a {} has no field `{name}`", self.kind),
            place => format!("`{place}` of a {} has no field `{name}`", self.kind),
        };
        let near = nearest(name, fields.iter().map(|field| &*field.name)).first().copied();
        if let Some(diagnostic) = self.report(codes::SCHEMA_UNKNOWN_FIELD, span, message) {
            match near {
                Some(best) => diagnostic.primary.message = format!("did you mean `{best}`?"),
                None if fields.len() <= 20 => {
                    let names: Vec<&str> = fields.iter().map(|field| &*field.name).collect();
                    diagnostic.notes.push(format!("its fields are {}", names.join(", ")));
                }
                None => {}
            }
        }
        near
    }

    fn integer(&mut self, number: &Number, low: i64, high: i64, span: Span) {
        let fault = match number {
            Number::Int(n) if (low..=high).contains(n) => return,
            Number::Int(_) | Number::Big(_) => format!("lie between {low} and {high}"),
            Number::Decimal(_) => "be an integer".to_owned(),
        };
        let message = format!("`{}` of a {} must {fault}, not {number}", self.place(), self.kind);
        self.report(codes::SCHEMA_WRONG_TYPE, span, message);
    }

    fn base64(&mut self, text: &str, span: Span) {
        let body = text.trim_end_matches('=');
        let padded = text.len() - body.len() <= 2 && text.len().is_multiple_of(4);
        let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
        if padded && body.bytes().all(good) {
            return;
        }
        let message = format!("`{}` of a {} must be Base64", self.place(), self.kind);
        if let Some(diagnostic) = self.report(codes::SCHEMA_WRONG_TYPE, span, message) {
            diagnostic.notes.push("plain text of a Secret goes to `stringData`".to_owned());
        }
    }

    fn one_of(&mut self, names: &[Box<str>], text: &str, span: Span) {
        if names.iter().any(|name| **name == *text) {
            return;
        }
        let message = format!(
            "`{}` of a {} must be one of {}, not `{text}`",
            self.place(),
            self.kind,
            names.join(", ")
        );
        let near = nearest(text, names.iter().map(|name| &**name)).first().copied();
        if let Some(diagnostic) = self.report(codes::SCHEMA_NOT_ONE_OF, span, message)
            && let Some(best) = near
        {
            diagnostic.primary.message = format!("did you mean `{best}`?");
        }
    }

    /// Items of lists that Kubernetes reads as maps or sets must not be alike.
    fn apart(&mut self, keys: &Keys, items: &'v [Value]) {
        let key = |item: &Value| match keys {
            Keys::None => None,
            Keys::Items => scalar(item),
            Keys::Fields(names) => {
                // A key that is left out has a default, which only Kubernetes knows.
                let parts: Option<Vec<String>> =
                    names.iter().map(|name| scalar(item.get(name)?)).collect();
                parts.map(|parts| parts.join("\u{0}"))
            }
        };
        let mut seen: BTreeMap<String, &Value> = BTreeMap::new();
        for (at, item) in items.iter().enumerate() {
            let Some(text) = key(item) else { continue };
            let Some(first) = seen.get(&text).copied() else {
                seen.insert(text, item);
                continue;
            };
            let what = match keys {
                Keys::Fields(names) => names.join(" and "),
                _ => "value".to_owned(),
            };
            let message = format!(
                "`{}[{at}]` of a {} has the {what} of another item: {}",
                self.place(),
                self.kind,
                text.replace('\u{0}', " and ")
            );
            let first = first.origin.span;
            if let Some(diagnostic) =
                self.report(codes::SCHEMA_DUPLICATE_ITEM, item.origin.span, message)
                && !first.is_none()
            {
                diagnostic.labels.push(platformc_source::Label {
                    span: first,
                    message: "the first one".to_owned(),
                });
            }
        }
    }
}

fn scalar(value: &Value) -> Option<String> {
    match &value.data {
        Data::String(text) => Some(text.to_string()),
        Data::Number(number) => Some(number.to_string()),
        Data::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

fn article(name: &str) -> String {
    let an = name.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {name}", if an { "an" } else { "a" })
}

fn name_of(kind: &Type) -> &'static str {
    match kind {
        Type::Any | Type::Ref(_) => "anything",
        Type::String | Type::OneOf(_) => "a string",
        Type::Bytes => "a string of Base64",
        Type::Int32 | Type::Int64 => "an integer",
        Type::Number => "a number",
        Type::Bool => "true or false",
        Type::IntOrString => "an integer or a string",
        Type::Quantity => "a quantity such as 250m",
        Type::List { .. } => "a list",
        Type::Map(_) | Type::Struct(_) => "a struct",
    }
}
