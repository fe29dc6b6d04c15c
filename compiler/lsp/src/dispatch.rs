//! Which method does what, and the documents that are open.
//!
//! Invariant: every request is answered exactly once, a fault of the server included; before
//! `initialize` and after `shutdown` requests are refused, as the protocol says.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Sender;

use lsp_server::{ErrorCode, Notification, Request, RequestId, Response};
use platformc_driver::{Options, Selection};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::position::{Encoding, Lines};
use crate::publish::Abilities;
use crate::server::{Cancelled, Out};
use crate::workspace::{WhenIdle, Workspace};
use crate::{Host, methods, uri, wire, worker};

/// Why a request has no result.
pub(crate) struct Refusal {
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
}

/// A document that is open.
pub(crate) struct Document {
    pub(crate) text: String,
    pub(crate) version: i32,
    /// The workspace and the path in it; none where the file belongs to no workspace.
    pub(crate) place: Option<(Arc<Workspace>, String)>,
    /// The name that says how it is written.
    pub(crate) path: String,
}

#[derive(PartialEq)]
enum Phase {
    New,
    Running,
    Leaving,
}

/// The server as its client knows it.
pub(crate) struct Server {
    host: Arc<dyn Host>,
    out: Sender<Out>,
    cancelled: Cancelled,
    version: &'static str,
    phase: Phase,
    pub(crate) abilities: Abilities,
    environment: Option<String>,
    watches: bool,
    folders: Vec<PathBuf>,
    workspaces: BTreeMap<PathBuf, Arc<Workspace>>,
    documents: BTreeMap<String, Document>,
}

#[derive(Deserialize)]
pub(crate) struct Identifier {
    pub(crate) uri: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Opened {
    text_document: OpenedDocument,
}

#[derive(Deserialize)]
struct OpenedDocument {
    uri: String,
    version: i32,
    text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changed {
    text_document: ChangedDocument,
    content_changes: Vec<ContentChange>,
}

#[derive(Deserialize)]
struct ChangedDocument {
    uri: String,
    version: i32,
}

#[derive(Deserialize)]
struct ContentChange {
    range: Option<lsp_types::Range>,
    text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Closed {
    text_document: Identifier,
}

#[derive(Deserialize)]
struct Watched {
    changes: Vec<Identifier>,
}

#[derive(Deserialize)]
struct Folders {
    event: FolderChange,
}

#[derive(Deserialize)]
struct FolderChange {
    #[serde(default)]
    added: Vec<Identifier>,
    #[serde(default)]
    removed: Vec<Identifier>,
}

/// Reads parameters. None of these types is read through an untagged or flattened one: where
/// numbers are kept exact, those cannot read any.
pub(crate) fn parameters<T: DeserializeOwned>(params: Value) -> Result<T, Refusal> {
    serde_json::from_value(params)
        .map_err(|error| Refusal { code: ErrorCode::InvalidParams, message: error.to_string() })
}

impl Server {
    pub(crate) fn new(
        host: Arc<dyn Host>,
        out: Sender<Out>,
        cancelled: Cancelled,
        version: &'static str,
    ) -> Server {
        Server {
            host,
            out,
            cancelled,
            version,
            phase: Phase::New,
            abilities: Abilities {
                encoding: Encoding::Utf16,
                related: false,
                description: false,
                tags: false,
            },
            environment: None,
            watches: false,
            folders: Vec::new(),
            workspaces: BTreeMap::new(),
            documents: BTreeMap::new(),
        }
    }

    /// Ends the session; the exit code.
    pub(crate) fn exit(&mut self) -> u8 {
        for workspace in self.workspaces.values() {
            workspace.stop();
        }
        u8::from(self.phase != Phase::Leaving)
    }

