//! Evaluating expressions to values.

use super::expand::literal_atom;
use super::fail::{bottom, failed, incomplete};
use super::{Atom, EnvId, Eval, NodeId, State, Stop, Unit, Val};
use crate::ir::{ArcType, Expr, ExprKind, Op, Part};
use crate::kind::Kinds;
use crate::tree::{ErrorCode, Reason};

impl<'p> Unit<'p> {
    /// Evaluates an expression on behalf of the node `at`.
    pub(crate) fn eval(&mut self, expr: &'p Expr, env: EnvId, at: NodeId) -> Eval<Val> {
        self.step();
        if self.exhausted {
            return Err(Stop::from(
                bottom(ErrorCode::Eval, "evaluation exceeds its budget", expr.span)
                    .because(Reason::Budget),
            ));
        }
        if let Some(atom) = literal_atom(expr) {
            return Ok(Val::Atom(atom));
        }
        let result = stacker::maybe_grow(super::run::RED_ZONE, super::run::SEGMENT, || {
            self.eval_kind(expr, env, at)
        });
        if let Ok(value) = &result {
            self.charge_text(value);
        }
        result
    }

    fn eval_kind(&mut self, expr: &'p Expr, env: EnvId, at: NodeId) -> Eval<Val> {
        match &expr.kind {
            ExprKind::Bottom => Err(failed("explicit error (_|_ literal) in source", expr.span)),
            ExprKind::Bad(message) => Err(failed(message.clone(), expr.span)),
            ExprKind::Field { .. }
            | ExprKind::Let { .. }
            | ExprKind::Binding { .. }
            | ExprKind::ValueOf { .. }
            | ExprKind::DynamicAlias { .. }
            | ExprKind::Import(_) => match self.target(expr, env, at) {
                Some(target) if self.node(target).arc == ArcType::Member => Ok(Val::Node(target)),
                Some(target) => self.not_there(target, expr),
                None if self.force || self.give_up => {
                    Err(incomplete("reference to a field that does not exist", expr.span))
                }
                None => Err(Stop::Blocked),
            },
            ExprKind::LabelOf { up } => {
                let env = self.env_up(env, *up);
                match self.own_label(env) {
                    Some(label) => Ok(Val::Atom(Atom::String(label.shared()))),
                    None => Err(failed("no label to refer to", expr.span)),
                }
            }
            ExprKind::Selector { base, label, label_span } => {
                let base_val = self.eval(base, env, at)?;
                self.select(base_val, *label, at, *label_span, base)
            }
            ExprKind::Index { base, index } => {
                let base_val = self.eval(base, env, at)?;
                let index = self.operand(index, env, at)?;
                self.index(&base_val, &index, at, expr.span, base)
            }
            ExprKind::Try(inner) => {
                let value = self.eval(inner, env, at)?;
                if let Val::Node(node) = value {
                    let node = self.need(node, State::Resolved)?;
                    if self.node(node).arc != ArcType::Member {
                        return Err(incomplete("undefined field", expr.span));
                    }
                }
                Ok(value)
            }
            ExprKind::Not(operand) => match self.operand(operand, env, at)? {
                Atom::Bool(b) => Ok(Val::Atom(Atom::Bool(!b))),
                other => {
                    let kind = other.kind().text();
                    let message =
                        format!("invalid operand {} to '!' (type {kind} and bool)", other.text());
                    Err(failed(message, expr.span))
                }
            },
            ExprKind::Sign { negative, operand } => match self.operand(operand, env, at)? {
                Atom::Number(n) => Ok(Val::Atom(Atom::Number(if *negative { n.neg() } else { n }))),
                other => {
                    let sign = if *negative { '-' } else { '+' };
                    let message = format!("invalid operation {sign}{}", other.text());
                    Err(failed(message, expr.span))
                }
            },
            ExprKind::Binary { op, left, right } => self.binary(*op, left, right, expr, env, at),
            ExprKind::Interpolation { parts, bytes } => self.interpolate(parts, *bytes, env, at),
            ExprKind::Call { function, arguments } => self.call(expr, function, arguments, env, at),
            ExprKind::Slice { base, low, high } => {
                self.slice(base, low.as_deref(), high.as_deref(), expr.span, env, at)
            }
            _ => Ok(Val::Node(self.anonymous_node(expr, env, at))),
        }
    }

    /// A reference to a field that is optional or required: it may come to exist while the struct
    /// that declares it is still being expanded.
    fn not_there(&self, target: NodeId, expr: &Expr) -> Eval<Val> {
        let record = self.node(target);
        let settled = record.parent == NodeId::NONE
            || self.node(self.deref(record.parent)).state >= State::Expanded;
        if !settled && !self.force && !self.give_up {
            return Err(Stop::Blocked);
        }
        let name = record.label.map_or_else(|| "".into(), crate::label::Label::shared);
        let what = match record.arc {
            ArcType::Required => "required field not present",
            _ => "cannot reference optional field",
        };
        let error = bottom(ErrorCode::Incomplete, format!("{what}: {name}"), expr.span);
        Err(Stop::from(error.because(Reason::NotFound(name))))
    }

