//! What is known of what an author points at.
//!
//! Invariant: everything told comes from the definition, the document's schema or the workspace.

use std::fmt::Write as _;
use std::ops::Range;

use platformc_definition::{Compiled, show};
use platformc_value::{Shape, ShapeField};

use crate::names::{names, part};
use crate::place::{Declared, Place, Takes, of};
use crate::schema::{Field, Kind};
use crate::tree::{Hit, NodeId, Tree};
use crate::{Question, Syntax};

/// What is shown, in Markdown, and what it is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hover {
    /// Markdown.
    pub text: String,
    /// The bytes it is about.
    pub span: Range<usize>,
}

/// What is known of a place.
#[must_use]
pub fn hover(question: &Question<'_>) -> Option<Hover> {
    let tree = Syntax::of(question.path)?.tree(question.text);
    let hit = tree.at(question.offset)?;
    let (node, key) = match hit {
        Hit::Key(node) => (node, true),
        Hit::Value(node) => (node, false),
    };
    let found = tree.node(node);
    let span = match (&found.key, key) {
        (Some(key), true) => key.span.clone(),
        _ => found.span.clone(),
    };
    let place = of(&tree, node, question.path, question.snapshot)?;
    let told = if key { None } else { value(question, &tree, node, &place) };
    let text = match told {
        Some(text) => text,
        None => match place.field.as_ref()? {
            Declared::Parameter(field, owner) => parameter(field, owner),
            Declared::Document(field) => document_field(field, &place),
        },
    };
    Some(Hover { text, span })
}

/// What is known of a value that is a name.
fn value(question: &Question<'_>, tree: &Tree, node: NodeId, place: &Place<'_>) -> Option<String> {
    let Takes::Kind(kind) = &place.takes else { return None };
    let text = tree.text(node)?;
    match kind {
        Kind::Type(kind) => {
            question.snapshot.definition(*kind, text).map(|found| definition(found))
        }
        Kind::Name(sort) => {
            let within = question.offset.saturating_sub(tree.node(node).span.start);
            let wanted = part(text, within);
            let (document, _) = tree.trail(node);
            let known = names(*sort, question, tree, document);
            let name = known.into_iter().find(|name| name.text == wanted)?;
            Some(format!("**{}**\n\n{}", name.text, name.detail))
        }
        _ => None,
    }
}

/// A definition in a few lines.
pub(crate) fn definition(found: &Compiled) -> String {
    let definition = &found.definition;
    let mut text = format!("**{}** ({})", definition.name.text, definition.kind.noun());
    if let Some(description) = &definition.description {
        let _ = write!(text, "\n\n{description}");
    }
    let Shape::Struct { fields, .. } = &found.parameters().shape else { return text };
    let required: Vec<&ShapeField> = fields.iter().filter(|field| field.required).collect();
    if !required.is_empty() {
        text.push_str("\n\nRequired:");
        for field in required {
            let _ = write!(text, "\n- `{}`: `{}`", field.name, show::type_text(&field.shape));
            if let Some(doc) = &field.doc {
                let _ = write!(text, ", {doc}");
            }
        }
    }
    text
}

/// A parameter of a definition.
pub(crate) fn parameter(field: &ShapeField, owner: &Compiled) -> String {
    let mut text = format!("**{}**: `{}`", field.name, show::type_text(&field.shape));
    match &field.default {
        Some(default) => {
            let _ = write!(text, ", default `{}`", show::value_text(default));
        }
        None if field.required => text.push_str(", required"),
        None => {}
    }
    if let Some(doc) = &field.doc {
        let _ = write!(text, "\n\n{doc}");
    }
    let definition = &owner.definition;
    let _ = write!(text, "\n\n{} `{}`", definition.kind.noun(), definition.name.text);
    text
}

fn document_field(field: &Field, place: &Place<'_>) -> String {
    let mut text = format!("**{}**", field.name);
    if field.required {
        text.push_str(", required");
    }
    let _ = write!(text, "\n\n{}", field.doc);
    match &place.takes {
        Takes::Kind(Kind::OneOf(words)) => {
            let _ = write!(text, "\n\nOne of `{}`.", words.join("`, `"));
        }
        Takes::Shapes(_, owner) => {
            let _ = write!(text, "\n\n{}", definition(owner));
        }
        Takes::Kind(_) => {}
    }
    text
}
