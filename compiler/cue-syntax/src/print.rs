//! Expressions back to text.
//!
//! Invariant: the text reads back as the same expression, with round brackets added where the
//! tree needs them. It stands on one line where it is short; comments are left out.

use crate::ast::{
    BinaryOp, Clause, ClauseKind, Comprehension, Constraint, Decl, DeclKind, Expr, ExprKind, Field,
    Ident, Interpolation, InterpolationPart, Label, LabelKind, Let, ListElementKind, ListLit,
    StructLit, UnaryOp,
};
use crate::quote::{escape_into, quote_bytes, quote_string};

/// Structs, lists and calls that are longer than this take several lines.
const WIDTH: usize = 80;

/// The text of an expression, indented by tabs where it takes several lines.
#[must_use]
pub fn print_expr(expr: &Expr) -> String {
    let mut printer = Printer { out: String::new(), indent: 0, limit: None };
    printer.expr(expr);
    printer.out
}

/// The text of declarations, one to a line.
#[must_use]
pub fn print_decls(decls: &[Decl]) -> String {
    let mut printer = Printer { out: String::new(), indent: 0, limit: None };
    for decl in decls {
        printer.decl(decl);
        printer.out.push('\n');
    }
    printer.out
}

/// The text of an operator.
pub(crate) fn binary_text(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Disjunction => "|",
        BinaryOp::Unification => "&",
        BinaryOp::Or => "||",
        BinaryOp::And => "&&",
        BinaryOp::Equal => "==",
        BinaryOp::NotEqual => "!=",
        BinaryOp::Less => "<",
        BinaryOp::LessEqual => "<=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterEqual => ">=",
        BinaryOp::Match => "=~",
        BinaryOp::NotMatch => "!~",
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::IntDiv => "div",
        BinaryOp::IntMod => "mod",
        BinaryOp::IntQuo => "quo",
        BinaryOp::IntRem => "rem",
    }
}

/// How tightly an operator binds, from 1.
pub(crate) fn precedence(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Disjunction => 1,
        BinaryOp::Unification => 2,
        BinaryOp::Or => 3,
        BinaryOp::And => 4,
        BinaryOp::Equal
        | BinaryOp::NotEqual
        | BinaryOp::Less
        | BinaryOp::LessEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterEqual
        | BinaryOp::Match
        | BinaryOp::NotMatch => 5,
        BinaryOp::Add | BinaryOp::Subtract => 6,
        BinaryOp::Multiply
        | BinaryOp::Divide
        | BinaryOp::IntDiv
        | BinaryOp::IntMod
        | BinaryOp::IntQuo
        | BinaryOp::IntRem => 7,
    }
}

/// The text of a prefix operator.
pub(crate) fn unary_text(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Plus => "+",
        UnaryOp::Minus => "-",
        UnaryOp::Not => "!",
        UnaryOp::Default => "*",
        UnaryOp::Less => "<",
        UnaryOp::LessEqual => "<=",
        UnaryOp::Greater => ">",
        UnaryOp::GreaterEqual => ">=",
        UnaryOp::NotEqual => "!=",
        UnaryOp::Equal => "==",
        UnaryOp::Match => "=~",
        UnaryOp::NotMatch => "!~",
    }
}

/// The precedence of an expression as an operand: operators by theirs, prefix operators 8,
/// anything else 9.
fn binding(expr: &Expr) -> u8 {
    match &expr.kind {
        ExprKind::Binary { op, .. } => precedence(*op),
        ExprKind::Unary { .. } => 8,
        ExprKind::Alias { .. } => 0,
        _ => 9,
    }
}

struct Printer {
    out: String,
    indent: usize,
    /// While trying whether something fits on a line: the length that is too long.
    limit: Option<usize>,
}

