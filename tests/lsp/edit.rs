//! Plays an editing session against `platformc lsp` and measures it: `edit BINARY WORKSPACE [N]`.
//!
//! Opens one Application of the workspace (made by the example `generate`), waits until everything
//! is checked, then types N times (200 unless told): every keystroke changes one property, every
//! other one to something wrong. Measured is the time from sending the change to receiving the
//! diagnostics of the open file; then the time of a completion; then, for an edit of the manifest,
//! the time to the diagnostics of the open file and until all is checked again. Memory is the
//! server's, resident, before and after.
#![allow(clippy::disallowed_methods, reason = "a program that measures another one")]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

struct Server {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    pid: u32,
    next: i64,
}

impl Server {
    fn send(&mut self, mut message: Value) -> Result<(), Failure> {
        message["jsonrpc"] = json!("2.0");
        let body = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len())?;
        Ok(self.input.flush()?)
    }

    fn receive(&mut self) -> Result<Value, Failure> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line)? == 0 {
                return Err("the server has left".into());
            }
            match line.trim().strip_prefix("Content-Length: ") {
                Some(value) => length = value.parse()?,
                None if line.trim().is_empty() => break,
                None => {}
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body)?;
        Ok(serde_json::from_slice(&body)?)
    }

    fn notify(&mut self, method: &str, params: &Value) -> Result<(), Failure> {
        self.send(json!({ "method": method, "params": params }))
    }

    /// Asks and waits for the answer.
    fn ask(&mut self, method: &str, params: &Value) -> Result<Value, Failure> {
        self.next += 1;
        let id = json!(self.next);
        self.send(json!({ "id": id, "method": method, "params": params }))?;
        loop {
            let message = self.receive()?;
            if message["id"] == id && message.get("method").is_none() {
                return Ok(message["result"].clone());
            }
        }
    }

    /// Waits for the diagnostics of a version of a file; how many there are.
    fn diagnostics(&mut self, uri: &str, version: i64) -> Result<usize, Failure> {
        loop {
            let message = self.receive()?;
            let params = &message["params"];
            if message["method"] == "textDocument/publishDiagnostics"
                && params["uri"] == uri
                && params["version"] == version
            {
                return Ok(params["diagnostics"].as_array().map_or(0, Vec::len));
            }
        }
    }

    /// Resident memory in megabytes, where the system tells.
    fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        kilobytes.unwrap_or(0.0_f64) / 1024.0
    }
}

fn quantiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |part: usize| {
        let index = (times.len() * part / 100).min(times.len().saturating_sub(1));
        times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    };
    format!("p50 {:.1} ms, p95 {:.1} ms, worst {:.1} ms", at(50), at(95), at(100))
}

