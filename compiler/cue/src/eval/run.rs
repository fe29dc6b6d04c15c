//! Bringing nodes forward, and breaking deadlocks.

use super::{Eval, NodeId, State, Stop, Unit};
use crate::tree::{Bottom, ErrorCode, Reason};

/// Stack left when evaluation moves to a new segment, and the size of a segment, in bytes.
pub(crate) const RED_ZONE: usize = 128 * 1024;
pub(crate) const SEGMENT: usize = 4 * 1024 * 1024;
/// Rounds after which waiting counts as a deadlock.
const ROUNDS: u32 = 256;

impl<'p> Unit<'p> {
    /// The node that stands for this one by now.
    pub(crate) fn deref(&self, mut node: NodeId) -> NodeId {
        while let Some(next) = self.node(node).forward {
            node = next;
        }
        node
    }

    /// Brings a node to a state, or says that it waits.
    pub(crate) fn demand(&mut self, node: NodeId, want: State) -> Eval<NodeId> {
        let node = self.deref(node);
        let state = self.node(node).state;
        if state >= want {
            return Ok(node);
        }
        if self.exhausted {
            self.fail_budget(node);
            return Ok(node);
        }
        if self.node(node).busy {
            return if self.give_up { Ok(node) } else { Err(Stop::Blocked) };
        }
        if self.depth >= self.options.depth {
            self.fail_budget(node);
            return Ok(node);
        }
        self.depth += 1;
        let force = std::mem::take(&mut self.force);
        self.node_mut(node).busy = true;
        let result = stacker::maybe_grow(RED_ZONE, SEGMENT, || self.advance(node, want));
        self.node_mut(node).busy = false;
        self.force = force;
        self.depth -= 1;
        result?;
        // A choice may have put another node in this one's place.
        let after = self.deref(node);
        if after != node { self.demand(after, want) } else { Ok(node) }
    }

    fn advance(&mut self, node: NodeId, want: State) -> Eval<()> {
        if self.node(node).state < State::Expanded {
            self.expand(node)?;
            self.enter(node, State::Expanded);
        }
        if want >= State::Resolved && self.node(node).state < State::Resolved {
            self.resolve(node)?;
            self.enter(node, State::Resolved);
        }
        if self.node(node).forward.is_some() {
            return Ok(());
        }
        if want >= State::Final && self.node(node).state < State::Final {
            self.finalize(node)?;
            self.enter(node, State::Final);
        }
        Ok(())
    }

    fn enter(&mut self, node: NodeId, state: State) {
        self.node_mut(node).state = state;
        self.progress += 1;
    }

    /// Like [`Unit::demand`], but a task that must be decided takes what is known.
    pub(crate) fn need(&mut self, node: NodeId, want: State) -> Eval<NodeId> {
        match self.demand(node, want) {
            Err(Stop::Blocked) if self.force || self.give_up => Ok(self.deref(node)),
            other => other,
        }
    }

    /// Brings a node to a state, whatever waits: the outermost call.
    pub(crate) fn drive(&mut self, node: NodeId, want: State) -> NodeId {
        let mut rounds = 0_u32;
        loop {
            let before = self.progress;
            rounds += 1;
            self.waiting = None;
            match self.demand(node, want) {
                Ok(node) => return node,
                Err(Stop::Error(error)) => {
                    let node = self.deref(node);
                    self.node_mut(node).errors.push(*error);
                    self.node_mut(node).state = State::Final;
                    return node;
                }
                Err(Stop::Blocked) => {
                    // Tasks that only repeat what they made before look like progress.
                    if self.progress == before || rounds > ROUNDS {
                        self.break_deadlock();
                    }
                }
            }
        }
    }

    /// Decides the task that waited first in the last round.
    fn break_deadlock(&mut self) {
        if let Some((node, task)) = self.waiting
            && let Some(rare) = &mut self.nodes[node.0 as usize].rare
            && let Some(task) = rare.tasks.get_mut(task as usize)
            && !task.forced
        {
            task.forced = true;
            return;
        }
        // Nothing waits that could be decided alone: decide everything.
        self.give_up = true;
    }

    /// Counts one step; past the budget everything still to do fails.
    pub(crate) fn step(&mut self) {
        self.charge(1);
    }

    /// Counts work that is worth so many steps.
    pub(crate) fn charge(&mut self, steps: usize) {
        self.steps = self.steps.saturating_add(steps as u64);
        if self.steps > self.options.steps {
            self.exhausted = true;
        }
    }

    /// Ends a node because the budget is used up.
    pub(crate) fn fail_budget(&mut self, node: NodeId) {
        if self.node(node).state == State::Final {
            return;
        }
        let path = self.path(node);
        let span = self.node(node).origin.span;
        let record = self.node_mut(node);
        record.state = State::Final;
        record.errors.push(Bottom {
            code: ErrorCode::Eval,
            message: "evaluation exceeds its budget of steps, depth or size".to_owned(),
            path,
            spans: vec![span],
            expression: None,
            causes: Vec::new(),
            reason: Reason::Budget,
        });
    }
}
