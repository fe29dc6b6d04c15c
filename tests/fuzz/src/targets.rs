//! What is run, and what must hold. A target panics where it does not.

use platformc_cue::{CompileOptions, Options, Package, Unit, tree_text};
use platformc_cue_syntax::{Style, format_with, parse, parse_expr, parse_path};
use platformc_format::{check_text, json, toml, yaml};
use platformc_source::render::{MessageFormat, RenderOptions, render};
use platformc_source::{Diagnostic, Severity, SourceMap, Span};

/// A target.
pub(crate) type Target = fn(&str);

/// Their names.
pub(crate) const NAMES: [&str; 7] =
    ["yaml", "json", "toml", "syntax", "evaluate", "unify", "render"];

/// The target of a name.
pub(crate) fn find(name: &str) -> Option<Target> {
    Some(match name {
        "yaml" => read_yaml,
        "json" => read_json,
        "toml" => read_toml,
        "syntax" => syntax,
        "evaluate" => evaluate,
        "unify" => unify,
        "render" => render_all,
        _ => return None,
    })
}

/// The endings of files that are seeds for a target.
pub(crate) fn endings(name: &str) -> &'static [&'static str] {
    match name {
        "yaml" => &["yaml", "yml", "json"],
        "json" => &["json"],
        "toml" => &["toml"],
        "render" => &["yaml", "json", "toml", "cue"],
        _ => &["cue"],
    }
}

fn broken(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|found| found.severity == Severity::Error)
}

/// Every place lies in the text and between two characters.
fn placed(text: &str, diagnostics: &[Diagnostic]) {
    let inside = |span: Span| {
        let (start, end) = (span.start as usize, span.end as usize);
        start <= end
            && end <= text.len()
            && text.is_char_boundary(start)
            && text.is_char_boundary(end)
    };
    for found in diagnostics {
        assert!(inside(found.primary.span), "place of {found:?}");
        assert!(found.labels.iter().all(|label| inside(label.span)), "label of {found:?}");
        for fix in &found.fixes {
            assert!(fix.edits.iter().all(|edit| inside(edit.span)), "fix of {found:?}");
        }
    }
}

/// A text that was read without an error is written and read back the same.
fn read_yaml(text: &str) {
    let map = SourceMap::new();
    let file = map.add("a.yaml", text);
    let outcome = yaml::read(file, text);
    placed(text, &outcome.diagnostics);
    if broken(&outcome.diagnostics) {
        return;
    }
    let values: Vec<_> = outcome.value.into_iter().map(|document| document.value).collect();
    let written = yaml::write_documents(&values);
    let again = yaml::read(file, &written);
    assert!(!broken(&again.diagnostics), "written YAML is not read: {written}");
    let back: Vec<_> = again.value.into_iter().map(|document| document.value).collect();
    assert!(values == back, "written YAML is read differently: {written}");
    assert!(written == yaml::write_documents(&back), "written differently: {written}");
    for value in &values {
        let written = json::write(value, true);
        let again = json::read(file, &written);
        assert!(!broken(&again.diagnostics), "written JSON is not read: {written}");
    }
}

fn read_json(text: &str) {
    let map = SourceMap::new();
    let file = map.add("a.json", text);
    let outcome = json::read(file, text);
    placed(text, &outcome.diagnostics);
    if let (false, Some(value)) = (broken(&outcome.diagnostics), outcome.value) {
        for indented in [false, true] {
            let written = json::write(&value, indented);
            let again = json::read(file, &written);
            assert!(!broken(&again.diagnostics), "written JSON is not read: {written}");
            assert!(again.value.as_ref() == Some(&value), "read differently: {written}");
        }
    }
}

fn read_toml(text: &str) {
    let map = SourceMap::new();
    let file = map.add("a.toml", text);
    let outcome = toml::read(file, text);
    placed(text, &outcome.diagnostics);
}

/// A text that is CUE is still CUE when it is formatted, and formatting it again changes nothing.
fn syntax(text: &str) {
    let map = SourceMap::new();
    let file = map.add("a.cue", text);
    let outcome = parse(file, text);
    placed(text, &outcome.diagnostics);
    let _ = parse_expr(file, text);
    let _ = parse_path(file, text);
    if broken(&outcome.diagnostics) {
        return;
    }
    let printed = format_with(&outcome.value, text, &Style::default());
    let again = parse(file, &printed);
    assert!(!broken(&again.diagnostics), "formatted CUE is not read: {printed}");
    let twice = format_with(&again.value, &printed, &Style::default());
    assert!(printed == twice, "formatting is not stable:\n{printed}\n--\n{twice}");
}

