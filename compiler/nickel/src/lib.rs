//! Nickel, evaluated in a sandbox of memory.
//!
//! Invariant: the only crate that sees nickel-lang-core; nothing of it shows in the API, and
//! evaluation reads no file but those it was given. Whatever the text, an evaluation ends, within
//! bounds of depth, steps and memory; a fault is a located diagnostic.
//!
//! A [`Session`] stands for one build: the files it reads do not change while it lives. Behind it
//! each thread keeps one evaluator, made when the first Nickel file is met and renewed from time to
//! time, because an evaluator never gives back what it has parsed.

mod data;
mod engine;
mod errors;
mod fuel;
mod imports;
mod run;
mod scan;
mod session;
mod shape;
mod template;
mod walk;

pub use run::{Source, evaluate};
pub use session::{LibraryFile, Loader, Session};
pub use template::{Broken, Loaded, Made, Template, load};
pub use walk::Mark;

/// Values nest at most so deep, as in the readers of other formats.
const MAX_DEPTH: usize = platformc_format::MAX_DEPTH;
/// Values of one evaluation at most.
const MAX_NODES: usize = 1_000_000;
/// Bytes of one Nickel file at most.
const MAX_SOURCE: usize = 1 << 20;
