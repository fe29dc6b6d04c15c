//! Lining up a patch with its base, by the markers on the patch's fields.
//!
//! Invariant: only lists and the fields that a marker replaces are touched; afterwards plain
//! unification gives the strategic merge.
//!
//! A list of the patch is lined up with the base's list of the same path:
//! - `+patchStrategy=replace`: the base's items give way to the patch's.
//! - `+patchKey=K`, also of a field further out: the patch's items move beside the base's items
//!   with the same key, the others behind them; with `retainKeys` of the list's own, the base's
//!   matched items give way.
//! - neither: item by item.
//!
//! Any other field with `+patchStrategy=retainKeys` of its own replaces the base's.
//!
//! One difference from KubeVela: it reads keys from the text of a literal and gives up on
//! `*"a" | string`, so that its result depends on how a template is written. Here a choice with
//! one default counts as that default.

use std::collections::BTreeMap;
use std::sync::Arc;

use platformc_cue::{Tree, TreeField, TreeKind, TreeLabel, TreeList, TreeStruct};
use platformc_source::Origin;

use super::Markers;

/// Structs nest this deep at most; deeper parts are unified as they are.
const MAX_DEPTH: usize = 256;

/// More keys than people write for one list would only cost time.
const MAX_KEYS: usize = 16;

/// Lines up the fields of two structs.
pub(super) fn align(base: &mut Tree, patch: &mut Tree) {
    structs(base, patch, None, 0);
}

fn structs(base: &mut Tree, patch: &mut Tree, key: Option<&Arc<str>>, depth: usize) {
    let (TreeKind::Struct(base), TreeKind::Struct(patch)) = (&mut base.kind, &mut patch.kind)
    else {
        return;
    };
    if depth >= MAX_DEPTH {
        return;
    }
    for field in &mut patch.fields {
        let TreeLabel::Regular(name) = &field.label else { continue };
        let markers = Markers::read(&field.docs);
        let Some(target) = regular_mut(base, name) else { continue };
        let key = markers.key.as_ref().or(key);
        if matches!(field.value.kind, TreeKind::List(_)) {
            lists(&mut target.value, &mut field.value, key, &markers, depth);
        } else if markers.is("retainKeys") {
            // The patch's value stands alone, its own lists included.
            target.value = Tree::new(TreeKind::Top, Origin::NONE);
        } else {
            structs(&mut target.value, &mut field.value, key, depth + 1);
        }
    }
}

fn regular_mut<'t>(tree: &'t mut TreeStruct, name: &str) -> Option<&'t mut TreeField> {
    tree.fields
        .iter_mut()
        .find(|field| matches!(&field.label, TreeLabel::Regular(label) if &**label == name))
}

fn lists(
    base_tree: &mut Tree,
    patch_tree: &mut Tree,
    key: Option<&Arc<str>>,
    markers: &Markers,
    depth: usize,
) {
    let (TreeKind::List(base), TreeKind::List(patch)) = (&mut base_tree.kind, &mut patch_tree.kind)
    else {
        return;
    };
    if markers.is("replace") {
        base_tree.kind = TreeKind::Top;
        return;
    }
    // The base's list is open to further items, whatever it says.
    if base.rest.is_none() {
        base.rest = Some(Tree::new(TreeKind::Top, base_tree.origin));
    }
    if let Some(key) = key {
        keyed(base, patch, key, markers.is("retainKeys"));
    }
    for (base, patch) in base.items.iter_mut().zip(&mut patch.items) {
        structs(base, patch, key, depth + 1);
    }
}

/// Moves the patch's items beside the base's items with the same key.
///
/// As in KubeVela: items of the base without a key do not count for positions, an item of the
/// patch without a key is dropped where others have one, and of several items of the patch with
/// one key the last counts. Unlike there, several keys are tried for every item in turn, so that
/// the base's items need not be grouped by key, and a key that no item of the patch has does not
/// turn the whole merge off.
fn keyed(base: &mut TreeList, patch: &mut TreeList, keys: &str, retain: bool) {
    let keys: Vec<Vec<&str>> =
        keys.split(',').take(MAX_KEYS).map(|key| key.split('.').collect()).collect();
    let mut by_key: Vec<BTreeMap<String, usize>> = Vec::with_capacity(keys.len());
    for key in &keys {
        let mut by_value = BTreeMap::new();
        for (at, item) in patch.items.iter().enumerate() {
            match key_of(item, key) {
                Key::Absent => {}
                Key::Open => return,
                Key::Value(value) => {
                    by_value.insert(value, at);
                }
            }
        }
        by_key.push(by_value);
    }
    let bare = patch.items.is_empty() && patch.rest.is_none();
    if by_key.iter().all(BTreeMap::is_empty) && !bare {
        // Nothing to line up by: item by item. `[...{…}]` says something about every item.
        return;
    }
    let mut taken = vec![false; patch.items.len()];
    let mut replaced = Vec::new();
    let mut order: Vec<Option<usize>> = Vec::with_capacity(base.items.len() + patch.items.len());
    for (at, item) in base.items.iter().enumerate() {
        let mut has_key = false;
        let mut partner = None;
        for (key, by_value) in keys.iter().zip(&by_key) {
            match key_of(item, key) {
                Key::Absent => {}
                Key::Open => return,
                Key::Value(value) => {
                    has_key = true;
                    partner = partner.or(by_value.get(&value).copied().filter(|at| !taken[*at]));
                }
            }
        }
        if let Some(partner) = partner {
            taken[partner] = true;
            if retain {
                replaced.push(at);
            }
        }
        if has_key {
            order.push(partner);
        }
    }
    for at in replaced {
        base.items[at].kind = TreeKind::Top;
    }
    let mut named: Vec<usize> = by_key.iter().flat_map(BTreeMap::values).copied().collect();
    named.sort_unstable();
    named.dedup();
    order.extend(named.into_iter().filter(|at| !taken[*at]).map(Some));
    let mut items: Vec<Option<Tree>> =
        std::mem::take(&mut patch.items).into_iter().map(Some).collect();
    patch.items = order
        .into_iter()
        .map(|at| at.and_then(|at| items[at].take()).unwrap_or_else(anything))
        .collect();
    patch.rest = Some(anything());
}

fn anything() -> Tree {
    Tree::new(TreeKind::Top, Origin::NONE)
}

enum Key {
    Absent,
    /// There, and no concrete scalar.
    Open,
    Value(String),
}

/// The value of a key in an item, as text that tells kinds apart.
fn key_of(item: &Tree, path: &[&str]) -> Key {
    let mut at = item.resolve_default();
    for name in path {
        let TreeKind::Struct(fields) = &at.kind else { return Key::Absent };
        let Some(field) = fields.regular(name) else { return Key::Absent };
        if field.arc != platformc_cue::ArcKind::Member {
            return Key::Absent;
        }
        at = field.value.resolve_default();
    }
    match &at.kind {
        TreeKind::String(text) => Key::Value(format!("s{text}")),
        TreeKind::Number(number) => Key::Value(format!("n{number}")),
        TreeKind::Bool(value) => Key::Value(format!("b{value}")),
        TreeKind::Null => Key::Value("null".to_owned()),
        _ => Key::Open,
    }
}
