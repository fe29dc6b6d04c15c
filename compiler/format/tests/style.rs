//! The look of the writers' output: a change here changes every file that users keep.

use platformc_format::{json, yaml};
use platformc_source::FileId;
use platformc_value::{Data, Map, Value};

const DEPLOYMENT: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations:
    example.com/note: "yes"
    "on": "true"
spec:
  replicas: 3
  ratio: 0.50
  large: 123456789012345678901234567890
  power: 1.0e+20
  nothing: null
  emptyMap: {}
  emptyList: []
  emptyText: ""
  template:
    containers:
    - name: web
      image: nginx:1.25
      args:
      - -c
      - --level=info
      - |
        set -e
        echo "hi"
      - |-
        no
          break
      - |+
        two breaks

      - |2
          indented
        text
      - "trailing \nblank\t\n "
      resources:
        limits:
          cpu: 500m
          memory: 512Mi
    - - nested
      - - deeper
    matrix:
    - - 1
      - 2
    - {}
  quoted:
  - "1.20"
  - "0777"
  - "12:30:45"
  - 'it''s'
"#;

#[test]
fn yaml_as_kubernetes_tools_write_it() {
    let outcome = yaml::read(FileId(0), DEPLOYMENT);
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    let expected = DEPLOYMENT.replace("'it''s'", "it's");
    assert_eq!(yaml::write(&outcome.value[0].value), expected);
}

#[test]
fn json_compact_and_pretty() {
    let mut map = Map::new();
    map.insert("b", Value::list(vec![Value::int(1), Value::list(vec![]), Value::null()]));
    map.insert("a", Value::string("<&>\u{2028}\u{7f}\u{1}\"\\\n"));
    map.insert("m", Value::map(Map::new()));
    let bytes: &[u8] = b"\x00\xff";
    map.insert("bytes", Value::new(Data::Bytes(bytes.into()), platformc_source::Origin::NONE));
    let value = Value::map(map);
    let text = "<&>\u{2028}\u{7f}\\u0001\\\"\\\\\\n";
    assert_eq!(
        json::write(&value, false),
        format!(r#"{{"b":[1,[],null],"a":"{text}","m":{{}},"bytes":"AP8="}}"#)
    );
    assert_eq!(
        json::write(&value, true),
        format!(
            "{{\n  \"b\": [\n    1,\n    [],\n    null\n  ],\n  \"a\": \"{text}\",\n  \"m\": {{}},\n  \
             \"bytes\": \"AP8=\"\n}}\n"
        )
    );
    assert_eq!(yaml::write(&Value::list(vec![])), "[]\n");
    assert_eq!(
        yaml::write_documents(&[Value::int(1), Value::string("a\nb\n")]),
        "1\n---\n|\n  a\n  b\n"
    );
}

#[test]
fn long_keys_stay_readable() {
    let mut inner = Map::new();
    inner.insert("x", Value::list(vec![Value::int(1)]));
    let mut map = Map::new();
    map.insert("k: ".repeat(500), Value::map(inner));
    map.insert("k".repeat(2000), Value::list(vec![Value::int(1), Value::string("a\nb")]));
    map.insert("next", Value::int(1));
    let value = Value::list(vec![Value::map(map)]);
    let text = yaml::write(&value);
    let outcome = yaml::read(FileId(0), &text);
    assert!(outcome.diagnostics.is_empty(), "{text}\n{:?}", outcome.diagnostics);
    assert_eq!(outcome.value[0].value, value);
    let read: serde_yaml::Value = serde_yaml::from_str(&text).expect("libyaml reads it");
    let keys = read[0].as_mapping().map(serde_yaml::Mapping::len);
    assert_eq!(keys, Some(3), "{text}");
}
