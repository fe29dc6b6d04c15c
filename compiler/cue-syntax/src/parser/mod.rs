//! The parser: tokens to the syntax tree, by recursive descent.
//!
//! Invariant: every function consumes tokens only forwards or not at all, and every loop makes
//! progress; brackets, prefix operators and `a: b: c` nest at most [`MAX_DEPTH`] deep; a broken
//! declaration costs itself and not its neighbours.

mod balance;
mod clause;
mod decl;
mod expr;
mod field;
mod file;
mod string;

use std::collections::HashMap;

use platformc_source::{Diagnostic, FileId, Outcome, Span, codes};

use crate::ast::{Expr, ExprKind, File, Ident};
use crate::comments::Comments;
use crate::lexer::{MAX_DIAGNOSTICS, lex};
use crate::names::Names;
use crate::token::{Kind, Token};

/// How deep brackets, prefix operators and nested shorthands may go.
///
/// Written configuration stays under 50. The bound protects every stage that walks the tree by
/// recursion. Chains of binary operators, selections and calls are not counted: their length is
/// unlimited.
pub const MAX_DEPTH: usize = 1_000;

/// The largest text that is read, in bytes: offsets have 32 bits.
const MAX_BYTES: usize = u32::MAX as usize - 16;

/// Parts of the language that a file switches on with `@experiment(…)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Experiments {
    /// `aliasv2`: postfix aliases `a~X` in place of `X=a`.
    pub alias_v2: bool,
    /// `explicitopen`: `x...` opens a closed value.
    pub explicit_open: bool,
    /// `try`: the `try` clause, `x?`, `else` and `otherwise`.
    pub try_clause: bool,
}

impl Experiments {
    /// Everything switched on: for tools that read what others have checked.
    pub const ALL: Experiments =
        Experiments { alias_v2: true, explicit_open: true, try_clause: true };

    /// Switches on what the body of an `@experiment(…)` names; unknown names change nothing.
    pub fn enable(&mut self, body: &str) {
        for name in body.split(',') {
            match name.trim() {
                "aliasv2" => self.alias_v2 = true,
                "explicitopen" => self.explicit_open = true,
                "try" => self.try_clause = true,
                _ => {}
            }
        }
    }
}

/// Reads a file. `file` is only written into spans; `text` is its whole text.
///
/// The tree holds all that could be read; each thing that could not is one located
/// `cue/syntax` diagnostic, in the order of the text.
#[must_use]
pub fn parse(file: FileId, text: &str) -> Outcome<File> {
    if text.len() > MAX_BYTES {
        let empty = File {
            file,
            package: None,
            attributes: Vec::new(),
            imports: Vec::new(),
            decls: Vec::new(),
            comments: Vec::new(),
        };
        return Outcome::new(empty, vec![too_large(file)]);
    }
    let mut parser = Parser::new(file, text, Experiments::default());
    let tree = parser.file();
    Outcome::new(tree, parser.finish())
}

/// Reads one expression, with nothing after it, without any experiment.
#[must_use]
pub fn parse_expr(file: FileId, text: &str) -> Outcome<Expr> {
    parse_expr_with(file, text, Experiments::default())
}

/// Reads one expression, with nothing after it, in a file with `experiments`.
#[must_use]
pub fn parse_expr_with(file: FileId, text: &str, experiments: Experiments) -> Outcome<Expr> {
    if text.len() > MAX_BYTES {
        let bad = Expr { kind: ExprKind::Bad, span: Span::new(file, 0, 0) };
        return Outcome::new(bad, vec![too_large(file)]);
    }
    let mut parser = Parser::new(file, text, experiments);
    let expr = parser.whole_expr();
    Outcome::new(expr, parser.finish())
}

fn too_large(file: FileId) -> Diagnostic {
    Diagnostic::new(
        codes::SOURCE_TOO_LARGE,
        Span::new(file, 0, 0),
        "the text is larger than 4 GiB, which the compiler does not read",
    )
}

/// What the parser knows between two tokens.
struct Parser<'t> {
    text: &'t str,
    file: FileId,
    tokens: Vec<Token>,
    at: usize,
    comments: Comments<'t>,
    diagnostics: Vec<Diagnostic>,
    experiments: Experiments,
    names: Names,
    /// Brackets, prefix operators and shorthands around the current token.
    depth: usize,
    /// The index of the token at which the last fault was reported.
    fault_at: Option<usize>,
    /// Open brackets around the current token: round, square, curly.
    open: [u32; 3],
    /// For braces that are never closed: the token before which they probably end.
    missing: HashMap<usize, usize>,
}

