//! The record of a unit: which files it made.
//!
//! Invariant: a record names a file by its path and its SHA-256 and says nothing of when or where
//! it was made. It travels with the output, so that a build on another machine knows what an
//! earlier one wrote.

use std::fmt::Write as _;

use platformc_format::json;
use platformc_source::Origin;
use platformc_value::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{Artifact, layout};

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
    record.insert("version", Value::int(1));
    record.insert("unit", Value::string(unit));
    record.insert("artifacts", Value::list(entries.collect()));
    let mut text = json::write(&Value::map(record), true);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Artifact { path: layout::unit(unit), bytes: text.into_bytes(), origin }
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
        assert_eq!(record.path, "units/eu%2fshop.json");
        insta::assert_snapshot!(String::from_utf8_lossy(&record.bytes));
    }
}
