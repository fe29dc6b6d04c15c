//! Reads a JSON list of strings from standard input and writes a Kubernetes object that holds each
//! of them as a value, as a list item and as a key. For `tests/oracles/yaml_strings.sh`, which has
//! other YAML readers read it.

use std::io::{Read, Write};
use std::sync::Arc;

use platformc_format::{json, yaml};
use platformc_source::FileId;
use platformc_value::{Map, Value};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let strings = json::read(FileId(0), &text).value.unwrap_or_else(Value::null);
    let strings: Vec<Arc<str>> = strings
        .as_list()
        .unwrap_or_default()
        .iter()
        .filter_map(Value::as_str)
        .map(Arc::from)
        .collect();
    let mut values = Map::new();
    let mut keys = Map::new();
    let mut maps = Vec::new();
    for (at, string) in strings.iter().enumerate() {
        values.insert(format!("v{at}"), Value::string(string.clone()));
        keys.insert(string.clone(), Value::string(format!("k{at}")));
        let mut map = Map::new();
        map.insert(string.clone(), Value::list(vec![Value::string(string.clone())]));
        maps.push(Value::list(vec![Value::map(map)]));
    }
    let mut metadata = Map::new();
    metadata.insert("name", Value::string("strings"));
    let mut root = Map::new();
    root.insert("apiVersion", Value::string("example.com/v1"));
    root.insert("kind", Value::string("Strings"));
    root.insert("metadata", Value::map(metadata));
    root.insert("values", Value::map(values));
    root.insert("entries", Value::list(strings.into_iter().map(Value::string).collect()));
    root.insert("keys", Value::map(keys));
    root.insert("maps", Value::list(maps));
    std::io::stdout().write_all(yaml::write(&Value::map(root)).as_bytes())?;
    Ok(())
}
