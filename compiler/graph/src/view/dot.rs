//! Graphviz's DOT. Invariant: names stand in quoted strings only, with quotes and backslashes
//! escaped and control characters replaced.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{View, words};
use crate::NodeId;
use crate::fragment::{Kind, Strength};

pub(super) fn write(views: &[View<'_>]) -> String {
    let mut out = String::from(
        "digraph platform {\n  rankdir=LR;\n  compound=true;\n  \
         node [shape=box, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\"];\n",
    );
    for (index, view) in views.iter().enumerate() {
        let inner = views.len() > 1;
        if inner {
            let label = quoted(view.environment);
            let _ = writeln!(out, "  subgraph \"cluster_{index}\" {{\n    label={label};");
        }
        one(&mut out, index, view);
        if inner {
            out.push_str("  }\n");
        }
    }
    out.push_str("}\n");
    out
}

fn one(out: &mut String, index: usize, view: &View<'_>) {
    let outline = view.outline();
    let mut open: Vec<usize> = Vec::new();
    // A holder is drawn as a frame; its edges start at the first leaf in it, cut at the frame.
    let mut leaf_of: BTreeMap<NodeId, NodeId> = BTreeMap::new();
    let mut holders: Vec<(NodeId, usize)> = Vec::new();
    for (id, depth, holds) in outline {
        while open.last().is_some_and(|last| *last >= depth) {
            let indent = "  ".repeat(open.len());
            let _ = writeln!(out, "{indent}}}");
            open.pop();
        }
        holders.retain(|(_, at)| *at < depth);
        let indent = "  ".repeat(open.len() + 1);
        let Some(node) = view.whole.node(id) else { continue };
        let label = quoted(&format!("{} {}", node.kind.as_str(), node.name));
        if holds {
            let name = frame(index, id);
            let _ = writeln!(out, "{indent}subgraph {name} {{\n{indent}  label={label};");
            open.push(depth);
            holders.push((id, depth));
            continue;
        }
        let shape = match node.kind {
            Kind::Stack => ", shape=component",
            Kind::Resource => ", shape=note",
            _ => "",
        };
        let _ = writeln!(out, "{indent}{} [label={label}{shape}];", vertex(index, id));
        leaf_of.insert(id, id);
        for (holder, _) in &holders {
            leaf_of.entry(*holder).or_insert(id);
        }
    }
    while open.pop().is_some() {
        let _ = writeln!(out, "{}}}", "  ".repeat(open.len() + 1));
    }
    for (from, to, strength, link) in &view.edges {
        let (Some(tail), Some(head)) = (leaf_of.get(from), leaf_of.get(to)) else { continue };
        let mut attributes: Vec<String> = Vec::new();
        if tail != from {
            attributes.push(format!("ltail={}", frame(index, *from)));
        }
        if head != to {
            attributes.push(format!("lhead={}", frame(index, *to)));
        }
        if *strength == Strength::Soft {
            attributes.push("style=dashed".to_owned());
        }
        let words = words(&link.reason);
        if !words.is_empty() {
            attributes.push(format!("tooltip={}", quoted(&words)));
        }
        let attributes = match attributes.is_empty() {
            true => String::new(),
            false => format!(" [{}]", attributes.join(", ")),
        };
        let (tail, head) = (vertex(index, *tail), vertex(index, *head));
        let _ = writeln!(out, "  {tail} -> {head}{attributes};");
    }
}

fn vertex(index: usize, id: NodeId) -> String {
    format!("n{index}_{}", id.0)
}

fn frame(index: usize, id: NodeId) -> String {
    format!("\"cluster_{index}_{}\"", id.0)
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            // Graphviz reads HTML entities in labels.
            '&' => out.push_str("&amp;"),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
