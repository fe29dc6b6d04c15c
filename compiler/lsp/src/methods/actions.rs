//! `textDocument/codeAction`. Invariant: an action is a fix of a diagnostic that was reported, and
//! is offered only while the text is the one the diagnostic was found in.

use lsp_types::Range;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::dispatch::{Identifier, Refusal, Server, parameters};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InRange {
    text_document: Identifier,
    range: Range,
    #[serde(default)]
    context: Context,
}

#[derive(Deserialize, Default)]
struct Context {
    only: Option<Vec<String>>,
}

pub(crate) fn answer(server: &Server, params: Value) -> Result<Value, Refusal> {
    let asked: InRange = parameters(params)?;
    let document = server.document(&asked.text_document.uri)?;
    let Some((workspace, path)) = &document.place else { return Ok(json!([])) };
    let wanted = |only: &Vec<String>| only.iter().any(|kind| "quickfix".starts_with(&**kind));
    if asked.context.only.as_ref().is_some_and(|only| !wanted(only)) {
        return Ok(json!([]));
    }
    let Some((report, version)) = workspace.report_of(path) else { return Ok(json!([])) };
    if version != Some(document.version) {
        return Ok(json!([]));
    }
    let touches = |range: &Range| range.start <= asked.range.end && asked.range.start <= range.end;
    let actions = report.fixes.iter().filter_map(|fix| {
        let diagnostic = report.diagnostics.get(fix.diagnostic)?;
        if !touches(&diagnostic.range) {
            return None;
        }
        let changes: serde_json::Map<String, Value> =
            fix.edits.iter().map(|(path, edits)| (workspace.uri_of(path), json!(edits))).collect();
        let alone = report.fixes.iter().filter(|other| other.diagnostic == fix.diagnostic).count();
        Some(json!({
            "title": fix.title,
            "kind": "quickfix",
            "diagnostics": [diagnostic],
            "isPreferred": alone == 1,
            "edit": { "changes": changes },
        }))
    });
    Ok(actions.collect())
}
