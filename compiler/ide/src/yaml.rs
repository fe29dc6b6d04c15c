//! The outline of YAML, half-typed YAML included.
//!
//! Invariant: one pass over the lines; a line that makes no sense changes nothing but its own place.
//! The reader of `format` says what a document means and what is wrong with it; this says where
//! its parts stand while it is being typed, which the reader's recovery has to blank out.

use std::ops::Range;

use crate::tree::{Key, NodeId, NodeKind, Tree};

/// Blocks nest at most so deep; what lies deeper is not outlined.
const MAX_BLOCKS: usize = 200;
/// Brackets nest at most so deep.
const MAX_FLOW: usize = 64;

/// A block that is open, by the column of its entries.
struct Frame {
    indent: usize,
    node: NodeId,
}

struct Outline<'t> {
    text: &'t str,
    tree: Tree,
    root: Option<NodeId>,
    frames: Vec<Frame>,
}

/// The outline of a YAML file.
#[must_use]
pub(crate) fn tree(text: &str) -> Tree {
    let mut outline = Outline { text, tree: Tree::default(), root: None, frames: Vec::new() };
    outline.run();
    outline.tree.cover();
    outline.tree
}

/// Whether `text` starts with `mark` and nothing or a blank follows.
fn starts_with_mark(text: &str, mark: &str) -> bool {
    text.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}

