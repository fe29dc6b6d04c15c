//! The pages against the registry, and against the form that `docs/diagnostics/README.md` gives.

use super::*;
use crate::codes;

const SECTIONS: [&str; 3] = ["## What it means", "## Example", "## The way out"];

#[test]
fn each_code_has_a_page() {
    let without: Vec<_> =
        codes::ALL.iter().map(|code| code.id()).filter(|id| explain(id).is_none()).collect();
    assert!(without.is_empty(), "write docs/diagnostics/<code>.md for {without:#?}");
}

#[test]
fn each_page_has_a_code() {
    let strange: Vec<_> =
        PAGES.iter().map(|(id, _)| *id).filter(|id| codes::Code::find(id).is_none()).collect();
    assert!(strange.is_empty(), "pages of no code: {strange:#?}");
    assert!(PAGES.is_sorted(), "the search needs order");
    assert_eq!(explain("no/such"), None);
}

/// A fenced block: its info string and its text.
struct Block<'a> {
    info: &'a str,
    text: String,
}

fn blocks(section: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = section.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let text = lines.by_ref().take_while(|line| !line.starts_with("```"));
            blocks.push(Block { info, text: text.collect::<Vec<_>>().join("\n") });
        }
    }
    blocks
}

/// What is wrong with the form of a page.
fn faults(id: &str, page: &str) -> Option<String> {
    let code = codes::Code::find(id)?;
    let mut lines = page.lines();
    if lines.next() != Some(&*format!("# {id}")) {
        return Some("the title is not the code".to_owned());
    }
    let mut summary = code.info().summary.to_owned();
    summary.get_mut(..1).into_iter().for_each(str::make_ascii_uppercase);
    if lines.nth(1) != Some(&*format!("{summary}.")) {
        return Some(format!("the first paragraph is not `{summary}.`"));
    }
    let mut places = Vec::new();
    for section in SECTIONS {
        let headings: Vec<_> = page.match_indices(&format!("\n{section}\n")).collect();
        let [(at, _)] = headings[..] else { return Some(format!("not one `{section}`")) };
        places.push(at);
    }
    if !places.is_sorted() {
        return Some("the sections are out of order".to_owned());
    }
    let part = |from: usize, to: usize| page.get(from..to).unwrap_or("");
    if part(places[0], places[1]).trim().len() < SECTIONS[0].len() + 30 {
        return Some("what it means is not said".to_owned());
    }
    let example = blocks(part(places[1], places[2]));
    let out = blocks(part(places[2], page.len()));
    let titled = |blocks: &[Block<'_>]| blocks.iter().any(|block| block.info.contains("title="));
    if !titled(&example) {
        return Some("the example has no file".to_owned());
    }
    if !titled(&out) {
        return Some("the way out has no file".to_owned());
    }
    let expected: Vec<_> = example.iter().filter(|block| block.info == "text expect").collect();
    let [expected] = expected[..] else {
        return Some("not one block `text expect` in the example".to_owned());
    };
    for line in expected.text.lines() {
        let known = |code: &str| codes::Code::find(code).is_some();
        let words: Vec<_> = line.split(' ').collect();
        let good = matches!(words[..], [_, "error" | "warning" | "note", code] if known(code));
        if !good {
            return Some(format!("`{line}` is not `PATH[:LINE[:COLUMN]] SEVERITY CODE`"));
        }
    }
    (!expected.text.lines().any(|line| line.ends_with(&format!(" {id}"))))
        .then(|| "the example does not give the code".to_owned())
}

#[test]
fn each_page_has_the_form() {
    let wrong: Vec<_> = PAGES
        .iter()
        .filter_map(|(id, page)| faults(id, page).map(|fault| format!("{id}: {fault}")))
        .collect();
    assert!(wrong.is_empty(), "see docs/diagnostics/README.md: {wrong:#?}");
}

#[test]
fn a_page_out_of_form_is_found() {
    let id = "yaml/duplicate-key";
    let page = explain(id).expect("a page");
    assert_eq!(faults(id, page), None);
    for (old, new) in [
        ("# yaml/duplicate-key", "# yaml/other"),
        ("A mapping has a key twice.", "A key is there twice."),
        ("## Example", "## Examples"),
        ("```text expect", "```text"),
        (" error yaml/duplicate-key", " error yaml/no-such"),
        (" error yaml/duplicate-key", " error yaml/syntax"),
        ("title=", "name="),
    ] {
        assert!(faults(id, &page.replace(old, new)).is_some(), "{new}");
    }
}
