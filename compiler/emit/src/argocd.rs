//! Argo CD: Applications that read the rendered manifests, a project, and the root that reads the
//! Applications.
//!
//! Invariant: defaults are safe. Pruning spares what holds data, deleting an Application deletes
//! nothing it has deployed unless that is asked for, a project allows what its applications use.
//! Format: the custom resource definitions of Argo CD 3 (`argoproj.io/v1alpha1`).

mod check;
mod external;
mod health;

use platformc_format::yaml;
use platformc_source::{Diagnostic, Origin};
use platformc_value::{Map, Value};

use crate::kubernetes::{Identity, set_metadata};
use crate::name::{Rule, is_label_value};
use crate::order::canonical;
use crate::{Artifact, layout};

use check::Check;
pub use external::{External, external};
pub use health::{APPLICATION, Health, health, health_of};

const API_VERSION: &str = "argoproj.io/v1alpha1";
const WAVE: &str = "argocd.argoproj.io/sync-wave";
const SYNC_OPTIONS: &str = "argocd.argoproj.io/sync-options";
/// Deletes what an Application has deployed when the Application is deleted.
const CASCADE: &str = "resources-finalizer.argocd.argoproj.io";

/// Projects are there before the Applications that belong to them.
const PROJECT_WAVE: &str = "-100";

/// How the output is found by Argo CD.
#[derive(Clone, Copy, Debug)]
pub struct Repository<'a> {
    /// The address of the repository.
    pub url: &'a str,
    /// A branch, tag or commit.
    pub revision: &'a str,
    /// The folder of the environment's output in it, relative; empty for the root.
    pub folder: &'a str,
}

/// What an Application delivers.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// The manifests in the output, at the application's folder.
    Output,
    /// A chart of a Helm repository.
    Chart {
        /// The address of the Helm repository.
        repository: &'a str,
        /// The name of the chart in it.
        chart: &'a str,
        /// The exact version.
        version: &'a str,
        /// Its values.
        values: Option<&'a Value>,
    },
    /// A folder of a Git repository: a chart, a kustomization, or manifests.
    Folder {
        /// The address of the Git repository.
        repository: &'a str,
        /// A tag or commit.
        revision: &'a str,
        /// The folder in it, relative.
        path: &'a str,
        /// Values, where it is a chart.
        values: Option<&'a Value>,
    },
}

/// One application in one cluster.
#[derive(Clone, Debug)]
pub struct Application<'a> {
    /// The name of the Argo CD object.
    pub name: &'a str,
    /// The namespace of Argo CD.
    pub argocd_namespace: &'a str,
    /// The Argo CD project.
    pub project: &'a str,
    /// Where the output is.
    pub repository: Repository<'a>,
    /// What it delivers.
    pub source: Source<'a>,
    /// The environment.
    pub env: &'a str,
    /// The cluster's name.
    pub cluster: &'a str,
    /// The address of the cluster's API server.
    pub server: &'a str,
    /// The application's name.
    pub app: &'a str,
    /// The namespace its objects go to unless they name another.
    pub namespace: &'a str,
    /// Its wave among the Applications of the root; 0 for the first.
    pub wave: i32,
    /// Whether deleting it deletes what it has deployed.
    pub cascade: bool,
    /// What it is made from, for diagnostics.
    pub origin: Origin,
}

/// A project: what its applications may deploy from where to where.
#[derive(Clone, Debug)]
pub struct Project<'a> {
    /// Its name.
    pub name: &'a str,
    /// The namespace of Argo CD.
    pub argocd_namespace: &'a str,
    /// The repositories its applications may read.
    pub repositories: Vec<&'a str>,
    /// Pairs of a server and a namespace that its applications may deploy to.
    pub destinations: Vec<(&'a str, &'a str)>,
    /// Pairs of a group and a kind without namespace that its applications may deploy.
    pub cluster_kinds: Vec<(&'a str, &'a str)>,
    /// What it is made from, for diagnostics.
    pub origin: Origin,
}

