//! The whole graph: by example, and against slow and simple versions of its rules.
//! Invariant: none.

use std::collections::{BTreeMap, BTreeSet};

use platformc_source::{FileId, SourceMap, Span};
use proptest::prelude::*;

use crate::{Fragment, Kind, NodeId, NodePath, Reason, Strength, Whole};

fn path(text: &str) -> NodePath {
    let mut found: Option<NodePath> = None;
    for step in text.split('/') {
        let (kind, name) = step.split_once(':').expect("KIND:NAME");
        let kind = match kind {
            "s" => Kind::Stack,
            "k" => Kind::Cluster,
            "a" => Kind::Application,
            "c" => Kind::Component,
            "r" => Kind::Resource,
            "w" => Kind::Workflow,
            _ => Kind::Step,
        };
        found = Some(match &found {
            None => NodePath::top(kind, name),
            Some(above) => above.child(kind, name),
        });
    }
    found.expect("a step")
}

/// A fragment with nodes, and edges written `from > to`.
fn fragment(nodes: &[&str], edges: &[&str]) -> Fragment {
    let mut fragment = Fragment::default();
    for (at, text) in nodes.iter().enumerate() {
        let path = path(text);
        let name = path.name().into_owned();
        let kind = path.kind().expect("a kind");
        fragment.node(path, kind, &name, Span::new(FileId(0), at, at + 1));
    }
    for (at, text) in edges.iter().enumerate() {
        let (from, to) = text.split_once(" > ").expect("FROM > TO");
        let span = Span::new(FileId(1), at, at + 1);
        fragment.edge(path(from), path(to), Strength::Hard, Reason::DependsOn, span);
    }
    fragment
}

fn texts() -> SourceMap {
    let map = SourceMap::new();
    map.add("nodes.yaml", "n".repeat(200));
    map.add("edges.yaml", "e".repeat(200));
    map
}

fn merged(nodes: &[&str], edges: &[&str]) -> (Whole, Vec<String>) {
    let found = Whole::merge([&fragment(nodes, edges)], &BTreeSet::new(), &texts());
    let mut said = Vec::new();
    for diagnostic in found.diagnostics {
        said.push(format!("{} {}", diagnostic.severity.as_str(), diagnostic.message));
        said.push(diagnostic.primary.message);
        said.extend(diagnostic.labels.into_iter().map(|label| label.message));
        said.extend(diagnostic.notes);
    }
    (found.value, said)
}

fn rank(whole: &Whole, text: &str) -> usize {
    assert!(whole.find(path(text).as_str()).is_some(), "{text}");
    whole.rank(path(text).as_str())
}

#[test]
fn ranks_are_local_and_edges_are_lifted() {
    let nodes = [
        "s:vpc",
        "s:eks",
        "k:eu",
        "k:eu/a:shop",
        "k:eu/a:shop/c:web",
        "k:eu/a:shop/c:db",
        "k:eu/a:pay/c:api",
        "k:us/a:log/c:agent",
    ];
    let edges = [
        "s:eks > s:vpc",
        "k:eu > s:eks",
        "k:eu/a:shop/c:web > k:eu/a:shop/c:db",
        "k:eu/a:pay/c:api > k:eu/a:shop/c:web",
        "k:us/a:log/c:agent > k:eu/a:pay",
        "k:eu/a:shop > s:vpc",
    ];
    let (whole, said) = merged(&nodes, &edges);
    assert_eq!(said, [""; 0]);
    for (node, wanted) in [
        ("s:vpc", 0),
        ("s:eks", 1),
        ("k:eu", 2),
        ("k:us", 0),
        ("k:eu/a:shop", 0),
        ("k:eu/a:pay", 1),
        ("k:us/a:log", 2),
        ("k:eu/a:shop/c:db", 0),
        ("k:eu/a:shop/c:web", 1),
        ("k:eu/a:pay/c:api", 0),
    ] {
        assert_eq!(rank(&whole, node), wanted, "{node}");
    }
    // What nobody declared is there, since something is inside of it.
    let us = whole.find("cluster:us").and_then(|id| whole.node(id)).expect("there");
    assert_eq!((us.kind, &*us.name, us.span), (Kind::Cluster, "us", Span::NONE));
    let order: Vec<&str> = whole.nodes().iter().map(|node| node.path.as_str()).collect();
    insta::assert_snapshot!(order.join("\n"));
}

