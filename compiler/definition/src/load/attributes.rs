//! What a definition says of itself: the header of a CUE file, the `spec` of a resource.
//!
//! Invariant: both forms go through [`attributes`]; a field KubeVela refuses is refused here, with
//! the nearest name.

use std::sync::Arc;

use platformc_source::{Diagnostic, Severity, codes};
use platformc_value::Value;

use super::fields::Fields;
use crate::{Attributes, Definition, DefinitionKind, Stage, Text, Workload};

/// Reads the header of a CUE definition into `definition`. `known` are the fields of a header.
pub(crate) fn header(
    definition: &mut Definition,
    header: &Value,
    known: &[&'static str],
    sink: &mut Vec<Diagnostic>,
) {
    let mut fields = Fields::new(Some(header), "", sink);
    fields.ignore(known);
    definition.alias = fields.text("alias", sink).map(|text| text.text);
    definition.description = fields.text("description", sink).map(|text| text.text);
    definition.labels = prefixed(fields.text_map("labels", sink));
    definition.annotations = prefixed(fields.text_map("annotations", sink));
    let value = fields.take("attributes");
    // KubeVela drops what it does not know of a header; it is a mistake all the same.
    fields.finish(Severity::Warning, sink);
    let mut fields = Fields::new(value, "attributes", sink);
    attributes(definition, &mut fields, sink);
    finish(definition.kind, fields, sink);
}

/// Reports what is left of `attributes` or `spec`.
pub(super) fn finish(kind: DefinitionKind, fields: Fields<'_>, sink: &mut Vec<Diagnostic>) {
    // The legacy kind is read leniently, as KubeVela reads it.
    let legacy = kind == DefinitionKind::Workload;
    fields.finish(if legacy { Severity::Warning } else { Severity::Error }, sink);
}

/// KubeVela files names of its own under a prefix, so that they do not meet those of others.
fn prefixed(texts: Vec<(Arc<str>, Arc<str>)>) -> Vec<(Arc<str>, Arc<str>)> {
    let prefix = |key: Arc<str>| -> Arc<str> {
        if key.contains("oam.dev") {
            return key;
        }
        Arc::from(format!("custom.definition.oam.dev/{key}"))
    };
    texts.into_iter().map(|(key, value)| (prefix(key), value)).collect()
}

/// Reads the attributes of the definition's kind.
pub(super) fn attributes(
    definition: &mut Definition,
    fields: &mut Fields<'_>,
    sink: &mut Vec<Diagnostic>,
) {
    let kind = definition.kind;
    definition.version = fields.text("version", sink);
    let mut read = Attributes::default();
    let component = kind.renders_component();
    let traits = kind == DefinitionKind::Trait;
    let policy = kind == DefinitionKind::Policy;
    if component {
        read.pod_spec_path = fields.text("podSpecPath", sink);
        read.revision_label = fields.text("revisionLabel", sink);
        fields.ignore(&["childResourceKinds"]);
    }
    if kind == DefinitionKind::Component {
        read.workload = workload(fields.take("workload"), sink);
    } else {
        read.definition_ref = reference(fields.take("definitionRef"), sink);
    }
    if traits {
        read.applies_to_workloads = fields.texts("appliesToWorkloads", sink);
        read.conflicts_with = fields.texts("conflictsWith", sink);
        read.workload_ref_path = fields.text("workloadRefPath", sink);
        read.manage_workload = fields.flag("manageWorkload", sink);
        read.control_plane_only = fields.flag("controlPlaneOnly", sink);
        read.pod_disruptive = fields.flag("podDisruptive", sink);
        read.stage = stage(fields.text("stage", sink), sink);
        fields.flag("revisionEnabled", sink);
    }
    if component || traits {
        read.status = fields.take("status").cloned();
        fields.ignore(&["extension"]);
    }
    if policy {
        read.scope = scope(fields.text("scope", sink), sink);
        read.global = fields.flag("global", sink);
        read.priority = fields.int("priority", sink);
        read.manage_health_check = fields.flag("manageHealthCheck", sink);
    }
    fields.ignore(&["schematic"]);
    definition.attributes = read;
}

fn workload(value: Option<&Value>, sink: &mut Vec<Diagnostic>) -> Option<Workload> {
    let value = value?;
    let mut fields = Fields::new(Some(value), "workload", sink);
    let resource = fields.text("type", sink);
    let definition = fields.take("definition");
    fields.finish(Severity::Error, sink);
    let mut fields = Fields::new(definition, "workload.definition", sink);
    let api_version = fields.text("apiVersion", sink);
    let kind = fields.text("kind", sink);
    fields.finish(Severity::Error, sink);
    Some(Workload { resource, api_version, kind })
}

fn reference(value: Option<&Value>, sink: &mut Vec<Diagnostic>) -> Option<Text> {
    let mut fields = Fields::new(value, "definitionRef", sink);
    let name = fields.text("name", sink);
    fields.ignore(&["version"]);
    fields.finish(Severity::Error, sink);
    name
}

fn stage(text: Option<Text>, sink: &mut Vec<Diagnostic>) -> Stage {
    let Some(text) = text else { return Stage::default() };
    match &*text.text {
        "" | "DefaultDispatch" => Stage::DefaultDispatch,
        "PreDispatch" => Stage::PreDispatch,
        "PostDispatch" => Stage::PostDispatch,
        other => {
            sink.push(
                Diagnostic::new(
                    codes::DEFINITION_ATTRIBUTE,
                    text.span,
                    format!("`{other}` is no stage of a trait"),
                )
                .note("a stage is one of `PreDispatch`, `DefaultDispatch` and `PostDispatch`"),
            );
            Stage::default()
        }
    }
}

fn scope(text: Option<Text>, sink: &mut Vec<Diagnostic>) -> Option<Text> {
    let text = text?;
    if !matches!(&*text.text, "" | "Application") {
        sink.push(
            Diagnostic::new(
                codes::DEFINITION_ATTRIBUTE,
                text.span,
                format!("`{}` is no scope of a policy", text.text),
            )
            .note("the scope is `Application`, or left out"),
        );
    }
    Some(text)
}
