//! What the evaluator says, as our diagnostics.
//!
//! Invariant: the code follows from the kind of error, never from its words; places are those of
//! the workspace and of the shipped library, and a diagnostic without one points where the caller
//! says.

use codespan_reporting::diagnostic::{Diagnostic as Told, LabelStyle};
use nickel_lang_core::error::{
    Error, EvalErrorKind, IntoDiagnostics, ParseErrors, TypecheckErrorKind,
};
use nickel_lang_core::eval::value::NickelValue;
use nickel_lang_core::files::FileId as NickelFile;
use nickel_lang_core::position::RawSpan;
use platformc_source::{Code, Diagnostic, Span, codes};

use crate::engine::{Engine, Place};
use crate::session::Loader;

/// Labels of one diagnostic at most.
const MOST_LABELS: usize = 6;
/// Texts of the evaluator hold whole values at times.
const LONGEST: usize = 300;

/// Between the name of a value and why it has none.
pub(crate) const NO_VALUE: &str = " has no value: ";
/// Between the name of a value and why its contract does not hold.
pub(crate) const BREAKS: &str = " breaks its contract: ";

/// Adds a place to a diagnostic, if it is one that can be shown.
pub(crate) fn point(diagnostic: Diagnostic, place: Place, words: &str) -> Diagnostic {
    match place {
        Place::User(span) | Place::Library(span) if span != diagnostic.primary.span => {
            diagnostic.label(span, words)
        }
        _ => diagnostic,
    }
}

/// Faults of the syntax of a file.
pub(crate) fn syntax(
    engine: &Engine,
    loader: &dyn Loader,
    found: ParseErrors,
    whole: Span,
    sink: &mut Vec<Diagnostic>,
) {
    let mut files = engine.vm.import_resolver.sources.files.clone();
    let told = found.into_diagnostics(&mut files);
    let found = told.into_iter().take(20).map(|told| {
        // The rest of this message is the evaluator's own name of the file.
        let message = match told.message.starts_with("unexpected end of file") {
            true => "the file ends in the middle of an expression".to_owned(),
            false => brief(&told.message),
        };
        convert(engine, loader, told, codes::NICKEL_SYNTAX, message, whole)
    });
    sink.extend(found);
}

/// What ended an evaluation. `subject` is the path of the value, `fallback` where it points when
/// the evaluator knows no place.
pub(crate) fn diagnostics(
    engine: &Engine,
    loader: &dyn Loader,
    error: Error,
    subject: Option<&str>,
    fallback: Span,
) -> Vec<Diagnostic> {
    let code = code(&error, engine.vm.cache.is_exhausted());
    let blamed = blamed(&error);
    let mismatch = mismatch(&error);
    let mut files = engine.vm.import_resolver.sources.files.clone();
    let told = error.into_diagnostics(&mut files);
    // Further ones are where the first one was called from, which labels say better.
    told.into_iter()
        .take(1)
        .map(|told| {
            let words = mismatch.as_deref().unwrap_or(&told.message);
            let message = message(code, words, blamed.as_deref(), subject);
            let mut diagnostic = convert(engine, loader, told, code, message, fallback);
            if code == codes::NICKEL_RECURSION {
                diagnostic = diagnostic.note(
                    "fields of a record see each other: in `name = name` both are the same field",
                );
            }
            if code == codes::NICKEL_BUDGET {
                diagnostic = diagnostic
                    .note("an evaluation has a million steps")
                    .note("look for a function or record that refers to itself without end");
            }
            diagnostic
        })
        .collect()
}

fn code(error: &Error, exhausted: bool) -> Code {
    match error {
        Error::ParseErrors(_) => codes::NICKEL_SYNTAX,
        Error::TypecheckError(error) => match error.borrow_error() {
            TypecheckErrorKind::UnboundIdentifier(_) => codes::NICKEL_UNBOUND,
            _ => codes::NICKEL_TYPE,
        },
        Error::ImportError(_) | Error::IOError(_) => codes::NICKEL_IMPORT,
        Error::ExportError(_) => codes::NICKEL_NOT_DATA,
        Error::ReplError(_) => codes::NICKEL_EVALUATION,
        Error::EvalError(error) => match &error.error {
            EvalErrorKind::InfiniteRecursion(..) if exhausted => codes::NICKEL_BUDGET,
            EvalErrorKind::InfiniteRecursion(..) => codes::NICKEL_RECURSION,
            EvalErrorKind::BlameError { .. }
            | EvalErrorKind::IllegalPolymorphicTailAccess { .. } => codes::NICKEL_CONTRACT,
            EvalErrorKind::MissingFieldDef { .. } | EvalErrorKind::FieldMissing { .. } => {
                codes::NICKEL_MISSING_FIELD
            }
            EvalErrorKind::MergeIncompatibleArgs { .. } => codes::NICKEL_MERGE_CONFLICT,
            EvalErrorKind::UnboundIdentifier(..) => codes::NICKEL_UNBOUND,
            EvalErrorKind::ParseError(_) => codes::NICKEL_SYNTAX,
            EvalErrorKind::TypeError { .. }
            | EvalErrorKind::UnaryPrimopTypeError { .. }
            | EvalErrorKind::NAryPrimopTypeError { .. }
            | EvalErrorKind::NotAFunc(..)
            | EvalErrorKind::QueryNonRecord { .. } => codes::NICKEL_TYPE,
            _ => codes::NICKEL_EVALUATION,
        },
    }
}

