//! Terragrunt: a unit for each stack, in its JSON form, and a root that all of them include.
//!
//! Invariant: every hard edge is a `dependency`, where outputs are taken, or a path of
//! `dependencies`; the mock of an output is of the output's type.

use platformc_format::json;
use platformc_source::Diagnostic;
use platformc_value::{Map, Value};

use super::hcl::{Hcl, arguments};
use super::{Abilities, Orchestrator, StackGraph};
use crate::terraform::types::mock;
use crate::terraform::{Stack, names};
use crate::{Artifact, layout};

pub(super) struct Terragrunt;

/// Commands that run before the dependencies are applied.
const BEFORE_APPLY: [&str; 3] = ["init", "validate", "plan"];

impl Orchestrator for Terragrunt {
    fn name(&self) -> &'static str {
        "terragrunt"
    }

    fn abilities(&self) -> Abilities {
        Abilities { hard: true, soft: false, outputs: true, parallel_limit: false }
    }

    fn files(&self, graph: &StackGraph<'_>, _sink: &mut Vec<Diagnostic>) -> Vec<Artifact> {
        let mut files: Vec<Artifact> =
            graph.stacks.iter().enumerate().map(|(at, stack)| unit(graph, at, stack)).collect();
        files.extend(root(graph));
        files
    }
}

fn entry(map: &mut Map, key: &str, value: Value) {
    map.insert(key, value);
}

fn unit(graph: &StackGraph<'_>, at: usize, stack: &Stack) -> Artifact {
    let mut unit = Map::new();
    let mut include = Map::with_capacity(1);
    entry(&mut include, "path", Value::string("${find_in_parent_folders(\"root.hcl\")}"));
    let mut root = Map::with_capacity(1);
    entry(&mut root, "root", Value::map(include));
    entry(&mut unit, "include", Value::map(root));
    let (mut dependency, mut inputs) = (Map::new(), Map::new());
    let mut paths = Vec::new();
    for producer in graph.dependencies_of(at) {
        let path = format!("../{}", layout::step(&producer.name));
        let mut mocks = Map::new();
        for input in stack.inputs.iter().filter(|input| input.stack.text == producer.name.text) {
            entry(&mut mocks, &input.output, escaped(&mock(&input.ty)));
            let label = super::super::link::identifier(&producer.name);
            let value = format!("${{dependency.{label}.outputs.{}}}", input.output);
            entry(&mut inputs, &input.variable, Value::string(value));
        }
        if mocks.is_empty() {
            paths.push(Value::string(path));
            continue;
        }
        let mut block = Map::with_capacity(3);
        entry(&mut block, "config_path", Value::string(path));
        entry(&mut block, "mock_outputs", Value::map(mocks));
        let commands = BEFORE_APPLY.iter().map(|word| Value::string(*word)).collect();
        entry(&mut block, "mock_outputs_allowed_terraform_commands", Value::list(commands));
        let label = super::super::link::identifier(&producer.name);
        entry(&mut dependency, &label, Value::map(block));
    }
    if !dependency.is_empty() {
        entry(&mut unit, "dependency", Value::map(dependency));
    }
    if !paths.is_empty() {
        let mut block = Map::with_capacity(1);
        entry(&mut block, "paths", Value::list(paths));
        entry(&mut unit, "dependencies", Value::map(block));
    }
    if !inputs.is_empty() {
        entry(&mut unit, "inputs", Value::map(inputs));
    }
    Artifact {
        path: format!("{}/terragrunt.hcl.json", layout::stack_folder(&stack.name)),
        bytes: json::write(&Value::map(unit), true).into_bytes(),
        origin: stack.origin,
    }
}

/// Literal text in a file whose texts are templates.
fn escaped(value: &Value) -> Value {
    use platformc_value::Data;
    let data = match &value.data {
        Data::String(text) => Data::String(names::escape(text).into()),
        Data::List(items) => Data::List(items.iter().map(escaped).collect()),
        Data::Map(map) => {
            let mut out = Map::with_capacity(map.len());
            for found in map {
                out.insert(names::escape(&found.key), escaped(&found.value));
            }
            Data::Map(out)
        }
        other => other.clone(),
    };
    Value::new(data, value.origin)
}

/// What all units share: which engine runs them.
fn root(graph: &StackGraph<'_>) -> Option<Artifact> {
    let engine = &graph.stacks.first()?.engine;
    let mut text = String::from("# Written by platformc; the next build overwrites changes.\n");
    let lowest = graph.stacks.iter().map(|stack| stack.engine.version).min()?;
    let command = engine.kind.command().to_owned();
    let constraint = format!(">= {lowest}, < {}.0.0", lowest.major + 1);
    let all = [
        ("terraform_binary", Hcl::Text(command)),
        ("terraform_version_constraint", Hcl::Text(constraint)),
    ];
    arguments(&mut text, 0, &all);
    Some(Artifact {
        path: format!("{}/root.hcl", layout::TERRAFORM_FOLDER),
        bytes: text.into_bytes(),
        origin: engine.origin,
    })
}
