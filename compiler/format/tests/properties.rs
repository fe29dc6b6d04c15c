//! Properties that hold for every value and every text.

use platformc_format::{MAX_DEPTH, json, toml, yaml};
use platformc_source::{Diagnostic, FileId};
use platformc_value::{Data, Entry, Map, Number, Value};
use proptest::prelude::*;

const FILE: FileId = FileId(0);

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,8}",
        "[ -~]{0,12}",
        "[ \t\n#:a-c-]{0,12}",
        "[-+.0-9_eExXob:]{1,8}",
        "\\PC{0,8}",
        any::<String>(),
    ]
}

fn scalars() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::null()),
        any::<bool>().prop_map(Value::bool),
        any::<i64>().prop_map(Value::int),
        "-?(0|[1-9][0-9]{0,30})".prop_map(|text| number(&text)),
        "-?(0|[1-9][0-9]{0,5})\\.[0-9]{1,9}(e[-+][0-9]{1,2})?".prop_map(|text| number(&text)),
        texts().prop_map(Value::string),
    ]
}

fn number(text: &str) -> Value {
    let number = Number::parse(text).expect("a number");
    Value::new(Data::Number(number), platformc_source::Origin::NONE)
}

fn values() -> impl Strategy<Value = Value> {
    scalars().prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::list),
            prop::collection::vec((texts(), inner), 0..6).prop_map(|entries| {
                let mut map = Map::new();
                for (key, value) in entries {
                    map.insert(key, value);
                }
                Value::map(map)
            }),
        ]
    })
}

/// YAML-like lines: half of the texts they make are broken.
fn lines() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        4 => "[ ]{0,6}(- ){0,2}[a-c]:( [a-z0-9]{1,3})?",
        1 => "[ ]{0,4}[a-c\\[\\]{}\"'|>&*!%@`,:#? \t-]{1,6}",
        1 => "[a-c]: [\\[{\"'|>&*!-][a-c:]{0,3}",
        1 => Just("---".to_owned()),
        1 => "(- )?[a-c]: (&x )?(\\*x|<<|é|😀)",
    ];
    prop::collection::vec(line, 0..14).prop_map(|lines| lines.join("\n"))
}

fn check_spans(value: &Value, length: usize) {
    let check = |span: platformc_source::Span| {
        assert!(span.start <= span.end && span.end as usize <= length, "{span:?} of {length}");
    };
    check(value.origin.span);
    match &value.data {
        Data::List(items) => items.iter().for_each(|item| check_spans(item, length)),
        Data::Map(map) => map.iter().for_each(|entry: &Entry| {
            check(entry.key_origin.span);
            check_spans(&entry.value, length);
        }),
        _ => {}
    }
}

/// What a reader says holds together: places lie in the text, on character boundaries.
fn check_findings(diagnostics: &[Diagnostic], text: &str) {
    for diagnostic in diagnostics {
        let span = diagnostic.primary.span;
        assert!(text.get(span.start as usize..span.end as usize).is_some(), "{diagnostic:?}");
        for edit in diagnostic.fixes.iter().flat_map(|fix| &fix.edits) {
            let span = edit.span;
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "{diagnostic:?}");
        }
    }
}

fn read_all(text: &str) {
    let outcome = yaml::read(FILE, text);
    outcome.value.iter().for_each(|document| check_spans(&document.value, text.len()));
    check_findings(&outcome.diagnostics, text);
    let outcome = json::read(FILE, text);
    outcome.value.iter().for_each(|value| check_spans(value, text.len()));
    check_findings(&outcome.diagnostics, text);
    let outcome = toml::read(FILE, text);
    check_spans(&outcome.value, text.len());
    check_findings(&outcome.diagnostics, text);
}

/// Text of a scalar that broke its lines.
fn broken() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "image: [",
        "image: {",
        "image: [a, b",
        "image: [a, {b: c]",
        "port",
        "port:80",
        "image: \"nginx",
        "image: 'nginx",
        "image: nginx: 1",
        "image: @x",
        "image: `x",
        "image: *nowhere",
        "image: }",
        "image: ]",
        "image: \"\\q\"",
        "image: \"a\" b",
        "image: !<x",
        "image: & x",
        "[",
        "{",
        "\"",
        "image: |x",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn yaml_round_trips(value in values()) {
        let text = yaml::write(&value);
        let outcome = yaml::read(FILE, &text);
        prop_assert!(outcome.diagnostics.is_empty(), "{text}\n{:?}", outcome.diagnostics);
        prop_assert_eq!(outcome.value.len(), 1, "{}", text);
        prop_assert_eq!(&outcome.value[0].value, &value, "{}", text);
        prop_assert_eq!(yaml::write(&outcome.value[0].value), text);
    }

    #[test]
    fn json_round_trips(value in values(), pretty: bool) {
        let text = json::write(&value, pretty);
        let outcome = json::read(FILE, &text);
        prop_assert!(outcome.diagnostics.is_empty(), "{text}\n{:?}", outcome.diagnostics);
        prop_assert_eq!(outcome.value.as_ref(), Some(&value), "{}", text);
    }

    #[test]
    fn several_documents_round_trip(values in prop::collection::vec(values(), 1..5)) {
        let text = yaml::write_documents(&values);
        let outcome = yaml::read(FILE, &text);
        let read: Vec<Value> = outcome.value.into_iter().map(|document| document.value).collect();
        prop_assert_eq!(read, values, "{}", text);
    }

    #[test]
    fn any_text_is_read(text: String) {
        read_all(&text);
    }

    #[test]
    fn any_lines_are_read(text in lines()) {
        read_all(&text);
    }

    /// A broken line costs itself and nothing around it.
    #[test]
    fn recovery_keeps_siblings(
        before in 0_usize..4, after in 1_usize..4, broken in broken(), indent in 0_usize..3,
    ) {
        let lead = "  ".repeat(indent);
        let mut text = String::new();
        for level in 0..indent {
            text.push_str(&format!("{}level{level}:\n", "  ".repeat(level)));
        }
        for at in 0..before {
            text.push_str(&format!("{lead}before{at}: {at}\n"));
        }
        text.push_str(&format!("{lead}{broken}\n"));
        for at in 0..after {
            text.push_str(&format!("{lead}after{at}: {at}\n"));
        }
        text.push_str("last: 1\n");
        let outcome = yaml::read(FILE, &text);
        prop_assert!(outcome.has_errors(), "{text}");
        prop_assert_eq!(outcome.value.len(), 1, "{}", text);
        let root = &outcome.value[0].value;
        let mut scope = root;
        for level in 0..indent {
            scope = scope.get(&format!("level{level}")).expect("a level");
        }
        for at in 0..before {
            prop_assert!(scope.get(&format!("before{at}")).is_some(), "{text}\n{outcome:?}");
        }
        for at in 0..after {
            let name = format!("after{at}");
            prop_assert_eq!(
                scope.get(&name), Some(&Value::int(i64::try_from(at).expect("small"))),
                "{}\n{:?}", text, outcome
            );
        }
        prop_assert_eq!(root.get("last"), Some(&Value::int(1)), "{}", text);
    }
}

#[test]
fn the_deepest_value_is_read_and_written() {
    let mut value = Value::int(1);
    for _ in 0..MAX_DEPTH {
        value = Value::list(vec![value]);
    }
    let text = yaml::write(&value);
    let outcome = yaml::read(FILE, &text);
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    assert_eq!(outcome.value[0].value, value);
    let text = json::write(&value, true);
    assert_eq!(json::read(FILE, &text).value, Some(value));
}
