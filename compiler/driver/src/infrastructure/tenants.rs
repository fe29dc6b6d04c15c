//! Tenants become planned stacks: one for all virtual clusters, one for each team.
//!
//! Invariant: a team reaches nothing but its own virtual cluster; the way there is an output of
//! the stack that makes it.

use std::sync::Arc;

use platformc_definition::DefinitionKind;
use platformc_model::{Host, Infrastructure, Provider, Role, Team, TeamSource, Tenants, Text};
use platformc_source::{Diagnostic, Origin, codes, nearest};
use platformc_value::{Map, Value};

use super::plan::{Content, Planned, Scope, Words, fill, texts, value_from, wire};
use super::providers::COMMON;

/// The output of the shared stack that says where each team's kubeconfig is.
const KUBECONFIGS: &str = "kubeconfig_paths";

/// The stacks of tenants. `hosts` are the infrastructures of the environment.
pub(super) fn tenants(
    scope: &Scope<'_>,
    found: &Tenants,
    hosts: &[&Infrastructure],
    sink: &mut Vec<Diagnostic>,
) -> Vec<Planned> {
    let Some(provider) = scope.providers.get(COMMON) else { return Vec::new() };
    let Some(host) = host(scope, found, hosts, sink) else { return Vec::new() };
    let (shared, team) = (provider.role(Role::Tenants), provider.role(Role::Team));
    let (Some(shared), Some(team)) = (shared, team) else {
        let message = format!("provider `{}` lacks modules for tenants", provider.name);
        sink.push(
            Diagnostic::new(codes::INFRASTRUCTURE_PROVIDER, provider.name.span(), message)
                .note("it needs modules for the roles `tenants` and `team`"),
        );
        return Vec::new();
    };
    let labels = ("labels", texts(&found.metadata.labels));
    let environment = |team: &Team| match &team.environment {
        Some(own) => own.to_value(),
        None => Value::string(scope.environment),
    };
    let common = |name: String, origin: Origin| Planned {
        name: Text { text: name.into(), origin },
        content: Content::Outputs,
        inputs: Value::map(Map::new()),
        span: origin.span,
        after: Vec::new(),
        provider: provider.name.text.to_string(),
        region: Arc::clone(&host.region),
        backend: host.backend.clone(),
        document: Arc::clone(&found.metadata.name.text),
    };
    let mut planned = Vec::new();
    if let Some(module) = scope.library.resolve(DefinitionKind::Module, &shared.module, sink) {
        let mut stack = common(found.stack(), found.metadata.name.origin);
        stack.span = found.vcluster_span;
        let mut inputs = found.vcluster.clone();
        let teams = found.teams.iter().map(|team| {
            let mut map = Map::with_capacity(3);
            map.insert("name", team.name.to_value());
            map.insert("environment", environment(team));
            if let Some(quota) = &team.quota {
                map.insert("quota", quota.clone());
            }
            Value::map(map).at(team.origin)
        });
        let known = [
            ("name", found.metadata.name.to_value()),
            ("environment", Value::string(scope.environment)),
            labels.clone(),
            ("teams", Value::list(teams.collect())),
            ("access", host.access),
        ];
        fill(&mut inputs, &module, &known);
        stack.inputs = inputs;
        stack.content = Content::Module(module);
        planned.push(stack);
    }
    let Some(module) = scope.library.resolve(DefinitionKind::Module, &team.module, sink) else {
        return planned;
    };
    for (index, team) in found.teams.iter().enumerate() {
        // A second team of a name is reported where the document is read.
        let before = found.teams.iter().take(index);
        if before.map(|other| &other.name.text).any(|name| *name == team.name.text) {
            continue;
        }
        let mut from = Map::with_capacity(3);
        from.insert("stack", Value::string(found.stack()));
        from.insert("output", Value::string(KUBECONFIGS));
        from.insert("key", team.name.to_value());
        let mut access = Map::with_capacity(1);
        access.insert("config_path", value_from(from, team.name.origin));
        let known = [
            ("name", found.metadata.name.to_value()),
            ("team", team.name.to_value()),
            ("environment", environment(team)),
            labels.clone(),
            ("access", Value::map(access)),
            ("releases", releases(team)),
        ];
        let mut stack = common(found.team_stack(&team.name), team.name.origin);
        let mut inputs = Value::map(Map::new()).at(team.origin);
        fill(&mut inputs, &module, &known);
        stack.inputs = inputs;
        stack.content = Content::Module(Arc::clone(&module));
        let team_stack = stack.name.clone();
        planned.push(stack);
        for part in &team.parts {
            let TeamSource::Module { kind, inputs } = &part.source else { continue };
            let Some(module) = scope.library.resolve(DefinitionKind::Module, kind, sink) else {
                continue;
            };
            let name = format!("{}-{}", found.team_stack(&team.name), part.name);
            let mut stack = common(name, part.name.origin);
            stack.span = kind.span();
            let mut inputs = inputs.clone();
            fill(&mut inputs, &module, &known);
            stack.inputs = inputs;
            stack.content = Content::Module(module);
            stack.after.push((team_stack.clone(), Some("the namespaces of the team come first")));
            planned.push(stack);
        }
    }
    if let Some(backend) = &host.backend {
        for stack in &mut planned {
            let name = Text::computed(backend.as_str());
            stack.after.push((name, Some("the storage of its state comes first")));
        }
    }
    planned
}

