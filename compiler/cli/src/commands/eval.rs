//! `platformc eval`: the value of files.

use std::path::{Path, PathBuf};

use miette::{IntoDiagnostic, Report};
use platformc_driver::eval::{Form, Input, eval, unreadable};
use platformc_source::{Diagnostic, ReadError, SourceMap, Sources};

use super::{Context, open};
use crate::args::{EvalArguments, EvalForm};
use crate::fault::Fault;
use crate::report::{Stdout, exit, print};

pub(super) fn run(arguments: &EvalArguments, context: Context<'_>) -> Result<u8, Report> {
    let map = context.map();
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let inputs = read(&context.folder(), &arguments.files, &map, &mut diagnostics)?;
    let form = match arguments.out {
        EvalForm::Json => Form::Json,
        EvalForm::Yaml => Form::Yaml,
        EvalForm::Cue => Form::Cue,
    };
    let sources = open(&context.folder())?;
    let text = eval(&sources, &inputs, arguments.expression.as_deref(), form, &map)
        .drain_into(&mut diagnostics);
    let Context { global, environment, out, err } = context;
    let failed = print(diagnostics, &map, global, environment, Stdout::Taken, (&mut *out, err))?;
    if let Some(text) = text.filter(|_| !failed) {
        out.write_all(text.as_bytes()).into_diagnostic()?;
    }
    Ok(exit(failed))
}

/// Reads files that the user names; they may lie anywhere. One that is not there is a mistake in
/// the command, one that cannot be read is a diagnostic.
pub(super) fn read(
    folder: &Path,
    paths: &[PathBuf],
    map: &SourceMap,
    sink: &mut Vec<Diagnostic>,
) -> Result<Vec<Input>, Report> {
    let mut inputs = Vec::with_capacity(paths.len());
    for path in paths {
        let whole = folder.join(path);
        let fault =
            |why: &str| Report::new(Fault::new(format!("cannot read {}: {why}", path.display())));
        let name = whole.file_name().and_then(|name| name.to_str());
        let (Some(parent), Some(name)) = (whole.parent(), name) else {
            return Err(fault("not the name of a file"));
        };
        let shown = path.to_string_lossy().into_owned();
        match open(parent)?.read(name) {
            Ok(bytes) => inputs.push(Input { path: shown, bytes }),
            Err(ReadError::NotFound) => return Err(fault("there is no such file")),
            Err(error) => sink.push(unreadable(map, &shown, &error)),
        }
    }
    Ok(inputs)
}
