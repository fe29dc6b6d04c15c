//! Diagnostics for a client.
//!
//! Invariant: a report is a function of what was found and of what the client understands; places
//! in files that the workspace does not have are told in words or shown in a copy.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use lsp_types::{
    CodeDescription, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location,
    NumberOrString, TextEdit, Uri,
};
use platformc_driver::session::Found;
use platformc_source::{Code, Diagnostic, Severity, SourceFile, SourceMap, Span, codes, explain};

use crate::Host;
use crate::position::{Encoding, Lines};
use crate::uri;

/// What a client understands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Abilities {
    pub(crate) encoding: Encoding,
    /// Places beside the primary one.
    pub(crate) related: bool,
    /// A link to more about the code.
    pub(crate) description: bool,
    /// Whether code is unnecessary or deprecated.
    pub(crate) tags: bool,
}

/// What is shown of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Report {
    pub(crate) diagnostics: Vec<lsp_types::Diagnostic>,
    pub(crate) fixes: Vec<Fix>,
}

/// A way out of a diagnostic.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fix {
    pub(crate) title: String,
    /// Which of the report's diagnostics it answers.
    pub(crate) diagnostic: usize,
    /// Edits by the path of their file in the workspace.
    pub(crate) edits: BTreeMap<String, Vec<TextEdit>>,
}

/// What turns diagnostics into reports.
pub(crate) struct Reporter<'r> {
    pub(crate) root: &'r Path,
    pub(crate) host: &'r dyn Host,
    pub(crate) abilities: Abilities,
    pub(crate) map: &'r SourceMap,
    /// The URI of a file that is open, as its editor wrote it.
    pub(crate) open: &'r dyn Fn(&str) -> Option<String>,
}

/// Whether a file lies in the workspace, and not in the compiler.
pub(crate) fn is_in_workspace(path: &str) -> bool {
    !path.is_empty() && !path.starts_with("stdlib/")
}

fn bytes(span: Span) -> std::ops::Range<usize> {
    span.start as usize..span.end as usize
}

