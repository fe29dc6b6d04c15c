//! Fields held against the model. Invariant: each is one that the model takes.

use platformc_source::{FileId, Origin, Span, codes};
use platformc_value::{Data, Map, Value};

use super::*;

/// A value that has every field a kind has, so that the model takes or refuses each.
fn sample(kind: &Kind, name: &str) -> Value {
    let text = |text: &str| Value::string(text);
    match kind {
        Kind::Struct(fields) | Kind::Open(fields) => {
            let mut map = Map::new();
            for field in *fields {
                map.insert(field.name, sample(&field.kind, field.name));
            }
            Value::map(map)
        }
        Kind::List(item) => Value::list(vec![sample(item, name)]),
        Kind::Map(item) => {
            let mut map = Map::new();
            map.insert("main", sample(item, "main"));
            Value::map(map)
        }
        Kind::Bool => Value::bool(true),
        Kind::OneOf(words) => text(words[0]),
        Kind::Properties(_) | Kind::Part(_) => {
            let mut map = Map::new();
            map.insert("x", Value::int(1));
            Value::new(Data::Map(map), Origin::authored(Span::new(FileId(0), 0, 1)))
        }
        Kind::Name(Names::Cluster | Names::Environment) => text("main"),
        Kind::Text if name == "server" => text("https://main.example.com"),
        Kind::Text if name == "kubernetes" => text("1.33"),
        Kind::Text if name == "version" => text("1.11.4"),
        Kind::Text if name == "required-version" => text("*"),
        Kind::Text if name == "naming" => text("{app}-{env}-{cluster}"),
        Kind::Text if name == "repository" => text("https://git.example.com/x.git"),
        Kind::Text | Kind::Type(_) | Kind::Name(_) => text(name),
    }
}

fn refused(sink: &[platformc_source::Diagnostic]) -> Vec<String> {
    let about_names = [codes::MODEL_DUPLICATE_NAME];
    let found = sink.iter().filter(|found| !about_names.contains(&found.code));
    found.map(|found| format!("{} {}", found.code.id(), found.message)).collect()
}

#[test]
fn the_model_takes_every_field() {
    let mut sink = Vec::new();
    let document = platformc_model::document(sample(&APPLICATION, ""), &mut sink);
    assert!(document.is_some());
    // Names are taken from the names of the fields, which is fine for all but these.
    sink.retain(|found| found.code != codes::MODEL_INVALID_NAME);
    assert_eq!(refused(&sink), [""; 0]);

    let overlay = platformc_model::overlay(sample(&OVERLAY, ""), &mut sink);
    assert!(overlay.is_some());
    assert_eq!(refused(&sink), [""; 0]);

    let manifest = platformc_model::manifest(sample(&MANIFEST, ""), "0.1.0", &mut sink);
    assert!(manifest.is_some());
    assert_eq!(refused(&sink), [""; 0]);
}

#[test]
fn what_must_be_there_the_model_misses() {
    for kind in [&APPLICATION, &MANIFEST] {
        let Kind::Struct(fields) = kind else { panic!("a struct") };
        for field in fields.iter().filter(|field| field.required && field.name != "environments") {
            let mut value = sample(kind, "");
            value.as_map_mut().expect("a map").remove(field.name);
            let mut sink = Vec::new();
            if std::ptr::eq(kind, &raw const MANIFEST) {
                let _ = platformc_model::manifest(value, "0.1.0", &mut sink);
            } else {
                let _ = platformc_model::document(value, &mut sink);
            }
            assert!(!sink.is_empty(), "{} may be left out", field.name);
        }
    }
}

/// A value without the fields of these names, at any depth.
fn without(value: Value, names: &[&str]) -> Value {
    let data = match value.data {
        Data::Map(map) => {
            let mut kept = Map::new();
            for entry in map {
                if !names.contains(&&*entry.key) {
                    kept.insert(entry.key, without(entry.value, names));
                }
            }
            Data::Map(kept)
        }
        Data::List(items) => {
            Data::List(items.into_iter().map(|item| without(item, names)).collect())
        }
        other => other,
    };
    Value::new(data, value.origin)
}

#[test]
fn own_documents_have_no_field_that_the_model_does_not_know() {
    // Of these an entry has one; the fields inside one are looked at where it is the only one.
    let alternatives: [&[&str]; 3] =
        [&["kustomize", "manifests", "type"], &["helm", "manifests"], &["helm", "kustomize"]];
    for kind in [&INFRASTRUCTURE, &TENANTS, &WORKFLOW_DOCUMENT] {
        for names in alternatives {
            // Operations cannot do without their type.
            let workflow = std::ptr::eq(kind, &raw const WORKFLOW_DOCUMENT);
            let names = if workflow { &[] } else { names };
            let mut sink = Vec::new();
            let _ = platformc_model::document(without(sample(kind, ""), names), &mut sink);
            sink.retain(|found| found.code == codes::MODEL_UNKNOWN_FIELD);
            assert_eq!(refused(&sink), [""; 0]);
        }
        let Kind::Struct(fields) = kind else { panic!("a struct") };
        for field in *fields {
            let mut sink = Vec::new();
            let value = without(sample(kind, ""), &[field.name]);
            let _ = platformc_model::document(value, &mut sink);
            assert!(
                sink.iter().any(|found| found.code == codes::MODEL_MISSING_FIELD),
                "{} may be left out",
                field.name
            );
        }
    }
}
