//! `platformc explain`: the page of a code.

use miette::{IntoDiagnostic, Report};
use platformc_source::{codes, explain, nearest};

use super::Context;
use crate::args::ExplainArguments;
use crate::fault::Fault;

pub(super) fn run(arguments: &ExplainArguments, context: &mut Context<'_>) -> Result<u8, Report> {
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
    let slug = code.rsplit('/').next().unwrap_or(code);
    let slugs: Vec<&str> = known.clone().filter_map(|id| id.rsplit('/').next()).collect();
    let meant = if slugs.contains(&slug) { vec![slug] } else { nearest(slug, slugs) };
    let by_slug =
        known.clone().filter(|id| id.rsplit('/').next().is_some_and(|s| meant.contains(&s)));
    let mut near: Vec<&str> = nearest(code, known.clone());
    near.extend(by_slug);
    near.dedup();
    near.truncate(4);
    let help = match near.as_slice() {
        [] => "`platformc explain` lists every code".to_owned(),
        near => format!("did you mean {}?", near.join(" or ")),
    };
    Err(Report::new(Fault::new(format!("there is no code `{code}`")).help(help)))
}
