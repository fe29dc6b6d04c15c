//! Selectors, indices and slices.

use std::sync::Arc;

use platformc_source::Span;
use platformc_value::Number;

use super::fail::{bottom, failed, incomplete};
use super::{Atom, EnvId, Eval, NodeId, State, Stop, TaskKind, Unit, Val};
use crate::ir::{ArcType, Expr};
use crate::kind::Kinds;
use crate::label::Label;
use crate::tree::{ErrorCode, Reason};

impl<'p> Unit<'p> {
    /// The field of a value.
    pub(crate) fn select(
        &mut self,
        base: Val,
        label: Label,
        at: NodeId,
        span: Span,
        expr: &'p Expr,
    ) -> Eval<Val> {
        let base = match base {
            Val::Node(node) => node,
            Val::Atom(atom) => {
                let kind = atom.kind().text();
                let text = self.source_text(expr);
                let message = format!("invalid operand {text} (found {kind}, want list or struct)");
                return Err(failed(message, expr.span));
            }
        };
        let base = self.redirect(base, at);
        let (node, settled) = match self.demand(base, State::Resolved) {
            Ok(node) => (node, true),
            Err(Stop::Blocked) => {
                let node = self.deref(base);
                (node, self.force || self.give_up)
            }
            Err(other) => return Err(other),
        };
        let node = if self.node(node).alternatives().is_empty() {
            node
        } else if let Some(chosen) = self.default_of(node) {
            chosen
        } else {
            let message = format!("unresolved disjunction {}", self.source_text(expr));
            return Err(incomplete(message, expr.span));
        };
        if let Some(found) = self.find_arc(node, label) {
            let found = self.redirect(found, at);
            if self.node(found).arc == ArcType::Member {
                return Ok(Val::Node(found));
            }
        }
        if !settled && self.may_provide(node, label) {
            return Err(Stop::Blocked);
        }
        self.missing(node, label, span, expr).map(Val::Node)
    }

    /// Why a field is not there.
    fn missing(&self, node: NodeId, label: Label, span: Span, expr: &Expr) -> Eval<NodeId> {
        let record = self.node(node);
        if let Some(error) = record.errors.first() {
            return Err(Stop::from(error.clone().at(expr.span)));
        }
        let name: Arc<str> = label.shared();
        let structural = Kinds::STRUCT | Kinds::LIST;
        if (record.kinds & structural).is_empty() || record.scalar.is_some() {
            if !label.is_regular() && record.arcs.iter().any(|arc| arc.label == label) {
                return Err(incomplete(format!("undefined field: {name}"), span));
            }
            let message = format!(
                "invalid operand {} (found {}, want list or struct)",
                self.source_text(expr),
                record.kinds.text()
            );
            return Err(failed(message, expr.span));
        }
        if let Some(found) = record.find(label) {
            let what = match self.node(found).arc {
                ArcType::Required => "required field not present",
                _ => "cannot reference optional field",
            };
            let error = bottom(ErrorCode::Incomplete, format!("{what}: {name}"), span);
            return Err(Stop::from(error.because(Reason::NotFound(name))));
        }
        let closed = label.is_regular() && !record.scopes.is_empty() && self.closed_here(node);
        let definite = closed
            && record.kinds == Kinds::STRUCT
            && record.rare.as_ref().is_none_or(|rare| rare.patterns.is_empty());
        let code = if definite { ErrorCode::Eval } else { ErrorCode::Incomplete };
        let error = bottom(code, format!("undefined field: {name}"), span);
        Err(Stop::from(error.because(Reason::NotFound(name))))
    }

    /// Whether work that still waits at a node could add a field.
    fn may_provide(&self, node: NodeId, label: Label) -> bool {
        let record = self.node(node);
        if (record.done as usize) < record.conjs.len() {
            return true;
        }
        let Some(rare) = &record.rare else { return false };
        !rare.disjunctions.is_empty()
            || rare.tasks.iter().any(|task| {
                !task.done
                    && match task.kind {
                        TaskKind::Comprehension(comprehension) => comprehension
                            .provides
                            .as_ref()
                            .is_none_or(|labels| labels.contains(&label)),
                        TaskKind::Pattern(..) => false,
                        _ => true,
                    }
            })
    }

