//! Nickel, evaluated in a sandbox of memory.
//!
//! Invariant: the only crate that sees nickel-lang-core; nothing of it shows in the API, and
//! evaluation reads no file but those it was given.
