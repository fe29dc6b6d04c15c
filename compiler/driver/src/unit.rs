//! Units: what the pipeline runs, and what each of them yields.
//!
//! Invariant: a unit is pure and goes all the way, from documents to bytes, before its values are
//! dropped; units are gathered in the order of their keys, whatever thread made them.

use platformc_emit::Artifact;
use platformc_graph::Fragment;

use crate::delivery::Footprint;

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
    /// Its part of the graph.
    pub(crate) fragment: Fragment,
}
