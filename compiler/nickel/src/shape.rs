//! What people and tools see of a contract.
//!
//! Invariant: a contract is read, never applied; what it cannot say in terms of shapes is its own
//! text. Depth and size are bounded, because records of contracts may refer to themselves.

use std::sync::Arc;

use nickel_lang_core::eval::value::{Container, NickelValue, ValueContentRef};
use nickel_lang_core::eval::{Closure, Environment};
use nickel_lang_core::term::RuntimeContract;
use nickel_lang_core::term::record::{Field, RecordData};
use nickel_lang_core::typ::{EnumRowsIteratorItem, RecordRowsIteratorItem, Type, TypeF};
use platformc_source::Origin;
use platformc_value::{Alternative, Bound, BoundOp, Data, Kind, Number, Shape, ShapeField, Value};

use crate::walk::Walker;

/// Contracts nest at most so deep.
const MAX_DEPTH: usize = 16;
/// Fields of one shape at most.
const MAX_FIELDS: usize = 5_000;
/// Texts of contracts that are shown are shorter.
const LONGEST: usize = 100;

/// Reads contracts with a walker's evaluator.
pub(crate) struct Reader<'w, 'a> {
    pub(crate) walker: &'w mut Walker<'a>,
    fields: usize,
}

impl<'w, 'a> Reader<'w, 'a> {
    pub(crate) fn new(walker: &'w mut Walker<'a>) -> Reader<'w, 'a> {
        Reader { walker, fields: 0 }
    }

    /// The shape of a contract; `text` is what it is where nothing else can be said.
    pub(crate) fn contract(&mut self, closure: Closure, text: &str, depth: usize) -> Shape {
        if depth > MAX_DEPTH {
            return Shape::Any;
        }
        let Ok(Closure { value, env }) = self.walker.head(closure) else {
            return opaque(text);
        };
        match value.content_ref() {
            ValueContentRef::Record(Container::Empty) => {
                Shape::Struct { fields: Vec::new(), pattern: None, open: false }
            }
            ValueContentRef::Record(Container::Alloc(record)) => {
                let record = record.clone();
                self.record(&record, &env, depth)
            }
            ValueContentRef::Type(data) => {
                let typ = data.typ.clone();
                self.kind(&typ, &env, depth)
            }
            _ => known(text).unwrap_or_else(|| opaque(text)),
        }
    }

    fn record(&mut self, record: &RecordData, env: &Environment, depth: usize) -> Shape {
        let mut fields = Vec::with_capacity(record.fields.len().min(MAX_FIELDS));
        let mut listed: Vec<_> = record.fields.iter().collect();
        listed.sort_by_key(|(id, _)| {
            id.pos.into_opt().map_or((None, 0), |span| (Some(span.src_id), span.start.to_usize()))
        });
        for (id, field) in listed {
            self.fields += 1;
            if self.fields > MAX_FIELDS {
                break;
            }
            let default = self.default(field, env);
            let optional = field.metadata.opt();
            fields.push(ShapeField {
                name: Arc::from(id.label()),
                shape: self.field(field, env, depth),
                optional,
                required: !optional && field.value.is_none(),
                default,
                doc: field.metadata.doc().map(|doc| Arc::from(doc.trim())),
                origin: self.walker.engine.user(id.pos).map_or(Origin::NONE, Origin::authored),
            });
        }
        Shape::Struct { fields, pattern: None, open: record.attrs.open }
    }

    /// The value that a document may rely on.
    fn default(&mut self, field: &Field, env: &Environment) -> Option<Value> {
        let value = field.value_with_pending_contracts()?;
        let before = self.walker.faults.len();
        let value = self.walker.value(Closure { value, env: env.clone() });
        let failed = self.walker.faults.len() > before;
        self.walker.faults.truncate(before);
        (!failed).then_some(value)
    }

    /// The shape of a field: of all its contracts the one that says most.
    fn field(&mut self, field: &Field, env: &Environment, depth: usize) -> Shape {
        let mut best: Option<Shape> = None;
        for (index, annotation) in field.metadata.iter_annots().enumerate() {
            let text = annotation.label.typ.to_string();
            // The contract that is applied carries the scope that the annotation was written in.
            let has_type =
                field.metadata.as_ref().is_some_and(|data| data.annotation.typ.is_some());
            let applied = index.checked_sub(usize::from(has_type));
            let applied = applied.and_then(|at| field.pending_contracts.get(at));
            let scope = applied.and_then(scope).unwrap_or_else(|| env.clone());
            let shape = match (&annotation.typ.typ, applied) {
                (TypeF::Contract(_), Some(applied)) => {
                    let closure = Closure { value: applied.contract.clone(), env: env.clone() };
                    self.contract(closure, &text, depth + 1)
                }
                _ => self.kind(&annotation.typ.clone(), &scope, depth + 1),
            };
            best = Some(match best {
                Some(first) if weight(&first) >= weight(&shape) => first,
                _ => shape,
            });
        }
        match best {
            Some(shape) => shape,
            // A field without a contract has the shape of what stands there.
            None => match &field.value {
                Some(value) => self.implied(value, env, depth),
                None => Shape::Any,
            },
        }
    }

