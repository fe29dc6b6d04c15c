//! The engines that documents and templates are written for.
//!
//! Invariant: what an engine says is turned into diagnostics here, and nowhere else in this crate.

pub(crate) mod cue;
#[cfg(feature = "nickel")]
pub(crate) mod nickel;
#[cfg(not(feature = "nickel"))]
#[path = "no_nickel.rs"]
pub(crate) mod nickel;
#[cfg(feature = "nickel")]
mod nickel_template;
pub(crate) mod schema;
