//! Every format over one set of diagnostics, and no format over anything that could break it.

use proptest::prelude::*;

use super::*;
use crate::codes;
use crate::{Edit, FileId, explain};

fn at(file: FileId, text: &str, needle: &str) -> Span {
    let start = text.find(needle).expect("needle");
    Span::new(file, start, start + needle.len())
}

/// Two files, spans over one and several lines, at the end of a file, in no file, with fixes.
fn sample() -> (SourceMap, Vec<Diagnostic>) {
    let map = SourceMap::new();
    let app = "name: web\nports:\n  - 80\n  - 80é: x\nname: api\n";
    let schema = "name: string\nport: >0 & <65536\n";
    let a = map.add("apps/a b.yaml", app);
    let s = map.add("schema.cue", schema);
    let empty = map.add("empty.yaml", "");
    let second = Span::new(a, app.rfind("name").expect("name"), app.len() - 6);
    let diagnostics = vec![
        Diagnostic::new(codes::YAML_DUPLICATE_KEY, second, "the key `name` is there twice")
            .primary_label("again here")
            .label(at(a, app, "name"), "first here")
            .label(at(s, schema, "string"), "declared here")
            .note("the second one would win\nin some readers")
            .fix("remove the second", vec![Edit { span: second, text: String::new() }])
            .replace(second, "alias", "rename it"),
        Diagnostic::new(
            codes::CUE_BOUND,
            Span::new(a, 10, 40),
            "100% of `ports`, over: several\nlines\r",
        ),
        Diagnostic::new(codes::YAML_SYNTAX, Span::new(a, app.len(), app.len()), "end of file")
            .primary_label("here")
            .severity(Severity::Warning),
        Diagnostic::new(codes::YAML_SYNTAX, Span::new(empty, 0, 0), "an empty file"),
        Diagnostic::new(codes::SOURCE_IO, Span::NONE, "no such folder <apps> & \u{1b}[31m\"red\"")
            .note("look at `platform.toml`")
            .severity(Severity::Note),
    ];
    (map, diagnostics)
}

#[test]
fn formats() {
    let (map, mut diagnostics) = sample();
    sort(&mut diagnostics, &map);
    let options = RenderOptions { color: false, version: "1.2.3" };
    for format in MessageFormat::ALL {
        let mut out = render(format, &diagnostics, &map, &options);
        if format == MessageFormat::Sarif {
            out = without_pages(&out);
        }
        insta::assert_snapshot!(format.as_str(), out);
    }
    assert_eq!(summary(&diagnostics), "3 errors, 1 warning, 1 note");
}

/// SARIF carries the pages of the codes; here they only have to be there.
fn without_pages(sarif: &str) -> String {
    let mut log: serde_json::Value = serde_json::from_str(sarif).expect("JSON");
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().expect("rules");
    for rule in rules {
        let page = explain(rule["id"].as_str().expect("an id")).expect("a page");
        assert_eq!(rule["help"]["markdown"], page);
        rule["help"] = "the page".into();
    }
    serde_json::to_string_pretty(&log).expect("JSON")
}

#[test]
fn colours_only_where_asked() {
    let (map, diagnostics) = sample();
    let text = |color| {
        let options = RenderOptions { color, ..RenderOptions::default() };
        render(MessageFormat::Text, &diagnostics, &map, &options)
    };
    assert!(text(true).contains("\u{1b}[31m") && !text(true).contains("\u{1b}[31m\"red\""));
    assert!(!text(false).contains('\u{1b}'));
}

#[test]
fn nothing_to_say() {
    let map = SourceMap::new();
    let with = |format| render(format, &[], &map, &RenderOptions::default());
    assert_eq!(with(MessageFormat::Text), "");
    assert_eq!(with(MessageFormat::Json), "");
    assert_eq!(with(MessageFormat::Github), "");
    assert_eq!(with(MessageFormat::Gitlab), "[]\n");
    assert!(with(MessageFormat::Junit).contains("tests=\"1\" failures=\"0\""));
    assert!(with(MessageFormat::Sarif).contains("\"results\": []"));
}

#[test]
fn order_and_duplicates_ignore_file_ids() {
    let map = SourceMap::new();
    let (b, a) = (map.add("b", "xx"), map.add("a", "xx"));
    let a_again = map.add("a", "xx");
    let found = |file, start, message| {
        Diagnostic::new(codes::YAML_SYNTAX, Span::new(file, start, 2), message)
    };
    let mut diagnostics = vec![
        found(b, 0, "one"),
        found(a, 1, "two"),
        found(a_again, 1, "two"),
        found(a, 1, "two").note("more"),
        found(a, 0, "three"),
    ];
    sort(&mut diagnostics, &map);
    let order: Vec<_> = diagnostics.iter().map(|d| (d.message.as_str(), d.notes.len())).collect();
    assert_eq!(order, [("three", 0), ("two", 0), ("two", 1), ("one", 0)]);
}

#[test]
fn long_lines_are_named_not_drawn() {
    let map = SourceMap::new();
    let text = format!("{{\"a\":\"{}\"}}", "x".repeat(1_000_000));
    let file = map.add("big.json", text.as_str());
    let diagnostics = [Diagnostic::new(codes::JSON_SYNTAX, Span::new(file, 5, 500), "too much")];
    let out = render(MessageFormat::Text, &diagnostics, &map, &RenderOptions::default());
    assert_eq!(out, "error[json/syntax]: too much\n    at big.json:1:6\n");
}

#[test]
fn miette_sees_all_of_it() {
    let (map, diagnostics) = sample();
    let report = ::miette::Report::new(MietteDiagnostic::new(&diagnostics[0], &map));
    let handler = ::miette::GraphicalReportHandler::new_themed(::miette::GraphicalTheme::none());
    let mut out = String::new();
    handler.render_report(&mut out, report.as_ref()).expect("rendered");
    for part in ["yaml/duplicate-key", "again here", "first here", "declared here", "rename it"] {
        assert!(out.contains(part), "{part} in\n{out}");
    }
}

proptest! {
    /// Spans anywhere, also backwards and inside characters, in any text.
    #[test]
    fn nothing_breaks_a_rendering(
        text in "[a\u{e9}\u{1F600}\t\r\n\u{2028}\u{85}\u{1b} :]{0,40}",
        spans in prop::collection::vec((0u32..60, 0u32..60), 1..5),
        message in any::<String>(),
    ) {
        let map = SourceMap::new();
        let file = map.add("a.yaml", text.as_str());
        let span = |(start, end)| Span { file, start, end };
        let mut d = Diagnostic::new(codes::YAML_SYNTAX, span(spans[0]), message.as_str())
            .note(message.as_str())
            .replace(span(spans[0]), message.as_str(), message.as_str());
        for pair in &spans {
            d = d.label(span(*pair), message.as_str());
        }
        for format in MessageFormat::ALL {
            for color in [false, true] {
                let options = RenderOptions { color, ..RenderOptions::default() };
                let out = render(format, std::slice::from_ref(&d), &map, &options);
                prop_assert!(out.ends_with('\n'));
                if format == MessageFormat::Json {
                    let line: serde_json::Value = serde_json::from_str(&out).expect("JSON");
                    prop_assert_eq!(line["message"].as_str(), Some(message.as_str()));
                }
                if format == MessageFormat::Text && !color {
                    prop_assert!(!out.contains('\x1b'));
                }
            }
        }
        let _ = MietteDiagnostic::new(&d, &map);
    }
}
