//! A definition for people and tools: as text, as a reference page, as a JSON Schema.
//!
//! Invariant: everything shown comes from the definition itself; order is the order of
//! declaration.

mod json_schema;
mod markdown;

use std::fmt::Write as _;

use platformc_value::{Data, Shape, ShapeField, Value};

use crate::check::describe;
use crate::{Compiled, DefinitionKind};

/// One parameter in a flat list.
pub(crate) struct Row<'s> {
    /// Its path: `ports[].port`.
    pub(crate) path: String,
    pub(crate) field: &'s ShapeField,
}

/// Nesting shown at most.
const MAX_DEPTH: usize = 8;

/// The parameters of a shape and below, in order, without those marked `+ignore`.
pub(crate) fn rows(compiled: &Compiled) -> Vec<Row<'_>> {
    let parameters = compiled.parameters();
    let mut rows = Vec::new();
    collect(&parameters.shape, "", "", 0, compiled, &mut rows);
    rows
}

fn collect<'s>(
    shape: &'s Shape,
    prefix: &str,
    plain: &str,
    depth: usize,
    compiled: &'s Compiled,
    rows: &mut Vec<Row<'s>>,
) {
    if depth > MAX_DEPTH {
        return;
    }
    match shape {
        Shape::Struct { fields, pattern, .. } => {
            for field in fields {
                let path = join(prefix, &field.name);
                let at = join(plain, &field.name);
                if compiled.parameters().ignored.contains(&at) {
                    continue;
                }
                let again = rows.iter().any(|row| row.path == path);
                if !again {
                    rows.push(Row { path: path.clone(), field });
                }
                collect(&field.shape, &path, &at, depth + 1, compiled, rows);
            }
            if let Some(pattern) = pattern {
                collect(pattern, &join(prefix, "*"), plain, depth + 1, compiled, rows);
            }
        }
        Shape::List { items, rest } => {
            for item in items.iter().chain(rest.as_deref()) {
                collect(item, &format!("{prefix}[]"), plain, depth + 1, compiled, rows);
            }
        }
        Shape::Choice(alternatives) => {
            for alternative in alternatives {
                collect(&alternative.shape, prefix, plain, depth + 1, compiled, rows);
            }
        }
        _ => {}
    }
}

fn join(prefix: &str, name: &str) -> String {
    let name = if name == "*" { name.to_owned() } else { platformc_cue_syntax::label_text(name) };
    if prefix.is_empty() { name } else { format!("{prefix}.{name}") }
}

/// A type in a few words: `int`, `"a" | "b"`, `[...string]`, `int & >=1`.
#[must_use]
pub fn type_text(shape: &Shape) -> String {
    match shape {
        Shape::Any => "_".to_owned(),
        Shape::Never => "_|_".to_owned(),
        Shape::Kind(kind) => kind.as_str().to_owned(),
        Shape::Literal(value) => value_text(value),
        Shape::Bounded { kind, bounds } => {
            let mut parts: Vec<String> = kind.iter().map(|kind| kind.as_str().to_owned()).collect();
            parts.extend(bounds.iter().map(crate::check::bound_text));
            parts.join(" & ")
        }
        Shape::List { items, rest } => {
            let mut parts: Vec<String> = items.iter().map(type_text).collect();
            match rest.as_deref() {
                Some(Shape::Any) => parts.push("...".to_owned()),
                Some(rest) => parts.push(format!("...{}", type_text(rest))),
                None => {}
            }
            format!("[{}]", parts.join(", "))
        }
        Shape::Struct { fields, pattern: Some(pattern), .. }
            if fields.is_empty() && **pattern == Shape::Any =>
        {
            "{...}".to_owned()
        }
        Shape::Struct { fields, pattern: Some(pattern), .. } if fields.is_empty() => {
            format!("{{[string]: {}}}", type_text(pattern))
        }
        Shape::Struct { .. } => "{…}".to_owned(),
        Shape::Choice(alternatives) => {
            let mut texts: Vec<String> = Vec::new();
            for alternative in alternatives {
                let text = type_text(&alternative.shape);
                if !texts.contains(&text) {
                    texts.push(text);
                }
            }
            texts.join(" | ")
        }
        Shape::Opaque(text) => text.to_string(),
    }
}

