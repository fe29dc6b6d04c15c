//! Texts made to hurt: they end in a diagnostic, with what was read bounded, and soon enough for a
//! test run to notice if they did not.

use platformc_format::{MAX_DEPTH, json, toml, yaml};
use platformc_source::{Code, Diagnostic, FileId, codes};
use platformc_value::{Data, Value};

const FILE: FileId = FileId(0);

fn has(diagnostics: &[Diagnostic], code: Code) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.code == code)
}

fn nodes(value: &Value) -> usize {
    1 + match &value.data {
        Data::List(items) => items.iter().map(nodes).sum(),
        Data::Map(map) => map.iter().map(|entry| nodes(&entry.value)).sum(),
        _ => 0,
    }
}

#[test]
fn brackets_without_end() {
    for opener in ["[", "{", "[{", "[[a,", "{a: ", "- ", "? ", "a: [", "&a [", "!!seq ["] {
        let text = opener.repeat(200_000);
        let outcome = yaml::read(FILE, &text);
        assert!(outcome.has_errors(), "{opener}");
        let outcome = json::read(FILE, &text);
        assert!(outcome.has_errors(), "{opener}");
        let outcome = toml::read(FILE, &text);
        assert!(outcome.has_errors(), "{opener}");
    }
    assert!(has(&yaml::read(FILE, &"[".repeat(200_000)).diagnostics, codes::YAML_DEPTH));
    assert!(has(&json::read(FILE, &"[".repeat(200_000)).diagnostics, codes::JSON_DEPTH));
}

#[test]
fn maps_without_end() {
    let mut text = String::new();
    for depth in 0..5_000 {
        text.extend(std::iter::repeat_n(' ', depth));
        text.push_str("a:\n");
    }
    text.push_str("---\nb: 1\n");
    let outcome = yaml::read(FILE, &text);
    assert!(has(&outcome.diagnostics, codes::YAML_DEPTH));
    let last = outcome.value.last().expect("the next document");
    assert_eq!(last.value.get("b"), Some(&Value::int(1)));
    let text = format!("{} = 1\n", vec!["a"; 100_000].join("."));
    assert!(has(&toml::read(FILE, &text).diagnostics, codes::TOML_SYNTAX));
}

#[test]
fn aliases_that_multiply() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for at in 1..12 {
        let before = format!("*a{}", at - 1);
        let items = vec![before; 10].join(", ");
        text.push_str(&format!("a{at}: &a{at} [{items}]\n"));
    }
    let outcome = yaml::read(FILE, &text);
    assert!(has(&outcome.diagnostics, codes::YAML_ALIAS));
    let total: usize = outcome.value.iter().map(|document| nodes(&document.value)).sum();
    assert!(total < 250_000, "{total} values");
}

#[test]
fn aliases_that_nest() {
    let mut text = String::from("a0: &a0 [x]\n");
    for at in 1..2_000 {
        text.push_str(&format!("a{at}: &a{at} [*a{}]\n", at - 1));
    }
    let outcome = yaml::read(FILE, &text);
    assert!(has(&outcome.diagnostics, codes::YAML_DEPTH));
}

#[test]
fn merges_that_multiply() {
    let mut text = String::from("m0: &m0 {k0: 1}\n");
    for at in 1..3_000 {
        text.push_str(&format!("m{at}: &m{at}\n  <<: *m{}\n  k{at}: 1\n", at - 1));
    }
    let outcome = yaml::read(FILE, &text);
    assert!(has(&outcome.diagnostics, codes::YAML_ALIAS));
    let total: usize = outcome.value.iter().map(|document| nodes(&document.value)).sum();
    assert!(total < 6_000_000, "{total} values");
}

