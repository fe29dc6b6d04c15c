//! Forms of a graph: what they show, and that no name becomes syntax.

use std::collections::BTreeSet;

use platformc_source::{SourceMap, Span};

use super::*;
use crate::{Fragment, NodePath};

fn sample(web: &str) -> (Whole, SourceMap) {
    let map = SourceMap::new();
    let file = map.add("apps/shop.yaml", "a\nb\nc\n");
    let mut found = Fragment::default();
    let eu = found.node(NodePath::top(Kind::Cluster, "eu"), Kind::Cluster, "eu", Span::NONE);
    let span = Span::new(file, 2, 3);
    let mut app = |name: &str, component: &str| {
        let app = eu.child(Kind::Application, name);
        let app = found.node(app, Kind::Application, name, span);
        let component =
            found.node(app.child(Kind::Component, component), Kind::Component, component, span);
        let resource = component.child(Kind::Resource, "service/x");
        found.node(resource.clone(), Kind::Resource, "service/x", Span::NONE);
        (app, component, resource)
    };
    let (shop, web, service) = app("shop", web);
    let (pay, api, _) = app("pay", "api");
    let (log, ..) = app("log", "agent");
    let stack = found.node(NodePath::top(Kind::Stack, "vpc"), Kind::Stack, "vpc", Span::NONE);
    let reason = Reason::DependsOn;
    found.edge(web, pay, Strength::Hard, reason.clone(), Span::new(file, 4, 5));
    found.edge(api, stack, Strength::Soft, Reason::Input("id".into()), Span::NONE);
    found.edge(log, shop, Strength::Hard, reason, Span::NONE);
    found.edge(service, eu, Strength::Hard, Reason::Implied("its cluster"), Span::NONE);
    let whole = Whole::merge([&found], &BTreeSet::new(), &map);
    assert!(whole.diagnostics.is_empty(), "{:?}", whole.diagnostics);
    (whole.value, map)
}

#[test]
fn three_forms_of_one_graph() {
    let (whole, map) = sample("web");
    let view = |level| View::new("dev", &whole, level, &map);
    insta::assert_snapshot!("dot", dot(&[view(Level::Component)]));
    insta::assert_snapshot!("mermaid", mermaid(&[view(Level::Component)]));
    insta::assert_snapshot!("json", json(&[view(Level::Resource)]));
    insta::assert_snapshot!(
        "two_environments",
        dot(&[view(Level::Application), view(Level::Application)])
    );
}

#[test]
fn a_focus_keeps_what_is_before_and_behind() {
    let (whole, map) = sample("web");
    let kept = |name: &str| {
        let mut view = View::new("dev", &whole, Level::Component, &map);
        let found = view.focus(name);
        let names: Vec<String> = view.nodes.iter().map(|id| whole.label(*id)).collect();
        found.then(|| names.join(" "))
    };
    let all = "vpc eu log log/agent pay pay/api shop shop/web";
    assert_eq!(kept("pay").as_deref(), Some(all));
    assert_eq!(kept("shop/web").as_deref(), Some(all));
    assert_eq!(
        kept("stack:vpc").as_deref(),
        Some("vpc eu log log/agent pay pay/api shop shop/web")
    );
    assert_eq!(kept("cluster:eu/application:log").as_deref(), Some(all));
    assert_eq!(kept("nothing"), None);
}

#[test]
fn no_name_becomes_syntax() {
    for hostile in
        ["\"]; x -> y; //", "a\\", "</script><b>", "end", "\n\u{0}\r", "%%{init}%%", "`x`"]
    {
        let (whole, map) = sample(hostile);
        let views = [View::new(hostile, &whole, Level::Component, &map)];
        let (plain, plain_map) = sample("web");
        let plain_views = [View::new("web", &plain, Level::Component, &plain_map)];
        for (form, plain) in
            [(dot(&views), dot(&plain_views)), (mermaid(&views), mermaid(&plain_views))]
        {
            assert_eq!(form.lines().count(), plain.lines().count(), "{form}");
            for (line, plain) in form.lines().zip(plain.lines()) {
                // Outside of quotes nothing differs.
                let outside = |line: &str| {
                    let mut parts = Vec::new();
                    let (mut quoted, mut escaped) = (false, false);
                    for c in line.chars() {
                        match (quoted, escaped, c) {
                            (true, true, _) => escaped = false,
                            (true, false, '\\') => escaped = true,
                            (_, false, '"') => quoted = !quoted,
                            (false, ..) => parts.push(c),
                            _ => {}
                        }
                    }
                    assert!(!quoted, "{line}");
                    parts.into_iter().collect::<String>()
                };
                assert_eq!(outside(line), outside(plain));
            }
        }
    }
}
