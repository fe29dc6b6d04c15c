//! Concrete scalars.

use std::sync::Arc;

use platformc_value::{Data, Number};

use crate::kind::Kinds;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Atom {
    Null,
    Bool(bool),
    Number(Number),
    String(Arc<str>),
    Bytes(Arc<[u8]>),
}

impl Atom {
    pub(crate) fn kind(&self) -> Kinds {
        match self {
            Atom::Null => Kinds::NULL,
            Atom::Bool(_) => Kinds::BOOL,
            Atom::Number(n) if n.is_int() => Kinds::INT,
            Atom::Number(_) => Kinds::FLOAT,
            Atom::String(_) => Kinds::STRING,
            Atom::Bytes(_) => Kinds::BYTES,
        }
    }

    pub(crate) fn to_data(&self) -> Data {
        match self {
            Atom::Null => Data::Null,
            Atom::Bool(b) => Data::Bool(*b),
            Atom::Number(n) => Data::Number(n.clone()),
            Atom::String(text) => Data::String(text.clone()),
            Atom::Bytes(bytes) => Data::Bytes(bytes.clone()),
        }
    }

    /// The atom of a scalar; `None` for lists and maps.
    pub(crate) fn from_data(data: &Data) -> Option<Atom> {
        Some(match data {
            Data::Null => Atom::Null,
            Data::Bool(b) => Atom::Bool(*b),
            Data::Number(n) => Atom::Number(n.clone()),
            Data::String(text) => Atom::String(text.clone()),
            Data::Bytes(bytes) => Atom::Bytes(bytes.clone()),
            Data::List(_) | Data::Map(_) => return None,
        })
    }

    /// As CUE prints it.
    pub(crate) fn text(&self) -> String {
        match self {
            Atom::Null => "null".to_owned(),
            Atom::Bool(b) => b.to_string(),
            Atom::Number(n) => n.to_string(),
            Atom::String(text) => platformc_cue_syntax::quote_string(text),
            Atom::Bytes(bytes) => platformc_cue_syntax::quote_bytes(bytes),
        }
    }
}
