//! `textDocument/hover`. Invariant: the range is that of what the text is about.

use serde_json::{Value, json};

use super::asked;
use crate::dispatch::{Refusal, Server};

pub(crate) fn answer(server: &Server, params: Value) -> Result<Value, Refusal> {
    let Some(asked) = asked(server, params)? else { return Ok(Value::Null) };
    Ok(asked.ask(platformc_ide::hover).map_or(Value::Null, |hover| {
        json!({
            "contents": { "kind": "markdown", "value": hover.text },
            "range": asked.lines.range(&hover.span),
        })
    }))
}
