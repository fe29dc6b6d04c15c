//! Argo CD: Applications that read the rendered manifests, a project, and the root that reads the
//! Applications.
//!
//! Invariant: defaults are safe. Pruning spares what holds data, deleting an Application deletes
//! nothing it has deployed unless that is asked for, a project allows what its applications use.
//! Format: the custom resource definitions of Argo CD 3 (`argoproj.io/v1alpha1`).

use platformc_format::yaml;
use platformc_source::{Diagnostic, Origin, codes};
use platformc_value::{Map, Value};

use crate::kubernetes::{Identity, set_metadata};
use crate::name::{Rule, is_label_value};
use crate::order::canonical;
use crate::{Artifact, layout};

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

/// One application in one cluster.
#[derive(Clone, Debug)]
pub struct Application<'a> {
    /// The name of the Argo CD object.
    pub name: &'a str,
    /// The namespace of Argo CD.
    pub argocd_namespace: &'a str,
    /// The Argo CD project.
    pub project: &'a str,
    /// Where the manifests are.
    pub repository: Repository<'a>,
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
    let mut check = Check { subject: "Application", origin: input.origin, sink, good: true };
    check.object(input.name, input.argocd_namespace, input.project);
    check.repository(&input.repository);
    check.server(input.server);
    check.name("namespace", input.namespace, Rule::Label);
    if !check.good {
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
    let folder = layout::application_folder(input.cluster, input.app);
    let spec = map([
        ("project", Value::string(input.project)),
        ("source", source(&input.repository, &folder)),
        (
            "destination",
            map([
                ("server", Value::string(input.server)),
                ("namespace", Value::string(input.namespace)),
            ]),
        ),
        ("syncPolicy", sync_policy(&["CreateNamespace=true"])),
    ]);
    let path = layout::argocd_application(input.cluster, input.app);
    Some(write("Application", metadata, spec, path, input.origin))
}

/// The Argo CD project.
pub fn project(input: &Project<'_>, sink: &mut Vec<Diagnostic>) -> Option<Artifact> {
    let mut check = Check { subject: "AppProject", origin: input.origin, sink, good: true };
    check.object(input.name, input.argocd_namespace, input.name);
    for (server, namespace) in &input.destinations {
        check.server(server);
        check.name("namespace", namespace, Rule::Label);
    }
    if !check.good {
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
    let mut check = Check { subject: "Application", origin: input.origin, sink, good: true };
    check.object(input.name, input.argocd_namespace, input.project);
    check.repository(&input.repository);
    if !check.good {
        return None;
    }
    let mut metadata = metadata(input.name, input.argocd_namespace);
    put(&mut metadata, "labels", labels(&[("platformc.dev/env", input.env)]));
    let mut source = source(&input.repository, layout::ARGOCD_FOLDER);
    // All but itself: who installs the root decides when it changes.
    let directory = [("recurse", Value::bool(true)), ("exclude", Value::string("root.yaml"))];
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

fn sync_policy(options: &[&str]) -> Value {
    let mut policy =
        map([("automated", map([("prune", Value::bool(true)), ("selfHeal", Value::bool(true))]))]);
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

/// What Argo CD's schema and its API server say without being asked.
struct Check<'a> {
    subject: &'a str,
    origin: Origin,
    sink: &'a mut Vec<Diagnostic>,
    good: bool,
}

impl Check<'_> {
    fn refuse(&mut self, message: &str, note: &str) {
        let message = format!("an Argo CD {} cannot have {message}", self.subject);
        let diagnostic = Diagnostic::new(codes::EMIT_ARGOCD, self.origin.span, message);
        self.sink.push(diagnostic.note(note));
        self.good = false;
    }

    fn name(&mut self, what: &str, name: &str, rule: Rule) {
        if !rule.admits(name) {
            self.refuse(&format!("the {what} `{name}`"), &format!("allowed: {}", rule.words()));
        }
    }

    fn object(&mut self, name: &str, namespace: &str, project: &str) {
        self.name("name", name, Rule::Subdomain);
        self.name("namespace", namespace, Rule::Label);
        self.name("project", project, Rule::Subdomain);
    }

    fn repository(&mut self, repository: &Repository<'_>) {
        let Repository { url, revision, folder } = repository;
        if url.is_empty() || url.contains(char::is_whitespace) {
            let note = "for example https://git.example.com/platform.git";
            self.refuse(&format!("the repository `{url}`"), note);
        }
        if revision.is_empty() || revision.contains(char::is_whitespace) {
            self.refuse(&format!("the revision `{revision}`"), "name a branch, tag or commit");
        }
        let folder = folder.trim_end_matches('/');
        if !folder.is_empty() && !platformc_source::is_relative(folder) {
            let note = "the folder is relative to the repository, without `.` and `..`";
            self.refuse(&format!("the path `{folder}`"), note);
        }
    }

    fn server(&mut self, server: &str) {
        let host = server.strip_prefix("https://").or_else(|| server.strip_prefix("http://"));
        let good = host.is_some_and(|host| !host.is_empty() && !host.starts_with('/'));
        if !good || server.contains(char::is_whitespace) {
            let note = "the address of an API server is a URL: https://host:6443";
            self.refuse(&format!("the server `{server}`"), note);
        }
    }
}

#[cfg(test)]
mod tests;
