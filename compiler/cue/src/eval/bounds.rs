//! Bounds: `>=0`, `!="a"`, `=~"^a"`.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::sync::Arc;

use platformc_source::Span;
use platformc_value::{BoundOp, Number};
use rustc_hash::FxHashMap;

use super::fail::{bottom, failed};
use super::node::BoundConj;
use super::{Atom, Ci, EnvId, Eval, NodeId, State, Unit, Val};
use crate::ir::{BoundKind, Expr};
use crate::kind::Kinds;
use crate::label::Label;
use crate::print::bound_text;
use crate::tree::{ErrorCode, Reason};

thread_local! {
    static PATTERNS: RefCell<FxHashMap<Arc<str>, Option<regex::bytes::Regex>>> =
        RefCell::default();
}

/// Whether a regular expression (RE2 syntax) matches somewhere in a text.
pub(crate) fn matches(pattern: &Arc<str>, text: &[u8], span: Span) -> Eval<bool> {
    let found = PATTERNS.with_borrow_mut(|patterns| {
        if patterns.len() > 1_024 {
            patterns.clear();
        }
        patterns
            .entry(pattern.clone())
            .or_insert_with(|| {
                regex::bytes::RegexBuilder::new(pattern).size_limit(1 << 20).build().ok()
            })
            .as_ref()
            .map(|regex| regex.is_match(text))
    });
    found.ok_or_else(|| failed(format!("invalid regexp \"{pattern}\""), span))
}

/// The kinds a bound leaves.
pub(crate) fn bound_kinds(op: BoundOp, operand: &Atom) -> Kinds {
    match op {
        BoundOp::NotEqual => match operand {
            Atom::Null => Kinds(Kinds::ALL.0 & !Kinds::NULL.0),
            _ => Kinds::ALL,
        },
        BoundOp::Match | BoundOp::NotMatch => Kinds::STRING | Kinds::BYTES,
        _ => match operand {
            Atom::Number(_) => Kinds::NUMBER,
            Atom::String(_) => Kinds::STRING,
            Atom::Bytes(_) => Kinds::BYTES,
            Atom::Bool(_) => Kinds::BOOL,
            Atom::Null => Kinds::NULL,
        },
    }
}

impl<'p> Unit<'p> {
    pub(crate) fn add_bound(&mut self, node: NodeId, op: BoundOp, operand: Atom, span: Span) {
        if matches!(op, BoundOp::Match | BoundOp::NotMatch) {
            let Atom::String(pattern) = &operand else {
                let message = format!("cannot use {} as a regular expression", operand.text());
                self.report(node, bottom(ErrorCode::Eval, message, span));
                return;
            };
            if matches(pattern, b"", span).is_err() {
                let message = format!("invalid regexp \"{pattern}\"");
                self.report(node, bottom(ErrorCode::Eval, message, span));
                return;
            }
        }
        self.restrict(node, bound_kinds(op, &operand), span);
        let rare = self.node_mut(node).rare_mut();
        let known = rare.bounds.iter().any(|bound| bound.op == op && bound.operand == operand);
        if !known {
            rare.bounds.push(BoundConj { op, operand, span });
        }
    }

    /// A bound whose operand had to be evaluated.
    pub(crate) fn run_bound(
        &mut self,
        node: NodeId,
        kind: BoundKind,
        operand: &'p Expr,
        span: Span,
        env: EnvId,
        ci: Ci,
    ) -> Eval<()> {
        match kind {
            BoundKind::Op(op) => {
                let atom = match self.eval(operand, env, node)? {
                    Val::Atom(atom) => atom,
                    Val::Node(target) => {
                        let known = self.known(target, operand)?;
                        let kinds = self.node(known).kinds;
                        if self.node(known).scalar.is_none()
                            && (kinds == Kinds::LIST || kinds == Kinds::STRUCT)
                        {
                            let message =
                                format!("cannot use {} for bound {}", kinds.text(), bound_text(op));
                            return Err(failed(message, span));
                        }
                        self.atom_of(known, operand)?
                    }
                };
                self.mark(node, ci);
                self.add_bound(node, op, atom, span);
            }
            BoundKind::Equal => match self.eval(operand, env, node)? {
                Val::Atom(atom) => {
                    self.mark(node, ci);
                    self.add_atom(node, atom, platformc_source::Origin::authored(span));
                }
                Val::Node(target) => {
                    let target = self.known(target, operand)?;
                    self.follow(node, target, 0, ci, false);
                }
            },
        }
        Ok(())
    }

