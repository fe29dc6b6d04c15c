//! Lexer, parser, syntax tree and formatter of CUE.
//!
//! Invariant: parsing never fails; a broken file yields the tree of what could be read and the
//! diagnostics of what could not. The tree is a value: it holds spans and comments, no semantics.

pub mod ast;
