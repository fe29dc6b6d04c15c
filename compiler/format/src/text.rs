//! Bytes to text. Invariant: what passes is UTF-8 without a NUL byte.

use platformc_source::{Diagnostic, FileId, Span, codes};

/// The text of a file's bytes. A byte order mark at the start is kept, so that spans stay offsets
/// of the file; the readers of this crate step over it.
///
/// # Errors
/// `source/not-utf8` or `source/nul`, at the first byte at fault.
#[allow(clippy::result_large_err, reason = "called once a file, and failing is rare")]
pub fn check_text(file: FileId, bytes: &[u8]) -> Result<&str, Diagnostic> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return Err(not_utf8(file, bytes, error)),
    };
    match bytes.iter().position(|byte| *byte == 0) {
        Some(at) => Err(nul(file, at)),
        None => Ok(text),
    }
}

/// The text behind a byte order mark, and the length of the mark in bytes (0 or 3).
#[must_use]
pub fn without_bom(text: &str) -> (&str, usize) {
    text.strip_prefix('\u{feff}').map_or((text, 0), |rest| (rest, '\u{feff}'.len_utf8()))
}

/// The span of `start..end` widened to whole characters of `text`, and cut at its end.
pub(crate) fn whole_characters(file: FileId, text: &str, start: usize, end: usize) -> Span {
    let mut start = start.min(text.len());
    let mut end = end.clamp(start, text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    Span::new(file, start, end)
}

pub(crate) fn nul(file: FileId, at: usize) -> Diagnostic {
    Diagnostic::new(codes::SOURCE_NUL, Span::new(file, at, at + 1), "the text contains a NUL byte")
        .note("no document format allows NUL; the file may be binary or truncated")
}

fn not_utf8(file: FileId, bytes: &[u8], error: std::str::Utf8Error) -> Diagnostic {
    let at = error.valid_up_to();
    let length = error.error_len().unwrap_or(bytes.len() - at).max(1);
    let diagnostic = Diagnostic::new(
        codes::SOURCE_NOT_UTF8,
        Span::new(file, at, at + length),
        "the file is not UTF-8 text",
    );
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            diagnostic.note("it starts like UTF-16; save it as UTF-8")
        }
        _ => diagnostic.note("save it as UTF-8"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_located() {
        let file = FileId(0);
        assert_eq!(check_text(file, b"a: 1"), Ok("a: 1"));
        assert_eq!(check_text(file, "\u{feff}a".as_bytes()), Ok("\u{feff}a"));
        let bad = check_text(file, b"a: \xff\n").expect_err("not UTF-8");
        assert_eq!((bad.code, bad.primary.span.start), (codes::SOURCE_NOT_UTF8, 3));
        let cut = check_text(file, b"a: \xc3").expect_err("cut short");
        assert_eq!((cut.primary.span.start, cut.primary.span.end), (3, 4));
        let nul = check_text(file, b"a\0b").expect_err("NUL");
        assert_eq!((nul.code, nul.primary.span.start), (codes::SOURCE_NUL, 1));
    }
}
