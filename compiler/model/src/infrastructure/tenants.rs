//! Tenants (`platformc.dev/v1alpha1`): teams with virtual clusters inside one host cluster.
//!
//! Invariant: a team has its name once, since its virtual cluster and its stacks are named after
//! it; what a chart or module takes is kept as a value, untouched.

use platformc_source::{Diagnostic, Origin, Span, codes};
use platformc_value::{Data, Map, Value};

use super::{a_struct, metadata, pin};
use crate::application::{Metadata, unique};
use crate::fields::Fields;
use crate::{Text, names};

/// Teams on one host.
#[derive(Clone, Debug)]
pub struct Tenants {
    /// Name, labels, annotations.
    pub metadata: Metadata,
    /// The cluster that the virtual clusters run in.
    pub host: Host,
    /// The environments it is for; all where none is named.
    pub environments: Vec<Text>,
    /// What the module of the virtual clusters takes: `version`, `values` and so on.
    pub vcluster: Value,
    /// The key of `vcluster`, or of the spec where it is not written.
    pub vcluster_span: Span,
    /// The teams in order.
    pub teams: Vec<Team>,
    /// The whole document.
    pub origin: Origin,
}

/// The cluster that virtual clusters run in.
#[derive(Clone, Debug)]
pub enum Host {
    /// The cluster of an infrastructure.
    Infrastructure(Text),
    /// A cluster of the workspace, reached through a file.
    Cluster {
        /// Its name in `platform.toml`.
        name: Text,
        /// The path of the kubeconfig where Terraform runs.
        kubeconfig: Text,
        /// The context in it.
        context: Option<Text>,
    },
}

/// A team.
#[derive(Clone, Debug)]
pub struct Team {
    /// Its name.
    pub name: Text,
    /// What its resources are labelled with, such as `demo`.
    pub environment: Option<Text>,
    /// The limits of its virtual cluster: a struct of a resource quota.
    pub quota: Option<Value>,
    /// What it has in its virtual cluster.
    pub parts: Vec<TeamPart>,
    /// The whole team.
    pub origin: Origin,
}

/// Something a team has.
#[derive(Clone, Debug)]
pub struct TeamPart {
    /// Its name, unique in the team.
    pub name: Text,
    /// Where it comes from.
    pub source: TeamSource,
    /// The whole part.
    pub origin: Origin,
}

/// Where a part of a team comes from.
#[derive(Clone, Debug)]
pub enum TeamSource {
    /// A Helm chart.
    Helm {
        /// The repository of charts.
        repository: Text,
        /// The name of the chart.
        chart: Text,
        /// Its exact version.
        version: Text,
        /// Values of the chart.
        values: Value,
    },
    /// A module definition.
    Module {
        /// The name of the definition.
        kind: Text,
        /// What it takes; a struct.
        inputs: Value,
    },
}

impl Tenants {
    /// The name of the stack of the virtual clusters.
    #[must_use]
    pub fn stack(&self) -> String {
        format!("{}-vclusters", self.metadata.name)
    }

    /// The name of the stack of a team.
    #[must_use]
    pub fn team_stack(&self, team: &str) -> String {
        format!("{}-{team}", self.metadata.name)
    }
}

/// Lowers Tenants; `apiVersion` and `kind` are already known to be their own.
pub(crate) fn tenants(value: Value, sink: &mut Vec<Diagnostic>) -> Option<Tenants> {
    let origin = value.origin;
    let mut fields = Fields::open(value, "Tenants", sink)?;
    fields.ignore("apiVersion");
    fields.ignore("kind");
    let header = fields.required("metadata");
    let spec = fields.required("spec");
    fields.finish();
    let metadata = header.and_then(|value| metadata(value, "Tenants", sink));
    let mut fields = Fields::open(spec?, "`spec` of Tenants", sink)?;
    let host = fields.required("host");
    let environments = fields.texts("environments");
    let vcluster = fields.take("vcluster");
    let teams = fields.list("teams");
    let anchor = fields.anchor();
    fields.finish();
    let host = host.and_then(|value| self::host(value, sink));
    let vcluster_span = vcluster.as_ref().map_or(anchor, |entry| entry.key_origin.span);
    let vcluster = match vcluster {
        Some(entry) => a_struct(entry.value, "`vcluster`", sink),
        None => Value::new(Data::Map(Map::new()), origin),
    };
    let before = sink.len();
    let teams: Vec<Team> = teams.into_iter().filter_map(|value| team(value, sink)).collect();
    if teams.is_empty() && sink.len() == before {
        let message = "Tenants without `teams` make nothing";
        sink.push(
            Diagnostic::new(codes::MODEL_MISSING_FIELD, anchor, message)
                .note("list them: teams: [{name: …}]"),
        );
    }
    unique("team", teams.iter().map(|team| &team.name), sink);
    unique("environment", environments.iter(), sink);
    for team in teams.iter().filter(|team| &*team.name.text == "vclusters") {
        let message = "`vclusters` is the name of the stack that all teams share";
        sink.push(
            Diagnostic::new(codes::MODEL_INVALID_NAME, team.name.span(), message)
                .note("give the team another name"),
        );
    }
    Some(Tenants {
        metadata: metadata?,
        host: host?,
        environments,
        vcluster,
        vcluster_span,
        teams,
        origin,
    })
}

