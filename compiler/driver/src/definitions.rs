//! The definitions of a build: the workspace's own and those shipped.
//!
//! Invariant: a definition of the workspace comes before a shipped one of its kind and name; a
//! shipped one is read when it is first asked for, once, whatever thread asks.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use platformc_definition::{Catalog, Compiled, Definition, DefinitionKind, load};
use platformc_format::json;
use platformc_model::Text;
use platformc_source::{Diagnostic, FileId, Outcome, SourceMap, Sources, codes, nearest};

use crate::discover::{DEFINITIONS, PROVIDERS, files};
use crate::engines::nickel::Nickel;
use crate::eval::Input;
use crate::read::{self, register};
use crate::schemas::Schemas;

/// All definitions of a build.
pub(crate) struct Library<'m> {
    map: &'m SourceMap,
    catalog: Catalog,
    nickel: Nickel<'m>,
    schemas: Schemas,
}

impl<'m> Library<'m> {
    /// Loads the workspace's definitions, and gets ready to load shipped ones.
    pub(crate) fn of(
        sources: &'m dyn Sources,
        map: &'m SourceMap,
        sink: &mut Vec<Diagnostic>,
    ) -> Library<'m> {
        let mut catalog = Catalog::new();
        let nickel = Nickel::new(sources, map);
        let mut own = Vec::new();
        let mut paths = files(sources, map, DEFINITIONS, sink);
        // A provider brings its modules along.
        paths.extend(files(sources, map, PROVIDERS, sink));
        for path in paths {
            if ![".cue", ".ncl", ".yaml", ".yml"].iter().any(|ending| path.ends_with(ending)) {
                continue;
            }
            let Some((file, text)) = read::load(sources, map, &path, sink) else { continue };
            for definition in definitions(&nickel, &path, file, &text).drain_into(sink) {
                own.push((definition.kind, definition.name.text.clone()));
                sink.extend(catalog.add(definition));
            }
        }
        for kind in DefinitionKind::ALL {
            for found in platformc_stdlib::of_kind(kind.as_str()) {
                let path = shipped_path(found.file.path);
                catalog.add_embedded(kind, found.name, path, found.file.text);
            }
        }
        // A fault of the workspace's own definition is reported whether or not it is used.
        for (kind, name) in own {
            let _ = catalog.find(map, kind, &name);
        }
        let schemas = Schemas::of(sources, map, sink);
        Library { map, catalog, nickel, schemas }
    }

    /// The Nickel of the build.
    pub(crate) fn nickel(&self) -> &Nickel<'m> {
        &self.nickel
    }

    /// The definition of a kind and name.
    pub(crate) fn find(&self, kind: DefinitionKind, name: &str) -> Option<Arc<Compiled>> {
        self.catalog.find(self.map, kind, name)?.compiled.clone()
    }

    /// The definition that `type: NAME` means; one that is not there is reported.
    pub(crate) fn resolve(
        &self,
        kind: DefinitionKind,
        name: &Text,
        sink: &mut Vec<Diagnostic>,
    ) -> Option<Arc<Compiled>> {
        match self.catalog.find(self.map, kind, name) {
            Some(ready) => ready.compiled.clone(),
            None => {
                sink.push(self.catalog.unknown(kind, name, name.span()));
                None
            }
        }
    }

    /// The names of a kind, sorted.
    pub(crate) fn names(&self, kind: DefinitionKind) -> impl Iterator<Item = &Arc<str>> {
        self.catalog.names(kind)
    }

    /// Every definition that can be read, compiled.
    pub(crate) fn all(&self) -> BTreeMap<DefinitionKind, BTreeMap<Arc<str>, Arc<Compiled>>> {
        let of = |kind| {
            let names = self.catalog.names(kind);
            names.filter_map(|name| Some((name.clone(), self.find(kind, name)?))).collect()
        };
        DefinitionKind::ALL.into_iter().map(|kind| (kind, of(kind))).collect()
    }

    /// The schemas of objects.
    pub(crate) fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// What was found in the definitions that were used.
    pub(crate) fn diagnostics(&self) -> impl Iterator<Item = Diagnostic> {
        self.catalog.diagnostics().cloned()
    }
}

