//! The walk over the tree that gathers notes.
//!
//! Invariant: recursion follows brackets only, whose depth the parser bounds; chains of operators
//! and selections are walked by loops.

use crate::ast::{
    BinaryOp, Clause, ClauseKind, Comprehension, Decl, DeclKind, Expr, ExprKind, Field,
    InterpolationPart, Label, LabelKind, Let, ListElementKind, ListLit, StructLit,
};
use crate::deep::with_stack;
use crate::print::{binary_text, precedence, unary_text};
use crate::token::Kind;

use super::notes::{Bracket, Notes, RowKind};

/// Which of `+ -` and `* /` an expression holds outside brackets.
#[derive(Clone, Copy, Default)]
struct Holds {
    sums: bool,
    products: bool,
}

impl Holds {
    fn of_op(op: BinaryOp) -> Holds {
        Holds { sums: precedence(op) == 6, products: precedence(op) == 7 }
    }

    fn and(self, other: Holds) -> Holds {
        Holds { sums: self.sums || other.sums, products: self.products || other.products }
    }
}

/// What `expr` holds. The recursion into right operands ends with the seven precedences.
fn holds(expr: &Expr) -> Holds {
    let mut found = Holds::default();
    let mut node = expr;
    while let ExprKind::Binary { op, left, right, .. } = &node.kind {
        found = found.and(Holds::of_op(*op)).and(holds(right));
        node = left;
    }
    found
}

