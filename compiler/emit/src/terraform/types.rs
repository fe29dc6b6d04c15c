//! Terraform's type language.
//!
//! Invariant: a type prints as Terraform reads it, and reads back as the same type. Attributes of
//! objects stand in the order of their names.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use platformc_value::Value;

/// A type constraint.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// `any`.
    Any,
    /// `string`.
    String,
    /// `number`.
    Number,
    /// `bool`.
    Bool,
    /// `list(T)`.
    List(Box<Type>),
    /// `set(T)`.
    Set(Box<Type>),
    /// `map(T)`.
    Map(Box<Type>),
    /// `tuple([T, …])`.
    Tuple(Vec<Type>),
    /// `object({name = T, …})`.
    Object(BTreeMap<Arc<str>, Attribute>),
}

/// An attribute of an object type.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Its type.
    pub ty: Type,
    /// Whether it may be left out: `optional(T)`.
    pub optional: bool,
    /// What it is worth where left out: `optional(T, VALUE)`.
    pub default: Option<Value>,
}

impl Type {
    /// Reads a type: `map(object({a = string, b = optional(number, 3)}))`.
    ///
    /// # Errors
    /// What is wrong with the text, in a few words.
    pub fn parse(text: &str) -> Result<Type, String> {
        parse::parse(text)
    }

    /// Whether some attribute in it is optional.
    #[must_use]
    pub fn has_optional(&self) -> bool {
        match self {
            Type::Any | Type::String | Type::Number | Type::Bool => false,
            Type::List(of) | Type::Set(of) | Type::Map(of) => of.has_optional(),
            Type::Tuple(items) => items.iter().any(Type::has_optional),
            Type::Object(attributes) => {
                attributes.values().any(|found| found.optional || found.ty.has_optional())
            }
        }
    }

    /// `list(T)`.
    #[must_use]
    pub fn list(of: Type) -> Type {
        Type::List(Box::new(of))
    }

    /// `set(T)`.
    #[must_use]
    pub fn set(of: Type) -> Type {
        Type::Set(Box::new(of))
    }

    /// `map(T)`.
    #[must_use]
    pub fn map(of: Type) -> Type {
        Type::Map(Box::new(of))
    }

    /// `object({…})` of attributes that are all required.
    #[must_use]
    pub fn object<'a>(attributes: impl IntoIterator<Item = (&'a str, Type)>) -> Type {
        let required = |(name, ty): (&str, Type)| {
            (Arc::from(name), Attribute { ty, optional: false, default: None })
        };
        Type::Object(attributes.into_iter().map(required).collect())
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print::ty(f, self)
    }
}

mod fit;
mod parse;
mod print;
#[cfg(test)]
mod tests;

pub use fit::{Fit, fits, mock, of, value};
