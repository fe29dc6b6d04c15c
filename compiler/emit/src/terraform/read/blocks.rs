//! The blocks of a stack, one function a kind.
//!
//! Invariant: what Terraform reads literally becomes text here; everything else stays a value.

use platformc_source::{Diagnostic, codes};
use platformc_value::{Data, Map, Value};

use super::fields::{Fields, literal, one_or_many, wrong};
use crate::terraform::types::Type;
use crate::terraform::{
    Block, Body, Check, Import, Local, ModuleCall, Moved, Name, Output, ProviderConfiguration,
    Removed, RequiredProvider, Variable,
};

type Sink<'a> = &'a mut Vec<Diagnostic>;

/// The entries of a struct, or of each struct of a list: blocks by their label.
fn by_label(value: Value, what: &str, sink: Sink<'_>) -> Vec<(Name, Value)> {
    let mut found = Vec::new();
    for item in one_or_many(value) {
        match item.data {
            Data::Map(map) => {
                let labelled = map.into_iter().filter(|entry| &*entry.key != "//");
                found.extend(
                    labelled.map(|entry| (Name::new(entry.key, entry.key_origin), entry.value)),
                );
            }
            _ => sink.push(wrong(&format!("`{what}`"), "a struct", &item)),
        }
    }
    found
}

/// `terraform`: only what a stack's content may say of its engine.
pub(super) fn terraform(value: Value, body: &mut Body, sink: Sink<'_>) {
    for item in one_or_many(value) {
        let Some(mut fields) = Fields::open(item, "`terraform`", sink) else { continue };
        fields.comment();
        if let Some(found) = fields.take("required_providers") {
            required_providers(found.value, body, fields.sink());
        }
        for key in ["backend", "cloud", "required_version"] {
            if let Some(entry) = fields.take(key) {
                let message = format!("`{key}` is the workspace's to say, not a stack's");
                let note =
                    "set `engine`, `version` and `backend` under [terraform] in platform.toml";
                let diagnostic =
                    Diagnostic::new(codes::TERRAFORM_BLOCK, entry.key_origin.span, message);
                fields.sink().push(diagnostic.note(note));
            }
        }
        fields.finish();
    }
}

pub(super) fn required_providers(value: Value, body: &mut Body, sink: Sink<'_>) {
    for (name, value) in by_label(value, "required_providers", sink) {
        let what = format!("the provider `{name}`");
        let Some(mut fields) = Fields::open(value, what, sink) else { continue };
        let (source, version) = (fields.required_text("source"), fields.text("version"));
        fields.finish();
        if let Some(source) = source {
            body.required_providers.push(RequiredProvider { name, source, version });
        }
    }
}

pub(super) fn providers(value: Value, body: &mut Body, sink: Sink<'_>) {
    for (name, value) in by_label(value, "provider", sink) {
        for item in one_or_many(value) {
            let Data::Map(mut settings) = item.data else {
                sink.push(wrong(&format!("the provider `{name}`"), "a struct", &item));
                continue;
            };
            let alias = settings.remove("alias").filter(|entry| !entry.value.is_null());
            let alias = match alias {
                None => None,
                Some(entry) => {
                    let what = format!("`alias` of the provider `{name}`");
                    let Some(alias) = literal(&entry.value, &what, sink) else { continue };
                    Some(alias)
                }
            };
            let name = name.clone();
            body.providers.push(ProviderConfiguration { name, alias, settings });
        }
    }
}

/// A type in its literal position.
fn ty(fields: &mut Fields<'_>) -> Option<Type> {
    let text = fields.text("type")?;
    parse_type(&text, fields.sink())
}

/// Reads a type that somebody wrote.
pub(in crate::terraform) fn parse_type(text: &Name, sink: Sink<'_>) -> Option<Type> {
    match Type::parse(text) {
        Ok(found) => Some(found),
        Err(why) => {
            let message = format!("`{}` is not a type of Terraform: {why}", short(text));
            sink.push(Diagnostic::new(codes::TERRAFORM_TYPE, text.span(), message).note(
                "the types are any, string, number, bool, list(T), set(T), map(T), tuple([T, …]) and \
                 object({name = T, other = optional(T)})",
            ));
            None
        }
    }
}

fn short(text: &str) -> String {
    if text.chars().count() <= 60 {
        return text.to_owned();
    }
    text.chars().take(57).chain("…".chars()).collect()
}

pub(super) fn variables(value: Value, body: &mut Body, sink: Sink<'_>) {
    for (name, value) in by_label(value, "variable", sink) {
        let what = format!("the variable `{name}`");
        let Some(mut fields) = Fields::open(value, what, sink) else { continue };
        fields.comment();
        let mut variable = Variable::new(name, ty(&mut fields));
        variable.default = fields.take("default").map(|entry| entry.value);
        variable.description = fields.prose("description");
        variable.sensitive = fields.boolean("sensitive").unwrap_or(false);
        variable.ephemeral = fields.boolean("ephemeral").unwrap_or(false);
        variable.nullable = fields.boolean("nullable");
        variable.validations = fields.blocks("validation");
        fields.finish();
        body.variables.push(variable);
    }
}

