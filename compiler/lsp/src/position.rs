//! Positions of the protocol and byte offsets.
//!
//! Invariant: any position names some offset: past the end of a line it is the end of the line,
//! past the last line the end of the text, inside a character its start.

use std::ops::Range;

use lsp_types::Position;

/// What the characters of a position count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units, what every client knows.
    Utf16,
}

/// Where the lines of a text start. A line ends with `\n`, `\r\n` or `\r`, as the protocol says.
pub(crate) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    encoding: Encoding,
}

impl<'t> Lines<'t> {
    pub(crate) fn new(text: &'t str, encoding: Encoding) -> Lines<'t> {
        let bytes = text.as_bytes();
        let breaks = bytes.iter().enumerate().filter(|(at, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Lines { text, starts, encoding }
    }

    /// The bytes of a line without its line break.
    fn line(&self, line: usize) -> (usize, &'t str) {
        let Some(start) = self.starts.get(line).copied() else {
            return (self.text.len(), "");
        };
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        let text = self.text.get(start..end).unwrap_or("");
        (start, text.trim_end_matches(['\n', '\r']))
    }

    /// The offset of a position.
    pub(crate) fn offset(&self, position: Position) -> usize {
        let (start, line) = self.line(position.line as usize);
        let wanted = position.character as usize;
        let mut units = 0;
        for (at, c) in line.char_indices() {
            let next = units + self.units(c);
            if next > wanted {
                return start + at;
            }
            units = next;
        }
        start + line.len()
    }

    fn units(&self, c: char) -> usize {
        match self.encoding {
            Encoding::Utf8 => c.len_utf8(),
            Encoding::Utf16 => c.len_utf16(),
        }
    }

    /// The position of an offset; inside a character it is the character's.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset).max(1) - 1;
        let start = self.starts.get(line).copied().unwrap_or(0);
        let before = self.text.get(start..).unwrap_or("").char_indices();
        let units = before.take_while(|(at, c)| start + at + c.len_utf8() <= offset);
        let character = units.map(|(_, c)| self.units(c)).sum::<usize>();
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            character: u32::try_from(character).unwrap_or(u32::MAX),
        }
    }

    /// The range of bytes.
    pub(crate) fn range(&self, span: &Range<usize>) -> lsp_types::Range {
        lsp_types::Range { start: self.position(span.start), end: self.position(span.end) }
    }

    /// The bytes of a range; one that ends before it starts is empty.
    pub(crate) fn span(&self, range: lsp_types::Range) -> Range<usize> {
        let start = self.offset(range.start);
        start..self.offset(range.end).max(start)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn characters_count_as_negotiated() {
        // One byte, two bytes, four bytes or a surrogate pair.
        let text = "aé😀b\r\nx\n";
        let utf16 = Lines::new(text, Encoding::Utf16);
        let utf8 = Lines::new(text, Encoding::Utf8);
        assert_eq!((utf16.offset(at(0, 4)), utf8.offset(at(0, 7))), (7, 7));
        assert_eq!((utf16.position(7), utf8.position(7)), (at(0, 4), at(0, 7)));
        assert_eq!(utf16.offset(at(0, 3)), 3, "half of a pair is its start");
        assert_eq!(utf16.offset(at(0, 99)), 8, "the end of the line, before its break");
        assert_eq!(utf16.offset(at(9, 9)), text.len());
        assert_eq!(utf16.position(999), at(2, 0));
        assert_eq!(utf16.position(5), at(0, 2), "inside a character");
    }

    proptest! {
        #[test]
        fn offsets_survive(text in "[aé😀\r\n]{0,20}", utf8: bool) {
            let lines = Lines::new(&text, if utf8 { Encoding::Utf8 } else { Encoding::Utf16 });
            for (offset, c) in text.char_indices() {
                if !matches!(c, '\n' | '\r') {
                    prop_assert_eq!(lines.offset(lines.position(offset)), offset);
                }
            }
        }

        #[test]
        fn any_position_is_some_offset(text in "[aé😀\r\n]{0,20}", line: u32, character: u32) {
            let lines = Lines::new(&text, Encoding::Utf16);
            prop_assert!(text.is_char_boundary(lines.offset(at(line % 9, character % 9))));
            prop_assert!(text.is_char_boundary(lines.offset(at(line, character))));
        }
    }
}
