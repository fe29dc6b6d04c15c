//! A stack: one folder that an engine plans and applies, with a state of its own.
//!
//! Invariant: plain data. Values hold literal text and marked expressions ([`super::mark`]); what
//! stands in positions that Terraform reads literally (types, sources, versions, addresses) is
//! text of its own type here, so that it cannot hold an expression.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use platformc_source::{Origin, Span};
use platformc_value::{Map, Value};

use super::Engine;
use super::types::Type;

/// A name, an address or other literal text, with its place.
#[derive(Clone, Debug)]
pub struct Name {
    /// The text.
    pub text: Arc<str>,
    /// Where it was written.
    pub origin: Origin,
}

impl Name {
    /// Text with its origin.
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>, origin: Origin) -> Name {
        Name { text: text.into(), origin }
    }

    /// Text of no origin.
    #[must_use]
    pub fn computed(text: impl Into<Arc<str>>) -> Name {
        Name::new(text, Origin::NONE)
    }

    /// The span of the text.
    #[must_use]
    pub fn span(&self) -> Span {
        self.origin.span
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A stack.
#[derive(Clone, Debug)]
pub struct Stack {
    /// Its name, unique in an environment: a step of a path, `a-z0-9-_`.
    pub name: Name,
    /// One line for people.
    pub description: Option<Name>,
    /// The engine it is written for.
    pub engine: Engine,
    /// Where its state is; the engine's local file where there is none.
    pub backend: Option<Backend>,
    /// What it declares.
    pub body: Body,
    /// Files of modules that lie inside the stack.
    pub files: Vec<ModuleFile>,
    /// Stacks it comes after, beside those whose outputs it takes.
    pub after: Vec<After>,
    /// Variables that an orchestrator gives; [`super::link()`] fills them in.
    pub inputs: Vec<Input>,
    /// Words that orchestrators select stacks by.
    pub tags: Vec<Name>,
    /// What it is made from, for diagnostics.
    pub origin: Origin,
}

impl Stack {
    /// An empty stack.
    #[must_use]
    pub fn new(name: Name, engine: Engine) -> Stack {
        let origin = name.origin;
        Stack {
            name,
            description: None,
            engine,
            backend: None,
            body: Body::default(),
            files: Vec::new(),
            after: Vec::new(),
            inputs: Vec::new(),
            tags: Vec::new(),
            origin,
        }
    }
}

/// Where the state of a stack is.
#[derive(Clone, Debug)]
pub struct Backend {
    /// `s3`, `gcs`, `azurerm`, `kubernetes`, `local`, `http`, `pg`, `consul`, `remote` or `cloud`.
    pub kind: Name,
    /// Its settings: literal, Terraform evaluates nothing here.
    pub settings: Map,
    /// Where it was written.
    pub origin: Origin,
}

/// An edge to another stack that carries no output.
#[derive(Clone, Debug)]
pub struct After {
    /// The stack that comes first.
    pub stack: Name,
    /// Whether it has to succeed.
    pub strength: platformc_graph::Strength,
}

/// A variable that an orchestrator fills from an output of another stack.
#[derive(Clone, Debug)]
pub struct Input {
    /// The variable.
    pub variable: Name,
    /// The stack that has the output.
    pub stack: Name,
    /// The output.
    pub output: Name,
    /// Its type.
    pub ty: Type,
}

/// A file of a module that lies inside a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleFile {
    /// Its path, relative to the folder of the stack: `modules/<name>/…`, with `/`.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What it was made from.
    pub origin: Origin,
}

/// What a stack, or a part of one, declares.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// `terraform.required_providers`.
    pub required_providers: Vec<RequiredProvider>,
    /// `provider`.
    pub providers: Vec<ProviderConfiguration>,
    /// `variable`.
    pub variables: Vec<Variable>,
    /// `locals`.
    pub locals: Vec<Local>,
    /// `resource`.
    pub resources: Vec<Block>,
    /// `data`.
    pub data: Vec<Block>,
    /// `ephemeral`.
    pub ephemeral: Vec<Block>,
    /// `module`.
    pub modules: Vec<ModuleCall>,
    /// `output`.
    pub outputs: Vec<Output>,
    /// `moved`.
    pub moved: Vec<Moved>,
    /// `removed`.
    pub removed: Vec<Removed>,
    /// `import`.
    pub imports: Vec<Import>,
    /// `check`.
    pub checks: Vec<Check>,
}

