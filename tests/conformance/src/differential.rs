//! Compares exports of top-level fields with those of the reference's binary.
//!
//! Invariant: both sides read the same files; numbers are compared as exact decimals; a field
//! counts as agreeing only where both export the same data or both refuse.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use platformc_cue_syntax::ast::{self, DeclKind, LabelKind};
use platformc_source::FileId;
use platformc_value::{Data, Number, Value};
use serde_json::Value as Json;

use crate::archive::Archive;
use crate::engine;
use crate::run::Verdict;
use crate::score::{ArchiveResult, Results};

/// How fields compare.
#[derive(Debug, Default)]
struct Tally {
    same: usize,
    both_refuse: usize,
    different: usize,
    only_reference: usize,
    only_here: usize,
}

/// Exports every top-level field of an archive: the JSON or the reason why there is none.
pub fn export(text: &str, report: &mut dyn FnMut(Verdict)) {
    let archive = Archive::parse(text);
    let files = parse(&archive);
    let trees: Vec<&ast::File> = files.iter().collect();
    for name in fields(&files) {
        let result = catch_unwind(AssertUnwindSafe(|| engine::export(&archive, &trees, &name)))
            .unwrap_or_else(|_| Err("panic".to_owned()));
        let (passed, reason) = match result {
            Ok(value) => (true, json(&value).to_string()),
            Err(reason) => (false, reason),
        };
        report(Verdict {
            file: String::new(),
            line: 0,
            path: name,
            label: "export".to_owned(),
            keys: Vec::new(),
            passed,
            parts: BTreeMap::new(),
            reason,
        });
    }
}

/// Compares what children exported with the reference and prints the result; whether nothing
/// differs.
#[allow(clippy::print_stdout, reason = "the report of a program")]
pub fn run(binary: &Path, texts: &BTreeMap<String, String>, results: &Results, list: bool) -> bool {
    let mut tally = Tally::default();
    let folder = std::env::temp_dir().join(format!("conformance-{}", std::process::id()));
    for (name, ours) in results {
        let Some(text) = texts.get(name) else { continue };
        let archive = Archive::parse(text);
        if let Err(error) = write(&archive, &folder) {
            println!("{name}: {error}");
            continue;
        }
        let report = |line: String| {
            if list {
                println!("{name}: {line}");
            }
        };
        compare(binary, &archive, ours, &folder, &mut tally, &report);
        let _ = std::fs::remove_dir_all(&folder);
    }
    let total =
        tally.same + tally.both_refuse + tally.different + tally.only_reference + tally.only_here;
    println!(
        "{total} top-level fields: {} same data, {} refused by both, {} different data, \
         {} exported by the reference only, {} exported here only",
        tally.same, tally.both_refuse, tally.different, tally.only_reference, tally.only_here
    );
    tally.different + tally.only_reference + tally.only_here == 0
}

fn write(archive: &Archive, folder: &Path) -> std::io::Result<()> {
    for file in archive.files.iter().filter(|file| !file.name.starts_with("out/")) {
        let path = folder.join(&file.name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, &file.text)?;
    }
    Ok(())
}

fn parse(archive: &Archive) -> Vec<ast::File> {
    let numbered = archive.files.iter().enumerate();
    numbered
        .filter(|(_, file)| file.name.ends_with(".cue") && !file.name.contains('/'))
        .map(|(index, file)| {
            let number = FileId(u32::try_from(index).unwrap_or(u32::MAX));
            platformc_cue_syntax::parse(number, &file.text).value
        })
        .collect()
}

fn compare(
    binary: &Path,
    archive: &Archive,
    ours: &ArchiveResult,
    folder: &Path,
    tally: &mut Tally,
    report: &dyn Fn(String),
) {
    let sources: Vec<&str> = archive.root_sources().map(|file| file.name.as_str()).collect();
    for name in fields(&parse(archive)) {
        let theirs = Command::new("timeout")
            .arg("20")
            .arg(binary)
            .args(["export", "--out", "json", "-e", &name])
            .args(&sources)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output();
        let theirs = theirs.ok().filter(|output| output.status.success());
        let theirs = theirs.and_then(|output| serde_json::from_slice(&output.stdout).ok());
        let missing = ours.fault.clone().unwrap_or_else(|| "not exported".to_owned());
        let ours = match ours.verdicts.iter().find(|verdict| verdict.path == name) {
            Some(verdict) if verdict.passed => {
                serde_json::from_str(&verdict.reason).map_err(|error| error.to_string())
            }
            Some(verdict) => Err(verdict.reason.clone()),
            None => Err(missing),
        };
        match (theirs, ours) {
            (Some(theirs), Ok(ours)) if same(&theirs, &ours) => tally.same += 1,
            (Some(theirs), Ok(ours)) => {
                tally.different += 1;
                report(format!("{name}: here {ours}, reference {theirs}"));
            }
            (None, Err(_)) => tally.both_refuse += 1,
            (Some(_), Err(reason)) => {
                tally.only_reference += 1;
                report(format!("{name}: refused here: {reason}"));
            }
            (None, Ok(ours)) => {
                tally.only_here += 1;
                report(format!("{name}: refused by the reference, here {ours}"));
            }
        }
    }
}

/// The regular top-level fields whose names can stand in an expression.
fn fields(files: &[ast::File]) -> Vec<String> {
    let mut names = Vec::new();
    for decl in files.iter().flat_map(|file| &file.decls) {
        let DeclKind::Field(field) = &decl.kind else { continue };
        let LabelKind::Ident(name) = &field.label.kind else { continue };
        let plain = name.starts_with(|c: char| c.is_ascii_alphabetic());
        let plain = plain && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if plain
            && field.constraint == ast::Constraint::Member
            && !names.iter().any(|other: &String| **other == **name)
        {
            names.push(name.to_string());
        }
    }
    names
}

/// A concrete value as JSON, bytes in base 64 as the reference writes them.
fn json(value: &Value) -> Json {
    match &value.data {
        Data::Null => Json::Null,
        Data::Bool(value) => Json::Bool(*value),
        Data::Number(number) => {
            serde_json::from_str(&number.to_string()).unwrap_or_else(|_| number.to_string().into())
        }
        Data::String(text) => Json::String(text.to_string()),
        Data::Bytes(bytes) => Json::String(STANDARD.encode(bytes)),
        Data::List(items) => Json::Array(items.iter().map(json).collect()),
        Data::Map(map) => {
            map.iter().map(|entry| (entry.key.to_string(), json(&entry.value))).collect()
        }
    }
}

fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => {
            let (a, b) = (Number::parse(&a.to_string()), Number::parse(&b.to_string()));
            a.is_ok_and(|a| b.is_ok_and(|b| a.compare(&b).is_eq()))
        }
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_as_decimals() {
        let ours = Value::new(Data::Number(Number::parse("1.50").unwrap()), Value::null().origin);
        let text = json(&ours).to_string();
        let ours: Json = serde_json::from_str(&text).unwrap();
        assert!(same(&serde_json::json!(1.5), &ours));
        assert!(!same(&serde_json::json!(1.51), &ours));
        assert!(!same(&serde_json::json!("1.5"), &ours));
        assert!(!same(&serde_json::json!([1.5]), &ours));
    }
}
