//! Nodes, the dependencies between them, and their order.
//!
//! Invariant: this is the only crate that sees petgraph. The order is a function of the nodes and
//! edges as they were added: a node comes after all it depends on, nodes of one rank stand in the
//! order in which they were added. A dependency that cannot be kept is a diagnostic.

mod cycle;
mod fragment;
mod merge;
mod order;
#[cfg(test)]
mod tests_whole;
mod view;
mod whole;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use petgraph::algo::{kosaraju_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use platformc_source::{Diagnostic, Outcome, Span, codes, nearest};

pub use fragment::{Edge, Fragment, Kind, Need, Node, NodePath, Offer, Reference, Strength};
pub use view::{Level, View, dot, json, mermaid};
pub use whole::{Link, Ranked, Whole};

/// A node of a graph.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(usize);

#[derive(Debug)]
struct Vertex {
    name: Arc<str>,
    span: Span,
}

/// Why one node comes after another.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Reason {
    /// The author says so.
    DependsOn,
    /// It takes a value, of this name, that the other one gives.
    Input(Arc<str>),
    /// A rule of the compiler, in a few words: the namespace an object lies in, the cluster a
    /// stack makes.
    Implied(&'static str),
}

/// A dependency: who asks for it, where, why.
#[derive(Clone, Debug)]
struct Dependency {
    span: Span,
    reason: Reason,
}

/// A graph in the making. Nodes are of one sort, such as the components of an Application.
#[derive(Debug)]
pub struct Graph {
    sort: &'static str,
    graph: DiGraph<Vertex, Dependency>,
    names: BTreeMap<Arc<str>, NodeIndex>,
    diagnostics: Vec<Diagnostic>,
}

/// Where nodes stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Nodes, each after all it depends on.
    pub order: Vec<usize>,
    /// The rank of each node, in the order of adding: 0 where it depends on nothing, else one
    /// more than the highest rank it depends on.
    pub ranks: Vec<usize>,
    /// Every dependency once, as (dependent, dependency), sorted.
    pub edges: Vec<(usize, usize)>,
}

impl Graph {
    /// An empty graph; `sort` names its nodes in messages (`component`).
    #[must_use]
    pub fn new(sort: &'static str) -> Graph {
        Graph { sort, graph: DiGraph::new(), names: BTreeMap::new(), diagnostics: Vec::new() }
    }

    /// Adds a node. Of two nodes of one name, dependencies mean the first.
    pub fn node(&mut self, name: Arc<str>, span: Span) -> NodeId {
        let index = self.graph.add_node(Vertex { name: name.clone(), span });
        self.names.entry(name).or_insert(index);
        NodeId(index.index())
    }

