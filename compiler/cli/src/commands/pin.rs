//! `platformc pin`: writes which images components run.

use miette::{IntoDiagnostic, Report};
use platformc_driver::Options;
use platformc_source::render::MessageFormat;

use super::Context;
use crate::VERSION;
use crate::args::PinArguments;
use crate::fault::Fault;
use crate::report::{Stdout, exit, print};

pub(super) fn run(arguments: &PinArguments, context: Context<'_>) -> Result<u8, Report> {
    let folder = context.folder();
    // Builds of several components may pin at one time; each has to see what the others wrote. A
    // workspace without a manifest is reported below.
    let _lock = platformc_host::wait_for_lock(&folder.join("platform.toml"));
    let sources = context.sources()?;
    let map = context.map();
    let environments = context.selection(arguments.env.as_deref());
    let ambience = context.ambience();
    let options =
        Options { environments, jobs: 1, version: VERSION, ambience, ..Options::default() };
    let outcome = platformc_driver::pins::pin(&sources, &map, &options, &arguments.pins);
    let changes = outcome.value;
    let Context { global, environment, out, err } = context;
    let failed =
        print(outcome.diagnostics, &map, global, environment, Stdout::Free, (out, &mut *err))?;
    if let [first, rest @ ..] = changes.refusals.as_slice() {
        for refusal in std::iter::once(first).chain(rest) {
            let mut fault = Fault::new(&refusal.message);
            if let Some(help) = &refusal.help {
                fault = fault.help(help);
            }
            crate::fault::report(err, &Report::new(fault), global.use_color(environment));
        }
        return Ok(crate::fault::EXIT);
    }
    if failed {
        return Ok(exit(true));
    }
    platformc_host::replace_files(&folder, &changes.files).map_err(|(path, error)| {
        Report::new(Fault::new(format!("cannot write {path}: {error}")))
    })?;
    if global.message_format == MessageFormat::Text {
        for (path, _) in &changes.files {
            writeln!(err, "wrote {path}").into_diagnostic()?;
        }
        if changes.files.is_empty() {
            writeln!(err, "pinned already").into_diagnostic()?;
        }
    }
    Ok(0)
}
