//! What an API server checks about any object, whatever its schema.

use std::sync::Arc;

use platformc_source::{Code, Diagnostic, Origin, Role, codes};
use platformc_value::{Data, Entry, Map, Value};

use super::Identity;
use crate::name::{Rule, is_key, is_label_value};

/// The bytes of all annotations of an object together.
const MOST_ANNOTATION_BYTES: usize = 256 << 10;

/// The identity of an object that an API server would take; reports everything else.
pub(super) fn object(object: &Value, sink: &mut Vec<Diagnostic>) -> Option<Identity> {
    let reported = sink.len();
    let Some(map) = object.as_map() else {
        let message = format!("a Kubernetes object is a struct, not {}", object.kind_name());
        sink.push(Diagnostic::new(codes::EMIT_NOT_AN_OBJECT, object.origin.span, message));
        return None;
    };
    let code = codes::EMIT_NOT_AN_OBJECT;
    let api_version = text(map, "apiVersion", "apiVersion", object.origin, code, sink);
    let kind = text(map, "kind", "kind", object.origin, code, sink);
    let metadata = match map.get("metadata") {
        Some(Value { data: Data::Map(metadata), .. }) => Some(metadata),
        Some(other) => {
            sink.push(wrong(code, "metadata", "struct", other));
            None
        }
        None => {
            sink.push(missing(code, "metadata", object.origin));
            None
        }
    };
    let place = map.get("metadata").map_or(object.origin, |value| value.origin);
    let name = metadata.and_then(|map| text(map, "name", "metadata.name", place, code, sink));
    let namespace = metadata.and_then(|map| match map.get("namespace") {
        None | Some(Value { data: Data::Null, .. }) => None,
        Some(_) => text(map, "namespace", "metadata.namespace", place, codes::EMIT_NAME, sink),
    });
    if let Some(metadata) = metadata {
        labels_and_annotations(metadata, "metadata", sink);
    }
    let pods = map.get("spec").and_then(|spec| spec.get("template"));
    if let Some(metadata) = pods.and_then(|pods| pods.get("metadata")).and_then(Value::as_map) {
        labels_and_annotations(metadata, "spec.template.metadata", sink);
    }
    if let Some((value, _)) = &namespace
        && !Rule::Label.admits(value)
    {
        let origin = metadata.and_then(|m| m.get("namespace")).map_or(place, |v| v.origin);
        sink.push(bad_name("namespace", value, Rule::Label, origin));
    }
    let ((api_version, at), (kind, kind_at), (name, named_at)) = (api_version?, kind?, name?);
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", &api_version));
    let group_is_good = group.is_empty() != api_version.contains('/');
    if !group_is_good || !Rule::Label.admits(version) || !is_group(group) {
        let message = format!("`{api_version}` is no apiVersion");
        let note = "an apiVersion is `v1`, or `<group>/<version>` as in `apps/v1`";
        sink.push(Diagnostic::new(code, at.span, message).note(note));
    }
    if !kind.bytes().all(|b| b.is_ascii_alphanumeric()) {
        let message = format!("`{kind}` is no kind: a kind is letters and digits");
        sink.push(Diagnostic::new(code, kind_at.span, message));
    }
    let rule = Rule::of(group, &kind);
    if !rule.admits(&name) {
        sink.push(bad_name(&kind, &name, rule, named_at));
    }
    (sink.len() == reported).then(|| Identity {
        group: Arc::from(group),
        version: Arc::from(version),
        kind,
        namespace: namespace.map(|(value, _)| value),
        name,
    })
}

fn is_group(group: &str) -> bool {
    group.is_empty() || Rule::Subdomain.admits(group)
}

/// Non-empty text at a key, with its origin.
fn text(
    map: &Map,
    key: &str,
    path: &str,
    place: Origin,
    code: Code,
    sink: &mut Vec<Diagnostic>,
) -> Option<(Arc<str>, Origin)> {
    match map.get(key) {
        Some(Value { data: Data::String(text), origin }) if !text.is_empty() => {
            Some((Arc::clone(text), *origin))
        }
        Some(Value { data: Data::String(_) | Data::Null, origin }) => {
            sink.push(Diagnostic::new(code, origin.span, format!("`{path}` is empty")));
            None
        }
        Some(other) => {
            sink.push(wrong(code, path, "string", other));
            None
        }
        None => {
            sink.push(missing(code, path, place));
            None
        }
    }
}

