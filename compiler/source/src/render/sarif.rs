//! SARIF 2.1.0: one run, the rules it used from the registry, results with their places and fixes.
//!
//! Format: OASIS Static Analysis Results Interchange Format 2.1.0. Paths are URIs relative to
//! `SRCROOT`; columns count Unicode scalar values; ends are exclusive, as SARIF wants them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::RenderOptions;
use super::place::Place;
use crate::{Code, Diagnostic, Label, Severity, SourceMap, explain};

pub(super) fn render(
    diagnostics: &[Diagnostic],
    map: &SourceMap,
    options: &RenderOptions<'_>,
) -> String {
    let mut codes: Vec<Code> = diagnostics.iter().map(|d| d.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let index: BTreeMap<&str, usize> =
        codes.iter().enumerate().map(|(at, code)| (code.id(), at)).collect();
    let results: Vec<Value> = diagnostics
        .iter()
        .map(|d| result(d, index.get(d.code.id()).copied().unwrap_or_default(), map))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "platformc",
                "semanticVersion": options.version,
                "rules": codes.into_iter().map(rule).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    let mut out = serde_json::to_string_pretty(&log).unwrap_or_default();
    out.push('\n');
    out
}

fn rule(code: Code) -> Value {
    let info = code.info();
    let mut rule = json!({
        "id": info.id,
        "shortDescription": { "text": info.summary },
        "defaultConfiguration": { "level": level(info.severity) },
    });
    if let Some(page) = explain(info.id) {
        rule["help"] = json!({ "text": page, "markdown": page });
    }
    rule
}

fn level(severity: Severity) -> &'static str {
    severity.as_str()
}

fn result(d: &Diagnostic, index: usize, map: &SourceMap) -> Value {
    let mut text = d.message.clone();
    for note in &d.notes {
        text.push('\n');
        text.push_str(note);
    }
    let mut result = json!({
        "ruleId": d.code.id(),
        "ruleIndex": index,
        "level": level(d.severity),
        "message": { "text": text },
    });
    if let Some(location) = location(&d.primary, map) {
        result["locations"] = json!([location]);
    }
    let related: Vec<Value> = d
        .labels
        .iter()
        .filter_map(|label| location(label, map))
        .enumerate()
        .map(|(id, mut location)| {
            location["id"] = json!(id);
            location
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    let fixes: Vec<Value> = d.fixes.iter().filter_map(|f| fix(f, map)).collect();
    if !fixes.is_empty() {
        result["fixes"] = json!(fixes);
    }
    result
}

fn location(label: &Label, map: &SourceMap) -> Option<Value> {
    let place = Place::of(map, label.span)?;
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": artifact(&place.path),
            "region": region(&place),
        },
    });
    if !label.message.is_empty() {
        location["message"] = json!({ "text": label.message });
    }
    Some(location)
}

fn artifact(path: &str) -> Value {
    json!({ "uri": uri(path), "uriBaseId": "SRCROOT" })
}

fn region(place: &Place) -> Value {
    json!({
        "startLine": place.start.line,
        "startColumn": place.start.column,
        "endLine": place.end.line,
        "endColumn": place.end.column,
    })
}

/// A fix with its edits grouped by file; `None` where it has no edit to show.
fn fix(fix: &crate::Fix, map: &SourceMap) -> Option<Value> {
    let mut changes: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for edit in &fix.edits {
        let Some(place) = Place::of(map, edit.span) else { continue };
        let mut replacement = Map::new();
        replacement.insert("deletedRegion".to_owned(), region(&place));
        replacement.insert("insertedContent".to_owned(), json!({ "text": edit.text }));
        changes.entry(place.path.to_string()).or_default().push(replacement.into());
    }
    let changes: Vec<Value> = changes
        .into_iter()
        .map(|(path, list)| json!({ "artifactLocation": artifact(&path), "replacements": list }))
        .collect();
    (!changes.is_empty())
        .then(|| json!({ "description": { "text": fix.title }, "artifactChanges": changes }))
}

/// A relative URI reference (RFC 3986): everything but unreserved characters and `/` is encoded,
/// so no first step can be taken for a scheme.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => {
                use std::fmt::Write as _;
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_relative_references() {
        assert_eq!(uri("a b/ü:x.yaml"), "a%20b/%C3%BC%3Ax.yaml");
        let label = Label { span: crate::Span::NONE, message: String::new() };
        assert!(location(&label, &SourceMap::new()).is_none());
    }
}
