//! `platformc eval`: the value of files.

use std::path::Path;

use miette::{IntoDiagnostic, Report};
use platformc_driver::eval::{Form, Input, eval};
use platformc_source::{Diagnostic, SourceMap, Sources};

use super::{Context, open};
use crate::args::{EvalArguments, EvalForm};
use crate::fault::Fault;
use crate::report::{Stdout, exit, print};

pub(super) fn run(arguments: &EvalArguments, context: Context<'_, '_>) -> Result<u8, Report> {
    let map = SourceMap::new();
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let mut inputs = Vec::new();
    for path in &arguments.files {
        inputs.push(Input {
            path: path.to_string_lossy().into_owned(),
            bytes: read(&context.folder(), path)?,
        });
    }
    let form = match arguments.out {
        EvalForm::Json => Form::Json,
        EvalForm::Yaml => Form::Yaml,
        EvalForm::Cue => Form::Cue,
    };
    let text =
        eval(&inputs, arguments.expression.as_deref(), form, &map).drain_into(&mut diagnostics);
    let Context { global, environment, out, err } = context;
    let failed = print(diagnostics, &map, global, environment, Stdout::Taken, (&mut *out, err))?;
    if let Some(text) = text.filter(|_| !failed) {
        out.write_all(text.as_bytes()).into_diagnostic()?;
    }
    Ok(exit(failed))
}

/// Reads a file that the user names; it may lie anywhere.
pub(super) fn read(folder: &Path, path: &Path) -> Result<std::sync::Arc<[u8]>, Report> {
    let whole = folder.join(path);
    let fault =
        |why: String| Report::new(Fault::new(format!("cannot read {}: {why}", path.display())));
    let name = whole.file_name().and_then(|name| name.to_str());
    let (Some(parent), Some(name)) = (whole.parent(), name) else {
        return Err(fault("not the name of a file".to_owned()));
    };
    open(parent)?.read(name).map_err(|error| fault(error.to_string()))
}
