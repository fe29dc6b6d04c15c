//! What a template may not do in a build that has neither network nor cluster.
//!
//! Invariant: a template that passes renders from its parameters and context alone.

use platformc_cue_syntax::ast::{Decl, DeclKind, File, LabelKind};
use platformc_source::{Diagnostic, codes};

use super::label_name;
use crate::DefinitionKind;
use crate::walk::{Work, walk};

/// Reports what needs a network or a cluster. Workflow steps act when the workflow runs, not in a
/// build, so for them nothing is refused.
pub(super) fn check(kind: DefinitionKind, file: &File, sink: &mut Vec<Diagnostic>) {
    if kind == DefinitionKind::WorkflowStep {
        return;
    }
    for import in &file.imports {
        if let Some(package) = import.path.strip_prefix("vela/") {
            let message = format!(
                "a {} cannot render offline with `{}`, which acts on a live system",
                kind.noun(),
                import.path
            );
            let way_out = match package {
                "helm" => {
                    "deliver the chart by a component of type `helm`; it becomes a pinned Argo CD source"
                }
                _ => {
                    "take the values as parameters or from the configuration, or do this in a workflow step"
                }
            };
            sink.push(
                Diagnostic::new(codes::DEFINITION_NOT_HERMETIC, import.span, message).note(way_out),
            );
        }
    }
    for decl in &file.decls {
        let DeclKind::Field(field) = &decl.kind else { continue };
        if label_name(&field.label.kind).as_deref() == Some("processing") {
            sink.push(
                Diagnostic::new(
                    codes::DEFINITION_NOT_HERMETIC,
                    field.label.span,
                    "`processing` calls an HTTP service while rendering, which a build does not do",
                )
                .note("take the values as parameters or from the configuration"),
            );
        }
    }
    if file.imports.iter().any(|import| import.path.starts_with("vela/")) {
        return;
    }
    walk(&file.decls, |work| {
        if let Work::Decl(Decl { kind: DeclKind::Field(field), .. }) = work
            && matches!(&field.label.kind, LabelKind::Ident(name) if &**name == "#do")
        {
            sink.push(
                Diagnostic::new(
                    codes::DEFINITION_NOT_HERMETIC,
                    field.label.span,
                    format!(
                        "`#do` asks for an action, which a {} cannot have in a build",
                        kind.noun()
                    ),
                )
                .note("actions belong into workflow steps"),
            );
        }
        true
    });
}
