//! The model of an X-Definition.
//!
//! Invariant: one model for every form a definition is written in; every part knows the bytes it
//! was read from, in the file its author edits.

use std::fmt;
use std::sync::Arc;

use platformc_cue_syntax::ast;
use platformc_source::{Origin, Span};
use platformc_value::Value;

/// The kinds of definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DefinitionKind {
    /// Makes the workload of a component.
    Component,
    /// Adds to or changes what a component renders.
    Trait,
    /// Says how an application is delivered.
    Policy,
    /// A step of a workflow.
    WorkflowStep,
    /// The form before component definitions; renders as one.
    Workload,
    /// A part of an infrastructure: makes the Terraform of a stack. KubeVela has no such kind.
    Module,
    /// An operation of a batch workflow. KubeVela has no such kind.
    Operation,
}

impl DefinitionKind {
    /// Every kind.
    pub const ALL: [DefinitionKind; 7] = [
        DefinitionKind::Component,
        DefinitionKind::Trait,
        DefinitionKind::Policy,
        DefinitionKind::WorkflowStep,
        DefinitionKind::Workload,
        DefinitionKind::Module,
        DefinitionKind::Operation,
    ];

    /// The `type` of a CUE header: `component`, `trait`, `policy`, `workflow-step`, `workload`,
    /// `module`, `operation`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            DefinitionKind::Component => "component",
            DefinitionKind::Trait => "trait",
            DefinitionKind::Policy => "policy",
            DefinitionKind::WorkflowStep => "workflow-step",
            DefinitionKind::Workload => "workload",
            DefinitionKind::Module => "module",
            DefinitionKind::Operation => "operation",
        }
    }

    /// The kind of a CUE header's `type`.
    #[must_use]
    pub fn parse(text: &str) -> Option<DefinitionKind> {
        DefinitionKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The `kind` of the custom resource: `ComponentDefinition` and so on.
    #[must_use]
    pub fn resource_kind(self) -> &'static str {
        match self {
            DefinitionKind::Component => "ComponentDefinition",
            DefinitionKind::Trait => "TraitDefinition",
            DefinitionKind::Policy => "PolicyDefinition",
            DefinitionKind::WorkflowStep => "WorkflowStepDefinition",
            DefinitionKind::Workload => "WorkloadDefinition",
            DefinitionKind::Module => "ModuleDefinition",
            DefinitionKind::Operation => "OperationDefinition",
        }
    }

    /// The kind of a custom resource.
    #[must_use]
    pub fn from_resource_kind(text: &str) -> Option<DefinitionKind> {
        DefinitionKind::ALL.into_iter().find(|kind| kind.resource_kind() == text)
    }

    /// Whether it renders a component.
    #[must_use]
    pub fn renders_component(self) -> bool {
        matches!(self, DefinitionKind::Component | DefinitionKind::Workload)
    }

    /// Words for people: `component`, `workflow step`.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            DefinitionKind::WorkflowStep => "workflow step",
            other => other.as_str(),
        }
    }
}

impl fmt::Display for DefinitionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text with the bytes it was read from.
#[derive(Clone, Debug)]
pub struct Text {
    /// The text.
    pub text: Arc<str>,
    /// Where it is written.
    pub span: Span,
}

/// An X-Definition.
#[derive(Clone, Debug)]
pub struct Definition {
    /// What it defines.
    pub kind: DefinitionKind,
    /// The name documents use as `type`.
    pub name: Text,
    /// `spec.version`, where given.
    pub version: Option<Text>,
    /// A second name for people.
    pub alias: Option<Arc<str>>,
    /// What it is for.
    pub description: Option<Arc<str>>,
    /// Labels by name, with KubeVela's prefix where it would add one.
    pub labels: Vec<(Arc<str>, Arc<str>)>,
    /// Annotations by name, with KubeVela's prefix where it would add one.
    pub annotations: Vec<(Arc<str>, Arc<str>)>,
    /// What the header's `attributes`, or the resource's `spec`, say.
    pub attributes: Attributes,
    /// What makes the output.
    pub body: Body,
    /// The whole definition.
    pub origin: Origin,
}

