//! What an editor asks of a workspace: offsets in, labels out.
//!
//! Invariant: nothing here knows a protocol; every answer comes from what the driver found.

mod tree;
mod yaml;

pub use tree::{Hit, Key, Node, NodeId, NodeKind, Tree};
