//! Infrastructures and tenants in one environment: planned, compiled, written down.
//!
//! Invariant: the stacks of an environment are compiled together, each after those whose outputs
//! it takes; a stack belongs to one document, and each document is one unit.

mod applications;
mod modules;
mod opaque;
mod plan;
mod providers;
mod stacks;
mod tenants;

use std::collections::BTreeMap;
use std::sync::Arc;

use platformc_emit::terraform::Stack;
use platformc_graph::{Fragment, Graph, Kind, NodePath, Reason, Strength};
use platformc_model::{
    Environment, Host, Infrastructure, Manifest, OUTPUTS, Role, Tenants, Text, references,
};
use platformc_source::{Diagnostic, FileId, Span, codes, nearest};

use crate::group::Shared;
use crate::unit::{Unit, UnitKey, UnitOutput};
use plan::{Planned, Scope};
pub(crate) use providers::Providers;
use stacks::Compiler;

/// The kind of the units of infrastructures.
const INFRASTRUCTURE: &str = "infrastructure";
/// The kind of the units of tenants.
const TENANTS: &str = "tenants";

/// Runs the units of one environment. Both lists stand in the order of the names.
pub(crate) fn units(
    shared: &Shared<'_>,
    environment: &Environment,
    infrastructures: &[Arc<Infrastructure>],
    tenants: &[Arc<Tenants>],
    sink: &mut Vec<Diagnostic>,
) -> Vec<Unit> {
    let has_clusters = shared.manifest.clusters.iter().any(|c| c.infrastructure.is_some());
    if infrastructures.is_empty() && tenants.is_empty() && !has_clusters {
        return Vec::new();
    }
    let providers = Providers::of(shared.sources, shared.map, sink);
    let own: Vec<&Infrastructure> = infrastructures
        .iter()
        .filter(|found| is_for(&found.environments, environment, shared.manifest, sink))
        .map(|found| &**found)
        .collect();
    let teams: Vec<&Tenants> = tenants
        .iter()
        .filter(|found| is_for(&found.environments, environment, shared.manifest, sink))
        .map(|found| &**found)
        .collect();
    check_clusters(shared.manifest, environment, &own, sink);
    let name: &str = &environment.name;
    let scope = Scope { library: shared.library, providers: &providers, environment: name };
    let mut planned: Vec<(UnitKey, Vec<Planned>)> = Vec::new();
    let key =
        |kind, id: &Text| UnitKey { environment: name.to_owned(), kind, id: id.text.to_string() };
    for found in &own {
        let stacks = plan::infrastructure(&scope, found, sink);
        planned.push((key(INFRASTRUCTURE, &found.metadata.name), stacks));
    }
    for found in &teams {
        check_host(shared.manifest, environment, found, sink);
        let stacks = tenants::tenants(&scope, found, &own, sink);
        planned.push((key(TENANTS, &found.metadata.name), stacks));
    }
    let all: Vec<&Planned> = planned.iter().flat_map(|(_, stacks)| stacks).collect();
    check_unique(&all, sink);
    let order = order(&all, &intended(&own, &teams), sink);
    let mut compiler = Compiler {
        shared,
        providers: &providers,
        environment: name,
        engine: crate::stacks::engine(shared.manifest),
        outputs: BTreeMap::new(),
        backends: BTreeMap::new(),
    };
    let mut stacks: BTreeMap<Arc<str>, Stack> = BTreeMap::new();
    let mut waiting: Vec<&Planned> =
        order.into_iter().filter_map(|at| all.get(at)).copied().collect();
    // One round is enough, unless there is a circle: what is not part of it is compiled all the
    // same, and what waits for it never is.
    loop {
        let count = waiting.len();
        let mut later = Vec::new();
        for planned in waiting {
            if !compiler.is_ready(planned) {
                later.push(planned);
            } else if let Some(stack) = compiler.stack(planned, sink) {
                stacks.insert(Arc::clone(&planned.name.text), stack);
            }
        }
        if later.is_empty() || later.len() == count {
            break;
        }
        waiting = later;
    }
    let mut units = Vec::with_capacity(planned.len());
    for (key, planned) in planned {
        let mut output = UnitOutput::default();
        for planned in &planned {
            output.stacks.extend(stacks.remove(&planned.name.text));
        }
        if key.kind == INFRASTRUCTURE
            && let Some(found) = own.iter().find(|found| *found.metadata.name.text == *key.id)
        {
            clusters(found, shared.manifest, environment, &mut output.fragment);
            applications::applications(shared.manifest, environment, found, &mut output, sink);
        }
        let documents = planned.iter().map(|stack| stack.name.span().file);
        output.files.extend(documents.filter(|file| *file != FileId::NONE));
        output.files.sort_unstable();
        output.files.dedup();
        units.push(Unit { key, output });
    }
    units
}

/// Whether a document is for an environment; reports names that are none.
fn is_for(
    environments: &[Text],
    environment: &Environment,
    manifest: &Manifest,
    sink: &mut Vec<Diagnostic>,
) -> bool {
    for name in environments.iter().filter(|name| manifest.environment(name).is_none()) {
        let known: Vec<&str> = manifest.environments.iter().map(|e| &*e.name.text).collect();
        let message = format!("`{name}` is not an environment of the workspace");
        let mut diagnostic = Diagnostic::new(codes::WORKSPACE_ENVIRONMENT, name.span(), message);
        if let Some(best) = nearest(name, known.iter().copied()).first() {
            diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?")).replace(
                name.span(),
                *best,
                format!("write `{best}`"),
            );
        }
        sink.push(diagnostic.note(format!("its environments are {}", known.join(", "))));
    }
    environments.is_empty() || environments.iter().any(|name| *name.text == *environment.name.text)
}

