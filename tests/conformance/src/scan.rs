//! Finds `@test(…)` attributes in CUE text without parsing CUE.
//!
//! Invariant: independent of the parser under test. It knows comments, strings (quoted, raw,
//! multi-line, interpolated) and brackets, and nothing else, so a file our parser rejects still
//! counts every assertion it holds.

use std::ops::Range;

/// Deepest nesting of strings inside interpolations, and of brackets inside attributes.
const MAX_DEPTH: usize = 200;

/// An attribute: the bytes from `@` to `)`, and those between the brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// From `@` to the closing bracket.
    pub span: Range<usize>,
    /// Between the brackets.
    pub body: Range<usize>,
}

/// Text that cannot be scanned, with the byte where it went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanError {
    /// The byte.
    pub at: usize,
    /// What went wrong.
    pub message: &'static str,
}

/// All `@test(…)` attributes of a file that lie in no other attribute, in order.
///
/// # Errors
/// A string or attribute without an end, or nesting past the limit.
pub fn attributes(text: &str) -> Result<Vec<Found>, ScanError> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'@' {
            at = skip(bytes, at, 0)?;
            continue;
        }
        let name = at + 1;
        let end = name + bytes[name..].iter().take_while(|byte| is_name(**byte)).count();
        if bytes.get(end) != Some(&b'(') {
            at = end.max(name);
            continue;
        }
        let close = closing(bytes, end)?;
        if &bytes[name..end] == b"test" {
            found.push(Found { span: at..close + 1, body: end + 1..close });
        }
        at = close + 1;
    }
    Ok(found)
}

/// The parts of a text between separators that stand in no string, comment or bracket.
///
/// # Errors
/// As [`attributes`].
pub fn split_top(text: &str, separator: u8) -> Result<Vec<Range<usize>>, ScanError> {
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'(' | b'[' | b'{' => at = closing(bytes, at)? + 1,
            byte if byte == separator => {
                parts.push(start..at);
                at += 1;
                start = at;
            }
            _ => at = skip(bytes, at, 0)?,
        }
    }
    parts.push(start..bytes.len());
    Ok(parts)
}

/// The place of the first `=` that stands alone: in no string, comment or bracket and in no
/// operator of two characters.
pub fn assignment(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'(' | b'[' | b'{' => at = closing(bytes, at).ok()? + 1,
            b'=' if matches!(bytes.get(at + 1), Some(b'=' | b'~')) => at += 2,
            b'!' | b'<' | b'>' if bytes.get(at + 1) == Some(&b'=') => at += 2,
            b'=' => return Some(at),
            _ => at = skip(bytes, at, 0).ok()?,
        }
    }
    None
}

/// The tokens of a text as byte ranges: strings whole, names and numbers whole, every other
/// character alone; comments and white space left out.
///
/// # Errors
/// As [`attributes`].
pub fn tokens(text: &str) -> Result<Vec<Range<usize>>, ScanError> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        if is_name(bytes[at]) && string_start(bytes, at).is_none() {
            at += bytes[at..].iter().take_while(|byte| is_name(**byte) || **byte == b'.').count();
        } else {
            at = skip(bytes, at, 0)?;
        }
        let comment = bytes[start..].starts_with(b"//");
        if !comment && !bytes[start].is_ascii_whitespace() {
            tokens.push(start..at);
        }
    }
    Ok(tokens)
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'#' | b'$') || byte >= 0x80
}

/// The opening of a string at `at`: number of `#`, quote, whether multi-line, first content byte.
fn string_start(bytes: &[u8], at: usize) -> Option<(usize, u8, bool, usize)> {
    let hashes = bytes[at..].iter().take_while(|byte| **byte == b'#').count();
    let quote = *bytes.get(at + hashes)?;
    if !matches!(quote, b'"' | b'\'') {
        return None;
    }
    let open = at + hashes;
    let multi = bytes[open..].starts_with(&[quote; 3]) && !one_line_empty(bytes, open, hashes);
    Some((hashes, quote, multi, open + if multi { 3 } else { 1 }))
}

/// Whether `#""…` at `open` is a one-line raw string whose first byte is a quote rather than a
/// multi-line opening, which a line break has to follow.
fn one_line_empty(bytes: &[u8], open: usize, hashes: usize) -> bool {
    hashes > 0 && !matches!(bytes.get(open + 3), Some(b'\n' | b'\r'))
}

