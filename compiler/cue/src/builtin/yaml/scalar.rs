//! What a plain scalar stands for.
//!
//! Invariant: the types are those of the reference's reader: YAML 1.2 words for booleans and
//! null, integers in four bases with `_`, floats, and dates as text.

use std::sync::LazyLock;

use num_bigint::BigInt;
use platformc_value::{Data, Number, Value};
use regex::Regex;

use crate::builtin::args::{CallError, fail, numeric};
use crate::builtin::strconv::number_literal;

/// The type of a plain scalar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Type {
    Null,
    Bool,
    Int,
    Float,
    Timestamp,
    String,
}

static FLOAT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\A[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\z").ok()
});
static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\A[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}",
        r"(?:[Tt ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]*)?(?:[Zz]|[-+][0-9]{2}:[0-9]{2})?)?\z"
    ))
    .ok()
});

fn matches(regex: &LazyLock<Option<Regex>>, text: &str) -> bool {
    regex.as_ref().is_some_and(|regex| regex.is_match(text))
}

/// The type of a plain scalar without a tag.
pub(super) fn resolve(text: &str) -> Type {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Type::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => return Type::Bool,
        ".nan" | ".NaN" | ".NAN" => return Type::Float,
        _ => {}
    }
    if is_infinite(text) {
        return Type::Float;
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return Type::String;
    }
    if matches(&DATE, text) {
        return Type::Timestamp;
    }
    let plain = text.replace('_', "");
    if !text.starts_with('.') && integer(&plain).is_some_and(|n| n.bits() <= 64) {
        return Type::Int;
    }
    if matches(&FLOAT, &plain) {
        // A leading zero that is no octal number makes text, as other readers have it.
        let digits = text.trim_start_matches(['+', '-']);
        let is_octal = digits.len() > 1
            && digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
        return if is_octal { Type::String } else { Type::Float };
    }
    Type::String
}

/// Whether a plain scalar would be read as something else than text.
pub(super) fn is_text(text: &str) -> bool {
    let octal = FLOAT.as_ref().is_some_and(|float| float.is_match(&text.replace('_', "")));
    resolve(text) == Type::String && !octal
}

fn is_infinite(text: &str) -> bool {
    matches!(text.strip_prefix(['+', '-']).unwrap_or(text), ".inf" | ".Inf" | ".INF")
}

/// An integer in the base its prefix names.
fn integer(plain: &str) -> Option<BigInt> {
    let digits = plain.strip_prefix(['+', '-']).unwrap_or(plain);
    let lower = digits.get(..2).map(str::to_ascii_lowercase);
    let (base, digits) = match lower.as_deref() {
        Some("0x") => (16, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        Some(zero) if zero.starts_with('0') => (8, &digits[1..]),
        _ => (10, digits),
    };
    if digits.len() > 1000 || !digits.bytes().all(|byte| char::from(byte).is_digit(base)) {
        return None;
    }
    BigInt::parse_bytes(digits.as_bytes(), base)
}

/// The literal of CUE for the text of a number.
fn literal(text: &str) -> String {
    let bytes = text.as_bytes();
    if bytes.first() == Some(&b'0') && bytes.get(1).is_some_and(u8::is_ascii_digit) {
        return format!("0o{}", &text[1..]);
    }
    text.to_owned()
}

/// The value of a scalar of a type.
pub(super) fn value(text: &str, kind: Type) -> Result<Value, CallError> {
    Ok(match kind {
        Type::Null => Value::null(),
        Type::Bool => Value::bool(text.starts_with(['t', 'T'])),
        Type::String | Type::Timestamp => Value::string(text),
        Type::Int | Type::Float => numeric(number(text, kind)?),
    })
}

fn number(text: &str, kind: Type) -> Result<Number, CallError> {
    let tag = if kind == Type::Int { "!!int" } else { "!!float" };
    let parsed = number_literal(&literal(text));
    match parsed {
        Some(n) if kind == Type::Float || n.is_int() => Ok(n),
        Some(_) => fail!("cannot decode {text:?} as {tag}: not a literal number"),
        None => fail!("cannot decode {text:?} as {tag}: illegal number {text:?}"),
    }
}

/// The text of a scalar as a key; what is no text keeps the words of a literal.
pub(super) fn key(text: &str, kind: Type) -> Result<String, CallError> {
    match kind {
        Type::String | Type::Timestamp => Ok(text.to_owned()),
        Type::Null => Ok("null".to_owned()),
        Type::Bool => Ok(text.to_ascii_lowercase()),
        Type::Int | Type::Float => {
            number(text, kind)?;
            if text.starts_with('-') {
                return fail!("invalid label {text}");
            }
            Ok(literal(text))
        }
    }
}

/// The type that a tag names.
pub(super) fn tagged(tag: &str) -> Option<Type> {
    Some(match tag {
        "null" => Type::Null,
        "bool" => Type::Bool,
        "int" => Type::Int,
        "float" => Type::Float,
        "timestamp" => Type::Timestamp,
        "str" => Type::String,
        _ => return None,
    })
}

/// Bytes as a value.
pub(super) fn binary(bytes: Vec<u8>) -> Value {
    Value::new(Data::Bytes(bytes.into()), platformc_source::Origin::NONE)
}
