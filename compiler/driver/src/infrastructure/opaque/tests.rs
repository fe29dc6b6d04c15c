//! What stand-ins let through and what they find out. Invariant: every type is passed on, and computing
//! is always reported.

use platformc_model::Text;

use super::*;

fn map(entries: &[(&str, Value)]) -> Value {
    let mut map = Map::new();
    for (key, value) in entries {
        map.insert(*key, value.clone());
    }
    Value::map(map)
}

fn typed(name: &str, ty: &str) -> Typed {
    let text = Text::computed;
    Typed {
        path: Path::root().field(name),
        reference: OutputReference {
            stack: text("net"),
            output: text(name),
            key: None,
            origin: Origin::NONE,
        },
        ty: Type::parse(ty).expect("a type"),
    }
}

/// What is left of `template` applied to stand-ins of the given types, as JSON.
fn passed(
    references: &[(&str, &str)],
    shape: &Shape,
    template: impl Fn(&Value) -> Value,
) -> (String, Resolved) {
    let entries: Vec<(&str, Value)> =
        references.iter().map(|(name, _)| (*name, Value::null())).collect();
    let inputs = map(&entries);
    let typed = references.iter().map(|(name, ty)| typed(name, ty)).collect();
    let standins = Standins::new(typed, &inputs, shape);
    let runs: Vec<_> = (0..standins.runs())
        .map(|run| vec![(Arc::from("output"), template(&standins.inputs(&inputs, run)))])
        .collect();
    let resolved = standins.resolve(&runs);
    let text =
        resolved.values.first().map(|(_, value)| platformc_format::json::write(value, false));
    (text.unwrap_or_default().trim_end().to_owned(), resolved)
}

fn get(value: &Value, name: &str) -> Value {
    value.get(name).cloned().expect("an input")
}

fn text(value: &Value, name: &str) -> String {
    get(value, name).as_str().expect("text").to_owned()
}

#[test]
fn values_of_every_type_are_passed_on() {
    let types = [
        ("a", "string"),
        ("b", "number"),
        ("c", "bool"),
        ("d", "list(string)"),
        ("e", "object({x = string, y = list(number)})"),
        ("f", "map(bool)"),
        ("g", "bool"),
        ("h", "number"),
        ("i", "bool"),
    ];
    let (text, resolved) = passed(&types, &Shape::Any, |inputs| {
        map(&[("all", inputs.clone()), ("own", Value::bool(true)), ("port", Value::int(80))])
    });
    assert!(resolved.computed.is_empty(), "{:?}", resolved.computed);
    for (name, _) in types {
        let mark = format!(r#""{name}":{{"$ref":{{"stack":"net","output":"{name}"}}}}"#);
        assert!(text.replace(' ', "").contains(&mark), "{name}: {text}");
    }
    assert!(text.replace(' ', "").contains(r#""own":true,"port":80"#), "{text}");
}

#[test]
fn text_around_a_reference_stays() {
    let (json, resolved) = passed(&[("id", "string")], &Shape::Any, |inputs| {
        Value::string(format!("arn:{}/{}/x", text(inputs, "id"), text(inputs, "id")))
    });
    assert!(resolved.computed.is_empty());
    let mark = r#"{"$ref":{"stack":"net","output":"id"}}"#;
    assert_eq!(json.replace(' ', ""), format!(r#"{{"$tf":["arn:",{mark},"/",{mark},"/x"]}}"#));
}

#[test]
fn a_part_of_a_value_is_a_local() {
    let (json, resolved) = passed(&[("ids", "list(string)")], &Shape::Any, |inputs| {
        get(inputs, "ids").as_list().expect("a list")[0].clone()
    });
    assert!(resolved.computed.is_empty());
    assert_eq!(json.replace(' ', ""), r#"{"$tf":"local.net_ids[0]"}"#);
    assert_eq!(resolved.locals.keys().collect::<Vec<_>>(), ["net_ids"]);
}

#[test]
fn computing_is_found_out() {
    let computes = |references: &[(&str, &str)], template: &dyn Fn(&Value) -> Value| {
        let (text, resolved) = passed(references, &Shape::Any, template);
        assert_eq!(resolved.computed.len(), 1, "{text}");
        assert_eq!(resolved.computed[0].reference, Some(0));
    };
    let id = [("id", "string")];
    computes(&id, &|inputs| Value::string(text(inputs, "id").to_uppercase()));
    computes(&id, &|inputs| Value::int(text(inputs, "id").len() as i64));
    computes(&id, &|inputs| map(&[(&text(inputs, "id"), Value::null())]));
    computes(&id, &|inputs| Value::string(text(inputs, "id").chars().rev().collect::<String>()));
    let ids = [("ids", "list(string)")];
    let count = |inputs: &Value| get(inputs, "ids").as_list().map_or(0, <[Value]>::len);
    computes(&ids, &|inputs| Value::int(count(inputs) as i64));
    computes(&ids, &|inputs| Value::list(vec![Value::null(); count(inputs)]));
    computes(&[("n", "number")], &|inputs| {
        let n = get(inputs, "n").as_number().map(ToString::to_string);
        Value::string(n.unwrap_or_default())
    });
    computes(&[("b", "bool")], &|inputs| {
        Value::int(i64::from(get(inputs, "b").as_bool() == Some(true)))
    });
}

#[test]
fn stand_ins_keep_within_bounds() {
    use platformc_value::{Bound, Kind};
    let bound = |op, n| Bound { op, operand: Value::int(n) };
    let bounds = vec![bound(BoundOp::Greater, 0), bound(BoundOp::Less, 4)];
    let shape = Shape::Bounded { kind: Some(Kind::Int), bounds };
    let mut making = Making { bools: 0, strings: 0, pairs: Vec::new() };
    let mut seen = Vec::new();
    for _ in 0..6 {
        let values = numbers(Some(&shape), 2, &mut making);
        assert_ne!(values[0], values[1]);
        assert!(!seen.contains(&values), "{values:?}");
        for value in &values {
            assert!([1, 2, 3].iter().any(|n| *value == Value::int(*n)), "{value:?}");
        }
        seen.push(values);
    }
}

#[test]
fn text_of_the_author_is_never_taken_for_a_stand_in() {
    let inputs = map(&[("id", Value::null()), ("own", Value::string("zr0q-1-az zr1q"))]);
    let standins = Standins::new(vec![typed("id", "string")], &inputs, &Shape::Any);
    let token = text(&standins.inputs(&inputs, 0), "id");
    assert!(token.starts_with("zr2q"), "{token}");
}
