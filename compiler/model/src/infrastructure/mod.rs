//! The Infrastructure (`platformc.dev/v1alpha1`): one manifest for all that a cluster stands on.
//!
//! Invariant: an infrastructure has one cluster and one administrator; what a module takes is kept
//! as a value, untouched, because only the module's definition can say what it means. Everything
//! that comes from elsewhere names an exact version.

mod applications;
mod modules;
mod pin;
mod provider;
mod reference;
mod tenants;

use std::fmt;

use platformc_source::{Diagnostic, Origin, Span, codes};
use platformc_value::{Data, Map, Value};

use crate::application::Metadata;
use crate::fields::{Fields, a_kind};
use crate::{Text, names};

pub use applications::{ExternalApplication, ExternalSource};
pub use modules::{CustomModule, ModuleSource, is_folder};
pub use provider::{Provider, RoleModule, TerraformProvider, provider};
pub use reference::{OutputReference, reference, references};
pub use tenants::{Host, Team, TeamPart, TeamSource, Tenants};

pub(crate) use tenants::tenants;

/// The part a module plays in an infrastructure. The order is the order of their stacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Storage of Terraform's state.
    Backend,
    /// The private network.
    Vpc,
    /// The DNS zone.
    Domain,
    /// The Kubernetes cluster.
    Kubernetes,
    /// What runs in the cluster from the start.
    Addons,
    /// The virtual clusters of teams.
    Tenants,
    /// What one team has in its virtual cluster.
    Team,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 7] = [
        Role::Backend,
        Role::Vpc,
        Role::Domain,
        Role::Kubernetes,
        Role::Addons,
        Role::Tenants,
        Role::Team,
    ];

    /// The roles that an Infrastructure gives properties to, in the order of their stacks.
    pub const OF_INFRASTRUCTURE: [Role; 5] =
        [Role::Backend, Role::Vpc, Role::Domain, Role::Kubernetes, Role::Addons];

    /// The word for it in documents, provider manifests and names of stacks.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Backend => "backend",
            Role::Vpc => "vpc",
            Role::Domain => "domain",
            Role::Kubernetes => "kubernetes",
            Role::Addons => "addons",
            Role::Tenants => "tenants",
            Role::Team => "team",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An infrastructure.
#[derive(Clone, Debug)]
pub struct Infrastructure {
    /// Name, labels, annotations.
    pub metadata: Metadata,
    /// The provider whose modules are used.
    pub provider: Text,
    /// Where it is; a region of the provider.
    pub region: Option<Text>,
    /// The environments it is for; all where none is named.
    pub environments: Vec<Text>,
    /// The one user with full privileges.
    pub admin: Admin,
    /// What the modules of the provider take, in the order of [`Role::OF_INFRASTRUCTURE`].
    pub parts: Vec<Part>,
    /// Modules beside those of the provider.
    pub modules: Vec<CustomModule>,
    /// Applications from other repositories, delivered to the cluster by Argo CD.
    pub applications: Vec<ExternalApplication>,
    /// What the infrastructure gives to the outside: names and references.
    pub outputs: Vec<(Text, Value)>,
    /// The whole document.
    pub origin: Origin,
}

/// The administrator of an infrastructure.
#[derive(Clone, Debug)]
pub struct Admin {
    /// The name to log in with.
    pub username: Text,
    /// Where mail goes.
    pub email: Option<Text>,
    /// The administrator as written, for modules that take it.
    pub value: Value,
}

/// What one module of the provider takes.
#[derive(Clone, Debug)]
pub struct Part {
    /// Which module.
    pub role: Role,
    /// What it takes; a struct.
    pub properties: Value,
    /// The key that names the role.
    pub span: Span,
}

impl Infrastructure {
    /// What the module of a role takes, where the infrastructure has it.
    #[must_use]
    pub fn part(&self, role: Role) -> Option<&Part> {
        self.parts.iter().find(|part| part.role == role)
    }

    /// The name of the stack of a role.
    #[must_use]
    pub fn stack(&self, role: Role) -> String {
        format!("{}-{role}", self.metadata.name)
    }
}

/// `metadata` of a document that becomes stacks; they live in no namespace.
pub(crate) fn metadata(value: Value, what: &str, sink: &mut Vec<Diagnostic>) -> Option<Metadata> {
    let mut fields = Fields::open(value, "`metadata`", sink)?;
    let name = fields.required_text("name");
    let labels = fields.text_map("labels");
    let annotations = fields.text_map("annotations");
    fields.finish();
    let name = name?;
    let mut good = names::check_label(what, &name, sink);
    // Names of stacks and of what lies in them are made of it.
    if good && name.len() > LONGEST_NAME {
        let message = format!("`{name}` is too long for the name of {what}");
        sink.push(Diagnostic::new(codes::MODEL_INVALID_NAME, name.span(), message).note(format!(
            "it has at most {LONGEST_NAME} characters, because cloud resources are named after it"
        )));
        good = false;
    }
    good.then_some(Metadata { name, namespace: None, labels, annotations })
}

