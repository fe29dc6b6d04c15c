//! Old CUE made current, in memory.
//!
//! Invariant: a template that current CUE accepts is not changed, save that markers of `a: b: v`
//! hang on the field they mean. Every rewriting is a lint with the same change as a fix.
//!
//! KubeVela 1.11 rewrites the same three constructs when it loads a definition: `+` and `*` on
//! lists, which CUE refuses since v0.11, and a field `error`, which collides with the builtin.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use platformc_cue_syntax::ast::{
    BinaryOp, CommentPosition, Decl, DeclKind, Expr, ExprKind, File, Ident, Import, Label,
    LabelKind, ListElement, ListElementKind, ListLit, UnaryOp,
};
use platformc_source::{Diagnostic, Edit, Span, codes};

use crate::load::label_name;
use crate::walk::{Work, WorkMut, walk, walk_mut};

/// How deep brackets and references are followed to tell a list.
const MAX_DEPTH: usize = 32;

/// The local name of the package `list` where a rewriting has to import it. It cannot meet a name
/// of the template.
pub(crate) const LIST: &str = "__list";

/// Rewrites `file` and reports what was rewritten. `import_at` is where an import may be inserted.
pub(crate) fn upgrade(file: &mut File, import_at: Span, sink: &mut Vec<Diagnostic>) {
    move_markers(file);
    labels(file, sink);
    lists(file, import_at, sink);
}

/// A comment above `a: b: c: v` documents `c`: there KubeVela reads its `+patchKey` markers.
fn move_markers(file: &mut File) {
    walk_mut(&mut file.decls, |work| {
        let WorkMut::Decl(Decl { kind: DeclKind::Field(field), comments, .. }) = work else {
            return;
        };
        let ExprKind::Struct(body) = &mut field.value.kind else { return };
        let [inner] = body.decls.as_mut_slice() else { return };
        if !body.shorthand || comments.is_empty() {
            return;
        }
        let (docs, rest): (Vec<_>, Vec<_>) =
            comments.drain(..).partition(|comment| comment.position == CommentPosition::Doc);
        *comments = rest;
        inner.comments.splice(0..0, docs);
    });
}

fn labels(file: &mut File, sink: &mut Vec<Diagnostic>) {
    walk_mut(&mut file.decls, |work| {
        let WorkMut::Decl(Decl { kind: DeclKind::Field(field), .. }) = work else { return };
        if !matches!(&field.label.kind, LabelKind::Ident(name) if &**name == "error") {
            return;
        }
        let span = field.label.span;
        field.label.kind = LabelKind::String(Arc::from("error"));
        sink.push(
            Diagnostic::new(
                codes::DEFINITION_OLD_SYNTAX,
                span,
                "a field named `error` has to be quoted, because `error` is a builtin of CUE",
            )
            .replace(span, "\"error\"", "quote the name"),
        );
    });
}

fn lists(file: &mut File, import_at: Span, sink: &mut Vec<Diagnostic>) {
    let mut known = Known::default();
    known.collect(file);
    let import = file.imports.iter().find(|import| &*import.path == "list");
    let local: Arc<str> = Arc::from(import.map_or(LIST, Import::local_name));
    let written = import.map_or("list", Import::local_name).to_owned();
    let import_edit =
        import.is_none().then(|| Edit { span: import_at, text: "import \"list\"\n".to_owned() });
    let mut rewritten = false;
    let mut inside_sum = false;
    walk_mut(&mut file.decls, |work| {
        let WorkMut::Expr(expr) = work else {
            inside_sum = false;
            return;
        };
        // The left operand of a sum follows it; its part of the sum has been judged with it.
        let sum = matches!(expr.kind, ExprKind::Binary { op: BinaryOp::Add, .. });
        let judged = sum && inside_sum;
        inside_sum = sum;
        if judged {
            return;
        }
        let Some(change) = known.change(expr, 0) else { return };
        inside_sum = false;
        let span = expr.span;
        let (name, message) = match change {
            Change::Concat => ("Concat", "`+` no longer joins lists; `list.Concat` does"),
            Change::Repeat { .. } => ("Repeat", "`*` no longer repeats a list; `list.Repeat` does"),
        };
        let edits = edits(expr, change, &written);
        let arguments = match change {
            Change::Concat => vec![joined(take(expr))],
            Change::Repeat { list_first } => {
                let ExprKind::Binary { left, right, .. } =
                    std::mem::replace(&mut expr.kind, ExprKind::Bad)
                else {
                    return;
                };
                if list_first { vec![*left, *right] } else { vec![*right, *left] }
            }
        };
        expr.kind = call(&local, name, arguments, span);
        rewritten = true;
        let mut diagnostic = Diagnostic::new(codes::DEFINITION_OLD_SYNTAX, span, message);
        if let Some(mut edits) = edits {
            edits.extend(import_edit.clone());
            diagnostic = diagnostic.fix(format!("call `list.{name}`"), edits);
        }
        sink.push(diagnostic);
    });
    if rewritten && import.is_none() {
        file.imports.push(Import {
            alias: Some(Ident { name: local, span: import_at }),
            path: Arc::from("list"),
            span: import_at,
            comments: Vec::new(),
        });
    }
}

