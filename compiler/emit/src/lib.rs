//! The artifact set, its layout, and one module for each target.
//!
//! Invariant: equal values give equal bytes at equal paths, in whatever order they come. Paths are
//! relative to the folder of one environment. What a target would refuse without asking a server
//! is a diagnostic at the text the value came from, not an artifact.

pub mod argo_workflows;
pub mod argocd;
mod artifact;
pub mod kubernetes;
pub mod layout;
mod name;
mod order;
pub mod terraform;
mod unit;

pub use artifact::{Artifact, ArtifactSet};
pub use unit::{Input, Record, claims, record};
