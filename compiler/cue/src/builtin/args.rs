//! Arguments, results and limits.
//!
//! Invariant: reading an argument of the wrong kind is a [`CallError`], never a panic.

use std::sync::Arc;

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};
use platformc_source::Origin;
use platformc_value::{Data, Map, Number, NumberError, Value};

/// Most items of a list that a call may make.
pub(crate) const MAX_ITEMS: usize = 1_000_000;
/// Most bytes of text that a call may make.
pub(crate) const MAX_TEXT: usize = 64 << 20;
/// Largest count that the reference takes for repetition.
pub(super) const MAX_REPEAT: i64 = 1_000_000;

/// What a call gives back.
pub type CallResult = Result<Value, CallError>;

/// Why a call has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallError {
    /// What is wrong, without the name of the function.
    pub message: String,
    /// Whether more information about the arguments could still give a value.
    pub incomplete: bool,
    /// Whether a validator refuses its subject with this message; as a plain call the function
    /// then gives `false`.
    pub validation: bool,
}

impl CallError {
    /// A failed call.
    pub fn new(message: impl Into<String>) -> CallError {
        CallError { message: message.into(), incomplete: false, validation: false }
    }

    /// A subject that a validator refuses.
    pub fn refusal(message: impl Into<String>) -> CallError {
        CallError { message: message.into(), incomplete: false, validation: true }
    }
}

impl From<NumberError> for CallError {
    fn from(error: NumberError) -> CallError {
        CallError::new(error.to_string())
    }
}

/// `Err` with a formatted message.
macro_rules! fail {
    ($($message:tt)*) => { Err($crate::builtin::args::CallError::new(format!($($message)*))) };
}
pub(super) use fail;

fn wrong(args: &[Value], at: usize, kind: &str) -> CallError {
    match args.get(at) {
        Some(value) => CallError::new(format!(
            "cannot use {} (type {}) as {kind} in argument {at}",
            literal(value),
            value.kind_name()
        )),
        None => CallError::new(format!("argument {at} is missing")),
    }
}

/// Any argument.
pub(super) fn any(args: &[Value], at: usize) -> Result<&Value, CallError> {
    args.get(at).ok_or_else(|| wrong(args, at, "value"))
}

/// A text argument.
pub(super) fn string(args: &[Value], at: usize) -> Result<&str, CallError> {
    args.get(at).and_then(Value::as_str).ok_or_else(|| wrong(args, at, "string"))
}

/// An argument of bytes or text.
pub(super) fn bytes(args: &[Value], at: usize) -> Result<&[u8], CallError> {
    match args.get(at).map(|value| &value.data) {
        Some(Data::Bytes(bytes)) => Ok(bytes),
        Some(Data::String(text)) => Ok(text.as_bytes()),
        _ => Err(wrong(args, at, "bytes")),
    }
}

/// A boolean argument.
pub(super) fn boolean(args: &[Value], at: usize) -> Result<bool, CallError> {
    args.get(at).and_then(Value::as_bool).ok_or_else(|| wrong(args, at, "bool"))
}

/// A number argument.
pub(super) fn number(args: &[Value], at: usize) -> Result<&Number, CallError> {
    args.get(at).and_then(Value::as_number).ok_or_else(|| wrong(args, at, "number"))
}

/// An integer argument of any size.
pub(super) fn big(args: &[Value], at: usize) -> Result<BigInt, CallError> {
    number(args, at).ok().and_then(Number::to_bigint).ok_or_else(|| wrong(args, at, "int"))
}

/// An integer argument of 64 bits; one that only fits without a sign is the largest with one.
pub(super) fn int(args: &[Value], at: usize) -> Result<i64, CallError> {
    let n = big(args, at)?;
    if n.bits() > 64 {
        return fail!("int {n} overflows int64 in argument {at}");
    }
    Ok(n.to_i64().unwrap_or(if n.is_negative() { i64::MIN } else { i64::MAX }))
}

/// An integer argument of 32 bits; one that only fits without a sign has its bits.
pub(super) fn int32(args: &[Value], at: usize, kind: &str) -> Result<i32, CallError> {
    let n = big(args, at)?;
    if n.bits() > 32 {
        return fail!("int {n} overflows {kind} in argument {at}");
    }
    let bits = n.to_i64().unwrap_or(0).to_le_bytes();
    Ok(i32::from_le_bytes([bits[0], bits[1], bits[2], bits[3]]))
}

/// An integer argument of 64 bits that is not negative.
pub(super) fn unsigned(args: &[Value], at: usize) -> Result<u64, CallError> {
    let n = big(args, at)?;
    if n.is_negative() {
        return Err(wrong(args, at, "uint64"));
    }
    n.to_u64().ok_or_else(|| CallError::new(format!("int {n} overflows uint64 in argument {at}")))
}

/// An argument as a 64-bit float; what is past its range is refused.
pub(super) fn float(args: &[Value], at: usize) -> Result<f64, CallError> {
    let n = number(args, at)?;
    let float = n.to_f64();
    if float.is_finite() {
        Ok(float)
    } else {
        Err(CallError::new(format!(
            "cannot use {} (type {}) as float64 in argument {at}: value was rounded up",
            n.to_string().replace('e', "E"),
            if n.is_int() { "int" } else { "float" }
        )))
    }
}

