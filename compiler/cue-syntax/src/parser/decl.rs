//! Declarations of files and structs, one after the other, with recovery between them.

use platformc_source::Span;

use super::Parser;
use super::field::Head;
use crate::ast::{Attribute, Comment, Decl, DeclKind, Expr, ExprKind, Ident, StructLit};
use crate::token::{Kind, Token};

impl Parser<'_> {
    /// Declarations up to `closer`, which is left for the caller, as is a bracket that closes
    /// something farther out; and no farther than token `stop`. Comments between them go to `free`. With `file_attributes` the
    /// declarations are those of a file: attributes go there, and an import ends them.
    pub(super) fn decls(
        &mut self,
        closer: Kind,
        stop: Option<usize>,
        free: &mut Vec<Comment>,
        mut file_attributes: Option<&mut Vec<Attribute>>,
    ) -> Vec<Decl> {
        let mut decls = Vec::new();
        loop {
            let kind = self.kind();
            if kind == closer || kind == Kind::Eof || stop.is_some_and(|stop| self.at >= stop) {
                break;
            }
            if self.is_stray_closer(kind) {
                self.stray_closer();
                continue;
            }
            if is_closer(kind) {
                break;
            }
            if file_attributes.is_some() && kind == Kind::Ident && self.at_import() {
                break;
            }
            let before = self.at;
            let start = self.start();
            let mut comments = self.leading(start, free);
            if kind == Kind::Attribute
                && let Some(attributes) = file_attributes.as_deref_mut()
            {
                let attribute = self.attribute();
                if &*attribute.key == "experiment" {
                    self.experiments.enable(&attribute.body);
                }
                attributes.push(attribute);
                self.comments.trailing(self.end(), &mut comments);
                free.append(&mut comments);
            } else {
                let kind = self.decl();
                let span = self.span_from(start);
                if self.comments.any_before(span.end) {
                    self.comments.free(span.end, &mut comments);
                }
                self.comments.trailing(span.end, &mut comments);
                decls.push(Decl { kind, span, comments });
            }
            self.after_decl(before);
        }
        decls
    }

    /// The comments before a node that starts at `start`.
    pub(super) fn leading(&mut self, start: u32, free: &mut Vec<Comment>) -> Vec<Comment> {
        if self.comments.any_before(start) {
            self.comments.leading(start, free)
        } else {
            Vec::new()
        }
    }

    /// The comma after a declaration that began at token `before`.
    fn after_decl(&mut self, before: usize) {
        match self.kind() {
            Kind::Comma | Kind::Newline => {
                self.bump();
                return;
            }
            Kind::Eof => return,
            kind if is_closer(kind) => return,
            _ => {}
        }
        // A bracket left open gave back the line that belongs here.
        if self.at > before && self.tokens[self.at - 1].kind == Kind::Newline {
            return;
        }
        let known = self.fault_at == Some(self.at) || self.kind().is_reported();
        if !known {
            let place = Span { file: self.file, start: self.end(), end: self.end() };
            let message = format!("expected `,` or a line break before {}", self.found());
            let diagnostic = self.diagnostic(self.here(), message).replace(
                place,
                ",",
                "separate the declarations",
            );
            self.fault(diagnostic);
        }
        let goes_on =
            self.kind().begins_expr() || matches!(self.kind(), Kind::Ellipsis | Kind::Attribute);
        if known || !goes_on {
            self.skip_rest();
            if matches!(self.kind(), Kind::Comma | Kind::Newline) {
                self.bump();
            }
        }
        if self.at == before && !is_closer(self.kind()) {
            self.bump();
        }
    }

    /// Whether `kind` closes a bracket that is not open.
    fn is_stray_closer(&self, kind: Kind) -> bool {
        match kind {
            Kind::RParen | Kind::StringMid | Kind::StringEnd | Kind::BadStringEnd => {
                self.open[0] == 0
            }
            Kind::RBracket => self.open[1] == 0,
            Kind::RBrace => self.open[2] == 0,
            _ => false,
        }
    }

    fn stray_closer(&mut self) {
        let span = self.here();
        let diagnostic = self.diagnostic(span, format!("{} closes nothing", self.found())).replace(
            span,
            "",
            "remove it",
        );
        self.fault(diagnostic);
        self.bump();
        if matches!(self.kind(), Kind::Comma | Kind::Newline) {
            self.bump();
        }
    }

    fn decl(&mut self) -> DeclKind {
        match self.kind() {
            Kind::Attribute => DeclKind::Attribute(self.attribute()),
            Kind::Ellipsis => self.ellipsis(),
            Kind::Let if matches!(self.kind_at(1), Kind::Ident | Kind::Underscore) => {
                self.bump();
                let token = self.bump();
                let name = self.ident(token);
                self.check_declared(&name);
                DeclKind::Let(self.bound(name))
            }
            Kind::For | Kind::If | Kind::Try if self.at_comprehension() => {
                DeclKind::Comprehension(self.comprehension())
            }
            kind if kind.begins_expr() => self.field_or_embedding(),
            _ => {
                self.expected("a field, an embedded value or `...`");
                self.skip_rest();
                DeclKind::Bad
            }
        }
    }

    fn ellipsis(&mut self) -> DeclKind {
        self.bump();
        if !self.kind().begins_expr() {
            return DeclKind::Ellipsis(None);
        }
        let value = self.expr();
        let diagnostic = self
            .diagnostic(value.span, "`...` in a struct takes no type")
            .replace(value.span, "", "leave the struct open for any field")
            .note("a pattern such as `[string]: T` constrains the other fields");
        self.report(diagnostic);
        DeclKind::Ellipsis(Some(value))
    }

    fn field_or_embedding(&mut self) -> DeclKind {
        match self.head() {
            Head::Field(head) => DeclKind::Field(self.field(*head, true)),
            Head::Alias(name, equals, value) => {
                let diagnostic = self
                    .diagnostic(equals, format!("expected `:` after `{}`, found `=`", name.name))
                    .replace(equals, ":", "write a field")
                    .note(
                        "`X=` gives a name to a label or value: `X=label: value`, `label: X=value`",
                    );
                self.report(diagnostic);
                DeclKind::Field(plain_field(&name, value))
            }
            Head::Expr(expr) => self.embedding(expr),
        }
    }

    /// An embedded value, or a label whose colon is missing.
    fn embedding(&mut self, expr: Expr) -> DeclKind {
        let value_follows = matches!(
            self.kind(),
            Kind::String
                | Kind::StringStart
                | Kind::Number
                | Kind::LBrace
                | Kind::Bottom
                | Kind::Ident
                | Kind::True
                | Kind::False
                | Kind::Null
        );
        let label = match &expr.kind {
            ExprKind::Ident(_) | ExprKind::String(_) if value_follows => expr.clone(),
            _ => return DeclKind::Embed(expr),
        };
        let end = Span { start: expr.span.end, ..expr.span };
        let text = self.text.get(expr.span.start as usize..expr.span.end as usize).unwrap_or("");
        let message = format!("expected `:` or `,` after `{text}`, found {}", self.found());
        let diagnostic = self
            .diagnostic(self.here(), message)
            .replace(end, ":", "write a field")
            .replace(end, ",", "embed two values");
        self.fault(diagnostic);
        let Some(head) = Self::head_of(label) else { return DeclKind::Embed(expr) };
        DeclKind::Field(self.field(head, false))
    }

    /// `{ … }`; the current token is `{`.
    pub(super) fn struct_lit(&mut self) -> StructLit {
        if let Some(literal) = self.nested(Self::struct_inner) {
            return literal;
        }
        let bad = self.too_deep();
        StructLit { decls: Vec::new(), span: bad.span, shorthand: false, comments: Vec::new() }
    }

    fn struct_inner(&mut self) -> StructLit {
        let stop = self.missing.get(&self.at).copied();
        let opener = self.bump();
        self.open[2] += 1;
        let mut comments = Vec::new();
        let decls = self.decls(Kind::RBrace, stop, &mut comments, None);
        let stopped = stop.is_some_and(|stop| self.at >= stop);
        let closer = self.start();
        if self.comments.any_before(closer) && !stopped {
            self.comments.free(closer, &mut comments);
        }
        self.open[2] -= 1;
        if self.kind() == Kind::RBrace && !stopped {
            self.bump();
        } else {
            self.open_brace(opener, stopped);
        }
        let span = self.span_from(opener.start);
        StructLit { decls, span, shorthand: false, comments }
    }
}

