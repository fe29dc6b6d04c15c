//! What an environment needs of Argo CD as a whole: a project that allows what is deployed and no
//! more, and the root Application.
//!
//! Invariant: both follow from the set of what is deployed, not from its order.

use std::collections::BTreeSet;

use platformc_emit::{Artifact, argocd, kubernetes::Identity};
use platformc_graph::{Kind, NodeId, NodePath, Whole};
use platformc_model::Manifest;
use platformc_source::Diagnostic;

/// Argo CD's own project, which allows everything; it is not ours to write.
const DEFAULT_PROJECT: &str = "default";

/// The unit of what belongs to no Application; no Application can have this name.
const RECORD: &str = "environment/argocd";

/// Kinds without namespace that charts of operators and controllers come with.
const KINDS_OF_CHARTS: [(&str, &str); 9] = [
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("apiregistration.k8s.io", "APIService"),
    ("networking.k8s.io", "IngressClass"),
    ("rbac.authorization.k8s.io", "ClusterRole"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    ("scheduling.k8s.io", "PriorityClass"),
    ("storage.k8s.io", "StorageClass"),
];

/// What is deployed where.
#[derive(Clone, Debug, Default)]
pub(crate) struct Footprint {
    /// Server and namespace.
    destinations: BTreeSet<(String, String)>,
    /// Group and kind of objects without namespace.
    cluster_kinds: BTreeSet<(String, String)>,
    /// Components, with the checks of what is in them and Argo CD does not wait for by itself.
    slow: BTreeSet<(NodePath, argocd::Health)>,
    /// Repositories beside that of the output.
    repositories: BTreeSet<String>,
}

impl Footprint {
    /// An Application goes to a namespace.
    pub(crate) fn destination(&mut self, server: &str, namespace: &str) {
        self.destinations.insert((server.to_owned(), namespace.to_owned()));
    }

    /// An object goes to a cluster.
    pub(crate) fn object(&mut self, server: &str, identity: &Identity) {
        match &identity.namespace {
            Some(namespace) => self.destination(server, namespace),
            None => {
                let kind = (identity.group.to_string(), identity.kind.to_string());
                self.cluster_kinds.insert(kind);
            }
        }
    }

    /// An object of a component; Argo CD may have to be told when it is there.
    pub(crate) fn part(&mut self, component: &NodePath, identity: &Identity) {
        if let Some(check) = argocd::health_of(&identity.group, &identity.kind) {
            self.slow.insert((component.clone(), check));
        }
    }

    /// The checks of what something waits for.
    pub(crate) fn checks(&self, graph: &Whole) -> Vec<argocd::Health> {
        let awaited: BTreeSet<NodeId> = graph.lifted().iter().map(|(_, to)| *to).collect();
        let is_awaited = |path: &NodePath| {
            let mut holders =
                graph.find(path.as_str()).into_iter().flat_map(|id| graph.ancestors(id));
            holders.any(|id| awaited.contains(&id))
        };
        let parts = self.slow.iter().filter(|(path, _)| is_awaited(path));
        let mut checks: Vec<argocd::Health> = parts.map(|(_, check)| *check).collect();
        if awaited.iter().any(|id| graph.kind(*id) == Kind::Application) {
            checks.push(argocd::APPLICATION);
        }
        checks
    }

    /// An application from another repository goes to a namespace. What it holds is not known
    /// here, so that the project allows the kinds without namespace that charts come with.
    pub(crate) fn external(&mut self, server: &str, namespace: &str, repository: &str) {
        self.destination(server, namespace);
        let repository = repository.strip_prefix("oci://").unwrap_or(repository);
        self.repositories.insert(repository.to_owned());
        let kinds = KINDS_OF_CHARTS.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        self.cluster_kinds.extend(kinds);
    }

    /// Both together.
    pub(crate) fn join(&mut self, other: Footprint) {
        self.destinations.extend(other.destinations);
        self.cluster_kinds.extend(other.cluster_kinds);
        self.slow.extend(other.slow);
        self.repositories.extend(other.repositories);
    }

    /// The project and the root of an environment.
    pub(crate) fn artifacts(
        &self,
        manifest: &Manifest,
        environment: &str,
        checks: Vec<argocd::Health>,
        sink: &mut Vec<Diagnostic>,
    ) -> Vec<Artifact> {
        let Some(settings) = &manifest.argocd else { return Vec::new() };
        let folder = settings.folder(environment);
        let project = settings.project_of(environment);
        let repository = argocd::Repository {
            url: &settings.repository,
            revision: &settings.revision,
            folder: &folder,
        };
        let mut artifacts = Vec::new();
        if project != DEFAULT_PROJECT && !self.destinations.is_empty() {
            let mut cluster_kinds: Vec<(&str, &str)> =
                self.cluster_kinds.iter().map(|(group, kind)| (&**group, &**kind)).collect();
            // Applications make the namespace they go to.
            cluster_kinds.push(("", "Namespace"));
            let destinations = self.destinations.iter();
            let mut repositories: Vec<&str> = vec![&settings.repository];
            repositories.extend(self.repositories.iter().map(|url| &**url));
            let input = argocd::Project {
                name: &project,
                argocd_namespace: &settings.namespace,
                repositories,
                destinations: destinations.map(|(server, name)| (&**server, &**name)).collect(),
                cluster_kinds,
                origin: settings.project.origin,
            };
            artifacts.extend(argocd::project(&input, sink));
        }
        let name = format!("{}-{environment}", manifest.name);
        let root = argocd::Root {
            name: &name,
            argocd_namespace: &settings.namespace,
            // Only Argo CD's administrators may make Applications in its namespace.
            project: DEFAULT_PROJECT,
            repository,
            env: environment,
            origin: settings.repository.origin,
        };
        artifacts.extend(argocd::root(&root, sink));
        artifacts.extend(argocd::health(checks, &settings.namespace, settings.naming.origin));
        let record = platformc_emit::record(&platformc_emit::Record {
            unit: RECORD,
            inputs: &[],
            nodes: &[],
            links: &[],
            graph: &Whole::default(),
            artifacts: &artifacts.iter().collect::<Vec<_>>(),
            origin: settings.repository.origin,
        });
        artifacts.push(record);
        artifacts
    }
}
