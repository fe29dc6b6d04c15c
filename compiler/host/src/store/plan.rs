//! Comparing what is there with what is wanted, without writing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::thread;

use platformc_source::StoreError;

use super::state::{Digest, digest};
use super::{File, fault, parent};

/// What has to be done with one wanted file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// It is there as wanted.
    Nothing,
    /// Another file of that name is there.
    Replace,
    /// Nothing of that name is there, but its folder is.
    Make,
    /// Its folder is not there either; the highest folder that is missing.
    MakeBelow(String),
    /// Something that the store does not touch is in the way.
    Blocked(&'static str),
}

/// What a commit has to do.
#[derive(Debug)]
pub(super) struct Plan {
    /// One action for each wanted file, in their order.
    pub(super) actions: Vec<Action>,
    /// Owned files that are no longer wanted and still as they were written.
    pub(super) orphans: Vec<String>,
    /// Owned files that are no longer wanted but were changed since: neither ours to remove nor
    /// to forget.
    pub(super) changed_orphans: BTreeMap<String, Digest>,
    /// The digest of each wanted file, in their order.
    pub(super) digests: Vec<Digest>,
}

impl Plan {
    /// The paths that a commit writes or removes, sorted. A changed orphan is a difference, too.
    pub(super) fn differences(&self, files: &[File]) -> Vec<String> {
        let written = files.iter().zip(&self.actions).filter(|(_, a)| **a != Action::Nothing);
        let mut paths: Vec<String> = written.map(|((path, _), _)| path.clone()).collect();
        paths.extend(self.orphans.iter().cloned());
        paths.extend(self.changed_orphans.keys().cloned());
        paths.sort_unstable();
        paths
    }
}

/// Compares. `owned` is what earlier commits wrote; `claims` are files that someone says an
/// earlier commit wrote, which holds for those whose digest is as claimed.
pub(super) fn plan(
    root: &Path,
    owned: &BTreeMap<String, Digest>,
    claims: &BTreeMap<String, Digest>,
    files: &[File],
    threads: usize,
) -> Result<Plan, StoreError> {
    let mut folders = Folders { root, known: BTreeMap::new(), removed: BTreeSet::new() };
    let (mut orphans, mut changed_orphans) = (Vec::new(), BTreeMap::new());
    let wanted = |path: &str| files.binary_search_by(|(p, _)| p.as_str().cmp(path)).is_ok();
    let claimed = claims.iter().filter(|(path, _)| !owned.contains_key(*path));
    for (path, written) in owned.iter().chain(claimed) {
        if wanted(path) || !folders.holds_file(path) {
            continue;
        }
        let bytes = fs::read(root.join(path)).map_err(|error| fault(path, &error))?;
        if digest(&bytes) == *written {
            orphans.push(path.clone());
        } else if owned.contains_key(path) {
            changed_orphans.insert(path.clone(), *written);
        }
    }
    orphans.sort_unstable();
    folders.removed = orphans.iter().cloned().collect();

    let mut actions = vec![Action::Nothing; files.len()];
    for ((path, _), action) in files.iter().zip(&mut actions) {
        *action = folders.way_to(path)?;
    }
    // A wanted file takes the place of a folder only where orphans were all that was in it.
    let makes_room = |path: &str| {
        let below = format!("{path}/");
        folders
            .removed
            .range(below.clone()..)
            .next()
            .is_some_and(|orphan| orphan.starts_with(&below))
    };
    let mut digests = vec![Digest::default(); files.len()];
    let size = files.len().div_ceil(threads.max(1)).max(1);
    let parts = files.chunks(size).zip(actions.chunks_mut(size).zip(digests.chunks_mut(size)));
    let results: Vec<Result<(), StoreError>> = thread::scope(|scope| {
        let compare = |(files, (actions, digests)): (&[File], (&mut [Action], &mut [Digest]))| {
            for (file, (action, sum)) in files.iter().zip(actions.iter_mut().zip(digests)) {
                *sum = digest(&file.1);
                if *action == Action::Nothing {
                    *action = compare(root, file, &makes_room)?;
                }
            }
            Ok(())
        };
        in_parallel(scope, parts, compare)
    });
    results.into_iter().collect::<Result<(), _>>()?;
    Ok(Plan { actions, orphans, changed_orphans, digests })
}

