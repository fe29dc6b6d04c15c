//! Fields: label, aliases, constraint, shorthand, value, attributes.

use std::mem;

use platformc_source::Span;

use super::Parser;
use crate::ast::{
    Constraint, Decl, DeclKind, Expr, ExprKind, Field, Ident, Label, LabelKind, ListElementKind,
    PostfixAlias, StructLit,
};
use crate::token::Kind;

/// What stands before the colon of a field.
pub(super) struct FieldHead {
    /// Where it starts.
    start: u32,
    alias: Option<Ident>,
    label: Label,
    postfix_alias: Option<PostfixAlias>,
    constraint: Constraint,
}

/// What was found where a field or a value may stand.
pub(super) enum Head {
    /// A label; the current token is the colon.
    Field(Box<FieldHead>),
    /// `X=value`, with the place of `=`.
    Alias(Ident, Span, Expr),
    /// A value.
    Expr(Expr),
}

impl Parser<'_> {
    /// Whether the token `ahead` makes what stands before it a label.
    fn label_ends(&self, ahead: usize) -> bool {
        match self.kind_at(ahead) {
            Kind::Colon | Kind::Tilde => true,
            Kind::Question | Kind::Not => self.kind_at(ahead + 1) == Kind::Colon,
            _ => false,
        }
    }

    /// Reads a label, a named value or a value.
    pub(super) fn head(&mut self) -> Head {
        if !self.kind().is_name() || self.kind_at(1) != Kind::Assign {
            return self.plain_head();
        }
        let start = self.start();
        let token = self.bump();
        let name = self.ident(token);
        self.check_declared(&name);
        let equals = self.bump();
        let equals = self.token_span(equals);
        self.check_alias(equals);
        match self.plain_head() {
            Head::Field(mut head) => {
                head.alias = Some(name);
                head.start = start;
                Head::Field(head)
            }
            Head::Expr(value) | Head::Alias(_, _, value) => Head::Alias(name, equals, value),
        }
    }

    /// Reports `X=` in a file that has switched to postfix aliases.
    pub(super) fn check_alias(&mut self, equals: Span) {
        if self.experiments.alias_v2 {
            let diagnostic = self
                .diagnostic(equals, "`X=` is not allowed with `@experiment(aliasv2)`")
                .note("write the alias after the label: `label~X: value` or `label~(K,V): value`");
            self.report(diagnostic);
        }
    }

    fn plain_head(&mut self) -> Head {
        let kind = self.kind();
        let start = self.start();
        if kind.is_name() && self.label_ends(1) {
            let token = self.bump();
            let name = self.names.get(self.slice(token));
            let span = self.token_span(token);
            if self.kind() == Kind::Colon || self.kind() != Kind::Tilde {
                self.check_reserved(&name, span);
            }
            return self.rest_of_head(start, Label { kind: LabelKind::Ident(name), span });
        }
        if kind == Kind::String && self.label_ends(1) {
            let token = self.bump();
            let span = self.token_span(token);
            let expr = Expr { kind: self.literal(token), span };
            let label = self.label_of(expr);
            return self.rest_of_head(start, label);
        }
        if kind == Kind::Number && self.label_ends(1) {
            return self.number_head(start);
        }
        if !matches!(kind, Kind::StringStart | Kind::LParen | Kind::LBracket) {
            return Head::Expr(self.expr());
        }
        let operand = self.operand();
        if self.label_ends(0) {
            let label = self.label_of(operand);
            return self.rest_of_head(start, label);
        }
        Head::Expr(self.continue_expr(operand))
    }

    /// A number cannot be a label, but it is clear what is meant.
    fn number_head(&mut self, start: u32) -> Head {
        let token = self.bump();
        let span = self.token_span(token);
        let text = self.slice(token);
        let diagnostic = self
            .diagnostic(span, format!("the number `{text}` cannot be a label"))
            .replace(span, format!("\"{text}\""), "quote it");
        self.report(diagnostic);
        let label = Label { kind: LabelKind::Number(self.names.get(text)), span };
        self.rest_of_head(start, label)
    }

    /// The label that an expression before a colon is.
    fn label_of(&mut self, mut expr: Expr) -> Label {
        let span = expr.span;
        let kind = match mem::replace(&mut expr.kind, ExprKind::Bad) {
            ExprKind::String(text) => LabelKind::String(text),
            ExprKind::Bytes(bytes) => {
                let diagnostic = self
                    .diagnostic(span, "bytes cannot be a label")
                    .note("write the label in double quotes");
                self.report(diagnostic);
                LabelKind::String(String::from_utf8_lossy(&bytes).into())
            }
            ExprKind::Paren(inner) => LabelKind::Dynamic(inner),
            ExprKind::Ident(name) => LabelKind::Ident(name),
            kind @ ExprKind::Interpolation(_) => {
                LabelKind::Interpolation(Box::new(Expr { kind, span }))
            }
            ExprKind::List(mut list) => {
                let single = list.elements.len() == 1 && list.ellipsis.is_none();
                match list.elements.pop().map(|element| element.kind) {
                    Some(ListElementKind::Expr(pattern)) if single => pattern_label(pattern),
                    _ => {
                        let message = "a pattern in square brackets is exactly one expression";
                        let diagnostic = self.diagnostic(span, message);
                        self.report(diagnostic);
                        LabelKind::Pattern { alias: None, pattern: bad(span) }
                    }
                }
            }
            kind => LabelKind::Dynamic(Box::new(Expr { kind, span })),
        };
        Label { kind, span }
    }

    /// What stands between a label and its colon.
    fn rest_of_head(&mut self, start: u32, label: Label) -> Head {
        let postfix_alias = if self.kind() == Kind::Tilde { self.postfix_alias() } else { None };
        let mut constraint = Constraint::Member;
        if matches!(self.kind(), Kind::Question | Kind::Not) {
            let token = self.bump();
            let (found, word) = if token.kind == Kind::Question {
                (Constraint::Optional, "optional")
            } else {
                (Constraint::Required, "required")
            };
            if matches!(label.kind, LabelKind::Pattern { .. }) {
                let span = self.token_span(token);
                let diagnostic = self
                    .diagnostic(span, format!("a pattern cannot be marked {word}"))
                    .replace(span, "", "remove the mark")
                    .note("a pattern constrains the fields that exist and asks for none");
                self.report(diagnostic);
            } else {
                constraint = found;
            }
        }
        Head::Field(Box::new(FieldHead { start, alias: None, label, postfix_alias, constraint }))
    }

    /// `~X` or `~(K,V)`.
    fn postfix_alias(&mut self) -> Option<PostfixAlias> {
        let tilde = self.bump();
        if !self.experiments.alias_v2 {
            let span = self.token_span(tilde);
            self.requires(span, "an alias after a label", "aliasv2");
        }
        if self.kind() != Kind::LParen {
            let value = self.alias_name()?;
            if &*value.name == "_" {
                let diagnostic = self
                    .diagnostic(value.span, "`~_` gives no name")
                    .note("leave the alias out, or name label and field: `~(K,_)`");
                self.report(diagnostic);
            }
            return Some(PostfixAlias { key: None, value: Some(value) });
        }
        let opener = self.bump();
        let first = self.alias_name()?;
        if self.eat(Kind::RParen) {
            return Some(PostfixAlias { key: None, value: Some(first) });
        }
        if !self.eat(Kind::Comma) {
            self.expected("`,` and a name for the field, or `)`");
            return Some(PostfixAlias { key: None, value: Some(first) });
        }
        let second = self.alias_name()?;
        self.close(Kind::RParen, opener, "the alias");
        let named = |name: Ident| Some(name).filter(|name| &*name.name != "_");
        Some(PostfixAlias { key: named(first), value: named(second) })
    }

    fn alias_name(&mut self) -> Option<Ident> {
        if matches!(self.kind(), Kind::Ident | Kind::Underscore) {
            let token = self.bump();
            let name = self.ident(token);
            self.check_declared(&name);
            return Some(name);
        }
        self.expected("a name for the alias");
        None
    }

    /// The head of a field whose label was read as an expression.
    pub(super) fn head_of(mut label: Expr) -> Option<FieldHead> {
        let span = label.span;
        let kind = match mem::replace(&mut label.kind, ExprKind::Bad) {
            ExprKind::Ident(name) => LabelKind::Ident(name),
            ExprKind::String(text) => LabelKind::String(text),
            _ => return None,
        };
        let label = Label { kind, span };
        Some(FieldHead {
            start: span.start,
            alias: None,
            label,
            postfix_alias: None,
            constraint: Constraint::Member,
        })
    }

    /// The colon, the value and the attributes of a field; `a: b: c` takes a loop, not recursion.
    /// Without `colon`, its absence is known.
    pub(super) fn field(&mut self, mut head: FieldHead, colon: bool) -> Field {
        let mut outer: Vec<FieldHead> = Vec::new();
        let depth = self.depth;
        if colon {
            self.colon();
        }
        let (value_alias, value) = loop {
            if self.depth >= super::MAX_DEPTH {
                break (None, self.too_deep());
            }
            match self.head() {
                Head::Field(inner) => {
                    outer.push(mem::replace(&mut head, *inner));
                    self.depth += 1;
                    self.colon();
                }
                Head::Alias(name, _, value) => break (Some(name), value),
                Head::Expr(value) => break (None, value),
            }
        };
        self.depth = depth;
        let mut attributes = Vec::new();
        while self.kind() == Kind::Attribute {
            attributes.push(self.attribute());
        }
        let mut start = head.start;
        let mut field = head.with(value_alias, value, attributes);
        while let Some(head) = outer.pop() {
            let span = self.span_from(start);
            let decl = Decl { kind: DeclKind::Field(field), span, comments: Vec::new() };
            let inner =
                StructLit { decls: vec![decl], span, shorthand: true, comments: Vec::new() };
            start = head.start;
            field = head.with(None, Expr { kind: ExprKind::Struct(inner), span }, Vec::new());
        }
        field
    }

    fn colon(&mut self) {
        if !self.eat(Kind::Colon) {
            self.expected("`:` after the label");
        }
    }
}

impl FieldHead {
    fn with(
        self,
        value_alias: Option<Ident>,
        value: Expr,
        attributes: Vec<crate::ast::Attribute>,
    ) -> Field {
        Field {
            label: self.label,
            alias: self.alias,
            postfix_alias: self.postfix_alias,
            constraint: self.constraint,
            value_alias,
            value,
            attributes,
        }
    }
}

fn bad(span: Span) -> Box<Expr> {
    Box::new(Expr { kind: ExprKind::Bad, span })
}

fn pattern_label(mut pattern: Expr) -> LabelKind {
    match mem::replace(&mut pattern.kind, ExprKind::Bad) {
        ExprKind::Alias { name, value } => LabelKind::Pattern { alias: Some(name), pattern: value },
        kind => {
            LabelKind::Pattern { alias: None, pattern: Box::new(Expr { kind, span: pattern.span }) }
        }
    }
}
