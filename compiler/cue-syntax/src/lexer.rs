//! The lexer: text to tokens and comments.
//!
//! Invariant: every byte is looked at a bounded number of times, nesting lives on a heap stack,
//! and every text, however broken, yields tokens that end in [`Kind::Eof`]. What is wrong inside
//! a token is reported here, once.

use platformc_source::{Diagnostic, FileId, Span, codes};

use crate::token::{Kind, RawComment, Token};

/// The tokens of a text.
pub(crate) struct Lexed {
    /// The tokens; the last is [`Kind::Eof`].
    pub(crate) tokens: Vec<Token>,
    /// The comments, in order.
    pub(crate) comments: Vec<RawComment>,
    /// What is wrong inside tokens.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Reports no more than this many faults a file: past it they tell nothing new.
pub(crate) const MAX_DIAGNOSTICS: usize = 100;

/// A string whose interpolation is being read.
struct Open {
    quote: u8,
    hashes: usize,
    multi: bool,
    /// Round brackets open inside the interpolation.
    parens: u32,
    /// Where the string began.
    start: usize,
}

struct Lexer<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    file: FileId,
    open: Vec<Open>,
    /// Whether only white space has been read since the last line break.
    line_start: bool,
    out: Lexed,
}

/// Reads all tokens of `text`.
pub(crate) fn lex(file: FileId, text: &str) -> Lexed {
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        at: 0,
        file,
        open: Vec::new(),
        line_start: true,
        out: Lexed {
            tokens: Vec::with_capacity(text.len() / 4 + 8),
            comments: Vec::new(),
            diagnostics: Vec::new(),
        },
    };
    if text.starts_with('\u{feff}') {
        lexer.at = '\u{feff}'.len_utf8();
    }
    lexer.run();
    lexer.out
}

const fn name_bytes() -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || byte == 0x5f || byte == 0x24;
        byte += 1;
    }
    table
}

/// The ASCII bytes that continue a name.
static NAME: [bool; 256] = name_bytes();

pub(crate) fn is_letter(c: char) -> bool {
    c == '_' || c == '$' || c.is_alphabetic()
}

pub(crate) fn is_name_char(c: char) -> bool {
    is_letter(c) || c.is_numeric()
}

