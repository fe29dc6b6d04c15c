//! All cases: those of `tests/cases`, the pages of diagnostic codes, the shipped definitions.

use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Trial};
use platformc_tests::{case, definition_case, files_below, page, repository};

fn name(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).with_extension("").to_string_lossy().replace('\\', "/")
}

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    let root = repository();
    let cases = root.join("tests/cases");
    for path in files_below(&cases, ".txt").expect("the folder of cases") {
        let name = format!("case/{}", name(&cases, &path));
        trials.push(Trial::test(name, move || case::run(&path).map_err(Into::into)));
    }
    let pages = root.join("docs/diagnostics");
    for path in files_below(&pages, ".md").expect("the folder of pages") {
        let code = name(&pages, &path);
        if code.contains('/') {
            let title = format!("page/{code}");
            trials.push(Trial::test(title, move || page::run(&path, &code).map_err(Into::into)));
        }
    }
    let definitions = root.join("stdlib/definitions/tests");
    for path in files_below(&definitions, "/app.yaml").expect("the cases of definitions") {
        let folder: PathBuf = path.parent().unwrap_or(&path).to_path_buf();
        let name = format!("definition/{}", name(&definitions, &folder));
        trials.push(Trial::test(name, move || definition_case::run(&folder).map_err(Into::into)));
    }
    assert!(trials.len() > 100, "only {} cases were found", trials.len());
    libtest_mimic::run(&arguments, trials).exit();
}
