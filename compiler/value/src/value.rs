//! Concrete values. Invariant: a map holds a key once, in the order of first insertion.

use std::sync::Arc;

use platformc_source::Origin;

use crate::{Number, Path, Step};

/// A concrete value with the origin of the arc that leads to it.
#[derive(Clone, Debug)]
pub struct Value {
    /// What it is.
    pub data: Data,
    /// Where it came from.
    pub origin: Origin,
}

/// The data of a [`Value`].
#[derive(Clone, Debug, Default)]
pub enum Data {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer or a decimal.
    Number(Number),
    /// Text.
    String(Arc<str>),
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// A list.
    List(Vec<Value>),
    /// A map with text keys.
    Map(Map),
}

/// One key of a map with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: Arc<str>,
    /// Where the key was written.
    pub key_origin: Origin,
    /// The value.
    pub value: Value,
}

/// An ordered map with text keys.
#[derive(Clone, Debug, Default)]
pub struct Map {
    entries: Vec<Entry>,
}

impl Map {
    /// An empty map.
    #[must_use]
    pub fn new() -> Map {
        Map::default()
    }

    /// An empty map with room for `capacity` entries.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Map {
        Map { entries: Vec::with_capacity(capacity) }
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry of a key.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| &*entry.key == key)
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The value of a key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.entries.iter_mut().find(|entry| &*entry.key == key).map(|entry| &mut entry.value)
    }

    /// Sets a key, keeping the place of a key that is there; returns what it held.
    pub fn insert(&mut self, key: impl Into<Arc<str>>, value: Value) -> Option<Value> {
        let key = key.into();
        if let Some(old) = self.get_mut(&key) {
            return Some(std::mem::replace(old, value));
        }
        let key_origin = value.origin;
        self.entries.push(Entry { key, key_origin, value });
        None
    }

    /// Appends an entry whose key is known to be new. The caller answers for that; readers check
    /// for duplicates with their own index, which a scan for every key would make quadratic.
    pub fn push_unique(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Removes a key and returns its entry.
    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        let at = self.entries.iter().position(|entry| &*entry.key == key)?;
        Some(self.entries.remove(at))
    }

    /// The entries in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.entries.iter()
    }

    /// The entries in order, to change values. Keys must stay unique.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Entry> {
        self.entries.iter_mut()
    }

    /// The keys in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| &*entry.key)
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = &'a Entry;
    type IntoIter = std::slice::Iter<'a, Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}

impl IntoIterator for Map {
    type Item = Entry;
    type IntoIter = std::vec::IntoIter<Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl Value {
    /// A value with its origin.
    #[must_use]
    pub fn new(data: Data, origin: Origin) -> Value {
        Value { data, origin }
    }

    /// `null` of no origin.
    #[must_use]
    pub fn null() -> Value {
        Value::new(Data::Null, Origin::NONE)
    }

    /// Text of no origin.
    #[must_use]
    pub fn string(text: impl Into<Arc<str>>) -> Value {
        Value::new(Data::String(text.into()), Origin::NONE)
    }

    /// An integer of no origin.
    #[must_use]
    pub fn int(n: i64) -> Value {
        Value::new(Data::Number(Number::Int(n)), Origin::NONE)
    }

    /// A boolean of no origin.
    #[must_use]
    pub fn bool(b: bool) -> Value {
        Value::new(Data::Bool(b), Origin::NONE)
    }

    /// A list of no origin.
    #[must_use]
    pub fn list(items: Vec<Value>) -> Value {
        Value::new(Data::List(items), Origin::NONE)
    }

    /// A map of no origin.
    #[must_use]
    pub fn map(map: Map) -> Value {
        Value::new(Data::Map(map), Origin::NONE)
    }

    /// The same data with another origin.
    #[must_use]
    pub fn at(mut self, origin: Origin) -> Value {
        self.origin = origin;
        self
    }

    /// The text, if it is text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match &self.data {
            Data::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn as_number(&self) -> Option<&Number> {
        match &self.data {
            Data::Number(n) => Some(n),
            _ => None,
        }
    }

    /// The items, if it is a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Value]> {
        match &self.data {
            Data::List(items) => Some(items),
            _ => None,
        }
    }

    /// The map, if it is one.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        match &self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The map, if it is one, to change it.
    pub fn as_map_mut(&mut self) -> Option<&mut Map> {
        match &mut self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null)
    }

    /// The value of a key, if it is a map that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_map().and_then(|map| map.get(key))
    }

    /// The value at a path, if there is one.
    #[must_use]
    pub fn lookup(&self, path: &Path) -> Option<&Value> {
        path.steps().iter().try_fold(self, |value, step| match step {
            Step::Field(name) => value.get(name),
            Step::Index(index) => value.as_list().and_then(|items| items.get(*index)),
        })
    }

    /// `null`, `bool`, `int`, `float`, `string`, `bytes`, `list` or `struct`.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match &self.data {
            Data::Null => "null",
            Data::Bool(_) => "bool",
            Data::Number(n) if n.is_int() => "int",
            Data::Number(_) => "float",
            Data::String(_) => "string",
            Data::Bytes(_) => "bytes",
            Data::List(_) => "list",
            Data::Map(_) => "struct",
        }
    }
}

/// Equality of data; origins and the order of map entries do not count.
impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        match (&self.data, &other.data) {
            (Data::Null, Data::Null) => true,
            (Data::Bool(a), Data::Bool(b)) => a == b,
            (Data::Number(a), Data::Number(b)) => a == b,
            (Data::String(a), Data::String(b)) => a == b,
            (Data::Bytes(a), Data::Bytes(b)) => a == b,
            (Data::List(a), Data::List(b)) => a == b,
            (Data::Map(a), Data::Map(b)) => a == b,
            _ => false,
        }
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Map) -> bool {
        self.len() == other.len()
            && self.iter().zip(other.iter()).all(|(a, b)| {
                if a.key == b.key {
                    return a.value == b.value;
                }
                other.get(&a.key) == Some(&a.value) && self.get(&b.key) == Some(&b.value)
            })
    }
}
