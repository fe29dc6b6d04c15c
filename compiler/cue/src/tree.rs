//! Trees: evaluated values as plain data, detached from the evaluator.
//!
//! Invariant: a tree says everything that printing, patching, comparing and documenting need of an
//! evaluated value: fields with their constraints and comments, choices with their default marks,
//! bounds, errors, origins. It holds no reference into the arena it was made from.

use std::sync::Arc;

use platformc_source::{Origin, Span};
use platformc_value::{BoundOp, Number};

/// An evaluated value with its origin.
#[derive(Clone, Debug)]
pub struct Tree {
    /// What it is.
    pub kind: TreeKind,
    /// The text that decided it.
    pub origin: Origin,
}

/// The kinds of evaluated value.
#[derive(Clone, Debug)]
pub enum TreeKind {
    /// An error, or an expression that cannot be evaluated yet.
    Bottom(Box<Bottom>),
    /// `_`
    Top,
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    String(Arc<str>),
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// A struct, possibly with an embedded scalar or list.
    Struct(Box<TreeStruct>),
    /// A list.
    List(Box<TreeList>),
    /// A choice. At least two alternatives.
    Disjunction(Vec<TreeAlternative>),
    /// Several constraints that hold together, such as `int & >=0 & <=9`. At least two.
    Conjunction(Vec<Tree>),
    /// A basic type: `int`, `string`, `number`, `bool`, `bytes`, `float`, `null` among others.
    Type(&'static str),
    /// `>=0`, `!="a"`, `=~"^a"`.
    Bound(BoundOp, Box<Tree>),
    /// A validator: `strings.MinRunes(3)`.
    Validator {
        /// The qualified name, `strings.MinRunes`; `matchN`, `close` and so on without package.
        name: Arc<str>,
        /// Its arguments.
        arguments: Vec<Tree>,
    },
}

/// Why a value is an error. Only the code may influence control flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorCode {
    /// A conflict or a failed evaluation: more information cannot mend it.
    Eval,
    /// Reported by the configuration itself (`error("…")`).
    User,
    /// A struct that contains itself without end.
    StructuralCycle,
    /// Not known yet: more information may mend it.
    Incomplete,
    /// A value that depends on itself; more information may mend it.
    Cycle,
}

impl ErrorCode {
    /// The name in the reference's assertions: `eval`, `user`, `structural_cycle`, `incomplete`,
    /// `cycle`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorCode::Eval => "eval",
            ErrorCode::User => "user",
            ErrorCode::StructuralCycle => "structural_cycle",
            ErrorCode::Incomplete => "incomplete",
            ErrorCode::Cycle => "cycle",
        }
    }

    /// Whether more information may turn the error into a value.
    #[must_use]
    pub fn is_incomplete(self) -> bool {
        matches!(self, ErrorCode::Incomplete | ErrorCode::Cycle)
    }
}

/// An error as a value.
#[derive(Clone, Debug)]
pub struct Bottom {
    /// The kind of error.
    pub code: ErrorCode,
    /// One line for people.
    pub message: String,
    /// The path of the value at fault from the root of the evaluation, as CUE prints it.
    pub path: String,
    /// The places that contributed, the most telling first.
    pub spans: Vec<Span>,
    /// The source of the expression that could not be evaluated yet, where there is one.
    pub expression: Option<Arc<str>>,
    /// Errors of the single alternatives of a failed disjunction, or further errors.
    pub causes: Vec<Bottom>,
    /// The slug of a more telling diagnostic code than `code` gives, such as `field-not-allowed`.
    pub reason: Reason,
}

/// Names shared by several errors.
pub type Names = Arc<[Arc<str>]>;

/// What went wrong, for choosing a diagnostic; never for control flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nothing more is known than the code.
    Other,
    /// Two values conflict.
    Conflict,
    /// A closed struct does not allow this field; the names it allows.
    NotAllowed {
        /// The field.
        field: Arc<str>,
        /// What the struct declares.
        allowed: Names,
    },
    /// A bound or validator does not hold.
    Bound,
    /// A required field (`a!:`) is missing.
    Required(Arc<str>),
    /// No alternative holds.
    Disjunction,
    /// A reference or selector finds nothing.
    NotFound(Arc<str>),
    /// A budget of steps, depth or size is used up.
    Budget,
}

