//! The cases of `cases/compare.txt`, on trees built from their text without the engine.

use std::sync::Arc;

use platformc_cue::{
    ArcKind, Bottom, ErrorCode, Reason, Tree, TreeAlternative, TreeField, TreeKind, TreeList,
    TreeStruct,
};
use platformc_cue_syntax::ast::{
    BinaryOp, Constraint, DeclKind, Expr, ExprKind, LabelKind, ListElementKind, UnaryOp,
};
use platformc_source::{FileId, Origin, Span};
use platformc_value::{BoundOp, Number};

use super::{Comparison, Leaves, flatten_choice, flatten_conjunction};
use crate::locate::{identifier, label};

/// Takes every expression at its word.
struct Literally;

impl Leaves for Literally {
    fn evaluate(&mut self, expression: &str) -> Result<Tree, String> {
        read(expression)
    }
}

fn read(text: &str) -> Result<Tree, String> {
    let parsed = platformc_cue_syntax::parse_expr(FileId(0), text);
    match parsed.diagnostics.first() {
        Some(found) => Err(found.message.clone()),
        None => Ok(build(&parsed.value)),
    }
}

fn build(expr: &Expr) -> Tree {
    Tree::new(kind(expr), Origin::NONE)
}

fn kind(expr: &Expr) -> TreeKind {
    match &expr.kind {
        ExprKind::Paren(inner) => kind(inner),
        ExprKind::Top => TreeKind::Top,
        ExprKind::Null => TreeKind::Null,
        ExprKind::Bool(value) => TreeKind::Bool(*value),
        ExprKind::Number(text) => TreeKind::Number(Number::parse(text).unwrap()),
        ExprKind::String(text) => TreeKind::String(text.clone()),
        ExprKind::Bytes(bytes) => TreeKind::Bytes(bytes.clone()),
        ExprKind::Ident(name) => TreeKind::Type(match &**name {
            "int" => "int",
            "string" => "string",
            "number" => "number",
            other => panic!("no type {other}"),
        }),
        ExprKind::Selector { label, .. } => bottom(match &label.kind {
            LabelKind::Ident(name) => name,
            _ => panic!("not an error"),
        }),
        ExprKind::Unary { op: UnaryOp::Minus, operand, .. } => match kind(operand) {
            TreeKind::Number(number) => TreeKind::Number(number.neg()),
            _ => panic!("not a number"),
        },
        ExprKind::Unary { op, operand, .. } => {
            let op = match op {
                UnaryOp::Less => BoundOp::Less,
                UnaryOp::LessEqual => BoundOp::LessEqual,
                UnaryOp::Greater => BoundOp::Greater,
                UnaryOp::GreaterEqual => BoundOp::GreaterEqual,
                UnaryOp::NotEqual => BoundOp::NotEqual,
                UnaryOp::Match => BoundOp::Match,
                UnaryOp::NotMatch => BoundOp::NotMatch,
                other => panic!("no bound {other:?}"),
            };
            TreeKind::Bound(op, Box::new(build(operand)))
        }
        ExprKind::Binary { op: BinaryOp::Disjunction, .. } => {
            let mut parts = Vec::new();
            flatten_choice(expr, false, &mut parts);
            let alternatives = parts.into_iter();
            TreeKind::Disjunction(
                alternatives
                    .map(|(expr, default)| TreeAlternative { value: build(expr), default })
                    .collect(),
            )
        }
        ExprKind::Binary { op: BinaryOp::Unification, .. } => {
            let mut parts = Vec::new();
            flatten_conjunction(expr, &mut parts);
            TreeKind::Conjunction(parts.into_iter().map(build).collect())
        }
        ExprKind::List(list) => {
            let items = list.elements.iter().map(|element| match &element.kind {
                ListElementKind::Expr(expr) => build(expr),
                ListElementKind::Comprehension(..) => panic!("not a value"),
            });
            let rest = list.ellipsis.as_ref().map(|rest| match rest {
                Some(expr) => build(expr),
                None => Tree::new(TreeKind::Top, Origin::NONE),
            });
            TreeKind::List(Box::new(TreeList { items: items.collect(), rest }))
        }
        ExprKind::Call { function, arguments } => call(function, arguments),
        ExprKind::Struct(body) => {
            let mut tree = TreeStruct::default();
            for decl in &body.decls {
                match &decl.kind {
                    DeclKind::Embed(expr) => tree.embedded = Some(Box::new(build(expr))),
                    DeclKind::Field(field) => match &field.label.kind {
                        LabelKind::Pattern { pattern, .. } => {
                            tree.patterns.push((build(pattern), build(&field.value)));
                        }
                        LabelKind::Ident(name) if name.contains('$') => {
                            let (name, package) = name.split_once('$').unwrap();
                            tree.fields.push(self::field(identifier(name, package), field));
                        }
                        other => {
                            let label = label(other, "").unwrap();
                            tree.fields.push(self::field(label, field));
                        }
                    },
                    other => panic!("not a value: {other:?}"),
                }
            }
            TreeKind::Struct(Box::new(tree))
        }
        other => panic!("not a value: {other:?}"),
    }
}

