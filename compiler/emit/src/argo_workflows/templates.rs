//! The templates of a workflow: its graph, its operations, what undoes them, what ends a run.
//!
//! Invariant: every task of the graph is a target of it, so that a failure fails the workflow also
//! where tasks that need not care about it succeed.

use std::fmt::Write as _;

use platformc_format::json;
use platformc_value::Value;
use sha2::{Digest, Sha256};

use super::depends::{self, ROLLBACK};
use super::{Body, BodyKind, Input, Retries, Step, Workflow};
use super::{input_name, map, number, put, text, texts};

/// The template of the graph.
pub(super) const MAIN: &str = "main";
/// The template that ends a run.
pub(super) const FINISH: &str = "finish";
const FORGET: &str = "forget-checkpoints";
const BEGIN_ROLLBACK: &str = "begin-rollback";
const REPORT: &str = "report";
const TELL: &str = "tell";
/// What writes the end of a run to the log: it needs a shell and nothing else.
const IMAGE: &str = "docker.io/library/busybox:1.37.0";
/// How often what the compiler adds is tried again.
const OWN_RETRIES: Retries = Retries { limit: 3, delay: 10, factor: 2, max_duration: None };
/// Length of the digest in the key of a checkpoint; with it two operations share none.
const DIGEST_BYTES: usize = 16;

/// The ConfigMap of a workflow's checkpoints.
pub(super) fn checkpoints_name(workflow: &Workflow<'_>) -> String {
    format!("{}-checkpoints", workflow.name)
}

/// Every template, in the order in which a run uses them.
pub(super) fn templates(workflow: &Workflow<'_>) -> Value {
    let steps = &workflow.steps;
    let undo = workflow.rollback && steps.iter().any(|step| step.rollback.is_some());
    let mut list = vec![graph(workflow, undo)];
    list.extend(steps.iter().map(|step| operation(workflow, step)));
    if undo {
        list.extend(begin_rollback(workflow));
        for step in steps {
            let Some(body) = &step.rollback else { continue };
            let mut template = body.template.clone();
            put(&mut template, "name", text(depends::rollback_name(step)));
            let names = step.inputs.iter().map(|input| input_name(steps, input));
            add_inputs(&mut template, names);
            limits(&mut template, body.kind, step.retries, step.deadline);
            list.push(template);
        }
    }
    list.extend(finish(workflow));
    Value::list(list)
}

fn argument(name: &str, value: String) -> Value {
    map([("name", text(name)), ("value", text(value))])
}

fn output_of(step: &str, output: &str) -> String {
    match output {
        "result" => format!("{{{{tasks.{step}.outputs.result}}}}"),
        _ => format!("{{{{tasks.{step}.outputs.parameters.{output}}}}}"),
    }
}

/// The values a step takes of others, as arguments of its task.
fn arguments(steps: &[Step], inputs: &[Input]) -> Vec<Value> {
    let one = |input: &Input| {
        let other = steps.get(input.step).map_or("", |step| &*step.name);
        argument(&input_name(steps, input), output_of(other, &input.output))
    };
    inputs.iter().map(one).collect()
}

/// A task of the graph.
fn task(name: &str, template: &str, depends: String, arguments: Vec<Value>) -> Value {
    let mut task = map([("name", text(name)), ("template", text(template))]);
    if !depends.is_empty() {
        put(&mut task, "depends", text(depends));
    }
    if !arguments.is_empty() {
        put(&mut task, "arguments", map([("parameters", Value::list(arguments))]));
    }
    task
}

