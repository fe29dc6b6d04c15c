//! Printing diagnostics. Invariant: people read them on standard error; machine formats go to the
//! report file, else to standard output where the command has no other result there.

use std::io::Write;
use std::path::Path;

use miette::{IntoDiagnostic, Report};
use platformc_driver::policy::{Deny, Verdict};
use platformc_source::render::{MessageFormat, RenderOptions, render, sort, summary};
use platformc_source::{Diagnostic, Severity, SourceMap};

use crate::args::Global;
use crate::fault::Fault;
use crate::{Environment, VERSION};

/// Whether standard output carries something else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stdout {
    /// It is free for a machine format.
    Free,
    /// It carries the result.
    Taken,
}

/// Prints diagnostics; says whether one of them is an error.
pub(crate) fn print(
    mut diagnostics: Vec<Diagnostic>,
    map: &SourceMap,
    global: &Global,
    environment: &Environment,
    stdout: Stdout,
    streams: (&mut dyn Write, &mut dyn Write),
) -> Result<bool, Report> {
    let (out, err) = streams;
    sort(&mut diagnostics, map);
    let failed = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    let format = global.message_format;
    let to_file = global.report.is_some();
    let color = global.use_color(environment) && !to_file;
    let options = RenderOptions { color, version: VERSION };
    let mut text = render(format, &diagnostics, map, &options);
    if format == MessageFormat::Text && !diagnostics.is_empty() {
        text.push_str(&summary(&diagnostics));
        text.push('\n');
    }
    match &global.report {
        Some(path) => write_file(&global.folder(environment).join(path), text.as_bytes())?,
        None if format == MessageFormat::Text || stdout == Stdout::Taken => {
            err.write_all(text.as_bytes()).into_diagnostic()?;
        }
        None => out.write_all(text.as_bytes()).into_diagnostic()?,
    }
    Ok(failed)
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Report> {
    platformc_host::write_report(path, bytes).map_err(|error| {
        let message = format!("cannot write the report {}: {error}", path.display());
        Report::new(Fault::new(message))
    })
}

/// The exit code of a run that a policy denies.
pub(crate) const DENIED: u8 = 3;

/// What a command line denies.
pub(crate) fn deny(names: &[String]) -> Result<Deny, Report> {
    Deny::of(names).map_err(|(name, near)| {
        let help = match near.as_slice() {
            [] => "`platformc explain` lists the codes that can be denied".to_owned(),
            near => format!("did you mean {}?", near.join(" or ")),
        };
        Report::new(Fault::new(format!("nothing to deny is called `{name}`")).help(help))
    })
}

/// The exit code of a verdict.
pub(crate) fn exit_of(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Passed => 0,
        Verdict::Failed => 1,
        Verdict::Denied => DENIED,
    }
}

/// The exit code of a command that looked at input.
pub(crate) fn exit(failed: bool) -> u8 {
    u8::from(failed)
}
