//! Compares this crate with the bare evaluator: values, and time.
//!
//! `compare FOLDER` evaluates every `.ncl` file below a folder with both and compares the results
//! as the evaluator itself exports them; `compare FOLDER ROUNDS` measures both over that many
//! rounds, a new name for the file each time, so that nothing is cached.
//!
//! Invariant: the bare evaluator is used as `nickel export` uses it.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for developers reads files and prints"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nickel_lang_core::cache::{CacheHub, InputFormat, SourcePath};
use nickel_lang_core::error::NullReporter;
use nickel_lang_core::eval::cache::CacheImpl;
use nickel_lang_core::eval::{VirtualMachine, VmContext};
use nickel_lang_core::serialize::{ExportFormat, validate};
use platformc_nickel::{Loader, Session, Source, evaluate};
use platformc_source::{FileId, ReadError, SourceMap};

struct Disk<'a> {
    root: &'a Path,
    map: SourceMap,
}

impl Loader for Disk<'_> {
    fn load(&self, path: &str) -> Result<(FileId, Arc<str>), ReadError> {
        let text = std::fs::read_to_string(self.root.join(path));
        let text: Arc<str> = text.map_err(|error| ReadError::Other(error.to_string()))?.into();
        Ok((self.map.add(path, Arc::clone(&text)), text))
    }

    fn register(&self, path: &str, text: &'static str) -> FileId {
        self.map.add(path, text)
    }
}

type Bare = VmContext<CacheHub, CacheImpl>;

fn bare() -> Bare {
    VmContext::new(CacheHub::new(), std::io::sink(), NullReporter {})
}

fn export(vm: &mut Bare, path: PathBuf, text: &str) -> Result<serde_json::Value, String> {
    let path = SourcePath::Path(path, InputFormat::Nickel);
    let id = vm.import_resolver.sources.add_string(path, text.to_owned());
    let value = vm.prepare_eval(id).map_err(|error| format!("{error:?}"))?;
    let value = VirtualMachine::new(vm).eval_full_for_export(value);
    let value = value.map_err(|error| format!("{:?}", error.error))?;
    validate(ExportFormat::Json, &value).map_err(|error| format!("{error:?}"))?;
    serde_json::to_value(&value).map_err(|error| error.to_string())
}

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "ncl") {
            into.push(path);
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let root = PathBuf::from(&arguments[1]).canonicalize().unwrap();
    let mut found = Vec::new();
    files(&root, &mut found);
    let texts: Vec<(String, Arc<str>)> = found
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            (path.strip_prefix(&root).unwrap().to_string_lossy().into_owned(), Arc::from(text))
        })
        .collect();
    match arguments.get(2) {
        None => compare(&root, &texts),
        Some(rounds) => measure(&root, &texts, rounds.parse().unwrap()),
    }
}

fn compare(root: &Path, texts: &[(String, Arc<str>)]) {
    let disk = Disk { root, map: SourceMap::new() };
    let session = Session::new(Vec::new());
    let (mut equal, mut refused, mut different) = (0, 0, 0);
    for (path, text) in texts {
        let theirs = export(&mut bare(), root.join(path), text);
        let file = disk.map.add(path, Arc::clone(text));
        let ours = evaluate(&session, &disk, Source { path, file, text }, &[]);
        let told: Vec<&str> = ours.diagnostics.iter().map(|found| found.code.id()).collect();
        let ours: Option<serde_json::Value> = ours.value.map(|value| {
            serde_json::from_str(&platformc_format::json::write(&value, false)).unwrap()
        });
        match (&theirs, &ours) {
            (Ok(theirs), Some(ours)) if theirs == ours => equal += 1,
            (Err(_), None) => refused += 1,
            _ => {
                different += 1;
                println!("{path}: {theirs:?}\n  here {ours:?} {told:?}");
            }
        }
    }
    println!("{equal} equal, {refused} refused by both, {different} different");
}

fn measure(root: &Path, texts: &[(String, Arc<str>)], rounds: usize) {
    let disk = Disk { root, map: SourceMap::new() };
    let session = Session::new(Vec::new());
    let mut vm = bare();
    let (mut ours, mut theirs) = (Duration::ZERO, Duration::ZERO);
    // The first round makes both ready.
    for round in 0..=rounds {
        for (path, text) in texts {
            let path = path.replace(".ncl", &format!(".{round}.ncl"));
            let start = Instant::now();
            let _ = export(&mut vm, root.join(&path), text);
            let middle = Instant::now();
            let file = disk.map.add(&path, Arc::clone(text));
            let _ = evaluate(&session, &disk, Source { path: &path, file, text }, &[]);
            if round > 0 {
                theirs += middle - start;
                ours += middle.elapsed();
            }
        }
    }
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!("bare {theirs:?}, here {ours:?}, ratio {ratio:.2}");
}