#[test]
fn maps_with_many_keys() {
    let mut text = String::new();
    for at in 0..100_000 {
        text.push_str(&format!("key{at}: 1\n"));
    }
    text.push_str("key0: 2\n");
    let outcome = yaml::read(FILE, &text);
    assert_eq!(outcome.diagnostics.len(), 1);
    let found = &outcome.diagnostics[0];
    assert_eq!(found.code, codes::YAML_DUPLICATE_KEY);
    assert_eq!(found.labels[0].span.start, 0);
    assert_eq!(found.primary.span.end as usize, text.len() - 4);
}

#[test]
fn errors_without_end() {
    for line in [
        "a: [\n",
        "a: 1\nport\n",
        "a: \"\n",
        "- @\n",
        "\ta: 1\n",
        "a: b: c\n",
        "x: *y\n",
        "]\n",
        "é: [ü\n",
    ] {
        let text = line.repeat(2_000);
        let outcome = yaml::read(FILE, &text);
        assert!(outcome.has_errors(), "{line:?}");
        assert!(outcome.diagnostics.len() <= 2_600, "{line:?}");
    }
}

#[test]
fn findings_without_end() {
    let text = "- yes\n- !x 1\n".repeat(20_000);
    let outcome = yaml::read(FILE, &text);
    assert!(outcome.diagnostics.len() <= 2_000);
    assert_eq!(outcome.value[0].value.as_list().map(<[Value]>::len), Some(40_000));
}

#[test]
fn documents_without_end() {
    for text in ["---\n".repeat(20_000), "---\na: [\n".repeat(5_000), "...\n".repeat(20_000)] {
        let outcome = yaml::read(FILE, &text);
        assert!(outcome.value.len() <= 20_001);
        assert!(outcome.diagnostics.len() <= 2_000);
    }
}

#[test]
fn long_tokens() {
    let long = "x".repeat(60_000);
    for text in [
        long.clone(),
        format!("{long}: 1"),
        format!("a: \"{long}\""),
        format!("a: &{long} 1\nb: *{long}"),
        format!("a: !{long} 1"),
        format!("a: |\n  {long}"),
        format!("#{long}\n"),
        " ".repeat(60_000),
        "\n".repeat(60_000),
        "- ".repeat(300),
        format!("a: {}", "9".repeat(60_000)),
        format!("a: 1e{}", "9".repeat(20_000)),
        format!("a: 0x{}", "f".repeat(20_000)),
        format!("a: {}1", "0".repeat(20_000)),
        format!("a: 0.{}", "1".repeat(20_000)),
        "\u{e9}".repeat(60_000),
        "a, ".repeat(60_000),
        format!("[{}]", "a, ".repeat(60_000)),
        format!("[{}]", "a: b, ".repeat(20_000)),
        format!("{{{}}}", "a, ".repeat(20_000)),
        format!("{{{}", "a, ".repeat(20_000)),
        "a: b: ".repeat(20_000),
        "\"".repeat(20_000),
        "'".repeat(20_001),
        "\\".repeat(20_000),
        "&a ".repeat(20_000),
        "!a ".repeat(20_000),
        "%a\n".repeat(20_000),
        "? a\n".repeat(20_000),
        ": a\n".repeat(20_000),
        "\t".repeat(20_000),
        "a\tb: ".repeat(20_000),
        "# c\n".repeat(20_000),
        "a:\n".repeat(20_000),
        "|\n".repeat(20_000),
        "- |\n".repeat(20_000),
        "\r".repeat(20_000),
        "\0".repeat(10_000),
        "\u{feff}".repeat(10_000),
    ] {
        let _ = yaml::read(FILE, &text);
        let _ = json::read(FILE, &text);
        let _ = toml::read(FILE, &text);
    }
}

#[test]
fn depth_is_bounded() {
    fn depth(value: &Value) -> usize {
        match &value.data {
            Data::List(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
            Data::Map(map) => 1 + map.iter().map(|entry| depth(&entry.value)).max().unwrap_or(0),
            _ => 0,
        }
    }
    for text in ["[".repeat(2_000), "- ".repeat(2_000)] {
        for document in yaml::read(FILE, &text).value {
            assert!(depth(&document.value) <= MAX_DEPTH);
        }
    }
}
