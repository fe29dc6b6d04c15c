//! Whether a value of one type can be given where another is wanted.
//!
//! Invariant: what [`fits`] accepts never fails when Terraform converts it, whatever the value;
//! what a conversion changes is noted. The rules are those of Terraform's documentation ("Type
//! Constraints", "Conversion of Complex Types"), less the conversions that depend on the value.

use platformc_value::{Data, Value};

use super::Type;

/// How a type fits another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fit {
    /// Every value stays as it is.
    Exact,
    /// Every value can be converted; what changes.
    Converts(Vec<String>),
    /// Every value can be converted, and some lose what they say; what is lost.
    Loses(Vec<String>),
    /// Nothing is known of the type given.
    Unknown,
    /// Some value cannot be converted; why.
    Never(String),
}

/// How a value of type `given` fits where `wanted` is expected.
#[must_use]
pub fn fits(given: &Type, wanted: &Type) -> Fit {
    let mut notes = Notes::default();
    if let Err(why) = notes.walk(given, wanted, "") {
        return Fit::Never(why);
    }
    if !notes.lost.is_empty() {
        return Fit::Loses(notes.lost);
    }
    if notes.unknown {
        return Fit::Unknown;
    }
    if notes.changed.is_empty() { Fit::Exact } else { Fit::Converts(notes.changed) }
}

#[derive(Default)]
struct Notes {
    changed: Vec<String>,
    lost: Vec<String>,
    unknown: bool,
}

/// `what` at `path`, where there is one.
fn at(path: &str, what: &str) -> String {
    if path.is_empty() { what.to_owned() } else { format!("{what}, at `{path}`") }
}

impl Notes {
    fn changed(&mut self, path: &str, what: &str) {
        self.changed.push(at(path, what));
    }

