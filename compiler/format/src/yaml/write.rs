//! The YAML writer.
//!
//! Invariant: equal values with equal order of entries give equal bytes, which YAML 1.1 and 1.2
//! readers and kubectl read back as that value. Block style, two spaces, a list under a key at the
//! key's own indentation, as Kubernetes' tools write it. No native recursion. The one exception are
//! decimals past the range of 64-bit floats, which no Kubernetes parser holds.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use platformc_value::{Data, Entry, Value};

use super::text::{block, is_plain, number, push_quoted};

/// Keys longer than this are written with `?`: a reader looks no farther for their colon.
const LONGEST_SIMPLE_KEY: usize = 120;

/// One document, ending in a line break. Bytes become their base64 text, as in JSON.
#[must_use]
pub fn write(value: &Value) -> String {
    let mut out = String::new();
    write_into(&mut out, value);
    out
}

/// Several documents, each after the first led in by `---`.
#[must_use]
pub fn write_documents<'v>(values: impl IntoIterator<Item = &'v Value>) -> String {
    let mut out = String::new();
    for (at, value) in values.into_iter().enumerate() {
        if at > 0 {
            out.push_str("---\n");
        }
        write_into(&mut out, value);
    }
    out
}

enum Items<'v> {
    List(std::slice::Iter<'v, Value>),
    Map(std::slice::Iter<'v, Entry>),
}

/// Where a value is about to be written.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// At the start of the text.
    Root,
    /// Behind `- `.
    Item,
    /// Behind `key:`.
    Entry,
    /// Behind the `:` of a key that has a line to itself.
    LongEntry,
}

/// Appends one document.
pub fn write_into(out: &mut String, value: &Value) {
    // Open collections with the column of their items, and whether the next item continues a line.
    let mut open: Vec<(Items<'_>, usize)> = Vec::new();
    let mut continues = false;
    let mut next = Some((value, Place::Root, 0));
    loop {
        if let Some((value, place, indent)) = next.take() {
            match items(value) {
                Some(items) => {
                    let indent = match (&items, place) {
                        (_, Place::Root) => 0,
                        (Items::List(_), Place::Entry) => indent,
                        _ => indent + 2,
                    };
                    match place {
                        Place::Root => {}
                        Place::Entry => out.push('\n'),
                        Place::Item | Place::LongEntry => {
                            out.push(' ');
                            continues = true;
                        }
                    }
                    open.push((items, indent));
                }
                None => {
                    if place != Place::Root {
                        out.push(' ');
                    }
                    scalar(out, value, indent, place == Place::Root);
                    out.push('\n');
                }
            }
        }
        let Some((items, indent)) = open.last_mut() else { return };
        let indent = *indent;
        let lead = |out: &mut String, continues: &mut bool| {
            if !std::mem::take(continues) {
                out.extend(std::iter::repeat_n(' ', indent));
            }
        };
        next = match items {
            Items::List(values) => values.next().map(|value| {
                lead(out, &mut continues);
                out.push('-');
                (value, Place::Item, indent)
            }),
            Items::Map(entries) => entries.next().map(|entry| {
                lead(out, &mut continues);
                let place = key(out, &entry.key, indent);
                (&entry.value, place, indent)
            }),
        };
        if next.is_none() {
            open.pop();
        }
    }
}

fn items(value: &Value) -> Option<Items<'_>> {
    match &value.data {
        Data::List(items) if !items.is_empty() => Some(Items::List(items.iter())),
        Data::Map(map) if !map.is_empty() => Some(Items::Map(map.iter())),
        _ => None,
    }
}

fn key(out: &mut String, key: &str, indent: usize) -> Place {
    let start = out.len();
    let plain = is_plain(key);
    if !plain && key.len() > LONGEST_SIMPLE_KEY || key.len() > 8 * LONGEST_SIMPLE_KEY {
        out.push_str("? ");
        push_quoted(out, key);
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', indent));
        out.push(':');
        return Place::LongEntry;
    }
    if plain {
        out.push_str(key);
    } else {
        push_quoted(out, key);
    }
    debug_assert!(out.len() - start < 1024, "the colon of a simple key stays within reach");
    out.push(':');
    Place::Entry
}

/// Writes a value that is no collection with items; `indent` is the column of its line.
fn scalar(out: &mut String, value: &Value, indent: usize, root: bool) {
    match &value.data {
        Data::Null => out.push_str("null"),
        Data::Bool(true) => out.push_str("true"),
        Data::Bool(false) => out.push_str("false"),
        Data::Number(n) => out.push_str(&number(n)),
        Data::List(_) => out.push_str("[]"),
        Data::Map(_) => out.push_str("{}"),
        Data::Bytes(bytes) => text(out, &STANDARD.encode(bytes), indent, root),
        Data::String(string) => text(out, string, indent, root),
    }
}

fn text(out: &mut String, text: &str, indent: usize, root: bool) {
    if is_plain(text) {
        out.push_str(text);
        return;
    }
    // Readers disagree on what the indentation of a root block counts from.
    let block = if text.contains('\n') { block(text) } else { None };
    let Some(block) = block.filter(|block| !(root && block.counts)) else {
        push_quoted(out, text);
        return;
    };
    out.push_str(block.header);
    let body = text.strip_suffix('\n').unwrap_or(text);
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', indent + 2));
            out.push_str(line);
        }
    }
}
