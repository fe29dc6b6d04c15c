//! A compact picture of syntax trees, and the reader of case files.

#![allow(dead_code, reason = "each test program uses a part of it")]
#![allow(unreachable_pub, reason = "shared between test programs")]
#![allow(clippy::disallowed_methods, reason = "tests read and update their case files")]

use std::fmt::Write;
use std::path::{Path, PathBuf};

use platformc_cue_syntax::ast::*;

/// Writes trees without spans; comments only if asked for.
pub struct Dump {
    pub out: String,
    pub comments: bool,
}

pub fn dump_file(file: &File, comments: bool) -> String {
    let mut dump = Dump { out: String::new(), comments };
    if let Some(package) = &file.package {
        let _ = writeln!(dump.out, "package {}", package.name);
    }
    for attribute in &file.attributes {
        let _ = writeln!(dump.out, "@{}({})", attribute.key, attribute.body);
    }
    for import in &file.imports {
        let alias = import.alias.as_ref().map_or(String::new(), |a| format!("{} ", a.name));
        let _ = write!(dump.out, "import {alias}{:?}", import.path);
        dump.comments(&import.comments);
        dump.out.push('\n');
    }
    for decl in &file.decls {
        dump.decl(decl);
        dump.out.push('\n');
    }
    if comments && !file.comments.is_empty() {
        dump.out.push_str("file");
        dump.comments(&file.comments);
        dump.out.push('\n');
    }
    dump.out
}

pub fn dump_expr(expr: &Expr) -> String {
    let mut dump = Dump { out: String::new(), comments: false };
    dump.expr(expr);
    dump.out
}

impl Dump {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn comments(&mut self, comments: &[Comment]) {
        if !self.comments {
            return;
        }
        for comment in comments {
            let _ = write!(self.out, " #{:?}{:?}", comment.position, comment.lines);
        }
    }

    fn name(&mut self, before: &str, name: Option<&Ident>, after: &str) {
        if let Some(name) = name {
            let _ = write!(self.out, "{before}{}{after}", name.name);
        }
    }

    fn decl(&mut self, decl: &Decl) {
        match &decl.kind {
            DeclKind::Field(field) => self.field(field),
            DeclKind::Let(binding) => self.binding("let", binding),
            DeclKind::Embed(expr) => {
                self.put("embed ");
                self.expr(expr);
            }
            DeclKind::Comprehension(comprehension) => self.comprehension(comprehension),
            DeclKind::Ellipsis(None) => self.put("..."),
            DeclKind::Ellipsis(Some(expr)) => {
                self.put("...");
                self.expr(expr);
            }
            DeclKind::Attribute(attribute) => {
                let _ = write!(self.out, "@{}({})", attribute.key, attribute.body);
            }
            DeclKind::Bad => self.put("BAD"),
        }
        self.comments(&decl.comments);
    }

    fn binding(&mut self, word: &str, binding: &Let) {
        let _ = write!(self.out, "{word} {}=", binding.name.name);
        self.expr(&binding.value);
    }

    fn field(&mut self, field: &Field) {
        self.name("", field.alias.as_ref(), "=");
        self.label(&field.label);
        if let Some(alias) = &field.postfix_alias {
            self.put("~(");
            self.name("", alias.key.as_ref(), "");
            self.put(",");
            self.name("", alias.value.as_ref(), "");
            self.put(")");
        }
        self.put(match field.constraint {
            Constraint::Member => ": ",
            Constraint::Required => "!: ",
            Constraint::Optional => "?: ",
        });
        self.name("", field.value_alias.as_ref(), "=");
        self.expr(&field.value);
        for attribute in &field.attributes {
            let _ = write!(self.out, " @{}({})", attribute.key, attribute.body);
        }
    }

    fn label(&mut self, label: &Label) {
        match &label.kind {
            LabelKind::Ident(name) => self.put(name),
            LabelKind::String(text) => {
                let _ = write!(self.out, "{text:?}");
            }
            LabelKind::Number(text) => {
                let _ = write!(self.out, "number:{text}");
            }
            LabelKind::Interpolation(expr) => self.expr(expr),
            LabelKind::Dynamic(expr) => {
                self.put("(");
                self.expr(expr);
                self.put(")");
            }
            LabelKind::Pattern { alias, pattern } => {
                self.put("[");
                self.name("", alias.as_ref(), "=");
                self.expr(pattern);
                self.put("]");
            }
        }
    }

    fn body(&mut self, literal: &StructLit) {
        self.put(if literal.shorthand { "<" } else { "{" });
        for (index, decl) in literal.decls.iter().enumerate() {
            if index > 0 {
                self.put(", ");
            }
            self.decl(decl);
        }
        self.comments(&literal.comments);
        self.put(if literal.shorthand { ">" } else { "}" });
    }

    fn comprehension(&mut self, comprehension: &Comprehension) {
        for clause in &comprehension.clauses {
            match &clause.kind {
                ClauseKind::For { key, value, source } => {
                    self.put("for ");
                    self.name("", key.as_ref(), ", ");
                    self.name("", Some(value), " in ");
                    self.expr(source);
                }
                ClauseKind::If(condition) => {
                    self.put("if ");
                    self.expr(condition);
                }
                ClauseKind::Let(binding) => self.binding("let", binding),
                ClauseKind::Try(None) => self.put("try"),
                ClauseKind::Try(Some(binding)) => self.binding("try", binding),
            }
            self.put(" ");
        }
        self.body(&comprehension.body);
        if let Some(fallback) = &comprehension.fallback {
            self.put(" else ");
            self.body(fallback);
        }
    }

