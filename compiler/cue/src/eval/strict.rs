//! Checking a value against a field as though the field were a definition.

use platformc_value::Value;

use super::{Ci, Conj, EnvId, Options, Scope, ScopeKind, Unit, X};
use crate::ir::ArcType;
use crate::label::Label;
use crate::package::Package;
use crate::tree::Bottom;

/// Everything wrong with `value` as the field `name` of a package, undeclared fields included:
/// the field's declarations are closed as those of a definition are. `others` are further values
/// given to the package's inputs. What the package itself makes of the field is not touched.
///
/// Returns errors and what is not concrete; paths begin with the field's name.
#[must_use]
pub fn check(
    package: &Package,
    name: &str,
    value: &Value,
    others: &[(&str, &Value)],
    options: Options,
) -> Vec<Bottom> {
    let mut unit = Unit::new(package, options);
    for (name, value) in others {
        unit.inject(name, value);
    }
    let root = unit.root();
    let root = unit.drive(root, super::State::Expanded);
    let label = Label::identifier(name, &package.name);
    let Some(field) = unit.find_arc(root, label) else {
        return Vec::new();
    };
    // The field's own conjuncts under a definition's scope, the value outside of it.
    let node = unit.new_node(root, Some(label), ArcType::Member);
    let scope = unit.new_scope(Scope {
        parent: super::ScopeId::ROOT,
        kind: ScopeKind::Definition,
        embedded: false,
        node,
    });
    let closed = Ci { scope, ..Ci::ROOT };
    let conjs = unit.node(field).conjs.clone();
    for conj in conjs {
        if matches!(conj.x, X::Top) {
            continue;
        }
        let conj = Conj { ci: closed, ..conj };
        unit.node_mut(node).conjs.push(conj);
    }
    let conj = Conj { x: X::Value(value), env: EnvId::NONE, ci: Ci::ROOT };
    unit.node_mut(node).conjs.push(conj);
    match unit.value(node) {
        Ok(_) => Vec::new(),
        Err(errors) => errors,
    }
}
