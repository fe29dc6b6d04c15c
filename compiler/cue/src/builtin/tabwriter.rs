//! Package `text/tabwriter`: cells that end in tabs, aligned in columns.

use platformc_value::{Data, Value};

use super::args::{CallError, CallResult, any, fail, space, text};
use super::{PackageInfo, functions};

/// Blanks behind the widest cell of a column.
const PADDING: usize = 1;

/// `text/tabwriter`: alignment of columns.
pub(super) static PACKAGE: PackageInfo = PackageInfo {
    path: "text/tabwriter",
    constants: &[],
    functions: functions! { "text/tabwriter";
        Write(Any) -> String = Pure(write);
    },
};

/// The text, or the items of a list as lines, with the cells of columns aligned.
fn write(args: &[Value]) -> CallResult {
    let mut source = String::new();
    let data = any(args, 0)?;
    match &data.data {
        Data::String(_) | Data::Bytes(_) => source.push_str(&as_text(data)?),
        Data::List(lines) => {
            for line in lines {
                source.push_str(&as_text(line)?);
                source.push('\n');
                space(source.len())?;
            }
        }
        _ => return fail!("tabwriter.Write: unsupported type {}", data.kind_name()),
    }
    text(align(&source)?)
}

fn as_text(value: &Value) -> Result<String, CallError> {
    match &value.data {
        Data::String(text) => Ok(text.to_string()),
        Data::Bytes(bytes) => Ok(String::from_utf8_lossy(bytes).into_owned()),
        _ => fail!(
            "cannot use value {} (type {}) as (string|bytes)",
            super::args::literal(value),
            value.kind_name()
        ),
    }
}

/// Pads every cell that a tab ends to the width of its column: that of the widest cell among
/// adjoining lines that have such a cell there.
fn align(source: &str) -> Result<String, CallError> {
    let mut out = String::new();
    // A form feed ends a line and all columns.
    for (at, part) in source.split('\u{c}').enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let mut lines: Vec<Vec<&str>> =
            part.split('\n').map(|line| line.split(['\t', '\u{b}']).collect()).collect();
        if let Some(last) = lines.last_mut()
            && last.len() > 1
            && last.last().is_some_and(|cell| cell.is_empty())
        {
            // At the end of the text nothing is a cell, so that its tab ends no column.
            last.pop();
        }
        let mut widths: Vec<Vec<usize>> =
            lines.iter().map(|cells| vec![0; cells.len() - 1]).collect();
        let columns = widths.iter().map(Vec::len).max().unwrap_or(0);
        // Lines by the number of their columns bound the work by the number of cells.
        let mut start = 0;
        while start < lines.len() {
            let mut open: Vec<(usize, usize)> = Vec::new();
            let mut end = start;
            while end < lines.len() && !widths[end].is_empty() {
                let cells = &lines[end];
                let count = widths[end].len();
                while open.len() > count {
                    close(&mut open, &mut widths, end);
                }
                for (column, cell) in cells.iter().take(count).enumerate() {
                    let width = cell.chars().count() + PADDING;
                    match open.get_mut(column) {
                        Some((_, widest)) => *widest = width.max(*widest),
                        None => open.push((end, width)),
                    }
                }
                end += 1;
            }
            while !open.is_empty() {
                close(&mut open, &mut widths, end);
            }
            start = end.max(start) + 1;
        }
        debug_assert!(columns <= part.len(), "every column has a tab");
        for (at, (cells, widths)) in lines.iter().zip(&widths).enumerate() {
            if at > 0 {
                out.push('\n');
            }
            for (column, cell) in cells.iter().enumerate() {
                out.push_str(cell);
                if let Some(width) = widths.get(column) {
                    let blanks = width - cell.chars().count();
                    space(out.len() + blanks)?;
                    out.extend(std::iter::repeat_n(' ', blanks));
                }
            }
        }
    }
    Ok(out)
}

/// Ends the last open column before a line and gives its width to its lines.
fn close(open: &mut Vec<(usize, usize)>, widths: &mut [Vec<usize>], end: usize) {
    if let Some((first, width)) = open.pop() {
        let column = open.len();
        for line in &mut widths[first..end] {
            line[column] = width;
        }
    }
}
