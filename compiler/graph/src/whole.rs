//! The graph of an environment: every node, inside what it belongs to, and what comes before what.
//!
//! Invariant: nodes stand in the order of the tree, each after what it is inside of, with brothers
//! by kind and path; links are sorted and none is there twice. Nothing depends on the order in
//! which fragments came or on the number of a file.

use std::collections::HashMap;
use std::sync::Arc;

use platformc_source::Span;

use crate::fragment::{Kind, NodePath, Strength};
use crate::{NodeId, Reason};

/// A node with its place in the order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ranked {
    /// The way to it.
    pub path: NodePath,
    /// What it is.
    pub kind: Kind,
    /// Its name, for people.
    pub name: Arc<str>,
    /// Where it is authored; nowhere for what is only there because something is inside of it.
    pub span: Span,
    /// What it is inside of; `None` for what is directly in the environment.
    pub parent: Option<NodeId>,
    /// How many steps it stands behind the first of those it is ordered with: 0 where it depends
    /// on none of them. Applications are ordered with all Applications of the environment, every
    /// other node with those that are inside of the same node. What is added elsewhere does not
    /// change it.
    pub rank: usize,
}

/// A dependency whose ends are there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// The dependent, which comes later.
    pub from: NodeId,
    /// The dependency, which comes first.
    pub to: NodeId,
    /// Whether it has to succeed.
    pub strength: Strength,
    /// Why.
    pub reason: Reason,
    /// What asked for it.
    pub span: Span,
}

/// The graph of an environment. Made by [`Whole::merge`].
#[derive(Clone, Default, Debug)]
pub struct Whole {
    pub(crate) nodes: Vec<Ranked>,
    pub(crate) links: Vec<Link>,
    pub(crate) lifted: Vec<(NodeId, NodeId)>,
    pub(crate) by_path: HashMap<NodePath, NodeId>,
}

impl PartialEq for Whole {
    fn eq(&self, other: &Whole) -> bool {
        // The rest follows from these.
        self.nodes == other.nodes && self.links == other.links
    }
}

impl Eq for Whole {}

impl Whole {
    /// Every node: what holds others comes before them.
    #[must_use]
    pub fn nodes(&self) -> &[Ranked] {
        &self.nodes
    }

    /// Every dependency as it was declared, by its ends.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// Pairs of dependent and dependency among nodes that are ordered with each other, each once:
    /// what the ranks follow from.
    #[must_use]
    pub fn lifted(&self) -> &[(NodeId, NodeId)] {
        &self.lifted
    }

    /// The node of a path.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<NodeId> {
        self.by_path.get(path).copied()
    }

    /// A node.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<&Ranked> {
        self.nodes.get(id.0)
    }

    /// What a node is.
    #[must_use]
    pub fn kind(&self, id: NodeId) -> Kind {
        self.node(id).map_or(Kind::Resource, |node| node.kind)
    }

    /// The dependencies of a node, as they were declared.
    #[must_use]
    pub fn links_of(&self, id: NodeId) -> &[Link] {
        let start = self.links.partition_point(|link| link.from < id);
        let end = self.links.partition_point(|link| link.from <= id);
        self.links.get(start..end).unwrap_or_default()
    }

    /// The rank of the node of a path; 0 for one that is not there.
    #[must_use]
    pub fn rank(&self, path: &str) -> usize {
        self.find(path).and_then(|id| self.node(id)).map_or(0, |node| node.rank)
    }

    /// The nodes with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, &Ranked)> {
        self.nodes.iter().enumerate().map(|(at, node)| (NodeId(at), node))
    }

    /// A node and what it is inside of, from the inside out.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(Some(id), |id| self.node(*id).and_then(|node| node.parent))
    }

    /// Whether `inner` is `outer` or inside of it.
    #[must_use]
    pub fn is_inside(&self, inner: NodeId, outer: NodeId) -> bool {
        // Nothing stands before what it is inside of.
        self.ancestors(inner).take_while(|at| *at >= outer).any(|at| at == outer)
    }

    /// The Application a node is or is inside of.
    pub(crate) fn application(&self, id: NodeId) -> Option<NodeId> {
        self.ancestors(id)
            .find(|at| self.node(*at).is_some_and(|node| node.kind == Kind::Application))
    }

    /// How a node is called in messages: by its name, inside of an Application or a workflow after
    /// that one's: `orders/web`.
    #[must_use]
    pub fn label(&self, id: NodeId) -> String {
        let mut names: Vec<&str> = Vec::new();
        for at in self.ancestors(id) {
            let Some(node) = self.node(at) else { break };
            if node.kind == Kind::Cluster && !names.is_empty() {
                break;
            }
            names.push(&node.name);
        }
        names.reverse();
        names.join("/")
    }
}
