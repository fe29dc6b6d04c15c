//! The JSON reader. Invariant: an explicit stack, at most [`MAX_DEPTH`] frames high. Small slips
//! (a comma too many or too few, a comment) are reported and passed over; at anything else reading
//! stops, and what is open is closed.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use platformc_source::{Diagnostic, FileId, Origin, Outcome, Span, codes};
use platformc_value::{Data, Entry, Map, Number, Value};

use crate::MAX_DEPTH;

/// So many findings are kept of a file.
const MAX_FINDINGS: usize = 1000;

/// Reads one JSON text. The value is `None` if there is none, not even a part of one.
#[must_use]
pub fn read(file: FileId, text: &str) -> Outcome<Option<Value>> {
    let mut reader = Reader {
        file,
        text,
        bytes: text.as_bytes(),
        at: crate::without_bom(text).1,
        frames: Vec::new(),
        keys: HashSet::new(),
        diagnostics: Vec::new(),
    };
    let value = reader.document();
    Outcome::new(value, reader.diagnostics)
}

enum Kind {
    List(Vec<Value>),
    Map { map: Map, index: HashMap<Arc<str>, usize>, key: Option<(Arc<str>, Span)> },
}

struct Frame {
    kind: Kind,
    start: usize,
    /// Whether a comma or the end must come before the next item.
    after_item: bool,
}

/// Reading cannot go on; the fault is reported.
struct Stop;

struct Reader<'t> {
    file: FileId,
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    frames: Vec<Frame>,
    keys: HashSet<Arc<str>>,
    diagnostics: Vec<Diagnostic>,
}

impl<'t> Reader<'t> {
    fn document(&mut self) -> Option<Value> {
        match self.run() {
            Ok(value) => {
                self.blanks();
                if self.at < self.bytes.len() {
                    let end = self.text.trim_end().len().max(self.at + 1);
                    self.fault(self.at, end, "there is text behind the JSON value");
                }
                Some(value)
            }
            Err(Stop) => {
                let mut root = None;
                while let Some(frame) = self.frames.pop() {
                    let value = self.finish(frame, self.at);
                    if self.frames.is_empty() {
                        root = Some(value);
                    } else {
                        self.place(value);
                    }
                }
                root
            }
        }
    }

    fn run(&mut self) -> Result<Value, Stop> {
        loop {
            self.blanks();
            if self.punctuation()? {
                continue;
            }
            let Some(byte) = self.bytes.get(self.at).copied() else {
                return Err(self.unexpected_end());
            };
            let closes = matches!(
                (byte, self.frames.last()),
                (b']', Some(Frame { kind: Kind::List(_), .. }))
                    | (b'}', Some(Frame { kind: Kind::Map { key: None, .. }, .. }))
            );
            let value = if closes {
                self.at += 1;
                let Some(frame) = self.frames.pop() else { return Err(Stop) };
                self.finish(frame, self.at)
            } else if self.wants_key() {
                self.key()?;
                continue;
            } else if matches!(byte, b'[' | b'{') {
                self.open(byte)?;
                continue;
            } else {
                self.scalar(byte)?
            };
            if self.frames.is_empty() {
                return Ok(value);
            }
            self.place(value);
        }
    }

    fn wants_key(&self) -> bool {
        matches!(self.frames.last(), Some(Frame { kind: Kind::Map { key: None, .. }, .. }))
    }

    /// Takes a comma where one may stand; says whether it did.
    fn punctuation(&mut self) -> Result<bool, Stop> {
        let comma = self.bytes.get(self.at) == Some(&b',');
        let at = self.at;
        let Some(frame) = self.frames.last_mut() else { return Ok(false) };
        if matches!(&frame.kind, Kind::Map { key: Some(_), .. }) {
            return Ok(false);
        }
        if comma {
            self.at += 1;
            if !std::mem::replace(&mut frame.after_item, false) {
                self.fault(at, at + 1, "there is no value before this comma");
            }
            self.blanks();
            if matches!(self.bytes.get(self.at), Some(b']' | b'}')) {
                let span = self.span(at, at + 1);
                self.report(
                    Diagnostic::new(
                        codes::JSON_SYNTAX,
                        span,
                        "JSON has no comma behind the last item",
                    )
                    .replace(span, "", "remove the comma"),
                );
            }
            return Ok(true);
        }
        let ends = matches!(self.bytes.get(self.at), None | Some(b']' | b'}'));
        if frame.after_item && !ends {
            frame.after_item = false;
            let span = self.span(at, at + 1);
            let insert = Span { end: span.start, ..span };
            self.report(
                Diagnostic::new(codes::JSON_SYNTAX, span, "a comma is missing before this")
                    .replace(insert, ",", "put a comma"),
            );
        }
        Ok(false)
    }

