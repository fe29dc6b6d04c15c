//! Positions. Invariant: a span is a half-open range of *bytes* in one file.

/// A file registered in a [`crate::SourceMap`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileId(pub u32);

impl FileId {
    /// The file of values that no text stands behind (computed, or given by a program).
    pub const NONE: FileId = FileId(u32::MAX);
}

/// A half-open byte range `start..end` in a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A place in no file.
    pub const NONE: Span = Span { file: FileId::NONE, start: 0, end: 0 };

    /// The bytes `start..end` of `file`. Offsets past 4 GiB are clamped.
    #[must_use]
    pub fn new(file: FileId, start: usize, end: usize) -> Span {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span { file, start: clamp(start), end: clamp(end) }
    }

    /// Whether no text stands behind this span.
    #[must_use]
    pub fn is_none(self) -> bool {
        self.file == FileId::NONE
    }

    /// The smallest span that covers both; `self` where they lie in different files.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        if self.file != other.file {
            return self;
        }
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// How a value came to stand where it stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Role {
    /// Written by the author of a document.
    #[default]
    Authored,
    /// A default of a definition's schema.
    Default,
    /// Written in a definition's template.
    Template,
    /// Set by a configuration layer.
    Layer,
    /// Set by an overlay or an override policy.
    Override,
    /// Computed by the compiler.
    Computed,
}

/// Where a value came from: the text behind it and the part that text plays.
///
/// An origin belongs to the arc that leads to a value, not to a shared node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Origin {
    /// The text.
    pub span: Span,
    /// The part it plays.
    pub role: Role,
}

impl Origin {
    /// No text, computed.
    pub const NONE: Origin = Origin { span: Span::NONE, role: Role::Computed };

    /// Written by an author at `span`.
    #[must_use]
    pub fn authored(span: Span) -> Origin {
        Origin { span, role: Role::Authored }
    }

    /// At `span`, playing the part `role`.
    #[must_use]
    pub fn new(span: Span, role: Role) -> Origin {
        Origin { span, role }
    }
}
