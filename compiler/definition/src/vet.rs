//! Checking a definition itself.
//!
//! Invariant: what is reported here would fail, or silently do nothing, in some rendering.

use platformc_cue::{Options, Unit};
use platformc_source::{Diagnostic, Span, codes, nearest};
use platformc_value::Shape;

use crate::check::labels;
use crate::context::{FIELDS, LATER, OPERATION};
use crate::{Body, Compiled, DefinitionKind};

/// Everything wrong with a definition beyond reading and compiling it.
#[must_use]
pub fn vet(compiled: &Compiled) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if !matches!(compiled.definition.body, Body::Cue(_)) {
        return found;
    }
    outputs(compiled, &mut found);
    context(compiled, &mut found);
    parameters(compiled, &mut found);
    if !compiled.is_broken() {
        evaluates(compiled, &mut found);
    }
    found
}

/// A template makes what its kind has to make.
fn outputs(compiled: &Compiled, found: &mut Vec<Diagnostic>) {
    let definition = &compiled.definition;
    let declares = |name: &str| compiled.uses.declares(name);
    let missing = match definition.kind {
        DefinitionKind::Component | DefinitionKind::Workload if !declares("output") => {
            "`output`, the workload"
        }
        DefinitionKind::Module | DefinitionKind::Operation if !declares("output") => "`output`",
        DefinitionKind::Trait
            if !["output", "outputs", "patch", "patchOutputs"].into_iter().any(declares) =>
        {
            "`patch`, `patchOutputs` or `outputs`"
        }
        _ => return,
    };
    found.push(Diagnostic::new(
        codes::DEFINITION_NO_OUTPUT,
        definition.name.span,
        format!(
            "the template of the {} `{}` has no {missing}",
            definition.kind.noun(),
            definition.name.text
        ),
    ));
}

/// Fields of `context` that do not exist.
fn context(compiled: &Compiled, found: &mut Vec<Diagnostic>) {
    let kind = compiled.definition.kind;
    let renders = kind.renders_component() || kind == DefinitionKind::Trait;
    let later = if renders { &[] } else { LATER };
    let operation = kind == DefinitionKind::Operation;
    let own: &[&str] = if operation { &OPERATION } else { &[] };
    let known = || FIELDS.iter().chain(later).chain(own).copied();
    for (name, span) in &compiled.uses.context_reads().fields {
        if known().any(|known| known == &**name) {
            continue;
        }
        let mut diagnostic = Diagnostic::new(
            codes::DEFINITION_UNKNOWN_CONTEXT,
            *span,
            format!("`context` of a {} has no field `{name}`", kind.noun()),
        );
        match nearest(name, known()).first() {
            Some(near) => {
                diagnostic = diagnostic
                    .primary_label(format!("did you mean `context.{near}`?"))
                    .replace(*span, format!("context.{near}"), format!("read `context.{near}`"));
            }
            None => {
                let known = crate::text::list(known());
                diagnostic = diagnostic.note(format!("known: {known}"));
            }
        }
        found.push(diagnostic);
    }
}

/// Parameters read and not declared, declared and not read.
fn parameters(compiled: &Compiled, found: &mut Vec<Diagnostic>) {
    let kind = compiled.definition.kind;
    let reads = compiled.uses.parameter_reads();
    let shape = &compiled.parameters().shape;
    let Some(template) = compiled.definition.template() else { return };
    if !compiled.parameters().declared {
        if let Some((name, span)) = reads.fields.first_key_value() {
            found.push(undeclared(compiled, name, *span, &[]));
        }
        return;
    }
    let mut names = Vec::new();
    let sure = collect(shape, &mut names);
    if sure {
        for (name, span) in &reads.fields {
            if !names.iter().any(|(known, _)| known == name) {
                let known: Vec<&str> = names.iter().map(|(name, _)| &**name).collect();
                found.push(undeclared(compiled, name, *span, &known));
            }
        }
    }
    // A policy without a template of its own is a schema: nothing has to read it.
    let renders = kind.renders_component() || kind == DefinitionKind::Trait;
    if !renders || reads.all || template.file.decls.len() <= 1 {
        return;
    }
    for (name, span) in names {
        if !reads.fields.contains_key(&name) {
            found.push(
                Diagnostic::new(
                    codes::DEFINITION_UNUSED_PARAMETER,
                    span,
                    format!(
                        "`{}` never reads its parameter `{name}`",
                        compiled.definition.name.text
                    ),
                )
                .note("what a document sets there has no effect"),
            );
        }
    }
}

/// The names a shape declares; whether these are all there can be.
fn collect(shape: &Shape, names: &mut Vec<(std::sync::Arc<str>, Span)>) -> bool {
    match shape {
        Shape::Struct { fields, pattern, .. } => {
            for field in fields {
                if !names.iter().any(|(known, _)| *known == field.name) {
                    names.push((std::sync::Arc::clone(&field.name), field.origin.span));
                }
            }
            pattern.is_none() && !fields.is_empty()
        }
        Shape::Choice(alternatives) => {
            let mut sure = true;
            for alternative in alternatives {
                sure &= collect(&alternative.shape, names);
            }
            sure
        }
        _ => false,
    }
}

fn undeclared(compiled: &Compiled, name: &str, span: Span, known: &[&str]) -> Diagnostic {
    let mut diagnostic = Diagnostic::new(
        codes::DEFINITION_UNDECLARED_PARAMETER,
        span,
        format!(
            "`{}` reads `parameter.{name}`, which it does not declare",
            compiled.definition.name.text
        ),
    );
    if let Some(near) = nearest(name, known.iter().copied()).first() {
        diagnostic = diagnostic.primary_label(format!("did you mean `parameter.{near}`?")).replace(
            span,
            format!("parameter.{near}"),
            format!("read `parameter.{near}`"),
        );
    }
    diagnostic
}

/// A template must not contradict itself whatever the properties are.
fn evaluates(compiled: &Compiled, found: &mut Vec<Diagnostic>) {
    let Some(package) = &compiled.package else { return };
    let mut unit = Unit::new(package, Options::default());
    let root = unit.root();
    for error in unit.errors(root) {
        let place = if labels(&error.path).is_empty() {
            String::new()
        } else {
            format!(" at `{}`", error.path)
        };
        let span = error.spans.first().copied().unwrap_or(compiled.definition.name.span);
        let mut diagnostic = Diagnostic::new(
            codes::DEFINITION_TEMPLATE,
            span,
            format!(
                "`{}` fails{place} whatever its properties: {}",
                compiled.definition.name.text, error.message
            ),
        );
        for other in error.spans.iter().skip(1).take(3) {
            diagnostic = diagnostic.label(*other, "and this");
        }
        found.push(diagnostic);
    }
}
