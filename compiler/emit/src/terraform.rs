//! Terraform and OpenTofu: stacks as typed data, the references between them, and the files that
//! the engines and their orchestrators read.
//!
//! Invariant: text is literal unless it is marked as an expression ([`mark`]); what is emitted says
//! the same to every engine and version that the stack declares, or a diagnostic says why not.
//!
//! The way of a stack: its content is read from what a definition rendered, linked with the stacks
//! whose outputs it takes, written as files, and put in an order that orchestrators read.

pub mod engine;
pub mod mark;
mod names;
mod stack;
pub mod types;

pub use engine::{Engine, EngineKind, Version};
pub use stack::{
    After, Argument, Backend, Block, Body, Check, Import, Local, ModuleCall, ModuleFile, Moved,
    Name, Output, ProviderConfiguration, Removed, RequiredProvider, Stack, Variable,
};
