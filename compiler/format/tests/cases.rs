//! Cases as data: `tests/cases/NAME.{yaml,json,toml}` is read, and what was understood and found is
//! compared with `NAME.EXT.out`. `PLATFORMC_UPDATE=1` writes the `.out` files anew.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use platformc_format::{json, toml, yaml};
use platformc_source::{Diagnostic, FileId, SourceMap, Span};
use platformc_value::{Data, Value};

struct Show<'t> {
    text: &'t str,
    out: String,
}

impl Show<'_> {
    fn place(&self, span: Span) -> String {
        let words = self.text.get(span.start as usize..span.end as usize).expect("within the text");
        let short: String = words.chars().take(40).collect();
        let dots = if short.len() < words.len() { "…" } else { "" };
        format!("{}..{} {short:?}{dots}", span.start, span.end)
    }

    fn value(&mut self, value: &Value, depth: usize) {
        let lead = "  ".repeat(depth);
        let what = match &value.data {
            Data::Null => "null".to_owned(),
            Data::Bool(b) => b.to_string(),
            Data::Number(number) => number.to_string(),
            Data::String(text) => format!("{text:?}"),
            Data::Bytes(bytes) => format!("bytes {bytes:?}"),
            Data::List(_) => "list".to_owned(),
            Data::Map(_) => "map".to_owned(),
        };
        let place = self.place(value.origin.span);
        writeln!(self.out, "{lead}{what}  @ {place}").expect("memory");
        match &value.data {
            Data::List(items) => items.iter().for_each(|item| self.value(item, depth + 1)),
            Data::Map(map) => {
                for entry in map {
                    let place = self.place(entry.key_origin.span);
                    writeln!(self.out, "{lead}- key {:?}  @ {place}", &*entry.key).expect("memory");
                    self.value(&entry.value, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn finding(&mut self, found: &Diagnostic) {
        let place = self.place(found.primary.span);
        let severity = found.severity.as_str();
        let (code, message) = (found.code.id(), &found.message);
        writeln!(self.out, "{severity} {code}: {message}\n    at {place}").expect("memory");
        for label in &found.labels {
            let place = self.place(label.span);
            writeln!(self.out, "    {} {place}", label.message).expect("memory");
        }
        for note in &found.notes {
            writeln!(self.out, "    note: {note}").expect("memory");
        }
        for fix in &found.fixes {
            writeln!(self.out, "    fix: {}", fix.title).expect("memory");
            for edit in &fix.edits {
                let place = self.place(edit.span);
                writeln!(self.out, "      {place} -> {:?}", edit.text).expect("memory");
            }
        }
    }
}

fn run(kind: &str, name: &str, text: &str) -> String {
    let files = SourceMap::new();
    let file: FileId = files.add(name, text);
    let mut show = Show { text, out: String::new() };
    let diagnostics = match kind {
        "yaml" => {
            let outcome = yaml::read(file, text);
            for document in &outcome.value {
                let place = show.place(document.span);
                writeln!(show.out, "document  @ {place}").expect("memory");
                show.value(&document.value, 1);
            }
            outcome.diagnostics
        }
        "json" => {
            let outcome = json::read(file, text);
            outcome.value.iter().for_each(|value| show.value(value, 0));
            outcome.diagnostics
        }
        _ => {
            let outcome = toml::read(file, text);
            show.value(&outcome.value, 0);
            outcome.diagnostics
        }
    };
    diagnostics.iter().for_each(|found| show.finding(found));
    show.out
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a test reads its own data")]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("cases")
        .map(|entry| entry.expect("entry").path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension != "out"));
    paths.sort();
    assert!(paths.len() >= 10, "the cases are there");
    let update = std::env::var("PLATFORMC_UPDATE").is_ok();
    let mut wrong = Vec::new();
    for path in paths {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        let kind = path.extension().and_then(|kind| kind.to_str()).expect("a kind").to_owned();
        let text = std::fs::read_to_string(&path).expect("text");
        let out = run(&kind, &name, &text);
        let expected = folder.join(format!("{name}.out"));
        if update {
            std::fs::write(&expected, &out).expect("written");
        } else if std::fs::read_to_string(&expected).ok().as_deref() != Some(&*out) {
            wrong.push(format!("== {name}\n{out}"));
        }
    }
    assert!(wrong.is_empty(), "PLATFORMC_UPDATE=1 accepts:\n{}", wrong.join("\n"));
}