impl<'t> Outline<'t> {
    fn slice(&self, span: Range<usize>) -> &'t str {
        self.text.get(span).unwrap_or("")
    }

    /// Where the line ends that `at` stands on, its line break left out, and where the next starts.
    fn line_end(&self, at: usize) -> (usize, usize) {
        let rest = self.slice(at..self.text.len());
        match rest.find('\n') {
            Some(length) => {
                let line = rest.get(..length).unwrap_or("");
                (at + line.trim_end_matches('\r').len(), at + length + 1)
            }
            None => (at + rest.trim_end_matches('\r').len(), self.text.len()),
        }
    }

    fn run(&mut self) {
        let mut at = if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        while at < self.text.len() && !self.tree.is_full() {
            let (end, next) = self.line_end(at);
            let line = self.slice(at..end);
            if starts_with_mark(line, "---") || starts_with_mark(line, "...") {
                self.frames.clear();
                self.root = None;
                at = next;
                continue;
            }
            let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
            let content = line.get(indent..).unwrap_or("");
            if content.is_empty() || content.starts_with('#') {
                at = next;
                continue;
            }
            at = self.content(indent, at + indent, end).max(next);
        }
    }

    /// What stands on a line from column `column`; where to read on.
    fn content(&mut self, mut column: usize, mut at: usize, end: usize) -> usize {
        let mut item = None;
        while starts_with_mark(self.slice(at..end), "-") {
            let Some(node) = self.item(column, at) else { return end };
            let rest = self.slice(at + 1..end);
            let blanks = 1 + rest.len() - rest.trim_start_matches([' ', '\t']).len();
            self.tree.node_mut(node).span = (at + blanks).min(end)..(at + blanks).min(end);
            column += blanks;
            at += blanks;
            item = Some(node);
            let rest = self.slice(at..end);
            if rest.is_empty() || rest.starts_with('#') {
                return end;
            }
        }
        if let Some((key, after)) = self.key(at, end) {
            match self.entry(column, key) {
                Some(node) => self.value(node, after, end, column),
                None => end,
            }
        } else if let Some(node) = item {
            let outer = column.saturating_sub(1);
            self.value(node, at, end, outer)
        } else {
            self.loose(column, at, end)
        }
    }

    /// A key at `at`, and where its value starts.
    fn key(&self, at: usize, end: usize) -> Option<(Key, usize)> {
        let text = self.slice(at..end);
        let first = text.chars().next()?;
        let length = match first {
            '"' | '\'' => quoted_length(text)?,
            '[' | '{' | '|' | '>' | '*' => return None,
            _ => {
                let colons = text.match_indices(':').map(|(at, _)| at);
                let ends = |colon: &usize| {
                    text.get(colon + 1..)
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r']))
                };
                let colon = colons.filter(|colon| !text[..*colon].contains(" #")).find(ends)?;
                text.get(..colon)?.trim_end().len()
            }
        };
        let rest = text.get(length..)?;
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let after = rest.get(blanks..)?.strip_prefix(':')?;
        if !after.is_empty() && !after.starts_with([' ', '\t']) {
            return None;
        }
        let span = at..at + length;
        let key = Key { text: unquoted(self.slice(span.clone())).0, span };
        Some((key, at + length + blanks + 1))
    }

    /// The node that an entry at `column` belongs to, made a map.
    fn entry(&mut self, column: usize, key: Key) -> Option<NodeId> {
        let start = key.span.start;
        while let Some(top) = self.frames.last() {
            let list = self.tree.node(top.node).kind == NodeKind::List;
            if top.indent < column || (top.indent == column && !list) {
                break;
            }
            self.frames.pop();
        }
        let map = match self.frames.last() {
            Some(top) if top.indent == column => top.node,
            Some(top) => {
                let holder = top.node;
                let last = self.tree.node(holder).children.last().copied();
                match last.map(|last| (last, &self.tree.node(last).kind)) {
                    Some((last, NodeKind::Empty | NodeKind::Scalar(..) | NodeKind::Map)) => {
                        self.open(last, NodeKind::Map, column)?
                    }
                    // Under a list, at a column of none of its items.
                    _ if self.tree.node(holder).kind == NodeKind::Map => holder,
                    _ => return None,
                }
            }
            None => self.open_root(NodeKind::Map, column, start)?,
        };
        Some(self.tree.add(map, Some(key), NodeKind::Empty, start..start))
    }

    /// A new item of the list whose dashes stand at `column`.
    fn item(&mut self, column: usize, at: usize) -> Option<NodeId> {
        while self.frames.last().is_some_and(|top| top.indent > column) {
            self.frames.pop();
        }
        let list = match self.frames.last() {
            Some(top)
                if top.indent == column && self.tree.node(top.node).kind == NodeKind::List =>
            {
                top.node
            }
            Some(top) => {
                let last = self.tree.node(top.node).children.last().copied()?;
                match self.tree.node(last).kind {
                    NodeKind::Map => return None,
                    _ => self.open(last, NodeKind::List, column)?,
                }
            }
            None => self.open_root(NodeKind::List, column, at)?,
        };
        Some(self.tree.add(list, None, NodeKind::Empty, at..at))
    }

    /// Opens a block in a node that was empty, or was taken for something else.
    fn open(&mut self, node: NodeId, kind: NodeKind, column: usize) -> Option<NodeId> {
        if self.frames.len() >= MAX_BLOCKS {
            return None;
        }
        let found = self.tree.node_mut(node);
        if found.kind != kind {
            found.kind = kind;
            let end = found.span.end;
            found.span = end..end;
        }
        self.frames.push(Frame { indent: column, node });
        Some(node)
    }

    fn open_root(&mut self, kind: NodeKind, column: usize, at: usize) -> Option<NodeId> {
        let root = match self.root {
            Some(root) if self.tree.node(root).kind == kind => root,
            Some(_) => return None,
            None => self.tree.add_document(kind, at..at),
        };
        self.root = Some(root);
        self.frames.push(Frame { indent: column, node: root });
        Some(root)
    }

    /// Text that is neither key nor item: a scalar on a line of its own, or half a key.
    fn loose(&mut self, column: usize, at: usize, end: usize) -> usize {
        while self.frames.last().is_some_and(|top| top.indent > column) {
            self.frames.pop();
        }
        let Some(top) = self.frames.last() else {
            if self.root.is_none() {
                let root = self.tree.add_document(NodeKind::Empty, at..at);
                self.root = Some(root);
                return self.value(root, at, end, 0);
            }
            return end;
        };
        let (node, indent) = (top.node, top.indent);
        let last = self.tree.node(node).children.last().copied();
        if indent < column {
            if let Some(last) = last.filter(|last| self.tree.node(*last).kind == NodeKind::Empty) {
                return self.value(last, at, end, indent);
            }
            return end;
        }
        if self.tree.node(node).kind == NodeKind::Map {
            let text = self.slice(at..end).trim_end();
            let span = at..at + text.len();
            let key = Key { text: text.to_owned(), span: span.clone() };
            self.tree.add(node, Some(key), NodeKind::Empty, span.end..span.end);
        }
        end
    }

    /// Reads the value of `node`, which stands in a block at `indent`, from `at`; where to read on.
    fn value(&mut self, node: NodeId, at: usize, end: usize, indent: usize) -> usize {
        let mut at = at;
        loop {
            let text = self.slice(at..end);
            let blanks = text.len() - text.trim_start_matches([' ', '\t']).len();
            at += blanks;
            // Anchors and tags stand before the value.
            if !self.slice(at..end).starts_with(['&', '!']) {
                break;
            }
            let word = self.slice(at..end);
            at += word.find([' ', '\t']).unwrap_or(word.len());
        }
        let text = self.slice(at..end);
        match text.chars().next() {
            None | Some('#') => {
                self.tree.node_mut(node).span = at..at;
                end
            }
            Some('|' | '>') => self.block(node, at, end, indent),
            Some('[' | '{') => {
                let limit = self.flow_limit(end, indent);
                let stop = self.flow(node, at, limit, 0);
                self.line_end(stop.max(at)).1
            }
            Some('"' | '\'') => {
                let limit = self.flow_limit(end, indent);
                let length = quoted_length(self.slice(at..limit))
                    .unwrap_or_else(|| self.slice(at..end).trim_end().len());
                self.scalar(node, at..at + length);
                self.line_end(at + length).1
            }
            Some(_) => {
                let length = text.find(" #").unwrap_or(text.len());
                let length = text.get(..length).map_or(0, |text| text.trim_end().len());
                self.scalar(node, at..at + length);
                end
            }
        }
    }

    fn scalar(&mut self, node: NodeId, span: Range<usize>) {
        let (text, quoted) = unquoted(self.slice(span.clone()));
        let node = self.tree.node_mut(node);
        node.kind = NodeKind::Scalar(text, quoted);
        node.span = span;
    }

    /// `|` and `>`: the lines that are indented more than the block they stand in.
    fn block(&mut self, node: NodeId, at: usize, end: usize, indent: usize) -> usize {
        let (_, mut next) = self.line_end(end);
        let mut stop = end;
        while next < self.text.len() {
            let (line_end, after) = self.line_end(next);
            let line = self.slice(next..line_end);
            let deep = line.len() - line.trim_start_matches(' ').len();
            if !line.trim().is_empty() {
                if deep <= indent {
                    break;
                }
                stop = line_end;
            }
            next = after;
        }
        let text = self.slice(at..stop).to_owned();
        let node = self.tree.node_mut(node);
        node.kind = NodeKind::Scalar(text, true);
        node.span = at..stop;
        next
    }

    /// How far brackets or quotes that open on a line may reach: to the next line that is not
    /// indented more than the block, unless it starts with a closing bracket.
    fn flow_limit(&self, end: usize, indent: usize) -> usize {
        let mut limit = end;
        let (_, mut next) = self.line_end(end);
        while next < self.text.len() {
            let (line_end, after) = self.line_end(next);
            let line = self.slice(next..line_end);
            let content = line.trim_start_matches([' ', '\t']);
            let closes = content.starts_with([']', '}']);
            if !content.is_empty() && line.len() - content.len() <= indent && !closes {
                break;
            }
            limit = line_end;
            next = after;
        }
        limit
    }

    /// A value inside brackets, or one that starts with a bracket; where it ends.
    fn flow(&mut self, node: NodeId, at: usize, limit: usize, depth: usize) -> usize {
        let text = self.slice(at..limit);
        match text.chars().next() {
            Some('{') if depth < MAX_FLOW => self.brackets(node, NodeKind::Map, at, limit, depth),
            Some('[') if depth < MAX_FLOW => self.brackets(node, NodeKind::List, at, limit, depth),
            Some('"' | '\'') => {
                let line = text.find('\n').unwrap_or(text.len());
                let length = quoted_length(text).unwrap_or(line);
                self.scalar(node, at..at + length);
                at + length
            }
            _ => {
                let length = plain_length(text);
                if length > 0 {
                    self.scalar(node, at..at + length);
                }
                at + length
            }
        }
    }

    fn brackets(
        &mut self,
        node: NodeId,
        kind: NodeKind,
        start: usize,
        limit: usize,
        depth: usize,
    ) -> usize {
        let map = kind == NodeKind::Map;
        self.tree.node_mut(node).kind = kind;
        let mut at = start + 1;
        while at < limit && !self.tree.is_full() {
            let rest = self.slice(at..limit);
            match rest.chars().next() {
                None => break,
                Some(']' | '}') => {
                    at += 1;
                    break;
                }
                Some('#') => at += rest.find('\n').unwrap_or(rest.len()),
                Some(blank) if blank.is_whitespace() || matches!(blank, ',' | ':') => {
                    at += blank.len_utf8();
                }
                Some(_) if map => at = self.flow_entry(node, at, limit, depth),
                Some(_) => {
                    let item = self.tree.add(node, None, NodeKind::Empty, at..at);
                    let stop = self.flow(item, at, limit, depth + 1);
                    at = stop.max(at + 1);
                }
            }
            while at < self.text.len() && !self.text.is_char_boundary(at) {
                at += 1;
            }
        }
        self.tree.node_mut(node).span = start..at.min(limit);
        at.min(limit)
    }

    fn flow_entry(&mut self, map: NodeId, at: usize, limit: usize, depth: usize) -> usize {
        let rest = self.slice(at..limit);
        let length = match rest.chars().next() {
            Some('"' | '\'') => quoted_length(rest).unwrap_or(1),
            _ => plain_length(rest).max(1),
        };
        let mut end = at + length;
        while end < self.text.len() && !self.text.is_char_boundary(end) {
            end += 1;
        }
        let key = Key { text: unquoted(self.slice(at..end)).0, span: at..end };
        let node = self.tree.add(map, Some(key), NodeKind::Empty, end..end);
        let after = self.slice(end..limit);
        let blanks = after.len() - after.trim_start_matches([' ', '\t']).len();
        let Some(value) = after.get(blanks..).and_then(|rest| rest.strip_prefix(':')) else {
            return end;
        };
        let blanks_behind = value.len() - value.trim_start().len();
        let start = end + blanks + 1;
        let empty = (start + blanks_behind).min(limit);
        self.tree.node_mut(node).span = empty..empty;
        match value.get(blanks_behind..).and_then(|rest| rest.chars().next()) {
            None | Some(',' | '}' | ']' | '#') => start,
            Some(_) => self.flow(node, start + blanks_behind, limit, depth + 1).max(start),
        }
    }
}

