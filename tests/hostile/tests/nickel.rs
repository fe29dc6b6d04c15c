//! Nickel made to run for ever, to fill the memory, to overflow the stack, to read what it may not.

use platformc_hostile::{Ended, Workspace};

fn evaluate(text: &str) -> Ended {
    let workspace = Workspace::new(env!("CARGO_BIN_EXE_platformc-hostile"));
    workspace.write("x.ncl", text);
    workspace.run(&["eval", "x.ncl"])
}

#[test]
fn functions_that_do_not_end() {
    for text in [
        "let rec f = fun n => f (n + 1) in { a = f 0 }",
        "let rec f = fun n => 1 + f (n + 1) in { a = f 0, b = f 1 }",
        "let rec mk = fun n => { v = n, next = mk (n + 1) } in mk 0",
        "let rec mk = fun n => [n, mk (n + 1)] in mk 0",
        "let rec r = { a = r } in r",
        "let omega = fun x => x x in omega omega",
        "{ a = std.array.fold_left (fun acc x => { a = acc }) {} (std.array.range 0 300000) }",
    ] {
        evaluate(text).finds(&["nickel/budget"]);
    }
    evaluate("{ a = b, b = a }").finds(&["nickel/recursion", "nickel/recursion"]);
}

#[test]
fn values_that_fill_the_memory() {
    let doubled = |first: &str, step: &str| {
        let mut text = format!("let x0 = {first} in ");
        for at in 0..40 {
            let next = step.replace('$', &format!("x{at}"));
            text.push_str(&format!("let x{} = {next} in ", at + 1));
        }
        text + "{ a = x40 }"
    };
    for text in [
        "{ a = std.array.generate (fun x => x) 1000000000 }".to_owned(),
        "{ a = std.array.replicate 1000000000 \"x\" }".to_owned(),
        doubled("\"aaaaaaaaaa\"", "\"%{$}%{$}\""),
        doubled("[1, 2]", "$ @ $"),
        doubled("10", "$ * $"),
        "{ a = 1e999999999 }".to_owned(),
    ] {
        let ended = evaluate(&text);
        assert!(ended.stderr.contains("nickel/budget"), "{text}{}", ended.shown());
        assert_eq!(ended.code, Some(1), "{text}{}", ended.shown());
    }
}

#[test]
fn text_that_nests() {
    let around = |open: &str, close: &str, n: usize| {
        format!("{{ a = {}1{} }}", open.repeat(n), close.repeat(n))
    };
    for text in [
        around("[", "]", 100_000),
        around("(", ")", 100_000),
        around("{ b = ", " }", 100_000),
        around("1 + ", "", 100_000),
        around("fun x => ", "", 100_000),
        around("let y = 1 in ", "", 50_000),
        around("if true then ", " else 1", 50_000),
        around("\"%{", "}\"", 50_000),
        "[".repeat(500_000),
        "\"%{".repeat(100_000),
    ] {
        let ended = evaluate(&text);
        assert!(ended.stderr.contains("nickel/budget"), "{}", ended.shown());
        assert_eq!(ended.code, Some(1), "{}", ended.shown());
    }
    // The deepest that is let through works.
    evaluate(&around("[", "]", 250)).succeeds();
    evaluate(&around("1 + ", "", 4_000)).succeeds();
    evaluate(&around("let y = 1 in ", "", 1_500)).succeeds();
    evaluate(&around("if true then ", " else 1", 1_500)).succeeds();
}

#[test]
fn imports_of_what_is_not_there_for_them() {
    let imports = [
        "import \"/etc/hostname\" as 'Text",
        "import \"../../../../../../etc/hostname\" as 'Text",
        "import \"\\u{2f}etc/hostname\" as 'Text",
        "let { a ? import \"/etc/hostname\" as 'Text } = {} in a",
        "{ a | (import \"/etc/hostname\" as 'Text) = 1 }",
        "(fun { a ? import \"/etc/hostname\" as 'Text } => a) {}",
        "\"%{import \"/etc/hostname\" as 'Text}\"",
        "import \"/proc/self/environ\" as 'Text",
        "import \"x.ncl\"",
        "import other",
    ];
    for text in imports {
        let ended = evaluate(text);
        assert!(ended.stderr.contains("nickel/import"), "{text}{}", ended.shown());
        assert_eq!(ended.code, Some(1), "{text}{}", ended.shown());
    }
}

#[test]
fn imports_that_multiply() {
    let workspace = Workspace::new(env!("CARGO_BIN_EXE_platformc-hostile"));
    for at in 0..60 {
        let next = format!("l{}.ncl", at + 1);
        let text = format!("{{ a = import \"{next}\", b = import \"{next}\" }}");
        workspace.write(&format!("l{at}.ncl"), text);
    }
    workspace.write("l60.ncl", "{");
    workspace.run(&["eval", "l0.ncl"]).finds(&["nickel/syntax"]);
    workspace.write("l60.ncl", "1");
    workspace.run(&["eval", "l0.ncl"]).finds(&["nickel/budget"]);
}
