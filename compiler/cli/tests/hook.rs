//! `platformc hook` with git itself: what is committed is checked, and nothing else.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "the test runs git and the program")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A repository with a workspace in a folder of an awkward name.
struct Repository {
    root: TempDir,
}

const FOLDER: &str = "my platform's";

impl Repository {
    fn new() -> Repository {
        let repository = Repository { root: tempfile::tempdir().expect("a folder") };
        fs::create_dir(repository.top()).expect("the top");
        repository.good("git", &["init", "-q", "-b", "main"]);
        repository.good("platformc", &["init", FOLDER]);
        repository.good("git", &["add", "."]);
        repository.good("git", &["commit", "-qm", "Begin"]);
        repository
    }

    fn top(&self) -> PathBuf {
        self.root.path().join("repository")
    }

    fn run_in(&self, folder: &Path, program: &str, arguments: &[&str]) -> Output {
        let bin = Path::new(env!("CARGO_BIN_EXE_platformc"));
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(bin.parent().expect("a folder").to_path_buf())
            .chain(std::env::split_paths(&paths));
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(folder)
            .env("PATH", std::env::join_paths(paths).expect("a path"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("HOME", self.root.path());
        for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "PROVISIONING_ENV"] {
            command.env_remove(variable);
        }
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "a person");
            command.env(format!("GIT_{role}_EMAIL"), "person@example.com");
        }
        command.output().expect("runs")
    }

    /// Runs something that has to succeed; what it says on standard error.
    fn good(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.run_in(&self.top(), program, arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{program} {arguments:?}: {said}");
        said
    }

    /// Runs something that has to fail; what it says on standard error.
    fn bad(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.run_in(&self.top(), program, arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{program} {arguments:?}: {said}");
        said
    }

    fn install(&self, options: &[&str]) {
        let mut arguments = vec!["hook", "install", "-C", FOLDER];
        if !options.is_empty() {
            arguments.push("--");
            arguments.extend(options);
        }
        self.good("platformc", &arguments);
    }

    fn change(&self, from: &str, to: &str) {
        let path = self.top().join(FOLDER).join("apps/hello.yaml");
        let text = fs::read_to_string(&path).expect("there");
        assert!(text.contains(from));
        fs::write(path, text.replace(from, to)).expect("written");
    }
}

#[test]
fn what_is_committed_is_checked() {
    let repository = Repository::new();
    repository.install(&[]);
    repository.change("image:", "imgae:");
    repository.good("git", &["commit", "-qm", "Nothing is staged", "--allow-empty"]);
    let said = repository.bad("git", &["commit", "-qam", "A fault"]);
    assert!(said.contains("definition/unknown-property"), "{said}");
    assert!(said.contains("apps/hello.yaml:"), "{said}");

    // A fault that is not staged plays no part, and neither does one that is staged no longer.
    repository.change("imgae:", "image:");
    repository.change("port: 80", "port: 8080");
    repository.good("git", &["add", "."]);
    repository.change("image:", "imgae:");
    repository.good("git", &["commit", "-qm", "Sound"]);

    // Other files of the repository are committed unchecked.
    repository.good("git", &["commit", "-qam", "A fault", "--no-verify"]);
    fs::write(repository.top().join("NOTES.md"), "notes\n").expect("written");
    repository.good("git", &["add", "NOTES.md"]);
    repository.good("git", &["commit", "-qm", "Notes"]);

    // A commit that only removes something is checked too.
    repository.change("imgae:", "image:");
    repository.good("git", &["commit", "-qam", "Sound again"]);
    repository.good("git", &["rm", "-q", &format!("{FOLDER}/apps/hello.yaml")]);
    let said = repository.bad("git", &["commit", "-qm", "Leave the overlay"]);
    assert!(said.contains("workspace/overlay"), "{said}");

    // Where the workspace is gone there is nothing to check.
    repository.good("git", &["rm", "-qr", FOLDER]);
    repository.good("git", &["commit", "-qm", "There is no workspace any more"]);
}

#[test]
fn options_of_check_are_kept() {
    let repository = Repository::new();
    let said =
        repository.bad("platformc", &["hook", "install", "-C", FOLDER, "--", "--evn", "prod"]);
    assert!(said.contains("--evn"), "{said}");
    repository.install(&["--env", "prod", "--deny", "placeholder"]);
    repository.change("nginx:1.27-alpine", "nginx:alpine");
    let said = repository.bad("git", &["commit", "-qam", "A placeholder"]);
    assert!(said.contains("denied by --deny placeholder"), "{said}");
}

#[test]
fn other_work_trees_have_the_hook_too() {
    let repository = Repository::new();
    repository.good("git", &["worktree", "add", "-q", "../second", "-b", "second"]);
    let second = repository.root.path().join("second");
    let output = repository.run_in(&second.join(FOLDER), "platformc", &["hook", "install"]);
    assert!(output.status.success());
    repository.change("image:", "imgae:");
    repository.bad("git", &["commit", "-qam", "A fault"]);
    fs::write(second.join(FOLDER).join("apps/hello.yaml"), "a: [\n").expect("written");
    let output = repository.run_in(&second, "git", &["commit", "-qam", "A fault"]);
    assert!(!output.status.success());
}

#[test]
fn hooks_of_others_are_left_alone() {
    let repository = Repository::new();
    let hook = repository.top().join(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().expect("a folder")).expect("made");
    fs::write(&hook, "#!/bin/sh\n").expect("written");
    let install = ["hook", "install", "-C", FOLDER];
    let uninstall = ["hook", "uninstall", "-C", FOLDER];
    for command in [&install, &uninstall] {
        let said = repository.bad("platformc", command.as_slice());
        assert!(said.contains("did not write"), "{said}");
    }
    assert_eq!(fs::read_to_string(&hook).expect("there"), "#!/bin/sh\n");
    fs::remove_file(&hook).expect("removed");

    repository.install(&[]);
    assert!(repository.good("platformc", &install).contains("up to date"));
    repository.good("platformc", &uninstall);
    assert!(!hook.exists());
    assert!(repository.good("platformc", &uninstall).contains("there is no"));

    // Hooks that are kept in the repository are found; those of all repositories are not touched.
    repository.good("git", &["config", "core.hooksPath", ".githooks"]);
    repository.install(&[]);
    assert!(repository.top().join(".githooks/pre-commit").exists());
    repository.good("git", &["config", "core.hooksPath", "../shared"]);
    let said = repository.bad("platformc", &install);
    assert!(said.contains("outside the repository"), "{said}");
    assert!(!repository.root.path().join("shared").exists());
}
