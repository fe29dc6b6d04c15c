//! Fragments become one graph.
//!
//! Invariant: the result does not depend on the order of fragments. Of two declarations of one
//! node the one that stands first in the text counts; an edge whose end is not there is reported
//! and left out.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use platformc_source::{Diagnostic, Outcome, Severity, SourceMap, Span, codes, nearest};

use crate::fragment::{Edge, Fragment, Kind, Need, Node, NodePath, Offer, Reference, Strength};
use crate::whole::{Link, Ranked, Whole};
use crate::{NodeId, Reason};

/// How many names are compared, over all unknown ends, to find what may have been meant.
const COMPARISONS: usize = 200_000;

/// The order of places in the text; no text comes last.
pub(crate) fn by_place(map: &SourceMap, a: Span, b: Span) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let offsets = |span: Span| (span.start, span.end);
    let files = if a.file == b.file { Ordering::Equal } else { map.path(a).cmp(&map.path(b)) };
    a.is_none().cmp(&b.is_none()).then(files).then_with(|| offsets(a).cmp(&offsets(b)))
}

impl Whole {
    /// Merges what the units of an environment say. Dependencies that lead back to where they
    /// start are reported; the ranks then leave out the dependencies among those nodes.
    ///
    /// `elsewhere` are names that the workspace has in other environments: what depends on one of
    /// them by name is told so, and no edge follows.
    ///
    /// Takes time about linear in nodes and edges, and no stack that grows with them.
    #[must_use]
    pub fn merge<'f>(
        fragments: impl IntoIterator<Item = &'f Fragment>,
        elsewhere: &BTreeSet<(Kind, Arc<str>)>,
        map: &SourceMap,
    ) -> Outcome<Whole> {
        let mut all = Fragment::default();
        for fragment in fragments {
            all.join(fragment.clone());
        }
        let mut sink = Vec::new();
        let mut whole = tree(all.nodes, map);
        let mut unknown = Unknown { whole: &whole, map, budget: COMPARISONS };
        let mut links = whole.resolve(&all.edges, &mut unknown, &mut sink);
        whole.referred(&all.references, elsewhere, &mut unknown, &mut links, &mut sink);
        whole.implied(all.offers, &all.needs, &mut links);
        links.sort_unstable_by(|a, b| {
            let ends = |link: &Link| (link.from, link.to);
            ends(a)
                .cmp(&ends(b))
                .then_with(|| a.reason.cmp(&b.reason))
                .then_with(|| a.strength.cmp(&b.strength))
                .then_with(|| by_place(map, a.span, b.span))
        });
        links.dedup_by(|a, b| (a.from, a.to, &a.reason) == (b.from, b.to, &b.reason));
        whole.links = links;
        whole.order(map, &mut sink);
        Outcome::new(whole, sink)
    }

    fn resolve(
        &self,
        edges: &[Edge],
        unknown: &mut Unknown<'_>,
        sink: &mut Vec<Diagnostic>,
    ) -> Vec<Link> {
        let mut links = Vec::with_capacity(edges.len());
        for edge in edges {
            let mut end = |path: &NodePath| {
                let found = self.by_path.get(path).copied();
                if found.is_none() {
                    sink.push(unknown.path(path, edge.span));
                }
                found
            };
            if let (Some(from), Some(to)) = (end(&edge.from), end(&edge.to)) {
                let Edge { strength, reason, span, .. } = edge.clone();
                links.push(Link { from, to, strength, reason, span });
            }
        }
        links
    }

    fn referred(
        &self,
        references: &[Reference],
        elsewhere: &BTreeSet<(Kind, Arc<str>)>,
        unknown: &mut Unknown<'_>,
        links: &mut Vec<Link>,
        sink: &mut Vec<Diagnostic>,
    ) {
        if references.is_empty() {
            return;
        }
        let mut named: HashMap<(Kind, &str), Vec<NodeId>> = HashMap::new();
        for (id, node) in self.iter() {
            named.entry((node.kind, &node.name)).or_default().push(id);
            // What is called otherwise for people is known by both names.
            if let Cow::Borrowed(name) = node.path.name()
                && *name != *node.name
            {
                named.entry((node.kind, name)).or_default().push(id);
            }
        }
        for reference in references {
            let Reference { from, kind, name, strength, span } = reference;
            let Some(from) = self.by_path.get(from).copied() else {
                sink.push(unknown.path(from, *span));
                continue;
            };
            let Some(found) = named.get(&(*kind, &**name)) else {
                sink.push(match elsewhere.contains(&(*kind, name.clone())) {
                    true => unknown.elsewhere(*kind, name, *span),
                    false => unknown.name(*kind, name, None, *span),
                });
                continue;
            };
            // Whoever depends on itself by name does so in its own cluster only.
            let near = self.ancestors(from).find_map(|above| {
                let inside = |id: &&NodeId| self.is_inside(**id, above);
                let near: Vec<NodeId> = found.iter().filter(inside).copied().collect();
                (!near.is_empty()).then_some(near)
            });
            for to in near.as_ref().unwrap_or(found) {
                let (strength, reason) = (*strength, Reason::DependsOn);
                links.push(Link { from, to: *to, strength, reason, span: *span });
            }
        }
    }

    /// An edge from each need to the node that has what is needed: to one of the same Application
    /// where there is one, else to the first.
    fn implied(&self, mut offers: Vec<Offer>, needs: &[Need], links: &mut Vec<Link>) {
        if offers.is_empty() || needs.is_empty() {
            return;
        }
        offers.sort_unstable_by(|a, b| (&a.key, &a.node).cmp(&(&b.key, &b.node)));
        let mut starts: HashMap<&str, (usize, usize)> = HashMap::new();
        for (at, offer) in offers.iter().enumerate() {
            starts.entry(&offer.key).or_insert((at, at)).1 = at + 1;
        }
        for need in needs {
            let Some((start, end)) = starts.get(&*need.key).copied() else { continue };
            let having = offers.get(start..end).unwrap_or_default();
            let Some(from) = self.by_path.get(&need.node).copied() else { continue };
            let own = self.application(from).and_then(|id| self.node(id)).and_then(|app| {
                let first = having.partition_point(|offer| offer.node < app.path);
                having.get(first).filter(|offer| app.path.holds(&offer.node))
            });
            let Some(offer) = own.or(having.first()) else { continue };
            let Some(to) = self.by_path.get(&offer.node).copied() else { continue };
            // What has it itself waits for nobody.
            if self.is_inside(to, from) || self.is_inside(from, to) {
                continue;
            }
            let reason = Reason::Implied(need.rule);
            let (strength, span) = (Strength::Hard, need.span);
            links.push(Link { from, to, strength, reason, span });
        }
    }
}