/// Why a contract does not hold: its own words, or what it is.
fn blamed(error: &Error) -> Option<String> {
    let Error::EvalError(error) = error else { return None };
    let EvalErrorKind::BlameError { label, .. } = &error.error else { return None };
    let said = label.diagnostics.iter().rev().find_map(|said| said.message.clone());
    let said = said.filter(|said| !said.is_empty());
    Some(said.unwrap_or_else(|| format!("it has to be `{}`", brief(&label.typ.to_string()))))
}

/// What stands where another type has to, which the evaluator says only in a label.
fn mismatch(error: &Error) -> Option<String> {
    let Error::EvalError(error) = error else { return None };
    let kind = |value: &NickelValue| value.type_of().unwrap_or("not evaluated").to_owned();
    let (found, expected) = match &error.error {
        EvalErrorKind::TypeError { expected, term, .. } => (kind(term), expected),
        EvalErrorKind::UnaryPrimopTypeError { expected, arg_evaluated, .. }
        | EvalErrorKind::NAryPrimopTypeError { expected, arg_evaluated, .. } => {
            (kind(arg_evaluated), expected)
        }
        EvalErrorKind::NotAFunc(value, ..) => {
            return Some(format!("{} is no function that could be applied", kind(value)));
        }
        EvalErrorKind::QueryNonRecord { value, .. } => {
            return Some(format!("{} is no record that could have fields", kind(value)));
        }
        _ => return None,
    };
    Some(format!("{found} where {expected} has to stand"))
}

fn message(code: Code, told: &str, blamed: Option<&str>, subject: Option<&str>) -> String {
    if code == codes::NICKEL_BUDGET {
        return match subject {
            Some(subject) => format!("the evaluation of `{subject}` does not come to an end"),
            None => "the evaluation does not come to an end".to_owned(),
        };
    }
    if code == codes::NICKEL_MERGE_CONFLICT {
        let subject = subject.map_or("a value".to_owned(), |subject| format!("`{subject}`"));
        return format!("{subject} is given twice, and the two cannot be merged");
    }
    if code == codes::NICKEL_RECURSION {
        let subject = subject.map_or("a value".to_owned(), |subject| format!("`{subject}`"));
        return format!("{subject} depends on itself");
    }
    let words = match blamed {
        Some(why) => brief(why),
        None => brief(told.trim_end_matches('.')),
    };
    match (subject, blamed) {
        (Some(subject), Some(_)) => format!("`{subject}`{BREAKS}{words}"),
        (None, Some(_)) => format!("a value breaks its contract: {words}"),
        (Some(subject), None) => format!("`{subject}`{NO_VALUE}{words}"),
        (None, None) => words,
    }
}

/// One line, not too long.
fn brief(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    line.chars().take(LONGEST).chain("…".chars()).collect()
}

fn convert(
    engine: &Engine,
    loader: &dyn Loader,
    told: Told<NickelFile>,
    code: Code,
    message: String,
    fallback: Span,
) -> Diagnostic {
    let mut places: Vec<(bool, Place, String)> = Vec::new();
    for label in told.labels {
        let words = plain(brief(&label.message));
        let span = RawSpan::from_range(label.file_id, label.range);
        let place = engine.place(span, loader);
        if place == Place::Nowhere {
            // A snippet that the evaluator made up to show a value, or its own library.
            continue;
        }
        places.push((label.style == LabelStyle::Primary, place, words));
    }
    let user = |place: &Place| matches!(place, Place::User(_));
    let chosen = places
        .iter()
        .position(|(primary, place, _)| *primary && user(place))
        .or_else(|| places.iter().position(|(_, place, _)| user(place)));
    let mut diagnostic = match chosen {
        Some(at) => {
            let (_, place, words) = places.remove(at);
            let span = match place {
                Place::User(span) => span,
                _ => fallback,
            };
            Diagnostic::new(code, span, message).primary_label(words)
        }
        None => Diagnostic::new(code, fallback, message),
    };
    for (_, place, words) in places.into_iter().take(MOST_LABELS) {
        diagnostic = point(diagnostic, place, &words);
    }
    for note in told.notes.iter().map(|note| plain(brief(note))) {
        if !note.is_empty() {
            diagnostic = diagnostic.note(note);
        }
    }
    diagnostic
}

/// The evaluator's words for the parts of an error, in those that other diagnostics use.
fn plain(words: String) -> String {
    let known = match words.as_str() {
        "applied to this expression" => "this value",
        "expected type" | "expected dictionary field type" | "expected array element type" => {
            "the contract"
        }
        "recursive reference" => "it leads back here",
        "originally merged here" => "merged here",
        "cannot merge this expression" => "one",
        "with this expression" => "the other",
        "this identifier is unbound" => "not bound here",
        "Merge operands have the same merge priority but they can't be combined." => {
            "`| default` lets one give way, `| force` makes one win"
        }
        _ => return words,
    };
    known.to_owned()
}