/// Runs `work` on every part, the first on this thread; results in the order of the parts.
pub(super) fn in_parallel<'scope, P: Send + 'scope, R: Send + 'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    parts: impl IntoIterator<Item = P>,
    work: impl Fn(P) -> R + Copy + Send + 'scope,
) -> Vec<R> {
    let mut parts = parts.into_iter();
    let first = parts.next();
    let others: Vec<_> = parts.map(|part| scope.spawn(move || work(part))).collect();
    let mut results: Vec<R> = first.map(work).into_iter().collect();
    for other in others {
        match other.join() {
            Ok(result) => results.push(result),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
    results
}

fn compare(
    root: &Path,
    (path, bytes): &File,
    makes_room: &impl Fn(&str) -> bool,
) -> Result<Action, StoreError> {
    let target = root.join(path);
    let metadata = match fs::symlink_metadata(&target) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Action::Make),
        Err(error) => return Err(fault(path, &error)),
    };
    if metadata.is_dir() {
        if makes_room(path) {
            return Ok(Action::Make);
        }
        return Ok(Action::Blocked("a folder is in the way"));
    }
    if metadata.is_symlink() {
        return Ok(Action::Blocked("a link is in the way; the compiler writes through none"));
    }
    if !metadata.is_file() {
        return Ok(Action::Blocked("something that is not a regular file is in the way"));
    }
    let same = metadata.len() == bytes.len() as u64
        && same_content(&target, bytes).map_err(|error| fault(path, &error))?;
    Ok(if same { Action::Nothing } else { Action::Replace })
}

fn same_content(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let mut file = fs::File::open(path)?;
    let mut buffer = [0; 16 << 10];
    let mut rest = bytes;
    loop {
        let read = match file.read(&mut buffer) {
            Ok(0) => return Ok(rest.is_empty()),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        match (buffer.get(..read), rest.split_at_checked(read)) {
            (Some(got), Some((wanted, after))) if got == wanted => rest = after,
            _ => return Ok(false),
        }
    }
}

/// What is known about folders of the store. A link is never taken for one.
struct Folders<'a> {
    root: &'a Path,
    known: BTreeMap<String, Found>,
    removed: BTreeSet<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Folder,
    Missing,
    File,
    Link,
}

impl Folders<'_> {
    fn find(&mut self, path: &str) -> Result<Found, StoreError> {
        if let Some(found) = self.known.get(path) {
            return Ok(*found);
        }
        // The root may be a link that the user made; what lies in it may not.
        let above = if path.is_empty() { Found::Folder } else { self.find(parent(path))? };
        let found = match above {
            Found::Folder => {
                let place = self.root.join(path);
                let metadata =
                    if path.is_empty() { fs::metadata(place) } else { fs::symlink_metadata(place) };
                match metadata {
                    Ok(metadata) if metadata.is_dir() => Found::Folder,
                    Ok(metadata) if metadata.is_symlink() => Found::Link,
                    Ok(_) => Found::File,
                    Err(error) if error.kind() == ErrorKind::NotFound => Found::Missing,
                    Err(error) => return Err(fault(path, &error)),
                }
            }
            other => other,
        };
        self.known.insert(path.to_owned(), found);
        Ok(found)
    }

    /// Whether a regular file is there, all of whose folders are real.
    fn holds_file(&mut self, path: &str) -> bool {
        self.find(parent(path)) == Ok(Found::Folder)
            && fs::symlink_metadata(self.root.join(path)).is_ok_and(|metadata| metadata.is_file())
    }

    /// What making `path` asks of the folders above it; `Nothing` where they are all there.
    fn way_to(&mut self, path: &str) -> Result<Action, StoreError> {
        let mut folder = parent(path);
        let mut way = Action::Nothing;
        loop {
            match self.find(folder)? {
                Found::Folder => return Ok(way),
                Found::Missing => way = Action::MakeBelow(folder.to_owned()),
                Found::Link => {
                    let message = "a folder on the way is a link; the compiler writes through none";
                    return Ok(Action::Blocked(message));
                }
                // Folders below a file are found to be files, too: the orphan is the file itself.
                Found::File if self.is_removed(folder) => {
                    way = Action::MakeBelow(folder.to_owned());
                }
                Found::File => return Ok(Action::Blocked("a file is where a folder is needed")),
            }
            if folder.is_empty() {
                return Ok(way);
            }
            folder = parent(folder);
        }
    }

    /// Whether `folder`, or what is above it, is an orphan.
    fn is_removed(&self, folder: &str) -> bool {
        let mut path = folder;
        while !path.is_empty() {
            if self.removed.contains(path) {
                return true;
            }
            path = parent(path);
        }
        false
    }
}