fn graph(workflow: &Workflow<'_>, undo: bool) -> Value {
    let steps = &workflow.steps;
    let mut tasks = Vec::with_capacity(steps.len() * 2 + 1);
    let mut targets: Vec<String> = steps.iter().map(|step| step.name.clone()).collect();
    for step in steps {
        let depends = depends::depends(steps, step);
        let mut task =
            task(&step.name, &template_name(step), depends, arguments(steps, &step.inputs));
        if let Some(condition) = &step.condition {
            put(&mut task, "when", text(format!("{{{{={condition}}}}}")));
        }
        tasks.push(task);
    }
    if undo {
        targets.push(ROLLBACK.to_owned());
        tasks.push(task(ROLLBACK, BEGIN_ROLLBACK, depends::failure(steps), Vec::new()));
        for (step, depends) in steps.iter().zip(depends::rollbacks(steps)) {
            let (Some(depends), Some(body)) = (depends, &step.rollback) else { continue };
            let name = depends::rollback_name(step);
            let own = body
                .inputs
                .iter()
                .filter(|name| step.body.outputs.contains(name))
                .map(|output| argument(output, output_of(&step.name, output)));
            let mut arguments = arguments(steps, &step.inputs);
            arguments.extend(own);
            tasks.push(task(&name, &name, depends, arguments));
            targets.push(name);
        }
    }
    let dag = map([
        // What does not depend on a failure still runs.
        ("failFast", Value::bool(false)),
        ("target", text(targets.join(" "))),
        ("tasks", Value::list(tasks)),
    ]);
    map([("name", text(MAIN)), ("dag", dag)])
}

fn template_name(step: &Step) -> String {
    format!("operation-{}", step.name)
}

/// Declares inputs, behind those the definition declares.
fn add_inputs(template: &mut Value, names: impl Iterator<Item = String>) {
    let new: Vec<Value> = names.map(|name| map([("name", text(name))])).collect();
    if new.is_empty() {
        return;
    }
    let mut inputs = template.get("inputs").cloned().unwrap_or_else(|| map([]));
    let mut all: Vec<Value> =
        inputs.get("parameters").and_then(Value::as_list).unwrap_or_default().to_vec();
    all.extend(new);
    put(&mut inputs, "parameters", Value::list(all));
    put(template, "inputs", inputs);
}

/// How often and how long something is tried.
fn limits(template: &mut Value, kind: BodyKind, retries: Option<Retries>, deadline: Option<u64>) {
    if let Some(retries) = retries.filter(|retries| retries.limit > 0)
        && kind != BodyKind::Pause
    {
        let mut backoff = map([
            ("duration", text(format!("{}s", retries.delay))),
            ("factor", text(retries.factor.to_string())),
        ]);
        if let Some(longest) = retries.max_duration {
            put(&mut backoff, "maxDuration", text(format!("{longest}s")));
        }
        let strategy = map([
            ("limit", text(retries.limit.to_string())),
            // Lost nodes and pods that cannot start are tried again too.
            ("retryPolicy", text("Always")),
            ("backoff", backoff),
        ]);
        put(template, "retryStrategy", strategy);
    }
    if let Some(seconds) = deadline {
        match kind {
            BodyKind::Pod => put(template, "activeDeadlineSeconds", number(seconds)),
            BodyKind::Agent => put(template, "timeout", text(format!("{seconds}s"))),
            // A pod that goes on is ended by the workflow, a wait by its own duration.
            BodyKind::Daemon | BodyKind::Pause => {}
        }
    }
}

fn operation(workflow: &Workflow<'_>, step: &Step) -> Value {
    let mut template = step.body.template.clone();
    put(&mut template, "name", text(template_name(step)));
    add_inputs(&mut template, step.inputs.iter().map(|input| input_name(&workflow.steps, input)));
    // What is done does not depend on how often it is tried.
    let key = workflow.checkpoints.map(|_| checkpoint_key(workflow, step, &template));
    limits(&mut template, step.body.kind, step.retries, step.deadline);
    if step.exclusive {
        let name = format!("{}-exclusive", workflow.name);
        let mutexes = Value::list(vec![map([("name", text(name))])]);
        put(&mut template, "synchronization", map([("mutexes", mutexes)]));
    }
    if let (Some(key), Some(age)) = (key, workflow.checkpoints)
        && step.body.kept
        && step.body.kind != BodyKind::Daemon
    {
        let cache = map([("configMap", map([("name", text(checkpoints_name(workflow)))]))]);
        let memoize =
            map([("key", text(key)), ("maxAge", text(format!("{age}s"))), ("cache", cache)]);
        put(&mut template, "memoize", memoize);
    }
    template
}

