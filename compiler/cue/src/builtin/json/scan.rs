//! JSON text, token by token.
//!
//! Invariant: the grammar is that of RFC 8259, checked without recursion; values nest at most
//! [`MAX_DEPTH`] deep. The readers of documents with spans live in another crate: these functions
//! need the exact text of tokens (`Compact`, `Indent`) and values in sequence.

use platformc_value::{Data, Map, Number, Value};

use crate::builtin::args::{CallError, fail, room, space};

/// Deepest nesting of a value that is built.
const MAX_DEPTH: usize = 512;
/// Deepest nesting of a text that is checked.
const MAX_CHECKED: usize = 10_000;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Token<'t> {
    Open(u8),
    Close(u8),
    Comma,
    Colon,
    String(&'t [u8]),
    Scalar(&'t [u8]),
}

struct Tokens<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Tokens<'t> {
    fn next(&mut self) -> Result<Option<Token<'t>>, CallError> {
        while matches!(self.text.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        let Some(byte) = self.text.get(self.at) else { return Ok(None) };
        let start = self.at;
        self.at += 1;
        Ok(Some(match byte {
            b'{' | b'[' => Token::Open(*byte),
            b'}' => Token::Close(b'{'),
            b']' => Token::Close(b'['),
            b',' => Token::Comma,
            b':' => Token::Colon,
            b'"' => {
                self.string()?;
                Token::String(&self.text[start..self.at])
            }
            b'-' | b'0'..=b'9' => {
                self.at = start;
                self.number()?;
                Token::Scalar(&self.text[start..self.at])
            }
            _ => {
                let word = ["true", "false", "null"]
                    .into_iter()
                    .find(|word| self.text[start..].starts_with(word.as_bytes()));
                let Some(word) = word else { return Err(self.invalid(start)) };
                self.at = start + word.len();
                Token::Scalar(&self.text[start..self.at])
            }
        }))
    }

    fn invalid(&self, at: usize) -> CallError {
        match self.text.get(at) {
            Some(byte) if byte.is_ascii_graphic() => {
                CallError::new(format!("invalid character '{}' at byte {at}", char::from(*byte)))
            }
            Some(byte) => CallError::new(format!("invalid byte {byte:#04x} at byte {at}")),
            None => CallError::new("unexpected end of JSON input"),
        }
    }

    fn string(&mut self) -> Result<(), CallError> {
        loop {
            match self.text.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    let hex = match self.text.get(self.at + 1) {
                        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 0,
                        Some(b'u') => 4,
                        _ => return Err(self.invalid(self.at + 1)),
                    };
                    self.at += 2;
                    for _ in 0..hex {
                        if !self.text.get(self.at).is_some_and(u8::is_ascii_hexdigit) {
                            return Err(self.invalid(self.at));
                        }
                        self.at += 1;
                    }
                }
                Some(byte) if *byte >= 0x20 => self.at += 1,
                _ => return Err(self.invalid(self.at)),
            }
        }
    }

    fn digits(&mut self) -> Result<(), CallError> {
        let start = self.at;
        while self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if self.at == start { Err(self.invalid(self.at)) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<(), CallError> {
        if self.text.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        if self.text.get(self.at) == Some(&b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.text.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.text.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }
}

/// What the grammar wants next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Want {
    Value,
    ValueOrClose,
    KeyOrClose,
    Key,
    Colon,
    CommaOrClose,
}

/// The state of the grammar within one value.
struct Grammar {
    open: Vec<u8>,
    want: Want,
}

impl Grammar {
    fn new() -> Grammar {
        Grammar { open: Vec::new(), want: Want::Value }
    }

    /// Takes a token; whether a whole value ends with it, or `None` if it may not stand there.
    fn take(&mut self, token: Token<'_>, limit: usize) -> Option<bool> {
        let wants_value = matches!(self.want, Want::Value | Want::ValueOrClose);
        match token {
            Token::Open(kind) if wants_value && self.open.len() < limit => {
                self.open.push(kind);
                self.want = if kind == b'{' { Want::KeyOrClose } else { Want::ValueOrClose };
                return Some(false);
            }
            Token::Close(kind)
                if self.open.last() == Some(&kind)
                    && matches!(
                        self.want,
                        Want::ValueOrClose | Want::KeyOrClose | Want::CommaOrClose
                    ) =>
            {
                self.open.pop();
            }
            Token::Comma if self.want == Want::CommaOrClose => {
                self.want = if self.open.last() == Some(&b'{') { Want::Key } else { Want::Value };
                return Some(false);
            }
            Token::Colon if self.want == Want::Colon => {
                self.want = Want::Value;
                return Some(false);
            }
            Token::String(_) if matches!(self.want, Want::Key | Want::KeyOrClose) => {
                self.want = Want::Colon;
                return Some(false);
            }
            Token::String(_) | Token::Scalar(_) if wants_value => {}
            _ => return None,
        }
        self.want = Want::CommaOrClose;
        if self.open.is_empty() {
            self.want = Want::Value;
        }
        Some(self.open.is_empty())
    }
}

/// Whether the text is one JSON value.
pub(super) fn check(text: &[u8]) -> Result<(), CallError> {
    let mut tokens = Tokens { text, at: 0 };
    let mut grammar = Grammar::new();
    let mut done = false;
    while let Some(token) = tokens.next()? {
        let at = tokens.at - 1;
        match grammar.take(token, MAX_CHECKED) {
            Some(ended) if !done => done = ended,
            _ => return Err(tokens.invalid(at)),
        }
    }
    if done { Ok(()) } else { Err(tokens.invalid(text.len())) }
}

/// Drops white space between the tokens of a checked text.
pub(super) fn compact(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut tokens = Tokens { text, at: 0 };
    while let Ok(Some(token)) = tokens.next() {
        push(&mut out, token);
    }
    out
}

fn push(out: &mut Vec<u8>, token: Token<'_>) {
    match token {
        Token::Open(kind) => out.push(kind),
        Token::Close(kind) => out.push(if kind == b'{' { b'}' } else { b']' }),
        Token::Comma => out.push(b','),
        Token::Colon => out.push(b':'),
        Token::String(text) | Token::Scalar(text) => out.extend_from_slice(text),
    }
}

/// Breaks a checked text into lines; white space at its end stays.
pub(super) fn indent(text: &[u8], prefix: &str, indent: &str) -> Result<Vec<u8>, CallError> {
    let mut out = Vec::new();
    let mut tokens = Tokens { text, at: 0 };
    let mut depth = 0;
    let mut empty = false;
    let line = |out: &mut Vec<u8>, depth: usize| {
        space(out.len() + prefix.len() + indent.len().saturating_mul(depth) + 1)?;
        out.push(b'\n');
        out.extend_from_slice(prefix.as_bytes());
        for _ in 0..depth {
            out.extend_from_slice(indent.as_bytes());
        }
        Ok::<(), CallError>(())
    };
    while let Some(token) = tokens.next()? {
        if let Token::Close(_) = token {
            depth -= 1;
            if !empty {
                line(&mut out, depth)?;
            }
        } else if empty {
            line(&mut out, depth)?;
        }
        empty = false;
        push(&mut out, token);
        match token {
            Token::Open(_) => {
                depth += 1;
                empty = true;
            }
            Token::Comma => line(&mut out, depth)?,
            Token::Colon => out.push(b' '),
            _ => {}
        }
    }
    let end = text.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |at| at + 1);
    out.extend_from_slice(&text[end..]);
    Ok(out)
}

