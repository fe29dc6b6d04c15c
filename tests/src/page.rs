//! The pages of diagnostic codes as tests: an example gives its code, its way out does not.
//!
//! The form of a page and how it is run is written down in docs/diagnostics/README.md.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::workspace::Workspace;

/// A fenced block.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Block {
    /// The words after the fence.
    info: String,
    text: String,
    /// Whether it stands in `## The way out`.
    after: bool,
}

fn blocks(page: &str) -> Result<Vec<Block>, String> {
    let mut found = Vec::new();
    let (mut after, mut open): (bool, Option<(String, Block)>) = (false, None);
    for line in page.lines() {
        match &mut open {
            Some((fence, block)) if line.trim_end() == fence => {
                found.push(block.clone());
                open = None;
            }
            Some((_, block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            None if line.starts_with("```") => {
                let info = line.trim_start_matches('`');
                let fence = line[..line.len() - info.len()].to_owned();
                let info = info.trim().to_owned();
                open = Some((fence, Block { info, text: String::new(), after }));
            }
            None if line.starts_with("## ") => after = line.trim_end() == "## The way out",
            None => {}
        }
    }
    match open {
        Some(_) => Err("a fence is not closed".to_owned()),
        None => Ok(found),
    }
}

fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        bytes.extend_from_slice(before.as_bytes());
        if let Some(after) = after.strip_prefix('\\') {
            bytes.push(b'\\');
            rest = after;
        } else if let Some(hex) = after.strip_prefix('x').and_then(|after| after.get(..2)) {
            bytes.push(u8::from_str_radix(hex, 16).map_err(|error| error.to_string())?);
            rest = &after[3..];
        } else {
            return Err(format!("`\\` before `{}`", after.chars().take(2).collect::<String>()));
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(bytes)
}

/// Writes the file of a block; the path, or `None` for a block that is no file.
fn write(workspace: &Workspace, block: &Block) -> Result<Option<String>, String> {
    let words: Vec<&str> = block.info.split_whitespace().collect();
    let Some(at) = words.iter().position(|word| word.starts_with("title=")) else {
        return Ok(None);
    };
    let path = words[at].trim_start_matches("title=");
    let mut bytes = block.text.clone().into_bytes();
    let io = |error: std::io::Error| format!("{path}: {error}");
    let target = workspace.path().join(path);
    for word in &words[at + 1..] {
        match word.split_once('=').unwrap_or((word, "")) {
            ("escape", _) => bytes = unescape(&block.text)?,
            ("repeat", count) => {
                let count: usize = count.parse().map_err(|_| format!("{path}: {word}"))?;
                bytes = block.text.trim_end_matches('\n').repeat(count).into_bytes();
                bytes.push(b'\n');
            }
            ("size", size) => {
                let size: usize = size.parse().map_err(|_| format!("{path}: {word}"))?;
                bytes.resize(size.max(bytes.len()), b' ');
            }
            ("remove", _) => {
                fs::remove_file(&target).map_err(io)?;
                return Ok(None);
            }
            ("folder", _) => {
                fs::create_dir_all(&target).map_err(io)?;
                return Ok(Some(path.to_owned()));
            }
            ("link", _) => {
                if let Some(parent) = target.parent() {
                    fs::create_dir_all(parent).map_err(io)?;
                }
                link(block.text.trim_end(), &target).map_err(io)?;
                return Ok(Some(path.to_owned()));
            }
            _ => return Err(format!("{path}: the word `{word}` means nothing")),
        }
    }
    // The way out may put a file where a link or a folder was.
    if target.is_symlink() {
        fs::remove_file(&target).map_err(io)?;
    } else if target.is_dir() {
        fs::remove_dir_all(&target).map_err(io)?;
    }
    workspace.write(path, bytes).map_err(io)?;
    Ok(Some(path.to_owned()))
}

#[cfg(unix)]
fn link(to: &str, at: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

#[cfg(not(unix))]
fn link(_to: &str, _at: &Path) -> std::io::Result<()> {
    Err(std::io::Error::other("links are tested on Unix"))
}

const REPORT: &str = "report.jsonl";

/// What is found in a workspace: `PATH`, line, column, `SEVERITY CODE`.
type Found = (String, u64, u64, String);

fn look(
    workspace: &Workspace,
    command: Option<&str>,
    paths: &[String],
) -> Result<Vec<Found>, String> {
    let commands: Vec<Vec<String>> = match command {
        Some(command) => {
            let mut words = command.split_whitespace().map(str::to_owned);
            if words.next().as_deref() != Some("platformc") {
                return Err(format!("`{command}` does not start with platformc"));
            }
            vec![words.collect()]
        }
        None if paths.iter().any(|path| path == "platform.toml") => {
            vec![["check", "--env", "all"].map(str::to_owned).to_vec()]
        }
        None => paths.iter().map(|path| vec!["eval".to_owned(), path.clone()]).collect(),
    };
    let mut found = Vec::new();
    for mut arguments in commands {
        arguments.extend(["--message-format", "json", "--report", REPORT].map(str::to_owned));
        let run = workspace.run(&arguments, &BTreeMap::new());
        let report = workspace.path().join(REPORT);
        if !report.exists() {
            return Err(format!("{}: no report: {}", arguments.join(" "), run.stderr));
        }
        let text = fs::read_to_string(&report).map_err(|error| error.to_string())?;
        fs::remove_file(&report).map_err(|error| error.to_string())?;
        for line in text.lines() {
            let value: serde_json::Value =
                serde_json::from_str(line).map_err(|error| error.to_string())?;
            let text = |key: &str| value[key].as_str().unwrap_or("").to_owned();
            let number = |key: &str| value[key].as_u64().unwrap_or(0);
            let what = format!("{} {}", text("severity"), text("code"));
            found.push((text("file"), number("line"), number("column"), what));
        }
    }
    Ok(found)
}

/// Whether `PATH[:LINE[:COLUMN]]` is the place of what was found.
fn is_at(place: &str, found: &Found) -> bool {
    let (path, line, column, _) = found;
    place == path || place == format!("{path}:{line}") || place == format!("{path}:{line}:{column}")
}

/// Runs a page.
///
/// # Errors
/// In what the page is wrong.
pub fn run(path: &Path, code: &str) -> Result<(), String> {
    let page = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let blocks = blocks(&page)?;
    let workspace = Workspace::new().map_err(|error| error.to_string())?;
    let mut paths: Vec<String> = Vec::new();
    let mut add = |block: &Block| -> Result<(), String> {
        if let Some(path) = write(&workspace, block)?
            && !paths.contains(&path)
        {
            paths.push(path);
        }
        Ok(())
    };
    for block in blocks.iter().filter(|block| !block.after) {
        add(block)?;
    }
    let command = blocks.iter().find(|block| block.info == "sh run");
    let command = command.map(|block| block.text.trim().to_owned());
    let expect = blocks.iter().find(|block| block.info == "text expect");
    let expect = expect.ok_or("the page has no block `text expect`")?;
    let mut missing: Vec<&str> = expect.text.lines().filter(|line| !line.is_empty()).collect();
    if !missing.iter().any(|line| line.ends_with(&format!(" {code}"))) {
        return Err("the example does not expect the page's code".to_owned());
    }
    let found = look(&workspace, command.as_deref(), &paths)?;
    let mut extra = Vec::new();
    for item in &found {
        let fits = |line: &&str| {
            line.split_once(' ').is_some_and(|(place, what)| is_at(place, item) && what == item.3)
        };
        match missing.iter().position(fits) {
            Some(at) => {
                missing.remove(at);
            }
            None => extra.push(format!("{}:{}:{} {}", item.0, item.1, item.2, item.3)),
        }
    }
    if !missing.is_empty() || !extra.is_empty() {
        return Err(format!(
            "the example\nexpects and does not give: {}\ngives and does not expect: {}",
            missing.join(", "),
            extra.join(", ")
        ));
    }
    let mut paths_after = paths.clone();
    for block in blocks.iter().filter(|block| block.after) {
        if let Some(path) = write(&workspace, block)?
            && !paths_after.contains(&path)
        {
            paths_after.push(path);
        }
    }
    let removed = |path: &String| !workspace.path().join(path).exists();
    paths_after.retain(|path| !removed(path));
    let own = blocks.iter().find(|block| block.after && block.info == "sh run");
    let command = own.map(|block| block.text.trim().to_owned()).or(command);
    let left = look(&workspace, command.as_deref(), &paths_after)?;
    match left.first() {
        None => Ok(()),
        Some((path, line, column, what)) => {
            Err(format!("after the way out there still is {path}:{line}:{column} {what}"))
        }
    }
}
