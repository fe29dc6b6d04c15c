//! Proves the checks on the reference's tests of its own test runner, which hold failures too.
//!
//! Invariant: an archive agrees when exactly the paths the reference reports as failed fail here.
//! What depends on messages, positions, shared vertices or coverage is left out on both sides.

use std::collections::BTreeSet;

use crate::archive::Archive;
use crate::run::{Engine, Parser, archive};

/// What became of one of the reference's tests.
#[derive(Clone, Debug)]
pub enum Agreement {
    /// The same paths fail.
    Agrees {
        /// How many paths the reference expects to fail and that fail here.
        failures: usize,
    },
    /// Other paths fail.
    Differs(String),
}

/// Runs one test of the reference's runner.
pub fn run(text: &str, parser: Parser, engine: &dyn Engine) -> Agreement {
    let outer = Archive::parse(text);
    let inner = outer.section("in/");
    let expected = expected(outer.text("out/run/errors.txt").unwrap_or_default());
    let mut failed = BTreeSet::new();
    let mut reasons = Vec::new();
    archive(&print(&inner), parser, engine, &mut |verdict| {
        let judged = verdict.counts() || verdict.label == "empty";
        if judged && !verdict.passed {
            failed.insert(verdict.path.clone());
            reasons.push(format!("{}: {}", verdict.path, verdict.reason));
        }
    });
    let matches = |path: &str, line: &str| {
        path == line || path.strip_prefix(line).is_some_and(|rest| rest.starts_with('.'))
    };
    let missing: Vec<_> =
        expected.iter().filter(|line| !failed.iter().any(|path| matches(path, line))).collect();
    let surplus: Vec<_> = reasons
        .iter()
        .filter(|reason| {
            let path = reason.split(':').next().unwrap_or_default();
            !expected.iter().any(|line| matches(path, line))
        })
        .collect();
    if missing.is_empty() && surplus.is_empty() {
        return Agreement::Agrees { failures: expected.len() };
    }
    Agreement::Differs(format!("should fail: {missing:?}; should pass: {surplus:?}"))
}

/// The paths that are expected to fail for a reason that is checked here.
fn expected(errors: &str) -> BTreeSet<String> {
    let skipped = ["pos=", "position", "args", "to contain", "suberr", "shareID", "not covered"];
    errors
        .lines()
        .filter(|line| !skipped.iter().any(|word| line.contains(word)))
        .filter_map(|line| line.strip_prefix("path ")?.split_once(": "))
        .map(|(path, _)| path.to_owned())
        .collect()
}

fn print(archive: &Archive) -> String {
    let mut text = archive.comment.clone();
    for file in &archive.files {
        text.push_str(&format!("-- {} --\n{}", file.name, file.text));
    }
    text
}
