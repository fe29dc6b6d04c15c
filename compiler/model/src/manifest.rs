//! The manifest of a workspace, `platform.toml`.
//!
//! Invariant: an environment names only clusters the manifest declares; names are DNS labels, so
//! that each is one step of an output path.

use std::sync::Arc;

use platformc_source::{Diagnostic, Origin, Severity, codes, nearest};
use platformc_value::{Data, Entry, Value};
use semver::{Version, VersionReq};

use crate::fields::{Fields, wrong_type};
use crate::terraform::{Runner, Terraform};
use crate::{Text, names};

/// A workspace.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The name of the workspace.
    pub name: Text,
    /// Its environments in order.
    pub environments: Vec<Environment>,
    /// Its clusters in order.
    pub clusters: Vec<Cluster>,
    /// How Argo CD finds the output.
    pub argocd: Option<ArgoCd>,
    /// How Terraform is run.
    pub terraform: Option<Terraform>,
    /// The images that stand for those that are not built yet.
    pub placeholders: Vec<Text>,
    /// What a build may take from its surroundings.
    pub inputs: Inputs,
}

/// What a build may take from its surroundings.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// Environment variables that the configuration and documents may refer to.
    pub env: Vec<Text>,
    /// Whether they may refer to the time.
    pub now: bool,
    /// Whether they may refer to the branch and commit.
    pub git: bool,
    /// Environment variables that, where they are set, set a path of the configuration.
    pub set: Vec<(Text, Text)>,
}

/// The image that stands for one that is not built yet, where the manifest names none: small, and
/// it answers on port 80.
const PLACEHOLDER: &str = "nginx:alpine";

/// How manifests reach a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Delivery {
    /// Argo CD Applications that read the rendered manifests.
    #[default]
    ArgoCd,
}

/// One environment.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its name.
    pub name: Text,
    /// The clusters it consists of.
    pub clusters: Vec<Text>,
    /// The clusters an Application without a topology goes to; all where not written.
    pub default_clusters: Vec<Text>,
    /// The namespace of Applications that name none.
    pub namespace: Option<Text>,
    /// How manifests reach its clusters.
    pub delivery: Delivery,
    /// Who runs the Terraform components of Applications; the workspace says where not written.
    pub terraform: Option<Runner>,
}

/// One cluster.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Its name.
    pub name: Text,
    /// The address of its API server.
    pub server: Text,
    /// The version of Kubernetes it runs, as written.
    pub kubernetes: Text,
    /// The minor version of Kubernetes, the 32 of 1.32.
    pub minor: u32,
    /// Labels that selectors use.
    pub labels: Vec<(Text, Text)>,
    /// The infrastructure whose cluster it is, where the workspace makes it.
    pub infrastructure: Option<Text>,
}

/// How Argo CD finds the output.
#[derive(Clone, Debug)]
pub struct ArgoCd {
    /// The repository that holds the output.
    pub repository: Text,
    /// The branch, tag or commit of it; `HEAD` where not written.
    pub revision: Text,
    /// The folder of the output in that repository; the repository's root where not written.
    pub path: Option<Text>,
    /// The namespace of Argo CD; `argocd` where not written.
    pub namespace: Text,
    /// The Argo CD project, with `{env}`; `default` where not written.
    pub project: Text,
    /// The names of Argo CD's Applications, with `{app}`, `{env}` and `{cluster}`.
    pub naming: Text,
}

impl Manifest {
    /// The environment of a name.
    #[must_use]
    pub fn environment(&self, name: &str) -> Option<&Environment> {
        self.environments.iter().find(|environment| *environment.name.text == *name)
    }

    /// The cluster of a name.
    #[must_use]
    pub fn cluster(&self, name: &str) -> Option<&Cluster> {
        self.clusters.iter().find(|cluster| *cluster.name.text == *name)
    }
}

