//! The lexer: text to tokens and comments.
//!
//! Invariant: every byte is looked at a bounded number of times, nesting lives on a heap stack,
//! and every text, however broken, yields tokens that end in [`Kind::Eof`]. What is wrong inside
//! a token is reported here, once.

mod attribute;
mod number;
mod string;

use platformc_source::{Diagnostic, Edit, FileId, Span, codes};
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

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
#[derive(Clone, Copy)]
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

/// Whether `c` begins a name: a Unicode letter, `_` or `$`.
pub(crate) fn is_letter(c: char) -> bool {
    c == '_'
        || c == '$'
        || c.is_ascii_alphabetic()
        || !c.is_ascii() && c.general_category_group() == GeneralCategoryGroup::Letter
}

/// Whether `c` continues a name: a letter or a decimal digit of any script.
pub(crate) fn is_name_char(c: char) -> bool {
    is_letter(c)
        || c.is_ascii_digit()
        || !c.is_ascii() && c.general_category() == GeneralCategory::DecimalNumber
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
                b'<' => {
                    if self.peek(0) == b'-' {
                        self.arrow(start);
                    }
                    self.two(start, &[(b'=', Kind::LessEqual)], Kind::Less);
                }
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

    /// `<-`, which the language keeps for itself.
    fn arrow(&mut self, start: usize) {
        let span = Span::new(self.file, start, start + 2);
        self.report(
            Diagnostic::new(codes::CUE_SYNTAX, span, "`<-` is reserved and means nothing yet")
                .replace(span, "< -", "write `<` and `-` apart"),
        );
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
        if matches!(c, '“' | '”' | '„' | '‘' | '’') {
            self.curly_quote(start, c);
            return;
        }
        // A run of illegal characters is one token and one fault.
        if c != ';'
            && let Some(last) = self.out.tokens.last_mut()
            && last.kind == Kind::Illegal
            && last.end as usize == start
        {
            last.end = offset(self.at);
            return;
        }
        let message = match c {
            '\u{feff}' => "a byte order mark stands only at the very start of a file".to_owned(),
            '\0' => "the file contains a NUL character".to_owned(),
            ';' => "`;` separates nothing in CUE".to_owned(),
            c if c.is_control() => format!("illegal character U+{:04X}", u32::from(c)),
            c => format!("illegal character `{c}` (U+{:04X})", u32::from(c)),
        };
        let span = Span::new(self.file, start, self.at);
        let mut diagnostic = Diagnostic::new(codes::CUE_SYNTAX, span, message);
        if c == ';' {
            diagnostic = diagnostic.replace(span, ",", "write a comma or a line break");
        }
        self.report(diagnostic);
        self.push(if c == ';' { Kind::Comma } else { Kind::Illegal }, start);
    }

    /// A quotation mark as word processors make it, and the text up to the next one.
    fn curly_quote(&mut self, start: usize, open: char) {
        let rest = self.text.get(self.at..).unwrap_or("");
        let line = rest.lines().next().unwrap_or("");
        let close = line.char_indices().find(|(_, c)| matches!(c, '“' | '”' | '‘' | '’' | '"'));
        let span = |from: usize, len: usize| Span::new(self.file, from, from + len);
        let edit = |span: Span| Edit { span, text: "\"".to_owned() };
        let first = span(start, open.len_utf8());
        let mut edits = vec![edit(first)];
        if let Some((at, c)) = close {
            if c != '"' {
                edits.push(edit(span(self.at + at, c.len_utf8())));
            }
            self.at += at + c.len_utf8();
        }
        self.report(
            Diagnostic::new(
                codes::CUE_SYNTAX,
                first,
                format!("`{open}` is no quotation mark in CUE"),
            )
            .fix("write straight quotes", edits),
        );
        self.push(Kind::BadString, start);
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
}
