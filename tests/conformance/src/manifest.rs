//! The pinned facts of a corpus: for every archive its hash and its number of assertions.
//!
//! Invariant: the manifest holds counts and hashes, no text of the corpus. It fixes what every
//! score is divided by, so an archive that cannot be read lowers a score instead of vanishing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::archive::Archive;
use crate::directive::{Directive, Kind, is_concrete};
use crate::locate::line_of;
use crate::scan;

/// The facts of one archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The SHA-256 of the archive, in hexadecimal.
    pub hash: String,
    /// How often each directive occurs; `eq.concrete`, `err.code` and other keys with a dot
    /// count a part of the directive before the dot.
    pub counts: BTreeMap<String, usize>,
}

/// The facts of all archives that hold assertions, by path below the folder of the corpus.
pub type Manifest = BTreeMap<String, Record>;

/// Whether the assertion at a line is one the reference's own runner never checks.
#[must_use]
pub fn is_excluded(path: &str, file: &str, line: usize) -> bool {
    include_str!("../exclusions.txt").lines().any(|entry| {
        let mut words = entry.split(' ');
        let place = (words.next(), words.next(), words.next().and_then(|n| n.parse().ok()));
        place == (Some(path), Some(file), Some(line))
    })
}

/// Counts the assertions of the archive at a path; `None` where it holds none.
///
/// # Errors
/// A file that the scanner cannot read, with its name and the reason.
pub fn record(path: &str, text: &str) -> Result<Option<Record>, String> {
    let archive = Archive::parse(text);
    let mut counts = BTreeMap::new();
    for file in archive.sources() {
        let fault = |error: scan::ScanError| {
            let line = line_of(&file.text, error.at);
            format!("{}:{line}: {}", file.name, error.message)
        };
        for found in scan::attributes(&file.text).map_err(fault)? {
            let directive = Directive::parse(&file.text[found.body]).map_err(fault)?;
            let line = line_of(&file.text, found.span.start);
            if is_excluded(path, &file.name, line) {
                *counts.entry("excluded".to_owned()).or_insert(0) += 1;
                continue;
            }
            for key in keys(&directive) {
                *counts.entry(key).or_insert(0) += 1;
            }
        }
    }
    let hash = Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hash, byte| {
        let _ = write!(hash, "{byte:02x}");
        hash
    });
    Ok((!counts.is_empty()).then_some(Record { hash, counts }))
}

/// The keys under which a directive is counted.
#[must_use]
pub fn keys(directive: &Directive) -> Vec<String> {
    let label = directive.label();
    let mut keys = vec![label.clone()];
    if !directive.is_active() {
        return keys;
    }
    let mut part = |name: &str, holds: bool| {
        if holds {
            keys.push(format!("{label}.{name}"));
        }
    };
    if directive.is_incorrect() {
        part("incorrect", true);
        return keys;
    }
    match directive.kind {
        Kind::Eq => {
            let operand = directive.operand().map(|operand| operand.raw.as_str());
            part("empty", operand.is_none());
            part("concrete", operand.is_some_and(is_concrete));
        }
        Kind::Err => {
            part("code", !directive.codes().is_empty());
            part("path", directive.named("path").is_some());
            part("contains", directive.named("contains").is_some());
            part("pos", directive.named("pos").is_some());
        }
        _ => {}
    }
    keys
}

/// The sum of a key over all archives.
#[must_use]
pub fn total(manifest: &Manifest, key: &str) -> usize {
    manifest.values().filter_map(|record| record.counts.get(key)).sum()
}

/// Writes a manifest, one line an archive: path, hash, counts.
#[must_use]
pub fn print(manifest: &Manifest) -> String {
    let mut text = String::from(
        "# Assertions per archive of the reference's test data: path, SHA-256, counts.\n\
         # A key with a dot counts a part of the directive before the dot.\n",
    );
    for (path, record) in manifest {
        let _ = write!(text, "{path} {}", record.hash);
        for (key, count) in &record.counts {
            let _ = write!(text, " {key}={count}");
        }
        text.push('\n');
    }
    text
}

/// Reads what [`print`] wrote.
///
/// # Errors
/// The first line that is not a record.
pub fn parse(text: &str) -> Result<Manifest, String> {
    let mut manifest = Manifest::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let fault = || format!("not a record: {line}");
        let mut words = line.split(' ');
        let path = words.next().ok_or_else(fault)?.to_owned();
        let hash = words.next().ok_or_else(fault)?.to_owned();
        let mut counts = BTreeMap::new();
        for word in words {
            let (key, count) = word.rsplit_once('=').ok_or_else(fault)?;
            counts.insert(key.to_owned(), count.parse().map_err(|_| fault())?);
        }
        manifest.insert(path, Record { hash, counts });
    }
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARCHIVE: &str = "-- in.cue --\na: 1 @test(eq, 1)\nb: int @test(eq, int) @test(skip:v3)\n\
        c: 1&2 @test(err, code=eval)\nd: 1 @test(eq, 2, incorrect) @test(eq:todo, 3)\n\
        -- out/x.cue --\nz: 1 @test(eq, 1)\n";

    #[test]
    fn counts_directives_and_their_parts() {
        let record = record("a/b.txtar", ARCHIVE).unwrap().unwrap();
        let counts: Vec<_> =
            record.counts.iter().map(|(key, count)| format!("{key}={count}")).collect();
        assert_eq!(
            counts,
            [
                "eq=3",
                "eq.concrete=1",
                "eq.incorrect=1",
                "eq:todo=1",
                "err=1",
                "err.code=1",
                "skip:v3=1"
            ]
        );
    }

    #[test]
    fn a_manifest_reads_back() {
        let mut manifest = Manifest::new();
        manifest.insert("a/b.txtar".to_owned(), record("a/b.txtar", ARCHIVE).unwrap().unwrap());
        assert_eq!(parse(&print(&manifest)).unwrap(), manifest);
        assert_eq!(total(&manifest, "eq"), 3);
    }

    #[test]
    fn an_archive_without_assertions_has_no_record() {
        assert_eq!(record("a.txtar", "-- in.cue --\na: 1\n"), Ok(None));
        assert!(record("a.txtar", "-- in.cue --\na: \"\n").is_err());
    }
}