/// The Application that reads the Applications and projects of an environment.
#[derive(Clone, Debug)]
pub struct Root<'a> {
    /// The name of the Argo CD object.
    pub name: &'a str,
    /// The namespace of Argo CD.
    pub argocd_namespace: &'a str,
    /// The Argo CD project; it has to allow Applications in Argo CD's own namespace.
    pub project: &'a str,
    /// Where the output is.
    pub repository: Repository<'a>,
    /// The environment.
    pub env: &'a str,
    /// What it is made from, for diagnostics.
    pub origin: Origin,
}

/// The Argo CD Application of an application in a cluster.
pub fn application(input: &Application<'_>, sink: &mut Vec<Diagnostic>) -> Option<Artifact> {
    let mut check = Check::new("Application", input.origin, sink);
    check.object(input.name, input.argocd_namespace, input.project);
    check.source(input);
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
    if input.cascade {
        put(&mut metadata, "finalizers", Value::list(vec![Value::string(CASCADE)]));
    }
    let spec = map([
        ("project", Value::string(input.project)),
        ("source", delivered(input)),
        (
            "destination",
            map([
                ("server", Value::string(input.server)),
                ("namespace", Value::string(input.namespace)),
            ]),
        ),
        ("syncPolicy", sync_policy(&["CreateNamespace=true", "ServerSideApply=true"])),
    ]);
    let path = layout::argocd_application(input.cluster, input.app);
    Some(write("Application", metadata, spec, path, input.origin))
}

/// The Argo CD project.
pub fn project(input: &Project<'_>, sink: &mut Vec<Diagnostic>) -> Option<Artifact> {
    let mut check = Check::new("AppProject", input.origin, sink);
    check.object(input.name, input.argocd_namespace, input.name);
    for (server, namespace) in &input.destinations {
        check.server(server);
        check.name("namespace", namespace, Rule::Label);
    }
    if !check.good() {
        return None;
    }
    let sorted = |pairs: &[(&str, &str)], keys: [&str; 2]| -> Value {
        let mut pairs = pairs.to_vec();
        pairs.sort_unstable();
        pairs.dedup();
        let object =
            |(a, b): (&str, &str)| map([(keys[0], Value::string(a)), (keys[1], Value::string(b))]);
        Value::list(pairs.into_iter().map(object).collect())
    };
    let mut repositories = input.repositories.clone();
    repositories.sort_unstable();
    repositories.dedup();
    let spec = map([
        ("sourceRepos", Value::list(repositories.into_iter().map(Value::string).collect())),
        ("destinations", sorted(&input.destinations, ["server", "namespace"])),
        ("clusterResourceWhitelist", sorted(&input.cluster_kinds, ["group", "kind"])),
    ]);
    let mut metadata = metadata(input.name, input.argocd_namespace);
    put(&mut metadata, "annotations", map([(WAVE, Value::string(PROJECT_WAVE))]));
    let path = layout::argocd_project(input.name);
    Some(write("AppProject", metadata, spec, path, input.origin))
}

/// The root: it reads the folder of Applications and projects, so that no list of them changes with
/// each of them.
pub fn root(input: &Root<'_>, sink: &mut Vec<Diagnostic>) -> Option<Artifact> {
    let mut check = Check::new("Application", input.origin, sink);
    check.object(input.name, input.argocd_namespace, input.project);
    check.repository(&input.repository);
    if !check.good() {
        return None;
    }
    let mut metadata = metadata(input.name, input.argocd_namespace);
    put(&mut metadata, "labels", labels(&[("platformc.dev/env", input.env)]));
    let mut source = source(&input.repository, layout::ARGOCD_FOLDER);
    // All but itself, and Argo CD's settings: who installs them decides when they change.
    let exclude = Value::string("{root.yaml,settings/*}");
    let directory = [("recurse", Value::bool(true)), ("exclude", exclude)];
    put(&mut source, "directory", map(directory));
    let spec = map([
        ("project", Value::string(input.project)),
        ("source", source),
        (
            "destination",
            map([
                // Argo CD's own cluster.
                ("server", Value::string("https://kubernetes.default.svc")),
                ("namespace", Value::string(input.argocd_namespace)),
            ]),
        ),
        ("syncPolicy", sync_policy(&[])),
    ]);
    let path = layout::ARGOCD_ROOT.to_owned();
    Some(write("Application", metadata, spec, path, input.origin))
}

