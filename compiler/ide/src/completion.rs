//! What may be written at a place.
//!
//! Invariant: the text is taken as it is, half-typed: the word at the place is replaced by a marker,
//! the outline of that text is made, and what may stand where the marker stands is offered. Nothing
//! is offered twice, nor a field that is already there.

mod items;
mod probe;

use std::ops::Range;

use crate::{Question, reference};

pub(crate) use probe::MARKER;

/// What an item is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ItemKind {
    /// A field of a struct.
    Field,
    /// A definition.
    Type,
    /// A value.
    Value,
    /// A name declared elsewhere.
    Name,
}

/// Something that may be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// What the author chooses by.
    pub label: String,
    /// What it is.
    pub kind: ItemKind,
    /// A few words beside the label.
    pub detail: String,
    /// More, in Markdown.
    pub documentation: String,
    /// What is written.
    pub insert: String,
    /// The bytes it replaces.
    pub span: Range<usize>,
    /// Whether a document must have it.
    pub required: bool,
}

/// What may be written at a place, the best first.
#[must_use]
pub fn completion(question: &Question<'_>) -> Vec<Item> {
    if let Some(reference) = reference::at(question) {
        return reference::completion(question, &reference);
    }
    let Some(probe) = probe::probe(question) else { return Vec::new() };
    items::items(question, &probe)
}

#[cfg(test)]
mod tests;
