//! `textDocument/formatting`. Invariant: a file that is not understood stays as it is.

use serde_json::{Value, json};

use super::OfDocument;
use crate::dispatch::{Refusal, Server, parameters};
use crate::position::Lines;

pub(crate) fn answer(server: &Server, params: Value) -> Result<Value, Refusal> {
    let of: OfDocument = parameters(params)?;
    let document = server.document(&of.text_document.uri)?;
    let Some(text) = platformc_ide::formatted(&document.path, &document.text) else {
        return Ok(Value::Null);
    };
    if text == document.text {
        return Ok(json!([]));
    }
    let lines = Lines::new(&document.text, server.abilities.encoding);
    let range = lines.range(&(0..document.text.len()));
    Ok(json!([{ "range": range, "newText": text }]))
}
