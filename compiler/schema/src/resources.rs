//! The catalog of custom resources, from their CustomResourceDefinitions.
//!
//! Invariant: a struct whose fields are named is closed, as pruning makes it in a cluster; where
//! the definition says that unknown fields are kept, or says nothing, anything goes. (OpenAPI v3
//! structural schemas, apiextensions.k8s.io/v1.)

use std::collections::BTreeMap;

use platformc_source::{Diagnostic, codes};
use platformc_value::{Data, Map, Value};

use crate::types::MAX_DEPTH;
use crate::{Catalog, CatalogError};

/// The metadata of every object.
const METADATA: &str = "{annotations:<a,creationTimestamp:s,deletionGracePeriodSeconds:l,\
    deletionTimestamp:s,finalizers:[*|s,generateName:s,generation:l,labels:<a,managedFields:a,\
    name:s,namespace:s,ownerReferences:a,resourceVersion:s,selfLink:s,uid:s}";

/// The catalog of the CustomResourceDefinitions among some documents. Documents of other kinds are
/// reported: they tell nothing about what objects may hold.
pub fn resources(documents: &[Value], sink: &mut Vec<Diagnostic>) -> Catalog {
    let mut objects: BTreeMap<(String, String), String> = BTreeMap::new();
    for document in documents {
        definition(document, &mut objects, sink);
    }
    let mut text = format!("resources\nobjects {}\n", objects.len());
    for (at, (version, kind)) in objects.keys().enumerate() {
        text.push_str(&format!("{version} {kind} {}\n", at + 1));
    }
    text.push_str(&format!("types {}\n{METADATA}\n", objects.len() + 1));
    for kind in objects.values() {
        text.push_str(kind);
        text.push('\n');
    }
    Catalog::read(text).unwrap_or_else(|_: CatalogError| Catalog::default())
}

fn definition(
    document: &Value,
    objects: &mut BTreeMap<(String, String), String>,
    sink: &mut Vec<Diagnostic>,
) {
    let text = |value: &Value, key: &str| value.get(key)?.as_str().map(str::to_owned);
    let spec = document
        .get("spec")
        .filter(|_| text(document, "kind").is_some_and(|kind| kind == "CustomResourceDefinition"));
    let group = spec.and_then(|spec| text(spec, "group"));
    let kind = spec.and_then(|spec| text(spec.get("names")?, "kind"));
    let versions = spec.and_then(|spec| spec.get("versions")?.as_list());
    let (Some(group), Some(kind), Some(versions)) = (group, kind, versions) else {
        let message = "this is no CustomResourceDefinition";
        sink.push(
            Diagnostic::new(codes::SCHEMA_NOT_A_SCHEMA, document.origin.span, message)
                .note("it has `spec` with `group`, `names.kind` and `versions`"),
        );
        return;
    };
    for version in versions {
        let served =
            version.get("served").is_none_or(|served| matches!(served.data, Data::Bool(true)));
        let Some(name) = text(version, "name").filter(|_| served) else { continue };
        let schema = version.get("schema").and_then(|schema| schema.get("openAPIV3Schema"));
        let plain = |text: &str| !text.contains([' ', '\n', '\r']);
        if plain(&group) && plain(&name) && plain(&kind) {
            let written = schema.map_or_else(|| "a".to_owned(), top);
            objects.insert((format!("{group}/{name}"), kind.clone()), written);
        }
    }
}

/// The type of a whole object.
fn top(schema: &Value) -> String {
    let mut fields: BTreeMap<&str, String> = BTreeMap::new();
    let given = schema.get("properties").and_then(Value::as_map);
    for entry in given.into_iter().flatten() {
        if !is_plain(&entry.key) {
            return "a".to_owned();
        }
        fields.insert(&entry.key, kind(&entry.value, 1));
    }
    fields.insert("apiVersion", "s".to_owned());
    fields.insert("kind", "s".to_owned());
    fields.insert("metadata", "@0".to_owned());
    if fields.contains_key("status") {
        // Only controllers write it.
        fields.insert("status", "a".to_owned());
    }
    written(&fields, &required(schema))
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.contains(['!', ':', ',', '{', '}', '|', '+', '\n', '\r'])
}

fn required(schema: &Value) -> Vec<&str> {
    let names = schema.get("required").and_then(Value::as_list).unwrap_or_default();
    names.iter().filter_map(Value::as_str).collect()
}

fn written(fields: &BTreeMap<&str, String>, required: &[&str]) -> String {
    let fields = fields.iter().map(|(name, kind)| {
        let mark = if required.contains(name) { "!" } else { "" };
        format!("{name}{mark}:{kind}")
    });
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

fn flag(schema: &Value, key: &str) -> bool {
    schema.get(key).is_some_and(|found| matches!(found.data, Data::Bool(true)))
}

/// The type of a schema.
fn kind(schema: &Value, depth: usize) -> String {
    let any = || "a".to_owned();
    if depth >= MAX_DEPTH - 2 || flag(schema, "x-kubernetes-preserve-unknown-fields") {
        return any();
    }
    if flag(schema, "x-kubernetes-int-or-string") {
        return "x".to_owned();
    }
    let named = schema.get("type").and_then(Value::as_str).unwrap_or("");
    match named {
        "string" => one_of(schema).unwrap_or_else(|| "s".to_owned()),
        "boolean" => "b".to_owned(),
        "number" => "n".to_owned(),
        "integer" => match schema.get("format").and_then(Value::as_str) {
            Some("int32") => "i".to_owned(),
            _ => "l".to_owned(),
        },
        "array" => {
            let item = schema.get("items").map_or_else(any, |items| kind(items, depth + 1));
            format!("[{}{item}", keys(schema))
        }
        "object" => match (schema.get("properties"), schema.get("additionalProperties")) {
            (Some(Value { data: Data::Map(map), .. }), None) => {
                fields(map, schema, depth).unwrap_or_else(any)
            }
            (None, Some(more)) if more.as_map().is_some() => format!("<{}", kind(more, depth + 1)),
            _ => any(),
        },
        _ => any(),
    }
}

fn fields(map: &Map, schema: &Value, depth: usize) -> Option<String> {
    let mut fields: BTreeMap<&str, String> = BTreeMap::new();
    for entry in map {
        if !is_plain(&entry.key) {
            return None;
        }
        fields.insert(&entry.key, kind(&entry.value, depth + 1));
    }
    Some(written(&fields, &required(schema)))
}

/// What tells the items of a list apart, as the catalog writes it.
fn keys(schema: &Value) -> String {
    let listed = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_list);
    let names: Vec<&str> = listed.unwrap_or_default().iter().filter_map(Value::as_str).collect();
    match schema.get("x-kubernetes-list-type").and_then(Value::as_str) {
        Some("map") if !names.is_empty() && names.iter().all(|name| is_plain(name)) => {
            format!("{}|", names.join("+"))
        }
        Some("set") => "*|".to_owned(),
        _ => String::new(),
    }
}

fn one_of(schema: &Value) -> Option<String> {
    let items = schema.get("enum")?.as_list()?;
    let names: Vec<&str> = items.iter().map(Value::as_str).collect::<Option<_>>()?;
    // An empty text cannot be told from no text in the form.
    let good = |name: &&str| !name.is_empty() && !name.contains([')', '|', '\n', '\r']);
    (!names.is_empty() && names.iter().all(good)).then(|| format!("({})", names.join("|")))
}
