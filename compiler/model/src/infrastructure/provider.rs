//! The manifest of a provider, `providers/NAME/provider.toml`: what it offers, as data.
//!
//! Invariant: a role names one module; every Terraform provider has a source and a version.

use platformc_source::{Diagnostic, Origin, codes, nearest};
use platformc_value::{Data, Entry, Map, Value};

use super::{Role, a_struct};
use crate::fields::Fields;
use crate::{Text, names};

/// A provider of infrastructure.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its name, the word of `spec.provider`.
    pub name: Text,
    /// What it is.
    pub description: Option<Text>,
    /// Its regions; any where none is listed.
    pub regions: Vec<Text>,
    /// The operations it offers to workflows.
    pub operations: Vec<Text>,
    /// The Terraform providers its modules use.
    pub terraform: Vec<TerraformProvider>,
    /// The module of each role it has.
    pub roles: Vec<RoleModule>,
    /// How the Terraform providers `kubernetes` and `helm` reach its clusters: a struct with
    /// references to outputs of roles.
    pub access: Option<Value>,
    /// The whole manifest.
    pub origin: Origin,
}

/// A Terraform provider.
#[derive(Clone, Debug)]
pub struct TerraformProvider {
    /// The name resources begin with: `aws`.
    pub name: Text,
    /// Its address: `hashicorp/aws`.
    pub source: Text,
    /// The versions that are good, as Terraform writes them.
    pub version: Text,
    /// Its settings, in which `{region}` stands for the infrastructure's region.
    pub configuration: Value,
}

/// The module that plays a role.
#[derive(Clone, Debug)]
pub struct RoleModule {
    /// The role.
    pub role: Role,
    /// The name of the module definition.
    pub module: Text,
    /// What it takes from other roles and from the infrastructure, by the name of its parameter:
    /// values in which `{role = "vpc", output = "vpc_id"}` is an output of another role.
    pub inputs: Vec<Entry>,
}

impl Provider {
    /// The module of a role.
    #[must_use]
    pub fn role(&self, role: Role) -> Option<&RoleModule> {
        self.roles.iter().find(|module| module.role == role)
    }

    /// The Terraform provider of a name.
    #[must_use]
    pub fn terraform(&self, name: &str) -> Option<&TerraformProvider> {
        self.terraform.iter().find(|provider| *provider.name.text == *name)
    }
}

/// Lowers the manifest of a provider; `folder` is the name of the folder it stands in.
pub fn provider(value: Value, folder: &str, sink: &mut Vec<Diagnostic>) -> Option<Provider> {
    let origin = value.origin;
    let mut fields = Fields::open(value, "a provider", sink)?;
    let name = fields.required_text("name");
    let description = fields.text("description");
    let regions = fields.texts("regions");
    let operations = fields.texts("operations");
    let terraform = fields.entries("terraform");
    let roles = fields.entries("roles");
    let access = fields.value("access");
    fields.finish();
    let terraform = terraform.into_iter().filter_map(|entry| self::terraform(entry, sink));
    let terraform = terraform.collect();
    let roles = roles.into_iter().filter_map(|entry| role(entry, sink)).collect();
    let access = access.map(|access| a_struct(access, "`access`", sink));
    let name = name?;
    let mut good = names::check_label("a provider", &name, sink);
    if good && *name.text != *folder {
        let message = format!("provider `{name}` stands in the folder `{folder}`");
        sink.push(
            Diagnostic::new(codes::MODEL_INVALID_NAME, name.span(), message)
                .note("the folder of a provider has its name"),
        );
        good = false;
    }
    let provider =
        Provider { name, description, regions, operations, terraform, roles, access, origin };
    good.then_some(provider)
}

fn terraform(entry: Entry, sink: &mut Vec<Diagnostic>) -> Option<TerraformProvider> {
    let name = Text { text: entry.key, origin: entry.key_origin };
    let what = format!("the Terraform provider `{name}`");
    let mut fields = Fields::open(entry.value, what, sink)?;
    let source = fields.required_text("source");
    let version = fields.required_text("version");
    let configuration = fields.value("configuration");
    fields.finish();
    let configuration = match configuration {
        Some(configuration) => a_struct(configuration, "`configuration`", sink),
        None => Value::new(Data::Map(Map::new()), name.origin),
    };
    Some(TerraformProvider { name, source: source?, version: version?, configuration })
}

fn role(entry: Entry, sink: &mut Vec<Diagnostic>) -> Option<RoleModule> {
    let Some(role) = Role::parse(&entry.key) else {
        let span = entry.key_origin.span;
        let message = format!("`{}` is not a role of a module", entry.key);
        let mut diagnostic = Diagnostic::new(codes::MODEL_UNKNOWN_FIELD, span, message);
        let known = || Role::ALL.into_iter().map(Role::as_str);
        if let Some(best) = nearest(&entry.key, known()).first() {
            diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?"));
        }
        let names: Vec<&str> = known().collect();
        sink.push(diagnostic.note(format!("the roles are {}", names.join(", "))));
        return None;
    };
    let mut fields = Fields::open(entry.value, format!("role `{role}`"), sink)?;
    let module = fields.required_text("module");
    let inputs = fields.entries("inputs");
    fields.finish();
    Some(RoleModule { role, module: module?, inputs })
}
