//! The frame of a file: attributes, package clause, imports, declarations.

use std::sync::Arc;

use platformc_source::Span;

use super::Parser;
use crate::ast::{Attribute, Comment, Expr, File, Ident, Import};
use crate::token::Kind;

impl Parser<'_> {
    /// The whole file.
    pub(super) fn file(&mut self) -> File {
        let mut file = File {
            file: self.file,
            package: None,
            attributes: Vec::new(),
            imports: Vec::new(),
            decls: Vec::new(),
            comments: Vec::new(),
        };
        self.preamble(&mut file);
        loop {
            let mut decls =
                self.decls(Kind::Eof, None, &mut file.comments, Some(&mut file.attributes));
            file.decls.append(&mut decls);
            if self.kind() == Kind::Eof {
                break;
            }
            // An import between declarations.
            let start = self.token();
            let diagnostic = self
                .diagnostic(self.token_span(start), "imports stand before all other declarations")
                .note("only the package clause and attributes may come before an import");
            self.fault(diagnostic);
            self.imports(&mut file);
        }
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.comments.free(end, &mut file.comments);
        file
    }

    /// One expression and nothing else.
    pub(super) fn whole_expr(&mut self) -> Expr {
        let expr = self.expr();
        self.eat(Kind::Newline);
        if self.kind() != Kind::Eof {
            self.expected("the end of the expression");
        }
        expr
    }

    fn preamble(&mut self, file: &mut File) {
        loop {
            match self.kind() {
                Kind::Attribute => {
                    let start = self.start();
                    let mut doc = self.comments.leading(start, &mut file.comments);
                    file.comments.append(&mut doc);
                    let attribute = self.attribute();
                    if &*attribute.key == "experiment" {
                        self.experiments.enable(&attribute.body);
                    }
                    file.attributes.push(attribute);
                    self.separator(&mut file.comments);
                }
                Kind::Ident if self.at_package() && file.package.is_none() => self.package(file),
                Kind::Ident if self.at_import() => self.imports(file),
                _ => return,
            }
        }
    }

    fn at_package(&self) -> bool {
        self.slice(self.token()) == "package"
            && !matches!(self.kind_at(1), Kind::Colon | Kind::Question | Kind::Not | Kind::Assign)
    }

    /// Whether `import` begins an import here rather than a field.
    pub(super) fn at_import(&self) -> bool {
        self.slice(self.token()) == "import"
            && (matches!(self.kind_at(1), Kind::String | Kind::LParen | Kind::BadString)
                || matches!(self.kind_at(1), Kind::Ident | Kind::Dot)
                    && self.kind_at(2) == Kind::String)
    }

    fn package(&mut self, file: &mut File) {
        let start = self.start();
        let mut doc = self.comments.leading(start, &mut file.comments);
        file.comments.append(&mut doc);
        if !file.imports.is_empty() {
            let diagnostic =
                self.diagnostic(self.here(), "the package clause stands before the imports");
            self.fault(diagnostic);
        }
        self.bump();
        if self.kind().is_name() {
            let token = self.bump();
            let name = self.ident(token);
            if name.name.contains('#') {
                let diagnostic = self
                    .diagnostic(name.span, format!("`{}` cannot name a package", name.name))
                    .note("a package name is a plain identifier, without `#`");
                self.report(diagnostic);
            }
            file.package = Some(name);
        } else {
            self.expected("the name of the package");
            self.skip_rest();
        }
        self.separator(&mut file.comments);
    }

    /// The comma after a part of the preamble, and the comment behind it.
    fn separator(&mut self, comments: &mut Vec<Comment>) {
        let end = self.end();
        self.comments.trailing(end, comments);
        match self.kind() {
            Kind::Comma | Kind::Newline => {
                self.bump();
            }
            Kind::Eof => {}
            _ => {
                self.expected("a line break or `,`");
                self.skip_rest();
                if matches!(self.kind(), Kind::Comma | Kind::Newline) {
                    self.bump();
                }
            }
        }
    }

    fn imports(&mut self, file: &mut File) {
        let start = self.start();
        let doc = self.comments.leading(start, &mut file.comments);
        self.bump();
        if self.kind() != Kind::LParen {
            let mut import = self.import();
            let mut comments = doc;
            comments.append(&mut import.comments);
            self.comments.trailing(self.end(), &mut comments);
            import.comments = comments;
            file.imports.push(import);
            self.separator(&mut file.comments);
            return;
        }
        file.comments.extend(doc);
        let opener = self.bump();
        while !matches!(self.kind(), Kind::RParen | Kind::Eof) {
            let at = self.at;
            let start = self.start();
            let doc = self.comments.leading(start, &mut file.comments);
            let mut import = self.import();
            import.comments.splice(0..0, doc);
            self.comments.trailing(self.end(), &mut import.comments);
            file.imports.push(import);
            match self.kind() {
                Kind::Comma | Kind::Newline => {
                    self.bump();
                }
                Kind::RParen | Kind::Eof => {}
                _ => {
                    self.expected("a line break, `,` or `)`");
                    if self.at == at || self.kind() != Kind::String {
                        self.skip_rest();
                        if !matches!(self.kind(), Kind::RParen) {
                            self.bump();
                        }
                    }
                }
            }
        }
        let end = self.start();
        self.comments.free(end, &mut file.comments);
        self.close(Kind::RParen, opener, "the imports");
        self.separator(&mut file.comments);
    }

    /// `name "path"` or `"path"`.
    fn import(&mut self) -> Import {
        let alias: Option<Ident> = if self.kind().is_name() {
            let token = self.bump();
            let alias = self.ident(token);
            self.check_declared(&alias);
            if alias.name.contains('#') {
                let diagnostic = self.diagnostic(
                    alias.span,
                    "a package cannot be imported under the name of a definition",
                );
                self.report(diagnostic);
            }
            Some(alias)
        } else {
            None
        };
        if self.kind() != Kind::String {
            let span = self.here();
            self.expected("the path of a package in quotes");
            self.skip_rest();
            return Import { alias, path: Arc::from(""), span, comments: Vec::new() };
        }
        let token = self.bump();
        let span = self.token_span(token);
        let path = match self.literal(token) {
            crate::ast::ExprKind::String(path) => path,
            crate::ast::ExprKind::Bytes(bytes) => Arc::from(String::from_utf8_lossy(&bytes)),
            _ => Arc::from(""),
        };
        if !is_import_path(&path) {
            let diagnostic = self
                .diagnostic(span, format!("{} is not the path of a package", self.slice(token)));
            self.report(diagnostic);
        }
        Import { alias, path, span, comments: Vec::new() }
    }

    /// `@key(body)`.
    pub(super) fn attribute(&mut self) -> Attribute {
        let token = self.bump();
        let text = self.slice(token);
        let inner = text.strip_prefix('@').unwrap_or(text);
        let (key, body) = inner.split_once('(').unwrap_or((inner, ""));
        let body = body.strip_suffix(')').unwrap_or(body);
        Attribute {
            key: self.names.get(key.trim_end()),
            body: self.names.get(body),
            span: self.token_span(token),
        }
    }

    /// Names that begin with `__` belong to the language.
    pub(super) fn check_declared(&mut self, name: &Ident) {
        self.check_reserved(&name.name, name.span);
    }

    pub(super) fn check_reserved(&mut self, name: &str, span: Span) {
        if name.starts_with("__") {
            let diagnostic = self
                .diagnostic(span, format!("`{name}` cannot be declared"))
                .note("names that begin with `__` are reserved for the language");
            self.report(diagnostic);
        }
    }
}

/// The characters that an import path may hold are those of a module path; the part behind `:`
/// is a package name.
fn is_import_path(path: &str) -> bool {
    let path = path.rsplit_once(':').map_or(path, |(path, _)| path);
    !path.is_empty()
        && path.chars().all(|c| {
            !c.is_control()
                && !c.is_whitespace()
                && !"!\"#$%&'()*,:;<=>?[\\]^{|}`\u{fffd}".contains(c)
        })
}