/// Lowers a manifest; `version` is the compiler's own.
pub fn manifest(value: Value, version: &str, sink: &mut Vec<Diagnostic>) -> Option<Manifest> {
    let mut fields = Fields::open(value, "`platform.toml`", sink)?;
    let name = fields.required_text("name");
    let required = fields.text("required-version");
    let clusters = fields.entries("clusters");
    let environments = fields.entries("environments");
    let argocd = fields.take("argocd");
    let terraform = fields.value("terraform");
    let pins = fields.take("pins");
    let inputs = fields.take("inputs");
    if let Some(entry) = fields.take("dependencies") {
        let message =
            "`dependencies`: definitions from other repositories cannot be configured yet";
        fields.report(
            Diagnostic::new(codes::MODEL_NOT_SUPPORTED, entry.key_origin.span, message)
                .note("remove the table, and vendor the definitions into definitions/"),
        );
    }
    let anchor = fields.anchor();
    fields.finish();
    if let Some(required) = required {
        check_version(&required, version, sink);
    }
    if let Some(name) = &name {
        names::check_label("a workspace", name, sink);
    }
    // A cluster with a fault is still one that environments may name.
    let known: Vec<Arc<str>> = clusters.iter().map(|entry| entry.key.clone()).collect();
    let known: Vec<&str> = known.iter().map(|name| &**name).collect();
    let clusters: Vec<Cluster> =
        clusters.into_iter().filter_map(|entry| cluster(entry, sink)).collect();
    let has_environments = !environments.is_empty();
    let environments: Vec<Environment> =
        environments.into_iter().filter_map(|entry| environment(entry, &known, sink)).collect();
    if !has_environments {
        let message = "the workspace has no environment";
        sink.push(
            Diagnostic::new(codes::WORKSPACE_ENVIRONMENT, anchor, message)
                .note("declare one: [environments.dev] with clusters = [\"…\"]"),
        );
    }
    let argocd = argocd.and_then(|entry| argo_cd(entry.value, sink));
    let terraform = terraform.and_then(|value| crate::terraform::terraform(value, sink));
    if let Some(argocd) = &argocd {
        check_uniqueness(&argocd.naming, &environments, sink);
    }
    let placeholders = placeholders(pins, sink);
    let inputs = inputs.and_then(|entry| inputs_of(entry.value, sink)).unwrap_or_default();
    Some(Manifest { name: name?, environments, clusters, argocd, terraform, placeholders, inputs })
}

/// `[pins]`: the placeholders; the default one where the table or the list is left out.
fn placeholders(pins: Option<Entry>, sink: &mut Vec<Diagnostic>) -> Vec<Text> {
    let listed = pins.and_then(|entry| {
        let mut fields = Fields::open(entry.value, "`pins`", sink)?;
        let list = fields.value("placeholders");
        fields.finish();
        list
    });
    let Some(list) = listed else { return vec![Text::computed(PLACEHOLDER)] };
    let Data::List(items) = list.data else {
        sink.push(wrong_type("`placeholders` of `pins`", "a list", &list));
        return Vec::new();
    };
    let mut images = Vec::with_capacity(items.len());
    for item in items {
        let what = "an item of `placeholders`";
        match crate::fields::text(&item) {
            Some(image) if crate::pins::check_image(&image, what, sink) => images.push(image),
            Some(_) => {}
            None => sink.push(wrong_type(what, "a string", &item)),
        }
    }
    images
}

fn inputs_of(value: Value, sink: &mut Vec<Diagnostic>) -> Option<Inputs> {
    let mut fields = Fields::open(value, "`inputs`", sink)?;
    let env = fields.texts("env");
    let now = fields.boolean("now").unwrap_or(false);
    let git = fields.boolean("git").unwrap_or(false);
    let set = fields.text_map("set");
    fields.finish();
    for name in env.iter().chain(set.iter().map(|(name, _)| name)) {
        if name.is_empty() || name.contains(['=', '\0']) {
            let message = format!("`{name}` cannot be the name of an environment variable");
            sink.push(Diagnostic::new(codes::MODEL_INVALID_NAME, name.span(), message));
        }
    }
    crate::application::unique("environment variable", env.iter(), sink);
    Some(Inputs { env, now, git, set })
}

fn check_version(required: &Text, version: &str, sink: &mut Vec<Diagnostic>) {
    let request = match VersionReq::parse(required) {
        Ok(request) => request,
        Err(error) => {
            let message = format!("`{required}` is not a version requirement: {error}");
            sink.push(
                Diagnostic::new(codes::MODEL_INVALID_VALUE, required.span(), message)
                    .note("for example \">=0.1, <1\""),
            );
            return;
        }
    };
    if let Ok(own) = Version::parse(version)
        && !request.matches(&own)
    {
        let message = format!("this is platformc {version}; the workspace requires {required}");
        sink.push(
            Diagnostic::new(codes::WORKSPACE_VERSION, required.span(), message)
                .note("use a version the workspace accepts, or change the requirement"),
        );
    }
}

