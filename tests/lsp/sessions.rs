//! Recorded sessions of an editor, as data.
//!
//! A session is a file of lines, each a JSON object or a comment that starts with `#`:
//!
//! - `{"file": PATH, "text": TEXT}`: a file is on disk with that text (`null`: it is gone)
//! - `{"send": MESSAGE}`: the client sends a message; `"show": "labels"` beside it records of the
//!   items of the answer only the labels
//! - `{"raw": TEXT}`: the client sends these bytes, without a header of its own
//! - `{"expect": MESSAGE}`: the server sends this before it has nothing left to do
//! - `{"exit": CODE}`: the server ends with this code; the client has closed its stream
//!
//! `PLATFORMC_UPDATE=1` rewrites what is expected; look at the difference before you commit it.
#![allow(clippy::disallowed_methods, reason = "a test harness reads and writes its own files")]

use std::io::{BufRead, BufReader, PipeWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use platformc_driver::Ambience;
use platformc_lsp::Host;
use platformc_source::{MemorySources, Sources};
use platformc_tests::{files_below, repository, updating};
use serde_json::{Value, json};

/// Longer than any answer takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
const ROOT: &str = "/w";

/// A machine whose disk is in memory.
struct Machine(Mutex<MemorySources>);

impl Host for Machine {
    fn workspace_of(&self, path: &Path) -> Option<PathBuf> {
        let files = self.0.lock().expect("lock");
        path.ancestors()
            .filter_map(|folder| Some((folder, folder.strip_prefix(ROOT).ok()?)))
            .find(|(_, inside)| files.read(&inside.join("platform.toml").to_string_lossy()).is_ok())
            .map(|(folder, _)| folder.to_path_buf())
    }

    fn sources(&self, root: &Path) -> Option<Arc<dyn Sources + Send + Sync>> {
        let inside = root.strip_prefix(ROOT).ok()?.to_string_lossy().into_owned();
        let files = self.0.lock().expect("lock");
        let below = files.files().filter_map(|(path, bytes)| match inside.as_str() {
            "" => Some((path.to_owned(), bytes.clone())),
            inside => {
                let rest = path.strip_prefix(inside)?.strip_prefix('/')?;
                Some((rest.to_owned(), bytes.clone()))
            }
        });
        Some(Arc::new(below.collect::<MemorySources>()))
    }

    fn ambience(&self, _: &Path) -> Ambience {
        Ambience::default()
    }

    fn shipped(&self, path: &str, _: &str) -> Option<PathBuf> {
        Some(Path::new("/shipped").join(path))
    }
}

struct Session {
    input: Option<PipeWriter>,
    messages: Receiver<Value>,
    exit: Receiver<u8>,
    count: usize,
}

/// Messages from a stream, until it ends.
fn read(mut stream: impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().strip_prefix("Content-Length: ") {
            Some(value) => length = value.parse().ok()?,
            None if line.trim().is_empty() => break,
            None => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

impl Session {
    fn start(machine: Arc<Machine>) -> Session {
        let (input, own_input) = std::io::pipe().expect("pipe");
        let (own_output, mut output) = std::io::pipe().expect("pipe");
        let (exited, exit) = channel();
        std::thread::spawn(move || {
            let input = Box::new(BufReader::new(input));
            let code = platformc_lsp::serve(input, &mut output, machine, "0.1.0");
            let _ = exited.send(code);
        });
        let (sent, messages) = channel();
        std::thread::spawn(move || {
            let mut stream = BufReader::new(own_output);
            while let Some(message) = read(&mut stream) {
                if sent.send(message).is_err() {
                    break;
                }
            }
        });
        Session { input: Some(own_input), messages, exit, count: 0 }
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(input) = &mut self.input {
            // A server that has left does not listen.
            let _ = input.write_all(bytes).and_then(|()| input.flush());
        }
    }

    fn send(&mut self, message: &Value) {
        let mut message = message.clone();
        message["jsonrpc"] = json!("2.0");
        let body = message.to_string();
        self.write(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    /// What the server says until it has nothing left to do, or has left.
    fn settle(&mut self) -> Result<Vec<Value>, String> {
        self.count += 1;
        let id = json!(format!("idle-{}", self.count));
        self.send(&json!({ "id": id, "method": "platformc/idle" }));
        let mut said = Vec::new();
        loop {
            match self.messages.recv_timeout(PATIENCE) {
                Ok(message) if message["id"] == id => return Ok(said),
                Ok(mut message) => {
                    if let Some(object) = message.as_object_mut() {
                        object.remove("jsonrpc");
                    }
                    said.push(message);
                }
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return Ok(said),
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                    return Err(format!(
                        "the server says nothing for {PATIENCE:?}; before: {said:?}"
                    ));
                }
            }
        }
    }

    /// Closes the stream and waits for the end.
    fn end(&mut self) -> Result<u8, String> {
        self.input = None;
        self.exit.recv_timeout(PATIENCE).map_err(|_| "the server does not end".to_owned())
    }
}

/// An answer of which only the labels of its items are kept.
fn labels(mut message: Value) -> Value {
    if let Some(items) = message["result"].as_array() {
        message["result"] = items.iter().map(|item| item["label"].clone()).collect();
    }
    message
}

fn run(text: &str) -> Result<String, String> {
    let machine = Arc::new(Machine(Mutex::default()));
    let mut session: Option<Session> = None;
    let mut out = String::new();
    for (index, line) in text.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            out.push_str(line);
            out.push('\n');
            continue;
        }
        let step: Value =
            serde_json::from_str(line).map_err(|error| format!("line {}: {error}", index + 1))?;
        if step.get("expect").is_some() || step.get("exit").is_some() {
            continue;
        }
        out.push_str(line);
        out.push('\n');
        if let Some(path) = step["file"].as_str() {
            let mut files = machine.0.lock().expect("lock");
            match step["text"].as_str() {
                Some(text) => files.insert(path, text),
                None => {
                    files.remove(path);
                }
            }
            continue;
        }
        let session = session.get_or_insert_with(|| Session::start(Arc::clone(&machine)));
        match (step.get("send"), step["raw"].as_str()) {
            (Some(message), _) => session.send(message),
            (None, Some(raw)) => session.write(raw.as_bytes()),
            (None, None) => return Err(format!("line {}: no step", index + 1)),
        }
        let only_labels = step["show"] == "labels";
        for message in session.settle()? {
            let message = if only_labels { labels(message) } else { message };
            out.push_str(&json!({ "expect": message }).to_string());
            out.push('\n');
        }
    }
    let Some(mut session) = session else { return Err("nothing is sent".to_owned()) };
    let code = session.end()?;
    out.push_str(&json!({ "exit": code }).to_string());
    out.push('\n');
    Ok(out)
}

fn check(path: &Path) -> Result<(), Failed> {
    let text = std::fs::read_to_string(path)?;
    let found = run(&text)?;
    if updating() {
        std::fs::write(path, found)?;
        return Ok(());
    }
    let mut expected = text.lines();
    for (index, line) in found.lines().enumerate() {
        let other = expected.next().unwrap_or("nothing");
        if line != other {
            let message = format!("line {}:\n   found {line}\nexpected {other}", index + 1);
            return Err(message.into());
        }
    }
    match expected.next() {
        Some(more) => Err(format!("expected and not found: {more}").into()),
        None => Ok(()),
    }
}

fn main() -> ExitCode {
    let folder = repository().join("tests/lsp/sessions");
    let files = files_below(&folder, ".jsonl").expect("sessions");
    assert!(!files.is_empty(), "no session is found");
    let trials = files.into_iter().map(|path| {
        let name = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into());
        Trial::test(name, move || check(&path))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}
