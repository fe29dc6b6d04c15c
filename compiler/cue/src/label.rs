//! Interned labels.
//!
//! Invariant: two labels are the same label exactly if they are the same pointer (or index), so
//! comparing costs one instruction. Names live as long as the process; their number is bounded by
//! the labels that occur in the texts that were read.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use rustc_hash::FxBuildHasher;

/// What a label names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum LabelKind {
    /// A regular field.
    Regular,
    /// `#A`
    Definition,
    /// `_a`
    Hidden,
    /// `_#A`
    HiddenDefinition,
}

/// An interned name.
#[derive(Debug)]
pub(crate) struct Name {
    pub(crate) kind: LabelKind,
    /// As written, with `#` and `_`.
    pub(crate) text: &'static str,
    /// The same text, for trees and values.
    pub(crate) shared: Arc<str>,
    /// The package of a hidden label; empty for others.
    pub(crate) package: &'static str,
}

/// A label of an arc: a name or an index.
#[derive(Clone, Copy)]
pub(crate) enum Label {
    Name(&'static Name),
    Index(u32),
}

impl PartialEq for Label {
    fn eq(&self, other: &Label) -> bool {
        match (self, other) {
            (Label::Name(a), Label::Name(b)) => std::ptr::eq(*a, *b),
            (Label::Index(a), Label::Index(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Label {}

impl std::hash::Hash for Label {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        match self {
            Label::Name(name) => std::ptr::from_ref::<Name>(name).hash(state),
            Label::Index(index) => index.hash(state),
        }
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

type Table = HashMap<(LabelKind, &'static str, &'static str), &'static Name, FxBuildHasher>;

static TABLE: LazyLock<RwLock<Table>> = LazyLock::new(RwLock::default);

fn intern(kind: LabelKind, text: &str, package: &str) -> Label {
    {
        let table = TABLE.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = table.get(&(kind, text, package)) {
            return Label::Name(name);
        }
    }
    let mut table = TABLE.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(name) = table.get(&(kind, text, package)) {
        return Label::Name(name);
    }
    let text: &'static str = Box::leak(text.into());
    let package: &'static str = Box::leak(package.into());
    let shared = Arc::from(text);
    let name: &'static Name = Box::leak(Box::new(Name { kind, text, shared, package }));
    table.insert((kind, text, package), name);
    Label::Name(name)
}

impl Label {
    /// A regular field of any name, as a quoted label gives.
    pub(crate) fn regular(text: &str) -> Label {
        intern(LabelKind::Regular, text, "")
    }

    /// The label an identifier gives; hidden ones belong to `package`.
    pub(crate) fn identifier(text: &str, package: &str) -> Label {
        if text.starts_with("_#") {
            intern(LabelKind::HiddenDefinition, text, package)
        } else if text.starts_with('#') {
            intern(LabelKind::Definition, text, "")
        } else if text.starts_with('_') {
            intern(LabelKind::Hidden, text, package)
        } else {
            intern(LabelKind::Regular, text, "")
        }
    }

    /// Whether it is exported and subject to closedness: a regular field or an index.
    pub(crate) fn is_regular(self) -> bool {
        match self {
            Label::Name(name) => name.kind == LabelKind::Regular,
            Label::Index(_) => true,
        }
    }

    /// Whether it names a definition.
    pub(crate) fn is_definition(self) -> bool {
        match self {
            Label::Name(name) => {
                matches!(name.kind, LabelKind::Definition | LabelKind::HiddenDefinition)
            }
            Label::Index(_) => false,
        }
    }

    /// The name as written, or the index in digits, to keep.
    pub(crate) fn shared(self) -> Arc<str> {
        match self {
            Label::Name(name) => name.shared.clone(),
            Label::Index(index) => Arc::from(index.to_string()),
        }
    }

    /// The name as written, or the index in digits.
    pub(crate) fn text(self) -> std::borrow::Cow<'static, str> {
        match self {
            Label::Name(name) => name.text.into(),
            Label::Index(index) => index.to_string().into(),
        }
    }
}