/// A value on one line, as CUE writes it.
#[must_use]
pub fn value_text(value: &Value) -> String {
    match &value.data {
        Data::Null => "null".to_owned(),
        Data::Bool(value) => value.to_string(),
        Data::Number(number) => number.to_string(),
        Data::String(text) => platformc_cue_syntax::quote_string(text),
        Data::Bytes(bytes) => platformc_cue_syntax::quote_bytes(bytes),
        Data::List(items) => {
            let items: Vec<String> = items.iter().map(value_text).collect();
            format!("[{}]", items.join(", "))
        }
        Data::Map(map) => {
            let label = platformc_cue_syntax::label_text;
            let fields: Vec<String> = map
                .iter()
                .map(|entry| format!("{}: {}", label(&entry.key), value_text(&entry.value)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

/// The definition as text for a terminal.
#[must_use]
pub fn text(compiled: &Compiled) -> String {
    let definition = &compiled.definition;
    let mut out = String::new();
    let _ = writeln!(out, "{} ({})", definition.name.text, definition.kind.noun());
    if let Some(description) = &definition.description {
        let _ = writeln!(out, "  {description}");
    }
    for (name, value) in facts(compiled) {
        let _ = writeln!(out, "  {name}: {value}");
    }
    let rows = rows(compiled);
    if rows.is_empty() {
        out.push_str("\ntakes no parameters");
        let shape = &compiled.parameters().shape;
        if !matches!(shape, Shape::Struct { pattern: None, .. }) {
            let _ = write!(out, " by name: {}", describe(shape));
        }
        out.push('\n');
        return out;
    }
    let width = rows.iter().map(|row| row.path.chars().count()).max().unwrap_or(0).min(40);
    out.push_str("\nParameters\n");
    for row in &rows {
        let kind = type_text(&row.field.shape);
        let _ = write!(out, "  {:<width$}  {kind}", row.path);
        match &row.field.default {
            Some(default) => {
                let _ = write!(out, ", default {}", value_text(default));
            }
            None if row.field.required => out.push_str(", required"),
            None => {}
        }
        out.push('\n');
        if let Some(doc) = &row.field.doc {
            let _ = writeln!(out, "  {:<width$}    {doc}", "");
        }
    }
    out
}

/// What a definition says of itself, as names and values.
pub(crate) fn facts(compiled: &Compiled) -> Vec<(&'static str, String)> {
    let definition = &compiled.definition;
    let attributes = &definition.attributes;
    let mut facts = Vec::new();
    if let Some(version) = &definition.version {
        facts.push(("version", version.text.to_string()));
    }
    if let Some(workload) = &attributes.workload {
        let gvk = [&workload.api_version, &workload.kind];
        let names: Vec<&str> = gvk.into_iter().flatten().map(|text| &*text.text).collect();
        if !names.is_empty() {
            facts.push(("workload", names.join(" ")));
        } else if let Some(resource) = &workload.resource {
            facts.push(("workload", resource.text.to_string()));
        }
    }
    let texts = |texts: &[crate::Text]| {
        texts.iter().map(|text| text.text.to_string()).collect::<Vec<_>>().join(", ")
    };
    if !attributes.applies_to_workloads.is_empty() {
        facts.push(("for workloads", texts(&attributes.applies_to_workloads)));
    }
    if !attributes.conflicts_with.is_empty() {
        facts.push(("not together with", texts(&attributes.conflicts_with)));
    }
    if definition.kind == DefinitionKind::Trait && attributes.pod_disruptive {
        facts.push(("restarts pods", "yes".to_owned()));
    }
    facts
}

pub use json_schema::json_schema;
pub use markdown::markdown;
