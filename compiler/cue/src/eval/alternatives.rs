//! Choosing among the alternatives of disjunctions.
//!
//! Each alternative of a node's first undecided disjunction is tried in a node of its own, the
//! *trial*, which has the conjuncts of the node with the alternative in place of the disjunction;
//! a trial that meets a further disjunction does the same. Trials that fail are dropped; one that
//! survives alone takes the node's place. Defaults follow the specification's rules for value and
//! default pairs (CUE specification, "Default values"): combining takes the greater [`Mode`].

use super::fail::bottom;
use super::node::{Disjunction, DisjunctionSource};
use super::{Alternative, Conj, Eval, Mode, NodeId, State, Stop, Unit, X};
use crate::ir::{ArcType, Decl, Expr, ExprKind};
use crate::kind::Kinds;
use crate::tree::{Bottom, ErrorCode, Reason};

impl<'p> Unit<'p> {
    /// Adds the alternative of an index to a trial.
    pub(crate) fn add_alternative(
        &mut self,
        node: NodeId,
        disjunction: Disjunction<'p>,
        index: u32,
    ) {
        let index = index as usize;
        let Disjunction { env, ci, .. } = disjunction;
        match disjunction.source {
            DisjunctionSource::Expr(alternatives) => {
                if let Some((expr, _)) = alternatives.get(index) {
                    self.add_expr(node, expr, env, ci);
                }
            }
            DisjunctionSource::Tree(alternatives) => {
                if let Some(alternative) = alternatives.get(index) {
                    self.add_tree(node, &alternative.value, ci);
                }
            }
            DisjunctionSource::Nodes(list, _) => {
                if let Some(item) = self.node_lists[list as usize].get(index).copied() {
                    self.add(node, Conj { x: X::Node(item), env, ci });
                }
            }
        }
    }

    fn modes(&self, source: DisjunctionSource<'p>) -> Vec<Mode> {
        let marks: Vec<bool> = match source {
            DisjunctionSource::Expr(alternatives) => {
                alternatives.iter().map(|(_, mark)| *mark).collect()
            }
            DisjunctionSource::Tree(alternatives) => {
                alternatives.iter().map(|alternative| alternative.default).collect()
            }
            DisjunctionSource::Nodes(list, _) => vec![false; self.node_lists[list as usize].len()],
        };
        let marked = marks.iter().any(|mark| *mark);
        marks
            .into_iter()
            .map(|mark| match (marked, mark) {
                (false, _) => Mode::Maybe,
                (true, true) => Mode::Default,
                (true, false) => Mode::NotDefault,
            })
            .collect()
    }

