//! Paths of values: `a.b[0]."x-y".#D`.
//!
//! Invariant: a path is read whole or not at all; what is wrong is one located diagnostic. The
//! grammar is that of selections and indices with constant operands.

use std::fmt::Write;
use std::sync::Arc;

use chumsky::error::RichReason;
use chumsky::prelude::*;
use platformc_source::{Diagnostic, FileId, Span, codes};

use crate::lexer::{is_letter, is_name_char};
use crate::literal::{Decoder, Quotes};
use crate::quote::quote_string;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathStep {
    /// Where to.
    pub kind: PathStepKind,
    /// Its bytes.
    pub span: Span,
}

/// The kinds of step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathStepKind {
    /// A name as written: `a`, `#D`, `_h`, `_#H`.
    Name(Arc<str>),
    /// `"x-y"`: always a regular field.
    String(Arc<str>),
    /// `[0]`: an element of a list.
    Index(u64),
}

/// The longest path that is read, in bytes.
const MAX_LEN: usize = 64 * 1024;

/// Reads the path of a value. The empty text is the path of the whole.
///
/// # Errors
/// What is wrong with it, located in `file`, which is only written into spans.
pub fn parse_path(file: FileId, text: &str) -> Result<Vec<PathStep>, Vec<Diagnostic>> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    if text.len() > MAX_LEN {
        let span = Span::new(file, 0, 0);
        return Err(vec![Diagnostic::new(codes::CUE_SYNTAX, span, "the path is too long")]);
    }
    let located = |span: SimpleSpan| Span::new(file, span.start, span.end);
    grammar()
        .parse(text)
        .into_result()
        .map(|steps| {
            steps.into_iter().map(|(kind, span)| PathStep { kind, span: located(span) }).collect()
        })
        .map_err(|errors| {
            errors
                .iter()
                .map(|error| {
                    let at_end =
                        error.found().is_none() && !matches!(error.reason(), RichReason::Custom(_));
                    let span = if at_end {
                        Span::new(file, text.len(), text.len())
                    } else {
                        located(*error.span())
                    };
                    Diagnostic::new(codes::CUE_SYNTAX, span, message(error))
                        .note("a path is written like `a.b[0].\"x-y\".#D`")
                })
                .collect()
        })
}

/// The path in the form that [`parse_path`] reads.
#[must_use]
pub fn print_path(steps: &[PathStep]) -> String {
    let mut out = String::new();
    for (index, step) in steps.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = match &step.kind {
            PathStepKind::Index(at) => write!(out, "[{at}]"),
            PathStepKind::Name(name) if index == 0 => write!(out, "{name}"),
            PathStepKind::Name(name) => write!(out, ".{name}"),
            PathStepKind::String(text) if index == 0 => write!(out, "{}", quote_string(text)),
            PathStepKind::String(text) => write!(out, ".{}", quote_string(text)),
        };
    }
    out
}

type Fault<'t> = extra::Err<Rich<'t, char>>;
type Located = (PathStepKind, SimpleSpan);

fn grammar<'t>() -> impl Parser<'t, &'t str, Vec<Located>, Fault<'t>> {
    let name_rest = || select! { c if is_name_char(c) => () }.repeated();
    let name = just("_#")
        .or(just("#"))
        .or_not()
        .then(select! { c if is_letter(c) => () }.then(name_rest()))
        .to_slice()
        .validate(|name: &str, extra, faults| {
            if name == "_" {
                faults.emit(Rich::custom(extra.span(), "`_` alone names no field"));
            }
            PathStepKind::Name(Arc::from(name))
        })
        .labelled("a name");
    let string = just('\\')
        .then(any())
        .ignored()
        .or(none_of("\"\\\n").ignored())
        .repeated()
        .to_slice()
        .delimited_by(just('"'), just('"'))
        .validate(|content, extra, faults| {
            let (text, fault) = unquote(content);
            if let Some(fault) = fault {
                faults.emit(Rich::custom(extra.span(), fault));
            }
            PathStepKind::String(text)
        })
        .labelled("a quoted name");
    let index = select! { c if char::is_ascii_digit(&c) => () }
        .repeated()
        .at_least(1)
        .to_slice()
        .validate(|digits: &str, extra, faults| {
            let index = digits.parse();
            if index.is_err() {
                faults.emit(Rich::custom(extra.span(), "this index is longer than any list"));
            }
            PathStepKind::Index(index.unwrap_or(u64::MAX))
        })
        .labelled("an index");
    let located = |kind, extra: &mut chumsky::input::MapExtra<'t, '_, &'t str, Fault<'t>>| {
        (kind, extra.span())
    };
    let bracketed = index
        .or(string)
        .padded()
        .delimited_by(just('['), just(']'))
        .map_with(located)
        .labelled("an index in brackets");
    let member = name.or(string).map_with(located);
    let first = member.or(bracketed);
    let next = just('.').ignore_then(member).or(bracketed);
    first
        .map(|step| vec![step])
        .foldl(next.repeated(), |mut steps, step| {
            steps.push(step);
            steps
        })
        .padded()
        .then_ignore(end())
}

/// The text of a quoted name, and what is wrong with it.
fn unquote(content: &str) -> (Arc<str>, Option<String>) {
    let quotes = Quotes { hashes: 0, quote: b'"', multi: false, open_len: 1 };
    let decoder = Decoder { quotes, indent: "", line_start: false, last: true };
    let mut out = Vec::new();
    let mut faults = Vec::new();
    decoder.decode(content, &mut out, &mut faults);
    let fault = faults.into_iter().next().map(|fault| fault.message);
    (Arc::from(String::from_utf8_lossy(&out)), fault)
}

/// One line on what was expected and found.
fn message(error: &Rich<'_, char>) -> String {
    if let RichReason::Custom(message) = error.reason() {
        return message.clone();
    }
    let mut wanted: Vec<String> = error
        .expected()
        .map(|pattern| match pattern {
            chumsky::error::RichPattern::Token(c) => format!("`{}`", **c),
            chumsky::error::RichPattern::EndOfInput => "the end".to_owned(),
            other => other.to_string(),
        })
        .filter(|pattern| !pattern.contains("something else"))
        .collect();
    wanted.sort();
    wanted.dedup();
    let found = error.found().map_or_else(|| "the end".to_owned(), |c| format!("`{c}`"));
    match wanted.split_last() {
        None => format!("a path cannot go on with {found}"),
        Some((last, [])) => format!("expected {last}, found {found}"),
        Some((last, others)) => {
            format!("expected {} or {last}, found {found}", others.join(", "))
        }
    }
}