/// The values of a text that holds any number of them.
pub(super) fn values(text: &[u8]) -> Result<Vec<Value>, CallError> {
    if std::str::from_utf8(text).is_err() {
        return fail!("json: the text is not UTF-8");
    }
    let mut tokens = Tokens { text, at: 0 };
    let mut grammar = Grammar::new();
    let mut builder = Builder::default();
    let mut done = true;
    while let Some(token) = tokens.next()? {
        let at = tokens.at - 1;
        let is_key = matches!(grammar.want, Want::Key | Want::KeyOrClose);
        if matches!(token, Token::Open(_)) && grammar.open.len() >= MAX_DEPTH {
            return fail!("json: the value nests deeper than {MAX_DEPTH}");
        }
        match grammar.take(token, MAX_DEPTH) {
            Some(ended) => done = ended,
            None => return Err(tokens.invalid(at)),
        }
        builder.take(token, is_key)?;
    }
    if done { Ok(builder.values) } else { Err(tokens.invalid(text.len())) }
}

#[derive(Default)]
struct Builder {
    values: Vec<Value>,
    open: Vec<(Partial, Option<String>)>,
    count: usize,
}

enum Partial {
    List(Vec<Value>),
    Map(Fields),
}

impl Builder {
    fn take(&mut self, token: Token<'_>, is_key: bool) -> Result<(), CallError> {
        let value = match token {
            Token::Open(b'{') => {
                self.open.push((Partial::Map(Fields::default()), None));
                return Ok(());
            }
            Token::Open(_) => {
                self.open.push((Partial::List(Vec::new()), None));
                return Ok(());
            }
            Token::Close(_) => match self.open.pop() {
                Some((Partial::List(items), _)) => Value::list(items),
                Some((Partial::Map(fields), _)) => Value::map(fields.map),
                None => return Ok(()),
            },
            Token::Comma | Token::Colon => return Ok(()),
            Token::String(text) => {
                let text = unescape(text)?;
                if is_key {
                    if let Some((_, key)) = self.open.last_mut() {
                        *key = Some(text);
                    }
                    return Ok(());
                }
                Value::string(text)
            }
            Token::Scalar(b"true") => Value::bool(true),
            Token::Scalar(b"false") => Value::bool(false),
            Token::Scalar(b"null") => Value::null(),
            Token::Scalar(text) => {
                let n = Number::parse(&String::from_utf8_lossy(text))?;
                crate::builtin::args::numeric(n)
            }
        };
        self.count += 1;
        room(self.count)?;
        match self.open.last_mut() {
            Some((Partial::List(items), _)) => items.push(value),
            Some((Partial::Map(fields), key)) => {
                fields.add(key.take().unwrap_or_default(), value)?;
            }
            None => self.values.push(value),
        }
        Ok(())
    }
}

