//! What the tree says about single tokens.
//!
//! Invariant: everything is keyed by the byte at which a token starts; the maps are only looked
//! up, never walked, so that their order cannot show.

use std::collections::{HashMap, HashSet};

use platformc_source::Span;

use crate::ast::File;
use crate::token::{Kind, Token};

/// The bracket that stands for the file itself.
pub(super) const FILE: u32 = u32::MAX;

/// What a bracket holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BracketKind {
    /// Declarations.
    Curly,
    /// List elements.
    Square,
    /// Arguments.
    Call,
    /// Imports.
    Imports,
    /// One expression.
    Round,
}

/// A bracket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bracket {
    /// What it holds.
    pub(super) kind: BracketKind,
    /// Every element stands on a line of its own.
    pub(super) broken: bool,
    /// The first element and the closing bracket stand on lines of their own.
    pub(super) open: bool,
    /// Elements on lines of their own are not followed by commas.
    pub(super) comma_free: bool,
}

impl Bracket {
    pub(super) fn round() -> Bracket {
        Bracket { kind: BracketKind::Round, broken: false, open: false, comma_free: true }
    }

    pub(super) fn call() -> Bracket {
        Bracket { kind: BracketKind::Call, broken: false, open: false, comma_free: false }
    }

    pub(super) fn square(comma_free: bool) -> Bracket {
        Bracket { kind: BracketKind::Square, broken: false, open: false, comma_free }
    }

    pub(super) fn curly(broken: bool, open: bool) -> Bracket {
        Bracket { kind: BracketKind::Curly, broken, open: open || broken, comma_free: true }
    }
}

/// What kind of row an element makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowKind {
    /// A field with so many labels.
    Field {
        /// The number of labels.
        labels: usize,
        /// Whether the first is that of a definition.
        definition: bool,
    },
    /// The package clause.
    Package,
    /// An import.
    Import,
    /// Any other declaration.
    Other,
    /// An element of a list, call or import group.
    Item,
}

/// An element of a bracket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element {
    /// The byte of its bracket.
    pub(super) bracket: u32,
    /// The row it makes.
    pub(super) kind: RowKind,
}

/// Everything the tree says.
pub(super) struct Notes<'t> {
    text: &'t str,
    tokens: &'t [Token],
    file: &'t File,
    pub(super) elements: HashMap<u32, Element>,
    pub(super) brackets: HashMap<u32, Bracket>,
    /// Binary operators, and whether blanks stand around them.
    pub(super) binary_ops: HashMap<u32, bool>,
    pub(super) unary_ops: HashSet<u32>,
    /// Colons of slices, and whether blanks stand around them.
    pub(super) slice_colons: HashMap<u32, bool>,
    /// Colons of fields.
    pub(super) colons: HashSet<u32>,
    /// `=` of aliases: no blanks.
    pub(super) alias_equals: HashSet<u32>,
    /// `=` of `let`: the value follows on the same line.
    pub(super) let_equals: HashSet<u32>,
    /// Commas that belong to a clause or an alias.
    pub(super) commas: HashSet<u32>,
    /// Where values of fields start.
    pub(super) values: HashSet<u32>,
    /// Attributes of fields.
    pub(super) attributes: HashSet<u32>,
    /// Where clauses start.
    pub(super) clauses: HashSet<u32>,
    /// `{` of comprehensions.
    pub(super) bodies: HashSet<u32>,
    /// Tokens that are left out.
    pub(super) dropped: HashSet<u32>,
    /// Tokens that are written in another way.
    pub(super) replaced: HashMap<u32, String>,
    /// `~` and the brackets and commas of postfix aliases: no blanks.
    pub(super) tight: HashSet<u32>,
    /// Whether a part of the tree could not be read.
    pub(super) broken: bool,
}