/// What makes the output of a definition.
#[derive(Clone, Debug)]
pub enum Body {
    /// A CUE template.
    Cue(Template),
    /// A Terraform module, delivered to the controller that runs it.
    Terraform(Box<Terraform>),
    /// A template in another language.
    Foreign(Arc<dyn crate::Foreign>),
    /// Nothing: the definition only names something (a bare `definitionRef`).
    None,
}

/// A template: what stands between the braces of `template`, with the imports.
#[derive(Clone, Debug)]
pub struct Template {
    /// Its syntax, with old constructs already written the modern way.
    pub file: Arc<ast::File>,
    /// The bytes of the template.
    pub span: Span,
}

/// A Terraform schematic as recorded.
#[derive(Clone, Debug)]
pub struct Terraform {
    /// HCL text, or the address of a remote module.
    pub configuration: Text,
    /// `hcl`, `json` or `remote`.
    pub language: Text,
    /// The folder inside a remote module.
    pub path: Option<Text>,
    /// The whole schematic with origins, for what else it says.
    pub schematic: Value,
}

/// The workload a component definition stands for.
#[derive(Clone, Debug, Default)]
pub struct Workload {
    /// `deployments.apps`, or `autodetects.core.oam.dev` for no fixed kind.
    pub resource: Option<Text>,
    /// `apiVersion` of `definition`.
    pub api_version: Option<Text>,
    /// `kind` of `definition`.
    pub kind: Option<Text>,
}

/// When a trait is delivered. It does not change the order in which traits render.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Before the workload.
    PreDispatch,
    /// With the workload.
    #[default]
    DefaultDispatch,
    /// After the workload is healthy.
    PostDispatch,
}

/// What a definition says of itself beside its template. A kind uses only some of the fields.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    /// The workload of a component.
    pub workload: Option<Workload>,
    /// `definitionRef.name`.
    pub definition_ref: Option<Text>,
    /// Where the pod template lies in the workload.
    pub pod_spec_path: Option<Text>,
    /// The label that carries the revision.
    pub revision_label: Option<Text>,
    /// Workloads a trait is made for; `*` is all. Not enforced by KubeVela.
    pub applies_to_workloads: Vec<Text>,
    /// Traits a trait does not go with. Not enforced by KubeVela.
    pub conflicts_with: Vec<Text>,
    /// Where a trait's object wants a reference to the workload.
    pub workload_ref_path: Option<Text>,
    /// The trait's object replaces the workload.
    pub manage_workload: bool,
    /// The trait's objects stay with the control plane.
    pub control_plane_only: bool,
    /// Applying the trait restarts pods.
    pub pod_disruptive: bool,
    /// When the trait is delivered.
    pub stage: Stage,
    /// The scope of a policy; empty or `Application`.
    pub scope: Option<Text>,
    /// Applies to every application (policies).
    pub global: bool,
    /// The order among global policies.
    pub priority: i64,
    /// The policy brings its own health check.
    pub manage_health_check: bool,
    /// `status`: health and messages of live objects, never evaluated by a build.
    pub status: Option<Value>,
}

impl Definition {
    /// A definition of which nothing is read yet but its kind and name.
    pub(crate) fn new(kind: DefinitionKind, name: Text, whole: Span) -> Definition {
        Definition {
            kind,
            origin: Origin::authored(whole),
            name,
            version: None,
            alias: None,
            description: None,
            labels: Vec::new(),
            annotations: Vec::new(),
            attributes: Attributes::default(),
            body: Body::None,
        }
    }

    /// The template, where there is one.
    #[must_use]
    pub fn template(&self) -> Option<&Template> {
        match &self.body {
            Body::Cue(template) => Some(template),
            _ => None,
        }
    }
}
