//! What concerns all units of an environment: its graph, and what follows from it.
//!
//! Invariant: everything here is a function of the units in the order of their keys. A wave of an
//! Application is its rank among the Applications of the environment; what Argo CD cannot keep of
//! the graph is said.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use platformc_emit::{Artifact, Input, Record, argocd, layout};
use platformc_graph::{Fragment, Kind, Link, NodeId, NodePath, Whole};
use platformc_model::{ArgoCd, Environment};
use platformc_source::{Diagnostic, FileId, Origin, codes};

use crate::delivery::Footprint;
use crate::group::Shared;
use crate::parallel;
use crate::unit::{Unit, UnitOutput};

/// Argo CD's waves of neighbouring ranks, apart so that other waves fit between.
const WAVE_STEP: i32 = 10;

/// The wave of a rank.
pub(crate) fn wave(rank: usize) -> i32 {
    i32::try_from(rank).unwrap_or(i32::MAX / WAVE_STEP).saturating_mul(WAVE_STEP)
}

/// Something Argo CD delivers to a cluster as one Application.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    /// Its node.
    pub(crate) node: NodePath,
    /// The name of the Argo CD object.
    pub(crate) name: String,
    /// The cluster.
    pub(crate) cluster: Arc<str>,
    /// The address of the cluster's API server.
    pub(crate) server: Arc<str>,
    /// The application.
    pub(crate) app: Arc<str>,
    /// The namespace its objects go to unless they name another.
    pub(crate) namespace: Arc<str>,
    /// What is delivered.
    pub(crate) source: Source,
    /// What it is made from.
    pub(crate) origin: Origin,
}

/// What is delivered.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// The manifests in the output.
    Output,
}

/// All units of an environment together.
pub(crate) struct Environed {
    /// How many Kubernetes objects there are.
    pub(crate) resources: usize,
    /// Every file.
    pub(crate) artifacts: Vec<Artifact>,
    /// The graph.
    pub(crate) graph: Whole,
}

/// Puts the units of an environment together. `elsewhere` are the names of the workspace's
/// documents, also of those that are not in this environment.
pub(crate) fn environment(
    units: Vec<Unit>,
    environment: &Environment,
    elsewhere: &BTreeSet<(Kind, Arc<str>)>,
    shared: &Shared<'_>,
    sink: &mut Vec<Diagnostic>,
) -> Environed {
    // Clusters are there whether or not anything is delivered to them.
    let mut base = Fragment::default();
    for member in &environment.clusters {
        let declared = shared.manifest.cluster(member);
        let span = declared.map_or(member.span(), |cluster| cluster.name.span());
        base.node(NodePath::top(Kind::Cluster, member), Kind::Cluster, member, span);
    }
    let fragments = units.iter().map(|unit| &unit.output.fragment).chain([&base]);
    let graph = Whole::merge(fragments, elsewhere, shared.map).drain_into(sink);
    let name = &environment.name.text;
    let files = shared.records.then(|| files(&units, shared));
    let settings = shared.manifest.argocd.as_ref();
    let finishing = Finishing { graph: &graph, files: files.as_ref(), settings, name };
    let finished = parallel::map(&units, shared.jobs, |unit| finishing.unit(unit));
    let mut footprint = Footprint::default();
    let (mut resources, mut artifacts) = (0, Vec::new());
    for (unit, (more, diagnostics)) in units.into_iter().zip(finished) {
        let UnitOutput { resources: count, artifacts: own, footprint: part, .. } = unit.output;
        resources += count;
        footprint.join(part);
        artifacts.extend(own);
        artifacts.extend(more);
        sink.extend(diagnostics);
    }
    if shared.manifest.argocd.is_some() {
        lost(&graph, sink);
    }
    let checks = footprint.checks(&graph);
    artifacts.extend(footprint.artifacts(shared.manifest, name, checks, sink));
    Environed { resources, artifacts, graph }
}

/// What is still to be done for each unit once the graph is known.
struct Finishing<'a> {
    graph: &'a Whole,
    /// The files of all units; nothing where no records are wanted.
    files: Option<&'a BTreeMap<FileId, Input>>,
    settings: Option<&'a ArgoCd>,
    name: &'a str,
}

