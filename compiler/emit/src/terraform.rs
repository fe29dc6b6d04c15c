//! Terraform and OpenTofu: stacks as typed data, the references between them, and the files that
//! the engines and their orchestrators read.
//!
//! Invariant: text is literal unless it is marked as an expression ([`mark`]); what is emitted says
//! the same to every engine and version that the stack declares, or a diagnostic says why not.
//!
//! The way of a stack: its content is read from what a definition rendered, linked with the stacks
//! whose outputs it takes, written as files, and put in an order that orchestrators read.

mod backend;
mod check;
pub mod engine;
mod expression;
mod gate;
pub mod interface;
mod link;
pub mod mark;
mod names;
pub mod orchestrate;
mod read;
mod scope;
mod stack;
pub mod types;
mod write;

pub use backend::{backend_of, check_backend};
pub use check::check;
pub use engine::{Engine, EngineKind, Version};
pub use link::{Dependency, Plumbing, link};
pub use read::body;
pub use scope::Edge;
pub use stack::{
    After, Argument, Backend, Block, Body, Check, Import, Input, Local, ModuleCall, ModuleFile,
    Moved, Name, Output, ProviderConfiguration, Removed, RequiredProvider, Stack, Variable,
};
pub use write::stack;