/// Clusters name infrastructures that are there.
fn check_clusters(
    manifest: &Manifest,
    environment: &Environment,
    own: &[&Infrastructure],
    sink: &mut Vec<Diagnostic>,
) {
    let members = environment.clusters.iter().filter_map(|name| manifest.cluster(name));
    for name in members.filter_map(|cluster| cluster.infrastructure.as_ref()) {
        if !own.iter().any(|found| *found.metadata.name.text == *name.text) {
            sink.push(tenants::unknown(name, own, &environment.name));
        }
    }
}

/// A host that is a cluster is one of the environment.
fn check_host(
    manifest: &Manifest,
    environment: &Environment,
    tenants: &Tenants,
    sink: &mut Vec<Diagnostic>,
) {
    let Host::Cluster { name, .. } = &tenants.host else { return };
    if environment.clusters.iter().any(|member| *member.text == *name.text) {
        return;
    }
    let message = match manifest.cluster(name) {
        Some(_) => format!("environment `{}` has no cluster `{name}`", environment.name),
        None => format!("the manifest declares no cluster `{name}`"),
    };
    let mut diagnostic = Diagnostic::new(codes::WORKSPACE_CLUSTER, name.span(), message);
    let known = environment.clusters.iter().map(|member| &*member.text);
    if let Some(best) = nearest(name, known).first() {
        diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?")).replace(
            name.span(),
            *best,
            format!("write `{best}`"),
        );
    }
    sink.push(diagnostic);
}

/// A stack is made by one document.
fn check_unique(planned: &[&Planned], sink: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&str, &Planned> = BTreeMap::new();
    for stack in planned {
        let Some(first) = seen.insert(&stack.name.text, stack) else { continue };
        let message = format!("stack `{}` is made twice", stack.name);
        sink.push(
            Diagnostic::new(codes::WORKSPACE_DUPLICATE, stack.name.span(), message)
                .primary_label(format!("here by `{}`", stack.document))
                .label(first.name.span(), format!("here by `{}`", first.document))
                .note("one state belongs to one stack: give one of the two another name"),
        );
    }
}

/// The stacks that documents ask for. Some of them cannot be planned, for a reason that is told;
/// that they are not there need not be told too.
fn intended(infrastructures: &[&Infrastructure], tenants: &[&Tenants]) -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> = Vec::new();
    for found in infrastructures {
        names.extend(found.parts.iter().map(|part| found.stack(part.role).into()));
        let own = found.modules.iter().map(|module| &*module.name.text).chain([OUTPUTS]);
        names.extend(own.map(|name| format!("{}-{name}", found.metadata.name).into()));
    }
    for found in tenants {
        names.push(found.stack().into());
        names.extend(found.teams.iter().map(|team| found.team_stack(&team.name).into()));
    }
    names
}

/// The stacks in an order in which each comes after those it takes outputs of.
fn order(planned: &[&Planned], intended: &[Arc<str>], sink: &mut Vec<Diagnostic>) -> Vec<usize> {
    let mut graph = Graph::new("stack");
    let nodes: Vec<_> = planned
        .iter()
        .map(|stack| graph.node(Arc::clone(&stack.name.text), stack.name.span()))
        .collect();
    for name in intended {
        if !planned.iter().any(|stack| stack.name.text == *name) {
            let _ = graph.node(Arc::clone(name), Span::NONE);
        }
    }
    for (stack, node) in planned.iter().zip(nodes) {
        // What is wrong with a reference itself is reported when it is compiled.
        for (_, reference) in references(&stack.inputs, &mut Vec::new()) {
            let span = named(reference.stack.span(), reference.origin.span);
            let reason = Reason::Input(Arc::clone(&reference.output.text));
            graph.depend(node, &reference.stack, span, reason);
        }
        for (target, rule) in &stack.after {
            let span = named(target.span(), stack.name.span());
            let reason = rule.map_or(Reason::DependsOn, Reason::Implied);
            graph.depend(node, target, span, reason);
        }
    }
    graph.order().drain_into(sink).order
}

fn named(span: Span, or: Span) -> Span {
    if span.is_none() { or } else { span }
}

/// The clusters that an infrastructure makes come after its stack.
fn clusters(
    found: &Infrastructure,
    manifest: &Manifest,
    environment: &Environment,
    fragment: &mut Fragment,
) {
    for cluster in applications::clusters(found, manifest, environment) {
        let Some(span) = cluster.infrastructure.as_ref().map(Text::span) else { continue };
        let name = &cluster.name;
        let path = NodePath::top(Kind::Cluster, name);
        let from = fragment.node(path, Kind::Cluster, name, name.span());
        let to = NodePath::top(Kind::Stack, &found.stack(Role::Kubernetes));
        let reason = Reason::Implied("the stack makes the cluster");
        fragment.edge(from, to, Strength::Hard, reason, span);
    }
}
