//! Lines and their columns.
//!
//! Invariant: only blanks between cells of a line change, and only within a run of lines that
//! stand directly below each other, belong to the same bracket and are whole on their line.

/// Which lines may be aligned with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// Belongs to no table.
    None,
    /// A field: the bracket it stands in and its number of labels.
    Field(u32, usize),
    /// An element of a list, call or import group; only comments are aligned.
    Item(u32),
    /// A further line of one expression; only comments are aligned.
    Continuation(u32),
}

/// The columns after the first.
pub(super) const VALUE: usize = 0;
/// See [`VALUE`].
pub(super) const ATTRIBUTE: usize = 1;
/// See [`VALUE`].
pub(super) const COMMENT: usize = 2;

/// A line without its indentation.
#[derive(Debug)]
pub(super) struct Line {
    /// Levels of indentation.
    pub(super) indent: usize,
    /// The text, cells separated by one blank.
    pub(super) text: String,
    /// The bytes at which the value, the attributes and the comment begin.
    pub(super) cuts: [Option<usize>; 3],
    /// The table it may stand in.
    pub(super) row: Row,
    /// Whether a blank line stands before it.
    pub(super) blank_before: bool,
    /// Whether its end lies inside a literal, where white space counts.
    pub(super) verbatim: bool,
}

impl Line {
    /// The cells: the key and then those that begin at a cut.
    fn cells(&self) -> [Option<&str>; 4] {
        let mut cells = [None; 4];
        let mut start = 0;
        let mut index = 0;
        for (column, cut) in self.cuts.iter().enumerate() {
            if let Some(cut) = cut {
                cells[index] = self.text.get(start..*cut).map(str::trim_end);
                start = *cut;
                index = column + 1;
            }
        }
        cells[index] = self.text.get(start..);
        cells
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// All lines, aligned and indented.
pub(super) fn join(mut lines: Vec<Line>, indent: &str) -> String {
    let mut start = 0;
    while start < lines.len() {
        let mut end = start + 1;
        while end < lines.len()
            && lines[end].row == lines[start].row
            && lines[end].row != Row::None
            && !lines[end].blank_before
        {
            end += 1;
        }
        if lines[start].row != Row::None && end > start + 1 {
            align(&mut lines[start..end]);
        }
        start = end;
    }
    let mut out = String::new();
    for line in &lines {
        if line.blank_before && !out.is_empty() {
            out.push('\n');
        }
        if !line.text.is_empty() {
            for _ in 0..line.indent {
                out.push_str(indent);
            }
        }
        out.push_str(if line.verbatim { &line.text } else { line.text.trim_end() });
        out.push('\n');
    }
    out
}

/// Pads the cells of lines that form a table. A cell widens its column only where another cell
/// follows it on its line.
fn align(lines: &mut [Line]) {
    let mut widths = [0usize; 4];
    for line in lines.iter() {
        let cells = line.cells();
        for column in 0..3 {
            if let Some(cell) = cells[column]
                && cells[column + 1..].iter().any(Option::is_some)
            {
                widths[column] = widths[column].max(width(cell));
            }
        }
    }
    // Where a row skips a column, the column is as wide as its cells in other rows.
    for line in lines.iter_mut() {
        let cells = line.cells();
        let mut text = String::with_capacity(line.text.len() + 16);
        let mut blanks = 0;
        for (column, cell) in cells.iter().enumerate() {
            let used = widths.get(column).copied().unwrap_or(0);
            match cell {
                Some(cell) => {
                    text.extend(std::iter::repeat_n(' ', blanks));
                    text.push_str(cell);
                    blanks = if width(cell) <= used { used - width(cell) + 1 } else { 1 };
                }
                None if used > 0 && column > 0 => blanks += used + 1,
                None => {}
            }
        }
        line.text = text;
    }
}
