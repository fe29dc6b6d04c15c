//! A workspace that is open: its buffers, and the thread that checks it.
//!
//! Invariant: requests read the snapshot and the buffers and never wait for the thread; the thread
//! sees the buffers as they are when it looks. What a client was told of a file is what is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use lsp_server::RequestId;
use platformc_driver::session::{Change, Client, Found, Snapshot};
use platformc_source::Sources;
use serde_json::json;

use crate::Host;
use crate::overlay::Overlay;
use crate::publish::{Abilities, Report, Reporter, placed};
use crate::server::Out;
use crate::uri;

/// What was reported of a file, by its path, and of which version of it.
type Reports = BTreeMap<Arc<str>, (Report, Option<i32>)>;

/// A workspace that is open.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) host: Arc<dyn Host>,
    abilities: Abilities,
    out: Sender<Out>,
    state: Mutex<State>,
    signal: Condvar,
    snapshot: Mutex<Option<Arc<Snapshot>>>,
    reports: Mutex<Reports>,
}

/// A request that is answered once no workspace holds it any more.
pub(crate) struct WhenIdle {
    pub(crate) id: RequestId,
    pub(crate) out: Sender<Out>,
}

impl Drop for WhenIdle {
    fn drop(&mut self) {
        let answer = lsp_server::Response::new_ok(self.id.clone(), serde_json::Value::Null);
        let _ = self.out.send(Out::Bytes(crate::wire::response(answer)));
    }
}

#[derive(Clone)]
struct Buffer {
    bytes: Arc<[u8]>,
    version: i32,
    uri: String,
}

struct State {
    disk: Arc<dyn Sources + Send + Sync>,
    open: BTreeMap<String, Buffer>,
    /// Open files, the one looked at last first.
    order: Vec<String>,
    changed: BTreeSet<String>,
    everything: bool,
    stop: bool,
    /// Who asked to be told when nothing is left to do.
    waiting: Vec<Arc<WhenIdle>>,
    /// Whether the thread has something to do.
    busy: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Workspace {
    pub(crate) fn new(
        root: &Path,
        host: &Arc<dyn Host>,
        abilities: Abilities,
        out: &Sender<Out>,
    ) -> Option<Workspace> {
        let state = State {
            disk: host.sources(root)?,
            open: BTreeMap::new(),
            order: Vec::new(),
            changed: BTreeSet::new(),
            everything: false,
            stop: false,
            waiting: Vec::new(),
            busy: true,
        };
        Some(Workspace {
            root: root.to_path_buf(),
            host: Arc::clone(host),
            abilities,
            out: out.clone(),
            state: Mutex::new(state),
            signal: Condvar::new(),
            snapshot: Mutex::new(None),
            reports: Mutex::default(),
        })
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut lock(&self.state));
        self.signal.notify_all();
    }

    /// A file is open with this text.
    pub(crate) fn open(&self, path: &str, uri: &str, version: i32, text: &str) {
        self.change(|state| {
            let (bytes, uri) = (Arc::from(text.as_bytes()), uri.to_owned());
            let before = state.open.insert(path.to_owned(), Buffer { bytes, version, uri });
            state.order.retain(|other| other != path);
            state.order.insert(0, path.to_owned());
            let same = before.is_some_and(|before| *before.bytes == *text.as_bytes());
            if !same {
                state.changed.insert(path.to_owned());
                state.busy = true;
            }
        });
    }

    /// A file is no longer open.
    pub(crate) fn close(&self, path: &str) {
        self.change(|state| {
            state.open.remove(path);
            state.order.retain(|other| other != path);
            state.changed.insert(path.to_owned());
            state.busy = true;
        });
    }

    /// Files changed on disk.
    pub(crate) fn changed(&self, paths: impl IntoIterator<Item = String>) {
        // What the disk was found to be is looked at anew.
        let disk = self.host.sources(&self.root);
        self.change(|state| {
            state.changed.extend(paths);
            state.busy = true;
            match disk {
                Some(disk) => state.disk = disk,
                None => state.everything = true,
            }
        });
    }

    /// Ends the thread when it next looks.
    pub(crate) fn stop(&self) {
        self.change(|state| state.stop = true);
    }

    /// Ends the thread and takes back what was reported.
    pub(crate) fn withdraw(&self) {
        self.stop();
        let paths: Vec<Arc<str>> = lock(&self.reports).keys().cloned().collect();
        for path in paths {
            self.publish(path, Report::default(), None);
        }
    }

