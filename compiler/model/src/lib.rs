//! The typed documents of a workspace: the manifest `platform.toml` and the Application.
//!
//! Invariant: this is the one place where a [`Value`](platformc_value::Value) becomes a typed
//! document. Every field keeps the origin it was written at, nothing is dropped in silence: a
//! field this crate does not know is a located diagnostic.

mod application;
mod document;
mod fields;
mod manifest;
pub mod names;
mod overlay;
mod policy;
mod text;
mod workflow;

pub use application::{Application, Component, Input, Metadata, Output, Policy, Trait};
pub use document::{Document, document};
pub use manifest::{ArgoCd, Cluster, Delivery, Environment, Manifest, manifest};
pub use overlay::{ComponentPatch, Override, TraitPatch, apply, overlay};
pub use policy::{LabelSelector, PolicyClass, Topology, override_of, topology_of};
pub use text::Text;
pub use workflow::{Step, Workflow};