#[allow(clippy::print_stdout, reason = "figures are what this program is for")]
fn run(binary: &str, workspace: &Path, count: usize) -> Result<(), Failure> {
    let workspace = workspace.canonicalize()?;
    let mut child = Command::new(binary)
        .args(["lsp", "--stdio"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let input = child.stdin.take().ok_or("no input")?;
    let output = BufReader::new(child.stdout.take().ok_or("no output")?);
    let mut server = Server { input, output, pid: child.id(), next: 0 };
    let uri = |path: &str| format!("file://{}/{path}", workspace.display());
    let start = Instant::now();
    server.ask("initialize", &json!({ "rootUri": uri(""), "capabilities": {} }))?;
    server.notify("initialized", &json!({}))?;
    let apps = platformc_tests::files_below(&workspace.join("apps"), ".yaml")?;
    let middle = apps.get(apps.len() / 2).ok_or("no Application")?;
    let path = middle.strip_prefix(&workspace)?.to_string_lossy().replace('\\', "/");
    let text = std::fs::read_to_string(middle)?;
    let opened = uri(&path);
    let open = |uri: &str, text: &str| {
        let document = json!({ "uri": uri, "languageId": "x", "version": 1, "text": text });
        json!({ "textDocument": document })
    };
    server.notify("textDocument/didOpen", &open(&opened, &text))?;
    server.ask("platformc/idle", &Value::Null)?;
    println!("{} Applications, checked after {:?}", apps.len(), start.elapsed());
    println!("memory: {:.0} MB", server.memory());

    let (row, line) = text
        .lines()
        .enumerate()
        .find(|(_, line)| line.trim_start().starts_with("image:"))
        .ok_or("no image in the Application")?;
    let column = line.find("image").unwrap_or(0);
    let row_range = |from: usize, to: usize| json!({ "start": { "line": row, "character": from }, "end": { "line": row, "character": to } });
    let mut times = Vec::new();
    let mut version = 1;
    // The letters of a wrong name come and go; what is wrong has to be told each time.
    let mut width = "image".len();
    for index in 0..count {
        version += 1;
        let name = if index % 2 == 0 { format!("imag{}", index % 10) } else { "image".to_owned() };
        let change = json!({ "range": row_range(column, column + width), "text": name });
        width = name.len();
        let document = json!({ "uri": opened, "version": version });
        let begin = Instant::now();
        let params = json!({ "textDocument": document, "contentChanges": [change] });
        server.notify("textDocument/didChange", &params)?;
        if index % 2 == 0 {
            if server.diagnostics(&opened, version)? == 0 {
                return Err("a wrong name is not told of".into());
            }
            times.push(begin.elapsed());
        } else {
            server.ask("platformc/idle", &Value::Null)?;
        }
    }
    println!("keystroke to diagnostics of the open file: {}", quantiles(times));
    println!("memory: {:.0} MB", server.memory());

    let mut times = Vec::new();
    for _ in 0..count.min(100) {
        let begin = Instant::now();
        let position = json!({ "line": row, "character": column });
        let params = json!({ "textDocument": { "uri": opened }, "position": position });
        server.ask("textDocument/completion", &params)?;
        times.push(begin.elapsed());
    }
    println!("completion: {}", quantiles(times));

    // With something wrong in the open file, its report is what is waited for.
    version += 1;
    let change = json!({ "range": row_range(column, column + width), "text": "imagx" });
    let document = json!({ "uri": opened, "version": version });
    let params = json!({ "textDocument": document, "contentChanges": [change] });
    server.notify("textDocument/didChange", &params)?;
    server.ask("platformc/idle", &Value::Null)?;
    let manifest = std::fs::read_to_string(workspace.join("platform.toml"))?;
    server.notify("textDocument/didOpen", &open(&uri("platform.toml"), &manifest))?;
    server.ask("platformc/idle", &Value::Null)?;
    let mut all = Vec::new();
    for index in 0..10 {
        let begin = Instant::now();
        let document = json!({ "uri": uri("platform.toml"), "version": index + 2 });
        let change = json!({ "text": format!("{manifest}\n# {index}\n") });
        let params = json!({ "textDocument": document, "contentChanges": [change] });
        server.notify("textDocument/didChange", &params)?;
        server.ask("platformc/idle", &Value::Null)?;
        all.push(begin.elapsed());
    }
    println!("edit of the manifest until all is checked: {}", quantiles(all));
    println!("memory: {:.0} MB", server.memory());
    server.ask("shutdown", &Value::Null)?;
    server.notify("exit", &Value::Null)?;
    drop(server);
    let status = child.wait()?;
    if status.success() { Ok(()) } else { Err(format!("the server ended with {status}").into()) }
}

#[allow(clippy::print_stderr, reason = "a program for the terminal")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let (Some(binary), Some(workspace)) = (arguments.get(1), arguments.get(2)) else {
        eprintln!("usage: edit BINARY WORKSPACE [KEYSTROKES]");
        return ExitCode::from(2);
    };
    let count = arguments.get(3).and_then(|count| count.parse().ok()).unwrap_or(200);
    match run(binary, Path::new(workspace), count) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
