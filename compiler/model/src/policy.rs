//! The policies KubeVela handles in its own code, typed.
//!
//! Invariant: every type of policy has a class; whoever places or renders an Application asks for
//! the class and so cannot overlook a policy.

use platformc_source::{Diagnostic, Origin, codes};
use platformc_value::Value;

use crate::fields::Fields;
use crate::{Override, Policy, Text, overlay};

/// What a policy type acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyClass {
    /// `topology`: where the Application goes.
    Topology,
    /// `override`: changes components before they are rendered.
    Override,
    /// Acts only when KubeVela's controller applies or deletes resources; manifests stay the same.
    Dispatch,
    /// Changes what is rendered, and is not compiled yet.
    NotCompiled,
    /// A policy of a definition.
    Defined,
}

impl PolicyClass {
    /// The class of a policy type.
    #[must_use]
    pub fn of(kind: &str) -> PolicyClass {
        match kind {
            "topology" => PolicyClass::Topology,
            "override" => PolicyClass::Override,
            "garbage-collect" | "apply-once" | "shared-resource" | "take-over" | "read-only"
            | "resource-update" | "debug" | "health" => PolicyClass::Dispatch,
            "env-binding" | "replication" => PolicyClass::NotCompiled,
            _ => PolicyClass::Defined,
        }
    }
}

/// A selection of clusters by their labels.
#[derive(Clone, Debug)]
pub struct LabelSelector {
    /// Labels that a cluster must have, with these values.
    pub labels: Vec<(Text, Text)>,
    /// The selector.
    pub origin: Origin,
}

/// Where an Application goes.
#[derive(Clone, Debug)]
pub struct Topology {
    /// Clusters by name.
    pub clusters: Vec<Text>,
    /// Clusters by label.
    pub selector: Option<LabelSelector>,
    /// Whether a selector that finds nothing is fine.
    pub allow_empty: bool,
    /// The namespace, instead of the Application's.
    pub namespace: Option<Text>,
    /// The policy.
    pub origin: Origin,
}

/// The topology that a policy of that type means.
pub fn topology_of(policy: &Policy, sink: &mut Vec<Diagnostic>) -> Option<Topology> {
    let mut fields = Fields::open(policy.properties.clone(), "a topology", sink)?;
    let clusters = fields.texts("clusters");
    // The older name of the selector in KubeVela.
    let selector = fields.take("clusterLabelSelector").or_else(|| fields.take("clusterSelector"));
    let allow_empty = fields.boolean("allowEmpty").unwrap_or(false);
    let namespace = fields.text("namespace");
    fields.finish();
    let selector = selector.and_then(|entry| selector_of(&entry.value, sink));
    if let Some(namespace) = &namespace {
        crate::names::check_label("a namespace", namespace, sink);
    }
    Some(Topology { clusters, selector, allow_empty, namespace, origin: policy.origin })
}

fn selector_of(value: &Value, sink: &mut Vec<Diagnostic>) -> Option<LabelSelector> {
    let origin = value.origin;
    let Some(map) = value.as_map() else {
        sink.push(crate::fields::wrong_type("`clusterLabelSelector`", "a struct", value));
        return None;
    };
    let mut labels = Vec::with_capacity(map.len());
    for entry in map {
        let name = Text { text: entry.key.clone(), origin: entry.key_origin };
        match crate::fields::text(&entry.value) {
            Some(text) => labels.push((name, text)),
            None => {
                let what = format!("label `{name}`");
                sink.push(crate::fields::wrong_type(&what, "a string", &entry.value));
            }
        }
    }
    Some(LabelSelector { labels, origin })
}

/// The override that a policy of that type means.
pub fn override_of(policy: &Policy, sink: &mut Vec<Diagnostic>) -> Option<Override> {
    if policy.properties.as_map().is_some_and(platformc_value::Map::is_empty) {
        let message = format!("policy `{}` overrides nothing: it has no properties", policy.name);
        sink.push(Diagnostic::new(codes::MODEL_MISSING_FIELD, policy.kind.span(), message));
        return None;
    }
    overlay::override_properties(policy.properties.clone(), "an override", sink)
}
