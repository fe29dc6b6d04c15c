//! Package `encoding/yaml`.

use platformc_value::Value;

use super::args::{CallResult, any, bytes, fail, items, list, space, text};
use super::{PackageInfo, functions};

mod read;
mod scalar;
mod write;

/// `encoding/yaml`: YAML text of values, and back.
pub(super) static PACKAGE: PackageInfo = PackageInfo {
    path: "encoding/yaml",
    constants: &[],
    functions: functions! { "encoding/yaml";
        Marshal(Any) -> String = Pure(|a| text(write::document(any(a, 0)?)?));
        MarshalStream(Any) -> String = Pure(marshal_stream);
        Unmarshal(Bytes) -> Any = Pure(|a| parse(bytes(a, 0)?));
        UnmarshalStream(Bytes) -> Any = Pure(|a| items(parse_all(bytes(a, 0)?)?));
        Validate(Bytes, Schema) -> Bool = Engine(EngineFunction::YamlValidate);
        ValidatePartial(Bytes, Schema) -> Bool = Engine(EngineFunction::YamlValidatePartial);
    },
};

/// The items of a list as documents.
fn marshal_stream(args: &[Value]) -> CallResult {
    let mut out = String::new();
    for (at, item) in list(args, 0)?.iter().enumerate() {
        if at > 0 {
            out.push_str("---\n");
        }
        out.push_str(&write::document(item)?);
        space(out.len())?;
    }
    text(out)
}

/// The value of a text of at most one document, also for the evaluator.
pub(crate) fn parse(source: &[u8]) -> CallResult {
    let mut documents = parse_all(source)?;
    if documents.len() > 1 {
        return fail!("expected a single YAML document");
    }
    Ok(documents.pop().unwrap_or_else(Value::null))
}

/// The values of all documents of a text, also for the evaluator; a text without any is null.
pub(crate) fn parse_all(source: &[u8]) -> Result<Vec<Value>, super::CallError> {
    let Ok(source) = std::str::from_utf8(source) else {
        return fail!("yaml: the text is not UTF-8");
    };
    let mut documents = read::documents(source)?;
    if documents.is_empty() {
        documents.push(Value::null());
    }
    Ok(documents)
}
