//! What string and bytes literals stand for.
//!
//! Invariant: the decoded text of a string is UTF-8; faults carry the place inside the literal
//! and leave a best effort behind. Rules: language specification, "String and byte sequence
//! literals".

use std::borrow::Cow;

const INDENT: &str =
    "the line must begin with the white space that stands before the closing quotes";

/// The quotes of a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quotes {
    /// Number of `#` on either side.
    pub(crate) hashes: usize,
    /// `"` or `'`.
    pub(crate) quote: u8,
    /// Whether there are three of them.
    pub(crate) multi: bool,
    /// Bytes from the start of the literal to its content.
    pub(crate) open_len: usize,
}

impl Quotes {
    /// The quotes that begin `literal`, a token of the lexer.
    pub(crate) fn of(literal: &str) -> Quotes {
        let bytes = literal.as_bytes();
        let hashes = bytes.iter().take_while(|byte| **byte == b'#').count();
        let quote = bytes.get(hashes).copied().unwrap_or(b'"');
        let triple = bytes.get(hashes + 1) == Some(&quote) && bytes.get(hashes + 2) == Some(&quote);
        let after = &bytes[bytes.len().min(hashes + 3)..];
        // `#"""#` holds one quote; a lone `""` is empty.
        let short =
            hashes > 0 && after.len() >= hashes && after[..hashes].iter().all(|byte| *byte == b'#');
        let multi = triple && !short;
        let mut open_len = hashes + if multi { 3 } else { 1 };
        if multi {
            while bytes.get(open_len) == Some(&b'\r') {
                open_len += 1;
            }
            if bytes.get(open_len) == Some(&b'\n') {
                open_len += 1;
            }
        }
        Quotes { hashes, quote, multi, open_len: open_len.min(bytes.len()) }
    }

    /// Whether it makes bytes.
    pub(crate) fn bytes(&self) -> bool {
        self.quote == b'\''
    }

    /// The length of the closing quotes.
    pub(crate) fn close_len(&self) -> usize {
        self.hashes + if self.multi { 3 } else { 1 }
    }
}

/// A fault in a literal: the offset and length within the piece, and a message.
pub(crate) struct Fault {
    /// First byte, within the piece.
    pub(crate) at: usize,
    /// Number of bytes.
    pub(crate) len: usize,
    /// What is wrong.
    pub(crate) message: String,
}

/// Splits the content of the last piece of a multi-line literal (without its quotes) into the
/// text that counts and the white space before the closing quotes.
pub(crate) fn split_indent(content: &str) -> (&str, Cow<'_, str>) {
    let (body, indent) = match content.rfind('\n') {
        Some(at) => (&content[..at], &content[at + 1..]),
        None => ("", content),
    };
    let body = body.strip_suffix('\r').unwrap_or(body);
    if indent.contains('\r') {
        (body, Cow::Owned(indent.replace('\r', "")))
    } else {
        (body, Cow::Borrowed(indent))
    }
}

/// Decodes one piece of a literal into `out`.
pub(crate) struct Decoder<'l> {
    /// The quotes around it.
    pub(crate) quotes: Quotes,
    /// The white space to take off every line, for a multi-line literal.
    pub(crate) indent: &'l str,
    /// Whether the piece begins at the start of a line.
    pub(crate) line_start: bool,
    /// Whether the piece is the last of its literal.
    pub(crate) last: bool,
}

