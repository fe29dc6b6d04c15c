//! Lexer, parser, syntax tree and formatter of CUE.
//!
//! Invariant: parsing never fails; a broken file yields the tree of what could be read and the
//! diagnostics of what could not. The tree is a value: it holds spans and comments, no semantics.

pub mod ast;
mod comments;
mod deep;
mod format;
mod lexer;
mod literal;
mod names;
mod parser;
mod path;
mod print;
mod quote;
mod token;

pub use format::{Style, format, format_with};
pub use parser::{Experiments, MAX_DEPTH, parse, parse_expr, parse_expr_with};
pub use path::{PathStep, PathStepKind, parse_path, print_path};
pub use print::{print_decls, print_expr};
pub use quote::{is_identifier, label_text, quote_bytes, quote_multiline, quote_string};
