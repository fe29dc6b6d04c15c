//! YAML text to values.
//!
//! Invariant: no recursion that the text drives; values nest at most [`MAX_DEPTH`] deep and
//! aliases add at most [`MAX_ALIASED`] values. The reader of documents types scalars as kubectl
//! does; here they are typed as in the reference.

use std::collections::BTreeMap;

use ::base64::Engine;
use ::base64::engine::general_purpose::STANDARD;
use platformc_value::{Data, Value};
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::scalar::{self, Type};
use crate::builtin::args::{CallError, fail, room};
use crate::builtin::json::Fields;

/// Deepest nesting of a value.
const MAX_DEPTH: usize = 512;
/// Most values that aliases may add.
const MAX_ALIASED: usize = 50_000;

/// A value that an alias may stand for; a scalar also as a key.
#[derive(Clone)]
struct Anchored {
    value: Value,
    key: Option<Result<String, CallError>>,
    size: usize,
}

enum Partial {
    List(Vec<Value>),
    Map { fields: Fields, key: Option<String>, merging: bool, merged: bool },
}

struct Open {
    partial: Partial,
    anchor: usize,
    size: usize,
}

#[derive(Default)]
struct Reader {
    documents: Vec<Value>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Anchored>,
    aliased: usize,
    count: usize,
}

/// The values of the documents of a text.
pub(super) fn documents(text: &str) -> Result<Vec<Value>, CallError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains('\0') {
        return fail!("yaml: control characters are not allowed");
    }
    let mut reader = Reader::default();
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, place) = event.map_err(|error| {
            CallError::new(format!(":{}: {}", error.marker().line(), error.info()))
        })?;
        reader.take(event).map_err(|error| CallError {
            message: format!(":{}: {}", place.start.line(), error.message),
            ..error
        })?;
    }
    Ok(reader.documents)
}