    /// Holds a request until everything that was said before it is reported.
    pub(crate) fn when_idle(&self, request: &Arc<WhenIdle>) {
        let mut state = lock(&self.state);
        if state.busy {
            state.waiting.push(Arc::clone(request));
        }
    }

    /// What is known; none until the workspace was looked at once.
    pub(crate) fn known(&self) -> Option<Arc<Snapshot>> {
        lock(&self.snapshot).clone()
    }

    /// What was reported of a file, and of which version of it.
    pub(crate) fn report_of(&self, path: &str) -> Option<(Report, Option<i32>)> {
        lock(&self.reports).get(path).cloned()
    }

    /// The URI of a file of the workspace.
    pub(crate) fn uri_of(&self, path: &str) -> String {
        match lock(&self.state).open.get(path) {
            Some(buffer) => buffer.uri.clone(),
            None => uri::of_path(&self.root.join(path)),
        }
    }

    /// The text of a file as its author sees it.
    pub(crate) fn text_of(&self, path: &str) -> Option<String> {
        let bytes = self.sources().read(path).ok()?;
        String::from_utf8(bytes.to_vec()).ok()
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Tells of a fault of the server itself.
    pub(crate) fn log(&self, message: &str) {
        let params = json!({ "type": 1, "message": message });
        let _ = self.out.send(Out::notification("window/logMessage", &params));
    }

    fn publish(&self, path: Arc<str>, report: Report, version: Option<i32>) {
        let mut reports = lock(&self.reports);
        let before = reports.get(&path);
        let same = match before {
            Some((before, told)) => before.diagnostics == report.diagnostics && *told == version,
            None => report.diagnostics.is_empty(),
        };
        if !same {
            let mut params = json!({
                "uri": self.uri_of(&path),
                "diagnostics": report.diagnostics,
            });
            if let (Some(version), Some(object)) = (version, params.as_object_mut()) {
                object.insert("version".to_owned(), version.into());
            }
            let _ = self.out.send(Out::notification("textDocument/publishDiagnostics", &params));
        }
        if report.diagnostics.is_empty() {
            reports.remove(&path);
        } else {
            reports.insert(path, (report, version));
        }
    }

    /// A change that is waiting to be taken.
    fn next(state: &mut State) -> Option<Change> {
        if state.stop {
            return Some(Change::Stop);
        }
        if std::mem::take(&mut state.everything) {
            state.changed.clear();
            return Some(Change::Everything);
        }
        let changed = std::mem::take(&mut state.changed);
        (!changed.is_empty()).then_some(Change::Files(changed))
    }
}

impl Client for Workspace {
    fn wait(&self) -> Change {
        let mut state = lock(&self.state);
        loop {
            if let Some(change) = Workspace::next(&mut state) {
                return change;
            }
            state.busy = false;
            state.waiting.clear();
            state = self.signal.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn poll(&self) -> Option<Change> {
        Workspace::next(&mut lock(&self.state))
    }

    fn sources(&self) -> Arc<dyn Sources + Send + Sync> {
        let state = lock(&self.state);
        let open = state.open.iter();
        Arc::new(Overlay {
            disk: Arc::clone(&state.disk),
            open: open.map(|(path, buffer)| (path.clone(), Arc::clone(&buffer.bytes))).collect(),
        })
    }

    fn open(&self) -> Vec<String> {
        lock(&self.state).order.clone()
    }

    fn found(&self, found: &Found<'_>) {
        let open = lock(&self.state).open.clone();
        let uri = |path: &str| open.get(path).map(|buffer| buffer.uri.clone());
        let reporter = Reporter {
            root: &self.root,
            host: &*self.host,
            abilities: self.abilities,
            map: found.map,
            open: &uri,
        };
        let mut files = placed(found);
        if found.complete {
            for path in lock(&self.reports).keys() {
                files.entry(Arc::clone(path)).or_default();
            }
        }
        for (path, diagnostics) in files {
            let version = open.get(&*path).map(|buffer| buffer.version);
            self.publish(path, reporter.report(&diagnostics), version);
        }
    }

    fn snapshot(&self, snapshot: Arc<Snapshot>) {
        *lock(&self.snapshot) = Some(snapshot);
    }
}