fn cluster(entry: Entry, sink: &mut Vec<Diagnostic>) -> Option<Cluster> {
    let name = Text { text: entry.key, origin: entry.key_origin };
    let good = names::check_label("a cluster", &name, sink);
    let mut fields = Fields::open(entry.value, format!("cluster `{name}`"), sink)?;
    let server = fields.required_text("server");
    let kubernetes = fields.required_text("kubernetes");
    let labels = fields.text_map("labels");
    let infrastructure = fields.text("infrastructure");
    fields.finish();
    let (server, kubernetes) = (server?, kubernetes?);
    if !server.starts_with("https://") && !server.starts_with("http://") {
        let message = format!("`{server}` is not the address of an API server");
        sink.push(Diagnostic::new(codes::MODEL_INVALID_VALUE, server.span(), message).note(
            "it starts with https://; Argo CD's own cluster is \
                       https://kubernetes.default.svc",
        ));
    }
    let minor = match minor_of(&kubernetes) {
        Some(minor) => minor,
        None => {
            let message = format!("`{kubernetes}` is not a version of Kubernetes");
            sink.push(
                Diagnostic::new(codes::MODEL_INVALID_VALUE, kubernetes.span(), message)
                    .note("write it as \"1.32\" or \"1.32.4\""),
            );
            return None;
        }
    };
    good.then_some(Cluster { name, server, kubernetes, minor, labels, infrastructure })
}

fn minor_of(version: &str) -> Option<u32> {
    let version = version.strip_prefix('v').unwrap_or(version);
    let mut parts = version.split('.');
    let (major, minor, patch) = (parts.next()?, parts.next()?, parts.next());
    let good = |part: &str| part.parse::<u32>().ok();
    if major != "1" || parts.next().is_some() || patch.is_some_and(|part| good(part).is_none()) {
        return None;
    }
    good(minor)
}

fn environment(entry: Entry, known: &[&str], sink: &mut Vec<Diagnostic>) -> Option<Environment> {
    let name = Text { text: entry.key, origin: entry.key_origin };
    let mut good = names::check_label("an environment", &name, sink);
    let taken = match &*name.text {
        "all" => Some("`--env all` means every environment"),
        "defaults" | "infra" | "user" | "schema" => {
            Some("`config.NAME.toml` would have two meanings")
        }
        _ => None,
    };
    if let Some(note) = taken {
        let message = format!("`{name}` cannot be the name of an environment");
        sink.push(Diagnostic::new(codes::MODEL_INVALID_NAME, name.span(), message).note(note));
        good = false;
    }
    let mut fields = Fields::open(entry.value, format!("environment `{name}`"), sink)?;
    let members = fields.texts("clusters");
    let defaults = fields.texts("default-clusters");
    let namespace = fields.text("namespace");
    let delivery = fields.text("delivery");
    let terraform = fields.text("terraform");
    fields.ignore("description");
    let anchor = fields.anchor();
    fields.finish();
    for member in &members {
        check_member(member, known, "the manifest declares no cluster", sink);
    }
    if members.is_empty() {
        let message = format!("environment `{name}` has no cluster");
        sink.push(
            Diagnostic::new(codes::WORKSPACE_CLUSTER, anchor, message)
                .note("list its clusters: clusters = [\"…\"]"),
        );
    }
    let own: Vec<&str> = members.iter().map(|member| &*member.text).collect();
    for member in &defaults {
        check_member(member, &own, &format!("environment `{name}` has no cluster"), sink);
    }
    crate::application::unique("cluster", members.iter(), sink);
    if let Some(namespace) = &namespace {
        names::check_label("a namespace", namespace, sink);
    }
    let delivery = match delivery {
        None => Delivery::ArgoCd,
        Some(text) if &*text == "argocd" => Delivery::ArgoCd,
        Some(text) => {
            let message = format!("delivery by `{text}` is not supported");
            sink.push(
                Diagnostic::new(codes::MODEL_NOT_SUPPORTED, text.span(), message)
                    .note("the one delivery of this version is `argocd`"),
            );
            Delivery::ArgoCd
        }
    };
    let default_clusters = if defaults.is_empty() { members.clone() } else { defaults };
    let terraform = terraform.and_then(|text| Runner::read(&text, sink));
    good.then_some(Environment {
        name,
        clusters: members,
        default_clusters,
        namespace,
        delivery,
        terraform,
    })
}

