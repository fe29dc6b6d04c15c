//! Carrying out a plan: stage, journal, move; back on a fault, forward after a kill.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread;

use platformc_source::StoreError;

use super::disk::Disk;
use super::plan::{Action, Plan, in_parallel};
use super::state::{Op, State};
use super::{File, JOURNAL, KEPT, OWNED, STAGED, STATE_FOLDER, fault, parent};

/// A store that is open for writing.
pub(super) struct Work<'a> {
    pub(super) disk: &'a Disk,
    pub(super) root: &'a Path,
    pub(super) state: PathBuf,
    pub(super) threads: usize,
}

/// Where a wanted file is staged, and what that stands for.
struct Staging<'a> {
    file: &'a File,
    staged: String,
    kept: Option<String>,
}

impl Work<'_> {
    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn inner(&self, path: &str) -> PathBuf {
        self.state.join(path)
    }

    /// A fault in the state folder.
    fn own_fault(name: &str, error: &io::Error) -> StoreError {
        fault(&format!("{STATE_FOLDER}/{name}"), error)
    }

    /// Finishes what a killed commit had begun, as far as it goes, and clears what one left that
    /// had not reached its journal. Returns what is owned.
    pub(super) fn recover(&self) -> Result<State, StoreError> {
        let mut owned = read_state(&self.inner(OWNED))?.unwrap_or_default();
        match read_state(&self.inner(JOURNAL))? {
            Some(journal) => {
                for op in &journal.ops {
                    // What stands in the way now is found, and named, by the plan that follows.
                    let _ = self.forward(op);
                }
                // Removed files that are still there stay owned, so that the plan sees them.
                let mut both = State { ops: Vec::new(), owned: journal.owned };
                for (path, digest) in owned.owned {
                    both.owned.entry(path).or_insert(digest);
                }
                owned = both;
                self.write_state(&owned, OWNED)?;
                self.remove(JOURNAL)?;
            }
            None => self.remove(JOURNAL)?,
        }
        self.clear()?;
        Ok(owned)
    }

    /// Removes a file of the state folder, if it is there.
    fn remove(&self, name: &str) -> Result<(), StoreError> {
        let path = self.inner(name);
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            _ => self.disk.remove_file(&path).map_err(|error| Self::own_fault(name, &error)),
        }
    }

    /// Removes staged and kept files, and states that did not get to their place.
    fn clear(&self) -> Result<(), StoreError> {
        for name in [STAGED, KEPT, &beside(JOURNAL), &beside(OWNED)] {
            if fs::symlink_metadata(self.inner(name)).is_ok() {
                let removed = self.disk.remove_tree(&self.inner(name));
                removed.map_err(|error| Self::own_fault(name, &error))?;
            }
        }
        Ok(())
    }

    /// Writes a state beside its place and renames it there.
    pub(super) fn write_state(&self, state: &State, name: &str) -> Result<(), StoreError> {
        let beside = beside(name);
        self.remove(&beside)?;
        let write = || -> io::Result<()> {
            let file = self.disk.write(&self.inner(&beside), state.encode().as_bytes())?;
            self.disk.sync(&file)?;
            drop(file);
            self.disk.rename(&self.inner(&beside), &self.inner(name))
        };
        write().map_err(|error| Self::own_fault(name, &error))
    }

    /// Carries out a plan, all or nothing.
    pub(super) fn carry_out(&self, files: &[File], plan: &Plan) -> Result<(), StoreError> {
        let done = self.stage(files, plan).and_then(|ops| {
            let journal = State { ops, owned: owned_after(files, plan) };
            self.write_state(&journal, JOURNAL)?;
            Ok(journal)
        });
        let journal = match done {
            Ok(journal) => journal,
            Err(error) => {
                let _ = self.clear();
                return Err(error);
            }
        };
        let mut done = Vec::new();
        let mut result = journal.ops.iter().try_for_each(|op| {
            done.push((op, self.forward(op)?));
            Ok(())
        });
        if result.is_ok() {
            let finished = self.disk.rename(&self.inner(JOURNAL), &self.inner(OWNED));
            result = finished.map_err(|error| Self::own_fault(OWNED, &error));
        }
        if let Err(error) = result {
            // Should going back fail as well, the journal is still there: the next commit goes on.
            let back = done.iter().rev().try_for_each(|(op, changed)| self.back(op, *changed));
            if back.and_then(|()| self.remove(JOURNAL)).is_ok() {
                let _ = self.clear();
            }
            return Err(error);
        }
        // The commit holds; what is left over is cleared by the next one at the latest.
        let _ = self.clear();
        Ok(())
    }

    /// One step of a journal. Done before, it is no fault, so that a kill may fall anywhere.
    /// Returns whether it changed anything.
    fn forward(&self, op: &Op) -> Result<bool, StoreError> {
        let absent = |path: &Path| fs::symlink_metadata(path).is_err();
        match op {
            Op::Remove { kept, path } => {
                if absent(&self.at(path)) || !absent(&self.inner(kept)) {
                    return Ok(false);
                }
                let moved = self.disk.rename(&self.at(path), &self.inner(kept));
                moved.map_err(|error| fault(path, &error))?;
            }
            Op::Prune { path } => match self.disk.remove_folder(&self.at(path)) {
                Ok(()) => {}
                Err(error) if in_use(&error) => return Ok(false),
                Err(error) => return Err(fault(path, &error)),
            },
            Op::Move { staged, path, .. } => {
                if absent(&self.inner(staged)) {
                    return Ok(false);
                }
                let moved = self.disk.rename(&self.inner(staged), &self.at(path));
                moved.map_err(|error| fault(path, &error))?;
            }
        }
        Ok(true)
    }

    /// Undoes one step that `forward` took.
    fn back(&self, op: &Op, changed: bool) -> Result<(), StoreError> {
        if !changed {
            return Ok(());
        }
        let (path, undone) = match op {
            Op::Remove { kept, path } => {
                (path, self.disk.rename(&self.inner(kept), &self.at(path)))
            }
            Op::Prune { path } => (path, self.disk.make_folder(&self.at(path))),
            Op::Move { path, kept: Some(kept), .. } => {
                (path, self.disk.rename(&self.inner(kept), &self.at(path)))
            }
            Op::Move { staged, path, kept: None } => {
                (path, self.disk.rename(&self.at(path), &self.inner(staged)))
            }
        };
        undone.map_err(|error| fault(path, &error))
    }

    /// Writes new files into the staging folder and gives replaced ones a second name; returns the
    /// steps of the journal.
    fn stage(&self, files: &[File], plan: &Plan) -> Result<Vec<Op>, StoreError> {
        for name in [STAGED, KEPT] {
            let made = self.disk.make_folder(&self.inner(name));
            made.map_err(|error| Self::own_fault(name, &error))?;
        }
        let mut ops = Vec::new();
        for (at, path) in plan.orphans.iter().enumerate() {
            ops.push(Op::Remove { kept: format!("{KEPT}/r{at}"), path: path.clone() });
        }
        for path in emptied(&plan.orphans) {
            if !holds(files, &path) {
                ops.push(Op::Prune { path });
            }
        }
        let mut folders: BTreeMap<&str, String> = BTreeMap::new();
        let mut stagings = Vec::new();
        for (at, (file, action)) in files.iter().zip(&plan.actions).enumerate() {
            let path = &file.0;
            // A folder for each thread: two that make files in one folder wait for each other.
            let share = at * self.threads / files.len();
            let (staged, kept) = match action {
                Action::Nothing | Action::Blocked(_) => continue,
                Action::Replace => {
                    (format!("{STAGED}/{share}/{at}"), Some(format!("{KEPT}/{share}/{at}")))
                }
                Action::Make => (format!("{STAGED}/{share}/{at}"), None),
                Action::MakeBelow(top) => {
                    let next = format!("{STAGED}/d{}", folders.len());
                    let folder = folders.entry(top).or_insert_with(|| {
                        ops.push(Op::Move { staged: next.clone(), path: top.clone(), kept: None });
                        next
                    });
                    (format!("{folder}{}", path.get(top.len()..).unwrap_or("")), None)
                }
            };
            if !matches!(action, Action::MakeBelow(_)) {
                let (staged, kept) = (staged.clone(), kept.clone());
                ops.push(Op::Move { staged, path: path.clone(), kept });
            }
            stagings.push(Staging { file, staged, kept });
        }
        let results = thread::scope(|scope| {
            in_parallel(scope, self.parts(&stagings), |part| self.stage_part(part))
        });
        results.into_iter().collect::<Result<(), _>>()?;
        Ok(ops)
    }

    /// Splits the work between threads where the folder changes: two threads that make files in
    /// one folder wait for each other.
    fn parts<'a, 'b>(&self, all: &'a [Staging<'b>]) -> Vec<&'a [Staging<'b>]> {
        let size = all.len().div_ceil(self.threads.max(1)).max(1);
        let (mut parts, mut rest) = (Vec::new(), all);
        while !rest.is_empty() {
            let mut cut = size.min(rest.len());
            let folder = |at: usize| rest.get(at).map(|s: &Staging<'_>| parent(&s.file.0));
            while cut < rest.len() && folder(cut) == folder(cut - 1) {
                cut += 1;
            }
            let (part, after) = rest.split_at(cut);
            parts.push(part);
            rest = after;
        }
        parts
    }

    fn stage_part(&self, part: &[Staging<'_>]) -> Result<(), StoreError> {
        let mut last: &str = "";
        for Staging { file: (path, bytes), staged, kept } in part {
            let folder = parent(staged);
            if folder != last {
                let made = self.make_folders(folder).and_then(|()| match kept {
                    Some(kept) => self.make_folders(parent(kept)),
                    None => Ok(()),
                });
                made.map_err(|error| fault(path, &error))?;
                last = folder;
            }
            let written = self.disk.write(&self.inner(staged), bytes);
            written.map_err(|error| fault(path, &error))?;
            if let Some(kept) = kept {
                let linked = self.disk.keep(&self.at(path), &self.inner(kept));
                linked.map_err(|error| fault(path, &error))?;
            }
        }
        Ok(())
    }

    /// Makes a folder of the state folder and those above it. Another thread may be making them.
    fn make_folders(&self, folder: &str) -> io::Result<()> {
        if folder.is_empty() || self.inner(folder).is_dir() {
            return Ok(());
        }
        match self.disk.make_folder(&self.inner(folder)) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.make_folders(parent(folder))?;
                self.make_folders(folder)
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            result => result,
        }
    }
}