    /// Whether a scalar satisfies a bound.
    pub(crate) fn satisfies(op: BoundOp, operand: &Atom, atom: &Atom) -> bool {
        match op {
            BoundOp::NotEqual => match (operand, atom) {
                (Atom::Number(a), Atom::Number(b)) => a.compare(b) != Ordering::Equal,
                _ => operand != atom,
            },
            BoundOp::Match | BoundOp::NotMatch => {
                let Atom::String(pattern) = operand else { return false };
                let text: &[u8] = match atom {
                    Atom::String(text) => text.as_bytes(),
                    Atom::Bytes(bytes) => bytes,
                    _ => return false,
                };
                matches(pattern, text, Span::NONE)
                    .is_ok_and(|found| found == (op == BoundOp::Match))
            }
            _ => super::arithmetic::order(atom, operand).is_some_and(|order| match op {
                BoundOp::Less => order == Ordering::Less,
                BoundOp::LessEqual => order != Ordering::Greater,
                BoundOp::Greater => order == Ordering::Greater,
                _ => order != Ordering::Less,
            }),
        }
    }

    /// Checks a node's bounds against its scalar and against each other.
    pub(crate) fn settle_bounds(&mut self, node: NodeId) {
        let Some(rare) = &self.node(node).rare else { return };
        if rare.bounds.is_empty() {
            return;
        }
        if let Some(scalar) = self.node(node).scalar.clone() {
            let bounds = rare.bounds.clone();
            for bound in bounds {
                if !Self::satisfies(bound.op, &bound.operand, &scalar) {
                    let message = format!(
                        "invalid value {} (out of bound {}{})",
                        scalar.text(),
                        bound_text(bound.op),
                        bound.operand.text()
                    );
                    let span = self.node(node).origin.span;
                    let error = bottom(ErrorCode::Eval, message, bound.span)
                        .at(span)
                        .because(Reason::Bound);
                    self.report(node, error);
                    return;
                }
            }
            return;
        }
        let kinds = self.node(node).kinds;
        let bounds = std::mem::take(&mut self.node_mut(node).rare_mut().bounds);
        match simplify(bounds, kinds) {
            Ok(bounds) => self.node_mut(node).rare_mut().bounds = bounds,
            Err((a, b)) => {
                let message = format!(
                    "incompatible bounds {}{} and {}{}",
                    bound_text(a.op),
                    a.operand.text(),
                    bound_text(b.op),
                    b.operand.text()
                );
                let error =
                    bottom(ErrorCode::Eval, message, a.span).at(b.span).because(Reason::Bound);
                self.report(node, error);
            }
        }
    }

    /// Whether a label satisfies a pattern.
    pub(crate) fn admits_label(&mut self, matcher: NodeId, label: Label) -> bool {
        let atom = Atom::String(label.shared());
        self.admits(matcher, &atom)
    }

    /// Whether a scalar satisfies everything a resolved node demands.
    pub(crate) fn admits(&mut self, matcher: NodeId, atom: &Atom) -> bool {
        let matcher = self.drive_nested(matcher, State::Resolved);
        let record = self.node(matcher);
        if !record.alternatives().is_empty() {
            let alternatives: Vec<NodeId> =
                record.alternatives().iter().map(|alternative| alternative.node).collect();
            return alternatives.into_iter().any(|node| self.admits(node, atom));
        }
        if !record.errors.is_empty() || !record.kinds.contains(atom.kind()) {
            return false;
        }
        if record.scalar.as_ref().is_some_and(|scalar| scalar != atom) {
            return false;
        }
        let Some(rare) = &record.rare else { return true };
        if !rare.bounds.iter().all(|bound| Self::satisfies(bound.op, &bound.operand, atom)) {
            return false;
        }
        let validators = rare.validators.clone();
        let subject = crate::eval::builtins::atom_value(atom);
        validators.iter().all(|validator| self.validator_holds(validator, &subject).unwrap_or(true))
    }