/// A byte offset as the tokens hold it. Texts are far smaller than 4 GiB: [`crate::parse`]
/// refuses larger ones before they come here.
#[allow(clippy::cast_possible_truncation)]
fn offset(at: usize) -> u32 {
    at as u32
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn push(&mut self, kind: Kind, start: usize) {
        self.line_start = false;
        self.out.tokens.push(Token { kind, start: offset(start), end: offset(self.at) });
    }

    fn error(&mut self, start: usize, end: usize, message: impl Into<String>) {
        if self.out.diagnostics.len() < MAX_DIAGNOSTICS {
            self.report(Diagnostic::new(
                codes::CUE_SYNTAX,
                Span::new(self.file, start, end),
                message,
            ));
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.out.diagnostics.len() < MAX_DIAGNOSTICS {
            self.out.diagnostics.push(diagnostic);
        }
    }

    /// Whether a line break here ends a declaration.
    fn wants_comma(&self) -> bool {
        self.out.tokens.last().is_some_and(|token| token.kind.ends_line())
    }

    fn insert_comma(&mut self) {
        if let Some(last) = self.out.tokens.last().copied() {
            self.out.tokens.push(Token { kind: Kind::Newline, start: last.end, end: last.end });
        }
    }

    /// A line break. No comma goes before a written `,` or a `:` at the start of the next line,
    /// as JSON may have it.
    fn line_break(&mut self) {
        self.line_start = true;
        if !self.wants_comma() {
            return;
        }
        while matches!(self.peek(0), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
        if !matches!(self.peek(0), b',' | b':') || self.at >= self.bytes.len() {
            self.insert_comma();
        }
    }

    fn run(&mut self) {
        while let Some(&byte) = self.bytes.get(self.at) {
            let start = self.at;
            self.at += 1;
            match byte {
                b' ' | b'\t' | b'\r' => {}
                b'\n' => self.line_break(),
                b'a'..=b'z' | b'A'..=b'Z' | b'$' => self.name(start),
                b'_' => self.underscore(start),
                b'0'..=b'9' => self.number(start),
                b'"' | b'\'' => self.string(start, 0),
                b'#' => self.hash(start),
                b'/' if self.peek(0) == b'/' => self.comment(start),
                b'@' => self.attribute(start),
                b'.' => self.dot(start),
                b'(' => {
                    if let Some(open) = self.open.last_mut() {
                        open.parens += 1;
                    }
                    self.push(Kind::LParen, start);
                }
                b')' => match self.open.last_mut() {
                    Some(open) if open.parens == 0 => self.resume(start),
                    Some(open) => {
                        open.parens -= 1;
                        self.push(Kind::RParen, start);
                    }
                    None => self.push(Kind::RParen, start),
                },
                b'[' => self.push(Kind::LBracket, start),
                b']' => self.push(Kind::RBracket, start),
                b'{' => self.push(Kind::LBrace, start),
                b'}' => self.push(Kind::RBrace, start),
                b',' => self.push(Kind::Comma, start),
                b':' => self.push(Kind::Colon, start),
                b'?' => self.push(Kind::Question, start),
                b'~' => self.push(Kind::Tilde, start),
                b'+' => self.push(Kind::Plus, start),
                b'-' => self.push(Kind::Minus, start),
                b'*' => self.push(Kind::Star, start),
                b'/' => self.push(Kind::Slash, start),
                b'=' => self.two(start, &[(b'=', Kind::Equal), (b'~', Kind::Match)], Kind::Assign),
                b'!' => {
                    self.two(start, &[(b'=', Kind::NotEqual), (b'~', Kind::NotMatch)], Kind::Not);
                }
                b'<' => self.two(start, &[(b'=', Kind::LessEqual)], Kind::Less),
                b'>' => self.two(start, &[(b'=', Kind::GreaterEqual)], Kind::Greater),
                b'&' => self.two(start, &[(b'&', Kind::AndAnd)], Kind::And),
                b'|' => self.two(start, &[(b'|', Kind::OrOr)], Kind::Or),
                _ => self.other(start),
            }
        }
        if self.wants_comma() {
            self.insert_comma();
        }
        while let Some(open) = self.open.pop() {
            self.error(open.start, open.start + 1, "the interpolation in this string has no end");
            self.push(Kind::BadStringEnd, self.at);
        }
        if self.wants_comma() {
            self.insert_comma();
        }
        self.push(Kind::Eof, self.at);
    }

    fn two(&mut self, start: usize, choices: &[(u8, Kind)], alone: Kind) {
        let next = self.peek(0);
        match choices.iter().find(|(byte, _)| *byte == next) {
            Some((_, kind)) => {
                self.at += 1;
                self.push(*kind, start);
            }
            None => self.push(alone, start),
        }
    }

    /// Skips the characters of a name.
    fn name_rest(&mut self) {
        loop {
            match self.bytes.get(self.at) {
                Some(&byte) if NAME[byte as usize] => self.at += 1,
                Some(&byte) if byte >= 0x80 => {
                    match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
                        Some(c) if is_name_char(c) => self.at += c.len_utf8(),
                        _ => return,
                    }
                }
                _ => return,
            }
        }
    }

    fn name(&mut self, start: usize) {
        self.name_rest();
        let kind = match &self.bytes[start..self.at] {
            b"for" => Kind::For,
            b"if" => Kind::If,
            b"in" => Kind::In,
            b"let" => Kind::Let,
            b"try" => Kind::Try,
            b"else" => Kind::Else,
            b"fallback" => Kind::Fallback,
            b"otherwise" => Kind::Otherwise,
            b"true" => Kind::True,
            b"false" => Kind::False,
            b"null" => Kind::Null,
            _ => Kind::Ident,
        };
        self.push(kind, start);
    }

    fn underscore(&mut self, start: usize) {
        if self.peek(0) == b'|' && self.peek(1) == b'_' {
            self.at += 2;
            self.push(Kind::Bottom, start);
            return;
        }
        if self.peek(0) == b'#' {
            self.at += 1;
        }
        self.name_rest();
        if &self.bytes[start..self.at] == b"__" && self.peek(0) == b'#' {
            self.at += 1;
            self.name_rest();
            self.error(start, self.at, "`__#` begins no identifier");
            self.push(Kind::Illegal, start);
            return;
        }
        let kind = if self.at == start + 1 { Kind::Underscore } else { Kind::Ident };
        self.push(kind, start);
    }

    /// A `#`: a definition's name or a raw string.
    fn hash(&mut self, start: usize) {
        let mut hashes = 1;
        while self.peek(hashes - 1) == b'#' {
            hashes += 1;
        }
        if matches!(self.peek(hashes - 1), b'"' | b'\'') {
            self.at += hashes;
            self.string(start, hashes);
            return;
        }
        if hashes > 1 {
            self.at += hashes - 1;
            self.error(start, self.at, "expected a name after one `#`, or a quote after several");
            self.push(Kind::Illegal, start);
            return;
        }
        if self.peek(0).is_ascii_digit() {
            self.name_rest();
            self.error(start, self.at, "the name of a definition cannot begin with a digit");
            self.push(Kind::Illegal, start);
            return;
        }
        self.name_rest();
        self.push(Kind::Ident, start);
    }

    fn other(&mut self, start: usize) {
        let c = self.text.get(start..).and_then(|rest| rest.chars().next()).unwrap_or('\u{fffd}');
        self.at = start + c.len_utf8();
        if is_letter(c) {
            self.name(start);
            return;
        }
        let message = match c {
            '\u{feff}' => "a byte order mark stands only at the very start of a file".to_owned(),
            '\0' => "the file contains a NUL character".to_owned(),
            ';' => "`;` separates nothing in CUE".to_owned(),
            '“' | '”' | '‘' | '’' => format!("`{c}` is no quotation mark in CUE"),
            c if c.is_control() => format!("illegal character U+{:04X}", u32::from(c)),
            c => format!("illegal character `{c}` (U+{:04X})", u32::from(c)),
        };
        let span = Span::new(self.file, start, self.at);
        let mut diagnostic = Diagnostic::new(codes::CUE_SYNTAX, span, message);
        match c {
            ';' => diagnostic = diagnostic.replace(span, ",", "write a comma or a line break"),
            '“' | '”' => diagnostic = diagnostic.replace(span, "\"", "write a straight quote"),
            '‘' | '’' => diagnostic = diagnostic.replace(span, "'", "write a straight quote"),
            _ => {}
        }
        self.report(diagnostic);
        // A run of illegal characters is one token, so that binary rubbish costs little.
        if let Some(last) = self.out.tokens.last_mut()
            && last.kind == Kind::Illegal
            && last.end as usize == start
        {
            last.end = offset(self.at);
            return;
        }
        self.push(if c == ';' { Kind::Comma } else { Kind::Illegal }, start);
    }

    fn comment(&mut self, start: usize) {
        let own_line = self.line_start;
        if self.wants_comma() {
            self.insert_comma();
        }
        let rest = &self.bytes[start..];
        let mut end = start + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        self.at = end;
        while end > start && self.bytes[end - 1] == b'\r' {
            end -= 1;
        }
        self.out.comments.push(RawComment { start: offset(start), end: offset(end), own_line });
    }

    fn dot(&mut self, start: usize) {
        if self.peek(0).is_ascii_digit() {
            self.number(start);
        } else if self.peek(0) == b'.' && self.peek(1) == b'.' {
            self.at += 2;
            self.push(Kind::Ellipsis, start);
        } else if self.peek(0) == b'.' {
            self.at += 1;
            let span = Span::new(self.file, start, self.at);
            self.report(
                Diagnostic::new(codes::CUE_SYNTAX, span, "`..` means nothing in CUE")
                    .replace(span, "...", "write `...` for an open struct or list")
                    .replace(span, ".", "write `.` to select a field"),
            );
            self.push(Kind::Illegal, start);
        } else {
            self.push(Kind::Dot, start);
        }
    }

    /// Skips digits of a base and the `_` between them.
    fn digits(&mut self, is_digit: fn(&u8) -> bool) -> usize {
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

    fn number(&mut self, start: usize) {
        let first = self.bytes[start];
        if first == b'0' {
            let base: Option<(fn(&u8) -> bool, &str)> = match self.peek(0) {
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

    fn hashes_at(&self, at: usize, hashes: usize) -> bool {
        self.bytes.get(at..at + hashes).is_some_and(|tail| tail.iter().all(|byte| *byte == b'#'))
    }

    /// A string whose first quote has just been read.
    fn string(&mut self, start: usize, hashes: usize) {
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
    fn resume(&mut self, start: usize) {
        if let Some(open) = self.open.pop() {
            self.string_body(open, start, true);
        }
    }

    fn string_body(&mut self, open: Open, start: usize, resumed: bool) {
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
                        self.push(
                            if resumed { Kind::StringMid } else { Kind::StringStart },
                            start,
                        );
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
                            self.push(
                                if resumed { Kind::StringEnd } else { Kind::String },
                                start,
                            );
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

    fn unterminated(&mut self, open: &Open, start: usize, resumed: bool) {
        let closing = format!(
            "{}{}",
            if open.multi { [open.quote as char; 3].iter().collect() } else { (open.quote as char).to_string() },
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

    /// `@key(body)`: the body is raw, with balanced brackets and strings.
    fn attribute(&mut self, start: usize) {
        self.name_rest();
        if self.peek(0) != b'(' {
            let end = self.at;
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
    fn attribute_string(&mut self) -> bool {
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
