//! The parts of a document as a tree of names.
//!
//! Invariant: the parts stand in the order of the text, and inside what they are part of.

use std::ops::Range;

use crate::tree::{NodeId, NodeKind, Tree};

/// What a part is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SymbolKind {
    /// A whole document.
    Document,
    /// Something with a name of its own, such as a component.
    Named,
    /// A struct.
    Struct,
    /// A list.
    List,
    /// A scalar.
    Scalar,
}

/// A part of a document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Symbol {
    /// What it is called.
    pub name: String,
    /// More about it: the type of a component, the text of a scalar.
    pub detail: String,
    /// What it is.
    pub kind: SymbolKind,
    /// All its bytes.
    pub span: Range<usize>,
    /// The bytes of its name, inside `span`.
    pub selection: Range<usize>,
    /// Its parts.
    pub children: Vec<Symbol>,
}

/// Parts nest so deep.
const MAX_DEPTH: usize = 8;
/// So many parts are told of.
const MAX_SYMBOLS: usize = 5_000;
/// A detail is so long, in characters.
const MAX_DETAIL: usize = 60;

/// The parts of a file.
#[must_use]
pub fn symbols(path: &str, text: &str) -> Vec<Symbol> {
    let Some(tree) = crate::outline(path, text) else { return Vec::new() };
    let mut left = MAX_SYMBOLS;
    let several = tree.documents().len() > 1;
    let mut out = Vec::new();
    for root in tree.documents() {
        let parts = children(&tree, *root, 0, &mut left);
        let name = tree.get(*root, &["metadata", "name"]).and_then(|name| tree.text(name));
        let kind = tree.text_of(*root, "kind");
        match (name.or(kind), several) {
            (Some(name), _) => {
                let span = tree.node(*root).span.clone();
                let label = tree.get(*root, &["metadata", "name"]);
                let selection = label.map_or(span.clone(), |id| tree.node(id).span.clone());
                out.push(Symbol {
                    name: name.to_owned(),
                    detail: kind.unwrap_or("").to_owned(),
                    kind: SymbolKind::Document,
                    selection,
                    span,
                    children: parts,
                });
            }
            (None, _) => out.extend(parts),
        }
    }
    out
}

fn children(tree: &Tree, id: NodeId, depth: usize, left: &mut usize) -> Vec<Symbol> {
    let mut out = Vec::new();
    if depth > MAX_DEPTH {
        return out;
    }
    for (index, child) in tree.node(id).children.iter().enumerate() {
        if *left == 0 {
            break;
        }
        *left -= 1;
        out.push(symbol(tree, *child, index, depth, left));
    }
    out
}

fn symbol(tree: &Tree, id: NodeId, index: usize, depth: usize, left: &mut usize) -> Symbol {
    let node = tree.node(id);
    let child = |name| tree.child(id, name);
    let (name, selection, mut kind) = match &node.key {
        Some(key) => {
            let kind = match node.kind {
                NodeKind::Map => SymbolKind::Struct,
                NodeKind::List => SymbolKind::List,
                NodeKind::Scalar(..) | NodeKind::Empty => SymbolKind::Scalar,
            };
            (key.text.clone(), key.span.clone(), kind)
        }
        None => {
            let named = child("name").or_else(|| child("type"));
            let text = named.and_then(|named| Some((tree.text(named)?, named)));
            match (text, tree.text(id)) {
                (Some((text, named)), _) => {
                    (text.to_owned(), tree.node(named).span.clone(), SymbolKind::Named)
                }
                (None, Some(text)) => (text.to_owned(), node.span.clone(), SymbolKind::Scalar),
                (None, None) => (format!("[{index}]"), node.span.clone(), SymbolKind::Struct),
            }
        }
    };
    if name.is_empty() {
        kind = SymbolKind::Scalar;
    }
    let detail = match (&node.kind, &node.key) {
        (NodeKind::Scalar(text, _), Some(_)) => {
            let line = text.lines().next().unwrap_or("");
            line.chars().take(MAX_DETAIL).collect()
        }
        _ => child("type").and_then(|kind| tree.text(kind)).unwrap_or("").to_owned(),
    };
    let start = node.span.start.min(selection.start);
    let end = node.span.end.max(selection.end);
    Symbol {
        // Clients refuse symbols without a name.
        name: if name.is_empty() { "\"\"".to_owned() } else { name },
        detail,
        kind,
        span: start..end,
        selection,
        children: children(tree, id, depth + 1, left),
    }
}
