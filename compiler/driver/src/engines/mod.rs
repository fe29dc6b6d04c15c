//! The engines that documents and templates are written for.
//!
//! Invariant: what an engine says is turned into diagnostics here, and nowhere else in this crate.

pub(crate) mod cue;
