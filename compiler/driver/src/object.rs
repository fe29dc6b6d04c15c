//! What a rendered object still lacks: its name, its namespace, its reference to the workload.
//!
//! Invariant: what a template wrote stands; only a namespace that a topology gives replaces it, as
//! in KubeVela. Objects of kinds without namespaces get none.

use std::sync::Arc;

use platformc_source::{Origin, Role};
use platformc_value::{Data, Map, Value};

/// Kinds of Kubernetes that live outside namespaces, by group and kind.
const CLUSTER_KINDS: [(&str, &str); 26] = [
    ("", "ComponentStatus"),
    ("", "Namespace"),
    ("", "Node"),
    ("", "PersistentVolume"),
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("apiregistration.k8s.io", "APIService"),
    ("certificates.k8s.io", "CertificateSigningRequest"),
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
    ("networking.k8s.io", "IPAddress"),
    ("networking.k8s.io", "IngressClass"),
    ("networking.k8s.io", "ServiceCIDR"),
    ("node.k8s.io", "RuntimeClass"),
    ("policy", "PodSecurityPolicy"),
    ("rbac.authorization.k8s.io", "ClusterRole"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    ("resource.k8s.io", "DeviceClass"),
    ("scheduling.k8s.io", "PriorityClass"),
    ("storage.k8s.io", "CSIDriver"),
    ("storage.k8s.io", "StorageClass"),
    ("storage.k8s.io", "VolumeAttachment"),
];

/// A name and a namespace for objects that have none.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    /// The name of an object that has none.
    pub(crate) name: String,
    /// Where objects without a namespace go.
    pub(crate) namespace: &'a Arc<str>,
    /// Whether it replaces a namespace that the object has.
    pub(crate) forced: bool,
    /// The origin of what is added.
    pub(crate) origin: Origin,
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or("")
}

fn has_namespace(object: &Value) -> bool {
    let group = text(object, "apiVersion").rsplit_once('/').map_or("", |(group, _)| group);
    CLUSTER_KINDS.binary_search(&(group, text(object, "kind"))).is_err()
}

/// Adds name and namespace.
pub(crate) fn complete(object: &mut Value, place: &Place<'_>) {
    let namespaced = has_namespace(object);
    let Some(map) = object.as_map_mut() else { return };
    if map.get("metadata").is_none_or(Value::is_null) {
        map.insert("metadata", Value::new(Data::Map(Map::new()), place.origin));
    }
    let Some(metadata) = map.get_mut("metadata").and_then(Value::as_map_mut) else { return };
    let empty = |value: Option<&Value>| {
        value.is_none_or(|value| value.is_null() || value.as_str() == Some(""))
    };
    let origin = Origin::new(place.origin.span, Role::Computed);
    if empty(metadata.get("name")) && metadata.get("generateName").is_none() {
        let name = Data::String(place.name.as_str().into());
        metadata.insert("name", Value::new(name, origin));
    }
    if namespaced && (place.forced || empty(metadata.get("namespace"))) {
        let namespace = Data::String(place.namespace.clone());
        metadata.insert("namespace", Value::new(namespace, origin));
    }
}

/// A reference to a workload: `apiVersion`, `kind` and `name`.
pub(crate) fn reference(workload: &Value) -> Value {
    let mut map = Map::with_capacity(3);
    for key in ["apiVersion", "kind"] {
        map.insert(key, workload.get(key).cloned().unwrap_or_else(|| Value::string("")));
    }
    let name = workload.get("metadata").and_then(|metadata| metadata.get("name"));
    map.insert("name", name.cloned().unwrap_or_else(|| Value::string("")));
    Value::map(map)
}

/// Puts a value at a dotted path, making the structs on the way; says whether there was a way.
pub(crate) fn put(object: &mut Value, path: &str, value: Value) -> bool {
    let mut steps: Vec<&str> = path.split('.').filter(|step| !step.is_empty()).collect();
    let Some(last) = steps.pop() else { return false };
    let mut at = object;
    for step in steps {
        let Some(map) = at.as_map_mut() else { return false };
        if map.get(step).is_none() {
            map.insert(step, Value::map(Map::new()));
        }
        let Some(next) = map.get_mut(step) else { return false };
        at = next;
    }
    match at.as_map_mut() {
        Some(map) => {
            map.insert(last, value);
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(version: &str, kind: &str) -> Value {
        let mut map = Map::new();
        map.insert("apiVersion", Value::string(version));
        map.insert("kind", Value::string(kind));
        Value::map(map)
    }

    fn completed(mut object: Value, forced: bool) -> (String, String) {
        let namespace = Arc::from("shop");
        let place =
            Place { name: "web".to_owned(), namespace: &namespace, forced, origin: Origin::NONE };
        complete(&mut object, &place);
        let metadata = object.get("metadata").expect("metadata");
        (text(metadata, "name").to_owned(), text(metadata, "namespace").to_owned())
    }

    #[test]
    fn the_table_can_be_searched() {
        assert!(CLUSTER_KINDS.is_sorted());
    }

    #[test]
    fn names_and_namespaces_are_added_where_they_belong() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(completed(object("apps/v1", "Deployment"), false), pair("web", "shop"));
        assert_eq!(completed(object("v1", "Namespace"), true), pair("web", ""));
        let mut own = object("v1", "Service");
        put(&mut own, "metadata.namespace", Value::string("edge"));
        put(&mut own, "metadata.name", Value::string("front"));
        assert_eq!(completed(own.clone(), false), pair("front", "edge"));
        assert_eq!(completed(own, true), pair("front", "shop"));
    }
}
