//! Shapes: what people and tools see of a schema (completion, hover, names for typos, reference
//! pages, JSON Schema). Invariant: a shape may know less than the engine, never decides validity.

use std::sync::Arc;

use platformc_source::Origin;

use crate::{Number, Value};

/// A basic kind of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `null`
    Null,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `float` (a decimal)
    Float,
    /// `number`: int or float
    Number,
    /// `string`
    String,
    /// `bytes`
    Bytes,
}

impl Kind {
    /// The name in CUE.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Bool => "bool",
            Kind::Int => "int",
            Kind::Float => "float",
            Kind::Number => "number",
            Kind::String => "string",
            Kind::Bytes => "bytes",
        }
    }
}

/// A concrete scalar that a shape admits.
pub type Literal = Value;

/// The operator of a [`Bound`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoundOp {
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `!=`
    NotEqual,
    /// `=~`
    Match,
    /// `!~`
    NotMatch,
}

/// A bound on a scalar.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// The operator.
    pub op: BoundOp,
    /// Its operand.
    pub operand: Value,
}

/// One alternative of a choice.
#[derive(Clone, Debug, PartialEq)]
pub struct Alternative {
    /// What it admits.
    pub shape: Shape,
    /// Whether it is marked as the default.
    pub default: bool,
}

/// A field of a struct shape.
#[derive(Clone, Debug, PartialEq)]
pub struct ShapeField {
    /// Its name.
    pub name: Arc<str>,
    /// What it admits.
    pub shape: Shape,
    /// Whether it may be left out without a value: `name?`.
    pub optional: bool,
    /// Whether a document must give it: no default, not optional.
    pub required: bool,
    /// The default a document may rely on, where it is concrete.
    pub default: Option<Value>,
    /// The text of its `+usage` marker or comment.
    pub doc: Option<Arc<str>>,
    /// Where it is declared.
    pub origin: Origin,
}

/// What a schema admits, as far as it can be told without a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Anything.
    Any,
    /// Nothing.
    Never,
    /// Any value of a kind.
    Kind(Kind),
    /// Exactly one scalar.
    Literal(Literal),
    /// A kind within bounds.
    Bounded {
        /// The kind, where it is known.
        kind: Option<Kind>,
        /// The bounds.
        bounds: Vec<Bound>,
    },
    /// A list: its fixed items, and what further items admit (`None`: no further items).
    List {
        /// Shapes of the first items.
        items: Vec<Shape>,
        /// Shape of all further ones.
        rest: Option<Box<Shape>>,
    },
    /// A struct.
    Struct {
        /// The declared fields in order of declaration.
        fields: Vec<ShapeField>,
        /// What other field names admit (`[string]: T`); `None` where there is no pattern.
        pattern: Option<Box<Shape>>,
        /// Whether undeclared fields are admitted by the schema itself.
        open: bool,
    },
    /// A choice.
    Choice(Vec<Alternative>),
    /// Something the shape cannot describe; the text is CUE.
    Opaque(Arc<str>),
}

impl Shape {
    /// The field of a name, through choices and optional layers.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&ShapeField> {
        match self {
            Shape::Struct { fields, .. } => fields.iter().find(|field| &*field.name == name),
            Shape::Choice(alternatives) => {
                alternatives.iter().find_map(|alternative| alternative.shape.field(name))
            }
            _ => None,
        }
    }

    /// A number as a literal shape, for tests and builders.
    #[must_use]
    pub fn number(n: Number) -> Shape {
        Shape::Literal(Value::new(crate::Data::Number(n), Origin::NONE))
    }
}
