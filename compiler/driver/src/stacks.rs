//! The Terraform stacks of an environment: from objects of templates, linked, written down.
//!
//! Invariant: stacks are linked when all of an environment are known, in the order of their names;
//! every stack has a record of its own.

use platformc_emit::Input;
mod component;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use component::{from_configuration, is_configuration};

use platformc_emit::terraform::orchestrate::{StackGraph, orchestrate, orchestrators};
use platformc_emit::terraform::{
    self, After, Backend, Dependency, Edge, Engine, EngineKind, ModuleFile, Name, Plumbing, Stack,
    Version,
};
use platformc_graph::{Fragment, Kind, NodePath, Reason, Strength};
use platformc_model::{Manifest, Text};
use platformc_source::{Diagnostic, FileId, Origin, Severity, Span, codes};
use platformc_value::{Data, Entry, Map, Value};

use crate::unit::{Unit, UnitKey, UnitOutput};

/// The kind of a rendered object that is a stack and no object of Kubernetes.
const API_VERSION: &str = "platformc.dev/v1alpha1";
const OBJECT_KIND: &str = "Stack";
/// The kind of the units of stacks.
pub(crate) const KIND: &str = "stack";

/// The engine where the workspace names none.
const DEFAULT_VERSION: Version = Version { major: 1, minor: 11, patch: 4 };

fn name_of(text: &Text) -> Name {
    Name::new(text.text.clone(), text.origin)
}

/// The engine that the workspace declares.
pub(crate) fn engine(manifest: &Manifest) -> Engine {
    let declared = manifest
        .terraform
        .as_ref()
        .and_then(|found| Engine::parse(&found.engine, &name_of(&found.version)));
    declared.unwrap_or(Engine {
        kind: EngineKind::Terraform,
        version: DEFAULT_VERSION,
        origin: Origin::NONE,
    })
}

/// The pattern of the backend that the workspace declares.
fn pattern(manifest: &Manifest) -> Option<Backend> {
    let found = manifest.terraform.as_ref()?.backend.as_ref()?;
    let settings = found.settings.clone();
    Some(Backend { kind: name_of(&found.kind), settings, origin: found.origin })
}

/// Where the state of a stack is.
pub(crate) fn backend(manifest: &Manifest, env: &str, stack: &str) -> Option<Backend> {
    pattern(manifest).map(|found| terraform::backend_of(&found, env, stack))
}

/// Checks what the manifest says of Terraform, once.
pub(crate) fn check_settings(manifest: &Manifest, sink: &mut Vec<Diagnostic>) {
    if let Some(pattern) = pattern(manifest) {
        terraform::check_backend(&pattern, manifest.environments.len() > 1, sink);
    }
    if let Some(found) = &manifest.terraform {
        let names: Vec<Name> = found.orchestrators.iter().map(name_of).collect();
        let _ = orchestrators(&names, sink);
    }
}

/// Whether a rendered object is a stack.
pub(crate) fn is_stack(object: &Value) -> bool {
    let text = |key| object.get(key).and_then(Value::as_str);
    text("apiVersion") == Some(API_VERSION) && text("kind") == Some(OBJECT_KIND)
}

/// The stack that a rendered object is; `maker` is the place of the component that made it.
pub(crate) fn from_object(
    object: Value,
    manifest: &Manifest,
    env: &str,
    maker: Span,
    sink: &mut Vec<Diagnostic>,
) -> Option<Stack> {
    let name = object.get("metadata").and_then(|found| found.get("name"));
    let name = Name::new(name.and_then(Value::as_str)?, name.map_or(Origin::NONE, |n| n.origin));
    let Data::Map(map) = object.data else { return None };
    let spec = map.into_iter().find(|entry| &*entry.key == "spec");
    let mut stack = Stack::new(name, engine(manifest));
    if stack.name.span().is_none() {
        stack.name.origin = Origin::authored(maker);
        stack.origin = stack.name.origin;
    }
    stack.backend = backend(manifest, env, &stack.name);
    let Some(Entry { value: Value { data: Data::Map(mut spec), origin }, .. }) = spec else {
        let message = format!("the stack `{}` has no `spec`", stack.name);
        let diagnostic = Diagnostic::new(codes::TERRAFORM_BLOCK, stack.name.span(), message);
        sink.push(diagnostic.note("`spec` holds its content: resource, data, output and so on"));
        return None;
    };
    stack.description = text(&mut spec, "description", sink);
    stack.tags = texts(&mut spec, "tags", sink);
    for (key, strength) in [("after", Strength::Hard), ("afterEnd", Strength::Soft)] {
        let after = |stack: Name| After { stack, strength };
        stack.after.extend(texts(&mut spec, key, sink).into_iter().map(after));
    }
    stack.files = files(&mut spec, sink);
    stack.body = terraform::body(Value::new(Data::Map(spec), origin), sink);
    Some(stack)
}

