//! Expressions: operators by precedence, postfix chains by a loop, operands.

use platformc_source::Span;

use super::Parser;
use super::decl::is_closer;
use crate::ast::{
    BinaryOp, Comment, Expr, ExprKind, Label, LabelKind, ListElement, ListElementKind, ListLit,
    UnaryOp,
};
use crate::token::{Kind, Token};

/// The binary operator that a token is, and how tightly it binds.
fn binary_op(kind: Kind) -> Option<(BinaryOp, u8)> {
    Some(match kind {
        Kind::Or => (BinaryOp::Disjunction, 1),
        Kind::And => (BinaryOp::Unification, 2),
        Kind::OrOr => (BinaryOp::Or, 3),
        Kind::AndAnd => (BinaryOp::And, 4),
        Kind::Equal => (BinaryOp::Equal, 5),
        Kind::NotEqual => (BinaryOp::NotEqual, 5),
        Kind::Less => (BinaryOp::Less, 5),
        Kind::LessEqual => (BinaryOp::LessEqual, 5),
        Kind::Greater => (BinaryOp::Greater, 5),
        Kind::GreaterEqual => (BinaryOp::GreaterEqual, 5),
        Kind::Match => (BinaryOp::Match, 5),
        Kind::NotMatch => (BinaryOp::NotMatch, 5),
        Kind::Plus => (BinaryOp::Add, 6),
        Kind::Minus => (BinaryOp::Subtract, 6),
        Kind::Star => (BinaryOp::Multiply, 7),
        Kind::Slash => (BinaryOp::Divide, 7),
        _ => return None,
    })
}

fn unary_op(kind: Kind) -> Option<UnaryOp> {
    Some(match kind {
        Kind::Plus => UnaryOp::Plus,
        Kind::Minus => UnaryOp::Minus,
        Kind::Not => UnaryOp::Not,
        Kind::Star => UnaryOp::Default,
        Kind::Less => UnaryOp::Less,
        Kind::LessEqual => UnaryOp::LessEqual,
        Kind::Greater => UnaryOp::Greater,
        Kind::GreaterEqual => UnaryOp::GreaterEqual,
        Kind::NotEqual => UnaryOp::NotEqual,
        Kind::Equal => UnaryOp::Equal,
        Kind::Match => UnaryOp::Match,
        Kind::NotMatch => UnaryOp::NotMatch,
        _ => return None,
    })
}