    /// Evaluates an expression to a concrete scalar.
    pub(crate) fn operand(&mut self, expr: &'p Expr, env: EnvId, at: NodeId) -> Eval<Atom> {
        match self.eval(expr, env, at)? {
            Val::Atom(atom) => Ok(atom),
            Val::Node(node) => self.atom_of(node, expr),
        }
    }

    /// The concrete scalar of a node.
    pub(crate) fn atom_of(&mut self, node: NodeId, expr: &'p Expr) -> Eval<Atom> {
        let node = self.known(node, expr)?;
        let record = self.node(node);
        if let Some(atom) = &record.scalar {
            return Ok(atom.clone());
        }
        if let Some(error) = record.rare.as_ref().and_then(|rare| rare.incomplete.first()) {
            return Err(Stop::from(error.clone().at(expr.span)));
        }
        let text = self.source_text(expr);
        if self.node(node).state < State::Resolved {
            return Err(Stop::from(bottom(ErrorCode::Cycle, "cycle error", expr.span)));
        }
        let kinds = self.node(node).kinds;
        Err(incomplete(format!("non-concrete value {} in operand {text}", kinds.text()), expr.span))
    }

    /// The node behind a value once its choice is made: the default of a disjunction. Errors of
    /// the node are errors of whoever needs it.
    pub(crate) fn known(&mut self, node: NodeId, expr: &'p Expr) -> Eval<NodeId> {
        let node = match self.demand(node, State::Resolved) {
            Ok(node) => node,
            Err(Stop::Blocked) => {
                let node = self.deref(node);
                // What is known of a scalar does not change any more.
                if self.node(node).scalar.is_some() && self.node(node).errors.is_empty() {
                    return Ok(node);
                }
                if self.force || self.give_up { node } else { return Err(Stop::Blocked) }
            }
            Err(other) => return Err(other),
        };
        if let Some(error) = self.node(node).errors.first() {
            return Err(Stop::from(error.clone().at(expr.span)));
        }
        if self.node(node).alternatives().is_empty() {
            return Ok(node);
        }
        match self.default_of(node) {
            Some(node) => Ok(node),
            None => {
                let message = format!("unresolved disjunction {}", self.source_text(expr));
                Err(incomplete(message, expr.span))
            }
        }
    }

    /// The one default among a node's alternatives.
    pub(crate) fn default_of(&self, node: NodeId) -> Option<NodeId> {
        let node = self.deref(node);
        let alternatives = self.node(node).alternatives();
        let mut defaults =
            alternatives.iter().filter(|alternative| alternative.mode == super::Mode::Default);
        match (defaults.next(), defaults.next()) {
            (Some(only), None) => Some(self.deref(only.node)),
            _ => None,
        }
    }