impl Reader {
    fn take(&mut self, event: Event<'_>) -> Result<(), CallError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let kind = kind(&text, style, tag.as_deref())?;
                let key = match kind {
                    Some(kind) => scalar::key(&text, kind),
                    None => Ok(text.to_string()),
                };
                let is_merge = style == ScalarStyle::Plain
                    && tag.is_none()
                    && text == "<<"
                    && self.wants_key();
                if is_merge {
                    self.start_merge();
                    return Ok(());
                }
                let value = if self.wants_key() {
                    Value::null()
                } else {
                    match kind {
                        Some(kind) => scalar::value(&text, kind)?,
                        None => scalar::binary(decode(&text)?),
                    }
                };
                let anchored = Anchored { value, key: Some(key), size: 1 };
                if anchor > 0 {
                    let mut kept = anchored.clone();
                    if self.wants_key() {
                        kept.value = Value::string(text.as_ref());
                    }
                    self.anchors.insert(anchor, kept);
                }
                self.add(anchored)
            }
            Event::SequenceStart(anchor, _) => self.push(Partial::List(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => {
                let fields = Fields::default();
                self.push(Partial::Map { fields, key: None, merging: false, merged: false }, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(id) => {
                let Some(anchored) = self.anchors.get(&id).cloned() else {
                    return fail!("the value of an anchor contains itself");
                };
                self.aliased += anchored.size;
                if self.aliased > MAX_ALIASED {
                    return fail!("aliases expand to more than {MAX_ALIASED} nodes");
                }
                self.add(anchored)
            }
            Event::DocumentStart(_) => {
                self.anchors.clear();
                Ok(())
            }
            Event::DocumentEnd | Event::Nothing | Event::StreamStart | Event::StreamEnd => Ok(()),
        }
    }

    fn wants_key(&self) -> bool {
        matches!(
            self.open.last(),
            Some(Open { partial: Partial::Map { key: None, merging: false, .. }, .. })
        )
    }

    fn start_merge(&mut self) {
        if let Some(Open { partial: Partial::Map { merging, .. }, .. }) = self.open.last_mut() {
            *merging = true;
        }
    }

    fn push(&mut self, partial: Partial, anchor: usize) -> Result<(), CallError> {
        if self.wants_key() {
            return fail!("invalid map key: a collection");
        }
        if self.open.len() >= MAX_DEPTH {
            return fail!("the value nests deeper than {MAX_DEPTH}");
        }
        self.open.push(Open { partial, anchor, size: 1 });
        Ok(())
    }

    fn close(&mut self) -> Result<(), CallError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let value = match open.partial {
            Partial::List(items) => Value::list(items),
            Partial::Map { fields, .. } => Value::map(fields.map),
        };
        let anchored = Anchored { value, key: None, size: open.size };
        if open.anchor > 0 {
            self.anchors.insert(open.anchor, anchored.clone());
        }
        self.add(anchored)
    }

    fn add(&mut self, anchored: Anchored) -> Result<(), CallError> {
        self.count += 1;
        room(self.count)?;
        let Some(open) = self.open.last_mut() else {
            self.documents.push(anchored.value);
            return Ok(());
        };
        open.size += anchored.size;
        if self.open.len() + depth(&anchored) > MAX_DEPTH {
            return fail!("the value nests deeper than {MAX_DEPTH}");
        }
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        match &mut open.partial {
            Partial::List(items) => items.push(anchored.value),
            Partial::Map { fields, merging, merged, .. } if *merging => {
                *merging = false;
                *merged = true;
                merge(fields, anchored.value)?;
            }
            Partial::Map { fields, key, merged, .. } => match key.take() {
                None => match anchored.key {
                    Some(name) => *key = Some(name?),
                    None => return fail!("invalid map key: a collection"),
                },
                Some(name) if *merged && fields.has(&name) => {
                    fields.map.insert(name, anchored.value);
                }
                Some(name) => fields.add(name, anchored.value)?,
            },
        }
        Ok(())
    }
}

/// How deep a value that an alias brings may nest at most: its size bounds it.
fn depth(anchored: &Anchored) -> usize {
    let mut deepest = 0;
    let mut open = vec![(&anchored.value, 1)];
    while let Some((value, depth)) = open.pop() {
        deepest = deepest.max(depth);
        match &value.data {
            Data::List(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
            Data::Map(map) => open.extend(map.iter().map(|entry| (&entry.value, depth + 1))),
            _ => {}
        }
    }
    deepest
}

/// Adds the fields of a map, or of the maps of a list, the first of which count most.
fn merge(fields: &mut Fields, value: Value) -> Result<(), CallError> {
    let maps = match value.data {
        Data::Map(_) => vec![value],
        Data::List(items) => items.into_iter().rev().collect(),
        _ => return fail!("map merge requires map or sequence of maps as the value"),
    };
    for map in maps {
        let Data::Map(map) = map.data else {
            return fail!("map merge requires map or sequence of maps as the value");
        };
        for entry in map {
            if fields.has(&entry.key) {
                fields.map.insert(entry.key, entry.value);
            } else {
                fields.add(entry.key.to_string(), entry.value)?;
            }
        }
    }
    Ok(())
}

const CORE: &str = "tag:yaml.org,2002:";

/// The type of a scalar; `None` for bytes.
fn kind(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Option<Type>, CallError> {
    let Some(tag) = tag else {
        let plain = style == ScalarStyle::Plain;
        return Ok(Some(if plain { scalar::resolve(text) } else { Type::String }));
    };
    if tag.handle == CORE || tag.handle == "!!" {
        if tag.suffix == "binary" {
            return Ok(None);
        }
        if let Some(kind) = scalar::tagged(&tag.suffix) {
            return Ok(Some(kind));
        }
        return fail!("cannot unmarshal tag \"!!{}\"", tag.suffix);
    }
    if tag.suffix.is_empty() || (tag.handle.is_empty() && tag.suffix == "!") {
        return Ok(Some(Type::String));
    }
    fail!("cannot unmarshal tag \"{}{}\"", tag.handle, tag.suffix)
}

fn decode(text: &str) -> Result<Vec<u8>, CallError> {
    let joined: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD
        .decode(joined)
        .map_err(|_| CallError::new("!!binary value contains invalid base64 data"))
}
