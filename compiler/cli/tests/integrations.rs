//! The files by which other tools run platformc, run as those tools run them: the GitHub Action and
//! the Argo CD plugin.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "the test runs shells and the program")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use platformc_format::yaml;
use platformc_source::FileId;
use platformc_value::Value;
use tempfile::TempDir;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> (String, Value) {
    let text = fs::read_to_string(repository().join(path)).expect("there");
    let outcome = yaml::read(FileId::NONE, &text);
    assert!(outcome.diagnostics.is_empty(), "{path}: {:?}", outcome.diagnostics);
    let [document] = <[_; 1]>::try_from(outcome.value).expect("one document");
    (text, document.value)
}

fn at<'v>(value: &'v Value, path: &[&str]) -> &'v Value {
    path.iter().fold(value, |value, key| {
        value.get(key).unwrap_or_else(|| panic!("there is no {key} of {path:?}"))
    })
}

fn text<'v>(value: &'v Value, path: &[&str]) -> &'v str {
    at(value, path).as_str().unwrap_or_else(|| panic!("{path:?} is no text"))
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_map().expect("a struct").keys().collect()
}

/// A repository with a workspace in the folder `platform`.
fn workspace() -> TempDir {
    let root = tempfile::tempdir().expect("a folder");
    let output = command(root.path(), env!("CARGO_BIN_EXE_platformc"), &["init", "platform"]);
    assert!(output.status.success());
    root
}

fn command(folder: &Path, program: &str, arguments: &[&str]) -> Output {
    with(folder, program, arguments, &[])
}

fn with(folder: &Path, program: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let bin = Path::new(env!("CARGO_BIN_EXE_platformc")).parent().expect("a folder");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).env_clear().env("PATH", path);
    command.envs(variables.iter().copied()).output().expect("runs")
}

fn said(output: &Output) -> String {
    let parts = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    parts.concat()
}

/// The names after `inputs.` in a text.
fn inputs_in(text: &str) -> Vec<&str> {
    text.split("inputs.")
        .skip(1)
        .map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            rest.get(..end.unwrap_or(rest.len())).unwrap_or("")
        })
        .collect()
}

#[test]
fn the_action_is_one() {
    let (text_of, action) = read("action.yml");
    let declared = keys(at(&action, &["inputs"]));
    for name in ["version", "env", "working-directory", "args", "sarif"] {
        assert!(declared.contains(&name), "{name}");
    }
    let used = inputs_in(&text_of);
    for name in &declared {
        assert!(used.contains(name), "the input {name} is never used");
        let input = at(&action, &["inputs", name]);
        assert!(input.get("description").is_some() && input.get("default").is_some(), "{name}");
    }
    for name in used {
        assert!(declared.contains(&name), "there is no input {name}");
    }
    assert_eq!(text(&action, &["runs", "using"]), "composite");
    for step in at(&action, &["runs", "steps"]).as_list().expect("steps") {
        assert_ne!(step.get("run").is_some(), step.get("uses").is_some());
        if let Some(script) = step.get("run").and_then(Value::as_str) {
            assert!(step.get("shell").is_some(), "a step of an action names its shell");
            // What a pull request can choose must not become code.
            assert!(!script.contains("${{"), "{script}");
        }
    }
}

/// Runs the step of the action that checks, as a runner does.
fn check(root: &Path, variables: &[(&str, &str)]) -> Output {
    let (_, action) = read("action.yml");
    let steps = at(&action, &["runs", "steps"]).as_list().expect("steps");
    let step = steps.iter().find(|step| step.get("id").and_then(Value::as_str) == Some("check"));
    let script = text(step.expect("a step that checks"), &["run"]);
    let temp = root.to_string_lossy();
    let output = root.join("output");
    let output = output.to_string_lossy();
    let mut all = vec![
        ("VERSION", "installed"),
        ("ENVIRONMENT", "all"),
        ("FOLDER", "platform"),
        ("ARGS", ""),
        ("SARIF", "false"),
        ("RUNNER_TEMP", &temp),
        ("GITHUB_OUTPUT", &output),
    ];
    all.extend(variables);
    let shell = ["--noprofile", "--norc", "-eo", "pipefail", "-c", script];
    with(&root.join("platform"), "bash", &shell, &all)
}