fn take(expr: &mut Expr) -> Expr {
    let span = expr.span;
    std::mem::replace(expr, Expr { kind: ExprKind::Bad, span })
}

fn call(package: &Arc<str>, name: &str, arguments: Vec<Expr>, span: Span) -> ExprKind {
    let base = Box::new(Expr { kind: ExprKind::Ident(Arc::clone(package)), span });
    let label = Label { kind: LabelKind::Ident(Arc::from(name)), span };
    let function = Expr { kind: ExprKind::Selector { base, label, optional: false }, span };
    ExprKind::Call { function: Box::new(function), arguments }
}

/// The operands of a chain `a + b + …` as one list.
fn joined(chain: Expr) -> Expr {
    let span = chain.span;
    let mut operands = Vec::new();
    let mut rest = chain;
    while matches!(rest.kind, ExprKind::Binary { op: BinaryOp::Add, .. }) {
        let ExprKind::Binary { left, right, .. } = std::mem::replace(&mut rest.kind, ExprKind::Bad)
        else {
            break;
        };
        operands.push(*right);
        rest = *left;
    }
    operands.push(rest);
    operands.reverse();
    let element = |value| ListElement { kind: ListElementKind::Expr(value), comments: Vec::new() };
    let list = ListLit {
        elements: operands.into_iter().map(element).collect(),
        ellipsis: None,
        comments: Vec::new(),
    };
    Expr { kind: ExprKind::List(list), span }
}

#[derive(Clone, Copy)]
enum Change {
    Concat,
    Repeat { list_first: bool },
}

/// The change as edits of the text, where insertions are enough.
fn edits(expr: &Expr, change: Change, package: &str) -> Option<Vec<Edit>> {
    let before = Span { end: expr.span.start, ..expr.span };
    let after = Span { start: expr.span.end, ..expr.span };
    if expr.span.is_none() {
        return None;
    }
    let insert = |span, text: String| Edit { span, text };
    let mut edits = Vec::new();
    match change {
        Change::Concat => {
            edits.push(insert(before, format!("{package}.Concat([")));
            edits.push(insert(after, "])".to_owned()));
            let mut rest = expr;
            while let ExprKind::Binary { op: BinaryOp::Add, left, op_span, .. } = &rest.kind {
                edits.push(insert(*op_span, ",".to_owned()));
                rest = left;
            }
        }
        Change::Repeat { list_first: true } => {
            let ExprKind::Binary { op_span, .. } = &expr.kind else { return None };
            edits.push(insert(before, format!("{package}.Repeat(")));
            edits.push(insert(*op_span, ",".to_owned()));
            edits.push(insert(after, ")".to_owned()));
        }
        Change::Repeat { list_first: false } => return None,
    }
    Some(edits)
}

/// Which fields hold lists, told by their declarations.
#[derive(Default)]
struct Known {
    /// By path, `parameter.args`, and by the last name alone: `true` where every declaration of
    /// the name is a list.
    fields: BTreeMap<String, bool>,
    packages: BTreeSet<Arc<str>>,
}

impl Known {
    fn collect(&mut self, file: &File) {
        for import in file.imports.iter().filter(|import| &*import.path == "list") {
            self.packages.insert(Arc::from(import.local_name()));
        }
        // Fields that are sums of lists become lists themselves; a few rounds reach what people
        // write.
        for _ in 0..4 {
            let before = self.fields.clone();
            let mut next: BTreeMap<String, bool> = BTreeMap::new();
            for decl in &file.decls {
                self.declare(decl, "", &mut next);
            }
            walk(&file.decls, |work| {
                if let Work::Decl(decl) = work {
                    self.declare(decl, "", &mut next);
                }
                true
            });
            self.fields = next;
            if self.fields == before {
                break;
            }
        }
    }

