//! Runs the assertions of one archive.
//!
//! Invariant: every assertion the scanner finds gets exactly one verdict, whatever becomes of the
//! parser and the engine.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use platformc_cue::{Tree, TreeLabel};
use platformc_cue_syntax::ast;
use platformc_source::{FileId, Outcome, Span};
use serde::{Deserialize, Serialize};

use crate::archive::Archive;
use crate::check;
use crate::compare::Leaves;
use crate::directive::Directive;
use crate::locate::{self, Assertion, Target, line_of, print_path};
use crate::manifest;
use crate::permute;
use crate::scan;

/// What `allows` asks about.
#[derive(Clone, Debug)]
pub enum Selector {
    /// A field.
    Label(TreeLabel),
    /// Any regular field.
    AnyString,
    /// Any item of a list.
    AnyIndex,
}

/// An evaluated package.
pub trait Evaluation: Leaves {
    /// The value at a path; `None` where there is none.
    fn tree(&mut self, path: &[TreeLabel]) -> Option<Tree>;
    /// Whether the struct or list at a path is closed.
    fn is_closed(&mut self, path: &[TreeLabel]) -> Option<bool>;
    /// Whether the value at a path allows a field or item.
    fn allows(&mut self, path: &[TreeLabel], selector: &Selector) -> Option<bool>;
    /// Starts again after a panic.
    fn reset(&mut self);
}

/// The engine under test.
pub trait Engine {
    /// Compiles the root files of an archive (other files serve imports) and hands the evaluation
    /// to `run`; returns the messages of errors found by compiling.
    fn evaluate(
        &self,
        archive: &Archive,
        files: &[&ast::File],
        run: &mut dyn FnMut(&mut dyn Evaluation),
    ) -> Vec<String>;
}

/// The parser under test: the file's number and text to its tree.
pub type Parser = fn(FileId, &str) -> Outcome<ast::File>;

/// The result of one assertion.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Verdict {
    /// The file in the archive.
    pub file: String,
    /// The line of the assertion.
    pub line: usize,
    /// The path of the value.
    pub path: String,
    /// The name of the directive.
    pub label: String,
    /// The manifest keys it counts for.
    pub keys: Vec<String>,
    /// Whether everything that counts holds.
    pub passed: bool,
    /// Parts of the assertion with scores of their own: `error`, `code`, `path`, `contains`,
    /// `pos`.
    pub parts: BTreeMap<String, bool>,
    /// Why it failed.
    pub reason: String,
}

impl Verdict {
    /// A verdict that fails for a reason.
    #[must_use]
    pub fn failed(assertion: &Assertion, reason: impl Into<String>) -> Verdict {
        let path = assertion.target.as_ref().map(|target| print_path(&target.path));
        Verdict {
            file: assertion.file.clone(),
            line: assertion.line,
            path: path.unwrap_or_default(),
            label: assertion.directive.label(),
            keys: manifest::keys(&assertion.directive),
            passed: false,
            parts: BTreeMap::new(),
            reason: reason.into(),
        }
    }

    /// Whether the assertion counts at all: no wish, no record of wrong output, no placeholder,
    /// nothing about the reference's own data structures.
    #[must_use]
    pub fn counts(&self) -> bool {
        let scored = ["eq", "err", "closed", "allows", "kind", "permute"];
        scored.contains(&self.label.as_str())
            && !self.keys.iter().any(|key| key.ends_with(".incorrect") || key.ends_with(".empty"))
    }
}

/// The text behind a span, for lines and columns.
pub struct Texts<'a>(Vec<&'a str>);

impl Texts<'_> {
    /// The file's number, line and column of a span, from 1, columns in bytes.
    #[must_use]
    pub fn place(&self, span: Span) -> Option<(usize, usize, usize)> {
        let index = span.file.0 as usize;
        let text = self.0.get(index)?;
        let at = (span.start as usize).min(text.len());
        let line_start = text.as_bytes()[..at].iter().rposition(|byte| *byte == b'\n');
        Some((index, line_of(text, at), at - line_start.map_or(0, |line| line + 1) + 1))
    }
}

/// Everything the checks of an archive need.
pub struct Context<'a> {
    /// The archive.
    pub archive: &'a Archive,
    /// All texts, numbered as the archive numbers its files.
    pub texts: Texts<'a>,
}

/// All assertions of an archive that count or document something, without targets.
///
/// # Errors
/// A file the scanner cannot read.
pub fn assertions(archive: &Archive) -> Result<Vec<Assertion>, String> {
    let mut assertions = Vec::new();
    for file in archive.sources() {
        let file_index = archive.files.iter().position(|other| std::ptr::eq(other, file));
        let root = !file.name.contains('/');
        let fault = |error: scan::ScanError| format!("{}: {}", file.name, error.message);
        for found in scan::attributes(&file.text).map_err(fault)? {
            let body = &file.text[found.body.clone()];
            assertions.push(Assertion {
                file: file.name.clone(),
                file_index: file_index.filter(|_| root),
                line: line_of(&file.text, found.span.start),
                start: found.span.start,
                body: body.to_owned(),
                directive: Directive::parse(body).map_err(fault)?,
                target: None,
            });
        }
    }
    Ok(assertions)
}

