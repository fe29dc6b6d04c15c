//! The shape of a definition's parameters, read from its template.
//!
//! Invariant: only syntax is read, nothing is evaluated; what cannot be told is `Any` or opaque.
//! Shapes are for people and tools: the engine alone decides what is valid.

use std::collections::BTreeSet;
use std::sync::Arc;

use platformc_cue_syntax::ast::{
    BinaryOp, Comment, CommentPosition, Constraint, Decl, DeclKind, Expr, ExprKind, Field, File,
    LabelKind, ListElementKind, StructLit, UnaryOp,
};
use platformc_cue_syntax::print_expr;
use platformc_source::{Origin, Role};
use platformc_value::{Alternative, Bound, BoundOp, Data, Kind, Shape, ShapeField, Value};

use crate::load::{label_name, literal_value};
use crate::upgrade::LIST;

/// References and brackets are followed this deep.
const MAX_DEPTH: usize = 24;

/// Nodes a shape may have: references to references multiply.
const MAX_NODES: usize = 20_000;

/// The parameters of a definition as people and tools see them.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The shape of `parameter`.
    pub shape: Shape,
    /// Paths (names joined by `.`) of parameters that reference pages leave out: `+ignore`.
    pub ignored: BTreeSet<String>,
    /// Whether the template declares `parameter` at all.
    pub declared: bool,
}

/// Reads the shape of `parameter` from a template.
#[must_use]
pub fn parameters(file: &File) -> Parameters {
    let mut reader = Reader {
        scopes: vec![&file.decls],
        following: Vec::new(),
        path: Vec::new(),
        ignored: BTreeSet::new(),
        nodes: 0,
    };
    let mut shape = None;
    for decl in &file.decls {
        if let DeclKind::Field(field) = &decl.kind
            && label_name(&field.label.kind).as_deref() == Some("parameter")
        {
            let next = reader.expr(&field.value, 0);
            shape = Some(match shape {
                None => next,
                Some(before) => both(before, next),
            });
        }
    }
    Parameters {
        declared: shape.is_some(),
        shape: shape.unwrap_or(Shape::Struct { fields: Vec::new(), pattern: None, open: true }),
        ignored: reader.ignored,
    }
}

struct Reader<'f> {
    /// Declarations around the place being read, the outermost first.
    scopes: Vec<&'f [Decl]>,
    /// Names being followed, against circles.
    following: Vec<(Arc<str>, usize)>,
    path: Vec<Arc<str>>,
    ignored: BTreeSet<String>,
    nodes: usize,
}

impl<'f> Reader<'f> {
    fn expr(&mut self, expr: &'f Expr, depth: usize) -> Shape {
        self.nodes += 1;
        if depth > MAX_DEPTH || self.nodes > MAX_NODES {
            return Shape::Any;
        }
        match &expr.kind {
            ExprKind::Top | ExprKind::Bad => Shape::Any,
            ExprKind::Bottom => Shape::Never,
            ExprKind::Paren(inner) | ExprKind::Alias { value: inner, .. } => {
                self.expr(inner, depth + 1)
            }
            ExprKind::Ident(name) => self.name(name, depth),
            ExprKind::Struct(body) => self.fields(body, true, depth),
            ExprKind::List(list) => {
                let mut items = Vec::new();
                let mut rest = match &list.ellipsis {
                    Some(Some(rest)) => Some(Box::new(self.expr(rest, depth + 1))),
                    Some(None) => Some(Box::new(Shape::Any)),
                    None => None,
                };
                for element in &list.elements {
                    match &element.kind {
                        ListElementKind::Expr(item) => items.push(self.expr(item, depth + 1)),
                        ListElementKind::Comprehension(..) => rest = Some(Box::new(Shape::Any)),
                    }
                }
                if let Some(value) = literal_value(expr).filter(|_| list.ellipsis.is_none()) {
                    return Shape::Literal(value);
                }
                Shape::List { items, rest }
            }
            ExprKind::Binary { op: BinaryOp::Disjunction, .. } => self.choice(expr, depth),
            ExprKind::Binary { op: BinaryOp::Unification, left, right, .. } => {
                let left = self.expr(left, depth + 1);
                let right = self.expr(right, depth + 1);
                both(left, right)
            }
            ExprKind::Unary { op: UnaryOp::Default, operand, .. } => self.expr(operand, depth + 1),
            ExprKind::Unary { op, operand, .. } => match (bound_op(*op), literal_value(operand)) {
                (Some(op), Some(operand)) => {
                    let kind = match (&operand.data, op) {
                        (_, BoundOp::Match | BoundOp::NotMatch) => Some(Kind::String),
                        (_, BoundOp::NotEqual) => None,
                        (Data::Number(_), _) => Some(Kind::Number),
                        (Data::String(_), _) => Some(Kind::String),
                        _ => None,
                    };
                    Shape::Bounded { kind, bounds: vec![Bound { op, operand }] }
                }
                _ => match literal_value(expr) {
                    Some(value) => Shape::Literal(value),
                    None => opaque(expr),
                },
            },
            ExprKind::Call { function, arguments } => {
                match (&function.kind, arguments.as_slice()) {
                    (ExprKind::Ident(name), [inner]) if &**name == "close" => {
                        closed(self.expr(inner, depth + 1))
                    }
                    _ => opaque(expr),
                }
            }
            ExprKind::Selector { .. } => self.selected(expr, depth),
            _ => match literal_value(expr) {
                Some(value) => Shape::Literal(value),
                None => opaque(expr),
            },
        }
    }

