//! Character indices to byte offsets. Invariant: a look-up costs a constant, whatever the text.

/// One byte offset is kept for so many characters.
const STRIDE: usize = 64;

/// Translates the character indices of the event parser for one text.
pub(super) struct Offsets {
    /// Byte offset of every `STRIDE`th character; empty if the text is ASCII.
    marks: Vec<u32>,
    /// Added to every result.
    base: usize,
}

impl Offsets {
    /// Offsets of `text`, which starts at byte `base` of its file.
    pub(super) fn new(text: &str, base: usize) -> Offsets {
        let marks = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices()
                .step_by(STRIDE)
                .map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX))
                .collect()
        };
        Offsets { marks, base }
    }

    /// The byte offset in the file of the character `index` of `text`.
    pub(super) fn byte(&self, text: &str, index: usize) -> usize {
        if self.marks.is_empty() {
            return self.base + index.min(text.len());
        }
        let Some(mark) = self.marks.get(index / STRIDE) else { return self.base + text.len() };
        let start = *mark as usize;
        let rest = text.get(start..).unwrap_or("");
        let within = rest.char_indices().nth(index % STRIDE).map_or(rest.len(), |(at, _)| at);
        self.base + start + within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_found() {
        let text = "aé😀\n".repeat(50);
        let offsets = Offsets::new(&text, 7);
        for (index, (at, _)) in text.char_indices().enumerate() {
            assert_eq!(offsets.byte(&text, index), at + 7);
        }
        assert_eq!(offsets.byte(&text, 200), text.len() + 7);
        assert_eq!(offsets.byte(&text, 10_000), text.len() + 7);
    }
}
