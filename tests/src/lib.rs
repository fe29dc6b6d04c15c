//! The harness: cases as data.
//!
//! Invariant: a case says everything it needs (files, commands, what they print and write) and
//! leaves nothing behind. `PLATFORMC_UPDATE=1` rewrites what cases expect; look at the difference
//! before you commit it.
#![allow(clippy::disallowed_methods, reason = "a test harness reads and writes its own files")]

pub mod archive;
pub mod case;
pub mod definition_case;
pub mod page;
pub mod workspace;

use std::path::{Path, PathBuf};

/// The root of the repository.
#[must_use]
pub fn repository() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_path_buf()
}

/// Whether cases are rewritten to what was found.
#[must_use]
pub fn updating() -> bool {
    std::env::var("PLATFORMC_UPDATE").is_ok_and(|value| value == "1")
}

/// All files below a folder whose names end so, sorted.
///
/// # Errors
/// What cannot be listed.
pub fn files_below(folder: &Path, ending: &str) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The lines in which two texts differ, for people; empty where they agree.
#[must_use]
pub fn difference(expected: &str, found: &str) -> String {
    if expected == found {
        return String::new();
    }
    let (a, b): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    let same_head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let rest = a.len().min(b.len()) - same_head;
    let same_tail =
        a.iter().rev().zip(b.iter().rev()).take(rest).take_while(|(x, y)| x == y).count();
    let mut text = format!("differ from line {}\n", same_head + 1);
    for line in a.iter().take(a.len() - same_tail).skip(same_head).take(60) {
        text.push_str(&format!("- {line}\n"));
    }
    for line in b.iter().take(b.len() - same_tail).skip(same_head).take(60) {
        text.push_str(&format!("+ {line}\n"));
    }
    text
}
