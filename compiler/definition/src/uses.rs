//! What a template declares and reads, told from its text.
//!
//! Invariant: what is read is never underestimated; a use that cannot be told apart (`context` or
//! `parameter` as a whole) counts as reading everything.

use std::collections::BTreeMap;
use std::sync::Arc;

use platformc_cue_syntax::ast::{DeclKind, Expr, ExprKind, File};
use platformc_source::Span;

use crate::load::label_name;
use crate::walk::{Work, walk};

/// The first-level fields of one name that a template reads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reads {
    /// Read as a whole, or by a computed name.
    pub(crate) all: bool,
    /// Fields by name with the first place that reads them.
    pub(crate) fields: BTreeMap<Arc<str>, Span>,
}

/// What a template declares and reads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Uses {
    context: Reads,
    parameter: Reads,
    /// Top-level fields by name with the place of their first label.
    pub(crate) declared: BTreeMap<Arc<str>, Span>,
}

impl Uses {
    /// Reads a template.
    pub(crate) fn of(file: &File) -> Uses {
        let mut uses = Uses::default();
        for decl in &file.decls {
            uses.declare(&decl.kind);
        }
        walk(&file.decls, |work| {
            let Work::Expr(expr) = work else { return true };
            uses.read(expr)
        });
        uses
    }

    /// Reads these fields of `context`, and all parameters.
    pub(crate) fn of_fields<'n>(names: impl Iterator<Item = &'n &'static str>) -> Uses {
        let fields = names.map(|name| (Arc::from(*name), Span::NONE)).collect();
        Uses {
            context: Reads { all: false, fields },
            parameter: Reads { all: true, fields: BTreeMap::new() },
            declared: BTreeMap::new(),
        }
    }

    /// A top-level field, also one inside a comprehension.
    fn declare(&mut self, kind: &DeclKind) {
        match kind {
            DeclKind::Field(field) => {
                if let Some(name) = label_name(&field.label.kind) {
                    self.declared.entry(name).or_insert(field.label.span);
                }
            }
            DeclKind::Comprehension(node) => {
                for decl in &node.body.decls {
                    if let DeclKind::Field(_) = decl.kind {
                        self.declare(&decl.kind);
                    }
                }
            }
            _ => {}
        }
    }

    /// Records a read; says whether to look inside.
    fn read(&mut self, expr: &Expr) -> bool {
        let (base, name) = match &expr.kind {
            ExprKind::Selector { base, label, .. } => (&**base, label_name(&label.kind)),
            ExprKind::Index { base, index, .. } => {
                let name = match &index.kind {
                    ExprKind::String(name) => Some(Arc::clone(name)),
                    _ => None,
                };
                if name.is_none() {
                    return true;
                }
                (&**base, name)
            }
            ExprKind::Ident(name) => {
                if let Some(reads) = self.reads(name) {
                    reads.all = true;
                }
                return true;
            }
            _ => return true,
        };
        let ExprKind::Ident(of) = &base.kind else { return true };
        let (Some(reads), Some(name)) = (self.reads(of), name) else { return true };
        reads.fields.entry(name).or_insert(expr.span);
        false
    }

    fn reads(&mut self, name: &str) -> Option<&mut Reads> {
        match name {
            "context" => Some(&mut self.context),
            "parameter" => Some(&mut self.parameter),
            _ => None,
        }
    }

    /// Whether the template may read this field of `context`.
    pub(crate) fn context(&self, name: &str) -> bool {
        self.context.all || self.context.fields.contains_key(name)
    }

    /// The fields of `context` read by name.
    pub(crate) fn context_reads(&self) -> &Reads {
        &self.context
    }

    /// The parameters read by name.
    pub(crate) fn parameter_reads(&self) -> &Reads {
        &self.parameter
    }

    /// Whether the template has this field at the top.
    pub(crate) fn declares(&self, name: &str) -> bool {
        self.declared.contains_key(name)
    }
}
