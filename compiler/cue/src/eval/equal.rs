//! Equality of evaluated nodes.

use platformc_value::BoundOp;

use super::{Atom, EnvId, Eval, NodeId, State, Unit, Val};
use crate::ir::{ArcType, Expr, Op};
use crate::kind::Kinds;

impl<'p> Unit<'p> {
    /// Whether two final nodes are the same value, so that one alternative is enough.
    pub(crate) fn equal(&self, a: NodeId, b: NodeId) -> bool {
        self.equal_at(a, b, 0)
    }

    fn equal_at(&self, a: NodeId, b: NodeId, depth: u32) -> bool {
        let (a, b) = (self.deref(a), self.deref(b));
        if a == b {
            return true;
        }
        if depth > 64 {
            return false;
        }
        let (x, y) = (self.node(a), self.node(b));
        if x.scalar != y.scalar
            || x.kinds != y.kinds
            || x.arcs.len() != y.arcs.len()
            || x.is_list() != y.is_list()
            || x.alternatives().len() != y.alternatives().len()
            || x.errors.len() != y.errors.len()
        {
            return false;
        }
        if !x.alternatives().is_empty() {
            return x
                .alternatives()
                .iter()
                .zip(y.alternatives())
                .all(|(p, q)| p.mode == q.mode && self.equal_at(p.node, q.node, depth + 1));
        }
        // Most that differ do so in the fields they have.
        if x.arcs.iter().any(|arc| y.find(arc.label).is_none()) {
            return false;
        }
        if self.constraints_of(a) != self.constraints_of(b) {
            return false;
        }
        if !self.same_constraints(a, b, depth) {
            return false;
        }
        if x.kinds == Kinds::STRUCT && self.closed_here(a) != self.closed_here(b) {
            return false;
        }
        x.arcs.iter().all(|arc| {
            y.find(arc.label).is_some_and(|other| {
                self.node(arc.node).arc == self.node(other).arc
                    && self.equal_at(arc.node, other, depth + 1)
            })
        })
    }

    /// The bounds of a node, and how much else constrains it.
    fn constraints_of(&self, node: NodeId) -> (Vec<(BoundOp, Atom)>, [usize; 5]) {
        let Some(rare) = &self.node(node).rare else { return (Vec::new(), [0; 5]) };
        let bounds = rare.bounds.iter().map(|bound| (bound.op, bound.operand.clone())).collect();
        let list = rare
            .list
            .as_ref()
            .map_or(0, |list| 1 + usize::from(list.length.is_some()) + 2 * list.minimum as usize);
        let tails = rare.list.as_ref().map_or(0, |list| list.rests.len());
        let counts =
            [rare.validators.len(), rare.patterns.len(), rare.incomplete.len(), list, tails];
        (bounds, counts)
    }

