//! One build as the evaluators of all threads see it.
//!
//! Invariant: within a session a path has one text and one id, whichever thread asked first.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use platformc_source::{FileId, ReadError};

/// A file of the library that ships with the compiler, `import platform`.
#[derive(Clone, Copy, Debug)]
pub struct LibraryFile {
    /// Its path inside the library; `main.ncl` is what `import platform` means.
    pub path: &'static str,
    /// How its path is printed.
    pub shown: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// Where the files that Nickel imports come from.
pub trait Loader {
    /// The text of a file of the workspace, registered under the id that spans will name.
    ///
    /// # Errors
    /// Says why it cannot be read. The path is one that [`platformc_source::is_relative`] accepts.
    fn load(&self, path: &str) -> Result<(FileId, Arc<str>), ReadError>;

    /// Registers a text that is no file of the workspace.
    fn register(&self, path: &str, text: &'static str) -> FileId;
}

type Loaded = Result<(FileId, Arc<str>), ReadError>;

#[derive(Debug, Default)]
struct Shared {
    library: Vec<LibraryFile>,
    files: Mutex<BTreeMap<String, Loaded>>,
    embedded: Mutex<BTreeMap<&'static str, FileId>>,
}

/// A build: its files do not change while it lives.
#[derive(Clone, Debug, Default)]
pub struct Session(Arc<Shared>);

impl Session {
    /// A session with a library. Nothing is evaluated yet.
    #[must_use]
    pub fn new(library: Vec<LibraryFile>) -> Session {
        Session(Arc::new(Shared { library, ..Shared::default() }))
    }

    pub(crate) fn library(&self) -> &[LibraryFile] {
        &self.0.library
    }

    pub(crate) fn is(&self, other: &Session) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The file at a path, read once a session.
    pub(crate) fn load(&self, path: &str, loader: &dyn Loader) -> Loaded {
        let mut files = self.0.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = files.get(path) {
            return known.clone();
        }
        let loaded = loader.load(path);
        files.insert(path.to_owned(), loaded.clone());
        loaded
    }

    /// Makes a file known that the caller has read.
    pub(crate) fn learn(&self, path: &str, file: FileId, text: &Arc<str>) {
        let mut files = self.0.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.entry(path.to_owned()).or_insert_with(|| Ok((file, Arc::clone(text))));
    }

    /// Registers every file of the library.
    pub(crate) fn embed_all(&self, loader: &dyn Loader) {
        for file in self.library() {
            self.embedded(file, loader);
        }
    }

    /// The id of a file of the library, registered once a session.
    pub(crate) fn embedded(&self, file: &LibraryFile, loader: &dyn Loader) -> FileId {
        let mut known = self.0.embedded.lock().unwrap_or_else(PoisonError::into_inner);
        *known.entry(file.path).or_insert_with(|| loader.register(file.shown, file.text))
    }
}
