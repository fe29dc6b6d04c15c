//! Calls of standard functions with what they give: `tests/builtin/*.txt`, one call on a line,
//! `expression => value` or `expression !! message`. `PLATFORMC_UPDATE=1` writes what they give.

#![allow(clippy::disallowed_methods, reason = "tests read their cases")]

use std::path::Path;

#[path = "builtin/evaluate.rs"]
mod evaluate;

fn outcome(expression: &str) -> String {
    match evaluate::evaluate(expression) {
        Ok(value) => format!("{expression} => {}", evaluate::show(&value)),
        Err(message) => format!("{expression} !! {}", message.replace('\n', " ")),
    }
}

fn expression(line: &str) -> &str {
    let end = [" => ", " !! "].iter().filter_map(|mark| line.rfind(mark)).max();
    line[..end.unwrap_or(line.len())].trim_end()
}

#[test]
fn calls_give_what_their_cases_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/builtin");
    let update = std::env::var_os("PLATFORMC_UPDATE").is_some();
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "there are cases");
    let mut failed = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).expect("cases");
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut out = String::new();
        for (at, line) in text.lines().enumerate() {
            let found = if line.is_empty() || line.starts_with('#') {
                line.to_owned()
            } else {
                outcome(expression(line))
            };
            if found != line {
                failed.push(format!("{name}:{}:\n  case  {line}\n  found {found}", at + 1));
            }
            out.push_str(&found);
            out.push('\n');
        }
        if update {
            std::fs::write(&path, out).expect("write cases");
        }
    }
    assert!(update || failed.is_empty(), "{}", failed.join("\n"));
}

mod hostile {
    //! Whatever the arguments, a function ends with a value or an error, within its limits.

    use platformc_cue::builtin::{Function, Implementation, Param, packages};
    use platformc_source::Origin;
    use platformc_value::{Data, Map, Number, Value};
    use proptest::prelude::*;

    fn functions() -> Vec<&'static Function> {
        packages().flat_map(|package| package.functions).collect()
    }

    fn text() -> BoxedStrategy<String> {
        prop_oneof![
            "[a-c0-3é☺ \t\n.,:;/%+*?|^$&#<>=_'\"{}()\\[\\]\\\\-]{0,12}",
            "\\PC{0,8}",
            "[-+0-9.eExXpP_a-f:]{0,10}",
            proptest::sample::select(vec![
                "2006-01-02T15:04:05.999999999Z07:00",
                "Monday Jan _2 __2 002 3PM MST -07:00:00",
                "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8",
                "\\\\host\\share\\a",
                "C:",
                "windows",
                "plan9",
                "::ffff:1.2.3.4",
                "10.0.0.0/8",
                "[::1]:80",
                "http://u@h:1/%41?q#f",
                "{\"a\":[1,{\"b\":\"\\ud83d\\ude00\"}]}",
                "a: &x [1, {b: *x}]\n<<: {c: 1}",
                "1h2m3.4s",
                "xn--bcher-kva",
                "(?P<n>a|b{2,3})*[^\\d[:alpha:]]\\b",
                "\"\"\"\n\ta\n\t\"\"\"",
            ])
            .prop_map(str::to_owned),
        ]
        .boxed()
    }

    fn number() -> BoxedStrategy<Number> {
        let edges = vec![
            "0",
            "1",
            "-1",
            "2",
            "8",
            "10",
            "36",
            "62",
            "63",
            "64",
            "128",
            "1000001",
            "2147483648",
            "-2147483649",
            "9223372036854775807",
            "-9223372036854775808",
            "18446744073709551616",
            "123456789012345678901234567890123456789",
            "0.0",
            "0.5",
            "-2.5",
            "1.0000000000000001",
            "1e-30",
            "1e400",
            "-1e99999",
            "1e-99999",
            "99999.5",
        ];
        prop_oneof![
            proptest::sample::select(edges)
                .prop_map(|text| Number::parse(text).unwrap_or(Number::Int(0))),
            any::<i64>().prop_map(Number::Int),
            (-70i64..70).prop_map(Number::Int),
        ]
        .boxed()
    }

    fn numeric(n: Number) -> Value {
        Value::new(Data::Number(n), Origin::NONE)
    }

    fn whole(n: Number) -> Value {
        if n.is_int() { numeric(n) } else { numeric(Number::Int(3)) }
    }

    fn any_value() -> BoxedStrategy<Value> {
        let leaf = prop_oneof![
            Just(Value::null()),
            any::<bool>().prop_map(Value::bool),
            number().prop_map(numeric),
            text().prop_map(Value::string),
            proptest::collection::vec(any::<u8>(), 0..20)
                .prop_map(|bytes| Value::new(Data::Bytes(bytes.into()), Origin::NONE)),
        ];
        leaf.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::list),
                proptest::collection::vec((text(), inner), 0..4).prop_map(|fields| {
                    let mut map = Map::new();
                    for (key, value) in fields {
                        map.insert(key, value);
                    }
                    Value::map(map)
                }),
            ]
        })
        .boxed()
    }

    fn argument(param: Param) -> BoxedStrategy<Value> {
        let list = |item: BoxedStrategy<Value>| {
            proptest::collection::vec(item, 0..6).prop_map(Value::list).boxed()
        };
        match param {
            Param::Any | Param::Schema => any_value(),
            Param::String | Param::Bytes | Param::Os(_) => text().prop_map(Value::string).boxed(),
            Param::Int => number().prop_map(whole).boxed(),
            Param::Number => number().prop_map(numeric).boxed(),
            Param::Bool => any::<bool>().prop_map(Value::bool).boxed(),
            Param::List => list(any_value()),
            Param::StringList => list(text().prop_map(Value::string).boxed()),
            Param::NumberList => list(number().prop_map(numeric).boxed()),
            Param::Struct => any_value(),
        }
    }

    fn call() -> impl Strategy<Value = (&'static Function, Vec<Value>)> {
        proptest::sample::select(functions()).prop_flat_map(|function| {
            let fitting: Vec<_> = function.params.iter().map(|param| argument(*param)).collect();
            let wild = proptest::collection::vec(any_value(), 0..4);
            (Just(function), prop_oneof![9 => fitting.boxed(), 1 => wild.boxed()])
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

        #[test]
        fn functions_take_anything((function, arguments) in call()) {
            let Implementation::Pure(pure) = function.call else { return Ok(()) };
            match pure(&arguments) {
                Ok(value) => {
                    if let Some(list) = value.as_list() {
                        prop_assert!(list.len() <= 1_000_000, "{}", function.qualified());
                    }
                }
                Err(error) => prop_assert!(!error.message.is_empty(), "{}", function.qualified()),
            }
        }
    }
}
