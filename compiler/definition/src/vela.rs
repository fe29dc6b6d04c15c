//! KubeVela's looseness, for comparing with it.
//!
//! Invariant: nothing here is used unless the strictness is asked to be KubeVela's.

use platformc_value::{Data, Entry, Map, Number, Value};

/// Structs nest this deep at most; deeper parts are kept as they are.
const MAX_DEPTH: usize = 512;

/// Properties as they come out of Go's JSON: every number went through a 64-bit float, so that
/// `1.0` is the int 1, and integers above 2^53 lose digits.
pub(crate) fn through_float(value: &Value) -> Value {
    convert(value, 0)
}

fn convert(value: &Value, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return value.clone();
    }
    let data = match &value.data {
        Data::Number(number) => Data::Number(float(number)),
        Data::List(items) => {
            Data::List(items.iter().map(|item| convert(item, depth + 1)).collect())
        }
        Data::Map(map) => {
            let mut converted = Map::with_capacity(map.len());
            for entry in map {
                let value = convert(&entry.value, depth + 1);
                converted.push_unique(Entry { value, ..entry.clone() });
            }
            Data::Map(converted)
        }
        other => other.clone(),
    };
    Value::new(data, value.origin)
}

fn float(number: &Number) -> Number {
    let Some(float) = Number::from_f64(number.to_f64()) else { return number.clone() };
    match float.to_integral() {
        Some(integral) if !float.is_int() => Number::parse(&integral.to_string()).unwrap_or(float),
        _ => float,
    }
}