impl Printer {
    fn text(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn too_long(&self) -> bool {
        self.limit.is_some_and(|limit| self.out.len() > limit)
    }

    fn new_line(&mut self) {
        self.out.push('\n');
        for _ in 0..self.indent {
            self.out.push('\t');
        }
    }

    /// The column of the next character, tabs counted as four.
    fn column(&self) -> usize {
        let line = self.out.rsplit('\n').next().unwrap_or("");
        line.chars().map(|c| if c == '\t' { 4 } else { 1 }).sum()
    }

    /// Writes on one line if that is short enough, else over several.
    fn fit(&mut self, flat: impl Fn(&mut Printer), broken: impl Fn(&mut Printer)) {
        if self.limit.is_some() {
            flat(self);
            return;
        }
        let start = self.out.len();
        self.limit = Some(start + WIDTH.saturating_sub(self.column()));
        flat(self);
        let fits = !self.too_long();
        self.limit = None;
        if !fits {
            self.out.truncate(start);
            broken(self);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        crate::deep::with_stack(|| self.spine(expr));
    }

    /// Walks down the left-most operands in a loop, then prints them outwards.
    fn spine(&mut self, expr: &Expr) {
        let mut nodes = vec![expr];
        let mut node = expr;
        while let Some(base) = node.spine() {
            nodes.push(base);
            node = base;
        }
        // Opening brackets of operands that bind too loosely come before everything else.
        for pair in nodes.windows(2) {
            if needs_parens(pair[0], pair[1]) {
                self.text("(");
            }
        }
        self.operand(node);
        for pair in nodes.windows(2).rev() {
            if self.too_long() {
                return;
            }
            if needs_parens(pair[0], pair[1]) {
                self.text(")");
            }
            self.after_base(pair[0]);
        }
    }

    fn bracketed(&mut self, expr: &Expr, least: u8) {
        if binding(expr) < least {
            self.text("(");
            self.expr(expr);
            self.text(")");
        } else {
            self.expr(expr);
        }
    }

    /// What stands behind the left-most operand of `expr`.
    fn after_base(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Binary { op, right, .. } => {
                self.text(" ");
                self.text(binary_text(*op));
                self.text(" ");
                self.bracketed(right, precedence(*op) + 1);
            }
            ExprKind::Selector { base, label, optional } => {
                // `1.a` would read as the number `1.`
                self.text(if matches!(base.kind, ExprKind::Number(_)) { " ." } else { "." });
                self.label(label);
                self.optional(*optional);
            }
            ExprKind::Index { index, optional, .. } => {
                self.text("[");
                self.bracketed(index, 1);
                self.text("]");
                self.optional(*optional);
            }
            ExprKind::Slice { low, high, .. } => {
                self.text("[");
                if let Some(low) = low {
                    self.bracketed(low, 1);
                }
                self.text(":");
                if let Some(high) = high {
                    self.bracketed(high, 1);
                }
                self.text("]");
            }
            ExprKind::Call { arguments, .. } => {
                self.text("(");
                for (index, argument) in arguments.iter().enumerate() {
                    if index > 0 {
                        self.text(", ");
                    }
                    self.bracketed(argument, 1);
                }
                self.text(")");
            }
            ExprKind::PostfixEllipsis(_) => self.text("..."),
            ExprKind::Optional(_) => self.text("?"),
            _ => {}
        }
    }

    fn optional(&mut self, optional: bool) {
        if optional {
            self.text("?");
        }
    }

    /// An expression without a left-most operand to walk along.
    fn operand(&mut self, expr: &Expr) {
        if self.too_long() {
            return;
        }
        match &expr.kind {
            ExprKind::Bottom | ExprKind::Bad => self.text("_|_"),
            ExprKind::Top => self.text("_"),
            ExprKind::Null => self.text("null"),
            ExprKind::Bool(value) => self.text(if *value { "true" } else { "false" }),
            ExprKind::Number(text) | ExprKind::Ident(text) => self.text(text),
            ExprKind::String(text) => {
                let quoted = quote_string(text);
                self.text(&quoted);
            }
            ExprKind::Bytes(bytes) => {
                let quoted = quote_bytes(bytes);
                self.text(&quoted);
            }
            ExprKind::Interpolation(interpolation) => self.interpolation(interpolation),
            ExprKind::Struct(literal) => self.struct_lit(literal),
            ExprKind::List(list) => self.list(list),
            ExprKind::Unary { op, operand, .. } => {
                let text = unary_text(*op);
                // `<-1` would be an arrow, and `= =` is not `==`.
                self.text(text);
                if let ExprKind::Unary { op: inner, .. } = &operand.kind
                    && joins(text, unary_text(*inner))
                {
                    self.text(" ");
                }
                self.bracketed(operand, 8);
            }
            ExprKind::Paren(inner) => {
                self.text("(");
                self.bracketed(inner, 1);
                self.text(")");
            }
            ExprKind::Alias { name, value } => {
                self.text(&name.name);
                self.text("=");
                self.bracketed(value, 1);
            }
            // Reached along the spine only.
            ExprKind::Binary { .. }
            | ExprKind::Selector { .. }
            | ExprKind::Index { .. }
            | ExprKind::Slice { .. }
            | ExprKind::Call { .. }
            | ExprKind::PostfixEllipsis(_)
            | ExprKind::Optional(_) => {}
        }
    }

    fn interpolation(&mut self, interpolation: &Interpolation) {
        let quote = if interpolation.bytes { '\'' } else { '"' };
        self.out.push(quote);
        for part in &interpolation.parts {
            match part {
                InterpolationPart::Text(text) => escape_into(&mut self.out, text, quote),
                InterpolationPart::Expr(expr) => {
                    self.text("\\(");
                    self.bracketed(expr, 1);
                    self.text(")");
                }
            }
        }
        self.out.push(quote);
    }

    fn struct_lit(&mut self, literal: &StructLit) {
        let decls = &literal.decls;
        if decls.is_empty() {
            self.text("{}");
            return;
        }
        self.fit(
            |printer| {
                printer.text("{");
                for (index, decl) in decls.iter().enumerate() {
                    if printer.too_long() {
                        return;
                    }
                    if index > 0 {
                        printer.text(", ");
                    }
                    printer.decl(decl);
                }
                printer.text("}");
            },
            |printer| {
                printer.text("{");
                printer.indent += 1;
                for decl in decls {
                    printer.new_line();
                    printer.decl(decl);
                }
                printer.indent -= 1;
                printer.new_line();
                printer.text("}");
            },
        );
    }

    fn list(&mut self, list: &ListLit) {
        if list.elements.is_empty() && list.ellipsis.is_none() {
            self.text("[]");
            return;
        }
        let item = |printer: &mut Printer, index: usize| match list.elements.get(index) {
            Some(element) => match &element.kind {
                ListElementKind::Expr(expr) => printer.expr(expr),
                ListElementKind::Comprehension(comprehension, _) => {
                    printer.comprehension(comprehension);
                }
            },
            None => {
                printer.text("...");
                if let Some(Some(rest)) = &list.ellipsis {
                    printer.bracketed(rest, 1);
                }
            }
        };
        let count = list.elements.len() + usize::from(list.ellipsis.is_some());
        self.fit(
            |printer| {
                printer.text("[");
                for index in 0..count {
                    if printer.too_long() {
                        return;
                    }
                    if index > 0 {
                        printer.text(", ");
                    }
                    item(printer, index);
                }
                printer.text("]");
            },
            |printer| {
                printer.text("[");
                printer.indent += 1;
                for index in 0..count {
                    printer.new_line();
                    item(printer, index);
                    printer.text(",");
                }
                printer.indent -= 1;
                printer.new_line();
                printer.text("]");
            },
        );
    }

    fn decl(&mut self, decl: &Decl) {
        match &decl.kind {
            DeclKind::Field(field) => self.field(field),
            DeclKind::Let(binding) => {
                self.text("let ");
                self.binding(binding);
            }
            DeclKind::Embed(expr) => {
                self.expr(expr);
            }
            DeclKind::Comprehension(comprehension) => self.comprehension(comprehension),
            DeclKind::Ellipsis(value) => {
                self.text("...");
                if let Some(value) = value {
                    self.bracketed(value, 1);
                }
            }
            DeclKind::Attribute(attribute) => self.attribute(attribute),
            DeclKind::Bad => self.text("_|_"),
        }
    }

    fn attribute(&mut self, attribute: &crate::ast::Attribute) {
        self.text("@");
        self.text(&attribute.key);
        self.text("(");
        self.text(&attribute.body);
        self.text(")");
    }

    fn binding(&mut self, binding: &Let) {
        self.text(&binding.name.name);
        self.text(" = ");
        self.bracketed(&binding.value, 1);
    }

    /// `a: b: c: 1` in a loop.
    fn field(&mut self, mut field: &Field) {
        loop {
            if let Some(alias) = &field.alias {
                self.text(&alias.name);
                self.text("=");
            }
            self.label(&field.label);
            if let Some(alias) = &field.postfix_alias {
                self.text("~");
                let name = |ident: &Option<Ident>| {
                    ident.as_ref().map_or_else(|| "_".to_owned(), |ident| ident.name.to_string())
                };
                match &alias.key {
                    None => self.text(&name(&alias.value)),
                    Some(key) => {
                        let both = format!("({},{})", key.name, name(&alias.value));
                        self.text(&both);
                    }
                }
            }
            self.text(match field.constraint {
                Constraint::Member => ": ",
                Constraint::Required => "!: ",
                Constraint::Optional => "?: ",
            });
            if let Some(alias) = &field.value_alias {
                self.text(&alias.name);
                self.text("=");
            }
            match &field.value.kind {
                ExprKind::Struct(inner) if inner.shorthand && field.attributes.is_empty() => {
                    match inner.decls.as_slice() {
                        [Decl { kind: DeclKind::Field(next), .. }] => field = next,
                        _ => {
                            self.struct_lit(inner);
                            break;
                        }
                    }
                }
                _ => {
                    self.bracketed(&field.value, 1);
                    break;
                }
            }
        }
        for attribute in &field.attributes {
            self.text(" ");
            self.attribute(attribute);
        }
    }

    fn label(&mut self, label: &Label) {
        match &label.kind {
            LabelKind::Ident(name) => self.text(name),
            LabelKind::String(text) => {
                let quoted = quote_string(text);
                self.text(&quoted);
            }
            LabelKind::Number(text) => {
                let quoted = quote_string(text);
                self.text(&quoted);
            }
            LabelKind::Interpolation(expr) => self.expr(expr),
            LabelKind::Dynamic(expr) => {
                self.text("(");
                self.bracketed(expr, 1);
                self.text(")");
            }
            LabelKind::Pattern { alias, pattern } => {
                self.text("[");
                if let Some(alias) = alias {
                    self.text(&alias.name);
                    self.text("=");
                }
                self.bracketed(pattern, 1);
                self.text("]");
            }
        }
    }

    fn comprehension(&mut self, comprehension: &Comprehension) {
        for clause in &comprehension.clauses {
            self.clause(clause);
            self.text(" ");
        }
        self.braced(&comprehension.body);
        if let Some(fallback) = &comprehension.fallback {
            let single = matches!(
                comprehension.clauses.as_slice(),
                [Clause { kind: ClauseKind::If(_) | ClauseKind::Try(_), .. }]
            );
            self.text(if single { " else " } else { " otherwise " });
            self.braced(fallback);
        }
    }

    fn braced(&mut self, body: &StructLit) {
        crate::deep::with_stack(|| self.struct_lit(body));
    }

    fn clause(&mut self, clause: &Clause) {
        match &clause.kind {
            ClauseKind::For { key, value, source } => {
                self.text("for ");
                if let Some(key) = key {
                    self.text(&key.name);
                    self.text(", ");
                }
                self.text(&value.name);
                self.text(" in ");
                self.bracketed(source, 1);
            }
            ClauseKind::If(condition) => {
                self.text("if ");
                self.bracketed(condition, 1);
            }
            ClauseKind::Let(binding) => {
                self.text("let ");
                self.binding(binding);
            }
            ClauseKind::Try(None) => self.text("try"),
            ClauseKind::Try(Some(binding)) => {
                self.text("try ");
                self.binding(binding);
            }
        }
    }
}

/// Whether two prefix operators in a row would read as another operator.
fn joins(first: &str, second: &str) -> bool {
    match first {
        "!" | "<" | ">" => second.starts_with(['=', '~']),
        _ => false,
    }
}

/// Whether the left-most operand `base` of `expr` needs round brackets.
fn needs_parens(expr: &Expr, base: &Expr) -> bool {
    let least = match &expr.kind {
        ExprKind::Binary { op, .. } => precedence(*op),
        _ => 9,
    };
    binding(base) < least
}
