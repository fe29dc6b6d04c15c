//! X-Definitions written in Nickel.
//!
//! Invariant: a definition is read once; every use evaluates only its template, applied to what the
//! use gives, after the contract of its parameters. What a template yields knows where it came
//! from, and which of it may give way.

use std::fmt;
use std::sync::Arc;

use nickel_lang_core::error::{Error, EvalErrorKind};
use nickel_lang_core::eval::value::{NickelValue, ValueContentRef};
use nickel_lang_core::eval::{Closure, Environment};
use nickel_lang_core::identifier::LocIdent;
use nickel_lang_core::label::Label;
use nickel_lang_core::term::record::{Field, RecordData};
use nickel_lang_core::term::{RuntimeContract, Term};
use platformc_source::{Diagnostic, FileId, Outcome, ReadError, Severity, Span};
use platformc_value::{Path, Shape, Value};

use crate::data::suspended;
use crate::engine::{Engine, with_engine};
use crate::errors;
use crate::run::{Source, ready, stopped_at};
use crate::session::{Loader, Session};
use crate::shape::Reader;
use crate::walk::{Fault, Mark, Walker};

/// The contract of the parameters.
const PARAMETER: &str = "parameter";
/// The function that makes the objects.
const TEMPLATE: &str = "template";

/// A definition as its file says it.
#[derive(Debug)]
pub struct Loaded {
    /// Every field but the contract and the template.
    pub header: Value,
    /// What the contract admits; none where there is no contract.
    pub parameter: Option<Shape>,
    /// Where the template is written; none where there is none.
    pub template: Option<Span>,
}

/// A definition that can be used: shared by threads.
#[derive(Clone)]
pub struct Template {
    session: Session,
    path: Arc<str>,
    file: FileId,
    text: Arc<str>,
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Template({})", self.path)
    }
}

/// What is wrong with what a contract or a template was given, or made.
#[derive(Clone, Debug)]
pub struct Broken {
    /// Where: inside the parameters, or inside what the template makes.
    pub path: Path,
    /// Whether a value is missing there.
    pub missing: bool,
    /// Whether a limit was reached.
    pub budget: bool,
    /// What is wrong, in one line.
    pub message: String,
    /// The places that have a part in it, the most telling first.
    pub spans: Vec<Span>,
}

/// What a template made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The record that it returned.
    pub value: Value,
    /// What the metadata of its fields says, by their paths.
    pub marks: Vec<(Path, Mark)>,
}

/// Everything is in memory already: a template is used only after it was read.
struct InMemory;

impl Loader for InMemory {
    fn load(&self, _path: &str) -> Result<(FileId, Arc<str>), ReadError> {
        Err(ReadError::NotFound)
    }

    fn register(&self, _path: &str, _text: &'static str) -> FileId {
        FileId::NONE
    }
}

/// Reads a definition. `None` where the file has neither a template nor the type of a definition,
/// or cannot be evaluated.
#[must_use]
pub fn load(
    session: &Session,
    loader: &dyn Loader,
    source: Source<'_>,
) -> Outcome<Option<(Loaded, Template)>> {
    session.embed_all(loader);
    let whole = Span::new(source.file, 0, 0);
    let run = |engine: &mut Engine| {
        let mut sink = Vec::new();
        let loaded = loaded(engine, loader, &source, &mut sink);
        Outcome::new(loaded, sink)
    };
    let outcome = with_engine(session, run)
        .unwrap_or_else(|stopped| Outcome::new(None, vec![stopped_at(&stopped, whole)]));
    outcome.map(|loaded| {
        let template = Template {
            session: session.clone(),
            path: Arc::from(source.path),
            file: source.file,
            text: Arc::clone(source.text),
        };
        loaded.map(|loaded| (loaded, template))
    })
}

/// The fields of a record and what their values see.
type Fields = (Vec<(LocIdent, Field)>, Environment);

/// The fields of the file's record; `None` where it is no record.
fn fields(walker: &mut Walker<'_>, start: Closure) -> Result<Option<Fields>, Box<Error>> {
    let Closure { value, env } = walker.head(start)?;
    Ok(match value.content_ref() {
        ValueContentRef::Record(record) => {
            let fields = record.into_opt().map(|record| {
                record.fields.iter().map(|(id, field)| (*id, field.clone())).collect()
            });
            Some((fields.unwrap_or_default(), env))
        }
        _ => None,
    })
}

fn loaded(
    engine: &mut Engine,
    loader: &dyn Loader,
    source: &Source<'_>,
    sink: &mut Vec<Diagnostic>,
) -> Option<Loaded> {
    let start = Closure::from(ready(engine, loader, source, sink)?);
    let whole = Span::new(source.file, 0, 0);
    let mut walker = Walker::new(engine, loader, whole);
    let found = fields(&mut walker, start);
    let (all, env) = match found {
        Ok(Some(found)) => found,
        Ok(None) => return None,
        Err(error) => {
            walker.error(error, None);
            sink.extend(walker.faults.into_iter().map(|fault| fault.diagnostic));
            return None;
        }
    };
    let has = |name: &str| all.iter().any(|(id, _)| id.label() == name);
    if !has(TEMPLATE) && !has("type") {
        return None;
    }
    let mut header = Vec::new();
    let (mut parameter, mut template) = (None, None);
    for (id, field) in all {
        match id.label() {
            PARAMETER => parameter = Some(field),
            TEMPLATE => template = Some(walker.engine.user(id.pos).unwrap_or(whole)),
            _ => header.push((id, field)),
        }
    }
    let header = Value::map(walker.fields(header, &env));
    let before = walker.faults.len();
    let parameter = parameter.map(|field| match field.value_with_pending_contracts() {
        Some(value) => {
            let closure = Closure { value, env: env.clone() };
            Reader::new(&mut walker).contract(closure, PARAMETER, 0)
        }
        None => Shape::Any,
    });
    walker.faults.truncate(before);
    sink.extend(walker.faults.into_iter().map(|fault| fault.diagnostic));
    if sink.iter().any(|found| found.severity == Severity::Error) {
        return None;
    }
    Some(Loaded { header, parameter, template })
}

