//! Attributes.

use super::Lexer;
use crate::token::Kind;

impl Lexer<'_> {
    /// `@key(body)`: the body is raw, with balanced brackets, strings and comments.
    pub(super) fn attribute(&mut self, start: usize) {
        self.name_rest();
        let end = self.at;
        while matches!(self.peek(0), b' ' | b'\t') {
            self.at += 1;
        }
        if self.peek(0) != b'(' {
            self.at = end;
            self.error(start, end, "expected `(` after the name of the attribute");
            self.push(Kind::BadAttribute, start);
            return;
        }
        self.at += 1;
        let mut closers = vec![b')'];
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'(' => closers.push(b')'),
                b'[' => closers.push(b']'),
                b'{' => closers.push(b'}'),
                b')' | b']' | b'}' => {
                    if closers.pop() != Some(byte) {
                        self.error(
                            self.at,
                            self.at + 1,
                            format!("`{}` closes no bracket of this attribute", byte as char),
                        );
                        self.at += 1;
                        self.push(Kind::BadAttribute, start);
                        return;
                    }
                    if closers.is_empty() {
                        self.at += 1;
                        self.push(Kind::Attribute, start);
                        return;
                    }
                }
                b'/' if self.peek(1) == b'/' => {
                    while !matches!(self.bytes.get(self.at), None | Some(b'\n')) {
                        self.at += 1;
                    }
                    continue;
                }
                b'"' | b'\'' | b'#' => {
                    if !self.attribute_string() {
                        self.push(Kind::BadAttribute, start);
                        return;
                    }
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
        let key_end = start + 1;
        self.error(start, key_end, "expected `)` to end this attribute");
        self.push(Kind::BadAttribute, start);
    }

    /// Skips a string inside an attribute; false if it was reported as broken.
    pub(super) fn attribute_string(&mut self) -> bool {
        let start = self.at;
        let mut hashes = 0;
        while self.peek(0) == b'#' {
            self.at += 1;
            hashes += 1;
        }
        if !matches!(self.peek(0), b'"' | b'\'') {
            return true;
        }
        self.at += 1;
        // Read as a token of its own, which is then taken back.
        let count = self.out.tokens.len();
        let depth = self.open.len();
        self.string(start, hashes);
        let kind = self.out.tokens.last().map(|token| token.kind);
        self.out.tokens.truncate(count);
        match kind {
            Some(Kind::String) => true,
            Some(Kind::StringStart) => {
                self.open.truncate(depth);
                let end = self.at;
                self.error(end - 1, end, "an attribute cannot hold an interpolation");
                false
            }
            _ => {
                self.open.truncate(depth);
                false
            }
        }
    }
}
