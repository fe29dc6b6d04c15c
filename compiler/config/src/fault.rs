//! Words and places that several diagnostics share. Invariant: a place is short enough to point
//! at.

use platformc_source::{SourceMap, Span};
use platformc_value::{Data, Entry, Value};

/// `a string`, `an int`: a kind with its article, as TOML and YAML call it.
pub(crate) fn a_kind(value: &Value) -> &'static str {
    match &value.data {
        Data::Null => "null",
        Data::Bool(_) => "a boolean",
        Data::Number(_) => "a number",
        Data::String(text) if crate::merge::is_reference(text) => "a reference",
        Data::String(_) => "a string",
        Data::Bytes(_) => "bytes",
        Data::List(_) => "a list",
        Data::Map(_) => "a table",
    }
}

/// Where an entry is pointed at: its key where its value is a table, else its value.
pub(crate) fn place(entry: &Entry) -> Span {
    let (key, value) = (entry.key_origin.span, entry.value.origin.span);
    let at_key = matches!(entry.value.data, Data::Map(_)) || value.is_none();
    if at_key && !key.is_none() { key } else { value }
}

/// The bytes of `part` inside the text at `span`: the `count`-th time it stands there, from 0; the
/// whole span where the authored text spells it in another way.
pub(crate) fn within(map: &SourceMap, span: Span, part: &str, count: usize) -> Span {
    let text = map.text(span);
    match text.match_indices(part).nth(count) {
        Some((at, _)) => {
            let start = span.start as usize + at;
            Span::new(span.file, start, start + part.len())
        }
        None => span,
    }
}

/// `a`, `b` and `c`, at most ten of them.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    if quoted.len() > 10 {
        let more = quoted.len() - 10;
        quoted.truncate(10);
        return format!("{} and {more} more", quoted.join(", "));
    }
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
    }
}
