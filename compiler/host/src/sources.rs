//! Reading a folder of a disk.
//!
//! Invariant: what is read lies inside the root when it is looked at, is a regular file, and is no
//! larger than the limit. Links inside the root are followed; a link that leads out of it, and a
//! link to a folder above itself, is an error. Make one `DiskSources` for each build: what it
//! found out about folders is kept.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::UNIX_EPOCH;

use platformc_source::{Entry, EntryKind, ReadError, Sources, is_relative};

/// The largest file that is read unless asked otherwise: 64 MiB.
pub const DEFAULT_LIMIT: u64 = 64 << 20;

/// So many folders are listed through links before a farm of links is taken for an attack: a few
/// links can stand for any number of paths.
const MOST_LINKED_LISTINGS: usize = 65_536;

/// What tells, cheaply, whether a file is likely to be the one seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// Length in bytes.
    pub length: u64,
    /// Time of the last change in nanoseconds since 1970 (0 where there is none).
    pub modified: u128,
}

/// The files below one folder of a disk.
#[derive(Debug)]
pub struct DiskSources {
    root: PathBuf,
    limit: u64,
    folders: RwLock<BTreeMap<String, PathBuf>>,
    linked: AtomicUsize,
}

impl DiskSources {
    /// The files below `root`, each at most [`DEFAULT_LIMIT`] bytes.
    ///
    /// # Errors
    /// Where `root` is not a folder that can be reached.
    pub fn new(root: &Path) -> io::Result<DiskSources> {
        let root = fs::canonicalize(root)?;
        if !fs::metadata(&root)?.is_dir() {
            return Err(ErrorKind::NotADirectory.into());
        }
        let folders = RwLock::new(BTreeMap::from([(String::new(), root.clone())]));
        Ok(DiskSources { root, limit: DEFAULT_LIMIT, folders, linked: AtomicUsize::new(0) })
    }

    /// The same with another limit on the length of a file, in bytes.
    #[must_use]
    pub fn with_limit(mut self, limit: u64) -> DiskSources {
        self.limit = limit;
        self
    }

    /// The root, absolute and without links.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Length and time of change of a file, without reading it.
    ///
    /// # Errors
    /// As [`Sources::read`].
    pub fn stamp(&self, path: &str) -> Result<Stamp, ReadError> {
        let (_, metadata) = self.file(path)?;
        let modified = metadata.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok());
        Ok(Stamp { length: metadata.len(), modified: modified.map_or(0, |since| since.as_nanos()) })
    }

    /// Where a regular file really lies.
    fn file(&self, path: &str) -> Result<(PathBuf, Metadata), ReadError> {
        if !is_relative(path) {
            return Err(ReadError::Outside);
        }
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut real = self.folder(parent)?.join(name);
        let mut metadata = fs::symlink_metadata(&real).map_err(|error| refusal(&error))?;
        if metadata.is_symlink() {
            real = self.inside(&real)?;
            metadata = fs::symlink_metadata(&real).map_err(|error| refusal(&error))?;
        }
        if metadata.is_dir() {
            return Err(ReadError::Other("is a folder".to_owned()));
        }
        if !metadata.is_file() {
            return Err(ReadError::Other("is not a regular file".to_owned()));
        }
        if metadata.len() > self.limit {
            return Err(ReadError::TooLarge(self.limit));
        }
        Ok((real, metadata))
    }

    /// Where a folder really lies; the empty path is the root.
    fn folder(&self, path: &str) -> Result<PathBuf, ReadError> {
        let known = self.folders.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        if let Some(real) = known {
            return Ok(real);
        }
        let real = self.inside(&self.root.join(path))?;
        let metadata = fs::symlink_metadata(&real).map_err(|error| refusal(&error))?;
        if !metadata.is_dir() {
            return Err(ReadError::Other("is not a folder".to_owned()));
        }
        self.folders
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(path.to_owned(), real.clone());
        Ok(real)
    }

    /// `path` with its links followed, if that is inside the root.
    fn inside(&self, path: &Path) -> Result<PathBuf, ReadError> {
        let real = fs::canonicalize(path).map_err(|error| refusal(&error))?;
        if real.starts_with(&self.root) { Ok(real) } else { Err(ReadError::Outside) }
    }

    /// Refuses a folder that some folder on the way to it is, by way of a link.
    fn refuse_loop(&self, folder: &str, real: &Path) -> Result<(), ReadError> {
        if real == self.root.join(folder) {
            return Ok(());
        }
        if self.linked.fetch_add(1, Ordering::Relaxed) >= MOST_LINKED_LISTINGS {
            return Err(ReadError::Other("too many folders are reached by links".to_owned()));
        }
        let mut above = folder;
        while !above.is_empty() {
            above = above.rsplit_once('/').map_or("", |(parent, _)| parent);
            if self.folder(above)? == real {
                let message = "a link leads back to a folder above it";
                return Err(ReadError::Other(message.to_owned()));
            }
        }
        Ok(())
    }
}

impl Sources for DiskSources {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, ReadError> {
        let (real, metadata) = self.file(path)?;
        let file = fs::File::open(&real).map_err(|error| refusal(&error))?;
        let length = usize::try_from(metadata.len()).unwrap_or(0);
        let mut bytes = Vec::with_capacity(length.saturating_add(1));
        // One byte over the limit tells a file that grows from one that fits.
        file.take(self.limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| refusal(&error))?;
        if bytes.len() as u64 > self.limit {
            return Err(ReadError::TooLarge(self.limit));
        }
        Ok(bytes.into())
    }

    fn list(&self, folder: &str) -> Result<Vec<Entry>, ReadError> {
        if !folder.is_empty() && !is_relative(folder) {
            return Err(ReadError::Outside);
        }
        let real = self.folder(folder)?;
        self.refuse_loop(folder, &real)?;
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let mut entries = Vec::new();
        for entry in fs::read_dir(&real).map_err(|error| refusal(&error))? {
            let entry = entry.map_err(|error| refusal(&error))?;
            let kind = entry.file_type().map_err(|error| refusal(&error))?;
            let is_folder = if kind.is_symlink() {
                // A link that leads nowhere, or out, is an entry all the same: reading it says why.
                fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_dir())
            } else {
                kind.is_dir()
            };
            // A name that is not UTF-8 stays visible; reading it finds nothing.
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = if is_folder { EntryKind::Folder } else { EntryKind::File };
            entries.push(Entry { path: format!("{prefix}{name}"), kind });
        }
        entries.sort_unstable();
        Ok(entries)
    }
}

fn refusal(error: &io::Error) -> ReadError {
    match error.kind() {
        ErrorKind::NotFound => ReadError::NotFound,
        ErrorKind::NotADirectory => {
            ReadError::Other("something on the path is not a folder".to_owned())
        }
        ErrorKind::PermissionDenied => ReadError::Other("permission denied".to_owned()),
        _ => ReadError::Other(error.to_string()),
    }
}

#[cfg(test)]
mod tests;
