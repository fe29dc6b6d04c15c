//! The Application (`core.oam.dev/v1beta1`), as KubeVela has it.
//!
//! Invariant: component names are unique; `properties` are kept as values, untouched, because
//! only a definition can say what they mean.

use platformc_source::{Diagnostic, Origin, codes};
use platformc_value::{Data, Map, Value};

use crate::fields::{Fields, a_kind};
use crate::{Text, Workflow, names, workflow};

/// An Application.
#[derive(Clone, Debug)]
pub struct Application {
    /// Name, namespace, labels, annotations.
    pub metadata: Metadata,
    /// Its components in order.
    pub components: Vec<Component>,
    /// Its policies in order.
    pub policies: Vec<Policy>,
    /// Its workflow, where it has one.
    pub workflow: Option<Workflow>,
    /// The whole document.
    pub origin: Origin,
}

/// What `metadata` says.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// The Application's name.
    pub name: Text,
    /// Its namespace.
    pub namespace: Option<Text>,
    /// Its labels.
    pub labels: Vec<(Text, Text)>,
    /// Its annotations.
    pub annotations: Vec<(Text, Text)>,
}

/// One component.
#[derive(Clone, Debug)]
pub struct Component {
    /// Its name, unique in the Application.
    pub name: Text,
    /// The component definition it uses, possibly `NAME@VERSION`.
    pub kind: Text,
    /// Its properties, a struct; empty where none are written.
    pub properties: Value,
    /// Its traits, in the order in which they apply.
    pub traits: Vec<Trait>,
    /// Components it comes after.
    pub depends_on: Vec<Text>,
    /// Values it takes from other components.
    pub inputs: Vec<Input>,
    /// Values it gives to other components.
    pub outputs: Vec<Output>,
    /// A revision name that the user gives.
    pub external_revision: Option<Text>,
    /// The key of a replica.
    pub replica_key: Option<Text>,
    /// Whether something about it could not be understood: what it then lacks is not its fault.
    pub flawed: bool,
    /// The whole component.
    pub origin: Origin,
}

/// One trait of a component.
#[derive(Clone, Debug)]
pub struct Trait {
    /// The trait definition it uses.
    pub kind: Text,
    /// Its properties, a struct; empty where none are written.
    pub properties: Value,
    /// The whole trait.
    pub origin: Origin,
}

/// A value that a component or step takes.
#[derive(Clone, Debug)]
pub struct Input {
    /// The output's name.
    pub from: Text,
    /// Where it goes in the properties.
    pub parameter_key: Option<Text>,
}

/// A value that a component or step gives.
#[derive(Clone, Debug)]
pub struct Output {
    /// The name that inputs use.
    pub name: Text,
    /// The CUE expression of the value.
    pub value_from: Option<Text>,
}

/// One policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name; `TYPE-auto-gen-INDEX` where none is written.
    pub name: Text,
    /// The policy's type.
    pub kind: Text,
    /// Its properties, a struct; empty where none are written.
    pub properties: Value,
    /// The whole policy.
    pub origin: Origin,
}

/// `properties` as a struct: empty where left out, reported where it is something else.
pub(crate) fn properties(fields: &mut Fields<'_>, origin: Origin) -> Value {
    match fields.value("properties") {
        None => Value::new(Data::Map(Map::new()), origin),
        Some(value) if value.as_map().is_some() => value,
        Some(value) => {
            let message = format!("`properties` must be a struct, not {}", a_kind(&value));
            let span = value.origin.span;
            fields.report(Diagnostic::new(codes::MODEL_WRONG_TYPE, span, message));
            Value::new(Data::Map(Map::new()), origin)
        }
    }
}

/// Lowers an Application; `apiVersion` and `kind` are already known to be its own.
pub(crate) fn application(value: Value, sink: &mut Vec<Diagnostic>) -> Option<Application> {
    let origin = value.origin;
    let mut fields = Fields::open(value, "an Application", sink)?;
    fields.ignore("apiVersion");
    fields.ignore("kind");
    // What a cluster writes back; harmless in a document that was exported from one.
    fields.ignore("status");
    let metadata = fields.required("metadata");
    let spec = fields.required("spec");
    fields.finish();
    let metadata = metadata.and_then(|value| self::metadata(value, sink));
    let spec = spec.and_then(|value| spec_of(value, sink));
    let (metadata, (components, policies, workflow)) = (metadata?, spec?);
    Some(Application { metadata, components, policies, workflow, origin })
}

/// Lowers `metadata` of an Application.
pub(crate) fn metadata(value: Value, sink: &mut Vec<Diagnostic>) -> Option<Metadata> {
    let mut fields = Fields::open(value, "`metadata`", sink)?;
    let name = fields.required_text("name");
    let namespace = fields.text("namespace");
    let labels = fields.text_map("labels");
    let annotations = fields.text_map("annotations");
    for written_by_clusters in
        ["creationTimestamp", "generation", "resourceVersion", "uid", "managedFields", "finalizers"]
    {
        fields.ignore(written_by_clusters);
    }
    fields.finish();
    let name = name?;
    let good = names::check_label("an Application", &name, sink);
    let good =
        namespace.as_ref().is_none_or(|n| names::check_label("a namespace", n, sink)) && good;
    good.then_some(Metadata { name, namespace, labels, annotations })
}