    /// A record inside a contract is a contract for records.
    fn implied(&mut self, value: &NickelValue, env: &Environment, depth: usize) -> Shape {
        let closure = Closure { value: value.clone(), env: env.clone() };
        let head = self.walker.head(closure);
        let Ok(Closure { value, env }) = head else { return Shape::Any };
        match value.content_ref() {
            ValueContentRef::Record(Container::Alloc(record)) if depth < MAX_DEPTH => {
                let record = record.clone();
                self.record(&record, &env, depth + 1)
            }
            _ => Shape::Any,
        }
    }

    fn kind(&mut self, typ: &Type, env: &Environment, depth: usize) -> Shape {
        if depth > MAX_DEPTH {
            return Shape::Any;
        }
        match &typ.typ {
            TypeF::Dyn => Shape::Any,
            TypeF::Number => Shape::Kind(Kind::Number),
            TypeF::Bool => Shape::Kind(Kind::Bool),
            TypeF::String => Shape::Kind(Kind::String),
            TypeF::Array(item) => {
                let rest = self.kind(item, env, depth + 1);
                Shape::List { items: Vec::new(), rest: Some(Box::new(rest)) }
            }
            TypeF::Dict { type_fields, .. } => {
                let pattern = self.kind(type_fields, env, depth + 1);
                Shape::Struct { fields: Vec::new(), pattern: Some(Box::new(pattern)), open: false }
            }
            TypeF::Enum(rows) => {
                let mut choice = Vec::new();
                for row in rows.iter() {
                    match row {
                        EnumRowsIteratorItem::Row(row) if row.typ.is_none() => {
                            choice.push(literal(row.id.label()));
                        }
                        _ => return opaque(&typ.to_string()),
                    }
                }
                Shape::Choice(choice)
            }
            TypeF::Record(rows) => {
                let mut fields = Vec::new();
                let mut open = false;
                for row in rows.iter() {
                    match row {
                        RecordRowsIteratorItem::Row(row) => fields.push(ShapeField {
                            name: Arc::from(row.id.label()),
                            shape: self.kind(row.typ, env, depth + 1),
                            optional: false,
                            required: true,
                            default: None,
                            doc: None,
                            origin: self
                                .walker
                                .engine
                                .user(row.id.pos)
                                .map_or(Origin::NONE, Origin::authored),
                        }),
                        _ => open = true,
                    }
                }
                Shape::Struct { fields, pattern: None, open }
            }
            TypeF::Contract(value) => {
                let text = typ.to_string();
                let closure = Closure { value: value.clone(), env: env.clone() };
                self.contract(closure, &text, depth + 1)
            }
            _ => opaque(&typ.to_string()),
        }
    }
}

/// The scope of a contract that is applied.
fn scope(contract: &RuntimeContract) -> Option<Environment> {
    contract.contract.as_thunk().map(|thunk| thunk.borrow().env.clone())
}

/// How much a shape says.
fn weight(shape: &Shape) -> u8 {
    match shape {
        Shape::Any | Shape::Never => 0,
        Shape::Opaque(_) => 1,
        Shape::Kind(_) => 2,
        _ => 3,
    }
}

fn opaque(text: &str) -> Shape {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() || line.len() > LONGEST {
        return Shape::Any;
    }
    Shape::Opaque(Arc::from(line))
}

fn literal(text: &str) -> Alternative {
    Alternative { shape: Shape::Literal(Value::string(text)), default: false }
}

/// Contracts of the language's and the shipped library whose names say what they admit.
fn known(text: &str) -> Option<Shape> {
    let bounded = |least: i64| {
        let operand = Value::new(Data::Number(Number::Int(least)), Origin::NONE);
        let bound = Bound { op: BoundOp::GreaterEqual, operand };
        Shape::Bounded { kind: Some(Kind::Int), bounds: vec![bound] }
    };
    let text = text.trim();
    if let Some((head, rest)) = text.split_once('[')
        && head.trim_end().ends_with("OneOf")
    {
        let inside = rest.trim_end().strip_suffix(']')?;
        let choice: Option<Vec<Alternative>> = inside
            .split(',')
            .map(|item| item.trim().strip_prefix('"')?.strip_suffix('"').map(literal))
            .collect();
        return choice.map(Shape::Choice);
    }
    Some(match text.rsplit('.').next()? {
        "Nat" => bounded(0),
        "PosNat" => bounded(1),
        "Integer" => Shape::Kind(Kind::Int),
        "NonEmpty" | "Name" | "Quantity" | "TagOrString" => Shape::Kind(Kind::String),
        "Port" => bounded(1),
        _ => return None,
    })
}
