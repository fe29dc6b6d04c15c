//! What the tags of a document mean. Invariant: a tag either fixes the type of its value or is a
//! fault; none is passed over in silence.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use platformc_value::{Data, Number};
use saphyr_parser::Tag;

use super::scalar::{Plain, resolve};

/// The note under a tag that is not known.
pub(super) const KNOWN: &str =
    "known are !!str, !!int, !!float, !!bool, !!null, !!binary, !!timestamp, !!map and !!seq";

/// What a tag makes of a scalar.
pub(super) enum Typed {
    Data(Data),
    /// The tag says nothing: read it as if there were none.
    Untagged,
    /// The tag is not known, or does not fit.
    Fault(String),
}

/// `str` of `!!str` and `!<tag:yaml.org,2002:str>`; `None` for tags of others.
fn core(tag: &Tag) -> Option<&str> {
    if tag.is_yaml_core_schema() {
        return Some(&tag.suffix);
    }
    if tag.handle.is_empty() {
        return tag.suffix.strip_prefix("tag:yaml.org,2002:");
    }
    None
}

fn is_non_specific(tag: &Tag) -> bool {
    matches!((tag.handle.as_str(), tag.suffix.as_str()), ("", "!") | ("!", ""))
}

fn name(tag: &Tag) -> String {
    match core(tag) {
        Some(suffix) => format!("!!{suffix}"),
        None if tag.handle.is_empty() => format!("!<{}>", tag.suffix),
        None => format!("{}{}", tag.handle, tag.suffix),
    }
}

/// Reads a scalar under a tag.
pub(super) fn scalar(tag: &Tag, text: &str, plain: bool) -> Typed {
    let string = || Typed::Data(Data::String(Arc::from(text)));
    if is_non_specific(tag) {
        return string();
    }
    let Some(suffix) = core(tag) else {
        return Typed::Fault(format!("the tag `{}` is not known", name(tag)));
    };
    let data = match (suffix, resolve(text)) {
        ("str" | "timestamp", _) => return string(),
        ("merge", _) if plain && text == "<<" => return Typed::Untagged,
        ("int", Plain::Number(number)) if number.is_int() => Some(Data::Number(number)),
        ("float", Plain::Number(number)) => as_decimal(&number).map(Data::Number),
        ("float", Plain::NotFinite) => return Typed::Untagged,
        ("bool", Plain::Bool(b)) => Some(Data::Bool(b)),
        ("null", Plain::Null) => Some(Data::Null),
        ("binary", _) => {
            let joined: String = text.split_ascii_whitespace().collect();
            STANDARD.decode(joined).ok().map(|bytes| Data::Bytes(bytes.into()))
        }
        ("int" | "float" | "bool" | "null", _) => None,
        _ => return Typed::Fault(format!("the tag `{}` is not known", name(tag))),
    };
    data.map_or_else(
        || Typed::Fault(format!("the value does not fit the tag `{}`", name(tag))),
        Typed::Data,
    )
}

/// Checks the tag of a collection.
///
/// # Errors
/// What is wrong with it.
pub(super) fn collection(tag: &Tag, list: bool) -> Result<(), String> {
    match core(tag) {
        _ if is_non_specific(tag) => Ok(()),
        Some("seq") if list => Ok(()),
        Some("map") if !list => Ok(()),
        Some("map" | "seq" | "str" | "int" | "float" | "bool" | "null" | "binary") => {
            let kind = if list { "list" } else { "map" };
            Err(format!("the tag `{}` does not fit a {kind}", name(tag)))
        }
        _ => Err(format!("the tag `{}` is not known", name(tag))),
    }
}

/// The decimal of the same value; `!!float 1` is `1.0`.
fn as_decimal(number: &Number) -> Option<Number> {
    let (coefficient, exponent) = number.coefficient_exponent();
    Number::decimal(coefficient, exponent).ok()
}
