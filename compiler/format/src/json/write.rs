//! The JSON writer. Invariant: equal values with equal order of entries give equal bytes; no
//! native recursion. HTML characters are written as they are.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use platformc_value::{Data, Entry, Value};

/// One JSON text. `pretty` indents with two spaces and ends in a line break; otherwise there is no
/// blank at all. Bytes become their base64 text.
#[must_use]
pub fn write(value: &Value, pretty: bool) -> String {
    let mut out = String::new();
    write_into(&mut out, value, pretty);
    if pretty {
        out.push('\n');
    }
    out
}

enum Items<'v> {
    List(std::slice::Iter<'v, Value>),
    Map(std::slice::Iter<'v, Entry>),
}

/// Appends one JSON text, without a line break at its end.
pub fn write_into(out: &mut String, value: &Value, pretty: bool) {
    let mut open: Vec<(Items<'_>, bool)> = Vec::new();
    let mut next = Some(value);
    loop {
        if let Some(value) = next.take() {
            match &value.data {
                Data::Null => out.push_str("null"),
                Data::Bool(true) => out.push_str("true"),
                Data::Bool(false) => out.push_str("false"),
                Data::Number(number) => out.push_str(&number.to_string()),
                Data::String(text) => push_quoted(out, text),
                Data::Bytes(bytes) => push_quoted(out, &STANDARD.encode(bytes)),
                Data::List(items) => {
                    out.push('[');
                    open.push((Items::List(items.iter()), true));
                }
                Data::Map(map) => {
                    out.push('{');
                    open.push((Items::Map(map.iter()), true));
                }
            }
        }
        let depth = open.len();
        let Some((items, first)) = open.last_mut() else { return };
        let begin = |out: &mut String, first: &mut bool| {
            if !std::mem::replace(first, false) {
                out.push(',');
            }
            if pretty {
                line(out, depth);
            }
        };
        let close = match items {
            Items::List(values) => {
                next = values.next();
                if next.is_some() {
                    begin(out, first);
                }
                ']'
            }
            Items::Map(entries) => {
                if let Some(entry) = entries.next() {
                    begin(out, first);
                    push_quoted(out, &entry.key);
                    out.push_str(if pretty { ": " } else { ":" });
                    next = Some(&entry.value);
                }
                '}'
            }
        };
        if next.is_none() {
            if pretty && !*first {
                line(out, depth - 1);
            }
            out.push(close);
            open.pop();
        }
    }
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

/// A JSON string literal.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_quoted(&mut out, text);
    out
}

fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    let mut done = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            0..=0x1f => "",
            _ => continue,
        };
        out.push_str(&text[done..at]);
        if escape.is_empty() {
            out.push_str(&format!("\\u{byte:04x}"));
        } else {
            out.push_str(escape);
        }
        done = at + 1;
    }
    out.push_str(&text[done..]);
    out.push('"');
}
