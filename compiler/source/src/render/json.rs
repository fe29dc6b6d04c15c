//! One JSON object a line. The fields are described in `docs/diagnostics/formats.md` and stay.

use serde::Serialize;

use super::place::{Place, Position};
use crate::{Diagnostic, Label, SourceMap};

#[derive(Serialize)]
struct Message<'a> {
    code: &'a str,
    severity: &'a str,
    message: &'a str,
    #[serde(flatten)]
    position: Position,
    label: &'a str,
    labels: Vec<Part<'a>>,
    notes: &'a [String],
    fixes: Vec<Fix<'a>>,
}

#[derive(Serialize)]
struct Part<'a> {
    #[serde(flatten)]
    position: Position,
    message: &'a str,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Edit<'a> {
    #[serde(flatten)]
    position: Position,
    start_byte: u32,
    end_byte: u32,
    text: &'a str,
}

pub(super) fn render(diagnostics: &[Diagnostic], map: &SourceMap) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        // Serialising text and numbers into memory cannot fail; a line is never left out silently.
        let line = serde_json::to_string(&message(diagnostic, map));
        out.push_str(&line.unwrap_or_else(|error| format!("{{\"message\":\"{error}\"}}")));
        out.push('\n');
    }
    out
}

fn message<'a>(diagnostic: &'a Diagnostic, map: &SourceMap) -> Message<'a> {
    let part = |label: &'a Label| Part {
        position: Place::of(map, label.span).into(),
        message: &label.message,
    };
    Message {
        code: diagnostic.code.id(),
        severity: diagnostic.severity.as_str(),
        message: &diagnostic.message,
        position: Place::of(map, diagnostic.primary.span).into(),
        label: &diagnostic.primary.message,
        labels: diagnostic.labels.iter().map(part).collect(),
        notes: &diagnostic.notes,
        fixes: diagnostic.fixes.iter().map(|fix| self::fix(fix, map)).collect(),
    }
}

fn fix<'a>(fix: &'a crate::Fix, map: &SourceMap) -> Fix<'a> {
    let edit = |edit: &'a crate::Edit| {
        let place = Place::of(map, edit.span)?;
        Some(Edit {
            start_byte: place.start_byte,
            end_byte: place.end_byte,
            position: Some(place).into(),
            text: &edit.text,
        })
    };
    Fix { title: &fix.title, edits: fix.edits.iter().filter_map(edit).collect() }
}