/// Where a state is written before it is renamed to its place.
fn beside(name: &str) -> String {
    format!("{name}.new")
}

/// The error of removing a folder that is not empty, not there, or not a folder.
fn in_use(error: &io::Error) -> bool {
    use ErrorKind::{AlreadyExists, DirectoryNotEmpty, NotADirectory, NotFound};
    matches!(error.kind(), DirectoryNotEmpty | AlreadyExists | NotFound | NotADirectory)
}

/// The folders above `orphans`, deepest first.
fn emptied(orphans: &[String]) -> Vec<String> {
    let mut folders = BTreeSet::new();
    for orphan in orphans {
        let mut folder = parent(orphan);
        while !folder.is_empty() && folders.insert(folder.to_owned()) {
            folder = parent(folder);
        }
    }
    folders.into_iter().rev().collect()
}

/// Whether any of `files`, which are sorted, lies below `folder`.
fn holds(files: &[File], folder: &str) -> bool {
    let below = format!("{folder}/");
    let at = files.partition_point(|(path, _)| path.as_str() < below.as_str());
    files.get(at).is_some_and(|(path, _)| path.starts_with(&below))
}

/// What is owned once a plan has been carried out.
pub(super) fn owned_after(files: &[File], plan: &Plan) -> BTreeMap<String, super::state::Digest> {
    let mut owned = plan.changed_orphans.clone();
    owned.extend(files.iter().zip(&plan.digests).map(|((path, _), sum)| (path.clone(), *sum)));
    owned
}

/// A state from a regular file; `None` where there is none or it was not written to its end.
pub(super) fn read_state(path: &Path) -> Result<Option<State>, StoreError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        _ => return Ok(None),
    }
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let bytes = fs::read(path).map_err(|error| Work::own_fault(&name, &error))?;
    Ok(State::decode(&bytes))
}
