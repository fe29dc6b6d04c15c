//! The order of keys in manifests.
//!
//! Invariant: after [`canonical`] the order of a map's entries depends on their keys alone, so that
//! bytes do not depend on the order in which an engine made them. Lists stay as rendered.

use platformc_value::{Data, Entry, Map, Value};

/// Keys that come first in an object, and first in its metadata; all others go by code point.
const OBJECT: &[&str] = &["apiVersion", "kind", "metadata"];
const METADATA: &[&str] = &["name", "namespace"];

/// Orders the keys of an object and of all maps in it.
pub(crate) fn canonical(object: &mut Value) {
    // A list of its own instead of recursion: depth is the input's to choose.
    let mut open: Vec<(&mut Value, &[&str])> = vec![(object, OBJECT)];
    while let Some((value, first)) = open.pop() {
        match &mut value.data {
            Data::Map(map) => {
                sort(map, first);
                let is_object = !first.is_empty() && first == OBJECT;
                for entry in map.iter_mut() {
                    let first = if is_object && &*entry.key == "metadata" { METADATA } else { &[] };
                    open.push((&mut entry.value, first));
                }
            }
            Data::List(items) => open.extend(items.iter_mut().map(|item| (item, [].as_slice()))),
            _ => {}
        }
    }
}

fn sort(map: &mut Map, first: &[&str]) {
    let rank = |entry: &Entry| -> usize {
        let place = first.iter().position(|key| **key == *entry.key);
        place.unwrap_or(first.len())
    };
    let before = |a: &Entry, b: &Entry| rank(a).cmp(&rank(b)).then_with(|| a.key.cmp(&b.key));
    if map.iter().is_sorted_by(|a, b| before(a, b).is_le()) {
        return;
    }
    let mut entries: Vec<Entry> = std::mem::take(map).into_iter().collect();
    entries.sort_unstable_by(before);
    *map = Map::with_capacity(entries.len());
    for entry in entries {
        map.push_unique(entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_leads_with_what_it_is() {
        let mut object = Map::new();
        for key in ["spec", "kind", "Zed", "metadata", "apiVersion"] {
            let mut inner = Map::new();
            for key in ["z", "namespace", "B", "a", "name"] {
                inner.insert(key, Value::null());
            }
            object.insert(key, Value::map(inner));
        }
        let mut object = Value::map(object);
        canonical(&mut object);
        let keys = |value: &Value| -> Vec<String> {
            value.as_map().map(|m| m.keys().map(str::to_owned).collect()).unwrap_or_default()
        };
        assert_eq!(keys(&object), ["apiVersion", "kind", "metadata", "Zed", "spec"]);
        let inner = |key| object.get(key).map(keys).unwrap_or_default();
        assert_eq!(inner("metadata"), ["name", "namespace", "B", "a", "z"]);
        assert_eq!(inner("spec"), ["B", "a", "name", "namespace", "z"]);
    }
}