impl<'t> Notes<'t> {
    /// The notes on a whole file; `None` if a part of it could not be read.
    pub(super) fn of(file: &'t File, text: &'t str, tokens: &'t [Token]) -> Option<Notes<'t>> {
        let mut notes = Notes {
            text,
            tokens,
            file,
            elements: HashMap::new(),
            brackets: HashMap::new(),
            binary_ops: HashMap::new(),
            unary_ops: HashSet::new(),
            slice_colons: HashMap::new(),
            colons: HashSet::new(),
            alias_equals: HashSet::new(),
            let_equals: HashSet::new(),
            commas: HashSet::new(),
            values: HashSet::new(),
            attributes: HashSet::new(),
            clauses: HashSet::new(),
            bodies: HashSet::new(),
            dropped: HashSet::new(),
            replaced: HashMap::new(),
            tight: HashSet::new(),
            broken: false,
        };
        for attribute in &file.attributes {
            notes.element(attribute.span, FILE, RowKind::Other);
        }
        if let Some(name) = &file.package {
            let keyword = notes.token_before(name.span.start)?;
            let span = Span { start: keyword.start, ..name.span };
            notes.element(span, FILE, RowKind::Package);
        }
        notes.imports()?;
        notes.decls(&file.decls, FILE);
        (!notes.broken).then_some(notes)
    }

    fn imports(&mut self) -> Option<()> {
        let mut group: Option<u32> = None;
        for import in &self.file.imports {
            let start = import.alias.as_ref().map_or(import.span.start, |alias| alias.span.start);
            let before = self.token_before(start)?;
            match before.kind {
                Kind::Ident => {
                    let span = Span { start: before.start, ..import.span };
                    self.element(span, FILE, RowKind::Import);
                    continue;
                }
                Kind::LParen => {
                    let keyword = self.token_before(before.start)?;
                    let span = Span { start: keyword.start, ..import.span };
                    self.element(span, FILE, RowKind::Import);
                    group = Some(before.start);
                    self.brackets.insert(
                        before.start,
                        Bracket {
                            kind: BracketKind::Imports,
                            broken: false,
                            open: false,
                            comma_free: true,
                        },
                    );
                }
                _ => {}
            }
            let span = Span { start, ..import.span };
            self.element(span, group?, RowKind::Item);
        }
        Some(())
    }

    /// A span in the file; only its file is meant.
    pub(super) fn file_span(&self) -> Span {
        Span { file: self.file.file, start: 0, end: 0 }
    }

    pub(super) fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    pub(super) fn element(&mut self, span: Span, bracket: u32, kind: RowKind) {
        self.elements.insert(span.start, Element { bracket, kind });
    }

    /// The index of the first token that starts at or after `from`.
    fn index_from(&self, from: u32) -> usize {
        self.tokens.partition_point(|token| {
            token.start < from || token.kind == Kind::Newline && token.start <= from
        })
    }

    /// The byte of the first token of a kind at or after `from`.
    pub(super) fn token_from(&self, from: u32, kind: Kind) -> Option<u32> {
        let from = self.tokens.partition_point(|token| token.start < from);
        self.tokens[from..].iter().find(|token| token.kind == kind).map(|token| token.start)
    }

    fn token_before(&self, start: u32) -> Option<Token> {
        let index = self.tokens.partition_point(|token| token.start < start);
        self.tokens[..index]
            .iter()
            .rev()
            .find(|token| token.kind != Kind::Newline && token.kind != Kind::Comma)
            .copied()
    }

    /// Whether a line break lies between two bytes.
    pub(super) fn has_break(&self, from: u32, to: u32) -> bool {
        self.text.as_bytes().get(from as usize..to as usize).is_some_and(|gap| gap.contains(&b'\n'))
    }

    /// Whether a written comma follows an element that ends at `end`.
    pub(super) fn has_comma(&self, end: u32) -> bool {
        let index = self.tokens.partition_point(|token| token.start < end);
        self.tokens[index..]
            .iter()
            .find(|token| token.kind != Kind::Newline)
            .is_some_and(|token| token.kind == Kind::Comma)
    }

    pub(super) fn bracket_after(&mut self, from: u32, kind: Kind, bracket: Bracket) -> Option<u32> {
        let opener = self.token_from(from, kind)?;
        self.brackets.insert(opener, bracket);
        self.tight.insert(opener);
        Some(opener)
    }

    pub(super) fn alias_equals(&mut self, from: u32) {
        let equals = self.token_from(from, Kind::Assign);
        self.alias_equals.extend(equals);
    }

    pub(super) fn postfix_alias(&mut self, from: u32) {
        let start = self.index_from(from);
        for token in &self.tokens[start..] {
            match token.kind {
                Kind::Colon | Kind::Question | Kind::Not | Kind::Eof => return,
                Kind::Comma => {
                    self.commas.insert(token.start);
                    self.tight.insert(token.start);
                }
                _ => {
                    self.tight.insert(token.start);
                }
            }
        }
    }

    /// `~X` is written `~(X)`.
    pub(super) fn bracket_alias(&mut self, name: Span) {
        let bare = self.token_before(name.start).is_some_and(|token| token.kind == Kind::Tilde);
        if bare {
            let text = format!("({})", self.slice(name));
            self.replaced.insert(name.start, text);
        }
    }

    /// `((x))` is written `(x)`.
    pub(super) fn double_brackets(&mut self, outer: Span, inner: Span) {
        let open = self.text.get(outer.start as usize + 1..inner.start as usize);
        let close = self.text.get(inner.end as usize..(outer.end as usize).saturating_sub(1));
        if open.is_some_and(str::is_empty) && close.is_some_and(str::is_empty) {
            self.dropped.insert(inner.start);
            self.dropped.insert(inner.end - 1);
        }
    }

    /// The word before the fallback of a comprehension whose body ends at `end`.
    pub(super) fn fallback(&mut self, end: u32) {
        if let Some(word) = self.token_from(end, Kind::Fallback)
            && self.text.get(end as usize..word as usize).is_some_and(|gap| gap.trim().is_empty())
        {
            self.replaced.insert(word, "otherwise".to_owned());
        }
    }
}
