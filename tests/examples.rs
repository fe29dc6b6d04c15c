//! Every example compiles to the output committed beside it, byte for byte.
//!
//! Invariant: an example is built from a copy without its output, so that a file which is no
//! longer written shows as well as one that changed.
#![allow(clippy::disallowed_methods, reason = "a test reads the examples")]

use std::collections::BTreeMap;
use std::path::Path;

use platformc_tests::workspace::Workspace;
use platformc_tests::{difference, repository, updating};

/// Builds every environment of an example; path and text of every file it writes.
fn build(folder: &Path) -> BTreeMap<String, String> {
    let workspace = Workspace::new().expect("a folder");
    workspace.copy(folder).expect("a copy");
    let arguments = ["build", "--env", "all"].map(str::to_owned);
    let run = workspace.run(&arguments, &BTreeMap::new());
    assert_eq!(run.exit, 0, "{}:\n{}", folder.display(), run.stderr);
    workspace.texts("dist").expect("the output").into_iter().collect()
}

fn committed(folder: &Path) -> BTreeMap<String, String> {
    let dist = folder.join("dist");
    if !dist.exists() {
        return BTreeMap::new();
    }
    let files = platformc_tests::files_below(&dist, "").expect("the output");
    let files = files.into_iter().filter_map(|path| {
        let name = path.strip_prefix(folder).expect("below").to_string_lossy().replace('\\', "/");
        let own = name.split('/').any(|step| step == platformc_host::STATE_FOLDER);
        (!own).then(|| (name, std::fs::read_to_string(&path).expect("text")))
    });
    files.collect()
}

#[test]
fn examples_compile_to_what_is_committed() {
    let mut faults = Vec::new();
    let mut count = 0;
    let examples = repository().join("examples");
    for manifest in platformc_tests::files_below(&examples, "platform.toml").expect("examples") {
        let folder = manifest.parent().expect("a folder");
        let name = folder.strip_prefix(&examples).expect("below").display();
        count += 1;
        let (found, expected) = (build(folder), committed(folder));
        if updating() {
            let _ = std::fs::remove_dir_all(folder.join("dist"));
            for (path, text) in &found {
                let path = folder.join(path);
                std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                std::fs::write(path, text).expect("written");
            }
            continue;
        }
        for (path, text) in &found {
            match expected.get(path) {
                None => faults.push(format!("{name}/{path} is not committed")),
                Some(old) if old != text => {
                    faults.push(format!("{name}/{path}: {}", difference(old, text)));
                }
                Some(_) => {}
            }
        }
        let gone = expected.keys().filter(|path| !found.contains_key(*path));
        faults.extend(gone.map(|path| format!("{name}/{path} is no longer written")));
    }
    assert!(count > 0, "there are no examples");
    assert!(faults.is_empty(), "{}\nPLATFORMC_UPDATE=1 rewrites them", faults.join("\n"));
}