#[test]
fn an_unknown_end_names_the_nearest() {
    let (_, said) = merged(&["s:network", "s:eks", "k:net"], &["s:eks > s:netwrk"]);
    assert_eq!(said, ["error there is no stack `netwrk`", "did you mean `network`?"]);
}

#[test]
fn a_circle_is_shown_edge_by_edge() {
    let nodes = ["k:eu/a:shop/c:a", "k:eu/a:shop/c:b", "k:eu/a:shop/c:c"];
    let edges = [
        "k:eu/a:shop/c:a > k:eu/a:shop/c:b",
        "k:eu/a:shop/c:b > k:eu/a:shop/c:c",
        "k:eu/a:shop/c:c > k:eu/a:shop/c:a",
    ];
    insta::assert_snapshot!(merged(&nodes, &edges).1.join("\n"));
    let own = merged(&["s:vpc"], &["s:vpc > s:vpc"]).1;
    assert_eq!(own[0], "error stack `vpc` depends on itself");
    let inside = merged(&nodes, &["k:eu/a:shop/c:a > k:eu/a:shop"]).1;
    assert_eq!(inside[0], "error `shop/a` and `shop` wait for each other");
}

#[test]
fn a_circle_through_a_whole_says_what_is_part_of_what() {
    let nodes = ["k:eu/a:shop/c:web", "k:eu/a:pay/c:api", "s:vpc"];
    let edges =
        ["k:eu/a:shop/c:web > k:eu/a:pay", "k:eu/a:pay/c:api > s:vpc", "s:vpc > k:eu/a:shop/c:web"];
    insta::assert_snapshot!(merged(&nodes, &edges).1.join("\n"));
}

#[test]
fn a_circle_made_by_lifting_names_the_parts() {
    let nodes = ["k:eu/a:shop/c:web", "k:eu/a:shop/c:db", "k:eu/a:pay/c:api", "k:eu/a:pay/c:db"];
    let edges = ["k:eu/a:shop/c:web > k:eu/a:pay/c:db", "k:eu/a:pay/c:api > k:eu/a:shop/c:db"];
    insta::assert_snapshot!(merged(&nodes, &edges).1.join("\n"));
}

#[test]
fn who_depends_on_a_cluster_does_not_wait_for_what_it_holds() {
    let nodes = ["s:eks", "s:team", "k:eu/a:shop/c:web"];
    let edges = ["k:eu > s:eks", "s:team > k:eu", "k:eu/a:shop > s:team"];
    let (whole, said) = merged(&nodes, &edges);
    assert_eq!(said, [""; 0]);
    assert_eq!((rank(&whole, "k:eu"), rank(&whole, "s:team")), (1, 2));
    let (_, said) = merged(&nodes, &["k:eu > s:eks", "s:eks > k:eu/a:shop"]);
    assert_eq!(
        said[0],
        "error dependencies lead in a circle: cluster eu → stack eks → application shop → cluster eu"
    );
}

#[test]
fn needs_find_who_has_it() {
    let nodes = ["k:eu/a:base/c:n/r:ns", "k:eu/a:shop/c:web/r:pod", "k:eu/a:own/c:x/r:ns"];
    let mut found = fragment(&[nodes[0], nodes[1], nodes[2], "k:eu/a:own/c:y/r:pod"], &[]);
    found.offer("eu/ns", path(nodes[0]));
    found.offer("eu/ns", path(nodes[2]));
    for node in [nodes[0], nodes[1], "k:eu/a:own/c:y/r:pod"] {
        found.need("eu/ns", path(node), "its namespace", Span::NONE);
    }
    found.need("eu/other", path(nodes[0]), "its namespace", Span::NONE);
    let whole = Whole::merge([&found], &BTreeSet::new(), &texts());
    assert!(whole.diagnostics.is_empty());
    let whole = whole.value;
    assert_eq!(whole.links().len(), 2);
    for (node, wanted) in
        [("k:eu/a:base", 0), ("k:eu/a:shop", 1), ("k:eu/a:own", 0), ("k:eu/a:own/c:y", 1)]
    {
        assert_eq!(rank(&whole, node), wanted, "{node}");
    }
}

