//! Files held in memory: for tests, for archives, for embedded libraries.
//!
//! Invariant: the same paths give the same answers as a folder of the same content on a disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Entry, EntryKind, ReadError, Sources};

/// A tree of files in memory. Folders exist where files lie below them.
#[derive(Clone, Debug, Default)]
pub struct MemorySources {
    files: BTreeMap<String, Arc<[u8]>>,
}

impl MemorySources {
    /// No files.
    #[must_use]
    pub fn new() -> MemorySources {
        MemorySources::default()
    }

    /// Adds or replaces the file at `path` (relative, with `/`).
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl AsRef<[u8]>) {
        self.files.insert(path.into(), Arc::from(bytes.as_ref()));
    }

    /// This tree with one more file.
    #[must_use]
    pub fn with(mut self, path: impl Into<String>, bytes: impl AsRef<[u8]>) -> MemorySources {
        self.insert(path, bytes);
        self
    }

    /// Removes a file; says whether it was there.
    pub fn remove(&mut self, path: &str) -> bool {
        self.files.remove(path).is_some()
    }

    /// All files in order of their paths.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Arc<[u8]>)> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes))
    }
}

impl<P: Into<String>, B: AsRef<[u8]>> FromIterator<(P, B)> for MemorySources {
    fn from_iter<I: IntoIterator<Item = (P, B)>>(files: I) -> MemorySources {
        let mut sources = MemorySources::new();
        for (path, bytes) in files {
            sources.insert(path, bytes);
        }
        sources
    }
}

impl Sources for MemorySources {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, ReadError> {
        if !crate::io::is_relative(path) {
            return Err(ReadError::Outside);
        }
        if let Some(bytes) = self.files.get(path) {
            return Ok(Arc::clone(bytes));
        }
        match self.list(path) {
            Ok(_) => Err(ReadError::Other("is a folder".to_owned())),
            Err(error) => Err(error),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<Entry>, ReadError> {
        if !folder.is_empty() && !crate::io::is_relative(folder) {
            return Err(ReadError::Outside);
        }
        if self.files.contains_key(folder) {
            return Err(ReadError::Other("is not a folder".to_owned()));
        }
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let mut entries: Vec<Entry> = Vec::new();
        for path in self.files.range(prefix.clone()..).map(|(path, _)| path) {
            let Some(rest) = path.strip_prefix(&prefix) else { break };
            let (name, kind) = match rest.split_once('/') {
                Some((name, _)) => (name, EntryKind::Folder),
                None => (rest, EntryKind::File),
            };
            let entry = Entry { path: format!("{prefix}{name}"), kind };
            if entries.last() != Some(&entry) {
                entries.push(entry);
            }
        }
        if entries.is_empty() && !folder.is_empty() {
            return Err(ReadError::NotFound);
        }
        // `a-b` sorts before `a/` among the paths of files, after `a` among entries.
        entries.sort_unstable();
        entries.dedup();
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_like_a_disk() {
        let sources: MemorySources =
            [("a/x.yaml", "1"), ("a-b", "2"), ("a/y/z", "3"), ("b", "4")].into_iter().collect();
        let list = |folder| -> Vec<String> {
            let entries = sources.list(folder).expect("folder");
            entries.into_iter().map(|e| format!("{}:{:?}", e.path, e.kind)).collect()
        };
        assert_eq!(list(""), ["a:Folder", "a-b:File", "b:File"]);
        assert_eq!(list("a"), ["a/x.yaml:File", "a/y:Folder"]);
        assert_eq!(sources.list("c"), Err(ReadError::NotFound));
        assert_eq!(sources.list("a/../b"), Err(ReadError::Outside));
        assert_eq!(&*sources.read("a/y/z").expect("file"), b"3");
        assert_eq!(sources.read("c"), Err(ReadError::NotFound));
        assert_eq!(sources.read("/b"), Err(ReadError::Outside));
        assert!(matches!(sources.read("a"), Err(ReadError::Other(_))));
    }
}
