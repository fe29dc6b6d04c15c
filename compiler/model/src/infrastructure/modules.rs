//! Modules beside those of the provider.
//!
//! Invariant: a module comes from one place: a module definition, a folder of the workspace, or a
//! pinned remote source.

use platformc_source::{Diagnostic, Origin, codes};
use platformc_value::{Data, Entry, Map, Value};

use super::{a_struct, pin};
use crate::fields::Fields;
use crate::{Text, names};

/// A module that an infrastructure adds.
#[derive(Clone, Debug)]
pub struct CustomModule {
    /// Its name, the last part of its stack's name.
    pub name: Text,
    /// Where it comes from.
    pub source: ModuleSource,
    /// What it takes; a struct.
    pub inputs: Value,
    /// Names of stacks or modules of the infrastructure that it comes after.
    pub depends_on: Vec<Text>,
    /// The whole module.
    pub origin: Origin,
}

/// Where a module comes from.
#[derive(Clone, Debug)]
pub enum ModuleSource {
    /// A module definition.
    Definition(Text),
    /// A Terraform module as such.
    Terraform {
        /// A folder of the workspace, or a remote address as Terraform reads it.
        source: Text,
        /// The version, for modules of a registry.
        version: Option<Text>,
        /// The outputs with Terraform's types, where they are declared.
        outputs: Vec<(Text, Text)>,
        /// The Terraform providers it uses, with settings beside the infrastructure's own.
        providers: Vec<(Text, Value)>,
    },
}

/// Whether a source is a folder of the workspace.
#[must_use]
pub fn is_folder(source: &str) -> bool {
    platformc_source::is_relative(source) && !is_registry(source) && !is_github(source)
}

fn is_github(source: &str) -> bool {
    ["github.com/", "bitbucket.org/"].iter().any(|host| source.starts_with(host))
}

/// `NAMESPACE/NAME/PROVIDER`, `HOST/NAMESPACE/NAME/PROVIDER`, with `//FOLDER` behind.
fn is_registry(source: &str) -> bool {
    let address = source.split_once("//").map_or(source, |(address, _)| address);
    let parts: Vec<&str> = address.split('/').collect();
    let name = |part: &&str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    match parts.as_slice() {
        // A folder of three steps reads the same; a version beside it tells them apart.
        [host, rest @ ..] if rest.len() == 3 => host.contains('.') && rest.iter().all(name),
        _ => false,
    }
}

/// Lowers one entry of `modules`.
pub(super) fn module(value: Value, sink: &mut Vec<Diagnostic>) -> Option<CustomModule> {
    let origin = value.origin;
    let mut fields = Fields::open(value, "a module", sink)?;
    let name = fields.required_text("name");
    let kind = fields.take("type");
    let source = fields.take("source");
    let version = fields.take("version");
    let inputs = fields.value("inputs");
    let outputs = fields.take("outputs");
    let providers = fields.take("providers");
    let depends_on = fields.texts("dependsOn");
    let anchor = fields.anchor();
    fields.finish();
    let inputs = inputs.map_or_else(
        || Value::new(Data::Map(Map::new()), origin),
        |inputs| a_struct(inputs, "`inputs` of a module", sink),
    );
    let source = match (kind, source) {
        (Some(kind), None) => {
            for entry in [version, outputs, providers].into_iter().flatten() {
                let message = format!("`{}` goes with `source`, not with `type`", entry.key);
                sink.push(
                    Diagnostic::new(codes::MODEL_INVALID_VALUE, entry.key_origin.span, message)
                        .note("a module definition says itself what it needs and gives"),
                );
            }
            text(&kind, sink).map(ModuleSource::Definition)
        }
        (None, Some(source)) => terraform(&source, version, outputs, providers, sink),
        (Some(kind), Some(source)) => {
            let message = "a module has a `type` or a `source`, not both";
            sink.push(
                Diagnostic::new(codes::MODEL_INVALID_VALUE, source.key_origin.span, message)
                    .label(kind.key_origin.span, "its type")
                    .note("`type` names a module definition, `source` a Terraform module"),
            );
            None
        }
        (None, None) => {
            let message = "a module says where it comes from";
            sink.push(Diagnostic::new(codes::MODEL_MISSING_FIELD, anchor, message).note(
                "`type` names a module definition; `source` a folder of the workspace, or a \
                     Terraform module elsewhere",
            ));
            None
        }
    };
    let name = name?;
    let good = names::check_label("a module", &name, sink);
    let source = source?;
    good.then_some(CustomModule { name, source, inputs, depends_on, origin })
}

fn text(entry: &Entry, sink: &mut Vec<Diagnostic>) -> Option<Text> {
    let text = crate::fields::text(&entry.value);
    if text.is_none() {
        let what = format!("`{}` of a module", entry.key);
        sink.push(crate::fields::wrong_type(&what, "a string", &entry.value));
    }
    text
}

fn terraform(
    source: &Entry,
    version: Option<Entry>,
    outputs: Option<Entry>,
    providers: Option<Entry>,
    sink: &mut Vec<Diagnostic>,
) -> Option<ModuleSource> {
    let source = text(source, sink)?;
    let version = version.and_then(|entry| text(&entry, sink));
    check_source(&source, version.as_ref(), sink);
    let mut named = Vec::new();
    for entry in entries(outputs, "`outputs` of a module", sink) {
        let name = Text { text: entry.key.clone(), origin: entry.key_origin };
        match crate::fields::text(&entry.value) {
            Some(text) => named.push((name, text)),
            None => {
                let what = format!("the type of output `{name}`");
                sink.push(
                    crate::fields::wrong_type(&what, "a string", &entry.value)
                        .note("a type as Terraform writes it: string, list(string), …"),
                );
            }
        }
    }
    let providers = entries(providers, "`providers` of a module", sink)
        .into_iter()
        .map(|entry| {
            let name = Text { text: entry.key, origin: entry.key_origin };
            let what = format!("the settings of provider `{name}`");
            (name, a_struct(entry.value, &what, sink))
        })
        .collect();
    Some(ModuleSource::Terraform { source, version, outputs: named, providers })
}

fn entries(entry: Option<Entry>, what: &str, sink: &mut Vec<Diagnostic>) -> Vec<Entry> {
    let Some(entry) = entry else { return Vec::new() };
    match a_struct(entry.value, what, sink).data {
        Data::Map(map) => map.into_iter().collect(),
        _ => Vec::new(),
    }
}

/// What a source says of its version. Whether a repository is pinned is checked where stacks are
/// written, for every module alike.
fn check_source(source: &Text, version: Option<&Text>, sink: &mut Vec<Diagnostic>) {
    if let Some(version) = version {
        pin::check_version("the module", version, sink);
        return;
    }
    if is_folder(source) {
        return;
    }
    let span = source.span();
    if let Some(inside) = source.strip_prefix("./") {
        let message = "the folder of a module is written from the root of the workspace";
        sink.push(Diagnostic::new(codes::MODEL_INVALID_VALUE, span, message).replace(
            span,
            inside,
            format!("write `{inside}`"),
        ));
    }
}
