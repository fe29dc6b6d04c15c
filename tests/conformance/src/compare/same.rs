//! Equality of two trees, for leaves of the expected side that had to be evaluated.
//!
//! Invariant: `1` and `1.0` differ (their kinds do), the order of fields, alternatives and
//! conjuncts does not count, and no error equals anything.

use platformc_cue::{Tree, TreeKind, TreeStruct};
use platformc_value::Number;

/// Whether two numbers have the same kind and value.
pub(super) fn numbers(a: &Number, b: &Number) -> bool {
    a.is_int() == b.is_int() && a == b
}

/// Whether two trees say the same.
#[must_use]
pub fn same(a: &Tree, b: &Tree) -> bool {
    equal(a, b, false)
}

/// Whether two trees say the same, where errors of the same code count as the same.
#[must_use]
pub fn alike(a: &Tree, b: &Tree) -> bool {
    equal(a, b, true)
}

fn equal(a: &Tree, b: &Tree, errors: bool) -> bool {
    let same = |a: &Tree, b: &Tree| equal(a, b, errors);
    match (&a.kind, &b.kind) {
        (TreeKind::Bottom(a), TreeKind::Bottom(b)) => errors && a.code == b.code,
        (TreeKind::Top, TreeKind::Top) => true,
        (TreeKind::Null | TreeKind::Type("null"), TreeKind::Null | TreeKind::Type("null")) => true,
        (TreeKind::Bool(a), TreeKind::Bool(b)) => a == b,
        (TreeKind::Number(a), TreeKind::Number(b)) => numbers(a, b),
        (TreeKind::String(a), TreeKind::String(b)) => a == b,
        (TreeKind::Bytes(a), TreeKind::Bytes(b)) => a == b,
        (TreeKind::Type(a), TreeKind::Type(b)) => a == b,
        (TreeKind::Bound(a, x), TreeKind::Bound(b, y)) => a == b && same(x, y),
        (TreeKind::Struct(a), TreeKind::Struct(b)) => structs(a, b, &same),
        (TreeKind::List(a), TreeKind::List(b)) => {
            in_order(&a.items, &b.items, &same)
                && match (&a.rest, &b.rest) {
                    (None, None) => true,
                    (Some(a), Some(b)) => same(a, b),
                    _ => false,
                }
        }
        (TreeKind::Disjunction(a), TreeKind::Disjunction(b)) => {
            in_any_order(a, b, |a, b| a.default == b.default && same(&a.value, &b.value))
        }
        (TreeKind::Conjunction(a), TreeKind::Conjunction(b)) => in_any_order(a, b, same),
        (
            TreeKind::Validator { name: a, arguments: x },
            TreeKind::Validator { name: b, arguments: y },
        ) => a == b && in_order(x, y, &same),
        _ => false,
    }
}

fn structs(a: &TreeStruct, b: &TreeStruct, same: &dyn Fn(&Tree, &Tree) -> bool) -> bool {
    let embedded = match (&a.embedded, &b.embedded) {
        (None, None) => true,
        (Some(a), Some(b)) => same(a, b),
        _ => false,
    };
    embedded
        && in_any_order(&a.fields, &b.fields, |a, b| {
            a.label == b.label && a.arc == b.arc && same(&a.value, &b.value)
        })
}

fn in_order(a: &[Tree], b: &[Tree], same: &dyn Fn(&Tree, &Tree) -> bool) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

fn in_any_order<T>(a: &[T], b: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    let mut used = vec![false; b.len()];
    a.len() == b.len()
        && a.iter().all(|a| match (0..b.len()).find(|&at| !used[at] && same(a, &b[at])) {
            Some(at) => {
                used[at] = true;
                true
            }
            None => false,
        })
}