    /// Makes the choice of a node's first disjunction, and with it all others.
    pub(crate) fn choose(&mut self, node: NodeId) -> Eval<()> {
        let Some(disjunction) =
            self.node(node).rare.as_ref().and_then(|rare| rare.disjunctions.first().copied())
        else {
            return Ok(());
        };
        if self.choose_scalar(node) {
            return Ok(());
        }
        if self.node(node).rare.as_ref().is_none_or(|rare| rare.trials.is_none()) {
            let trials = self.make_trials(node, disjunction);
            self.node_mut(node).rare_mut().trials = Some(trials);
        }
        let trials =
            self.node(node).rare.as_ref().and_then(|rare| rare.trials.clone()).unwrap_or_default();
        let mut blocked = false;
        for (trial, _) in &trials {
            match self.need(*trial, State::Final) {
                Ok(_) => {}
                Err(Stop::Blocked) => blocked = true,
                Err(Stop::Error(error)) => self.report(*trial, *error),
            }
            if self.exhausted {
                self.fail_budget(node);
                return Ok(());
            }
        }
        if blocked {
            return Err(Stop::Blocked);
        }
        let mut survivors: Vec<Alternative> = Vec::new();
        let mut failures: Vec<Bottom> = Vec::new();
        // A default that only fails together with a further disjunction takes its mark with it.
        let lost = trials.iter().filter(|(_, mode)| *mode == Mode::Default).all(|(trial, _)| {
            self.failure(self.deref(*trial)).is_some()
                && self.node(*trial).rare.as_ref().is_some_and(|rare| rare.trials.is_some())
        });
        // What still lacks something gives way to an alternative that lacks nothing.
        let some_complete = trials.iter().any(|(trial, _)| {
            let end = self.deref(*trial);
            self.failure(end).is_none() && self.lack(end).is_none()
        });
        for (trial, mode) in trials {
            let mode = if lost { Mode::Maybe } else { mode };
            let end = self.deref(trial);
            if let Some(error) = self.failure(end) {
                failures.push(error);
                continue;
            }
            if some_complete && self.lack(end).is_some() {
                continue;
            }
            let record = self.node(end);
            // What a trial itself chose among keeps its marks; one whose place was taken by its
            // only survivor keeps the survivor's.
            let inner = record.alternatives().to_vec();
            if inner.is_empty() {
                let mode = self.forward_modes(trial, mode);
                self.add_survivor(&mut survivors, Alternative { node: end, mode });
            }
            for alternative in inner {
                let mode = mode.max(alternative.mode);
                let node = alternative.node;
                self.add_survivor(&mut survivors, Alternative { node, mode });
            }
            if self.exhausted {
                self.fail_budget(node);
                return Ok(());
            }
        }
        self.conclude(node, survivors, failures);
        Ok(())
    }

    /// The mode of a chain of trials, each the only survivor of the one before.
    fn forward_modes(&self, trial: NodeId, mode: Mode) -> Mode {
        let mut mode = mode;
        let mut at = trial;
        while let Some(next) = self.node(at).forward {
            if let Some(inner) = self.node(at).rare.as_ref().and_then(|rare| rare.mode) {
                mode = mode.max(inner);
            }
            at = next;
        }
        mode
    }

    fn add_survivor(&mut self, survivors: &mut Vec<Alternative>, new: Alternative) {
        // Comparing each with each is work too: without this, choices that multiply take hours.
        for known in survivors.iter_mut() {
            self.charge(4);
            if self.equal(known.node, new.node) {
                // The same value twice: a default if either is.
                if known.mode != new.mode
                    && (known.mode == Mode::Default || new.mode == Mode::Default)
                {
                    known.mode = Mode::Default;
                } else {
                    known.mode = known.mode.min(new.mode);
                }
                return;
            }
        }
        survivors.push(new);
    }

    fn conclude(&mut self, node: NodeId, survivors: Vec<Alternative>, failures: Vec<Bottom>) {
        self.progress += 1;
        match survivors.as_slice() {
            [] => {
                let count = failures.len();
                let span = self.node(node).kind_span;
                let structural = !failures.is_empty()
                    && failures.iter().all(|error| error.code == ErrorCode::StructuralCycle);
                let user = !failures.is_empty()
                    && failures.iter().all(|error| error.code == ErrorCode::User);
                if count == 1 {
                    if let Some(only) = failures.into_iter().next() {
                        self.report(node, only);
                    }
                } else {
                    let code = if structural {
                        ErrorCode::StructuralCycle
                    } else if user {
                        ErrorCode::User
                    } else {
                        ErrorCode::Eval
                    };
                    let mut error =
                        bottom(code, format!("{count} errors in empty disjunction:"), span)
                            .because(Reason::Disjunction);
                    error.spans =
                        failures.iter().flat_map(|cause| cause.spans.iter().copied()).collect();
                    error.spans.truncate(8);
                    error.causes = failures;
                    self.report(node, error);
                }
            }
            [only] => {
                self.node_mut(node).rare_mut().mode = Some(only.mode);
                if only.node != node {
                    let arc = self.node(node).arc;
                    self.node_mut(only.node).arc = arc;
                    self.node_mut(node).forward = Some(only.node);
                }
            }
            _ => {
                self.node_mut(node).rare_mut().alternatives = survivors;
            }
        }
    }

