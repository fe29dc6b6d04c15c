//! A workspace kept in memory while it is being edited.
//!
//! Invariant: what a session reports once it has settled is what [`compile`](crate::compile) finds
//! in the same files: it runs the same stages, and only leaves out groups that read nothing that
//! changed. An edit of a document runs its group; an edit of anything that all groups share begins
//! again, open files first. What one look at a file kept is let go when the next one has replaced
//! it, so that memory does not grow with the number of edits.

mod record;
mod snapshot;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use platformc_source::{Diagnostic, FileId, SourceMap, Sources};

use crate::discover::Group;
use crate::group::{GroupResult, Shared};
use crate::pipeline::{finish, with_workspace};
use crate::{Options, parallel};

use record::Recording;
pub use snapshot::Snapshot;

/// Groups that run between two looks at what the client wants.
const CHUNK: usize = 32;

/// So many texts may have been registered before a session begins again to let go of their places.
const MOST_FILES: usize = 1 << 20;

/// What a client says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// These files changed, came or went: paths in the workspace.
    Files(BTreeSet<String>),
    /// Anything may have changed.
    Everything,
    /// The session is over.
    Stop,
}

/// What was found, by file.
#[derive(Debug)]
pub struct Found<'a> {
    /// The texts that spans point into.
    pub map: &'a SourceMap,
    /// What was found, by the path of the primary place.
    pub files: BTreeMap<Arc<str>, Vec<&'a Diagnostic>>,
    /// Whether this is everything: a file that is not among `files` has nothing against it.
    pub complete: bool,
}

/// Who a session works for.
pub trait Client: Sync {
    /// The next change; waits for one. It is called only when everything is reported.
    fn wait(&self) -> Change;

    /// The next change, if there is one.
    fn poll(&self) -> Option<Change>;

    /// The files as they are now.
    fn sources(&self) -> Arc<dyn Sources + Send + Sync>;

    /// Paths of the files that are open, the ones looked at last first.
    fn open(&self) -> Vec<String>;

    /// Takes what was found.
    fn found(&self, found: &Found<'_>);

    /// Takes what is known of the workspace.
    fn snapshot(&self, snapshot: Arc<Snapshot>);
}

/// Why a look at the workspace ended.
enum End {
    Stop,
    Again,
}

/// Serves a client until it says stop.
pub fn serve(client: &dyn Client, options: &Options) {
    loop {
        let disk = client.sources();
        let shared_reads = Recording::new(&*disk);
        let map = Arc::new(SourceMap::new());
        let mut sink = Vec::new();
        let end =
            with_workspace(&shared_reads, &map, options, &mut sink, |shared, groups, sink| {
                let before = std::mem::take(sink);
                Epoch::new(client, options, shared, groups, &shared_reads, &map, before).run()
            });
        let end = end.unwrap_or_else(|| {
            // Without a manifest there are no units; definitions can still be told of.
            client.snapshot(Arc::new(Snapshot::without_manifest(&*disk, &map)));
            platformc_source::render::sort(&mut sink, &map);
            client.found(&Found { map: &map, files: by_file(&map, &sink), complete: true });
            loop {
                match client.wait() {
                    Change::Stop => break End::Stop,
                    Change::Everything => break End::Again,
                    Change::Files(paths) => {
                        let now = client.sources();
                        if paths.iter().any(|path| shared_reads.concerns(path, &*now)) {
                            break End::Again;
                        }
                    }
                }
            }
        });
        if matches!(end, End::Stop) {
            return;
        }
    }
}

/// One look at a workspace, as long as what all units share stays as it is.
struct Epoch<'e> {
    client: &'e dyn Client,
    options: &'e Options,
    shared: &'e Shared<'e>,
    groups: &'e [Group],
    shared_reads: &'e Recording<'e>,
    map: &'e Arc<SourceMap>,
    /// What was found before any group ran.
    before: Vec<Diagnostic>,
    entries: Vec<Entry>,
    /// Texts that nothing will point into once the next complete report is out.
    garbage: Vec<FileId>,
}