fn wrong(key: &str, expected: &str, value: &Value) -> Diagnostic {
    let message = format!("`{key}` of a stack must be {expected}");
    Diagnostic::new(codes::TERRAFORM_BLOCK, value.origin.span, message)
}

fn take(spec: &mut Map, key: &str) -> Option<Value> {
    spec.remove(key).map(|entry| entry.value).filter(|value| !value.is_null())
}

fn text(spec: &mut Map, key: &str, sink: &mut Vec<Diagnostic>) -> Option<Name> {
    let value = take(spec, key)?;
    match value.as_str() {
        Some(text) => Some(Name::new(text, value.origin)),
        None => {
            sink.push(wrong(key, "a string", &value));
            None
        }
    }
}

fn texts(spec: &mut Map, key: &str, sink: &mut Vec<Diagnostic>) -> Vec<Name> {
    let Some(value) = take(spec, key) else { return Vec::new() };
    let items = value.as_list().unwrap_or_default();
    let found: Vec<Name> = items
        .iter()
        .filter_map(|item| item.as_str().map(|text| Name::new(text, item.origin)))
        .collect();
    if found.len() != items.len() || value.as_list().is_none() {
        sink.push(wrong(key, "a list of strings", &value));
    }
    found
}

/// Files of modules, by their path in the stack.
fn files(spec: &mut Map, sink: &mut Vec<Diagnostic>) -> Vec<ModuleFile> {
    let Some(value) = take(spec, "files") else { return Vec::new() };
    let Data::Map(map) = &value.data else {
        sink.push(wrong("files", "a struct of texts by their paths", &value));
        return Vec::new();
    };
    let mut files = Vec::with_capacity(map.len());
    for entry in map {
        let good = platformc_source::is_relative(&entry.key) && entry.key.starts_with("modules/");
        match entry.value.as_str() {
            Some(text) if good => files.push(ModuleFile {
                path: entry.key.to_string(),
                bytes: text.as_bytes().to_vec(),
                origin: entry.key_origin,
            }),
            Some(_) => {
                let message = format!("`{}` is no path of a module's file", entry.key);
                let span = entry.key_origin.span;
                sink.push(
                    Diagnostic::new(codes::TERRAFORM_SOURCE, span, message)
                        .note("files of modules lie in modules/NAME/"),
                );
            }
            None => sink.push(wrong("files", "a struct of texts by their paths", &entry.value)),
        }
    }
    files
}

/// Links, checks and writes the stacks that the units of an environment make: a unit for each.
pub(crate) fn deliver(
    manifest: &Manifest,
    env: &str,
    units: &mut [Unit],
    sink: &mut Vec<Diagnostic>,
) -> Vec<Unit> {
    // A stack is made from what its unit is made from.
    let mut sources: BTreeMap<Arc<str>, (Vec<FileId>, Vec<Input>)> = BTreeMap::new();
    let mut stacks = Vec::new();
    for unit in units {
        for stack in std::mem::take(&mut unit.output.stacks) {
            let made = (unit.output.files.clone(), unit.output.inputs.clone());
            sources.entry(stack.name.text.clone()).or_insert(made);
            stacks.push(stack);
        }
    }
    if stacks.is_empty() {
        return Vec::new();
    }
    stacks.sort_by(|a, b| a.name.text.cmp(&b.name.text));
    let settings = manifest.terraform.as_ref();
    let outputs = settings.and_then(|found| found.outputs.as_deref());
    let plumbing = match outputs {
        Some("terragrunt") => Plumbing::Terragrunt,
        _ => Plumbing::RemoteState,
    };
    let before = sink.len();
    let dependencies = terraform::link(&mut stacks, plumbing, sink);
    let mut made = Vec::with_capacity(stacks.len() + 1);
    let key = |kind, id: &str| UnitKey { environment: env.to_owned(), kind, id: id.to_owned() };
    for (at, stack) in stacks.iter().enumerate() {
        // A second one of a name is reported; its files would only clash with the first one's.
        if at.checked_sub(1).and_then(|last| stacks.get(last)).map(|s| &s.name.text)
            == Some(&stack.name.text)
        {
            continue;
        }
        let edges = terraform::check(stack, sink);
        let mut output = UnitOutput::default();
        add(&mut output.fragment, stack, &edges);
        depend(&mut output.fragment, at, &stacks, &dependencies);
        output.artifacts = terraform::stack(stack, sink);
        (output.files, output.inputs) = sources.remove(&stack.name.text).unwrap_or_default();
        made.push(Unit { key: key(KIND, &stack.name), output });
    }
    let names: Vec<Name> =
        settings.map_or(Vec::new(), |found| found.orchestrators.iter().map(name_of).collect());
    // Names that are none are reported once, with the manifest, and circles with the whole graph.
    let chosen = orchestrators(&names, &mut Vec::new());
    let folder = folder(manifest, env);
    let graph = StackGraph::new(env, &folder, &stacks, &dependencies, &mut Vec::new());
    let artifacts = orchestrate(&chosen, graph, sink);
    if !artifacts.is_empty() {
        let output = UnitOutput { artifacts, ..UnitOutput::default() };
        made.push(Unit { key: key("stacks", "order"), output });
    }
    // One fault of a template is found in every stack it makes; and where something was not
    // rendered, its stacks are missing for a reason that is told already.
    let failed = sink.iter().take(before).any(|found| found.severity == Severity::Error);
    dedup(sink, before, failed);
    made
}

