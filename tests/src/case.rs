//! Cases: a workspace, commands, and what they say and write.
//!
//! The head of a case says in words what it shows, then holds lines of its script:
//!
//! ```text
//! workspace examples/shop          starts from a folder of the repository
//! $ platformc check --env dev      runs a command; VAR=VALUE may stand before `platformc`
//! $ rm PATH | cp FROM TO | mkdir PATH
//! show dist/dev/argocd             compares the files below a folder at the end
//! ```
//!
//! Files follow as `-- PATH --`. What is expected follows as `-- exit N --`, `-- stdout N --`,
//! `-- stderr N --` for the N-th command (left out where it is 0 or empty) and
//! `-- file PATH --` for what `show` names.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::archive::Archive;
use crate::workspace::Workspace;
use crate::{difference, repository, updating};

/// Splits a command line at blanks; single and double quotes hold words together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut open, mut quote) = (String::new(), false, None);
    for c in line.chars() {
        match (c, quote) {
            (c, Some(q)) if c == q => quote = None,
            (c, Some(_)) => word.push(c),
            ('\'' | '"', None) => (quote, open) = (Some(c), true),
            (c, None) if c.is_whitespace() => {
                if open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            (c, None) => word.push(c),
        }
    }
    if open || !word.is_empty() {
        words.push(word);
    }
    words
}

fn is_expectation(name: &str) -> bool {
    ["exit ", "stdout ", "stderr ", "file "].iter().any(|kind| name.starts_with(kind))
}

/// Runs a case.
///
/// # Errors
/// What differs from what the case expects, or why it cannot be run.
pub fn run(path: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let archive = Archive::parse(&text);
    let workspace = Workspace::new().map_err(|error| error.to_string())?;
    let io = |error: std::io::Error| error.to_string();
    for (name, text) in archive.files.iter().filter(|(name, _)| !is_expectation(name)) {
        workspace.write(name, text).map_err(io)?;
    }
    let mut found: Vec<(String, String)> = Vec::new();
    let mut shown: Vec<(String, String)> = Vec::new();
    let mut count = 0;
    for line in archive.head.lines() {
        if let Some(folder) = line.strip_prefix("workspace ") {
            workspace.copy(&repository().join(folder.trim())).map_err(io)?;
            // The case's own files come on top.
            for (name, text) in archive.files.iter().filter(|(name, _)| !is_expectation(name)) {
                workspace.write(name, text).map_err(io)?;
            }
        } else if let Some(folder) = line.strip_prefix("show ") {
            shown.extend(workspace.texts(folder.trim()).map_err(io)?);
        } else if let Some(command) = line.strip_prefix("$ ")
            && let Some(run) = command_line(&workspace, command)?
        {
            count += 1;
            if run.exit != 0 {
                found.push((format!("exit {count}"), format!("{}\n", run.exit)));
            }
            for (stream, text) in [("stdout", run.stdout), ("stderr", run.stderr)] {
                if !text.is_empty() {
                    found.push((format!("{stream} {count}"), text));
                }
            }
        }
    }
    if count == 0 {
        return Err("the case runs nothing".to_owned());
    }
    found.extend(shown.into_iter().map(|(path, text)| (format!("file {path}"), text)));
    for (_, text) in &mut found {
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
    compare(path, &text, archive, found)
}

fn command_line(
    workspace: &Workspace,
    command: &str,
) -> Result<Option<crate::workspace::Run>, String> {
    let io = |error: std::io::Error| format!("{command}: {error}");
    let words = words(command);
    let mut variables = BTreeMap::new();
    let mut rest = words.as_slice();
    while let Some((name, value)) = rest.first().and_then(|word| word.split_once('=')) {
        variables.insert(name.to_owned(), value.to_owned());
        rest = &rest[1..];
    }
    let at = |path: &String| workspace.path().join(path);
    match rest {
        [program, arguments @ ..] if program == "platformc" => {
            return Ok(Some(workspace.run(arguments, &variables)));
        }
        [program, path] if program == "rm" => fs::remove_file(at(path)).map_err(io)?,
        [program, from, to] if program == "cp" => {
            fs::copy(at(from), at(to)).map_err(io)?;
        }
        [program, path] if program == "mkdir" => fs::create_dir_all(at(path)).map_err(io)?,
        _ => return Err(format!("the harness has no command `{command}`")),
    }
    Ok(None)
}

fn compare(
    path: &Path,
    text: &str,
    archive: Archive,
    found: Vec<(String, String)>,
) -> Result<(), String> {
    let expected: Vec<&(String, String)> =
        archive.files.iter().filter(|(name, _)| is_expectation(name)).collect();
    let mut faults = Vec::new();
    for (name, text) in &found {
        match expected.iter().find(|(other, _)| other == name) {
            None => faults.push(format!("{name} was not expected:\n{text}")),
            Some((_, wanted)) if wanted != text => {
                faults.push(format!("{name}: {}", difference(wanted, text)));
            }
            Some(_) => {}
        }
    }
    for (name, text) in expected {
        if !found.iter().any(|(other, _)| other == name) {
            faults.push(format!("{name} was expected and is missing:\n{text}"));
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    if updating() {
        let mut files: Vec<(String, String)> =
            archive.files.into_iter().filter(|(name, _)| !is_expectation(name)).collect();
        files.extend(found);
        let updated = Archive { head: archive.head, files }.print();
        if updated != text {
            fs::write(path, updated).map_err(|error| error.to_string())?;
        }
        return Ok(());
    }
    Err(faults.join("\n"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn quotes_hold_words_together() {
        assert_eq!(super::words("a  'b c' \"\" d\"e f\""), ["a", "b c", "", "de f"]);
    }
}