fn missing(code: Code, path: &str, place: Origin) -> Diagnostic {
    let message = format!("a Kubernetes object lacks `{path}`");
    Diagnostic::new(code, place.span, message)
        .note("every object has apiVersion, kind and metadata.name")
}

fn wrong(code: Code, path: &str, expected: &str, value: &Value) -> Diagnostic {
    let message = format!("`{path}` has to be a {expected}, not {}", value.kind_name());
    quoted(Diagnostic::new(code, value.origin.span, message), expected, value)
}

/// Offers quotes for a scalar that has to be text, where its author wrote it.
fn quoted(diagnostic: Diagnostic, expected: &str, value: &Value) -> Diagnostic {
    let text = match &value.data {
        Data::Number(number) if expected == "string" => number.to_string(),
        Data::Bool(truth) if expected == "string" => truth.to_string(),
        _ => return diagnostic,
    };
    if value.origin.role != Role::Authored {
        return diagnostic;
    }
    let title = format!("quote it: \"{text}\"");
    diagnostic.replace(value.origin.span, format!("\"{text}\""), title)
}

fn bad_name(kind: &str, name: &str, rule: Rule, origin: Origin) -> Diagnostic {
    let message = format!("`{name}` cannot be the name of a {kind}");
    Diagnostic::new(codes::EMIT_NAME, origin.span, message)
        .note(format!("allowed: {}", rule.words()))
}

fn labels_and_annotations(metadata: &Map, path: &str, sink: &mut Vec<Diagnostic>) {
    each(metadata, path, "labels", codes::EMIT_LABEL, sink, |entry, value| {
        (!is_label_value(value)).then(|| {
            let message = format!("`{value}` cannot be the value of the label `{}`", entry.key);
            let note = "allowed: at most 63 letters, digits, `-`, `_` and `.`, \
                        with a letter or digit at both ends";
            Diagnostic::new(codes::EMIT_LABEL, entry.value.origin.span, message).note(note)
        })
    });
    let mut bytes = 0;
    each(metadata, path, "annotations", codes::EMIT_ANNOTATION, sink, |entry, value| {
        bytes += entry.key.len() + value.len();
        None
    });
    if bytes > MOST_ANNOTATION_BYTES {
        let span = metadata.get("annotations").map_or(Origin::NONE, |value| value.origin).span;
        let message = format!("the annotations take {bytes} bytes, more than 262144");
        sink.push(Diagnostic::new(codes::EMIT_ANNOTATION, span, message));
    }
}

/// Checks keys and that values are text, then each text with `check`.
fn each(
    metadata: &Map,
    path: &str,
    field: &str,
    code: Code,
    sink: &mut Vec<Diagnostic>,
    mut check: impl FnMut(&Entry, &str) -> Option<Diagnostic>,
) {
    let entries = match metadata.get(field) {
        None | Some(Value { data: Data::Null, .. }) => return,
        Some(Value { data: Data::Map(entries), .. }) => entries,
        Some(other) => {
            sink.push(wrong(code, &format!("{path}.{field}"), "struct", other));
            return;
        }
    };
    for entry in entries {
        if !is_key(&entry.key) {
            let message = format!("`{}` cannot be a key of {path}.{field}", entry.key);
            let note = "a key is a name of at most 63 letters, digits, `-`, `_` and `.`, \
                        perhaps after a domain and `/`";
            sink.push(Diagnostic::new(code, entry.key_origin.span, message).note(note));
        }
        match entry.value.as_str() {
            Some(value) => sink.extend(check(entry, value)),
            None => {
                let path = format!("{path}.{field}.{}", entry.key);
                sink.push(wrong(code, &path, "string", &entry.value));
            }
        }
    }
}
