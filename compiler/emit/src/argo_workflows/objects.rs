//! The objects that hold a workflow.
//!
//! Invariant: what lies beside each other can be applied at any time; what starts a run lies in a
//! folder of its own, so that delivering a workflow does not run it.

use platformc_format::yaml;
use platformc_source::Diagnostic;
use platformc_value::Value;

use super::templates::{FINISH, MAIN, templates};
use super::{Workflow, map, number, put, refuse, text};
use crate::name::is_label_value;
use crate::order::canonical;
use crate::{Artifact, layout};

const API_VERSION: &str = "argoproj.io/v1alpha1";
/// What etcd takes of one object is 1.5 MiB; the controller adds the state of a run to a copy.
const MOST_BYTES: usize = 1 << 20;

/// Labels of every object of a workflow.
pub(super) fn labels(workflow: &Workflow<'_>) -> Value {
    let mut labels = map([]);
    for (key, value) in &workflow.labels {
        put(&mut labels, key, text(value));
    }
    let own = [
        ("app.kubernetes.io/managed-by", Some("platformc")),
        ("app.kubernetes.io/name", Some(workflow.name)),
        ("app.kubernetes.io/version", workflow.version),
        ("platformc.dev/env", Some(workflow.env)),
        ("platformc.dev/workflow", Some(workflow.name)),
    ];
    for (key, value) in own {
        if let Some(value) = value.filter(|value| is_label_value(value)) {
            put(&mut labels, key, text(value));
        }
    }
    labels
}

/// `metadata` with a name.
pub(super) fn metadata(workflow: &Workflow<'_>, name: &str) -> Value {
    let mut metadata = map([
        ("name", text(name)),
        ("namespace", text(workflow.namespace)),
        ("labels", labels(workflow)),
    ]);
    if !workflow.annotations.is_empty() {
        let mut annotations = map([]);
        for (key, value) in &workflow.annotations {
            put(&mut annotations, key, text(value));
        }
        put(&mut metadata, "annotations", annotations);
    }
    metadata
}

/// Writes an object into the folder of its workflow.
pub(super) fn write(workflow: &Workflow<'_>, file: &str, mut object: Value) -> Artifact {
    canonical(&mut object);
    Artifact {
        path: layout::workflow(workflow.name, file),
        bytes: yaml::write(&object).into_bytes(),
        origin: workflow.origin,
    }
}

/// The `WorkflowTemplate`.
pub(super) fn template(workflow: &Workflow<'_>, sink: &mut Vec<Diagnostic>) -> Artifact {
    let mut spec = map([
        ("entrypoint", text(MAIN)),
        ("onExit", text(FINISH)),
        ("serviceAccountName", text(workflow.name)),
        ("workflowMetadata", map([("labels", labels(workflow))])),
        ("templates", templates(workflow)),
    ]);
    if let Some(limit) = workflow.parallelism {
        put(&mut spec, "parallelism", number(u64::from(limit)));
    }
    if let Some(seconds) = workflow.deadline {
        put(&mut spec, "activeDeadlineSeconds", number(seconds));
    }
    let object = map([
        ("apiVersion", text(API_VERSION)),
        ("kind", text("WorkflowTemplate")),
        ("metadata", metadata(workflow, workflow.name)),
        ("spec", spec),
    ]);
    let artifact = write(workflow, "workflowtemplate", object);
    if artifact.bytes.len() > MOST_BYTES {
        let message = format!(
            "the workflow is {} KiB, more than a cluster keeps",
            artifact.bytes.len() >> 10
        );
        let note = "split it into several workflows; an object has at most 1 MiB here";
        refuse(workflow.origin.span, message, note, sink);
    }
    artifact
}

fn reference(workflow: &Workflow<'_>) -> Value {
    map([("workflowTemplateRef", map([("name", text(workflow.name))]))])
}

/// The `CronWorkflow`, where it runs by itself.
pub(super) fn cron(workflow: &Workflow<'_>) -> Option<Artifact> {
    let schedule = workflow.schedule?;
    let mut spec = map([
        ("schedules", Value::list(vec![text(schedule.cron)])),
        ("concurrencyPolicy", text(schedule.concurrency)),
        ("suspend", Value::bool(schedule.suspended)),
        // A run that was missed while the controller was away is started within five minutes.
        ("startingDeadlineSeconds", Value::int(300)),
        ("successfulJobsHistoryLimit", Value::int(3)),
        ("failedJobsHistoryLimit", Value::int(3)),
        ("workflowMetadata", map([("labels", labels(workflow))])),
        ("workflowSpec", reference(workflow)),
    ]);
    if let Some(timezone) = schedule.timezone {
        put(&mut spec, "timezone", text(timezone));
    }
    let object = map([
        ("apiVersion", text(API_VERSION)),
        ("kind", text("CronWorkflow")),
        ("metadata", metadata(workflow, workflow.name)),
        ("spec", spec),
    ]);
    Some(write(workflow, "cronworkflow", object))
}

/// The `Workflow` that starts a run: for `kubectl create`, because every run has a name of its own.
pub(super) fn start(workflow: &Workflow<'_>) -> Artifact {
    let metadata = map([
        ("generateName", text(format!("{}-", workflow.name))),
        ("namespace", text(workflow.namespace)),
        ("labels", labels(workflow)),
    ]);
    let object = map([
        ("apiVersion", text(API_VERSION)),
        ("kind", text("Workflow")),
        ("metadata", metadata),
        ("spec", reference(workflow)),
    ]);
    write(workflow, "start/workflow", object)
}
