//! Text that may be printed: what steers a terminal or reorders a line is replaced.

/// Whether a character must not reach a terminal: controls, and marks that reorder text.
pub(super) fn hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// `text` with hostile characters written as escapes (`\u{1b}`). Line breaks and tabs become `\n`
/// and `\t`: for text that has to stay on one line.
pub(super) fn line(text: &str) -> String {
    escape(text, |_| false)
}

/// Like [`line`], but line breaks and tabs stay.
pub(super) fn block(text: &str) -> String {
    escape(text, |c| matches!(c, '\n' | '\t'))
}

fn escape(text: &str, keep: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if !hostile(c) || keep(c) {
            out.push(c);
        } else {
            out.extend(c.escape_default());
        }
    }
    out
}

/// `text` with each hostile character but line feed and tab replaced by one of the same length in
/// bytes, so that offsets stay true. Carriage returns become spaces: the source map ends lines at
/// line feeds only, and so must the drawing.
pub(super) fn same_length(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(c),
            '\r' => out.push(' '),
            _ if !hostile(c) => out.push(c),
            _ => out.push(match c.len_utf8() {
                1 => '?',
                2 => '\u{B7}',
                _ => '\u{FFFD}',
            }),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_what_steers_a_terminal() {
        let nasty = "a\u{1b}[31m\u{85}\u{202e}\u{7f}\r\nb\té";
        assert_eq!(line(nasty), "a\\u{1b}[31m\\u{85}\\u{202e}\\u{7f}\\r\\nb\\té");
        let same = same_length(nasty);
        assert_eq!(same, "a?[31m·\u{FFFD}? \nb\té");
        assert_eq!(same.len(), nasty.len());
    }
}
