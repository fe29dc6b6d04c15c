//! Writing a folder of a disk, all or nothing.
//!
//! Invariant: the store writes inside its root only, through no link, and removes only files that
//! an earlier commit wrote and nobody changed since.
//!
//! A commit compares (size, then content), writes what changed into `.platformc/new`, gives what
//! is replaced or removed a second name in `.platformc/old`, and writes the journal. That is the
//! point of no return: killed before it, nothing has changed; killed after it, the next commit
//! goes on. Then orphans are moved away, new files and whole new folders moved in, and the journal
//! renamed to the list of owned files. A fault on the way is undone.
//!
//! Against a kill of the process this holds at every step. Against a loss of power the journal and
//! the list are synced, the files themselves are not: a torn file is no danger that lasts, since
//! the next commit, and `verify`, compare whole contents.

mod apply;
mod disk;
mod plan;
mod state;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use platformc_source::{Store, StoreError, is_relative};

use apply::{Work, owned_after, read_state};
use disk::Disk;
use plan::Action;
use state::State;

/// The folder in the root where the store keeps its own files. It holds a `.gitignore`.
pub const STATE_FOLDER: &str = ".platformc";

const OWNED: &str = "owned";
const JOURNAL: &str = "journal";
const LOCK: &str = "lock";
const STAGED: &str = "new";
const KEPT: &str = "old";

/// More threads only wait for the file system.
const MOST_THREADS: usize = 2;
/// Below this many files a second thread costs more than it brings.
const FEW_FILES: usize = 64;

/// How often, and how long apart, a lock is tried. A process being started anywhere in this one
/// shares open locks for a moment, so one refusal means little.
const LOCK_ATTEMPTS: usize = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// A path with `/` and bytes.
type File = (String, Vec<u8>);

/// An output folder.
#[derive(Debug)]
pub struct DiskStore {
    root: PathBuf,
    claims: BTreeMap<String, state::Digest>,
    disk: Disk,
}

impl DiskStore {
    /// The folder `root`, made by the first commit if it is missing. Touches nothing yet.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> DiskStore {
        DiskStore { root: root.into(), claims: BTreeMap::new(), disk: Disk::default() }
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Says that an earlier commit, perhaps on another machine, wrote `path` with bytes of this
    /// SHA-256. Once it is no longer wanted it is removed, if its bytes are still those. For
    /// records that travel with the output, where the store's own list does not; a path that no
    /// commit can have written is left aside, since anyone may have written the record.
    pub fn claim(&mut self, path: impl Into<String>, sha256: [u8; 32]) {
        let path = path.into();
        if refusal(&path).is_none() {
            self.claims.insert(path, sha256);
        }
    }

    fn work(&self, threads: usize) -> Work<'_> {
        let state = self.root.join(STATE_FOLDER);
        Work { disk: &self.disk, root: &self.root, state, threads }
    }

    /// Makes the root and the state folder, and locks out other builds until the lock is dropped.
    fn open(&self) -> Result<fs::File, StoreError> {
        let root = |error: io::Error| fault(".", &error);
        if !fs::metadata(&self.root)
            .map(|metadata| metadata.is_dir())
            .or_else(missing)
            .map_err(root)?
        {
            fs::create_dir_all(&self.root).map_err(root)?;
        }
        let state = self.root.join(STATE_FOLDER);
        let own = |error: io::Error| fault(STATE_FOLDER, &error);
        match fs::symlink_metadata(&state) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Err(error(STATE_FOLDER, "is not a folder; remove it")),
            Err(e) if e.kind() == ErrorKind::NotFound => {
                self.disk.make_folder(&state).map_err(own)?;
            }
            Err(e) => return Err(own(e)),
        }
        let ignore = state.join(".gitignore");
        if fs::symlink_metadata(&ignore).is_err() {
            self.disk.write(&ignore, b"*\n").map_err(own)?;
        }
        let lock = state.join(LOCK);
        if fs::symlink_metadata(&lock).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(error(STATE_FOLDER, "its lock is not a regular file; remove it"));
        }
        let options = OpenOptions::new().write(true).create(true).truncate(false).open(&lock);
        let file = options.map_err(own)?;
        for _ in 0..LOCK_ATTEMPTS {
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
                // A file system without locks is no reason not to build.
                Ok(()) | Err(TryLockError::Error(_)) => return Ok(file),
            }
        }
        Err(error(".", "another build is writing here"))
    }
}

