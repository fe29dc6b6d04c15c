//! Where states are: the backends of Terraform and OpenTofu.
//!
//! Invariant: two stacks never share a state. A backend that a workspace declares is a pattern with
//! `{env}` and `{stack}`; the setting that tells states apart names the stack.

use platformc_source::{Diagnostic, codes, nearest};
use platformc_value::{Data, Map, Value};

use super::{Backend, Stack, mark};
use crate::layout;

/// A backend as its documentation has it.
struct Kind {
    name: &'static str,
    /// The setting that tells states apart.
    address: &'static [&'static str],
    /// What it is where not written; none where it has to be.
    default: Option<&'static str>,
    /// Settings that have to be there.
    required: &'static [&'static str],
}

const fn kind(
    name: &'static str,
    address: &'static [&'static str],
    default: Option<&'static str>,
    required: &'static [&'static str],
) -> Kind {
    Kind { name, address, default, required }
}

const FILE: Option<&str> = Some("{env}/{stack}.tfstate");
const DASHED: Option<&str> = Some("{env}-{stack}");

const KINDS: [Kind; 13] = [
    kind("azurerm", &["key"], FILE, &["storage_account_name", "container_name"]),
    kind("cloud", &["workspaces", "name"], DASHED, &["organization"]),
    kind("consul", &["path"], Some("terraform/{env}/{stack}"), &[]),
    kind("cos", &["key"], FILE, &["bucket", "region"]),
    kind("gcs", &["prefix"], Some("{env}/{stack}"), &["bucket"]),
    kind("http", &["address"], None, &[]),
    kind("kubernetes", &["secret_suffix"], DASHED, &[]),
    kind("local", &["path"], Some("terraform.tfstate"), &[]),
    kind("oci", &["key"], FILE, &["bucket", "namespace"]),
    kind("oss", &["key"], FILE, &["bucket"]),
    kind("pg", &["schema_name"], DASHED, &[]),
    kind("remote", &["workspaces", "name"], DASHED, &["organization"]),
    kind("s3", &["key"], FILE, &["bucket"]),
];

fn known(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// Whether the state of each stack lies beside the stack, whatever the pattern says.
fn lies_beside(kind: &Kind, path: &str) -> bool {
    kind.name == "local" && !path.starts_with('/')
}

/// Checks the pattern of a backend; `several` says that it serves more than one environment.
pub fn check_backend(pattern: &Backend, several: bool, sink: &mut Vec<Diagnostic>) {
    let name = &pattern.kind;
    let Some(kind) = known(name) else {
        let message = format!("`{name}` is no backend of Terraform");
        let mut diagnostic = Diagnostic::new(codes::TERRAFORM_BACKEND, name.span(), message);
        let names = KINDS.iter().map(|kind| kind.name);
        if let Some(best) = nearest(name, names.clone()).first() {
            diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?"));
        }
        let names: Vec<&str> = names.collect();
        sink.push(diagnostic.note(format!("the backends are {}", names.join(", "))));
        return;
    };
    for required in kind.required {
        if pattern.settings.get(required).is_none_or(Value::is_null) {
            let message = format!("the backend `{name}` has no `{required}`");
            sink.push(
                Diagnostic::new(codes::TERRAFORM_BACKEND, name.span(), message)
                    .note(format!("write it beside `type`: {required} = \"…\"")),
            );
        }
    }
    for entry in &pattern.settings {
        expressions(&entry.value, sink);
    }
    let written = lookup(&pattern.settings, kind.address);
    let address = written.and_then(Value::as_str).or(kind.default);
    let setting = kind.address.join(".");
    let Some(address) = address else {
        let message = format!("the backend `{name}` has no `{setting}`");
        sink.push(
            Diagnostic::new(codes::TERRAFORM_BACKEND, name.span(), message).note(format!(
                "it tells states apart: {setting} = \"https://…/{{env}}/{{stack}}\""
            )),
        );
        return;
    };
    if lies_beside(kind, address) {
        return;
    }
    let span = written.map_or(name.span(), |value| value.origin.span);
    let texts = all_texts(&pattern.settings);
    for (part, needed, why) in [
        ("{stack}", true, "all stacks would share one state"),
        ("{env}", several, "the environments would share one state"),
    ] {
        let there = address.contains(part)
            || part == "{env}" && texts.iter().any(|text| text.contains(part));
        if needed && !there {
            let message = format!("`{setting}` of the backend `{name}` does not hold {part}");
            sink.push(
                Diagnostic::new(codes::TERRAFORM_BACKEND, span, message)
                    .note(format!("{why}; for example {setting} = \"{}\"", example(kind))),
            );
        }
    }
}

fn example(kind: &Kind) -> &'static str {
    kind.default.filter(|text| text.contains("{stack}")).unwrap_or("{env}/{stack}")
}

/// A backend is configured before anything is evaluated.
fn expressions(value: &Value, sink: &mut Vec<Diagnostic>) {
    let marked = !matches!(mark::of(value), Ok(None));
    let text = value.as_str().is_some_and(|text| text.contains("${") || text.contains("%{"));
    if marked || text {
        let message = "a backend's settings are read literally and cannot hold an expression";
        sink.push(
            Diagnostic::new(codes::TERRAFORM_LITERAL, value.origin.span, message)
                .note("`{env}` and `{stack}` stand for the names of the environment and the stack"),
        );
        return;
    }
    match &value.data {
        Data::List(items) => items.iter().for_each(|item| expressions(item, sink)),
        Data::Map(map) => map.iter().for_each(|entry| expressions(&entry.value, sink)),
        _ => {}
    }
}

fn lookup<'v>(settings: &'v Map, path: &[&str]) -> Option<&'v Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(settings.get(first)?, |value, step| value.get(step))
}

