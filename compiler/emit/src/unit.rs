//! The record of a unit: what it read, what it says of the graph, which files it made.
//!
//! Invariant: a record names a file by its path and its SHA-256 and says nothing of when or where
//! it was made, nor of lines: a comment added above changes nothing here. It travels with the
//! output, so that a build on another machine knows what an earlier one wrote.

use std::fmt::Write as _;
use std::sync::Arc;

use platformc_format::json;
use platformc_graph::{Link, NodePath, Reason, Strength, Whole};
use platformc_source::{FileId, Origin};
use platformc_value::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{Artifact, layout};

/// The version of the form of a record that is written.
const VERSION: i64 = 2;

/// Versions that name files in the same form.
const READABLE: [i64; 2] = [1, VERSION];

/// Something a unit has read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Input {
    /// What it is: `file`, `config`, `environment`, `set`.
    pub kind: &'static str,
    /// Its path or name.
    pub name: Arc<str>,
    /// The SHA-256 of its bytes; `None` where there was nothing of the name.
    pub sha256: Option<[u8; 32]>,
}

impl Input {
    /// What was read, with the digest of its bytes.
    #[must_use]
    pub fn new(kind: &'static str, name: impl Into<Arc<str>>, bytes: &[u8]) -> Input {
        Input { kind, name: name.into(), sha256: Some(Sha256::digest(bytes).into()) }
    }
}

/// What a record says.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The name of the unit, one of its environment.
    pub unit: &'a str,
    /// What it has read, in any order.
    pub inputs: &'a [Input],
    /// The nodes it declares, in any order.
    pub nodes: &'a [NodePath],
    /// What these depend on, with the graph that the links belong to.
    pub links: &'a [&'a Link],
    /// The graph of the environment.
    pub graph: &'a Whole,
    /// What it has made.
    pub artifacts: &'a [&'a Artifact],
    /// What it is made from.
    pub origin: Origin,
}

/// The record as an artifact.
#[must_use]
pub fn record(record: &Record<'_>) -> Artifact {
    let mut artifacts = record.artifacts.to_vec();
    artifacts.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    let artifacts = artifacts.into_iter().map(|artifact| {
        let digest = Sha256::digest(&artifact.bytes).into();
        object([("path", Value::string(artifact.path.as_str())), ("sha256", hex(&digest))])
    });
    let mut inputs: Vec<&Input> = record.inputs.iter().collect();
    inputs.sort_unstable();
    inputs.dedup();
    let inputs = inputs.into_iter().map(|input| {
        object([
            ("kind", Value::string(input.kind)),
            ("name", Value::string(&*input.name)),
            ("sha256", input.sha256.as_ref().map_or(Value::null(), hex)),
        ])
    });
    let mut nodes: Vec<&NodePath> = record.nodes.iter().collect();
    nodes.sort_unstable();
    nodes.dedup();
    let nodes = nodes.into_iter().map(|path| Value::string(path.as_str()));
    let edges = record.links.iter().map(|link| edge(link, record.graph));
    let value = object([
        ("version", Value::int(VERSION)),
        ("unit", Value::string(record.unit)),
        ("inputs", Value::list(inputs.collect())),
        ("nodes", Value::list(nodes.collect())),
        ("edges", Value::list(edges.collect())),
        ("artifacts", Value::list(artifacts.collect())),
    ]);
    let mut text = json::write(&value, true);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let path = layout::unit(record.unit);
    Artifact { path, bytes: text.into_bytes(), origin: record.origin }
}

fn edge(link: &Link, graph: &Whole) -> Value {
    let path = |id| Value::string(graph.node(id).map_or("", |node| node.path.as_str()));
    let strength = match link.strength {
        Strength::Hard => "hard",
        Strength::Soft => "soft",
    };
    let (reason, of) = match &link.reason {
        Reason::DependsOn => ("dependsOn", None),
        Reason::Input(name) => ("input", Some(("input", &**name))),
        Reason::Implied(rule) => ("implied", Some(("rule", *rule))),
    };
    let mut edge = object([
        ("from", path(link.from)),
        ("to", path(link.to)),
        ("strength", Value::string(strength)),
        ("reason", Value::string(reason)),
    ]);
    if let (Some((key, text)), Some(map)) = (of, edge.as_map_mut()) {
        map.insert(key, Value::string(text));
    }
    edge
}

fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let mut map = Map::with_capacity(N);
    for (key, value) in entries {
        map.insert(key, value);
    }
    Value::map(map)
}

