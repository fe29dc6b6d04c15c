//! Text in the terms the packages use: simple case mapping, printability, escapes.
//!
//! Invariant: case mapping is one character to one character (the simple mappings of Unicode), as
//! in the reference, unlike the full mappings of the standard library.

use std::sync::LazyLock;

use regex::Regex;

/// The single upper-case character of a character.
pub(super) fn upper(c: char) -> char {
    let mut full = c.to_uppercase();
    match (full.next(), full.next()) {
        (Some(upper), None) => upper,
        // Where the full mapping has several characters, few have a simple one besides.
        _ => {
            let simple = match u32::from(c) {
                code @ (0x1f80..=0x1f87 | 0x1f90..=0x1f97 | 0x1fa0..=0x1fa7) => code + 8,
                code @ (0x1fb3 | 0x1fc3 | 0x1ff3) => code + 9,
                code => code,
            };
            char::from_u32(simple).unwrap_or(c)
        }
    }
}

/// The single lower-case character of a character.
pub(super) fn lower(c: char) -> char {
    if c == '\u{130}' {
        return 'i';
    }
    c.to_lowercase().next().unwrap_or(c)
}

/// The single title-case character of a character.
pub(super) fn title(c: char) -> char {
    match c {
        '\u{1c4}'..='\u{1c6}' => '\u{1c5}',
        '\u{1c7}'..='\u{1c9}' => '\u{1c8}',
        '\u{1ca}'..='\u{1cc}' => '\u{1cb}',
        '\u{1f1}'..='\u{1f3}' => '\u{1f2}',
        // Georgian has capitals, but words do not begin with them.
        '\u{10d0}'..='\u{10fa}' | '\u{10fd}'..='\u{10ff}' => c,
        _ => upper(c),
    }
}

static PRINTABLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\A[\p{L}\p{M}\p{N}\p{P}\p{S} ]\z").ok());
static SPACES: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\A\p{Zs}\z").ok());

static NAMES: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\A[\p{L}\p{M}\p{N}]\z").ok());

fn is_in(class: &LazyLock<Option<Regex>>, c: char) -> bool {
    class.as_ref().is_some_and(|class| class.is_match(c.encode_utf8(&mut [0; 4])))
}

/// Letters, marks, numbers, punctuation, symbols and the ASCII space.
pub(super) fn is_print(c: char) -> bool {
    if c.is_ascii() { matches!(c, ' '..='~') } else { is_in(&PRINTABLE, c) }
}

/// Letters, digits and marks, none of them upper case.
pub(super) fn is_name(c: char) -> bool {
    is_in(&NAMES, c) && lower(c) == c
}

/// What is printable, and the spaces of Unicode.
pub(super) fn is_graphic(c: char) -> bool {
    is_print(c) || is_in(&SPACES, c)
}

/// Which characters a quoted text keeps as they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    Ascii,
    Printable,
    Graphic,
}

/// The content of a quoted text with backslash escapes.
pub(super) fn quote(text: &str, quote: char, keep: Keep) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        push_quoted(&mut out, c, quote, keep);
    }
    out.push(quote);
    out
}

fn push_quoted(out: &mut String, c: char, quote: char, keep: Keep) {
    if c == quote || c == '\\' {
        out.push('\\');
        out.push(c);
        return;
    }
    let stays = match keep {
        Keep::Ascii => matches!(c, ' '..='~'),
        Keep::Printable => is_print(c),
        Keep::Graphic => is_graphic(c),
    };
    if stays {
        out.push(c);
        return;
    }
    match c {
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{b}' => out.push_str("\\v"),
        c => out.push_str(&match u32::from(c) {
            code @ (0..=0x1f | 0x7f) => format!("\\x{code:02x}"),
            code @ 0..=0xffff => format!("\\u{code:04x}"),
            code => format!("\\U{code:08x}"),
        }),
    }
}

/// The content of a CUE literal of one line.
pub(super) fn escape(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// Text in double quotes as messages have it.
pub(super) fn quoted(text: &str) -> String {
    quote(text, '"', Keep::Printable)
}
