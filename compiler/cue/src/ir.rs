//! Compiled expressions: names resolved to scopes, literals decoded.
//!
//! Invariant: a reference says how many scopes to go up and what to find there; nothing is looked
//! up by text during evaluation. Compiled code is immutable and shared by threads. Scopes are, from
//! the inside out: one for every struct literal, one for every clause of a comprehension that binds
//! names, and one for every field whose value or pattern carries an alias.

use std::sync::Arc;

use platformc_source::Span;
use platformc_value::{BoundOp, Number};

use crate::builtin::Function;
use crate::kind::Kinds;
use crate::label::Label;
use crate::package::Package;

/// A compiled expression.
#[derive(Debug)]
pub(crate) struct Expr {
    pub(crate) span: Span,
    pub(crate) kind: ExprKind,
}

#[derive(Debug)]
pub(crate) enum ExprKind {
    Bottom,
    Top,
    Null,
    Bool(bool),
    Number(Number),
    String(Arc<str>),
    Bytes(Arc<[u8]>),
    /// A predeclared type: kinds and, for sized numbers, bounds.
    Type(Kinds, Vec<(BoundOp, Number)>),
    Struct(StructLit),
    List(ListLit),
    /// A field of the struct `up` scopes out.
    Field {
        up: u32,
        label: Label,
    },
    /// A `let` of the struct `up` scopes out.
    Let {
        up: u32,
        index: u32,
    },
    /// A name bound by a clause `up` scopes out: 0 the key, 1 the value.
    Binding {
        up: u32,
        slot: u8,
    },
    /// The label of the field whose scope is `up` scopes out, as a string.
    LabelOf {
        up: u32,
    },
    /// The value of the field (or struct) whose scope is `up` scopes out.
    ValueOf {
        up: u32,
    },
    /// A field with a computed label, by its alias: the declaration's index.
    DynamicAlias {
        up: u32,
        index: u32,
    },
    /// An imported package.
    Import(Arc<Package>),
    /// A function of the standard library.
    Builtin(&'static Function),
    /// A function of the language itself: `len`, `close` and so on.
    Predeclared(Predeclared),
    Selector {
        base: Box<Expr>,
        label: Label,
        label_span: Span,
    },
    Index {
        base: Box<Expr>,
        index: Box<Expr>,
    },
    Slice {
        base: Box<Expr>,
        low: Option<Box<Expr>>,
        high: Option<Box<Expr>>,
    },
    Call {
        function: Box<Expr>,
        arguments: Vec<Expr>,
    },
    Not(Box<Expr>),
    Sign {
        negative: bool,
        operand: Box<Expr>,
    },
    Bound(BoundKind, Box<Expr>),
    And(Vec<Expr>),
    /// Alternatives with their default marks.
    Or(Vec<(Expr, bool)>),
    Binary {
        op: Op,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Interpolation {
        parts: Vec<Part>,
        bytes: bool,
    },
    /// `x...` (experiment `explicitopen`).
    Open(Box<Expr>),
    /// `x?` inside `try`.
    Try(Box<Expr>),
    /// Compiled from something that could not be read or resolved; the message says what.
    Bad(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BoundKind {
    Op(BoundOp),
    /// Unary `==`.
    Equal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Match,
    NotMatch,
    Add,
    Subtract,
    Multiply,
    Divide,
    IntDiv,
    IntMod,
    IntQuo,
    IntRem,
}

impl Op {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Op::Or => "||",
            Op::And => "&&",
            Op::Equal => "==",
            Op::NotEqual => "!=",
            Op::Less => "<",
            Op::LessEqual => "<=",
            Op::Greater => ">",
            Op::GreaterEqual => ">=",
            Op::Match => "=~",
            Op::NotMatch => "!~",
            Op::Add => "+",
            Op::Subtract => "-",
            Op::Multiply => "*",
            Op::Divide => "/",
            Op::IntDiv => "div",
            Op::IntMod => "mod",
            Op::IntQuo => "quo",
            Op::IntRem => "rem",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Predeclared {
    Len,
    Close,
    And,
    Or,
    Div,
    Mod,
    Quo,
    Rem,
    Error,
    MatchN,
    MatchIf,
    CloseAll,
    Reclose,
}

impl Predeclared {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Predeclared::Len => "len",
            Predeclared::Close => "close",
            Predeclared::And => "and",
            Predeclared::Or => "or",
            Predeclared::Div => "div",
            Predeclared::Mod => "mod",
            Predeclared::Quo => "quo",
            Predeclared::Rem => "rem",
            Predeclared::Error => "error",
            Predeclared::MatchN => "matchN",
            Predeclared::MatchIf => "matchIf",
            Predeclared::CloseAll => "__closeAll",
            Predeclared::Reclose => "__reclose",
        }
    }
}

#[derive(Debug)]
pub(crate) enum Part {
    Text(Arc<str>),
    Expr(Expr),
}

/// A struct literal.
#[derive(Debug, Default)]
pub(crate) struct StructLit {
    pub(crate) decls: Vec<Decl>,
    pub(crate) lets: Vec<Let>,
    /// Whether something is embedded (so that closedness of the embedded reaches the literal).
    pub(crate) embeds: bool,
    /// Whether a regular field is declared, which makes it a struct whatever is embedded.
    pub(crate) has_fields: bool,
}

#[derive(Debug)]
pub(crate) struct Let {
    pub(crate) value: Expr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ArcType {
    Member,
    Required,
    Optional,
}

/// What is known of a field declaration beside its value.
#[derive(Debug)]
pub(crate) struct FieldInfo {
    pub(crate) arc: ArcType,
    pub(crate) label_span: Span,
    /// Whether the value has a scope of its own, for aliases.
    pub(crate) scoped: bool,
    pub(crate) docs: Vec<Arc<str>>,
    pub(crate) attributes: Vec<(Arc<str>, Arc<str>)>,
}

#[derive(Debug)]
pub(crate) enum Decl {
    Field {
        label: Label,
        info: FieldInfo,
        value: Expr,
    },
    /// A computed label: an interpolation or `(expr)`.
    Dynamic {
        label: Expr,
        info: FieldInfo,
        value: Expr,
    },
    Pattern {
        pattern: Expr,
        info: FieldInfo,
        value: Expr,
    },
    Ellipsis(Option<Expr>),
    Embed(Expr),
    Comprehension(Comprehension),
}

#[derive(Debug)]
pub(crate) struct Comprehension {
    pub(crate) clauses: Vec<Clause>,
    pub(crate) body: Expr,
    pub(crate) fallback: Option<Box<Expr>>,
    /// Labels the body can add; `None` where that cannot be told.
    pub(crate) provides: Option<Vec<Label>>,
}

/// A clause. `For`, `Let` and a `Try` that binds open a scope.
#[derive(Debug)]
pub(crate) enum Clause {
    For { source: Expr },
    If(Expr),
    Let(Expr),
    Try(Option<Expr>),
}

#[derive(Debug, Default)]
pub(crate) struct ListLit {
    pub(crate) elements: Vec<Element>,
    /// `...` or `...T`.
    pub(crate) rest: Option<Option<Box<Expr>>>,
}

#[derive(Debug)]
pub(crate) enum Element {
    Expr(Expr),
    Comprehension(Comprehension),
}
