//! The definitions of a build: the workspace's own and those shipped.
//!
//! Invariant: a definition of the workspace comes before a shipped one of its kind and name; a
//! shipped one is read when it is first asked for, once, whatever thread asks.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use platformc_definition::{Compiled, Definition, DefinitionKind, load};
use platformc_model::Text;
use platformc_source::{Diagnostic, Outcome, SourceMap, Sources, codes, nearest};

use crate::discover::{DEFINITIONS, files};
use crate::eval::Input;
use crate::read::{self, register};
use crate::show;

/// A shipped definition, read or not yet.
type Shipped = OnceLock<Option<Arc<Compiled>>>;

/// All definitions of a build, by kind and name.
pub(crate) struct Library<'m> {
    map: &'m SourceMap,
    own: BTreeMap<(DefinitionKind, Arc<str>), Arc<Compiled>>,
    shipped: BTreeMap<(DefinitionKind, &'static str), (&'static str, &'static str, Shipped)>,
}

impl<'m> Library<'m> {
    /// Loads the workspace's definitions, and gets ready to load shipped ones.
    pub(crate) fn of(
        sources: &dyn Sources,
        map: &'m SourceMap,
        sink: &mut Vec<Diagnostic>,
    ) -> Library<'m> {
        let mut library = Library { map, own: BTreeMap::new(), shipped: BTreeMap::new() };
        for kind in DefinitionKind::ALL {
            for found in platformc_stdlib::of_kind(kind.as_str()) {
                let entry = (found.file.path, found.file.text, OnceLock::new());
                library.shipped.insert((kind, found.name), entry);
            }
        }
        for path in files(sources, map, DEFINITIONS, sink) {
            if !path.ends_with(".cue") && !path.ends_with(".yaml") && !path.ends_with(".yml") {
                continue;
            }
            let Some((file, text)) = read::load(sources, map, &path, sink) else { continue };
            for definition in load(&path, file, &text).drain_into(sink) {
                library.add(definition, sink);
            }
        }
        library
    }

    fn add(&mut self, definition: Definition, sink: &mut Vec<Diagnostic>) {
        let key = (definition.kind, definition.name.text.clone());
        let compiled = Arc::new(Compiled::new(definition).drain_into(sink));
        let span = compiled.definition.name.span;
        if let Some(first) = self.own.get(&key) {
            let message = format!("a second definition of {} `{}`", key.0.noun(), key.1);
            sink.push(
                Diagnostic::new(codes::DEFINITION_DUPLICATE, span, message)
                    .label(first.definition.name.span, "the first one"),
            );
            return;
        }
        self.own.insert(key, compiled);
    }

    /// The definition of a kind and name.
    pub(crate) fn find(&self, kind: DefinitionKind, name: &str) -> Option<Arc<Compiled>> {
        if let Some(own) = self.own.get(&(kind, Arc::from(name))) {
            return Some(own.clone());
        }
        let (path, text, cell) = self.shipped.get(&(kind, name))?;
        cell.get_or_init(|| {
            let path = format!("stdlib/{path}");
            let file = self.map.add(&path, *text);
            let definition = load(&path, file, text).value.into_iter().next()?;
            Some(Arc::new(Compiled::new(definition).value))
        })
        .clone()
    }

    /// The names of all definitions of a kind, sorted.
    pub(crate) fn names(&self, kind: DefinitionKind) -> Vec<&str> {
        let own = self.own.keys().filter(|(k, _)| *k == kind).map(|(_, name)| &**name);
        let shipped = self.shipped.keys().filter(|(k, _)| *k == kind).map(|(_, name)| *name);
        let mut names: Vec<&str> = own.chain(shipped).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The definition that `type: NAME` means; one that is not there is reported.
    pub(crate) fn resolve(
        &self,
        kind: DefinitionKind,
        name: &Text,
        sink: &mut Vec<Diagnostic>,
    ) -> Option<Arc<Compiled>> {
        if let Some(found) = self.find(kind, name) {
            return Some(found);
        }
        // The form before component definitions renders just the same.
        if kind == DefinitionKind::Component
            && let Some(found) = self.find(DefinitionKind::Workload, name)
        {
            return Some(found);
        }
        let message = format!("there is no {} `{name}`", kind.noun());
        let mut diagnostic = Diagnostic::new(codes::DEFINITION_UNKNOWN_TYPE, name.span(), message);
        let names = self.names(kind);
        if let Some(best) = nearest(name, names.iter().copied()).first() {
            diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?")).replace(
                name.span(),
                *best,
                format!("rename it to `{best}`"),
            );
        }
        if name.contains('@') {
            diagnostic = diagnostic.note("versions of definitions cannot be chosen yet");
        }
        let other = DefinitionKind::ALL
            .into_iter()
            .find(|other| *other != kind && self.find(*other, name).is_some());
        sink.push(match other {
            Some(other) => diagnostic.note(format!("`{name}` is a {}", other.noun())),
            None => diagnostic.note("`platformc def show` lists every definition"),
        });
        None
    }
}

