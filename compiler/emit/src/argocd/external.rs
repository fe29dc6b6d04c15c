//! Applications whose source lies in another repository: a chart, a kustomization, manifests.
//!
//! Invariant: the source is written as the caller gives it, pinned; deleting the Application
//! deletes nothing it has deployed.

use platformc_source::{Diagnostic, Origin};
use platformc_value::Value;

use super::check::Check;
use super::{WAVE, labels, map, metadata, put, sync_policy, write};
use crate::name::Rule;
use crate::{Artifact, layout};

/// One application from another repository in one cluster.
#[derive(Clone, Debug)]
pub struct External<'a> {
    /// The name of the Argo CD object.
    pub name: &'a str,
    /// The namespace of Argo CD.
    pub argocd_namespace: &'a str,
    /// The Argo CD project.
    pub project: &'a str,
    /// The environment.
    pub env: &'a str,
    /// The cluster's name.
    pub cluster: &'a str,
    /// The address of the cluster's API server.
    pub server: &'a str,
    /// The application's name.
    pub app: &'a str,
    /// The namespace its objects go to.
    pub namespace: &'a str,
    /// `source` as Argo CD reads it: `repoURL`, `targetRevision` and what the kind of source needs.
    pub source: Value,
    /// Its wave among the Applications of the root; 0 for the first.
    pub wave: i32,
    /// What it is made from, for diagnostics.
    pub origin: Origin,
}

/// The Argo CD Application of an application from another repository. Large custom resource
/// definitions of charts do not fit into the annotation of a client-side apply, hence
/// `ServerSideApply`.
pub fn external(input: &External<'_>, sink: &mut Vec<Diagnostic>) -> Option<Artifact> {
    let mut check = Check::new("Application", input.origin, sink);
    check.object(input.name, input.argocd_namespace, input.project);
    check.server(input.server);
    check.name("namespace", input.namespace, Rule::Label);
    if !check.good() {
        return None;
    }
    let mut metadata = metadata(input.name, input.argocd_namespace);
    let own = [
        ("platformc.dev/app", input.app),
        ("platformc.dev/cluster", input.cluster),
        ("platformc.dev/env", input.env),
    ];
    put(&mut metadata, "labels", labels(&own));
    if input.wave != 0 {
        let wave = Value::string(input.wave.to_string());
        put(&mut metadata, "annotations", map([(WAVE, wave)]));
    }
    let destination = map([
        ("server", Value::string(input.server)),
        ("namespace", Value::string(input.namespace)),
    ]);
    let spec = map([
        ("project", Value::string(input.project)),
        ("source", input.source.clone()),
        ("destination", destination),
        ("syncPolicy", sync_policy(&["CreateNamespace=true", "ServerSideApply=true"])),
    ]);
    let path = layout::argocd_application(input.cluster, input.app);
    Some(write("Application", metadata, spec, path, input.origin))
}
