//! The disk, the environment and the clock: the only crate of the compiler that touches them.
//!
//! Invariant: nothing here knows a document format. [`DiskSources`] never reads outside its root,
//! [`DiskStore`] never writes outside its own, whatever links lie there when it looks.
#![allow(clippy::disallowed_methods, reason = "this is the crate the rule points to")]

mod environment;
mod files;
mod git;
mod hooks;
mod shipped;
mod sources;
mod store;
mod surroundings;

pub use environment::{now_seconds, variable, working_folder};
pub use files::{replace_files, wait_for_lock, write_new_folder, write_report};
pub use git::repository;
pub use hooks::{HookError, HookPlace, hook_place, remove_hook, write_hook};
pub use shipped::{Shipped, folder_with};
pub use sources::{DEFAULT_LIMIT, DiskSources, Stamp};
pub use store::{DiskStore, STATE_FOLDER};
pub use surroundings::{Surroundings, Variable};