/// Says what is not there.
struct Unknown<'a> {
    whole: &'a Whole,
    map: &'a SourceMap,
    /// How many names may still be compared.
    budget: usize,
}

impl Unknown<'_> {
    fn path(&mut self, path: &NodePath, span: Span) -> Diagnostic {
        let kind = path.kind().unwrap_or(Kind::Resource);
        self.name(kind, &path.name(), path.parent(), span)
    }

    /// `parent`: what it would be inside of, where that is known.
    fn name(&mut self, kind: Kind, name: &str, parent: Option<NodePath>, span: Span) -> Diagnostic {
        let parent = parent.and_then(|parent| self.whole.by_path.get(&parent).copied());
        let beside =
            |node: &&Ranked| node.kind == kind && (parent.is_none() || node.parent == parent);
        let known: Vec<&str> = match self.budget {
            0 => Vec::new(),
            _ => self.whole.nodes.iter().filter(beside).map(|node| &*node.name).collect(),
        };
        self.budget = self.budget.saturating_sub(known.len().max(1));
        let message = format!("there is no {} `{name}`", kind.as_str());
        let diagnostic = Diagnostic::new(codes::GRAPH_UNKNOWN_TARGET, span, message);
        let Some(best) = nearest(name, known).first().copied() else { return diagnostic };
        let diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?"));
        // The text may say more than the name; then the edit is the author's.
        match self.map.text(span).trim_matches(['"', '\'']) == name {
            true => diagnostic.replace(span, best, format!("rename it to `{best}`")),
            false => diagnostic,
        }
    }

    fn elsewhere(&self, kind: Kind, name: &str, span: Span) -> Diagnostic {
        let kind = kind.as_str();
        let message =
            format!("{kind} `{name}` is not in this environment, so nothing waits for it");
        Diagnostic::new(codes::GRAPH_UNKNOWN_TARGET, span, message).severity(Severity::Note)
    }
}

