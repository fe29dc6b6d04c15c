//! Text as YAML scalars. Invariant: what is written plain is read as that very text by YAML 1.1
//! and 1.2 readers and by kubectl, as a value and as a key; everything else is quoted.

use std::borrow::Cow;

use platformc_value::Number;

/// A double-quoted scalar on one line.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_quoted(&mut out, text);
    out
}

pub(super) fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    let mut done = 0;
    for (at, c) in text.char_indices() {
        let escape: Cow<'_, str> = match c {
            '"' => "\\\"".into(),
            '\\' => "\\\\".into(),
            '\n' => "\\n".into(),
            '\r' => "\\r".into(),
            '\t' => "\\t".into(),
            c if is_printable(c) => continue,
            c => match u32::from(c) {
                code @ 0..=0xff => format!("\\x{code:02X}").into(),
                code @ 0x100..=0xffff => format!("\\u{code:04X}").into(),
                code => format!("\\U{code:08X}").into(),
            },
        };
        out.push_str(&text[done..at]);
        out.push_str(&escape);
        done = at + c.len_utf8();
    }
    out.push_str(&text[done..]);
    out.push('"');
}

/// Whether every reader takes the character as it stands inside quotes and literal blocks. Leaves
/// out controls, the line breaks of YAML 1.1, byte order marks and what is no character.
fn is_printable(c: char) -> bool {
    match c {
        ' '..='~' => true,
        c if c < '\u{a0}' => false,
        '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => false,
        // Marks that reorder text on the screen deceive whoever reviews it.
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => false,
        c => u32::from(c) & 0xfffe != 0xfffe,
    }
}

/// Whether the text may stand plain, in block context.
pub(super) fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some(first) = bytes.first() else { return false };
    let starts = match first {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'/' | b'$' | b'(' => true,
        // Flags: `-c`, `--name=value`.
        b'-' => text.trim_start_matches('-').starts_with(|c: char| c.is_ascii_alphabetic()),
        0x80.. => text.starts_with(char::is_alphabetic),
        _ => false,
    };
    if !starts || bytes.last() == Some(&b' ') || bytes.last() == Some(&b':') {
        return false;
    }
    let mut before = 0;
    for byte in bytes {
        match byte {
            b' '..=b'~' => {}
            // Checked by character below.
            0x80.. => {}
            _ => return false,
        }
        if (before == b':' && *byte == b' ') || (before == b' ' && *byte == b'#') {
            return false;
        }
        before = *byte;
    }
    if !text.is_ascii() && !text.chars().all(|c| c.is_ascii() || c.is_alphanumeric()) {
        return false;
    }
    !is_word(text) && !looks_numeric(bytes)
}

/// The words that some reader takes for a boolean, null, infinity or NaN.
fn is_word(text: &str) -> bool {
    let word = text.trim_start_matches('-');
    const WORDS: [&str; 11] =
        ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "inf", "nan"];
    word.len() <= 8
        && (WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
            || word.eq_ignore_ascii_case("infinity"))
}

/// Whether the text has a digit and nothing but what numbers, dates and times are made of. Some of
/// it is no number to anyone; quotes do no harm there.
fn looks_numeric(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_digit)
        && bytes.iter().all(|byte| {
            matches!(byte,
                b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' | b'x' | b'X' | b'o' | b'O' | b'_' | b'.'
                | b':' | b'+' | b'-' | b'p' | b'P' | b't' | b'T' | b'z' | b'Z' | b' ')
        })
}

/// How a literal block must announce itself so that the text survives.
pub(super) struct Block {
    /// `|`, with the indentation and the chomping it needs.
    pub(super) header: &'static str,
    /// Whether it counts the indentation.
    pub(super) counts: bool,
}

/// Whether text of several lines survives as a literal block; `None` if it needs quotes.
pub(super) fn block(text: &str) -> Option<Block> {
    let body = text.trim_end_matches('\n');
    if !body.contains('\n') && body.len() == text.len() {
        return None;
    }
    // Readers differ on blank first and last lines of blocks, and on tabs where lines start.
    let first = body.split('\n').next().unwrap_or("");
    let last = body.rsplit('\n').next().unwrap_or("");
    if first.trim().is_empty() || last.trim().is_empty() {
        return None;
    }
    let survives = body
        .split('\n')
        .all(|line| !line.starts_with('\t') && line.chars().all(|c| c == '\t' || is_printable(c)));
    if !survives {
        return None;
    }
    let indented = first.starts_with(' ');
    let header = match (text.len() - body.len(), indented) {
        (0, false) => "|-",
        (0, true) => "|2-",
        (1, false) => "|",
        (1, true) => "|2",
        (_, false) => "|+",
        (_, true) => "|2+",
    };
    Some(Block { header, counts: indented })
}

/// A number as every reader takes it: YAML 1.1 wants a point before an exponent.
pub(super) fn number(number: &Number) -> String {
    let text = number.to_string();
    if number.is_zero() && text.contains('e') {
        return "0.0".to_owned();
    }
    match text.find('e') {
        Some(at) if !text[..at].contains('.') => {
            let pointed = format!("{}.0{}", &text[..at], &text[at..]);
            // The digit more may bring the number back to plain notation.
            Number::parse(&pointed).map_or(pointed, |number| number.to_string())
        }
        _ => text,
    }
}
