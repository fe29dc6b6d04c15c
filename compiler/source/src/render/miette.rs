//! Diagnostics as miette sees them, so that a tool which prints miette reports can print ours.
//!
//! Invariant: a miette diagnostic has one text; places in other files become related diagnostics.

use std::fmt;
use std::sync::Arc;

use miette::{LabeledSpan, NamedSource, SourceCode};

use super::place::Place;
use crate::{Diagnostic, FileId, Label, Severity, SourceMap};

/// A [`Diagnostic`] together with the texts it speaks of.
#[derive(Debug)]
pub struct MietteDiagnostic {
    message: String,
    code: Option<&'static str>,
    severity: Severity,
    help: Option<String>,
    source: Option<NamedSource<Arc<str>>>,
    labels: Vec<LabeledSpan>,
    related: Vec<MietteDiagnostic>,
}

impl MietteDiagnostic {
    /// Takes what the diagnostic needs from `map`.
    #[must_use]
    pub fn new(diagnostic: &Diagnostic, map: &SourceMap) -> MietteDiagnostic {
        let home = diagnostic.primary.span.file;
        let mut labels = Vec::new();
        if let Some(span) = marked(&diagnostic.primary, map) {
            labels.push(LabeledSpan::new_primary_with_span(words(&diagnostic.primary), span));
        }
        let mut related: Vec<MietteDiagnostic> = Vec::new();
        for label in &diagnostic.labels {
            let Some(span) = marked(label, map) else { continue };
            if label.span.file == home {
                labels.push(LabeledSpan::new_with_span(words(label), span));
            } else {
                related.push(MietteDiagnostic {
                    message: words(label).unwrap_or_else(|| "see also".to_owned()),
                    code: None,
                    severity: Severity::Note,
                    help: None,
                    source: source(map, label.span.file),
                    labels: vec![LabeledSpan::new_with_span(None, span)],
                    related: Vec::new(),
                });
            }
        }
        let titles = diagnostic.fixes.iter().map(|fix| fix.title.as_str());
        let help: Vec<&str> = diagnostic.notes.iter().map(String::as_str).chain(titles).collect();
        MietteDiagnostic {
            message: diagnostic.message.clone(),
            code: Some(diagnostic.code.id()),
            severity: diagnostic.severity,
            help: (!help.is_empty()).then(|| help.join("\n")),
            source: source(map, home),
            labels,
            related,
        }
    }
}

fn source(map: &SourceMap, id: FileId) -> Option<NamedSource<Arc<str>>> {
    map.get(id).map(|file| NamedSource::new(&**file.path(), Arc::clone(file.text())))
}

fn marked(label: &Label, map: &SourceMap) -> Option<std::ops::Range<usize>> {
    let place = Place::of(map, label.span)?;
    Some(place.start_byte as usize..place.end_byte as usize)
}

fn words(label: &Label) -> Option<String> {
    (!label.message.is_empty()).then(|| label.message.clone())
}

impl fmt::Display for MietteDiagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for MietteDiagnostic {}

impl miette::Diagnostic for MietteDiagnostic {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as Box<_>)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        let related = self.related.iter().map(|d| d as &dyn miette::Diagnostic);
        (!self.related.is_empty()).then(|| Box::new(related) as Box<_>)
    }
}
