//! The evaluator: an arena of nodes brought forward through monotone states.
//!
//! Invariant: a node only gains information. Its state moves `New → Expanded` (every conjunct
//! processed, the set of fields known) `→ Resolved` (choices made, the scalar known) `→ Final`
//! (all fields below final, closedness checked). Work that waits for a node that is being worked
//! on stays with its node as a *task* and is tried again; when a whole round makes no progress, the
//! first task that waits is decided with what is known (a cycle), in an order that depends on the
//! text alone. Native recursion follows references and nesting only within a checked depth, on a
//! stack that grows.

mod alternatives;
mod arithmetic;
mod atom;
mod bounds;
mod builtins;
mod closed;
mod comprehension;
mod cycle;
mod engine_calls;
mod equal;
mod expand;
mod export;
mod expr;
mod fail;
mod foreign;
mod list;
mod node;
mod order;
mod prepare;
mod reference;
mod resolve;
mod run;
mod scalars;
mod select;
mod strict;
mod unify_trees;
mod unit;

pub(crate) use atom::Atom;
pub(crate) use node::{
    Alternative, Arc, Chain, ChainId, Ci, Conj, Env, EnvId, Mode, Node, Pattern, Scope, ScopeId,
    ScopeKind, State, Task, TaskKind, X,
};
pub use strict::check;
pub use unify_trees::unify_trees;
pub use unit::{Options, Unit};

use crate::tree::Bottom;

/// A node of a unit's arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(crate) u32);

/// Why an evaluation stops without a value.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It waits for a node that is being worked on.
    Blocked,
    /// It has no value.
    Error(Box<Bottom>),
}

impl From<Bottom> for Stop {
    fn from(bottom: Bottom) -> Stop {
        Stop::Error(Box::new(bottom))
    }
}

pub(crate) type Eval<T> = Result<T, Stop>;

/// What an expression evaluates to.
#[derive(Clone, Debug)]
pub(crate) enum Val {
    Atom(Atom),
    Node(NodeId),
}