    fn make_trials(&mut self, node: NodeId, disjunction: Disjunction<'p>) -> Vec<(NodeId, Mode)> {
        let modes = self.modes(disjunction.source);
        let root = self.canonical(node);
        let (parent, label, arc) = {
            let record = self.node(node);
            (record.parent, record.label, record.arc)
        };
        let conjs = self.node(node).conjs.clone();
        let choices = self.node(node).choices.clone();
        let mut trials = Vec::with_capacity(modes.len());
        for (index, mode) in modes.into_iter().enumerate() {
            if let DisjunctionSource::Expr(alternatives) = disjunction.source
                && alternatives.len() > 1
                && self.excluded(node, &alternatives[index].0)
            {
                continue;
            }
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            let trial = self.new_node(parent, label, arc);
            let declarations = self.node(node).declarations.clone();
            let record = self.node_mut(trial);
            record.conjs.clone_from(&conjs);
            record.trial_root = Some(root);
            record.choices = choices.with(disjunction.key, index);
            record.declarations = declarations;
            trials.push((trial, mode));
        }
        // With everything excluded, the first two are tried for the sake of their errors.
        if trials.is_empty()
            && let DisjunctionSource::Expr(alternatives) = disjunction.source
        {
            for index in 0..alternatives.len().min(8) {
                let index = u32::try_from(index).unwrap_or(u32::MAX);
                let trial = self.new_node(parent, label, arc);
                let record = self.node_mut(trial);
                record.conjs.clone_from(&conjs);
                record.trial_root = Some(root);
                record.choices = choices.with(disjunction.key, index);
                trials.push((trial, Mode::Maybe));
            }
        }
        trials
    }

    /// Whether an alternative cannot hold, told without trying it: its kind does not fit, or a
    /// literal field of it contradicts one that is known.
    fn excluded(&self, node: NodeId, alternative: &'p Expr) -> bool {
        let record = self.node(node);
        match &alternative.kind {
            ExprKind::Struct(literal) => {
                if literal.has_fields && !record.kinds.contains(Kinds::STRUCT) {
                    return true;
                }
                literal.decls.iter().any(|decl| {
                    let Decl::Field { label, value, info } = decl else { return false };
                    if info.arc != ArcType::Member {
                        return false;
                    }
                    let Some(wanted) = super::expand::literal_atom(value) else { return false };
                    let Some(field) = record.find(*label) else { return false };
                    if self.node(field).arc != ArcType::Member {
                        return false;
                    }
                    self.node(field).conjs.iter().any(|conj| match conj.x {
                        X::Expr(expr) => {
                            super::expand::literal_atom(expr).is_some_and(|known| known != wanted)
                        }
                        X::Value(value) => {
                            super::Atom::from_data(&value.data).is_none_or(|known| known != wanted)
                        }
                        _ => false,
                    })
                })
            }
            ExprKind::List(_) => !record.kinds.contains(Kinds::LIST),
            ExprKind::Type(kinds, _) => (record.kinds & *kinds).is_empty(),
            _ => match super::expand::literal_atom(alternative) {
                Some(atom) => {
                    !record.kinds.contains(atom.kind())
                        || record.scalar.as_ref().is_some_and(|known| *known != atom)
                }
                None => false,
            },
        }
    }

    /// The error of a final node that more information could mend.
    fn lack(&self, node: NodeId) -> Option<&Bottom> {
        let record = self.node(node);
        let own = record.rare.as_ref().and_then(|rare| rare.incomplete.first());
        own.or(record.child_error.as_deref().filter(|error| error.code.is_incomplete()))
    }

    /// The error that rules a final node out as an alternative.
    pub(crate) fn failure(&self, node: NodeId) -> Option<Bottom> {
        let record = self.node(node);
        if let Some(error) = record.errors.first() {
            return Some(error.clone());
        }
        record
            .child_error
            .as_ref()
            .filter(|error| !error.code.is_incomplete())
            .map(|error| (**error).clone())
    }
}
