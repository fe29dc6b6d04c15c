//! The formatter: one text for every way to write the same file.
//!
//! Invariant: the result reads back as the same tree with the same comments, and formatting it
//! again changes nothing. Line breaks are the author's; indentation, blanks, commas and columns
//! are the formatter's. A file that could not be read whole comes back as it is.
//!
//! The tokens are written one after the other ([`emit`]), by what the tree says about them
//! ([`notes`]); then columns are aligned ([`lines`]).

mod emit;
mod lines;
mod notes;
mod tree;

use crate::ast::File;
use crate::lexer::lex;
use crate::parser::parse;

/// How a formatted file looks.
#[derive(Clone, Debug)]
pub struct Style {
    /// What one level of indentation is written as.
    pub indent: String,
    /// Whether blank lines set off the package clause, imports, and documented fields after
    /// definitions, even where the author wrote none.
    pub separate: bool,
}

impl Default for Style {
    fn default() -> Style {
        Style { indent: "\t".to_owned(), separate: true }
    }
}

/// The formatted text of `file`, which was read from `text`, in the usual style.
#[must_use]
pub fn format(file: &File, text: &str) -> String {
    format_with(file, text, &Style::default())
}

/// The formatted text of `file`, which was read from `text`, in `style`.
#[must_use]
pub fn format_with(file: &File, text: &str, style: &Style) -> String {
    // The tree alone does not tell whether all of the text is in it.
    if !parse(file.file, text).diagnostics.is_empty() {
        return text.to_owned();
    }
    let lexed = lex(file.file, text);
    let Some(notes) = notes::Notes::of(file, text, &lexed.tokens) else { return text.to_owned() };
    let lines = emit::emit(text, &lexed, &notes, style);
    lines::join(lines, &style.indent)
}
