//! `platformc explain`: the page of a code.

use miette::{IntoDiagnostic, Report};
use platformc_source::{codes, explain, nearest};

use super::Context;
use crate::args::ExplainArguments;
use crate::fault::Fault;

pub(super) fn run(arguments: &ExplainArguments, context: Context<'_, '_>) -> Result<u8, Report> {
    let Some(code) = &arguments.code else {
        let width = codes::ALL.iter().map(|code| code.id().len()).max().unwrap_or(0);
        for code in codes::ALL {
            let info = code.info();
            writeln!(context.out, "{:width$}  {}", info.id, info.summary).into_diagnostic()?;
        }
        return Ok(0);
    };
    if let Some(page) = explain(code) {
        write!(context.out, "{page}").into_diagnostic()?;
        return Ok(0);
    }
    let known = codes::ALL.iter().map(|code| code.id());
    // `unknown-field` is as good as `model/unknown-field` to someone who asks.
    let same_slug: Vec<&str> =
        known.clone().filter(|id| id.rsplit('/').next() == Some(code)).collect();
    let near = if same_slug.is_empty() { nearest(code, known) } else { same_slug };
    let help = match near.as_slice() {
        [] => "`platformc explain` lists every code".to_owned(),
        near => format!("did you mean {}?", near.join(" or ")),
    };
    Err(Report::new(Fault::new(format!("there is no code `{code}`")).help(help)))
}
