//! Comprehensions: `for`, `if`, `let` and `try` clauses, their body and their fallback.

use platformc_source::Span;

use super::Parser;
use crate::ast::{Clause, ClauseKind, Comprehension, Ident, Let, StructLit};
use crate::token::Kind;

impl Parser<'_> {
    /// Whether the current `for`, `if` or `try` begins a comprehension rather than being a name.
    pub(super) fn at_comprehension(&self) -> bool {
        let name = matches!(
            self.kind_at(1),
            Kind::Colon
                | Kind::Assign
                | Kind::Question
                | Kind::Tilde
                | Kind::Comma
                | Kind::Newline
                | Kind::Eof
        );
        match self.kind() {
            Kind::For | Kind::Try => !name && self.kind_at(1) != Kind::Not,
            Kind::If if self.kind_at(1) == Kind::Not => self.kind_at(2) != Kind::Colon,
            Kind::If => !name,
            _ => false,
        }
    }

    /// Clauses and a body.
    pub(super) fn comprehension(&mut self) -> Comprehension {
        let mut clauses = Vec::new();
        loop {
            let start = self.start();
            let kind = match self.kind() {
                Kind::For => self.for_clause(),
                Kind::If => {
                    self.bump();
                    ClauseKind::If(self.expr())
                }
                Kind::Let => {
                    self.bump();
                    let name = self.clause_name("the name that `let` gives");
                    ClauseKind::Let(self.bound(name))
                }
                Kind::Try => {
                    let token = self.bump();
                    if !self.experiments.try_clause {
                        let span = self.token_span(token);
                        self.requires(span, "a `try` clause", "try");
                    }
                    ClauseKind::Try(if self.kind() == Kind::Ident {
                        let name = self.clause_name("a name or `{`");
                        Some(self.bound(name))
                    } else {
                        None
                    })
                }
                _ => break,
            };
            let span = self.span_from(start);
            clauses.push(Clause { kind, span });
            if matches!(self.kind(), Kind::Comma | Kind::Newline)
                && self.fault_at != Some(self.at)
                && matches!(
                    self.kind_at(1),
                    Kind::For | Kind::If | Kind::Let | Kind::Try | Kind::LBrace
                )
            {
                self.bump();
            }
        }
        let body = self.body("the body of the comprehension");
        let fallback = match self.kind() {
            Kind::Else | Kind::Fallback | Kind::Otherwise => Some(self.fallback(&clauses)),
            _ => None,
        };
        Comprehension { clauses, body, fallback }
    }

    fn for_clause(&mut self) -> ClauseKind {
        self.bump();
        let mut key = None;
        let mut value = self.clause_name("a name for the elements");
        if self.eat(Kind::Comma) {
            let second = self.clause_name("a name for the values");
            key = Some(std::mem::replace(&mut value, second));
        }
        if !self.eat(Kind::In) {
            self.expected("`in` and what to iterate over");
        }
        ClauseKind::For { key, value, source: self.expr() }
    }

    fn clause_name(&mut self, what: &str) -> Ident {
        if matches!(self.kind(), Kind::Ident | Kind::Underscore) {
            let token = self.bump();
            let name = self.ident(token);
            self.check_declared(&name);
            return name;
        }
        let here = self.here();
        self.expected(what);
        Ident { name: self.names.get("_"), span: Span { end: here.start, ..here } }
    }

    /// `= value` after a name.
    pub(super) fn bound(&mut self, name: Ident) -> Let {
        if !self.eat(Kind::Assign) {
            let found = self.found();
            let here = self.here();
            let mut diagnostic =
                self.diagnostic(here, format!("expected `=` after `{}`, found {found}", name.name));
            if self.kind() == Kind::Colon {
                diagnostic = diagnostic.replace(here, " =", "write `=`");
            }
            self.fault(diagnostic);
            self.eat(Kind::Colon);
        }
        Let { name, value: self.expr() }
    }

    fn body(&mut self, what: &str) -> StructLit {
        if self.kind() == Kind::LBrace {
            return self.struct_lit();
        }
        let here = self.here();
        let message = format!("expected `{{` and {what}, found {}", self.found());
        let diagnostic = self.diagnostic(here, message);
        self.fault(diagnostic);
        StructLit {
            decls: Vec::new(),
            span: Span { end: here.start, ..here },
            shorthand: false,
            comments: Vec::new(),
        }
    }

    fn fallback(&mut self, clauses: &[Clause]) -> StructLit {
        let token = self.bump();
        let span = self.token_span(token);
        let word = self.slice(token);
        if !self.experiments.try_clause {
            self.requires(span, &format!("`{word}`"), "try");
        }
        let single =
            matches!(clauses, [Clause { kind: ClauseKind::If(_) | ClauseKind::Try(_), .. }]);
        let right = if single { "else" } else { "otherwise" };
        if (token.kind == Kind::Else) != single {
            let message = if single {
                format!("a single `if` or `try` is followed by `else`, not `{word}`")
            } else {
                "several clauses, or a `for`, are followed by `otherwise`, not `else`".to_owned()
            };
            let diagnostic =
                self.diagnostic(span, message).replace(span, right, format!("write `{right}`"));
            self.report(diagnostic);
        }
        self.body("what holds otherwise")
    }
}
