//! The outline of TOML, half-typed TOML included: tables, keys and values by lines.
//!
//! Invariant: one pass; a line that makes no sense changes nothing but its own place.

use std::ops::Range;

use crate::tree::{Key, NodeId, NodeKind, Tree};

/// Brackets nest at most so deep.
const MAX_DEPTH: usize = 32;

struct Outline<'t> {
    text: &'t str,
    tree: Tree,
}

/// The outline of a TOML file.
#[must_use]
pub(crate) fn tree(text: &str) -> Tree {
    let mut outline = Outline { text, tree: Tree::default() };
    let root = outline.tree.add_document(NodeKind::Map, 0..0);
    outline.run(root);
    outline.tree.cover();
    outline.tree
}

/// The keys of a dotted key with their places.
fn keys(text: &str, start: usize) -> Vec<Key> {
    let mut keys = Vec::new();
    let mut at = 0;
    while at <= text.len() {
        let rest = text.get(at..).unwrap_or("");
        let blanks = rest.len() - rest.trim_start().len();
        let word = rest.get(blanks..).unwrap_or("");
        let length = match word.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                word.get(1..).and_then(|rest| rest.find(quote)).map_or(word.len(), |end| end + 2)
            }
            _ => word.find('.').unwrap_or(word.len()),
        };
        let name = word.get(..length).unwrap_or("").trim_end();
        let span = start + at + blanks..start + at + blanks + name.len();
        let plain = name.trim_matches(['"', '\'']);
        keys.push(Key { text: plain.to_owned(), span });
        let after = at + blanks + length;
        match text.get(after..).and_then(|rest| rest.find('.')) {
            Some(dot) => at = after + dot + 1,
            None => break,
        }
    }
    keys
}