fn field(label: platformc_cue::TreeLabel, field: &platformc_cue_syntax::ast::Field) -> TreeField {
    let attributes = field.attributes.iter();
    TreeField {
        label,
        arc: match field.constraint {
            Constraint::Member => ArcKind::Member,
            Constraint::Required => ArcKind::Required,
            Constraint::Optional => ArcKind::Optional,
        },
        value: build(&field.value),
        docs: Vec::new(),
        attributes: attributes.map(|found| (found.key.clone(), found.body.clone())).collect(),
        label_span: Span::NONE,
    }
}

fn call(function: &Expr, arguments: &[Expr]) -> TreeKind {
    let name: Arc<str> = match &function.kind {
        ExprKind::Ident(name) => name.clone(),
        ExprKind::Selector { base, label, .. } => match (&base.kind, &label.kind) {
            (ExprKind::Ident(base), LabelKind::Ident(name)) => format!("{base}.{name}").into(),
            other => panic!("no function {other:?}"),
        },
        other => panic!("no function {other:?}"),
    };
    if &*name == "close" {
        let TreeKind::Struct(mut tree) = kind(&arguments[0]) else { panic!("not a struct") };
        tree.closed = true;
        return TreeKind::Struct(tree);
    }
    TreeKind::Validator { name, arguments: arguments.iter().map(build).collect() }
}

fn bottom(code: &str) -> TreeKind {
    let codes = [
        ErrorCode::Eval,
        ErrorCode::User,
        ErrorCode::StructuralCycle,
        ErrorCode::Incomplete,
        ErrorCode::Cycle,
    ];
    TreeKind::Bottom(Box::new(Bottom {
        code: codes.into_iter().find(|known| known.as_str() == code).unwrap(),
        message: "an error".to_owned(),
        path: String::new(),
        spans: Vec::new(),
        expression: None,
        causes: Vec::new(),
        reason: Reason::Other,
    }))
}

#[test]
fn accepts_and_refuses_what_the_cases_say() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in include_str!("../../cases/compare.txt").lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        count += 1;
        let (verdict, rest) = line.split_once(" ⟦").or(line.split_once("  ⟦")).unwrap();
        let (expected, actual) = rest.trim_end_matches('⟧').split_once("⟧ ⟦").unwrap();
        let expr = platformc_cue_syntax::parse_expr(FileId(0), expected);
        assert_eq!(expr.diagnostics, [], "{expected}");
        let tree = read(actual).unwrap();
        let result = Comparison::new(expected, "", &mut Literally).run(&expr.value, &tree);
        if result.is_ok() != (verdict.trim() == "yes") {
            wrong.push(format!("{line}: {result:?}"));
        }
    }
    assert!(count > 100, "only {count} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_path_of_an_error_counts_from_the_root_or_from_the_value() {
    use super::path_matches;
    assert!(path_matches("a.b.c", "a", "b.c"));
    assert!(path_matches("a.b.c", "a", "a.b.c"));
    assert!(path_matches("a.\"b.c\"[0]", "a", "\"b.c\".0"));
    assert!(path_matches("a.b", "a.b", ""));
    assert!(!path_matches("a.b.c", "a", "c"));
    assert!(!path_matches("a.b", "", "b"));
}
