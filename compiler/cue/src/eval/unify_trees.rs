//! Unifying two trees, as the evaluator unifies the values they describe.

use super::{Ci, Conj, EnvId, Options, Unit, X};
use crate::ir::ArcType;
use crate::package::Package;
use crate::tree::Tree;

/// The tree of both trees together.
#[must_use]
pub fn unify_trees(a: &Tree, b: &Tree) -> Tree {
    let package = Package::default();
    let mut unit = Unit::new(&package, Options::default());
    let node = unit.new_node(super::NodeId::NONE, None, ArcType::Member);
    for tree in [a, b] {
        let conj = Conj { x: X::Tree(tree), env: EnvId::NONE, ci: Ci::ROOT };
        unit.node_mut(node).conjs.push(conj);
    }
    unit.tree(node)
}