    /// A name: a basic type, or a field of a struct around it.
    fn name(&mut self, name: &Arc<str>, depth: usize) -> Shape {
        let found = self.scopes.iter().enumerate().rev().find_map(|(level, decls)| {
            let values: Vec<&'f Expr> =
                decls.iter().filter_map(|decl| declared(decl, name)).collect();
            (!values.is_empty()).then_some((level, values))
        });
        let Some((level, values)) = found else { return basic(name) };
        let key = (Arc::clone(name), level);
        if self.following.contains(&key) {
            return Shape::Opaque(Arc::clone(name));
        }
        self.following.push(key);
        let inner: Vec<_> = self.scopes.drain(level + 1..).collect();
        let mut shape = None;
        for value in values {
            let next = self.expr(value, depth + 1);
            shape = Some(match shape {
                None => next,
                Some(before) => both(before, next),
            });
        }
        self.scopes.extend(inner);
        self.following.pop();
        let shape = shape.unwrap_or(Shape::Any);
        if name.starts_with('#') { closed(shape) } else { shape }
    }

    /// `parameter.a.b`, `#Def.a` and so on, as far as fields are declared in the template.
    fn selected(&mut self, expr: &'f Expr, depth: usize) -> Shape {
        let mut names = Vec::new();
        let mut at = expr;
        while let ExprKind::Selector { base, label, .. } = &at.kind {
            let name = match &label.kind {
                LabelKind::Ident(name) | LabelKind::String(name) => Arc::clone(name),
                _ => return Shape::Any,
            };
            names.push(name);
            at = base;
        }
        let ExprKind::Ident(root) = &at.kind else {
            return opaque(expr);
        };
        let mut shape = self.name(root, depth + 1);
        for name in names.iter().rev() {
            shape = match shape.field(name) {
                Some(field) => field.shape.clone(),
                None => return opaque(expr),
            };
        }
        shape
    }

    fn choice(&mut self, expr: &'f Expr, depth: usize) -> Shape {
        let mut operands = Vec::new();
        let mut at = expr;
        while let ExprKind::Binary { op: BinaryOp::Disjunction, left, right, .. } = &at.kind {
            operands.push(&**right);
            at = left;
        }
        operands.push(at);
        let mut alternatives: Vec<Alternative> = Vec::new();
        for operand in operands.into_iter().rev() {
            let default = is_default(operand);
            match self.expr(operand, depth + 1) {
                Shape::Choice(inner) => alternatives.extend(inner.into_iter().map(|alternative| {
                    Alternative { default: alternative.default || default, ..alternative }
                })),
                shape => alternatives.push(Alternative { shape, default }),
            }
        }
        Shape::Choice(alternatives)
    }

