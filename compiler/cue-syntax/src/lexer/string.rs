//! Strings and bytes, with the ends of their interpolations.

use platformc_source::{Diagnostic, Span, codes};

use super::{Lexer, Open};
use crate::token::Kind;

impl Lexer<'_> {
    pub(super) fn hashes_at(&self, at: usize, hashes: usize) -> bool {
        self.bytes.get(at..at + hashes).is_some_and(|tail| tail.iter().all(|byte| *byte == b'#'))
    }

    /// A string whose first quote has just been read.
    pub(super) fn string(&mut self, start: usize, hashes: usize) {
        let quote = self.bytes[self.at - 1];
        let mut multi = false;
        if self.peek(0) == quote {
            if self.peek(1) == quote {
                // `#"""#` is a one-line string that holds one quote.
                if hashes > 0 && self.hashes_at(self.at + 2, hashes) {
                    self.at += 2 + hashes;
                    self.push(Kind::String, start);
                    return;
                }
                self.at += 2;
                multi = true;
                let end = self.at;
                while self.peek(0) == b'\r' {
                    self.at += 1;
                }
                if self.peek(0) == b'\n' {
                    self.at += 1;
                } else {
                    self.error(start, end, "a line break must follow the opening triple quote");
                }
            } else if self.hashes_at(self.at + 1, hashes) {
                self.at += 1 + hashes;
                self.push(Kind::String, start);
                return;
            }
        }
        let open = Open { quote, hashes, multi, parens: 0, start };
        self.string_body(open, start, false);
    }

    /// The `)` that ends an interpolation has just been read.
    pub(super) fn resume(&mut self, start: usize) {
        if let Some(open) = self.open.pop() {
            self.string_body(open, start, true);
        }
    }

    pub(super) fn string_body(&mut self, open: Open, start: usize, resumed: bool) {
        let Open { quote, hashes, multi, .. } = open;
        // The closing triple quote stands behind nothing but white space.
        let mut at_line_start = multi && !resumed;
        loop {
            let Some(&byte) = self.bytes.get(self.at) else {
                self.unterminated(&open, start, resumed);
                return;
            };
            match byte {
                b'\n' if !multi => {
                    self.unterminated(&open, start, resumed);
                    return;
                }
                b'\n' => {
                    self.at += 1;
                    at_line_start = true;
                    continue;
                }
                b' ' | b'\t' | b'\r' => {
                    self.at += 1;
                    continue;
                }
                b'\\' if self.hashes_at(self.at + 1, hashes) => {
                    let escape = self.at + 1 + hashes;
                    if self.bytes.get(escape) == Some(&b'(') {
                        self.at = escape + 1;
                        self.push(if resumed { Kind::StringMid } else { Kind::StringStart }, start);
                        self.open.push(Open { parens: 0, ..open });
                        return;
                    }
                    self.at = escape;
                    // The escaped character is no quote; a line break is left to the next turn.
                    if !matches!(self.bytes.get(escape), None | Some(b'\n' | b'\r')) {
                        self.at += 1;
                    }
                }
                _ if byte == quote => {
                    if multi {
                        let rest = &self.bytes[self.at..];
                        if at_line_start
                            && rest.len() >= 3
                            && rest[1] == quote
                            && rest[2] == quote
                            && self.hashes_at(self.at + 3, hashes)
                        {
                            self.at += 3 + hashes;
                            self.push(if resumed { Kind::StringEnd } else { Kind::String }, start);
                            return;
                        }
                    } else if self.hashes_at(self.at + 1, hashes) {
                        self.at += 1 + hashes;
                        self.push(if resumed { Kind::StringEnd } else { Kind::String }, start);
                        return;
                    }
                    self.at += 1;
                }
                0 => {
                    self.error(self.at, self.at + 1, "the file contains a NUL character");
                    self.at += 1;
                }
                _ => self.at += 1,
            }
            at_line_start = false;
        }
    }

    pub(super) fn unterminated(&mut self, open: &Open, start: usize, resumed: bool) {
        let closing = format!(
            "{}{}",
            if open.multi {
                [open.quote as char; 3].iter().collect()
            } else {
                (open.quote as char).to_string()
            },
            "#".repeat(open.hashes.min(8)),
        );
        // A quote that never closes inside an interpolation is rather the closing quote of the
        // string around it, whose `)` is missing.
        if !open.multi
            && !resumed
            && let Some(outer) = self.open.last()
            && !outer.multi
            && outer.quote == open.quote
            && outer.hashes == open.hashes
            && !self.bytes[outer.start..start].contains(&b'\n')
        {
            let outer_start = outer.start;
            let span = Span::new(self.file, start, start);
            self.report(
                Diagnostic::new(codes::CUE_SYNTAX, span, "expected `)` to end the interpolation")
                    .label(Span::new(self.file, outer_start, outer_start + 1), "in this string")
                    .replace(span, ")", "close the interpolation"),
            );
            while self.open.last().is_some_and(|outer| {
                !outer.multi && !self.bytes[outer.start..start].contains(&b'\n')
            }) {
                self.open.pop();
                self.push(Kind::BadStringEnd, start);
            }
            return;
        }
        let from = if resumed { open.start } else { start };
        let mut end = self.at;
        while end > from && matches!(self.bytes[end - 1], b'\r' | b'\n') {
            end -= 1;
        }
        let span = Span::new(self.file, from, end.max(from + 1).min(self.bytes.len()));
        let place = Span::new(self.file, end, end);
        let mut diagnostic = Diagnostic::new(
            codes::CUE_SYNTAX,
            span,
            if open.multi {
                format!("expected `{closing}` on a line of its own to end this string")
            } else {
                format!("expected `{closing}` before the end of the line")
            },
        );
        if !open.multi {
            diagnostic = diagnostic.replace(place, closing, "close the string");
        }
        self.report(diagnostic);
        self.push(if resumed { Kind::BadStringEnd } else { Kind::BadString }, start);
    }
}
