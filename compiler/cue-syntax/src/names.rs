//! Shared text of names and short strings.
//!
//! Invariant: purely a saving of memory and time; two equal texts may or may not share.

use std::sync::Arc;

/// A slot for so many bytes of text.
const BYTES_PER_SLOT: usize = 32;
/// Longer texts are rarely repeated.
const MAX_LEN: usize = 40;

/// A direct-mapped cache of texts.
pub(crate) struct Names {
    /// A power of two of them.
    slots: Vec<Option<Arc<str>>>,
    /// How far a hash is shifted to give an index.
    shift: u32,
}

impl Names {
    /// A cache for a text of `len` bytes.
    pub(crate) fn new(len: usize) -> Names {
        let slots = (len / BYTES_PER_SLOT).clamp(16, 1024).next_power_of_two();
        Names { slots: vec![None; slots], shift: u64::BITS - slots.trailing_zeros() }
    }

    /// The shared form of `text`.
    pub(crate) fn get(&mut self, text: &str) -> Arc<str> {
        if text.len() > MAX_LEN {
            return Arc::from(text);
        }
        let mut hash = text.len() as u64;
        let mut mix = |word: u64| {
            hash = (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        };
        let (words, rest) = text.as_bytes().as_chunks::<8>();
        for word in words {
            mix(u64::from_le_bytes(*word));
        }
        mix(rest.iter().fold(0, |word, byte| (word << 8) | u64::from(*byte)));
        let slot = &mut self.slots[(hash >> self.shift) as usize];
        match slot {
            Some(found) if &**found == text => found.clone(),
            _ => slot.insert(Arc::from(text)).clone(),
        }
    }
}