fn host(value: Value, sink: &mut Vec<Diagnostic>) -> Option<Host> {
    let mut fields = Fields::open(value, "`host`", sink)?;
    let infrastructure = fields.text("infrastructure");
    let cluster = fields.text("cluster");
    let kubeconfig = fields.text("kubeconfig");
    let context = fields.text("context");
    let anchor = fields.anchor();
    fields.finish();
    match (infrastructure, cluster) {
        (Some(name), None) => {
            for extra in [kubeconfig, context].into_iter().flatten() {
                let message = format!("`{extra}`: an infrastructure says itself how it is reached");
                sink.push(
                    Diagnostic::new(codes::MODEL_INVALID_VALUE, extra.span(), message)
                        .note("remove `kubeconfig` and `context`"),
                );
            }
            Some(Host::Infrastructure(name))
        }
        (None, Some(name)) => {
            if kubeconfig.is_none() {
                let message = "`kubeconfig` is missing in `host`";
                sink.push(Diagnostic::new(codes::MODEL_MISSING_FIELD, name.span(), message).note(
                    "it is the path of the cluster's kubeconfig where Terraform runs, such as \
                     ~/.kube/config",
                ));
            }
            Some(Host::Cluster { name, kubeconfig: kubeconfig?, context })
        }
        (Some(first), Some(second)) => {
            let message = "a host is an infrastructure or a cluster, not both";
            sink.push(
                Diagnostic::new(codes::MODEL_INVALID_VALUE, second.span(), message)
                    .label(first.span(), "the infrastructure"),
            );
            None
        }
        (None, None) => {
            let message = "`host` names no cluster";
            sink.push(Diagnostic::new(codes::MODEL_MISSING_FIELD, anchor, message).note(
                "`infrastructure: NAME`, or `cluster: NAME` with the path of a `kubeconfig`",
            ));
            None
        }
    }
}

fn team(value: Value, sink: &mut Vec<Diagnostic>) -> Option<Team> {
    let origin = value.origin;
    let mut fields = Fields::open(value, "a team", sink)?;
    let name = fields.required_text("name");
    let environment = fields.text("environment");
    let quota = fields.value("quota");
    let parts = fields.list("stack");
    fields.finish();
    let quota = quota.map(|quota| a_struct(quota, "`quota`", sink));
    let parts: Vec<TeamPart> = parts.into_iter().filter_map(|value| part(value, sink)).collect();
    unique("part of a team", parts.iter().map(|part| &part.name), sink);
    if let Some(environment) = &environment {
        names::check_label("an environment of a team", environment, sink);
    }
    let name = name?;
    let good = names::check_label("a team", &name, sink);
    good.then_some(Team { name, environment, quota, parts, origin })
}

fn part(value: Value, sink: &mut Vec<Diagnostic>) -> Option<TeamPart> {
    let origin = value.origin;
    let mut fields = Fields::open(value, "a part of a team", sink)?;
    let name = fields.required_text("name");
    let helm = fields.value("helm");
    let kind = fields.text("type");
    let inputs = fields.value("inputs");
    let anchor = fields.anchor();
    fields.finish();
    let source = match (helm, kind) {
        (Some(helm), None) => {
            if let Some(inputs) = inputs {
                let message = "`inputs` go with `type`; a chart has `values` inside `helm`";
                sink.push(Diagnostic::new(codes::MODEL_INVALID_VALUE, inputs.origin.span, message));
            }
            self::helm(helm, sink)
        }
        (None, Some(kind)) => {
            let inputs = match inputs {
                Some(inputs) => a_struct(inputs, "`inputs`", sink),
                None => Value::new(Data::Map(Map::new()), origin),
            };
            Some(TeamSource::Module { kind, inputs })
        }
        (Some(_), Some(kind)) => {
            let message = "a part of a team is a chart or a module, not both";
            sink.push(
                Diagnostic::new(codes::MODEL_INVALID_VALUE, kind.span(), message)
                    .note("remove `helm` or `type`"),
            );
            None
        }
        (None, None) => {
            let message = "a part of a team says where it comes from";
            sink.push(
                Diagnostic::new(codes::MODEL_MISSING_FIELD, anchor, message)
                    .note("`helm` describes a chart, `type` names a module definition"),
            );
            None
        }
    };
    let name = name?;
    let good = names::check_label("a part of a team", &name, sink);
    let source = source?;
    good.then_some(TeamPart { name, source, origin })
}

fn helm(value: Value, sink: &mut Vec<Diagnostic>) -> Option<TeamSource> {
    let origin = value.origin;
    let mut fields = Fields::open(value, "`helm`", sink)?;
    let repository = fields.required_text("repository");
    let chart = fields.required_text("chart");
    let version = fields.required_text("version");
    let values = fields.value("values");
    fields.finish();
    let values = match values {
        Some(values) => a_struct(values, "`values` of a chart", sink),
        None => Value::new(Data::Map(Map::new()), origin),
    };
    let (repository, chart, version) = (repository?, chart?, version?);
    pin::check_address("a repository of charts", &repository, sink);
    pin::check_version("the chart", &version, sink);
    Some(TeamSource::Helm { repository, chart, version, values })
}
