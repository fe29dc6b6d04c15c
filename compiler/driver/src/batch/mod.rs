//! The unit of a Workflow: its operations made from their definitions, ordered, written for Argo
//! Workflows.
//!
//! Invariant: a workflow is written only where every operation of it could be made; what it says of
//! the graph holds for the objects it writes.

mod condition;
mod parameters;
mod providers;
mod resolve;
mod steps;

use std::collections::BTreeMap;

use platformc_definition::Context;
use platformc_emit::argo_workflows::{self as argo, Body, BodyKind};
use platformc_graph::{Fragment, Graph, Kind, NodeId, NodePath, Order, Reason, Strength};
use platformc_model::{Batch, BatchOperation, Checkpoints, Environment, Report, Rollback, Text};
use platformc_source::{Diagnostic, Severity, Span, codes, nearest};
use platformc_value::{Map, Value};

use self::condition::Condition;
use self::parameters::Reference;
use self::providers::Providers;
use self::resolve::{Made, Resolver, Used};
use crate::group::Shared;
use crate::unit::{Unit, UnitKey, UnitOutput};

/// The kind of these units.
pub(crate) const KIND: &str = "workflow";
/// The namespace where neither the workflow nor the environment names one.
const NAMESPACE: &str = "default";
/// The namespace of Argo Workflows' controller, as its own manifests have it.
const CONTROLLER: &str = "argo";

/// One workflow in one environment; `None` where it is not for the environment.
pub(crate) fn unit(
    shared: &Shared<'_>,
    batch: &Batch,
    environment: &Environment,
    sink: &mut Vec<Diagnostic>,
) -> Option<Unit> {
    if !is_for(batch, environment, shared, sink) {
        return None;
    }
    let before = sink.len();
    let namespace = batch.namespace.as_ref().or(environment.namespace.as_ref());
    let namespace = namespace.map_or_else(|| NAMESPACE.into(), |text| text.text.clone());
    let providers = Providers::of(shared.sources);
    let resolver = Resolver {
        library: shared.library,
        providers: &providers,
        context: Context {
            app_name: batch.object_name.text.clone(),
            namespace: namespace.clone(),
            operation: told(shared, environment),
            ..Context::default()
        },
    };
    let operations: Vec<Option<Operation<'_>>> =
        batch.operations.iter().map(|found| operation(found, batch, &resolver, sink)).collect();
    let report = batch.report.as_ref().and_then(|found| report(found, &resolver, sink));
    let (fragment, order) = graph(batch, &operations, sink);
    check_outputs(&operations, sink);
    if batch.rollback_enabled
        && let Some(timeout) = &batch.timeout
    {
        let message = "a workflow that runs into its timeout undoes nothing";
        sink.push(
            Diagnostic::new(codes::WORKFLOW_TIMEOUT, timeout.origin.span, message)
                .note("Argo Workflows stops a run that takes too long, with all it would still do")
                .note("give `timeout` to operations instead: a failed operation is undone"),
        );
    }
    if sink.iter().skip(before).any(|found| found.severity == Severity::Error) {
        return None;
    }
    let steps = steps::steps(batch, &operations, &order, sink)?;
    let workflow = argo::Workflow {
        name: &batch.object_name,
        namespace: &namespace,
        env: &environment.name,
        version: batch.version.as_deref(),
        labels: pairs(&batch.labels),
        annotations: pairs(&batch.annotations),
        parallelism: batch.parallel_limit,
        deadline: batch.timeout.map(|timeout| timeout.seconds),
        schedule: batch.schedule.as_ref().map(|schedule| argo::Schedule {
            cron: &schedule.cron,
            timezone: schedule.timezone.as_deref(),
            concurrency: &schedule.concurrency,
            suspended: schedule.suspended,
        }),
        rollback: batch.rollback_enabled,
        checkpoints: match &batch.checkpoints {
            Checkpoints::Off => None,
            Checkpoints::Kept(age) => Some(age.seconds),
        },
        controller_namespace: CONTROLLER,
        report,
        steps,
        origin: batch.name.origin,
    };
    let artifacts = argo::workflow(&workflow, sink);
    let resources = artifacts.len();
    let key = UnitKey {
        environment: environment.name.text.to_string(),
        kind: KIND,
        id: batch.object_name.text.to_string(),
    };
    let files = vec![batch.name.span().file];
    let output = UnitOutput { resources, artifacts, fragment, files, ..UnitOutput::default() };
    Some(Unit { key, output })
}

