//! `platformc graph`: what comes before what.

use miette::{IntoDiagnostic, Report};
use platformc_driver::graph::{GraphForm, GraphOptions, Level, show};
use platformc_source::SourceMap;

use super::Context;
use crate::args::{GraphArguments, GraphFormat, GraphLevel};
use crate::fault::Fault;
use crate::report::{Stdout, deny, exit_of, print};

pub(super) fn run(arguments: &GraphArguments, context: Context<'_>) -> Result<u8, Report> {
    let deny = deny(&arguments.scope.deny)?;
    let sources = context.sources()?;
    let map = SourceMap::new();
    let outcome = platformc_driver::compile(&sources, &map, &context.options(&arguments.scope));
    let mut diagnostics = outcome.diagnostics;
    let verdict = deny.judge(&mut diagnostics);
    let Context { global, environment, out, err } = context;
    let failed = print(diagnostics, &map, global, environment, Stdout::Taken, (&mut *out, err))?;
    if failed {
        return Ok(exit_of(verdict));
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
    Ok(exit_of(verdict))
}
