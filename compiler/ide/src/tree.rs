//! The outline of a document: what stands where, whatever syntax it is written in.
//!
//! Invariant: building an outline never fails. A child stands behind its parent in the arena; spans
//! are bytes of the text it was built from, and a node's span covers those of its children.

use std::ops::Range;

use platformc_value::Step;

/// A node of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(usize);

/// A key with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key, quotes resolved.
    pub text: String,
    /// Its bytes, quotes included.
    pub span: Range<usize>,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// A map; its children have keys.
    Map,
    /// A list.
    List,
    /// A scalar: its text, and whether it is quoted.
    Scalar(String, bool),
    /// Nothing is written yet.
    Empty,
}

/// A value in a document.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it stands in.
    pub parent: Option<NodeId>,
    /// Its key, if it stands in a map.
    pub key: Option<Key>,
    /// What it is.
    pub kind: NodeKind,
    /// What stands in it.
    pub children: Vec<NodeId>,
    /// Its bytes, the key left out.
    pub span: Range<usize>,
}

/// The outline of a file.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    documents: Vec<NodeId>,
}

/// What an offset touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// The key of a node.
    Key(NodeId),
    /// The text of a scalar.
    Value(NodeId),
}

/// Nodes that an outline holds at most; what lies behind is not outlined.
const MAX_NODES: usize = 1_000_000;

impl Tree {
    /// The roots of the documents in order.
    #[must_use]
    pub fn documents(&self) -> &[NodeId] {
        &self.documents
    }

    /// A node. Ids of another tree may name any node, or panic as an index does.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    pub(crate) fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0]
    }

    /// Whether the arena takes no more nodes.
    pub(crate) fn is_full(&self) -> bool {
        self.nodes.len() >= MAX_NODES
    }

    pub(crate) fn add_document(&mut self, kind: NodeKind, span: Range<usize>) -> NodeId {
        let id = self.push(Node { parent: None, key: None, kind, children: Vec::new(), span });
        self.documents.push(id);
        id
    }

    pub(crate) fn add(
        &mut self,
        parent: NodeId,
        key: Option<Key>,
        kind: NodeKind,
        span: Range<usize>,
    ) -> NodeId {
        let id = self.push(Node { parent: Some(parent), key, kind, children: Vec::new(), span });
        self.nodes[parent.0].children.push(id);
        id
    }

    fn push(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        NodeId(self.nodes.len() - 1)
    }

    /// Makes the children of a root its documents: a file that holds documents by name.
    pub(crate) fn split_root(&mut self) {
        if let [root] = self.documents.as_slice() {
            self.documents = self.nodes[root.0].children.clone();
        }
    }

    /// Stretches every span over the children. To be called once all nodes are there.
    pub(crate) fn cover(&mut self) {
        for at in (0..self.nodes.len()).rev() {
            let node = &self.nodes[at];
            let Some(parent) = node.parent else { continue };
            let start = node.key.as_ref().map_or(node.span.start, |key| key.span.start);
            let end = node.key.as_ref().map_or(0, |key| key.span.end).max(node.span.end);
            let span = &mut self.nodes[parent.0].span;
            // A map's place is that of its first entry, not of the colon before it.
            if span.start == span.end {
                *span = start..end;
            } else {
                *span = span.start.min(start)..span.end.max(end);
            }
        }
    }

    /// All nodes in the order of the text.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> {
        (0..self.nodes.len()).map(NodeId)
    }

    /// The child of a key.
    #[must_use]
    pub fn child(&self, id: NodeId, key: &str) -> Option<NodeId> {
        let is = |child: &&NodeId| {
            self.node(**child).key.as_ref().is_some_and(|found| found.text == key)
        };
        self.node(id).children.iter().find(is).copied()
    }

    /// The node at a path of keys.
    #[must_use]
    pub fn get(&self, id: NodeId, path: &[&str]) -> Option<NodeId> {
        path.iter().try_fold(id, |at, key| self.child(at, key))
    }

    /// The text of a scalar.
    #[must_use]
    pub fn text(&self, id: NodeId) -> Option<&str> {
        match &self.node(id).kind {
            NodeKind::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// The text of the scalar at a key.
    #[must_use]
    pub fn text_of(&self, id: NodeId, key: &str) -> Option<&str> {
        self.text(self.child(id, key)?)
    }

    /// The root above a node and the way down to the node.
    #[must_use]
    pub fn trail(&self, id: NodeId) -> (NodeId, Vec<NodeId>) {
        let mut way = vec![id];
        let mut at = id;
        while !self.documents.contains(&at) {
            let Some(parent) = self.node(at).parent else { break };
            at = parent;
            way.push(at);
        }
        way.reverse();
        (at, way)
    }

    /// The steps from the root of its document to a node.
    #[must_use]
    pub fn steps(&self, id: NodeId) -> Vec<Step> {
        let (_, way) = self.trail(id);
        let pairs = way.iter().zip(way.iter().skip(1));
        pairs
            .map(|(parent, child)| match &self.node(*child).key {
                Some(key) => Step::Field(key.text.as_str().into()),
                None => {
                    let items = &self.node(*parent).children;
                    Step::Index(items.iter().position(|item| item == child).unwrap_or(0))
                }
            })
            .collect()
    }

    /// What an offset touches; the end of a text counts.
    #[must_use]
    pub fn at(&self, offset: usize) -> Option<Hit> {
        let touches = |span: &Range<usize>| span.start <= offset && offset <= span.end;
        let mut found = None;
        for id in self.ids() {
            let node = self.node(id);
            if node.key.as_ref().is_some_and(|key| touches(&key.span)) {
                return Some(Hit::Key(id));
            }
            if matches!(node.kind, NodeKind::Scalar(..)) && touches(&node.span) {
                found = Some(Hit::Value(id));
            }
        }
        found
    }

    /// The smallest map or list that an offset lies in, and otherwise the document it lies in.
    #[must_use]
    pub fn around(&self, offset: usize) -> Option<NodeId> {
        let inside = |id: &NodeId| {
            let span = &self.node(*id).span;
            span.start <= offset && offset <= span.end
        };
        let nested = self.ids().filter(|id| !self.node(*id).children.is_empty()).filter(inside);
        nested.min_by_key(|id| self.node(*id).span.len())
    }
}
