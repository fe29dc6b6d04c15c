//! `{}` among the parameters, read as what its author means: any struct.
//!
//! Invariant: rendering is not changed, because structs of `parameter` are open there anyway. It
//! is for the strict check, which closes them: `objects: [...{}]` takes objects of any form, not
//! empty ones only. `parameter: {}` itself takes nothing, unless the template uses the parameters
//! as a whole (`output: parameter`). What the template closes itself stays closed.

use platformc_cue_syntax::ast::{Decl, DeclKind, Expr, ExprKind, Field, File, StructLit};
use platformc_source::Span;

use crate::load::label_name;
use crate::uses::Uses;
use crate::walk::{WorkMut, walk_mut};

/// Opens the structs without fields in `parameter`.
pub(crate) fn open(file: &mut File) {
    let whole = Uses::of(file).parameter_reads().all;
    for decl in &mut file.decls {
        let DeclKind::Field(field) = &mut decl.kind else { continue };
        if label_name(&field.label.kind).is_none_or(|name| &*name != "parameter") {
            continue;
        }
        match &mut field.value.kind {
            ExprKind::Struct(body) if body.decls.is_empty() => {
                if whole {
                    admit(body);
                }
            }
            _ => inside(decl),
        }
    }
}

/// Opens what lies inside a declaration.
fn inside(decl: &mut Decl) {
    let mut closed: Vec<Span> = Vec::new();
    walk_mut(std::slice::from_mut(decl), |work| match work {
        WorkMut::Decl(Decl { kind: DeclKind::Field(field), .. }) if is_definition(field) => {
            closed.push(field.value.span);
        }
        WorkMut::Expr(Expr { kind: ExprKind::Call { function, arguments }, .. })
            if is_close(function) =>
        {
            closed.extend(arguments.iter().map(|argument| argument.span));
        }
        WorkMut::Expr(Expr { kind: ExprKind::Struct(body), span, .. })
            if body.decls.is_empty() && !closed.contains(span) =>
        {
            admit(body);
        }
        _ => {}
    });
}

fn is_close(function: &Expr) -> bool {
    matches!(&function.kind, ExprKind::Ident(name) if &**name == "close")
}

fn is_definition(field: &Field) -> bool {
    label_name(&field.label.kind)
        .is_some_and(|name| name.starts_with('#') || name.starts_with("_#"))
}

fn admit(body: &mut StructLit) {
    let decl = Decl { kind: DeclKind::Ellipsis(None), span: body.span, comments: Vec::new() };
    body.decls.push(decl);
}
