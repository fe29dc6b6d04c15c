//! The typed documents of a workspace: the manifest `platform.toml`, the Application, the
//! Infrastructure, Tenants, and the manifests of providers.
//!
//! Invariant: this is the one place where a [`Value`](platformc_value::Value) becomes a typed
//! document. Every field keeps the origin it was written at, nothing is dropped in silence: a
//! field this crate does not know is a located diagnostic.

mod application;
mod batch;
mod document;
mod fields;
pub mod image;
mod infrastructure;
mod manifest;
pub mod names;
mod overlay;
mod pins;
mod policy;
mod terraform;
mod text;
mod workflow;

pub use application::{Application, Component, Input, Metadata, Output, Policy, Trait};
pub use batch::{
    Batch, BatchOperation, Checkpoints, Dependency, Duration, Report, Retries, Rollback, Schedule,
};
pub use document::{Document, document};
pub use infrastructure::{
    Admin, CustomModule, ExternalApplication, ExternalSource, Host, Infrastructure, ModuleSource,
    OUTPUTS, OutputReference, Part, Provider, Role, RoleModule, Team, TeamPart, TeamSource,
    Tenants, TerraformProvider, is_folder, provider, reference, references,
};
pub use manifest::{ArgoCd, Cluster, Delivery, Environment, Inputs, Manifest, manifest};
pub use overlay::{ComponentPatch, Override, TraitPatch, apply, overlay};
pub use pins::{Pin, pins};
pub use policy::{LabelSelector, PolicyClass, Topology, override_of, topology_of};
pub use terraform::{Runner, StateBackend, Terraform};
pub use text::Text;
pub use workflow::{Step, Workflow};