impl Template {
    /// The file of the definition.
    #[must_use]
    pub fn file(&self) -> FileId {
        self.file
    }

    /// Whether the text of the definition names something.
    #[must_use]
    pub fn names(&self, word: &str) -> bool {
        self.text.contains(word)
    }

    /// What is wrong with properties, by the contract of the parameters.
    #[must_use]
    pub fn check(&self, properties: &Value) -> Vec<Broken> {
        self.run(|walker, start| {
            let (fields, env) = match fields(walker, start) {
                Ok(found) => found.unwrap_or_default(),
                Err(error) => {
                    walker.error(error, None);
                    return;
                }
            };
            let value = parameter(walker, &fields, &env, properties);
            walker.value(Closure { value, env: Environment::new() });
        })
        .1
    }

    /// What the template makes of properties.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn render(&self, properties: &Value, context: &Value) -> Result<Made, Vec<Broken>> {
        let mut made = None;
        let (marks, broken) = self.run(|walker, start| {
            let (fields, env) = match fields(walker, start) {
                Ok(found) => found.unwrap_or_default(),
                Err(error) => {
                    walker.error(error, None);
                    return;
                }
            };
            let find = |name: &str| fields.iter().find(|(id, _)| id.label() == name);
            let function =
                find(TEMPLATE).and_then(|(_, field)| field.value_with_pending_contracts());
            let Some(function) = function else { return };
            let function = suspended(function, env.clone());
            let parameter = parameter(walker, &fields, &env, properties);
            let context = suspended(walker.engine.inject(context), Environment::new());
            let argument = RecordData::with_field_values([
                (LocIdent::new(PARAMETER), parameter),
                (LocIdent::new("context"), context),
            ]);
            let argument = NickelValue::record_posless(argument);
            let value = NickelValue::from(Term::app(function, argument));
            walker.marking = true;
            made = Some(walker.value(Closure { value, env: Environment::new() }));
        });
        match made {
            Some(value) if broken.is_empty() => Ok(Made { value, marks }),
            _ => Err(broken),
        }
    }

    fn run(&self, work: impl FnOnce(&mut Walker<'_>, Closure)) -> (Vec<(Path, Mark)>, Vec<Broken>) {
        let whole = Span::new(self.file, 0, 0);
        let run = |engine: &mut Engine| {
            let mut sink = Vec::new();
            let source = Source { path: &self.path, file: self.file, text: &self.text };
            let Some(value) = ready(engine, &InMemory, &source, &mut sink) else {
                return (Vec::new(), sink.into_iter().map(plain).collect());
            };
            let mut walker = Walker::new(engine, &InMemory, whole);
            work(&mut walker, Closure::from(value));
            (walker.marks, walker.faults.into_iter().map(broken).collect())
        };
        with_engine(&self.session, run).unwrap_or_else(|stopped| {
            let found = Broken { budget: true, ..plain(stopped_at(&stopped, whole)) };
            (Vec::new(), vec![found])
        })
    }
}

/// Properties under the contract of the parameters.
fn parameter(
    walker: &mut Walker<'_>,
    fields: &[(LocIdent, Field)],
    env: &Environment,
    properties: &Value,
) -> NickelValue {
    let value = walker.engine.inject(properties);
    let declared = fields.iter().find(|(id, _)| id.label() == PARAMETER);
    let Some(contract) = declared.and_then(|(_, field)| field.value_with_pending_contracts())
    else {
        return suspended(value, Environment::new());
    };
    let at = value.pos_idx();
    let span = contract.pos_idx();
    let contract = suspended(contract, env.clone());
    let label = Label { span, arg_pos: at, ..Label::default() };
    let applied =
        RuntimeContract::new(contract, label).apply(suspended(value, Environment::new()), at);
    suspended(applied, Environment::new())
}

fn plain(found: Diagnostic) -> Broken {
    let labels = found.labels.iter().map(|label| label.span);
    Broken {
        path: Path::root(),
        missing: false,
        budget: found.code == platformc_source::codes::NICKEL_BUDGET,
        message: found.message,
        spans: std::iter::once(found.primary.span).chain(labels).collect(),
    }
}

fn broken(fault: Fault) -> Broken {
    let missing = matches!(
        fault.error.as_deref(),
        Some(Error::EvalError(error)) if matches!(error.error, EvalErrorKind::MissingFieldDef { .. })
    );
    let mut found = plain(fault.diagnostic);
    // Who reports it says of which value.
    if let Some(rest) = found.message.strip_prefix(&format!("`{}`", fault.path)) {
        let reason = rest
            .strip_prefix(errors::NO_VALUE)
            .or_else(|| rest.strip_prefix(errors::BREAKS))
            .map_or_else(|| format!("it{rest}"), str::to_owned);
        found.message = reason;
    }
    if found.budget {
        found.message = "the evaluation does not come to an end".to_owned();
    }
    found.path = fault.path;
    found.missing = missing;
    found
}
