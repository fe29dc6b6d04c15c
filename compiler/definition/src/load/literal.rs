//! The header of a CUE definition as a value.
//!
//! Invariant: a header is data. Anything that would need evaluation is reported, except below
//! `attributes.status`, which speaks of live objects and is kept without being read.

use std::sync::Arc;

use platformc_cue_syntax::ast::{
    Decl, DeclKind, Expr, ExprKind, LabelKind, ListElementKind, UnaryOp,
};
use platformc_source::{Diagnostic, Origin, Span, codes};
use platformc_value::{Data, Entry, Map, Number, Value};

/// Headers nest this deep at most.
const MAX_DEPTH: usize = 64;

/// The value of a literal expression. What is not literal is reported and reads as `null`.
pub(crate) fn evaluate(expr: &Expr, sink: &mut Vec<Diagnostic>) -> Value {
    Reader { sink, depth: 0, status: false }.expr(expr)
}

/// The value of an expression that is literal; `None` for any other.
pub(crate) fn literal_value(expr: &Expr) -> Option<Value> {
    if matches!(expr.kind, ExprKind::Struct(_)) {
        return None;
    }
    let mut sink = Vec::new();
    let value = evaluate(expr, &mut sink);
    sink.is_empty().then_some(value)
}

struct Reader<'s> {
    sink: &'s mut Vec<Diagnostic>,
    depth: usize,
    /// Below `status`.
    status: bool,
}

impl Reader<'_> {
    fn refuse(&mut self, span: Span) -> Data {
        if !self.status {
            let message = "the header of a definition has to be literal data";
            self.sink.push(
                Diagnostic::new(codes::DEFINITION_HEADER, span, message)
                    .primary_label("this would have to be evaluated")
                    .note("write the value itself; expressions belong into `template`"),
            );
        }
        Data::Null
    }

    fn expr(&mut self, expr: &Expr) -> Value {
        let origin = Origin::authored(expr.span);
        if self.depth >= MAX_DEPTH {
            let data = self.refuse(expr.span);
            return Value::new(data, origin);
        }
        self.depth += 1;
        let data = match &expr.kind {
            ExprKind::Null | ExprKind::Bad => Data::Null,
            ExprKind::Bool(value) => Data::Bool(*value),
            ExprKind::String(text) => Data::String(Arc::clone(text)),
            ExprKind::Bytes(bytes) => Data::Bytes(Arc::clone(bytes)),
            ExprKind::Number(text) => self.number(text, expr.span),
            ExprKind::Unary { op: UnaryOp::Minus, operand, .. } => match &operand.kind {
                ExprKind::Number(text) => match self.number(text, expr.span) {
                    Data::Number(number) => Data::Number(number.neg()),
                    other => other,
                },
                _ => self.refuse(expr.span),
            },
            ExprKind::Paren(inner) => self.expr(inner).data,
            ExprKind::Struct(literal) => {
                let mut map = Map::new();
                self.decls(&literal.decls, &mut map);
                Data::Map(map)
            }
            ExprKind::List(list) => {
                let mut items = Vec::with_capacity(list.elements.len());
                for element in &list.elements {
                    match &element.kind {
                        ListElementKind::Expr(item) => items.push(self.expr(item)),
                        ListElementKind::Comprehension(_, span) => {
                            self.refuse(*span);
                        }
                    }
                }
                Data::List(items)
            }
            _ => self.refuse(expr.span),
        };
        self.depth -= 1;
        Value::new(data, origin)
    }

    fn number(&mut self, text: &str, span: Span) -> Data {
        let plain: String = text.chars().filter(|c| *c != '_').collect();
        Number::parse(&plain).map_or_else(|_| self.refuse(span), Data::Number)
    }

    fn decls(&mut self, decls: &[Decl], map: &mut Map) {
        for decl in decls {
            match &decl.kind {
                DeclKind::Field(field) => {
                    let Some(name) = label_name(&field.label.kind) else {
                        self.refuse(field.label.span);
                        continue;
                    };
                    let outside = self.status;
                    self.status = outside || &*name == "status";
                    let value = self.expr(&field.value);
                    self.status = outside;
                    let key_origin = Origin::authored(field.label.span);
                    self.insert(map, Entry { key: name, key_origin, value });
                }
                DeclKind::Attribute(_) | DeclKind::Bad => {}
                DeclKind::Ellipsis(None) => {}
                _ => {
                    self.refuse(decl.span);
                }
            }
        }
    }

    /// `a: b: 1` and `a: c: 2` make one struct, as they would in CUE.
    fn insert(&mut self, map: &mut Map, entry: Entry) {
        let Some(old) = map.get_mut(&entry.key) else {
            map.push_unique(entry);
            return;
        };
        if let (Data::Map(old), Data::Map(new)) = (&mut old.data, &entry.value.data) {
            for field in new {
                self.insert(old, field.clone());
            }
        } else if *old != entry.value && !self.status {
            self.sink.push(
                Diagnostic::new(
                    codes::DEFINITION_HEADER,
                    entry.key_origin.span,
                    format!("the header gives `{}` two values", entry.key),
                )
                .label(old.origin.span, "the first one"),
            );
        }
    }
}

/// The name of a label that needs no evaluation; definitions and hidden fields have none.
pub(crate) fn label_name(kind: &LabelKind) -> Option<Arc<str>> {
    match kind {
        LabelKind::Ident(name) if !name.starts_with(['#', '_']) => Some(Arc::clone(name)),
        LabelKind::String(name) | LabelKind::Number(name) => Some(Arc::clone(name)),
        _ => None,
    }
}
