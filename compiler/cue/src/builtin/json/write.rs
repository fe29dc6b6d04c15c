//! Values as JSON. Invariant: one line without spaces, fields in their order, no HTML escapes.

use ::base64::Engine;
use ::base64::engine::general_purpose::STANDARD;
use platformc_value::{Data, Entry, Number, Value};

use crate::builtin::args::{CallError, space};

enum Items<'v> {
    List(std::slice::Iter<'v, Value>),
    Map(std::slice::Iter<'v, Entry>),
}

/// The JSON text of a value; bytes become their base64 text. Collections are walked without
/// recursion.
pub(in crate::builtin) fn marshal(value: &Value) -> Result<String, CallError> {
    let mut out = String::new();
    let mut open: Vec<(Items<'_>, bool)> = Vec::new();
    let mut next = Some(value);
    loop {
        if let Some(value) = next.take() {
            match &value.data {
                Data::Null => out.push_str("null"),
                Data::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
                Data::Number(n) => out.push_str(&json_number(n)),
                Data::String(text) => push_string(&mut out, text),
                Data::Bytes(bytes) => push_string(&mut out, &STANDARD.encode(bytes)),
                Data::List(items) => {
                    out.push('[');
                    open.push((Items::List(items.iter()), true));
                }
                Data::Map(map) => {
                    out.push('{');
                    open.push((Items::Map(map.iter()), true));
                }
            }
            space(out.len())?;
        }
        let Some((items, first)) = open.last_mut() else { return Ok(out) };
        let comma = !std::mem::replace(first, false);
        next = match items {
            Items::List(values) => match values.next() {
                Some(value) => {
                    if comma {
                        out.push(',');
                    }
                    Some(value)
                }
                None => {
                    out.push(']');
                    None
                }
            },
            Items::Map(entries) => match entries.next() {
                Some(entry) => {
                    if comma {
                        out.push(',');
                    }
                    push_string(&mut out, &entry.key);
                    out.push(':');
                    Some(&entry.value)
                }
                None => {
                    out.push('}');
                    None
                }
            },
        };
        if next.is_none() {
            open.pop();
        }
    }
}

/// A number as the reference writes it: exponents with a capital letter.
pub(in crate::builtin) fn number(n: &Number) -> String {
    n.to_string().replace('e', "E")
}

/// JSON does not tell decimals from integers: one without a fraction and an exponent of its own
/// has no point.
fn json_number(n: &Number) -> String {
    match n.coefficient_exponent() {
        (coefficient, 0) => coefficient.to_string(),
        _ => number(n),
    }
}

fn push_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