impl Notes<'_> {
    /// Declarations of the bracket that begins at `bracket`.
    pub(super) fn decls(&mut self, decls: &[Decl], bracket: u32) {
        for decl in decls {
            let kind = match &decl.kind {
                DeclKind::Field(field) => RowKind::Field {
                    labels: labels(field),
                    definition: matches!(&field.label.kind,
                        LabelKind::Ident(name) if name.starts_with('#') || name.starts_with("_#")),
                },
                DeclKind::Attribute(_) => RowKind::Other,
                _ => RowKind::Other,
            };
            self.element(decl.span, bracket, kind);
            self.decl(decl);
        }
    }

    fn decl(&mut self, decl: &Decl) {
        match &decl.kind {
            DeclKind::Field(field) => self.field(field),
            DeclKind::Let(binding) => self.binding(binding),
            DeclKind::Embed(expr) | DeclKind::Ellipsis(Some(expr)) => self.expr(expr, 0),
            DeclKind::Comprehension(comprehension) => self.comprehension(comprehension),
            DeclKind::Ellipsis(None) | DeclKind::Attribute(_) => {}
            DeclKind::Bad => self.broken = true,
        }
    }

    fn binding(&mut self, binding: &Let) {
        let equals = self.token_from(binding.name.span.end, Kind::Assign);
        self.let_equals.extend(equals);
        self.expr(&binding.value, 0);
    }

    /// A field; `a: b: c` in a loop.
    fn field(&mut self, mut field: &Field) {
        loop {
            if let Some(alias) = &field.alias {
                self.alias_equals(alias.span.end);
            }
            self.label(&field.label);
            if let Some(alias) = &field.postfix_alias {
                self.postfix_alias(field.label.span.end);
                if alias.key.is_none()
                    && let Some(name) = &alias.value
                {
                    self.bracket_alias(name.span);
                }
            }
            let colon = self.token_from(field.label.span.end, Kind::Colon);
            self.colons.extend(colon);
            if let Some(alias) = &field.value_alias {
                self.alias_equals(alias.span.end);
            }
            for attribute in &field.attributes {
                self.attributes.insert(attribute.span.start);
            }
            match &field.value.kind {
                ExprKind::Struct(inner) if inner.shorthand => match inner.decls.as_slice() {
                    [Decl { kind: DeclKind::Field(next), .. }] => field = next,
                    _ => {
                        self.broken = true;
                        return;
                    }
                },
                _ => break,
            }
        }
        let start = field.value_alias.as_ref().map_or(field.value.span.start, |a| a.span.start);
        self.values.insert(start);
        self.expr(&field.value, 0);
    }

    fn label(&mut self, label: &Label) {
        match &label.kind {
            LabelKind::Interpolation(expr) => self.expr(expr, 0),
            LabelKind::Dynamic(expr) => {
                self.brackets.insert(label.span.start, Bracket::round());
                self.expr(expr, 0);
            }
            LabelKind::Pattern { alias, pattern } => {
                self.brackets.insert(label.span.start, Bracket::round());
                if let Some(alias) = alias {
                    self.alias_equals(alias.span.end);
                }
                self.expr(pattern, 0);
            }
            LabelKind::Ident(_) | LabelKind::String(_) | LabelKind::Number(_) => {}
        }
    }

    /// An expression; `subscript` counts the indices and interpolations around it.
    pub(super) fn expr(&mut self, expr: &Expr, subscript: usize) {
        with_stack(|| self.spine(expr, subscript, 1 + subscript));
    }

    /// Walks the left-most operands in a loop. `depth` decides how tightly operators are written.
    fn spine(&mut self, expr: &Expr, subscript: usize, depth: usize) {
        // From the innermost outwards, what each operator on the spine holds.
        let mut spine = Vec::new();
        let mut node = expr;
        while let Some(base) = node.spine() {
            spine.push((node, Holds::default()));
            node = base;
        }
        let mut found = Holds::default();
        for (node, held) in spine.iter_mut().rev() {
            found = match &node.kind {
                ExprKind::Binary { op, right, .. } => {
                    found.and(Holds::of_op(*op)).and(holds(right))
                }
                _ => Holds::default(),
            };
            *held = found;
        }
        let mut depth = depth;
        for (node, held) in &spine {
            match &node.kind {
                ExprKind::Binary { op, left, right, op_span } => {
                    let own = precedence(*op);
                    let limit = match (depth, held.sums && held.products) {
                        (1, true) => 7,
                        (1, false) => 8,
                        _ => 6,
                    };
                    // `a++b` and the like would mislead.
                    let doubled = match &right.kind {
                        ExprKind::Unary { op: inner, .. } => unary_text(*inner) == binary_text(*op),
                        _ => false,
                    };
                    self.binary_ops.insert(op_span.start, own < limit || doubled);
                    let deeper = |operand: &Expr| match &operand.kind {
                        ExprKind::Binary { op, .. } if precedence(*op) == own => depth,
                        _ => depth + 1,
                    };
                    self.spine(right, subscript, deeper(right));
                    depth = deeper(left);
                }
                ExprKind::Selector { .. }
                | ExprKind::PostfixEllipsis(_)
                | ExprKind::Optional(_) => {}
                ExprKind::Index { base, index, .. } => {
                    self.bracket_after(base.span.end, Kind::LBracket, Bracket::round());
                    self.expr(index, subscript + 1);
                }
                ExprKind::Slice { base, low, high } => {
                    self.bracket_after(base.span.end, Kind::LBracket, Bracket::round());
                    let colon = low.as_ref().map_or(base.span.end, |low| low.span.end);
                    let binary = |bound: &Option<Box<Expr>>| {
                        bound.as_ref().is_some_and(|b| matches!(b.kind, ExprKind::Binary { .. }))
                    };
                    let spaced = low.is_some() && high.is_some() && (binary(low) || binary(high));
                    if let Some(colon) = self.token_from(colon, Kind::Colon) {
                        self.slice_colons.insert(colon, spaced);
                    }
                    for bound in [low, high].into_iter().flatten() {
                        self.expr(bound, subscript + 1);
                    }
                }
                ExprKind::Call { function, arguments } => {
                    let bracket = Bracket::call();
                    let opener = self.bracket_after(function.span.end, Kind::LParen, bracket);
                    for argument in arguments {
                        if let Some(opener) = opener {
                            self.element(argument.span, opener, RowKind::Item);
                        }
                        self.expr(argument, subscript);
                    }
                }
                _ => {}
            }
        }
        self.operand(node, subscript);
    }

    fn operand(&mut self, expr: &Expr, subscript: usize) {
        match &expr.kind {
            ExprKind::Bad => self.broken = true,
            ExprKind::Interpolation(interpolation) => {
                for part in &interpolation.parts {
                    if let InterpolationPart::Expr(part) = part {
                        self.expr(part, subscript + 1);
                    }
                }
            }
            ExprKind::Struct(literal) => self.struct_lit(literal),
            ExprKind::List(list) => self.list(list, expr.span.start),
            ExprKind::Unary { operand, op_span, .. } => {
                self.unary_ops.insert(op_span.start);
                self.expr(operand, subscript);
            }
            ExprKind::Paren(inner) => {
                self.brackets.insert(expr.span.start, Bracket::round());
                if matches!(inner.kind, ExprKind::Paren(_)) {
                    self.double_brackets(expr.span, inner.span);
                }
                self.expr(inner, subscript);
            }
            ExprKind::Alias { name, value } => {
                self.alias_equals(name.span.end);
                self.expr(value, subscript);
            }
            _ => {}
        }
    }

    fn struct_lit(&mut self, literal: &StructLit) {
        let start = literal.span.start;
        let text = self.slice(literal.span);
        let single_field =
            matches!(literal.decls.as_slice(), [Decl { kind: DeclKind::Field(_), .. }]);
        // Declarations stand on lines of their own as soon as one of them does.
        let gaps = literal
            .decls
            .windows(2)
            .any(|pair| self.has_break(pair[0].span.end, pair[1].span.start));
        self.brackets.insert(start, Bracket::curly(gaps, single_field && text.contains('\n')));
        self.decls(&literal.decls, start);
    }

    fn list(&mut self, list: &ListLit, start: u32) {
        let mut spans: Vec<_> = list
            .elements
            .iter()
            .map(|element| match &element.kind {
                ListElementKind::Expr(expr) => expr.span,
                ListElementKind::Comprehension(_, span) => *span,
            })
            .collect();
        if let Some(rest) = &list.ellipsis {
            let from = spans.last().map_or(start + 1, |span| span.end);
            if let Some(dots) = self.token_from(from, Kind::Ellipsis) {
                let end = rest.as_ref().map_or(dots + 3, |rest| rest.span.end);
                spans.push(platformc_source::Span { start: dots, end, ..self.file_span() });
            }
        }
        let comma_free = match spans.as_slice() {
            [] => false,
            // One element alone keeps the comma it has.
            [only] => !self.has_comma(only.end),
            _ => spans.windows(2).any(|pair| {
                !self.has_comma(pair[0].end) && self.has_break(pair[0].end, pair[1].start)
            }),
        };
        self.brackets.insert(start, Bracket::square(comma_free));
        for span in spans {
            self.element(span, start, RowKind::Item);
        }
        for element in &list.elements {
            match &element.kind {
                ListElementKind::Expr(expr) => self.expr(expr, 0),
                ListElementKind::Comprehension(comprehension, _) => {
                    self.comprehension(comprehension);
                }
            }
        }
        if let Some(Some(rest)) = &list.ellipsis {
            self.expr(rest, 0);
        }
    }

    fn comprehension(&mut self, comprehension: &Comprehension) {
        for clause in &comprehension.clauses {
            self.clauses.insert(clause.span.start);
            self.clause(clause);
        }
        self.body(&comprehension.body);
        if let Some(fallback) = &comprehension.fallback {
            self.fallback(comprehension.body.span.end);
            self.body(fallback);
        }
    }

    fn clause(&mut self, clause: &Clause) {
        match &clause.kind {
            ClauseKind::For { key, source, .. } => {
                if let Some(key) = key {
                    let comma = self.token_from(key.span.end, Kind::Comma);
                    self.commas.extend(comma);
                }
                self.expr(source, 0);
            }
            ClauseKind::If(condition) => self.expr(condition, 0),
            ClauseKind::Let(binding) | ClauseKind::Try(Some(binding)) => self.binding(binding),
            ClauseKind::Try(None) => {}
        }
    }

    fn body(&mut self, body: &StructLit) {
        self.bodies.insert(body.span.start);
        with_stack(|| self.struct_lit(body));
    }
}

/// The number of labels of `a: b: c: 1`.
fn labels(field: &Field) -> usize {
    let mut count = 1;
    let mut field = field;
    while let ExprKind::Struct(inner) = &field.value.kind
        && inner.shorthand
        && let [Decl { kind: DeclKind::Field(next), .. }] = inner.decls.as_slice()
    {
        count += 1;
        field = next;
    }
    count
}
