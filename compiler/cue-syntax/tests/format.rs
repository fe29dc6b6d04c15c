//! The formatter, by the cases under `cases/format` and by what must hold for every file.

mod common;

use common::{dump_file, read_cases, run_cases};
use platformc_cue_syntax::{format, parse};
use platformc_source::FileId;
use proptest::prelude::*;

#[test]
fn cases() {
    run_cases("format", |case| {
        check(&case.input);
        format(&parse(FileId(0), &case.input).value, &case.input)
    });
}

/// The comments of a text, in order. Texts that are compared hold no `//` in literals.
fn comments(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.split_once("//"))
        .map(|(_, comment)| comment.trim_end().to_owned())
        .collect()
}

/// Formatting a file that reads keeps its meaning and comments, and settles at once.
fn check(text: &str) {
    let file = parse(FileId(0), text);
    if !file.diagnostics.is_empty() {
        assert_eq!(format(&file.value, text).trim_end(), text.trim_end());
        return;
    }
    let once = format(&file.value, text);
    let again = parse(FileId(0), &once);
    let fault = again.diagnostics.first().map(|found| found.message.clone());
    assert_eq!(fault, None, "{text}\n--- formatted\n{once}");
    let dump = |file| dump_file(file, false).replace("(paren ", "").replace(')', "");
    assert_eq!(dump(&file.value), dump(&again.value), "{text}\n--- formatted\n{once}");
    assert_eq!(comments(text), comments(&once), "{text}\n--- formatted\n{once}");
    let twice = format(&again.value, &once);
    assert_eq!(once, twice, "{text}");
}

/// Lines and pieces of lines that mostly make a file.
const PIECES: &[&str] = &[
    "a: 1\n",
    "bb: \"s\"\n",
    "c: {\n",
    "}\n",
    "}",
    "{",
    "d: [",
    "]\n",
    "]",
    "1, ",
    "2,\n",
    "3\n",
    "x",
    "e: ",
    "f: g: ",
    "// c\n",
    " // t\n",
    "\n",
    "\n\n",
    "h: x + y*2\n",
    " + ",
    " | ",
    "& ",
    "i: f(",
    ")\n",
    ")",
    "for x in y {",
    "if a {\n",
    "j: \"\"\"\n\tq\n\t\"\"\"\n",
    "\"\\(",
    ")\"",
    "k: -1\n",
    "let X = 2\n",
    "...",
    "@a(b)\n",
    " @b(c)",
    "l?: 3\n",
    "[string]: 4\n",
    "(x): 5\n",
    "#D: {a: 1, b: 2}\n",
    ", ",
    "m: [\n\t1,\n\t2,\n]\n",
    "n: [{\n\ta: 1\n}, {b: 2}]\n",
    "o: {p: {\n\tq: 1\n}}\n",
    "r: (1 +\n\t2)\n",
    "s: x.\n\ty\n",
    "!",
    "< ",
    "t: [1\n2]\n",
    "import \"strings\"\n",
    "package p\n",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_of_pieces_format(row in prop::collection::vec(prop::sample::select(PIECES), 0..24)) {
        check(&row.concat());
    }

    #[test]
    fn damaged_cases_format(
        case in 0usize..200,
        cut in 0usize..4_000,
        len in 0usize..6,
        insert in prop::sample::select(PIECES),
    ) {
        let mut cases = read_cases(include_str!("cases/format/layout.txt"));
        cases.extend(read_cases(include_str!("cases/parse/expressions.txt")));
        let count = cases.len();
        let text = cases.swap_remove(case % count).input;
        let at = |offset: usize| text.floor_char_boundary(offset % (text.len() + 1));
        let start = at(cut);
        let end = text.floor_char_boundary((start + len).min(text.len()));
        check(&format!("{}{insert}{}", &text[..start], &text[end..]));
    }
}
