//! Compares exports of top-level fields with those of the reference's binary.
//!
//! Invariant: both sides read the same files; numbers are compared as exact decimals; a field
//! counts as agreeing only where both export the same data or both refuse.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use platformc_cue_syntax::ast::{self, DeclKind, LabelKind};
use platformc_source::FileId;
use platformc_value::{Data, Number, Value};

use crate::archive::Archive;
use crate::engine;

/// How fields compare.
#[derive(Debug, Default)]
struct Tally {
    same: usize,
    both_refuse: usize,
    different: usize,
    only_reference: usize,
    only_here: usize,
}

/// Compares all archives and prints the result; whether nothing differs.
#[allow(clippy::print_stdout, reason = "the report of a program")]
pub fn run(binary: &Path, texts: &BTreeMap<String, String>, names: &[&str], list: bool) -> bool {
    let mut tally = Tally::default();
    let folder = std::env::temp_dir().join(format!("conformance-{}", std::process::id()));
    for name in names {
        let Some(text) = texts.get(*name) else { continue };
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
        compare(binary, &archive, &folder, &mut tally, &report);
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

fn compare(
    binary: &Path,
    archive: &Archive,
    folder: &PathBuf,
    tally: &mut Tally,
    report: &dyn Fn(String),
) {
    let mut files = Vec::new();
    for (index, source) in archive.files.iter().enumerate() {
        if source.name.ends_with(".cue") && !source.name.contains('/') {
            let number = FileId(u32::try_from(index).unwrap_or(u32::MAX));
            files.push(platformc_cue_syntax::parse(number, &source.text).value);
        }
    }
    let sources: Vec<&str> = archive.root_sources().map(|file| file.name.as_str()).collect();
    let trees: Vec<&ast::File> = files.iter().collect();
    for name in fields(&files) {
        let theirs = Command::new("timeout")
            .arg("20")
            .arg(binary)
            .args(["export", "--out", "json", "-e", &name])
            .args(&sources)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output();
        let theirs = theirs
            .ok()
            .filter(|output| output.status.success())
            .and_then(|output| serde_json::from_slice::<serde_json::Value>(&output.stdout).ok());
        let ours = catch_unwind(AssertUnwindSafe(|| engine::export(archive, &trees, &name)))
            .unwrap_or_else(|_| Err("panic".to_owned()));
        match (theirs, ours) {
            (Some(theirs), Ok(ours)) if same(&theirs, &ours) => tally.same += 1,
            (Some(theirs), Ok(ours)) => {
                tally.different += 1;
                report(format!("{name}: here {:?}, reference {theirs}", ours.kind_name()));
            }
            (None, Err(_)) => tally.both_refuse += 1,
            (Some(_), Err(reason)) => {
                tally.only_reference += 1;
                report(format!("{name}: refused here: {reason}"));
            }
            (None, Ok(_)) => {
                tally.only_here += 1;
                report(format!("{name}: refused by the reference"));
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

fn same(theirs: &serde_json::Value, ours: &Value) -> bool {
    use serde_json::Value as Json;
    match (theirs, &ours.data) {
        (Json::Null, Data::Null) => true,
        (Json::Bool(a), Data::Bool(b)) => a == b,
        (Json::Number(a), Data::Number(b)) => {
            Number::parse(&a.to_string()).is_ok_and(|a| a.compare(b).is_eq())
        }
        (Json::String(a), Data::String(b)) => **a == **b,
        // JSON has no bytes; the reference writes them in base 64.
        (Json::String(text), Data::Bytes(bytes)) => *text == STANDARD.encode(bytes),
        (Json::Array(a), Data::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Json::Object(a), Data::Map(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_as_decimals() {
        let ours = Value::new(Data::Number(Number::parse("1.50").unwrap()), Value::null().origin);
        assert!(same(&serde_json::json!(1.5), &ours));
        assert!(!same(&serde_json::json!(1.51), &ours));
        assert!(!same(&serde_json::json!("1.5"), &ours));
    }
}