/// What is kept of a group.
#[derive(Default)]
struct Entry {
    /// None until it has run.
    result: Option<GroupResult>,
    /// The files it reads.
    reads: BTreeSet<String>,
    /// The texts it registered.
    files: Vec<FileId>,
}

impl<'e> Epoch<'e> {
    fn new(
        client: &'e dyn Client,
        options: &'e Options,
        shared: &'e Shared<'e>,
        groups: &'e [Group],
        shared_reads: &'e Recording<'e>,
        map: &'e Arc<SourceMap>,
        before: Vec<Diagnostic>,
    ) -> Epoch<'e> {
        let reads = |group: &Group| {
            let overlays = group.overlays.iter().map(|(_, found)| found);
            group.bases.iter().chain(overlays).map(|found| found.path.clone()).collect()
        };
        let entries = groups
            .iter()
            .map(|group| Entry { result: None, reads: reads(group), files: Vec::new() })
            .collect();
        let garbage = Vec::new();
        Epoch { client, options, shared, groups, shared_reads, map, before, entries, garbage }
    }

    fn run(mut self) -> End {
        for index in self.open_groups() {
            if let Some(end) = self.catch_up() {
                return end;
            }
            self.rerun(index, &*self.client.sources());
        }
        self.client.snapshot(Arc::new(Snapshot::of(self.shared, self.map)));
        loop {
            if let Some(end) = self.catch_up() {
                return end;
            }
            let waiting = self.entries.iter().enumerate();
            let waiting = waiting.filter(|(_, entry)| entry.result.is_none());
            let chunk: Vec<usize> = waiting.map(|(index, _)| index).take(CHUNK).collect();
            if !chunk.is_empty() {
                self.rest(&chunk);
                continue;
            }
            self.report();
            if self.map.len() > MOST_FILES {
                return End::Again;
            }
            let change = self.client.wait();
            if let Some(end) = self.take(change) {
                return end;
            }
        }
    }

    /// The groups of open files, the one looked at last first.
    fn open_groups(&self) -> Vec<usize> {
        let mut order = Vec::new();
        for path in self.client.open() {
            let of =
                self.entries.iter().enumerate().filter(|(_, entry)| entry.reads.contains(&path));
            order.extend(of.map(|(index, _)| index));
        }
        let mut seen = BTreeSet::new();
        order.retain(|index| seen.insert(*index));
        order
    }

    /// Takes every change there is.
    fn catch_up(&mut self) -> Option<End> {
        while let Some(change) = self.client.poll() {
            if let Some(end) = self.take(change) {
                return Some(end);
            }
        }
        None
    }

    fn take(&mut self, change: Change) -> Option<End> {
        let mut paths = match change {
            Change::Stop => return Some(End::Stop),
            Change::Everything => return Some(End::Again),
            Change::Files(paths) => paths,
        };
        // What came in the meantime is the same look at the files.
        loop {
            match self.client.poll() {
                Some(Change::Files(more)) => paths.extend(more),
                Some(Change::Stop) => return Some(End::Stop),
                Some(Change::Everything) => return Some(End::Again),
                None => break,
            }
        }
        let sources = self.client.sources();
        // What one evaluation of Nickel keeps is only let go with everything it shares.
        if paths.iter().any(|path| path.ends_with(".ncl")) {
            return Some(End::Again);
        }
        if paths.iter().any(|path| self.shared_reads.concerns(path, &*sources)) {
            return Some(End::Again);
        }
        let touched: Vec<usize> = (0..self.entries.len())
            .filter(|index| {
                let entry = self.entries.get(*index);
                entry.is_some_and(|entry| paths.iter().any(|path| entry.reads.contains(path)))
            })
            .collect();
        for index in touched {
            self.rerun(index, &*sources);
        }
        None
    }

    /// Runs a group on the files as they are now and reports on its files.
    fn rerun(&mut self, index: usize, sources: &dyn Sources) {
        let Some(group) = self.groups.get(index) else { return };
        let first = self.map.len();
        let (result, reads) = run_group(self.shared, group, sources);
        // A shipped definition is read when it is first used, and stays.
        let own = |id: &FileId| {
            let file = self.map.get(*id);
            file.is_some_and(|file| reads.contains(&**file.path()) || file.text().is_empty())
        };
        let files: Vec<FileId> = ids(first..self.map.len()).filter(own).collect();
        let mut shown = result.diagnostics.clone();
        platformc_source::render::sort(&mut shown, self.map);
        let mut by_path = by_file(self.map, &shown);
        by_path.retain(|path, _| reads.contains(&**path));
        for path in &reads {
            by_path.entry(Arc::from(path.as_str())).or_default();
        }
        self.client.found(&Found { map: self.map, files: by_path, complete: false });
        if let Some(entry) = self.entries.get_mut(index) {
            let old = std::mem::replace(entry, Entry { result: Some(result), reads, files });
            self.garbage.extend(old.files);
        }
    }

    /// Runs groups that have not run yet, on several threads.
    fn rest(&mut self, chunk: &[usize]) {
        let sources = self.client.sources();
        let first = self.map.len();
        let results = parallel::map(chunk, self.options.jobs, |index| {
            self.groups.get(*index).map(|group| run_group(self.shared, group, &*sources))
        });
        let mut files: BTreeMap<Arc<str>, Vec<FileId>> = BTreeMap::new();
        for id in ids(first..self.map.len()) {
            if let Some(file) = self.map.get(id) {
                files.entry(Arc::clone(file.path())).or_default().push(id);
            }
        }
        for (index, found) in chunk.iter().zip(results) {
            if let (Some((result, reads)), Some(entry)) = (found, self.entries.get_mut(*index)) {
                let own = reads.iter().filter_map(|path| files.remove(path.as_str())).flatten();
                *entry = Entry { files: own.collect(), result: Some(result), reads };
            }
        }
    }

    /// Reports everything, and lets go of the texts that only the last report pointed into.
    fn report(&mut self) {
        let first = self.map.len();
        let results = self.entries.iter().filter_map(|entry| entry.result.clone()).collect();
        let mut sink = self.before.clone();
        // Nothing is written, so nothing has to be recorded.
        finish(results, &Shared { records: false, ..*self.shared }, &mut sink);
        platformc_source::render::sort(&mut sink, self.map);
        let files = by_file(self.map, &sink);
        self.client.found(&Found { map: self.map, files, complete: true });
        for id in self.garbage.drain(..) {
            self.map.forget(id);
        }
        self.garbage.extend(ids(first..self.map.len()));
    }
}

