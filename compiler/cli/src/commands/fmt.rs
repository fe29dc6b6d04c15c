//! `platformc fmt`: CUE in its usual form.

use miette::{IntoDiagnostic, Report};
use platformc_source::render::MessageFormat;

use super::Context;
use crate::args::FmtArguments;
use crate::fault::Fault;
use crate::report::{Stdout, exit, print};

pub(super) fn run(arguments: &FmtArguments, context: Context<'_>) -> Result<u8, Report> {
    let folder = context.folder();
    let sources = context.sources()?;
    let map = context.map();
    let outcome = platformc_driver::formatting::fmt(&sources, &map, &arguments.paths);
    let Context { global, environment, out, err } = context;
    let stdout = if arguments.check { Stdout::Taken } else { Stdout::Free };
    let failed =
        print(outcome.diagnostics, &map, global, environment, stdout, (&mut *out, &mut *err))?;
    let formatted = outcome.value;
    if arguments.check {
        for (path, _) in &formatted.changed {
            writeln!(out, "{path}").into_diagnostic()?;
        }
        return Ok(exit(failed || !formatted.changed.is_empty()));
    }
    platformc_host::replace_files(&folder, &formatted.changed).map_err(|(path, error)| {
        Report::new(Fault::new(format!("cannot write {path}: {error}")))
    })?;
    if global.message_format == MessageFormat::Text {
        for (path, _) in &formatted.changed {
            writeln!(err, "formatted {path}").into_diagnostic()?;
        }
        if formatted.changed.is_empty() && !failed {
            let s = if formatted.count == 1 { "" } else { "s" };
            writeln!(err, "{} file{s} of CUE, nothing to change", formatted.count)
                .into_diagnostic()?;
        }
    }
    Ok(exit(failed))
}