    /// Answers a request.
    pub(crate) fn request(&mut self, request: Request) {
        let id = request.id.clone();
        let work = AssertUnwindSafe(|| self.result(request));
        let result = catch_unwind(work).unwrap_or_else(|_| {
            let message = "this is a fault of platformc itself".to_owned();
            Err(Refusal { code: ErrorCode::InternalError, message })
        });
        let response = match result {
            Ok(None) => return,
            Ok(Some(value)) => Response::new_ok(id, value),
            Err(refusal) => Response::new_err(id, refusal.code as i32, refusal.message),
        };
        let _ = self.out.send(Out::Bytes(wire::response(response)));
    }

    /// The result of a request; `None` where it is answered later.
    fn result(&mut self, request: Request) -> Result<Option<Value>, Refusal> {
        let Request { id, method, params } = request;
        let refuse = |code, message: &str| Err(Refusal { code, message: message.to_owned() });
        if self.cancelled.take(&id) {
            return refuse(ErrorCode::RequestCanceled, "cancelled by the client");
        }
        match (&self.phase, &*method) {
            (Phase::New, "initialize") => return self.initialize(&params).map(Some),
            (Phase::New, _) => {
                return refuse(ErrorCode::ServerNotInitialized, "`initialize` comes first");
            }
            (Phase::Leaving, _) => {
                return refuse(ErrorCode::InvalidRequest, "after `shutdown` comes `exit`");
            }
            (Phase::Running, "initialize") => {
                return refuse(ErrorCode::InvalidRequest, "`initialize` comes once");
            }
            (Phase::Running, _) => {}
        }
        match &*method {
            "shutdown" => {
                self.phase = Phase::Leaving;
                Ok(Some(Value::Null))
            }
            "platformc/idle" => {
                self.idle(id);
                Ok(None)
            }
            "textDocument/hover" => methods::hover::answer(self, params).map(Some),
            "textDocument/completion" => methods::completion::answer(self, params).map(Some),
            "textDocument/definition" => methods::definition::answer(self, params).map(Some),
            "textDocument/documentSymbol" => methods::symbols::answer(self, params).map(Some),
            "textDocument/codeAction" => methods::actions::answer(self, params).map(Some),
            "textDocument/formatting" => methods::formatting::answer(self, params).map(Some),
            _ => refuse(ErrorCode::MethodNotFound, &format!("`{method}` is not known")),
        }
    }

    /// Answers when every workspace has reported all it can.
    fn idle(&self, id: RequestId) {
        let request = Arc::new(WhenIdle { id, out: self.out.clone() });
        for workspace in self.workspaces.values() {
            workspace.when_idle(&request);
        }
    }

    fn initialize(&mut self, params: &Value) -> Result<Value, Refusal> {
        let at = |pointer: &str| params.pointer(pointer);
        let text = |pointer: &str| at(pointer).and_then(Value::as_str);
        let set = |pointer: &str| at(pointer).and_then(Value::as_bool).unwrap_or(false);
        let encodings = at("/capabilities/general/positionEncodings").and_then(Value::as_array);
        let utf8 = encodings.is_some_and(|known| known.iter().any(|one| one == "utf-8"));
        let publish = "/capabilities/textDocument/publishDiagnostics";
        self.abilities = Abilities {
            encoding: if utf8 { Encoding::Utf8 } else { Encoding::Utf16 },
            related: set(&format!("{publish}/relatedInformation")),
            description: set(&format!("{publish}/codeDescriptionSupport")),
            tags: at(&format!("{publish}/tagSupport")).is_some_and(|tags| !tags.is_null()),
        };
        self.watches = set("/capabilities/workspace/didChangeWatchedFiles/dynamicRegistration");
        if let Some(environment) = at("/initializationOptions/environment") {
            let Some(name) = environment.as_str() else {
                let message = "`initializationOptions.environment` is a name, or `all`".to_owned();
                return Err(Refusal { code: ErrorCode::InvalidParams, message });
            };
            self.environment = Some(name.to_owned()).filter(|name| name != "all");
        }
        let folders = at("/workspaceFolders").and_then(Value::as_array).into_iter().flatten();
        let folders = folders.filter_map(|folder| folder.get("uri").and_then(Value::as_str));
        self.folders = folders.filter_map(uri::to_path).collect();
        if self.folders.is_empty() {
            let root = text("/rootUri").and_then(uri::to_path);
            self.folders.extend(root.or_else(|| text("/rootPath").map(PathBuf::from)));
        }
        self.phase = Phase::Running;
        let encoding = if utf8 { "utf-8" } else { "utf-16" };
        Ok(json!({
            "serverInfo": { "name": "platformc", "version": self.version },
            "capabilities": {
                "positionEncoding": encoding,
                "textDocumentSync": { "openClose": true, "change": 2, "save": false },
                "hoverProvider": true,
                "definitionProvider": true,
                "documentSymbolProvider": true,
                "documentFormattingProvider": true,
                "codeActionProvider": { "codeActionKinds": ["quickfix"] },
                "completionProvider": { "triggerCharacters": [":", " ", "-", "{", "."] },
                "workspace": {
                    "workspaceFolders": { "supported": true, "changeNotifications": true },
                },
            },
        }))
    }

