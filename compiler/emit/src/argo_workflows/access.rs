//! What a workflow may do in its cluster.
//!
//! Invariant: every workflow has a service account of its own, which may do what its operations
//! need and nothing else. Rules that say the same are one rule.
//! Source: Argo Workflows' documentation, "Workflow RBAC", "HTTP Template", "Step Level Memoization".

use std::collections::BTreeMap;

use platformc_format::json;
use platformc_value::Value;

use super::objects::{metadata, write};
use super::templates::checkpoints_name;
use super::{BodyKind, Workflow, map, text, texts};
use crate::Artifact;

const RBAC: &str = "rbac.authorization.k8s.io/v1";
const RBAC_GROUP: &str = "rbac.authorization.k8s.io";

fn rule(group: &str, resource: &str, verbs: &[&str]) -> Value {
    map([
        ("apiGroups", texts([group])),
        ("resources", texts([resource])),
        ("verbs", texts(verbs.iter().copied())),
    ])
}

fn named(mut rule: Value, name: &str) -> Value {
    super::put(&mut rule, "resourceNames", texts([name]));
    rule
}

/// Everything a workflow's service account is allowed, each rule once, in an order of its own.
fn rules(workflow: &Workflow<'_>) -> Vec<Value> {
    let steps = workflow.steps.iter();
    let undo = workflow.rollback;
    let bodies = steps
        .flat_map(|step| [Some(&step.body), step.rollback.as_ref().filter(|_| undo)])
        .chain([workflow.report.as_ref()])
        .flatten();
    // Pods report their results.
    let mut all = vec![rule("argoproj.io", "workflowtaskresults", &["create", "patch"])];
    for body in bodies {
        if body.kind == BodyKind::Agent {
            all.push(rule("argoproj.io", "workflowtasksets", &["list", "watch"]));
            all.push(rule("argoproj.io", "workflowtasksets/status", &["patch"]));
        }
        all.extend(body.rules.iter().cloned());
    }
    if workflow.checkpoints.is_some() {
        all.push(named(rule("", "configmaps", &["get", "patch"]), &checkpoints_name(workflow)));
    }
    let mut sorted = BTreeMap::new();
    for mut rule in all {
        crate::order::canonical(&mut rule);
        sorted.insert(json::write(&rule, false), rule);
    }
    sorted.into_values().collect()
}

fn role(workflow: &Workflow<'_>, name: &str, rules: Vec<Value>) -> Value {
    map([
        ("apiVersion", text(RBAC)),
        ("kind", text("Role")),
        ("metadata", metadata(workflow, name)),
        ("rules", Value::list(rules)),
    ])
}

fn binding(workflow: &Workflow<'_>, name: &str, subject: Value) -> Value {
    let reference =
        map([("apiGroup", text(RBAC_GROUP)), ("kind", text("Role")), ("name", text(name))]);
    map([
        ("apiVersion", text(RBAC)),
        ("kind", text("RoleBinding")),
        ("metadata", metadata(workflow, name)),
        ("roleRef", reference),
        ("subjects", Value::list(vec![subject])),
    ])
}

/// The service account with its role, and the ConfigMap of checkpoints with that of the controller.
pub(super) fn objects(workflow: &Workflow<'_>) -> Vec<Artifact> {
    let name = workflow.name;
    let account = map([
        ("apiVersion", text("v1")),
        ("kind", text("ServiceAccount")),
        ("metadata", metadata(workflow, name)),
    ]);
    let subject = map([
        ("kind", text("ServiceAccount")),
        ("name", text(name)),
        ("namespace", text(workflow.namespace)),
    ]);
    let mut artifacts = vec![
        write(workflow, "serviceaccount", account),
        write(workflow, "role", role(workflow, name, rules(workflow))),
        write(workflow, "rolebinding", binding(workflow, name, subject)),
    ];
    if workflow.checkpoints.is_none() {
        return artifacts;
    }
    let name = checkpoints_name(workflow);
    let mut head = metadata(workflow, &name);
    if let Some(labels) = head.as_map_mut().and_then(|head| head.get_mut("labels")) {
        // The controller takes no other ConfigMap for a cache.
        super::put(labels, "workflows.argoproj.io/configmap-type", text("Cache"));
    }
    // Its data is written by the controller and left alone by whoever applies this.
    let cache = map([("apiVersion", text("v1")), ("kind", text("ConfigMap")), ("metadata", head)]);
    let controller = map([
        ("apiGroup", text(RBAC_GROUP)),
        ("kind", text("Group")),
        ("name", text(format!("system:serviceaccounts:{}", workflow.controller_namespace))),
    ]);
    let own = named(rule("", "configmaps", &["get", "update"]), &name);
    artifacts.push(write(workflow, "configmap-checkpoints", cache));
    artifacts.push(write(workflow, "role-checkpoints", role(workflow, &name, vec![own])));
    artifacts.push(write(
        workflow,
        "rolebinding-checkpoints",
        binding(workflow, &name, controller),
    ));
    artifacts
}
