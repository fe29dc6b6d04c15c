//! Shared text of names and short strings.
//!
//! Invariant: purely a saving of memory and time; two equal texts may or may not share.

use std::sync::Arc;

const SLOTS: usize = 1024;
/// Longer texts are rarely repeated.
const MAX_LEN: usize = 40;

/// A direct-mapped cache of texts.
pub(crate) struct Names {
    slots: Vec<Option<Arc<str>>>,
}

impl Names {
    pub(crate) fn new() -> Names {
        Names { slots: vec![None; SLOTS] }
    }

    /// The shared form of `text`.
    pub(crate) fn get(&mut self, text: &str) -> Arc<str> {
        if text.len() > MAX_LEN {
            return Arc::from(text);
        }
        let mut hash = text.len() as u64;
        for chunk in text.as_bytes().chunks(8) {
            let word = chunk.iter().fold(0u64, |word, byte| (word << 8) | u64::from(*byte));
            hash = (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        let slot = &mut self.slots[(hash >> 54) as usize];
        match slot {
            Some(found) if &**found == text => found.clone(),
            _ => slot.insert(Arc::from(text)).clone(),
        }
    }
}
