//! Nickel documents. Invariant: a document imports what the workspace holds and the shipped
//! library, nothing else; without a Nickel file nothing of the evaluator is ever made.

use std::fmt;
use std::sync::Arc;

use platformc_nickel::{LibraryFile, Loader, Session, Source, evaluate};
use platformc_source::{FileId, Outcome, ReadError, SourceMap, Sources};
use platformc_value::Value;

use super::cue::CONFIG;

/// Where the library lies among the shipped files.
const LIBRARY: &str = "nickel/";

/// The Nickel of a build: its sources, and what its evaluators share.
#[derive(Clone)]
pub(crate) struct Nickel<'a> {
    sources: &'a dyn Sources,
    map: &'a SourceMap,
    session: Session,
}

impl fmt::Debug for Nickel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nickel")
    }
}

impl<'a> Nickel<'a> {
    /// The Nickel of a build that reads from `sources`.
    pub(crate) fn new(sources: &'a dyn Sources, map: &'a SourceMap) -> Nickel<'a> {
        let library = platformc_stdlib::below(LIBRARY).iter().map(|file| LibraryFile {
            path: file.path.strip_prefix(LIBRARY).unwrap_or(file.path),
            shown: crate::definitions::shipped_path(file.path),
            text: file.text,
        });
        Nickel { sources, map, session: Session::new(library.collect()) }
    }

    /// What the evaluators of the build share.
    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// The concrete value of a file, with `fields` merged into those that it declares.
    pub(crate) fn value(
        &self,
        path: &str,
        file: FileId,
        text: &Arc<str>,
        fields: &[(&str, &Value)],
    ) -> Outcome<Option<Value>> {
        evaluate(&self.session, self, Source { path, file, text }, fields)
    }

    /// A file of documents.
    pub(crate) fn document(
        &self,
        path: &str,
        file: FileId,
        text: &Arc<str>,
    ) -> Outcome<Option<Document<'a>>> {
        // What a file imports may read the configuration as well.
        let configured = text.contains(CONFIG) || text.contains("import \"");
        Outcome::clean(Some(Document {
            nickel: self.clone(),
            path: path.to_owned(),
            file,
            text: Arc::clone(text),
            configured,
        }))
    }
}

impl Loader for Nickel<'_> {
    fn load(&self, path: &str) -> Result<(FileId, Arc<str>), ReadError> {
        let bytes = self.sources.read(path)?;
        let text = std::str::from_utf8(&bytes).ok().filter(|text| !text.contains('\0'));
        let text: Arc<str> = match text {
            Some(text) => Arc::from(text),
            None => return Err(ReadError::Other("it is not UTF-8 text".to_owned())),
        };
        Ok((self.map.add(path, Arc::clone(&text)), text))
    }

    fn register(&self, path: &str, text: &'static str) -> FileId {
        self.map.add(path, text)
    }
}

/// A Nickel file of documents.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    nickel: Nickel<'a>,
    path: String,
    file: FileId,
    text: Arc<str>,
    configured: bool,
}

impl Document<'_> {
    /// Whether its value may depend on the configuration.
    pub(crate) fn is_configured(&self) -> bool {
        self.configured
    }

    /// Its concrete value, with the configuration merged in as `config` where it declares that.
    pub(crate) fn value(&self, config: &Value) -> Outcome<Option<Value>> {
        let fields: &[(&str, &Value)] = if self.configured { &[(CONFIG, config)] } else { &[] };
        self.nickel.value(&self.path, self.file, &self.text, fields)
    }
}
