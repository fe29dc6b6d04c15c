//! From the syntax tree to compiled expressions.
//!
//! Invariant: every name is resolved here, by lexical scope (CUE specification, "Declarations and
//! scopes"); only names declared by identifier labels, `let` clauses, aliases and imports can be
//! referred to. Scopes opened here are exactly those the evaluator opens (see [`crate::ir`]).

mod literal;
mod scope;

use std::sync::Arc;

use platformc_cue_syntax::ast;
use platformc_source::{Diagnostic, Span, codes, nearest};
use platformc_value::BoundOp;

use crate::builtin;
use crate::ir::{
    ArcType, BoundKind, Clause, Comprehension, Decl, Element, Expr, ExprKind, FieldInfo, Let,
    ListLit, Op, Part, StructLit,
};
use crate::label::Label;
use crate::package::CompileOptions;
use scope::{Frame, Target};

pub(crate) struct Compiler<'a> {
    package: Arc<str>,
    options: CompileOptions<'a>,
    files: &'a [&'a ast::File],
    index: usize,
    frames: Vec<Frame>,
    imports: Vec<(Arc<str>, Arc<str>)>,
    depth: u32,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// How deep expressions may nest, chains included.
const MAX_DEPTH: u32 = 4_000;
/// How many characters of a number a message repeats.
const SHOWN: usize = 60;
/// Stack left when compiling moves to a new segment, and the size of a segment, in bytes.
const RED_ZONE: usize = 128 * 1024;
const SEGMENT: usize = 2 * 1024 * 1024;

/// What the value of a field is wrapped in.
#[derive(Default)]
struct Aliases<'a> {
    label: Option<&'a str>,
    value: Option<&'a str>,
}

