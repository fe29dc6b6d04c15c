//! The syntax tree of a CUE file.
//!
//! Invariant: every node knows the bytes it was read from; comments hang on the node they
//! document, so that a formatter can print them again and `// +key=value` markers reach their
//! field. Expressions that could not be read are [`ExprKind::Bad`].

use std::sync::Arc;

use platformc_source::{FileId, Span};

/// One file.
#[derive(Clone, Debug)]
pub struct File {
    /// The registered file.
    pub file: FileId,
    /// The name of the `package` clause.
    pub package: Option<Ident>,
    /// Attributes before the package clause or between declarations at the top (`@if(x)`,
    /// `@experiment(a,b)`), which speak of the file.
    pub attributes: Vec<Attribute>,
    /// Imports in order.
    pub imports: Vec<Import>,
    /// Declarations in order.
    pub decls: Vec<Decl>,
    /// Comments that belong to no declaration, in order.
    pub comments: Vec<Comment>,
}

/// One group of `//` lines.
#[derive(Clone, Debug)]
pub struct Comment {
    /// The bytes of the whole group.
    pub span: Span,
    /// The lines without `//` and one following space.
    pub lines: Vec<Arc<str>>,
    /// Where it stands relative to its node.
    pub position: CommentPosition,
}

/// Where a comment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentPosition {
    /// On lines of its own directly before the node: documentation.
    Doc,
    /// On the line where the node ends.
    Line,
    /// Anywhere else; printed on lines of its own.
    Free,
}

/// An identifier as written: `a`, `#A`, `_a`, `_#A`.
#[derive(Clone, Debug)]
pub struct Ident {
    /// The text.
    pub name: Arc<str>,
    /// Its bytes.
    pub span: Span,
}

/// One imported package.
#[derive(Clone, Debug)]
pub struct Import {
    /// The local name, where one is written.
    pub alias: Option<Ident>,
    /// The import path, unquoted: `strings`, `example.com/a:b`.
    pub path: Arc<str>,
    /// The bytes of the path.
    pub span: Span,
    /// Comments on it.
    pub comments: Vec<Comment>,
}

impl Import {
    /// The name by which the file refers to the package: the alias, the part after `:`, or the
    /// last element of the path without a version suffix.
    #[must_use]
    pub fn local_name(&self) -> &str {
        if let Some(alias) = &self.alias {
            return &alias.name;
        }
        let path = &*self.path;
        if let Some((_, name)) = path.rsplit_once(':') {
            return name;
        }
        let path = path.split('@').next().unwrap_or(path);
        path.rsplit('/').next().unwrap_or(path)
    }
}

/// `@key(body)`.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// The key.
    pub key: Arc<str>,
    /// The raw text between the brackets.
    pub body: Arc<str>,
    /// The bytes from `@` to `)`.
    pub span: Span,
}

/// A declaration in a file or struct.
#[derive(Clone, Debug)]
pub struct Decl {
    /// What it declares.
    pub kind: DeclKind,
    /// Its bytes.
    pub span: Span,
    /// Comments on it.
    pub comments: Vec<Comment>,
}

/// The kinds of declaration.
#[derive(Clone, Debug)]
pub enum DeclKind {
    /// `label: value`.
    Field(Field),
    /// `let X = value`.
    Let(Let),
    /// An embedded expression.
    Embed(Expr),
    /// `if … {}`, `for … {}`, `try … {}`.
    Comprehension(Comprehension),
    /// `...` or `...T`.
    Ellipsis(Option<Expr>),
    /// `@a(b)` on a line of its own: an attribute of the struct.
    Attribute(Attribute),
    /// Could not be read.
    Bad,
}

/// A field. `a: b: c` is read as nested fields with `shorthand` set on the inner struct.
#[derive(Clone, Debug)]
pub struct Field {
    /// The label.
    pub label: Label,
    /// `X=` before the label.
    pub alias: Option<Ident>,
    /// `~X` or `~(K,V)` after the label (experiment `aliasv2`).
    pub postfix_alias: Option<PostfixAlias>,
    /// `?`, `!` or none.
    pub constraint: Constraint,
    /// `X=` before the value.
    pub value_alias: Option<Ident>,
    /// The value.
    pub value: Expr,
    /// Attributes after the value.
    pub attributes: Vec<Attribute>,
}

/// `~X` or `~(K,V)`.
#[derive(Clone, Debug)]
pub struct PostfixAlias {
    /// The name for the label, in the form with brackets; `_` means none.
    pub key: Option<Ident>,
    /// The name for the field.
    pub value: Option<Ident>,
}

/// Whether a field must, may or does exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Constraint {
    /// `a: v`
    Member,
    /// `a!: v`
    Required,
    /// `a?: v`
    Optional,
}

/// A label.
#[derive(Clone, Debug)]
pub struct Label {
    /// What it is.
    pub kind: LabelKind,
    /// Its bytes.
    pub span: Span,
}

/// The kinds of label.
#[derive(Clone, Debug)]
pub enum LabelKind {
    /// `a`, `#A`, `_a`, a keyword.
    Ident(Arc<str>),
    /// `"a"`: always a regular field.
    String(Arc<str>),
    /// An integer literal used as a label, as written.
    Number(Arc<str>),
    /// `"\(x)"`.
    Interpolation(Box<Expr>),
    /// `(x)`.
    Dynamic(Box<Expr>),
    /// `[P]` or `[X=P]`.
    Pattern {
        /// `X`.
        alias: Option<Ident>,
        /// `P`.
        pattern: Box<Expr>,
    },
}

/// `let X = value`.
#[derive(Clone, Debug)]
pub struct Let {
    /// `X`.
    pub name: Ident,
    /// The value.
    pub value: Expr,
}