/// Whether a workflow is for an environment; names that are none are reported.
fn is_for(
    batch: &Batch,
    environment: &Environment,
    shared: &Shared<'_>,
    sink: &mut Vec<Diagnostic>,
) -> bool {
    for name in &batch.environments {
        if shared.manifest.environment(name).is_some() {
            continue;
        }
        let known: Vec<&str> =
            shared.manifest.environments.iter().map(|found| &*found.name.text).collect();
        let message = format!("`{name}` is not an environment of the workspace");
        let mut diagnostic = Diagnostic::new(codes::WORKSPACE_ENVIRONMENT, name.span(), message)
            .note(format!("its environments are {}", known.join(", ")));
        if let Some(best) = nearest(name, known.iter().copied()).first() {
            diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?")).replace(
                name.span(),
                *best,
                format!("write `{best}`"),
            );
        }
        sink.push(diagnostic);
    }
    let own = &environment.name.text;
    batch.environments.is_empty() || batch.environments.iter().any(|name| name.text == *own)
}

/// What definitions of operations are told beside the provider.
fn told(shared: &Shared<'_>, environment: &Environment) -> Vec<(&'static str, Value)> {
    let mut told = vec![("environment", environment.name.to_value())];
    if let Some(settings) = &shared.manifest.argocd {
        let mut repository = Map::with_capacity(3);
        repository.insert("url", settings.repository.to_value());
        repository.insert("revision", settings.revision.to_value());
        repository.insert("folder", Value::string(settings.folder(&environment.name)));
        told.push(("repository", Value::map(repository)));
    }
    told
}

fn pairs(pairs: &[(Text, Text)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(key, value)| (&**key, &**value)).collect()
}

/// An operation that could be made.
struct Operation<'a> {
    written: &'a BatchOperation,
    made: Made,
    rollback: Option<Body>,
    /// The references of a rollback that is an operation of its own.
    rollback_references: Vec<Reference>,
    condition: Option<Condition>,
}

fn operation<'a>(
    written: &'a BatchOperation,
    batch: &Batch,
    resolver: &Resolver<'_>,
    sink: &mut Vec<Diagnostic>,
) -> Option<Operation<'a>> {
    let condition = match &written.condition {
        Some(text) => {
            let known: Vec<(&str, &str)> = batch
                .operations
                .iter()
                .map(|operation| (&*operation.id.text, &*operation.step.text))
                .collect();
            Some(condition::condition(text, &known, sink)?)
        }
        None => None,
    };
    let used = Used {
        kind: &written.kind,
        provider: written.provider.as_ref(),
        parameters: &written.parameters,
    };
    let mut made = resolver.make(&written.step, used, sink)?;
    if made.body.kind == BodyKind::Pause {
        refuse_limits(written, sink);
    }
    let own = made.rollback.take();
    let mut rollback_references = Vec::new();
    let rollback = match &written.rollback {
        Rollback::Never => None,
        Rollback::Definition => own,
        Rollback::Required(span) => {
            if own.is_none() {
                let message = format!("`{}` does not say how it is undone", written.kind);
                sink.push(
                    Diagnostic::new(codes::WORKFLOW_ROLLBACK, *span, message)
                        .label(written.kind.span(), "the operation")
                        .note("name an operation that undoes it: rollback: {type: script, …}"),
                );
            }
            own
        }
        Rollback::By(other) => {
            let id = format!("rollback-{}", written.step);
            let made = resolver.make(&id, report_used(other), sink)?;
            rollback_references = made.references;
            Some(made.body)
        }
    };
    if let (false, Rollback::Required(span)) = (batch.rollback_enabled, &written.rollback) {
        let message = "nothing is undone in a workflow without `rollback_enabled`";
        sink.push(
            Diagnostic::new(codes::WORKFLOW_ROLLBACK, *span, message)
                .note("write `rollback_enabled: true` in the workflow, or remove this"),
        );
    }
    Some(Operation { written, made, rollback, rollback_references, condition })
}

/// A wait takes as long as it takes.
fn refuse_limits(written: &BatchOperation, sink: &mut Vec<Diagnostic>) {
    let retries = written.retries.as_ref().filter(|retries| retries.limit > 0);
    let timeout = written.timeout.map(|timeout| timeout.origin);
    for (field, origin) in
        [("retries", retries.map(|retries| retries.origin)), ("timeout", timeout)]
    {
        let Some(origin) = origin else { continue };
        let message = format!("`{}` waits, and a wait has no `{field}`", written.id);
        sink.push(
            Diagnostic::new(codes::MODEL_INVALID_VALUE, origin.span, message)
                .note("how long `wait-approval` waits is its parameter `duration`"),
        );
    }
}

fn report_used(report: &Report) -> Used<'_> {
    let Report { kind, provider, parameters, .. } = report;
    Used { kind, provider: provider.as_ref(), parameters }
}

/// The operation that tells how a run ended. It stands in no graph and takes nothing of others.
fn report(report: &Report, resolver: &Resolver<'_>, sink: &mut Vec<Diagnostic>) -> Option<Body> {
    let mut made = resolver.make("report", report_used(report), sink)?;
    for reference in &made.references {
        let message = "a report comes after everything, and takes no output of an operation";
        sink.push(Diagnostic::new(codes::WORKFLOW_REFERENCE, reference.span, message));
    }
    argo::settle(&mut made.body.template, &[], report.kind.span(), sink);
    Some(made.body)
}

