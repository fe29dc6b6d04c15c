//! Where something is declared.
//!
//! Invariant: a target is a place in a text that comes with it, so that a file which exists only
//! inside the compiler can be shown as well.

use std::ops::Range;
use std::sync::Arc;

use crate::names::{names, part};
use crate::place::{Declared, Takes, of, typed};
use crate::schema::Kind;
use crate::tree::Hit;
use crate::{Question, Syntax, reference, target};

/// A place in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// The file, relative to the workspace; `stdlib/…` for one that ships with the compiler.
    pub path: String,
    /// Its text.
    pub text: Arc<str>,
    /// The place, in bytes.
    pub span: Range<usize>,
}

/// Where what stands at a place is declared.
#[must_use]
pub fn definition(question: &Question<'_>) -> Vec<Target> {
    if let Some(reference) = reference::at(question) {
        return reference::definition(question, &reference);
    }
    found(question).into_iter().collect()
}

fn found(question: &Question<'_>) -> Option<Target> {
    let tree = Syntax::of(question.path)?.tree(question.text);
    let hit = tree.at(question.offset)?;
    let (node, key) = match hit {
        Hit::Key(node) => (node, true),
        Hit::Value(node) => (node, false),
    };
    let place = of(&tree, node, question.path, question.snapshot)?;
    if !key && let Takes::Kind(kind) = &place.takes {
        let text = tree.text(node)?;
        match kind {
            Kind::Type(kind) => {
                let holder = tree.node(node).parent?;
                let definition = typed(&tree, holder, *kind, text, question.snapshot)?;
                return target(question.snapshot, definition.definition.name.span);
            }
            Kind::Name(sort) => {
                let within = question.offset.saturating_sub(tree.node(node).span.start);
                let wanted = part(text, within);
                let (document, _) = tree.trail(node);
                let known = names(*sort, question, &tree, document);
                return known.into_iter().find(|name| name.text == wanted)?.target;
            }
            _ => {}
        }
    }
    match place.field? {
        Declared::Parameter(field, _) => target(question.snapshot, field.origin.span),
        Declared::Document(_) => {
            // `properties` are declared by the `parameter` of the definition they are for.
            let Takes::Shapes(_, owner) = &place.takes else { return None };
            target(question.snapshot, owner.definition.name.span)
        }
    }
}
