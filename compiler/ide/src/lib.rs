//! What an editor asks of a workspace: offsets in, labels out.
//!
//! Invariant: nothing here knows a protocol; every answer comes from what the driver found and from
//! the text that is open, half-typed as it may be. Nothing is evaluated and nothing waits.

mod completion;
mod cue;
mod definition;
mod hover;
mod names;
mod place;
mod reference;
mod schema;
mod symbols;
#[cfg(test)]
mod testing;
mod toml;
mod tree;
mod yaml;

use std::ops::Range;
use std::sync::Arc;

use platformc_driver::session::Snapshot;

pub use completion::{Item, ItemKind, completion};
pub use definition::{Target, definition};
pub use hover::{Hover, hover};
pub use symbols::{Symbol, SymbolKind, symbols};
pub use tree::{Hit, Key, Node, NodeId, NodeKind, Tree};

/// A place in a file that is open, and what is known around it.
#[derive(Clone, Copy)]
pub struct Question<'q> {
    /// The file, relative to the workspace.
    pub path: &'q str,
    /// Its text.
    pub text: &'q str,
    /// The place, in bytes.
    pub offset: usize,
    /// What is known of the workspace.
    pub snapshot: &'q Snapshot,
    /// Reads another file of the workspace.
    pub read: &'q dyn Fn(&str) -> Option<String>,
}

/// How a file is written, by its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Syntax {
    Yaml,
    Cue,
    Toml,
}

impl Syntax {
    pub(crate) fn of(path: &str) -> Option<Syntax> {
        match path.rsplit_once('.')?.1 {
            "yaml" | "yml" | "json" => Some(Syntax::Yaml),
            "cue" => Some(Syntax::Cue),
            "toml" => Some(Syntax::Toml),
            _ => None,
        }
    }

    pub(crate) fn tree(self, text: &str) -> Tree {
        match self {
            Syntax::Yaml => yaml::tree(text),
            Syntax::Cue => cue::tree(text),
            Syntax::Toml => toml::tree(text),
        }
    }
}

/// The outline of a file; `None` where its name says nothing of how it is written.
#[must_use]
pub fn outline(path: &str, text: &str) -> Option<Tree> {
    Syntax::of(path).map(|syntax| syntax.tree(text))
}

/// The bytes of a span.
pub(crate) fn bytes(span: platformc_source::Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// A place in a file as the driver knows it.
pub(crate) fn target(snapshot: &Snapshot, span: platformc_source::Span) -> Option<Target> {
    let file = snapshot.map.get(span.file)?;
    (!file.path().is_empty()).then(|| Target {
        path: file.path().to_string(),
        text: Arc::clone(file.text()),
        span: bytes(span),
    })
}

/// A CUE file as the formatter writes it; `None` where it cannot be read or is not CUE.
#[must_use]
pub fn formatted(path: &str, text: &str) -> Option<String> {
    if !path.ends_with(".cue") {
        return None;
    }
    let parsed = platformc_cue_syntax::parse(platformc_source::FileId::NONE, text);
    if parsed.has_errors() {
        return None;
    }
    Some(platformc_cue_syntax::format(&parsed.value, text))
}