    /// Makes `node` depend on the node named `target`, as the text at `span` asks.
    pub fn depend(&mut self, node: NodeId, target: &str, span: Span, reason: Reason) {
        let from = NodeIndex::new(node.0);
        if let Some(to) = self.names.get(target) {
            self.graph.add_edge(from, *to, Dependency { span, reason });
            return;
        }
        let message = format!("there is no {} `{target}`", self.sort);
        let mut diagnostic = Diagnostic::new(codes::GRAPH_UNKNOWN_TARGET, span, message);
        if let Some(best) = nearest(target, self.names.keys().map(|name| &**name)).first() {
            diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?")).replace(
                span,
                *best,
                format!("rename it to `{best}`"),
            );
        }
        self.diagnostics.push(diagnostic);
    }

    /// The order of the nodes. A cycle is reported edge by edge; its nodes then keep the order in
    /// which they were added.
    #[must_use]
    pub fn order(mut self) -> Outcome<Order> {
        let mut cycles: Vec<Vec<NodeIndex>> = kosaraju_scc(&self.graph)
            .into_iter()
            .filter(|nodes| match nodes.as_slice() {
                [only] => self.graph.contains_edge(*only, *only),
                _ => true,
            })
            .collect();
        cycles.iter_mut().for_each(|nodes| nodes.sort_unstable());
        cycles.sort_unstable();
        for nodes in &cycles {
            let diagnostic = self.cycle(nodes);
            self.diagnostics.push(diagnostic);
        }
        let count = self.graph.node_count();
        let mut ranks = vec![0; count];
        if let Ok(sorted) = toposort(&self.graph, None) {
            // Dependencies come last in `sorted`, since edges lead to them.
            for node in sorted.iter().rev() {
                let above = self.graph.neighbors(*node).filter_map(|to| ranks.get(to.index()));
                let rank = above.max().map_or(0, |rank| rank + 1);
                if let Some(slot) = ranks.get_mut(node.index()) {
                    *slot = rank;
                }
            }
        }
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by_key(|node| (ranks.get(*node).copied(), *node));
        let mut edges: Vec<(usize, usize)> = self
            .graph
            .edge_references()
            .map(|edge| (edge.source().index(), edge.target().index()))
            .collect();
        edges.sort_unstable();
        edges.dedup();
        Outcome::new(Order { order, ranks, edges }, self.diagnostics)
    }

    fn name(&self, node: NodeIndex) -> &str {
        self.graph.node_weight(node).map_or("", |node| &*node.name)
    }

    /// The shortest way from the first node of a strongly connected set back to it.
    fn shortest_cycle(&self, nodes: &[NodeIndex]) -> Vec<NodeIndex> {
        let Some(start) = nodes.first().copied() else { return Vec::new() };
        let mut before: BTreeMap<NodeIndex, NodeIndex> = BTreeMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            let mut next: Vec<NodeIndex> = self.graph.neighbors(node).collect();
            next.sort_unstable();
            for to in next {
                if to == start {
                    let mut way = vec![node];
                    while let Some(previous) = way.last().and_then(|last| before.get(last)) {
                        way.push(*previous);
                    }
                    way.reverse();
                    return way;
                }
                if nodes.binary_search(&to).is_ok() && !before.contains_key(&to) {
                    before.insert(to, node);
                    queue.push_back(to);
                }
            }
        }
        vec![start]
    }

    fn cycle(&self, nodes: &[NodeIndex]) -> Diagnostic {
        let way = self.shortest_cycle(nodes);
        let steps: Vec<(NodeIndex, NodeIndex)> = way
            .iter()
            .zip(way.iter().skip(1).chain(way.first()))
            .map(|(from, to)| (*from, *to))
            .collect();
        let message = match steps.as_slice() {
            [(only, _)] => format!("{} `{}` depends on itself", self.sort, self.name(*only)),
            _ => {
                let mut names: Vec<&str> = way.iter().map(|node| self.name(*node)).collect();
                names.extend(way.first().map(|node| self.name(*node)));
                let more = if names.len() > 8 { names.len() - 8 } else { 0 };
                if more > 0 {
                    names.splice(4..4 + more, ["…"]);
                }
                format!("{}s depend on each other: {}", self.sort, names.join(" → "))
            }
        };
        let mut labels = steps.iter().map(|(from, to)| {
            let mut edges: Vec<&Dependency> =
                self.graph.edges_connecting(*from, *to).map(|edge| edge.weight()).collect();
            edges.sort_by_key(|edge| edge.span);
            let (from, to) = (self.name(*from), self.name(*to));
            match edges.first() {
                Some(Dependency { span, reason: Reason::DependsOn }) => {
                    (*span, format!("`{from}` comes after `{to}`"))
                }
                Some(Dependency { span, reason: Reason::Input(value) }) => {
                    (*span, format!("`{from}` takes `{value}` from `{to}`"))
                }
                Some(Dependency { span, reason: Reason::Implied(rule) }) => {
                    (*span, format!("`{from}` comes after `{to}`: {rule}"))
                }
                None => (Span::NONE, String::new()),
            }
        });
        let (span, words) = labels.next().unwrap_or((Span::NONE, String::new()));
        let mut diagnostic =
            Diagnostic::new(codes::GRAPH_CYCLE, span, message).primary_label(words);
        for (span, words) in labels.take(30) {
            diagnostic = diagnostic.label(span, words);
        }
        if nodes.len() > way.len() {
            let count = nodes.len();
            diagnostic =
                diagnostic.note(format!("{count} {}s in all depend on each other", self.sort));
        }
        let first = way.first().and_then(|node| self.graph.node_weight(*node));
        if span.is_none() {
            diagnostic.primary.span = first.map_or(Span::NONE, |node| node.span);
        }
        diagnostic.note("remove one of these dependencies")
    }
}