    fn fields(&mut self, body: &'f StructLit, open: bool, depth: usize) -> Shape {
        self.scopes.push(&body.decls);
        let mut shape = Shape::Struct { fields: Vec::new(), pattern: None, open };
        for decl in &body.decls {
            self.decl(decl, &mut shape, false, depth);
        }
        self.scopes.pop();
        match shape {
            // `{…, "x" | string}`: an embedded constraint makes a struct no more than that.
            Shape::Struct { fields, pattern, open } => Shape::Struct { fields, pattern, open },
            other => other,
        }
    }

    fn decl(&mut self, decl: &'f Decl, into: &mut Shape, conditional: bool, depth: usize) {
        match &decl.kind {
            DeclKind::Field(field) => self.field(decl, field, into, conditional, depth),
            DeclKind::Embed(value) => {
                let embedded = self.expr(value, depth + 1);
                let empty = matches!(&*into, Shape::Struct { fields, pattern: None, .. } if fields.is_empty());
                let before = std::mem::replace(into, Shape::Any);
                *into = if empty && !matches!(embedded, Shape::Struct { .. }) {
                    embedded
                } else {
                    both(before, embedded)
                };
            }
            // `...` admits any further field even where the struct is closed, as a pattern does.
            DeclKind::Ellipsis(rest) => {
                let rest = rest.as_ref().map_or(Shape::Any, |rest| self.expr(rest, depth + 1));
                if let Shape::Struct { open, pattern, .. } = into {
                    *open = true;
                    pattern.get_or_insert_with(|| Box::new(rest));
                }
            }
            DeclKind::Comprehension(node) => {
                self.scopes.push(&node.body.decls);
                for decl in &node.body.decls {
                    self.decl(decl, into, true, depth + 1);
                }
                self.scopes.pop();
            }
            DeclKind::Let(_) | DeclKind::Attribute(_) | DeclKind::Bad => {}
        }
    }

    fn field(
        &mut self,
        decl: &'f Decl,
        field: &'f Field,
        into: &mut Shape,
        conditional: bool,
        depth: usize,
    ) {
        if let LabelKind::Pattern { .. } = &field.label.kind {
            let shape = self.expr(&field.value, depth + 1);
            if let Shape::Struct { pattern, .. } = into {
                *pattern = Some(Box::new(shape));
            }
            return;
        }
        let Some(name) = label_name(&field.label.kind) else { return };
        self.path.push(Arc::clone(&name));
        let docs = docs(&decl.comments, field);
        if docs.ignore {
            self.ignored.insert(self.path.join("."));
        }
        let shape = self.expr(&field.value, depth + 1);
        self.path.pop();
        let default = default_of(&shape);
        let optional = field.constraint == Constraint::Optional || conditional;
        let required = field.constraint == Constraint::Required
            || (!optional && default.is_none() && must_be_given(&shape));
        let new = ShapeField {
            name,
            shape: without_default_literal(shape),
            optional,
            required,
            default,
            doc: docs.usage,
            origin: Origin::new(field.label.span, Role::Template),
        };
        if let Shape::Struct { fields, .. } = into {
            add_field(fields, new);
        }
    }
}

/// The value of a field or `let` of this name.
fn declared<'f>(decl: &'f Decl, name: &str) -> Option<&'f Expr> {
    match &decl.kind {
        DeclKind::Field(field) => match &field.label.kind {
            LabelKind::Ident(label) if &**label == name => Some(&field.value),
            _ => None,
        },
        DeclKind::Let(binding) if &*binding.name.name == name => Some(&binding.value),
        _ => None,
    }
}

fn basic(name: &str) -> Shape {
    match name {
        "string" => Shape::Kind(Kind::String),
        "bool" => Shape::Kind(Kind::Bool),
        "int" | "int8" | "int16" | "int32" | "int64" | "int128" | "rune" => Shape::Kind(Kind::Int),
        "uint" | "uint8" | "uint16" | "uint32" | "uint64" | "uint128" => Shape::Bounded {
            kind: Some(Kind::Int),
            bounds: vec![Bound { op: BoundOp::GreaterEqual, operand: Value::int(0) }],
        },
        "float" | "float32" | "float64" => Shape::Kind(Kind::Float),
        "number" => Shape::Kind(Kind::Number),
        "bytes" => Shape::Kind(Kind::Bytes),
        other => Shape::Opaque(Arc::from(other)),
    }
}

