//! Argo Workflows: a `WorkflowTemplate` with what it needs, a `CronWorkflow`, and the `Workflow`
//! that starts a run.
//!
//! Invariant: the order of operations is told by `depends` alone, and every dependency is in it.
//! A workflow in which an operation failed fails, whatever ran after it. What was undone no longer
//! counts as done.
//! Format: the custom resource definitions of Argo Workflows 3.6 (`argoproj.io/v1alpha1`).

mod access;
mod body;
mod depends;
mod marks;
mod objects;
mod templates;

use platformc_source::{Diagnostic, Origin, Span, codes};
use platformc_value::{Map, Value};

use crate::Artifact;

pub use body::{Body, BodyKind, body};
pub use marks::{hide, reference, settle};

/// The version this output is made for: `schedules` and `mutexes` came with it.
pub const VERSION: &str = "3.6";

/// A workflow.
#[derive(Clone, Debug)]
pub struct Workflow<'a> {
    /// The name of its objects.
    pub name: &'a str,
    /// The namespace it runs in.
    pub namespace: &'a str,
    /// The environment.
    pub env: &'a str,
    /// The version its author gives it.
    pub version: Option<&'a str>,
    /// Labels of its author.
    pub labels: Vec<(&'a str, &'a str)>,
    /// Annotations of its author.
    pub annotations: Vec<(&'a str, &'a str)>,
    /// How many operations may run at once.
    pub parallelism: Option<u32>,
    /// How many seconds a run may take.
    pub deadline: Option<u64>,
    /// When it runs by itself.
    pub schedule: Option<Schedule<'a>>,
    /// Whether what had succeeded is undone when something fails.
    pub rollback: bool,
    /// For how many seconds what was done counts as done; `None` for no checkpoints.
    pub checkpoints: Option<u64>,
    /// The namespace of the controller, which writes checkpoints.
    pub controller_namespace: &'a str,
    /// What is run at the end of a run beside writing to the log.
    pub report: Option<Body>,
    /// Its operations; those they depend on are named by their places here.
    pub steps: Vec<Step>,
    /// What it is made from.
    pub origin: Origin,
}

/// When a workflow runs by itself.
#[derive(Clone, Copy, Debug)]
pub struct Schedule<'a> {
    /// The times, in cron syntax.
    pub cron: &'a str,
    /// The IANA time zone.
    pub timezone: Option<&'a str>,
    /// `Allow`, `Forbid` or `Replace`.
    pub concurrency: &'a str,
    /// Whether nothing is started for now.
    pub suspended: bool,
}

/// An operation.
#[derive(Clone, Debug)]
pub struct Step {
    /// The name of its task.
    pub name: String,
    /// What it runs.
    pub body: Body,
    /// What undoes it.
    pub rollback: Option<Body>,
    /// Steps that must have succeeded.
    pub hard: Vec<usize>,
    /// Steps that must have ended.
    pub soft: Vec<usize>,
    /// The values it takes of other steps.
    pub inputs: Vec<Input>,
    /// The steps whose outputs its condition reads.
    pub reads: Vec<usize>,
    /// When it runs at all: an expression that is `true` or `false`.
    pub condition: Option<String>,
    /// How often it is tried again.
    pub retries: Option<Retries>,
    /// How many seconds one try may take.
    pub deadline: Option<u64>,
    /// Whether it runs beside no other exclusive one.
    pub exclusive: bool,
}

/// A value that a step takes of another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Input {
    /// The step that gives it.
    pub step: usize,
    /// Its name there.
    pub output: String,
}

/// How often something is tried again.
#[derive(Clone, Copy, Debug)]
pub struct Retries {
    /// At most so often.
    pub limit: u32,
    /// Seconds before the first new try.
    pub delay: u64,
    /// How much longer the wait is each time.
    pub factor: u32,
    /// No new try after so many seconds.
    pub max_duration: Option<u64>,
}

/// The objects of a workflow, and how many of them go to a cluster by themselves.
pub fn workflow(input: &Workflow<'_>, sink: &mut Vec<Diagnostic>) -> Vec<Artifact> {
    let mut artifacts = vec![objects::template(input, sink)];
    artifacts.extend(objects::cron(input));
    artifacts.extend(access::objects(input));
    artifacts.push(objects::start(input));
    artifacts
}

/// Names one input of a template.
fn input_name(steps: &[Step], input: &Input) -> String {
    let step = steps.get(input.step).map_or("", |step| &*step.name);
    format!("{step}-{}", input.output)
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let mut map = Map::with_capacity(N);
    for (key, value) in entries {
        map.insert(key, value);
    }
    Value::map(map)
}

fn put(value: &mut Value, key: &str, entry: Value) {
    if let Some(map) = value.as_map_mut() {
        map.insert(key, entry);
    }
}

fn text(text: impl AsRef<str>) -> Value {
    Value::string(text.as_ref())
}

fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Value {
    Value::list(texts.into_iter().map(Value::string).collect())
}

fn number(n: u64) -> Value {
    Value::int(i64::try_from(n).unwrap_or(i64::MAX))
}

fn refuse(span: Span, message: String, note: &str, sink: &mut Vec<Diagnostic>) {
    sink.push(Diagnostic::new(codes::EMIT_ARGO_WORKFLOWS, span, message).note(note));
}

#[cfg(test)]
mod tests;