/// What there is to show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Shown {
    /// The definition.
    Text(String),
    /// There is none of that name; the nearest names.
    Unknown(Vec<String>),
}

/// Every definition on a line of its own: kind, name, description.
#[must_use]
pub fn list(sources: &dyn Sources, map: &SourceMap) -> Outcome<Vec<String>> {
    let mut sink = Vec::new();
    let library = Library::of(sources, map, &mut sink);
    let mut rows = Vec::new();
    for kind in DefinitionKind::ALL {
        for name in library.names(kind) {
            let found = library.find(kind, name);
            let description = found.and_then(|found| found.definition.description.clone());
            rows.push((kind.as_str(), name.to_owned(), description));
        }
    }
    let kinds = rows.iter().map(|(kind, ..)| kind.len()).max().unwrap_or(0);
    let names = rows.iter().map(|(_, name, _)| name.chars().count()).max().unwrap_or(0);
    let lines = rows.iter().map(|(kind, name, description)| {
        let description = description.as_deref().unwrap_or("");
        format!("{kind:kinds$}  {name:names$}  {description}").trim_end().to_owned()
    });
    let lines = lines.collect();
    Outcome::new(lines, sink)
}

/// Checks definition files; the value is how many definitions they hold.
#[must_use]
pub fn vet(inputs: &[Input], map: &SourceMap) -> Outcome<usize> {
    let mut sink = Vec::new();
    let mut count = 0;
    for input in inputs {
        let Some(file) = register(map, &input.path, &input.bytes, &mut sink) else { continue };
        let Some(text) = map.get(file).map(|found| found.text().clone()) else { continue };
        let before = sink.len();
        let found = load(&input.path, file, &text).drain_into(&mut sink);
        if found.is_empty() && sink.len() == before {
            let message = format!("`{}` holds no definition", input.path);
            let whole = platformc_source::Span::new(file, 0, 0);
            sink.push(Diagnostic::new(codes::DEFINITION_HEADER, whole, message).note(
                "a definition is `NAME: {type: …}` beside `template: {…}` in CUE, or \
                           a custom resource such as ComponentDefinition in YAML",
            ));
        }
        for definition in found {
            count += 1;
            Compiled::new(definition).drain_into(&mut sink);
        }
    }
    Outcome::new(count, sink)
}

/// One definition by name, whatever its kind; a name that several kinds have shows each of them.
#[must_use]
pub fn show(sources: &dyn Sources, map: &SourceMap, name: &str) -> Outcome<Shown> {
    let mut sink = Vec::new();
    let library = Library::of(sources, map, &mut sink);
    let found: Vec<Arc<Compiled>> =
        DefinitionKind::ALL.into_iter().filter_map(|kind| library.find(kind, name)).collect();
    if found.is_empty() {
        let kinds = DefinitionKind::ALL.into_iter();
        let mut names: Vec<&str> = kinds.flat_map(|kind| library.names(kind)).collect();
        names.sort_unstable();
        names.dedup();
        let near = nearest(name, names).into_iter().map(str::to_owned).collect();
        return Outcome::new(Shown::Unknown(near), sink);
    }
    let parts: Vec<String> = found.iter().map(|found| show::text(found)).collect();
    Outcome::new(Shown::Text(parts.join("\n")), sink)
}
