//! Joins the attributes the scanner found with the values they speak of.
//!
//! Invariant: every attribute of the root package's files appears exactly once in the result,
//! with a path or with the reason why it has none.

use std::collections::BTreeMap;

use platformc_cue::TreeLabel;
use platformc_cue_syntax::ast::{Attribute, DeclKind, ExprKind, Field, File, LabelKind, StructLit};

use crate::directive::Directive;

/// Where an attribute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Behind a field.
    Field,
    /// In a struct, of which it speaks.
    Struct,
    /// At the top of a file, of which it speaks.
    File,
}

/// The value an attribute speaks of.
#[derive(Clone, Debug)]
pub struct Target {
    /// From the root of the package.
    pub path: Vec<TreeLabel>,
    /// Where the attribute stands.
    pub place: Place,
    /// The line, from 1, that relative positions count from.
    pub base_line: usize,
}

/// An assertion of an archive.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// The name of the file.
    pub file: String,
    /// The index of the file among the root files, where it is one.
    pub file_index: Option<usize>,
    /// The byte of the `@`.
    pub start: usize,
    /// The line of the `@`, from 1.
    pub line: usize,
    /// The text between the brackets.
    pub body: String,
    /// What it says.
    pub directive: Directive,
    /// What it speaks of; `None` for a place the reference does not check either.
    pub target: Option<Target>,
}

/// Finds the targets of all attributes of a file, by the byte of their `@`.
#[must_use]
pub fn targets(file: &File, text: &str) -> BTreeMap<usize, Target> {
    let mut walk = Walk { text, package: package(file), found: BTreeMap::new() };
    let free = file.decls.iter().filter_map(|decl| match &decl.kind {
        DeclKind::Attribute(attribute) => Some(attribute),
        _ => None,
    });
    for attribute in file.attributes.iter().chain(free) {
        let line = line_of(text, attribute.span.start as usize);
        walk.add(attribute, &[], Place::File, line);
    }
    for decl in &file.decls {
        if let DeclKind::Field(field) = &decl.kind {
            walk.field(field, &[]);
        }
    }
    walk.found
}

/// The package that hidden fields of a file belong to; empty for none.
#[must_use]
pub fn package(file: &File) -> &str {
    file.package
        .as_ref()
        .map_or("", |package| if &*package.name == "_" { "" } else { &package.name })
}

/// The label of a field whose name is written out; `None` for computed names and patterns.
#[must_use]
pub fn label(kind: &LabelKind, package: &str) -> Option<TreeLabel> {
    Some(match kind {
        LabelKind::Ident(name) => identifier(name, package),
        LabelKind::String(name) | LabelKind::Number(name) => TreeLabel::Regular(name.clone()),
        LabelKind::Interpolation(_) | LabelKind::Dynamic(_) | LabelKind::Pattern { .. } => {
            return None;
        }
    })
}

/// The label an identifier stands for.
#[must_use]
pub fn identifier(name: &str, package: &str) -> TreeLabel {
    if name.starts_with("_#") {
        TreeLabel::HiddenDefinition(name.into(), package.into())
    } else if name.starts_with('#') {
        TreeLabel::Definition(name.into())
    } else if name.starts_with('_') && name != "_" {
        TreeLabel::Hidden(name.into(), package.into())
    } else {
        TreeLabel::Regular(name.into())
    }
}

/// A path as the reference prints it, for reports and for `path=`.
#[must_use]
pub fn print_path(path: &[TreeLabel]) -> String {
    path.iter().map(|label| &**label.name()).collect::<Vec<_>>().join(".")
}

/// The line, from 1, of a byte.
#[must_use]
pub fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

struct Walk<'a> {
    text: &'a str,
    package: &'a str,
    found: BTreeMap<usize, Target>,
}

impl Walk<'_> {
    fn add(&mut self, attribute: &Attribute, path: &[TreeLabel], place: Place, base_line: usize) {
        if &*attribute.key == "test" {
            let target = Target { path: path.to_vec(), place, base_line };
            self.found.insert(attribute.span.start as usize, target);
        }
    }

    /// Recursion is bounded by the parser's limit on nesting.
    fn field(&mut self, field: &Field, parent: &[TreeLabel]) {
        let Some(label) = label(&field.label.kind, self.package) else { return };
        let path: Vec<TreeLabel> = parent.iter().cloned().chain([label]).collect();
        let line = line_of(self.text, field.label.span.start as usize);
        for attribute in &field.attributes {
            self.add(attribute, &path, Place::Field, line);
        }
        if let ExprKind::Struct(body) = &field.value.kind {
            self.body(body, &path);
        }
    }

    fn body(&mut self, body: &StructLit, path: &[TreeLabel]) {
        let line = line_of(self.text, body.span.start as usize);
        for decl in &body.decls {
            match &decl.kind {
                DeclKind::Attribute(attribute) => self.add(attribute, path, Place::Struct, line),
                DeclKind::Field(field) => self.field(field, path),
                _ => {}
            }
        }
    }
}
