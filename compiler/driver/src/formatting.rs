//! Formatting the CUE of a workspace. YAML, JSON and TOML stay as people write them.
//!
//! Invariant: a file that cannot be read whole is reported and never changed.

use platformc_cue_syntax::{format, parse};
use platformc_source::{Diagnostic, EntryKind, Outcome, SourceMap, Sources};

use crate::discover::{DEFINITIONS, FOLDERS, files};
use crate::read;

/// What formatting changes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Formatted {
    /// Path and new text of every file that changes, sorted by path.
    pub changed: Vec<(String, String)>,
    /// How many files were looked at.
    pub count: usize,
}

/// Formats these files and the CUE files below these folders; without any, all CUE of the
/// workspace: documents, definitions, and what lies beside the manifest.
#[must_use]
pub fn fmt(sources: &dyn Sources, map: &SourceMap, paths: &[String]) -> Outcome<Formatted> {
    let mut sink = Vec::new();
    let mut found = if paths.is_empty() {
        workspace(sources, map, &mut sink)
    } else {
        let named = paths.iter().map(|path| path.trim_end_matches('/'));
        named.flat_map(|path| below(sources, map, path, &mut sink)).collect()
    };
    found.sort_unstable();
    found.dedup();
    let mut formatted = Formatted { count: found.len(), ..Formatted::default() };
    for path in found {
        let Some((file, text)) = read::load(sources, map, &path, &mut sink) else { continue };
        let outcome = parse(file, &text);
        let broken = outcome.has_errors();
        let tree = outcome.drain_into(&mut sink);
        if broken {
            continue;
        }
        let new = format(&tree, &text);
        if *new != *text {
            formatted.changed.push((path, new));
        }
    }
    Outcome::new(formatted, sink)
}

fn is_cue(path: &str) -> bool {
    path.ends_with(".cue")
}

fn workspace(sources: &dyn Sources, map: &SourceMap, sink: &mut Vec<Diagnostic>) -> Vec<String> {
    let beside = sources.list("").unwrap_or_default().into_iter();
    let beside = beside.filter(|entry| entry.kind == EntryKind::File).map(|entry| entry.path);
    let mut found: Vec<String> = beside.collect();
    for folder in FOLDERS.into_iter().chain([DEFINITIONS]) {
        found.extend(files(sources, map, folder, sink));
    }
    found.retain(|path| is_cue(path));
    found
}

/// A file, or the CUE files below a folder.
fn below(
    sources: &dyn Sources,
    map: &SourceMap,
    path: &str,
    sink: &mut Vec<Diagnostic>,
) -> Vec<String> {
    if is_cue(path) {
        return vec![path.to_owned()];
    }
    let folder = if path == "." { "" } else { path };
    if let Err(error) = sources.list(folder) {
        sink.push(crate::discover::unreadable(map, path, &error));
        return Vec::new();
    }
    files(sources, map, folder, sink).into_iter().filter(|path| is_cue(path)).collect()
}