    /// Whether two nodes have the same validators and patterns, told by their text: the literals
    /// they were written in and the places those refer to.
    fn same_constraints(&self, a: NodeId, b: NodeId, depth: u32) -> bool {
        let (Some(p), Some(q)) = (&self.node(a).rare, &self.node(b).rare) else { return true };
        let validators = p.validators.iter().zip(&q.validators).all(|(x, y)| {
            x.name() == y.name()
                && x.arguments.len() == y.arguments.len()
                && x.arguments
                    .iter()
                    .zip(y.arguments.iter())
                    .all(|(x, y)| self.equal_at(*x, *y, depth + 1))
        });
        let patterns = p.patterns.iter().zip(&q.patterns).all(|(x, y)| {
            let value = match (x.value, y.value) {
                (super::X::Expr(x), super::X::Expr(y)) => std::ptr::eq(x, y),
                (super::X::Tree(x), super::X::Tree(y)) => std::ptr::eq(x, y),
                _ => false,
            };
            let matcher = match (x.matcher, y.matcher) {
                (None, None) => true,
                (Some(x), Some(y)) => self.equal_at(x, y, depth + 1),
                _ => false,
            };
            let env = |env: EnvId| {
                if env == EnvId::NONE { EnvId::NONE } else { self.env(env).up }
            };
            value && matcher && env(x.env) == env(y.env)
        });
        let messages = |rare: &super::node::Rare<'_>| -> Vec<String> {
            rare.incomplete.iter().map(|error| error.message.clone()).collect()
        };
        validators && patterns && messages(p) == messages(q)
    }

    /// `==` and `!=`.
    pub(crate) fn equality(
        &mut self,
        op: Op,
        left: &'p Expr,
        right: &'p Expr,
        expr: &'p Expr,
        env: EnvId,
        at: NodeId,
    ) -> Eval<Val> {
        let a = self.comparable(left, env, at)?;
        let b = self.comparable(right, env, at)?;
        let same = match (&a, &b) {
            (Val::Atom(Atom::Number(a)), Val::Atom(Atom::Number(b))) => {
                a.compare(b) == std::cmp::Ordering::Equal
            }
            (Val::Atom(Atom::Bytes(a)), Val::Atom(Atom::String(b)))
            | (Val::Atom(Atom::String(b)), Val::Atom(Atom::Bytes(a))) => **a == *b.as_bytes(),
            (Val::Atom(a), Val::Atom(b)) => a == b,
            (Val::Node(a), Val::Node(b)) => {
                self.node(*a).kinds == self.node(*b).kinds && self.same_value(*a, *b, expr)?
            }
            // A scalar and a list or struct are never the same.
            _ => false,
        };
        Ok(Val::Atom(Atom::Bool(same == (op == Op::Equal))))
    }

    /// A scalar, or the final node of a list or struct.
    fn comparable(&mut self, expr: &'p Expr, env: EnvId, at: NodeId) -> Eval<Val> {
        match self.eval(expr, env, at)? {
            Val::Atom(atom) => Ok(Val::Atom(atom)),
            Val::Node(node) => {
                let known = self.known(node, expr)?;
                let record = self.node(known);
                if record.scalar.is_none()
                    && (record.kinds == Kinds::LIST || record.kinds == Kinds::STRUCT)
                {
                    let node = self.need(known, State::Final)?;
                    return Ok(Val::Node(node));
                }
                self.atom_of(known, expr).map(Val::Atom)
            }
        }
    }

    /// Structural comparison of concrete lists and structs by their exported data.
    fn same_value(&mut self, a: NodeId, b: NodeId, expr: &'p Expr) -> Eval<bool> {
        let (a, b) = (self.deref(a), self.deref(b));
        let (x, y) = (self.node(a), self.node(b));
        if let (Some(p), Some(q)) = (&x.scalar, &y.scalar) {
            return Ok(match (p, q) {
                (Atom::Number(p), Atom::Number(q)) => p.compare(q) == std::cmp::Ordering::Equal,
                _ => p == q,
            });
        }
        if x.is_list() != y.is_list() {
            return Ok(false);
        }
        if x.is_list() {
            let (p, q) = (self.items(a), self.items(b));
            if p.len() != q.len() {
                return Ok(false);
            }
            for (p, q) in p.into_iter().zip(q) {
                if !self.same_value(p, q, expr)? {
                    return Ok(false);
                }
            }
            return Ok(true);
        }
        let concrete = |unit: &Self, node: NodeId| {
            unit.node(node)
                .arcs
                .iter()
                .filter(|arc| arc.label.is_regular() && unit.node(arc.node).arc == ArcType::Member)
                .copied()
                .collect::<Vec<_>>()
        };
        if x.kinds != Kinds::STRUCT || y.kinds != Kinds::STRUCT {
            for node in [a, b] {
                let record = self.node(node);
                if record.scalar.is_none() && record.kinds != Kinds::STRUCT && !record.is_list() {
                    let message =
                        format!("non-concrete value {} in comparison", record.kinds.text());
                    return Err(super::fail::incomplete(message, expr.span));
                }
            }
            return Ok(false);
        }
        let (p, q) = (concrete(self, a), concrete(self, b));
        if p.len() != q.len() {
            return Ok(false);
        }
        for arc in p {
            let Some(other) = q.iter().find(|other| other.label == arc.label) else {
                return Ok(false);
            };
            let (left, right) = (
                self.default_of(arc.node).unwrap_or(arc.node),
                self.default_of(other.node).unwrap_or(other.node),
            );
            if !self.same_value(left, right, expr)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
