//! Patches: how a trait changes what its component renders.
//!
//! Invariant: what is patched and what patches are evaluated trees, whose open parts (choices,
//! bounds, types) stay open; every value keeps its origin; a contradiction is an error in the tree,
//! never a silent choice.
//!
//! Semantics: KubeVela's strategic merge. It lines up the lists of patch and base by the markers
//! on the patch's fields ([`strategic`]), then unifies ([`unify`]). A whole patch may instead be a
//! JSON merge patch (RFC 7396) or a JSON patch (RFC 6902) ([`json`]).

mod json;
mod strategic;
mod unify;

use std::sync::Arc;

use platformc_cue::{Tree, TreeKind};
use platformc_source::Diagnostic;

pub use unify::{Plain, Unify};

/// How a whole patch applies, told by a marker on the field `patch` itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// Strategic merge.
    #[default]
    Strategic,
    /// `+patchStrategy=jsonMergePatch`: RFC 7396.
    JsonMerge,
    /// `+patchStrategy=jsonPatch`: RFC 6902 over `operations`.
    Json,
}

/// The markers of one field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Markers {
    /// `+patchKey`: the fields that identify an item, separated by commas, each possibly a path.
    pub(crate) key: Option<Arc<str>>,
    /// `+patchStrategy`.
    pub(crate) strategy: Option<Arc<str>>,
}

impl Markers {
    /// Reads `+key=value` from comment lines; later lines win, a value with blanks is none.
    pub(crate) fn read(docs: &[Arc<str>]) -> Markers {
        let mut markers = Markers::default();
        for line in docs.iter().flat_map(|doc| doc.lines()) {
            let Some(marker) = line.trim().strip_prefix('+') else { continue };
            let Some((key, value)) = marker.split_once('=') else { continue };
            let value = value.trim();
            if value.contains(char::is_whitespace) {
                continue;
            }
            match key.trim() {
                "patchKey" => markers.key = Some(Arc::from(value)),
                "patchStrategy" => markers.strategy = Some(Arc::from(value)),
                _ => {}
            }
        }
        markers
    }

    pub(crate) fn is(&self, strategy: &str) -> bool {
        self.strategy.as_deref() == Some(strategy)
    }
}

impl Strategy {
    /// The strategy that comment lines ask for.
    #[must_use]
    pub fn of(docs: &[Arc<str>]) -> Strategy {
        match Markers::read(docs).strategy.as_deref() {
            Some("jsonMergePatch") => Strategy::JsonMerge,
            Some("jsonPatch") => Strategy::Json,
            _ => Strategy::Strategic,
        }
    }
}

/// Applies `patch` to `base`. Contradictions are errors in the tree that is returned; operations
/// of a JSON patch that cannot be applied are diagnostics.
pub fn apply(
    base: Tree,
    patch: Tree,
    strategy: Strategy,
    unify: &dyn Unify,
    sink: &mut Vec<Diagnostic>,
) -> Tree {
    match strategy {
        Strategy::Strategic => strategic_merge(base, patch, unify),
        Strategy::JsonMerge => json::merge(base, patch, 0),
        Strategy::Json => json::patch(base, &patch, sink),
    }
}

/// Lines up and unifies.
fn strategic_merge(mut base: Tree, mut patch: Tree, engine: &dyn Unify) -> Tree {
    if matches!(patch.kind, TreeKind::Struct(_)) && matches!(base.kind, TreeKind::Struct(_)) {
        strategic::align(&mut base, &mut patch);
    }
    unify::unify(base, patch, engine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_markers() {
        let docs: Vec<Arc<str>> = [
            "says something",
            "+patchKey=name",
            "  +other=1",
            "+patchStrategy = retainKeys ",
            "+patchKey=a b",
            "patchKey=plain",
            "+patchKey",
        ]
        .map(Arc::from)
        .to_vec();
        let markers = Markers::read(&docs);
        assert_eq!(markers.key.as_deref(), Some("name"));
        assert!(markers.is("retainKeys"));
        assert_eq!(Strategy::of(&docs), Strategy::Strategic);
        assert_eq!(Strategy::of(&[Arc::from("+patchStrategy=jsonPatch")]), Strategy::Json);
    }
}
