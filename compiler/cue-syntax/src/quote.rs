//! Text to literals and labels.
//!
//! Invariant: reading back what is written here gives the same text or bytes.

use std::fmt::Write;

/// `text` as a string literal on one line: `"a\nb"`.
#[must_use]
pub fn quote_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    escape_into(&mut out, text, '"');
    out.push('"');
    out
}

/// `bytes` as a bytes literal on one line: `'a\xff'`.
#[must_use]
pub fn quote_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push('\'');
    for chunk in bytes.utf8_chunks() {
        escape_into(&mut out, chunk.valid(), '\'');
        for byte in chunk.invalid() {
            push_escape(&mut out, "x", u32::from(*byte), 2);
        }
    }
    out.push('\'');
    out
}

/// `text` as a multi-line string literal whose lines after the first begin with `indent`; on one
/// line where it cannot be written on several.
///
/// ```
/// assert_eq!(platformc_cue_syntax::quote_multiline("a\nb", "\t"), "\"\"\"\n\ta\n\tb\n\t\"\"\"");
/// ```
#[must_use]
pub fn quote_multiline(text: &str, indent: &str) -> String {
    if text.contains('\r') {
        return quote_string(text);
    }
    let mut out = String::from("\"\"\"\n");
    for line in text.split('\n') {
        if !line.is_empty() {
            out.push_str(indent);
            let mut escaped = String::with_capacity(line.len());
            escape_into(&mut escaped, line, '\0');
            out.push_str(&escaped.replace("\"\"\"", "\\\"\\\"\\\""));
        }
        out.push('\n');
    }
    out.push_str(indent);
    out.push_str("\"\"\"");
    out
}

/// The label of a regular field named `text`: the name itself where it is a plain identifier,
/// quoted where it is none or would make the field hidden or a definition.
#[must_use]
pub fn label_text(text: &str) -> String {
    if is_identifier(text) && !text.starts_with(['_', '#']) {
        text.to_owned()
    } else {
        quote_string(text)
    }
}

/// Whether `text` is an identifier (or keyword): letters, digits, `_` and `$`, beginning with a
/// letter, optionally behind `#` or `_#`. `_` alone is none.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    let name = text.strip_prefix("_#").or_else(|| text.strip_prefix('#')).unwrap_or(text);
    if name.is_empty() {
        return !text.is_empty();
    }
    text != "_"
        && name.starts_with(crate::lexer::is_letter)
        && name.chars().all(crate::lexer::is_name_char)
}

/// Appends `text` to the inside of a literal in `quote`; `'\0'` for none that needs an escape.
pub(crate) fn escape_into(out: &mut String, text: &str, quote: char) {
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' if quote != '\0' => out.push_str("\\t"),
            '\t' => out.push('\t'),
            '\r' => out.push_str("\\r"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            // Invisible characters would mislead a reader; a byte order mark is refused.
            c if c.is_control() || is_invisible(c) => {
                let code = u32::from(c);
                if code > 0xffff {
                    push_escape(out, "U", code, 8);
                } else {
                    push_escape(out, "u", code, 4);
                }
            }
            c => out.push(c),
        }
    }
}

fn push_escape(out: &mut String, kind: &str, code: u32, digits: usize) {
    // Writing to a string cannot fail.
    let _ = write!(out, "\\{kind}{code:0digits$x}");
}

fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