impl Reporter<'_> {
    /// The URI of a file, of one that ships with the compiler that of a copy.
    fn uri(&self, file: &SourceFile) -> Option<Uri> {
        let path = &**file.path();
        if path.is_empty() {
            return None;
        }
        if let Some(open) = (self.open)(path) {
            return Uri::from_str(&open).ok();
        }
        let place: PathBuf = if is_in_workspace(path) {
            self.root.join(path)
        } else {
            self.host.shipped(path, file.text())?
        };
        Uri::from_str(&uri::of_path(&place)).ok()
    }

    fn range(
        &self,
        file: &SourceFile,
        lines: &Lines<'_>,
        own: &SourceFile,
        span: Span,
    ) -> lsp_types::Range {
        if std::ptr::eq(file, own) {
            lines.range(&bytes(span))
        } else {
            Lines::new(file.text(), self.abilities.encoding).range(&bytes(span))
        }
    }

    /// What is shown of one file.
    pub(crate) fn report(&self, found: &[&Diagnostic]) -> Report {
        let mut report = Report::default();
        // All have their primary place in one file, possibly in several looks at it.
        let mut looks: BTreeMap<platformc_source::FileId, Vec<&Diagnostic>> = BTreeMap::new();
        for diagnostic in found {
            looks.entry(diagnostic.primary.span.file).or_default().push(diagnostic);
        }
        for (id, found) in looks {
            let file = self.map.get(id).unwrap_or_else(|| Arc::new(SourceFile::nowhere()));
            let lines = Lines::new(file.text(), self.abilities.encoding);
            for diagnostic in found {
                let index = report.diagnostics.len();
                report.diagnostics.push(self.diagnostic(diagnostic, &file, &lines));
                report.fixes.extend(self.fixes(diagnostic, index, &file, &lines));
            }
        }
        report
    }

    fn diagnostic(
        &self,
        found: &Diagnostic,
        file: &Arc<SourceFile>,
        lines: &Lines<'_>,
    ) -> lsp_types::Diagnostic {
        let mut message = found.message.clone();
        if !found.primary.message.is_empty() {
            message = format!("{message} ({})", found.primary.message);
        }
        for note in &found.notes {
            message = format!("{message}\nnote: {note}");
        }
        let mut related = Vec::new();
        for label in &found.labels {
            let Some(other) = self.map.get(label.span.file) else { continue };
            let place = self.uri(&other).filter(|_| self.abilities.related);
            match place {
                Some(uri) => {
                    let range = self.range(&other, lines, file, label.span);
                    let message = label.message.clone();
                    related.push(DiagnosticRelatedInformation {
                        location: Location { uri, range },
                        message,
                    });
                }
                None => {
                    let line = other.line_column(label.span.start).line;
                    message = format!("{message}\n{}:{line}: {}", other.path(), label.message);
                }
            }
        }
        lsp_types::Diagnostic {
            range: lines.range(&bytes(found.primary.span)),
            severity: Some(match found.severity {
                Severity::Error => DiagnosticSeverity::ERROR,
                Severity::Warning => DiagnosticSeverity::WARNING,
                Severity::Note => DiagnosticSeverity::INFORMATION,
            }),
            code: Some(NumberOrString::String(found.code.id().to_owned())),
            code_description: self.description(found.code),
            source: Some("platformc".to_owned()),
            message,
            related_information: (!related.is_empty()).then_some(related),
            tags: tag(found.code).filter(|_| self.abilities.tags).map(|tag| vec![tag]),
            data: None,
        }
    }

    /// A link to the page of a code.
    fn description(&self, code: Code) -> Option<CodeDescription> {
        if !self.abilities.description {
            return None;
        }
        let page = explain(code.id())?;
        let place = self.host.shipped(&format!("docs/diagnostics/{}.md", code.id()), page)?;
        Some(CodeDescription { href: Uri::from_str(&uri::of_path(&place)).ok()? })
    }

    fn fixes(
        &self,
        found: &Diagnostic,
        diagnostic: usize,
        own: &Arc<SourceFile>,
        lines: &Lines<'_>,
    ) -> Vec<Fix> {
        let fixes = found.fixes.iter().filter_map(|fix| {
            let mut edits: BTreeMap<String, Vec<TextEdit>> = BTreeMap::new();
            for edit in &fix.edits {
                let file = self.map.get(edit.span.file)?;
                if !is_in_workspace(file.path()) {
                    return None;
                }
                let range = self.range(&file, lines, own, edit.span);
                let path = file.path().to_string();
                edits
                    .entry(path)
                    .or_default()
                    .push(TextEdit { range, new_text: edit.text.clone() });
            }
            Some(Fix { title: fix.title.clone(), diagnostic, edits })
        });
        fixes.collect()
    }
}

fn tag(code: Code) -> Option<DiagnosticTag> {
    if code == codes::DEFINITION_UNUSED_PARAMETER || code == codes::MODEL_POLICY_NO_EFFECT {
        Some(DiagnosticTag::UNNECESSARY)
    } else if code == codes::DEFINITION_OLD_SYNTAX {
        Some(DiagnosticTag::DEPRECATED)
    } else {
        None
    }
}

/// The files of a report: what lies nowhere, or outside the workspace, is shown on the manifest.
pub(crate) fn placed<'f>(found: &'f Found<'_>) -> BTreeMap<Arc<str>, Vec<&'f Diagnostic>> {
    let mut files: BTreeMap<Arc<str>, Vec<&Diagnostic>> = BTreeMap::new();
    for (path, diagnostics) in &found.files {
        let shown =
            if is_in_workspace(path) { Arc::clone(path) } else { Arc::from("platform.toml") };
        files.entry(shown).or_default().extend(diagnostics.iter().copied());
    }
    files
}
