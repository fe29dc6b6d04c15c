//! The `context` that templates read.
//!
//! Invariant: every field is an input of the rendering; nothing is asked of a cluster or a clock.
//! Fields a live controller alone knows have the value KubeVela's dry-run gives them.

use std::sync::Arc;

use platformc_value::{Map, Value};

use crate::uses::Uses;

/// The version of a cluster as `kubectl version` prints its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterVersion {
    /// `1`.
    pub major: String,
    /// `29`; 0 where it is not known, as in KubeVela's dry-run.
    pub minor: i64,
    /// `v1.29.3`.
    pub git_version: String,
    /// `linux/amd64`.
    pub platform: String,
}

impl ClusterVersion {
    /// Reads `1.29`, `v1.29.3` or `1.29+`. `None` where there is no minor version.
    #[must_use]
    pub fn parse(text: &str) -> Option<ClusterVersion> {
        let plain = text.trim().trim_start_matches('v');
        let mut parts = plain.split('.');
        let major = parts.next().filter(|part| part.bytes().all(|b| b.is_ascii_digit()))?;
        let minor = parts.next()?;
        let end = minor.find(|c: char| !c.is_ascii_digit()).unwrap_or(minor.len());
        let minor = minor[..end].parse().ok()?;
        let git_version = if plain.matches('.').count() >= 2 {
            format!("v{plain}")
        } else {
            format!("v{major}.{minor}.0")
        };
        Some(ClusterVersion {
            major: major.to_owned(),
            minor,
            git_version,
            platform: String::new(),
        })
    }
}

/// What a rendering is told of its surroundings.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The application.
    pub app_name: Arc<str>,
    /// The component; for a policy, its name.
    pub name: Arc<str>,
    /// The namespace the objects go to.
    pub namespace: Arc<str>,
    /// `APP-vN`; empty in a build.
    pub app_revision: Arc<str>,
    /// N of `app_revision`.
    pub app_revision_num: i64,
    /// The component's revision; empty in a build.
    pub revision: Arc<str>,
    /// The application's labels.
    pub app_labels: Vec<(Arc<str>, Arc<str>)>,
    /// The application's annotations.
    pub app_annotations: Vec<(Arc<str>, Arc<str>)>,
    /// `spec.components` of the application.
    pub components: Option<Arc<Value>>,
    /// The cluster the objects go to.
    pub cluster: Arc<str>,
    /// Its version.
    pub cluster_version: ClusterVersion,
    /// The annotation `app.oam.dev/workflowName`.
    pub workflow_name: Arc<str>,
    /// The annotation `app.oam.dev/publishVersion`.
    pub publish_version: Arc<str>,
    /// The key of a replica.
    pub replica_key: Arc<str>,
    /// What platform policies add, under `context.custom`.
    pub custom: Option<Arc<Value>>,
    /// Objects rendered so far by component, for policies: `context.artifacts`.
    pub artifacts: Option<Arc<Value>>,
    /// What operations of a workflow are told beside: the provider, the environment, where the
    /// output is delivered from. The names are among `OPERATION`.
    pub operation: Vec<(&'static str, Value)>,
}

/// Fields of `context` that only operations have.
pub(crate) const OPERATION: [&str; 3] = ["environment", "provider", "repository"];

/// Fields of `context` that every template may read.
pub(crate) const FIELDS: &[&str] = &[
    "name",
    "namespace",
    "appName",
    "appRevision",
    "appRevisionNum",
    "revision",
    "appLabels",
    "appAnnotations",
    "components",
    "componentType",
    "cluster",
    "clusterVersion",
    "workflowName",
    "publishVersion",
    "replicaKey",
    "parameter",
    "output",
    "outputs",
    "custom",
    "config",
    "outputSecretName",
];

/// Fields of `context` that only policies, steps and status expressions have.
pub(crate) const LATER: &[&str] = &[
    "artifacts",
    "policyName",
    "policyType",
    "policyRevision",
    "policyRevisionName",
    "policyRevisionHash",
    "appComponents",
    "appWorkflow",
    "appPolicies",
    "stepName",
    "stepGroupName",
    "stepSessionID",
    "spanID",
    "status",
];

