//! The value of a file.
//!
//! Invariant: no value where there is an error; every error of the file is reported at once.

use std::sync::Arc;

use nickel_lang_core::error::Error;
use nickel_lang_core::eval::value::{NickelValue, ValueContentRef};
use nickel_lang_core::eval::{Closure, Environment};
use nickel_lang_core::identifier::LocIdent;
use nickel_lang_core::label::Label;
use nickel_lang_core::term::record::RecordData;
use nickel_lang_core::term::{BinaryOp, make};
use platformc_source::{Diagnostic, FileId, Outcome, Severity, Span, codes};
use platformc_value::Value;

use crate::data::suspended;
use crate::engine::{Engine, Stopped, with_engine};
use crate::session::{Loader, Session};
use crate::walk::Walker;
use crate::{errors, imports};

/// A Nickel file of the workspace.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Its path in the workspace, which its imports are relative to.
    pub path: &'a str,
    /// The id that spans name.
    pub file: FileId,
    /// Its text.
    pub text: &'a Arc<str>,
}

/// The concrete value of a file, evaluated to its ends.
///
/// Each of `fields` is merged into the file's value if that is a record which declares the field,
/// and does not come out again: a file reads it, whoever evaluates it.
#[must_use]
pub fn evaluate(
    session: &Session,
    loader: &dyn Loader,
    source: Source<'_>,
    fields: &[(&str, &Value)],
) -> Outcome<Option<Value>> {
    let run = |engine: &mut Engine| {
        let mut sink = Vec::new();
        let value = evaluated(engine, loader, &source, fields, &mut sink);
        Outcome::new(value, sink)
    };
    with_engine(session, run).unwrap_or_else(|stopped| {
        Outcome::new(None, vec![stopped_at(&stopped, Span::new(source.file, 0, 0))])
    })
}

/// The diagnostic of an evaluation that ended before its end.
pub(crate) fn stopped_at(stopped: &Stopped, whole: Span) -> Diagnostic {
    match stopped {
        Stopped::Exhausted => Diagnostic::new(
            codes::NICKEL_BUDGET,
            whole,
            "the evaluation makes values without end, or far too large ones",
        )
        .note("a text has at most 4 MiB, a list 1,000,000 items, an evaluation 3,000,000 values"),
        Stopped::Fault => Diagnostic::new(
            codes::NICKEL_EVALUATION,
            whole,
            "the Nickel evaluator failed on this file; the fault is not the file's",
        )
        .note("please report it with the file"),
    }
}

/// Loads, checks and closes a file: what an evaluation starts from.
pub(crate) fn ready(
    engine: &mut Engine,
    loader: &dyn Loader,
    source: &Source<'_>,
    sink: &mut Vec<Diagnostic>,
) -> Option<NickelValue> {
    let id = imports::load(engine, loader, source, sink)?;
    match engine.vm.prepare_eval(id) {
        Ok(value) => Some(value),
        Err(error) => {
            let whole = Span::new(source.file, 0, 0);
            sink.extend(errors::diagnostics(engine, loader, error, None, whole));
            // Half-checked files would pass as checked the next time.
            let session = engine.session.clone();
            engine.enter(&session);
            None
        }
    }
}

fn evaluated(
    engine: &mut Engine,
    loader: &dyn Loader,
    source: &Source<'_>,
    fields: &[(&str, &Value)],
    sink: &mut Vec<Diagnostic>,
) -> Option<Value> {
    let whole = Span::new(source.file, 0, 0);
    let start = Closure::from(ready(engine, loader, source, sink)?);
    let mut walker = Walker::new(engine, loader, whole);
    let mut merged = Vec::new();
    let value = match given(&mut walker, start, fields, &mut merged) {
        Ok(closure) => Some(walker.value(closure)),
        Err(error) => {
            walker.error(error, None);
            None
        }
    };
    sink.extend(walker.faults.into_iter().map(|fault| fault.diagnostic));
    if sink.iter().any(|found| found.severity == Severity::Error) {
        return None;
    }
    let mut value = value?;
    if let Some(map) = value.as_map_mut() {
        for name in merged {
            map.remove(name);
        }
    }
    Some(value)
}

/// The file's value with the fields it declares of those that are given.
fn given<'f>(
    walker: &mut Walker<'_>,
    start: Closure,
    fields: &[(&'f str, &Value)],
    merged: &mut Vec<&'f str>,
) -> Result<Closure, Box<Error>> {
    if fields.is_empty() {
        return Ok(start);
    }
    let Closure { value, env } = walker.head(start)?;
    let declared: Vec<(&str, &Value)> = match value.content_ref() {
        ValueContentRef::Record(record) => fields
            .iter()
            .filter(|(name, _)| record.get(LocIdent::new(name)).is_some())
            .copied()
            .collect(),
        _ => Vec::new(),
    };
    if declared.is_empty() {
        return Ok(Closure { value, env });
    }
    let mut record = Vec::with_capacity(declared.len());
    for (name, field) in declared {
        merged.push(fields.iter().find(|(known, _)| *known == name).map_or("", |(name, _)| name));
        let field = suspended(walker.engine.inject(field), Environment::new());
        record.push((LocIdent::new(name), field));
    }
    let record = NickelValue::record_posless(RecordData::with_field_values(record));
    let merge = BinaryOp::Merge(Label::default().into());
    Ok(Closure { value: make::op2(merge, value, record), env })
}
