//! Values as YAML in the style of the reference.
//!
//! Invariant: block style, two spaces, lists below a key indented; equal values give equal bytes.
//! Quotes stand where YAML 1.1 or 1.2 would read something else than the text.

use std::sync::LazyLock;

use ::base64::Engine;
use ::base64::engine::general_purpose::STANDARD;
use platformc_value::{Data, Entry, Value};
use regex::Regex;

use super::scalar::is_text;
use crate::builtin::args::{CallError, space};
use crate::builtin::json::number;

/// Keys longer than this stand behind a `?`.
const LONGEST_SIMPLE_KEY: usize = 128;

enum Items<'v> {
    List(std::slice::Iter<'v, Value>),
    Map(std::slice::Iter<'v, Entry>),
}

/// Where a value goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Item,
    Entry,
    /// Behind the `:` of a key that stood behind a `?`.
    LongEntry,
}

/// The text of one document.
pub(super) fn document(value: &Value) -> Result<String, CallError> {
    let mut out = String::new();
    let mut open: Vec<(Items<'_>, usize)> = Vec::new();
    let mut next = Some((value, Place::Root));
    // Whether the next item continues a line.
    let mut inline = false;
    loop {
        if let Some((value, place)) = next.take() {
            let items = match &value.data {
                Data::List(items) if !items.is_empty() => Some(Items::List(items.iter())),
                Data::Map(map) if !map.is_empty() => Some(Items::Map(map.iter())),
                _ => None,
            };
            let outer = open.last().map_or(0, |(_, indent)| *indent);
            let indent = if place == Place::Root { 0 } else { outer + 2 };
            match items {
                Some(items) => {
                    match place {
                        Place::Root => {}
                        Place::Item | Place::LongEntry => {
                            out.push(' ');
                            inline = true;
                        }
                        Place::Entry => out.push('\n'),
                    }
                    open.push((items, indent));
                }
                None => {
                    if place != Place::Root {
                        out.push(' ');
                    }
                    scalar(&mut out, value, outer + 2);
                    out.push('\n');
                }
            }
            space(out.len())?;
        }
        let Some((items, indent)) = open.last_mut() else { return Ok(out) };
        let indent = *indent;
        let mut lead = |out: &mut String| {
            if !std::mem::take(&mut inline) {
                out.extend(std::iter::repeat_n(' ', indent));
            }
        };
        next = match items {
            Items::List(values) => values.next().map(|value| {
                lead(&mut out);
                out.push('-');
                (value, Place::Item)
            }),
            Items::Map(entries) => entries.next().map(|entry| {
                lead(&mut out);
                (&entry.value, key(&mut out, &entry.key, indent))
            }),
        };
        if next.is_none() {
            open.pop();
        }
    }
}

fn key(out: &mut String, key: &str, indent: usize) -> Place {
    if key.len() <= LONGEST_SIMPLE_KEY && !key.contains(is_break) {
        string(out, key, indent + 2, true);
        out.push(':');
        return Place::Entry;
    }
    out.push_str("? ");
    string(out, key, indent + 2, false);
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
    out.push(':');
    Place::LongEntry
}

fn scalar(out: &mut String, value: &Value, indent: usize) {
    match &value.data {
        Data::Null => out.push_str("null"),
        Data::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Data::Number(n) => out.push_str(&number(n)),
        Data::List(_) => out.push_str("[]"),
        Data::Map(_) => out.push_str("{}"),
        Data::Bytes(bytes) => {
            out.push_str("!!binary");
            if !bytes.is_empty() {
                out.push(' ');
            }
            out.push_str(&STANDARD.encode(bytes));
        }
        Data::String(text) => string(out, text, indent, false),
    }
}

/// Writes text in the first style that fits: plain, single quotes, a literal block, or double
/// quotes.
fn string(out: &mut String, text: &str, indent: usize, is_key: bool) {
    let shape = Shape::of(text);
    if text.contains('\n') {
        if shape.block && !is_key {
            literal(out, text, indent);
        } else {
            double(out, text);
        }
    } else if misread(text) || !shape.single {
        double(out, text);
    } else if shape.plain {
        out.push_str(text);
    } else {
        out.push('\'');
        out.push_str(&text.replace('\'', "''"));
        out.push('\'');
    }
}

static NUMBERS_AND_DATES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\A[-+0-9:. \t]+([-:]|[tT])[-+0-9:. \t]+[zZ]?\z|\A0x[a-fA-F0-9]+\z").ok()
});

