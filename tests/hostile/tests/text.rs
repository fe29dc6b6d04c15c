//! Files that are no text, or text made to hurt, where documents and definitions are expected.

use platformc_hostile::{Ended, Workspace, application};

fn workspace() -> Workspace {
    Workspace::new(env!("CARGO_BIN_EXE_platformc-hostile"))
}

fn build(path: &str, bytes: impl AsRef<[u8]>) -> Ended {
    let workspace = workspace();
    workspace.write(path, bytes);
    let ended = workspace.run(&["build"]);
    assert!(workspace.files("dist").is_empty(), "{path}: something was written");
    ended
}

const FILES: [&str; 4] = ["apps/x.yaml", "apps/x.json", "apps/x.cue", "platform.toml"];

#[test]
fn bytes_that_are_no_text() {
    for path in FILES {
        build(path, b"name: \xff\xfe\n").finds(&["source/not-utf8"]);
        build(path, b"\xff\xfea\0b\0").finds(&["source/not-utf8"]);
        build(path, b"name: a\0b\n").finds(&["source/nul"]);
    }
    build("definitions/x.cue", b"\xc0\x80").finds(&["source/not-utf8"]);
}

#[test]
fn brackets_without_end() {
    for (path, code) in
        FILES.iter().zip(["yaml/too-deep", "json/too-deep", "cue/syntax", "toml/syntax"])
    {
        let start = if path.ends_with("toml") { "a = " } else { "" };
        build(path, format!("{start}{}", "[".repeat(200_000))).finds(&[code]);
        build(path, format!("{start}{}", "{\"a\":".repeat(200_000))).finds(&[]);
    }
}

#[test]
fn maps_without_end() {
    let mut nested = String::new();
    for depth in 0..5_000 {
        nested.push_str(&" ".repeat(depth));
        nested.push_str("a:\n");
    }
    build("apps/x.yaml", nested).finds(&["yaml/too-deep"]);
    let nested = format!("{}x: 1\n{}", "a: {\n".repeat(5_000), "}\n".repeat(5_000));
    build("apps/x.cue", &nested).finds(&["cue/syntax"]);
    build("definitions/x.cue", &nested).finds(&["cue/syntax"]);
}

#[test]
fn aliases_that_multiply() {
    let mut text = application("bomb");
    text.push_str("        a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for at in 1..12 {
        let items = vec![format!("*a{}", at - 1); 10].join(", ");
        text.push_str(&format!("        a{at}: &a{at} [{items}]\n"));
    }
    build("apps/x.yaml", text).finds(&["yaml/alias"]);
}

#[test]
fn properties_that_are_too_much() {
    let deep = format!("        cmd: {}{}\n", "[".repeat(400), "]".repeat(400));
    build("apps/x.yaml", application("deep") + &deep).finds(&[]);
    let wide: String = (0..2_000).map(|at| format!("        x{at}: {at}\n")).collect();
    build("apps/x.yaml", application("wide") + &wide).finds(&["definition/unknown-property"]);
    let number = "        ports: [{port: 1e999999999}]\n";
    build("apps/x.yaml", application("number") + number).finds(&[]);
}

#[test]
fn definitions_that_never_end() {
    let definition = |template: &str| {
        format!(
            "bomb: {{\n\ttype: \"component\"\n\tattributes: workload: definition: {{apiVersion: \
             \"v1\", kind: \"ConfigMap\"}}\n}}\ntemplate: {{\n{template}\n}}\n"
        )
    };
    let doubling: String =
        (1..40).map(|at| format!("a{at}: {{p: a{0}, q: a{0}, r: a{0}}}\n", at - 1)).collect();
    for template in [
        "#A: {n: #A}\noutput: {apiVersion: \"v1\", kind: \"ConfigMap\", data: #A}\nparameter: {}"
            .to_owned(),
        "x: {y: x}\noutput: {apiVersion: \"v1\", kind: \"ConfigMap\", data: x}\nparameter: {}"
            .to_owned(),
        format!(
            "a0: {{v: 1}}\n{doubling}output: {{apiVersion: \"v1\", kind: \"ConfigMap\", data: a39}}\n\
             parameter: {{}}"
        ),
    ] {
        let workspace = workspace();
        workspace.write("definitions/bomb.cue", definition(&template));
        let text = application("alpha")
            .replace("type: webservice", "type: bomb")
            .replace("      properties:\n        image: nginx:1.27\n", "");
        workspace.write("apps/a.yaml", text);
        let ended = workspace.run(&["build"]);
        ended.finds(&[]);
        let known = ["cue/structural-cycle", "cue/budget", "definition/"];
        assert!(known.iter().any(|code| ended.stderr.contains(code)), "{}", ended.shown());
        assert!(workspace.files("dist").is_empty());
    }
}