const BUDGET: Options = Options { steps: 40_000, depth: 200, nodes: 40_000 };

fn evaluate(text: &str) {
    let map = SourceMap::new();
    let file = map.add("a.cue", text);
    let outcome = parse(file, text);
    let package = Package::compile(&[&outcome.value], &[], CompileOptions::default());
    placed(text, &package.diagnostics);
    let package = package.value;
    let mut unit = Unit::new(&package, BUDGET);
    let root = unit.root();
    let faults = unit.errors(root);
    for fault in &faults {
        assert!(!fault.message.is_empty(), "an error without words");
    }
    let tree = unit.tree(root);
    let shown = tree_text(&tree);
    assert!(!shown.is_empty(), "a value without text");
    if let Ok(value) = unit.value(root) {
        assert!(faults.is_empty(), "a value and errors: {}", faults[0].message);
        let _ = json::write(&value, true);
        let _ = yaml::write_documents(&[value]);
    }
}

/// `a & b` and `b & a` are both an error or the same value.
fn unify(text: &str) {
    let map = SourceMap::new();
    let half = (text.len() / 2..=text.len()).find(|at| text.as_bytes()[..*at].ends_with(b"\n"));
    let (left, right) = text.split_at(half.unwrap_or(0));
    let (a, b) = (map.add("a.cue", left), map.add("b.cue", right));
    let (left, right) = (parse(a, left), parse(b, right));
    if broken(&left.diagnostics) || broken(&right.diagnostics) {
        return;
    }
    let run = |files: [&platformc_cue_syntax::ast::File; 2]| {
        let package = Package::compile(&files, &[], CompileOptions::default());
        if broken(&package.diagnostics) {
            return None;
        }
        let package = package.value;
        let mut unit = Unit::new(&package, BUDGET);
        let root = unit.root();
        let value = unit.value(root).ok().map(|value| sorted(&json::write(&value, true)));
        // Past the budget nothing is said of the value.
        (unit.steps() < BUDGET.steps / 2).then_some(value)
    };
    let there = run([&left.value, &right.value]);
    let back = run([&right.value, &left.value]);
    if let (Some(there), Some(back)) = (there, back) {
        assert!(there == back, "the order of files matters:\n{there:?}\n{back:?}");
    }
}

/// Lines of a JSON text in an order of their own: fields may come in any.
fn sorted(text: &str) -> Vec<String> {
    let mut lines: Vec<String> =
        text.lines().map(|line| line.trim_end_matches(',').to_owned()).collect();
    lines.sort();
    lines
}

/// Whatever was found is rendered in every format, places that lie nowhere included.
fn render_all(text: &str) {
    let map = SourceMap::new();
    let file = map.add("a\u{7}b/../<x>%0A.cue", text);
    let mut found = parse(file, text).diagnostics;
    found.extend(check_text(file, text.as_bytes()).err());
    found.extend(yaml::read(file, text).diagnostics);
    found.extend(json::read(file, text).diagnostics);
    found.extend(toml::read(file, text).diagnostics);
    if let Some(first) = found.first().cloned() {
        let mut wild = first;
        wild.message = text.chars().take(300).collect();
        wild.primary.span = Span::new(file, text.len() / 3, text.len().saturating_mul(2));
        found.push(wild.clone().note(text.chars().rev().take(200).collect::<String>()));
        wild.primary.span = Span::NONE;
        found.push(wild);
    }
    platformc_source::render::sort(&mut found, &map);
    for format in MessageFormat::ALL {
        for color in [false, true] {
            let options = RenderOptions { color, version: "0" };
            let said = render(format, &found, &map, &options);
            assert!(said.is_empty() || said.ends_with('\n'), "no line break at the end");
            if !color {
                // What people read has none; in formats for machines only those below 0x20 matter.
                let people = format == MessageFormat::Text;
                let bad = said
                    .chars()
                    .find(|c| c.is_control() && !matches!(c, '\n' | '\t') && (people || *c < ' '));
                assert!(bad.is_none(), "the control character {bad:?} in {format}");
            }
            if format == MessageFormat::Sarif {
                assert!(!broken(&json::read(file, &said).diagnostics), "SARIF is not JSON");
            }
        }
    }
}
