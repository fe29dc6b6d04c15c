//! serde_yaml as an independent witness of structure: what both readers read, they read alike.

use platformc_format::yaml;
use platformc_source::FileId;
use platformc_value::{Data, Value};
use proptest::prelude::*;
use serde::Deserialize;

/// Whether a value is what serde_yaml read, where scalars are text that no reader types.
fn same(ours: &Value, theirs: &serde_yaml::Value) -> bool {
    use serde_yaml::Value as Yaml;
    match (&ours.data, theirs) {
        (Data::Null, Yaml::Null) => true,
        (Data::String(a), Yaml::String(b)) => **a == **b,
        (Data::Number(a), Yaml::Number(b)) => a.to_string() == b.to_string(),
        (Data::List(a), Yaml::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Data::Map(a), Yaml::Mapping(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|(a, (key, b))| {
                    key.as_str().is_some_and(|key| key == &*a.key) && same(&a.value, b)
                })
        }
        _ => false,
    }
}

/// YAML-like text of words, most of it valid.
fn lines() -> impl Strategy<Value = String> {
    let scalar = || {
        prop_oneof![
            4 => "[p-t]{1,3}",
            1 => "[p-t]{1,2} [p-t]{1,2}",
            1 => "\"[p-t \\\\n]{0,4}\"",
            1 => "'[p-t ]{0,4}('')?'",
            1 => Just("é😀".to_owned()),
            1 => "[1-9]{1,3}",
            1 => "\\[[p-t]{1,2}(, ?[p-t]{1,2}){0,2},?\\]",
            1 => "\\{[p-t]: [p-t]{1,2}(, u: \\[\\])?\\}",
            1 => Just(String::new()),
        ]
    };
    let line = prop_oneof![
        6 => (0_usize..4, "(- ){0,2}", "[g-k]{1,2}", scalar())
            .prop_map(|(indent, dash, key, value)| {
                format!("{}{dash}{key}: {value}", "  ".repeat(indent))
            }),
        2 => (0_usize..4, scalar()).prop_map(|(indent, value)| {
            format!("{}- {value}", "  ".repeat(indent))
        }),
        1 => (0_usize..4, "[|>][-+]?").prop_map(|(indent, header)| {
            let lead = "  ".repeat(indent);
            format!("{lead}text: {header}\n{lead}    one\n\n{lead}     two\n{lead}    three\n")
        }),
        1 => "( ){0,3}#[p-t]{0,3}",
        1 => Just(String::new()),
    ];
    prop::collection::vec(line, 1..9).prop_map(|lines| format!("---\n{}\n", lines.join("\n")))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4096, ..ProptestConfig::default()
    })]

    #[test]
    fn both_read_alike(text in lines()) {
        let theirs = serde_yaml::Deserializer::from_str(&text)
            .map(serde_yaml::Value::deserialize)
            .collect::<Result<Vec<_>, _>>();
        let outcome = yaml::read(FileId(0), &text);
        let Ok(theirs) = theirs else { return Ok(()) };
        prop_assert!(!outcome.has_errors(), "{text}\n{:?}", outcome.diagnostics);
        prop_assert_eq!(outcome.value.len(), theirs.len(), "{}", text);
        for (ours, theirs) in outcome.value.iter().zip(&theirs) {
            prop_assert!(same(&ours.value, theirs), "{text}\n{:?}\n{theirs:?}", ours.value);
        }
    }
}
