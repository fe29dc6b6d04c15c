//! References inside the configuration.
//!
//! Invariant: every reference is resolved once, whatever order is asked in; a cycle, a chain that
//! is too long and a result that is too large are located errors. Nothing that a reference yields
//! is read for references again.

use std::collections::BTreeMap;
use std::sync::Arc;

use platformc_source::{Diagnostic, SourceMap, Span, codes};
use platformc_value::{Data, Entry, Map, Path, Step, Value};

use crate::Inputs;
use crate::fill::{Budget, Found, Lookup, Site, fill, measure, unknown, within};
use crate::inputs::{Fault, is_input};
use crate::template::{Piece, is_template, pieces};

/// References may lead on so many times.
const MOST_STEPS: usize = 64;
/// Collections and references may nest so deep together.
const MOST_DEPTH: usize = 400;

/// What references are resolved against.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The merged layers.
    pub merged: &'a Value,
    /// What the build takes from its surroundings.
    pub inputs: &'a Inputs,
    /// The files, to point into texts.
    pub map: &'a SourceMap,
}

/// The configuration without references.
#[derive(Clone, Debug)]
pub struct Expanded {
    /// The values. What could not be resolved stands as it is written.
    pub value: Value,
    /// The paths whose values came out of references.
    pub filled: Vec<Path>,
}

/// Resolves every reference of the merged layers.
pub fn expand(scope: Scope<'_>, sink: &mut Vec<Diagnostic>) -> Expanded {
    let mut resolver = Resolver {
        scope,
        known: BTreeMap::new(),
        open: Vec::new(),
        depth: 0,
        budget: Budget::default(),
        sink,
    };
    let value = resolver.value(scope.merged, &mut Path::root()).value;
    let mut filled: Vec<Path> = resolver.known.into_keys().collect();
    filled.sort();
    Expanded { value, filled }
}

/// A value, and whether something in it could not be resolved, which is reported then.
struct Resolved {
    value: Value,
    broken: bool,
}

struct Resolver<'a, 's> {
    scope: Scope<'a>,
    /// Results by the path of the text, with how deep each nests; `None` for those that failed.
    known: BTreeMap<Path, Option<(Value, usize)>>,
    /// The texts that are being resolved: each path with the reference that led on from there.
    open: Vec<(Path, Span)>,
    depth: usize,
    budget: Budget,
    sink: &'s mut Vec<Diagnostic>,
}

impl Resolver<'_, '_> {
    /// A part of the merged layers without references.
    fn value(&mut self, raw: &Value, path: &mut Path) -> Resolved {
        if self.depth >= MOST_DEPTH {
            self.fault(too_deep(path, raw.origin.span));
            return Resolved { value: Value::new(Data::Null, raw.origin), broken: true };
        }
        let mut broken = false;
        self.depth += 1;
        let data = match &raw.data {
            Data::String(text) if is_template(text) => {
                self.depth -= 1;
                return match self.text(raw, text, path) {
                    Some(value) => Resolved { value, broken: false },
                    None => Resolved { value: raw.clone(), broken: true },
                };
            }
            Data::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for (at, item) in items.iter().enumerate() {
                    path.push(Step::Index(at));
                    let found = self.value(item, path);
                    path.pop();
                    broken |= found.broken;
                    list.push(found.value);
                }
                Data::List(list)
            }
            Data::Map(map) => {
                let mut copy = Map::with_capacity(map.len());
                for entry in map {
                    path.push(Step::Field(entry.key.clone()));
                    let found = self.value(&entry.value, path);
                    path.pop();
                    broken |= found.broken;
                    copy.push_unique(Entry {
                        key: entry.key.clone(),
                        key_origin: entry.key_origin,
                        value: found.value,
                    });
                }
                Data::Map(copy)
            }
            other => other.clone(),
        };
        self.depth -= 1;
        Resolved { value: Value::new(data, raw.origin), broken }
    }

    /// The value of a text with references that stands at a path; `None` where it has none.
    fn text(&mut self, raw: &Value, text: &Arc<str>, path: &Path) -> Option<Value> {
        if !self.known.contains_key(path) {
            if let Some(from) = self.open.iter().position(|(open, _)| open == path) {
                let site = self.open.last().map_or(raw.origin.span, |(_, site)| *site);
                self.cycle(from, site);
                return None;
            }
            self.open.push((path.clone(), raw.origin.span));
            self.depth += 1;
            let site = Site { map: self.scope.map, text, span: raw.origin.span };
            // GitHub's `${{ … }}` is left alone everywhere.
            let keep = |piece: &Piece| matches!(piece, Piece::Foreign { range, .. } if text[..range.start].ends_with('$'));
            let data = fill(site, &pieces(text), &keep, self);
            self.depth -= 1;
            self.open.pop();
            let value = data.map(|data| Value::new(data, raw.origin));
            let known = value.map(|value| {
                let height = measure(&value).1;
                (value, height)
            });
            self.known.insert(path.clone(), known);
        }
        let (value, height) = self.known.get(path)?.as_ref()?;
        if self.depth + height > MOST_DEPTH {
            let span = self.open.last().map_or(raw.origin.span, |(_, site)| *site);
            let diagnostic = too_deep(path, span);
            self.fault(diagnostic);
            return None;
        }
        Some(value.clone())
    }

    fn fault(&mut self, diagnostic: Diagnostic) {
        if self.budget.keeps() {
            self.sink.push(diagnostic);
        }
    }

    /// The cycle that closes when `path` is asked for again.
    fn cycle(&mut self, from: usize, span: Span) {
        let steps = self.open.get(from..).unwrap_or(&[]);
        let Some((first, _)) = steps.first() else { return };
        let message = match steps {
            [_] => format!("`{first}` refers to itself"),
            [_, other] => format!("`{first}` refers to itself by way of `{}`", other.0),
            _ => format!("`{first}` refers to itself by way of {} values", steps.len() - 1),
        };
        let mut spans: Vec<Span> = steps.iter().map(|(_, span)| *span).collect();
        if let Some(last) = spans.last_mut() {
            *last = span;
        }
        let names = steps.iter().map(|(path, _)| path).chain([first]);
        let chain: Vec<String> = names.map(|path| format!("`{path}`")).collect();
        let mut diagnostic =
            Diagnostic::new(codes::CONFIG_CYCLE, spans.first().copied().unwrap_or(span), message)
                .primary_label(step_words(&chain, 0));
        for (at, span) in spans.iter().enumerate().skip(1).take(16) {
            diagnostic = diagnostic.label(*span, step_words(&chain, at));
        }
        self.fault(diagnostic.note("give one of them a value of its own"));
    }
}

