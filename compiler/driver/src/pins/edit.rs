//! Changing a pins file as a text.
//!
//! Invariant: what is pinned stands on lines sorted by component; every other line (comments,
//! blank lines) and every byte of a line beside its image is kept; the same pins again change
//! nothing.

use std::ops::Range;

use platformc_format::toml;
use platformc_source::FileId;

/// A text that starts so says how it is encoded; it stays the first thing in the file.
const BOM: &str = "\u{feff}";

/// The lines of one pin, with the comments right above it.
struct Block {
    component: String,
    text: String,
}

/// `text`, a pins file without faults, with these images by component.
pub(super) fn edit(text: &str, pins: &[(&str, &str)]) -> String {
    let (bom, body) = match text.strip_prefix(BOM) {
        Some(body) => (BOM, body),
        None => ("", text),
    };
    let newline = if body.contains("\r\n") { "\r\n" } else { "\n" };
    let (head, mut blocks, tail) = split(body, newline, pins);
    for (component, image) in pins {
        if !blocks.iter().any(|block| block.component == *component) {
            let text = format!("{} = \"{image}\"{newline}", key(component));
            blocks.push(Block { component: (*component).to_owned(), text });
        }
    }
    // Stable: two equal keys cannot be, and what is sorted stays as it is.
    blocks.sort_by(|a, b| a.component.cmp(&b.component));
    let lines: String = blocks.into_iter().map(|block| block.text).collect();
    format!("{bom}{head}{lines}{tail}")
}

/// What stands before the first pin, the pins with their new images, what stands after the last.
fn split(text: &str, newline: &str, pins: &[(&str, &str)]) -> (String, Vec<Block>, String) {
    let value = toml::read(FileId::NONE, text).value;
    let entries: Vec<(String, Range<usize>, Option<String>)> = value
        .as_map()
        .into_iter()
        .flatten()
        .map(|entry| {
            let span = entry.value.origin.span;
            let range = span.start as usize..span.end as usize;
            (entry.key.to_string(), range, entry.value.as_str().map(str::to_owned))
        })
        .collect();
    let mut blocks = Vec::with_capacity(entries.len() + pins.len());
    let mut head = String::new();
    let mut from = 0;
    for (component, value, old) in entries {
        let end = text[value.end..].find('\n').map_or(text.len(), |at| value.end + at + 1);
        if blocks.is_empty() {
            let cut = paragraph(&text[..value.start]);
            head = text[..cut].to_owned();
            from = cut;
        }
        let new = pins.iter().find(|(name, _)| *name == component).map(|(_, image)| *image);
        let mut line = match new {
            Some(image) if old.as_deref() != Some(image) => {
                format!("{}\"{image}\"{}", &text[from..value.start], &text[value.end..end])
            }
            _ => text[from..end].to_owned(),
        };
        if !line.ends_with('\n') {
            line.push_str(newline);
        }
        blocks.push(Block { component, text: line });
        from = end;
    }
    let tail = &text[from..];
    if blocks.is_empty() && !tail.is_empty() {
        // A file of comments: new pins come after them.
        let end = if tail.ends_with('\n') { "" } else { newline };
        return (format!("{tail}{end}"), blocks, String::new());
    }
    (head, blocks, tail.to_owned())
}

/// Where the paragraph begins in which `before` ends: after its last blank line.
fn paragraph(before: &str) -> usize {
    let mut cut = 0;
    let mut at = 0;
    for line in before.split_inclusive('\n') {
        at += line.len();
        if line.trim().is_empty() && line.ends_with('\n') {
            cut = at;
        }
    }
    cut
}

/// A component's name as a key of TOML.
fn key(component: &str) -> String {
    let bare = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    if !component.is_empty() && component.bytes().all(bare) {
        component.to_owned()
    } else {
        format!("{component:?}")
    }
}

#[cfg(test)]
mod tests;
