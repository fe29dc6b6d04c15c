//! Every string of `strings.json` survives the YAML writer: as a value, a list item, a key and a
//! key of a map in a list, read back by this crate, by serde_yaml and by a YAML 1.2 reader.
//! `tests/oracles/yaml_strings.sh` asks PyYAML, ruamel.yaml and kubectl the same.

use platformc_format::{json, yaml};
use platformc_source::FileId;
use platformc_value::{Map, Value};

fn strings() -> Vec<String> {
    let outcome = json::read(FileId(0), include_str!("strings.json"));
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    let value = outcome.value.expect("a list");
    let strings: Vec<String> = value
        .as_list()
        .expect("a list")
        .iter()
        .map(|item| item.as_str().expect("a string").to_owned())
        .collect();
    assert!(strings.len() > 250, "the data file is whole");
    strings
}

fn map(key: &str, value: Value) -> Value {
    let mut map = Map::new();
    map.insert(key, value);
    Value::map(map)
}

/// The places in which each string is tried.
fn documents(string: &str) -> Vec<Value> {
    let text = || Value::string(string);
    let followed = |value: Value| {
        let mut map = Map::new();
        map.insert("first", value);
        map.insert("next", Value::int(1));
        Value::map(map)
    };
    vec![
        text(),
        Value::list(vec![text(), text()]),
        Value::list(vec![Value::list(vec![text(), text()])]),
        followed(text()),
        followed(map("inner", text())),
        followed(Value::list(vec![text(), map(string, text())])),
        map(string, map(string, Value::list(vec![text()]))),
        map(string, Value::list(vec![Value::list(vec![map(string, text())])])),
    ]
}

#[test]
fn our_reader_reads_them_back() {
    for string in strings() {
        for value in documents(&string) {
            let text = yaml::write(&value);
            let outcome = yaml::read(FileId(0), &text);
            assert!(outcome.diagnostics.is_empty(), "{text}\n{:?}", outcome.diagnostics);
            assert_eq!(outcome.value.len(), 1, "{text}");
            assert_eq!(outcome.value[0].value, value, "{text}");
        }
    }
}

fn from_serde(value: &serde_yaml::Value) -> Option<Value> {
    Some(match value {
        serde_yaml::Value::String(text) => Value::string(text.as_str()),
        serde_yaml::Value::Number(number) => Value::int(number.as_i64()?),
        serde_yaml::Value::Sequence(items) => {
            Value::list(items.iter().map(from_serde).collect::<Option<_>>()?)
        }
        serde_yaml::Value::Mapping(entries) => {
            let mut map = Map::new();
            for (key, value) in entries {
                map.insert(key.as_str()?, from_serde(value)?);
            }
            Value::map(map)
        }
        _ => return None,
    })
}

#[test]
fn serde_yaml_reads_them_back() {
    for string in strings() {
        for value in documents(&string) {
            let text = yaml::write(&value);
            let read: serde_yaml::Value =
                serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
            assert_eq!(from_serde(&read).as_ref(), Some(&value), "{text}");
        }
    }
}

fn from_saphyr(value: &saphyr::Yaml<'_>) -> Option<Value> {
    use saphyr::{Scalar, Yaml};
    Some(match value {
        Yaml::Value(Scalar::String(text)) => Value::string(&**text),
        Yaml::Value(Scalar::Integer(number)) => Value::int(*number),
        Yaml::Sequence(items) => Value::list(items.iter().map(from_saphyr).collect::<Option<_>>()?),
        Yaml::Mapping(entries) => {
            let mut map = Map::new();
            for (key, value) in entries {
                map.insert(key.as_str()?, from_saphyr(value)?);
            }
            Value::map(map)
        }
        _ => return None,
    })
}

#[test]
fn a_yaml_1_2_reader_reads_them_back() {
    use saphyr::LoadableYamlNode;
    for string in strings() {
        for value in documents(&string) {
            let text = yaml::write(&value);
            let read = saphyr::Yaml::load_from_str(&text)
                .unwrap_or_else(|error| panic!("{error}\n{text}"));
            assert_eq!(read.first().and_then(from_saphyr).as_ref(), Some(&value), "{text}");
        }
    }
}

#[test]
fn json_reads_them_back() {
    for string in strings() {
        for value in documents(&string) {
            for pretty in [false, true] {
                let text = json::write(&value, pretty);
                let outcome = json::read(FileId(0), &text);
                assert!(outcome.diagnostics.is_empty(), "{text}\n{:?}", outcome.diagnostics);
                assert_eq!(outcome.value.as_ref(), Some(&value), "{text}");
            }
        }
    }
}