    /// Takes news; wrong ones are told of and otherwise without effect.
    pub(crate) fn notification(&mut self, news: Notification) {
        let method = news.method.clone();
        let work = AssertUnwindSafe(|| self.take(news));
        let problem = match catch_unwind(work) {
            Ok(Ok(())) => return,
            Ok(Err(refusal)) => refusal.message,
            Err(_) => "this is a fault of platformc itself".to_owned(),
        };
        let params = json!({ "type": 1, "message": format!("{method}: {problem}") });
        let _ = self.out.send(Out::notification("window/logMessage", &params));
    }

    fn take(&mut self, news: Notification) -> Result<(), Refusal> {
        if self.phase != Phase::Running {
            return Ok(());
        }
        let params = news.params;
        match &*news.method {
            "initialized" => self.initialized(),
            "textDocument/didOpen" => {
                let Opened { text_document: OpenedDocument { uri, version, text } } =
                    parameters(params)?;
                self.open(&uri, version, text);
            }
            "textDocument/didChange" => self.edit(parameters(params)?)?,
            "textDocument/didClose" => {
                let closed: Closed = parameters(params)?;
                let document = self.documents.remove(&closed.text_document.uri);
                if let Some((workspace, path)) = document.and_then(|document| document.place) {
                    workspace.close(&path);
                }
            }
            "workspace/didChangeWatchedFiles" => self.watched(&parameters(params)?),
            "workspace/didChangeWorkspaceFolders" => self.folders(&parameters(params)?),
            "$/cancelRequest" => {
                // It was answered before, or refused when its turn came.
                if let Some(id) = params.get("id").and_then(wire::id) {
                    self.cancelled.take(&id);
                }
            }
            // `$/` news may be ignored by whoever does not know them, other news as well.
            _ => {}
        }
        Ok(())
    }

    fn initialized(&mut self) {
        if self.watches {
            let params = json!({ "registrations": [{
                "id": "files",
                "method": "workspace/didChangeWatchedFiles",
                "registerOptions": { "watchers": [
                    { "globPattern": "**/*.{yaml,yml,json,cue,ncl,toml}" },
                ] },
            }] });
            let request = Out::request("register-files", "client/registerCapability", &params);
            let _ = self.out.send(request);
        }
        for folder in self.folders.clone() {
            self.workspace_of(&folder);
        }
    }

    /// The workspace of a file or folder, opened if need be.
    fn workspace_of(&mut self, path: &Path) -> Option<Arc<Workspace>> {
        let root = self.host.workspace_of(path)?;
        if let Some(workspace) = self.workspaces.get(&root) {
            return Some(Arc::clone(workspace));
        }
        let new = Workspace::new(&root, &self.host, self.abilities, &self.out)?;
        let workspace = Arc::new(new);
        let environments = match &self.environment {
            Some(name) => Selection::Named(name.clone(), "initializationOptions"),
            None => Selection::All,
        };
        let ambience = self.host.ambience(&root);
        let version = self.version;
        let options = Options { environments, version, ambience, ..Options::default() };
        worker::start(&workspace, options);
        self.workspaces.insert(root, Arc::clone(&workspace));
        Some(workspace)
    }