pub(super) fn locals(value: Value, body: &mut Body, sink: Sink<'_>) {
    for (name, value) in by_label(value, "locals", sink) {
        body.locals.push(Local { name, value });
    }
}

/// Blocks with two labels.
pub(super) fn labelled(value: Value, what: &str, sink: Sink<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (kind, value) in by_label(value, what, sink) {
        for (name, value) in by_label(value, &format!("{what}.{kind}"), sink) {
            match value.data {
                Data::Map(body) => blocks.push(Block { kind: kind.clone(), name, body }),
                _ => sink.push(wrong(&format!("the {what} `{kind}.{name}`"), "a struct", &value)),
            }
        }
    }
    blocks
}

pub(super) fn modules(value: Value, body: &mut Body, sink: Sink<'_>) {
    for (name, value) in by_label(value, "module", sink) {
        let what = format!("the module `{name}`");
        let Data::Map(mut map) = value.data else {
            sink.push(wrong(&what, "a struct", &value));
            continue;
        };
        let mut text = |key: &str| -> Option<Name> {
            let entry = map.remove(key).filter(|entry| !entry.value.is_null())?;
            literal(&entry.value, &format!("`{key}` of {what}"), sink)
        };
        let (source, version) = (text("source"), text("version"));
        match source {
            Some(source) => body.modules.push(ModuleCall { name, source, version, body: map }),
            None => {
                let message = format!("{what} has no `source`");
                sink.push(Diagnostic::new(codes::TERRAFORM_BLOCK, name.span(), message));
            }
        }
    }
}

pub(super) fn outputs(value: Value, body: &mut Body, sink: Sink<'_>) {
    for (name, value) in by_label(value, "output", sink) {
        let what = format!("the output `{name}`");
        let Some(mut fields) = Fields::open(value, what, sink) else { continue };
        fields.comment();
        let value = fields.required("value");
        let mut output = Output::new(name, value.unwrap_or_else(Value::null), ty(&mut fields));
        output.description = fields.prose("description");
        output.sensitive = fields.boolean("sensitive").unwrap_or(false);
        output.depends_on = fields.texts("depends_on");
        output.preconditions = fields.blocks("precondition");
        fields.finish();
        body.outputs.push(output);
    }
}

pub(super) fn moved(value: Value, body: &mut Body, sink: Sink<'_>) {
    for item in one_or_many(value) {
        let Some(mut fields) = Fields::open(item, "`moved`", sink) else { continue };
        let (from, to) = (fields.required_text("from"), fields.required_text("to"));
        fields.finish();
        if let (Some(from), Some(to)) = (from, to) {
            body.moved.push(Moved { from, to });
        }
    }
}

pub(super) fn removed(value: Value, body: &mut Body, sink: Sink<'_>) {
    for item in one_or_many(value) {
        let Some(mut fields) = Fields::open(item, "`removed`", sink) else { continue };
        let from = fields.required_text("from");
        let mut destroy = None;
        if let Some(lifecycle) = fields.take("lifecycle") {
            for item in one_or_many(lifecycle.value) {
                let what = "`lifecycle` of `removed`";
                let Some(mut inner) = Fields::open(item, what, fields.sink()) else { continue };
                destroy = inner.boolean("destroy");
                inner.finish();
            }
        }
        fields.finish();
        if let Some(from) = from {
            body.removed.push(Removed { from, destroy });
        }
    }
}

pub(super) fn imports(value: Value, body: &mut Body, sink: Sink<'_>) {
    for item in one_or_many(value) {
        let Some(mut fields) = Fields::open(item, "`import`", sink) else { continue };
        let (to, id) = (fields.required_text("to"), fields.required("id"));
        let for_each = fields.take("for_each").map(|entry| entry.value);
        let provider = fields.text("provider");
        fields.finish();
        if let (Some(to), Some(id)) = (to, id) {
            body.imports.push(Import { to, id, for_each, provider });
        }
    }
}

pub(super) fn checks(value: Value, body: &mut Body, sink: Sink<'_>) {
    for (name, value) in by_label(value, "check", sink) {
        let what = format!("the check `{name}`");
        let Some(mut fields) = Fields::open(value, what, sink) else { continue };
        let data = fields.take("data");
        let mut found = match data {
            Some(entry) => labelled(entry.value, "data", fields.sink()),
            None => Vec::new(),
        };
        if let [_, second, ..] = found.as_slice() {
            let message = format!("the check `{name}` has a second data source");
            let span = second.name.span();
            fields.sink().push(Diagnostic::new(codes::TERRAFORM_BLOCK, span, message));
        }
        found.truncate(1);
        let asserts: Vec<Map> = fields.blocks("assert");
        if asserts.is_empty() {
            let message = format!("the check `{name}` asserts nothing");
            let span = fields.anchor();
            fields.sink().push(Diagnostic::new(codes::TERRAFORM_BLOCK, span, message));
        }
        fields.finish();
        body.checks.push(Check { name, data: found.pop(), asserts });
    }
}