    /// The item or field at an index.
    pub(crate) fn index(
        &mut self,
        base: &Val,
        index: &Atom,
        at: NodeId,
        span: Span,
        expr: &'p Expr,
    ) -> Eval<Val> {
        let Val::Node(node) = *base else {
            let message = format!(
                "invalid operand {} (found scalar, want list or struct)",
                self.source_text(expr)
            );
            return Err(failed(message, expr.span));
        };
        let node = self.redirect(node, at);
        let settled = self.demand(node, State::Resolved);
        let node = match settled {
            Ok(node) => node,
            Err(Stop::Blocked) if self.force || self.give_up => self.deref(node),
            Err(Stop::Blocked) => {
                // A list that is being worked on has the items it has.
                let node = self.deref(node);
                if let Atom::Number(Number::Int(i)) = index
                    && let Ok(i) = u32::try_from(*i)
                    && let Some(found) = self.find_arc(node, Label::Index(i))
                {
                    return Ok(Val::Node(found));
                }
                if let Atom::String(name) = index
                    && let Some(found) = self.find_arc(node, Label::regular(name))
                    && self.node(found).arc == ArcType::Member
                {
                    return Ok(Val::Node(found));
                }
                return Err(Stop::Blocked);
            }
            Err(other) => return Err(other),
        };
        let node = if self.node(node).alternatives().is_empty() {
            node
        } else if let Some(chosen) = self.default_of(node) {
            chosen
        } else {
            return Err(incomplete("unresolved disjunction", span));
        };
        if let Some(error) = self.node(node).errors.first() {
            return Err(Stop::from(error.clone().at(expr.span)));
        }
        match index {
            Atom::String(name) if (self.node(node).kinds & Kinds::STRUCT) == Kinds::STRUCT => {
                let label = Label::regular(name);
                if let Some(found) = self.find_arc(node, label)
                    && self.node(found).arc == ArcType::Member
                {
                    return Ok(Val::Node(found));
                }
                self.missing(node, label, span, expr).map(Val::Node)
            }
            Atom::Number(n)
                if n.is_int() && (self.node(node).kinds & Kinds::LIST) == Kinds::LIST =>
            {
                let position = n.to_i64().and_then(|i| u32::try_from(i).ok());
                let Some(position) = position else {
                    let message = format!("invalid list index {n} (index must be non-negative)");
                    return Err(failed(message, span));
                };
                if let Some(found) = self.find_arc(node, Label::Index(position)) {
                    return Ok(Val::Node(found));
                }
                let message = format!(
                    "index out of range [{position}] with length {}",
                    self.node(node).arcs.len()
                );
                let open = self
                    .node(node)
                    .rare
                    .as_ref()
                    .and_then(|rare| rare.list.as_ref())
                    .is_none_or(|list| list.length.is_none());
                if open { Err(incomplete(message, span)) } else { Err(failed(message, span)) }
            }
            other => {
                let record = self.node(node);
                let text = record.kinds.text();
                if record.scalar.is_none() && (record.kinds.0 & (record.kinds.0 - 1)) != 0 {
                    return Err(incomplete(format!("non-concrete value {text}"), expr.span));
                }
                let message = format!(
                    "invalid index {} (invalid type {})",
                    other.text(),
                    other.kind().text()
                );
                Err(failed(message, span))
            }
        }
    }

    /// Part of a list, string or bytes.
    pub(crate) fn slice(
        &mut self,
        base: &'p Expr,
        low: Option<&'p Expr>,
        high: Option<&'p Expr>,
        span: Span,
        env: EnvId,
        at: NodeId,
    ) -> Eval<Val> {
        let value = self.eval(base, env, at)?;
        let bound = |unit: &mut Self, expr: Option<&'p Expr>| -> Eval<Option<usize>> {
            let Some(expr) = expr else { return Ok(None) };
            match unit.operand(expr, env, at)? {
                Atom::Number(n) => match n.to_i64().and_then(|i| usize::try_from(i).ok()) {
                    Some(i) => Ok(Some(i)),
                    None => Err(failed(format!("invalid slice index {n}"), expr.span)),
                },
                other => Err(failed(format!("invalid slice index {}", other.text()), expr.span)),
            }
        };
        let (low, high) = (bound(self, low)?, bound(self, high)?);
        let range = |length: usize| -> Eval<std::ops::Range<usize>> {
            let (low, high) = (low.unwrap_or(0), high.unwrap_or(length));
            if high > length || low > high {
                let message =
                    format!("slice bounds out of range [{low}:{high}] with length {length}");
                return Err(failed(message, span));
            }
            Ok(low..high)
        };
        let node = match value {
            Val::Atom(Atom::String(text)) => {
                let range = range(text.len())?;
                return match text.get(range) {
                    Some(part) => Ok(Val::Atom(Atom::String(part.into()))),
                    None => Err(failed("slice bounds inside a character", span)),
                };
            }
            Val::Atom(Atom::Bytes(bytes)) => {
                let range = range(bytes.len())?;
                return Ok(Val::Atom(Atom::Bytes(bytes[range].into())));
            }
            Val::Atom(other) => {
                return Err(failed(format!("cannot slice {}", other.text()), base.span));
            }
            Val::Node(node) => self.known(node, base)?,
        };
        match self.node(node).scalar.clone() {
            Some(Atom::String(text)) => {
                let range = range(text.len())?;
                return match text.get(range) {
                    Some(part) => Ok(Val::Atom(Atom::String(part.into()))),
                    None => Err(failed("slice bounds inside a character", span)),
                };
            }
            Some(Atom::Bytes(bytes)) => {
                let range = range(bytes.len())?;
                return Ok(Val::Atom(Atom::Bytes(bytes[range].into())));
            }
            Some(other) => return Err(failed(format!("cannot slice {}", other.text()), base.span)),
            None => {}
        }
        let record = self.node(node);
        if !record.is_list() {
            let message = format!("cannot slice {}", record.kinds.text());
            return if record.kinds == Kinds::STRUCT {
                Err(failed(message, base.span))
            } else {
                Err(incomplete(message, base.span))
            };
        }
        let items: Vec<NodeId> = self.items(node);
        let range = range(items.len())?;
        let items = items[range].to_vec();
        Ok(Val::Node(self.list_of(&items, at)))
    }
}
