//! Cases as data: components and traits in CUE, properties in YAML, and what comes out.
//!
//! A case is a text of parts. A part begins with a line `-- KIND NAME --`: `component` and `trait`
//! hold the body of a template, `properties` the properties of the definition before it,
//! `expect` the objects or diagnostics. `PLATFORMC_UPDATE=1` writes `expect` anew.
#![allow(clippy::disallowed_methods, reason = "tests read their cases from the disk")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use platformc_definition::{
    ClusterVersion, Compiled, Context, CueEngine, Instance, Strictness, TemplateEngine, Use,
    check_properties, load_cue,
};
use platformc_source::{Diagnostic, Severity, SourceMap, Span};
use platformc_value::Value;

struct Part {
    kind: String,
    name: String,
    text: String,
}

fn parts(text: &str) -> (String, Vec<Part>) {
    let mut head = String::new();
    let mut parts: Vec<Part> = Vec::new();
    for line in text.lines() {
        let title = line.strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --"));
        if let Some(title) = title {
            let (kind, name) = title.split_once(' ').unwrap_or((title, ""));
            parts.push(Part { kind: kind.into(), name: name.into(), text: String::new() });
        } else {
            let into = parts.last_mut().map_or(&mut head, |part| &mut part.text);
            into.push_str(line);
            into.push('\n');
        }
    }
    (head, parts)
}

/// A definition around the body of a template, on the same lines as far as possible.
fn definition(kind: &str, name: &str, body: &str) -> String {
    let (imports, rest): (Vec<&str>, Vec<&str>) =
        body.lines().partition(|line| line.starts_with("import "));
    let imports = imports.join("\n");
    format!("{imports}\n{name:?}: type: {kind:?}\ntemplate: {{\n{}\n}}\n", rest.join("\n"))
}

struct Case {
    map: SourceMap,
    found: Vec<Diagnostic>,
}

impl Case {
    fn compile(&mut self, kind: &str, part: &Part) -> Option<Compiled> {
        let text = definition(kind, &part.name, &part.text);
        let file = self.map.add(&format!("{}.cue", part.name), text.as_str());
        let loaded = load_cue(file, &text).drain_into(&mut self.found)?;
        Some(Compiled::new(loaded).drain_into(&mut self.found))
    }

    fn properties(&mut self, name: &str, text: &str) -> (Option<Value>, Span) {
        let text = format!("type: {name}\n{text}");
        let file = self.map.add(&format!("{name}.yaml"), text.as_str());
        let read = platformc_format::yaml::read(file, &text);
        self.found.extend(read.diagnostics);
        let document = read.value.into_iter().next();
        let value = document.and_then(|document| document.value.get("properties").cloned());
        (value, Span::new(file, 6, 6 + name.len()))
    }

    fn place(&self, span: Span) -> String {
        match self.map.get(span.file) {
            Some(file) => {
                let at = file.line_column(span.start);
                format!("{}:{}:{}", file.path(), at.line, at.column)
            }
            None => "nowhere".to_owned(),
        }
    }

    fn describe(&self) -> String {
        let mut text = String::new();
        for found in &self.found {
            let severity = found.severity.as_str();
            let place = self.place(found.primary.span);
            let _ = writeln!(text, "{severity} {} {place}: {}", found.code.id(), found.message);
            for label in &found.labels {
                let _ = writeln!(text, "  at {}: {}", self.place(label.span), label.message);
            }
            for note in &found.notes {
                let _ = writeln!(text, "  note: {note}");
            }
            for fix in &found.fixes {
                let _ = writeln!(text, "  fix: {}", fix.title);
            }
        }
        text
    }
}

fn context() -> Context {
    Context {
        app_name: "shop".into(),
        name: "front".into(),
        namespace: "default".into(),
        app_revision: "shop-v1".into(),
        app_revision_num: 1,
        cluster: "local".into(),
        cluster_version: ClusterVersion::parse("1.29").expect("version"),
        ..Context::default()
    }
}

fn run(text: &str) -> String {
    let (head, parts) = parts(text);
    let mut case = Case { map: SourceMap::new(), found: Vec::new() };
    let strictness =
        if head.contains("compat: vela") { Strictness::Vela } else { Strictness::Strict };
    let check = !head.contains("check: off");
    let mut compiled = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        if !matches!(part.kind.as_str(), "component" | "trait" | "policy" | "workflow-step") {
            continue;
        }
        let written = parts.get(at + 1).filter(|next| next.kind == "properties");
        let (properties, span) =
            case.properties(&part.name, written.map_or("", |part| part.text.as_str()));
        let Some(definition) = case.compile(&part.kind, part) else {
            return case.describe();
        };
        compiled.push((part.kind.clone(), definition, properties, span));
    }
    let used = |(_, definition, properties, span): &(String, Compiled, Option<Value>, Span)| {
        let _ = definition;
        (properties.clone(), *span)
    };
    let uses: Vec<(Option<Value>, Span)> = compiled.iter().map(used).collect();
    let instances: Vec<Instance<'_>> = compiled
        .iter()
        .zip(&uses)
        .map(|((_, definition, ..), (properties, span))| Instance {
            definition,
            used: Use { properties: properties.as_ref(), span: *span },
        })
        .collect();
    let context = context();
    if check {
        for instance in &instances {
            let found = check_properties(instance.definition, instance.used, &context, strictness);
            case.found.extend(found);
        }
    }
    let mut output = String::new();
    let failed = case.found.iter().any(|found| found.severity == Severity::Error);
    let renders = compiled.first().is_some_and(|(kind, ..)| kind == "component");
    if let (true, false, [component, traits @ ..]) = (renders, failed, instances.as_slice()) {
        let engine = CueEngine { strictness };
        let rendered = engine.render(*component, traits, &context);
        case.found.extend(rendered.diagnostics);
        let rendered = rendered.value;
        if let Some(workload) = &rendered.workload {
            output.push_str("# workload\n");
            output.push_str(&platformc_format::yaml::write(workload));
        }
        for object in &rendered.auxiliaries {
            let _ = writeln!(output, "# {} of {}", object.name, object.definition);
            output.push_str(&platformc_format::yaml::write(&object.value));
        }
    }
    case.describe() + &output
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).expect("cases").map(|entry| entry.expect("entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, into);
        } else {
            into.push(path);
        }
    }
}

#[test]
fn cases() {
    let update = env::var("PLATFORMC_UPDATE").is_ok_and(|value| value == "1");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut paths = Vec::new();
    for kind in ["patch", "template", "check"] {
        collect(&folder.join(kind), &mut paths);
    }
    assert!(paths.len() > 80, "cases are missing");
    let mut failures = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).expect("readable");
        let (before, expected) = text.split_once("-- expect --\n").unwrap_or((&text, ""));
        let found = run(&text);
        if found == expected {
            continue;
        }
        if update {
            fs::write(&path, format!("{before}-- expect --\n{found}")).expect("writable");
        } else {
            failures.push(format!("{}\nexpected:\n{expected}\nfound:\n{found}", path.display()));
        }
    }
    assert!(failures.is_empty(), "{} cases differ\n{}", failures.len(), failures.join("\n---\n"));
}
