//! The command line of platformc.
//!
//! Invariant: a command is a function of its arguments, the environment it is given and the files
//! it reads; it writes results to `out` and everything said about the input to `err`, so that the
//! whole tool runs inside a test.

mod args;
mod commands;
pub mod fault;
mod pipe;
mod report;

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Parser;
use clap::error::ErrorKind;

pub use pipe::Pipe;

/// The version of this compiler.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Environment variables by name.
pub type Variables = dyn Fn(&str) -> Option<String> + Send + Sync;

/// What a command takes from its surroundings.
pub struct Environment {
    /// The folder it was started in.
    pub folder: PathBuf,
    /// Reads an environment variable.
    pub variable: Arc<Variables>,
    /// Whether diagnostics go to a terminal.
    pub terminal: bool,
}

/// Runs a command line, program name first; returns the exit code.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    environment: &Environment,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> u8 {
    let arguments = match args::Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let told = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            let text = error.render().to_string();
            // With nobody listening there is nobody to tell.
            if told {
                let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
                return 0;
            }
            let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
            return fault::EXIT;
        }
    };
    let color = arguments.global.use_color(environment);
    let result = commands::run(arguments, environment, out, err);
    let _ = err.flush();
    match result.and_then(|code| {
        out.flush().map_err(|error| fault::Fault::new(format!("cannot write: {error}")))?;
        Ok(code)
    }) {
        Ok(code) => code,
        Err(report) => fault::report(err, &report, color),
    }
}