    fn walk(&mut self, given: &Type, wanted: &Type, path: &str) -> Result<(), String> {
        match (given, wanted) {
            (_, Type::Any)
            | (Type::String, Type::String)
            | (Type::Number, Type::Number)
            | (Type::Bool, Type::Bool) => Ok(()),
            (Type::Any, _) => {
                self.unknown = true;
                Ok(())
            }
            (Type::Number, Type::String) => {
                self.changed(path, "a number becomes text");
                Ok(())
            }
            (Type::Bool, Type::String) => {
                self.changed(path, "a bool becomes text");
                Ok(())
            }
            (Type::String, Type::Number | Type::Bool) => {
                let why = format!("text becomes a {wanted} only where it looks like one");
                Err(at(path, &why))
            }
            (Type::List(a), Type::List(b))
            | (Type::Set(a), Type::Set(b))
            | (Type::Map(a), Type::Map(b)) => self.walk(a, b, &format!("{path}[*]")),
            (Type::Set(a), Type::List(b)) => {
                self.changed(path, "a set becomes a list in the order of its values");
                self.walk(a, b, &format!("{path}[*]"))
            }
            (Type::List(a), Type::Set(b)) => {
                self.lost.push(at(path, "a list that becomes a set loses order and duplicates"));
                self.walk(a, b, &format!("{path}[*]"))
            }
            (Type::Tuple(items), Type::List(of) | Type::Set(of)) => {
                if let Type::Set(_) = wanted {
                    let what = "a tuple that becomes a set loses order and duplicates";
                    self.lost.push(at(path, what));
                }
                for (index, item) in items.iter().enumerate() {
                    self.walk(item, of, &format!("{path}[{index}]"))?;
                }
                Ok(())
            }
            (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => {
                for (index, (a, b)) in a.iter().zip(b).enumerate() {
                    self.walk(a, b, &format!("{path}[{index}]"))?;
                }
                Ok(())
            }
            (Type::Tuple(a), Type::Tuple(b)) => {
                let why = format!("a tuple of {} has not {} items", a.len(), b.len());
                Err(at(path, &why))
            }
            (Type::List(_) | Type::Set(_), Type::Tuple(_)) => {
                Err(at(path, "how many items there are is not known"))
            }
            (Type::Object(attributes), Type::Map(of)) => {
                for (name, attribute) in attributes {
                    self.walk(&attribute.ty, of, &format!("{path}.{name}"))?;
                }
                Ok(())
            }
            (Type::Map(_), Type::Object(_)) => Err(at(path, "which keys a map has is not known")),
            (Type::Object(a), Type::Object(b)) => {
                for (name, attribute) in b {
                    match a.get(name) {
                        Some(found) => {
                            self.walk(&found.ty, &attribute.ty, &format!("{path}.{name}"))?;
                        }
                        None if attribute.optional => {}
                        None => {
                            let why = format!("the attribute `{name}` is missing");
                            return Err(at(path, &why));
                        }
                    }
                }
                for name in a.keys().filter(|name| !b.contains_key(*name)) {
                    self.changed(path, &format!("the attribute `{name}` is left out"));
                }
                Ok(())
            }
            _ => Err(at(path, &format!("{given} is not {wanted}"))),
        }
    }
}

/// Whether a literal value is one of a type. Text is never taken for a number.
///
/// # Errors
/// What is wrong with it: `must be a number, not a string`.
pub fn value(value: &Value, ty: &Type) -> Result<(), String> {
    walk(value, ty, "")
}

fn walk(value: &Value, ty: &Type, path: &str) -> Result<(), String> {
    match (&value.data, ty) {
        (Data::Null, _)
        | (_, Type::Any)
        | (Data::String(_) | Data::Number(_) | Data::Bool(_), Type::String)
        | (Data::Number(_), Type::Number)
        | (Data::Bool(_), Type::Bool) => Ok(()),
        (Data::List(items), Type::List(of) | Type::Set(of)) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| walk(item, of, &format!("{path}[{index}]"))),
        (Data::List(items), Type::Tuple(types)) if items.len() == types.len() => items
            .iter()
            .zip(types)
            .enumerate()
            .try_for_each(|(index, (item, ty))| walk(item, ty, &format!("{path}[{index}]"))),
        (Data::Map(map), Type::Map(of)) => map
            .iter()
            .try_for_each(|entry| walk(&entry.value, of, &format!("{path}.{}", entry.key))),
        (Data::Map(map), Type::Object(attributes)) => {
            for (name, attribute) in attributes {
                match map.get(name) {
                    Some(found) => walk(found, &attribute.ty, &format!("{path}.{name}"))?,
                    None if attribute.optional => {}
                    None => return Err(at(path, &format!("lacks the attribute `{name}`"))),
                }
            }
            match map.keys().find(|key| !attributes.contains_key(*key)) {
                Some(key) => Err(at(path, &format!("has the attribute `{key}`, unknown to {ty}"))),
                None => Ok(()),
            }
        }
        _ => Err(at(path, &format!("must be of type {ty}, not a {}", value.kind_name()))),
    }
}

/// The type of a literal value, as precise as it can be said.
#[must_use]
pub fn of(value: &Value) -> Type {
    match &value.data {
        Data::Null => Type::Any,
        Data::Bool(_) => Type::Bool,
        Data::Number(_) => Type::Number,
        Data::String(_) | Data::Bytes(_) => Type::String,
        Data::List(items) => Type::Tuple(items.iter().map(of).collect()),
        Data::Map(map) => match super::super::mark::of(value) {
            Ok(None) => Type::object(map.iter().map(|entry| (&*entry.key, of(&entry.value)))),
            Ok(Some(super::super::mark::Mark::Parts(_))) => Type::String,
            _ => Type::Any,
        },
    }
}

/// A value of a type that stands for one that is not known yet.
#[must_use]
pub fn mock(ty: &Type) -> Value {
    match ty {
        Type::Any | Type::String => Value::string("mock"),
        Type::Number => Value::int(0),
        Type::Bool => Value::bool(false),
        Type::List(of) | Type::Set(of) => Value::list(vec![mock(of)]),
        Type::Map(of) => {
            let mut map = platformc_value::Map::with_capacity(1);
            map.insert("mock", mock(of));
            Value::map(map)
        }
        Type::Tuple(items) => Value::list(items.iter().map(mock).collect()),
        Type::Object(attributes) => {
            let mut map = platformc_value::Map::with_capacity(attributes.len());
            for (name, attribute) in attributes {
                let known = attribute.default.clone();
                map.insert(
                    std::sync::Arc::clone(name),
                    known.unwrap_or_else(|| mock(&attribute.ty)),
                );
            }
            Value::map(map)
        }
    }
}
