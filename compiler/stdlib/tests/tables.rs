//! The tables say what the tree holds, in order.
#![allow(clippy::disallowed_methods, reason = "compares the tables with the tree")]

use std::fs;
use std::path::Path;

use platformc_stdlib::{Embedded, below, definition, definitions, file, files, of_kind, schemas};

const KINDS: [&str; 4] = ["component", "policy", "trait", "workflow-step"];

fn on_disk(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let mut found = Vec::new();
    let mut pending = vec![root.clone()];
    while let Some(dir) = pending.pop() {
        for entry in fs::read_dir(dir).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if name.starts_with('.') || name.ends_with(".md") || ["tests", "make"].contains(&&*name)
            {
                continue;
            }
            if path.is_dir() {
                pending.push(path);
            } else {
                let below = path.strip_prefix(&root).expect("below the root");
                let text = fs::read_to_string(&path).expect("UTF-8");
                found.push((below.to_string_lossy().replace('\\', "/"), text));
            }
        }
    }
    found.sort();
    found
}

fn pairs(table: &[Embedded]) -> Vec<(String, String)> {
    table.iter().map(|f| (f.path.to_owned(), f.text.to_owned())).collect()
}

#[test]
fn tables_hold_the_tree_in_order() {
    assert_eq!(pairs(files()), on_disk("stdlib"));
    assert_eq!(pairs(schemas()), on_disk("schemas"));
}

#[test]
fn every_definition_is_found_by_kind_and_name() {
    let mut count = 0;
    for kind in KINDS {
        let names: Vec<_> = of_kind(kind).map(|d| d.name).collect();
        assert!(names.is_sorted(), "{names:?}");
        for name in names {
            let found = definition(kind, name).expect("a listed definition");
            assert_eq!(found.file.path, format!("definitions/{kind}/{name}.cue"));
            assert_eq!(file(found.file.path), Some(found.file));
            count += 1;
        }
    }
    assert_eq!(count, definitions().len());
    assert_eq!(definitions(), below("definitions/"));
}

/// `providers/aws/vpc.cue` is the module `aws-vpc`: so its header says, and so it is found.
#[test]
fn modules_of_providers_are_found_by_name() {
    let mut count = 0;
    for found in of_kind("module") {
        let path = found.file.path;
        let stem = path.strip_prefix("providers/").and_then(|rest| rest.strip_suffix(".cue"));
        let name = stem.expect("a module of a provider").replacen('/', "-", 1);
        assert_eq!(found.name, name, "{path}");
        let header = format!("\"{name}\": {{");
        assert!(found.file.text.lines().any(|line| line == header), "{path}: no such header");
        assert!(found.file.text.contains("\tdescription: "), "{path}: no description");
        count += 1;
    }
    let shipped = below("providers/").iter().filter(|file| file.path.ends_with(".cue")).count();
    assert_eq!(count, shipped);
    assert!(count > 10, "{count}");
}

#[test]
fn what_is_not_shipped_is_not_found() {
    assert_eq!(definition("component", "webservic"), None);
    assert_eq!(definition("webservice", "component"), None);
    assert_eq!(definition("", ""), None);
    assert_eq!(of_kind("workload").len(), 0);
    assert_eq!(file("definitions/component"), None);
    assert!(below("zzz").is_empty());
}

/// The file name is the name in the header, and the folder its type: an index by file name would
/// otherwise not be an index by what Applications write.
#[test]
fn headers_agree_with_paths() {
    for found in KINDS.iter().flat_map(|kind| of_kind(kind)) {
        let lines: Vec<_> = found.file.text.lines().collect();
        let path = found.file.path;
        let plain = format!("{}: {{", found.name);
        let quoted = format!("\"{}\": {{", found.name);
        let header = lines.iter().position(|l| **l == plain || **l == quoted);
        let header = header.unwrap_or_else(|| panic!("{path}: no header of that name"));
        let kind = lines[header + 1..].iter().find_map(|l| l.trim().strip_prefix("type:"));
        assert_eq!(kind.map(str::trim), Some(&*format!("\"{}\"", found.kind)), "{path}");
        assert_eq!(lines.iter().filter(|l| **l == "template: {").count(), 1, "{path}");
        assert!(found.file.text.ends_with("}\n"), "{path}");
    }
}

/// Each parameter is explained: what a person sees in completion, hover and reference pages.
#[test]
fn parameters_say_what_they_are() {
    for found in KINDS.iter().flat_map(|kind| of_kind(kind)) {
        let path = found.file.path;
        let text = found.file.text;
        assert!(text.lines().any(|l| l.starts_with("\tdescription: ")), "{path}: no description");
        for usage in text.lines().filter_map(|l| l.trim().strip_prefix("// +usage=")) {
            assert!(!usage.trim().is_empty() && !usage.ends_with('.'), "{path}: {usage:?}");
        }
    }
}
