//! JSON for programs. Invariant: the form has a version, which changes when a reader would break.

use platformc_format::json;
use platformc_source::Span;
use platformc_value::{Map, Value};

use super::View;
use crate::Reason;
use crate::fragment::Strength;

/// The version of the form.
const VERSION: i64 = 1;

pub(super) fn write(views: &[View<'_>]) -> String {
    let mut map = Map::with_capacity(2);
    map.insert("version", Value::int(VERSION));
    map.insert("environments", Value::list(views.iter().map(environment).collect()));
    let mut text = json::write(&Value::map(map), true);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn environment(view: &View<'_>) -> Value {
    let mut map = Map::with_capacity(3);
    map.insert("name", Value::string(view.environment));
    let nodes = view.nodes.iter().filter_map(|id| view.whole.node(*id));
    let nodes = nodes.map(|node| {
        let mut map = Map::with_capacity(6);
        map.insert("path", Value::string(node.path.as_str()));
        map.insert("kind", Value::string(node.kind.as_str()));
        map.insert("name", Value::string(&*node.name));
        put_place(&mut map, view, node.span);
        map.insert("rank", Value::int(i64::try_from(node.rank).unwrap_or(i64::MAX)));
        Value::map(map)
    });
    map.insert("nodes", Value::list(nodes.collect()));
    let path = |id| Value::string(view.whole.node(id).map_or("", |node| node.path.as_str()));
    let edges = view.edges.iter().map(|(from, to, strength, link)| {
        let mut map = Map::with_capacity(7);
        map.insert("from", path(*from));
        map.insert("to", path(*to));
        let strength = match strength {
            Strength::Hard => "hard",
            Strength::Soft => "soft",
        };
        map.insert("strength", Value::string(strength));
        let (reason, more) = match &link.reason {
            Reason::DependsOn => ("dependsOn", None),
            Reason::Input(value) => ("input", Some(("input", &**value))),
            Reason::Implied(rule) => ("implied", Some(("rule", *rule))),
        };
        map.insert("reason", Value::string(reason));
        if let Some((key, text)) = more {
            map.insert(key, Value::string(text));
        }
        put_place(&mut map, view, link.span);
        Value::map(map)
    });
    map.insert("edges", Value::list(edges.collect()));
    Value::map(map)
}

fn put_place(map: &mut Map, view: &View<'_>, span: Span) {
    if let Some((file, line)) = view.place(span) {
        map.insert("file", Value::string(file));
        map.insert("line", Value::int(i64::from(line)));
    }
}
