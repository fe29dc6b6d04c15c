//! Fuzzing by mutation: texts of a corpus, damaged by rules, given to a target.
//!
//! Invariant: what is run depends on the seed, the corpus and the target alone, so that a finding
//! can be run again. The text under test stands in the file `--current` before it runs: an abort or
//! an overflow of the stack leaves it there. A run longer than the limit ends the process.
//!
//! ```text
//! cargo run --release -- TARGET --seconds 600 --seed 1 --findings DIR CORPUS...
//! cargo run --release -- TARGET --replay FILE
//! ```

mod corpus;
mod mutate;
mod targets;

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::{ExitCode, abort};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mutate::Random;

/// The longest a run may take, in seconds.
const LIMIT: u64 = 15;

struct Arguments {
    target: String,
    seconds: u64,
    seed: u64,
    findings: PathBuf,
    replay: Option<PathBuf>,
    corpus: Vec<PathBuf>,
}

fn arguments() -> Result<Arguments, String> {
    let mut words = std::env::args().skip(1);
    let mut found = Arguments {
        target: words.next().ok_or("which target?")?,
        seconds: 60,
        seed: 1,
        findings: PathBuf::from("findings"),
        replay: None,
        corpus: Vec::new(),
    };
    let number = |text: Option<String>| {
        text.and_then(|text| text.parse().ok()).ok_or("a number is missing".to_owned())
    };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seconds" => found.seconds = number(words.next())?,
            "--seed" => found.seed = number(words.next())?,
            "--findings" => found.findings = words.next().ok_or("a folder is missing")?.into(),
            "--replay" => found.replay = Some(words.next().ok_or("a file is missing")?.into()),
            _ => found.corpus.push(word.into()),
        }
    }
    Ok(found)
}

/// Ends the process when a run takes too long.
fn watch(started: &Arc<AtomicU64>, origin: Instant, limit: Duration) {
    let started = Arc::clone(started);
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(200));
            let at = started.load(Ordering::Relaxed);
            let now = u64::try_from(origin.elapsed().as_millis()).unwrap_or(u64::MAX);
            if at != 0 && now.saturating_sub(at) > u64::try_from(limit.as_millis()).unwrap_or(0) {
                eprintln!("hang: a run takes longer than {LIMIT} s; the text is in `current`");
                abort();
            }
        }
    });
}

fn main() -> ExitCode {
    let arguments = match arguments() {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("{error}\ntargets: {}", targets::NAMES.join(" "));
            return ExitCode::from(2);
        }
    };
    let Some(target) = targets::find(&arguments.target) else {
        eprintln!("no target {}; there are {}", arguments.target, targets::NAMES.join(" "));
        return ExitCode::from(2);
    };
    if let Some(path) = &arguments.replay {
        let bytes = fs::read(path).unwrap_or_default();
        target(&String::from_utf8_lossy(&bytes));
        return ExitCode::SUCCESS;
    }
    let message = Arc::new(Mutex::new(String::new()));
    let remembered = Arc::clone(&message);
    std::panic::set_hook(Box::new(move |info| {
        let place = info.location().map_or_else(String::new, ToString::to_string);
        *remembered.lock().unwrap_or_else(PoisonError::into_inner) = format!("{place}: {info}");
    }));
    if let Err(error) = fs::create_dir_all(&arguments.findings) {
        eprintln!("{}: {error}", arguments.findings.display());
        return ExitCode::from(2);
    }
    let seeds = corpus::load(&arguments.corpus, targets::endings(&arguments.target));
    if seeds.is_empty() {
        eprintln!("the corpus holds no text for {}", arguments.target);
        return ExitCode::from(2);
    }
    println!("{}: {} seeds, seed {}", arguments.target, seeds.len(), arguments.seed);
    let origin = Instant::now();
    let started = Arc::new(AtomicU64::new(0));
    watch(&started, origin, Duration::from_secs(LIMIT));
    let current = arguments.findings.join(format!("current-{}", arguments.target));
    let mut random = Random::new(arguments.seed);
    let mut places = BTreeSet::new();
    let (mut runs, mut findings) = (0_u64, 0_u64);
    while origin.elapsed() < Duration::from_secs(arguments.seconds) {
        let text = mutate::text(&seeds, &mut random, usize::try_from(runs).unwrap_or(0));
        if fs::write(&current, &text).is_err() {
            break;
        }
        let now = u64::try_from(origin.elapsed().as_millis()).unwrap_or(0).max(1);
        started.store(now, Ordering::Relaxed);
        let result = catch_unwind(AssertUnwindSafe(|| target(&text)));
        started.store(0, Ordering::Relaxed);
        runs += 1;
        if result.is_err() {
            findings += 1;
            let said = message.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let place = said.split(": ").next().unwrap_or_default().to_owned();
            if places.insert(place) {
                let path =
                    arguments.findings.join(format!("{}-{}", arguments.target, places.len()));
                let _ = fs::write(&path, &text);
                println!("finding {}: {said}", path.display());
            }
        }
    }
    let _ = fs::remove_file(&current);
    println!(
        "{}: {runs} runs in {} s, {findings} failed at {} places",
        arguments.target,
        origin.elapsed().as_secs(),
        places.len()
    );
    ExitCode::from(u8::from(findings > 0))
}