/// A struct for properties: what is something else is reported and becomes an empty one.
pub(crate) fn a_struct(value: Value, what: &str, sink: &mut Vec<Diagnostic>) -> Value {
    if value.as_map().is_some() {
        return value;
    }
    let origin = value.origin;
    let message = format!("{what} must be a struct, not {}", a_kind(&value));
    let mut diagnostic = Diagnostic::new(codes::MODEL_WRONG_TYPE, origin.span, message);
    if matches!(value.data, Data::List(_)) {
        diagnostic = diagnostic.note("an infrastructure has one of it");
    }
    sink.push(diagnostic);
    Value::new(Data::Map(Map::new()), origin)
}

/// Lowers an Infrastructure; `apiVersion` and `kind` are already known to be its own.
pub(crate) fn infrastructure(value: Value, sink: &mut Vec<Diagnostic>) -> Option<Infrastructure> {
    let origin = value.origin;
    let mut fields = Fields::open(value, "an Infrastructure", sink)?;
    fields.ignore("apiVersion");
    fields.ignore("kind");
    let metadata_value = fields.required("metadata");
    let spec = fields.required("spec");
    fields.finish();
    let metadata = metadata_value.and_then(|value| metadata(value, "an infrastructure", sink));
    let mut fields = Fields::open(spec?, "`spec` of an Infrastructure", sink)?;
    let provider = fields.required_text("provider");
    let region = fields.text("region");
    let environments = fields.texts("environments");
    let admin = fields.required("admin");
    let mut parts = Vec::new();
    for role in Role::OF_INFRASTRUCTURE {
        if let Some(entry) = fields.take(role.as_str()) {
            parts.push((role, entry));
        }
    }
    if !parts.iter().any(|(role, _)| *role == Role::Kubernetes) {
        let message = "`kubernetes` is missing in `spec` of an Infrastructure";
        let anchor = fields.anchor();
        fields.report(
            Diagnostic::new(codes::MODEL_MISSING_FIELD, anchor, message)
                .note("an infrastructure has one cluster; `kubernetes: {…}` says what it is like"),
        );
    }
    let modules = fields.list("modules");
    let applications = fields.list("applications");
    let outputs = fields.entries("outputs");
    fields.finish();
    let parts = parts.into_iter().map(|(role, entry)| Part {
        role,
        properties: a_struct(entry.value, &format!("`{role}`"), sink),
        span: entry.key_origin.span,
    });
    let parts: Vec<Part> = parts.collect();
    let admin = admin.and_then(|value| self::admin(value, sink));
    let modules: Vec<CustomModule> =
        modules.into_iter().filter_map(|value| modules::module(value, sink)).collect();
    let taken = modules.iter().map(|module| &module.name);
    crate::application::unique("module", taken, sink);
    for module in &modules {
        if Role::OF_INFRASTRUCTURE.iter().any(|role| role.as_str() == &*module.name.text)
            || &*module.name.text == OUTPUTS
        {
            let message =
                format!("`{}` is the name of a stack of every infrastructure", module.name);
            let diagnostic =
                Diagnostic::new(codes::MODEL_INVALID_NAME, module.name.span(), message);
            sink.push(diagnostic.note("give the module another name"));
        }
    }
    let applications: Vec<ExternalApplication> = applications
        .into_iter()
        .filter_map(|value| applications::application(value, sink))
        .collect();
    crate::application::unique("application", applications.iter().map(|found| &found.name), sink);
    let outputs = outputs
        .into_iter()
        .map(|entry| (Text { text: entry.key, origin: entry.key_origin }, entry.value))
        .collect();
    crate::application::unique("environment", environments.iter(), sink);
    Some(Infrastructure {
        metadata: metadata?,
        provider: provider?,
        region,
        environments,
        admin: admin?,
        parts,
        modules,
        applications,
        outputs,
        origin,
    })
}

/// The longest name: an S3 bucket has 63 characters, of which suffixes take up to 23.
const LONGEST_NAME: usize = 40;

/// The last part of the name of the stack that holds an infrastructure's outputs.
pub const OUTPUTS: &str = "outputs";

fn admin(value: Value, sink: &mut Vec<Diagnostic>) -> Option<Admin> {
    if let Data::List(items) = &value.data {
        let message = format!(
            "`admin` is one user, not a list of {}: an infrastructure has one administrator",
            items.len()
        );
        let diagnostic = Diagnostic::new(codes::MODEL_WRONG_TYPE, value.origin.span, message);
        sink.push(diagnostic.note("write `admin: {username: …}`; add other users in Keycloak"));
        return None;
    }
    let whole = value.clone();
    let mut fields = Fields::open(value, "`admin`", sink)?;
    let username = fields.required_text("username");
    let email = fields.text("email");
    fields.finish();
    let username = username?;
    names::check_label("a user", &username, sink);
    if let Some(email) = &email
        && !email.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty() && names::is_dns_subdomain(&host.to_ascii_lowercase())
        })
    {
        let message = format!("`{email}` is not an address of mail");
        let diagnostic = Diagnostic::new(codes::MODEL_INVALID_VALUE, email.span(), message);
        sink.push(diagnostic.note("for example ops@example.com"));
    }
    Some(Admin { username, email, value: whole })
}
