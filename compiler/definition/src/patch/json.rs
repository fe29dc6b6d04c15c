//! JSON patches: RFC 7396 (merge) and RFC 6902 (operations).
//!
//! Invariant: what a patch does not name keeps its tree, open parts included; a patch that cannot
//! be applied leaves the base as it was, with a diagnostic.

use std::sync::Arc;

use platformc_cue::{ArcKind, Tree, TreeField, TreeKind, TreeLabel, TreeList, TreeStruct};
use platformc_source::{Diagnostic, Origin, Span, codes};

use crate::finalize::same;

/// Structs nest this deep at most; deeper parts replace.
const MAX_DEPTH: usize = 256;

/// Merges by RFC 7396: structs field by field, `null` removes, anything else replaces.
pub(super) fn merge(base: Tree, patch: Tree, depth: usize) -> Tree {
    let origin = patch.origin;
    let base = resolved(base);
    let TreeKind::Struct(fields) = patch.kind else {
        return resolved(Tree::new(patch.kind, origin));
    };
    if depth >= MAX_DEPTH {
        return Tree::new(TreeKind::Struct(fields), origin);
    }
    let (mut into, origin) = match base.kind {
        TreeKind::Struct(base_fields) => (base_fields, base.origin),
        _ => (Box::new(TreeStruct::default()), origin),
    };
    for field in fields.fields {
        if field.arc != ArcKind::Member || !field.label.is_regular() {
            continue;
        }
        let at = into.fields.iter().position(|old| old.label == field.label);
        if matches!(field.value.resolve_default().kind, TreeKind::Null) {
            if let Some(at) = at {
                into.fields.remove(at);
            }
            continue;
        }
        let old = at.map(|at| std::mem::replace(&mut into.fields[at].value, nothing()));
        let value = merge(old.unwrap_or_else(nothing), field.value, depth + 1);
        match at {
            Some(at) => {
                into.fields[at].value = value;
                into.fields[at].arc = ArcKind::Member;
            }
            None => into.fields.push(TreeField { value, ..field }),
        }
    }
    into.closed = false;
    into.patterns.clear();
    Tree::new(TreeKind::Struct(into), origin)
}

fn nothing() -> Tree {
    Tree::new(TreeKind::Null, Origin::NONE)
}

/// A choice with one default as that default.
fn resolved(tree: Tree) -> Tree {
    match tree.kind {
        TreeKind::Disjunction(_) => tree.resolve_default().clone(),
        _ => tree,
    }
}

/// Applies `patch.operations` in order. The first that cannot be applied ends the patch.
pub(super) fn patch(base: Tree, patch: &Tree, sink: &mut Vec<Diagnostic>) -> Tree {
    let operations = match &patch.kind {
        TreeKind::Struct(fields) => fields.regular("operations").map(|field| &field.value),
        _ => None,
    };
    let Some(Tree { kind: TreeKind::List(operations), .. }) = operations.map(Tree::resolve_default)
    else {
        sink.push(fault(
            patch.origin.span,
            "a JSON patch is a list in the field `operations`".into(),
        ));
        return base;
    };
    let mut result = base.clone();
    for operation in &operations.items {
        if let Err(diagnostic) = apply(&mut result, operation) {
            sink.push(*diagnostic);
            return base;
        }
    }
    result
}

fn fault(span: Span, message: String) -> Diagnostic {
    Diagnostic::new(codes::DEFINITION_JSON_PATCH, span, message)
        .note("RFC 6902 says what operations mean")
}

type Applied<T> = Result<T, Box<Diagnostic>>;

