//! A JSON Schema (2020-12) of the parameters.
//!
//! Invariant: the schema admits everything the engine admits; what a shape cannot tell is `true`.
//! Undeclared properties are refused wherever the strict check refuses them.

use std::sync::Arc;

use platformc_value::{
    Alternative, Bound, BoundOp, Data, Entry, Kind, Map, Shape, ShapeField, Value,
};

use crate::Compiled;

/// The JSON Schema of a definition's properties.
#[must_use]
pub fn json_schema(compiled: &Compiled) -> Value {
    let definition = &compiled.definition;
    let mut map = Map::new();
    set(&mut map, "$schema", Value::string("https://json-schema.org/draft/2020-12/schema"));
    set(&mut map, "title", Value::string(Arc::clone(&definition.name.text)));
    if let Some(description) = &definition.description {
        set(&mut map, "description", Value::string(Arc::clone(description)));
    }
    if let Value { data: Data::Map(schema), .. } = schema(&compiled.parameters().shape, 0) {
        for entry in schema {
            map.push_unique(entry);
        }
    }
    Value::map(map)
}

/// Nesting described at most; anything is admitted below.
const MAX_DEPTH: usize = 64;

fn set(map: &mut Map, key: &str, value: Value) {
    map.push_unique(Entry { key: Arc::from(key), key_origin: value.origin, value });
}

fn object(key: &str, value: Value) -> Value {
    let mut map = Map::new();
    set(&mut map, key, value);
    Value::map(map)
}

fn plain(value: &Value) -> Value {
    value.clone()
}

fn schema(shape: &Shape, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return Value::bool(true);
    }
    match shape {
        Shape::Any => Value::bool(true),
        Shape::Opaque(text) => object("$comment", Value::string(format!("CUE: {text}"))),
        Shape::Never => Value::bool(false),
        Shape::Kind(kind) => kind_schema(*kind),
        Shape::Literal(value) => object("const", plain(value)),
        Shape::Bounded { kind, bounds } => bounded(*kind, bounds),
        Shape::List { items, rest } => list(items, rest.as_deref(), depth),
        Shape::Struct { fields, pattern, open: _ } => {
            fields_schema(fields, pattern.as_deref(), depth)
        }
        Shape::Choice(alternatives) => choice(alternatives, depth),
    }
}

fn kind_schema(kind: Kind) -> Value {
    let name = match kind {
        Kind::Null => "null",
        Kind::Bool => "boolean",
        Kind::Int => "integer",
        Kind::Float | Kind::Number => "number",
        Kind::String | Kind::Bytes => "string",
    };
    object("type", Value::string(name))
}

fn bounded(kind: Option<Kind>, bounds: &[Bound]) -> Value {
    let mut map = match kind.map(kind_schema) {
        Some(Value { data: Data::Map(map), .. }) => map,
        _ => Map::new(),
    };
    let mut not = Vec::new();
    let mut patterns = Vec::new();
    for bound in bounds {
        let number = bound.operand.as_number().is_some();
        let key = match bound.op {
            BoundOp::Less if number => "exclusiveMaximum",
            BoundOp::LessEqual if number => "maximum",
            BoundOp::Greater if number => "exclusiveMinimum",
            BoundOp::GreaterEqual if number => "minimum",
            BoundOp::NotEqual => {
                not.push(object("const", plain(&bound.operand)));
                continue;
            }
            BoundOp::Match => {
                patterns.push(object("pattern", plain(&bound.operand)));
                continue;
            }
            BoundOp::NotMatch => {
                not.push(object("pattern", plain(&bound.operand)));
                continue;
            }
            // JSON Schema has no order of strings.
            _ => continue,
        };
        // Two bounds of one side: the tighter one is the engine's to know; both hold.
        if map.get(key).is_some() {
            patterns.push(object(key, plain(&bound.operand)));
        } else {
            set(&mut map, key, plain(&bound.operand));
        }
    }
    patterns.extend(not.into_iter().map(|schema| object("not", schema)));
    if !patterns.is_empty() {
        set(&mut map, "allOf", Value::list(patterns));
    }
    Value::map(map)
}

fn list(items: &[Shape], rest: Option<&Shape>, depth: usize) -> Value {
    let mut map = Map::new();
    set(&mut map, "type", Value::string("array"));
    if !items.is_empty() {
        let schemas = items.iter().map(|item| schema(item, depth + 1)).collect();
        set(&mut map, "prefixItems", Value::list(schemas));
        set(&mut map, "minItems", Value::int(i64::try_from(items.len()).unwrap_or(i64::MAX)));
    }
    let rest = rest.map_or_else(|| Value::bool(false), |rest| schema(rest, depth + 1));
    set(&mut map, "items", rest);
    Value::map(map)
}

fn fields_schema(fields: &[ShapeField], pattern: Option<&Shape>, depth: usize) -> Value {
    let mut map = Map::new();
    set(&mut map, "type", Value::string("object"));
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in fields {
        let mut value = schema(&field.shape, depth + 1);
        if let Data::Bool(true) = value.data {
            value = Value::map(Map::new());
        }
        if let Some(schema) = value.as_map_mut() {
            if let Some(doc) = &field.doc {
                set(schema, "description", Value::string(Arc::clone(doc)));
            }
            if let Some(default) = &field.default {
                set(schema, "default", plain(default));
            }
        }
        set(&mut properties, &field.name, value);
        if field.required {
            required.push(Value::string(Arc::clone(&field.name)));
        }
    }
    if !properties.is_empty() {
        set(&mut map, "properties", Value::map(properties));
    }
    if !required.is_empty() {
        set(&mut map, "required", Value::list(required));
    }
    let additional = match pattern {
        Some(pattern) => schema(pattern, depth + 1),
        // `{...}` says nothing of its fields and admits all.
        None => Value::bool(fields.is_empty()),
    };
    set(&mut map, "additionalProperties", additional);
    Value::map(map)
}

fn choice(alternatives: &[Alternative], depth: usize) -> Value {
    let literal = |alternative: &Alternative| match &alternative.shape {
        Shape::Literal(value) => Some(plain(value)),
        _ => None,
    };
    let literals: Option<Vec<Value>> = alternatives.iter().map(literal).collect();
    match literals {
        Some(literals) => object("enum", Value::list(literals)),
        None => {
            let schemas = alternatives.iter().map(|a| schema(&a.shape, depth + 1)).collect();
            object("anyOf", Value::list(schemas))
        }
    }
}
