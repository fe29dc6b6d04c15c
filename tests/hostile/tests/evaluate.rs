//! CUE made to run for ever, to fill the memory or to overflow the stack.

use std::fmt::Write as _;

use platformc_hostile::{Ended, Workspace};

fn evaluate(text: &str) -> Ended {
    let workspace = Workspace::new(env!("CARGO_BIN_EXE_platformc-hostile"));
    workspace.write("x.cue", text);
    workspace.run(&["eval", "x.cue"])
}

/// A line for each number.
fn lines(range: std::ops::Range<u32>, line: impl Fn(u32) -> String) -> String {
    range.fold(String::new(), |mut text, at| {
        let _ = writeln!(text, "{}", line(at));
        text
    })
}

#[test]
fn definitions_that_contain_themselves() {
    for (text, code) in [
        ("#A: {n: #A}\nx: #A\n", "cue/structural-cycle"),
        ("x: {y: x}\n", "cue/structural-cycle"),
        ("a: [a]\n", "cue/structural-cycle"),
        ("a: {b: a & {c: 1}}\n", "cue/structural-cycle"),
        ("a: {[string]: a}\na: x: _\n", "cue/structural-cycle"),
        ("t: {a: 1} | {b: (t & {}).b}\n", "cue/incomplete"),
        ("a: \"\\(a)x\"\n", "cue/cycle"),
        ("a: a + 1\n", "cue/cycle"),
        ("f: {n: int, let m = n, out: (f & {n: m + 1}).out}\nx: (f & {n: 1}).out\n", "cue/"),
    ] {
        let ended = evaluate(text);
        ended.finds(&[]);
        assert!(ended.stderr.contains(&format!("error[{code}")), "{text}{}", ended.shown());
    }
    // One that may end does.
    evaluate("#L: {v: int, n: #L | *null}\nx: #L & {v: 1, n: {v: 2}}\n").succeeds();
    evaluate("#L: {v: int, n?: #L}\nx: #L & {v: 1, n: {v: 2}}\n").succeeds();
}

#[test]
fn choices_that_multiply() {
    let plain = lines(0..20, |at| format!("x: {{a{at}: 1}} | {{b{at}: 1}}"));
    evaluate(&plain).finds(&["cue/budget"]);
    let defaults = lines(0..24, |at| format!("x: *{{a{at}: 1}} | {{b{at}: 1}}"));
    let ended = evaluate(&defaults);
    assert!(ended.code == Some(0) || ended.stderr.contains("cue/budget"), "{}", ended.shown());
    let separate = lines(0..20, |at| format!("f{at}: {{a: 1, b: {at}}} | {{a: 2, c: {at}}}"));
    evaluate(&separate).finds(&["cue/incomplete"]);
}

#[test]
fn values_that_double() {
    for step in [
        "a@: a$ + a$ + a$ + a$",
        "a@: \"\\(a$)\\(a$)\\(a$)\\(a$)\"",
        "a@: {p: a$, q: a$, r: a$, s: a$}",
        "a@: [a$, a$, a$, a$]",
        "a@: list.Concat([a$, a$, a$, a$])",
        "a@: list.FlattenN([a$, a$, a$, a$], -1)",
        "a@: strings.Join([a$, a$, a$, a$], a$)",
        "a@: json.Marshal([a$, a$, a$, a$])",
        "a@: a$ * a$",
    ] {
        let first = match step {
            _ if step.contains("list.") => "[1, 2, 3, 4]",
            _ if step.contains('*') => "123456789",
            _ if step.contains('{') || step.contains(": [") => "1",
            _ => "\"aaaaaaaaaaaaaaaa\"",
        };
        let uses = ["list", "strings", "encoding/json"]
            .iter()
            .filter(|name| step.contains(&format!("{}.", name.trim_start_matches("encoding/"))))
            .fold(String::new(), |text, name| format!("{text}import \"{name}\"\n"));
        let text = lines(1..40, |at| {
            step.replace('@', &at.to_string()).replace('$', &(at - 1).to_string())
        });
        let ended = evaluate(&format!("{uses}a0: {first}\n{text}"));
        ended.finds(&[]);
        let known = ["cue/budget", "cue/evaluation"];
        assert!(known.iter().any(|code| ended.stderr.contains(code)), "{step}{}", ended.shown());
    }
}

#[test]
fn functions_asked_for_more_than_fits() {
    for call in [
        "list.Range(0, 100000000, 1)",
        "list.Range(0, 1, 0.000000001)",
        "list.Range(0, 10, 0)",
        "list.Repeat([1, 2, 3], 100000000)",
        "strings.Repeat(\"abcdefghij\", 10000000000)",
        "strings.Repeat(\"ab\", -1)",
        "\"abcdefghij\" * 10000000000",
        "'abcdefghij' * 10000000000",
        "[1, 2] * 100000000",
        "strings.Replace(strings.Repeat(\"a\", 100000), \"a\", strings.Repeat(\"a\", 100000), -1)",
        "[for a in l for b in l for c in l for d in l {a}]",
    ] {
        let items: Vec<String> = (0..100).map(|at| at.to_string()).collect();
        let text = format!(
            "import \"list\"\nimport \"strings\"\nl: list.Concat([[{}]])\nm: strings.ToUpper(\"a\")\n\
             x: {call}\n",
            items.join(", ")
        );
        let ended = evaluate(&text);
        ended.finds(&[]);
        let known = ["cue/budget", "cue/evaluation"];
        assert!(known.iter().any(|code| ended.stderr.contains(code)), "{call}{}", ended.shown());
    }
}