/// The length of a plain scalar inside brackets.
fn plain_length(text: &str) -> usize {
    let mut end = text.len();
    for (at, c) in text.char_indices() {
        let behind = text.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
        let stops = match c {
            ',' | '[' | ']' | '{' | '}' | '\n' => true,
            ':' => behind.is_none_or(|c| c.is_whitespace() || matches!(c, ',' | '}' | ']')),
            '#' => at > 0 && text[..at].ends_with([' ', '\t']),
            _ => false,
        };
        if stops {
            end = at;
            break;
        }
    }
    text.get(..end).map_or(0, |text| text.trim_end().len())
}

/// The length of a quoted scalar with its quotes; `None` where it is not closed.
fn quoted_length(text: &str) -> Option<usize> {
    let mut chars = text.char_indices();
    let (_, quote) = chars.next()?;
    let mut chars = chars.peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote == '"' => {
                chars.next();
            }
            c if c == quote => {
                if quote == '\'' && chars.peek().is_some_and(|(_, next)| *next == '\'') {
                    chars.next();
                    continue;
                }
                return Some(at + 1);
            }
            _ => {}
        }
    }
    None
}

/// A scalar's text without quotes, and whether there were any. Escapes other than `\"`, `\\` and
/// `''` stay as written: names have none.
fn unquoted(text: &str) -> (String, bool) {
    let inside = |quote: char| {
        let rest = text.strip_prefix(quote)?;
        Some(rest.strip_suffix(quote).unwrap_or(rest))
    };
    if let Some(inner) = inside('"') {
        return (inner.replace("\\\"", "\"").replace("\\\\", "\\"), true);
    }
    if let Some(inner) = inside('\'') {
        return (inner.replace("''", "'"), true);
    }
    (text.to_owned(), false)
}

#[cfg(test)]
mod tests;
