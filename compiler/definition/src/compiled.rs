//! A definition made ready: compiled once, shared by threads.
//!
//! Invariant: a compiled definition is immutable; what is costly to know about its template
//! (names, shape, what it reads) is found once.

use std::sync::{Arc, OnceLock};

use platformc_cue::{CompileOptions, Package};
use platformc_cue_syntax::ast::{DeclKind, ExprKind, File};
use platformc_source::{FileId, Outcome};

use crate::context::FIELDS;
use crate::load::{is_hermetic, label_name};
use crate::patch::Strategy;
use crate::shape::{Parameters, parameters};
use crate::uses::Uses;
use crate::walk::{Work, walk};
use crate::{Body, Definition, packages};

/// A definition with its compiled template.
#[derive(Debug)]
pub struct Compiled {
    /// The definition as loaded.
    pub definition: Definition,
    pub(crate) package: Option<Package>,
    pub(crate) uses: Uses,
    /// How `patch` applies.
    pub(crate) strategy: Strategy,
    parameters: OnceLock<Parameters>,
    broken: bool,
}

impl Compiled {
    /// Compiles a definition. Names that cannot be resolved and unknown packages are diagnostics.
    #[must_use]
    pub fn new(definition: Definition) -> Outcome<Compiled> {
        let mut compiled = Compiled {
            definition,
            package: None,
            uses: Uses::default(),
            strategy: Strategy::default(),
            parameters: OnceLock::new(),
            broken: false,
        };
        if let Body::Foreign(foreign) = &compiled.definition.body {
            compiled.uses = Uses::of_fields(FIELDS.iter().filter(|name| foreign.reads(name)));
        }
        let Body::Cue(template) = &compiled.definition.body else {
            return Outcome::clean(compiled);
        };
        let file = Arc::clone(&template.file);
        let options = CompileOptions {
            path: "",
            inputs: &["context", "parameter"],
            imports: Some(&packages::find),
        };
        let outcome = Package::compile(&[&*file], &[], options);
        let hermetic = is_hermetic(compiled.definition.kind, &file);
        compiled.broken = outcome.has_errors() || !hermetic || !is_readable(&file);
        compiled.uses = Uses::of(&file);
        compiled.strategy = file
            .decls
            .iter()
            .filter_map(|decl| match &decl.kind {
                DeclKind::Field(field) => {
                    let name = label_name(&field.label.kind)?;
                    (&*name == "patch").then(|| {
                        let lines: Vec<Arc<str>> = decl
                            .comments
                            .iter()
                            .flat_map(|comment| comment.lines.iter().cloned())
                            .collect();
                        Strategy::of(&lines)
                    })
                }
                _ => None,
            })
            .find(|strategy| *strategy != Strategy::Strategic)
            .unwrap_or_default();
        compiled.package = Some(outcome.value);
        Outcome::new(compiled, outcome.diagnostics)
    }

    /// The parameters as people and tools see them.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        self.parameters.get_or_init(|| match &self.definition.body {
            Body::Cue(template) => parameters(&template.file),
            Body::Foreign(foreign) => foreign.parameters(),
            _ => Parameters {
                shape: platformc_value::Shape::Any,
                ignored: std::collections::BTreeSet::new(),
                declared: false,
            },
        })
    }

    /// Whether the template has names or packages that could not be resolved, or acts on a live
    /// system: then nothing is rendered from it, because every use would repeat the same fault.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// The file of the template.
    pub(crate) fn file(&self) -> FileId {
        match &self.definition.body {
            Body::Cue(template) => template.file.file,
            Body::Foreign(foreign) => foreign.file(),
            _ => FileId::NONE,
        }
    }
}

/// Whether every part of a template could be read.
fn is_readable(file: &File) -> bool {
    let mut readable = true;
    walk(&file.decls, |work| {
        readable &= match work {
            Work::Expr(expr) => !matches!(expr.kind, ExprKind::Bad),
            Work::Decl(decl) => !matches!(decl.kind, DeclKind::Bad),
        };
        readable
    });
    readable
}
