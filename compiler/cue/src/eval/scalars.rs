//! Choosing among scalar alternatives without trials.
//!
//! Disjunctions of literals, types and bounds are most of what definitions have
//! (`*"Always" | "Never"`, `int | string`). They are combined one after the other on plain
//! candidates, equal ones merged at each step, so that their number stays that of distinct values.

use platformc_source::Origin;

use super::node::{BoundConj, DisjunctionSource};
use super::{Alternative, Atom, Mode, NodeId, State, Unit};
use crate::ir::{BoundKind, Expr, ExprKind};
use crate::kind::Kinds;

#[derive(Clone, Debug)]
struct Candidate {
    kinds: Kinds,
    scalar: Option<Atom>,
    bounds: Vec<BoundConj>,
    origin: Origin,
    mode: Mode,
}

impl Candidate {
    fn same(&self, other: &Candidate) -> bool {
        self.kinds == other.kinds
            && self.scalar == other.scalar
            && self.bounds.len() == other.bounds.len()
            && self.bounds.iter().all(|bound| {
                other
                    .bounds
                    .iter()
                    .any(|known| known.op == bound.op && known.operand == bound.operand)
            })
    }

    fn add_atom(&mut self, atom: Atom, origin: Origin) -> bool {
        if !self.kinds.contains(atom.kind()) || self.scalar.as_ref().is_some_and(|s| *s != atom) {
            return false;
        }
        self.kinds = atom.kind();
        self.scalar = Some(atom);
        self.origin = origin;
        true
    }

    fn add(&mut self, expr: &Expr) -> bool {
        let origin = Origin::authored(expr.span);
        if let Some(atom) = super::expand::literal_atom(expr) {
            return self.add_atom(atom, origin);
        }
        match &expr.kind {
            ExprKind::Type(kinds, bounds) => {
                self.kinds &= *kinds;
                self.origin = origin;
                for (op, number) in bounds {
                    let operand = Atom::Number(number.clone());
                    self.bounds.push(BoundConj { op: *op, operand, span: expr.span });
                }
                !self.kinds.is_empty()
            }
            ExprKind::Bound(BoundKind::Op(op), operand) => {
                let Some(operand) = super::expand::literal_atom(operand) else { return false };
                self.kinds &= super::bounds::bound_kinds(*op, &operand);
                self.bounds.push(BoundConj { op: *op, operand, span: expr.span });
                !self.kinds.is_empty()
            }
            ExprKind::And(operands) => operands.iter().all(|operand| self.add(operand)),
            _ => false,
        }
    }

    fn satisfied(&self) -> bool {
        let Some(scalar) = &self.scalar else { return true };
        self.bounds.iter().all(|bound| Unit::satisfies(bound.op, &bound.operand, scalar))
    }
}

/// Whether an alternative is a scalar, type or bound, told by its text.
fn is_simple(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Type(..) => true,
        ExprKind::Bound(BoundKind::Op(op), operand) => {
            let regex =
                matches!(op, platformc_value::BoundOp::Match | platformc_value::BoundOp::NotMatch);
            super::expand::literal_atom(operand)
                .is_some_and(|atom| !regex || matches!(atom, Atom::String(_)))
        }
        ExprKind::And(operands) => operands.iter().all(is_simple),
        _ => super::expand::literal_atom(expr).is_some(),
    }
}

impl<'p> Unit<'p> {
    /// Makes the choice of a node whose disjunctions are all of scalars. Returns whether it could.
    pub(crate) fn choose_scalar(&mut self, node: NodeId) -> bool {
        let record = self.node(node);
        let Some(rare) = &record.rare else { return false };
        let plain = record.arcs.is_empty()
            && !record.maybe_struct
            && rare.list.is_none()
            && rare.validators.is_empty()
            && rare.patterns.is_empty()
            && rare.incomplete.is_empty();
        if !plain {
            return false;
        }
        let mut sources: Vec<&'p [(Expr, bool)]> = Vec::with_capacity(rare.disjunctions.len());
        for disjunction in &rare.disjunctions {
            let DisjunctionSource::Expr(alternatives) = disjunction.source else { return false };
            if !alternatives.iter().all(|(expr, _)| is_simple(expr)) {
                return false;
            }
            sources.push(alternatives);
        }
        let mut candidates = vec![Candidate {
            kinds: record.kinds,
            scalar: record.scalar.clone(),
            bounds: rare.bounds.clone(),
            origin: record.origin,
            mode: Mode::Maybe,
        }];
        for alternatives in sources {
            let marked = alternatives.iter().any(|(_, mark)| *mark);
            let mut next: Vec<Candidate> = Vec::new();
            for candidate in &candidates {
                for (expr, mark) in alternatives {
                    let mut candidate = candidate.clone();
                    let given = candidate.scalar.is_some();
                    let origin = candidate.origin;
                    if !candidate.add(expr) || !candidate.satisfied() {
                        continue;
                    }
                    if given {
                        candidate.origin = origin;
                    }
                    let mode = match (marked, mark) {
                        (false, _) => Mode::Maybe,
                        (true, true) => Mode::Default,
                        (true, false) => Mode::NotDefault,
                    };
                    candidate.mode = candidate.mode.max(mode);
                    match next.iter_mut().find(|known| known.same(&candidate)) {
                        Some(known) => {
                            let default =
                                known.mode == Mode::Default || candidate.mode == Mode::Default;
                            known.mode = if default {
                                Mode::Default
                            } else {
                                known.mode.min(candidate.mode)
                            };
                        }
                        None => next.push(candidate),
                    }
                }
            }
            candidates = next;
            if candidates.is_empty() {
                // The general way finds the words for it.
                return false;
            }
            if candidates.len() > 4_096 {
                self.exhausted = true;
                return false;
            }
        }
        self.settle_candidates(node, candidates);
        true
    }

    fn settle_candidates(&mut self, node: NodeId, mut candidates: Vec<Candidate>) {
        self.progress += 1;
        if candidates.len() == 1
            && let Some(only) = candidates.pop()
        {
            let record = self.node_mut(node);
            record.kinds = only.kinds;
            record.scalar = only.scalar;
            record.origin = only.origin;
            let rare = record.rare_mut();
            rare.bounds = only.bounds;
            rare.mode = Some(only.mode);
            self.settle_bounds(node);
            return;
        }
        let (parent, label, arc) = {
            let record = self.node(node);
            (record.parent, record.label, record.arc)
        };
        let root = self.canonical(node);
        let mut alternatives = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            let child = self.new_node(parent, label, arc);
            let record = self.node_mut(child);
            record.kinds = candidate.kinds;
            record.scalar = candidate.scalar;
            record.origin = candidate.origin;
            record.trial_root = Some(root);
            record.noncyclic = true;
            if !candidate.bounds.is_empty() {
                record.rare_mut().bounds = candidate.bounds;
                self.settle_bounds(child);
            }
            self.node_mut(child).state = State::Final;
            if self.node(child).errors.is_empty() {
                alternatives.push(Alternative { node: child, mode: candidate.mode });
            }
        }
        self.node_mut(node).rare_mut().alternatives = alternatives;
    }
}