    fn open(&mut self, byte: u8) -> Result<(), Stop> {
        if self.frames.len() >= MAX_DEPTH {
            self.report(Diagnostic::new(
                codes::JSON_DEPTH,
                self.span(self.at, self.at + 1),
                format!("collections nest deeper than {MAX_DEPTH} levels"),
            ));
            return Err(Stop);
        }
        let kind = if byte == b'[' {
            Kind::List(Vec::new())
        } else {
            Kind::Map { map: Map::new(), index: HashMap::new(), key: None }
        };
        self.frames.push(Frame { kind, start: self.at, after_item: false });
        self.at += 1;
        Ok(())
    }

    fn finish(&self, frame: Frame, end: usize) -> Value {
        let data = match frame.kind {
            Kind::List(items) => Data::List(items),
            Kind::Map { map, .. } => Data::Map(map),
        };
        Value::new(data, Origin::authored(self.span(frame.start, end)))
    }

    fn place(&mut self, value: Value) {
        let Some(frame) = self.frames.last_mut() else { return };
        frame.after_item = true;
        match &mut frame.kind {
            Kind::List(items) => items.push(value),
            Kind::Map { map, index, key } => {
                let Some((key, span)) = key.take() else { return };
                if let Some(first) = index.get(&key).and_then(|at| map.iter().nth(*at)) {
                    let first = first.key_origin.span;
                    self.report(
                        Diagnostic::new(
                            codes::JSON_DUPLICATE_KEY,
                            span,
                            format!("the key `{key}` is there twice"),
                        )
                        .primary_label("again here")
                        .label(first, "first here"),
                    );
                    return;
                }
                index.insert(key.clone(), map.len());
                map.push_unique(Entry { key, key_origin: Origin::authored(span), value });
            }
        }
    }

    fn key(&mut self) -> Result<(), Stop> {
        let start = self.at;
        if self.bytes.get(start) != Some(&b'"') {
            let end = self.word_end();
            self.fault(start, end, "a key in double quotes must stand here");
            return Err(Stop);
        }
        let text = self.string()?;
        let span = self.span(start, self.at);
        self.blanks();
        if self.bytes.get(self.at) != Some(&b':') {
            self.fault(self.at, self.at + 1, "a colon must stand behind the key");
            return Err(Stop);
        }
        self.at += 1;
        let name = match self.keys.get(&*text) {
            Some(name) => name.clone(),
            None => {
                let name: Arc<str> = Arc::from(&*text);
                self.keys.insert(name.clone());
                name
            }
        };
        if let Some(Frame { kind: Kind::Map { key, .. }, .. }) = self.frames.last_mut() {
            *key = Some((name, span));
        }
        Ok(())
    }

    fn scalar(&mut self, byte: u8) -> Result<Value, Stop> {
        let start = self.at;
        let data = match byte {
            b'"' => Data::String(Arc::from(&*self.string()?)),
            b'-' | b'0'..=b'9' => Data::Number(self.number()?),
            _ => {
                let end = self.word_end();
                let data = match &self.text[start..end] {
                    "null" => Data::Null,
                    "true" => Data::Bool(true),
                    "false" => Data::Bool(false),
                    _ => {
                        self.fault(start, end, "this is no JSON value");
                        return Err(Stop);
                    }
                };
                self.at = end;
                data
            }
        };
        Ok(Value::new(data, Origin::authored(self.span(start, self.at))))
    }

    /// The end of the word at the current place; at least one character.
    fn word_end(&self) -> usize {
        let rest = &self.text[self.at..];
        let length =
            rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.' | '+'));
        match length {
            Some(0) => self.at + rest.chars().next().map_or(0, char::len_utf8),
            Some(length) => self.at + length,
            None => self.text.len(),
        }
    }

