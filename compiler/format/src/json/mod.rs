//! JSON with spans and exact numbers.
//!
//! Invariant: a number is read and written without binary floating point, a key is held once, and
//! reading takes time linear in the text. The reader is written here because the readers at hand
//! either have no spans or turn numbers into floats.

mod read;
mod write;

pub use read::read;
pub use write::{quote, write, write_into};