/// Tells Argo CD the wave of an object, and to spare it where it holds data. What the object says
/// itself stands.
pub(crate) fn annotate(object: &mut Value, identity: &Identity, wave: i32) {
    if wave != 0 {
        set_metadata(object, "annotations", WAVE, &wave.to_string());
    }
    if holds_data(identity) {
        set_metadata(object, "annotations", SYNC_OPTIONS, "Delete=false,Prune=false");
    }
}

/// Objects whose removal removes data, or all that lies in them; with a Terraform Configuration
/// goes what it has made.
fn holds_data(identity: &Identity) -> bool {
    matches!(
        (&*identity.group, &*identity.kind),
        ("", "Namespace" | "PersistentVolume" | "PersistentVolumeClaim")
            | ("apps", "StatefulSet")
            | ("apiextensions.k8s.io", "CustomResourceDefinition")
            | ("terraform.core.oam.dev", "Configuration")
    )
}

fn metadata(name: &str, namespace: &str) -> Value {
    map([("name", Value::string(name)), ("namespace", Value::string(namespace))])
}

/// Labels to select Applications by. A name may be longer than a label's value; it is left out.
fn labels(own: &[(&str, &str)]) -> Value {
    let mut labels = map([("app.kubernetes.io/managed-by", Value::string("platformc"))]);
    for (key, text) in own.iter().filter(|(_, text)| is_label_value(text)) {
        put(&mut labels, key, Value::string(*text));
    }
    labels
}

fn source(repository: &Repository<'_>, folder: &str) -> Value {
    let path = match repository.folder.trim_end_matches('/') {
        "" => folder.to_owned(),
        above => format!("{above}/{folder}"),
    };
    map([
        ("repoURL", Value::string(repository.url)),
        ("targetRevision", Value::string(repository.revision)),
        ("path", Value::string(path)),
    ])
}

/// What an Application delivers, as Argo CD reads it.
fn delivered(input: &Application<'_>) -> Value {
    let (mut found, values) = match input.source {
        Source::Output => {
            let folder = layout::application_folder(input.cluster, input.app);
            return source(&input.repository, &folder);
        }
        Source::Chart { repository, chart, version, values } => {
            let entries = [("repoURL", repository), ("chart", chart), ("targetRevision", version)];
            (map(entries.map(|(key, text)| (key, Value::string(text)))), values)
        }
        Source::Folder { repository, revision, path, values } => {
            let entries = [("repoURL", repository), ("path", path), ("targetRevision", revision)];
            (map(entries.map(|(key, text)| (key, Value::string(text)))), values)
        }
    };
    if let Some(values) = values {
        put(&mut found, "helm", map([("valuesObject", values.clone())]));
    }
    found
}

fn sync_policy(options: &[&str]) -> Value {
    // What fails because something else is not there yet is tried again, ever more slowly.
    let backoff = [
        ("duration", Value::string("5s")),
        ("factor", Value::int(2)),
        ("maxDuration", Value::string("3m")),
    ];
    let mut policy = map([
        ("automated", map([("prune", Value::bool(true)), ("selfHeal", Value::bool(true))])),
        ("retry", map([("backoff", map(backoff)), ("limit", Value::int(5))])),
    ]);
    if !options.is_empty() {
        let options = options.iter().map(|option| Value::string(*option)).collect();
        put(&mut policy, "syncOptions", Value::list(options));
    }
    policy
}

fn write(kind: &str, metadata: Value, spec: Value, path: String, origin: Origin) -> Artifact {
    let mut object = map([
        ("apiVersion", Value::string(API_VERSION)),
        ("kind", Value::string(kind)),
        ("metadata", metadata),
        ("spec", spec),
    ]);
    canonical(&mut object);
    Artifact { path, bytes: yaml::write(&object).into_bytes(), origin }
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

#[cfg(test)]
mod tests;
