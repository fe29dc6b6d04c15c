//! Layered configuration: layers merged, interpolated, checked.
//!
//! The way: layers are read ([`Layer`]), merged ([`merge`]), their references resolved
//! ([`expand`]), and the result fills references in documents ([`interpolate`]). [`trace`] tells
//! of a path who set it and who lost.
//!
//! Invariant: of every value it is known which layer won it and which layers lost it. What a build
//! takes from its surroundings is declared, read once and recorded.

mod ambient;
mod calendar;
mod expand;
mod fault;
mod fill;
mod inputs;
mod interpolate;
mod layer;
mod merge;
mod set;
mod template;
mod trace;

pub use ambient::{Ambience, Ambient, Clock, Git};
pub use expand::{Expanded, Scope, expand, has_references};
pub use fill::find;
pub use inputs::{Declared, Inputs, Read, ReadKind};
pub use interpolate::interpolate;
pub use layer::{Layer, LayerKind};
pub use merge::merge;
pub use set::{VariableSetting, settings, variable_layers};
pub use template::{Operand, Piece, Reference, is_template, parse_path, pieces};
pub use trace::{Setting, Step, Trace, trace};

/// The names at the root of references that mean the surroundings of a build, not configuration.
pub const INPUT_ROOTS: [&str; 3] = ["env", "git", "now"];
