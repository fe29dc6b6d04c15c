//! Runs archives in child processes, so that a crash or an endless loop of one hides no other.
//!
//! Invariant: a child writes each verdict as soon as it has it; what a child did not say before
//! it died or was stopped is missing, and missing counts as failed.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::differential;
use crate::engine;
use crate::run::{self, Verdict};
use crate::score::{ArchiveResult, Results};

/// The argument that makes the program a child.
pub const CHILD: &str = "--child";
/// The line that ends the verdicts of an archive.
const END: &str = "end";
/// Address space of a child, in KiB.
const MEMORY: u64 = 6_000_000;
/// Stack of the thread that evaluates, in bytes.
const STACK: usize = 256 << 20;

/// Limits of a run.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For one archive.
    pub time: Duration,
    /// Children at the same time.
    pub jobs: usize,
}

/// What a child does with an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Runs its assertions.
    Assert,
    /// Exports its top-level fields.
    Export,
}

impl Task {
    fn word(self) -> &'static str {
        match self {
            Task::Assert => "assert",
            Task::Export => "export",
        }
    }
}

/// The main loop of a child: reads tasks with the path of an archive, writes verdicts.
///
/// # Errors
/// Input or output that breaks.
pub fn child() -> std::io::Result<()> {
    let work = || -> std::io::Result<()> {
        let mut report = |verdict: Verdict| {
            let line = serde_json::to_string(&verdict).unwrap_or_default();
            let mut out = std::io::stdout().lock();
            let _ = writeln!(out, "{line}").and_then(|()| out.flush());
        };
        for line in std::io::stdin().lock().lines() {
            let line = line?;
            let (task, path) = line.split_once(' ').unwrap_or(("", &line));
            let text = std::fs::read_to_string(path)?;
            if task == Task::Export.word() {
                differential::export(&text, &mut report);
            } else {
                run::archive(&text, platformc_cue_syntax::parse, &engine::Cue, &mut report);
            }
            let mut out = std::io::stdout().lock();
            writeln!(out, "{END}")?;
            out.flush()?;
        }
        Ok(())
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work)?;
    thread.join().unwrap_or_else(|_| Err(std::io::Error::other("the evaluating thread died")))
}

/// A running child with its output as a channel of lines.
struct Running {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
}

impl Running {
    fn start(program: &Path) -> std::io::Result<Running> {
        let mut child = Command::new("sh")
            .arg("-c")
            .arg(format!("ulimit -v {MEMORY}; exec \"$0\" {CHILD}"))
            .arg(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let taken = child.stdin.take().zip(child.stdout.take());
        let (input, output) = taken.ok_or_else(|| std::io::Error::other("no pipes"))?;
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Running { child, input, lines })
    }

    /// Runs one archive; the flag says whether the child is still fit for another.
    fn run(&mut self, task: Task, path: &Path, limit: Duration) -> (ArchiveResult, bool) {
        let start = Instant::now();
        let mut result = ArchiveResult::default();
        let request = format!("{} {}\n", task.word(), path.display());
        let sent = self.input.write_all(request.as_bytes()).and_then(|()| self.input.flush());
        if sent.is_err() {
            result.fault = Some("crash".to_owned());
            return (result, false);
        }
        let fit = loop {
            let left = limit.saturating_sub(start.elapsed());
            match self.lines.recv_timeout(left) {
                Ok(line) if line == END => break true,
                Ok(line) => match serde_json::from_str::<Verdict>(&line) {
                    Ok(verdict) => result.verdicts.push(verdict),
                    Err(_) => {
                        result.fault = Some("crash: unreadable output".to_owned());
                        break false;
                    }
                },
                Err(RecvTimeoutError::Timeout) => {
                    result.fault = Some(format!("time-out after {} s", limit.as_secs()));
                    break false;
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let status = self.child.wait().map(|status| status.to_string());
                    result.fault = Some(format!("crash: {}", status.unwrap_or_default()));
                    break false;
                }
            }
        };
        result.milliseconds = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        (result, fit)
    }

    fn stop(mut self) {
        drop(self.input);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs archives below a folder, each under a time limit.
///
/// # Errors
/// A child that cannot be started.
pub fn run_all(
    program: &Path,
    task: Task,
    folder: &Path,
    archives: Vec<String>,
    limits: Limits,
) -> std::io::Result<Results> {
    let queue = Mutex::new(VecDeque::from(archives));
    let results = Mutex::new(Results::new());
    let next = || queue.lock().ok().and_then(|mut queue| queue.pop_front());
    let work = || -> std::io::Result<()> {
        let mut running: Option<Running> = None;
        while let Some(name) = next() {
            let mut current = match running.take() {
                Some(current) => current,
                None => Running::start(program)?,
            };
            let (result, fit) = current.run(task, &folder.join(&name), limits.time);
            if let Ok(mut results) = results.lock() {
                results.insert(name, result);
            }
            if fit {
                running = Some(current);
            } else {
                current.stop();
            }
        }
        if let Some(current) = running {
            current.stop();
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..limits.jobs.max(1)).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            thread.join().unwrap_or_else(|_| Err(std::io::Error::other("a runner died")))?;
        }
        Ok::<(), std::io::Error>(())
    })?;
    results.into_inner().map_err(|_| std::io::Error::other("a runner died"))
}
