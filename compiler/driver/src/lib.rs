//! The pipeline from a workspace to its artifacts.
//!
//! Invariant: no disk, no environment, no clock: everything comes through
//! [`Sources`](platformc_source::Sources) and [`Options`]. Start reading at [`pipeline`].

mod application;
mod batch;
pub mod configuration;
pub mod definitions;
mod delivery;
mod dependencies;
mod discover;
mod engines;
mod estate;
pub mod eval;
pub mod formatting;
pub mod graph;
mod group;
mod infrastructure;
mod object;
mod parallel;
pub mod pins;
pub mod pipeline;
mod place;
pub mod policy;
mod read;
mod render;
mod schemas;
mod select;
pub mod session;
mod stacks;
mod stray;
mod unit;
mod whole_graph;

pub use platformc_config::{Ambience, Ambient, Clock, Git};
pub use platformc_emit::claims;

pub use pipeline::{Build, Options, Output, Summary, compile};
pub use select::Selection;

/// A workspace name made of a folder's name; `None` where nothing of it can stand in one.
#[must_use]
pub fn workspace_name(folder: &str) -> Option<String> {
    platformc_model::names::suggestion(folder)
}
