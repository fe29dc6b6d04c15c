//! Workflow commands of GitHub Actions: annotations on a pull request.
//!
//! Format: docs.github.com, "Workflow commands for GitHub Actions", setting an error message. The
//! runner drops columns of an annotation over several lines, so they are not written there.

use std::fmt::Write as _;

use super::place::Place;
use crate::{Diagnostic, Severity, SourceMap};

pub(super) fn render(diagnostics: &[Diagnostic], map: &SourceMap) -> String {
    let mut out = String::new();
    for d in diagnostics {
        out.push_str(match d.severity {
            Severity::Error => "::error ",
            Severity::Warning => "::warning ",
            Severity::Note => "::notice ",
        });
        if let Some(place) = Place::of(map, d.primary.span) {
            property(&mut out, "file", &place.path);
            let _ = write!(out, "line={},", place.start.line);
            if place.start.line == place.end.line {
                // The last column belongs to the annotation, unlike the end of a span.
                let last = place.end.column.saturating_sub(1).max(place.start.column);
                let _ = write!(out, "col={},endLine={},", place.start.column, place.end.line);
                let _ = write!(out, "endColumn={last},");
            } else {
                let _ = write!(out, "endLine={},", place.end.line);
            }
        }
        property(&mut out, "title", d.code.id());
        out.pop();
        out.push_str("::");
        data(&mut out, &d.message);
        for label in std::iter::once(&d.primary).chain(&d.labels) {
            if label.message.is_empty() {
                continue;
            }
            out.push_str("%0A");
            if let Some(place) = Place::of(map, label.span) {
                data(&mut out, &format!("{}:{}: ", place.path, place.start.line));
            }
            data(&mut out, &label.message);
        }
        for note in d.notes.iter().chain(d.fixes.iter().map(|fix| &fix.title)) {
            out.push_str("%0A");
            data(&mut out, note);
        }
        out.push('\n');
    }
    out
}

/// `name=value,` with the escapes of a property.
fn property(out: &mut String, name: &str, value: &str) {
    out.push_str(name);
    out.push('=');
    for c in value.chars() {
        match c {
            ':' => out.push_str("%3A"),
            ',' => out.push_str("%2C"),
            _ => data_char(out, c),
        }
    }
    out.push(',');
}

fn data(out: &mut String, text: &str) {
    text.chars().for_each(|c| data_char(out, c));
}

fn data_char(out: &mut String, c: char) {
    match c {
        '%' => out.push_str("%25"),
        '\r' => out.push_str("%0D"),
        '\n' => out.push_str("%0A"),
        _ if super::escape::hostile(c) => out.extend(c.escape_default()),
        _ => out.push(c),
    }
}
