//! A Terraform component of an Application as a stack, where no controller runs it.
//!
//! Invariant: the module is called once, with what the properties give; what it declares, where its
//! text is at hand, decides which properties there are.

use platformc_definition::CONFIGURATION_FIELDS;
use platformc_emit::terraform::interface::{self, Interface};
use platformc_emit::terraform::types::value;
use platformc_emit::terraform::{ModuleCall, ModuleFile, Name, Output, Stack, mark};
use platformc_model::{Environment, Manifest, Runner, Text};
use platformc_source::{Diagnostic, Origin, Span, codes, nearest};
use platformc_value::{Map, Value};

/// Whether an object is one that the Terraform controller reads, and a stack runs instead.
pub(crate) fn is_configuration(
    object: &Value,
    manifest: &Manifest,
    environment: &Environment,
) -> bool {
    let workspace = manifest.terraform.as_ref().and_then(|found| found.components);
    let text = |key| object.get(key).and_then(Value::as_str).unwrap_or_default();
    environment.terraform.or(workspace).unwrap_or_default() == Runner::Stack
        && text("kind") == "Configuration"
        && text("apiVersion").starts_with("terraform.core.oam.dev/")
}

/// The stack of a component; `maker` is the place of its `type`.
pub(crate) fn from_configuration(
    object: &Value,
    manifest: &Manifest,
    env: &str,
    (app, component): (&Text, &Text),
    maker: Span,
    sink: &mut Vec<Diagnostic>,
) -> Option<Stack> {
    let spec = object.get("spec")?;
    let name = Name::new(format!("{app}-{component}"), component.origin);
    let mut stack = Stack::new(name, super::engine(manifest));
    stack.backend = super::backend(manifest, env, &stack.name);
    stack.tags = vec![Name::new(app.text.clone(), app.origin)];
    let given = spec.get("variable").and_then(Value::as_map).cloned().unwrap_or_default();
    let call = Name::new(terraform_name(component), component.origin);
    let (source, arguments) = match (spec.get("hcl"), spec.get("remote")) {
        (Some(hcl), _) => {
            let text = hcl.as_str()?;
            let found = match interface::interface(text) {
                Ok(found) => found,
                Err(why) => {
                    let message =
                        format!("the module of component `{component}` is not HCL: {why}");
                    sink.push(
                        Diagnostic::new(codes::TERRAFORM_EXPRESSION, hcl.origin.span, message)
                            .label(maker, "used here"),
                    );
                    return None;
                }
            };
            let folder = format!("modules/{}", platformc_emit::layout::step(component));
            let path = format!("{folder}/main.tf");
            let bytes = text.as_bytes().to_vec();
            stack.files.push(ModuleFile { path, bytes, origin: hcl.origin });
            let arguments = check(&found, &given, component, maker, hcl.origin, sink);
            for output in &found.outputs {
                let value = mark::expression(&format!("module.{call}.{}", output.name));
                let mut made = Output::new(Name::new(&*output.name, hcl.origin), value, None);
                made.sensitive = output.sensitive;
                stack.body.outputs.push(made);
            }
            (Name::new(format!("./{folder}"), hcl.origin), arguments)
        }
        (None, Some(remote)) => {
            let text = |key| spec.get(key).and_then(Value::as_str);
            let reference = spec.get("gitRef");
            let revision = ["commit", "tag", "branch"]
                .into_iter()
                .find_map(|key| reference.and_then(|found| found.get(key)).and_then(Value::as_str));
            if revision.is_none() {
                let message = format!("the module of component `{component}` is not pinned");
                sink.push(
                    Diagnostic::new(codes::TERRAFORM_SOURCE, maker, message)
                        .label(remote.origin.span, "the module")
                        .note("name a revision of it among the properties: gitRef: {tag: v1.2.3}"),
                );
                return None;
            }
            let source = interface::git_source(remote.as_str()?, text("path"), revision);
            let mut arguments = Map::new();
            let own = |key: &str| !CONFIGURATION_FIELDS.contains(&key);
            for entry in given.iter().filter(|entry| own(&entry.key) && !entry.value.is_null()) {
                arguments.push_unique(entry.clone());
            }
            let origin =
                Origin::authored(if revision.is_some() { remote.origin.span } else { maker });
            (Name::new(source, origin), arguments)
        }
        (None, None) => return None,
    };
    stack.body.modules.push(ModuleCall { name: call, source, version: None, body: arguments });
    Some(stack)
}

fn terraform_name(component: &str) -> String {
    let digit = component.starts_with(|first: char| first.is_ascii_digit());
    format!("{}{}", if digit { "_" } else { "" }, component.replace('.', "_"))
}

/// The arguments of a module whose variables are known.
fn check(
    found: &Interface,
    given: &Map,
    component: &Text,
    maker: Span,
    module: Origin,
    sink: &mut Vec<Diagnostic>,
) -> Map {
    let mut arguments = Map::new();
    for entry in given {
        let declared = found.variables.iter().find(|variable| *variable.name == *entry.key);
        let Some(variable) = declared else {
            if CONFIGURATION_FIELDS.contains(&&*entry.key) {
                continue;
            }
            let message = format!("the module of `{component}` has no variable `{}`", entry.key);
            let span = entry.key_origin.span;
            let mut diagnostic = Diagnostic::new(codes::DEFINITION_UNKNOWN_PROPERTY, span, message)
                .label(module.span, "the module");
            let names = found.variables.iter().map(|variable| variable.name.as_str());
            if let Some(best) = nearest(&entry.key, names).first() {
                diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?")).replace(
                    span,
                    *best,
                    format!("rename it to `{best}`"),
                );
            }
            sink.push(diagnostic);
            continue;
        };
        if entry.value.is_null() {
            continue;
        }
        if let Some(ty) = &variable.ty
            && let Err(why) = value(&entry.value, ty)
        {
            let message = format!("`{}` of component `{component}` {why}", entry.key);
            let span = entry.value.origin.span;
            sink.push(
                Diagnostic::new(codes::TERRAFORM_TYPE_MISMATCH, span, message)
                    .label(module.span, format!("the module declares it as {ty}")),
            );
        }
        arguments.push_unique(entry.clone());
    }
    for variable in found.variables.iter().filter(|variable| variable.required) {
        if arguments.get(&variable.name).is_none() {
            let message = format!("component `{component}` gives no `{}`", variable.name);
            sink.push(
                Diagnostic::new(codes::DEFINITION_MISSING_PROPERTY, maker, message)
                    .label(module.span, "the module requires it"),
            );
        }
    }
    arguments
}
