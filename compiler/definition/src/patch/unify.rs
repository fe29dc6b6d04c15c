//! Unification of two trees.
//!
//! Invariant: concrete scalars, structs and lists are unified here, which is what nearly every
//! patch consists of; everything that takes the language (choices, bounds, patterns, validators)
//! goes to the engine.

use platformc_cue::{
    ArcKind, Bottom, ErrorCode, Reason, Tree, TreeField, TreeKind, TreeLabel, TreeList, TreeStruct,
};
use platformc_source::{Origin, Role};
use platformc_value::Number;

/// Structs nest this deep at most.
const MAX_DEPTH: usize = 256;

/// Structs of more fields than this are joined by an index instead of a scan.
const SCAN: usize = 16;

/// The engine's unification of any two trees.
pub trait Unify {
    /// The meet of two trees; a contradiction is an error in the result.
    fn unify(&self, a: &Tree, b: &Tree) -> Tree;
}

/// Unification by the CUE engine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain;

impl Unify for Plain {
    fn unify(&self, a: &Tree, b: &Tree) -> Tree {
        platformc_cue::unify_trees(a, b)
    }
}

/// The meet of `base` and `patch`.
pub(super) fn unify(base: Tree, patch: Tree, engine: &dyn Unify) -> Tree {
    Unifier { engine, path: Vec::new() }.trees(base, patch)
}

struct Unifier<'e> {
    engine: &'e dyn Unify,
    path: Vec<String>,
}

impl Unifier<'_> {
    fn trees(&mut self, base: Tree, patch: Tree) -> Tree {
        match (&base.kind, &patch.kind) {
            (_, TreeKind::Top) | (TreeKind::Bottom(_), _) => return base,
            (TreeKind::Top, _) | (_, TreeKind::Bottom(_)) => return patch,
            _ => {}
        }
        if self.path.len() > MAX_DEPTH {
            return self.bottom(
                &base,
                &patch,
                Reason::Budget,
                "nested deeper than the limit".into(),
            );
        }
        match (base.kind, patch.kind) {
            (TreeKind::Struct(a), TreeKind::Struct(b)) if plain(&a) && plain(&b) => {
                let fields = self.structs(*a, *b);
                Tree::new(TreeKind::Struct(Box::new(fields)), base.origin)
            }
            (TreeKind::List(a), TreeKind::List(b)) => self.lists(*a, *b, base.origin, patch.origin),
            (a, b) => {
                let base = Tree::new(a, base.origin);
                let patch = Tree::new(b, patch.origin);
                self.others(base, patch)
            }
        }
    }

    fn structs(&mut self, mut base: TreeStruct, patch: TreeStruct) -> TreeStruct {
        let index = (base.fields.len() > SCAN).then(|| Index::new(&base.fields));
        for field in patch.fields {
            let TreeLabel::Regular(name) = &field.label else { continue };
            let found = match &index {
                Some(index) => index.find(name),
                None => base.fields.iter().position(|other| other.label == field.label),
            };
            let Some(at) = found else {
                base.fields.push(field);
                continue;
            };
            self.path.push(name.to_string());
            let old = &mut base.fields[at];
            let hole = Tree::new(TreeKind::Top, Origin::NONE);
            let value = std::mem::replace(&mut old.value, hole);
            old.value = self.trees(value, field.value);
            old.arc = old.arc.min(field.arc);
            self.path.pop();
        }
        // Whether undeclared fields are refused ends with the template that said so: the syntax
        // KubeVela patches does not carry it.
        base.closed = false;
        base
    }

    fn lists(&mut self, base: TreeList, patch: TreeList, at: Origin, patch_at: Origin) -> Tree {
        let (short, long) =
            (base.items.len().min(patch.items.len()), base.items.len().max(patch.items.len()));
        let (fewer, longer_in_base) =
            if base.items.len() < patch.items.len() { (&base, false) } else { (&patch, true) };
        if short < long && fewer.rest.is_none() {
            let message = format!(
                "a list of {} cannot become a list of {}",
                count(base.items.len()),
                count(patch.items.len())
            );
            let base = Tree::new(TreeKind::List(Box::new(base)), at);
            let patch = Tree::new(TreeKind::List(Box::new(patch)), patch_at);
            return self.bottom(&base, &patch, Reason::Conflict, message);
        }
        let rest = match (base.rest, patch.rest) {
            (Some(a), Some(b)) => Some((a, b)),
            _ => None,
        };
        let shorter_rest = rest.as_ref().map(|(a, b)| if longer_in_base { b } else { a });
        // What further items must be only matters where it says something.
        let must = shorter_rest.filter(|rest| !matches!(rest.kind, TreeKind::Top)).cloned();
        let mut items = Vec::with_capacity(long);
        let mut patches = patch.items.into_iter();
        for (index, item) in base.items.into_iter().enumerate() {
            self.path.push(index.to_string());
            items.push(match (patches.next(), &must) {
                (Some(patch), _) => self.trees(item, patch),
                (None, Some(must)) => self.trees(item, must.clone()),
                (None, None) => item,
            });
            self.path.pop();
        }
        for patch in patches {
            self.path.push(items.len().to_string());
            items.push(match &must {
                Some(must) => self.trees(must.clone(), patch),
                None => patch,
            });
            self.path.pop();
        }
        let rest = rest.map(|(a, b)| self.trees(a, b));
        Tree::new(TreeKind::List(Box::new(TreeList { items, rest })), at)
    }

    fn others(&mut self, base: Tree, patch: Tree) -> Tree {
        let same = match (&base.kind, &patch.kind) {
            (TreeKind::Null, TreeKind::Null) => true,
            (TreeKind::Bool(a), TreeKind::Bool(b)) => a == b,
            (TreeKind::String(a), TreeKind::String(b)) => a == b,
            (TreeKind::Bytes(a), TreeKind::Bytes(b)) => a == b,
            (TreeKind::Number(a), TreeKind::Number(b)) => same_number(a, b),
            // Only one that says more than its fields comes here.
            (TreeKind::Struct(_), TreeKind::Struct(_)) => return self.engine.unify(&base, &patch),
            (a, b) if is_concrete(a) && is_concrete(b) => false,
            _ => return self.engine.unify(&base, &patch),
        };
        if same {
            // The author's text says more than the template's.
            let keep_base =
                base.origin.role == Role::Authored || patch.origin.role != Role::Authored;
            return if keep_base { base } else { patch };
        }
        let message =
            format!("{} and {} contradict each other", show(&base.kind), show(&patch.kind));
        self.bottom(&base, &patch, Reason::Conflict, message)
    }

    fn bottom(&self, base: &Tree, patch: &Tree, reason: Reason, message: String) -> Tree {
        let bottom = Bottom {
            code: ErrorCode::Eval,
            message,
            path: self.path.join("."),
            spans: vec![patch.origin.span, base.origin.span],
            expression: None,
            causes: Vec::new(),
            reason,
        };
        Tree::new(TreeKind::Bottom(Box::new(bottom)), patch.origin)
    }
}

