//! Printing trees as CUE.

use std::fmt::Write;

use platformc_cue_syntax::{label_text, quote_bytes, quote_string};
use platformc_value::BoundOp;

use crate::tree::{ArcKind, Tree, TreeField, TreeKind, TreeLabel, TreeStruct};

/// The tree as CUE source; structs over several lines, without a final line break.
#[must_use]
pub fn tree_text(tree: &Tree) -> String {
    let mut out = String::new();
    write_tree(&mut out, tree, 0, false);
    out
}

/// The operator of a bound as CUE writes it.
pub(crate) fn bound_text(op: BoundOp) -> &'static str {
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

/// `operand` says that the tree stands under an operator that binds tighter than `|`.
fn write_tree(out: &mut String, tree: &Tree, indent: usize, operand: bool) {
    match &tree.kind {
        TreeKind::Bottom(error) => {
            if let Some(expression) = &error.expression {
                out.push_str(expression);
            } else {
                out.push_str("_|_");
            }
        }
        TreeKind::Top => out.push('_'),
        TreeKind::Null => out.push_str("null"),
        TreeKind::Bool(b) => {
            let _ = write!(out, "{b}");
        }
        TreeKind::Number(n) => {
            let _ = write!(out, "{n}");
        }
        TreeKind::String(text) => out.push_str(&quote_string(text)),
        TreeKind::Bytes(bytes) => out.push_str(&quote_bytes(bytes)),
        TreeKind::Type(name) => out.push_str(match *name {
            "list" => "[...]",
            "struct" => "{...}",
            name => name,
        }),
        TreeKind::Bound(op, value) => {
            out.push_str(bound_text(*op));
            write_tree(out, value, indent, true);
        }
        TreeKind::Validator { name, arguments } => {
            out.push_str(name);
            out.push('(');
            for (at, argument) in arguments.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                write_tree(out, argument, indent, false);
            }
            out.push(')');
        }
        TreeKind::Conjunction(operands) => {
            for (at, value) in operands.iter().enumerate() {
                if at > 0 {
                    out.push_str(" & ");
                }
                write_tree(out, value, indent, true);
            }
        }
        TreeKind::Disjunction(alternatives) => {
            if operand {
                out.push('(');
            }
            for (at, alternative) in alternatives.iter().enumerate() {
                if at > 0 {
                    out.push_str(" | ");
                }
                if alternative.default {
                    out.push('*');
                }
                write_tree(out, &alternative.value, indent, true);
            }
            if operand {
                out.push(')');
            }
        }
        TreeKind::List(list) => {
            out.push('[');
            for (at, item) in list.items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                write_tree(out, item, indent, false);
            }
            if let Some(rest) = &list.rest {
                if !list.items.is_empty() {
                    out.push_str(", ");
                }
                out.push_str("...");
                if !matches!(rest.kind, TreeKind::Top) {
                    write_tree(out, rest, indent, true);
                }
            }
            out.push(']');
        }
        TreeKind::Struct(fields) => write_struct(out, fields, indent),
    }
}

fn line(out: &mut String, indent: usize) {
    out.push('\n');
    for _ in 0..indent {
        out.push_str("    ");
    }
}

fn write_struct(out: &mut String, fields: &TreeStruct, indent: usize) {
    out.push('{');
    let mut any = false;
    if let Some(embedded) = &fields.embedded {
        line(out, indent + 1);
        write_tree(out, embedded, indent + 1, false);
        any = true;
    }
    for (pattern, value) in &fields.patterns {
        line(out, indent + 1);
        out.push('[');
        write_tree(out, pattern, indent + 1, false);
        out.push_str("]: ");
        write_tree(out, value, indent + 1, false);
        any = true;
    }
    for field in &fields.fields {
        line(out, indent + 1);
        write_field(out, field, indent + 1);
        any = true;
    }
    if fields.ellipsis {
        line(out, indent + 1);
        out.push_str("...");
        any = true;
    }
    if any {
        line(out, indent);
    }
    out.push('}');
}

fn write_field(out: &mut String, field: &TreeField, indent: usize) {
    match &field.label {
        TreeLabel::Regular(name) => out.push_str(&label_text(name)),
        other => out.push_str(other.name()),
    }
    out.push_str(match field.arc {
        ArcKind::Member => "",
        ArcKind::Required => "!",
        ArcKind::Optional => "?",
    });
    out.push_str(": ");
    write_tree(out, &field.value, indent, false);
}