/// The files that a record at `path` says an earlier build wrote, itself among them, with the
/// SHA-256 of each. Empty for anything that is no record: whoever removes a file on the word of a
/// record has to compare its bytes.
#[must_use]
pub fn claims(path: &str, record: &[u8]) -> Vec<(String, [u8; 32])> {
    let Ok(text) = std::str::from_utf8(record) else { return Vec::new() };
    let read = json::read(FileId::NONE, text);
    let Some(value) = read.value.as_ref().filter(|_| read.diagnostics.is_empty()) else {
        return Vec::new();
    };
    let readable = |version| value.get("version") == Some(&Value::int(version));
    if !READABLE.into_iter().any(readable) {
        return Vec::new();
    }
    let entries = value.get("artifacts").and_then(Value::as_list).unwrap_or_default();
    let mut claims: Vec<_> = entries
        .iter()
        .filter_map(|entry| {
            let text = |key| entry.get(key).and_then(Value::as_str);
            Some((text("path")?.to_owned(), unhex(text("sha256")?)?))
        })
        .collect();
    claims.push((path.to_owned(), Sha256::digest(record).into()));
    claims
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(digest)
}

fn hex(digest: &[u8; 32]) -> Value {
    let mut out = String::with_capacity(64);
    for byte in digest {
        let _ = write!(out, "{byte:02x}");
    }
    Value::string(out)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use platformc_graph::{Fragment, Kind};
    use platformc_source::{SourceMap, Span};

    use super::*;

    fn graph() -> (Whole, Vec<NodePath>) {
        let mut fragment = Fragment::default();
        let mut node = |path: NodePath, kind| fragment.node(path, kind, "x", Span::NONE);
        let app = NodePath::top(Kind::Cluster, "eu").child(Kind::Application, "shop");
        let paths = ["web", "db"].map(|name| app.child(Kind::Component, name));
        let [web, db] = paths.clone().map(|path| node(path, Kind::Component));
        let stack = node(NodePath::top(Kind::Stack, "vpc"), Kind::Stack);
        let mut edge = |to, strength, reason| {
            fragment.edge(web.clone(), to, strength, reason, Span::NONE);
        };
        edge(db.clone(), Strength::Hard, Reason::Input("url".into()));
        edge(stack, Strength::Soft, Reason::Implied("its network"));
        let whole = Whole::merge([&fragment], &BTreeSet::new(), &SourceMap::new());
        assert!(whole.diagnostics.is_empty());
        (whole.value, paths.into())
    }

    #[test]
    fn a_record_goes_by_path() {
        let artifact = |path: &str, text: &str| Artifact {
            path: path.to_owned(),
            bytes: text.as_bytes().to_vec(),
            origin: Origin::NONE,
        };
        let (a, b) = (artifact("a", ""), artifact("b", "x"));
        let (graph, nodes) = graph();
        let links: Vec<&Link> = graph.links().iter().collect();
        let inputs = [Input::new("config", "region", b"x"), Input::new("file", "apps/a.yaml", b"")];
        let written = |artifacts: &[&Artifact]| {
            let (unit, origin) = ("eu/shop", Origin::NONE);
            let (inputs, nodes, links, graph) = (&inputs[..], &nodes[..], &links[..], &graph);
            record(&Record { unit, inputs, nodes, links, graph, artifacts, origin })
        };
        let record = written(&[&b, &a]);
        assert_eq!(record, written(&[&a, &b]));
        let claimed = claims(&record.path, &record.bytes);
        let digest = |text: &[u8]| -> [u8; 32] { Sha256::digest(text).into() };
        assert_eq!(claimed[..2], [("a".into(), digest(b"")), ("b".into(), digest(b"x"))]);
        assert_eq!(claimed[2], (record.path.clone(), digest(&record.bytes)));
        // What the version before wrote is known as well.
        let text = String::from_utf8_lossy(&record.bytes).into_owned();
        let first = text.replacen("\"version\": 2", "\"version\": 1", 1);
        assert_eq!(claims(&record.path, first.as_bytes())[..2], claimed[..2]);
        for other in ["", "[]", "{\"version\": 3}", "{\"version\": 2", "\u{0}"] {
            assert_eq!(claims("x", other.as_bytes()), []);
        }
        assert_eq!(record.path, "units/eu%2fshop.json");
        insta::assert_snapshot!(text);
    }
}
