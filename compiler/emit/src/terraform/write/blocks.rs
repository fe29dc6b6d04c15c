//! The blocks of a stack as values of Terraform's JSON syntax, one function a kind.
//!
//! Invariant: blocks stand by their labels; lists of blocks of one label keep their order where it
//! means something and are ordered by their text otherwise.

use std::sync::Arc;

use platformc_source::Diagnostic;
use platformc_value::{Data, Entry, Map, Value};

use super::argument::{MODULE, PLAIN, RESOURCE, block, default_value, literal, sorted, template};
use crate::terraform::{
    Block, Check, Import, Local, ModuleCall, Moved, Name, Output, ProviderConfiguration, Removed,
    Stack, Variable,
};

type Sink<'a> = &'a mut Vec<Diagnostic>;

fn text(name: &Name) -> Value {
    Value::new(Data::String(Arc::clone(&name.text)), name.origin)
}

fn entry(name: &Name, value: Value) -> Entry {
    Entry { key: Arc::clone(&name.text), key_origin: name.origin, value }
}

fn conditions(blocks: &[Map], sink: Sink<'_>) -> Value {
    Value::list(blocks.iter().map(|map| block(map, PLAIN, sink)).collect())
}

/// `terraform`: the versions, the providers, the backend.
pub(super) fn terraform(stack: &Stack) -> Value {
    let mut map = Map::new();
    if let Some(backend) = &stack.backend {
        let settings = literal(&Value::map(backend.settings.clone()), "backend", &mut Vec::new());
        if &*backend.kind.text == "cloud" {
            map.insert("cloud", Value::list(vec![settings]));
        } else {
            let mut kind = Map::with_capacity(1);
            kind.insert(Arc::clone(&backend.kind.text), Value::list(vec![settings]));
            map.insert("backend", Value::map(kind));
        }
    }
    let mut providers: Vec<Entry> = Vec::new();
    for provider in &stack.body.required_providers {
        let mut inner = Map::with_capacity(2);
        inner.insert("source", text(&provider.source));
        if let Some(version) = &provider.version {
            inner.insert("version", text(version));
        }
        providers.push(entry(&provider.name, Value::map(inner)));
    }
    if !providers.is_empty() {
        map.insert("required_providers", Value::list(vec![Value::map(sorted(providers))]));
    }
    // Later releases of the same major version run what this one runs.
    let version = stack.engine.version;
    let next = version.major + 1;
    let required = Value::string(format!(">= {version}, < {next}.0.0"));
    map.insert("required_version", required);
    Value::map(map)
}

pub(super) fn providers(all: &[ProviderConfiguration], sink: Sink<'_>) -> Value {
    let mut ordered: Vec<&ProviderConfiguration> = all.iter().collect();
    let key = |found: &ProviderConfiguration| {
        (found.name.text.clone(), found.alias.as_ref().map(|alias| alias.text.clone()))
    };
    ordered.sort_by_key(|found| key(found));
    let mut map = Map::new();
    for found in ordered {
        let mut settings = found.settings.clone();
        settings.remove("alias");
        let mut value = block(&settings, PLAIN, sink);
        if let (Some(alias), Some(inner)) = (&found.alias, value.as_map_mut()) {
            let mut with = Map::with_capacity(inner.len() + 1);
            with.insert("alias", text(alias));
            for entry in std::mem::take(inner) {
                with.push_unique(entry);
            }
            *inner = with;
        }
        let list = match map.get_mut(&found.name.text) {
            Some(Value { data: Data::List(list), .. }) => list,
            _ => {
                map.insert(Arc::clone(&found.name.text), Value::list(vec![value]));
                continue;
            }
        };
        list.push(value);
    }
    Value::map(map)
}

pub(super) fn variables(all: &[Variable], sink: Sink<'_>) -> Value {
    let each = |variable: &Variable| {
        let mut map = Map::new();
        if let Some(default) = &variable.default {
            map.insert("default", default_value(default, sink));
        }
        if let Some(description) = &variable.description {
            map.insert("description", text(description));
        }
        if variable.ephemeral {
            map.insert("ephemeral", Value::bool(true));
        }
        if let Some(nullable) = variable.nullable {
            map.insert("nullable", Value::bool(nullable));
        }
        if variable.sensitive {
            map.insert("sensitive", Value::bool(true));
        }
        if let Some(ty) = &variable.ty {
            map.insert("type", Value::string(ty.to_string()));
        }
        if !variable.validations.is_empty() {
            map.insert("validation", conditions(&variable.validations, sink));
        }
        entry(&variable.name, Value::map(map))
    };
    Value::map(sorted(all.iter().map(each).collect()))
}

