//! The binary as a process: exit codes, closed pipes, folders, the environment.
#![allow(clippy::disallowed_methods, reason = "a test of a program needs files and processes")]

use std::io::Read;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn platformc(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_platformc"));
    command.current_dir(folder).env_clear();
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn run(command: &mut Command) -> (i32, Output) {
    let output = command.output().expect("the program runs");
    (output.status.code().unwrap_or(-1), output)
}

#[test]
fn a_new_workspace_builds_and_verifies() {
    let root = tempfile::tempdir().expect("a folder");
    let (code, output) = run(platformc(root.path()).args(["init", "a folder/shop"]));
    assert_eq!(code, 0, "{}", text(&output.stderr));
    let shop = root.path().join("a folder/shop");
    let (code, output) = run(platformc(&shop).args(["build", "--env", "all"]));
    assert_eq!(code, 0, "{}", text(&output.stderr));
    assert!(shop.join("dist/prod/kubernetes/prod/hello").is_dir());
    let (code, output) = run(platformc(&shop).args(["build", "--env", "all", "--verify"]));
    assert_eq!(code, 0, "{}", text(&output.stderr));
    let changed = shop.join("dist/dev/argocd/apps/dev/hello.yaml");
    std::fs::write(&changed, "changed: true\n").expect("writable");
    let (code, output) = run(platformc(&shop).args(["build", "--env", "dev", "--verify"]));
    assert_eq!((code, text(&output.stdout).as_str()), (1, "dev/argocd/apps/dev/hello.yaml\n"));
    let (code, _) = run(platformc(root.path()).args(["init", "a folder/shop"]));
    assert_eq!(code, 2);
}

#[test]
fn the_environment_chooses_and_the_option_comes_first() {
    let root = tempfile::tempdir().expect("a folder");
    run(platformc(root.path()).args(["init", "shop"]));
    let shop = root.path().join("shop");
    let (code, output) = run(platformc(&shop).arg("check"));
    assert_eq!(code, 1);
    assert!(text(&output.stderr).contains("workspace/environment"));
    let (code, output) = run(platformc(&shop).arg("check").env("PROVISIONING_ENV", "dev"));
    assert_eq!(code, 0);
    assert!(text(&output.stderr).contains("for dev"), "{}", text(&output.stderr));
    let mut command = platformc(&shop);
    let (code, output) = run(command.args(["check", "--env", "prod"]).env("PROVISIONING_ENV", "x"));
    assert_eq!(code, 0);
    assert!(text(&output.stderr).contains("for prod"));
}

#[test]
fn faults_of_use_exit_with_2() {
    let root = tempfile::tempdir().expect("a folder");
    for arguments in [
        &["chekc"][..],
        &["check", "-C", "missing"],
        &["explain", "no/such-code"],
        &["eval", "missing.cue"],
        &["build", "--jobs", "many"],
    ] {
        let (code, output) = run(platformc(root.path()).args(arguments));
        assert_eq!(code, 2, "{arguments:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty());
        assert!(!output.stderr.is_empty());
    }
    let (code, _) = run(platformc(root.path()).arg("check"));
    assert_eq!(code, 1, "a folder without a manifest is an error of the input");
}

#[test]
fn a_closed_pipe_is_no_fault() {
    let root = tempfile::tempdir().expect("a folder");
    let mut child = platformc(root.path())
        .args(["completion", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut first = [0];
    let mut stdout = child.stdout.take().expect("piped");
    stdout.read_exact(&mut first).expect("a byte");
    drop(stdout);
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn output_that_cannot_be_written_leaves_a_fault() {
    let root = tempfile::tempdir().expect("a folder");
    run(platformc(root.path()).args(["init", "shop"]));
    let shop = root.path().join("shop");
    std::fs::write(shop.join("dist"), "a file in the way").expect("writable");
    let (code, output) = run(platformc(&shop).args(["build", "--env", "dev"]));
    assert_eq!(code, 2);
    assert!(text(&output.stderr).contains("dist"), "{}", text(&output.stderr));
    assert_eq!(std::fs::read_to_string(shop.join("dist")).expect("kept"), "a file in the way");
}

#[test]
fn a_fresh_checkout_of_the_output_is_tidied_too() {
    let root = tempfile::tempdir().expect("a folder");
    run(platformc(root.path()).args(["init", "shop"]));
    let shop = root.path().join("shop");
    run(platformc(&shop).args(["build", "--env", "dev"]));
    // What a repository carries: the output without what the store keeps for itself.
    std::fs::remove_dir_all(shop.join("dist/dev/.platformc")).expect("removed");
    std::fs::write(shop.join("dist/dev/NOTES"), "not written by platformc").expect("writable");
    for name in ["hello.yaml", "hello.prod.yaml"] {
        std::fs::remove_file(shop.join("apps").join(name)).expect("removed");
    }
    let (code, output) = run(platformc(&shop).args(["build", "--env", "dev"]));
    assert_eq!(code, 0, "{}", text(&output.stderr));
    assert!(!shop.join("dist/dev/kubernetes/dev/hello/deployment.apps-web.yaml").exists());
    assert!(!shop.join("dist/dev/argocd/apps/dev/hello.yaml").exists());
    assert!(shop.join("dist/dev/NOTES").exists());
}