/// The key of a checkpoint: the operation, a digest of all it is told, and one of what the run
/// tells it. Another version of a definition, other parameters, other values make another key.
fn checkpoint_key(workflow: &Workflow<'_>, step: &Step, template: &Value) -> String {
    let mut canonical = template.clone();
    crate::order::canonical(&mut canonical);
    let digest = Sha256::digest(json::write(&canonical, false).as_bytes());
    let mut key = format!("{}-", step.name);
    for byte in digest.iter().take(DIGEST_BYTES) {
        let _ = write!(key, "{byte:02x}");
    }
    if !step.inputs.is_empty() {
        let value = |input| format!("inputs.parameters['{}']", input_name(&workflow.steps, input));
        let values: Vec<String> = step.inputs.iter().map(value).collect();
        let _ = write!(key, "-{{{{=sprig.sha256sum(toJson([{}]))}}}}", values.join(", "));
    }
    key
}

/// Removes every checkpoint: what a new run finds is what a failed one left.
fn forget(workflow: &Workflow<'_>, name: &str) -> Value {
    let manifest = map([
        ("apiVersion", text("v1")),
        ("kind", text("ConfigMap")),
        (
            "metadata",
            map([
                ("name", text(checkpoints_name(workflow))),
                ("namespace", text(workflow.namespace)),
            ]),
        ),
        ("data", Value::null()),
    ]);
    let resource = map([
        ("action", text("patch")),
        ("mergeStrategy", text("merge")),
        ("manifest", text(json::write(&manifest, true))),
    ]);
    let mut template = map([("name", text(name)), ("resource", resource)]);
    limits(&mut template, BodyKind::Pod, Some(OWN_RETRIES), None);
    template
}

fn begin_rollback(workflow: &Workflow<'_>) -> Vec<Value> {
    if workflow.checkpoints.is_some() {
        return vec![forget(workflow, BEGIN_ROLLBACK)];
    }
    let pause = map([("duration", text("1s"))]);
    vec![map([("name", text(BEGIN_ROLLBACK)), ("suspend", pause)])]
}

/// What runs at the end, however it comes.
fn finish(workflow: &Workflow<'_>) -> Vec<Value> {
    let mut last = Vec::new();
    let mut list = Vec::new();
    let step = |name: &str| map([("name", text(name)), ("template", text(name))]);
    if workflow.checkpoints.is_some() {
        let mut task = step(FORGET);
        put(&mut task, "when", text("{{workflow.status}} == Succeeded"));
        last.push(task);
        list.push(forget(workflow, FORGET));
    }
    last.push(step(TELL));
    list.push(tell());
    if let Some(Body { kind, template, .. }) = &workflow.report {
        last.push(step(REPORT));
        let mut template = template.clone();
        put(&mut template, "name", text(REPORT));
        limits(&mut template, *kind, Some(OWN_RETRIES), None);
        list.push(template);
    }
    // The inner list is a group: what is in it runs at the same time.
    let groups = Value::list(vec![Value::list(last)]);
    list.insert(0, map([("name", text(FINISH)), ("steps", groups)]));
    list
}

/// Writes the end of a run to the log of a pod.
fn tell() -> Value {
    let variable = |name: &str, value: &str| argument(name, value.to_owned());
    let command = "echo \"workflow $WORKFLOW: $STATUS\"; echo \"failures: $FAILURES\"";
    let container = map([
        ("image", text(IMAGE)),
        ("command", texts(["sh", "-c"])),
        ("args", texts([command])),
        (
            "env",
            Value::list(vec![
                variable("WORKFLOW", "{{workflow.name}}"),
                variable("STATUS", "{{workflow.status}}"),
                variable("FAILURES", "{{workflow.failures}}"),
            ]),
        ),
        (
            "resources",
            map([
                ("requests", map([("cpu", text("10m")), ("memory", text("16Mi"))])),
                ("limits", map([("memory", text("64Mi"))])),
            ]),
        ),
        (
            "securityContext",
            map([
                ("allowPrivilegeEscalation", Value::bool(false)),
                ("capabilities", map([("drop", texts(["ALL"]))])),
                ("readOnlyRootFilesystem", Value::bool(true)),
                ("runAsNonRoot", Value::bool(true)),
                ("runAsUser", Value::int(65_534)),
            ]),
        ),
    ]);
    map([("name", text(TELL)), ("container", container)])
}
