//! Filling the references of one text.
//!
//! Invariant: a text that is one whole reference takes the type of what it refers to, every other
//! text stays text; what is kept keeps its bytes. The size of all results together is bounded.

use std::ops::Range;

use platformc_source::{Diagnostic, SourceMap, Span, codes, nearest};
use platformc_value::{Data, Path, Step, Value};

use crate::fault::{a_kind, list};
use crate::template::{Operand, Piece, Reference};

/// References of one configuration or document may yield so many bytes.
const MOST_BYTES: usize = 8 << 20;
/// So many bytes are looked at to find the places of references in authored texts.
const MOST_LOOKS: usize = 64 << 20;
/// So many diagnostics are kept of one configuration or document.
const MOST_FAULTS: usize = 1000;
/// What a value costs beside its text, in bytes.
const NODE: usize = 64;

/// What results may still cost.
#[derive(Debug)]
pub(crate) struct Budget {
    left: usize,
    told: bool,
    /// Bytes that may still be looked at to point at single references.
    looks: usize,
    /// Diagnostics that are still kept.
    faults: usize,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { left: MOST_BYTES, told: false, looks: MOST_LOOKS, faults: MOST_FAULTS }
    }
}

impl Budget {
    /// Whether one more diagnostic is kept.
    pub(crate) fn keeps(&mut self) -> bool {
        let keeps = self.faults > 0;
        self.faults = self.faults.saturating_sub(1);
        keeps
    }

    /// Pays for a result; false where it costs more than is left.
    pub(crate) fn take(&mut self, bytes: usize) -> bool {
        let enough = self.left >= bytes;
        self.left = self.left.saturating_sub(bytes);
        if !enough {
            self.left = 0;
        }
        enough
    }
}

/// What a path leads to.
pub(crate) enum Found {
    /// A value.
    Value(Value),
    /// Nothing; a default may stand in for it.
    Missing(Diagnostic),
    /// Nothing, and a default does not help.
    Refused(Diagnostic),
    /// Something that is broken, which is reported already.
    Broken,
}

/// Where references lead.
pub(crate) trait Lookup {
    /// What a path leads to; `site` is the place of the reference.
    fn find(&mut self, path: &Path, site: Span) -> Found;

    /// Takes a diagnostic.
    fn report(&mut self, diagnostic: Diagnostic);

    /// What results may still cost.
    fn budget(&mut self) -> &mut Budget;
}

/// A text and where it was written.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    pub(crate) map: &'a SourceMap,
    pub(crate) text: &'a str,
    pub(crate) span: Span,
}

impl Site<'_> {
    /// The place of a part; the whole place where the authored text spells it in another way.
    pub(crate) fn part(&self, range: &Range<usize>, budget: &mut Budget) -> Span {
        // Finding each of many references in a long text would be quadratic.
        let authored = self.span.end.saturating_sub(self.span.start) as usize;
        let cost = range.start + authored;
        if cost > budget.looks {
            return self.span;
        }
        budget.looks -= cost;
        let part = &self.text[range.clone()];
        let count = self.text[..range.start].matches(part).count();
        crate::fault::within(self.map, self.span, part, count)
    }

    /// Whether a part is found as it is written.
    fn is_exact(&self, span: Span) -> bool {
        span != self.span || self.map.text(span) == self.text
    }
}

