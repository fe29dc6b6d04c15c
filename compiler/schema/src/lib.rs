//! What objects may hold: closed schemas of Kubernetes and of custom resources.
//!
//! Invariant: a schema is data, read when an object first needs it; checking an object changes
//! nothing and asks nobody. A field that a schema does not name is a fault, as it is to an API
//! server with strict field validation.

mod catalog;
mod check;
mod resources;
mod types;

pub use catalog::{Catalog, CatalogError, Found};
pub use check::{Known, check};
pub use resources::resources;
pub use types::{Field, Keys, Type, TypeId};
