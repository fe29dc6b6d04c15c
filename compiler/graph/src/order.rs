//! Ranks: where nodes stand among those they are ordered with.
//!
//! Invariant: an edge says something of the two nodes below the lowest node that holds both its
//! ends, and of no others, so that a rank depends on nothing but the nodes beside it. Edges among
//! nodes that lead back to each other raise no rank.
//!
//! Two things are special. Applications are ordered over all clusters, since Argo CD's root holds
//! them all. A cluster is two things: the cluster itself, which is there before anything in it,
//! and what it holds; who depends on the cluster does not wait for what it holds.

use std::collections::HashMap;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use platformc_source::{Diagnostic, SourceMap};

use crate::fragment::Kind;
use crate::whole::Whole;
use crate::{NodeId, Reason};

/// Something that has a place in an order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Member {
    /// A node.
    Node(NodeId),
    /// What a cluster holds.
    Contents(NodeId),
}

impl Member {
    pub(crate) fn id(self) -> NodeId {
        match self {
            Member::Node(id) | Member::Contents(id) => id,
        }
    }
}

/// An edge between members, from the dependent to the dependency, with the link it comes from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Lifted {
    pub(crate) from: Member,
    pub(crate) to: Member,
    /// `None`: what a cluster holds comes after the cluster.
    pub(crate) link: Option<usize>,
}

/// Vertices numbered from 0 and the sets of them that lead back to each other, each set after
/// those it depends on.
pub(crate) struct Components<V> {
    pub(crate) vertices: Vec<V>,
    pub(crate) sets: Vec<Vec<usize>>,
    /// The set of each vertex.
    pub(crate) set_of: Vec<usize>,
}

impl<V: Copy + Ord + std::hash::Hash> Components<V> {
    /// Of a graph given by its edges.
    pub(crate) fn of(edges: impl Iterator<Item = (V, V)> + Clone) -> Components<V> {
        let mut vertices: Vec<V> = edges.clone().flat_map(|(from, to)| [from, to]).collect();
        vertices.sort_unstable();
        vertices.dedup();
        let number: HashMap<V, usize> = vertices.iter().copied().zip(0..).collect();
        let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(vertices.len(), 0);
        vertices.iter().for_each(|_| {
            graph.add_node(());
        });
        for (from, to) in edges {
            if let (Some(from), Some(to)) = (number.get(&from), number.get(&to)) {
                graph.add_edge(NodeIndex::new(*from), NodeIndex::new(*to), ());
            }
        }
        let mut set_of = vec![0; vertices.len()];
        let sets: Vec<Vec<usize>> = kosaraju_scc(&graph)
            .into_iter()
            .enumerate()
            .map(|(at, set)| {
                let mut set: Vec<usize> = set.into_iter().map(NodeIndex::index).collect();
                set.sort_unstable();
                for vertex in &set {
                    if let Some(slot) = set_of.get_mut(*vertex) {
                        *slot = at;
                    }
                }
                set
            })
            .collect();
        Components { vertices, sets, set_of }
    }

    /// The set of a vertex.
    pub(crate) fn set(&self, vertex: V) -> Option<usize> {
        let at = self.vertices.binary_search(&vertex).ok()?;
        self.set_of.get(at).copied()
    }
}

impl Whole {
    /// Sets every rank; reports what leads back to where it starts.
    pub(crate) fn order(&mut self, map: &SourceMap, sink: &mut Vec<Diagnostic>) {
        if self.links.is_empty() {
            return;
        }
        let real = self.circles(map, sink);
        let lifted = self.lift();
        let found = Components::of(lifted.iter().map(|edge| (edge.from, edge.to)));
        self.circles_by_lifting(&lifted, &found, &real, map, sink);
        self.rank_members(&lifted, &found);
        self.lifted = lifted
            .into_iter()
            .filter_map(|edge| match (edge.from, edge.to) {
                (Member::Node(from), Member::Node(to)) => Some((from, to)),
                _ => None,
            })
            .collect();
        self.lifted.sort_unstable();
        self.lifted.dedup();
    }

    /// The edges between members, sorted.
    fn lift(&self) -> Vec<Lifted> {
        let mut lifted = Vec::with_capacity(self.links.len());
        for (at, link) in self.links.iter().enumerate() {
            if let Some((from, to)) = self.members(link.from, link.to) {
                lifted.push(Lifted { from, to, link: Some(at) });
                for member in [from, to] {
                    if let Member::Contents(id) = member {
                        let to = Member::Node(id);
                        lifted.push(Lifted { from: member, to, link: None });
                    }
                }
            }
        }
        lifted.sort_unstable();
        lifted.dedup();
        lifted
    }

    /// What an edge between two nodes orders; nothing where one of them holds the other.
    fn members(&self, from: NodeId, to: NodeId) -> Option<(Member, Member)> {
        if let (Some(a), Some(b)) = (self.application(from), self.application(to))
            && a != b
        {
            return Some((Member::Node(a), Member::Node(b)));
        }
        let above = |id| {
            let mut way: Vec<NodeId> = self.ancestors(id).collect();
            way.reverse();
            way
        };
        let (from_way, to_way) = (above(from), above(to));
        let shared = from_way.iter().zip(&to_way).take_while(|(a, b)| a == b).count();
        let (a, b) = (*from_way.get(shared)?, *to_way.get(shared)?);
        let member = |at: NodeId, end: NodeId| {
            let is_cluster = self.node(at).is_some_and(|node| node.kind == Kind::Cluster);
            if is_cluster && at != end { Member::Contents(at) } else { Member::Node(at) }
        };
        Some((member(a, from), member(b, to)))
    }

    fn rank_members(&mut self, lifted: &[Lifted], found: &Components<Member>) {
        let mut outgoing: Vec<Vec<usize>> = vec![Vec::new(); found.sets.len()];
        for edge in lifted {
            if let (Some(from), Some(to)) = (found.set(edge.from), found.set(edge.to))
                && from != to
                && let Some(list) = outgoing.get_mut(from)
            {
                list.push(to);
            }
        }
        let mut ranks: Vec<usize> = Vec::with_capacity(found.sets.len());
        // Each set stands after those it depends on.
        for (set, out) in found.sets.iter().zip(&outgoing) {
            let rank = out.iter().filter_map(|to| ranks.get(*to)).max().map_or(0, |max| max + 1);
            ranks.push(rank);
            for vertex in set {
                if let Some(Member::Node(id)) = found.vertices.get(*vertex)
                    && let Some(node) = self.nodes.get_mut(id.0)
                {
                    node.rank = rank;
                }
            }
        }
    }

    /// Whether a link is a rule's, not the author's.
    pub(crate) fn is_implied(&self, link: usize) -> bool {
        self.links.get(link).is_some_and(|link| matches!(link.reason, Reason::Implied(_)))
    }
}
