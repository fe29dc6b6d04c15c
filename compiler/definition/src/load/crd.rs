//! Definitions written as custom resources in YAML.
//!
//! Invariant: a template inside YAML keeps the places of the YAML file.

use std::sync::Arc;

use platformc_source::{Diagnostic, FileId, Outcome, Severity, Span, codes};
use platformc_value::{Data, Value};

use super::attributes;
use super::embedded::{self, Budget};
use super::fields::Fields;
use crate::{Attributes, Body, Definition, DefinitionKind, Terraform, Text};

const DESCRIPTION: &str = "definition.oam.dev/description";
const ALIAS: &str = "definition.oam.dev/alias";

pub(super) fn load(file: FileId, text: &str) -> Outcome<Vec<Definition>> {
    let read = platformc_format::yaml::read(file, text);
    let mut sink = read.diagnostics;
    let mut definitions = Vec::new();
    let mut budget = Budget::default();
    if let Some(span) = placeholder(file, text) {
        // A chart's file is a template of YAML, not YAML: what the reader says of it is noise.
        sink.clear();
        sink.push(
            Diagnostic::new(
                codes::DEFINITION_HELM,
                span,
                "the definition still holds placeholders of a Helm chart",
            )
            .note("render the chart first, or use the CUE file that the definition was made from"),
        );
    }
    for document in read.value {
        if let Some(definition) = definition(text, &document.value, &mut budget, &mut sink) {
            definitions.push(definition);
        }
    }
    Outcome::new(definitions, sink)
}

/// The first `{{ … }}` of a file that has `kind: …Definition`, outside of templates: charts put
/// them into `metadata`.
fn placeholder(file: FileId, text: &str) -> Option<Span> {
    let mut at = 0;
    let mut found = None;
    for line in text.split_inclusive('\n') {
        let content = line.trim_start();
        if found.is_none()
            && !content.starts_with('#')
            && let Some(start) = line.find("{{")
            && let Some(length) = line[start..].find("}}")
            && line[..start].trim_end().ends_with(':')
        {
            found = Some(Span::new(file, at + start, at + start + length + 2));
        }
        at += line.len();
        if content.starts_with("template:") || content.starts_with("spec:") {
            break;
        }
    }
    found
}

fn definition(
    text: &str,
    value: &Value,
    budget: &mut Budget,
    sink: &mut Vec<Diagnostic>,
) -> Option<Definition> {
    let kind = DefinitionKind::from_resource_kind(value.get("kind")?.as_str()?)?;
    let version = value.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    if !version.starts_with("core.oam.dev/") {
        return None;
    }
    let metadata = value.get("metadata");
    let mut fields = Fields::new(metadata, "metadata", sink);
    let name = fields.text("name", sink);
    let labels = fields.text_map("labels", sink);
    let annotations = fields.text_map("annotations", sink);
    let Some(name) = name else {
        let span = metadata.map_or(value.origin.span, |metadata| metadata.origin.span);
        let message = format!("a {} has no `metadata.name`", kind.resource_kind());
        sink.push(Diagnostic::new(codes::DEFINITION_HEADER, span, message));
        return None;
    };
    let annotation = |key: &str| -> Option<Arc<str>> {
        annotations.iter().find(|(name, _)| &**name == key).map(|(_, text)| Arc::clone(text))
    };
    let mut definition = Definition {
        kind,
        name,
        version: None,
        alias: annotation(ALIAS),
        description: annotation(DESCRIPTION),
        labels,
        annotations,
        attributes: Attributes::default(),
        body: Body::None,
        origin: value.origin,
    };
    let spec = value.get("spec");
    let mut fields = Fields::new(spec, "spec", sink);
    attributes::attributes(&mut definition, &mut fields, sink);
    attributes::finish(kind, fields, sink);
    definition.body = body(text, &definition, spec, budget, sink);
    Some(definition)
}

fn body(
    text: &str,
    definition: &Definition,
    spec: Option<&Value>,
    budget: &mut Budget,
    sink: &mut Vec<Diagnostic>,
) -> Body {
    let schematic = spec.and_then(|spec| spec.get("schematic"));
    let mut fields = Fields::new(schematic, "spec.schematic", sink);
    let cue = fields.take("cue");
    let terraform = fields.take("terraform");
    for gone in ["helm", "kube"] {
        if let Some(value) = fields.take(gone) {
            sink.push(
                Diagnostic::new(
                    codes::DEFINITION_ATTRIBUTE,
                    value.origin.span,
                    format!("a `{gone}` schematic is no longer supported"),
                )
                .note("write a `cue` schematic; Helm charts are delivered by components of type `helm`"),
            );
        }
    }
    fields.finish(Severity::Error, sink);
    let mut fields = Fields::new(cue, "spec.schematic.cue", sink);
    let template = fields.take("template");
    fields.finish(Severity::Error, sink);
    let legacy = spec.and_then(|spec| spec.get("extension")).and_then(|e| e.get("template"));
    if let Some(template) = template.or(legacy) {
        return match embedded::parse(text, template, budget, sink) {
            Some((file, span)) => {
                let at = embedded::first_place(&file, span);
                Body::Cue(super::prepare(definition.kind, file, span, at, sink))
            }
            None => Body::None,
        };
    }
    if let Some(terraform) = terraform {
        return terraform_body(terraform, sink);
    }
    if definition.attributes.definition_ref.is_none()
        && definition.attributes.workload.is_none()
        && schematic.is_none()
    {
        sink.push(Diagnostic::new(
            codes::DEFINITION_NO_TEMPLATE,
            definition.name.span,
            format!("the definition `{}` has no schematic", definition.name.text),
        ));
    }
    Body::None
}

fn terraform_body(value: &Value, sink: &mut Vec<Diagnostic>) -> Body {
    let mut fields = Fields::new(Some(value), "spec.schematic.terraform", sink);
    let configuration = fields.text("configuration", sink);
    let language = fields.text("type", sink);
    let path = fields.text("path", sink);
    fields.ignore(&[
        "writeConnectionSecretToRef",
        "providerRef",
        "deleteResource",
        "customRegion",
        "gitCredentialsSecretReference",
        "region",
    ]);
    fields.finish(Severity::Error, sink);
    let language = language.unwrap_or(Text { text: Arc::from("hcl"), span: value.origin.span });
    if !matches!(&*language.text, "hcl" | "json" | "remote") {
        sink.push(
            Diagnostic::new(
                codes::DEFINITION_ATTRIBUTE,
                language.span,
                format!("`{}` is no type of Terraform configuration", language.text),
            )
            .note("the type is one of `hcl`, `json` and `remote`"),
        );
    }
    let Some(configuration) = configuration.filter(|text| !text.text.trim().is_empty()) else {
        sink.push(Diagnostic::new(
            codes::DEFINITION_NO_TEMPLATE,
            value.origin.span,
            "a Terraform schematic has no `configuration`",
        ));
        return Body::None;
    };
    Body::Terraform(Box::new(Terraform {
        configuration,
        language,
        path,
        schematic: Value { data: Data::clone(&value.data), origin: value.origin },
    }))
}
