//! Where the author is about to write.
//!
//! Invariant: the probe's text differs from the author's in the word at the place and in what makes
//! a key or value of it; offsets before that word are the author's.

use std::ops::Range;

use crate::tree::{NodeId, Tree};
use crate::{Question, Syntax};

/// What stands in for the word that is being written. No author writes this.
pub(crate) const MARKER: &str = "platformcCompletionMarker";

/// A place that is about to be written.
pub(crate) struct Probe {
    /// The outline with the marker in it.
    pub(crate) tree: Tree,
    pub(crate) syntax: Syntax,
    /// The node whose key or text the marker is.
    pub(crate) node: NodeId,
    /// Whether the marker stands where a key can stand.
    pub(crate) key: bool,
    /// Whether it must become a key with a colon, or has one already.
    pub(crate) colon: bool,
    /// Whether a blank has to come first, as behind `key:`.
    pub(crate) blank: bool,
    /// Whether it is a key inside braces.
    pub(crate) flow: bool,
    /// Whether it stands in quotes.
    pub(crate) quoted: bool,
    /// The column of the word, in bytes.
    pub(crate) column: usize,
    /// The bytes of the word.
    pub(crate) word: Range<usize>,
}

/// Whether a character can be part of the word.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@' | '$' | '*')
}

/// Finds out what is about to be written.
pub(crate) fn probe(question: &Question<'_>) -> Option<Probe> {
    let syntax = Syntax::of(question.path)?;
    let text = question.text;
    let before = text.get(..question.offset)?;
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let head = before.get(line..)?;
    let start = line + head.trim_end_matches(is_word).len();
    let after = text.get(question.offset..)?;
    let end = question.offset + (after.len() - after.trim_start_matches(is_word).len());
    // A dash before a word is an item's, not the word's.
    let word = text.get(start..end)?;
    let dash = if word == "-" { 1 } else { 0 };
    let (start, end) = (start + dash, end);
    let head = text.get(line..start)?;
    let tail = text.get(end..)?;
    let rest = tail.lines().next().unwrap_or("").trim_start();
    let quoted = head.ends_with(['"', '\'']);
    if is_comment(head, syntax) {
        return None;
    }
    let separator = if syntax == Syntax::Toml { '=' } else { ':' };
    let has_separator = rest.starts_with(separator);
    let opening = head.trim_start().trim_start_matches("- ").trim();
    let starts_line = opening.is_empty()
        || opening == "-"
        || (syntax == Syntax::Cue && opening.ends_with(['{', ',']));
    let free = rest.is_empty() || rest.starts_with(['#', '/', '}', ',']);
    let colon = starts_line && !has_separator && free && !quoted;
    let blank = head.ends_with(separator) || head.ends_with('-');
    let stands_in = match (colon, blank) {
        (true, true) => format!(" {MARKER}{separator} "),
        (true, false) => {
            format!("{MARKER}{separator} {}", if syntax == Syntax::Cue { "_" } else { "" })
        }
        (false, true) => format!(" {MARKER}"),
        (false, false) => MARKER.to_owned(),
    };
    let probed = format!("{}{stands_in}{tail}", text.get(..start)?);
    let tree = syntax.tree(&probed);
    let node = tree.ids().find_map(|id| {
        let node = tree.node(id);
        if node.key.as_ref().is_some_and(|key| key.text == MARKER) {
            return Some((id, true));
        }
        tree.text(id).is_some_and(|text| text.contains(MARKER)).then_some((id, false))
    });
    let (node, key) = node?;
    let parent = tree.node(node).parent.map(|parent| tree.node(parent).span.start);
    let flow = parent.and_then(|start| probed.get(start..)).is_some_and(|map| map.starts_with('{'));
    Some(Probe {
        tree,
        syntax,
        node,
        key,
        colon: key && !has_separator,
        blank,
        flow,
        quoted,
        column: start - line,
        word: start..end,
    })
}

fn is_comment(head: &str, syntax: Syntax) -> bool {
    let start = head.trim_start();
    match syntax {
        Syntax::Cue => start.starts_with("//"),
        Syntax::Yaml | Syntax::Toml => start.starts_with('#') || head.contains(" #"),
    }
}
