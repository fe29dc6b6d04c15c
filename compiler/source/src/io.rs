//! The two doors of the compiler: reading through [`Sources`], writing through [`Store`].
//!
//! Invariant: paths are relative to the workspace, use `/`, and hold no `.` or `..`; an
//! implementation refuses whatever leaves its root, links included.

use std::fmt;
use std::sync::Arc;

/// Why something could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// There is nothing at that path.
    NotFound,
    /// The path or a link on it leads out of the root.
    Outside,
    /// Larger than the limit, which is given in bytes.
    TooLarge(u64),
    /// Anything else the operating system says.
    Other(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::NotFound => f.write_str("not found"),
            ReadError::Outside => f.write_str("leads out of the workspace"),
            ReadError::TooLarge(limit) => write!(f, "larger than {limit} bytes"),
            ReadError::Other(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for ReadError {}

/// What an [`Entry`] of a folder is, links followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
}

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its path relative to the workspace.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
}

/// Where the compiler reads from: a disk, an archive, an overlay of open buffers.
pub trait Sources: Sync {
    /// The bytes of a file.
    ///
    /// # Errors
    /// Says why the file cannot be read.
    fn read(&self, path: &str) -> Result<Arc<[u8]>, ReadError>;

    /// The entries of a folder, sorted by path. The root is the empty path.
    ///
    /// # Errors
    /// Says why the folder cannot be listed.
    fn list(&self, folder: &str) -> Result<Vec<Entry>, ReadError>;
}

/// Whether `path` is relative, uses `/`, and has no empty, `.` or `..` step and no NUL or `\\`:
/// what every path of a workspace or an output has to be. The empty path is not.
#[must_use]
pub fn is_relative(path: &str) -> bool {
    let plain = |step: &str| !matches!(step, "" | "." | "..");
    path.split('/').all(plain) && !path.contains(['\0', '\\'])
}

/// Why something could not be written: one line for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError {
    /// The path at fault, relative to the root of the store.
    pub path: String,
    /// What the operating system, or the store, says.
    pub message: String,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

impl std::error::Error for StoreError {}

/// Where the compiler writes to: one output folder, all or nothing.
pub trait Store {
    /// Makes the store hold exactly `files` (path and bytes, sorted by path) among the files that
    /// earlier commits wrote: changed ones are replaced, missing ones made, those no longer wanted
    /// removed. Files that no commit wrote are left alone. Interrupted at any moment, the store
    /// holds either what it held or, after the next call, what was asked.
    ///
    /// # Errors
    /// The first thing that could not be written; the store then holds what it held.
    fn commit(&mut self, files: &[(String, Vec<u8>)]) -> Result<(), StoreError>;

    /// Compares without writing: the paths that a commit would write or remove, sorted.
    ///
    /// # Errors
    /// What could not be read.
    fn verify(&self, files: &[(String, Vec<u8>)]) -> Result<Vec<String>, StoreError>;
}
