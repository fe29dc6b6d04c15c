//! Printing types, and the literal values that are defaults in them.
//!
//! Invariant: what is printed holds no template: `${` and `%{` are escaped.

use std::fmt::{Formatter, Result, Write as _};

use platformc_value::{Data, Value};

use super::{Attribute, Type};

pub(super) fn ty(f: &mut Formatter<'_>, ty: &Type) -> Result {
    match ty {
        Type::Any => f.write_str("any"),
        Type::String => f.write_str("string"),
        Type::Number => f.write_str("number"),
        Type::Bool => f.write_str("bool"),
        Type::List(of) => write!(f, "list({of})"),
        Type::Set(of) => write!(f, "set({of})"),
        Type::Map(of) => write!(f, "map({of})"),
        Type::Tuple(items) => {
            f.write_str("tuple([")?;
            separated(f, items, |f, item| write!(f, "{item}"))?;
            f.write_str("])")
        }
        Type::Object(attributes) => {
            f.write_str("object({")?;
            separated(f, attributes, |f, (name, attribute)| {
                key(f, name)?;
                f.write_str(" = ")?;
                self::attribute(f, attribute)
            })?;
            f.write_str("})")
        }
    }
}

fn attribute(f: &mut Formatter<'_>, attribute: &Attribute) -> Result {
    let Attribute { ty, optional, default } = attribute;
    match (optional, default) {
        (false, _) => write!(f, "{ty}"),
        (true, None) => write!(f, "optional({ty})"),
        (true, Some(default)) => {
            write!(f, "optional({ty}, ")?;
            literal(f, default)?;
            f.write_char(')')
        }
    }
}

fn separated<T>(
    f: &mut Formatter<'_>,
    items: impl IntoIterator<Item = T>,
    each: impl Fn(&mut Formatter<'_>, T) -> Result,
) -> Result {
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            f.write_str(", ")?;
        }
        each(f, item)?;
    }
    Ok(())
}

fn key(f: &mut Formatter<'_>, name: &str) -> Result {
    if crate::terraform::names::is_identifier(name) { f.write_str(name) } else { text(f, name) }
}

/// A literal value in HCL's native syntax.
fn literal(f: &mut Formatter<'_>, value: &Value) -> Result {
    match &value.data {
        Data::Null | Data::Bytes(_) => f.write_str("null"),
        Data::Bool(yes) => write!(f, "{yes}"),
        Data::Number(number) => write!(f, "{number}"),
        Data::String(found) => text(f, found),
        Data::List(items) => {
            f.write_char('[')?;
            separated(f, items, literal)?;
            f.write_char(']')
        }
        Data::Map(map) => {
            f.write_char('{')?;
            separated(f, map, |f, entry| {
                key(f, &entry.key)?;
                f.write_str(" = ")?;
                literal(f, &entry.value)
            })?;
            f.write_char('}')
        }
    }
}

/// A quoted string of HCL.
fn text(f: &mut Formatter<'_>, text: &str) -> Result {
    f.write_str(&crate::terraform::names::quote(text))
}