/// What changes from one template of a component to the next.
#[derive(Default)]
pub(crate) struct Local<'a> {
    /// The type of the component, for traits.
    pub(crate) component_type: Option<&'a Arc<str>>,
    /// The properties of the component.
    pub(crate) parameter: Option<&'a Value>,
    /// The workload as rendered so far, for traits.
    pub(crate) output: Option<Value>,
    /// The other objects as rendered so far, for traits.
    pub(crate) outputs: Option<Value>,
}

/// Builds the value of `context`, as far as a template reads it.
pub(crate) fn build(context: &Context, local: Local<'_>, uses: &Uses) -> Value {
    let mut map = Map::with_capacity(24);
    let mut text = |name: &'static str, value: &Arc<str>| {
        if uses.context(name) {
            map.push_unique(entry(name, Value::string(Arc::clone(value))));
        }
    };
    text("name", &context.name);
    text("namespace", &context.namespace);
    text("appName", &context.app_name);
    text("appRevision", &context.app_revision);
    text("revision", &context.revision);
    text("cluster", &context.cluster);
    text("workflowName", &context.workflow_name);
    text("publishVersion", &context.publish_version);
    text("replicaKey", &context.replica_key);
    if let Some(component_type) = local.component_type {
        text("componentType", component_type);
    }
    let mut add = |name: &'static str, value: &mut dyn FnMut() -> Option<Value>| {
        if uses.context(name)
            && let Some(value) = value()
        {
            map.push_unique(entry(name, value));
        }
    };
    add("appRevisionNum", &mut || Some(Value::int(context.app_revision_num)));
    add("appLabels", &mut || Some(texts(&context.app_labels)));
    add("appAnnotations", &mut || Some(texts(&context.app_annotations)));
    add("components", &mut || {
        Some(context.components.as_deref().cloned().unwrap_or_else(|| Value::list(Vec::new())))
    });
    add("clusterVersion", &mut || Some(version(&context.cluster_version)));
    add("parameter", &mut || local.parameter.cloned());
    let Local { output, outputs, .. } = local;
    let (mut output, mut outputs) = (output, outputs);
    add("output", &mut || output.take());
    add("outputs", &mut || outputs.take());
    add("custom", &mut || context.custom.as_deref().cloned());
    add("artifacts", &mut || context.artifacts.as_deref().cloned());
    for (name, value) in &context.operation {
        add(name, &mut || Some(value.clone()));
    }
    Value::map(map)
}

fn entry(name: &str, value: Value) -> platformc_value::Entry {
    platformc_value::Entry { key: Arc::from(name), key_origin: value.origin, value }
}

fn texts(texts: &[(Arc<str>, Arc<str>)]) -> Value {
    let mut map = Map::with_capacity(texts.len());
    for (key, value) in texts {
        map.insert(Arc::clone(key), Value::string(Arc::clone(value)));
    }
    Value::map(map)
}

fn version(version: &ClusterVersion) -> Value {
    let mut map = Map::with_capacity(4);
    map.push_unique(entry("major", Value::string(version.major.as_str())));
    map.push_unique(entry("gitVersion", Value::string(version.git_version.as_str())));
    map.push_unique(entry("platform", Value::string(version.platform.as_str())));
    map.push_unique(entry("minor", Value::int(version.minor)));
    Value::map(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions() {
        let minor = |text| ClusterVersion::parse(text).map(|version| version.minor);
        assert_eq!(minor("1.29"), Some(29));
        assert_eq!(minor("v1.19.4-gke.2"), Some(19));
        assert_eq!(minor("1.19+"), Some(19));
        assert_eq!(minor("1"), None);
        assert_eq!(minor("latest"), None);
        let version = ClusterVersion::parse("1.30").expect("version");
        assert_eq!((version.major.as_str(), version.git_version.as_str()), ("1", "v1.30.0"));
    }
}
