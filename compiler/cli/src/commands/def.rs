//! `platformc def`: looking at definitions.

use miette::{IntoDiagnostic, Report};
use platformc_driver::definitions::{
    ShowForm as Form, Shown, list, show as show_definition, vet as vet_files,
};
use platformc_source::render::MessageFormat;

use super::eval::read;
use super::{Context, open};
use crate::args::{ShowArguments, ShowForm, VetArguments};
use crate::fault::Fault;
use crate::report::{Stdout, exit, print};

pub(super) fn show(arguments: &ShowArguments, context: Context<'_>) -> Result<u8, Report> {
    let sources = context.sources()?;
    let map = context.map();
    let Some(name) = &arguments.name else {
        let outcome = list(&sources, &map);
        let Context { global, environment, out, err } = context;
        for line in &outcome.value {
            writeln!(out, "{line}").into_diagnostic()?;
        }
        let failed =
            print(outcome.diagnostics, &map, global, environment, Stdout::Taken, (out, err))?;
        return Ok(exit(failed));
    };
    let form = match arguments.format {
        ShowForm::Text => Form::Text,
        ShowForm::JsonSchema => Form::JsonSchema,
        ShowForm::Markdown => Form::Markdown,
    };
    let outcome = show_definition(&sources, &map, name, form);
    let Context { global, environment, out, err } = context;
    let shown = outcome.value;
    let failed =
        print(outcome.diagnostics, &map, global, environment, Stdout::Taken, (&mut *out, err))?;
    match shown {
        Shown::Text(text) => out.write_all(text.as_bytes()).into_diagnostic()?,
        Shown::Unknown(near) => {
            let help = match near.as_slice() {
                [] => "`platformc def show` lists every definition".to_owned(),
                near => format!("did you mean {}?", near.join(" or ")),
            };
            let message = format!("there is no definition `{name}`");
            return Err(Report::new(Fault::new(message).help(help)));
        }
    }
    Ok(exit(failed))
}

pub(super) fn vet(arguments: &VetArguments, context: Context<'_>) -> Result<u8, Report> {
    let map = context.map();
    let mut diagnostics = Vec::new();
    let inputs = read(&context.folder(), &arguments.files, &map, &mut diagnostics)?;
    let sources = open(&context.folder())?;
    let count = vet_files(&sources, &inputs, &map).drain_into(&mut diagnostics);
    let Context { global, environment, out, err } = context;
    let failed = print(diagnostics, &map, global, environment, Stdout::Free, (out, &mut *err))?;
    if !failed && global.message_format == MessageFormat::Text {
        let s = if count == 1 { "" } else { "s" };
        writeln!(err, "checked {count} definition{s}").into_diagnostic()?;
    }
    Ok(exit(failed))
}
