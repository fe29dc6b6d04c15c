//! The CUE engine.
//!
//! Text is parsed by `platformc-cue-syntax`, compiled to a [`Package`] (names resolved, shared by
//! threads) and evaluated in a [`Unit`] (an arena of its own, dropped whole). Results leave as
//! [`Tree`]s, which keep what is not concrete, or as concrete values.
//!
//! Invariant: the engine does no input or output, knows no definition format, and returns the same
//! result for the same text and inputs on every machine: no clock, no hash order, no binary
//! floating point in the language's own arithmetic.

pub mod builtin;
mod compile;
mod eval;
mod ir;
mod kind;
mod label;
mod package;
mod print;
mod tree;

pub use eval::{NodeId, Options, Unit, check, unify_trees};
pub use package::{CompileOptions, Imports, Package};
pub use print::tree_text;
pub use tree::{
    ArcKind, Bottom, ErrorCode, Names, Reason, Tree, TreeAlternative, TreeField, TreeKind,
    TreeLabel, TreeList, TreeStruct,
};