/// The charts of a team as a value.
fn releases(team: &Team) -> Value {
    let release = |part: &platformc_model::TeamPart| {
        let TeamSource::Helm { repository, chart, version, values } = &part.source else {
            return None;
        };
        let mut map = Map::with_capacity(5);
        map.insert("name", part.name.to_value());
        map.insert("repository", repository.to_value());
        map.insert("chart", chart.to_value());
        map.insert("version", version.to_value());
        map.insert("values", values.clone());
        Some(Value::map(map).at(part.origin))
    };
    Value::list(team.parts.iter().filter_map(release).collect())
}

/// How the host is reached.
struct Reached {
    access: Value,
    region: Arc<str>,
    backend: Option<String>,
}

fn host(
    scope: &Scope<'_>,
    found: &Tenants,
    hosts: &[&Infrastructure],
    sink: &mut Vec<Diagnostic>,
) -> Option<Reached> {
    match &found.host {
        Host::Infrastructure(name) => {
            let own = hosts.iter().find(|host| host.metadata.name.text == name.text);
            let Some(host) = own else {
                sink.push(unknown(name, hosts, scope.environment));
                return None;
            };
            let provider: &Provider = scope.providers.get(&host.provider)?;
            let region: Arc<str> =
                host.region.as_ref().map_or_else(|| Arc::from(""), |text| Arc::clone(&text.text));
            let words = Words {
                name: &host.metadata.name,
                region: &region,
                environment: scope.environment,
            };
            let Some(access) = &provider.access else {
                let message = format!(
                    "provider `{}` does not say how its clusters are reached",
                    provider.name
                );
                sink.push(
                    Diagnostic::new(codes::INFRASTRUCTURE_PROVIDER, name.span(), message)
                        .note("its manifest needs a table `access`"),
                );
                return None;
            };
            let access = wire(access, host, &words).ok()?;
            let has_backend =
                host.part(Role::Backend).is_some() && provider.role(Role::Backend).is_some();
            let backend = has_backend.then(|| host.stack(Role::Backend));
            Some(Reached { access, region, backend })
        }
        Host::Cluster { kubeconfig, context, .. } => {
            let mut access = Map::with_capacity(2);
            access.insert("config_path", kubeconfig.to_value());
            if let Some(context) = context {
                access.insert("config_context", context.to_value());
            }
            let access = Value::map(access);
            Some(Reached { access, region: Arc::from(""), backend: None })
        }
    }
}

/// The diagnostic for an infrastructure that is not there.
pub(super) fn unknown(name: &Text, hosts: &[&Infrastructure], environment: &str) -> Diagnostic {
    let message = format!("there is no infrastructure `{name}` for environment `{environment}`");
    let diagnostic = Diagnostic::new(codes::GRAPH_UNKNOWN_TARGET, name.span(), message);
    let known = hosts.iter().map(|host| &*host.metadata.name.text);
    match nearest(name, known).first() {
        Some(best) => diagnostic.primary_label(format!("did you mean `{best}`?")),
        None => diagnostic.note("an infrastructure is for the environments that it names"),
    }
}