fn count(items: usize) -> String {
    if items == 1 { "1 item".to_owned() } else { format!("{items} items") }
}

/// Where a regular field stands, for structs of many fields.
struct Index(Vec<(std::sync::Arc<str>, usize)>);

impl Index {
    fn new(fields: &[TreeField]) -> Index {
        let mut names: Vec<_> = fields
            .iter()
            .enumerate()
            .filter_map(|(at, field)| match &field.label {
                TreeLabel::Regular(name) => Some((std::sync::Arc::clone(name), at)),
                _ => None,
            })
            .collect();
        names.sort_unstable();
        Index(names)
    }

    fn find(&self, name: &str) -> Option<usize> {
        let found = self.0.binary_search_by(|(other, _)| (**other).cmp(name)).ok()?;
        Some(self.0[found].1)
    }
}

/// A struct that says nothing but its fields.
fn plain(tree: &TreeStruct) -> bool {
    tree.patterns.is_empty()
        && tree.embedded.is_none()
        && tree.fields.iter().all(|field| field.arc != ArcKind::Required)
}

fn is_concrete(kind: &TreeKind) -> bool {
    matches!(
        kind,
        TreeKind::Null
            | TreeKind::Bool(_)
            | TreeKind::Number(_)
            | TreeKind::String(_)
            | TreeKind::Bytes(_)
            | TreeKind::List(_)
    ) || matches!(kind, TreeKind::Struct(tree) if tree.embedded.is_none())
}

/// `1` and `1.0` are different numbers in CUE: one is an int, one a float.
fn same_number(a: &Number, b: &Number) -> bool {
    a == b && a.is_int() == b.is_int()
}

/// A value in a few words.
pub(crate) fn show(kind: &TreeKind) -> String {
    const LONGEST: usize = 60;
    match kind {
        TreeKind::Null => "null".to_owned(),
        TreeKind::Bool(value) => value.to_string(),
        TreeKind::Number(number) => number.to_string(),
        TreeKind::String(text) if text.chars().count() <= LONGEST => format!("{text:?}"),
        TreeKind::String(text) => {
            format!("{:?}…", text.chars().take(LONGEST).collect::<String>())
        }
        TreeKind::Bytes(_) => "bytes".to_owned(),
        TreeKind::Struct(_) => "a struct".to_owned(),
        TreeKind::List(_) => "a list".to_owned(),
        TreeKind::Type(name) => (*name).to_owned(),
        _ => "a constraint".to_owned(),
    }
}