#[cfg(test)]
mod tests {
    use platformc_source::FileId;
    use proptest::prelude::*;

    use super::*;

    fn build(names: &[&str], edges: &[(usize, &str)]) -> Outcome<Order> {
        let mut graph = Graph::new("component");
        let ids: Vec<NodeId> = names
            .iter()
            .enumerate()
            .map(|(at, name)| graph.node(Arc::from(*name), Span::new(FileId(0), at, at + 1)))
            .collect();
        for (at, (from, to)) in edges.iter().enumerate() {
            let span = Span::new(FileId(0), 100 + at, 101 + at);
            graph.depend(ids[*from], to, span, Reason::DependsOn);
        }
        graph.order()
    }

    #[test]
    fn dependencies_come_first_and_ties_keep_their_order() {
        let found = build(&["web", "db", "cache", "queue"], &[(0, "db"), (0, "cache"), (2, "db")]);
        assert!(found.diagnostics.is_empty());
        assert_eq!(found.value.order, [1, 3, 2, 0]);
        assert_eq!(found.value.ranks, [2, 0, 1, 0]);
        assert_eq!(found.value.edges, [(0, 1), (0, 2), (2, 1)]);
    }

    #[test]
    fn an_unknown_target_names_the_nearest() {
        let found = build(&["orders-db", "web"], &[(1, "order-db")]);
        let [diagnostic] = found.diagnostics.as_slice() else { panic!("one diagnostic") };
        assert_eq!(diagnostic.code.id(), "graph/unknown-target");
        assert_eq!(diagnostic.message, "there is no component `order-db`");
        assert_eq!(diagnostic.fixes[0].edits[0].text, "orders-db");
    }

    #[test]
    fn a_cycle_is_shown_edge_by_edge() {
        let found = build(&["a", "b", "c", "d"], &[(0, "b"), (1, "c"), (2, "a"), (3, "d")]);
        let [long, own] = found.diagnostics.as_slice() else { panic!("two diagnostics") };
        assert_eq!(long.message, "components depend on each other: a → b → c → a");
        assert_eq!(long.primary.message, "`a` comes after `b`");
        let labels: Vec<&str> = long.labels.iter().map(|label| &*label.message).collect();
        assert_eq!(labels, ["`b` comes after `c`", "`c` comes after `a`"]);
        assert_eq!(own.message, "component `d` depends on itself");
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let names: Vec<String> = (0..50_000).map(|n| format!("n{n}")).collect();
        let mut graph = Graph::new("component");
        let ids: Vec<NodeId> =
            names.iter().map(|name| graph.node(name.as_str().into(), Span::NONE)).collect();
        for at in 0..ids.len() {
            let to = &names[(at + 1) % names.len()];
            graph.depend(ids[at], to, Span::NONE, Reason::DependsOn);
        }
        assert_eq!(graph.order().diagnostics.len(), 1);
    }

    proptest! {
        #[test]
        fn every_order_keeps_every_dependency(
            edges in proptest::collection::vec((0usize..12, 0usize..12), 0..40)
        ) {
            let names: Vec<String> = (0..12).map(|n| format!("n{n}")).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let edges: Vec<(usize, &str)> = edges.iter().map(|(a, b)| (*a, names[*b])).collect();
            let found = build(&names, &edges);
            let mut all = found.value.order.clone();
            all.sort_unstable();
            prop_assert_eq!(all, (0..12).collect::<Vec<_>>());
            if found.diagnostics.is_empty() {
                let place = |node| found.value.order.iter().position(|other| *other == node);
                for (from, to) in &found.value.edges {
                    prop_assert!(place(*to) < place(*from));
                    prop_assert!(found.value.ranks[*to] < found.value.ranks[*from]);
                }
            }
        }
    }
}
