//! The conformance program: counts and runs the assertions of a checkout of the reference.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that reports")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use platformc_conformance::manifest::{self, Manifest};
use platformc_conformance::score::{self, Results};
use platformc_conformance::selftest::{self, Agreement};
use platformc_conformance::{differential, engine, worker};

/// Measures the CUE engine by the reference's own assertions.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// A checkout of cue-lang/cue.
    #[arg(long)]
    corpus: PathBuf,
    /// Runs only archives whose path holds this text; scores are then out of those.
    #[arg(long)]
    filter: Option<String>,
    /// Prints scores and verdicts as JSON.
    #[arg(long)]
    json: bool,
    /// Prints every failed assertion.
    #[arg(long)]
    list_failures: bool,
    /// Prints every archive that took longer than so many milliseconds.
    #[arg(long)]
    slow: Option<u64>,
    /// Writes the manifest from the corpus.
    #[arg(long)]
    update_manifest: bool,
    /// Fails if a score is below the floor.
    #[arg(long)]
    check_floor: bool,
    /// Writes the scores as the new floor.
    #[arg(long)]
    update_floor: bool,
    /// Runs the reference's tests of its own test runner instead.
    #[arg(long)]
    self_test: bool,
    /// Compares JSON exports with this binary of the reference instead.
    #[arg(long, value_name = "CUE")]
    differential: Option<PathBuf>,
    /// Seconds for one archive.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Archives at the same time.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
}

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(worker::CHILD) {
        return match worker::child() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// A file committed beside this program's source.
fn committed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn run(options: &Options) -> Result<bool, String> {
    if options.self_test {
        return self_test(&options.corpus);
    }
    let folder = options.corpus.join("cue/testdata");
    let mut texts = BTreeMap::new();
    collect(&folder, &folder, &mut texts)?;
    if options.update_manifest {
        return update_manifest(&texts);
    }
    let mut manifest = manifest::parse(&read(&committed("manifest.txt"))?)?;
    if let Some(filter) = &options.filter {
        manifest.retain(|path, _| path.contains(filter.as_str()));
    }
    if let Some(binary) = &options.differential {
        let results = measure(options, worker::Task::Export, &folder, &manifest, &texts)?;
        return Ok(differential::run(binary, &texts, &results, options.list_failures));
    }
    let results = measure(options, worker::Task::Assert, &folder, &manifest, &texts)?;
    report(options, &results, &manifest)
}

fn update_manifest(texts: &BTreeMap<String, String>) -> Result<bool, String> {
    let mut manifest = Manifest::new();
    for (path, text) in texts {
        match manifest::record(path, text) {
            Ok(Some(record)) => drop(manifest.insert(path.clone(), record)),
            Ok(None) => {}
            Err(message) => return Err(format!("{path}: {message}")),
        }
    }
    std::fs::write(committed("manifest.txt"), manifest::print(&manifest))
        .map_err(|error| error.to_string())?;
    println!("{} archives with assertions", manifest.len());
    Ok(true)
}

fn measure(
    options: &Options,
    task: worker::Task,
    folder: &Path,
    manifest: &Manifest,
    texts: &BTreeMap<String, String>,
) -> Result<Results, String> {
    let mut faults = Vec::new();
    let mut names = Vec::new();
    for (path, record) in manifest {
        match texts.get(path).map(|text| manifest::record(path, text)) {
            None => faults.push((path, "missing from the corpus")),
            Some(Ok(Some(now))) if now == *record => names.push(path.clone()),
            Some(_) => faults.push((path, "not the archive of the manifest")),
        }
    }
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let limits = worker::Limits { time: Duration::from_secs(options.seconds), jobs: options.jobs };
    let mut results = worker::run_all(&program, task, folder, names, limits)
        .map_err(|error| error.to_string())?;
    for (path, result) in &mut results {
        result.verdicts.retain(|verdict| !manifest::is_excluded(path, &verdict.file, verdict.line));
    }
    for (path, fault) in faults {
        results.entry(path.clone()).or_default().fault = Some(fault.to_owned());
    }
    Ok(results)
}

fn report(options: &Options, results: &Results, manifest: &Manifest) -> Result<bool, String> {
    let scores = score::scores(results, manifest);
    if options.json {
        let failed: Vec<_> = results
            .iter()
            .map(|(path, result)| {
                serde_json::json!({
                    "archive": path,
                    "fault": result.fault,
                    "milliseconds": result.milliseconds,
                    "verdicts": result.verdicts,
                })
            })
            .collect();
        let all = serde_json::json!({ "scores": scores, "archives": failed });
        println!("{}", serde_json::to_string_pretty(&all).map_err(|error| error.to_string())?);
    } else {
        if options.list_failures {
            list(results);
        }
        if let Some(limit) = options.slow {
            for (path, result) in results.iter().filter(|(_, r)| r.milliseconds > limit) {
                println!("{:>7} ms {path}", result.milliseconds);
            }
        }
        for (path, result) in results {
            if let Some(fault) = &result.fault {
                println!("{path}: {fault}");
            }
        }
        print!("{}", score::table(&scores));
    }
    if options.update_floor {
        std::fs::write(committed("floor.txt"), score::print_floor(&scores))
            .map_err(|error| error.to_string())?;
    }
    if options.check_floor {
        let faults = score::below_floor(&read(&committed("floor.txt"))?, &scores);
        for fault in &faults {
            eprintln!("below the floor: {fault}");
        }
        return Ok(faults.is_empty());
    }
    Ok(true)
}

fn list(results: &Results) {
    for (path, result) in results {
        for verdict in &result.verdicts {
            if verdict.label == "compile" {
                println!("{path}\t\tcompile\t\t{}", verdict.reason);
            } else if verdict.counts() && !verdict.passed {
                println!(
                    "{path}\t{}:{}\t{}\t{}\t{}",
                    verdict.file, verdict.line, verdict.label, verdict.path, verdict.reason
                );
            }
        }
    }
}

fn self_test(corpus: &Path) -> Result<bool, String> {
    let folder = corpus.join("internal/cuetxtar/testdata/inline");
    let mut texts = BTreeMap::new();
    collect(&folder, &folder, &mut texts)?;
    let (mut agree, mut failures) = (0, 0);
    for (path, text) in &texts {
        match selftest::run(text, platformc_cue_syntax::parse, &engine::Cue) {
            Agreement::Agrees { failures: count } => {
                agree += 1;
                failures += count;
            }
            Agreement::Differs(reason) => println!("{path}: {reason}"),
        }
    }
    println!("{agree} / {} agree, with {failures} expected failures", texts.len());
    Ok(agree == texts.len())
}

/// All archives below a folder, by path from it with `/` separators.
fn collect(root: &Path, folder: &Path, into: &mut BTreeMap<String, String>) -> Result<(), String> {
    let entries =
        std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.is_dir() {
            collect(root, &path, into)?;
        } else if path.extension().is_some_and(|extension| extension == "txtar") {
            let name = path.strip_prefix(root).unwrap_or(&path);
            let name: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
            into.insert(name.join("/"), read(&path)?);
        }
    }
    Ok(())
}