    fn number(&mut self) -> Result<Number, Stop> {
        let start = self.at;
        let end = self.word_end();
        let text = &self.text[start..end];
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let whole = unsigned.bytes().take_while(u8::is_ascii_digit).count();
        let rest = &unsigned[whole..];
        let fraction_fits = match rest.strip_prefix('.') {
            Some(fraction) => fraction.starts_with(|c: char| c.is_ascii_digit()),
            None => rest.is_empty() || rest.starts_with(['e', 'E']),
        };
        let fits = whole > 0 && (whole == 1 || !unsigned.starts_with('0')) && fraction_fits;
        match Number::parse(text) {
            Ok(number) if fits => {
                self.at = end;
                Ok(number)
            }
            Err(platformc_value::NumberError::TooLarge) => {
                self.fault(start, end, "the number is larger than the compiler holds");
                Err(Stop)
            }
            _ => {
                self.fault(start, end, "this is no JSON number");
                Err(Stop)
            }
        }
    }

    fn string(&mut self) -> Result<Cow<'t, str>, Stop> {
        let open = self.at;
        self.at += 1;
        let mut done = self.at;
        let mut owned = String::new();
        loop {
            match self.bytes.get(self.at).copied() {
                None | Some(b'\n') => {
                    self.fault(open, open + 1, "a quoted text is not closed");
                    return Err(Stop);
                }
                Some(b'"') => {
                    let rest = &self.text[done..self.at];
                    self.at += 1;
                    if owned.is_empty() {
                        return Ok(Cow::Borrowed(rest));
                    }
                    owned.push_str(rest);
                    return Ok(Cow::Owned(owned));
                }
                Some(b'\\') => {
                    owned.push_str(&self.text[done..self.at]);
                    owned.push(self.escape());
                    done = self.at;
                }
                Some(byte) => {
                    if byte < 0x20 {
                        self.fault(self.at, self.at + 1, "a control character must be escaped");
                    }
                    self.at += 1;
                }
            }
        }
    }

    /// Reads one escape; a faulty one is reported and becomes U+FFFD.
    fn escape(&mut self) -> char {
        let start = self.at;
        let kind = self.bytes.get(start + 1).copied();
        self.at = start + 2;
        match kind {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                if let Some(c) = self.unicode() {
                    return c;
                }
                let end = self.at;
                self.fault(start, end, "the escape names no character");
                char::REPLACEMENT_CHARACTER
            }
            _ => {
                self.at = start + 1;
                self.fault(start, start + 1, "JSON has no such escape; a backslash is `\\\\`");
                '\\'
            }
        }
    }

    /// The character of `\uXXXX` or of a surrogate pair, behind the `u`.
    fn unicode(&mut self) -> Option<char> {
        let high = self.hex()?;
        if !(0xd800..0xdc00).contains(&high) {
            return char::from_u32(high);
        }
        if !self.text[self.at..].starts_with("\\u") {
            return None;
        }
        let before = self.at;
        self.at += 2;
        match self.hex() {
            Some(low @ 0xdc00..0xe000) => {
                char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
            }
            _ => {
                self.at = before;
                None
            }
        }
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    fn blanks(&mut self) {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(b'/') if matches!(self.bytes.get(self.at + 1), Some(b'/' | b'*')) => {
                    let start = self.at;
                    let rest = &self.text[start..];
                    let length = if rest.starts_with("//") {
                        rest.find('\n')
                    } else {
                        rest[2..].find("*/").map(|at| at + 4)
                    };
                    self.at = length.map_or(self.text.len(), |length| start + length);
                    self.fault(start, self.at, "JSON has no comments");
                }
                _ => return,
            }
        }
    }

    fn unexpected_end(&mut self) -> Stop {
        let (start, what) = match self.frames.last() {
            Some(Frame { kind: Kind::List(_), start, .. }) => (*start, "the list is not closed"),
            Some(Frame { start, .. }) => (*start, "the map is not closed"),
            None => (self.at.saturating_sub(1), "there is no JSON value"),
        };
        self.fault(start, start + 1, what);
        Stop
    }

    fn span(&self, start: usize, end: usize) -> Span {
        crate::text::whole_characters(self.file, self.text, start, end)
    }

    fn fault(&mut self, start: usize, end: usize, message: &str) {
        self.report(Diagnostic::new(codes::JSON_SYNTAX, self.span(start, end), message));
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MAX_FINDINGS {
            self.diagnostics.push(diagnostic);
        }
    }
}