#[test]
fn a_name_means_the_nearest_of_its_kind() {
    let nodes = ["k:eu/a:shop", "k:us/a:shop", "k:eu/a:pay", "k:us/a:pay", "k:eu/a:log", "s:vpc"];
    let refer = |from: &str, kind, name: &str| {
        let mut found = fragment(&nodes, &[]);
        found.refer(path(from), kind, name, Strength::Hard, Span::NONE);
        let elsewhere = BTreeSet::from([(Kind::Application, "prod-only".into())]);
        let whole = Whole::merge([&found], &elsewhere, &texts());
        let said: Vec<String> = whole.diagnostics.into_iter().map(|d| d.message).collect();
        let path = |id| whole.value.node(id).expect("there").path.as_str().to_owned();
        let to: Vec<String> = whole.value.links().iter().map(|link| path(link.to)).collect();
        to.into_iter().chain(said).collect::<Vec<_>>()
    };
    let app = Kind::Application;
    assert_eq!(refer("k:eu/a:shop", app, "pay"), ["cluster:eu/application:pay"]);
    assert_eq!(refer("k:us/a:shop", app, "log"), ["cluster:eu/application:log"]);
    assert_eq!(
        refer("s:vpc", app, "pay"),
        ["cluster:eu/application:pay", "cluster:us/application:pay"]
    );
    assert_eq!(refer("k:us/a:shop", Kind::Stack, "vpc"), ["stack:vpc"]);
    assert_eq!(refer("k:us/a:shop", app, "pya"), ["there is no application `pya`"]);
    let note = "application `prod-only` is not in this environment, so nothing waits for it";
    assert_eq!(refer("k:us/a:shop", app, "prod-only"), [note]);
}

#[test]
fn rules_alone_make_no_error() {
    let pair = |app_b: &str| {
        let nodes = ["k:eu/a:p/c:a/r:ns", "k:eu/a:p/c:a/r:cr"];
        let b: Vec<String> = ["crd", "pod"].map(|r| format!("k:eu/a:{app_b}/c:b/r:{r}")).into();
        let mut found = fragment(&[nodes[0], nodes[1], &b[0], &b[1]], &[]);
        found.offer("ns", path(nodes[0]));
        found.offer("crd", path(&b[0]));
        found.need("crd", path(nodes[1]), "its kind", Span::NONE);
        found.need("ns", path(&b[1]), "its namespace", Span::NONE);
        Whole::merge([&found], &BTreeSet::new(), &texts())
    };
    let within = pair("p");
    assert!(within.diagnostics.is_empty(), "Argo CD orders kinds in a wave");
    assert_eq!(rank(&within.value, "k:eu/a:p/c:a"), rank(&within.value, "k:eu/a:p/c:b"));
    let between = pair("q").diagnostics;
    assert_eq!(between.len(), 1);
    assert_eq!(between[0].severity, platformc_source::Severity::Warning);
}

#[test]
fn long_chains_and_deep_trees_need_no_stack() {
    let count = 20_000;
    let mut found = Fragment::default();
    let mut above: Option<NodePath> = None;
    for at in 0..count {
        let stack = NodePath::top(Kind::Stack, &at.to_string());
        found.node(stack.clone(), Kind::Stack, &at.to_string(), Span::NONE);
        let next = NodePath::top(Kind::Stack, &((at + 1) % count).to_string());
        found.edge(stack, next, Strength::Hard, Reason::DependsOn, Span::NONE);
        if at < 500 {
            above = Some(match above {
                None => NodePath::top(Kind::Step, "0"),
                Some(above) => above.child(Kind::Step, "0"),
            });
        }
    }
    found.node(above.expect("a path"), Kind::Step, "0", Span::NONE);
    let whole = Whole::merge([&found], &BTreeSet::new(), &SourceMap::new());
    assert_eq!(whole.diagnostics.len(), 1);
    assert_eq!(whole.value.nodes().len(), count + 500);
}

