//! YAML, JSON and TOML readers with spans; byte-stable YAML and JSON writers.
//!
//! Invariant: reading never fails. A reader returns what could be understood and a located
//! diagnostic for the rest; whatever the text, the work and the memory it costs are bounded by a
//! small multiple of its length, and no value nests deeper than [`MAX_DEPTH`]. A writer maps equal
//! values with equal order of entries to equal bytes.

pub mod json;
mod text;
pub mod toml;
pub mod yaml;

pub use text::{check_text, without_bom};

/// The deepest nesting of collections that the readers build. Values are dropped, compared and
/// walked by recursion elsewhere; this limit is what makes that safe.
pub const MAX_DEPTH: usize = 512;