fn bound_op(op: UnaryOp) -> Option<BoundOp> {
    Some(match op {
        UnaryOp::Less => BoundOp::Less,
        UnaryOp::LessEqual => BoundOp::LessEqual,
        UnaryOp::Greater => BoundOp::Greater,
        UnaryOp::GreaterEqual => BoundOp::GreaterEqual,
        UnaryOp::NotEqual => BoundOp::NotEqual,
        UnaryOp::Match => BoundOp::Match,
        UnaryOp::NotMatch => BoundOp::NotMatch,
        _ => return None,
    })
}

/// An expression as its author wrote it, old list operators aside.
fn opaque(expr: &Expr) -> Shape {
    let hidden = format!("{LIST}.");
    Shape::Opaque(Arc::from(print_expr(expr).replace(&hidden, "list.")))
}

fn is_default(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Unary { op: UnaryOp::Default, .. } => true,
        ExprKind::Paren(inner) => is_default(inner),
        _ => false,
    }
}

fn closed(shape: Shape) -> Shape {
    match shape {
        Shape::Struct { fields, pattern, open: _ } => {
            Shape::Struct { fields, pattern, open: false }
        }
        Shape::Choice(alternatives) => Shape::Choice(
            alternatives
                .into_iter()
                .map(|alternative| Alternative { shape: closed(alternative.shape), ..alternative })
                .collect(),
        ),
        other => other,
    }
}

fn add_field(fields: &mut Vec<ShapeField>, new: ShapeField) {
    let Some(old) = fields.iter_mut().find(|field| field.name == new.name) else {
        fields.push(new);
        return;
    };
    let shape = std::mem::replace(&mut old.shape, Shape::Any);
    old.shape = both(shape, new.shape);
    old.optional &= new.optional;
    old.default = old.default.take().or(new.default);
    old.required = (old.required || new.required) && old.default.is_none();
    old.doc = old.doc.take().or(new.doc);
}

/// Both shapes at once.
fn both(a: Shape, b: Shape) -> Shape {
    match (a, b) {
        (Shape::Any, other) | (other, Shape::Any) => other,
        (
            Shape::Struct { mut fields, pattern, open },
            Shape::Struct { fields: more, pattern: other, open: also },
        ) => {
            for field in more {
                add_field(&mut fields, field);
            }
            Shape::Struct { fields, pattern: pattern.or(other), open: open && also }
        }
        (Shape::Bounded { kind, mut bounds }, Shape::Bounded { kind: other, bounds: more }) => {
            bounds.extend(more);
            Shape::Bounded { kind: narrower(kind, other), bounds }
        }
        (Shape::Kind(kind), Shape::Bounded { kind: other, bounds })
        | (Shape::Bounded { kind: other, bounds }, Shape::Kind(kind)) => {
            Shape::Bounded { kind: narrower(Some(kind), other), bounds }
        }
        (Shape::Literal(value), _) | (_, Shape::Literal(value)) => Shape::Literal(value),
        (Shape::Kind(a), Shape::Kind(b)) => Shape::Kind(narrower(Some(a), Some(b)).unwrap_or(a)),
        // `(*80 | int) & >0`: the bounds hold for every alternative that is no literal.
        (Shape::Choice(alternatives), other) | (other, Shape::Choice(alternatives)) => {
            Shape::Choice(
                alternatives
                    .into_iter()
                    .map(|alternative| match alternative.shape {
                        Shape::Literal(_) => alternative,
                        shape => Alternative { shape: both(shape, other.clone()), ..alternative },
                    })
                    .collect(),
            )
        }
        (Shape::Opaque(a), Shape::Opaque(b)) => Shape::Opaque(Arc::from(format!("{a} & {b}"))),
        (Shape::Opaque(_), other) | (other, Shape::Opaque(_)) | (other, _) => other,
    }
}