/// A name only the reference's own tests use: the top value, with the side effect that its
/// evaluator does not share a vertex. Written out at the same length, so that positions stay.
const NO_SHARING: (&str, &str) = ("__no_sharing", "_           ");

/// Measures one archive; `report` gets every verdict as soon as it is known.
pub fn archive(text: &str, parser: Parser, engine: &dyn Engine, report: &mut dyn FnMut(Verdict)) {
    let mut archive = Archive::parse(text);
    for file in &mut archive.files {
        file.text = file.text.replace(NO_SHARING.0, NO_SHARING.1);
    }
    let Ok(mut all) = assertions(&archive) else { return };
    let mut files: Vec<(usize, ast::File)> = Vec::new();
    let mut broken: BTreeMap<usize, String> = BTreeMap::new();
    for (index, source) in archive.files.iter().enumerate() {
        if !source.name.ends_with(".cue") || source.name.contains('/') {
            continue;
        }
        let number = FileId(u32::try_from(index).unwrap_or(u32::MAX));
        let parsed = catch_unwind(AssertUnwindSafe(|| parser(number, &source.text)));
        let Ok(outcome) = parsed else {
            broken.insert(index, "the parser panicked".to_owned());
            continue;
        };
        if outcome.has_errors() {
            let first = outcome.diagnostics.first();
            let line = first.map_or(0, |d| line_of(&source.text, d.primary.span.start as usize));
            let message = first.map_or("", |d| d.message.as_str());
            broken.insert(index, format!("syntax, line {line}: {message}"));
        }
        let found = locate::targets(&outcome.value, &source.text);
        for assertion in all.iter_mut().filter(|a| a.file_index == Some(index)) {
            assertion.target = found.get(&assertion.start).cloned();
        }
        files.push((index, outcome.value));
    }
    let context = Context {
        archive: &archive,
        texts: Texts(archive.files.iter().map(|f| &*f.text).collect()),
    };
    let trees: Vec<&ast::File> = files.iter().map(|(_, file)| file).collect();
    // `todo` on a value suspends everything asserted of it.
    let suspended: Vec<Vec<TreeLabel>> = all
        .iter()
        .filter(|assertion| assertion.directive.name == "todo")
        .filter_map(|assertion| Some(assertion.target.as_ref()?.path.clone()))
        .collect();
    let subpath = archive.flag("subpath").unwrap_or_default().to_owned();
    let mut ready = Vec::new();
    for assertion in &all {
        let fault = assertion.file_index.and_then(|index| broken.get(&index));
        match (&assertion.target, fault) {
            (_, Some(fault)) => report(Verdict::failed(assertion, fault.clone())),
            (None, _) => report(Verdict::failed(assertion, "no value to speak of")),
            (Some(target), None)
                if suspended.contains(&target.path)
                    || !subpath.is_empty() && !below(target, &subpath) =>
            {
                let mut verdict = Verdict::failed(assertion, "suspended or outside #subpath");
                verdict.keys.clear();
                verdict.label = "skipped".to_owned();
                report(verdict);
            }
            (Some(target), None) => ready.push((assertion, target)),
        }
    }
    let mut compile_errors = Vec::new();
    let caught = catch_unwind(AssertUnwindSafe(|| {
        compile_errors = engine.evaluate(&archive, &trees, &mut |evaluation| {
            for (assertion, target) in &ready {
                if assertion.directive.name != "permute" {
                    report(guarded(&context, assertion, target, evaluation));
                }
            }
        });
    }));
    if caught.is_err() {
        for (assertion, _) in &ready {
            report(Verdict::failed(assertion, "the compiler panicked"));
        }
        return;
    }
    for verdict in permute::verdicts(&context, &ready, &files, engine) {
        report(verdict);
    }
    for message in compile_errors {
        report(Verdict {
            file: String::new(),
            line: 0,
            path: String::new(),
            label: "compile".to_owned(),
            keys: Vec::new(),
            passed: false,
            parts: BTreeMap::new(),
            reason: message,
        });
    }
}

fn below(target: &Target, root: &str) -> bool {
    target.path.first().is_some_and(|label| &**label.name() == root)
}

/// One check; a panic is a failure of that check alone.
pub fn guarded(
    context: &Context<'_>,
    assertion: &Assertion,
    target: &Target,
    evaluation: &mut dyn Evaluation,
) -> Verdict {
    let result =
        catch_unwind(AssertUnwindSafe(|| check::run(context, assertion, target, evaluation)));
    result.unwrap_or_else(|panic| {
        evaluation.reset();
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied());
        Verdict::failed(assertion, format!("panic: {}", text.unwrap_or("without a message")))
    })
}
