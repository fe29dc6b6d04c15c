//! The fields of documents, for completion and hover.
//!
//! Invariant: a table for people; what is valid the model decides. A test holds every name here
//! against the model, so that nothing is offered that it would not take.

mod platform;

use platformc_definition::DefinitionKind;
use platformc_model::Role;

pub(crate) use platform::{INFRASTRUCTURE, TENANTS, WORKFLOW_DOCUMENT};

/// What a place of a document takes.
#[derive(Debug)]
pub(crate) enum Kind {
    /// A struct of these fields.
    Struct(&'static [Field]),
    /// A list of these.
    List(&'static Kind),
    /// A struct of these fields and others.
    Open(&'static [Field]),
    /// A struct whose names the author chooses.
    Map(&'static Kind),
    /// Text.
    Text,
    /// `true` or `false`.
    Bool,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// The name of a definition.
    Type(DefinitionKind),
    /// The properties of what stands beside them as `type`.
    Properties(DefinitionKind),
    /// What the module takes that plays a role of an infrastructure.
    Part(Role),
    /// A name in the document or the workspace.
    Name(Names),
}

/// Where a name comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// Components of the document, or of the one it overlays.
    Component,
    /// Policies of the document.
    Policy,
    /// Steps of the document's workflow.
    Step,
    /// What components and steps of the document give.
    Output,
    /// Operations of the Workflow.
    Operation,
    /// Providers that infrastructures can be made with.
    Provider,
    /// Providers that offer operations.
    OperationProvider,
    /// Regions of the document's provider.
    Region,
    /// Clusters of the workspace.
    Cluster,
    /// Environments of the workspace, separated by commas.
    Environment,
}

/// A field of a document.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    pub(crate) doc: &'static str,
}

const fn must(name: &'static str, kind: Kind, doc: &'static str) -> Field {
    Field { name, kind, required: true, doc }
}

const fn may(name: &'static str, kind: Kind, doc: &'static str) -> Field {
    Field { name, kind, required: false, doc }
}

const TEXTS: Kind = Kind::Map(&Kind::Text);
const NAME: &str = "Its name, unique of its kind in the workspace.";

/// An Application.
pub(crate) static APPLICATION: Kind = Kind::Struct(&[
    must(
        "apiVersion",
        Kind::OneOf(&["core.oam.dev/v1beta1", "platformc.dev/v1alpha1"]),
        "The version of the document.",
    ),
    must(
        "kind",
        Kind::OneOf(&["Application", "Infrastructure", "Tenants", "Workflow"]),
        "What the document is.",
    ),
    must("metadata", METADATA, "Name, namespace, labels and annotations."),
    must(
        "spec",
        Kind::Struct(&[
            must("components", Kind::List(&COMPONENT), "What the Application consists of."),
            may("policies", Kind::List(&POLICY), "Where components go, and how."),
            may("workflow", WORKFLOW, "The steps of its delivery."),
        ]),
        "What the Application consists of.",
    ),
]);

const METADATA: Kind = Kind::Struct(&[
    must("name", Kind::Text, NAME),
    may("namespace", Kind::Text, "The namespace of its objects, where no topology says another."),
    may("labels", TEXTS, "Labels of the Application."),
    may(
        "annotations",
        Kind::Map(&Kind::Name(Names::Environment)),
        "Annotations of the Application; `platformc.dev/environments` names the environments it is for.",
    ),
]);

static COMPONENT: Kind = Kind::Struct(&[
    must("name", Kind::Text, "Its name, unique in the Application."),
    must("type", Kind::Type(DefinitionKind::Component), "The component definition it uses."),
    may("properties", Kind::Properties(DefinitionKind::Component), "What the definition asks for."),
    may("traits", Kind::List(&TRAIT), "What is added to it or changed, in this order."),
    may("dependsOn", Kind::List(&Kind::Name(Names::Component)), "Components it comes after."),
    may("inputs", Kind::List(&INPUT), "Values it takes from other components."),
    may("outputs", Kind::List(&OUTPUT), "Values it gives to other components."),
    may("externalRevision", Kind::Text, "A revision name of your own."),
    may("replicaKey", Kind::Text, "The key of a replica."),
]);

static TRAIT: Kind = Kind::Struct(&[
    must("type", Kind::Type(DefinitionKind::Trait), "The trait definition it uses."),
    may("properties", Kind::Properties(DefinitionKind::Trait), "What the definition asks for."),
]);

static POLICY: Kind = Kind::Struct(&[
    must("type", Kind::Type(DefinitionKind::Policy), "The policy's type."),
    may("name", Kind::Text, "Its name, by which `deploy` steps call it."),
    may("properties", Kind::Properties(DefinitionKind::Policy), "What its type asks for."),
]);

static INPUT: Kind = Kind::Struct(&[
    must("from", Kind::Name(Names::Output), "The name of the output."),
    may("parameterKey", Kind::Text, "Where it goes in the properties."),
]);

static OUTPUT: Kind = Kind::Struct(&[
    must("name", Kind::Text, "The name that inputs use."),
    may("valueFrom", Kind::Text, "The CUE expression of the value."),
]);

const MODES: Kind = Kind::OneOf(&["StepByStep", "DAG"]);

const WORKFLOW: Kind = Kind::Struct(&[
    may("steps", Kind::List(&STEP), "The steps in order."),
    may(
        "mode",
        Kind::Struct(&[
            may("steps", MODES, "How steps run."),
            may("subSteps", MODES, "How the steps of a group run."),
        ]),
        "How steps run.",
    ),
    may("ref", Kind::Text, "The name of a workflow to use instead of steps."),
]);

static STEP: Kind = Kind::Struct(&[
    must("type", Kind::Type(DefinitionKind::WorkflowStep), "The step definition it uses."),
    may("name", Kind::Text, "Its name, unique in the workflow."),
    may("properties", Kind::Properties(DefinitionKind::WorkflowStep), "What its type asks for."),
    may("dependsOn", Kind::List(&Kind::Name(Names::Step)), "Steps it comes after."),
    may("inputs", Kind::List(&INPUT), "Values it takes from other steps."),
    may("outputs", Kind::List(&OUTPUT), "Values it gives to other steps."),
    may("if", Kind::Text, "A condition, in CUE."),
    may("timeout", Kind::Text, "How long it may take, such as `30m`."),
    may("subSteps", Kind::List(&SUB_STEP), "The steps of a group."),
]);

static SUB_STEP: Kind = Kind::Struct(&[
    must("type", Kind::Type(DefinitionKind::WorkflowStep), "The step definition it uses."),
    may("name", Kind::Text, "Its name, unique in the workflow."),
    may("properties", Kind::Properties(DefinitionKind::WorkflowStep), "What its type asks for."),
    may("dependsOn", Kind::List(&Kind::Name(Names::Step)), "Steps it comes after."),
    may("inputs", Kind::List(&INPUT), "Values it takes from other steps."),
    may("outputs", Kind::List(&OUTPUT), "Values it gives to other steps."),
    may("if", Kind::Text, "A condition, in CUE."),
    may("timeout", Kind::Text, "How long it may take, such as `30m`."),
]);

/// A component in an `override` policy or an overlay.
pub(crate) static COMPONENT_PATCH: Kind = Kind::Struct(&[
    may("name", Kind::Name(Names::Component), "The component it changes; `*` stands for any text."),
    may("type", Kind::Type(DefinitionKind::Component), "Only components of this type."),
    may("properties", Kind::Properties(DefinitionKind::Component), "Properties to set."),
    may("traits", Kind::List(&TRAIT_PATCH), "Traits to add, change or disable."),
    may("externalRevision", Kind::Text, "A revision name of your own."),
]);

static TRAIT_PATCH: Kind = Kind::Struct(&[
    must("type", Kind::Type(DefinitionKind::Trait), "The trait it changes or adds."),
    may("properties", Kind::Properties(DefinitionKind::Trait), "Properties to set."),
    may("disable", Kind::Bool, "Whether the trait is left out."),
]);

/// `NAME.ENV.yaml`.
pub(crate) static OVERLAY: Kind = Kind::Struct(&[
    may("components", Kind::List(&COMPONENT_PATCH), "What is different in this environment."),
    may("selector", Kind::List(&Kind::Name(Names::Component)), "Only these components."),
]);

/// `platform.toml`.
pub(crate) static MANIFEST: Kind = Kind::Struct(&[
    must("name", Kind::Text, "The name of the workspace."),
    may("required-version", Kind::Text, "The versions of platformc that compile the workspace."),
    must("environments", Kind::Map(&ENVIRONMENT), "Its environments."),
    must("clusters", Kind::Map(&CLUSTER), "Its clusters."),
    may("argocd", ARGOCD, "How Argo CD finds the output."),
    may("terraform", TERRAFORM, "How Terraform is run."),
    may("inputs", INPUTS, "What a build may take from its surroundings."),
    may("pins", PINS, "What counts as the image of a component that is not built yet."),
]);

const TERRAFORM: Kind = Kind::Struct(&[
    must("version", Kind::Text, "The exact version of the engine, such as `1.11.4`."),
    may(
        "engine",
        Kind::OneOf(&["terraform", "opentofu"]),
        "What runs the stacks; `terraform` if not given.",
    ),
    may(
        "backend",
        Kind::Open(BACKEND),
        "Where states are, as a pattern with `{env}` and `{stack}`.",
    ),
    may(
        "orchestrator",
        Kind::List(&Kind::OneOf(&ORCHESTRATORS)),
        "The tools that run the stacks in their order.",
    ),
    may(
        "outputs",
        Kind::OneOf(&["remote-state", "terragrunt"]),
        "How stacks get outputs of others.",
    ),
    may("components", RUNNER, "Who runs the Terraform components of Applications."),
    may("path", Kind::Text, "The folder of the output in the repository orchestrators run in."),
]);

const RUNNER: Kind = Kind::OneOf(&["controller", "stack"]);

const BACKEND: &[Field] =
    &[must("type", Kind::OneOf(&BACKENDS), "Its type; settings stand beside it.")];

const BACKENDS: [&str; 13] = [
    "azurerm",
    "cloud",
    "consul",
    "cos",
    "gcs",
    "http",
    "kubernetes",
    "local",
    "oci",
    "oss",
    "pg",
    "remote",
    "s3",
];
const ORCHESTRATORS: [&str; 4] = ["atlantis", "plan", "terragrunt", "terramate"];

const INPUTS: Kind = Kind::Struct(&[
    may("env", Kind::List(&Kind::Text), "Environment variables, for `{{env.NAME}}`."),
    may("now", Kind::Bool, "Whether the time may be taken, for `{{now.date}}`."),
    may("git", Kind::Bool, "Whether branch and commit may be taken, for `{{git.commit}}`."),
    may("set", TEXTS, "Environment variables that set paths of the configuration."),
]);

const PINS: Kind = Kind::Struct(&[may(
    "placeholders",
    Kind::List(&Kind::Text),
    "Images that stand for those not built yet; `nginx:alpine` if not given.",
)]);

static ENVIRONMENT: Kind = Kind::Struct(&[
    must("clusters", Kind::List(&Kind::Name(Names::Cluster)), "The clusters it consists of."),
    may(
        "default-clusters",
        Kind::List(&Kind::Name(Names::Cluster)),
        "Where Applications without a topology go; to all of them if not given.",
    ),
    may("description", Kind::Text, "What it is for."),
    may("namespace", Kind::Text, "The namespace of Applications that name none."),
    may("delivery", Kind::OneOf(&["argocd"]), "How manifests reach its clusters."),
    may("terraform", RUNNER, "Who runs the Terraform components of its Applications."),
]);

static CLUSTER: Kind = Kind::Struct(&[
    must("server", Kind::Text, "The address of its API server."),
    must("kubernetes", Kind::Text, "The version of Kubernetes it runs, such as `1.33`."),
    may("labels", TEXTS, "Labels that selectors use."),
    may("infrastructure", Kind::Text, "The Infrastructure whose cluster it is."),
]);

const ARGOCD: Kind = Kind::Struct(&[
    must("repository", Kind::Text, "The repository that holds the output."),
    may("revision", Kind::Text, "The branch, tag or commit of it; `HEAD` if not given."),
    may("path", Kind::Text, "The folder of the output in that repository."),
    may("namespace", Kind::Text, "The namespace of Argo CD; `argocd` if not given."),
    may("project", Kind::Text, "The Argo CD project, with `{env}`; `default` if not given."),
    may(
        "naming",
        Kind::Text,
        "The names of Argo CD's Applications, with `{app}`, `{env}`, `{cluster}`.",
    ),
]);

#[cfg(test)]
mod tests;
