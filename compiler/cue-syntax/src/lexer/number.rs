//! Numbers.

use platformc_source::{Diagnostic, Span, codes};

use super::Lexer;
use crate::token::Kind;

/// Whether a byte is a digit of some base.
type IsDigit = fn(&u8) -> bool;

impl Lexer<'_> {
    /// Skips digits of a base and the `_` between them.
    pub(super) fn digits(&mut self, is_digit: IsDigit) -> usize {
        let start = self.at;
        while is_digit(&self.peek(0)) || self.peek(0) == b'_' {
            self.at += 1;
        }
        let digits = &self.bytes[start..self.at];
        if digits.last() == Some(&b'_')
            || digits.first() == Some(&b'_') && !self.bytes[..start].last().is_some_and(is_digit)
            || digits.windows(2).any(|pair| pair == b"__")
        {
            let end = self.at;
            self.error(start, end, "`_` in a number must stand between two digits");
        }
        digits.len()
    }

    pub(super) fn number(&mut self, start: usize) {
        let first = self.bytes[start];
        if first == b'0' {
            let base: Option<(IsDigit, &str)> = match self.peek(0) {
                b'x' | b'X' => Some((u8::is_ascii_hexdigit, "hexadecimal")),
                b'o' => Some((|byte| matches!(byte, b'0'..=b'7'), "octal")),
                b'b' => Some((|byte| matches!(byte, b'0' | b'1'), "binary")),
                _ => None,
            };
            if let Some((is_digit, name)) = base {
                self.at += 1;
                if self.digits(is_digit) == 0 {
                    let end = self.at;
                    self.error(start, end, format!("this {name} number has no digits"));
                }
                self.push(Kind::Number, start);
                return;
            }
        }
        let mut integer = first != b'.';
        let mut multiplied = false;
        self.digits(u8::is_ascii_digit);
        if integer && self.peek(0) == b'.' && self.peek(1) != b'.' {
            integer = false;
            self.at += 1;
            if self.peek(0).is_ascii_digit() {
                self.digits(u8::is_ascii_digit);
            }
        }
        match self.peek(0) {
            b'K' | b'M' | b'G' | b'T' | b'P' => {
                self.at += 1;
                if self.peek(0) == b'i' {
                    self.at += 1;
                }
                multiplied = true;
            }
            b'e' | b'E' => {
                integer = false;
                self.at += 1;
                if matches!(self.peek(0), b'+' | b'-') {
                    self.at += 1;
                }
                if self.digits(u8::is_ascii_digit) == 0 {
                    let end = self.at;
                    self.error(start, end, "this number has an exponent without digits");
                }
            }
            _ => {}
        }
        let text = &self.bytes[start..self.at];
        if integer && !multiplied && text.len() > 1 && first == b'0' {
            let span = Span::new(self.file, start, self.at);
            let rest = self.text[start..self.at].trim_start_matches(['0', '_']).to_owned();
            let octal = !rest.is_empty() && rest.bytes().all(|b| matches!(b, b'0'..=b'7' | b'_'));
            let decimal = if rest.is_empty() { "0".to_owned() } else { rest.clone() };
            let mut diagnostic = Diagnostic::new(
                codes::CUE_SYNTAX,
                span,
                "an integer cannot begin with `0`: it could be meant as octal",
            );
            if octal {
                diagnostic =
                    diagnostic.replace(span, format!("0o{rest}"), "write it as an octal number");
            }
            self.report(diagnostic.replace(span, decimal, "write it as a decimal number"));
        }
        self.push(Kind::Number, start);
    }
}
