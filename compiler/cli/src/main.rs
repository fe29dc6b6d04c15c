//! The binary `platformc`.
//!
//! Invariant: exit 0 for success, 1 for errors in the input or a difference asked for, 2 for wrong
//! usage and for faults of the tool itself, a panic included, 3 for what a policy denies.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use platformc_cli::{Environment, Pipe, fault, run};

fn main() -> ExitCode {
    // The report below says all a user can use; the default hook would print it twice.
    std::panic::set_hook(Box::new(fault::remember));
    let (mut out, mut err) = (Pipe::new(stdout().lock()), Pipe::new(stderr()));
    let code = match platformc_host::working_folder() {
        Err(error) => fault::report_plain(&mut err, &format!("no working folder: {error}")),
        Ok(folder) => {
            let environment = Environment {
                folder,
                variable: std::sync::Arc::new(platformc_host::variable),
                terminal: stderr().is_terminal(),
            };
            let go =
                AssertUnwindSafe(|| run(std::env::args_os(), &environment, &mut out, &mut err));
            catch_unwind(go).unwrap_or_else(|panic| fault::report_panic(&mut stderr(), &*panic))
        }
    };
    if let Err(error) = out.flush() {
        return ExitCode::from(fault::report_plain(&mut err, &format!("cannot write: {error}")));
    }
    ExitCode::from(code)
}
