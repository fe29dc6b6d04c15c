//! Calls of standard functions with what they give: `tests/builtin/*.txt`, one call on a line,
//! `expression => value` or `expression !! message`. `PLATFORMC_UPDATE=1` writes what they give.

#![allow(clippy::disallowed_methods, reason = "tests read their cases")]

use std::path::Path;

#[path = "builtin/evaluate.rs"]
mod evaluate;

fn outcome(expression: &str) -> String {
    match evaluate::evaluate(expression) {
        Ok(value) => format!("{expression} => {}", evaluate::show(&value)),
        Err(message) => format!("{expression} !! {}", message.replace('\n', " ")),
    }
}

fn expression(line: &str) -> &str {
    let end = [" => ", " !! "].iter().filter_map(|mark| line.rfind(mark)).max();
    line[..end.unwrap_or(line.len())].trim_end()
}

#[test]
fn calls_give_what_their_cases_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/builtin");
    let update = std::env::var_os("PLATFORMC_UPDATE").is_some();
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "there are cases");
    let mut failed = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).expect("cases");
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut out = String::new();
        for (at, line) in text.lines().enumerate() {
            let found = if line.is_empty() || line.starts_with('#') {
                line.to_owned()
            } else {
                outcome(expression(line))
            };
            if found != line {
                failed.push(format!("{name}:{}:\n  case  {line}\n  found {found}", at + 1));
            }
            out.push_str(&found);
            out.push('\n');
        }
        if update {
            std::fs::write(&path, out).expect("write cases");
        }
    }
    assert!(update || failed.is_empty(), "{}", failed.join("\n"));
}