impl Finishing<'_> {
    /// The Argo CD Applications of a unit and its record.
    fn unit(&self, unit: &Unit) -> (Vec<Artifact>, Vec<Diagnostic>) {
        let (mut artifacts, mut sink) = (Vec::new(), Vec::new());
        let output = &unit.output;
        for delivery in &output.deliveries {
            artifacts.extend(self.delivery(delivery, &mut sink));
        }
        let Some(files) = self.files else { return (artifacts, sink) };
        let name = unit.key.record();
        let path = layout::unit(&name);
        let made = || output.artifacts.iter().chain(&artifacts);
        if made().next().is_some() && made().all(|artifact| artifact.path != path) {
            let all: Vec<&Artifact> = made().collect();
            let nodes: Vec<NodePath> =
                output.fragment.nodes.iter().map(|node| node.path.clone()).collect();
            let links = links(self.graph, &output.fragment);
            let origin = output.artifacts.first().map_or(Origin::NONE, |first| first.origin);
            let mut inputs = output.inputs.clone();
            inputs.extend(output.files.iter().filter_map(|file| files.get(file)).cloned());
            let record = platformc_emit::record(&Record {
                unit: &name,
                inputs: &inputs,
                nodes: &nodes,
                links: &links,
                graph: self.graph,
                artifacts: &all,
                origin,
            });
            artifacts.push(record);
        }
        (artifacts, sink)
    }

    fn delivery(&self, delivery: &Delivery, sink: &mut Vec<Diagnostic>) -> Option<Artifact> {
        let settings = self.settings?;
        let input = argocd::Application {
            name: &delivery.name,
            argocd_namespace: &settings.namespace,
            project: &settings.project_of(self.name),
            repository: argocd::Repository {
                url: &settings.repository,
                revision: &settings.revision,
                folder: &settings.folder(self.name),
            },
            source: match &delivery.source {
                Source::Output => argocd::Source::Output,
            },
            env: self.name,
            cluster: &delivery.cluster,
            server: &delivery.server,
            app: &delivery.app,
            namespace: &delivery.namespace,
            wave: wave(self.graph.rank(delivery.node.as_str())),
            cascade: false,
            origin: delivery.origin,
        };
        argocd::application(&input, sink)
    }
}

/// What the nodes of a unit depend on. A cluster is declared by many; its dependencies belong to
/// the unit that states them.
fn links<'g>(graph: &'g Whole, fragment: &Fragment) -> Vec<&'g Link> {
    let mut ids: Vec<NodeId> = fragment
        .nodes
        .iter()
        .filter(|node| {
            node.kind != Kind::Cluster || fragment.edges.iter().any(|edge| edge.from == node.path)
        })
        .filter_map(|node| graph.find(node.path.as_str()))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().flat_map(|id| graph.links_of(id)).collect()
}

/// Reports what Argo CD cannot keep: it orders Applications, and waits for nothing else.
fn lost(graph: &Whole, sink: &mut Vec<Diagnostic>) {
    let within = |id: NodeId| graph.ancestors(id).find(|at| graph.kind(*at) == Kind::Application);
    for link in graph.links() {
        let Some(application) = within(link.from) else { continue };
        // Its own cluster is there if it can be delivered at all.
        if within(link.to).is_some() || graph.is_inside(link.from, link.to) {
            continue;
        }
        let kind = graph.kind(link.to).as_str();
        let (from, to) = (graph.label(application), graph.label(link.to));
        let message = format!("Argo CD cannot make `{from}` wait for {kind} `{to}`");
        sink.push(
            Diagnostic::new(codes::EMIT_ORDER_LOST, link.span, message)
                .primary_label("Argo CD orders nothing but its own Applications")
                .note(format!("see that {kind} `{to}` is there before the output is delivered"))
                .note("Argo CD tries again five times, so that a short wait does no harm"),
        );
    }
}

/// The files of all units, each read and digested once.
fn files(units: &[Unit], shared: &Shared<'_>) -> BTreeMap<FileId, Input> {
    let mut ids: Vec<FileId> =
        units.iter().flat_map(|unit| unit.output.files.iter().copied()).collect();
    ids.sort_unstable();
    ids.dedup();
    let inputs = parallel::map(&ids, shared.jobs, |id| {
        let file = shared.map.get(*id)?;
        Some((*id, Input::new("file", file.path().clone(), file.text().as_bytes())))
    });
    inputs.into_iter().flatten().collect()
}
