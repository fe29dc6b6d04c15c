//! What is shown of a graph, and the forms in which it is.
//!
//! Invariant: every form is a function of the graph, with nodes in the order of the tree and edges
//! in the order of their ends; a name never becomes syntax, whatever it holds. Nothing here walks
//! the tree with a stack of calls.

mod dot;
mod json;
mod mermaid;

use std::collections::BTreeMap;

use platformc_source::SourceMap;

use crate::fragment::{Kind, Strength};
use crate::whole::{Link, Whole};
use crate::{NodeId, Reason};

/// The finest kind of node that is shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// Stacks, clusters, Applications, workflows.
    Application,
    /// Components and steps as well.
    Component,
    /// Everything.
    Resource,
}

impl Level {
    fn shows(self, kind: Kind) -> bool {
        match kind {
            Kind::Stack | Kind::Cluster | Kind::Application | Kind::Workflow => true,
            Kind::Component | Kind::Step => self >= Level::Component,
            Kind::Resource => self == Level::Resource,
        }
    }
}

/// The part of the graph of one environment that is shown.
#[derive(Clone, Debug)]
pub struct View<'a> {
    environment: &'a str,
    whole: &'a Whole,
    map: &'a SourceMap,
    /// The nodes that are shown, in the order of the tree.
    nodes: Vec<NodeId>,
    /// The edges between them, once for each pair of ends and strength, each with a link that it
    /// stands for.
    edges: Vec<(NodeId, NodeId, Strength, &'a Link)>,
}

