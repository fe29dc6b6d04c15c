//! Dependencies that lead back to where they start, shown edge by edge.
//!
//! Invariant: what is reported cannot be kept by anybody. There are two sorts. A circle is real if
//! following edges, and going from a node to what it is part of or consists of, comes back. One
//! that is there only because parts are delivered together says so and names the edges of the
//! parts.

use std::collections::{BTreeMap, VecDeque};

use platformc_source::{Diagnostic, Severity, SourceMap, Span, codes};

use crate::fragment::Kind;
use crate::merge::by_place;
use crate::order::{Components, Lifted, Member};
use crate::whole::{Link, Whole};
use crate::{NodeId, Reason};

/// How many edges of a circle are shown.
const SHOWN: usize = 30;
/// How often it is said what is part of what.
const PARTS: usize = 8;

/// A moment of a node. A node ends after all inside of it has ended, and starts after what it is
/// inside of has started.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Moment {
    Start(NodeId),
    End(NodeId),
}

/// Something that comes later than something else, with the link that says so if one does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Step<V> {
    from: V,
    to: V,
    link: Option<usize>,
}

/// How nodes are called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Style {
    /// `web`: brothers of one kind.
    Name,
    /// `shop/web`: of one kind.
    Way,
    /// `component shop/web`
    Kind,
}

/// Which links are part of a circle that is reported.
pub(crate) struct Reported(Vec<bool>);

impl Reported {
    fn has(&self, link: usize) -> bool {
        self.0.get(link).copied().unwrap_or(false)
    }
}

impl Whole {
    /// Reports the real circles.
    pub(crate) fn circles(&self, map: &SourceMap, sink: &mut Vec<Diagnostic>) -> Reported {
        let steps = self.moments();
        let found = Components::of(steps.iter().map(|step| (step.from, step.to)));
        let mut reported = Reported(vec![false; self.links.len()]);
        let mut by_set: BTreeMap<usize, Vec<Step<Moment>>> = BTreeMap::new();
        for step in &steps {
            if let (Some(from), Some(to)) = (found.set(step.from), found.set(step.to))
                && from == to
            {
                by_set.entry(from).or_default().push(*step);
                if let Some(slot) = step.link.and_then(|link| reported.0.get_mut(link)) {
                    *slot = true;
                }
            }
        }
        for steps in by_set.into_values() {
            let count = steps.iter().filter(|step| step.link.is_some()).count();
            sink.push(self.real(&self.starting_at_first(shortest(&steps), map), count, map));
        }
        reported
    }

    /// When what has to have happened, for all nodes that have an edge and what they are inside of.
    fn moments(&self) -> Vec<Step<Moment>> {
        let mut steps = Vec::with_capacity(self.links.len() * 4);
        let mut known = vec![false; self.nodes.len()];
        for (at, link) in self.links.iter().enumerate() {
            for end in [link.from, link.to] {
                for id in self.ancestors(end) {
                    let Some(known) = known.get_mut(id.0).filter(|known| !**known) else { break };
                    *known = true;
                    let (start, end) = (Moment::Start(id), Moment::End(id));
                    steps.push(Step { from: end, to: start, link: None });
                    if let Some(parent) = self.node(id).and_then(|node| node.parent) {
                        steps.push(Step { from: start, to: Moment::Start(parent), link: None });
                        steps.push(Step { from: Moment::End(parent), to: end, link: None });
                    }
                }
            }
            let is_cluster = self.node(link.to).is_some_and(|node| node.kind == Kind::Cluster);
            let to = if is_cluster { Moment::Start(link.to) } else { Moment::End(link.to) };
            steps.push(Step { from: Moment::Start(link.from), to, link: Some(at) });
        }
        steps.sort_unstable();
        steps
    }

