//! Writes the tables of the embedded files.
//!
//! Invariant: the tables depend on the names of the files only, in byte order, never on the order
//! in which the disk lists them; paths in them are relative to the repository.
#![allow(clippy::disallowed_methods, reason = "a build script reads the tree it embeds")]

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../..");
    let mut table = String::new();
    let library = files(&root, "stdlib")?;
    write_files(&mut table, "LIBRARY", &library, "stdlib")?;
    write_index(&mut table, &library)?;
    write_files(&mut table, "SCHEMAS", &files(&root, "schemas")?, "schemas")?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("table.rs"), table)?;
    Ok(())
}

/// The files below `folder`, as paths relative to it with `/`, in byte order. Cases of tests,
/// programs that make files, texts for people and dot files are left out.
fn files(root: &Path, folder: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut pending = vec![String::new()];
    while let Some(below) = pending.pop() {
        let path = root.join(folder).join(&below);
        println!("cargo:rerun-if-changed={}", path.display());
        if !path.is_dir() {
            continue;
        }
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let name = entry.file_name().into_string().map_err(|_| "a file name is not UTF-8")?;
            if name.starts_with('.') || ["tests", "make"].contains(&&*name) || name.ends_with(".md")
            {
                continue;
            }
            let path = if below.is_empty() { name } else { format!("{below}/{name}") };
            if entry.file_type()?.is_dir() {
                pending.push(path);
            } else {
                println!("cargo:rerun-if-changed={}", entry.path().display());
                found.push(path);
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

fn write_files(table: &mut String, name: &str, paths: &[String], folder: &str) -> Result<()> {
    writeln!(table, "static {name}: &[Embedded] = &[")?;
    for path in paths {
        let from = format!("/../../{folder}/{path}");
        writeln!(
            table,
            "    Embedded {{ path: {path:?}, text: include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {from:?})) }},"
        )?;
    }
    writeln!(table, "];")?;
    Ok(())
}

/// The index of `definitions/KIND/NAME.cue`, of `operations/NAME.cue` and
/// `operations/PROVIDER/NAME.cue`, the operation `PROVIDER-NAME`, in the order of (KIND, NAME),
/// which is not the order of the paths: `.` sorts behind `-`. Likewise `providers/PROVIDER/ROLE.cue`,
/// the module `PROVIDER-ROLE`.
fn write_index(table: &mut String, paths: &[String]) -> Result<()> {
    let mut index = Vec::new();
    for (position, path) in paths.iter().enumerate() {
        let Some(stem) = path.strip_suffix(".cue") else { continue };
        let (kind, name) = if let Some(rest) = stem.strip_prefix("definitions/") {
            let Some((kind, name)) = rest.split_once('/') else { continue };
            (kind, name.to_owned())
        } else if let Some(rest) = stem.strip_prefix("operations/") {
            ("operation", rest.replacen('/', "-", 1))
        } else if let Some(rest) = stem.strip_prefix("providers/") {
            let Some((provider, role)) = rest.split_once('/') else { continue };
            ("module", format!("{provider}-{role}"))
        } else {
            continue;
        };
        if name.contains('/') {
            return Err(format!("{path}: a definition stands in the folder of its kind").into());
        }
        index.push((kind, name, position));
    }
    index.sort_unstable();
    writeln!(table, "static INDEX: &[(&str, &str, usize)] = &[")?;
    for (kind, name, position) in index {
        writeln!(table, "    ({kind:?}, {name:?}, {position}),")?;
    }
    writeln!(table, "];")?;
    Ok(())
}