    /// A short name of an expression, for messages.
    pub(crate) fn source_text(&self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Field { label, .. } => label.text().into_owned(),
            ExprKind::Selector { base, label, .. } => {
                format!("{}.{}", self.source_text(base), label.text())
            }
            ExprKind::Index { base, .. } => format!("{}[…]", self.source_text(base)),
            _ => String::new(),
        }
        .trim()
        .to_owned()
    }

    fn interpolate(&mut self, parts: &'p [Part], bytes: bool, env: EnvId, at: NodeId) -> Eval<Val> {
        let mut text: Vec<u8> = Vec::new();
        for part in parts {
            match part {
                Part::Text(part) => text.extend_from_slice(part.as_bytes()),
                Part::Expr(expr) => match self.operand(expr, env, at)? {
                    Atom::String(part) => text.extend_from_slice(part.as_bytes()),
                    Atom::Bytes(part) => text.extend_from_slice(&part),
                    Atom::Number(n) => text.extend_from_slice(n.to_string().as_bytes()),
                    Atom::Bool(b) => text.extend_from_slice(b.to_string().as_bytes()),
                    Atom::Null => {
                        let message = "invalid interpolation: cannot use null as type (bool|string|bytes|number)";
                        return Err(failed(message, expr.span));
                    }
                },
            }
            if text.len() > super::builtins::MAX_TEXT {
                let span = parts.iter().find_map(|part| match part {
                    Part::Expr(expr) => Some(expr.span),
                    Part::Text(_) => None,
                });
                let span = span.unwrap_or(platformc_source::Span::NONE);
                return Err(Stop::from(
                    bottom(ErrorCode::Eval, "string too long", span).because(Reason::Budget),
                ));
            }
        }
        Ok(Val::Atom(if bytes {
            Atom::Bytes(text.into())
        } else {
            Atom::String(String::from_utf8_lossy(&text).into())
        }))
    }

    fn binary(
        &mut self,
        op: Op,
        left: &'p Expr,
        right: &'p Expr,
        expr: &'p Expr,
        env: EnvId,
        at: NodeId,
    ) -> Eval<Val> {
        if matches!(op, Op::Equal | Op::NotEqual) {
            let other = match (&left.kind, &right.kind) {
                (ExprKind::Bottom, _) => Some(right),
                (_, ExprKind::Bottom) => Some(left),
                _ => None,
            };
            if let Some(other) = other {
                let bottom = self.is_bottom(other, env, at)?;
                return Ok(Val::Atom(Atom::Bool(bottom == (op == Op::Equal))));
            }
            return self.equality(op, left, right, expr, env, at);
        }
        if matches!(op, Op::Or | Op::And) {
            return self.logical(op, left, right, env, at);
        }
        let a = self.operand_or_kind(left, env, at)?;
        let b = self.operand_or_kind(right, env, at)?;
        match (a, b) {
            (Ok(a), Ok(b)) => super::arithmetic::apply(op, &a, &b, expr.span).map(Val::Atom),
            (a, b) => {
                let text = |side: &Result<Atom, Kinds>| match side {
                    Ok(atom) => (atom.text(), atom.kind().text()),
                    Err(kinds) => (kinds.text(), kinds.text()),
                };
                let ((left, left_kind), (right, right_kind)) = (text(&a), text(&b));
                let message = format!(
                    "invalid operands {left} and {right} to '{}' (type {left_kind} and {right_kind})",
                    op.text()
                );
                Err(failed(message, expr.span))
            }
        }
    }

    /// A concrete scalar, or the kind of a list or struct.
    fn operand_or_kind(
        &mut self,
        expr: &'p Expr,
        env: EnvId,
        at: NodeId,
    ) -> Eval<Result<Atom, Kinds>> {
        match self.eval(expr, env, at)? {
            Val::Atom(atom) => Ok(Ok(atom)),
            Val::Node(node) => {
                let known = self.known(node, expr)?;
                let record = self.node(known);
                if record.scalar.is_none()
                    && (record.kinds == Kinds::LIST || record.kinds == Kinds::STRUCT)
                {
                    return Ok(Err(record.kinds));
                }
                self.atom_of(known, expr).map(Ok)
            }
        }
    }

    fn logical(
        &mut self,
        op: Op,
        left: &'p Expr,
        right: &'p Expr,
        env: EnvId,
        at: NodeId,
    ) -> Eval<Val> {
        for (expr, last) in [(left, false), (right, true)] {
            match self.operand(expr, env, at)? {
                Atom::Bool(b) => {
                    if last || b == (op == Op::Or) {
                        return Ok(Val::Atom(Atom::Bool(b)));
                    }
                }
                other => {
                    let message = format!(
                        "invalid operand {} to '{}' (type {} and bool)",
                        other.text(),
                        op.text(),
                        other.kind().text()
                    );
                    return Err(failed(message, expr.span));
                }
            }
        }
        Err(failed("logical operator without operands", left.span))
    }

    /// Whether an expression has no value: `x == _|_`.
    fn is_bottom(&mut self, expr: &'p Expr, env: EnvId, at: NodeId) -> Eval<bool> {
        let value = match self.eval(expr, env, at) {
            Ok(value) => value,
            Err(Stop::Blocked) => return Err(Stop::Blocked),
            Err(Stop::Error(_)) => return Ok(true),
        };
        let Val::Node(node) = value else { return Ok(false) };
        let node = match self.demand(node, State::Resolved) {
            Ok(node) => node,
            Err(Stop::Blocked) => {
                let node = self.deref(node);
                let record = self.node(node);
                if record.scalar.is_some() || !record.arcs.is_empty() || record.is_list() {
                    return Ok(!record.errors.is_empty());
                }
                if self.force || self.give_up {
                    return Ok(!record.errors.is_empty());
                }
                return Err(Stop::Blocked);
            }
            Err(Stop::Error(_)) => return Ok(true),
        };
        if self.node(node).arc != ArcType::Member {
            return Ok(true);
        }
        let record = self.node(node);
        if !record.errors.is_empty() {
            return Ok(true);
        }
        if record.scalar.is_some() {
            return Ok(false);
        }
        if !record.alternatives().is_empty() {
            return match self.default_of(node) {
                Some(chosen) => self.is_bottom_node(chosen),
                None => Ok(true),
            };
        }
        // What is not concrete yet is no value yet.
        if record.kinds != Kinds::STRUCT && record.kinds != Kinds::LIST {
            return Ok(true);
        }
        self.is_bottom_node(node)
    }

    /// Whether a resolved node is an error.
    fn is_bottom_node(&mut self, node: NodeId) -> Eval<bool> {
        let record = self.node(node);
        if !record.errors.is_empty() {
            return Ok(true);
        }
        if record.arcs.is_empty() {
            return Ok(false);
        }
        // A struct with an error below is an error; one that is being worked on is not yet.
        match self.demand(node, State::Final) {
            Ok(node) => Ok(self
                .node(node)
                .child_error
                .as_ref()
                .is_some_and(|error| !error.code.is_incomplete())),
            Err(_) => Ok(false),
        }
    }
}
