//! Mermaid's flowcharts. Invariant: names stand in quoted labels only, with everything that
//! Mermaid or HTML would read written as a character code.

use std::fmt::Write as _;

use super::View;
use crate::NodeId;
use crate::fragment::{Kind, Strength};

pub(super) fn write(views: &[View<'_>]) -> String {
    let mut out = String::from("flowchart LR\n");
    for (index, view) in views.iter().enumerate() {
        let inner = views.len() > 1;
        if inner {
            let _ = writeln!(out, "  subgraph e{index}[\"{}\"]", escaped(view.environment));
        }
        nodes(&mut out, index, view, usize::from(inner) + 1);
        if inner {
            out.push_str("  end\n");
        }
    }
    for (index, view) in views.iter().enumerate() {
        for (from, to, strength, _) in &view.edges {
            let arrow = match strength {
                Strength::Hard => "-->",
                Strength::Soft => "-.->",
            };
            let _ = writeln!(out, "  {} {arrow} {}", vertex(index, *from), vertex(index, *to));
        }
    }
    out
}

fn nodes(out: &mut String, index: usize, view: &View<'_>, base: usize) {
    let mut open: Vec<usize> = Vec::new();
    let close = |out: &mut String, open: &mut Vec<usize>| {
        open.pop();
        let _ = writeln!(out, "{}end", "  ".repeat(open.len() + base));
    };
    for (id, depth, holds) in view.outline() {
        while open.last().is_some_and(|last| *last >= depth) {
            close(out, &mut open);
        }
        let indent = "  ".repeat(open.len() + base);
        let Some(node) = view.whole.node(id) else { continue };
        let label = escaped(&format!("{} {}", node.kind.as_str(), node.name));
        let vertex = vertex(index, id);
        if holds {
            let _ = writeln!(out, "{indent}subgraph {vertex}[\"{label}\"]");
            open.push(depth);
            continue;
        }
        let _ = match node.kind {
            Kind::Stack => writeln!(out, "{indent}{vertex}[[\"{label}\"]]"),
            _ => writeln!(out, "{indent}{vertex}[\"{label}\"]"),
        };
    }
    while !open.is_empty() {
        close(out, &mut open);
    }
}

fn vertex(index: usize, id: NodeId) -> String {
    format!("n{index}_{}", id.0)
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '#' | '<' | '>' | '&' | '`' | ';' | '\\' | '*' | '_' => {
                let _ = write!(out, "#{};", u32::from(c));
            }
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