    fn real(&self, way: &[usize], count: usize, map: &SourceMap) -> Diagnostic {
        let links: Vec<&Link> = way.iter().filter_map(|at| self.links.get(*at)).collect();
        let pairs = || links.iter().zip(links.iter().skip(1).chain(links.first()));
        let parts: Vec<String> = pairs()
            .filter(|(link, next)| link.to != next.from)
            .map(|(link, next)| {
                let (inner, outer) = match self.is_inside(link.to, next.from) {
                    true => (link.to, next.from),
                    false => (next.from, link.to),
                };
                format!("`{}` is part of `{}`", self.kinded(inner), self.kinded(outer))
            })
            .collect();
        let mut nodes: Vec<NodeId> = Vec::new();
        for (link, next) in pairs() {
            if nodes.is_empty() {
                nodes.push(link.from);
            }
            nodes.push(link.to);
            if link.to != next.from {
                nodes.push(next.from);
            }
        }
        let style = self.style(&nodes);
        let names: Vec<String> = nodes.iter().map(|id| self.called(*id, style)).collect();
        let sort = self.sort(&nodes);
        let message = match links.as_slice() {
            [only] if only.from == only.to => {
                let name = names.first().map_or("", String::as_str);
                format!("{} `{name}` depends on itself", sort.unwrap_or("node"))
            }
            [only] => {
                let (inner, outer) = (self.label(only.from), self.label(only.to));
                format!("`{inner}` and `{outer}` wait for each other")
            }
            _ => match sort {
                Some(sort) => format!("{sort}s depend on each other: {}", arrows(&names)),
                None => format!("dependencies lead in a circle: {}", arrows(&names)),
            },
        };
        let mut diagnostic = self.shown(message, &links, style, map);
        for part in parts.into_iter().take(PARTS) {
            diagnostic = diagnostic.note(part);
        }
        if count > links.len() {
            diagnostic = diagnostic
                .note(format!("{count} dependencies in all lead back to where they start"));
        }
        diagnostic.note("remove one of these dependencies")
    }

    /// Reports the circles that are there only because parts are delivered together.
    pub(crate) fn circles_by_lifting(
        &self,
        lifted: &[Lifted],
        found: &Components<Member>,
        real: &Reported,
        map: &SourceMap,
        sink: &mut Vec<Diagnostic>,
    ) {
        let mut by_set: BTreeMap<usize, Vec<Step<Member>>> = BTreeMap::new();
        for edge in lifted {
            if let (Some(from), Some(to)) = (found.set(edge.from), found.set(edge.to))
                && from == to
            {
                let step = Step { from: edge.from, to: edge.to, link: edge.link };
                by_set.entry(from).or_default().push(step);
            }
        }
        for steps in by_set.into_values() {
            let mut links = steps.iter().filter_map(|step| step.link);
            // It says enough of the same nodes.
            if links.clone().any(|link| real.has(link)) {
                continue;
            }
            let implied = links.all(|link| self.is_implied(link));
            let nodes: Vec<NodeId> = steps.iter().map(|step| step.from.id()).collect();
            let kind = nodes.first().and_then(|id| self.node(*id)).map(|node| node.kind);
            // In one wave Argo CD makes namespaces and definitions before what needs them.
            if implied && kind == Some(Kind::Component) {
                continue;
            }
            let diagnostic = self.by_lifting(&steps, map);
            // Argo CD tries again until what a rule asks for is there.
            let harmless = implied && kind == Some(Kind::Application);
            sink.push(match harmless {
                true => diagnostic.severity(Severity::Warning),
                false => diagnostic,
            });
        }
    }

    fn by_lifting(&self, steps: &[Step<Member>], map: &SourceMap) -> Diagnostic {
        let way = self.starting_at_first(shortest(steps), map);
        let links: Vec<&Link> = way.iter().filter_map(|at| self.links.get(*at)).collect();
        let mut wholes: Vec<NodeId> = Vec::new();
        for at in &way {
            let step = steps.iter().find(|step| step.link == Some(*at));
            wholes.extend(step.map(|step| step.from.id()));
        }
        let style = self.style(&wholes);
        let sort = self.sort(&wholes);
        let mut names: Vec<String> = wholes.iter().map(|id| self.called(*id, style)).collect();
        names.extend(names.first().cloned());
        let (message, word) = match sort {
            Some(sort) => (format!("{sort}s depend on each other as wholes: "), sort),
            None => ("dependencies of wholes lead in a circle: ".to_owned(), "of them"),
        };
        let ends: Vec<NodeId> = links.iter().flat_map(|link| [link.from, link.to]).collect();
        self.shown(message + &arrows(&names), &links, self.style(&ends), map)
            .note(format!(
                "no part depends on itself, but each {word} is delivered as a whole, after \
                 everything its parts depend on"
            ))
            .note("split one of them, or remove one of these dependencies")
    }