/// A list argument.
pub(super) fn list(args: &[Value], at: usize) -> Result<&[Value], CallError> {
    args.get(at).and_then(Value::as_list).ok_or_else(|| wrong(args, at, "list"))
}

fn element(value: &Value, index: usize, at: usize, kind: &str) -> CallError {
    CallError::new(format!(
        "invalid list element {index} in argument {at} to call: cannot use value {} ({}) as {kind}",
        literal(value),
        value.kind_name()
    ))
}

/// An argument that is a list of text.
pub(super) fn strings(args: &[Value], at: usize) -> Result<Vec<&str>, CallError> {
    let items = list(args, at)?.iter().enumerate();
    items
        .map(|(index, value)| value.as_str().ok_or_else(|| element(value, index, at, "string")))
        .collect()
}

/// An argument that is a list of numbers.
pub(super) fn numbers(args: &[Value], at: usize) -> Result<Vec<&Number>, CallError> {
    let items = list(args, at)?.iter().enumerate();
    items
        .map(|(index, value)| value.as_number().ok_or_else(|| element(value, index, at, "number")))
        .collect()
}

/// A text result.
pub(super) fn text(text: impl Into<Arc<str>>) -> CallResult {
    Ok(Value::string(text))
}

/// A result of bytes.
pub(super) fn binary(bytes: impl Into<Arc<[u8]>>) -> CallResult {
    Ok(Value::new(Data::Bytes(bytes.into()), Origin::NONE))
}

/// A boolean result.
pub(super) fn truth(b: bool) -> CallResult {
    Ok(Value::bool(b))
}

/// An integer result.
pub(super) fn integer(n: impl Into<Number>) -> CallResult {
    Ok(numeric(n.into()))
}

/// A number as a value.
pub(super) fn numeric(n: Number) -> Value {
    Value::new(Data::Number(n), Origin::NONE)
}

/// A decimal result: a decimal without fraction becomes an integer, as in the reference.
pub(super) fn decimal(n: Number) -> CallResult {
    Ok(numeric(integral(n)))
}

/// The integer of the same value, where there is one.
pub(super) fn integral(n: Number) -> Number {
    if n.is_int() {
        return n;
    }
    n.to_integral().map_or(n, Number::from)
}

/// A result computed with 64-bit floats.
pub(super) fn from_float(float: f64) -> CallResult {
    match Number::from_f64(float) {
        Some(n) => Ok(numeric(n)),
        None => fail!("the result {} is no number", infinite(float)),
    }
}

fn infinite(float: f64) -> &'static str {
    if float.is_nan() {
        "NaN"
    } else if float > 0.0 {
        "+Infinity"
    } else {
        "-Infinity"
    }
}

/// A list result, within the limit.
pub(super) fn items(items: Vec<Value>) -> CallResult {
    room(items.len())?;
    Ok(Value::list(items))
}

/// A list of text as result, within the limit.
pub(super) fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> CallResult {
    let mut list = Vec::new();
    for text in texts {
        room(list.len() + 1)?;
        list.push(Value::string(text));
    }
    Ok(Value::list(list))
}

/// A struct result.
pub(super) fn record(fields: impl IntoIterator<Item = (&'static str, Value)>) -> CallResult {
    let mut map = Map::new();
    for (name, value) in fields {
        map.insert(name, value);
    }
    Ok(Value::map(map))
}

/// Refuses a list of more items than the limit.
pub(super) fn room(items: usize) -> Result<(), CallError> {
    if items > MAX_ITEMS {
        return fail!("the list would have more than {MAX_ITEMS} items");
    }
    Ok(())
}

/// Refuses text of more bytes than the limit.
pub(super) fn space(bytes: usize) -> Result<(), CallError> {
    if bytes > MAX_TEXT {
        return fail!("the text would have more than {MAX_TEXT} bytes");
    }
    Ok(())
}

/// A value as messages show it: a literal, shortened where it is long.
pub(super) fn literal(value: &Value) -> String {
    match &value.data {
        Data::Null => "null".to_owned(),
        Data::Bool(b) => b.to_string(),
        Data::Number(n) => n.to_string(),
        Data::String(text) => format!("\"{}\"", super::text::escape(clip(text), '"')),
        Data::Bytes(bytes) => {
            let text = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)]);
            format!("'{}'", super::text::escape(&text, '\''))
        }
        Data::List(items) if items.is_empty() => "[]".to_owned(),
        Data::List(items) if items.len() <= 8 && items.iter().all(is_scalar) => {
            let items: Vec<String> = items.iter().map(literal).collect();
            format!("[{}]", items.join(", "))
        }
        Data::List(_) => "[...]".to_owned(),
        Data::Map(map) if map.is_empty() => "{}".to_owned(),
        Data::Map(_) => "{...}".to_owned(),
    }
}

/// Bytes of text shown in a message.
const SHOWN: usize = 200;

fn clip(text: &str) -> &str {
    let mut end = text.len().min(SHOWN);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value.data, Data::List(_) | Data::Map(_))
}