type Spec = (Vec<Component>, Vec<Policy>, Option<Workflow>);

fn spec_of(value: Value, sink: &mut Vec<Diagnostic>) -> Option<Spec> {
    let mut fields = Fields::open(value, "`spec` of an Application", sink)?;
    let components = match fields.required("components") {
        Some(Value { data: Data::List(items), .. }) => items,
        Some(other) => {
            let what = "`components` of an Application";
            fields.report(crate::fields::wrong_type(what, "a list", &other));
            Vec::new()
        }
        None => Vec::new(),
    };
    let policies = fields.list("policies");
    let workflow = fields.value("workflow");
    fields.finish();
    let components: Vec<Component> =
        components.into_iter().filter_map(|value| component(value, sink)).collect();
    unique("component", components.iter().map(|component| &component.name), sink);
    let policies: Vec<Policy> = policies
        .into_iter()
        .enumerate()
        .filter_map(|(index, value)| policy(value, index, sink))
        .collect();
    unique("policy", policies.iter().map(|policy| &policy.name), sink);
    let workflow = workflow.and_then(|value| workflow::workflow(value, sink));
    Some((components, policies, workflow))
}

/// Reports every name that stands a second time, with the first place.
pub(crate) fn unique<'a>(
    what: &str,
    names: impl Iterator<Item = &'a Text>,
    sink: &mut Vec<Diagnostic>,
) {
    let mut seen = std::collections::BTreeMap::new();
    for name in names {
        if let Some(first) = seen.get(&*name.text) {
            let message = format!("two of these are named `{name}`: the {what} stands here again");
            sink.push(
                Diagnostic::new(codes::MODEL_DUPLICATE_NAME, name.span(), message)
                    .primary_label("the second one")
                    .label(*first, "the first one"),
            );
        } else {
            seen.insert(&*name.text, name.span());
        }
    }
}

fn component(value: Value, sink: &mut Vec<Diagnostic>) -> Option<Component> {
    let origin = value.origin;
    let before = sink.len();
    let mut fields = Fields::open(value, "a component", sink)?;
    let name = fields.required_text("name");
    let kind = fields.required_text("type");
    let properties = properties(&mut fields, origin);
    let traits = fields.list("traits");
    let depends_on = fields.texts("dependsOn");
    let inputs = inputs(&mut fields);
    let outputs = outputs(&mut fields);
    let external_revision = fields.text("externalRevision");
    let replica_key = fields.text("replicaKey");
    if let Some(entry) = fields.take("scopes") {
        fields.report(
            Diagnostic::new(
                codes::MODEL_NOT_SUPPORTED,
                entry.key_origin.span,
                "scopes have no effect: KubeVela no longer has them",
            )
            .note("remove the field; a policy does what a scope did"),
        );
    }
    fields.finish();
    let flawed = sink.len() > before;
    let traits: Vec<Trait> = traits.into_iter().filter_map(|value| trait_of(value, sink)).collect();
    let (name, kind) = (name?, kind?);
    names::check_subdomain("a component", &name, sink).then_some(Component {
        name,
        kind,
        properties,
        traits,
        depends_on,
        inputs,
        outputs,
        external_revision,
        replica_key,
        flawed,
        origin,
    })
}

/// `inputs` of a component or a step.
pub(crate) fn inputs(fields: &mut Fields<'_>) -> Vec<Input> {
    let items = fields.list("inputs");
    let sink = fields.sink();
    items
        .into_iter()
        .filter_map(|value| {
            let mut fields = Fields::open(value, "an input", sink)?;
            let from = fields.required_text("from");
            let parameter_key = fields.text("parameterKey");
            fields.finish();
            Some(Input { from: from?, parameter_key })
        })
        .collect()
}

/// `outputs` of a component or a step.
pub(crate) fn outputs(fields: &mut Fields<'_>) -> Vec<Output> {
    let items = fields.list("outputs");
    let sink = fields.sink();
    items
        .into_iter()
        .filter_map(|value| {
            let mut fields = Fields::open(value, "an output", sink)?;
            let name = fields.required_text("name");
            let value_from = fields.text("valueFrom");
            fields.finish();
            Some(Output { name: name?, value_from })
        })
        .collect()
}

fn trait_of(value: Value, sink: &mut Vec<Diagnostic>) -> Option<Trait> {
    let origin = value.origin;
    let mut fields = Fields::open(value, "a trait", sink)?;
    let kind = fields.required_text("type");
    let properties = properties(&mut fields, origin);
    fields.finish();
    Some(Trait { kind: kind?, properties, origin })
}

/// Lowers one policy.
pub(crate) fn policy(value: Value, index: usize, sink: &mut Vec<Diagnostic>) -> Option<Policy> {
    let origin = value.origin;
    let mut fields = Fields::open(value, "a policy", sink)?;
    let name = fields.text("name");
    let kind = fields.required_text("type");
    let properties = properties(&mut fields, origin);
    fields.finish();
    let kind = kind?;
    let name = name.unwrap_or_else(|| Text {
        text: format!("{kind}-auto-gen-{index}").into(),
        origin: kind.origin,
    });
    Some(Policy { name, kind, properties, origin })
}
