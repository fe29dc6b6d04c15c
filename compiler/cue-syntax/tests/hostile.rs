//! Input made to hurt: depth, length, rubbish.

mod common;

use std::time::{Duration, Instant};

use common::dump_file;
use platformc_cue_syntax::{MAX_DEPTH, format, parse, parse_expr, print_decls, print_expr};
use platformc_source::{Diagnostic, FileId};
use proptest::prelude::*;

/// A thread of the size that an embedding program may give; debug frames are several times those
/// of a release build.
fn on_small_stack<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new()
        .stack_size(1024 * 1024)
        .spawn(run)
        .expect("thread")
        .join()
        .expect("no overflow")
}

const NESTS: &[(&str, &str, &str)] = &[
    ("[", "1", "]"),
    ("(", "1", ")"),
    ("{a:", "1", "}"),
    ("{", "1", "}"),
    ("a: ", "1", ""),
    ("!", "a", ""),
    ("f(", "1", ")"),
    ("a[", "1", "]"),
    ("\"\\(", "1", ")\""),
    ("{if a {", "b: 1", "}}"),
    ("[for x in y {", "1", "}]"),
    ("{[", "string", "]: 1}"),
    ("{(", "a", "): 1}"),
    ("1 + (", "1", ")"),
];

#[test]
fn nesting_past_the_limit_is_a_diagnostic() {
    for (open, inner, close) in NESTS {
        let count = 200_000;
        let text = format!("x: {}{inner}{}\ny: 1\n", open.repeat(count), close.repeat(count));
        let (diagnostics, kept) = on_small_stack(move || {
            let outcome = parse(FileId(0), &text);
            (outcome.diagnostics, outcome.value.decls.len())
        });
        let deep = diagnostics.iter().filter(|found| found.message.contains("nest deeper")).count();
        assert_eq!(deep, 1, "{open}: {:?}", first(&diagnostics));
        assert_eq!(diagnostics.len(), 1, "{open}: {:?}", diagnostics.get(1));
        assert_eq!(kept, 2, "{open}: the next field is kept");
    }
}

fn first(diagnostics: &[Diagnostic]) -> Option<&str> {
    diagnostics.first().map(|found| found.message.as_str())
}

#[test]
fn nesting_at_the_limit_is_read_copied_printed_and_dropped() {
    for (open, inner, close) in NESTS {
        let levels = open.chars().filter(|c| "[({!".contains(*c)).count();
        let count = (MAX_DEPTH - 8) / (levels + 1);
        let text = format!("x: {}{inner}{}\n", open.repeat(count), close.repeat(count));
        on_small_stack(move || {
            let outcome = parse(FileId(0), &text);
            assert_eq!(first(&outcome.diagnostics), None, "{}", &text[..20]);
            let copy = outcome.value.clone();
            let printed = print_decls(&copy.decls);
            assert!(first(&parse(FileId(0), &printed).diagnostics).is_none());
            let formatted = format(&copy, &text);
            assert!(first(&parse(FileId(0), &formatted).diagnostics).is_none());
        });
    }
}

#[test]
fn chains_are_read_copied_printed_and_dropped_in_loops() {
    let links = 100_000;
    for (first_link, link) in [
        ("a", " + a"),
        ("a", " & a"),
        ("a", ".b"),
        ("a", "[0]"),
        ("a", "[1:2]"),
        ("a", "()"),
        ("a", " | *1 & b"),
        ("a", ".\"b c\"(1)[2]"),
    ] {
        let text = format!("{first_link}{}", link.repeat(links));
        on_small_stack(move || {
            let outcome = parse_expr(FileId(0), &text);
            assert_eq!(first(&outcome.diagnostics), None);
            let printed = print_expr(&outcome.value.clone());
            assert_eq!(printed, text);
            let file = format!("x: {text}\n");
            assert_eq!(format(&parse(FileId(0), &file).value, &file), file);
        });
    }
}

#[test]
fn long_input_takes_linear_time() {
    let cases: &[(&str, usize)] = &[
        ("a: 1\n", 200_000),
        ("// c\n", 200_000),
        ("a: 1 }\n", 100_000),
        ("\"\\(", 200_000),
        ("\"\\(a\n", 100_000),
        ("\"a\n", 100_000),
        ("'''\n", 100_000),
        ("#", 400_000),
        ("@a(", 200_000),
        ("@a(\"", 100_000),
        ("%", 400_000),
        ("a: [\nb: ", 50_000),
        ("[1,\n", 100_000),
        ("{a: [", 50_000),
        ("1_", 200_000),
        ("“", 100_000),
        ("a: \"\\q", 100_000),
        ("if x for y in z ", 50_000),
        ("\"\"\"\n\\(", 50_000),
        ("a = ", 100_000),
        ("X=", 100_000),
        ("a: f(\n", 50_000),
        ("a: {b: [1, 2], c: f(x, y)} // z\n", 30_000),
        ("// c\n\n", 100_000),
        ("a: x | // c\n\ty\n", 50_000),
        ("{a: {\n", 50_000),
        ("a: \"\"\"\n\tx\n\t\"\"\"\n", 50_000),
    ];
    for (piece, count) in cases {
        let text = piece.repeat(*count);
        let started = Instant::now();
        on_small_stack(move || {
            drop(parse(FileId(0), &text));
            // The formatter's tables are slow without optimisation: a shorter text shows as much.
            let text = &text[..text.floor_char_boundary(text.len() / 8)];
            format(&parse(FileId(0), text).value, text)
        });
        let took = started.elapsed();
        // Quadratic work would take many minutes; a loaded machine takes some seconds.
        assert!(took < Duration::from_secs(60), "{piece:?} took {took:?}");
    }
}

