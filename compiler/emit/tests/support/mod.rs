//! Stacks from YAML, and diagnostics as lines.
#![allow(dead_code, reason = "the example uses a part of it")]

use platformc_emit::terraform::{self, After, Engine, ModuleFile, Name, Stack};
use platformc_graph::Strength;
use platformc_source::{Diagnostic, FileId, Origin, SourceMap};
use platformc_value::{Data, Value};

/// Texts that look like templates and are none.
pub(crate) const NASTY: [&str; 26] = [
    "${a}", "$${a}", "$$${a}", "%{if}", "%%{if}", "$%{x", "%${x", "$", "$$", "${", "%{", "$$$${",
    "a$", "{", "$ {", "\\${a}", "\"${a}\"", "%%", "$%%{", "é${ü}", "$$$", "%%%{a", "\n${a}\n",
    "$${", "%$${", "${\"$\"}",
];

/// The text that was read, and what was found in it.
pub(crate) struct Said {
    map: SourceMap,
    /// What was found while reading.
    pub(crate) found: Vec<Diagnostic>,
}

impl Said {
    /// One line a diagnostic, then its notes.
    pub(crate) fn text(&self, sink: &[Diagnostic]) -> String {
        let mut out = String::new();
        for found in sink {
            let at = |span: platformc_source::Span| {
                self.map.get(span.file).map_or_else(
                    || "-".to_owned(),
                    |file| {
                        let at = file.line_column(span.start);
                        format!("{}:{}", at.line, at.column)
                    },
                )
            };
            out.push_str(&format!(
                "{} {} {}: {}\n",
                at(found.primary.span),
                found.severity.as_str(),
                found.code.id(),
                found.message
            ));
            if !found.primary.message.is_empty() {
                out.push_str(&format!("    here: {}\n", found.primary.message));
            }
            for label in &found.labels {
                out.push_str(&format!("    {}: {}\n", at(label.span), label.message));
            }
            for note in &found.notes {
                out.push_str(&format!("    note: {note}\n"));
            }
            for fix in &found.fixes {
                let edits: Vec<String> = fix
                    .edits
                    .iter()
                    .map(|edit| format!("{} -> {}", at(edit.span), edit.text))
                    .collect();
                out.push_str(&format!("    fix: {} ({})\n", fix.title, edits.join(", ")));
            }
        }
        out
    }
}

fn name(value: &Value) -> Option<Name> {
    value.as_str().map(|text| Name::new(text, value.origin))
}

fn names(value: Option<&Value>) -> Vec<Name> {
    value.and_then(Value::as_list).into_iter().flatten().filter_map(name).collect()
}

/// The stacks of a text of YAML documents; `engine` is `terraform 1.11.4`.
pub(crate) fn stacks(engine: &str, text: &str) -> (Vec<Stack>, Said) {
    let map = SourceMap::new();
    let file: FileId = map.add("stacks.yaml", text);
    let read = platformc_format::yaml::read(file, text);
    let mut found = read.diagnostics;
    let (kind, version) = engine.split_once(' ').expect("an engine and its version");
    let engine = Engine::parse(kind, &Name::computed(version)).expect("an engine");
    let mut stacks = Vec::new();
    for document in read.value.into_iter().map(|found| found.value) {
        let Some(called) = document.get("name").and_then(name) else { continue };
        let mut stack = Stack::new(called, engine.clone());
        stack.description = document.get("description").and_then(name);
        stack.tags = names(document.get("tags"));
        let after = |strength| move |stack: Name| After { stack, strength };
        stack.after = names(document.get("after")).into_iter().map(after(Strength::Hard)).collect();
        stack.after.extend(names(document.get("afterEnd")).into_iter().map(after(Strength::Soft)));
        if let Some(Data::Map(files)) = document.get("files").map(|value| &value.data) {
            for entry in files {
                let bytes = entry.value.as_str().unwrap_or_default().as_bytes().to_vec();
                let path = entry.key.to_string();
                stack.files.push(ModuleFile { path, bytes, origin: Origin::NONE });
            }
        }
        let spec = document.get("spec").cloned().unwrap_or_else(Value::null);
        stack.body = terraform::body(spec, &mut found);
        stacks.push(stack);
    }
    (stacks, Said { map, found })
}