    /// A way around, from the link on that stands first in the text.
    fn starting_at_first(&self, mut way: Vec<usize>, map: &SourceMap) -> Vec<usize> {
        let span = |at: &usize| self.links.get(*at).map_or(Span::NONE, |link| link.span);
        let places = way.iter().enumerate();
        let first = places.min_by(|(_, a), (_, b)| by_place(map, span(a), span(b)));
        let first = first.map_or(0, |(at, _)| at);
        way.rotate_left(first);
        way
    }

    /// A diagnostic that points at each link.
    fn shown(&self, message: String, links: &[&Link], style: Style, map: &SourceMap) -> Diagnostic {
        let mut labels = links.iter().map(|link| {
            let from = self.called(link.from, style);
            let to = self.called(link.to, style);
            let words = match &link.reason {
                Reason::DependsOn => format!("`{from}` comes after `{to}`"),
                Reason::Input(value) => format!("`{from}` takes `{value}` from `{to}`"),
                Reason::Implied(rule) => format!("`{from}` comes after `{to}`: {rule}"),
            };
            (link.span, words)
        });
        let (span, words) = labels.next().unwrap_or((Span::NONE, String::new()));
        let mut diagnostic =
            Diagnostic::new(codes::GRAPH_CYCLE, span, message).primary_label(words);
        for (span, words) in labels.take(SHOWN) {
            diagnostic = diagnostic.label(span, words);
        }
        if span.is_none() {
            let places = links.iter().flat_map(|link| [link.from, link.to]);
            let spans = places.filter_map(|id| self.node(id)).map(|node| node.span);
            let first = spans.min_by(|a, b| by_place(map, *a, *b));
            diagnostic.primary.span = first.unwrap_or(Span::NONE);
        }
        diagnostic
    }

    /// The shortest way to call the nodes that tells them apart.
    fn style(&self, nodes: &[NodeId]) -> Style {
        let mut parents = nodes.iter().map(|id| self.node(*id).map(|node| node.parent));
        let first = parents.next();
        match self.sort(nodes) {
            None => Style::Kind,
            Some(_) if parents.all(|parent| Some(parent) == first) => Style::Name,
            Some(_) => Style::Way,
        }
    }

    fn called(&self, id: NodeId, style: Style) -> String {
        match (style, self.node(id)) {
            (Style::Name, Some(node)) => node.name.to_string(),
            (Style::Kind, _) => self.kinded(id),
            _ => self.label(id),
        }
    }

    fn kinded(&self, id: NodeId) -> String {
        let kind = self.node(id).map_or("", |node| node.kind.as_str());
        format!("{kind} {}", self.label(id))
    }

    /// The word for the nodes, where they are of one kind.
    fn sort(&self, nodes: &[NodeId]) -> Option<&'static str> {
        let mut kinds = nodes.iter().filter_map(|id| self.node(*id)).map(|node| node.kind);
        let first = kinds.next()?;
        kinds.all(|kind| kind == first).then(|| first.as_str())
    }
}

/// Names with arrows, the middle of a long way left out.
fn arrows(names: &[String]) -> String {
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    if names.len() > 8 {
        names.splice(4..names.len() - 4, ["…"]);
    }
    names.join(" → ")
}

/// The links of a shortest way, through a set of steps that all lead back, from the first node
/// that has a link back to it.
fn shortest<V: Copy + Ord>(steps: &[Step<V>]) -> Vec<usize> {
    let Some(first) = steps.iter().find(|step| step.link.is_some()) else { return Vec::new() };
    let start = first.from;
    let mut before: BTreeMap<V, Step<V>> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        let from = steps.partition_point(|step| step.from < at);
        let outgoing = steps.iter().skip(from).take_while(|step| step.from == at);
        for step in outgoing {
            if step.to == start {
                let mut way: Vec<usize> = step.link.into_iter().collect();
                let mut back = step.from;
                while back != start {
                    let Some(step) = before.get(&back) else { break };
                    way.extend(step.link);
                    back = step.from;
                }
                way.reverse();
                return way;
            }
            if let std::collections::btree_map::Entry::Vacant(slot) = before.entry(step.to) {
                slot.insert(*step);
                queue.push_back(step.to);
            }
        }
    }
    Vec::new()
}