/// The text with its references filled in; `keep` says which pieces stay as they are written.
/// `None` where something is wrong, which is reported.
pub(crate) fn fill(
    site: Site<'_>,
    pieces: &[Piece],
    keep: &dyn Fn(&Piece) -> bool,
    lookup: &mut dyn Lookup,
) -> Option<Data> {
    if let [piece @ Piece::Reference(reference, range)] = pieces
        && !keep(piece)
    {
        return reference_value(site, reference, range, lookup).map(|value| value.data);
    }
    let mut out = String::with_capacity(site.text.len());
    let mut whole = true;
    for piece in pieces {
        match piece {
            Piece::Text(range) => out.push_str(&site.text[range.clone()]),
            Piece::Reference(_, range)
            | Piece::Escaped { range, .. }
            | Piece::Foreign { range, .. }
                if keep(piece) =>
            {
                out.push_str(&site.text[range.clone()]);
            }
            Piece::Escaped { inner, .. } => {
                out.push_str("{{");
                out.push_str(&site.text[inner.clone()]);
                out.push_str("}}");
            }
            Piece::Foreign { range, fault, .. } => {
                whole = false;
                let span = site.part(range, lookup.budget());
                lookup.report(foreign(site, range, span, fault));
            }
            Piece::Reference(reference, range) => {
                let value = reference_value(site, reference, range, lookup);
                let Some(value) = value else {
                    whole = false;
                    continue;
                };
                match as_text(&value) {
                    Some(text) => out.push_str(&text),
                    None => {
                        whole = false;
                        let span = site.part(range, lookup.budget());
                        lookup.report(not_text(reference, span, &value));
                    }
                }
            }
        }
    }
    whole.then(|| Data::String(out.into()))
}

/// The value of a reference, paid for.
fn reference_value(
    site: Site<'_>,
    reference: &Reference,
    range: &Range<usize>,
    lookup: &mut dyn Lookup,
) -> Option<Value> {
    if lookup.budget().left == 0 {
        return None;
    }
    let span = site.part(range, lookup.budget());
    let mut missing = None;
    let mut found = None;
    for operand in &reference.operands {
        match operand {
            Operand::Literal(value) => found = Some(value.clone()),
            Operand::Path(path) => match lookup.find(path, span) {
                // As in other languages with `??`, null is as good as nothing.
                Found::Value(value) if value.is_null() => {
                    found = Some(value);
                    continue;
                }
                Found::Value(value) => found = Some(value),
                Found::Missing(diagnostic) => {
                    missing.get_or_insert(diagnostic);
                    continue;
                }
                Found::Refused(diagnostic) => {
                    lookup.report(diagnostic);
                    return None;
                }
                Found::Broken => return None,
            },
        }
        break;
    }
    let Some(found) = found else {
        if let Some(mut diagnostic) = missing {
            if !site.is_exact(span) {
                // An edit of the whole would replace more than the reference.
                diagnostic.fixes.clear();
            }
            lookup.report(diagnostic);
        }
        return None;
    };
    if lookup.budget().take(measure(&found).0) {
        return Some(found);
    }
    if !std::mem::replace(&mut lookup.budget().told, true) {
        let message = format!("references yield more than {} MiB", MOST_BYTES >> 20);
        lookup.report(
            Diagnostic::new(codes::CONFIG_BUDGET, span, message)
                .primary_label("the limit is reached here")
                .note("texts that refer to each other several times grow with every step"),
        );
    }
    None
}

fn as_text(value: &Value) -> Option<String> {
    match &value.data {
        Data::String(text) => Some(text.to_string()),
        Data::Bool(b) => Some(b.to_string()),
        Data::Number(number) => Some(number.to_string()),
        Data::Null | Data::Bytes(_) | Data::List(_) | Data::Map(_) => None,
    }
}

fn not_text(reference: &Reference, span: Span, value: &Value) -> Diagnostic {
    let kind = a_kind(value);
    let message = format!("`{reference}` is {kind} and cannot stand inside a text");
    let diagnostic = Diagnostic::new(codes::CONFIG_NOT_TEXT, span, message)
        .label(value.origin.span, format!("this is {kind}"));
    match value.data {
        Data::Null => diagnostic.note("give a default: {{… ?? \"…\"}}"),
        _ => diagnostic.note("a text that is nothing but the reference takes its type"),
    }
}

fn foreign(site: Site<'_>, range: &Range<usize>, span: Span, fault: &str) -> Diagnostic {
    let part = &site.text[range.clone()];
    let message = format!("this is not a reference: {fault}");
    let diagnostic = Diagnostic::new(codes::CONFIG_REFERENCE, span, message);
    let inner = part.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    match inner {
        Some(inner) if site.is_exact(span) && !inner.contains(['{', '}']) => diagnostic.replace(
            span,
            format!("{{{{{{{{{inner}}}}}}}}}"),
            "double the braces, to mean the text with two",
        ),
        _ => diagnostic.note("doubled braces, {{{{ and }}}}, mean the text with two"),
    }
}