/// Clauses and a body.
#[derive(Clone, Debug)]
pub struct Comprehension {
    /// At least one clause; the first is not `let`.
    pub clauses: Vec<Clause>,
    /// The struct after the clauses (in a list, any literal struct).
    pub body: StructLit,
    /// `else {}` / `fallback {}` / `otherwise {}` (experiment `try`).
    pub fallback: Option<StructLit>,
}

/// A clause of a comprehension.
#[derive(Clone, Debug)]
pub struct Clause {
    /// What it is.
    pub kind: ClauseKind,
    /// Its bytes.
    pub span: Span,
}

/// The kinds of clause.
#[derive(Clone, Debug)]
pub enum ClauseKind {
    /// `for key, value in source`.
    For {
        /// The key, where two names are given.
        key: Option<Ident>,
        /// The value.
        value: Ident,
        /// The source.
        source: Expr,
    },
    /// `if condition`.
    If(Expr),
    /// `let name = value`.
    Let(Let),
    /// `try` or `try name = value` (experiment `try`).
    Try(Option<Let>),
}

/// `{ … }`.
#[derive(Clone, Debug)]
pub struct StructLit {
    /// The declarations.
    pub decls: Vec<Decl>,
    /// The bytes, braces included; the inner field's for a shorthand.
    pub span: Span,
    /// Whether it was written without braces, as in `a: b: c`.
    pub shorthand: bool,
    /// Comments inside that belong to no declaration.
    pub comments: Vec<Comment>,
}

/// An expression.
#[derive(Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its bytes.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `_|_`
    Bottom,
    /// `_`
    Top,
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number as written (`1_000`, `0x1F`, `1.5Ki`, `1e3`).
    Number(Arc<str>),
    /// A string without interpolation, escapes resolved.
    String(Arc<str>),
    /// Bytes without interpolation, escapes resolved.
    Bytes(Arc<[u8]>),
    /// A string or bytes with interpolations.
    Interpolation(Interpolation),
    /// A name: a field, alias, package or predeclared identifier.
    Ident(Arc<str>),
    /// `{ … }`
    Struct(StructLit),
    /// `[ … ]`
    List(ListLit),
    /// `x.name`, `x."name"`.
    Selector {
        /// `x`
        base: Box<Expr>,
        /// The label; [`LabelKind::Ident`] or [`LabelKind::String`].
        label: Label,
        /// `x.name?` (experiment `try`).
        optional: bool,
    },
    /// `x[i]`.
    Index {
        /// `x`
        base: Box<Expr>,
        /// `i`
        index: Box<Expr>,
        /// `x[i]?` (experiment `try`).
        optional: bool,
    },
    /// `x[a:b]`.
    Slice {
        /// `x`
        base: Box<Expr>,
        /// `a`
        low: Option<Box<Expr>>,
        /// `b`
        high: Option<Box<Expr>>,
    },
    /// `f(a, b)`.
    Call {
        /// `f`
        function: Box<Expr>,
        /// The arguments.
        arguments: Vec<Expr>,
    },
    /// `-x`, `!x`, `>x`, `*x` (a default mark).
    Unary {
        /// The operator.
        op: UnaryOp,
        /// `x`
        operand: Box<Expr>,
        /// The bytes of the operator.
        op_span: Span,
    },
    /// `a + b`.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// `a`
        left: Box<Expr>,
        /// `b`
        right: Box<Expr>,
        /// The bytes of the operator.
        op_span: Span,
    },
    /// `(x)`
    Paren(Box<Expr>),
    /// `x...` (experiment `explicitopen`).
    PostfixEllipsis(Box<Expr>),
    /// `name?` on an identifier (experiment `try`).
    Optional(Box<Expr>),
    /// `X=expr` where an embedding or list element carries a value alias.
    Alias {
        /// `X`
        name: Ident,
        /// The expression.
        value: Box<Expr>,
    },
    /// Could not be read.
    Bad,
}

/// A string or bytes with interpolations.
#[derive(Clone, Debug)]
pub struct Interpolation {
    /// Text and expressions in order.
    pub parts: Vec<InterpolationPart>,
    /// Whether it makes bytes.
    pub bytes: bool,
}

/// A part of an interpolation.
#[derive(Clone, Debug)]
pub enum InterpolationPart {
    /// Text, escapes resolved.
    Text(Arc<str>),
    /// `\(x)`
    Expr(Expr),
}

/// `[a, b, ...T]`.
#[derive(Clone, Debug)]
pub struct ListLit {
    /// Elements and comprehensions in order.
    pub elements: Vec<ListElement>,
    /// `...` or `...T` at the end.
    pub ellipsis: Option<Option<Box<Expr>>>,
    /// Comments inside that belong to no element.
    pub comments: Vec<Comment>,
}

/// An element of a list literal.
#[derive(Clone, Debug)]
pub struct ListElement {
    /// What it is.
    pub kind: ListElementKind,
    /// Comments on it.
    pub comments: Vec<Comment>,
}

/// The kinds of list element.
#[derive(Clone, Debug)]
pub enum ListElementKind {
    /// An expression.
    Expr(Expr),
    /// `for … {}`.
    Comprehension(Comprehension, Span),
}

/// Unary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `!`
    Not,
    /// `*`
    Default,
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
    /// `==`
    Equal,
    /// `=~`
    Match,
    /// `!~`
    NotMatch,
}

/// Binary operators, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `|`
    Disjunction,
    /// `&`
    Unification,
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `=~`
    Match,
    /// `!~`
    NotMatch,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `div` (infix keyword form)
    IntDiv,
    /// `mod` (infix keyword form)
    IntMod,
    /// `quo` (infix keyword form)
    IntQuo,
    /// `rem` (infix keyword form)
    IntRem,
}