fn all_texts(settings: &Map) -> Vec<&str> {
    let mut open: Vec<&Value> = settings.iter().map(|entry| &entry.value).collect();
    let mut texts = Vec::new();
    while let Some(value) = open.pop() {
        match &value.data {
            Data::String(text) => texts.push(&**text),
            Data::List(items) => open.extend(items),
            Data::Map(map) => open.extend(map.iter().map(|entry| &entry.value)),
            _ => {}
        }
    }
    texts
}

/// The backend of one stack from the pattern of its workspace.
#[must_use]
pub fn backend_of(pattern: &Backend, env: &str, stack: &str) -> Backend {
    let mut settings = Map::with_capacity(pattern.settings.len() + 1);
    for entry in &pattern.settings {
        settings.insert(entry.key.clone(), fill(&entry.value, env, stack));
    }
    if let Some(kind) = known(&pattern.kind)
        && lookup(&settings, kind.address).is_none()
        && let Some(default) = kind.default
    {
        let value = fill(&Value::string(default).at(pattern.kind.origin), env, stack);
        match kind.address {
            [outer, inner] => {
                let mut map = match settings.remove(outer).map(|entry| entry.value.data) {
                    Some(Data::Map(map)) => map,
                    _ => Map::with_capacity(1),
                };
                map.insert(*inner, value);
                settings.insert(*outer, Value::map(map));
            }
            [only, ..] => {
                settings.insert(*only, value);
            }
            [] => {}
        }
    }
    Backend { kind: pattern.kind.clone(), settings, origin: pattern.origin }
}

fn fill(value: &Value, env: &str, stack: &str) -> Value {
    let data = match &value.data {
        Data::String(text) => {
            Data::String(text.replace("{env}", env).replace("{stack}", stack).into())
        }
        Data::List(items) => Data::List(items.iter().map(|item| fill(item, env, stack)).collect()),
        Data::Map(map) => {
            let mut filled = Map::with_capacity(map.len());
            for entry in map {
                filled.insert(entry.key.clone(), fill(&entry.value, env, stack));
            }
            Data::Map(filled)
        }
        other => other.clone(),
    };
    Value::new(data, value.origin)
}

/// `backend` and `config` of a data source `terraform_remote_state` that reads a stack's state,
/// from the folder of another stack.
#[must_use]
pub(super) fn remote_state(stack: &Stack) -> Map {
    let mut settings = stack.backend.as_ref().map_or_else(Map::new, |found| found.settings.clone());
    let kind = stack.backend.as_ref().map_or("local", |found| &*found.kind.text);
    if kind == "local" {
        let path = settings.get("path").and_then(Value::as_str).unwrap_or("terraform.tfstate");
        if !path.starts_with('/') {
            let beside = format!("/../{}/{path}", layout::step(&stack.name));
            let parts = vec![mark::expression("path.module"), Value::string(beside)];
            settings = Map::with_capacity(1);
            settings.insert("path", mark::join(parts));
        }
    }
    let mut body = Map::with_capacity(2);
    // A state in HCP Terraform is read through the older backend.
    let reads = if kind == "cloud" { "remote" } else { kind };
    body.insert("backend", Value::string(reads));
    body.insert("config", Value::map(settings));
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terraform::Name;

    fn pattern(kind: &str, settings: &[(&str, &str)]) -> Backend {
        let mut map = Map::new();
        for (key, text) in settings {
            map.insert(*key, Value::string(*text));
        }
        let origin = platformc_source::Origin::NONE;
        Backend { kind: Name::computed(kind), settings: map, origin }
    }

    fn said(pattern: &Backend, several: bool) -> Vec<String> {
        let mut sink = Vec::new();
        check_backend(pattern, several, &mut sink);
        sink.into_iter().map(|diagnostic| diagnostic.message).collect()
    }

    #[test]
    fn states_are_told_apart() {
        let s3 = pattern("s3", &[("bucket", "states"), ("region", "eu-central-1")]);
        assert!(said(&s3, true).is_empty());
        let made = backend_of(&s3, "prod", "net");
        assert_eq!(made.settings.get("key").and_then(Value::as_str), Some("prod/net.tfstate"));
        let cloud = backend_of(&pattern("cloud", &[("organization", "acme")]), "prod", "net");
        let name = cloud.settings.get("workspaces").and_then(|found| found.get("name"));
        assert_eq!(name.and_then(Value::as_str), Some("prod-net"));
        let local = backend_of(&pattern("local", &[]), "prod", "net");
        assert_eq!(local.settings.get("path").and_then(Value::as_str), Some("terraform.tfstate"));
    }

    #[test]
    fn what_would_be_shared_or_refused_is_said() {
        assert_eq!(said(&pattern("s4", &[]), false), ["`s4` is no backend of Terraform"]);
        assert_eq!(
            said(&pattern("s3", &[("bucket", "b"), ("key", "state")]), true),
            [
                "`key` of the backend `s3` does not hold {stack}",
                "`key` of the backend `s3` does not hold {env}"
            ]
        );
        assert!(
            said(&pattern("s3", &[("bucket", "b-{env}"), ("key", "{stack}")]), true).is_empty()
        );
        assert!(said(&pattern("s3", &[("bucket", "b"), ("key", "{stack}")]), false).is_empty());
        assert_eq!(said(&pattern("http", &[]), false), ["the backend `http` has no `address`"]);
        assert_eq!(said(&pattern("gcs", &[]), false), ["the backend `gcs` has no `bucket`"]);
        assert_eq!(said(&pattern("s3", &[("bucket", "${var.b}")]), false).len(), 1);
        assert!(said(&pattern("local", &[("path", "/var/states/x")]), false).len() == 1);
    }
}