/// A label of a field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TreeLabel {
    /// A regular field: `a`, `"a-b"`.
    Regular(Arc<str>),
    /// A definition, with its `#`: `#A`.
    Definition(Arc<str>),
    /// A hidden field with its `_`, and the package it belongs to (empty for none).
    Hidden(Arc<str>, Arc<str>),
    /// A hidden definition with its `_#`, and its package.
    HiddenDefinition(Arc<str>, Arc<str>),
}

impl TreeLabel {
    /// The name as written, with `#` and `_`, without quotes.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        match self {
            TreeLabel::Regular(name)
            | TreeLabel::Definition(name)
            | TreeLabel::Hidden(name, _)
            | TreeLabel::HiddenDefinition(name, _) => name,
        }
    }

    /// Whether it is exported: neither definition nor hidden.
    #[must_use]
    pub fn is_regular(&self) -> bool {
        matches!(self, TreeLabel::Regular(_))
    }
}

/// Whether a field exists, must exist or may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArcKind {
    /// `a: v`
    Member,
    /// `a!: v`
    Required,
    /// `a?: v`
    Optional,
}

/// A field of an evaluated struct.
#[derive(Clone, Debug)]
pub struct TreeField {
    /// Its label.
    pub label: TreeLabel,
    /// Whether it exists.
    pub arc: ArcKind,
    /// Its value.
    pub value: Tree,
    /// `// +key=value` markers and comment lines of all declarations of the field, in order.
    pub docs: Vec<Arc<str>>,
    /// Attributes of all declarations: key and body.
    pub attributes: Vec<(Arc<str>, Arc<str>)>,
    /// Where the label was first written.
    pub label_span: Span,
}

/// An evaluated struct.
#[derive(Clone, Debug, Default)]
pub struct TreeStruct {
    /// Fields in output order (CUE's topological order of declarations).
    pub fields: Vec<TreeField>,
    /// Pattern constraints: `[P]: V`.
    pub patterns: Vec<(Tree, Tree)>,
    /// Whether undeclared regular fields are refused.
    pub closed: bool,
    /// Whether the struct has `...`.
    pub ellipsis: bool,
    /// A scalar or list embedded beside hidden fields and definitions.
    pub embedded: Option<Box<Tree>>,
}

impl TreeStruct {
    /// The field of a regular label.
    #[must_use]
    pub fn regular(&self, name: &str) -> Option<&TreeField> {
        self.fields
            .iter()
            .find(|field| matches!(&field.label, TreeLabel::Regular(label) if &**label == name))
    }
}

/// An evaluated list.
#[derive(Clone, Debug, Default)]
pub struct TreeList {
    /// The items.
    pub items: Vec<Tree>,
    /// What further items must be, for an open list.
    pub rest: Option<Tree>,
}

/// One alternative of a choice.
#[derive(Clone, Debug)]
pub struct TreeAlternative {
    /// The value.
    pub value: Tree,
    /// Whether it is marked as a default.
    pub default: bool,
}

impl Tree {
    /// A tree with an origin.
    #[must_use]
    pub fn new(kind: TreeKind, origin: Origin) -> Tree {
        Tree { kind, origin }
    }

    /// The error, if it is one.
    #[must_use]
    pub fn bottom(&self) -> Option<&Bottom> {
        match &self.kind {
            TreeKind::Bottom(bottom) => Some(bottom),
            _ => None,
        }
    }

    /// The struct, if it is one.
    #[must_use]
    pub fn as_struct(&self) -> Option<&TreeStruct> {
        match &self.kind {
            TreeKind::Struct(tree) => Some(tree),
            _ => None,
        }
    }

    /// The value itself, or the one default of a choice where there is exactly one.
    #[must_use]
    pub fn resolve_default(&self) -> &Tree {
        let TreeKind::Disjunction(alternatives) = &self.kind else { return self };
        let mut defaults = alternatives.iter().filter(|alternative| alternative.default);
        match (defaults.next(), defaults.next()) {
            (Some(only), None) => only.value.resolve_default(),
            _ => self,
        }
    }
}