/// The text of a string token; halves of surrogate pairs are refused.
fn unescape(token: &[u8]) -> Result<String, CallError> {
    let text = String::from_utf8_lossy(token);
    let inner = &text[1..text.len() - 1];
    if !inner.contains('\\') {
        return Ok(inner.to_owned());
    }
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let code = rest.as_bytes().get(at + 1).copied().unwrap_or(b'\\');
        rest = &rest[at + 2..];
        match code {
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{c}'),
            b'n' => out.push('\n'),
            b'r' => out.push('\r'),
            b't' => out.push('\t'),
            b'u' => {
                let unit = |text: &str| u32::from_str_radix(text.get(..4)?, 16).ok();
                let mut value = unit(rest).unwrap_or(0xfffd);
                rest = &rest[4..];
                if (0xd800..0xdc00).contains(&value)
                    && let Some(low) = rest.strip_prefix("\\u").and_then(unit)
                    && (0xdc00..0xe000).contains(&low)
                {
                    value = 0x10000 + ((value - 0xd800) << 10) + (low - 0xdc00);
                    rest = &rest[6..];
                }
                match char::from_u32(value) {
                    Some(c) => out.push(c),
                    None => return fail!("invalid string: unmatched surrogate pair"),
                }
            }
            other => out.push(char::from(other)),
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// Two values of one field as one: equal ones, or structs field by field.
pub(in crate::builtin) fn unify(first: Value, second: Value) -> Result<Value, CallError> {
    match (first, second) {
        (Value { data: Data::Map(mut map), origin }, Value { data: Data::Map(other), .. }) => {
            for entry in other {
                let value = match map.remove(&entry.key) {
                    Some(known) => unify(known.value, entry.value)?,
                    None => entry.value,
                };
                map.insert(entry.key, value);
            }
            Ok(Value { data: Data::Map(map), origin })
        }
        (first, second) if first == second => Ok(first),
        (first, second) => fail!(
            "conflicting values {} and {}",
            crate::builtin::args::literal(&second),
            crate::builtin::args::literal(&first)
        ),
    }
}

/// The fields of a map that is being read, with an index of their names.
#[derive(Default)]
pub(in crate::builtin) struct Fields {
    /// The fields so far.
    pub(in crate::builtin) map: Map,
    index: rustc_hash::FxHashSet<String>,
}

impl Fields {
    /// Adds a field; one that is there must agree.
    pub(in crate::builtin) fn add(&mut self, key: String, value: Value) -> Result<(), CallError> {
        if self.index.insert(key.clone()) {
            let key_origin = value.origin;
            self.map.push_unique(platformc_value::Entry { key: key.into(), key_origin, value });
            return Ok(());
        }
        if let Some(slot) = self.map.get_mut(&key) {
            let known = std::mem::replace(slot, Value::null());
            *slot = unify(known, value)?;
        }
        Ok(())
    }

    /// Whether there is such a field.
    pub(in crate::builtin) fn has(&self, key: &str) -> bool {
        self.index.contains(key)
    }
}
