//! Package `encoding/toml`.

use platformc_source::{FileId, Severity};
use platformc_value::{Data, Map, Number, Value};

use super::args::{CallError, CallResult, any, bytes, fail, space, text};
use super::{PackageInfo, functions};

/// `encoding/toml`: TOML text of values, and back.
pub(super) static PACKAGE: PackageInfo = PackageInfo {
    path: "encoding/toml",
    constants: &[],
    functions: functions! { "encoding/toml";
        Marshal(Any) -> String = Pure(marshal);
        Unmarshal(Bytes) -> Any = Pure(unmarshal);
    },
};

/// The value of a TOML text.
fn unmarshal(args: &[Value]) -> CallResult {
    let Ok(source) = std::str::from_utf8(bytes(args, 0)?) else {
        return fail!("toml: the text is not UTF-8");
    };
    let read = platformc_format::toml::read(FileId::NONE, source);
    match read.diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error) {
        Some(diagnostic) => fail!("toml: {}", diagnostic.message),
        None => Ok(read.value),
    }
}

/// The text of a struct: plain fields, then tables, then lists of tables, each in their order.
fn marshal(args: &[Value]) -> CallResult {
    let value = any(args, 0)?;
    let Some(map) = value.as_map() else {
        return fail!("toml: top-level values must be structs, not {}", value.kind_name());
    };
    let mut out = String::new();
    // Tables still to write: their path, whether they are an item of a list, their fields.
    let mut open: Vec<(String, bool, &Map)> = vec![(String::new(), false, map)];
    while let Some((path, item, map)) = open.pop() {
        // There is no null in TOML: such a field is left out.
        let plain: Vec<_> =
            map.iter().filter(|entry| !entry.value.is_null() && !is_table(&entry.value)).collect();
        if item {
            out.push_str(&format!("[[{path}]]\n"));
        } else if !path.is_empty() {
            out.push_str(&format!("[{path}]\n"));
        }
        for entry in &plain {
            out.push_str(&key(&entry.key));
            out.push_str(" = ");
            inline(&mut out, &entry.value)?;
            out.push('\n');
            space(out.len())?;
        }
        if !plain.is_empty() {
            out.push('\n');
        }
        let mut inner = Vec::new();
        for entry in map.iter().filter(|entry| is_table(&entry.value)) {
            let key = key(&entry.key);
            let path = if path.is_empty() { key } else { format!("{path}.{key}") };
            match &entry.value.data {
                Data::Map(map) => inner.push((path, false, map)),
                Data::List(items) => inner.extend(
                    items.iter().filter_map(|item| Some((path.clone(), true, item.as_map()?))),
                ),
                _ => {}
            }
        }
        open.extend(inner.into_iter().rev());
        space(out.len())?;
    }
    let trimmed = out.trim_end_matches('\n').len();
    out.truncate(trimmed);
    if !out.is_empty() {
        out.push('\n');
    }
    text(out)
}

/// Whether a value is written as a table, or as a list of tables.
fn is_table(value: &Value) -> bool {
    match &value.data {
        Data::Map(_) => true,
        Data::List(items) => {
            !items.is_empty() && items.iter().all(|item| matches!(item.data, Data::Map(_)))
        }
        _ => false,
    }
}

/// A float without an exponent where a binary one has that very value, else as it stands.
fn number(n: &Number) -> String {
    let float = n.to_f64();
    if n.is_int() || Number::from_f64(float).is_none_or(|same| same != *n) {
        return n.to_string();
    }
    let text = float.to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}

fn key(key: &str) -> String {
    let bare = !key.is_empty()
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if bare { key.to_owned() } else { quoted(key) }
}

/// A text in single quotes where it can stand there, else in double quotes.
fn quoted(text: &str) -> String {
    if !text.contains('\'') && !text.chars().any(char::is_control) {
        return format!("'{text}'");
    }
    let mut out = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Deepest nesting within one line.
const MAX_DEPTH: usize = 128;

fn inline(out: &mut String, value: &Value) -> Result<(), CallError> {
    nested(out, value, 0)
}

fn nested(out: &mut String, value: &Value, depth: usize) -> Result<(), CallError> {
    if depth > MAX_DEPTH {
        return fail!("toml: the value nests deeper than {MAX_DEPTH}");
    }
    match &value.data {
        Data::Null => return fail!("toml: there is no null in TOML"),
        Data::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Data::Number(Number::Big(n)) => return fail!("toml: integer {n} has more than 64 bits"),
        Data::Number(n) => out.push_str(&number(n)),
        Data::String(text) => out.push_str(&quoted(text)),
        Data::Bytes(bytes) => {
            let bytes: Vec<String> = bytes.iter().map(u8::to_string).collect();
            out.push_str(&format!("[{}]", bytes.join(", ")));
        }
        Data::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                nested(out, item, depth + 1)?;
            }
            out.push(']');
        }
        Data::Map(map) => {
            out.push('{');
            for (at, entry) in map.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                out.push_str(&key(&entry.key));
                out.push_str(" = ");
                nested(out, &entry.value, depth + 1)?;
            }
            out.push('}');
        }
    }
    space(out.len())
}