/// The tree of all nodes, with what holds them where nobody declared it.
fn tree(declared: Vec<Node>, map: &SourceMap) -> Whole {
    let mut at: HashMap<NodePath, usize> = HashMap::with_capacity(declared.len());
    let mut nodes: Vec<Node> = Vec::with_capacity(declared.len());
    for node in declared {
        match at.get(&node.path).and_then(|at| nodes.get_mut(*at)) {
            None => {
                at.insert(node.path.clone(), nodes.len());
                nodes.push(node);
            }
            Some(first) => {
                let order = by_place(map, node.span, first.span);
                if order.then_with(|| node.name.cmp(&first.name)).is_lt() {
                    *first = node;
                }
            }
        }
    }
    let mut parents: Vec<Option<usize>> = Vec::with_capacity(nodes.len());
    // The list grows while it is walked: what is added has a parent to be looked for as well.
    let mut index = 0;
    while let Some(node) = nodes.get(index) {
        index += 1;
        let Some(parent) = node.path.parent() else {
            parents.push(None);
            continue;
        };
        let found = *at.entry(parent.clone()).or_insert(nodes.len());
        parents.push(Some(found));
        if found == nodes.len() {
            let name: Arc<str> = parent.name().into();
            let kind = parent.kind().unwrap_or(Kind::Resource);
            nodes.push(Node { path: parent, kind, name, span: Span::NONE });
        }
    }
    let mut inside: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    let mut open: Vec<usize> = Vec::new();
    for (index, parent) in parents.iter().enumerate() {
        match parent.and_then(|parent| inside.get_mut(parent)) {
            Some(brothers) => brothers.push(index),
            None => open.push(index),
        }
    }
    let place = |index: &usize| nodes.get(*index).map(|node| (node.kind, &node.path));
    // Taken from the end.
    let last_first = |brothers: &mut Vec<usize>| {
        brothers.sort_unstable_by(|a, b| place(b).cmp(&place(a)));
    };
    last_first(&mut open);
    let mut ids = vec![0; nodes.len()];
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(index) = open.pop() {
        if let Some(id) = ids.get_mut(index) {
            *id = order.len();
        }
        order.push(index);
        if let Some(mut brothers) = inside.get_mut(index).map(std::mem::take) {
            last_first(&mut brothers);
            open.append(&mut brothers);
        }
    }
    let mut whole = Whole { by_path: HashMap::with_capacity(nodes.len()), ..Whole::default() };
    let mut nodes: Vec<Option<Node>> = nodes.into_iter().map(Some).collect();
    for index in order {
        let Some(node) = nodes.get_mut(index).and_then(Option::take) else { continue };
        let parent = parents.get(index).copied().flatten();
        let parent = parent.and_then(|parent| ids.get(parent)).map(|id| NodeId(*id));
        let Node { path, kind, name, span } = node;
        whole.by_path.insert(path.clone(), NodeId(whole.nodes.len()));
        whole.nodes.push(Ranked { path, kind, name, span, parent, rank: 0 });
    }
    whole
}