fn check_member(member: &Text, known: &[&str], lack: &str, sink: &mut Vec<Diagnostic>) {
    if known.contains(&&*member.text) {
        return;
    }
    let message = format!("{lack} `{member}`");
    let mut diagnostic = Diagnostic::new(codes::WORKSPACE_CLUSTER, member.span(), message);
    if let Some(best) = nearest(member, known.iter().copied()).first() {
        diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?")).replace(
            member.span(),
            format!("\"{best}\""),
            format!("write \"{best}\""),
        );
    }
    sink.push(diagnostic);
}

fn argo_cd(value: Value, sink: &mut Vec<Diagnostic>) -> Option<ArgoCd> {
    let mut fields = Fields::open(value, "`argocd`", sink)?;
    let repository = fields.required_text("repository");
    let revision = fields.text("revision");
    let path = fields.text("path");
    let namespace = fields.text("namespace");
    let project = fields.text("project");
    let naming = fields.text("naming");
    fields.finish();
    if let Some(namespace) = &namespace {
        names::check_label("a namespace", namespace, sink);
    }
    if let Some(naming) = &naming {
        check_naming(naming, sink);
    }
    if let Some(path) = &path
        && !platformc_source::is_relative(path)
    {
        let message = format!("`{path}` is not a folder of a repository");
        sink.push(
            Diagnostic::new(codes::MODEL_INVALID_VALUE, path.span(), message)
                .note("write it relative to the repository's root, with /, without . and .."),
        );
    }
    let or = |text: Option<Text>, default: &str| text.unwrap_or_else(|| Text::computed(default));
    Some(ArgoCd {
        repository: repository?,
        revision: or(revision, "HEAD"),
        path,
        namespace: or(namespace, "argocd"),
        project: or(project, "default"),
        naming: or(naming, "{app}-{env}-{cluster}"),
    })
}

fn check_naming(naming: &Text, sink: &mut Vec<Diagnostic>) {
    let filled = naming.replace("{app}", "a").replace("{env}", "a").replace("{cluster}", "a");
    if !naming.contains("{app}") || !names::is_dns_subdomain(&filled) {
        let message = format!("`{naming}` cannot name Argo CD's Applications");
        sink.push(Diagnostic::new(codes::MODEL_INVALID_VALUE, naming.span(), message).note(
            "it holds {app}, and where names must differ {env} and {cluster}, beside a-z, \
                 0-9, - and .",
        ));
    }
}

/// Two Argo CD Applications of one name in one namespace would be one.
fn check_uniqueness(naming: &Text, environments: &[Environment], sink: &mut Vec<Diagnostic>) {
    let several = environments.iter().find(|environment| environment.clusters.len() > 1);
    let lacks = |part: &str| !naming.contains(part);
    let (part, why, severity) = match several {
        Some(found) if lacks("{cluster}") => {
            ("{cluster}", format!("`{}` has several clusters", found.name), Severity::Error)
        }
        _ if environments.len() > 1 && lacks("{env}") => {
            let why = "one Argo CD may serve several environments".to_owned();
            ("{env}", why, Severity::Warning)
        }
        _ => return,
    };
    let message = format!("`{naming}` can name two Argo CD Applications alike");
    sink.push(
        Diagnostic::new(codes::MODEL_INVALID_VALUE, naming.span(), message)
            .severity(severity)
            .note(format!("{why}: add {part}")),
    );
}

impl ArgoCd {
    /// The Argo CD project of an environment. Two environments that share a project's name would
    /// overwrite each other's project where one Argo CD serves both.
    #[must_use]
    pub fn project_of(&self, env: &str) -> String {
        self.project.replace("{env}", env)
    }

    /// The folder of an environment's output in the repository.
    #[must_use]
    pub fn folder(&self, env: &str) -> String {
        match &self.path {
            Some(path) => format!("{path}/{env}"),
            None => env.to_owned(),
        }
    }

    /// The name of the Argo CD Application of an Application in a cluster of an environment.
    #[must_use]
    pub fn name_of(&self, app: &str, env: &str, cluster: &str) -> Text {
        let text =
            self.naming.replace("{app}", app).replace("{env}", env).replace("{cluster}", cluster);
        Text { text: text.into(), origin: Origin::new(self.naming.span(), self.naming.origin.role) }
    }
}
