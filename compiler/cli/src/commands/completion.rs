//! `platformc completion`: a script for a shell.

use clap::CommandFactory;
use miette::{IntoDiagnostic, Report};

use super::Context;
use crate::args::{Arguments, CompletionArguments};

pub(super) fn run(
    arguments: &CompletionArguments,
    context: &mut Context<'_>,
) -> Result<u8, Report> {
    // Generated into memory first: the generator panics where its writer fails.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "platformc", &mut script);
    context.out.write_all(&script).into_diagnostic()?;
    Ok(0)
}
