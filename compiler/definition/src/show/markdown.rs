//! A reference page in Markdown.

use std::fmt::Write as _;

use super::{facts, rows, type_text, value_text};
use crate::Compiled;

/// The reference page of a definition.
#[must_use]
pub fn markdown(compiled: &Compiled) -> String {
    let definition = &compiled.definition;
    let mut out = format!("# {}\n\n", definition.name.text);
    if let Some(description) = &definition.description {
        let _ = writeln!(out, "{}\n", escape(description));
    }
    let _ = writeln!(out, "- kind: {}", definition.kind.noun());
    for (name, value) in facts(compiled) {
        let _ = writeln!(out, "- {name}: {}", escape(&value));
    }
    let rows = rows(compiled);
    if rows.is_empty() {
        let shape = type_text(&compiled.parameters().shape);
        let _ = writeln!(out, "\n## Parameters\n\n{}", code(&shape));
        return out;
    }
    out.push_str("\n## Parameters\n\n");
    out.push_str("| parameter | type | required | default | meaning |\n");
    out.push_str("|---|---|---|---|---|\n");
    for row in rows {
        let field = row.field;
        let default = field.default.as_ref().map(|value| code(&value_text(value)));
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            code(&row.path),
            code(&type_text(&field.shape)),
            if field.required { "yes" } else { "" },
            default.unwrap_or_default(),
            field.doc.as_deref().map(escape).unwrap_or_default(),
        );
    }
    out
}

/// Text inside a cell or paragraph.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '|' | '<' | '>' | '*' | '_' | '`' | '[' | ']' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

/// A code span that survives backquotes and the bars of a table.
fn code(text: &str) -> String {
    let text = text.replace('\n', " ").replace('|', "\\|");
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}
