//! Package `encoding/json`.

use platformc_value::Value;

use super::args::{CallResult, any, bytes, fail, items, list, space, string, text, truth};
use super::{PackageInfo, functions};

mod scan;
mod write;

pub(super) use scan::Fields;
pub(super) use write::{marshal, number};

/// `encoding/json`: JSON text of values, and back.
pub(super) static PACKAGE: PackageInfo = PackageInfo {
    path: "encoding/json",
    constants: &[],
    functions: functions! { "encoding/json";
        Compact(Bytes) -> String = Pure(compact);
        HTMLEscape(Bytes) -> String = Pure(html_escape);
        Indent(Bytes, String, String) -> String = Pure(indent);
        Marshal(Any) -> String = Pure(|a| text(marshal(any(a, 0)?)?));
        MarshalStream(Any) -> String = Pure(marshal_stream);
        Unmarshal(Bytes) -> Any = Pure(unmarshal);
        UnmarshalStream(Bytes) -> Any = Pure(unmarshal_stream);
        Valid(Bytes) -> Bool = Pure(|a| truth(scan::check(bytes(a, 0)?).is_ok()));
        Validate(Bytes, Schema) -> Bool = Engine(EngineFunction::JsonValidate);
    },
};

/// The text without the white space that does not count.
fn compact(args: &[Value]) -> CallResult {
    let source = bytes(args, 0)?;
    scan::check(source)?;
    text(String::from_utf8_lossy(&scan::compact(source)))
}

/// The text with every item on a line of its own, behind a prefix and so many indents.
fn indent(args: &[Value]) -> CallResult {
    let source = bytes(args, 0)?;
    scan::check(source)?;
    let out = scan::indent(source, string(args, 1)?, string(args, 2)?)?;
    text(String::from_utf8_lossy(&out))
}

/// The text with the characters that HTML treats specially escaped.
fn html_escape(args: &[Value]) -> CallResult {
    let source = String::from_utf8_lossy(bytes(args, 0)?);
    space(source.len())?;
    let mut out = String::with_capacity(source.len());
    for c in source.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    text(out)
}

/// The items of a list, each on a line.
fn marshal_stream(args: &[Value]) -> CallResult {
    let mut out = String::new();
    for item in list(args, 0)? {
        out.push_str(&marshal(item)?);
        out.push('\n');
        space(out.len())?;
    }
    text(out)
}

/// The value of a JSON text.
fn unmarshal(args: &[Value]) -> CallResult {
    parse(bytes(args, 0)?)
}

/// The value of a JSON text, also for the evaluator.
pub(crate) fn parse(source: &[u8]) -> CallResult {
    if scan::check(source).is_err() {
        return fail!("json: invalid JSON");
    }
    let mut values = scan::values(source)?;
    match (values.pop(), values.is_empty()) {
        (Some(value), true) => Ok(value),
        _ => fail!("json: invalid JSON"),
    }
}

/// The values of JSON texts that follow one another, as a list.
fn unmarshal_stream(args: &[Value]) -> CallResult {
    items(scan::values(bytes(args, 0)?)?)
}