impl<'a> Compiler<'a> {
    pub(crate) fn new(
        package: &Arc<str>,
        options: CompileOptions<'a>,
        files: &'a [&'a ast::File],
        index: usize,
    ) -> Compiler<'a> {
        let imports = files.get(index).map_or_else(Vec::new, |file| {
            file.imports
                .iter()
                .map(|import| (Arc::from(import.local_name()), import.path.clone()))
                .collect()
        });
        Compiler {
            package: package.clone(),
            options,
            files,
            index,
            frames: Vec::new(),
            imports,
            depth: 0,
            diagnostics: Vec::new(),
        }
    }

    /// Compiles a whole file as one struct literal.
    pub(crate) fn file(&mut self, file: &ast::File) -> Expr {
        for import in &file.imports {
            let known = builtin::package(&import.path).is_some()
                || self.options.imports.is_some_and(|find| find(&import.path).is_some());
            if !known {
                self.diagnostics.push(
                    Diagnostic::new(
                        codes::CUE_IMPORT,
                        import.span,
                        format!("package \"{}\" is not known", import.path),
                    )
                    .note("only packages of the standard library and of the workspace can be imported"),
                );
            }
        }
        let literal = self.struct_lit(&file.decls, None, true);
        Expr { span: Span::new(file.file, 0, 0), kind: ExprKind::Struct(literal) }
    }

    /// Compiles an expression in the scope of a file's top level.
    pub(crate) fn in_file(&mut self, file: &ast::File, expr: &ast::Expr) -> Expr {
        let frame = self.top_frame(&file.decls, None);
        self.frames.push(frame);
        let compiled = self.expr(expr);
        self.frames.pop();
        compiled
    }

    fn label_of(&self, label: &ast::LabelKind) -> Option<Label> {
        match label {
            ast::LabelKind::Ident(name) => Some(Label::identifier(name, &self.package)),
            ast::LabelKind::String(text) => Some(Label::regular(text)),
            ast::LabelKind::Number(text) => {
                let number = literal::number(text).ok()?;
                Some(Label::regular(&number.to_string()))
            }
            _ => None,
        }
    }

    fn top_frame(&self, decls: &[ast::Decl], self_alias: Option<&str>) -> Frame {
        let mut frame = self.struct_frame(decls, self_alias);
        for (index, file) in self.files.iter().enumerate() {
            if index == self.index {
                continue;
            }
            for decl in &file.decls {
                if let ast::DeclKind::Field(field) = &decl.kind
                    && let ast::LabelKind::Ident(name) = &field.label.kind
                {
                    let label = Label::identifier(name, &self.package);
                    frame.add(name, Target::Field(label));
                }
            }
        }
        for name in self.options.inputs {
            frame.add(name, Target::Field(Label::identifier(name, "")));
        }
        frame
    }

    fn struct_frame(&self, decls: &[ast::Decl], self_alias: Option<&str>) -> Frame {
        let mut frame = Frame::new_struct();
        let mut lets = 0;
        for (index, decl) in decls.iter().enumerate() {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            match &decl.kind {
                ast::DeclKind::Field(field) => {
                    let label = self.label_of(&field.label.kind);
                    if let ast::LabelKind::Ident(name) = &field.label.kind
                        && let Some(label) = label
                    {
                        frame.add(name, Target::Field(label));
                    }
                    let target = || match (label, &field.label.kind) {
                        (Some(label), _) => Some(Target::Field(label)),
                        (None, ast::LabelKind::Pattern { .. }) => None,
                        (None, _) => Some(Target::Dynamic(index)),
                    };
                    let postfix =
                        field.postfix_alias.as_ref().and_then(|alias| alias.value.as_ref());
                    for alias in [field.alias.as_ref(), postfix].into_iter().flatten() {
                        if let Some(target) = target() {
                            frame.add(&alias.name, target);
                        }
                    }
                }
                ast::DeclKind::Let(binding) => {
                    frame.add(&binding.name.name, Target::Let(lets));
                    lets += 1;
                }
                ast::DeclKind::Embed(ast::Expr {
                    kind: ast::ExprKind::Alias { name, .. }, ..
                }) => {
                    frame.add(&name.name, Target::Own);
                }
                _ => {}
            }
        }
        if let Some(alias) = self_alias {
            frame.add(alias, Target::Own);
        }
        frame
    }

    fn struct_lit(
        &mut self,
        decls: &[ast::Decl],
        self_alias: Option<&str>,
        top: bool,
    ) -> StructLit {
        let frame = if top {
            self.top_frame(decls, self_alias)
        } else {
            self.struct_frame(decls, self_alias)
        };
        self.frames.push(frame);
        let mut literal = StructLit::default();
        for decl in decls {
            self.decl(decl, &mut literal);
        }
        self.frames.pop();
        literal
    }

    fn decl(&mut self, decl: &ast::Decl, literal: &mut StructLit) {
        match &decl.kind {
            ast::DeclKind::Field(field) => {
                let compiled = self.field(field, decl);
                // Definitions and hidden fields may stand beside an embedded scalar.
                literal.has_fields |= match &compiled {
                    Decl::Field { label, info, .. } => {
                        label.is_regular() && info.arc != ArcType::Optional
                    }
                    Decl::Dynamic { .. } => true,
                    _ => false,
                };
                literal.decls.push(compiled);
            }
            ast::DeclKind::Let(binding) => {
                let value = self.expr(&binding.value);
                literal.lets.push(Let { value });
            }
            ast::DeclKind::Embed(expr) => {
                let expr = match &expr.kind {
                    ast::ExprKind::Alias { value, .. } => value,
                    _ => expr,
                };
                literal.embeds = true;
                let compiled = self.expr(expr);
                literal.decls.push(Decl::Embed(compiled));
            }
            ast::DeclKind::Comprehension(comprehension) => {
                let compiled = self.comprehension(comprehension);
                literal.embeds = true;
                literal.decls.push(Decl::Comprehension(compiled));
            }
            ast::DeclKind::Ellipsis(value) => {
                let value = value.as_ref().map(|value| self.expr(value));
                literal.decls.push(Decl::Ellipsis(value));
            }
            ast::DeclKind::Attribute(_) | ast::DeclKind::Bad => {}
        }
    }

    fn field(&mut self, field: &ast::Field, decl: &ast::Decl) -> Decl {
        let postfix = field.postfix_alias.as_ref();
        let computed = self.label_of(&field.label.kind).is_none();
        let name = |ident: Option<&'_ ast::Ident>| ident.map(|ident| ident.name.clone());
        let mut label_alias = name(postfix.and_then(|alias| alias.key.as_ref()));
        let mut value_alias = name(field.value_alias.as_ref());
        let mut label_expr = None;
        match &field.label.kind {
            ast::LabelKind::Pattern { alias, pattern } => {
                label_expr = Some(self.expr(pattern));
                label_alias = label_alias.or_else(|| name(alias.as_ref()));
                let outer = field.alias.as_ref().or(postfix.and_then(|alias| alias.value.as_ref()));
                value_alias = value_alias.or_else(|| name(outer));
            }
            ast::LabelKind::Interpolation(expr) | ast::LabelKind::Dynamic(expr) => {
                label_expr = Some(self.expr(expr));
            }
            _ => {}
        }
        let aliases = Aliases { label: label_alias.as_deref(), value: value_alias.as_deref() };
        let (value, scoped) = self.field_value(&field.value, &aliases);
        let info = FieldInfo {
            arc: match field.constraint {
                ast::Constraint::Member => ArcType::Member,
                ast::Constraint::Required => ArcType::Required,
                ast::Constraint::Optional => ArcType::Optional,
            },
            label_span: field.label.span,
            scoped,
            docs: decl
                .comments
                .iter()
                .filter(|comment| comment.position != ast::CommentPosition::Free)
                .flat_map(|comment| comment.lines.iter().cloned())
                .collect(),
            attributes: field
                .attributes
                .iter()
                .map(|attribute| (attribute.key.clone(), attribute.body.clone()))
                .collect(),
        };
        if let (false, Some(label)) = (computed, self.label_of(&field.label.kind)) {
            return Decl::Field { label, info, value };
        }
        let label = label_expr
            .unwrap_or_else(|| bad(field.label.span, "the label could not be read".to_owned()));
        if matches!(field.label.kind, ast::LabelKind::Pattern { .. }) {
            Decl::Pattern { pattern: label, info, value }
        } else {
            Decl::Dynamic { label, info, value }
        }
    }

    /// A field's value, and whether it stands in a scope of its own.
    fn field_value(&mut self, value: &ast::Expr, aliases: &Aliases<'_>) -> (Expr, bool) {
        // An alias of a struct literal is a name in that literal's own scope.
        if aliases.label.is_none()
            && let ast::ExprKind::Struct(literal) = &value.kind
        {
            let literal = self.struct_lit(&literal.decls, aliases.value, false);
            return (Expr { span: value.span, kind: ExprKind::Struct(literal) }, false);
        }
        if aliases.label.is_none() && aliases.value.is_none() {
            return (self.expr(value), false);
        }
        self.frames.push(Frame::new_field(aliases.label, aliases.value));
        let compiled = self.expr(value);
        self.frames.pop();
        (compiled, true)
    }

    fn comprehension(&mut self, comprehension: &ast::Comprehension) -> Comprehension {
        let depth = self.frames.len();
        let mut clauses = Vec::new();
        for clause in &comprehension.clauses {
            match &clause.kind {
                ast::ClauseKind::For { key, value, source } => {
                    let source = self.expr(source);
                    clauses.push(Clause::For { source });
                    let key = key.as_ref().map(|key| &*key.name);
                    self.frames.push(Frame::new_clause(key, &value.name));
                }
                ast::ClauseKind::If(condition) => clauses.push(Clause::If(self.expr(condition))),
                ast::ClauseKind::Let(binding) => {
                    clauses.push(Clause::Let(self.expr(&binding.value)));
                    self.frames.push(Frame::new_clause(None, &binding.name.name));
                }
                ast::ClauseKind::Try(None) => clauses.push(Clause::Try(None)),
                ast::ClauseKind::Try(Some(binding)) => {
                    clauses.push(Clause::Try(Some(self.expr(&binding.value))));
                    self.frames.push(Frame::new_clause(None, &binding.name.name));
                }
            }
        }
        let body = &comprehension.body;
        let literal = self.struct_lit(&body.decls, None, false);
        let provides = provides(&literal);
        self.frames.truncate(depth);
        let fallback = comprehension.fallback.as_ref().map(|fallback| {
            let literal = self.struct_lit(&fallback.decls, None, false);
            Box::new(Expr { span: fallback.span, kind: ExprKind::Struct(literal) })
        });
        let provides = if fallback.is_some() { None } else { provides };
        Comprehension {
            clauses,
            body: Expr { span: body.span, kind: ExprKind::Struct(literal) },
            fallback,
            provides,
        }
    }

    fn boxed(&mut self, expr: &ast::Expr) -> Box<Expr> {
        Box::new(self.expr(expr))
    }

    /// Compiles an expression. What nests is bounded by the parser; chains of selectors, calls and
    /// operators are as long as the text, and are bounded here, since evaluating and dropping them
    /// takes stack.
    pub(crate) fn expr(&mut self, expr: &ast::Expr) -> Expr {
        if self.depth >= MAX_DEPTH {
            let message = format!("expression nests deeper than {MAX_DEPTH} levels");
            self.diagnostics.push(
                Diagnostic::new(codes::CUE_BUDGET, expr.span, message.clone())
                    .note("give parts of it names of their own"),
            );
            return bad(expr.span, message);
        }
        self.depth += 1;
        let compiled = stacker::maybe_grow(RED_ZONE, SEGMENT, || self.expr_kind(expr));
        self.depth -= 1;
        compiled
    }

    #[expect(clippy::too_many_lines, reason = "one arm a kind of expression")]
    fn expr_kind(&mut self, expr: &ast::Expr) -> Expr {
        let span = expr.span;
        let kind = match &expr.kind {
            ast::ExprKind::Bottom => ExprKind::Bottom,
            ast::ExprKind::Top => ExprKind::Top,
            ast::ExprKind::Null => ExprKind::Null,
            ast::ExprKind::Bool(b) => ExprKind::Bool(*b),
            ast::ExprKind::Number(text) => match literal::number(text) {
                Ok(number) => ExprKind::Number(number),
                Err(error) => {
                    // A number too large to read is too large to repeat.
                    let shown: String = text.chars().take(SHOWN).collect();
                    let rest = if shown.len() < text.len() { "…" } else { "" };
                    let message = format!("{error}: {shown}{rest}");
                    self.diagnostics.push(Diagnostic::new(
                        codes::CUE_SYNTAX,
                        span,
                        message.clone(),
                    ));
                    ExprKind::Bad(message)
                }
            },
            ast::ExprKind::String(text) => ExprKind::String(text.clone()),
            ast::ExprKind::Bytes(bytes) => ExprKind::Bytes(bytes.clone()),
            ast::ExprKind::Interpolation(interpolation) => {
                let parts = interpolation
                    .parts
                    .iter()
                    .map(|part| match part {
                        ast::InterpolationPart::Text(text) => Part::Text(text.clone()),
                        ast::InterpolationPart::Expr(expr) => Part::Expr(self.expr(expr)),
                    })
                    .collect();
                ExprKind::Interpolation { parts, bytes: interpolation.bytes }
            }
            ast::ExprKind::Ident(name) => return self.identifier(name, span),
            ast::ExprKind::Struct(literal) => {
                ExprKind::Struct(self.struct_lit(&literal.decls, None, false))
            }
            ast::ExprKind::List(list) => self.list(list),
            // `?` after a selector or index (experiment `try`) needs no mark: what is missing is
            // incomplete either way, and skips the clause that asks.
            ast::ExprKind::Selector { base, label, .. } => {
                return self.selector(base, label, span);
            }
            ast::ExprKind::Index { base, index, .. } => {
                ExprKind::Index { base: self.boxed(base), index: self.boxed(index) }
            }
            ast::ExprKind::Slice { base, low, high } => ExprKind::Slice {
                base: self.boxed(base),
                low: low.as_ref().map(|low| self.boxed(low)),
                high: high.as_ref().map(|high| self.boxed(high)),
            },
            ast::ExprKind::Call { function, arguments } => ExprKind::Call {
                function: self.boxed(function),
                arguments: arguments.iter().map(|argument| self.expr(argument)).collect(),
            },
            ast::ExprKind::Unary { op, operand, .. } => {
                let bound = |op| BoundKind::Op(op);
                let kind = match op {
                    ast::UnaryOp::Plus | ast::UnaryOp::Minus => {
                        let negative = *op == ast::UnaryOp::Minus;
                        return Expr {
                            span,
                            kind: ExprKind::Sign { negative, operand: self.boxed(operand) },
                        };
                    }
                    ast::UnaryOp::Not => {
                        return Expr { span, kind: ExprKind::Not(self.boxed(operand)) };
                    }
                    // A mark outside a disjunction marks nothing.
                    ast::UnaryOp::Default => {
                        return Expr { span, kind: ExprKind::Or(vec![(self.expr(operand), true)]) };
                    }
                    ast::UnaryOp::Less => bound(BoundOp::Less),
                    ast::UnaryOp::LessEqual => bound(BoundOp::LessEqual),
                    ast::UnaryOp::Greater => bound(BoundOp::Greater),
                    ast::UnaryOp::GreaterEqual => bound(BoundOp::GreaterEqual),
                    ast::UnaryOp::NotEqual => bound(BoundOp::NotEqual),
                    ast::UnaryOp::Match => bound(BoundOp::Match),
                    ast::UnaryOp::NotMatch => bound(BoundOp::NotMatch),
                    ast::UnaryOp::Equal => BoundKind::Equal,
                };
                ExprKind::Bound(kind, self.boxed(operand))
            }
            ast::ExprKind::Binary { op, .. } => match op {
                ast::BinaryOp::Disjunction => {
                    let mut alternatives = Vec::new();
                    for operand in chain(expr, ast::BinaryOp::Disjunction) {
                        match &operand.kind {
                            ast::ExprKind::Unary { op: ast::UnaryOp::Default, operand, .. } => {
                                alternatives.push((self.expr(operand), true));
                            }
                            _ => alternatives.push((self.expr(operand), false)),
                        }
                    }
                    ExprKind::Or(alternatives)
                }
                ast::BinaryOp::Unification => ExprKind::And(
                    chain(expr, ast::BinaryOp::Unification)
                        .into_iter()
                        .map(|operand| self.expr(operand))
                        .collect(),
                ),
                _ => return self.binary(expr),
            },
            ast::ExprKind::Paren(inner) => {
                let inner = self.expr(inner);
                return Expr { span, kind: inner.kind };
            }
            ast::ExprKind::PostfixEllipsis(inner) => ExprKind::Open(self.boxed(inner)),
            ast::ExprKind::Optional(inner) => ExprKind::Try(self.boxed(inner)),
            ast::ExprKind::Alias { value, .. } => return self.expr(value),
            ast::ExprKind::Bad => ExprKind::Bad("the expression could not be read".to_owned()),
        };
        Expr { span, kind }
    }

    /// Arithmetic chains are left-deep, and as long as the text is; they are compiled without
    /// recursion along the chain.
    fn binary(&mut self, expr: &ast::Expr) -> Expr {
        let mut rights = Vec::new();
        let mut left = expr;
        while let ast::ExprKind::Binary { op, left: next, right, .. } = &left.kind {
            let Some(op) = arithmetic(*op) else { break };
            rights.push((op, right, left.span));
            left = next;
        }
        // Each operator of the chain is a level of the compiled tree.
        let length = u32::try_from(rights.len()).unwrap_or(u32::MAX);
        if self.depth.saturating_add(length) > MAX_DEPTH {
            let message = format!("chain of more than {MAX_DEPTH} operators");
            self.diagnostics.push(
                Diagnostic::new(codes::CUE_BUDGET, expr.span, message.clone())
                    .note("give parts of it names of their own, or use list.Sum or strings.Join"),
            );
            return bad(expr.span, message);
        }
        self.depth += length;
        let mut compiled = self.expr(left);
        while let Some((op, right, span)) = rights.pop() {
            let right = self.boxed(right);
            compiled =
                Expr { span, kind: ExprKind::Binary { op, left: Box::new(compiled), right } };
        }
        self.depth -= length;
        compiled
    }

    fn list(&mut self, list: &ast::ListLit) -> ExprKind {
        let elements = list
            .elements
            .iter()
            .map(|element| match &element.kind {
                ast::ListElementKind::Expr(expr) => Element::Expr(self.expr(expr)),
                ast::ListElementKind::Comprehension(comprehension, _) => {
                    Element::Comprehension(self.comprehension(comprehension))
                }
            })
            .collect();
        let rest =
            list.ellipsis.as_ref().map(|rest| rest.as_ref().map(|rest| Box::new(self.expr(rest))));
        ExprKind::List(ListLit { elements, rest })
    }

    fn selector(&mut self, base: &ast::Expr, label: &ast::Label, span: Span) -> Expr {
        if let ast::ExprKind::Ident(name) = &base.kind
            && let ast::LabelKind::Ident(member) = &label.kind
            && self.resolve(name).is_none()
            && let Some((_, path)) = self.imports.iter().find(|(local, _)| local == name)
            && let Some(package) = builtin::package(path)
        {
            let kind = if let Some(function) = package.function(member) {
                ExprKind::Builtin(function)
            } else if let Some(constant) = package.constant(member) {
                return self.constant(constant, span);
            } else {
                let message = format!("package \"{path}\" has no \"{member}\"");
                let mut diagnostic =
                    Diagnostic::new(codes::CUE_REFERENCE, label.span, message.clone());
                for name in nearest(member, package.names()) {
                    diagnostic = diagnostic.replace(label.span, name, format!("write \"{name}\""));
                }
                self.diagnostics.push(diagnostic);
                ExprKind::Bad(message)
            };
            return Expr { span, kind };
        }
        let base = self.boxed(base);
        let Some(key) = self.label_of(&label.kind) else {
            return bad(span, "a selector needs a plain label".to_owned());
        };
        let label_span = label.span;
        Expr { span, kind: ExprKind::Selector { base, label: key, label_span } }
    }

    fn constant(&mut self, constant: &builtin::Constant, span: Span) -> Expr {
        let kind = match constant {
            builtin::Constant::Number(text) => literal::number(text)
                .map_or_else(|e| ExprKind::Bad(e.to_string()), ExprKind::Number),
            builtin::Constant::String(text) => ExprKind::String(Arc::from(*text)),
            builtin::Constant::Source(text) => {
                let parsed =
                    platformc_cue_syntax::parse_expr(platformc_source::FileId::NONE, text).value;
                // The text of a constant stands in no scope of the file that uses it.
                let frames = std::mem::take(&mut self.frames);
                let mut compiled = self.expr(&parsed);
                self.frames = frames;
                compiled.span = span;
                return compiled;
            }
        };
        Expr { span, kind }
    }
}

