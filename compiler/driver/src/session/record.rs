//! What was read, so that it is known what a change concerns.
//!
//! Invariant: everything that was asked for is kept, found or not: a file that was missed concerns
//! whoever missed it when it comes.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use platformc_source::{Entry, ReadError, Sources};

/// Sources that keep what is asked of them.
pub(super) struct Recording<'s> {
    inner: &'s dyn Sources,
    asked: Mutex<Asked>,
}

#[derive(Default)]
struct Asked {
    reads: BTreeSet<String>,
    folders: BTreeSet<String>,
    entries: BTreeSet<String>,
}

impl<'s> Recording<'s> {
    pub(super) fn new(inner: &'s dyn Sources) -> Recording<'s> {
        Recording { inner, asked: Mutex::default() }
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The paths that were read.
    pub(super) fn into_reads(self) -> BTreeSet<String> {
        self.asked.into_inner().unwrap_or_else(PoisonError::into_inner).reads
    }

    /// Whether what was asked could have another answer now that `path` has changed.
    pub(super) fn concerns(&self, path: &str, now: &dyn Sources) -> bool {
        let asked = self.asked();
        if asked.reads.contains(path) {
            return true;
        }
        // A file that came or went where somebody looked for files.
        let above = path.match_indices('/').map(|(at, _)| &path[..at]);
        let listed = std::iter::once("").chain(above).any(|folder| asked.folders.contains(folder));
        listed && asked.entries.contains(path) != now.read(path).is_ok()
    }
}

impl Sources for Recording<'_> {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, ReadError> {
        self.asked().reads.insert(path.to_owned());
        self.inner.read(path)
    }

    fn list(&self, folder: &str) -> Result<Vec<Entry>, ReadError> {
        let found = self.inner.list(folder);
        let mut asked = self.asked();
        asked.folders.insert(folder.to_owned());
        asked.entries.extend(found.iter().flatten().map(|entry| entry.path.clone()));
        drop(asked);
        found
    }
}

#[cfg(test)]
mod tests {
    use platformc_source::MemorySources;

    use super::*;

    #[test]
    fn what_comes_and_goes_concerns_who_looked() {
        let before = MemorySources::new().with("apps/a.yaml", "1").with("other/x", "1");
        let recording = Recording::new(&before);
        let _ = recording.list("apps");
        let _ = recording.list("definitions");
        let _ = recording.read("platform.toml");
        let concerns = |now: &MemorySources, path| recording.concerns(path, now);
        let came = before.clone().with("apps/b/c.yaml", "1").with("definitions/d.cue", "1");
        assert!(concerns(&before, "platform.toml"), "was asked for and not found");
        assert!(concerns(&came, "apps/b/c.yaml") && concerns(&came, "definitions/d.cue"));
        assert!(!concerns(&before, "apps/a.yaml"), "it is there as before, and nobody read it");
        assert!(!concerns(&before, "other/x"), "nobody looked there");
        let mut went = before.clone();
        went.remove("apps/a.yaml");
        assert!(concerns(&went, "apps/a.yaml"));
    }
}