#[test]
fn numbers_past_all_bounds() {
    for text in [
        "x: 1e999999999\n".to_owned(),
        "x: 1e99999999999999999999999\n".to_owned(),
        "x: \"\\(1e999999999)\"\n".to_owned(),
        "x: int & 1e999999999\n".to_owned(),
        format!("x: {}\n", "9".repeat(1_000_000)),
    ] {
        let ended = evaluate(&text);
        ended.finds(&[]);
        assert!(ended.stderr.len() < 1_000_000, "the message repeats the number");
    }
}

#[test]
fn texts_without_end() {
    let many = 200_000;
    for (opener, tail) in [
        ("[", ""),
        ("{", ""),
        ("(", "1"),
        ("-", "1"),
        ("!", "true"),
        ("\"\\(", ""),
        ("a: ", "1"),
        ("[...", ""),
        ("{[string]: ", ""),
        ("{for a in b ", ""),
        ("\"\"\"\n\\(", ""),
        ("a?.", "b"),
    ] {
        evaluate(&format!("x: {}{tail}\n", opener.repeat(many))).finds(&[]);
    }
    for link in [".a", "[0]", "()", "[0:]", "...", " + 1", " * 2", " && true", " == 1", "?"] {
        evaluate(&format!("a: 1\nx: a{}\n", link.repeat(many))).finds(&[]);
    }
    // Chains of these have no depth.
    evaluate(&format!("x: 1{}\n", " | 1".repeat(many))).succeeds();
    evaluate(&format!("x: 1{}\n", " & 1".repeat(many))).succeeds();
}

#[test]
fn nesting_at_the_limit_is_evaluated() {
    let text = format!("{}x: 1\n{}", "a: {\n".repeat(900), "}\n".repeat(900));
    evaluate(&text).succeeds();
    let text = format!("x: {}1{}\n", "(1 + ".repeat(900), ")".repeat(900));
    evaluate(&text).succeeds();
    let text = format!("x: {}1{}\n", "(1 & ".repeat(900), ")".repeat(900));
    evaluate(&text).succeeds();
    let text = format!("x: {}1{}\n", "[".repeat(900), "]".repeat(900));
    evaluate(&text).succeeds();
}

#[test]
fn references_in_chains() {
    // Short chains have a value; long ones have one or are past the budget, in a bounded time.
    for (count, step) in [(500, "a@: a$"), (500, "a@: a$ + 1"), (250, "a@: {a$, f@: 1}")] {
        let first = if step.contains('{') { "{}" } else { "1" };
        let text = lines(1..count, |at| {
            step.replace('@', &at.to_string()).replace('$', &(at - 1).to_string())
        });
        evaluate(&format!("a0: {first}\n{text}")).succeeds();
    }
    for (count, step) in [
        (100_000, "a@: a$"),
        (20_000, "a@: a$ + 1"),
        (20_000, "a@: [a$][0]"),
        (600, "#a@: {#a$, f@: 1}"),
        (10_000, "a@: {b: a$}.b"),
    ] {
        let first = if step.contains('#') { "#a0: {}" } else { "a0: 1" };
        let forward = lines(1..count, |at| {
            step.replace('@', &at.to_string()).replace('$', &(at - 1).to_string())
        });
        let backward = lines(1..count, |at| {
            let at = count - at;
            step.replace('@', &at.to_string()).replace('$', &(at - 1).to_string())
        });
        for text in [forward, backward] {
            let ended = evaluate(&format!("{first}\n{text}"));
            if ended.code != Some(0) {
                ended.finds(&["cue/budget"]);
            }
        }
    }
}

#[test]
fn structs_and_lists_of_many() {
    let many = 50_000;
    let fields = lines(0..many, |at| format!("f{at}: {at}"));
    let types = lines(0..many, |at| format!("f{at}: int"));
    let items = lines(0..many, |at| format!("{at},"));
    for text in [
        format!("x: {{\n{fields}}}\n"),
        format!("#D: {{\n{types}}}\nx: #D & {{\n{fields}}}\n"),
        format!("#D: [string]: int\nx: #D & {{\n{fields}}}\n"),
        format!(
            "s: {{\n{fields}}}\nx: {{for k, v in s {{\"\\(k)x\": v}}}}\ny: [for v in s {{v}}]\n"
        ),
        format!("x: [...int] & [\n{items}]\n"),
        format!("s: {{\n{fields}}}\nx: s.f{}\n", many - 1),
        lines(0..many, |_| "x: int".to_owned()) + "x: 1\n",
    ] {
        let ended = evaluate(&text);
        ended.succeeds();
        assert!(ended.stdout.len() > 4);
    }
}

#[test]
fn patterns_that_backtrack() {
    let text = format!("x: =~\"(a*)*(a*)*(a*)*b\"\nx: \"{}\"\n", "a".repeat(5_000));
    evaluate(&text).finds(&["cue/out-of-bound"]);
    evaluate("x: =~\"((a{1,100}){1,100}){1,100}\"\nx: \"a\"\n").finds(&["cue/evaluation"]);
}
