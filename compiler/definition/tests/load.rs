//! Loading as data: a file in, what was understood and found out. `PLATFORMC_UPDATE=1` writes what
//! is expected anew. Hostile text never panics.
#![allow(clippy::disallowed_methods, reason = "tests read their cases from the disk")]

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use platformc_definition::{Body, Compiled, load, show, vet};
use platformc_source::{Diagnostic, SourceMap};
use proptest::prelude::*;

/// Loads, compiles, vets and shows; what came of it as text.
fn run(path: &str, text: &str) -> String {
    let map = SourceMap::new();
    let file = map.add(path, text);
    let loaded = load(path, file, text);
    let mut found = loaded.diagnostics;
    let mut out = String::new();
    for definition in loaded.value {
        let kind = definition.kind.resource_kind();
        let body = match &definition.body {
            Body::Cue(_) => "cue".to_owned(),
            Body::Terraform(module) => format!("terraform, {}", module.language.text),
            Body::Foreign(_) => "another language".to_owned(),
            Body::None => "none".to_owned(),
        };
        let _ = writeln!(out, "# {kind} {} ({body})", definition.name.text);
        let compiled = Compiled::new(definition).drain_into(&mut found);
        found.extend(vet(&compiled));
        out.push_str(&show::text(&compiled));
        let schema = show::json_schema(&compiled);
        let _ = writeln!(out, "{}", platformc_format::json::write(&schema, false).trim_end());
        out.push_str(&show::markdown(&compiled));
    }
    let mut faults = String::new();
    for found in &found {
        describe(&map, found, &mut faults);
    }
    faults + &out
}

fn describe(map: &SourceMap, found: &Diagnostic, out: &mut String) {
    let place = map.get(found.primary.span.file).map_or_else(String::new, |file| {
        let at = file.line_column(found.primary.span.start);
        format!("{}:{}", at.line, at.column)
    });
    let severity = found.severity.as_str();
    let _ = writeln!(out, "{severity} {} {place}: {}", found.code.id(), found.message);
    for fix in &found.fixes {
        let _ = writeln!(out, "  fix: {}", fix.title);
    }
}

#[test]
fn cases() {
    let update = env::var("PLATFORMC_UPDATE").is_ok_and(|value| value == "1");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/load");
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("cases").map(|entry| entry.expect("entry").path()).collect();
    paths.sort();
    assert!(paths.len() >= 8, "cases are missing");
    let mut failures = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).expect("readable");
        let (input, expected) = text.split_once("-- expect --\n").unwrap_or((&text, ""));
        let name = path.file_stem().expect("a name").to_string_lossy();
        let ending = if name.ends_with("-yaml") { "yaml" } else { "cue" };
        let found = run(&format!("definition.{ending}"), input);
        if found == expected {
            continue;
        }
        if update {
            fs::write(&path, format!("{input}-- expect --\n{found}")).expect("writable");
        } else {
            failures.push(format!("{}\nexpected:\n{expected}\nfound:\n{found}", path.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n---\n"));
}

/// Nested brackets and long chains neither overflow the stack nor take for ever.
#[test]
fn deep_and_long() {
    let header = "a: type: \"component\"\ntemplate: {\n";
    for body in [
        format!("output: {}", "[".repeat(50_000)),
        format!("output: {}1{}", "(".repeat(1_500), ")".repeat(1_500)),
        format!("output: a{}", " + a".repeat(20_000)),
        format!("output: [1]{}", " + [1]".repeat(2_000)),
        format!("parameter: {}int", "a: ".repeat(1_500)),
        format!("parameter: int{}", " | int".repeat(5_000)),
        "#A: {b?: #A, c?: #A, d?: [...#A]}\nparameter: #A\noutput: {}".to_owned(),
    ] {
        run("deep.cue", &format!("{header}{body}\n}}\n"));
    }
}

const PIECES: &[&str] = &[
    "a: ",
    "type: ",
    "\"trait\"",
    "template: {",
    "}",
    "{",
    "[",
    "]",
    "parameter: ",
    "#A: ",
    "#A",
    "int",
    " | ",
    "*",
    "1",
    " + ",
    " & ",
    "close(",
    ")",
    "patch: ",
    "outputs: ",
    "context.name",
    "parameter.x",
    "if ",
    "for x in ",
    "\n",
    "// +patchKey=name\n",
    "import \"list\"\n",
    "error: ",
    "\"\\(x)\": ",
    "...",
    "apiVersion: core.oam.dev/v1beta1\n",
    "kind: TraitDefinition\n",
    "metadata:\n  name: x\n",
    "spec:\n  schematic:\n    cue:\n      template: |\n",
    "        ",
    "é",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn never_panics(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        let text = pieces.concat();
        run("x.cue", &text);
        run("x.yaml", &text);
    }
}