/// The graph of a workflow, checked, and as the environment sees it.
fn graph(
    batch: &Batch,
    operations: &[Option<Operation<'_>>],
    sink: &mut Vec<Diagnostic>,
) -> (Fragment, Order) {
    let mut graph = Graph::new("operation");
    let mut fragment = Fragment::default();
    let name = &batch.object_name;
    let workflow = NodePath::top(Kind::Workflow, name);
    fragment.node(workflow.clone(), Kind::Workflow, &batch.name, name.span());
    let path = |operation: &BatchOperation| workflow.child(Kind::Step, &operation.step);
    let mut paths = BTreeMap::new();
    let nodes: Vec<NodeId> = batch
        .operations
        .iter()
        .map(|operation| {
            let span = operation.id.span();
            let own = fragment.node(path(operation), Kind::Step, &operation.id, span);
            paths.entry(&*operation.id.text).or_insert(own);
            graph.node(operation.id.text.clone(), span)
        })
        .collect();
    for ((node, operation), made) in nodes.into_iter().zip(&batch.operations).zip(operations) {
        let own = path(operation);
        let mut depend = |target: &str, span, strength, reason: Reason| {
            graph.depend(node, target, span, reason.clone());
            if let Some(to) = paths.get(target) {
                fragment.edge(own.clone(), to.clone(), strength, reason, span);
            }
        };
        for dependency in &operation.dependencies {
            let strength = if dependency.soft { Strength::Soft } else { Strength::Hard };
            let span = dependency.id.span();
            depend(&dependency.id, span, strength, Reason::DependsOn);
        }
        let Some(made) = made else { continue };
        for taken in &made.made.references {
            let reason = Reason::Input(taken.output.text.clone());
            depend(&taken.operation, taken.operation.span(), Strength::Hard, reason);
        }
        if let (Some(condition), Some(text)) = (&made.condition, &operation.condition) {
            for (id, output) in &condition.outputs {
                let reason = Reason::Input(output.as_str().into());
                depend(id, text.span(), Strength::Hard, reason);
            }
            for id in &condition.ends {
                let reason = Reason::Implied("its condition reads how the other one ended");
                depend(id, text.span(), Strength::Soft, reason);
            }
        }
        for stack in &made.made.stacks {
            let to = NodePath::top(Kind::Stack, stack);
            let reason = Reason::Implied("the operation works on the stack");
            fragment.edge(own.clone(), to, Strength::Hard, reason, place(stack, operation));
        }
        for application in &made.made.applications {
            let (kind, span) = (Kind::Application, place(application, operation));
            fragment.refer(own.clone(), kind, application.text.clone(), Strength::Hard, span);
        }
    }
    (fragment, graph.order().drain_into(sink))
}

/// Where a target is written; the operation where a template made it up.
fn place(target: &Text, operation: &BatchOperation) -> Span {
    let own = target.span();
    if own.is_none() { operation.kind.span() } else { own }
}

/// Every output that is taken is one that the other operation gives.
fn check_outputs(operations: &[Option<Operation<'_>>], sink: &mut Vec<Diagnostic>) {
    let by_id: BTreeMap<&str, &Operation<'_>> =
        operations.iter().flatten().map(|found| (&*found.written.id.text, found)).collect();
    for operation in operations.iter().flatten() {
        let references = operation.made.references.iter().chain(&operation.rollback_references);
        for Reference { operation, output, .. } in references {
            if let Some(giver) = by_id.get(&*operation.text) {
                check_output(giver, output, output.span(), sink);
            }
        }
        let (Some(condition), Some(text)) = (&operation.condition, &operation.written.condition)
        else {
            continue;
        };
        for (id, output) in &condition.outputs {
            if let Some(giver) = by_id.get(id.as_str()) {
                check_output(giver, output, text.span(), sink);
            }
        }
    }
}

fn check_output(giver: &Operation<'_>, name: &str, place: Span, sink: &mut Vec<Diagnostic>) {
    let outputs = &giver.made.body.outputs;
    if outputs.iter().any(|output| **output == *name) {
        return;
    }
    let id = &giver.written.id;
    let message = format!("operation `{id}` gives no output `{name}`");
    let mut diagnostic = Diagnostic::new(codes::WORKFLOW_REFERENCE, place, message)
        .label(giver.written.kind.span(), format!("`{id}` is a `{}`", giver.written.kind));
    let known = || outputs.iter().map(|output| &**output);
    diagnostic = match nearest(name, known()).first() {
        Some(near) => diagnostic.primary_label(format!("did you mean `{near}`?")),
        None if outputs.is_empty() => diagnostic.note("it gives none"),
        None => {
            let known: Vec<&str> = known().collect();
            diagnostic.note(format!("it gives {}", known.join(", ")))
        }
    };
    sink.push(diagnostic);
}
