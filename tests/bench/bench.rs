//! Measures builds: `bench [N…]` (1, 10, 100, 1000 and 10000 if no N is given).
//!
//! For each N it generates a workspace, builds it to memory and to disk in processes of their own,
//! and runs the floor on the same files: a program that reads what a build reads and writes what a
//! build writes, and does nothing between. Each figure is the best of several runs; memory is the
//! largest resident size that Linux reports for the process.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a program that measures")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use platformc_driver::{Options, Selection, compile};
use platformc_host::{DiskSources, DiskStore};
use platformc_source::{SourceMap, Store};

/// What one run took.
#[derive(Clone, Copy, Debug)]
struct Figure {
    /// From start to end, the work alone.
    milliseconds: f64,
    /// Of the processors, by all threads of the process; in steps of 10.
    processor: f64,
    kilobytes: u64,
}

/// The time of the processors that this process has used so far, in milliseconds; 0 where it
/// cannot be told. Linux counts it in hundredths of a second.
fn processor() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
    let ticks: Vec<f64> = fields.skip(11).take(2).filter_map(|word| word.parse().ok()).collect();
    ticks.iter().sum::<f64>() * 10.0
}

/// The largest resident size of this process so far, in kilobytes; 0 where it cannot be told.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// One build, in this process: to memory, or to a folder.
fn build(workspace: &Path, out: Option<&Path>, jobs: usize) -> io::Result<()> {
    let start = Instant::now();
    let sources = DiskSources::new(workspace)?;
    let map = SourceMap::new();
    let options =
        Options { environments: Selection::All, jobs, version: "0.1.0", ..Options::default() };
    let outcome = compile(&sources, &map, &options);
    if let Some(first) = outcome.diagnostics.first() {
        return Err(io::Error::other(first.message.clone()));
    }
    if let Some(out) = out {
        for output in &outcome.value.outputs {
            let mut store = DiskStore::new(out.join(&output.environment));
            store.commit(&output.files).map_err(io::Error::other)?;
        }
    }
    println!("{} {} {}", start.elapsed().as_secs_f64() * 1e3, processor(), peak());
    Ok(())
}

/// The floor: reads the input; with an output, also writes what lies there to another folder.
fn floor(input: &Path, output: Option<(&Path, &Path)>) -> io::Result<()> {
    let mut expected: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    if let Some((from, _)) = output {
        for path in platformc_tests::files_below(from, "")? {
            let name = path.strip_prefix(from).map_err(io::Error::other)?.to_path_buf();
            expected.push((name, fs::read(&path)?));
        }
    }
    let start = Instant::now();
    let mut bytes = 0;
    for path in platformc_tests::files_below(input, "")? {
        bytes += fs::read(path)?.len();
    }
    if let Some((_, to)) = output {
        let mut made = std::collections::BTreeSet::new();
        for (name, text) in &expected {
            let target = to.join(name);
            if let Some(parent) = target.parent()
                && made.insert(parent.to_path_buf())
            {
                fs::create_dir_all(parent)?;
            }
            fs::write(target, text)?;
        }
    }
    if bytes == 0 {
        return Err(io::Error::other("there is nothing to read"));
    }
    println!("{} {} {}", start.elapsed().as_secs_f64() * 1e3, processor(), peak());
    Ok(())
}

/// Runs this program with other arguments and reads the figure it prints.
fn child(arguments: &[&str]) -> io::Result<Figure> {
    let output =
        Command::new(std::env::current_exe()?).args(arguments).stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut words = text.split_whitespace();
    let milliseconds = words.next().and_then(|word| word.parse().ok());
    let processor = words.next().and_then(|word| word.parse().ok());
    let kilobytes = words.next().and_then(|word| word.parse().ok());
    match (milliseconds, processor, kilobytes) {
        (Some(milliseconds), Some(processor), Some(kilobytes)) => {
            Ok(Figure { milliseconds, processor, kilobytes })
        }
        _ => Err(io::Error::other(format!("{} failed", arguments.join(" ")))),
    }
}

/// The best of some runs; `fresh` is removed before each.
fn best(arguments: &[&str], runs: usize, fresh: Option<&Path>) -> io::Result<Figure> {
    let mut found: Option<Figure> = None;
    for _ in 0..runs {
        if let Some(fresh) = fresh.filter(|fresh| fresh.exists()) {
            fs::remove_dir_all(fresh)?;
        }
        let figure = child(arguments)?;
        if found.is_none_or(|best| figure.milliseconds < best.milliseconds) {
            found = Some(figure);
        }
    }
    found.ok_or_else(|| io::Error::other("no run"))
}

fn row(name: &str, figure: Figure) {
    let Figure { milliseconds, processor, kilobytes } = figure;
    let megabytes = kilobytes as f64 / 1024.0;
    println!("  {name:24} {milliseconds:10.1} ms {processor:8.0} ms cpu {megabytes:8.1} MB");
}

fn measure(count: usize, work: &Path) -> io::Result<()> {
    let [workspace, dist, copy] =
        ["in", "out", "floor"].map(|name| work.join(format!("{name}-{count}")));
    let generate = std::env::current_exe()?.with_file_name("generate");
    let status = Command::new(generate).arg(count.to_string()).arg(&workspace).status()?;
    if !status.success() {
        return Err(io::Error::other("generate failed"));
    }
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let (input, output, target) = (text(&workspace), text(&dist), text(&copy));
    let runs = if count >= 10_000 { 3 } else { 7 };
    println!("{count} applications");
    row("floor, read", best(&["floor", &input], runs, None)?);
    for jobs in ["1", "2"] {
        row(&format!("to memory, {jobs} thread(s)"), best(&["memory", &input, jobs], runs, None)?);
    }
    row("to disk, 2 thread(s)", best(&["disk", &input, &output, "2"], runs, Some(&dist))?);
    row("again, nothing changed", best(&["disk", &input, &output, "2"], runs, None)?);
    row("floor, read and write", best(&["floor", &input, &output, &target], runs, Some(&copy))?);
    Ok(())
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let jobs = |text: &str| text.parse::<usize>().map_err(io::Error::other);
    match words.as_slice() {
        ["memory", input, count] => build(Path::new(input), None, jobs(count)?),
        ["disk", input, output, count] => {
            build(Path::new(input), Some(Path::new(output)), jobs(count)?)
        }
        ["floor", input] => floor(Path::new(input), None),
        ["floor", input, from, to] => {
            floor(Path::new(input), Some((Path::new(from), Path::new(to))))
        }
        counts => {
            let counts = match counts {
                [] => vec!["1", "10", "100", "1000", "10000"],
                counts => counts.to_vec(),
            };
            let work = tempfile::tempdir()?;
            counts.into_iter().try_for_each(|count| measure(jobs(count)?, work.path()))
        }
    }
}
