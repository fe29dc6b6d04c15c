//! GitLab's code quality report: one JSON array.
//!
//! Format: docs.gitlab.com, "Code Quality report format". A fingerprint is the same as long as
//! code, path and message are; equal ones in one report are told apart by their order.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::place::Place;
use crate::{Diagnostic, Severity, SourceMap};

#[derive(Serialize)]
struct Issue<'a> {
    description: &'a str,
    check_name: &'a str,
    fingerprint: String,
    severity: &'a str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

pub(super) fn render(diagnostics: &[Diagnostic], map: &SourceMap) -> String {
    let mut seen: BTreeMap<(&str, String, &str), u32> = BTreeMap::new();
    let issues: Vec<Issue<'_>> = diagnostics
        .iter()
        .map(|d| {
            let place = Place::of(map, d.primary.span);
            // A report needs a path; what belongs to no file belongs to the workspace.
            let path = place.as_ref().map_or_else(|| ".".to_owned(), |p| p.path.to_string());
            let count = seen.entry((d.code.id(), path.clone(), &d.message)).or_default();
            *count += 1;
            Issue {
                description: &d.message,
                check_name: d.code.id(),
                fingerprint: fingerprint(&[d.code.id(), &path, &d.message, &count.to_string()]),
                severity: match d.severity {
                    Severity::Error => "major",
                    Severity::Warning => "minor",
                    Severity::Note => "info",
                },
                location: Location {
                    path,
                    lines: Lines {
                        begin: place.as_ref().map_or(1, |p| p.start.line),
                        end: place.as_ref().map_or(1, |p| p.end.line),
                    },
                },
            }
        })
        .collect();
    let mut out = serde_json::to_string_pretty(&issues).unwrap_or_else(|_| "[]".to_owned());
    out.push('\n');
    out
}

/// 128 bits in hexadecimal over parts that no separator can confuse.
fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let mut out = String::new();
    for byte in hash.finalize().iter().take(16) {
        let _ = write!(out, "{byte:02x}");
    }
    out
}