fn dedup(sink: &mut Vec<Diagnostic>, from: usize, failed: bool) {
    let mut seen: Vec<(Span, String)> = Vec::new();
    let mut index = 0;
    sink.retain(|found| {
        index += 1;
        let key = (found.primary.span, found.message.clone());
        if index <= from || found.severity != Severity::Error || found.primary.span.is_none() {
            return true;
        }
        if failed && found.code == codes::TERRAFORM_UNKNOWN_OUTPUT {
            return false;
        }
        let new = !seen.contains(&key);
        if new {
            seen.push(key);
        }
        new
    });
}

/// The folder of an environment's output in the repository that orchestrators run in.
fn folder(manifest: &Manifest, env: &str) -> String {
    let own = manifest.terraform.as_ref().and_then(|found| found.path.as_ref());
    match (own, &manifest.argocd) {
        (Some(path), _) => format!("{path}/{env}"),
        (None, Some(argocd)) => argocd.folder(env),
        (None, None) => env.to_owned(),
    }
}

/// A stack and what it declares, as nodes; dependencies inside it.
fn add(fragment: &mut Fragment, stack: &Stack, edges: &[Edge]) {
    let path = NodePath::top(Kind::Stack, &stack.name);
    let path = fragment.node(path, Kind::Stack, &stack.name, stack.name.span());
    let body = &stack.body;
    let mut add = |prefix: &str, block: &terraform::Block| {
        let address = format!("{prefix}{}.{}", block.kind, block.name);
        let node = path.child(Kind::Resource, &address);
        fragment.node(node, Kind::Resource, &address, block.name.span());
    };
    body.resources.iter().for_each(|block| add("", block));
    body.data.iter().for_each(|block| add("data.", block));
    for edge in edges {
        let known = |address: &str| {
            let found = body.resources.iter().map(|block| ("", block));
            found.chain(body.data.iter().map(|block| ("data.", block))).any(|(prefix, block)| {
                address.strip_prefix(prefix).is_some_and(|rest| {
                    rest.split_once('.') == Some((&*block.kind.text, &*block.name.text))
                })
            })
        };
        if known(&edge.from) && known(&edge.to) {
            let (from, to) =
                (path.child(Kind::Resource, &edge.from), path.child(Kind::Resource, &edge.to));
            fragment.edge(from, to, Strength::Hard, Reason::Implied("it names it"), edge.span);
        }
    }
}

/// The dependencies of one stack on others.
fn depend(fragment: &mut Fragment, at: usize, stacks: &[Stack], dependencies: &[Dependency]) {
    for found in dependencies.iter().filter(|found| found.from == at) {
        let (Some(from), Some(to)) = (stacks.get(found.from), stacks.get(found.to)) else {
            continue;
        };
        let node = |stack: &Stack| NodePath::top(Kind::Stack, &stack.name);
        let reason = match &found.output {
            Some(output) => Reason::Input(output.text.clone()),
            None => Reason::DependsOn,
        };
        fragment.edge(node(from), node(to), found.strength, reason, found.span);
    }
}