/// Whether some reader takes the plain text for something else.
fn misread(text: &str) -> bool {
    const WORDS: [&str; 12] =
        ["y", "n", "t", "f", "yes", "no", "on", "off", "true", "false", "null", "~"];
    let is_word = text == ".Nan"
        || WORDS.iter().any(|word| {
            let mut capital = word.to_string();
            capital[..1].make_ascii_uppercase();
            text == *word || text == capital || text == word.to_ascii_uppercase()
        });
    is_word
        || !is_text(text)
        || NUMBERS_AND_DATES.as_ref().is_some_and(|regex| regex.is_match(text))
}

/// Which styles can hold a text.
struct Shape {
    plain: bool,
    single: bool,
    block: bool,
}

impl Shape {
    fn of(text: &str) -> Shape {
        let mut shape = Shape { plain: true, single: true, block: !text.is_empty() };
        if text.starts_with("---") || text.starts_with("...") {
            shape.plain = false;
        }
        let mut before = None;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let next_blank = chars.peek().is_none_or(|next| is_blank(*next));
            let indicates = match c {
                '#' => before.is_none_or(is_blank),
                ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
                | '@' | '`' => before.is_none(),
                '?' | '-' => before.is_none() && next_blank,
                ':' => next_blank,
                _ => false,
            };
            if indicates || is_break(c) || c == '\t' {
                shape.plain = false;
            }
            if c == '\t' || is_break(c) {
                shape.single = false;
            }
            if c != '\t' && !is_printable(c) {
                shape.plain = false;
                shape.single = false;
                shape.block = false;
            }
            if c == ' ' {
                if before.is_none() || chars.peek().is_none() {
                    shape.plain = false;
                }
                if chars.peek().is_none() {
                    shape.block = false;
                }
                if before.is_some_and(is_break) {
                    shape.plain = false;
                    shape.single = false;
                }
            } else if is_break(c) && before == Some(' ') {
                shape.plain = false;
                shape.single = false;
                shape.block = false;
            }
            before = Some(c);
        }
        shape
    }
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t') || is_break(c)
}

fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// A literal block; `indent` is the column of its lines.
fn literal(out: &mut String, text: &str, indent: usize) {
    out.push('|');
    if text.starts_with(|c: char| c == ' ' || is_break(c)) {
        out.push('2');
    }
    let body = text.strip_suffix('\n');
    match body {
        None => out.push('-'),
        Some(body) if body.is_empty() || body.ends_with('\n') => out.push('+'),
        Some(_) => {}
    }
    for line in body.unwrap_or(text).split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(line);
        }
    }
}

fn double(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        let escape = match c {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\0' => "\\0",
            '\u{7}' => "\\a",
            '\u{8}' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\u{b}' => "\\v",
            '\u{c}' => "\\f",
            '\r' => "\\r",
            '\u{1b}' => "\\e",
            '\u{85}' => "\\N",
            '\u{2028}' => "\\L",
            '\u{2029}' => "\\P",
            c if is_printable(c) => {
                out.push(c);
                continue;
            }
            c => {
                out.push_str(&match u32::from(c) {
                    code @ 0..=0xff => format!("\\x{code:02X}"),
                    code @ 0x100..=0xffff => format!("\\u{code:04X}"),
                    code => format!("\\U{code:08X}"),
                });
                continue;
            }
        };
        out.push_str(escape);
    }
    out.push('"');
}