/// What must hold for any text whatsoever.
fn check(text: &str) {
    let outcome = parse(FileId(0), text);
    let inside = |span: platformc_source::Span| {
        let (start, end) = (span.start as usize, span.end as usize);
        start <= end
            && end <= text.len()
            && text.is_char_boundary(start)
            && text.is_char_boundary(end)
    };
    for found in &outcome.diagnostics {
        assert!(inside(found.primary.span), "{found:?}");
        assert!(found.labels.iter().all(|label| inside(label.span)), "{found:?}");
        for fix in &found.fixes {
            assert!(fix.edits.iter().all(|edit| inside(edit.span)), "{found:?}");
        }
    }
    assert!(outcome.diagnostics.len() <= 100);
    for decl in &outcome.value.decls {
        assert!(inside(decl.span), "{decl:?}");
        assert!(decl.comments.iter().all(|comment| inside(comment.span)), "{decl:?}");
    }
    // Siblings stand one behind the other.
    for pair in outcome.value.decls.windows(2) {
        assert!(pair[0].span.end <= pair[1].span.start, "{pair:?}");
    }
    if outcome.diagnostics.is_empty() {
        let printed = print_decls(&outcome.value.decls);
        let again = parse(FileId(0), &with_attributes(&outcome.value, &printed));
        assert_eq!(first(&again.diagnostics), None, "{printed}");
        let strip = |dump: String| {
            dump.lines()
                .filter(|line| !line.starts_with(['@', 'p', 'i']))
                .collect::<Vec<_>>()
                .join("\n")
        };
        assert_eq!(
            strip(dump_file(&outcome.value, false)),
            strip(dump_file(&again.value, false)),
            "{printed}"
        );
    }
    let _ = parse_expr(FileId(0), text);
}

fn with_attributes(file: &platformc_cue_syntax::ast::File, printed: &str) -> String {
    let mut text = String::new();
    for attribute in &file.attributes {
        text.push_str(&format!("@{}({})\n", attribute.key, attribute.body));
    }
    text.push_str(printed);
    text
}

/// Pieces that touch each other in all the ways that matter.
const PIECES: &[&str] = &[
    "a",
    "b",
    "_",
    "_|_",
    "#D",
    "_h",
    "\"s\"",
    "'b'",
    "\"x \\(",
    ")\"",
    "\\",
    "\"\"\"\n",
    "\n\"\"\"",
    "#\"",
    "\"#",
    "1",
    "1.5Ki",
    "0x",
    ".5",
    "1e",
    "true",
    "null",
    "for ",
    "if ",
    "in ",
    "let ",
    "try ",
    "else ",
    " otherwise ",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ":",
    ": ",
    "?",
    "!",
    "~",
    "=",
    "==",
    "!=",
    "<=",
    "=~",
    "!~",
    "<",
    "+",
    "-",
    "*",
    "/",
    "|",
    "||",
    "&",
    "&&",
    ".",
    "...",
    "..",
    ",",
    ", ",
    "\n",
    "\r\n",
    "\t",
    " ",
    "// c\n",
    "@a(b)",
    "@a(",
    "package p\n",
    "import \"x\"\n",
    "é",
    "“",
    "%",
    ";",
    "\u{feff}",
    "\0",
    "a: 1\n",
    "b: {c: 2}\n",
    "@experiment(try,explicitopen)\n",
    "x in y {",
    "k, v in x ",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in "\\PC{0,60}") {
        check(&text);
    }

    #[test]
    fn any_row_of_pieces_is_read(
        row in prop::collection::vec(prop::sample::select(PIECES), 0..40)
    ) {
        check(&row.concat());
    }

    #[test]
    fn damaged_files_are_read(
        case in 0usize..1000,
        cut in 0usize..10_000,
        len in 0usize..8,
        insert in prop::sample::select(PIECES),
    ) {
        let text = sample(case);
        let mut start = cut % (text.len() + 1);
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = (start + len).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let end = end.max(start);
        check(&format!("{}{insert}{}", &text[..start], &text[end..]));
    }
}

/// One of the inputs of the parse cases.
fn sample(index: usize) -> String {
    let files = [
        include_str!("cases/parse/fields.txt"),
        include_str!("cases/parse/expressions.txt"),
        include_str!("cases/parse/strings.txt"),
        include_str!("cases/parse/files.txt"),
        include_str!("cases/parse/recovery.txt"),
    ];
    let mut cases: Vec<_> = files.iter().flat_map(|text| common::read_cases(text)).collect();
    let count = cases.len();
    cases.swap_remove(index % count).input
}

#[test]
fn undamaged_files_print_and_read_back() {
    for index in 0..200 {
        check(&sample(index));
    }
}
