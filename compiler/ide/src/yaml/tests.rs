//! Outlines of YAML, whole and half-typed. Invariant: whatever the text, there is an outline.

use proptest::prelude::*;

use super::tree;
use crate::tree::{Hit, NodeId, NodeKind, Tree};

/// A tree on one line.
fn show(tree: &Tree, id: NodeId) -> String {
    let node = tree.node(id);
    let children = || -> Vec<String> {
        let items = node.children.iter();
        items
            .map(|child| {
                let shown = show(tree, *child);
                match &tree.node(*child).key {
                    Some(key) => format!("{}={shown}", key.text),
                    None => shown,
                }
            })
            .collect()
    };
    match &node.kind {
        NodeKind::Map => format!("{{{}}}", children().join(" ")),
        NodeKind::List => format!("[{}]", children().join(" ")),
        NodeKind::Scalar(text, true) => format!("'{text}'"),
        NodeKind::Scalar(text, false) => text.clone(),
        NodeKind::Empty => "_".to_owned(),
    }
}

fn shown(text: &str) -> String {
    let tree = tree(text);
    let documents = tree.documents().iter().map(|id| show(&tree, *id));
    documents.collect::<Vec<_>>().join(" --- ")
}

#[test]
fn whole_documents() {
    let cases = [
        ("a: 1\nb:\n  c: x # note\n  d: 'y'\n", "{a=1 b={c=x d='y'}}"),
        ("l:\n- a\n- b: 1\n  c: 2\nm: 3\n", "{l=[a {b=1 c=2}] m=3}"),
        ("l:\n  - - a\n    - b\n  - c\n", "{l=[[a b] c]}"),
        ("a: {b: 1, c: [x, 'y z'], d: {}}\ne: 2\n", "{a={b=1 c=[x 'y z'] d={}} e=2}"),
        ("a:\n  [ x,\n    y ]\nb: 1", "{a=[x y] b=1}"),
        ("a: |\n  b: c\n\n  d\ne: >-\n  f\ng: 1\n", "{a='|\n  b: c\n\n  d' e='>-\n  f' g=1}"),
        ("---\na: 1\n---\n# only this\n---\nb: 2\n...\n", "{a=1} --- {b=2}"),
        ("a: http://x:80/y\n\"k: 1\": v\n", "{a=http://x:80/y k: 1=v}"),
        ("a: &x\n  b: 1\nc: !t v\nd: *x\n", "{a={b=1} c=v d=*x}"),
        ("\u{feff}a: 1\r\nb:\r\n  c: 2\r\n", "{a=1 b={c=2}}"),
    ];
    for (text, expected) in cases {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn half_typed_documents_keep_their_neighbours() {
    let cases = [
        // A key without its colon, beside others and as the first of a block.
        ("a:\n  b: 1\n  ima\n  c: 2\nd: 3\n", "{a={b=1 ima=_ c=2} d=3}"),
        ("a:\n  ima\nd: 3\n", "{a=ima d=3}"),
        // An item without content, a dash alone.
        ("l:\n  - a: 1\n  -\nm: 2\n", "{l=[{a=1} _] m=2}"),
        // Brackets and quotes that are not closed end with their block.
        ("a: {b: 1, c\nd: 2\n", "{a={b=1 c=_} d=2}"),
        ("a: \"b\nd: 2\n", "{a='b' d=2}"),
        ("a: [x, {y\n  z: 1\nd: 2\n", "{a=[x {y=_ z=1}] d=2}"),
        // Deeper than anything above it allows.
        ("a: 1\n    b: 2\nc: 3\n", "{a={b=2} c=3}"),
        // Between two levels.
        ("a:\n    b: 1\n  c: 2\nd: 3\n", "{a={b=1 c=2} d=3}"),
    ];
    for (text, expected) in cases {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn offsets_find_keys_and_values() {
    let text = "a:\n  name: web # x\n  l: [p, q]\n";
    let tree = tree(text);
    let at = |needle: &str| tree.at(text.find(needle).expect("needle") + 1);
    let path = |hit: Option<Hit>| match hit {
        Some(Hit::Key(id)) => format!("key {:?}", tree.steps(id).len()),
        Some(Hit::Value(id)) => format!("value {}", tree.text(id).unwrap_or("")),
        None => "none".to_owned(),
    };
    assert_eq!(path(at("name")), "key 2");
    assert_eq!(path(at("web")), "value web");
    assert_eq!(path(at("q]")), "value q");
    assert_eq!(path(at("# x")), "none");
}

proptest! {
    #[test]
    fn any_text_has_an_outline(text in "[-a{}\\[\\]:,#'\"|&! \n\té]{0,80}") {
        let tree = tree(&text);
        for id in tree.ids() {
            let node = tree.node(id);
            prop_assert!(text.get(node.span.clone()).is_some(), "{:?}", node.span);
            if let Some(key) = &node.key {
                prop_assert!(text.get(key.span.clone()).is_some(), "{:?}", key.span);
            }
            prop_assert!(tree.documents().contains(&tree.trail(id).0));
        }
    }
}
