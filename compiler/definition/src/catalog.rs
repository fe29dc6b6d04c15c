//! Definitions by kind and name.
//!
//! Invariant: a definition is read and compiled when it is first used, once, whichever thread
//! comes first; what was found in it is kept with it and reported as often as asked.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use platformc_source::{Diagnostic, SourceMap, Span, codes, nearest};

use crate::{Compiled, Definition, DefinitionKind, load_cue, text};

/// All definitions of a build.
#[derive(Debug, Default)]
pub struct Catalog {
    entries: BTreeMap<DefinitionKind, BTreeMap<Arc<str>, Entry>>,
}

#[derive(Debug)]
struct Entry {
    source: Source,
    ready: OnceLock<Ready>,
}

#[derive(Debug)]
enum Source {
    Loaded(Box<Definition>),
    Embedded { path: &'static str, text: &'static str },
}

/// A definition made ready, with what was found on the way.
#[derive(Debug)]
pub struct Ready {
    /// The definition; none where it cannot even be read.
    pub compiled: Option<Arc<Compiled>>,
    /// Faults and lints of the definition itself.
    pub diagnostics: Vec<Diagnostic>,
}

impl Catalog {
    /// No definitions.
    #[must_use]
    pub fn new() -> Catalog {
        Catalog::default()
    }

    /// Adds a definition of the workspace. It takes the place of a shipped one of its name;
    /// another of the workspace is a duplicate, which is reported and not added.
    pub fn add(&mut self, definition: Definition) -> Option<Diagnostic> {
        let kind = definition.kind;
        let name = Arc::clone(&definition.name.text);
        let names = self.entries.entry(kind).or_default();
        if let Some(Entry { source: Source::Loaded(first), .. }) = names.get(&name) {
            return Some(
                Diagnostic::new(
                    codes::DEFINITION_DUPLICATE,
                    definition.name.span,
                    format!("there are two {} definitions `{name}`", kind.noun()),
                )
                .label(first.name.span, "the first one"),
            );
        }
        let source = Source::Loaded(Box::new(definition));
        names.insert(name, Entry { source, ready: OnceLock::new() });
        None
    }

    /// Adds a shipped definition, written in CUE, unless there is one of its name.
    pub fn add_embedded(
        &mut self,
        kind: DefinitionKind,
        name: &str,
        path: &'static str,
        text: &'static str,
    ) {
        let names = self.entries.entry(kind).or_default();
        names
            .entry(Arc::from(name))
            .or_insert(Entry { source: Source::Embedded { path, text }, ready: OnceLock::new() });
    }

    /// The names of a kind, sorted.
    pub fn names(&self, kind: DefinitionKind) -> impl Iterator<Item = &Arc<str>> {
        self.entries.get(&kind).into_iter().flat_map(BTreeMap::keys)
    }

    /// The definition that a document's `type` means; `NAME@VERSION` means `NAME`. Components are
    /// found among legacy workload definitions too.
    #[must_use]
    pub fn find(&self, map: &SourceMap, kind: DefinitionKind, name: &str) -> Option<&Ready> {
        let name = name.split_once('@').map_or(name, |(name, _)| name);
        let entry = self.entries.get(&kind).and_then(|names| names.get(name)).or_else(|| {
            let legacy = kind == DefinitionKind::Component;
            legacy.then(|| self.entries.get(&DefinitionKind::Workload)?.get(name)).flatten()
        })?;
        Some(entry.ready.get_or_init(|| entry.make(map)))
    }

    /// What to say of a `type` that means no definition.
    #[must_use]
    pub fn unknown(&self, kind: DefinitionKind, name: &str, span: Span) -> Diagnostic {
        let message = format!("there is no {} definition `{name}`", kind.noun());
        let mut diagnostic = Diagnostic::new(codes::DEFINITION_UNKNOWN_TYPE, span, message);
        let names = || self.names(kind).map(|name| &**name);
        if let Some(near) = nearest(name, names()).first() {
            return diagnostic.primary_label(format!("did you mean `{near}`?")).replace(
                span,
                *near,
                format!("write `{near}`"),
            );
        }
        let elsewhere = DefinitionKind::ALL.into_iter().find(|other| {
            *other != kind && self.entries.get(other).is_some_and(|names| names.contains_key(name))
        });
        if let Some(other) = elsewhere {
            diagnostic = diagnostic.note(format!("`{name}` is a {}", other.noun()));
        }
        diagnostic.note(format!("known: {}", text::list(names())))
    }

    /// What was found in the definitions used so far, in the order of kinds and names.
    pub fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.entries
            .values()
            .flat_map(BTreeMap::values)
            .filter_map(|entry| entry.ready.get())
            .flat_map(|ready| &ready.diagnostics)
    }
}

impl Entry {
    fn make(&self, map: &SourceMap) -> Ready {
        let mut diagnostics = Vec::new();
        let definition = match &self.source {
            Source::Loaded(definition) => Some((**definition).clone()),
            Source::Embedded { path, text } => {
                let file = map.add(path, *text);
                load_cue(file, text).drain_into(&mut diagnostics)
            }
        };
        let compiled = definition
            .map(|definition| Arc::new(Compiled::new(definition).drain_into(&mut diagnostics)));
        Ready { compiled, diagnostics }
    }
}
