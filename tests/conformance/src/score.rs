//! Scores with fixed denominators, and the floor below which they must not fall.
//!
//! Invariant: a denominator comes from the manifest, never from what was run. An assertion
//! without a verdict counts as failed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::manifest::{Manifest, Record, total};
use crate::run::Verdict;

/// What became of one archive.
#[derive(Clone, Debug, Default)]
pub struct ArchiveResult {
    /// The verdicts, in the order of checking.
    pub verdicts: Vec<Verdict>,
    /// `timeout`, `crash`, `missing`, `changed`: why verdicts may be missing.
    pub fault: Option<String>,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

/// All results by archive.
pub type Results = BTreeMap<String, ArchiveResult>;

/// One number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Score {
    /// A short stable name.
    pub id: &'static str,
    /// What it counts.
    pub title: &'static str,
    /// How many hold.
    pub passed: usize,
    /// Out of how many.
    pub total: usize,
}

/// The scores of a run. `filter` limits the denominators to the archives it names.
#[must_use]
pub fn scores(results: &Results, manifest: &Manifest) -> Vec<Score> {
    let verdicts = || results.values().flat_map(|result| &result.verdicts);
    let has = |verdict: &Verdict, key: &str| verdict.keys.iter().any(|other| other == key);
    let whole = |key: &str| verdicts().filter(|v| v.counts() && has(v, key) && v.passed).count();
    let part = |key: &str, part: &str| {
        verdicts().filter(|v| v.counts() && has(v, key) && v.parts.get(part) == Some(&true)).count()
    };
    let count = |key: &str| total(manifest, key);
    let score = |id, title, passed, total| Score { id, title, passed, total };
    let others = ["closed", "allows", "kind"];
    let judged = |record: &Record| {
        ["eq", "err", "closed", "allows", "kind", "permute"]
            .iter()
            .any(|key| record.counts.get(*key).is_some_and(|count| *count > 0))
    };
    let judged = || manifest.iter().filter(|(_, record)| judged(record));
    let archives = judged().filter(|(path, _)| {
        results.get(*path).is_some_and(|result| {
            result.fault.is_none()
                && result.verdicts.iter().filter(|v| v.counts()).all(|v| v.passed)
        })
    });
    vec![
        score(
            "A",
            "values equal",
            whole("eq"),
            count("eq") - count("eq.incorrect") - count("eq.empty"),
        ),
        score("A0", "of these: plain data", whole("eq.concrete"), count("eq.concrete")),
        score("B", "error codes", part("err.code", "code"), count("err.code")),
        score("B2", "is an error", part("err", "error"), count("err") - count("err.incorrect")),
        score(
            "C",
            "closed, allows, kind",
            others.iter().map(|key| whole(key)).sum(),
            others.iter().map(|key| count(key)).sum(),
        ),
        score("D", "every order of fields", whole("permute"), count("permute")),
        score("E", "archives without a failure", archives.count(), judged().count()),
        score("paths", "paths of errors", part("err.path", "path"), count("err.path")),
        score(
            "texts",
            "messages of errors",
            part("err.contains", "contains"),
            count("err.contains"),
        ),
        score("places", "positions of errors", part("err.pos", "pos"), count("err.pos")),
    ]
}

/// A table for people.
#[must_use]
pub fn table(scores: &[Score]) -> String {
    let mut text = String::new();
    for score in scores {
        #[allow(clippy::cast_precision_loss, reason = "counts are small")]
        let share = 100.0 * score.passed as f64 / (score.total.max(1)) as f64;
        let _ = writeln!(
            text,
            "{:7} {:28} {:>5} / {:<5} {share:5.1} %",
            score.id, score.title, score.passed, score.total
        );
    }
    text
}

/// The floor file: one line a score.
#[must_use]
pub fn print_floor(scores: &[Score]) -> String {
    let mut text = String::from("# Scores that must not fall: id, passed, total.\n");
    for score in scores {
        let _ = writeln!(text, "{} {} {}", score.id, score.passed, score.total);
    }
    text
}

/// The scores that fell below a floor, or whose denominator changed, in words.
#[must_use]
pub fn below_floor(floor: &str, scores: &[Score]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut known = 0;
    for line in floor.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let numbers = |at: usize| words.get(at).and_then(|word| word.parse::<usize>().ok());
        let (Some(passed), Some(total)) = (numbers(1), numbers(2)) else {
            faults.push(format!("not a floor: {line}"));
            continue;
        };
        known += 1;
        match scores.iter().find(|score| score.id == words[0]) {
            None => faults.push(format!("there is no score {}", words[0])),
            Some(score) if score.total != total => faults.push(format!(
                "{}: counted out of {}, the floor out of {total}",
                score.id, score.total
            )),
            Some(score) if score.passed < passed => {
                faults.push(format!("{}: {} where {passed} held before", score.id, score.passed));
            }
            Some(_) => {}
        }
    }
    if known == 0 {
        faults.push("the floor holds no score".to_owned());
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest;

    fn verdict(key: &str, passed: bool) -> Verdict {
        Verdict {
            file: "in.cue".to_owned(),
            line: 1,
            path: "a".to_owned(),
            label: key.to_owned(),
            keys: vec![key.to_owned()],
            passed,
            parts: BTreeMap::new(),
            reason: String::new(),
        }
    }

    fn sample() -> (Results, Manifest) {
        let text = "-- in.cue --\na: 1 @test(eq, 1)\nb: 1 @test(eq, 1) @test(closed)\n";
        let record = manifest::record("x", text).unwrap().unwrap();
        let manifest = Manifest::from([("x".to_owned(), record.clone()), ("y".to_owned(), record)]);
        let result = ArchiveResult {
            verdicts: vec![verdict("eq", true), verdict("eq", false), verdict("closed", true)],
            ..ArchiveResult::default()
        };
        (Results::from([("x".to_owned(), result)]), manifest)
    }

    #[test]
    fn what_was_not_run_counts_as_failed() {
        let (results, manifest) = sample();
        let scores = scores(&results, &manifest);
        let get = |id: &str| {
            let score = scores.iter().find(|score| score.id == id).unwrap();
            (score.passed, score.total)
        };
        assert_eq!(get("A"), (1, 4));
        assert_eq!(get("C"), (1, 2));
        assert_eq!(get("E"), (0, 2));
    }

    #[test]
    fn a_fall_is_noticed() {
        let (results, manifest) = sample();
        let mut scores = scores(&results, &manifest);
        let floor = print_floor(&scores);
        assert_eq!(below_floor(&floor, &scores), Vec::<String>::new());
        scores[0].passed -= 1;
        assert_eq!(below_floor(&floor, &scores).len(), 1);
        scores[0].passed += 5;
        scores[0].total += 1;
        assert_eq!(below_floor(&floor, &scores).len(), 1);
        assert_eq!(below_floor("", &scores).len(), 1);
    }
}
