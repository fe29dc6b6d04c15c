//! Merging layers.
//!
//! Invariant: tables merge, everything else is replaced whole by the higher layer. Where no value
//! changes its type, merging is associative.

use std::collections::HashMap;
use std::sync::Arc;

use platformc_source::{Diagnostic, Origin, Role, codes};
use platformc_value::{Data, Entry, Map, Path, Step, Value};

use crate::fault::{a_kind, place};
use crate::template::{Piece, is_template, pieces};
use crate::{Layer, LayerKind};

/// What may replace what without being another type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Class {
    /// `null` says that there is nothing, of whatever type.
    Any,
    /// A string that is one whole reference has the type of what it refers to.
    Reference,
    Bool,
    Number,
    Text,
    List,
    Map,
}

impl Class {
    pub(crate) fn of(value: &Value) -> Class {
        match &value.data {
            Data::Null => Class::Any,
            Data::Bool(_) => Class::Bool,
            Data::Number(_) => Class::Number,
            Data::String(text) if is_reference(text) => Class::Reference,
            Data::String(_) | Data::Bytes(_) => Class::Text,
            Data::List(_) => Class::List,
            Data::Map(_) => Class::Map,
        }
    }

    /// Whether `over` may stand where `self` stood.
    pub(crate) fn admits(self, over: Class) -> bool {
        match (self, over) {
            // Fields cannot be merged into what is not known yet.
            (Class::Reference, Class::Map) => false,
            (Class::Any | Class::Reference, _) | (_, Class::Any | Class::Reference) => true,
            (under, over) => under == over,
        }
    }
}

/// Whether a text is one whole reference.
pub(crate) fn is_reference(text: &str) -> bool {
    is_template(text) && matches!(pieces(text).as_slice(), [Piece::Reference(..)])
}

/// Merges layers, highest first. A value that changes its type between layers is reported with
/// both places; the higher one stands.
pub fn merge(layers: &[Layer], sink: &mut Vec<Diagnostic>) -> Value {
    let mut merged = Map::new();
    for layer in layers.iter().rev() {
        if let Data::Map(map) = &layer.value.data {
            put(&mut merged, map, layer.kind, &mut Path::root(), sink);
        }
    }
    Value::map(merged)
}

/// The same data, set by a layer.
fn layered(value: &Value, kind: LayerKind) -> Value {
    let role = if kind == LayerKind::Schema { Role::Default } else { Role::Layer };
    let origin = Origin::new(value.origin.span, role);
    let data = match &value.data {
        Data::List(items) => Data::List(items.iter().map(|item| layered(item, kind)).collect()),
        Data::Map(map) => {
            let mut copy = Map::with_capacity(map.len());
            for entry in map {
                copy.push_unique(Entry {
                    key: entry.key.clone(),
                    key_origin: Origin::new(entry.key_origin.span, role),
                    value: layered(&entry.value, kind),
                });
            }
            Data::Map(copy)
        }
        other => other.clone(),
    };
    Value::new(data, origin)
}

fn put(under: &mut Map, over: &Map, kind: LayerKind, path: &mut Path, sink: &mut Vec<Diagnostic>) {
    // From some size on, keys are found by hash; a scan for each would make this quadratic.
    let many = under.len() > 16 && over.len() > 4;
    let index: Option<HashMap<Arc<str>, usize>> =
        many.then(|| under.iter().enumerate().map(|(at, old)| (old.key.clone(), at)).collect());
    for entry in over {
        let old = match &index {
            Some(index) => index.get(&entry.key).and_then(|at| under.iter_mut().nth(*at)),
            None => under.iter_mut().find(|old| old.key == entry.key),
        };
        let Some(Entry { value: old, .. }) = old else {
            under.push_unique(Entry {
                key: entry.key.clone(),
                key_origin: entry.key_origin,
                value: layered(&entry.value, kind),
            });
            continue;
        };
        path.push(Step::Field(entry.key.clone()));
        let old_origin = old.origin;
        match (&mut old.data, &entry.value.data) {
            (Data::Map(old), Data::Map(new)) => put(old, new, kind, path, sink),
            _ => {
                // What contradicts the schema is reported against the schema.
                if !Class::of(old).admits(Class::of(&entry.value)) && old_origin.role == Role::Layer
                {
                    sink.push(type_change(path, entry, old));
                }
                *old = layered(&entry.value, kind);
            }
        }
        path.pop();
    }
}

fn type_change(path: &Path, entry: &Entry, old: &Value) -> Diagnostic {
    let (new, was) = (a_kind(&entry.value), a_kind(old));
    let message = format!("`{path}` is {new} here and {was} in a lower layer");
    let diagnostic = Diagnostic::new(codes::CONFIG_TYPE_CHANGE, place(entry), message)
        .primary_label(format!("this is {new}"))
        .label(old.origin.span, format!("this is {was}"));
    match (Class::of(old), Class::of(&entry.value)) {
        (Class::Reference, _) => diagnostic.note(
            "the lower layer refers to something as a whole; set single fields where that is set",
        ),
        (Class::Text, Class::Number | Class::Bool) => diagnostic.note("quotes make it a string"),
        (Class::Number | Class::Bool, Class::Text) => {
            diagnostic.note("without quotes it is no string")
        }
        _ => diagnostic.note("what a layer sets, a higher layer sets with the same type"),
    }
}
