//! The record of a unit: which files it made.
//!
//! Invariant: a record names a file by its path and its SHA-256 and says nothing of when or where
//! it was made. It travels with the output, so that a build on another machine knows what an
//! earlier one wrote.

use std::fmt::Write as _;

use platformc_format::json;
use platformc_source::{FileId, Origin};
use platformc_value::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{Artifact, layout};

/// The version of the form of a record.
const VERSION: i64 = 1;

/// The record of `unit`, which made `artifacts`.
#[must_use]
pub fn unit(unit: &str, artifacts: &[Artifact], origin: Origin) -> Artifact {
    let mut artifacts: Vec<&Artifact> = artifacts.iter().collect();
    artifacts.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    let entries = artifacts.into_iter().map(|artifact| {
        let mut entry = Map::with_capacity(2);
        entry.insert("path", Value::string(artifact.path.as_str()));
        entry.insert("sha256", Value::string(hex(&artifact.bytes)));
        Value::map(entry)
    });
    let mut record = Map::with_capacity(3);
    record.insert("version", Value::int(VERSION));
    record.insert("unit", Value::string(unit));
    record.insert("artifacts", Value::list(entries.collect()));
    let mut text = json::write(&Value::map(record), true);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Artifact { path: layout::unit(unit), bytes: text.into_bytes(), origin }
}

/// The files that a record at `path` says an earlier build wrote, itself among them, with the
/// SHA-256 of each. Empty for anything that is no record: whoever removes a file on the word of a
/// record has to compare its bytes.
#[must_use]
pub fn claims(path: &str, record: &[u8]) -> Vec<(String, [u8; 32])> {
    let Ok(text) = std::str::from_utf8(record) else { return Vec::new() };
    let read = json::read(FileId::NONE, text);
    let Some(value) = read.value.as_ref().filter(|_| read.diagnostics.is_empty()) else {
        return Vec::new();
    };
    if value.get("version") != Some(&Value::int(VERSION)) {
        return Vec::new();
    }
    let entries = value.get("artifacts").and_then(Value::as_list).unwrap_or_default();
    let mut claims: Vec<_> = entries
        .iter()
        .filter_map(|entry| {
            let text = |key| entry.get(key).and_then(Value::as_str);
            Some((text("path")?.to_owned(), unhex(text("sha256")?)?))
        })
        .collect();
    claims.push((path.to_owned(), Sha256::digest(record).into()));
    claims
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(digest)
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_goes_by_path() {
        let artifact = |path: &str, text: &str| Artifact {
            path: path.to_owned(),
            bytes: text.as_bytes().to_vec(),
            origin: Origin::NONE,
        };
        let (a, b) = (artifact("a", ""), artifact("b", "x"));
        let record = unit("eu/shop", &[b.clone(), a.clone()], Origin::NONE);
        assert_eq!(record, unit("eu/shop", &[a, b], Origin::NONE));
        let claimed = claims(&record.path, &record.bytes);
        let digest = |text: &[u8]| -> [u8; 32] { Sha256::digest(text).into() };
        assert_eq!(claimed[..2], [("a".into(), digest(b"")), ("b".into(), digest(b"x"))]);
        assert_eq!(claimed[2], (record.path.clone(), digest(&record.bytes)));
        for other in ["", "[]", "{\"version\": 2}", "{\"version\": 1", "\u{0}"] {
            assert_eq!(claims("x", other.as_bytes()), []);
        }
        assert_eq!(record.path, "units/eu%2fshop.json");
        insta::assert_snapshot!(String::from_utf8_lossy(&record.bytes));
    }
}
