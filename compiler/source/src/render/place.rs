//! Spans as people and machines name them.

use std::sync::Arc;

use serde::Serialize;

use crate::{LineColumn, SourceMap, Span};

/// A span resolved to lines and columns, clipped to its file and to whole characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The path as reports name it.
    pub path: Arc<str>,
    /// The first character, or where an insertion goes.
    pub start: LineColumn,
    /// One past the last character.
    pub end: LineColumn,
    /// Byte offset of the start.
    pub start_byte: u32,
    /// Byte offset of the end.
    pub end_byte: u32,
}

impl Place {
    /// The place of a span; `None` where no text stands behind it.
    #[must_use]
    pub fn of(map: &SourceMap, span: Span) -> Option<Place> {
        let file = map.get(span.file)?;
        let text = file.text();
        let start = floor(text, span.start);
        let end = floor(text, span.end).max(start);
        Some(Place {
            path: map.shown(&file),
            start: file.line_column(start),
            end: file.line_column(end),
            start_byte: start,
            end_byte: end,
        })
    }
}

/// The greatest character boundary of `text` not beyond `offset`.
pub(super) fn floor(text: &str, offset: u32) -> u32 {
    let mut offset = (offset as usize).min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// Position fields as the JSON format spells them.
#[derive(Serialize, Clone, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Position {
    file: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
}

impl From<Option<Place>> for Position {
    fn from(place: Option<Place>) -> Position {
        place.map_or_else(Position::default, |place| Position {
            file: Some(place.path.to_string()),
            line: Some(place.start.line),
            column: Some(place.start.column),
            end_line: Some(place.end.line),
            end_column: Some(place.end.column),
        })
    }
}