impl<'t> Outline<'t> {
    fn slice(&self, span: Range<usize>) -> &'t str {
        self.text.get(span).unwrap_or("")
    }

    fn run(&mut self, root: NodeId) {
        let mut table = root;
        let mut at = if self.text.starts_with('\u{feff}') { 3 } else { 0 };
        while at < self.text.len() && !self.tree.is_full() {
            let rest = self.slice(at..self.text.len());
            let length = rest.find('\n').unwrap_or(rest.len());
            let (end, mut next) = (at + length, at + length + 1);
            let line = self.slice(at..end);
            let blanks = line.len() - line.trim_start().len();
            let content = line.trim();
            let start = at + blanks;
            if let Some(head) = content.strip_prefix('[') {
                let several = head.starts_with('[');
                let skip = 1 + usize::from(several);
                let inner = content.get(skip..).unwrap_or("");
                let inner = inner.split(']').next().unwrap_or(inner);
                table = self.way(root, &keys(inner, start + skip));
                if several {
                    table = self.tree.add(table, None, NodeKind::Map, end..end);
                }
            } else if !content.is_empty() && !content.starts_with('#') {
                let equals = line.find('=').map(|equals| at + equals);
                let names = keys(self.slice(start..equals.unwrap_or(end)), start);
                let node = self.way(table, &names);
                let node_mut = self.tree.node_mut(node);
                node_mut.kind = NodeKind::Empty;
                if let Some(equals) = equals {
                    node_mut.span = equals + 1..equals + 1;
                    let stop = self.value(node, equals + 1, 0);
                    if stop > end {
                        let rest = self.slice(stop..self.text.len());
                        let rest = if self.slice(at..stop).ends_with('\n') { "" } else { rest };
                        next = stop + rest.find('\n').map_or(rest.len(), |line| line + 1);
                    }
                }
            }
            at = next;
        }
    }

    /// The node at the end of a way of keys, made on the way.
    fn way(&mut self, from: NodeId, names: &[Key]) -> NodeId {
        names.iter().take(MAX_DEPTH).fold(from, |at, key| {
            let known = self.tree.child(at, &key.text).filter(|_| !key.text.is_empty());
            match known.filter(|known| self.tree.node(*known).kind == NodeKind::Map) {
                Some(known) => known,
                None => {
                    let end = key.span.end;
                    self.tree.add(at, Some(key.clone()), NodeKind::Map, end..end)
                }
            }
        })
    }

    fn blanks(&self, mut at: usize, lines: bool) -> usize {
        loop {
            let rest = self.slice(at..self.text.len());
            match rest.chars().next() {
                Some(' ' | '\t' | '\r') => at += 1,
                Some('\n') if lines => at += 1,
                Some('#') if lines => at += rest.find('\n').unwrap_or(rest.len()),
                _ => return at,
            }
        }
    }

    /// Reads a value; where it ends.
    fn value(&mut self, node: NodeId, at: usize, depth: usize) -> usize {
        let at = self.blanks(at, false);
        let rest = self.slice(at..self.text.len());
        let line = rest.find('\n').unwrap_or(rest.len());
        match rest.chars().next() {
            Some('[') if depth < MAX_DEPTH => self.list(node, at, depth),
            Some('{') if depth < MAX_DEPTH => self.table(node, at, depth),
            Some(quote @ ('"' | '\'')) => {
                let triple: String = std::iter::repeat_n(quote, 3).collect();
                let length = if rest.starts_with(&triple) {
                    let end = rest.get(3..).and_then(|rest| rest.find(&triple));
                    end.map_or(rest.len(), |end| end + 6)
                } else {
                    let end = rest.get(1..line).and_then(|rest| rest.find(quote));
                    end.map_or(line, |end| end + 2)
                };
                let text = rest.get(..length).unwrap_or("").trim_matches(quote);
                self.tree.node_mut(node).kind = NodeKind::Scalar(text.to_owned(), true);
                self.tree.node_mut(node).span = at..at + length;
                at + length
            }
            _ => {
                let end = rest.find([',', ']', '}', '\n', '#']).unwrap_or(rest.len());
                let text = rest.get(..end).unwrap_or("").trim_end();
                self.tree.node_mut(node).span = at..at + text.len();
                if !text.is_empty() {
                    self.tree.node_mut(node).kind = NodeKind::Scalar(text.to_owned(), false);
                }
                at + end
            }
        }
    }

    fn list(&mut self, node: NodeId, start: usize, depth: usize) -> usize {
        self.tree.node_mut(node).kind = NodeKind::List;
        let mut at = start + 1;
        let end = loop {
            at = self.blanks(at, true);
            match self.slice(at..self.text.len()).chars().next() {
                None => break at,
                Some(']') => break at + 1,
                // A new table or key ends a list that is not closed.
                Some('[') if self.slice(start..at).ends_with('\n') => break at,
                Some(_) if self.tree.is_full() => break self.text.len(),
                Some(',' | '}') => at += 1,
                Some(_) => {
                    let item = self.tree.add(node, None, NodeKind::Empty, at..at);
                    let stop = self.value(item, at, depth + 1);
                    at = stop.max(at + 1);
                }
            }
            while at < self.text.len() && !self.text.is_char_boundary(at) {
                at += 1;
            }
        };
        self.tree.node_mut(node).span = start..end;
        end
    }

    fn table(&mut self, node: NodeId, start: usize, depth: usize) -> usize {
        self.tree.node_mut(node).kind = NodeKind::Map;
        let mut at = start + 1;
        let end = loop {
            at = self.blanks(at, false);
            let rest = self.slice(at..self.text.len());
            match rest.chars().next() {
                None | Some('\n') => break at,
                Some('}') => break at + 1,
                Some(_) if self.tree.is_full() => break self.text.len(),
                Some(',') => at += 1,
                Some(_) => {
                    let length = rest.find(['=', ',', '}', '\n']).unwrap_or(rest.len());
                    let name = rest.get(..length).unwrap_or("");
                    let child = self.way(node, &keys(name, at));
                    self.tree.node_mut(child).kind = NodeKind::Empty;
                    if rest.get(length..).is_some_and(|rest| rest.starts_with('=')) {
                        at += length + 1;
                        self.tree.node_mut(child).span = at..at;
                        at = self.value(child, at, depth + 1);
                    } else {
                        at += length.max(1);
                    }
                }
            }
            while at < self.text.len() && !self.text.is_char_boundary(at) {
                at += 1;
            }
        };
        self.tree.node_mut(node).span = start..end;
        end
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tables_and_values_have_places() {
        let text = "name = \"w\"\n[environments.dev]\nclusters = [ \"a\",\n  \"b\" ]\n\
            labels = { x = \"1\", y = 2 }\n[environments.prod]\nclusters = [\"\n[argocd]\nrev";
        let tree = tree(text);
        let root = tree.documents()[0];
        let get = |path: &[&str]| tree.get(root, path).map(|id| tree.node(id).clone());
        let clusters = get(&["environments", "dev", "clusters"]).expect("clusters");
        let items: Vec<&str> = clusters.children.iter().filter_map(|id| tree.text(*id)).collect();
        assert_eq!(items, ["a", "b"]);
        let y = get(&["environments", "dev", "labels", "y"]).expect("y");
        assert_eq!(&text[y.span], "2");
        assert!(get(&["environments", "prod", "clusters"]).is_some());
        assert!(get(&["argocd", "rev"]).is_some());
    }

    proptest! {
        #[test]
        fn any_text_has_an_outline(text in "[-a{}\\[\\]=,#.'\" \n\té]{0,80}") {
            let tree = tree(&text);
            for id in tree.ids() {
                prop_assert!(text.get(tree.node(id).span.clone()).is_some());
            }
        }
    }
}
