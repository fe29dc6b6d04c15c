//! Units: what the pipeline runs, and what each of them yields.
//!
//! Invariant: a unit is pure and goes all the way, from documents to bytes, before its values are
//! dropped; units are gathered in the order of their keys, whatever thread made them.

use std::borrow::Cow;

use platformc_emit::terraform::Stack;
use platformc_emit::{Artifact, Input};
use platformc_graph::Fragment;
use platformc_source::FileId;

use crate::delivery::Footprint;
use crate::whole_graph::Delivery;

/// Which unit something belongs to. The order of keys is the order of everything gathered.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct UnitKey {
    /// The environment.
    pub(crate) environment: String,
    /// What sort of unit: `application`, `stack`, `workflow`.
    pub(crate) kind: &'static str,
    /// Its name, one of its kind in the environment.
    pub(crate) id: String,
}

/// A unit that has run.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    /// Which one.
    pub(crate) key: UnitKey,
    /// What it yielded.
    pub(crate) output: UnitOutput,
}

/// What a unit yields.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnitOutput {
    /// How many Kubernetes objects there are.
    pub(crate) resources: usize,
    /// Every file.
    pub(crate) artifacts: Vec<Artifact>,
    /// What Argo CD has to allow.
    pub(crate) footprint: Footprint,
    /// What Argo CD delivers of it: these Applications are written once it is known what comes
    /// before what.
    pub(crate) deliveries: Vec<Delivery>,
    /// Its part of the graph.
    pub(crate) fragment: Fragment,
    /// Its Terraform stacks; they are linked with all others of the environment and written then.
    pub(crate) stacks: Vec<Stack>,
    /// The files it was made from.
    pub(crate) files: Vec<FileId>,
    /// What else it was made from.
    pub(crate) inputs: Vec<Input>,
}

impl UnitKey {
    /// The name of the unit's record: an Application's own name, which no other sort of unit can
    /// have.
    pub(crate) fn record(&self) -> Cow<'_, str> {
        match self.kind {
            crate::application::KIND => Cow::Borrowed(&self.id),
            kind => Cow::Owned(format!("{kind}/{}", self.id)),
        }
    }
}

impl UnitOutput {
    /// Whether anything is written for it.
    pub(crate) fn has_output(&self) -> bool {
        !self.artifacts.is_empty() || !self.stacks.is_empty()
    }
}