/// The part of a value that the steps of `path` from `at` on lead to; else how far they led.
pub(crate) fn within<'v>(
    value: &'v Value,
    path: &Path,
    at: usize,
) -> Result<&'v Value, (usize, &'v Value)> {
    let mut value = value;
    for (at, step) in path.steps().iter().enumerate().skip(at) {
        let next = match step {
            Step::Field(name) => value.get(name),
            Step::Index(index) => value.as_list().and_then(|items| items.get(*index)),
        };
        value = next.ok_or((at, value))?;
    }
    Ok(value)
}

/// The value at a path of the configuration.
///
/// # Errors
/// A diagnostic at `span`, with the nearest names, where there is none.
pub fn find<'v>(config: &'v Value, path: &Path, span: Span) -> Result<&'v Value, Box<Diagnostic>> {
    within(config, path, 0).map_err(|(at, parent)| {
        let mut diagnostic = unknown(path, at, parent, span);
        // What is asked for is no reference, so it is not written with braces.
        diagnostic.fixes.clear();
        Box::new(diagnostic)
    })
}

/// The diagnostic for a path whose step `at` leads nowhere from `parent`.
pub(crate) fn unknown(path: &Path, at: usize, parent: &Value, span: Span) -> Diagnostic {
    let above: Path = path.steps()[..at].iter().cloned().collect();
    let place = if at == 0 { "the configuration".to_owned() } else { format!("`{above}`") };
    let new = |message: String| Diagnostic::new(codes::CONFIG_UNKNOWN_PATH, span, message);
    let (name, map) = match (path.steps().get(at), &parent.data) {
        (Some(Step::Field(name)), Data::Map(map)) => (name, map),
        (Some(Step::Index(index)), Data::List(items)) => {
            return new(format!("{place} has no item {index}"))
                .note(format!("it has {} items, counted from 0", items.len()));
        }
        (Some(Step::Field(name)), _) => {
            let kind = a_kind(parent);
            return new(format!("{place} is {kind} and has no `{name}`"))
                .label(parent.origin.span, format!("this is {kind}"));
        }
        _ => {
            let kind = a_kind(parent);
            return new(format!("{place} is {kind}, not a list"))
                .label(parent.origin.span, format!("this is {kind}"));
        }
    };
    let diagnostic = new(format!("{place} has no `{name}`"));
    match nearest(name, map.keys()).first() {
        Some(best) => {
            let mut meant = above.field(*best);
            for step in &path.steps()[at + 1..] {
                meant.push(step.clone());
            }
            diagnostic.primary_label(format!("did you mean `{meant}`?")).replace(
                span,
                format!("{{{{{meant}}}}}"),
                format!("write {{{{{meant}}}}}"),
            )
        }
        None if map.is_empty() => diagnostic.note("it is empty"),
        None => diagnostic.note(format!("there are {}", list(map.keys()))),
    }
}

/// What a value costs in bytes, and how deep its collections nest.
pub(crate) fn measure(value: &Value) -> (usize, usize) {
    let (mut cost, mut height) = (0, 0);
    let mut open = vec![(value, 0)];
    while let Some((value, depth)) = open.pop() {
        cost += match &value.data {
            Data::String(text) => NODE + text.len(),
            Data::Bytes(bytes) => NODE + bytes.len(),
            Data::List(items) => {
                height = height.max(depth + 1);
                open.extend(items.iter().map(|item| (item, depth + 1)));
                NODE
            }
            Data::Map(map) => {
                height = height.max(depth + 1);
                open.extend(map.iter().map(|entry| (&entry.value, depth + 1)));
                NODE
            }
            _ => NODE,
        };
    }
    (cost, height)
}