    fn declare(&self, decl: &Decl, prefix: &str, into: &mut BTreeMap<String, bool>) {
        let DeclKind::Field(field) = &decl.kind else { return };
        let name = match &field.label.kind {
            LabelKind::Ident(name) => Arc::clone(name),
            other => match label_name(other) {
                Some(name) => name,
                None => return,
            },
        };
        let path = if prefix.is_empty() { name.to_string() } else { format!("{prefix}.{name}") };
        if let ExprKind::Struct(body) = &field.value.kind {
            // Deeper fields are met again by themselves; two names are enough for `parameter.x`.
            if prefix.is_empty() {
                for inner in &body.decls {
                    self.declare(inner, &path, into);
                }
            }
            return;
        }
        let list = self.is_list(&field.value, 0);
        into.entry(path).and_modify(|all| *all &= list).or_insert(list);
    }

    fn is_list(&self, expr: &Expr, depth: usize) -> bool {
        if depth > MAX_DEPTH {
            return false;
        }
        match &expr.kind {
            ExprKind::List(_) => true,
            ExprKind::Paren(inner) => self.is_list(inner, depth + 1),
            ExprKind::Unary { op: UnaryOp::Default, operand, .. } => {
                self.is_list(operand, depth + 1)
            }
            ExprKind::Binary {
                op: BinaryOp::Disjunction | BinaryOp::Unification,
                left,
                right,
                ..
            } => self.is_list(left, depth + 1) || self.is_list(right, depth + 1),
            ExprKind::Binary { op: BinaryOp::Add | BinaryOp::Multiply, .. } => {
                self.change(expr, depth + 1).is_some()
            }
            ExprKind::Call { function, .. } => match &function.kind {
                ExprKind::Selector { base, label, .. } => {
                    matches!(&base.kind, ExprKind::Ident(name) if self.packages.contains(name))
                        && matches!(&label.kind, LabelKind::Ident(name) if matches!(&**name,
                            "Concat" | "Repeat" | "Range" | "Reverse" | "FlattenN" | "Slice"
                            | "Take" | "Drop" | "Sort" | "SortStable" | "SortStrings"))
                }
                _ => false,
            },
            ExprKind::Ident(name) => self.fields.get(&**name) == Some(&true),
            ExprKind::Selector { base, label, .. } => match (&base.kind, label_name(&label.kind)) {
                (ExprKind::Ident(base), Some(name)) => {
                    self.fields.get(&format!("{base}.{name}")) == Some(&true)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// What an old operator on lists becomes. In current CUE an operand that is a list makes the
    /// operator an error, so one known list is enough, unless another operand contradicts it.
    fn change(&self, expr: &Expr, depth: usize) -> Option<Change> {
        let ExprKind::Binary { op, left, right, .. } = &expr.kind else { return None };
        match op {
            BinaryOp::Add => {
                let mut list = false;
                let mut rest = expr;
                loop {
                    let (operand, next) = match &rest.kind {
                        ExprKind::Binary { op: BinaryOp::Add, left, right, .. } => {
                            (&**right, Some(&**left))
                        }
                        _ => (rest, None),
                    };
                    if is_scalar(operand) {
                        return None;
                    }
                    list |= !matches!(operand.kind, ExprKind::Binary { .. })
                        && self.is_list(operand, depth + 1);
                    match next {
                        Some(next) => rest = next,
                        None => break,
                    }
                }
                list.then_some(Change::Concat)
            }
            BinaryOp::Multiply => {
                let plain = |expr: &Expr| !matches!(expr.kind, ExprKind::Binary { .. });
                let first = plain(left) && self.is_list(left, depth + 1);
                let second = plain(right) && self.is_list(right, depth + 1);
                (first != second).then_some(Change::Repeat { list_first: first })
            }
            _ => None,
        }
    }
}

/// Whether an operand is text or a number, whatever the others are.
fn is_scalar(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::String(_)
            | ExprKind::Interpolation(_)
            | ExprKind::Number(_)
            | ExprKind::Bytes(_)
            | ExprKind::Bool(_)
    )
}