/// The definitions of a file, whatever it is written in.
fn definitions(
    nickel: &Nickel<'_>,
    path: &str,
    file: FileId,
    text: &Arc<str>,
) -> Outcome<Vec<Definition>> {
    if path.ends_with(".ncl") {
        return nickel.definitions(path, file, text);
    }
    load(path, file, text)
}

/// How the path of a shipped file is printed: not to be taken for one of the workspace.
pub(crate) fn shipped_path(path: &'static str) -> &'static str {
    static PATHS: OnceLock<BTreeMap<&'static str, String>> = OnceLock::new();
    let paths = PATHS.get_or_init(|| {
        let files = platformc_stdlib::files().iter();
        files.map(|file| (file.path, format!("stdlib/{}", file.path))).collect()
    });
    paths.get(path).map_or(path, String::as_str)
}

/// The form in which a definition is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShowForm {
    /// For people.
    Text,
    /// JSON Schema of the parameters.
    JsonSchema,
    /// A reference page.
    Markdown,
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
        for name in library.catalog.names(kind) {
            let found = library.find(kind, name);
            let description = found.and_then(|found| found.definition.description.clone());
            rows.push((kind.as_str(), name.to_string(), description));
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

/// Checks definition files, which may import files of `sources`; the value is how many definitions they hold.
#[must_use]
pub fn vet(sources: &dyn Sources, inputs: &[Input], map: &SourceMap) -> Outcome<usize> {
    let mut sink = Vec::new();
    let nickel = Nickel::new(sources, map);
    let mut count = 0;
    for input in inputs {
        let Some(file) = register(map, &input.path, &input.bytes, &mut sink) else { continue };
        let Some(text) = map.get(file).map(|found| found.text().clone()) else { continue };
        let before = sink.len();
        let found = definitions(&nickel, &input.path, file, &text).drain_into(&mut sink);
        if found.is_empty() && sink.len() == before {
            let message = format!("`{}` holds no definition", input.path);
            let whole = platformc_source::Span::new(file, 0, 0);
            sink.push(Diagnostic::new(codes::DEFINITION_HEADER, whole, message).note(
                "a definition is `NAME: {type: …}` beside `template: {…}` in CUE, a record with \
                           `name`, `type` and `template` in Nickel, or \
                           a custom resource such as ComponentDefinition in YAML",
            ));
        }
        for definition in found {
            count += 1;
            let compiled = Compiled::new(definition).drain_into(&mut sink);
            sink.extend(platformc_definition::vet(&compiled));
        }
    }
    Outcome::new(count, sink)
}

/// One definition by name, whatever its kind; a name that several kinds have shows each of them.
#[must_use]
pub fn show(sources: &dyn Sources, map: &SourceMap, name: &str, form: ShowForm) -> Outcome<Shown> {
    let mut sink = Vec::new();
    let library = Library::of(sources, map, &mut sink);
    let found: Vec<Arc<Compiled>> =
        DefinitionKind::ALL.into_iter().filter_map(|kind| library.find(kind, name)).collect();
    if found.is_empty() {
        let kinds = DefinitionKind::ALL.into_iter();
        let mut names: Vec<&str> =
            kinds.flat_map(|kind| library.catalog.names(kind)).map(|name| &**name).collect();
        names.sort_unstable();
        names.dedup();
        let near = nearest(name, names).into_iter().map(str::to_owned).collect();
        return Outcome::new(Shown::Unknown(near), sink);
    }
    let parts: Vec<String> = found.iter().map(|found| shown(found, form)).collect();
    Outcome::new(Shown::Text(parts.join("\n")), sink)
}

fn shown(found: &Compiled, form: ShowForm) -> String {
    match form {
        ShowForm::Text => platformc_definition::show::text(found),
        ShowForm::Markdown => platformc_definition::show::markdown(found),
        ShowForm::JsonSchema => {
            let schema = platformc_definition::show::json_schema(found);
            format!("{}\n", json::write(&schema, true).trim_end())
        }
    }
}
