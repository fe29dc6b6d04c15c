//! Workspaces whose files are not what they seem, and output folders that do not take what is
//! written.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "a test prepares the folders it judges")]

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use platformc_hostile::{Workspace, application};

fn workspace() -> Workspace {
    Workspace::new(env!("CARGO_BIN_EXE_platformc-hostile"))
}

fn fifo(workspace: &Workspace, path: &str) {
    let path = workspace.path(path);
    let made = Command::new("mkfifo").arg(&path).status().expect("mkfifo runs");
    assert!(made.success());
}

#[test]
fn what_it_starts_from_builds() {
    let workspace = workspace();
    workspace.run(&["build"]).succeeds();
    assert!(workspace.files("dist").len() >= 2);
    workspace.run(&["build", "--verify"]).succeeds();
}

#[test]
fn links_that_leave_the_workspace_are_not_followed() {
    for (target, link) in [
        ("/etc", "apps/etc"),
        ("/etc/passwd", "apps/b.yaml"),
        ("../..", "apps/up"),
        ("/etc", "definitions/x"),
        ("/etc/passwd", "definitions/x.cue"),
        ("/proc/self/environ", "apps/environment.yaml"),
    ] {
        let workspace = workspace();
        fs::create_dir_all(workspace.path("definitions")).expect("a folder");
        symlink(target, workspace.path(link)).expect("a link");
        let ended = workspace.run(&["build"]);
        ended.finds(&["source/outside-workspace"]);
        assert!(!ended.stderr.contains("root:"), "{}", ended.shown());
        assert!(workspace.files("dist").is_empty());
    }
}

#[test]
fn links_that_lead_in_circles_are_found() {
    for (target, link) in
        [("../apps", "apps/loop"), ("loop.yaml", "apps/loop.yaml"), ("nowhere", "apps/n.yaml")]
    {
        let workspace = workspace();
        symlink(target, workspace.path(link)).expect("a link");
        workspace.run(&["build"]).finds(&["source/io"]);
    }
}

#[test]
fn files_that_are_no_files_are_not_opened() {
    for (path, code) in [
        ("apps/f.yaml", "source/io"),
        ("apps/a.test.yaml", "source/io"),
        ("definitions/f.cue", "source/io"),
        ("platform.toml", "source/io"),
    ] {
        let workspace = workspace();
        fs::create_dir_all(workspace.path("definitions")).expect("a folder");
        let _ = fs::remove_file(workspace.path(path));
        fifo(&workspace, path);
        workspace.run(&["build"]).finds(&[code]);
    }
    let workspace = workspace();
    fs::remove_file(workspace.path("platform.toml")).expect("was there");
    fs::create_dir(workspace.path("platform.toml")).expect("a folder");
    workspace.run(&["build"]).finds(&["source/io"]);
    fs::remove_dir_all(workspace.path("apps")).expect("was there");
    workspace.write("apps", "");
    workspace.write("definitions", "");
    assert_eq!(workspace.run(&["build"]).code, Some(1));
}

#[test]
fn nothing_is_written_through_links_or_over_folders() {
    type Prepare<'a> = &'a dyn Fn(&Workspace);
    let cases: [(&str, Prepare<'_>); 6] = [
        ("not a directory", &|workspace| workspace.write("dist", "")),
        ("exists", &|workspace| workspace.write("dist/test", "")),
        ("a folder on the way is a link", &|workspace| {
            fs::create_dir_all(workspace.path("dist/test")).expect("a folder");
            fs::create_dir_all(workspace.path("elsewhere")).expect("a folder");
            symlink("../../elsewhere", workspace.path("dist/test/kubernetes")).expect("a link");
        }),
        ("a folder is in the way", &|workspace| {
            let path = "dist/test/kubernetes/test/alpha/deployment.apps-web.yaml/x";
            fs::create_dir_all(workspace.path(path)).expect("a folder");
        }),
        ("a link is in the way", &|workspace| {
            let path = workspace.path("dist/test/kubernetes/test/alpha");
            fs::create_dir_all(&path).expect("a folder");
            let link = path.join("deployment.apps-web.yaml");
            symlink("../../../../../apps/a.yaml", link).expect("a link");
        }),
        ("is not a folder", &|workspace| {
            fs::create_dir_all(workspace.path("dist/test")).expect("a folder");
            fs::create_dir_all(workspace.path("elsewhere")).expect("a folder");
            symlink("../../elsewhere", workspace.path("dist/test/.platformc")).expect("a link");
        }),
    ];
    for (reason, prepare) in cases {
        let workspace = workspace();
        prepare(&workspace);
        let ended = workspace.run(&["build"]);
        assert_eq!(ended.code, Some(2), "{reason}: {}", ended.shown());
        let said: Vec<&str> = ended.stderr.split_whitespace().filter(|word| *word != "│").collect();
        assert!(said.join(" ").to_lowercase().contains(reason), "{reason}: {}", ended.shown());
        assert!(workspace.files("elsewhere").is_empty(), "{reason}");
        let source = fs::read_to_string(workspace.path("apps/a.yaml")).expect("still there");
        assert_eq!(source, application("alpha"), "{reason}");
    }
}

#[test]
fn what_was_there_before_a_full_disk_is_there_after_it() {
    let workspace = workspace();
    workspace.run(&["build"]).succeeds();
    let before = workspace.files("dist");
    let mut text = application("alpha");
    for at in 0..20 {
        let long = "x".repeat(4_000);
        text.push_str(&format!(
            "---\n{}        cmd: [\"{long}\"]\n",
            application(&format!("more-{at}"))
        ));
    }
    workspace.write("apps/a.yaml", text);
    // No file may grow past a block: the disk is full where it matters.
    let ended = workspace.run_after("trap '' XFSZ; ulimit -f 1", &["build"]);
    ended.fails("the output is as it was before");
    assert_eq!(workspace.files("dist"), before);
    workspace.run(&["build"]).succeeds();
    assert!(workspace.files("dist").len() > before.len() + 20);
    workspace.run(&["build", "--verify"]).succeeds();
}

#[test]
fn only_what_the_compiler_wrote_is_removed() {
    let workspace = workspace();
    workspace.run(&["build"]).succeeds();
    workspace.write("dist/test/kubernetes/test/alpha/note.txt", "mine");
    workspace.write("keep.txt", "mine");
    // A record of owned files that names one outside is not believed.
    let owned = workspace.path("dist/test/.platformc/owned");
    let mut record = fs::read_to_string(&owned).expect("the record");
    record.push_str(
        "own 0a232406160a85e4c5d83587053dbb11f335dd28321b7d049bfc51fcc98aacd8 \
                     ../../keep.txt\n",
    );
    fs::write(&owned, record).expect("writable");
    workspace.write("apps/a.yaml", application("beta"));
    workspace.run(&["build"]).succeeds();
    let kept = |path: &str| fs::read_to_string(workspace.path(path)).ok();
    assert_eq!(kept("keep.txt").as_deref(), Some("mine"));
    assert_eq!(kept("dist/test/kubernetes/test/alpha/note.txt").as_deref(), Some("mine"));
}