/// The operands of a chain of one associative operator, parentheses kept as they are.
fn chain(expr: &ast::Expr, wanted: ast::BinaryOp) -> Vec<&ast::Expr> {
    let mut operands = Vec::new();
    let mut stack = vec![expr];
    while let Some(expr) = stack.pop() {
        match &expr.kind {
            ast::ExprKind::Binary { op, left, right, .. } if *op == wanted => {
                stack.push(right);
                stack.push(left);
            }
            _ => operands.push(expr),
        }
    }
    operands
}

fn arithmetic(op: ast::BinaryOp) -> Option<Op> {
    Some(match op {
        ast::BinaryOp::Disjunction | ast::BinaryOp::Unification => return None,
        ast::BinaryOp::Or => Op::Or,
        ast::BinaryOp::And => Op::And,
        ast::BinaryOp::Equal => Op::Equal,
        ast::BinaryOp::NotEqual => Op::NotEqual,
        ast::BinaryOp::Less => Op::Less,
        ast::BinaryOp::LessEqual => Op::LessEqual,
        ast::BinaryOp::Greater => Op::Greater,
        ast::BinaryOp::GreaterEqual => Op::GreaterEqual,
        ast::BinaryOp::Match => Op::Match,
        ast::BinaryOp::NotMatch => Op::NotMatch,
        ast::BinaryOp::Add => Op::Add,
        ast::BinaryOp::Subtract => Op::Subtract,
        ast::BinaryOp::Multiply => Op::Multiply,
        ast::BinaryOp::Divide => Op::Divide,
        ast::BinaryOp::IntDiv => Op::IntDiv,
        ast::BinaryOp::IntMod => Op::IntMod,
        ast::BinaryOp::IntQuo => Op::IntQuo,
        ast::BinaryOp::IntRem => Op::IntRem,
    })
}

pub(crate) fn bad(span: Span, message: String) -> Expr {
    Expr { span, kind: ExprKind::Bad(message) }
}

/// The labels a literal can add to the struct it is embedded in, where that can be told.
fn provides(literal: &StructLit) -> Option<Vec<Label>> {
    let mut labels = Vec::new();
    for decl in &literal.decls {
        match decl {
            Decl::Field { label, .. } => labels.push(*label),
            Decl::Comprehension(comprehension) => {
                labels.extend(comprehension.provides.as_ref()?.iter().copied());
            }
            Decl::Pattern { .. } | Decl::Ellipsis(_) => {}
            Decl::Embed(expr) => match &expr.kind {
                ExprKind::Struct(literal) => labels.extend(provides(literal)?),
                ExprKind::Bottom
                | ExprKind::Null
                | ExprKind::Bool(_)
                | ExprKind::Number(_)
                | ExprKind::String(_)
                | ExprKind::List(_)
                | ExprKind::Interpolation { .. } => {}
                _ => return None,
            },
            Decl::Dynamic { .. } => return None,
        }
    }
    Some(labels)
}