impl Parser<'_> {
    /// An expression.
    pub(super) fn expr(&mut self) -> Expr {
        self.binary(1)
    }

    /// The rest of an expression whose first operand has been read.
    pub(super) fn continue_expr(&mut self, operand: Expr) -> Expr {
        let left = self.postfix(operand);
        self.binary_tail(left, 1)
    }

    /// Recursion here goes at most once through each of the seven precedences.
    fn binary(&mut self, least: u8) -> Expr {
        let left = self.unary();
        self.binary_tail(left, least)
    }

    fn binary_tail(&mut self, mut left: Expr, least: u8) -> Expr {
        loop {
            let (op, precedence) = match binary_op(self.kind()) {
                Some(found) => found,
                None => match self.word_operator() {
                    Some(op) => (op, 7),
                    None => return left,
                },
            };
            if precedence < least {
                return left;
            }
            let token = self.bump();
            let op_span = self.token_span(token);
            let right = self.binary(precedence + 1);
            let span = left.span.to(right.span);
            left = Expr {
                kind: ExprKind::Binary {
                    op,
                    left: Box::new(left),
                    right: Box::new(right),
                    op_span,
                },
                span,
            };
        }
    }

    /// `a div b`, which old versions had: reported, but read.
    fn word_operator(&mut self) -> Option<BinaryOp> {
        if self.kind() != Kind::Ident {
            return None;
        }
        let word = self.slice(self.token());
        let op = match word {
            "div" => BinaryOp::IntDiv,
            "mod" => BinaryOp::IntMod,
            "quo" => BinaryOp::IntQuo,
            "rem" => BinaryOp::IntRem,
            _ => return None,
        };
        if !matches!(self.kind_at(1), Kind::Number | Kind::LParen | Kind::Ident) {
            return None;
        }
        let diagnostic = self
            .diagnostic(self.here(), format!("`{word}` is a function, not an operator"))
            .note(format!("write `{word}(a, b)`"));
        self.fault(diagnostic);
        Some(op)
    }

    /// Prefix operators, collected in a loop, and their operand.
    fn unary(&mut self) -> Expr {
        if unary_op(self.kind()).is_none() {
            return self.primary();
        }
        let mut ops: Vec<(UnaryOp, Token)> = Vec::new();
        while let Some(op) = unary_op(self.kind()) {
            if self.depth + ops.len() >= super::MAX_DEPTH {
                return self.too_deep();
            }
            ops.push((op, self.bump()));
        }
        self.depth += ops.len();
        let mut expr = self.primary();
        self.depth -= ops.len();
        for (op, token) in ops.into_iter().rev() {
            let op_span = self.token_span(token);
            let span = op_span.to(expr.span);
            expr = Expr { kind: ExprKind::Unary { op, operand: Box::new(expr), op_span }, span };
        }
        expr
    }

    fn primary(&mut self) -> Expr {
        let operand = self.operand();
        self.postfix(operand)
    }

    /// Selections, indices, calls and the like after an operand.
    fn postfix(&mut self, mut base: Expr) -> Expr {
        loop {
            let start = base.span.start;
            let kind = match self.kind() {
                Kind::Dot => self.selector(base),
                Kind::LBracket => self.bracketed(base, Self::index),
                Kind::LParen => self.bracketed(base, Self::call),
                Kind::Ellipsis => {
                    let token = self.bump();
                    if !self.experiments.explicit_open {
                        let span = self.token_span(token);
                        self.requires(span, "`...` after a value", "explicitopen");
                    }
                    ExprKind::PostfixEllipsis(Box::new(base))
                }
                _ => return base,
            };
            base = Expr { kind, span: self.span_from(start) };
        }
    }

    /// `?` after a reference. Before a colon it belongs to a label.
    fn optional(&mut self) -> bool {
        if self.kind() != Kind::Question || self.kind_at(1) == Kind::Colon {
            return false;
        }
        let token = self.bump();
        if !self.experiments.try_clause {
            let span = self.token_span(token);
            self.requires(span, "`?` after a reference", "try");
        }
        true
    }

    fn selector(&mut self, base: Expr) -> ExprKind {
        self.bump();
        let token = self.token();
        let kind = if token.kind.is_name() {
            // `x.` at the end of a line, followed by the next field, is being typed.
            if self.on_new_line() && self.kind_at(1) == Kind::Colon {
                self.no_selector()
            } else {
                self.bump();
                LabelKind::Ident(self.names.get(self.slice(token)))
            }
        } else if token.kind == Kind::String && is_simple_string(self.slice(token)) {
            self.bump();
            match self.literal(token) {
                ExprKind::String(text) => LabelKind::String(text),
                _ => LabelKind::Ident(self.names.get("")),
            }
        } else {
            let kind = self.no_selector();
            if !self.on_new_line()
                && matches!(token.kind, Kind::Number | Kind::String | Kind::BadString)
            {
                self.bump();
            }
            kind
        };
        let span = match &kind {
            LabelKind::Ident(name) if name.is_empty() => {
                Span { file: self.file, start: self.end(), end: self.end() }
            }
            _ => self.token_span(token),
        };
        let label = Label { kind, span };
        let optional = self.optional();
        ExprKind::Selector { base: Box::new(base), label, optional }
    }

    /// The empty label of a selection that lacks one, so that the base is kept.
    fn no_selector(&mut self) -> LabelKind {
        self.expected("a name or a quoted name after `.`");
        LabelKind::Ident(self.names.get(""))
    }

    fn bracketed(&mut self, base: Expr, read: fn(&mut Self, Expr) -> ExprKind) -> ExprKind {
        let mut slot = Some(base);
        let read = self.nested(|parser| slot.take().map(|base| read(parser, base)));
        match read {
            Some(Some(kind)) => kind,
            _ => {
                self.too_deep();
                ExprKind::Bad
            }
        }
    }

    /// `[i]`, `[i]?` or `[a:b]` after `base`.
    fn index(&mut self, base: Expr) -> ExprKind {
        let opener = self.bump();
        self.open[1] += 1;
        let base = Box::new(base);
        let low = if self.kind() == Kind::Colon { None } else { Some(Box::new(self.expr())) };
        let kind = if self.eat(Kind::Colon) {
            let high =
                if self.kind() == Kind::RBracket { None } else { Some(Box::new(self.expr())) };
            self.closing(Kind::RBracket, opener, "the slice");
            ExprKind::Slice { base, low, high }
        } else {
            if matches!(self.kind(), Kind::Comma | Kind::Newline) {
                self.bump();
            }
            self.closing(Kind::RBracket, opener, "the index");
            let index = low.unwrap_or_else(|| Box::new(self.bad_here()));
            let optional = self.optional();
            ExprKind::Index { base, index, optional }
        };
        self.open[1] -= 1;
        kind
    }

    fn bad_here(&self) -> Expr {
        let at = self.end();
        Expr { kind: ExprKind::Bad, span: Span { file: self.file, start: at, end: at } }
    }

    /// A closing bracket; where it is missing, what stands before it is skipped.
    fn closing(&mut self, kind: Kind, opener: Token, inside: &str) {
        if self.kind() != kind {
            self.close(kind, opener, inside);
            self.skip_rest();
        }
        self.eat(kind);
    }

    /// `(a, b)` after `function`.
    fn call(&mut self, function: Expr) -> ExprKind {
        let opener = self.bump();
        self.open[0] += 1;
        let mut arguments = Vec::new();
        while !is_closer(self.kind()) && self.kind() != Kind::Eof {
            let before = self.at;
            arguments.push(self.expr());
            if !self.separated(Kind::RParen, "an argument", before) {
                break;
            }
        }
        self.open[0] -= 1;
        self.close(Kind::RParen, opener, "the arguments");
        ExprKind::Call { function: Box::new(function), arguments }
    }

    /// The comma between elements; false where the sequence cannot go on.
    fn separated(&mut self, closer: Kind, what: &str, before: usize) -> bool {
        match self.kind() {
            Kind::Comma | Kind::Newline => {
                self.bump();
                return true;
            }
            Kind::Eof => return false,
            kind if kind == closer || is_closer(kind) => return false,
            _ => {}
        }
        // `name:` at the start of a line belongs to a struct around a bracket left open.
        if self.kind() == Kind::Colon && self.starts_line(self.at - 1) {
            self.at -= 1;
            return false;
        }
        let known = self.fault_at == Some(self.at) || self.kind().is_reported();
        if !known {
            let place = Span { file: self.file, start: self.end(), end: self.end() };
            let message = format!("expected `,` after {what}, found {}", self.found());
            let mut diagnostic = self.diagnostic(self.here(), message);
            if self.kind().begins_expr() {
                diagnostic = diagnostic.replace(place, ",", "separate them with a comma");
            }
            self.fault(diagnostic);
        }
        if known || !self.kind().begins_expr() {
            self.skip_rest();
            if matches!(self.kind(), Kind::Comma | Kind::Newline) {
                self.bump();
            }
        }
        if self.at == before {
            self.bump();
        }
        true
    }

    /// Whether the token at `index` is a name or string that begins a line.
    fn starts_line(&self, index: usize) -> bool {
        let token = self.tokens[index];
        (token.kind.is_name() || token.kind == Kind::String)
            && index.checked_sub(1).is_some_and(|before| self.tokens[before].kind == Kind::Newline)
    }

    /// A list literal; the current token is `[`.
    fn list(&mut self) -> ExprKind {
        let opener = self.bump();
        self.open[1] += 1;
        let mut comments: Vec<Comment> = Vec::new();
        let mut elements: Vec<ListElement> = Vec::new();
        let mut ellipsis = None;
        while !is_closer(self.kind()) && self.kind() != Kind::Eof {
            let before = self.at;
            let start = self.start();
            let mut own = self.leading(start, &mut comments);
            if self.kind() == Kind::Ellipsis {
                ellipsis = Some(self.list_ellipsis());
                comments.append(&mut own);
                self.comments.trailing(self.end(), &mut comments);
                if matches!(self.kind(), Kind::Comma | Kind::Newline) {
                    self.bump();
                }
                break;
            }
            let kind = self.list_element();
            let end = self.end();
            if self.comments.any_before(end) {
                self.comments.free(end, &mut own);
            }
            self.comments.trailing(end, &mut own);
            if !self.separated(Kind::RBracket, "an element", before) {
                // Where a label was taken for an element, it is read again.
                if self.end() >= end {
                    elements.push(ListElement { kind, comments: own });
                }
                break;
            }
            elements.push(ListElement { kind, comments: own });
        }
        let closer = self.start();
        if self.comments.any_before(closer) && self.kind() == Kind::RBracket {
            self.comments.free(closer, &mut comments);
        }
        self.open[1] -= 1;
        if ellipsis.is_some() && self.kind() != Kind::RBracket {
            self.expected("`]`, since `...` ends a list");
            while !is_closer(self.kind()) && self.kind() != Kind::Eof {
                self.skip_rest();
                if matches!(self.kind(), Kind::Comma | Kind::Newline) {
                    self.bump();
                }
            }
        }
        self.close(Kind::RBracket, opener, "the list");
        ExprKind::List(ListLit { elements, ellipsis, comments })
    }

    fn list_ellipsis(&mut self) -> Option<Box<Expr>> {
        self.bump();
        if self.kind().begins_expr() { Some(Box::new(self.expr())) } else { None }
    }

    fn list_element(&mut self) -> ListElementKind {
        let start = self.start();
        if self.at_comprehension() {
            let comprehension = self.comprehension();
            return ListElementKind::Comprehension(comprehension, self.span_from(start));
        }
        let expr = self.expr();
        if self.kind() != Kind::Assign {
            return ListElementKind::Expr(expr);
        }
        let token = self.bump();
        let equals = self.token_span(token);
        self.check_alias(equals);
        let value = Box::new(self.expr());
        let name = match &expr.kind {
            ExprKind::Ident(name) => crate::ast::Ident { name: name.clone(), span: expr.span },
            _ => {
                let diagnostic =
                    self.diagnostic(expr.span, "expected a name before `=`, found an expression");
                self.report(diagnostic);
                return ListElementKind::Expr(*value);
            }
        };
        self.check_declared(&name);
        ListElementKind::Expr(Expr {
            kind: ExprKind::Alias { name, value },
            span: self.span_from(start),
        })
    }

    /// An operand.
    pub(super) fn operand(&mut self) -> Expr {
        let token = self.token();
        let kind = match token.kind {
            Kind::Underscore => self.single(ExprKind::Top),
            Kind::True => self.single(ExprKind::Bool(true)),
            Kind::False => self.single(ExprKind::Bool(false)),
            Kind::Null => self.single(ExprKind::Null),
            Kind::Bottom => self.single(ExprKind::Bottom),
            Kind::Number => {
                let text = self.names.get(self.slice(token));
                self.single(ExprKind::Number(text))
            }
            Kind::String => {
                self.bump();
                self.literal(token)
            }
            Kind::BadString | Kind::Illegal => {
                self.bump();
                self.skip_rest();
                ExprKind::Bad
            }
            Kind::StringStart => return self.interpolation(),
            Kind::LBrace => ExprKind::Struct(self.struct_lit()),
            Kind::LBracket => match self.nested(Self::list) {
                Some(kind) => kind,
                None => return self.too_deep(),
            },
            Kind::LParen => match self.nested(Self::paren) {
                Some(kind) => kind,
                None => return self.too_deep(),
            },
            kind if kind.is_name() => {
                let name = self.names.get(self.slice(token));
                self.bump();
                let span = self.token_span(token);
                if token.kind == Kind::Ident && self.optional() {
                    ExprKind::Optional(Box::new(Expr { kind: ExprKind::Ident(name), span }))
                } else {
                    ExprKind::Ident(name)
                }
            }
            _ => {
                self.expected("a value");
                return self.bad_here();
            }
        };
        Expr { kind, span: self.span_from(token.start) }
    }

    fn single(&mut self, kind: ExprKind) -> ExprKind {
        self.bump();
        kind
    }

    fn paren(&mut self) -> ExprKind {
        let opener = self.bump();
        self.open[0] += 1;
        let inner = self.expr();
        if self.kind() == Kind::Newline && self.kind_at(1) == Kind::RParen {
            let between =
                Span { file: self.file, start: self.end(), end: self.tokens[self.at + 1].start };
            let diagnostic = self
                .diagnostic(self.here(), "expected `)`, found end of line")
                .note("a line break after a value acts as a comma");
            let blank = self.text.get(between.start as usize..between.end as usize);
            let diagnostic = if blank.is_some_and(|blank| blank.trim().is_empty()) {
                diagnostic.replace(between, "", "put `)` on the same line")
            } else {
                diagnostic
            };
            self.fault(diagnostic);
            self.bump();
        }
        self.open[0] -= 1;
        self.closing(Kind::RParen, opener, "the brackets");
        ExprKind::Paren(Box::new(inner))
    }
}

/// Whether a string is in one pair of double quotes.
fn is_simple_string(text: &str) -> bool {
    text.starts_with('"') && (text == "\"\"" || !text.starts_with("\"\""))
}