/// One past the token at `at`: a comment to the end of its line, a whole string, or one byte.
fn skip(bytes: &[u8], at: usize, depth: usize) -> Result<usize, ScanError> {
    if bytes[at..].starts_with(b"//") {
        let rest = bytes[at..].iter().take_while(|byte| **byte != b'\n').count();
        return Ok(at + rest);
    }
    let Some((hashes, quote, multi, content)) = string_start(bytes, at) else {
        return Ok(at + 1);
    };
    if depth > MAX_DEPTH {
        return Err(ScanError { at, message: "strings nested too deeply" });
    }
    let width = if multi { 3 } else { 1 };
    let mut next = content;
    while next < bytes.len() {
        let byte = bytes[next];
        if byte == b'\\' && is_hashes(bytes, next + 1, hashes) {
            next += 1 + hashes;
            match bytes.get(next) {
                Some(b'(') => next = closing_at(bytes, next, depth + 1)? + 1,
                _ => next += 1,
            }
        } else if byte == quote
            && bytes[next..].iter().take(width).filter(|byte| **byte == quote).count() == width
            && is_hashes(bytes, next + width, hashes)
        {
            return Ok(next + width + hashes);
        } else if byte == b'\n' && !multi {
            break;
        } else {
            next += 1;
        }
    }
    Err(ScanError { at, message: "a string has no end" })
}

fn is_hashes(bytes: &[u8], at: usize, count: usize) -> bool {
    bytes.len() >= at + count && bytes[at..at + count].iter().all(|byte| *byte == b'#')
}

fn closing(bytes: &[u8], open: usize) -> Result<usize, ScanError> {
    closing_at(bytes, open, 0)
}

/// The bracket that closes the one at `open`.
fn closing_at(bytes: &[u8], open: usize, depth: usize) -> Result<usize, ScanError> {
    let mut stack = Vec::new();
    let mut at = open;
    while at < bytes.len() {
        match bytes[at] {
            b'(' => stack.push(b')'),
            b'[' => stack.push(b']'),
            b'{' => stack.push(b'}'),
            byte @ (b')' | b']' | b'}') => {
                if stack.pop() != Some(byte) {
                    return Err(ScanError { at, message: "a bracket closes nothing" });
                }
                if stack.is_empty() {
                    return Ok(at);
                }
            }
            _ => {
                at = skip(bytes, at, depth)?;
                continue;
            }
        }
        if stack.len() > MAX_DEPTH {
            return Err(ScanError { at, message: "brackets nested too deeply" });
        }
        at += 1;
    }
    Err(ScanError { at: open, message: "a bracket has no end" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(text: &str) -> Vec<&str> {
        attributes(text).unwrap().into_iter().map(|found| &text[found.body]).collect()
    }

    #[test]
    fn finds_attributes_outside_strings_and_comments() {
        let text = r##"
            // @test(no)
            a: "@test(no)" @test(eq, "x)") @other(@test(no))
            b: #"\#("@test(no)")" )"# @test(err, contains="it's (odd")
            c: """
                @test(no) "" \("""
                    @test(no)
                    """)
                """ @test(eq, {a: [1], // don't )
                })
            d: '@test(no)' @test() @testing(no)
        "##;
        let expected: &[&str] = &[
            r#"eq, "x)""#,
            r#"err, contains="it's (odd""#,
            "eq, {a: [1], // don't )\n                }",
            "",
        ];
        assert_eq!(bodies(text), expected);
    }

    #[test]
    fn nested_attributes_belong_to_the_outer_one() {
        assert_eq!(bodies("@test(eq, {a: _|_ @test(err)})"), ["eq, {a: _|_ @test(err)}"]);
    }

    #[test]
    fn refuses_text_without_an_end() {
        assert!(attributes("a: 1 @test(eq, {").is_err());
        assert!(attributes("a: \"x").is_err());
        assert!(attributes(&format!("@test({})", "(".repeat(100_000))).is_err());
        assert!(attributes(&"\"\\(".repeat(100_000)).is_err());
    }

    #[test]
    fn splits_at_top_commas_and_assignments() {
        let text = "eq, {a: 1, b: [2, 3]}, at=a.\"x,y\"";
        let parts: Vec<_> = split_top(text, b',').unwrap();
        let parts: Vec<_> = parts.into_iter().map(|part| text[part].trim()).collect();
        assert_eq!(parts, ["eq", "{a: 1, b: [2, 3]}", "at=a.\"x,y\""]);
        assert_eq!(assignment("at=b==c"), Some(2));
        assert_eq!(assignment("a == b"), None);
        assert_eq!(assignment(">=1 & <=2 & !=3 & =~\"=\""), None);
        assert_eq!(assignment("(a=b)"), None);
    }

    #[test]
    fn tokens_are_whole_strings_names_and_numbers() {
        let text = "{a: -1.5, \"b c\": #x} // y";
        let tokens: Vec<_> = tokens(text).unwrap().into_iter().map(|token| &text[token]).collect();
        assert_eq!(tokens, ["{", "a", ":", "-", "1.5", ",", "\"b c\"", ":", "#x", "}"]);
    }
}