fn too_deep(path: &Path, span: Span) -> Diagnostic {
    let message = format!("`{path}` nests deeper than the limit");
    Diagnostic::new(codes::CONFIG_BUDGET, span, message)
        .note(format!("tables, lists and references may nest {MOST_DEPTH} deep together"))
}

fn step_words(chain: &[String], at: usize) -> String {
    let name = |at: usize| chain.get(at).map_or("", String::as_str);
    format!("{}. {} needs {}", at + 1, name(at), name(at + 1))
}

impl Lookup for Resolver<'_, '_> {
    fn find(&mut self, path: &Path, site: Span) -> Found {
        if is_input(path) {
            return match self.scope.inputs.get(path, site) {
                Ok(value) => Found::Value(value),
                Err(Fault::Absent(diagnostic)) => Found::Missing(*diagnostic),
                Err(Fault::Refused(diagnostic)) => Found::Refused(*diagnostic),
            };
        }
        if let Some(last) = self.open.last_mut() {
            last.1 = site;
        }
        if self.open.len() > MOST_STEPS {
            let message = format!("references lead on more than {MOST_STEPS} times");
            return Found::Refused(
                Diagnostic::new(codes::CONFIG_BUDGET, site, message)
                    .note("refer to what is meant directly"),
            );
        }
        // Down the merged layers; a text on the way is resolved first.
        let mut raw = self.scope.merged;
        let mut here = Path::root();
        for (at, step) in path.steps().iter().enumerate() {
            if let Data::String(text) = &raw.data
                && is_template(text)
            {
                let Some(value) = self.text(raw, text, &here) else { return Found::Broken };
                return match within(&value, path, at) {
                    Ok(found) => Found::Value(found.clone()),
                    Err((at, value)) => Found::Missing(unknown(path, at, value, site)),
                };
            }
            let next = match step {
                Step::Field(name) => raw.get(name),
                Step::Index(index) => raw.as_list().and_then(|items| items.get(*index)),
            };
            match next {
                Some(next) => raw = next,
                None => return Found::Missing(unknown(path, at, raw, site)),
            }
            here.push(step.clone());
        }
        match &raw.data {
            Data::String(text) if is_template(text) => {
                self.text(raw, text, &here).map_or(Found::Broken, Found::Value)
            }
            _ => {
                let found = self.value(raw, &mut here);
                if found.broken {
                    // What is broken is walked for every reference to it, and paid for like others.
                    let _ = self.budget.take(measure(&found.value).0);
                    return Found::Broken;
                }
                Found::Value(found.value)
            }
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.fault(diagnostic);
    }

    fn budget(&mut self) -> &mut Budget {
        &mut self.budget
    }
}

/// Whether any text of a value may hold a reference. No copy, no recursion.
#[must_use]
pub fn has_references(value: &Value) -> bool {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match &value.data {
            Data::String(text) if is_template(text) => return true,
            Data::List(items) => open.extend(items),
            Data::Map(map) => open.extend(map.iter().map(|entry| &entry.value)),
            _ => {}
        }
    }
    false
}