    pub fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Bottom => self.put("_|_"),
            ExprKind::Top => self.put("_"),
            ExprKind::Null => self.put("null"),
            ExprKind::Bool(value) => self.put(&value.to_string()),
            ExprKind::Number(text) => self.put(text),
            ExprKind::String(text) => {
                let _ = write!(self.out, "{text:?}");
            }
            ExprKind::Bytes(bytes) => {
                let _ = write!(self.out, "'{}'", bytes.escape_ascii());
            }
            ExprKind::Interpolation(interpolation) => {
                self.put(if interpolation.bytes { "(bytes" } else { "(text" });
                for part in &interpolation.parts {
                    self.put(" ");
                    match part {
                        InterpolationPart::Text(text) => {
                            let _ = write!(self.out, "{text:?}");
                        }
                        InterpolationPart::Expr(expr) => self.expr(expr),
                    }
                }
                self.put(")");
            }
            ExprKind::Ident(name) => self.put(name),
            ExprKind::Struct(literal) => self.body(literal),
            ExprKind::List(list) => self.list(list),
            ExprKind::Selector { base, label, optional } => {
                self.put("(. ");
                self.expr(base);
                self.put(" ");
                self.label(label);
                self.put(if *optional { "?)" } else { ")" });
            }
            ExprKind::Index { base, index, optional } => {
                self.put("(at ");
                self.expr(base);
                self.put(" ");
                self.expr(index);
                self.put(if *optional { "?)" } else { ")" });
            }
            ExprKind::Slice { base, low, high } => {
                self.put("(slice ");
                self.expr(base);
                for bound in [low, high] {
                    self.put(" ");
                    match bound {
                        Some(bound) => self.expr(bound),
                        None => self.put("-"),
                    }
                }
                self.put(")");
            }
            ExprKind::Call { function, arguments } => {
                self.put("(call ");
                self.expr(function);
                for argument in arguments {
                    self.put(" ");
                    self.expr(argument);
                }
                self.put(")");
            }
            ExprKind::Unary { op, operand, .. } => {
                let _ = write!(self.out, "({op:?} ");
                self.expr(operand);
                self.put(")");
            }
            ExprKind::Binary { op, left, right, .. } => {
                let _ = write!(self.out, "({op:?} ");
                self.expr(left);
                self.put(" ");
                self.expr(right);
                self.put(")");
            }
            ExprKind::Paren(inner) => {
                self.put("(paren ");
                self.expr(inner);
                self.put(")");
            }
            ExprKind::PostfixEllipsis(inner) => {
                self.put("(open ");
                self.expr(inner);
                self.put(")");
            }
            ExprKind::Optional(inner) => {
                self.put("(maybe ");
                self.expr(inner);
                self.put(")");
            }
            ExprKind::Alias { name, value } => {
                let _ = write!(self.out, "{}=", name.name);
                self.expr(value);
            }
            ExprKind::Bad => self.put("BAD"),
        }
    }

    fn list(&mut self, list: &ListLit) {
        self.put("[");
        for (index, element) in list.elements.iter().enumerate() {
            if index > 0 {
                self.put(", ");
            }
            match &element.kind {
                ListElementKind::Expr(expr) => self.expr(expr),
                ListElementKind::Comprehension(comprehension, _) => {
                    self.comprehension(comprehension);
                }
            }
            self.comments(&element.comments);
        }
        if let Some(rest) = &list.ellipsis {
            if !list.elements.is_empty() {
                self.put(", ");
            }
            self.put("...");
            if let Some(rest) = rest {
                self.expr(rest);
            }
        }
        self.comments(&list.comments);
        self.put("]");
    }
}

/// A case: its title, its input, and what is expected.
pub struct Case {
    pub title: String,
    pub input: String,
    pub expected: String,
}

/// Reads a case file: `=== title`, the input, `---`, what is expected.
pub fn read_cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut in_expected = false;
    for line in text.split_inclusive('\n') {
        if let Some(title) = line.strip_prefix("=== ") {
            let title = title.trim_end().to_owned();
            cases.push(Case { title, input: String::new(), expected: String::new() });
            in_expected = false;
        } else if let Some(case) = cases.last_mut() {
            if line == "---\n" && !in_expected {
                in_expected = true;
            } else if in_expected {
                case.expected.push_str(line);
            } else {
                case.input.push_str(line);
            }
        }
    }
    cases
}

/// Runs every case of every file in `folder` and compares, or updates with `PLATFORMC_UPDATE=1`.
pub fn run_cases(folder: &str, actual: impl Fn(&Case) -> String) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(folder);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&root)
        .expect("folder")
        .map(|entry| entry.expect("entry").path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no case files in {}", root.display());
    let update = std::env::var("PLATFORMC_UPDATE").is_ok_and(|value| value == "1");
    let mut failures = String::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("case file");
        let cases = read_cases(&text);
        assert!(!cases.is_empty(), "no cases in {}", path.display());
        let mut updated = String::new();
        for case in &cases {
            let found = actual(case);
            let separator = if found.ends_with('\n') || found.is_empty() { "" } else { "\n" };
            let found = format!("{found}{separator}\n");
            let _ = write!(updated, "=== {}\n{}---\n{found}", case.title, case.input);
            if found.trim_end() != case.expected.trim_end() {
                let _ = writeln!(
                    failures,
                    "{}: {}\nexpected:\n{}\nfound:\n{found}",
                    path.display(),
                    case.title,
                    case.expected
                );
            }
        }
        if update {
            std::fs::write(&path, updated).expect("update");
        }
    }
    assert!(update || failures.is_empty(), "{failures}");
}
