//! Package `html`: character references.

use std::sync::LazyLock;

use entities::{ENTITIES, Entity};
use platformc_value::Value;
use rustc_hash::FxHashMap;

use super::args::{CallResult, space, string, text};
use super::{PackageInfo, functions};

/// `html`: escapes of text in HTML.
pub(super) static PACKAGE: PackageInfo = PackageInfo {
    path: "html",
    constants: &[],
    functions: functions! { "html";
        Escape(String) -> String = Pure(escape);
        Unescape(String) -> String = Pure(unescape);
    },
};

/// The text with `<`, `>`, `&`, `'` and `"` escaped.
fn escape(args: &[Value]) -> CallResult {
    let source = string(args, 0)?;
    let mut out = String::with_capacity(source.len());
    for c in source.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\'' => out.push_str("&#39;"),
            '"' => out.push_str("&#34;"),
            c => out.push(c),
        }
        space(out.len())?;
    }
    text(out)
}

/// What the references of HTML stand for, by name; old names also without a semicolon.
static NAMED: LazyLock<FxHashMap<&str, &str>> = LazyLock::new(|| {
    let named =
        |entity: &'static Entity| Some((entity.entity.strip_prefix('&')?, entity.characters));
    ENTITIES.iter().filter_map(named).collect()
});

/// The longest name that HTML takes without a semicolon.
const LONGEST_LONE: usize = 6;

/// The text with character references replaced by what they stand for.
fn unescape(args: &[Value]) -> CallResult {
    let source = string(args, 0)?;
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = match rest.strip_prefix("&#") {
            Some(digits) => number(digits, &mut out).map(|length| length + 2),
            None => name(&rest[1..], &mut out).map(|length| length + 1),
        };
        let taken = taken.unwrap_or_else(|| {
            out.push('&');
            1
        });
        rest = &rest[taken..];
    }
    out.push_str(rest);
    space(out.len())?;
    text(out)
}

/// Reads the number of a character behind `&#`; its length in bytes.
fn number(text: &str, out: &mut String) -> Option<usize> {
    let (digits, radix) = match text.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (text, 10),
    };
    let length = digits.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
    if length == 0 && (radix == 10 || !digits.starts_with(';')) {
        return None;
    }
    let code = digits[..length].chars().fold(0u32, |code, c| {
        code.saturating_mul(radix).saturating_add(c.to_digit(radix).unwrap_or(0))
    });
    out.push(character(code));
    let semicolon = usize::from(digits[length..].starts_with(';'));
    Some(text.len() - digits.len() + length + semicolon)
}

/// What numbers of Windows-1252 controls stand for in HTML.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn character(code: u32) -> char {
    match code {
        0 => char::REPLACEMENT_CHARACTER,
        0x80..=0x9f => WINDOWS[(code - 0x80) as usize],
        code => char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

/// Reads the name of a character behind `&`; its length in bytes.
fn name(text: &str, out: &mut String) -> Option<usize> {
    let length = text.bytes().take_while(u8::is_ascii_alphanumeric).count();
    if text[length..].starts_with(';')
        && let Some(found) = NAMED.get(&text[..=length])
    {
        out.push_str(found);
        return Some(length + 1);
    }
    // Without a semicolon the longest old name that stands first counts.
    let (length, found) = (1..=length.min(LONGEST_LONE))
        .rev()
        .find_map(|end| Some((end, NAMED.get(&text[..end])?)))?;
    out.push_str(found);
    Some(length)
}
