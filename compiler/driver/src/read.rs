//! Files to values. Invariant: whatever the syntax, a document is a value with origins; a file
//! that cannot be read is a diagnostic and its other documents are kept.

use platformc_config::Read;
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
pub(crate) struct Parsed<'a> {
    /// The file; `FileId::NONE` where it could not be read.
    pub(crate) file: FileId,
    content: Content<'a>,
}

/// What a file of documents holds.
#[derive(Debug)]
enum Content<'a> {
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
        match &self.content {
            Content::Values(values) => values.iter().any(platformc_config::has_references),
            Content::Cue(document) => document.is_configured(),
            Content::Nickel(document) => document.is_configured(),
        }
    }

    /// The documents in an environment, and what they read of its configuration.
    pub(crate) fn documents(
        &self,
        config: &Resolved,
        map: &SourceMap,
        sink: &mut Vec<Diagnostic>,
    ) -> (Vec<Value>, Vec<Read>) {
        // A document that is computed may look at the whole configuration.
        let whole = || if self.is_configured() { config.reads() } else { Vec::new() };
        match &self.content {
            Content::Values(values) => filled(values.iter().cloned(), config, map, sink),
            Content::Cue(document) => match document.value(config.value()).drain_into(sink) {
                Some(value) => (by_name(value), whole()),
                None => (Vec::new(), Vec::new()),
            },
            Content::Nickel(document) => match document.value(config.value()).drain_into(sink) {
                Some(value) => (by_name(value), whole()),
                None => (Vec::new(), Vec::new()),
            },
        }
    }

    /// The documents of a file that no other environment asks for.
    pub(crate) fn into_documents(
        self,
        config: &Resolved,
        map: &SourceMap,
        sink: &mut Vec<Diagnostic>,
    ) -> (Vec<Value>, Vec<Read>) {
        match self.content {
            Content::Values(values) => filled(values.into_iter(), config, map, sink),
            _ => self.documents(config, map, sink),
        }
    }
}

/// Documents with their references filled, and what those read.
fn filled(
    values: impl Iterator<Item = Value>,
    config: &Resolved,
    map: &SourceMap,
    sink: &mut Vec<Diagnostic>,
) -> (Vec<Value>, Vec<Read>) {
    let mut all = Vec::new();
    let values = values.map(|value| {
        let (value, reads) = config.interpolate(value, map, sink);
        all.extend(reads);
        value
    });
    (values.collect(), all)
}

/// Reads a file of documents.
pub(crate) fn parse<'a>(
    sources: &dyn Sources,
    map: &SourceMap,
    nickel: &Nickel<'a>,
    found: &Found,
    sink: &mut Vec<Diagnostic>,
) -> Parsed<'a> {
    let nothing = Content::Values(Vec::new());
    let Some((file, text)) = load(sources, map, &found.path, sink) else {
        return Parsed { file: FileId::NONE, content: nothing };
    };
    let content = match found.syntax {
        Syntax::Yaml => {
            let documents = yaml::read(file, &text).drain_into(sink);
            let values = documents.into_iter().map(|document| document.value);
            Content::Values(values.filter(|value| !value.is_null()).collect())
        }
        Syntax::Json => {
            Content::Values(json::read(file, &text).drain_into(sink).into_iter().collect())
        }
        Syntax::Cue => {
            let document = engines::cue::Document::new(file, &text).drain_into(sink);
            document.map_or(nothing, Content::Cue)
        }
        Syntax::Nickel => {
            let document = nickel.document(&found.path, file, &text).drain_into(sink);
            document.map_or(nothing, Content::Nickel)
        }
    };
    Parsed { file, content }
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
