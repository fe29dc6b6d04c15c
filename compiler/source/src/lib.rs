//! Files, spans, diagnostics, and the traits through which the compiler reads and writes.
//!
//! Invariant: this crate knows no document format and touches no disk. A [`Span`] names bytes of
//! a file registered in a [`SourceMap`]; lines and columns are computed only when something is
//! printed. A stage returns [`Outcome`], a value *and* its diagnostics, never one or the other.

pub mod codes;
mod diagnostic;
mod explain;
mod io;
mod map;
mod memory;
mod outcome;
pub mod render;
mod span;
mod suggest;

pub use codes::{Code, CodeInfo};
pub use diagnostic::{Diagnostic, Edit, Fix, Label, Severity};
pub use explain::explain;
pub use io::{Entry, EntryKind, ReadError, Sources, Store, StoreError, is_relative};
pub use map::{LineColumn, SourceFile, SourceMap};
pub use memory::MemorySources;
pub use outcome::Outcome;
pub use span::{FileId, Origin, Role, Span};
pub use suggest::nearest;