fn narrower(a: Option<Kind>, b: Option<Kind>) -> Option<Kind> {
    match (a, b) {
        (Some(Kind::Number), Some(kind)) | (Some(kind), Some(Kind::Number)) => Some(kind),
        (Some(kind), _) | (None, Some(kind)) => Some(kind),
        (None, None) => None,
    }
}

/// The default a document may rely on, where it is concrete.
fn default_of(shape: &Shape) -> Option<Value> {
    match shape {
        Shape::Literal(value) => Some(value.clone()),
        Shape::Choice(alternatives) => {
            let mut defaults = alternatives.iter().filter(|alternative| alternative.default);
            match (defaults.next(), defaults.next()) {
                (Some(Alternative { shape: Shape::Literal(value), .. }), None) => {
                    Some(value.clone())
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether a document has to give a value, because the shape has none of its own.
fn must_be_given(shape: &Shape) -> bool {
    match shape {
        Shape::Struct { fields, .. } => fields.iter().any(|field| field.required),
        Shape::List { items, .. } => items.iter().any(must_be_given),
        Shape::Literal(_) => false,
        Shape::Choice(alternatives) => {
            let mut defaults = alternatives.iter().filter(|alternative| alternative.default);
            match (defaults.next(), defaults.next()) {
                (Some(only), None) => must_be_given(&only.shape),
                _ => true,
            }
        }
        _ => true,
    }
}

/// `*1 | int` is an int; the 1 is said by the field's default.
fn without_default_literal(shape: Shape) -> Shape {
    let Shape::Choice(mut alternatives) = shape else { return shape };
    let kinds: Vec<Shape> = alternatives
        .iter()
        .map(|alternative| alternative.shape.clone())
        .filter(|shape| !matches!(shape, Shape::Literal(_)))
        .collect();
    alternatives.retain(|alternative| match &alternative.shape {
        Shape::Literal(value) => {
            !(alternative.default && kinds.iter().any(|kind| admits(kind, value)))
        }
        _ => true,
    });
    match alternatives.as_slice() {
        [_] => alternatives.pop().map_or(Shape::Never, |only| only.shape),
        _ => Shape::Choice(alternatives),
    }
}

fn admits(shape: &Shape, value: &Value) -> bool {
    let of = |kind: Kind| match (&value.data, kind) {
        (Data::Null, Kind::Null)
        | (Data::Bool(_), Kind::Bool)
        | (Data::String(_), Kind::String)
        | (Data::Bytes(_), Kind::Bytes)
        | (Data::Number(_), Kind::Number) => true,
        (Data::Number(number), Kind::Int) => number.is_int(),
        (Data::Number(number), Kind::Float) => !number.is_int(),
        _ => false,
    };
    match shape {
        Shape::Any => true,
        Shape::Kind(kind) => of(*kind),
        Shape::Bounded { kind, .. } => kind.is_none_or(of),
        Shape::List { .. } => matches!(value.data, Data::List(_)),
        Shape::Struct { .. } => matches!(value.data, Data::Map(_)),
        _ => false,
    }
}

#[derive(Default)]
struct Docs {
    usage: Option<Arc<str>>,
    ignore: bool,
}

/// What the comments of a field say. `+usage=` wins over plain lines.
fn docs(comments: &[Comment], field: &Field) -> Docs {
    let mut read = Docs::default();
    let mut plain = Vec::new();
    let lines = comments
        .iter()
        .filter(|comment| matches!(comment.position, CommentPosition::Doc | CommentPosition::Line))
        .flat_map(|comment| &comment.lines);
    for line in lines {
        let line = line.trim();
        if let Some(usage) = line.strip_prefix("+usage=") {
            read.usage = Some(Arc::from(usage.trim()));
        } else if line == "+ignore" {
            read.ignore = true;
        } else if !line.starts_with('+') && !line.is_empty() {
            plain.push(line.to_owned());
        }
    }
    if read.usage.is_none() && !plain.is_empty() && !field.label.span.is_none() {
        read.usage = Some(Arc::from(plain.join(" ")));
    }
    read
}