impl Decoder<'_> {
    /// Whether a piece stands for itself.
    pub(crate) fn is_plain(&self, piece: &str) -> bool {
        !self.quotes.multi && !piece.bytes().any(|byte| byte == b'\\' || byte == b'\r')
    }

    /// Decodes `piece`, without quotes, into `out`.
    pub(crate) fn decode(&self, piece: &str, out: &mut Vec<u8>, faults: &mut Vec<Fault>) {
        let bytes = piece.as_bytes();
        let mut at = 0;
        let mut line_start = self.quotes.multi && self.line_start;
        while at < bytes.len() {
            if line_start {
                line_start = false;
                at = self.skip_indent(piece, at, faults);
                continue;
            }
            let byte = bytes[at];
            match byte {
                b'\r' => at += 1,
                b'\n' => {
                    out.push(b'\n');
                    at += 1;
                    line_start = true;
                    // The line after the last break of the piece may be empty.
                    if at == bytes.len() && self.last {
                        return;
                    }
                }
                b'\\' if self.hashes_at(bytes, at + 1) => {
                    at = self.escape(piece, at, out, faults, &mut line_start);
                }
                _ => {
                    let rest = &bytes[at..];
                    let plain = rest
                        .iter()
                        .skip(1)
                        .position(|byte| matches!(byte, b'\\' | b'\n' | b'\r'))
                        .map_or(rest.len(), |n| n + 1);
                    out.extend_from_slice(&rest[..plain]);
                    at += plain;
                }
            }
        }
        // An interpolation at the very start of a line has its white space missing.
        if line_start && !self.last && !self.indent.is_empty() {
            faults.push(Fault { at: bytes.len(), len: 0, message: INDENT.to_owned() });
        }
    }

    fn hashes_at(&self, bytes: &[u8], at: usize) -> bool {
        bytes
            .get(at..at + self.quotes.hashes)
            .is_some_and(|hashes| hashes.iter().all(|byte| *byte == b'#'))
    }

    fn skip_indent(&self, piece: &str, at: usize, faults: &mut Vec<Fault>) -> usize {
        let bytes = piece.as_bytes();
        let mut from = at;
        while bytes.get(from) == Some(&b'\r') {
            from += 1;
        }
        if matches!(bytes.get(from), None | Some(b'\n')) {
            return from;
        }
        if bytes[from..].starts_with(self.indent.as_bytes()) {
            return from + self.indent.len();
        }
        let blank = bytes[from..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        faults.push(Fault { at: from, len: blank, message: INDENT.to_owned() });
        from + blank
    }

    /// Decodes the escape whose `\` is at `at`; returns where the text goes on.
    fn escape(
        &self,
        piece: &str,
        at: usize,
        out: &mut Vec<u8>,
        faults: &mut Vec<Fault>,
        line_start: &mut bool,
    ) -> usize {
        let bytes = piece.as_bytes();
        let code = at + 1 + self.quotes.hashes;
        let mut fault = |len: usize, message: String| faults.push(Fault { at, len, message });
        let Some(&byte) = bytes.get(code) else {
            fault(
                code - at,
                if self.quotes.multi {
                    "the line break before the closing quotes cannot be escaped".to_owned()
                } else {
                    "expected an escape after `\\`".to_owned()
                },
            );
            return code;
        };
        let simple = match byte {
            b'a' => Some(7),
            b'b' => Some(8),
            b'f' => Some(12),
            b'n' => Some(b'\n'),
            b'r' => Some(b'\r'),
            b't' => Some(b'\t'),
            b'v' => Some(11),
            b'/' => Some(b'/'),
            b'\\' => Some(b'\\'),
            _ if byte == self.quotes.quote => Some(byte),
            _ => None,
        };
        if let Some(simple) = simple {
            out.push(simple);
            return code + 1;
        }
        match byte {
            b'u' | b'U' => self.unicode(piece, at, code, out, faults),
            b'x' | b'0'..=b'7' => {
                let (start, radix, len) =
                    if byte == b'x' { (code + 1, 16, 2) } else { (code, 8, 3) };
                let what = if byte == b'x' { "hexadecimal" } else { "octal" };
                if !self.quotes.bytes() {
                    fault(
                        code + 1 - at,
                        format!(
                            "{what} escapes stand only in bytes ('…'), use \\u00NN in a string"
                        ),
                    );
                    return code + 1;
                }
                match digits(bytes, start, len, radix) {
                    Some(value) if value <= 255 => {
                        out.push(u8::try_from(value).unwrap_or(u8::MAX));
                        start + len
                    }
                    Some(_) => {
                        fault(start + len - at, "this octal escape is greater than 255".to_owned());
                        start + len
                    }
                    None => {
                        fault(code + 1 - at, format!("expected {len} {what} digits"));
                        code + 1
                    }
                }
            }
            b'\n' | b'\r' if self.quotes.multi => {
                let mut next = code;
                while bytes.get(next) == Some(&b'\r') {
                    next += 1;
                }
                if bytes.get(next) == Some(&b'\n') {
                    *line_start = true;
                    next += 1;
                    if next == bytes.len() && self.last {
                        fault(
                            code - at,
                            "the line break before the closing quotes cannot be escaped".to_owned(),
                        );
                    }
                } else if next == bytes.len() && self.last {
                    fault(
                        code - at,
                        "the line break before the closing quotes cannot be escaped".to_owned(),
                    );
                }
                next
            }
            _ => {
                let c = piece[code..].chars().next().unwrap_or('\u{fffd}');
                let end = code + c.len_utf8();
                fault(end - at, format!("unknown escape `{}`", &piece[at..end]));
                end
            }
        }
    }

    fn unicode(
        &self,
        piece: &str,
        at: usize,
        code: usize,
        out: &mut Vec<u8>,
        faults: &mut Vec<Fault>,
    ) -> usize {
        let bytes = piece.as_bytes();
        let len = if bytes[code] == b'u' { 4 } else { 8 };
        let Some(mut value) = digits(bytes, code + 1, len, 16) else {
            faults.push(Fault {
                at,
                len: code + 1 - at,
                message: format!("expected {len} hexadecimal digits"),
            });
            return code + 1;
        };
        let mut end = code + 1 + len;
        // Two halves of a surrogate pair are one character.
        if (0xd800..0xdc00).contains(&value)
            && bytes.get(end) == Some(&b'\\')
            && self.hashes_at(bytes, end + 1)
        {
            let second = end + 1 + self.quotes.hashes;
            if bytes.get(second) == Some(&b'u')
                && let Some(low) = digits(bytes, second + 1, 4, 16)
                && (0xdc00..0xe000).contains(&low)
            {
                value = 0x10000 + ((value - 0xd800) << 10) + (low - 0xdc00);
                end = second + 5;
            }
        }
        match char::from_u32(value) {
            Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            None => faults.push(Fault {
                at,
                len: end - at,
                message: if (0xd800..0xe000).contains(&value) {
                    "half of a surrogate pair is no character".to_owned()
                } else {
                    "this is not a Unicode code point".to_owned()
                },
            }),
        }
        end
    }
}

/// The value of exactly `len` digits.
fn digits(bytes: &[u8], start: usize, len: usize, radix: u32) -> Option<u32> {
    let text = bytes.get(start..start + len)?;
    text.iter().try_fold(0u32, |value, byte| {
        let digit = char::from(*byte).to_digit(radix)?;
        value.checked_mul(radix)?.checked_add(digit)
    })
}