fn apply(target: &mut Tree, operation: &Tree) -> Applied<()> {
    let span = operation.origin.span;
    let fail = |message: String| Box::new(fault(span, message));
    let field = |name: &str| match &operation.resolve_default().kind {
        TreeKind::Struct(fields) => fields
            .regular(name)
            .filter(|field| field.arc == ArcKind::Member)
            .map(|field| field.value.resolve_default()),
        _ => None,
    };
    let text = |name: &str| match field(name).map(|value| &value.kind) {
        Some(TreeKind::String(text)) => Ok(Arc::clone(text)),
        _ => Err(fail(format!("an operation of a JSON patch has no text `{name}`"))),
    };
    let value = || field("value").cloned().ok_or_else(|| fail("an operation lacks `value`".into()));
    let op = text("op")?;
    let at = text("path")?;
    let path = pointer(&at).map_err(&fail)?;
    let missing = |path: &str| fail(format!("there is nothing at `{path}` to {op}"));
    match &*op {
        "add" => add(target, &path, value()?).map_err(fail),
        "remove" => remove(target, &path).map(drop).ok_or_else(|| missing(&at)),
        "replace" => {
            let new = value()?;
            let old = find(target, &path).ok_or_else(|| missing(&at))?;
            *old = new;
            Ok(())
        }
        "test" => {
            let wanted = value()?;
            let found = find(target, &path).ok_or_else(|| missing(&at))?;
            if same(found, &wanted) {
                return Ok(());
            }
            Err(fail(format!("the value at `{at}` is another than the patch tests for")))
        }
        "move" | "copy" => {
            let from = text("from")?;
            let source = pointer(&from).map_err(&fail)?;
            if &*op == "copy" {
                let copied = find(target, &source).ok_or_else(|| missing(&from))?.clone();
                return add(target, &path, copied).map_err(fail);
            }
            if path.len() > source.len() && path.starts_with(&source) {
                return Err(fail(format!("`{from}` cannot move into itself")));
            }
            let moved = remove(target, &source).ok_or_else(|| missing(&from))?;
            add(target, &path, moved).map_err(fail)
        }
        other => {
            let known = ["add", "copy", "move", "remove", "replace", "test"];
            let message = format!("`{other}` is no operation of a JSON patch");
            let known = crate::text::list(known);
            Err(Box::new(fault(span, message).note(format!("an operation is one of {known}"))))
        }
    }
}

/// The steps of a JSON pointer (RFC 6901).
fn pointer(text: &str) -> Result<Vec<String>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let Some(steps) = text.strip_prefix('/') else {
        return Err(format!("the path `{text}` has to begin with `/`"));
    };
    Ok(steps.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect())
}

fn index(list: &TreeList, step: &str) -> Option<usize> {
    if step.len() > 1 && step.starts_with('0') {
        return None;
    }
    step.parse::<usize>().ok().filter(|at| *at <= list.items.len())
}

fn member(fields: &TreeStruct, step: &str) -> Option<usize> {
    fields.fields.iter().position(|field| {
        field.arc == ArcKind::Member
            && matches!(&field.label, TreeLabel::Regular(name) if &**name == step)
    })
}

/// Replaces a choice by its default, so that there is something to go into.
fn settle(tree: &mut Tree) {
    if matches!(tree.kind, TreeKind::Disjunction(_)) {
        *tree = tree.resolve_default().clone();
    }
}

fn find<'t>(tree: &'t mut Tree, path: &[String]) -> Option<&'t mut Tree> {
    let mut at = tree;
    for step in path {
        settle(at);
        at = match &mut at.kind {
            TreeKind::Struct(fields) => {
                let found = member(fields, step)?;
                &mut fields.fields[found].value
            }
            TreeKind::List(list) => {
                let found = index(list, step)?;
                list.items.get_mut(found)?
            }
            _ => return None,
        };
    }
    settle(at);
    Some(at)
}

fn add(tree: &mut Tree, path: &[String], value: Tree) -> Result<(), String> {
    let Some((last, parents)) = path.split_last() else {
        *tree = value;
        return Ok(());
    };
    let parent = find(tree, parents)
        .ok_or_else(|| format!("there is nothing at `/{}` to add to", parents.join("/")))?;
    match &mut parent.kind {
        TreeKind::Struct(fields) => match member(fields, last) {
            Some(at) => fields.fields[at].value = value,
            None => fields.fields.push(TreeField {
                label: TreeLabel::Regular(Arc::from(last.as_str())),
                arc: ArcKind::Member,
                label_span: value.origin.span,
                value,
                docs: Vec::new(),
                attributes: Vec::new(),
            }),
        },
        TreeKind::List(list) => {
            let at = if last == "-" { Some(list.items.len()) } else { index(list, last) };
            let at = at.ok_or_else(|| {
                format!("`{last}` is no place in a list of {} items", list.items.len())
            })?;
            list.items.insert(at, value);
        }
        _ => return Err(format!("`/{}` is neither a struct nor a list", parents.join("/"))),
    }
    Ok(())
}

fn remove(tree: &mut Tree, path: &[String]) -> Option<Tree> {
    let (last, parents) = path.split_last()?;
    let parent = find(tree, parents)?;
    match &mut parent.kind {
        TreeKind::Struct(fields) => {
            let at = member(fields, last)?;
            Some(fields.fields.remove(at).value)
        }
        TreeKind::List(list) => {
            let at = index(list, last).filter(|at| *at < list.items.len())?;
            Some(list.items.remove(at))
        }
        _ => None,
    }
}
