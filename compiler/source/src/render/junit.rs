//! JUnit's XML report: a suite a file, a case a diagnostic; errors are failures.
//!
//! Format: the schema of Jenkins' xUnit plugin, which the consumers agree on. A run without
//! diagnostics is one case that passed, because consumers take an empty report for a broken one.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::place::Place;
use crate::{Diagnostic, Severity, SourceMap};

pub(super) fn render(diagnostics: &[Diagnostic], map: &SourceMap) -> String {
    let mut suites: BTreeMap<String, Vec<&Diagnostic>> = BTreeMap::new();
    for d in diagnostics {
        let path = Place::of(map, d.primary.span).map(|place| place.path.to_string());
        let path = path.filter(|path| !path.is_empty());
        suites.entry(path.unwrap_or_else(|| "workspace".to_owned())).or_default().push(d);
    }
    let failures =
        |list: &[&Diagnostic]| list.iter().filter(|d| d.severity == Severity::Error).count();
    let all: Vec<&Diagnostic> = diagnostics.iter().collect();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let (tests, failed) = (all.len().max(1), failures(&all));
    let _ =
        writeln!(out, "<testsuites name=\"platformc\" tests=\"{tests}\" failures=\"{failed}\">");
    if suites.is_empty() {
        out.push_str("  <testsuite name=\"workspace\" tests=\"1\" failures=\"0\">\n");
        out.push_str("    <testcase name=\"check\" classname=\"workspace\"/>\n  </testsuite>\n");
    }
    for (path, list) in &suites {
        let (tests, failed) = (list.len(), failures(list));
        let path = xml(path);
        let _ =
            writeln!(out, "  <testsuite name=\"{path}\" tests=\"{tests}\" failures=\"{failed}\">");
        for d in list {
            case(&mut out, d, &path, map);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(out: &mut String, d: &Diagnostic, path: &str, map: &SourceMap) {
    let place = Place::of(map, d.primary.span);
    let mut name = d.code.id().to_owned();
    if let Some(place) = &place {
        let _ = write!(name, " at {}:{}", place.start.line, place.start.column);
    }
    let _ = writeln!(out, "    <testcase name=\"{}\" classname=\"{path}\">", xml(&name));
    let mut text = format!("{}: {}", d.severity.as_str(), d.message);
    for label in std::iter::once(&d.primary).chain(&d.labels) {
        if let Some(place) = Place::of(map, label.span) {
            let at = place.start;
            let _ = write!(text, "\n  at {}:{}:{}", place.path, at.line, at.column);
            if !label.message.is_empty() {
                let _ = write!(text, ": {}", label.message);
            }
        }
    }
    for note in &d.notes {
        let _ = write!(text, "\n  note: {note}");
    }
    for fix in &d.fixes {
        let _ = write!(text, "\n  help: {}", fix.title);
    }
    let text = xml(&text);
    if d.severity == Severity::Error {
        let (kind, message) = (xml(d.code.id()), xml(&d.message));
        let _ =
            writeln!(out, "      <failure type=\"{kind}\" message=\"{message}\">{text}</failure>");
    } else {
        let _ = writeln!(out, "      <system-out>{text}</system-out>");
    }
    out.push_str("    </testcase>\n");
}

/// Escaped for element content and double-quoted attributes; characters that XML 1.0 has no way
/// to write become U+FFFD.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            '\r' => out.push_str("&#13;"),
            '\u{0}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            _ => out.push(c),
        }
    }
    out
}
