//! Names and manifests that try to reach other files, other lines or other objects.

use platformc_hostile::{MANIFEST, Workspace, application};

fn workspace() -> Workspace {
    Workspace::new(env!("CARGO_BIN_EXE_platformc-hostile"))
}

/// Names as YAML writes them.
fn names() -> Vec<String> {
    let mut names: Vec<String> = [
        "../../x",
        "..",
        ".",
        "\"\"",
        "/abs",
        "\"a/b\"",
        "\"a\\\\b\"",
        "\"a\\nb\"",
        "\"a\\0b\"",
        "\"a%2f..%2fb\"",
        "\"a b\"",
        "\"-x\"",
        "\"x-\"",
        "\"\\u202eb\"",
        "\"\\u00e9\"",
        "\"$(x)\"",
        "\"{{x}}\"",
        "UPPER",
        "\"a:b\"",
        "\"con.\"",
        "\"\\e[31m\"",
    ]
    .map(str::to_owned)
    .to_vec();
    names.push("a".repeat(300));
    names.push("a".repeat(100_000));
    names
}

fn is_harmless(text: &str) -> bool {
    !text.chars().any(|c| (c.is_control() && c != '\n' && c != '\t') || c == '\u{202e}')
}

#[test]
fn names_of_applications() {
    for name in names() {
        let workspace = workspace();
        workspace.write("apps/a.yaml", application(&name));
        let ended = workspace.run(&["build"]);
        ended.finds(&["model/invalid-name"]);
        assert!(is_harmless(&ended.stderr), "{name}: {:?}", ended.stderr);
        assert!(workspace.files("dist").is_empty(), "{name}");
    }
}

#[test]
fn names_of_components() {
    for name in names() {
        let workspace = workspace();
        let text = application("alpha").replace("name: web", &format!("name: {name}"));
        workspace.write("apps/a.yaml", text);
        let ended = workspace.run(&["build"]);
        ended.finds(&["model/invalid-name"]);
        assert!(is_harmless(&ended.stderr), "{name}: {:?}", ended.stderr);
        assert!(workspace.files("dist").is_empty(), "{name}");
    }
}

#[test]
fn names_that_are_no_text() {
    for name in ["123", "1.5", "true", "{a: b}", "[a]", "~"] {
        let workspace = workspace();
        workspace.write("apps/a.yaml", application(name));
        let ended = workspace.run(&["build"]);
        ended.finds(&[]);
        assert!(ended.stderr.contains("error[model/"), "{name}: {}", ended.shown());
    }
}

#[test]
fn names_of_types_and_traits() {
    for name in names() {
        let workspace = workspace();
        let text = application("alpha").replace("type: webservice", &format!("type: {name}"));
        workspace.write("apps/a.yaml", text);
        let ended = workspace.run(&["build"]);
        ended.finds(&[]);
        assert!(is_harmless(&ended.stderr), "{name}: {:?}", ended.stderr);
    }
}

#[test]
fn one_name_twice() {
    let workspace = workspace();
    workspace.write("apps/b.yaml", application("alpha"));
    workspace.run(&["build"]).finds(&["workspace/duplicate"]);
    let twice = format!("{}---\n{}", application("alpha"), application("alpha"));
    workspace.write("apps/b.yaml", "");
    workspace.write("apps/a.yaml", twice);
    workspace.run(&["build"]).finds(&["workspace/duplicate"]);
}

#[test]
fn manifests() {
    let cluster = "[clusters.c]\nserver = \"https://x\"\nkubernetes = \"1.31\"\n";
    let deep = format!("x = {}", "[".repeat(200_000));
    let dotted = format!("{} = 1\n", vec!["a"; 100_000].join("."));
    let wide: String = (0..20_000).map(|at| format!("x{at} = {at}\n")).collect();
    let named = MANIFEST.replace("\"hostile\"", "\"../../x\"");
    let environment = MANIFEST.replace("environments.test", "environments.\"../../e\"");
    let outside = MANIFEST.replace("\"test\"", "\"../../c\"");
    let clusters = outside.replace("[clusters.test]", "[clusters.\"../../c\"]");
    for (text, code) in [
        (String::new(), "model/missing-field"),
        ("name = 3\nenvironments = 4\nclusters = []\n".to_owned(), "model/wrong-type"),
        (named, "model/invalid-name"),
        (environment, "model/invalid-name"),
        (clusters, "model/invalid-name"),
        (format!("{deep}\n{MANIFEST}"), "toml/syntax"),
        (format!("{dotted}{MANIFEST}"), "toml/syntax"),
        (format!("{wide}{MANIFEST}"), "model/unknown-field"),
        (format!("name = \"x\"\n[environments.e]\nclusters = [\"d\"]\n{cluster}"), "workspace/"),
        (MANIFEST.replace("\"1.31\"", "\"99999999999999999999.1\""), "model/invalid-value"),
        (MANIFEST.replace("\"1.31\"", "1e999"), "model/"),
        (format!("{MANIFEST}{MANIFEST}"), "toml/syntax"),
        (format!("required-version = \">=999\"\n{MANIFEST}"), "workspace/"),
    ] {
        let workspace = workspace();
        workspace.write("platform.toml", &text);
        let ended = workspace.run(&["build", "--env", "all"]);
        ended.finds(&[]);
        let shown: String = text.chars().take(60).collect();
        assert!(ended.stderr.contains(&format!("error[{code}")), "{shown}: {}", ended.shown());
        assert!(workspace.files("dist").is_empty(), "{shown}");
    }
}
