//! `platformc graph`: what comes before what.

use miette::{IntoDiagnostic, Report};
use platformc_driver::graph::{GraphForm, GraphOptions, Level, show};
use platformc_source::SourceMap;

use super::Context;
use crate::args::{GraphArguments, GraphFormat, GraphLevel};
use crate::fault::Fault;
use crate::report::{Stdout, exit, print};

pub(super) fn run(arguments: &GraphArguments, context: Context<'_, '_>) -> Result<u8, Report> {
    let sources = context.sources()?;
    let map = SourceMap::new();
    let outcome = platformc_driver::compile(&sources, &map, &context.options(&arguments.scope));
    let Context { global, environment, out, err } = context;
    let streams = (&mut *out, err);
    let failed = print(outcome.diagnostics, &map, global, environment, Stdout::Taken, streams)?;
    if failed {
        return Ok(exit(true));
    }
    let options = GraphOptions {
        form: match arguments.format {
            GraphFormat::Dot => GraphForm::Dot,
            GraphFormat::Mermaid => GraphForm::Mermaid,
            GraphFormat::Json => GraphForm::Json,
        },
        level: arguments.level.map(|level| match level {
            GraphLevel::Application => Level::Application,
            GraphLevel::Component => Level::Component,
            GraphLevel::Resource => Level::Resource,
        }),
        focus: arguments.focus.as_deref(),
    };
    let text = show(&outcome.value, &options, &map).map_err(|near| {
        let focus = arguments.focus.as_deref().unwrap_or_default();
        let help = match near.first() {
            Some(best) => format!("did you mean `{best}`?"),
            None => {
                "a node is named APP, APP/COMPONENT, stack:NAME or by its path in the JSON form"
                    .to_owned()
            }
        };
        Report::new(Fault::new(format!("the graph has no node `{focus}`")).help(help))
    })?;
    out.write_all(text.as_bytes()).into_diagnostic()?;
    Ok(exit(false))
}
