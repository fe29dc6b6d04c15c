//! `platformc check`: everything `build` finds, nothing written.

use miette::{IntoDiagnostic, Report};
use platformc_source::render::MessageFormat;

use super::Context;
use crate::args::CheckArguments;
use crate::report::{Stdout, deny, exit_of, print};

pub(super) fn run(arguments: &CheckArguments, context: Context<'_>) -> Result<u8, Report> {
    let deny = deny(&arguments.scope.deny)?;
    let sources = context.sources()?;
    let map = context.map();
    let outcome = platformc_driver::compile(&sources, &map, &context.options(&arguments.scope));
    let mut diagnostics = outcome.diagnostics;
    let verdict = deny.judge(&mut diagnostics);
    let Context { global, environment, out, err } = context;
    let failed = print(diagnostics, &map, global, environment, Stdout::Free, (out, err))?;
    if !failed && global.message_format == MessageFormat::Text {
        writeln!(err, "checked {}", outcome.value.summary).into_diagnostic()?;
    }
    Ok(exit_of(verdict))
}
