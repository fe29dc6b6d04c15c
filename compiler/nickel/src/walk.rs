//! Evaluated values leave the evaluator.
//!
//! Invariant: one pass makes the value and finds every fault, each with the path it lies at; the
//! depth and the number of values are bounded before anything is built from them.
//!
//! Where a value came from: the text of the value where that is a file of the workspace; else the
//! key that leads to it; else the first value inside. Results of the language's own functions have
//! places in its library, and merged records have none, so a place alone is not enough.

use std::sync::Arc;

use nickel_lang_core::error::{Error, EvalErrorKind};
use nickel_lang_core::eval::value::{Container, NickelValue, ValueContentRef};
use nickel_lang_core::eval::{Closure, Environment, VirtualMachine};
use nickel_lang_core::identifier::LocIdent;
use nickel_lang_core::position::TermPos;
use nickel_lang_core::term::MergePriority;
use nickel_lang_core::term::record::Field;
use platformc_source::{Diagnostic, Origin, Span, codes};
use platformc_value::{Data, Entry, Map, Path, Step, Value};

use crate::engine::Engine;
use crate::session::Loader;
use crate::{MAX_DEPTH, MAX_NODES, data, errors};

/// So many faults of one evaluation are reported.
const MOST_FAULTS: usize = 50;

/// What the metadata of a field says about how it is merged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// `| default`: anything else takes its place.
    pub default: bool,
    /// `| force`: it takes the place of anything else.
    pub force: bool,
    /// `| doc`.
    pub doc: Option<Arc<str>>,
}

/// A fault with the path it lies at.
pub(crate) struct Fault {
    pub(crate) path: Path,
    pub(crate) error: Option<Box<Error>>,
    pub(crate) diagnostic: Diagnostic,
}

/// Walks a value to its ends.
pub(crate) struct Walker<'a> {
    pub(crate) engine: &'a mut Engine,
    pub(crate) loader: &'a dyn Loader,
    /// Where faults without a place go.
    pub(crate) whole: Span,
    /// Whether marks are collected.
    pub(crate) marking: bool,
    pub(crate) marks: Vec<(Path, Mark)>,
    pub(crate) faults: Vec<Fault>,
    path: Path,
    nodes: usize,
    stopped: bool,
}

/// What the walk of a value needs of the place it stands at.
#[derive(Clone, Copy)]
struct At {
    key: Option<Span>,
    depth: usize,
}