#[test]
fn the_action_checks() {
    let root = workspace();
    let output = check(root.path(), &[]);
    assert!(output.status.success(), "{}", said(&output));

    let app = root.path().join("platform/apps/hello.yaml");
    let sound = fs::read_to_string(&app).expect("there");
    fs::write(&app, sound.replace("image:", "imgae:")).expect("written");
    let output = check(root.path(), &[("SARIF", "true"), ("ENVIRONMENT", "prod")]);
    assert_eq!(output.status.code(), Some(1));
    let annotation = "::error file=platform/apps/hello.yaml,line=";
    assert!(said(&output).contains(annotation), "{}", said(&output));
    let sarif = fs::read_to_string(root.path().join("platformc.sarif")).expect("a log");
    assert!(sarif.contains("platform/apps/hello.yaml"), "{sarif}");
    let outputs = fs::read_to_string(root.path().join("output")).expect("outputs");
    assert!(outputs.starts_with("sarif-file="), "{outputs}");

    fs::write(&app, sound.replace("nginx:1.27-alpine", "nginx:alpine")).expect("written");
    let output = check(root.path(), &[("ARGS", "--deny placeholder --locked")]);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));

    let output = check(root.path(), &[("VERSION", "99.0.0")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("not 99.0.0"), "{}", said(&output));
    let output = check(root.path(), &[("VERSION", env!("CARGO_PKG_VERSION"))]);
    assert!(output.status.success(), "{}", said(&output));
}

/// Runs what the Argo CD plugin generates with.
fn generate(root: &Path, parameters: &[(&str, &str)]) -> Output {
    let (_, plugin) = read("examples/argocd-plugin/plugin.yaml");
    let words = |key: &str| -> Vec<String> {
        let list = at(&plugin, &["spec", "generate", key]).as_list().expect("a list");
        list.iter().map(|word| word.as_str().expect("a word").to_owned()).collect()
    };
    let words: Vec<String> = words("command").into_iter().chain(words("args")).collect();
    let (program, arguments) = words.split_first().expect("a command");
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    with(&root.join("platform"), program, &arguments, parameters)
}

#[test]
fn argo_cd_renders_a_workspace() {
    let (_, plugin) = read("examples/argocd-plugin/plugin.yaml");
    assert_eq!(text(&plugin, &["apiVersion"]), "argoproj.io/v1alpha1");
    assert_eq!(text(&plugin, &["kind"]), "ConfigManagementPlugin");
    assert_eq!(keys(&plugin), ["apiVersion", "kind", "metadata", "spec"]);
    let (_, application) = read("examples/argocd-plugin/application.yaml");
    let own = at(&application, &["spec", "source", "plugin"]);
    assert_eq!(text(own, &["name"]), text(&plugin, &["metadata", "name"]));
    let names = |list: &Value| -> Vec<String> {
        let list = list.as_list().expect("a list").iter();
        list.map(|item| text(item, &["name"]).to_owned()).collect()
    };
    let declared = names(at(&plugin, &["spec", "parameters", "static"]));
    assert_eq!(declared, ["env", "cluster", "app"]);
    assert_eq!(names(at(own, &["parameters"])), declared);

    let root = workspace();
    let discovered = text(&plugin, &["spec", "discover", "fileName"]);
    assert!(root.path().join("platform").join(discovered).exists());
    let good = [("PARAM_ENV", "prod"), ("PARAM_CLUSTER", "prod"), ("PARAM_APP", "hello")];
    let output = generate(root.path(), &good);
    assert!(output.status.success(), "{}", said(&output));
    let stream = String::from_utf8(output.stdout).expect("text");
    let objects = yaml::read(FileId::NONE, &stream).value;
    let kinds: Vec<&str> =
        objects.iter().map(|document| text(&document.value, &["kind"])).collect();
    assert_eq!(kinds, ["Deployment", "Service"]);
    assert!(!root.path().join("platform/dist").exists());

    // Without a value, with one that looks like an option, or with a mistake nothing is printed: an
    // empty list of objects would remove what runs.
    for (at, value) in [(0, "--verify"), (1, "../.."), (2, "helo"), (2, "")] {
        let mut bad = good;
        bad[at].1 = value;
        let output = generate(root.path(), &bad);
        assert!(!output.status.success() && output.stdout.is_empty(), "{value}");
    }
    assert!(!generate(root.path(), &good[..2]).status.success());
}