/// Three clusters of three Applications of three components, and four stacks.
fn places() -> Vec<String> {
    let mut all: Vec<String> = (0..4).map(|n| format!("s:{n}")).collect();
    for k in 0..2 {
        all.push(format!("k:{k}"));
        for a in 0..3 {
            all.push(format!("k:{k}/a:{a}"));
            all.extend((0..3).map(|c| format!("k:{k}/a:{a}/c:{c}")));
        }
    }
    all
}

fn edges() -> impl Strategy<Value = Vec<(usize, usize, bool)>> {
    let count = places().len();
    proptest::collection::vec((0..count, 0..count, any::<bool>()), 0..14)
}

/// Pieces of a graph, each node and edge in the fragment that `seed` says.
fn pieces(edges: &[(usize, usize, bool)], seed: usize, extra: &[&str]) -> Vec<Fragment> {
    let places = places();
    let mut pieces = vec![Fragment::default(); 3];
    for (at, text) in places.iter().map(String::as_str).chain(extra.iter().copied()).enumerate() {
        let node = path(text);
        let (kind, name) = (node.kind().expect("a kind"), node.name().into_owned());
        let span = Span::new(FileId(0), at, at + 1);
        pieces[(at + seed) % 3].node(node.clone(), kind, &name, span);
        // A second unit says the same a little later.
        let span = Span::new(FileId(0), at + 40, at + 41);
        pieces[(at * 7 + seed) % 3].node(node, kind, &name, span);
    }
    for (at, (from, to, soft)) in edges.iter().enumerate() {
        let strength = if *soft { Strength::Soft } else { Strength::Hard };
        let (from, to) = (path(&places[*from]), path(&places[*to]));
        let span = Span::new(FileId(1), at, at + 1);
        pieces[(at + seed) % 3].edge(from, to, strength, Reason::DependsOn, span);
    }
    pieces.rotate_left(seed % 3);
    if seed % 2 == 1 {
        for piece in &mut pieces {
            piece.nodes.reverse();
            piece.edges.reverse();
        }
    }
    pieces
}

/// Whether everything can be done: a node starts once what it is inside of and all it depends on
/// allow it, and ends once all inside of it has ended. Tried again until nothing moves.
fn can_be_done(edges: &[(usize, usize, bool)]) -> bool {
    let places = places();
    let count = places.len();
    let inside = |a: usize, b: usize| a != b && path(&places[b]).holds(&path(&places[a]));
    let (mut started, mut ended) = (vec![false; count], vec![false; count]);
    loop {
        let mut moved = false;
        for at in 0..count {
            let above = (0..count).filter(|other| inside(at, *other));
            let depends = edges.iter().filter(|(from, ..)| *from == at);
            if !started[at]
                && above.into_iter().all(|other| started[other])
                && depends.into_iter().all(|(_, to, _)| {
                    let is_cluster = path(&places[*to]).kind() == Some(Kind::Cluster);
                    if is_cluster { started[*to] } else { ended[*to] }
                })
            {
                (started[at], moved) = (true, true);
            }
            let mut below = (0..count).filter(|other| inside(*other, at));
            if started[at] && !ended[at] && below.all(|other| ended[other]) {
                (ended[at], moved) = (true, true);
            }
        }
        if !moved {
            return started.iter().chain(&ended).all(|done| *done);
        }
    }
}

/// What edges order, by the text of paths alone.
fn lifted_slowly(edges: &[(usize, usize, bool)]) -> BTreeSet<(String, String)> {
    let places = places();
    let mut lifted = BTreeSet::new();
    for (from, to, _) in edges {
        let (from, to) = (path(&places[*from]).to_string(), path(&places[*to]).to_string());
        let (a, b): (Vec<&str>, Vec<&str>) = (from.split('/').collect(), to.split('/').collect());
        if a.len() > 1 && b.len() > 1 && a[..2] != b[..2] {
            lifted.insert((a[..2].join("/"), b[..2].join("/")));
            continue;
        }
        let shared = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
        if shared < a.len() && shared < b.len() {
            let up = |way: &[&str]| way[..=shared].join("/");
            let contents =
                |way: &[&str]| way.len() > shared + 1 && way[shared].starts_with("cluster:");
            if !contents(&a) && !contents(&b) {
                lifted.insert((up(&a), up(&b)));
            }
        }
    }
    lifted
}