impl<'a> Walker<'a> {
    pub(crate) fn new(engine: &'a mut Engine, loader: &'a dyn Loader, whole: Span) -> Walker<'a> {
        Walker {
            engine,
            loader,
            whole,
            marking: false,
            marks: Vec::new(),
            faults: Vec::new(),
            path: Path::root(),
            nodes: 0,
            stopped: false,
        }
    }

    /// Evaluates a value as far as its outermost constructor.
    pub(crate) fn head(&mut self, closure: Closure) -> Result<Closure, Box<Error>> {
        let result = VirtualMachine::new(&mut self.engine.vm).eval_closure(closure);
        result.map_err(|error| Box::new(Error::from(error)))
    }

    /// The concrete value; what cannot be one is null there, and a fault.
    pub(crate) fn value(&mut self, closure: Closure) -> Value {
        self.node(closure, At { key: None, depth: 0 })
    }

    /// The concrete values of some fields of one record.
    pub(crate) fn fields(&mut self, fields: Vec<(LocIdent, Field)>, env: &Environment) -> Map {
        self.record(fields, env, None, At { key: None, depth: 0 })
    }

    fn node(&mut self, closure: Closure, at: At) -> Value {
        let before = self.engine.user(closure.value.pos(&self.engine.vm.pos_table));
        let null = |span: Option<Span>| Value::new(Data::Null, origin(span));
        self.nodes += 1;
        if self.stopped {
            return null(before);
        }
        if at.depth > MAX_DEPTH || self.nodes > MAX_NODES {
            let message = if at.depth > MAX_DEPTH {
                format!("values nest more than {MAX_DEPTH} deep")
            } else {
                format!("there are more than {MAX_NODES} values")
            };
            self.stopped = true;
            let span = before.or(at.key).unwrap_or(self.whole);
            self.fault(Diagnostic::new(codes::NICKEL_BUDGET, span, message), None);
            return null(before);
        }
        let result = self.head(closure);
        let (value, env) = match result {
            Ok(Closure { value, env }) => (value, env),
            Err(error) => {
                self.error(error, before.or(at.key));
                return null(before.or(at.key));
            }
        };
        let own = self.engine.user(value.pos(&self.engine.vm.pos_table));
        let place = own.or(before).or(at.key);
        let data = match value.content_ref() {
            ValueContentRef::Null => Data::Null,
            ValueContentRef::Bool(flag) => Data::Bool(flag),
            ValueContentRef::String(text) => Data::String(Arc::from(text.as_str())),
            ValueContentRef::Number(number) => match data::number(number, &value) {
                Some(number) => Data::Number(number),
                None => {
                    let span = place.unwrap_or(self.whole);
                    let message = format!("{} is too large a number", self.subject());
                    self.fault(Diagnostic::new(codes::NICKEL_BUDGET, span, message), None);
                    Data::Null
                }
            },
            ValueContentRef::EnumVariant(variant) if variant.arg.is_none() => {
                Data::String(Arc::from(variant.tag.label()))
            }
            ValueContentRef::Array(Container::Empty) => Data::List(Vec::new()),
            ValueContentRef::Array(Container::Alloc(array)) => {
                let items: Vec<NickelValue> =
                    array.iter_with_pending_contracts(value.pos_idx()).collect();
                let mut list = Vec::with_capacity(items.len().min(MAX_NODES));
                for (index, item) in items.into_iter().enumerate() {
                    self.path.push(Step::Index(index));
                    let closure = Closure { value: item, env: env.clone() };
                    list.push(self.node(closure, At { key: place, depth: at.depth + 1 }));
                    self.path.pop();
                    if self.stopped {
                        break;
                    }
                }
                Data::List(list)
            }
            ValueContentRef::Record(Container::Empty) => Data::Map(Map::new()),
            ValueContentRef::Record(Container::Alloc(record)) => {
                let fields: Vec<(LocIdent, Field)> =
                    record.fields.iter().map(|(id, field)| (*id, field.clone())).collect();
                Data::Map(self.record(fields, &env, place, at))
            }
            _ => {
                let kind = value.type_of().unwrap_or("something unevaluated");
                let span = place.unwrap_or(self.whole);
                let message = format!("{} is {}, not data", self.subject(), noun(kind));
                self.fault(
                    Diagnostic::new(codes::NICKEL_NOT_DATA, span, message)
                        .note("mark a field that only others use with `| not_exported`"),
                    None,
                );
                Data::Null
            }
        };
        let inside = || match &data {
            Data::Map(map) => map.iter().map(|entry| entry.key_origin.span).find(is_somewhere),
            Data::List(items) => items.iter().map(|item| item.origin.span).find(is_somewhere),
            _ => None,
        };
        let place = place.or_else(inside);
        Value::new(data, origin(place))
    }

    fn record(
        &mut self,
        mut fields: Vec<(LocIdent, Field)>,
        env: &Environment,
        place: Option<Span>,
        at: At,
    ) -> Map {
        // The order of the text, where one text gave all fields; the evaluator's own is by where
        // merged records had them.
        let keys: Option<Vec<Span>> =
            fields.iter().map(|(id, _)| self.engine.user(id.pos)).collect();
        if let Some(keys) = keys
            && keys.windows(2).all(|pair| pair[0].file == pair[1].file)
        {
            fields.sort_by_key(|(id, _)| id.pos.into_opt().map_or(0, |span| span.start.to_usize()));
        }
        let mut map = Map::with_capacity(fields.len().min(MAX_NODES));
        for (id, field) in fields {
            if self.stopped {
                break;
            }
            if field.metadata.not_exported() || field.is_empty_optional() {
                continue;
            }
            let key: Arc<str> = Arc::from(id.label());
            let key_span = self.engine.user(id.pos);
            self.path.push(Step::Field(Arc::clone(&key)));
            if self.marking {
                self.mark(&field);
            }
            match field.value_with_pending_contracts() {
                Some(value) => {
                    let closure = Closure { value, env: env.clone() };
                    let at = At { key: key_span.or(place), depth: at.depth + 1 };
                    let value = self.node(closure, at);
                    let key_origin = match key_span {
                        Some(span) => origin(Some(span)),
                        None => value.origin,
                    };
                    map.push_unique(Entry { key, key_origin, value });
                }
                None => self.missing(&id, &field, place.or(at.key)),
            }
            self.path.pop();
        }
        map
    }

    fn mark(&mut self, field: &Field) {
        let mark = Mark {
            default: matches!(field.metadata.priority(), MergePriority::Bottom),
            force: matches!(field.metadata.priority(), MergePriority::Top),
            doc: field.metadata.doc().map(Arc::from),
        };
        if mark != Mark::default() {
            self.marks.push((self.path.clone(), mark));
        }
    }

    /// A field that is declared and has no value.
    fn missing(&mut self, id: &LocIdent, field: &Field, place: Option<Span>) {
        let declared = field
            .metadata
            .iter_annots()
            .find_map(|annotation| annotation.label.field_name)
            .map_or(id.pos, |name| name.pos);
        let mut diagnostic = Diagnostic::new(
            codes::NICKEL_MISSING_FIELD,
            place.or(self.engine.user(id.pos)).unwrap_or(self.whole),
            format!("{} has no value", self.subject()),
        );
        if let TermPos::Original(span) | TermPos::Inherited(span) = declared {
            let place = self.engine.place(span, self.loader);
            diagnostic = errors::point(diagnostic, place, "it is declared here");
        }
        let types: Vec<String> =
            field.metadata.iter_annots().map(|annotation| annotation.typ.to_string()).collect();
        if let Some(kind) = types.first().filter(|kind| kind.len() < 80) {
            diagnostic = diagnostic.note(format!("it has to be `{kind}`"));
        }
        let error = EvalErrorKind::MissingFieldDef {
            id: *id,
            metadata: field.metadata.clone_inner(),
            pos_record: nickel_lang_core::position::PosIdx::NONE,
            pos_access: nickel_lang_core::position::PosIdx::NONE,
        };
        let error = Box::new(Error::eval_error(Default::default(), error));
        self.fault(diagnostic, Some(error));
    }

    /// Reports what ended the evaluation of the value at the path.
    pub(crate) fn error(&mut self, error: Box<Error>, place: Option<Span>) {
        let exhausted = self.engine.vm.cache.is_exhausted();
        let subject = (!self.path.steps().is_empty()).then(|| self.path.to_string());
        let place = place.unwrap_or(self.whole);
        let kept = error.clone();
        let mut found =
            errors::diagnostics(self.engine, self.loader, *error, subject.as_deref(), place);
        self.stopped |= exhausted;
        let mut rest = found.drain(..);
        if let Some(first) = rest.next() {
            self.fault(first, Some(kept));
        }
        for next in rest {
            self.fault(next, None);
        }
    }

    fn fault(&mut self, diagnostic: Diagnostic, error: Option<Box<Error>>) {
        // One mistake shows at every path that leads through it.
        let same = |other: &Fault| {
            other.diagnostic.code == diagnostic.code
                && other.diagnostic.primary.span == diagnostic.primary.span
                && (other.path == self.path || other.diagnostic.labels == diagnostic.labels)
        };
        if !self.faults.iter().any(same) {
            self.faults.push(Fault { path: self.path.clone(), error, diagnostic });
        }
        self.stopped |= self.faults.len() >= MOST_FAULTS;
    }

    fn subject(&self) -> String {
        if self.path.steps().is_empty() {
            return "the file's value".to_owned();
        }
        format!("`{}`", self.path)
    }
}

fn is_somewhere(span: &Span) -> bool {
    !span.is_none()
}

fn origin(span: Option<Span>) -> Origin {
    span.map_or(Origin::NONE, Origin::authored)
}

/// A type of the evaluator, in words.
fn noun(kind: &str) -> String {
    match kind {
        "Function" | "MatchExpression" => "a function".to_owned(),
        "EnumVariant" => "an enum variant with an argument".to_owned(),
        "Type" | "CustomContract" => "a contract".to_owned(),
        kind => format!("of type {kind}"),
    }
}
