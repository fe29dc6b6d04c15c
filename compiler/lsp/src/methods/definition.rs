//! `textDocument/definition`. Invariant: a file that ships with the compiler is shown in a copy.

use serde_json::{Value, json};

use super::asked;
use crate::dispatch::{Refusal, Server};
use crate::position::Lines;
use crate::publish::is_in_workspace;
use crate::uri;

pub(crate) fn answer(server: &Server, params: Value) -> Result<Value, Refusal> {
    let Some(asked) = asked(server, params)? else { return Ok(Value::Null) };
    let targets = asked.ask(platformc_ide::definition);
    let places = targets.into_iter().filter_map(|target| {
        let uri = if is_in_workspace(&target.path) {
            asked.workspace.uri_of(&target.path)
        } else {
            uri::of_path(&asked.workspace.host.shipped(&target.path, &target.text)?)
        };
        let range = Lines::new(&target.text, server.abilities.encoding).range(&target.span);
        Some(json!({ "uri": uri, "range": range }))
    });
    Ok(places.collect())
}
