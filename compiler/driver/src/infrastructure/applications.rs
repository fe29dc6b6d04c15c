//! Applications from other repositories: Argo CD Applications for the clusters an infrastructure
//! makes.
//!
//! Invariant: an application goes to clusters of its own infrastructure only.

use platformc_emit::argocd;
use platformc_graph::{Graph, Kind, NodePath, Reason, Strength};
use platformc_model::{
    Cluster, Environment, ExternalApplication, ExternalSource, Infrastructure, Manifest,
};
use platformc_source::{Diagnostic, codes};
use platformc_value::{Map, Value};

use crate::unit::UnitOutput;

/// The clusters of an environment that an infrastructure makes.
pub(super) fn clusters<'m>(
    found: &Infrastructure,
    manifest: &'m Manifest,
    environment: &Environment,
) -> Vec<&'m Cluster> {
    let members = environment.clusters.iter().filter_map(|name| manifest.cluster(name));
    members
        .filter(|cluster| {
            let made_by = cluster.infrastructure.as_ref();
            made_by.is_some_and(|name| *name.text == *found.metadata.name.text)
        })
        .collect()
}

/// Writes the applications of an infrastructure.
pub(super) fn applications(
    manifest: &Manifest,
    environment: &Environment,
    found: &Infrastructure,
    output: &mut UnitOutput,
    sink: &mut Vec<Diagnostic>,
) {
    let Some(first) = found.applications.first() else { return };
    let Some(settings) = &manifest.argocd else {
        let message = "applications of an infrastructure need Argo CD";
        sink.push(
            Diagnostic::new(codes::MODEL_MISSING_FIELD, first.name.span(), message)
                .note("`platform.toml` has no table [argocd]; add it with `repository`"),
        );
        return;
    };
    let clusters = clusters(found, manifest, environment);
    if clusters.is_empty() {
        let (name, env) = (&found.metadata.name, &environment.name);
        let message = format!("no cluster of environment `{env}` is made by `{name}`");
        sink.push(Diagnostic::new(codes::WORKSPACE_CLUSTER, first.name.span(), message).note(
            format!(
                "say in platform.toml which cluster it is: infrastructure = \"{name}\" below \
                 [clusters.NAME]"
            ),
        ));
        return;
    }
    let Some(waves) = waves(&found.applications, sink) else { return };
    let project = settings.project_of(&environment.name);
    for cluster in clusters {
        let parent = NodePath::top(Kind::Cluster, &cluster.name);
        for (application, wave) in found.applications.iter().zip(&waves) {
            let name = &application.name;
            let own = application.project.as_ref().map_or(&*project, |own| &*own.text);
            let title = settings.name_of(name, &environment.name, &cluster.name);
            let input = argocd::External {
                name: &title,
                argocd_namespace: &settings.namespace,
                project: own,
                env: &environment.name,
                cluster: &cluster.name,
                server: &cluster.server,
                app: name,
                namespace: &application.namespace,
                source: source(&application.source, name),
                wave: *wave,
                origin: application.name.origin,
            };
            output.artifacts.extend(argocd::external(&input, sink));
            if application.project.is_none() {
                let repository = application.source.repository();
                output.footprint.external(&cluster.server, &application.namespace, repository);
            }
            let path = parent.child(Kind::Application, name);
            let from = output.fragment.node(path, Kind::Application, name, name.span());
            for target in &application.depends_on {
                let to = parent.child(Kind::Application, target);
                let span = target.span();
                let reason = Reason::DependsOn;
                output.fragment.edge(from.clone(), to, Strength::Hard, reason, span);
            }
        }
    }
}

/// The wave of each application: ten for each rank.
fn waves(applications: &[ExternalApplication], sink: &mut Vec<Diagnostic>) -> Option<Vec<i32>> {
    let mut graph = Graph::new("application");
    let nodes: Vec<_> = applications
        .iter()
        .map(|found| graph.node(found.name.text.clone(), found.name.span()))
        .collect();
    for (application, node) in applications.iter().zip(nodes) {
        for target in &application.depends_on {
            graph.depend(node, target, target.span(), Reason::DependsOn);
        }
    }
    let outcome = graph.order();
    let failed = outcome.has_errors();
    let order = outcome.drain_into(sink);
    let wave = |rank: &usize| i32::try_from(*rank).unwrap_or(i32::MAX / 10).saturating_mul(10);
    (!failed).then(|| order.ranks.iter().map(wave).collect())
}

/// `source` of an Argo CD Application.
fn source(from: &ExternalSource, app: &str) -> Value {
    let mut map = Map::new();
    let put = |map: &mut Map, key: &str, value: Value| {
        map.insert(key, value);
    };
    match from {
        ExternalSource::Helm { repository, chart, version, release, values } => {
            // Argo CD reads charts of a registry without the scheme.
            let url = repository.strip_prefix("oci://").unwrap_or(repository);
            put(&mut map, "repoURL", Value::string(url).at(repository.origin));
            put(&mut map, "chart", chart.to_value());
            put(&mut map, "targetRevision", version.to_value());
            let mut helm = Map::new();
            let release = release.as_ref().map_or_else(|| Value::string(app), |r| r.to_value());
            put(&mut helm, "releaseName", release);
            if let Some(values) = values {
                put(&mut helm, "valuesObject", values.clone());
            }
            put(&mut map, "helm", Value::map(helm));
        }
        ExternalSource::Kustomize { repository, revision, path, options } => {
            put(&mut map, "repoURL", repository.to_value());
            put(&mut map, "targetRevision", revision.to_value());
            put(&mut map, "path", path.to_value());
            let options = options.clone().unwrap_or_else(|| Value::map(Map::new()));
            put(&mut map, "kustomize", options);
        }
        ExternalSource::Manifests { repository, revision, path, recurse, include, exclude } => {
            put(&mut map, "repoURL", repository.to_value());
            put(&mut map, "targetRevision", revision.to_value());
            put(&mut map, "path", path.to_value());
            let mut directory = Map::new();
            put(&mut directory, "recurse", Value::bool(*recurse));
            for (key, glob) in [("include", include), ("exclude", exclude)] {
                if let Some(glob) = glob {
                    put(&mut directory, key, glob.to_value());
                }
            }
            put(&mut map, "directory", Value::map(directory));
        }
    }
    Value::map(map)
}
