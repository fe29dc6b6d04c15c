//! References in documents.
//!
//! Invariant: only references to roots that the configuration has, and to `env`, `git` and `now`,
//! are touched; every other byte stays as it is written. A document without any is not copied.

use std::ops::Range;

use platformc_source::{Diagnostic, Origin, Role, SourceMap, Span, codes, nearest};
use platformc_value::{Data, Value};

use crate::expand::has_references;
use crate::fill::{Budget, Found, Lookup, Site, fill, measure, unknown, within};
use crate::inputs::{Fault, is_input};
use crate::template::{Piece, Reference, is_template, parse_inner, pieces, root_of};
use crate::{INPUT_ROOTS, Inputs};

/// Names at the root of other tools' templates, never taken for misspelt ones.
const FOREIGN: [&str; 36] = [
    "ansible",
    "application",
    "branch",
    "cluster",
    "commit",
    "context",
    "cronworkflow",
    "else",
    "end",
    "github",
    "include",
    "inputs",
    "item",
    "items",
    "lastRetry",
    "matrix",
    "metadata",
    "name",
    "nameNormalized",
    "node",
    "outputs",
    "path",
    "pod",
    "project",
    "raw",
    "repository",
    "retries",
    "secrets",
    "server",
    "sha",
    "steps",
    "tasks",
    "this",
    "url",
    "values",
    "workflow",
];

/// Replaces the references in the texts of a document that mean the configuration; says whether
/// there were any. Keys are left alone.
pub fn interpolate(
    mut document: Value,
    config: &Value,
    inputs: &Inputs,
    map: &SourceMap,
    sink: &mut Vec<Diagnostic>,
) -> (Value, bool) {
    if !has_references(&document) {
        return (document, false);
    }
    let mut filler = Filler { config, inputs, map, depth: 0, budget: Budget::default(), sink };
    let changed = filler.value(&mut document);
    (document, changed)
}

struct Filler<'a, 's> {
    config: &'a Value,
    inputs: &'a Inputs,
    map: &'a SourceMap,
    depth: usize,
    budget: Budget,
    sink: &'s mut Vec<Diagnostic>,
}

impl Filler<'_, '_> {
    /// Documents nest no deeper than their readers let them.
    fn value(&mut self, value: &mut Value) -> bool {
        self.depth += 1;
        let changed = self.inner(value);
        self.depth -= 1;
        changed
    }

    fn inner(&mut self, value: &mut Value) -> bool {
        match &mut value.data {
            Data::String(text) if is_template(text) => {
                let text = text.clone();
                self.text(value, &text)
            }
            Data::List(items) => {
                items.iter_mut().fold(false, |changed, item| self.value(item) | changed)
            }
            Data::Map(map) => {
                map.iter_mut().fold(false, |changed, entry| self.value(&mut entry.value) | changed)
            }
            _ => false,
        }
    }

    fn text(&mut self, value: &mut Value, text: &str) -> bool {
        let pieces = pieces(text);
        let config = self.config;
        let keep = |piece: &Piece| match piece {
            Piece::Text(_) | Piece::Foreign { .. } => true,
            Piece::Reference(reference, _) => !is_ours(config, reference),
            Piece::Escaped { inner, .. } => {
                !parse_inner(&text[inner.clone()]).is_some_and(|found| is_ours(config, &found))
            }
        };
        let site = Site { map: self.map, text, span: value.origin.span };
        for piece in &pieces {
            self.lint(site, piece);
        }
        if pieces.iter().all(keep) {
            return false;
        }
        if let Some(data) = fill(site, &pieces, &keep, self) {
            value.data = data;
            if self.depth + measure(value).1 > platformc_format::MAX_DEPTH {
                value.data = Data::Null;
                let message = "what the reference yields nests deeper than the limit here";
                self.sink.push(
                    Diagnostic::new(codes::CONFIG_BUDGET, site.span, message)
                        .note(format!("documents may nest {} deep", platformc_format::MAX_DEPTH)),
                );
            }
            // It is set by the configuration; the document's line is where it took effect.
            value.origin = Origin::new(value.origin.span, Role::Layer);
        }
        true
    }

    /// Warns of what is left as it is written and looks as though it was not meant to be.
    fn lint(&mut self, site: Site<'_>, piece: &Piece) {
        let (root, range, path): (&str, &Range<usize>, String) = match piece {
            Piece::Reference(reference, range) if !is_ours(self.config, reference) => {
                (reference.root(), range, reference.path().to_string())
            }
            Piece::Foreign { range, root: Some(root), fault }
                if !site.text[..range.start].ends_with('$') =>
            {
                let known = self.config.as_map().is_some_and(|map| map.get(root).is_some());
                let braces = site.text[range.start..].bytes().take_while(|b| *b == b'{').count();
                if known && braces == 2 {
                    let message = format!("a reference to `{root}` is left as it is written");
                    let span = site.part(range, &mut self.budget);
                    self.report(
                        Diagnostic::new(codes::CONFIG_LOOKS_LIKE_REFERENCE, span, message)
                            .note(fault.clone())
                            .note("filters and functions are not read; a default is `?? \"…\"`"),
                    );
                }
                return;
            }
            _ => return,
        };
        if FOREIGN.contains(&root) {
            return;
        }
        let own = self.config.as_map().into_iter().flat_map(|map| map.keys());
        // `{{now}}` alone would not be ours either.
        let inputs = INPUT_ROOTS.into_iter().filter(|_| path.contains('.'));
        let Some(best) = nearest(root, own.chain(inputs)).first().copied() else { return };
        let span = site.part(range, &mut self.budget);
        let message = format!("`{{{{{path}}}}}` is left as it is written");
        let mut diagnostic = Diagnostic::new(codes::CONFIG_LOOKS_LIKE_REFERENCE, span, message)
            .primary_label(format!("did you mean `{best}`?"))
            .note(format!("the configuration has no `{root}`"));
        let part = &site.text[range.clone()];
        if self.map.text(span) == part {
            let fixed = part.replacen(root, best, 1);
            diagnostic = diagnostic.replace(span, fixed.clone(), format!("write {fixed}"));
        }
        self.report(diagnostic);
    }
}

/// Whether a reference in a document means the configuration or the surroundings.
fn is_ours(config: &Value, reference: &Reference) -> bool {
    let path = reference.path();
    if is_input(path) {
        // `{{ now }}` alone is a function of other tools.
        return path.steps().len() > 1;
    }
    config.get(root_of(path)).is_some()
}

impl Lookup for Filler<'_, '_> {
    fn find(&mut self, path: &platformc_value::Path, site: Span) -> Found {
        if is_input(path) {
            return match self.inputs.get(path, site) {
                Ok(value) => Found::Value(value),
                Err(Fault::Absent(diagnostic)) => Found::Missing(*diagnostic),
                Err(Fault::Refused(diagnostic)) => Found::Refused(*diagnostic),
            };
        }
        match within(self.config, path, 0) {
            Ok(value) => {
                self.inputs.record_config(path, value);
                Found::Value(value.clone())
            }
            Err((at, parent)) => {
                Found::Missing(unknown(path, at, parent, site).note(
                    "where another tool's template is meant, double the braces: {{{{ and }}}}",
                ))
            }
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.budget.keeps() {
            self.sink.push(diagnostic);
        }
    }

    fn budget(&mut self) -> &mut Budget {
        &mut self.budget
    }
}