pub(super) fn locals(all: &[Local], sink: Sink<'_>) -> Value {
    let each = |local: &Local| entry(&local.name, template(&local.value, sink));
    Value::map(sorted(all.iter().map(each).collect()))
}

pub(super) fn labelled(all: &[Block], sink: Sink<'_>) -> Value {
    let mut ordered: Vec<&Block> = all.iter().collect();
    ordered.sort_by(|a, b| (&*a.kind.text, &*a.name.text).cmp(&(&*b.kind.text, &*b.name.text)));
    let mut kinds = Map::new();
    for found in ordered {
        let value = block(&found.body, RESOURCE, sink);
        if kinds.get(&found.kind).is_none() {
            kinds.push_unique(entry(&found.kind, Value::map(Map::new())));
        }
        if let Some(names) = kinds.get_mut(&found.kind).and_then(Value::as_map_mut)
            && names.get(&found.name).is_none()
        {
            names.push_unique(entry(&found.name, value));
        }
    }
    Value::map(kinds)
}

pub(super) fn modules(all: &[ModuleCall], sink: Sink<'_>) -> Value {
    let each = |module: &ModuleCall| {
        let mut map = Map::new();
        map.insert("source", text(&module.source));
        if let Some(version) = &module.version {
            map.insert("version", text(version));
        }
        if let Data::Map(arguments) = block(&module.body, MODULE, sink).data {
            for argument in arguments {
                if map.get(&argument.key).is_none() {
                    map.push_unique(argument);
                }
            }
        }
        entry(&module.name, Value::map(map))
    };
    Value::map(sorted(all.iter().map(each).collect()))
}

pub(super) fn outputs(all: &[Output], sink: Sink<'_>) -> Value {
    let each = |output: &Output| {
        let mut map = Map::new();
        if !output.depends_on.is_empty() {
            map.insert("depends_on", Value::list(output.depends_on.iter().map(text).collect()));
        }
        if let Some(description) = &output.description {
            map.insert("description", text(description));
        }
        if !output.preconditions.is_empty() {
            map.insert("precondition", conditions(&output.preconditions, sink));
        }
        if output.sensitive {
            map.insert("sensitive", Value::bool(true));
        }
        map.insert("value", template(&output.value, sink));
        entry(&output.name, Value::map(map))
    };
    Value::map(sorted(all.iter().map(each).collect()))
}

fn pair(entries: [(&str, &Name); 2]) -> Value {
    let mut map = Map::with_capacity(2);
    for (key, name) in entries {
        map.insert(key, text(name));
    }
    Value::map(map)
}

pub(super) fn moved(all: &[Moved]) -> Value {
    let mut ordered: Vec<&Moved> = all.iter().collect();
    ordered.sort_by(|a, b| (&*a.from.text, &*a.to.text).cmp(&(&*b.from.text, &*b.to.text)));
    Value::list(ordered.iter().map(|m| pair([("from", &m.from), ("to", &m.to)])).collect())
}

pub(super) fn removed(all: &[Removed]) -> Value {
    let mut ordered: Vec<&Removed> = all.iter().collect();
    ordered.sort_by(|a, b| a.from.text.cmp(&b.from.text));
    let each = |removed: &&Removed| {
        let mut map = Map::with_capacity(2);
        map.insert("from", text(&removed.from));
        if let Some(destroy) = removed.destroy {
            let mut lifecycle = Map::with_capacity(1);
            lifecycle.insert("destroy", Value::bool(destroy));
            map.insert("lifecycle", Value::list(vec![Value::map(lifecycle)]));
        }
        Value::map(map)
    };
    Value::list(ordered.iter().map(each).collect())
}

pub(super) fn imports(all: &[Import], sink: Sink<'_>) -> Value {
    let mut ordered: Vec<&Import> = all.iter().collect();
    ordered.sort_by(|a, b| a.to.text.cmp(&b.to.text));
    let each = |import: &&Import| {
        let mut map = Map::with_capacity(4);
        if let Some(for_each) = &import.for_each {
            map.insert("for_each", template(for_each, sink));
        }
        map.insert("id", template(&import.id, sink));
        if let Some(provider) = &import.provider {
            map.insert("provider", text(provider));
        }
        map.insert("to", text(&import.to));
        Value::map(map)
    };
    Value::list(ordered.iter().map(each).collect())
}

pub(super) fn checks(all: &[Check], sink: Sink<'_>) -> Value {
    let each = |check: &Check| {
        let mut map = Map::with_capacity(2);
        map.insert("assert", conditions(&check.asserts, sink));
        if let Some(data) = &check.data {
            map.insert("data", labelled(std::slice::from_ref(data), sink));
        }
        entry(&check.name, Value::map(map))
    };
    Value::map(sorted(all.iter().map(each).collect()))
}
