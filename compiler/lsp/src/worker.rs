//! The thread that checks a workspace.
//!
//! Invariant: a fault of the compiler ends no more than one look at the workspace; it is told, and
//! the next change is looked at as though nothing had happened.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use platformc_driver::Options;
use platformc_driver::session::{Change, Client, serve};

use crate::workspace::Workspace;

/// The stack of the thread in bytes; evaluation takes more when it needs it.
const STACK: usize = 8 << 20;

/// Starts checking a workspace.
pub(crate) fn start(workspace: &Arc<Workspace>, options: Options) {
    let own = Arc::clone(workspace);
    let run = move || {
        loop {
            if catch_unwind(AssertUnwindSafe(|| serve(&*own, &options))).is_ok() {
                return;
            }
            own.log("platformc failed on this workspace; this is a fault of platformc itself");
            if own.wait() == Change::Stop {
                return;
            }
        }
    };
    let started = thread::Builder::new().name("check".to_owned()).stack_size(STACK).spawn(run);
    if let Err(error) = started {
        workspace.log(&format!("the workspace cannot be checked: {error}"));
    }
}
