//! Killed at any moment: the next build writes what an undisturbed one does.
#![cfg(unix)]

use std::time::{Duration, Instant};

use platformc_hostile::{Workspace, application};

fn applications(image: &str) -> String {
    let mut text = String::new();
    for at in 0..60 {
        let one = application(&format!("app-{at}")).replace("nginx:1.27", image);
        text.push_str(&format!("---\n{one}"));
    }
    text
}

#[test]
fn a_killed_build_loses_nothing() {
    let program = env!("CARGO_BIN_EXE_platformc-hostile");
    let clean = Workspace::new(program);
    clean.write("apps/a.yaml", applications("nginx:2"));
    let start = Instant::now();
    clean.run(&["build"]).succeeds();
    let whole = start.elapsed();
    let expected = clean.files("dist");
    assert!(expected.len() >= 120);

    let workspace = Workspace::new(program);
    let mut killed = 0;
    for round in 0..20_u32 {
        // Each round starts from the output of another text.
        workspace.write("apps/a.yaml", applications(&format!("nginx:1.{round}")));
        workspace.run(&["build"]).succeeds();
        let before = workspace.files("dist");
        workspace.write("apps/a.yaml", applications("nginx:2"));
        let after = whole.mul_f64(f64::from(round + 1) / 21.0);
        killed += u32::from(workspace.kill_after(&["build"], after.max(Duration::from_millis(1))));
        // Every file that is there is whole: the old one or the new one.
        for (path, bytes) in workspace.files("dist") {
            let known = |files: &[(String, Vec<u8>)]| {
                files.iter().any(|(name, whole)| *name == path && *whole == bytes)
            };
            assert!(known(&before) || known(&expected), "round {round}: {path} is torn");
        }
        workspace.run(&["build"]).succeeds();
        assert!(workspace.files("dist") == expected, "round {round}: the output differs");
        workspace.run(&["build", "--verify"]).succeeds();
    }
    assert!(killed > 0, "every build ended before it was killed");
}
