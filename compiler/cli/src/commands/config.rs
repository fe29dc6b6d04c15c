//! `platformc config`: the configuration, and who set what.

use miette::{IntoDiagnostic, Report};
use platformc_driver::configuration::{Form, configurations, get, show, trace_text};

use super::Context;
use crate::args::{ConfigCommand, ConfigFormat};
use crate::report::{Stdout, exit, print};

pub(super) fn run(command: &ConfigCommand, context: Context<'_>) -> Result<u8, Report> {
    let (scope, format) = match command {
        ConfigCommand::Show(arguments) => (&arguments.scope, arguments.format),
        ConfigCommand::Get(arguments) | ConfigCommand::Trace(arguments) => {
            (&arguments.scope, arguments.format)
        }
    };
    let form = match format {
        ConfigFormat::Text => Form::Text,
        ConfigFormat::Json => Form::Json,
        ConfigFormat::Yaml => Form::Yaml,
    };
    let sources = context.sources()?;
    let map = context.map();
    let outcome = configurations(&sources, &map, &context.options(scope));
    let broken = outcome.has_errors();
    let mut diagnostics = outcome.diagnostics;
    let all = outcome.value;
    let text = match command {
        _ if broken => String::new(),
        ConfigCommand::Show(_) => show(&all, &map, form),
        ConfigCommand::Get(arguments) => {
            get(&all, &arguments.path, &map, form).drain_into(&mut diagnostics)
        }
        ConfigCommand::Trace(arguments) => {
            trace_text(&all, &arguments.path, &map, form).drain_into(&mut diagnostics)
        }
    };
    let Context { global, environment, out, err } = context;
    let failed = print(diagnostics, &map, global, environment, Stdout::Taken, (&mut *out, err))?;
    if !failed {
        out.write_all(text.as_bytes()).into_diagnostic()?;
    }
    Ok(exit(failed))
}
