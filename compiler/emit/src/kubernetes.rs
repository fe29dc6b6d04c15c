//! Kubernetes objects, one file each.
//!
//! Invariant: what becomes an artifact has an `apiVersion`, a `kind` and a `metadata.name` that an
//! API server takes, and labels and annotations that are maps of text.

mod check;

use std::sync::Arc;

use platformc_format::yaml;
use platformc_source::Diagnostic;
use platformc_value::{Map, Value};

use crate::layout::{application_folder, step};
use crate::order::canonical;
use crate::{Artifact, argocd};

/// Room for most objects, so that their text is not moved while it grows.
const USUAL_BYTES: usize = 1024;

/// Where an object goes.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The cluster.
    pub cluster: &'a str,
    /// The application.
    pub app: &'a str,
    /// The namespace of the application: objects in another one have it in their file name.
    pub namespace: &'a str,
    /// The wave of Argo CD the object is synced in, if not the first, 0.
    pub wave: i32,
}

/// What an object is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// The API group; empty for the core group.
    pub group: Arc<str>,
    /// The version of the group.
    pub version: Arc<str>,
    /// The kind.
    pub kind: Arc<str>,
    /// The namespace, where the object names one.
    pub namespace: Option<Arc<str>>,
    /// The name.
    pub name: Arc<str>,
}

/// What an object is called, if an API server would take it. Where something is wrong with it that
/// is reported.
pub fn identify(object: &Value, sink: &mut Vec<Diagnostic>) -> Option<Identity> {
    check::object(object, sink)
}

/// Writes an object down, with what Argo CD has to know about it.
#[must_use]
pub fn write(mut object: Value, identity: &Identity, context: &Context<'_>) -> Artifact {
    argocd::annotate(&mut object, identity, context.wave);
    canonical(&mut object);
    let mut text = String::with_capacity(USUAL_BYTES);
    yaml::write_into(&mut text, &object);
    Artifact { path: path(identity, context), origin: object.origin, bytes: text.into_bytes() }
}

/// Checks an object and writes it down. Where something is wrong with it that is reported, and
/// nothing is written.
pub fn resource(
    object: Value,
    context: &Context<'_>,
    sink: &mut Vec<Diagnostic>,
) -> Option<(Identity, Artifact)> {
    let identity = identify(&object, sink)?;
    let artifact = write(object, &identity, context);
    Some((identity, artifact))
}

/// `kubernetes/<cluster>/<app>/<kind>.<group>-<name>.yaml`
fn path(identity: &Identity, context: &Context<'_>) -> String {
    let mut file = identity.kind.to_lowercase();
    if !identity.group.is_empty() {
        file.push('.');
        file.push_str(&identity.group);
    }
    file.push('-');
    file.push_str(&identity.name);
    let mut path = application_folder(context.cluster, context.app);
    path.push('/');
    path.push_str(&step(&file));
    if let Some(namespace) = identity.namespace.as_deref()
        && namespace != context.namespace
    {
        path.push('~');
        path.push_str(&step(namespace));
    }
    path.push_str(".yaml");
    path
}

/// Sets `metadata.<field>.<key>` to text, keeping what is there.
pub(crate) fn set_metadata(object: &mut Value, field: &str, key: &str, text: &str) {
    let Some(object) = object.as_map_mut() else { return };
    let Some(metadata) = child(object, "metadata") else { return };
    let Some(map) = child(metadata, field) else { return };
    if map.get(key).is_none() {
        map.insert(key, Value::string(text));
    }
}

/// The map of a key, made if it is missing or null; `None` where something else is there.
fn child<'a>(map: &'a mut Map, key: &str) -> Option<&'a mut Map> {
    if map.get(key).is_none_or(Value::is_null) {
        map.insert(key, Value::map(Map::new()));
    }
    map.get_mut(key).and_then(Value::as_map_mut)
}

#[cfg(test)]
mod tests;