impl<'a> View<'a> {
    /// Everything down to a level; an edge of what is not shown stands at what holds it.
    #[must_use]
    pub fn new(
        environment: &'a str,
        whole: &'a Whole,
        level: Level,
        map: &'a SourceMap,
    ) -> View<'a> {
        let mut view = View { environment, whole, map, nodes: Vec::new(), edges: Vec::new() };
        let is_shown = |id: NodeId| level.shows(whole.kind(id));
        view.nodes.extend(whole.iter().map(|(id, _)| id).filter(|id| is_shown(*id)));
        let shown = |id: NodeId| whole.ancestors(id).find(|at| is_shown(*at));
        let mut edges: BTreeMap<(NodeId, NodeId), (Strength, &Link)> = BTreeMap::new();
        for link in whole.links() {
            let (Some(from), Some(to)) = (shown(link.from), shown(link.to)) else { continue };
            // What is inside of one node that is shown is left to a finer level.
            if whole.is_inside(from, to) || whole.is_inside(to, from) {
                continue;
            }
            let slot = edges.entry((from, to)).or_insert((link.strength, link));
            if link.strength < slot.0 {
                *slot = (link.strength, link);
            }
        }
        let edges = edges.into_iter();
        view.edges.extend(edges.map(|((from, to), (strength, link))| (from, to, strength, link)));
        view
    }

    /// Keeps the nodes that `name` names, what is inside of them, what they depend on and what
    /// depends on them, over any number of edges, with what holds all these. A node is named by its
    /// path, or by its name and as many of the names above it as are needed: `orders/web`,
    /// `stack:vpc`. Returns whether there is such a node.
    pub fn focus(&mut self, name: &str) -> bool {
        let named: Vec<NodeId> =
            self.nodes.iter().copied().filter(|id| self.is_named(*id, name)).collect();
        let mut kept = vec![false; self.whole.nodes().len()];
        for later in [false, true] {
            for (slot, reached) in kept.iter_mut().zip(self.reached(&named, later)) {
                *slot |= reached;
            }
        }
        let is_kept = |id: &NodeId| kept.get(id.0).copied().unwrap_or(false);
        let mut holders = kept.clone();
        for id in self.nodes.iter().filter(|id| is_kept(id)) {
            for above in self.whole.ancestors(*id) {
                if let Some(slot) = holders.get_mut(above.0) {
                    *slot = true;
                }
            }
        }
        let is_shown = |id: &NodeId| holders.get(id.0).copied().unwrap_or(false);
        self.nodes.retain(is_shown);
        self.edges.retain(|(from, to, ..)| is_shown(from) && is_shown(to));
        !named.is_empty()
    }

    /// What can be named, for "did you mean".
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.nodes.iter().map(|id| self.whole.label(*id))
    }

    fn is_named(&self, id: NodeId, name: &str) -> bool {
        let Some(node) = self.whole.node(id) else { return false };
        let label = self.whole.label(id);
        node.path.as_str() == name
            || label == name
            || *node.name == *name
            || name.strip_prefix(node.kind.as_str()).and_then(|rest| rest.strip_prefix(':'))
                == Some(&*label)
    }

    /// The nodes with what is inside of them, and all that edges lead to from there: dependencies,
    /// or dependents if `later`.
    fn reached(&self, from: &[NodeId], later: bool) -> Vec<bool> {
        let mut by_start: Vec<(NodeId, NodeId)> = self
            .edges
            .iter()
            .map(|(from, to, ..)| if later { (*to, *from) } else { (*from, *to) })
            .collect();
        by_start.sort_unstable();
        let count = self.whole.nodes().len();
        let (mut reached, mut whole, mut followed) =
            (vec![false; count], vec![false; count], vec![false; count]);
        let first_time = |flags: &mut Vec<bool>, id: NodeId| {
            flags.get_mut(id.0).is_some_and(|flag| !std::mem::replace(flag, true))
        };
        let mut open = from.to_vec();
        while let Some(start) = open.pop() {
            if !first_time(&mut whole, start) {
                continue;
            }
            // What is inside of a node stands behind it without a gap.
            let inside = (start.0..count).map(NodeId);
            for id in inside.take_while(|id| self.whole.is_inside(*id, start)) {
                if !first_time(&mut reached, id) {
                    continue;
                }
                // What holds for an Application holds for its components.
                let holders = self.whole.ancestors(id);
                for at in
                    holders.take_while(|at| self.whole.kind(*at) != Kind::Cluster || *at == id)
                {
                    if first_time(&mut followed, at) {
                        let first = by_start.partition_point(|(from, _)| *from < at);
                        let edges = by_start.iter().skip(first).take_while(|(from, _)| *from == at);
                        open.extend(edges.map(|(_, to)| *to));
                    }
                }
            }
        }
        reached
    }

    /// How many shown nodes each shown node is inside of, and whether it holds any.
    fn outline(&self) -> Vec<(NodeId, usize, bool)> {
        let mut open: Vec<(NodeId, usize)> = Vec::new();
        let mut outline: Vec<(NodeId, usize, bool)> = Vec::with_capacity(self.nodes.len());
        for (at, id) in self.nodes.iter().enumerate() {
            while open.last().is_some_and(|(last, _)| !self.whole.is_inside(*id, *last)) {
                open.pop();
            }
            if let Some(holder) = open.last().and_then(|(_, at)| outline.get_mut(*at)) {
                holder.2 = true;
            }
            outline.push((*id, open.len(), false));
            open.push((*id, at));
        }
        outline
    }

    /// `path:line` of a span; nothing where there is none.
    fn place(&self, span: platformc_source::Span) -> Option<(String, u32)> {
        let file = self.map.get(span.file)?;
        Some((file.path().to_string(), file.line_column(span.start).line))
    }
}

/// Graphviz's DOT: one graph, with a cluster for each node that holds others.
#[must_use]
pub fn dot(views: &[View<'_>]) -> String {
    dot::write(views)
}

/// A flowchart in Mermaid's syntax.
#[must_use]
pub fn mermaid(views: &[View<'_>]) -> String {
    mermaid::write(views)
}

/// JSON; `docs/graph.md` has its form.
#[must_use]
pub fn json(views: &[View<'_>]) -> String {
    json::write(views)
}

/// The words for a reason, for people.
fn words(reason: &Reason) -> String {
    match reason {
        Reason::DependsOn => String::new(),
        Reason::Input(value) => format!("takes {value}"),
        Reason::Implied(rule) => (*rule).to_owned(),
    }
}

#[cfg(test)]
mod tests;