    /// The node at a state, if it can get there now.
    pub(crate) fn drive_nested(&mut self, node: NodeId, want: State) -> NodeId {
        self.demand(node, want).unwrap_or_else(|_| self.deref(node))
    }
}

/// Drops bounds that others imply; finds contradictions.
fn simplify(
    bounds: Vec<BoundConj>,
    kinds: Kinds,
) -> Result<Vec<BoundConj>, (BoundConj, BoundConj)> {
    let mut low: Option<BoundConj> = None;
    let mut high: Option<BoundConj> = None;
    let mut rest: Vec<BoundConj> = Vec::new();
    for bound in bounds {
        let slot = match bound.op {
            BoundOp::Greater | BoundOp::GreaterEqual => &mut low,
            BoundOp::Less | BoundOp::LessEqual => &mut high,
            _ => {
                rest.push(bound);
                continue;
            }
        };
        let Some(known) = slot else {
            *slot = Some(bound);
            continue;
        };
        let Some(order) = super::arithmetic::order(&bound.operand, &known.operand) else {
            rest.push(bound);
            continue;
        };
        let lower = matches!(bound.op, BoundOp::Greater | BoundOp::GreaterEqual);
        let strict = matches!(bound.op, BoundOp::Greater | BoundOp::Less);
        let tighter = match order {
            Ordering::Greater => lower,
            Ordering::Less => !lower,
            Ordering::Equal => strict,
        };
        if tighter {
            *slot = Some(bound);
        }
    }
    let integers = kinds == Kinds::INT;
    if let (Some(low), Some(high)) = (&low, &high)
        && let Some(order) = super::arithmetic::order(&low.operand, &high.operand)
    {
        let strict = low.op == BoundOp::Greater || high.op == BoundOp::Less;
        if order == Ordering::Greater || (order == Ordering::Equal && strict) {
            return Err((low.clone(), high.clone()));
        }
        if integers && let (Atom::Number(from), Atom::Number(to)) = (&low.operand, &high.operand) {
            let first = first_integer(from, low.op == BoundOp::Greater, 1);
            let last = first_integer(to, high.op == BoundOp::Less, -1);
            if let (Some(first), Some(last)) = (first, last)
                && first.compare(&last) == Ordering::Greater
            {
                return Err((low.clone(), high.clone()));
            }
        }
    }
    // A value ruled out that the range rules out anyway says nothing.
    let range: Vec<BoundConj> = low.into_iter().chain(high).collect();
    rest.retain(|bound| {
        bound.op != BoundOp::NotEqual
            || range.iter().all(|limit| {
                super::arithmetic::order(&bound.operand, &limit.operand).is_none()
                    || Unit::satisfies(limit.op, &limit.operand, &bound.operand)
            })
    });
    Ok(range.into_iter().chain(rest).collect())
}

/// The integer nearest to a limit on the side of `direction`.
fn first_integer(limit: &Number, strict: bool, direction: i64) -> Option<Number> {
    if let Some(whole) = limit.to_integral() {
        let whole = Number::from(whole);
        return if strict { whole.add(&Number::Int(direction)).ok() } else { Some(whole) };
    }
    let (coefficient, exponent) = limit.coefficient_exponent();
    let divisor = num_bigint::BigInt::from(10).pow(u32::try_from(-exponent).ok()?);
    let floor = Number::from(num_integer::Integer::div_floor(&coefficient, &divisor));
    if direction < 0 { Some(floor) } else { floor.add(&Number::Int(1)).ok() }
}