impl Parser<'_> {
    /// Reports a brace that is never closed; `stopped` where its end was found by indentation.
    fn open_brace(&mut self, opener: Token, stopped: bool) {
        let message = format!("expected `}}` to close this `{{`, found {}", self.found());
        let mut diagnostic = self
            .diagnostic(self.token_span(opener), message)
            .label(self.here(), "expected `}` before this");
        if stopped {
            let place = Span { file: self.file, start: self.end(), end: self.end() };
            let line = self.text.get(..opener.start as usize).unwrap_or("");
            let line = line.rsplit('\n').next().unwrap_or("");
            let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
            let indent = line.get(..blank).unwrap_or("");
            diagnostic =
                diagnostic.replace(place, format!("\n{indent}}}"), "close the struct here");
            // Several braces may end here, each a fault of its own.
            self.fault_at = Some(self.at);
            self.report(diagnostic);
            return;
        }
        self.fault(diagnostic);
    }
}

/// Whether it ends a bracket or an interpolation.
pub(super) fn is_closer(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::RParen
            | Kind::RBracket
            | Kind::RBrace
            | Kind::StringMid
            | Kind::StringEnd
            | Kind::BadStringEnd
    )
}

fn plain_field(name: &Ident, value: Expr) -> crate::ast::Field {
    crate::ast::Field {
        label: crate::ast::Label {
            kind: crate::ast::LabelKind::Ident(name.name.clone()),
            span: name.span,
        },
        alias: None,
        postfix_alias: None,
        constraint: crate::ast::Constraint::Member,
        value_alias: None,
        value,
        attributes: Vec::new(),
    }
}
