//! The methods, one a file.
//!
//! Invariant: a method finds the document, converts the position, asks `ide` once, and converts the
//! answer back.

pub(crate) mod actions;
pub(crate) mod completion;
pub(crate) mod definition;
pub(crate) mod formatting;
pub(crate) mod hover;
pub(crate) mod symbols;

use std::sync::Arc;

use lsp_types::Position;
use platformc_driver::session::Snapshot;
use platformc_ide::Question;
use serde::Deserialize;
use serde_json::Value;

use crate::dispatch::{Document, Identifier, Refusal, Server, parameters};
use crate::position::Lines;
use crate::workspace::Workspace;

/// A document.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfDocument {
    text_document: Identifier,
}

/// A place in a document.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AtPosition {
    text_document: Identifier,
    position: Position,
}

/// A place in a document of a workspace that was looked at.
struct Asked<'s> {
    document: &'s Document,
    workspace: &'s Arc<Workspace>,
    path: &'s str,
    snapshot: Arc<Snapshot>,
    lines: Lines<'s>,
    offset: usize,
}

/// What a request at a position is about; `None` where nothing is known yet, or the file belongs to
/// no workspace.
fn asked(server: &Server, params: Value) -> Result<Option<Asked<'_>>, Refusal> {
    let at: AtPosition = parameters(params)?;
    let document = server.document(&at.text_document.uri)?;
    let lines = Lines::new(&document.text, server.abilities.encoding);
    let offset = lines.offset(at.position);
    let Some((workspace, path)) = &document.place else { return Ok(None) };
    let Some(snapshot) = workspace.known() else { return Ok(None) };
    Ok(Some(Asked { document, workspace, path, snapshot, lines, offset }))
}

impl Asked<'_> {
    /// Asks `ide`.
    fn ask<T>(&self, answer: impl FnOnce(&Question<'_>) -> T) -> T {
        let read = |path: &str| self.workspace.text_of(path);
        answer(&Question {
            path: self.path,
            text: &self.document.text,
            offset: self.offset,
            snapshot: &self.snapshot,
            read: &read,
        })
    }
}
