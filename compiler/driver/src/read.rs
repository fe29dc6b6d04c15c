//! Files to values. Invariant: whatever the syntax, a document is a value with origins; a file
//! that cannot be read is a diagnostic and its other documents are kept.

use platformc_format::{check_text, json, toml, yaml};
use platformc_model::Manifest;
use platformc_source::{Diagnostic, FileId, ReadError, Severity, SourceMap, Sources, codes};
use platformc_value::{Data, Value};

use crate::configuration::Resolved;
use crate::discover::{Found, MANIFEST, Syntax, on_path, unreadable};
use crate::engines;
use crate::engines::nickel::{Document as NickelDocument, Nickel};

/// Registers a file's text; a file that is not text is reported.
pub(crate) fn register(
    map: &SourceMap,
    path: &str,
    bytes: &[u8],
    sink: &mut Vec<Diagnostic>,
) -> Option<FileId> {
    match std::str::from_utf8(bytes) {
        Ok(text) if !bytes.contains(&0) => Some(map.add(path, text)),
        _ => {
            // What can be shown of it keeps offsets up to the place at fault.
            let file = map.add(path, String::from_utf8_lossy(bytes));
            sink.extend(check_text(file, bytes).err());
            None
        }
    }
}

/// Reads and registers a file.
pub(crate) fn load(
    sources: &dyn Sources,
    map: &SourceMap,
    path: &str,
    sink: &mut Vec<Diagnostic>,
) -> Option<(FileId, std::sync::Arc<str>)> {
    match sources.read(path) {
        Ok(bytes) => {
            let id = register(map, path, &bytes, sink)?;
            map.get(id).map(|file| (id, file.text().clone()))
        }
        Err(error) => {
            sink.push(unreadable(map, path, &error));
            None
        }
    }
}

/// Reads the manifest of the workspace.
pub(crate) fn manifest(
    sources: &dyn Sources,
    map: &SourceMap,
    version: &str,
    sink: &mut Vec<Diagnostic>,
) -> Option<Manifest> {
    if matches!(sources.read(MANIFEST), Err(ReadError::NotFound)) {
        let message = format!("this folder is no workspace: it has no `{MANIFEST}`");
        sink.push(
            on_path(map, codes::WORKSPACE_MANIFEST, MANIFEST, message)
                .note("`platformc init DIR` starts a workspace, -C DIR names one"),
        );
        return None;
    }
    let (file, text) = load(sources, map, MANIFEST, sink)?;
    let outcome = toml::read(file, &text);
    let broken = outcome.has_errors();
    let value = outcome.drain_into(sink);
    if broken {
        // Half a manifest would make every document look wrong.
        return None;
    }
    let before = sink.len();
    let manifest = platformc_model::manifest(value, version, sink);
    let failed = sink.iter().skip(before).any(|diagnostic| diagnostic.severity == Severity::Error);
    manifest.filter(|_| !failed)
}

/// A file of documents, read once.
#[derive(Debug)]
pub(crate) enum Parsed<'a> {
    /// Its documents are known.
    Values(Vec<Value>),
    /// They are computed, perhaps from the configuration.
    Cue(engines::cue::Document),
    /// The same, in Nickel.
    Nickel(NickelDocument<'a>),
}

impl Parsed<'_> {
    /// Whether the documents depend on the configuration, and so on the environment.
    pub(crate) fn is_configured(&self) -> bool {
        match self {
            Parsed::Values(values) => values.iter().any(platformc_config::has_references),
            Parsed::Cue(document) => document.is_configured(),
            Parsed::Nickel(document) => document.is_configured(),
        }
    }

    /// The documents in an environment.
    pub(crate) fn documents(
        &self,
        config: &Resolved,
        map: &SourceMap,
        sink: &mut Vec<Diagnostic>,
    ) -> Vec<Value> {
        match self {
            Parsed::Values(values) => {
                let values = values.iter().cloned();
                values.map(|value| config.interpolate(value, map, sink).0).collect()
            }
            Parsed::Cue(document) => match document.value(config.value()).drain_into(sink) {
                Some(value) => by_name(value),
                None => Vec::new(),
            },
            Parsed::Nickel(document) => match document.value(config.value()).drain_into(sink) {
                Some(value) => by_name(value),
                None => Vec::new(),
            },
        }
    }

    /// The documents of a file that no other environment asks for.
    pub(crate) fn into_documents(
        self,
        config: &Resolved,
        map: &SourceMap,
        sink: &mut Vec<Diagnostic>,
    ) -> Vec<Value> {
        match self {
            Parsed::Values(values) => {
                values.into_iter().map(|value| config.interpolate(value, map, sink).0).collect()
            }
            other => other.documents(config, map, sink),
        }
    }
}

/// Reads a file of documents.
pub(crate) fn parse<'a>(
    sources: &dyn Sources,
    map: &SourceMap,
    nickel: &Nickel<'a>,
    found: &Found,
    sink: &mut Vec<Diagnostic>,
) -> Parsed<'a> {
    let nothing = Parsed::Values(Vec::new());
    let Some((file, text)) = load(sources, map, &found.path, sink) else { return nothing };
    match found.syntax {
        Syntax::Yaml => {
            let documents = yaml::read(file, &text).drain_into(sink);
            let values = documents.into_iter().map(|document| document.value);
            Parsed::Values(values.filter(|value| !value.is_null()).collect())
        }
        Syntax::Json => {
            Parsed::Values(json::read(file, &text).drain_into(sink).into_iter().collect())
        }
        Syntax::Cue => {
            let document = engines::cue::Document::new(file, &text).drain_into(sink);
            document.map_or(nothing, Parsed::Cue)
        }
        Syntax::Nickel => {
            let document = nickel.document(&found.path, file, &text).drain_into(sink);
            document.map_or(nothing, Parsed::Nickel)
        }
    }
}

/// A CUE or Nickel file is a document, or a struct of documents by name.
fn by_name(value: Value) -> Vec<Value> {
    let is_document = |value: &Value| {
        ["apiVersion", "kind", "spec", "components", "batch_workflow"]
            .iter()
            .any(|key| value.get(key).is_some())
    };
    let origin = value.origin;
    if is_document(&value) {
        return vec![value];
    }
    match value.data {
        Data::Map(map) if map.iter().all(|entry| entry.value.as_map().is_some()) => {
            map.into_iter().map(|entry| entry.value).collect()
        }
        data => vec![Value::new(data, origin)],
    }
}
