//! Concluding: choices, scalars, bounds, closedness, and the nodes below.

use super::fail::bottom;
use super::node::{Validator, ValidatorKind};
use super::{Eval, NodeId, State, Stop, Unit};
use crate::ir::ArcType;
use crate::kind::Kinds;
use crate::label::Label;
use crate::tree::{Bottom, ErrorCode, Reason};

impl<'p> Unit<'p> {
    /// Makes choices and settles what the node is.
    pub(crate) fn resolve(&mut self, node: NodeId) -> Eval<()> {
        if self.node(node).cyclic && !self.node(node).noncyclic {
            let span = self.first_span(node);
            let error = bottom(ErrorCode::StructuralCycle, "structural cycle", span);
            self.report(node, error);
            // What lies below is the cycle itself.
            self.node_mut(node).clear_arcs();
            return Ok(());
        }
        if !self.node(node).errors.is_empty() {
            return Ok(());
        }
        if self.node(node).rare.as_ref().is_some_and(|rare| !rare.disjunctions.is_empty()) {
            return self.choose(node);
        }
        self.settle_kind(node);
        self.settle_bounds(node);
        if self.node(node).scalar.is_some() {
            self.run_validators(node)?;
        }
        Ok(())
    }

    /// A literal that embeds nothing after all is a struct; fields need one, or hidden fields and
    /// definitions beside a scalar.
    fn settle_kind(&mut self, node: NodeId) {
        let record = self.node(node);
        let structural = Kinds::STRUCT;
        let has_bounds = record.rare.as_ref().is_some_and(|rare| {
            !rare.bounds.is_empty() || !rare.validators.is_empty() || !rare.incomplete.is_empty()
        });
        if record.maybe_struct
            && record.kinds == Kinds::ALL
            && record.scalar.is_none()
            && !has_bounds
            && record.rare.as_ref().is_none_or(|rare| {
                rare.tasks
                    .iter()
                    .all(|task| task.done && !matches!(task.kind, super::TaskKind::Expr(_)))
                    || !record.arcs.is_empty()
            })
        {
            self.node_mut(node).kinds = structural;
            return;
        }
        let regular = record
            .arcs
            .iter()
            .find(|arc| {
                matches!(arc.label, Label::Name(_))
                    && arc.label.is_regular()
                    && self.node(arc.node).arc == ArcType::Member
            })
            .copied();
        if let Some(arc) = regular
            && record.kinds != structural
            && record.errors.is_empty()
        {
            let span = self.field_span(arc.node);
            self.restrict(node, structural, span);
        }
    }

    fn first_span(&self, node: NodeId) -> platformc_source::Span {
        self.node(node)
            .conjs
            .iter()
            .find_map(|conj| match conj.x {
                super::X::Expr(expr) => Some(expr.span),
                _ => None,
            })
            .unwrap_or(self.node(node).origin.span)
    }

    /// Brings everything below a node to its end.
    pub(crate) fn finalize(&mut self, node: NodeId) -> Eval<()> {
        if !self.node(node).errors.is_empty() {
            return Ok(());
        }
        if !self.node(node).alternatives().is_empty() {
            return Ok(());
        }
        if self.node(node).is_list() {
            self.fill_list(node);
        }
        self.check_closed(node);
        let mut blocked = false;
        let mut worst: Option<Box<Bottom>> = None;
        let mut index = 0;
        while let Some(arc) = self.node(node).arcs.get(index).copied() {
            index += 1;
            if self.node(arc.node).arc != ArcType::Member {
                continue;
            }
            match self.demand(arc.node, State::Final) {
                Ok(child) => self.note_child(child, &mut worst),
                Err(Stop::Blocked) => blocked = true,
                Err(Stop::Error(error)) => self.report(arc.node, *error),
            }
            if self.exhausted {
                self.fail_budget(node);
                return Ok(());
            }
        }
        // A late field may have undone what was concluded.
        if self.node(node).state < State::Resolved {
            return Err(Stop::Blocked);
        }
        if blocked {
            return Err(Stop::Blocked);
        }
        self.node_mut(node).child_error = worst;
        self.run_validators(node)
    }

    fn note_child(&self, child: NodeId, worst: &mut Option<Box<Bottom>>) {
        let record = self.node(child);
        let error = record
            .errors
            .first()
            .or(record.child_error.as_deref())
            .or_else(|| record.rare.as_ref().and_then(|rare| rare.incomplete.first()));
        let Some(error) = error else { return };
        let worse = worst
            .as_ref()
            .is_none_or(|known| known.code.is_incomplete() && !error.code.is_incomplete());
        if worse {
            *worst = Some(Box::new(error.clone()));
        }
    }

    /// Makes the items that an open list is demanded to have but does not name.
    fn fill_list(&mut self, node: NodeId) {
        let Some(list) = self.node(node).rare.as_ref().and_then(|rare| rare.list.clone()) else {
            return;
        };
        let length = list.length.unwrap_or(list.minimum);
        if (self.node(node).arcs.len() as u64) >= u64::from(length) {
            return;
        }
        for index in 0..length {
            if self.find_arc(node, Label::Index(index)).is_none() {
                self.arc(node, Label::Index(index), ArcType::Member);
            }
        }
    }

    /// Runs the functions that constrain a node, once its value is known.
    fn run_validators(&mut self, node: NodeId) -> Eval<()> {
        let Some(rare) = &self.node(node).rare else { return Ok(()) };
        if rare.validators.is_empty() || rare.validated {
            return Ok(());
        }
        let structural = self.node(node).scalar.is_none();
        if structural
            && self.node(node).kinds != Kinds::LIST
            && self.node(node).kinds != Kinds::STRUCT
        {
            return Ok(());
        }
        let validators: Vec<Validator> = rare.validators.clone();
        self.node_mut(node).rare_mut().validated = true;
        for validator in validators {
            match self.validate(node, &validator) {
                Ok(()) => {}
                Err(Stop::Blocked) => {
                    // Asked again when what it waits for is known.
                    let rare = self.node_mut(node).rare_mut();
                    rare.validated = false;
                    rare.pending.clear();
                    return Err(Stop::Blocked);
                }
                Err(Stop::Error(error)) => {
                    if error.code.is_incomplete() {
                        let mut error = *error;
                        error.path = self.path(node);
                        self.node_mut(node).rare_mut().pending.push(error);
                    } else {
                        self.report(node, (*error).because_bound());
                    }
                }
            }
        }
        Ok(())
    }

    /// Everything wrong at or below a node that more information cannot mend.
    pub(crate) fn collect_errors(&self, node: NodeId, found: &mut Vec<Bottom>, depth: u32) {
        let node = self.deref(node);
        let record = self.node(node);
        found.extend(record.errors.iter().cloned());
        if !record.errors.is_empty() || depth > self.options.depth || found.len() > 1_000 {
            return;
        }
        for arc in &record.arcs {
            if self.node(arc.node).arc == ArcType::Member {
                self.collect_errors(arc.node, found, depth + 1);
            }
        }
    }
}

impl Bottom {
    fn because_bound(mut self) -> Bottom {
        if self.reason == Reason::Other {
            self.reason = Reason::Bound;
        }
        self
    }
}

impl Validator {
    /// The name as CUE writes it.
    pub(crate) fn name(&self) -> String {
        match &self.kind {
            ValidatorKind::Function(function) => function.qualified(),
            ValidatorKind::Predeclared(function) => function.text().to_owned(),
        }
    }
}
