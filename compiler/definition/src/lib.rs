//! X-Definitions in one model: loaded, checked, rendered, patched.
//!
//! Invariant: rendering depends on the definition, the properties and the context alone; base and
//! auxiliary objects stay evaluated trees until the last trait, so that what a trait narrows is
//! still open when it does; every value of the result knows the text it came from.

mod catalog;
mod check;
mod compiled;
mod context;
mod definition;
mod finalize;
mod foreign;
mod live;
mod load;
mod open;
mod packages;
pub mod patch;
mod render;
mod shape;
pub mod show;
mod suitable;
mod terraform;
mod text;
mod upgrade;
mod uses;
mod vela;
mod vet;
mod walk;

pub use catalog::{Catalog, Ready};
pub use check::{
    Strictness, Use, check_properties, check_properties_filled, describe, property_path, shape_at,
    show as show_value,
};
pub use compiled::Compiled;
pub use context::{ClusterVersion, Context};
pub use definition::{
    Attributes, Body, Definition, DefinitionKind, Stage, Template, Terraform, Text, Workload,
};
pub use foreign::{Foreign, ForeignMade, load_foreign};
pub use load::{is_definition, load, load_cue, load_yaml};
pub use render::{Auxiliary, CueEngine, Instance, Rendered, TemplateEngine};
pub use shape::{Parameters, parameters};
pub use terraform::CONFIGURATION_FIELDS;
pub use vet::vet;
