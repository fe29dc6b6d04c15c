//! Seeds: files of given endings below given paths, and the parts of archives of test cases.

use std::fs;
use std::path::{Path, PathBuf};

/// Longer texts are slow to run and say nothing that shorter ones do not.
const LONGEST: usize = 20_000;

/// All texts with one of the endings, sorted by their path.
pub(crate) fn load(paths: &[PathBuf], endings: &[&str]) -> Vec<String> {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut open: Vec<PathBuf> = paths.to_vec();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let Ok(entries) = fs::read_dir(&path) else { continue };
            open.extend(entries.flatten().map(|entry| entry.path()));
        } else {
            files.push(path);
        }
    }
    files.sort();
    let mut texts = Vec::new();
    for file in files {
        let name = file.to_string_lossy();
        if has(&file, endings) {
            texts.extend(fs::read_to_string(&file).ok());
        } else if name.ends_with(".txtar") || name.ends_with(".txt") || name.ends_with(".md") {
            texts.extend(parts(&fs::read_to_string(&file).unwrap_or_default(), endings));
        }
    }
    texts.retain(|text| !text.is_empty() && text.len() <= LONGEST);
    texts
}

fn has(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted))
}

/// The files of an archive: `-- NAME --` starts one.
fn parts(text: &str, endings: &[&str]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut inside = false;
    for line in text.split_inclusive('\n') {
        let name = line.trim_end().strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --"));
        match name {
            Some(name) => {
                inside = has(Path::new(name), endings);
                if inside {
                    found.push(String::new());
                }
            }
            None if inside => {
                if let Some(last) = found.last_mut() {
                    last.push_str(line);
                }
            }
            None => {}
        }
    }
    found
}
