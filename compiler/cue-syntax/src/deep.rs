//! Copying and dropping expressions of any length.
//!
//! Invariant: the parser bounds how deep brackets nest, but `a + b + c …` or `a.b.c …` make a
//! tree as deep as they are long, always along the left-most operand. Walking that operand takes
//! a loop here, and what brackets hold takes recursion that asks for stack, so that neither
//! overflows.

use std::mem;

use platformc_source::Span;

use crate::ast::{Expr, ExprKind};

/// Runs `work` with enough stack for one more level.
pub(crate) fn with_stack<T>(work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, work)
}

impl Expr {
    /// An expression that stands for nothing.
    const HOLE: Expr = Expr { kind: ExprKind::Bad, span: Span::NONE };

    /// The left-most operand of an operator, selection, call and so on: the one along which a
    /// chain as long as the text may hang.
    #[must_use]
    pub fn spine(&self) -> Option<&Expr> {
        match &self.kind {
            ExprKind::Binary { left: base, .. }
            | ExprKind::Selector { base, .. }
            | ExprKind::Index { base, .. }
            | ExprKind::Slice { base, .. }
            | ExprKind::Call { function: base, .. }
            | ExprKind::PostfixEllipsis(base)
            | ExprKind::Optional(base) => Some(base),
            _ => None,
        }
    }

    fn spine_mut(&mut self) -> Option<&mut Expr> {
        match &mut self.kind {
            ExprKind::Binary { left: base, .. }
            | ExprKind::Selector { base, .. }
            | ExprKind::Index { base, .. }
            | ExprKind::Slice { base, .. }
            | ExprKind::Call { function: base, .. }
            | ExprKind::PostfixEllipsis(base)
            | ExprKind::Optional(base) => Some(base),
            _ => None,
        }
    }

    /// Whether it has parts that may hold as deep a tree again.
    fn holds_others(&self) -> bool {
        matches!(
            self.kind,
            ExprKind::Struct(_)
                | ExprKind::List(_)
                | ExprKind::Paren(_)
                | ExprKind::Unary { .. }
                | ExprKind::Interpolation(_)
                | ExprKind::Alias { .. }
        )
    }

    /// A copy of this one node over `base` in place of its own left-most operand.
    fn copy_over(&self, base: Expr) -> Expr {
        let base = Box::new(base);
        let kind = match &self.kind {
            ExprKind::Binary { op, right, op_span, .. } => {
                ExprKind::Binary { op: *op, left: base, right: right.clone(), op_span: *op_span }
            }
            ExprKind::Selector { label, optional, .. } => {
                ExprKind::Selector { base, label: label.clone(), optional: *optional }
            }
            ExprKind::Index { index, optional, .. } => {
                ExprKind::Index { base, index: index.clone(), optional: *optional }
            }
            ExprKind::Slice { low, high, .. } => {
                ExprKind::Slice { base, low: low.clone(), high: high.clone() }
            }
            ExprKind::Call { arguments, .. } => {
                ExprKind::Call { function: base, arguments: arguments.clone() }
            }
            ExprKind::PostfixEllipsis(_) => ExprKind::PostfixEllipsis(base),
            ExprKind::Optional(_) => ExprKind::Optional(base),
            other => other.clone(),
        };
        Expr { kind, span: self.span }
    }
}

impl Clone for Expr {
    fn clone(&self) -> Expr {
        let mut nodes = Vec::new();
        let mut node = self;
        while let Some(base) = node.spine() {
            nodes.push(node);
            node = base;
        }
        let kind =
            if node.holds_others() { with_stack(|| node.kind.clone()) } else { node.kind.clone() };
        let mut copy = Expr { kind, span: node.span };
        for node in nodes.into_iter().rev() {
            copy = node.copy_over(copy);
        }
        copy
    }
}

impl Drop for Expr {
    fn drop(&mut self) {
        if self.holds_others() {
            let kind = mem::replace(&mut self.kind, ExprKind::Bad);
            with_stack(|| drop(kind));
            return;
        }
        let Some(base) = self.spine_mut() else { return };
        if base.spine().is_none() {
            return;
        }
        let mut next = mem::replace(base, Expr::HOLE);
        while let Some(base) = next.spine_mut() {
            // The assignment drops the node, whose own base is a hole by now.
            next = mem::replace(base, Expr::HOLE);
        }
    }
}
