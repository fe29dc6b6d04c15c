//! Definitions written as a CUE file.
//!
//! Invariant: the header is data and the template is a struct literal; imports belong to the
//! template.

use platformc_cue_syntax::ast::{self, Decl, DeclKind, Expr, ExprKind, Field};
use platformc_source::{Diagnostic, FileId, Outcome, Span, codes};
use platformc_value::{Map, Value};

use super::{attributes, label_name, literal};
use crate::{Body, Definition, DefinitionKind, Text};

/// The fields of a header.
pub(crate) const HEADER: [&str; 6] =
    ["type", "alias", "description", "annotations", "labels", "attributes"];

pub(super) fn is_definition(file: &ast::File) -> bool {
    let fields = |decl: &Decl| match &decl.kind {
        DeclKind::Field(field) => label_name(&field.label.kind),
        _ => None,
    };
    file.decls.iter().filter_map(fields).any(|name| &*name == "template")
        && file.decls.iter().any(|decl| match &decl.kind {
            DeclKind::Field(Field { value: Expr { kind: ExprKind::Struct(body), .. }, .. }) => {
                body.decls.iter().filter_map(fields).any(|name| &*name == "type")
            }
            _ => false,
        })
}

pub(super) fn load(file: FileId, text: &str) -> Outcome<Option<Definition>> {
    let parsed = platformc_cue_syntax::parse(file, text);
    let mut sink = parsed.diagnostics;
    let whole = Span::new(file, 0, text.len());
    let value = split(parsed.value, whole, &mut sink);
    Outcome::new(value, sink)
}

fn split(file: ast::File, whole: Span, sink: &mut Vec<Diagnostic>) -> Option<Definition> {
    let start = Span::new(file.file, 0, 0);
    let first = file
        .imports
        .iter()
        .map(|import| import.span)
        .chain(file.decls.iter().map(|decl| decl.span))
        .min();
    let mut header: Option<(Text, Value)> = None;
    let mut template: Option<(ast::StructLit, Span)> = None;
    let mut broken = false;
    for decl in file.decls {
        let span = decl.span;
        let DeclKind::Field(mut field) = decl.kind else {
            if matches!(decl.kind, DeclKind::Bad) {
                broken = true;
            } else if !matches!(decl.kind, DeclKind::Attribute(_)) {
                let message =
                    "only imports, the header and `template` stand at the top of a definition";
                sink.push(
                    Diagnostic::new(codes::DEFINITION_HEADER, span, message)
                        .note("declare helpers inside `template`"),
                );
            }
            continue;
        };
        let label = field.label.span;
        let value_span = field.value.span;
        match label_name(&field.label.kind) {
            Some(name) if &*name == "template" => match (
                &template,
                std::mem::replace(&mut field.value.kind, ExprKind::Bad),
            ) {
                (Some((_, first)), _) => sink.push(
                    Diagnostic::new(
                        codes::DEFINITION_NO_TEMPLATE,
                        label,
                        "a definition has one `template`",
                    )
                    .label(*first, "the first one"),
                ),
                (None, ExprKind::Struct(body)) => template = Some((body, value_span)),
                (None, ExprKind::Bad) => broken = true,
                (None, _) => {
                    let message = "`template` has to be a struct written out, `template: {…}`";
                    sink.push(Diagnostic::new(
                        codes::DEFINITION_NO_TEMPLATE,
                        value_span,
                        message,
                    ));
                    broken = true;
                }
            },
            Some(name) => match &header {
                Some((first, _)) => sink.push(
                    Diagnostic::new(
                        codes::DEFINITION_HEADER,
                        label,
                        format!("a file holds one definition, but `{name}` is a second header"),
                    )
                    .label(first.span, "the first header")
                    .note("declare helpers inside `template`, other definitions in files of their own"),
                ),
                None => {
                    header =
                        Some((Text { text: name, span: label }, literal::evaluate(&field.value, sink)));
                }
            },
            None => sink.push(
                Diagnostic::new(
                    codes::DEFINITION_HEADER,
                    label,
                    "only imports, the header and `template` stand at the top of a definition",
                )
                .note("declare helpers inside `template`"),
            ),
        }
    }
    let Some((name, header)) = header else {
        if !broken {
            let message = "a definition needs a header: `NAME: {type: \"component\", …}`";
            sink.push(Diagnostic::new(codes::DEFINITION_HEADER, first.unwrap_or(start), message));
        }
        return None;
    };
    let kind = kind_of(&name, &header, sink)?;
    let mut definition = Definition::new(kind, name, whole);
    attributes::header(&mut definition, &header, &HEADER, sink);
    match template {
        Some((body, span)) => {
            let template = ast::File {
                file: file.file,
                package: None,
                attributes: Vec::new(),
                imports: file.imports,
                decls: body.decls,
                comments: body.comments,
            };
            let import_at = first.map_or(start, |first| Span::new(first.file, 0, 0));
            definition.body = Body::Cue(super::prepare(kind, template, span, import_at, sink));
        }
        None if broken => {}
        None => sink.push(Diagnostic::new(
            codes::DEFINITION_NO_TEMPLATE,
            definition.name.span,
            format!("the definition `{}` has no `template`", definition.name.text),
        )),
    }
    Some(definition)
}

/// The kind that a header says; one that says none is reported.
pub(crate) fn kind_of(
    name: &Text,
    header: &Value,
    sink: &mut Vec<Diagnostic>,
) -> Option<DefinitionKind> {
    let empty = Map::new();
    let map = header.as_map().unwrap_or(&empty);
    let kinds = || crate::text::list(DefinitionKind::ALL.into_iter().map(DefinitionKind::as_str));
    let Some(value) = map.get("type") else {
        sink.push(
            Diagnostic::new(
                codes::DEFINITION_HEADER,
                name.span,
                format!("the header of `{}` does not say its `type`", name.text),
            )
            .note(format!("a type is one of {}", kinds())),
        );
        return None;
    };
    let kind = value.as_str().and_then(DefinitionKind::parse);
    if kind.is_none() {
        let span = value.origin.span;
        let written = value.as_str().unwrap_or_else(|| value.kind_name());
        let mut diagnostic = Diagnostic::new(
            codes::DEFINITION_HEADER,
            span,
            format!("`{written}` is no type of definition"),
        )
        .note(format!("a type is one of {}", kinds()));
        let near = platformc_source::nearest(
            written,
            DefinitionKind::ALL.into_iter().map(DefinitionKind::as_str),
        );
        if let Some(near) = near.first() {
            diagnostic = diagnostic.replace(span, format!("\"{near}\""), format!("write `{near}`"));
        }
        sink.push(diagnostic);
    }
    kind
}
