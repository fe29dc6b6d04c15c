//! Going through a syntax tree.
//!
//! Invariant: an explicit work list; neither nesting nor the length of a chain of operators uses
//! the native stack. A node is seen before what is inside it.

use platformc_cue_syntax::ast::{
    Clause, ClauseKind, Comprehension, Decl, DeclKind, Expr, ExprKind, InterpolationPart,
    LabelKind, ListElementKind, StructLit,
};

macro_rules! walker {
    ($work:ident, $doc:literal, $($mut:tt)?) => {
        #[doc = $doc]
        pub(crate) enum $work<'a> {
            /// An expression.
            Expr(&'a $($mut)? Expr),
            /// A declaration.
            Decl(&'a $($mut)? Decl),
        }

        impl<'a> $work<'a> {
            fn push_struct(body: &'a $($mut)? StructLit, stack: &mut Vec<$work<'a>>) {
                stack.extend((&$($mut)? body.decls).into_iter().rev().map($work::Decl));
            }

            fn push_comprehension(node: &'a $($mut)? Comprehension, stack: &mut Vec<$work<'a>>) {
                if let Some(fallback) = &$($mut)? node.fallback {
                    $work::push_struct(fallback, stack);
                }
                $work::push_struct(&$($mut)? node.body, stack);
                for clause in (&$($mut)? node.clauses).into_iter().rev() {
                    let Clause { kind, .. } = clause;
                    match kind {
                        ClauseKind::For { source, .. } => stack.push($work::Expr(source)),
                        ClauseKind::If(condition) => stack.push($work::Expr(condition)),
                        ClauseKind::Let(binding) | ClauseKind::Try(Some(binding)) => {
                            stack.push($work::Expr(&$($mut)? binding.value));
                        }
                        ClauseKind::Try(None) => {}
                    }
                }
            }

            /// Pushes what is directly inside, so that it pops in the order of the text.
            pub(crate) fn push_children(self, stack: &mut Vec<$work<'a>>) {
                match self {
                    $work::Decl(decl) => match &$($mut)? decl.kind {
                        DeclKind::Field(field) => {
                            stack.push($work::Expr(&$($mut)? field.value));
                            match &$($mut)? field.label.kind {
                                LabelKind::Interpolation(label)
                                | LabelKind::Dynamic(label)
                                | LabelKind::Pattern { pattern: label, .. } => {
                                    stack.push($work::Expr(label));
                                }
                                LabelKind::Ident(_) | LabelKind::String(_) | LabelKind::Number(_) => {}
                            }
                        }
                        DeclKind::Let(binding) => stack.push($work::Expr(&$($mut)? binding.value)),
                        DeclKind::Embed(value) => stack.push($work::Expr(value)),
                        DeclKind::Ellipsis(Some(value)) => stack.push($work::Expr(value)),
                        DeclKind::Comprehension(node) => $work::push_comprehension(node, stack),
                        DeclKind::Ellipsis(None) | DeclKind::Attribute(_) | DeclKind::Bad => {}
                    },
                    $work::Expr(expr) => match &$($mut)? expr.kind {
                        ExprKind::Interpolation(text) => {
                            for part in (&$($mut)? text.parts).into_iter().rev() {
                                if let InterpolationPart::Expr(value) = part {
                                    stack.push($work::Expr(value));
                                }
                            }
                        }
                        ExprKind::Struct(body) => $work::push_struct(body, stack),
                        ExprKind::List(list) => {
                            if let Some(Some(rest)) = &$($mut)? list.ellipsis {
                                stack.push($work::Expr(rest));
                            }
                            for element in (&$($mut)? list.elements).into_iter().rev() {
                                match &$($mut)? element.kind {
                                    ListElementKind::Expr(value) => stack.push($work::Expr(value)),
                                    ListElementKind::Comprehension(node, _) => {
                                        $work::push_comprehension(node, stack);
                                    }
                                }
                            }
                        }
                        ExprKind::Selector { base, .. } => stack.push($work::Expr(base)),
                        ExprKind::Index { base, index, .. } => {
                            stack.push($work::Expr(index));
                            stack.push($work::Expr(base));
                        }
                        ExprKind::Slice { base, low, high } => {
                            stack.extend(high.into_iter().map(|high| $work::Expr(high)));
                            stack.extend(low.into_iter().map(|low| $work::Expr(low)));
                            stack.push($work::Expr(base));
                        }
                        ExprKind::Call { function, arguments } => {
                            stack.extend(arguments.into_iter().rev().map($work::Expr));
                            stack.push($work::Expr(function));
                        }
                        ExprKind::Unary { operand, .. } => stack.push($work::Expr(operand)),
                        ExprKind::Binary { left, right, .. } => {
                            stack.push($work::Expr(right));
                            stack.push($work::Expr(left));
                        }
                        ExprKind::Paren(value)
                        | ExprKind::PostfixEllipsis(value)
                        | ExprKind::Optional(value)
                        | ExprKind::Alias { value, .. } => stack.push($work::Expr(value)),
                        ExprKind::Bottom
                        | ExprKind::Top
                        | ExprKind::Null
                        | ExprKind::Bool(_)
                        | ExprKind::Number(_)
                        | ExprKind::String(_)
                        | ExprKind::Bytes(_)
                        | ExprKind::Ident(_)
                        | ExprKind::Bad => {}
                    },
                }
            }
        }
    };
}

walker!(Work, "A node to look at.",);
walker!(WorkMut, "A node to look at and change.", mut);

/// Calls `see` with every node below `decls`; what is inside a node is skipped where it says
/// `false`.
pub(crate) fn walk<'a>(decls: &'a [Decl], mut see: impl FnMut(&Work<'a>) -> bool) {
    let mut stack: Vec<Work<'a>> = decls.iter().rev().map(Work::Decl).collect();
    while let Some(work) = stack.pop() {
        if see(&work) {
            work.push_children(&mut stack);
        }
    }
}

/// Calls `change` with every node below `decls`, then goes into what it left.
pub(crate) fn walk_mut(decls: &mut [Decl], mut change: impl FnMut(&mut WorkMut<'_>)) {
    let mut stack: Vec<WorkMut<'_>> = decls.iter_mut().rev().map(WorkMut::Decl).collect();
    while let Some(mut work) = stack.pop() {
        change(&mut work);
        work.push_children(&mut stack);
    }
}
