//! References to outputs of stacks: `{valueFrom: {stack: NAME, output: NAME}}`.
//!
//! Invariant: the form is the same in every syntax, because it is read from values. A struct that
//! only looks like one (`valueFrom` of a container's environment) is left alone.

use platformc_source::{Diagnostic, Origin};
use platformc_value::{Data, Path, Step, Value};

use crate::Text;
use crate::fields::Fields;

/// Values are searched so deep; readers refuse deeper ones.
const MAX_DEPTH: usize = 512;

/// A value that is known once a stack is applied.
#[derive(Clone, Debug)]
pub struct OutputReference {
    /// The stack that gives it.
    pub stack: Text,
    /// The name of the output.
    pub output: Text,
    /// A key of it, where the output is a map or an object.
    pub key: Option<Text>,
    /// The whole reference.
    pub origin: Origin,
}

/// Whether a value has the form of a reference, faults inside it aside.
fn looks_like(value: &Value) -> bool {
    let Some(map) = value.as_map().filter(|map| map.len() == 1) else { return false };
    let inner = map.get("valueFrom").and_then(Value::as_map);
    inner.is_some_and(|inner| inner.get("stack").is_some() || inner.get("output").is_some())
}

/// The reference that a value is. `None` for any other value, and for a reference with a fault,
/// which is then in `sink`.
pub fn reference(value: &Value, sink: &mut Vec<Diagnostic>) -> Option<OutputReference> {
    if !looks_like(value) {
        return None;
    }
    let entry = value.as_map()?.entry("valueFrom")?;
    // The key is shorter to point at than the whole block.
    let origin = if entry.key_origin.span.is_none() { value.origin } else { entry.key_origin };
    let mut fields = Fields::open(entry.value.clone(), "`valueFrom`", sink)?;
    let stack = fields.required_text("stack");
    let output = fields.required_text("output");
    let key = fields.text("key");
    fields.finish();
    Some(OutputReference { stack: stack?, output: output?, key, origin })
}

/// Every reference inside a value with its path, in the order of the text.
pub fn references(value: &Value, sink: &mut Vec<Diagnostic>) -> Vec<(Path, OutputReference)> {
    let mut found = Vec::new();
    search(value, &mut Path::root(), 0, &mut found, sink);
    found
}

fn search(
    value: &Value,
    path: &mut Path,
    depth: usize,
    found: &mut Vec<(Path, OutputReference)>,
    sink: &mut Vec<Diagnostic>,
) {
    if depth > MAX_DEPTH {
        return;
    }
    if looks_like(value) {
        found.extend(reference(value, sink).map(|reference| (path.clone(), reference)));
        return;
    }
    match &value.data {
        Data::Map(map) => {
            for entry in map {
                path.push(Step::Field(entry.key.clone()));
                search(&entry.value, path, depth + 1, found, sink);
                path.pop();
            }
        }
        Data::List(items) => {
            for (at, item) in items.iter().enumerate() {
                path.push(Step::Index(at));
                search(item, path, depth + 1, found, sink);
                path.pop();
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use platformc_value::Map;

    use super::*;

    fn map(entries: &[(&str, Value)]) -> Value {
        let mut map = Map::new();
        for (key, value) in entries {
            map.insert(*key, value.clone());
        }
        Value::map(map)
    }

    #[test]
    fn tells_references_from_environments_of_containers() {
        let ours = map(&[(
            "valueFrom",
            map(&[("stack", Value::string("eu-vpc")), ("output", Value::string("id"))]),
        )]);
        let theirs = map(&[("valueFrom", map(&[("secretKeyRef", Value::string("x"))]))]);
        let entry = map(&[("name", Value::string("A")), ("valueFrom", theirs.clone())]);
        let half = map(&[("valueFrom", map(&[("stack", Value::string("eu-vpc"))]))]);
        let mut sink = Vec::new();
        let value = Value::list(vec![ours, theirs, entry, half]);
        let found = references(&value, &mut sink);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0.to_string(), "[0]");
        assert_eq!(&*found[0].1.output.text, "id");
        let messages: Vec<&str> = sink.iter().map(|found| &*found.message).collect();
        assert_eq!(messages, ["`output` is missing in `valueFrom`"]);
    }
}
