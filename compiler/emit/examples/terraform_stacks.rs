//! Writes the stacks of a YAML text as the compiler emits them, for tests/oracles/terraform.sh.
//!
//! `terraform_stacks ENGINE VERSION remote-state|terragrunt < stacks.yaml` prints one JSON object:
//! `files` (path and text), `edges` (for each stack the dependencies between its resources and data
//! sources) and `order` (the stacks, each after those it depends on).
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::io::Read;

use platformc_emit::terraform::orchestrate::{StackGraph, orchestrate, orchestrators};
use platformc_emit::terraform::{self, Name, Plumbing};
use platformc_format::json;
use platformc_value::{Map, Value};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [engine, version, plumbing] = words.as_slice() else {
        eprintln!("terraform_stacks ENGINE VERSION remote-state|terragrunt < stacks.yaml");
        std::process::exit(2);
    };
    let plumbing = match plumbing.as_str() {
        "terragrunt" => Plumbing::Terragrunt,
        _ => Plumbing::RemoteState,
    };
    let mut text = String::new();
    if std::io::stdin().read_to_string(&mut text).is_err() {
        std::process::exit(2);
    }
    let mut nasty = String::from("name: texts\nspec:\n  output:\n");
    for (at, text) in support::NASTY.iter().enumerate() {
        nasty.push_str(&format!("    o{at}: {{value: {}}}\n", json::quote(text)));
        let parts = format!("[{}, {{$tf: '\"x\"'}}]", json::quote(text));
        nasty.push_str(&format!("    p{at}: {{value: {{$tf: {parts}}}}}\n"));
    }
    let (mut stacks, said) =
        support::stacks(&format!("{engine} {version}"), &format!("{text}\n---\n{nasty}"));
    let mut sink = said.found.clone();
    stacks.sort_by(|a, b| a.name.text.cmp(&b.name.text));
    let dependencies = terraform::link(&mut stacks, plumbing, &mut sink);
    let (mut files, mut edges) = (Map::new(), Map::new());
    let mut add = |path: String, bytes: Vec<u8>| {
        files.insert(path, Value::string(String::from_utf8_lossy(&bytes).into_owned()));
    };
    for stack in &stacks {
        let found = terraform::check(stack, &mut sink);
        edges.insert(stack.name.to_string(), resources(&found));
        for file in terraform::stack(stack, &mut sink) {
            add(file.path, file.bytes);
        }
    }
    let names = ["terragrunt", "atlantis", "terramate", "plan"].map(Name::computed);
    let chosen = orchestrators(&names, &mut sink);
    let graph = StackGraph::new("oracle", "", &stacks, &dependencies, &mut sink);
    let mut order: Vec<(usize, &str)> =
        graph.ranks.iter().zip(&stacks).map(|(rank, stack)| (*rank, &*stack.name.text)).collect();
    order.sort_unstable();
    let order = order.iter().map(|(_, name)| Value::string(*name)).collect();
    for file in orchestrate(&chosen, graph, &mut sink) {
        add(file.path, file.bytes);
    }
    let said = said.text(&sink);
    if !said.is_empty() {
        eprint!("{said}");
        std::process::exit(1);
    }
    let texts = support::NASTY.iter().map(|text| Value::string(*text)).collect();
    let mut root = Map::new();
    root.insert("files", Value::map(files));
    root.insert("edges", Value::map(edges));
    root.insert("order", Value::list(order));
    root.insert("texts", Value::list(texts));
    print!("{}", json::write(&Value::map(root), true));
}

/// The dependencies between resources, data sources and modules alone, as `terraform graph` has
/// them: what lies between them is stepped over.
fn resources(edges: &[terraform::Edge]) -> Value {
    let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for edge in edges {
        next.entry(&edge.from).or_default().push(&edge.to);
    }
    let shown = |name: &str| {
        !["var.", "local.", "output.", "provider.", "import.", "check."]
            .iter()
            .any(|prefix| name.starts_with(prefix))
    };
    let mut out = Vec::new();
    for from in next.keys().filter(|name| shown(name)) {
        let mut open: Vec<&str> = next.get(from).cloned().unwrap_or_default();
        let mut seen = std::collections::BTreeSet::new();
        while let Some(to) = open.pop() {
            if !seen.insert(to) {
                continue;
            }
            if shown(to) {
                out.push(Value::list(vec![Value::string(*from), Value::string(to)]));
            } else {
                open.extend(next.get(to).into_iter().flatten());
            }
        }
    }
    Value::list(out)
}
