//! Cases of shipped definitions: an Application, and the objects it renders to or what is wrong.
//!
//! The form is written down in stdlib/definitions/tests/README.md.

use std::fs;
use std::path::Path;

use platformc_driver::{Options, Selection, compile};
use platformc_format::yaml;
use platformc_source::{Diagnostic, FileId, MemorySources, Severity, SourceMap};
use platformc_value::Value;

use crate::{difference, updating};

const MANIFEST: &str = r#"name = "cases"

[environments.test]
clusters = ["test"]

[clusters.test]
server = "https://test.example.com:6443"
kubernetes = "1.31"
"#;

/// Said of policies and steps that are checked and not carried out; the cases judge the checks.
const NOT_CARRIED_OUT: [&str; 2] = ["model/not-supported", "model/no-effect"];

/// What identifies an object: `apiVersion`, `kind`, namespace, name.
fn identity(object: &Value) -> [String; 4] {
    let text = |value: Option<&Value>| {
        value.and_then(Value::as_str).map(str::to_owned).unwrap_or_default()
    };
    let metadata = |key| text(object.get("metadata").and_then(|metadata| metadata.get(key)));
    [
        text(object.get("apiVersion")),
        text(object.get("kind")),
        metadata("namespace"),
        metadata("name"),
    ]
}

/// Leaves out what is said to Argo CD, which cases do not speak of.
fn without_delivery(object: &mut Value) {
    let Some(metadata) = object.as_map_mut().and_then(|map| map.get_mut("metadata")) else {
        return;
    };
    let Some(metadata) = metadata.as_map_mut() else { return };
    let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_map_mut) else {
        return;
    };
    let ours: Vec<String> = annotations
        .keys()
        .filter(|key| key.starts_with("argocd.argoproj.io/"))
        .map(str::to_owned)
        .collect();
    for key in &ours {
        annotations.remove(key);
    }
    if annotations.is_empty() && !ours.is_empty() {
        metadata.remove("annotations");
    }
}

fn objects(text: &str) -> Vec<Value> {
    let documents = yaml::read(FileId::NONE, text).value;
    let mut objects: Vec<Value> =
        documents.into_iter().map(|document| document.value).filter(|v| !v.is_null()).collect();
    objects.iter_mut().for_each(without_delivery);
    objects.sort_by_key(identity);
    objects
}

fn said(diagnostic: &Diagnostic, map: &SourceMap) -> String {
    let span = diagnostic.primary.span;
    let line = map.get(span.file).map_or(0, |file| file.line_column(span.start).line);
    format!("{line} {}", diagnostic.code.id())
}

/// Runs the case in a folder.
///
/// # Errors
/// What differs from what the case expects.
pub fn run(folder: &Path) -> Result<(), String> {
    let read = |name: &str| fs::read_to_string(folder.join(name));
    let app = read("app.yaml").map_err(|error| format!("app.yaml: {error}"))?;
    let sources = MemorySources::new().with("platform.toml", MANIFEST).with("apps/app.yaml", &app);
    let map = SourceMap::new();
    let options =
        Options { environments: Selection::Only, jobs: 1, version: "0.1.0", ..Options::default() };
    let outcome = compile(&sources, &map, &options);
    let found: Vec<&Diagnostic> = outcome
        .diagnostics
        .iter()
        .filter(|diagnostic| !NOT_CARRIED_OUT.contains(&diagnostic.code.id()))
        .collect();
    let mut lines: Vec<String> = found.iter().map(|diagnostic| said(diagnostic, &map)).collect();
    lines.sort_by_key(|line| line.split(' ').next().and_then(|n| n.parse::<u32>().ok()));
    let lines = lines.iter().fold(String::new(), |text, line| text + line + "\n");
    if let Ok(expected) = read("errors.txt") {
        if expected == lines {
            return Ok(());
        }
        if updating() {
            return fs::write(folder.join("errors.txt"), lines).map_err(|error| error.to_string());
        }
        let words: Vec<String> =
            found.iter().map(|d| format!("{}: {}", said(d, &map), d.message)).collect();
        return Err(format!("{}\n{}", difference(&expected, &lines), words.join("\n")));
    }
    let expected = read("expected.yaml").map_err(|error| format!("expected.yaml: {error}"))?;
    if let Some(first) = found.iter().find(|found| found.severity == Severity::Error) {
        return Err(format!("{}: {}", said(first, &map), first.message));
    }
    if outcome.diagnostics.iter().any(|found| found.severity == Severity::Error) {
        // Checked, and not carried out: there is nothing to compare.
        return Ok(());
    }
    let rendered: String = outcome
        .value
        .outputs
        .iter()
        .flat_map(|output| &output.files)
        .filter(|(path, _)| path.starts_with("kubernetes/"))
        .map(|(_, bytes)| format!("---\n{}", String::from_utf8_lossy(bytes)))
        .collect();
    let (wanted, got) = (objects(&expected), objects(&rendered));
    if wanted == got {
        return Ok(());
    }
    Err(difference(&yaml::write_documents(&wanted), &yaml::write_documents(&got)))
}
