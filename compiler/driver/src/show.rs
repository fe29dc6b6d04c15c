//! A definition as people read it. Invariant: everything shown comes from the shape.

use platformc_definition::Compiled;
use platformc_format::json;
use platformc_value::{BoundOp, Shape, ShapeField};

/// Fields nest at most so deep in a view.
const MAX_DEPTH: usize = 6;

/// The kind, name, description and parameters of a definition, for a terminal.
pub(crate) fn text(found: &Compiled) -> String {
    let definition = &found.definition;
    let mut out = format!("{} {}\n", definition.kind.noun(), definition.name.text);
    if let Some(description) = &definition.description {
        out.push_str(&format!("  {description}\n"));
    }
    let workloads = &definition.attributes.applies_to_workloads;
    if !workloads.is_empty() {
        let names: Vec<&str> = workloads.iter().map(|text| &*text.text).collect();
        out.push_str(&format!("  for workloads: {}\n", names.join(", ")));
    }
    let mut rows = Vec::new();
    fields(&found.parameters().shape, &mut String::new(), 0, &mut rows);
    if rows.is_empty() {
        out.push_str("\nno parameters\n");
        return out;
    }
    out.push_str("\nparameters\n");
    let width = |at: usize| {
        rows.iter().map(|row: &[String; 3]| row[at].chars().count()).max().unwrap_or(0).min(44)
    };
    let (names, types) = (width(0), width(1));
    for [name, kind, doc] in &rows {
        let line = format!("  {name:names$}  {kind:types$}  {doc}");
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

fn fields(shape: &Shape, path: &mut String, depth: usize, rows: &mut Vec<[String; 3]>) {
    if depth > MAX_DEPTH {
        return;
    }
    match shape {
        Shape::Struct { fields: own, pattern, .. } => {
            for field in own {
                row(field, path, depth, rows);
            }
            if let Some(pattern) = pattern {
                let length = path.len();
                path.push_str(if path.is_empty() { "NAME" } else { ".NAME" });
                rows.push([path.clone(), kind(pattern), String::new()]);
                fields(pattern, path, depth + 1, rows);
                path.truncate(length);
            }
        }
        Shape::List { rest: Some(rest), .. } => {
            let length = path.len();
            path.push_str("[]");
            fields(rest, path, depth + 1, rows);
            path.truncate(length);
        }
        Shape::Choice(alternatives) => {
            for alternative in alternatives {
                fields(&alternative.shape, path, depth + 1, rows);
            }
        }
        _ => {}
    }
}

fn row(field: &ShapeField, path: &mut String, depth: usize, rows: &mut Vec<[String; 3]>) {
    let length = path.len();
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(&field.name);
    let mut what = kind(&field.shape);
    if let Some(default) = &field.default {
        what = format!("{what} = {}", json::write(default, false));
    } else if field.required {
        what.push_str(", required");
    }
    let doc = field.doc.as_deref().unwrap_or("").to_owned();
    // Alternatives of a choice repeat what they have in common.
    if !rows.iter().any(|[name, ..]| name == path) {
        rows.push([path.clone(), what, doc]);
    }
    fields(&field.shape, path, depth + 1, rows);
    path.truncate(length);
}

fn operator(op: BoundOp) -> &'static str {
    match op {
        BoundOp::Less => "<",
        BoundOp::LessEqual => "<=",
        BoundOp::Greater => ">",
        BoundOp::GreaterEqual => ">=",
        BoundOp::NotEqual => "!=",
        BoundOp::Match => "=~",
        BoundOp::NotMatch => "!~",
    }
}

/// The kind of a shape in a few words.
fn kind(shape: &Shape) -> String {
    match shape {
        Shape::Any => "any".to_owned(),
        Shape::Never => "nothing".to_owned(),
        Shape::Kind(kind) => kind.as_str().to_owned(),
        Shape::Literal(value) => json::write(value, false),
        Shape::Bounded { kind, bounds } => {
            let mut words: Vec<String> = kind.iter().map(|kind| kind.as_str().to_owned()).collect();
            words.extend(bounds.iter().map(|bound| {
                format!("{}{}", operator(bound.op), json::write(&bound.operand, false))
            }));
            words.join(" ")
        }
        Shape::List { rest: Some(rest), .. } => format!("list of {}", kind(rest)),
        Shape::List { .. } => "list".to_owned(),
        Shape::Struct { fields, pattern: Some(pattern), .. } if fields.is_empty() => {
            format!("map of {}", kind(pattern))
        }
        Shape::Struct { .. } => "struct".to_owned(),
        Shape::Choice(alternatives) => {
            let mut words: Vec<String> = Vec::new();
            for alternative in alternatives {
                let word = kind(&alternative.shape);
                if !words.contains(&word) {
                    words.push(word);
                }
            }
            words.join(" | ")
        }
        Shape::Opaque(text) => text.to_string(),
    }
}
