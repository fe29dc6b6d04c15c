//! The direction of the crates, and who may touch what: the table of docs/ARCHITECTURE.md as a test.
#![allow(clippy::disallowed_methods, reason = "a test reads the sources it judges")]

use std::path::Path;
use std::process::Command;

use platformc_tests::{files_below, repository};

/// The crates in the order of the way data takes. A crate depends only on crates before it.
const ORDER: [&str; 18] = [
    "source",
    "value",
    "format",
    "cue-syntax",
    "cue",
    "nickel",
    "config",
    "model",
    "definition",
    "graph",
    "schema",
    "emit",
    "stdlib",
    "driver",
    "ide",
    "lsp",
    "host",
    "cli",
];

/// Libraries that only one crate may see.
const ONLY_IN: [(&str, &str); 8] = [
    ("petgraph", "graph"),
    ("nickel-lang-core", "nickel"),
    ("ariadne", "source"),
    ("hcl-edit", "emit"),
    ("clap", "cli"),
    ("clap_complete", "cli"),
    ("toml", "format"),
    ("semver", "model"),
];

/// What only `host` may say, because it reaches the disk, the environment, the clock, the network.
const ONLY_HOST: [&str; 11] = [
    "std::fs",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
    "std::process::Command",
    "SystemTime",
    "Instant::now",
    "std::env::var",
    "std::env::current_dir",
    "std::env::temp_dir",
];

struct Crate {
    name: String,
    dependencies: Vec<String>,
}

fn crates() -> Vec<Crate> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(repository())
        .output()
        .expect("cargo metadata runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("cargo metadata writes JSON");
    let packages = metadata["packages"].as_array().expect("packages").iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let in_compiler = |package: &&serde_json::Value| {
        let folder = Path::new(package["manifest_path"].as_str().unwrap_or_default()).parent();
        folder.and_then(Path::parent).is_some_and(|parent| parent.ends_with("compiler"))
    };
    packages
        .filter(in_compiler)
        .map(|package| {
            let dependencies = package["dependencies"].as_array().expect("dependencies").iter();
            let normal = dependencies.filter(|dependency| dependency["kind"].is_null());
            Crate {
                name: text(&package["name"]),
                dependencies: normal.map(|dependency| text(&dependency["name"])).collect(),
            }
        })
        .collect()
}

fn place(name: &str) -> Option<usize> {
    ORDER.iter().position(|known| name.strip_prefix("platformc-") == Some(*known))
}

#[test]
fn crates_depend_only_on_crates_before_them() {
    let crates = crates();
    assert!(crates.len() >= 12, "only {} crates found", crates.len());
    for found in &crates {
        let own = place(&found.name).unwrap_or_else(|| panic!("{} is not in ORDER", found.name));
        for dependency in &found.dependencies {
            if let Some(other) = place(dependency) {
                assert!(other < own, "{} must not depend on {dependency}", found.name);
            }
        }
    }
}

#[test]
fn libraries_stay_where_they_belong() {
    for found in crates() {
        for (library, only) in ONLY_IN {
            let allowed = found.name == format!("platformc-{only}");
            let used = found.dependencies.iter().any(|name| name == library);
            assert!(allowed || !used, "{} must not use {library}", found.name);
        }
    }
}

/// A file's text up to its tests, without comments.
fn code(text: &str) -> String {
    let end = text.find("#[cfg(test)]").unwrap_or(text.len());
    let lines = text[..end].lines();
    lines.map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

#[test]
fn only_host_touches_the_world() {
    let compiler = repository().join("compiler");
    let mut looked_at = 0;
    for path in files_below(&compiler, ".rs").expect("sources") {
        let inside = path.strip_prefix(&compiler).expect("below");
        let name = inside.to_string_lossy().replace('\\', "/");
        let in_src = name.split('/').nth(1) == Some("src");
        if !in_src || name.starts_with("host/") || name.ends_with("tests.rs") {
            continue;
        }
        looked_at += 1;
        let code = code(&std::fs::read_to_string(&path).expect("text"));
        for word in ONLY_HOST {
            assert!(!code.contains(word), "{name} says {word}; only host may");
        }
    }
    assert!(looked_at > 50, "only {looked_at} files found");
}

#[test]
fn modules_say_what_they_keep_and_stay_short() {
    let compiler = repository().join("compiler");
    for path in files_below(&compiler, ".rs").expect("sources") {
        let text = std::fs::read_to_string(&path).expect("text");
        let name = path.strip_prefix(&compiler).expect("below").display().to_string();
        if !name.split(['/', '\\']).any(|step| step == "src") {
            continue;
        }
        assert!(text.starts_with("//!"), "{name} does not open with //!");
        let lines = text.lines().count();
        assert!(lines <= 800, "{name} has {lines} lines");
    }
}

#[test]
fn every_crate_states_an_invariant() {
    for found in crates() {
        let folder = found.name.trim_start_matches("platformc-");
        let path = repository().join("compiler").join(folder).join("src/lib.rs");
        let text = std::fs::read_to_string(&path).expect("lib.rs");
        let head: String = text.lines().take_while(|line| line.starts_with("//!")).collect();
        assert!(head.contains("Invariant"), "{}/src/lib.rs states no invariant", found.name);
    }
}