/// The files registered at these places.
fn ids(places: std::ops::Range<usize>) -> impl Iterator<Item = FileId> {
    places.map(|place| FileId(u32::try_from(place).unwrap_or(u32::MAX)))
}

/// Runs a group and keeps what an editor is told of: everything but the bytes.
fn run_group(
    shared: &Shared<'_>,
    group: &Group,
    sources: &dyn Sources,
) -> (GroupResult, BTreeSet<String>) {
    let recording = Recording::new(sources);
    let mut result = Shared { sources: &recording, ..*shared }.group(group);
    for unit in &mut result.units {
        for artifact in &mut unit.output.artifacts {
            artifact.bytes = Vec::new();
        }
    }
    let overlays = group.overlays.iter().map(|(_, found)| found);
    let mut reads = recording.into_reads();
    reads.extend(group.bases.iter().chain(overlays).map(|found| found.path.clone()));
    (result, reads)
}

/// Diagnostics by the path of their primary place.
fn by_file<'d>(
    map: &SourceMap,
    diagnostics: &'d [Diagnostic],
) -> BTreeMap<Arc<str>, Vec<&'d Diagnostic>> {
    let mut files: BTreeMap<Arc<str>, Vec<&'d Diagnostic>> = BTreeMap::new();
    for diagnostic in diagnostics {
        files.entry(map.path(diagnostic.primary.span)).or_default().push(diagnostic);
    }
    files
}

#[cfg(test)]
mod tests;
