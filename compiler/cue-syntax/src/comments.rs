//! From single `//` lines to groups, and from groups to the nodes they belong to.
//!
//! Invariant: every comment of the text is handed out exactly once, in order.

use std::sync::Arc;

use platformc_source::{FileId, Span};

use crate::ast::{Comment, CommentPosition};
use crate::token::RawComment;

/// The comments of a file and how many of them are handed out.
pub(crate) struct Comments<'t> {
    text: &'t str,
    file: FileId,
    raw: Vec<RawComment>,
    next: usize,
}

impl<'t> Comments<'t> {
    pub(crate) fn new(file: FileId, text: &'t str, raw: Vec<RawComment>) -> Comments<'t> {
        Comments { text, file, raw, next: 0 }
    }

    /// Whether any comment that begins before `end` is left.
    pub(crate) fn any_before(&self, end: u32) -> bool {
        self.raw.get(self.next).is_some_and(|comment| comment.start < end)
    }

    /// The line breaks between two offsets, at most two.
    fn breaks(&self, from: u32, to: u32) -> usize {
        let gap = self.text.as_bytes().get(from as usize..to as usize).unwrap_or(&[]);
        gap.iter().filter(|byte| **byte == b'\n').take(2).count()
    }

    /// Takes the next group: comments on adjacent lines of their own, or one behind something.
    fn group(&mut self, end: u32) -> Option<(Comment, bool)> {
        let first = self.raw.get(self.next).copied().filter(|comment| comment.start < end)?;
        let mut last = first;
        let mut lines = vec![self.line(first)];
        self.next += 1;
        if first.own_line {
            while let Some(raw) = self.raw.get(self.next).copied()
                && raw.start < end
                && raw.own_line
                && self.breaks(last.end, raw.start) == 1
                && self.is_blank(last.end, raw.start)
            {
                lines.push(self.line(raw));
                last = raw;
                self.next += 1;
            }
        }
        let span = Span { file: self.file, start: first.start, end: last.end };
        Some((Comment { span, lines, position: CommentPosition::Free }, first.own_line))
    }

    fn is_blank(&self, from: u32, to: u32) -> bool {
        let gap = self.text.as_bytes().get(from as usize..to as usize).unwrap_or(&[]);
        gap.iter().all(u8::is_ascii_whitespace)
    }

    fn line(&self, raw: RawComment) -> Arc<str> {
        let text = self.text.get(raw.start as usize..raw.end as usize).unwrap_or("//");
        let text = text.strip_prefix("//").unwrap_or(text);
        Arc::from(text.strip_prefix(' ').unwrap_or(text))
    }

    /// The comments before a node that starts at `start`. The group directly above it is its
    /// documentation and returned; the others go to `free`.
    pub(crate) fn leading(&mut self, start: u32, free: &mut Vec<Comment>) -> Vec<Comment> {
        while let Some((mut comment, own_line)) = self.group(start) {
            let end = comment.span.end;
            if own_line
                && !self.any_before(start)
                && self.breaks(end, start) == 1
                && self.is_blank(end, start)
            {
                comment.position = CommentPosition::Doc;
                return vec![comment];
            }
            free.push(comment);
        }
        Vec::new()
    }

    /// All comments that begin before `end`, as free ones.
    pub(crate) fn free(&mut self, end: u32, free: &mut Vec<Comment>) {
        while let Some((comment, _)) = self.group(end) {
            free.push(comment);
        }
    }

    /// The comment behind a node that ends at `end`, on the same line, with nothing but white
    /// space and commas between.
    pub(crate) fn trailing(&mut self, end: u32, comments: &mut Vec<Comment>) {
        let Some(raw) = self.raw.get(self.next).copied() else { return };
        let gap = self.text.as_bytes().get(end as usize..raw.start as usize);
        let behind = gap
            .is_some_and(|gap| gap.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b',')));
        if behind && let Some((mut comment, _)) = self.group(raw.end) {
            comment.position = CommentPosition::Line;
            comments.push(comment);
        }
    }
}
