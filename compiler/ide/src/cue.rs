//! The outline of CUE: the fields, lists and scalars that are written out.
//!
//! Invariant: what is computed has no outline; fields around it keep theirs. How deep the tree can
//! be is bounded by the parser.

use std::ops::Range;

use platformc_cue_syntax::ast::{Decl, DeclKind, Expr, ExprKind, LabelKind, ListElementKind};
use platformc_cue_syntax::parse;
use platformc_source::{FileId, Span};

use crate::tree::{Key, NodeId, NodeKind, Tree};

/// The outline of a CUE file.
#[must_use]
pub(crate) fn tree(text: &str) -> Tree {
    let file = parse(FileId::NONE, text).value;
    let mut tree = Tree::default();
    let root = tree.add_document(NodeKind::Map, 0..0);
    fields(&mut tree, root, &file.decls);
    let named = |key| tree.child(root, key).is_some();
    let document = ["apiVersion", "kind", "spec", "components", "template"].into_iter().any(named);
    let children = &tree.node(root).children;
    let maps = children.iter().all(|child| tree.node(*child).kind == NodeKind::Map);
    if !document && maps && !children.is_empty() {
        tree.split_root();
    }
    tree.cover();
    tree
}

fn bytes(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

fn fields(tree: &mut Tree, map: NodeId, decls: &[Decl]) {
    for decl in decls {
        let DeclKind::Field(field) = &decl.kind else { continue };
        let text = match &field.label.kind {
            LabelKind::Ident(text) | LabelKind::String(text) => text.to_string(),
            _ => continue,
        };
        if tree.is_full() {
            return;
        }
        let key = Key { text, span: bytes(field.label.span) };
        let span = bytes(field.value.span);
        let node = tree.add(map, Some(key), NodeKind::Empty, span);
        expr(tree, node, &field.value);
    }
}

fn expr(tree: &mut Tree, node: NodeId, value: &Expr) {
    let scalar = |text: &str, quoted| NodeKind::Scalar(text.to_owned(), quoted);
    tree.node_mut(node).kind = match &value.kind {
        ExprKind::Struct(body) => {
            tree.node_mut(node).kind = NodeKind::Map;
            fields(tree, node, &body.decls);
            return;
        }
        ExprKind::List(list) => {
            tree.node_mut(node).kind = NodeKind::List;
            for element in &list.elements {
                if let ListElementKind::Expr(item) = &element.kind
                    && !tree.is_full()
                {
                    let child = tree.add(node, None, NodeKind::Empty, bytes(item.span));
                    expr(tree, child, item);
                }
            }
            return;
        }
        ExprKind::String(text) => scalar(text, true),
        ExprKind::Number(text) | ExprKind::Ident(text) => scalar(text, false),
        ExprKind::Bool(value) => scalar(&value.to_string(), false),
        ExprKind::Null => scalar("null", false),
        ExprKind::Paren(inner) => return expr(tree, node, inner),
        _ => NodeKind::Empty,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_documents_are_found() {
        let text = "kind: \"Application\"\nspec: components: [{name: \"a\", type: x}]\n";
        let tree = tree(text);
        let root = tree.documents()[0];
        let list = tree.get(root, &["spec", "components"]).expect("components");
        let item = tree.node(list).children[0];
        assert_eq!(tree.text_of(item, "name"), Some("a"));
        assert_eq!(tree.text_of(item, "type"), Some("x"));
        let name = tree.child(item, "name").expect("name");
        assert_eq!(&text[tree.node(name).span.clone()], "\"a\"");
    }

    #[test]
    fn documents_by_name_are_documents() {
        let text = "one: {kind: \"Application\"}\ntwo: {kind: \"Application\"}\n";
        let tree = tree(text);
        assert_eq!(tree.documents().len(), 2);
        assert_eq!(tree.text_of(tree.documents()[1], "kind"), Some("Application"));
    }
}