impl Store for DiskStore {
    fn commit(&mut self, files: &[File]) -> Result<(), StoreError> {
        check(files)?;
        let _lock = self.open()?;
        let threads = threads(files.len());
        let work = self.work(threads);
        let owned = work.recover()?;
        let plan = plan::plan(&self.root, &owned.owned, &self.claims, files, threads)?;
        for ((path, _), action) in files.iter().zip(&plan.actions) {
            if let Action::Blocked(message) = action {
                return Err(error(path, message));
            }
        }
        if plan.orphans.is_empty() && plan.actions.iter().all(|a| *a == Action::Nothing) {
            let after = State { ops: Vec::new(), owned: owned_after(files, &plan) };
            return if after.owned == owned.owned {
                Ok(())
            } else {
                work.write_state(&after, OWNED)
            };
        }
        work.carry_out(files, &plan)
    }

    fn verify(&self, files: &[File]) -> Result<Vec<String>, StoreError> {
        check(files)?;
        let threads = threads(files.len());
        let state = self.root.join(STATE_FOLDER);
        let mut owned = read_state(&state.join(OWNED))?.unwrap_or_default().owned;
        if let Some(journal) = read_state(&state.join(JOURNAL))? {
            owned.extend(journal.owned);
        }
        let plan = plan::plan(&self.root, &owned, &self.claims, files, threads)?;
        Ok(plan.differences(files))
    }
}

fn threads(files: usize) -> usize {
    if files < FEW_FILES {
        return 1;
    }
    thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS)
}

fn missing(error: io::Error) -> io::Result<bool> {
    if error.kind() == ErrorKind::NotFound { Ok(false) } else { Err(error) }
}

/// Why the store writes no file at `path`.
fn refusal(path: &str) -> Option<&'static str> {
    if !is_relative(path) || path.contains(char::is_control) {
        return Some("is not a path below the output folder");
    }
    let top = path.split('/').next().unwrap_or("");
    top.eq_ignore_ascii_case(STATE_FOLDER).then_some("lies in the folder of the store itself")
}

/// Refuses paths that are not sorted, leave the root, lie in the state folder or below a file.
fn check(files: &[File]) -> Result<(), StoreError> {
    let mut last: Option<&str> = None;
    let mut seen = std::collections::BTreeSet::new();
    for (path, _) in files {
        if let Some(message) = refusal(path) {
            return Err(error(path, message));
        }
        if last.is_some_and(|last| last >= path.as_str()) {
            return Err(error(path, "is there twice, or out of order"));
        }
        last = Some(path);
        let mut folder = parent(path);
        while !folder.is_empty() && seen.insert(folder) {
            folder = parent(folder);
        }
    }
    match files.iter().find(|(path, _)| seen.contains(path.as_str())) {
        Some((path, _)) => Err(error(path, "is to be a file and a folder")),
        None => Ok(()),
    }
}

/// The path of the folder that holds `path`; empty for the root.
fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn error(path: &str, message: &str) -> StoreError {
    StoreError { path: path.to_owned(), message: message.to_owned() }
}

/// What the operating system says, in words that need no number.
fn fault(path: &str, error: &io::Error) -> StoreError {
    let message = match error.kind() {
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::StorageFull => "the disk is full".to_owned(),
        ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        ErrorKind::CrossesDevices => {
            "lies on another file system than the output folder".to_owned()
        }
        _ => error.to_string(),
    };
    StoreError { path: if path.is_empty() { "." } else { path }.to_owned(), message }
}