    fn open(&mut self, uri: &str, version: i32, text: String) {
        let path = uri::to_path(uri);
        let place = path.as_deref().and_then(|path| {
            let workspace = self.workspace_of(path)?;
            let relative = uri::relative(workspace.root(), path)?;
            Some((workspace, relative))
        });
        if let Some((workspace, path)) = &place {
            workspace.open(path, uri, version, &text);
        }
        let path = path.map_or_else(|| uri.to_owned(), |path| path.to_string_lossy().into_owned());
        self.documents.insert(uri.to_owned(), Document { text, version, place, path });
    }

    fn edit(&mut self, changed: Changed) -> Result<(), Refusal> {
        let uri = changed.text_document.uri;
        let Some(document) = self.documents.get_mut(&uri) else { return Err(not_open(&uri)) };
        for change in changed.content_changes {
            match change.range {
                None => document.text = change.text,
                Some(range) => {
                    let span = Lines::new(&document.text, self.abilities.encoding).span(range);
                    document.text.replace_range(span, &change.text);
                }
            }
        }
        document.version = changed.text_document.version;
        if let Some((workspace, path)) = &document.place {
            workspace.open(path, &uri, document.version, &document.text);
        }
        Ok(())
    }

    fn watched(&mut self, watched: &Watched) {
        let mut by_root: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
        for path in watched.changes.iter().filter_map(|change| uri::to_path(&change.uri)) {
            for root in self.workspaces.keys() {
                if let Some(relative) = uri::relative(root, &path) {
                    by_root.entry(root.clone()).or_default().push(relative);
                }
            }
            if path.file_name().is_some_and(|name| name == "platform.toml") {
                self.place_again(&path);
            }
        }
        for (root, paths) in by_root {
            if let Some(workspace) = self.workspaces.get(&root) {
                workspace.changed(paths);
            }
        }
    }

    /// A manifest came or went: open files may belong to another workspace now.
    fn place_again(&mut self, manifest: &Path) {
        let Some(root) = manifest.parent() else { return };
        let below = |document: &Document| Path::new(&document.path).starts_with(root);
        let open = self.documents.iter().filter(|(_, document)| below(document));
        let open: Vec<String> = open.map(|(uri, _)| uri.clone()).collect();
        for uri in open {
            let Some(document) = self.documents.remove(&uri) else { continue };
            if let Some((workspace, path)) = document.place {
                workspace.close(&path);
            }
            self.open(&uri, document.version, document.text);
        }
        if self.folders.iter().any(|folder| folder.starts_with(root) || root.starts_with(folder)) {
            self.workspace_of(root);
        }
    }

    fn folders(&mut self, folders: &Folders) {
        for removed in folders.event.removed.iter().filter_map(|folder| uri::to_path(&folder.uri)) {
            self.folders.retain(|folder| *folder != removed);
            let open: Vec<PathBuf> = {
                let places = self.documents.values().filter_map(|found| found.place.as_ref());
                places.map(|(workspace, _)| workspace.root.clone()).collect()
            };
            let kept: Vec<PathBuf> =
                self.folders.iter().filter_map(|folder| self.host.workspace_of(folder)).collect();
            self.workspaces.retain(|root, workspace| {
                let keep =
                    !root.starts_with(&removed) || open.contains(root) || kept.contains(root);
                if !keep {
                    workspace.withdraw();
                }
                keep
            });
        }
        for added in folders.event.added.iter().filter_map(|folder| uri::to_path(&folder.uri)) {
            self.workspace_of(&added);
            self.folders.push(added);
        }
    }

    /// An open document.
    pub(crate) fn document(&self, uri: &str) -> Result<&Document, Refusal> {
        self.documents.get(uri).ok_or_else(|| not_open(uri))
    }
}

fn not_open(uri: &str) -> Refusal {
    let message = format!("`{uri}` is not open");
    Refusal { code: ErrorCode::InvalidParams, message }
}