impl<'t> Parser<'t> {
    fn new(file: FileId, text: &'t str, experiments: Experiments) -> Parser<'t> {
        let lexed = lex(file, text);
        let missing = balance::missing_braces(text, &lexed.tokens);
        Parser {
            text,
            file,
            tokens: lexed.tokens,
            at: 0,
            comments: Comments::new(file, text, lexed.comments),
            diagnostics: lexed.diagnostics,
            experiments,
            names: Names::new(text.len()),
            depth: 0,
            fault_at: None,
            open: [0; 3],
            missing,
        }
    }

    /// The diagnostics in the order of the text.
    fn finish(self) -> Vec<Diagnostic> {
        let mut diagnostics = self.diagnostics;
        diagnostics.sort_by_key(|found| (found.primary.span.start, found.primary.span.end));
        diagnostics.truncate(MAX_DIAGNOSTICS);
        diagnostics
    }

    fn token(&self) -> Token {
        self.tokens[self.at]
    }

    fn kind(&self) -> Kind {
        self.tokens[self.at].kind
    }

    /// The kind of the token `ahead` of the current one.
    fn kind_at(&self, ahead: usize) -> Kind {
        self.tokens.get(self.at + ahead).map_or(Kind::Eof, |token| token.kind)
    }

    fn bump(&mut self) -> Token {
        let token = self.token();
        if token.kind != Kind::Eof {
            self.at += 1;
        }
        token
    }

    fn eat(&mut self, kind: Kind) -> bool {
        let found = self.kind() == kind;
        if found {
            self.bump();
        }
        found
    }

    /// The byte at which the current token starts.
    fn start(&self) -> u32 {
        self.token().start
    }

    /// The byte at which the last consumed token ends.
    fn end(&self) -> u32 {
        self.at.checked_sub(1).map_or(0, |last| self.tokens[last].end)
    }

    fn span_from(&self, start: u32) -> Span {
        Span { file: self.file, start, end: self.end().max(start) }
    }

    fn token_span(&self, token: Token) -> Span {
        Span { file: self.file, start: token.start, end: token.end }
    }

    fn slice(&self, token: Token) -> &'t str {
        self.text.get(token.start as usize..token.end as usize).unwrap_or("")
    }

    fn ident(&mut self, token: Token) -> Ident {
        let name = self.names.get(self.slice(token));
        Ident { name, span: self.token_span(token) }
    }

    /// Whether a line break lies between the last consumed token and the current one.
    fn on_new_line(&self) -> bool {
        let gap = self.text.as_bytes().get(self.end() as usize..self.start() as usize);
        gap.is_some_and(|gap| gap.contains(&b'\n'))
    }

    /// How a message calls the current token.
    fn found(&self) -> String {
        let token = self.token();
        let text = self.slice(token);
        match token.kind {
            Kind::Ident | Kind::Number if text.len() <= 40 => format!("`{text}`"),
            Kind::String if text.len() <= 40 && !text.contains('\n') => format!("`{text}`"),
            kind => kind.describe().to_owned(),
        }
    }

    /// Reports a fault at the current token, unless one was reported there already. Returns
    /// whether it is new, so that callers add fixes only then.
    fn fault(&mut self, diagnostic: Diagnostic) {
        if self.fault_at == Some(self.at) || self.kind().is_reported() {
            self.fault_at = Some(self.at);
            return;
        }
        self.fault_at = Some(self.at);
        self.report(diagnostic);
    }

    /// Reports something that does not disturb parsing.
    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < 2 * MAX_DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        }
    }

    fn diagnostic(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(codes::CUE_SYNTAX, span, message)
    }

    /// The place of the current token; for a line break and the end, where the text before ends.
    fn here(&self) -> Span {
        let token = self.token();
        match token.kind {
            Kind::Newline => Span { file: self.file, start: token.start, end: token.start },
            _ => self.token_span(token),
        }
    }

    /// "expected X, found Y" at the current token.
    fn expected(&mut self, what: &str) {
        let message = format!("expected {what}, found {}", self.found());
        let diagnostic = self.diagnostic(self.here(), message);
        self.fault(diagnostic);
    }

    fn requires(&mut self, span: Span, what: &str, experiment: &str) {
        let file = self.file;
        let diagnostic = self
            .diagnostic(span, format!("{what} needs `@experiment({experiment})` in this file"))
            .replace(
                Span { file, start: 0, end: 0 },
                format!("@experiment({experiment})\n\n"),
                "switch the experiment on at the top of the file",
            );
        self.report(diagnostic);
    }

    /// Skips to the end of the current declaration or element: a comma, a line break or a closing
    /// bracket that is not opened on the way.
    fn skip_rest(&mut self) {
        let mut nested = 0usize;
        loop {
            match self.kind() {
                Kind::Eof => return,
                Kind::Comma | Kind::Newline if nested == 0 => return,
                Kind::LParen | Kind::LBracket | Kind::LBrace | Kind::StringStart => nested += 1,
                Kind::RParen
                | Kind::RBracket
                | Kind::RBrace
                | Kind::StringEnd
                | Kind::BadStringEnd => {
                    if nested == 0 {
                        return;
                    }
                    nested -= 1;
                }
                _ => {}
            }
            self.bump();
        }
    }

    /// Reports that the nesting is too deep and skips the rest of the declaration or element.
    fn too_deep(&mut self) -> Expr {
        let start = self.start();
        let diagnostic = self
            .diagnostic(self.here(), format!("brackets nest deeper than {MAX_DEPTH} levels here"))
            .note("name inner parts as fields of their own, or as `let`, and refer to them");
        self.fault(diagnostic);
        self.skip_rest();
        Expr { kind: ExprKind::Bad, span: self.span_from(start) }
    }

    /// Runs `read` one level deeper, with enough stack for it; `None` past the limit.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let value = crate::deep::with_stack(|| read(self));
        self.depth -= 1;
        Some(value)
    }

    /// A closing bracket. Where it is missing, says which bracket stays open.
    fn close(&mut self, kind: Kind, opener: Token, inside: &str) {
        if self.eat(kind) {
            return;
        }
        let opened = self.slice(opener).chars().next().unwrap_or('(');
        let message =
            format!("expected {} or `,` in {inside}, found {}", kind.describe(), self.found());
        let diagnostic = self
            .diagnostic(self.here(), message)
            .label(self.token_span(opener), format!("this `{opened}` is still open"));
        self.fault(diagnostic);
    }
}
