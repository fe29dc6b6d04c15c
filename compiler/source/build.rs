//! Lists the documentation pages of the diagnostics, in order of their paths.
#![allow(clippy::disallowed_methods, reason = "a build script reads its own package")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let variable = |name| env::var_os(name).map(PathBuf::from).ok_or(io::ErrorKind::NotFound);
    let docs = variable("CARGO_MANIFEST_DIR")?.join("../../docs/diagnostics");
    println!("cargo::rerun-if-changed={}", docs.display());
    let mut pages = Vec::new();
    for stage in entries(&docs)? {
        if docs.join(&stage).is_dir() {
            for page in entries(&docs.join(&stage))? {
                if let Some(slug) = page.strip_suffix(".md") {
                    pages.push((format!("{stage}/{slug}"), docs.join(&stage).join(&page)));
                }
            }
        }
    }
    pages.sort();
    let mut text = String::from("static PAGES: &[(&str, &str)] = &[\n");
    for (id, path) in pages {
        let path = path.canonicalize()?;
        let path = path.to_str().ok_or(io::ErrorKind::InvalidData)?;
        let _ = writeln!(text, "    ({id:?}, include_str!({path:?})),");
    }
    text.push_str("];\n");
    fs::write(variable("OUT_DIR")?.join("pages.rs"), text)
}

/// The names in a folder.
fn entries(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.extend(entry?.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}