/// A provider that a stack needs.
#[derive(Clone, Debug)]
pub struct RequiredProvider {
    /// The name it has in the stack.
    pub name: Name,
    /// Its source address: `hashicorp/aws`.
    pub source: Name,
    /// Its version constraint: `5.100.0`, `~> 5.100`.
    pub version: Option<Name>,
}

/// A configuration of a provider.
#[derive(Clone, Debug)]
pub struct ProviderConfiguration {
    /// The name of the provider.
    pub name: Name,
    /// The name of this configuration; the default one where there is none.
    pub alias: Option<Name>,
    /// Its settings.
    pub settings: Map,
}

/// A variable of a stack.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: Option<Type>,
    /// Its default: literal, Terraform evaluates nothing here.
    pub default: Option<Value>,
    /// For people.
    pub description: Option<Name>,
    /// Whether plans and logs hide its value.
    pub sensitive: bool,
    /// Whether its value is in no plan and no state.
    pub ephemeral: bool,
    /// Whether `null` can be given for it; Terraform says yes where not written.
    pub nullable: Option<bool>,
    /// `validation` blocks: `condition` and `error_message`.
    pub validations: Vec<Map>,
}

impl Variable {
    /// A variable of a type.
    #[must_use]
    pub fn new(name: Name, ty: Option<Type>) -> Variable {
        Variable {
            name,
            ty,
            default: None,
            description: None,
            sensitive: false,
            ephemeral: false,
            nullable: None,
            validations: Vec::new(),
        }
    }
}

/// A local value.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its name.
    pub name: Name,
    /// What it is worth.
    pub value: Value,
}

/// A resource, a data source or an ephemeral resource.
#[derive(Clone, Debug)]
pub struct Block {
    /// Its type: `aws_vpc`.
    pub kind: Name,
    /// Its name.
    pub name: Name,
    /// Its arguments, meta-arguments and nested blocks, as in Terraform's JSON syntax.
    pub body: Map,
}

/// An argument: a name with its value.
pub type Argument = platformc_value::Entry;

/// A call of a module.
#[derive(Clone, Debug)]
pub struct ModuleCall {
    /// Its name.
    pub name: Name,
    /// Where the module is: `./modules/vpc`, a pinned address.
    pub source: Name,
    /// The version, for modules of a registry.
    pub version: Option<Name>,
    /// Arguments and meta-arguments (`providers`, `count`, `for_each`, `depends_on`).
    pub body: Map,
}

/// An output of a stack.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its name.
    pub name: Name,
    /// What it is worth.
    pub value: Value,
    /// Its type, by which references to it are checked. Terraform itself does not read it.
    pub ty: Option<Type>,
    /// For people.
    pub description: Option<Name>,
    /// Whether plans and logs hide its value.
    pub sensitive: bool,
    /// `depends_on`, as addresses.
    pub depends_on: Vec<Name>,
    /// `precondition` blocks: `condition` and `error_message`.
    pub preconditions: Vec<Map>,
}

impl Output {
    /// An output of a type.
    #[must_use]
    pub fn new(name: Name, value: Value, ty: Option<Type>) -> Output {
        Output {
            name,
            value,
            ty,
            description: None,
            sensitive: false,
            depends_on: Vec::new(),
            preconditions: Vec::new(),
        }
    }
}

/// A change of an address.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The old address.
    pub from: Name,
    /// The new address.
    pub to: Name,
}

/// A resource that leaves the state.
#[derive(Clone, Debug)]
pub struct Removed {
    /// Its address.
    pub from: Name,
    /// Whether the real object goes too; Terraform says yes where not written.
    pub destroy: Option<bool>,
}

/// A real object that comes into the state.
#[derive(Clone, Debug)]
pub struct Import {
    /// The address it gets.
    pub to: Name,
    /// The identifier the provider knows it by.
    pub id: Value,
    /// A map or set to import one object for each of.
    pub for_each: Option<Value>,
    /// The provider configuration: `aws.eu`.
    pub provider: Option<Name>,
}

/// A check that fails no plan.
#[derive(Clone, Debug)]
pub struct Check {
    /// Its name.
    pub name: Name,
    /// A data source of its own.
    pub data: Option<Block>,
    /// `assert` blocks: `condition` and `error_message`.
    pub asserts: Vec<Map>,
}
