//! Diagnostics for people and machines: one module a format.
//!
//! Invariant: a rendering is a function of the diagnostics and the texts alone, and no text, path
//! or span can make it fail: spans are clipped to their file, control characters are replaced.

mod escape;
mod github;
mod gitlab;
mod json;
mod junit;
mod miette;
mod place;
mod sarif;
mod text;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

pub use miette::MietteDiagnostic;
pub use place::Place;

use crate::{Diagnostic, Severity, SourceMap, Span};

/// A way to write diagnostics down.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MessageFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
    /// SARIF 2.1.0, one run.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// JUnit's XML report.
    Junit,
}

impl MessageFormat {
    /// All formats, in the order of the help text.
    pub const ALL: [MessageFormat; 6] = [
        MessageFormat::Text,
        MessageFormat::Json,
        MessageFormat::Sarif,
        MessageFormat::Github,
        MessageFormat::Gitlab,
        MessageFormat::Junit,
    ];

    /// The name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            MessageFormat::Text => "text",
            MessageFormat::Json => "json",
            MessageFormat::Sarif => "sarif",
            MessageFormat::Github => "github",
            MessageFormat::Gitlab => "gitlab",
            MessageFormat::Junit => "junit",
        }
    }
}

impl fmt::Display for MessageFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for MessageFormat {
    type Err = String;

    fn from_str(name: &str) -> Result<MessageFormat, String> {
        MessageFormat::ALL
            .into_iter()
            .find(|format| format.as_str() == name)
            .ok_or_else(|| format!("`{name}` is not a message format"))
    }
}

/// How to render.
#[derive(Clone, Debug)]
pub struct RenderOptions<'a> {
    /// Whether text carries ANSI colours.
    pub color: bool,
    /// The version of the tool, for formats that name it.
    pub version: &'a str,
}

impl Default for RenderOptions<'_> {
    fn default() -> Self {
        RenderOptions { color: false, version: env!("CARGO_PKG_VERSION") }
    }
}

/// The diagnostics in a format, in the order given. Ends in a line break unless it is empty.
#[must_use]
pub fn render(
    format: MessageFormat,
    diagnostics: &[Diagnostic],
    map: &SourceMap,
    options: &RenderOptions<'_>,
) -> String {
    match format {
        MessageFormat::Text => text::render(diagnostics, map, options),
        MessageFormat::Json => json::render(diagnostics, map),
        MessageFormat::Sarif => sarif::render(diagnostics, map, options),
        MessageFormat::Github => github::render(diagnostics, map),
        MessageFormat::Gitlab => gitlab::render(diagnostics, map),
        MessageFormat::Junit => junit::render(diagnostics, map),
    }
}

/// How many errors, warnings and notes there are, in words: `2 errors, 1 warning`; empty where
/// there are none.
#[must_use]
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let mut parts = Vec::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let count = diagnostics.iter().filter(|d| d.severity == severity).count();
        match count {
            0 => {}
            1 => parts.push(format!("1 {}", severity.as_str())),
            _ => parts.push(format!("{count} {}s", severity.as_str())),
        }
    }
    parts.join(", ")
}

/// Sorts by path, start, end, code and message, and removes duplicates. The numbers of file ids
/// play no part; diagnostics that agree in all of that go by their labels, notes and fixes.
pub fn sort(diagnostics: &mut Vec<Diagnostic>, map: &SourceMap) {
    let mut keyed: Vec<(std::sync::Arc<str>, Diagnostic)> =
        diagnostics.drain(..).map(|d| (map.path(d.primary.span), d)).collect();
    keyed.sort_by(|(path_a, a), (path_b, b)| path_a.cmp(path_b).then_with(|| compare(a, b, map)));
    keyed.dedup_by(|(path_a, a), (path_b, b)| path_a == path_b && compare(a, b, map).is_eq());
    diagnostics.extend(keyed.into_iter().map(|(_, diagnostic)| diagnostic));
}

/// Everything but the path of the primary span.
fn compare(a: &Diagnostic, b: &Diagnostic, map: &SourceMap) -> Ordering {
    let offsets = |span: Span| (span.start, span.end);
    offsets(a.primary.span)
        .cmp(&offsets(b.primary.span))
        .then_with(|| a.code.cmp(&b.code))
        .then_with(|| a.message.cmp(&b.message))
        .then_with(|| a.severity.cmp(&b.severity))
        .then_with(|| a.primary.message.cmp(&b.primary.message))
        .then_with(|| {
            let key = |d: &Diagnostic| -> Vec<_> {
                let labels = d.labels.iter();
                labels.map(|l| (map.path(l.span), offsets(l.span), l.message.clone())).collect()
            };
            key(a).cmp(&key(b))
        })
        .then_with(|| a.notes.cmp(&b.notes))
        .then_with(|| {
            let edit = |e: &crate::Edit| (map.path(e.span), offsets(e.span), e.text.clone());
            let key = |d: &Diagnostic| -> Vec<_> {
                let fixes = d.fixes.iter();
                fixes
                    .map(|f| (f.title.clone(), f.edits.iter().map(edit).collect::<Vec<_>>()))
                    .collect()
            };
            key(a).cmp(&key(b))
        })
}

#[cfg(test)]
mod tests;