fn names(whole: &Whole, pairs: &[(NodeId, NodeId)]) -> BTreeSet<(String, String)> {
    let name = |id: &NodeId| whole.node(*id).expect("there").path.to_string();
    pairs.iter().map(|(from, to)| (name(from), name(to))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_order_of_fragments_plays_no_part(edges in edges(), seed in 0usize..30) {
        let map = texts();
        let one = Whole::merge(&pieces(&edges, 0, &[]), &BTreeSet::new(), &map);
        let other = Whole::merge(&pieces(&edges, seed, &[]), &BTreeSet::new(), &map);
        prop_assert_eq!(one.value, other.value);
        prop_assert_eq!(one.diagnostics, other.diagnostics);
    }

    #[test]
    fn lifting_agrees_with_a_slow_version(edges in edges()) {
        let whole = Whole::merge(&pieces(&edges, 0, &[]), &BTreeSet::new(), &texts()).value;
        prop_assert_eq!(names(&whole, whole.lifted()), lifted_slowly(&edges));
    }

    #[test]
    fn ranks_keep_every_edge_unless_something_is_reported(edges in edges()) {
        let found = Whole::merge(&pieces(&edges, 0, &[]), &BTreeSet::new(), &texts());
        let whole = found.value;
        let rank = |id: &NodeId| whole.node(*id).expect("there").rank;
        let kept = whole.lifted().iter().all(|(from, to)| rank(from) > rank(to));
        prop_assert!(kept || !found.diagnostics.is_empty());
        // No higher than needed: where nothing is in the way, a rank is one more than another.
        if found.diagnostics.is_empty() {
            let mut best: BTreeMap<NodeId, usize> = BTreeMap::new();
            for (from, to) in whole.lifted() {
                let slot = best.entry(*from).or_default();
                *slot = (*slot).max(rank(to) + 1);
            }
            for (id, node) in whole.iter().filter(|(_, node)| node.parent.is_some()) {
                prop_assert_eq!(node.rank, best.get(&id).copied().unwrap_or(0));
            }
        }
    }

    #[test]
    fn what_cannot_be_done_is_reported_and_what_can_is_not_called_impossible(edges in edges()) {
        let found = Whole::merge(&pieces(&edges, 0, &[]), &BTreeSet::new(), &texts());
        let real = |message: &str| !message.contains("wholes");
        let reported = found.diagnostics.iter().any(|found| real(&found.message));
        prop_assert_eq!(reported, !can_be_done(&edges));
    }

    #[test]
    fn what_is_added_elsewhere_changes_no_rank(
        edges in edges(),
        new in proptest::collection::vec((0usize..22, 0usize..3), 0..8),
    ) {
        let whole = Whole::merge(&pieces(&edges, 0, &[]), &BTreeSet::new(), &texts()).value;
        let extra = ["k:0/a:9/c:0", "k:0/a:9/c:1", "s:9", "s:8", "k:0/a:9/c:2", "w:9/t:0"];
        let mut all = pieces(&edges, 0, &extra);
        let places = places();
        // What is new depends on what was there; what was there does not know of it.
        for (to, from) in new {
            let from = path(["k:0/a:9/c:0", "s:9", "w:9/t:0"][from]);
            let to = path(&places[to]);
            let kind = to.kind();
            // Other edges would order the cluster's contents, which is a circle of its own.
            if kind != Some(Kind::Cluster) {
                all[0].edge(from, to, Strength::Hard, Reason::DependsOn, Span::NONE);
            }
        }
        let more = Whole::merge(&all, &BTreeSet::new(), &texts()).value;
        for node in whole.nodes() {
            let cluster_or_stack = node.parent.is_none();
            if !cluster_or_stack {
                prop_assert_eq!(more.rank(node.path.as_str()), node.rank, "{}", node.path);
            }
        }
    }
}
