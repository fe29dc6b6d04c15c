//! Compares an expected CUE expression with an evaluated tree.
//!
//! Invariant: the expected side is walked as a syntax tree. Structs, lists, choices and
//! conjunctions are never evaluated; only leaves such as `-1`, `math.Pi` or `strings.MinRunes(2)`
//! are, through [`Leaves`]. So a fault of the engine cannot turn up on both sides and vanish.

mod effective;
mod same;
mod structs;
#[cfg(test)]
mod tests;

use platformc_cue::{Tree, TreeKind, TreeStruct};
use platformc_cue_syntax::ast::{BinaryOp, Expr, ExprKind, ListElementKind, ListLit, UnaryOp};
use platformc_value::{BoundOp, Number};

pub use effective::{Fault, fault, find_below, path_matches};
pub use same::{alike, same};

/// Evaluates leaf expressions of the expected side.
pub trait Leaves {
    /// The value of an expression without references, other than into the standard library.
    ///
    /// # Errors
    /// Why it has none.
    fn evaluate(&mut self, expression: &str) -> Result<Tree, String>;
}

/// Why an expected expression and a value differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Where in the value, from the value compared.
    pub path: String,
    /// What differs.
    pub message: String,
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.path, self.message)
        }
    }
}

type Check = Result<(), Mismatch>;

/// One comparison.
pub struct Comparison<'a> {
    /// The text the expected expression was read from.
    text: &'a str,
    leaves: &'a mut dyn Leaves,
    /// The path of the place compared, below the value asserted.
    path: Vec<String>,
    /// The path of the value asserted, for paths of errors.
    base: &'a str,
}

impl<'a> Comparison<'a> {
    /// A comparison of an expression read from `text` with the value at the path `base`.
    pub fn new(text: &'a str, base: &'a str, leaves: &'a mut dyn Leaves) -> Comparison<'a> {
        Comparison { text, leaves, path: Vec::new(), base }
    }

    /// Compares; the expression's depth is bounded by the parser.
    ///
    /// # Errors
    /// The first difference.
    pub fn run(&mut self, expected: &Expr, actual: &Tree) -> Check {
        self.compare(expected, actual)
    }

    fn fail<T>(&self, message: impl Into<String>) -> Result<T, Mismatch> {
        Err(Mismatch { path: self.path.join("."), message: message.into() })
    }

    fn within<T>(&mut self, step: impl Into<String>, run: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step.into());
        let result = run(self);
        self.path.pop();
        result
    }

    fn source(&self, expr: &Expr) -> &'a str {
        self.text.get(expr.span.start as usize..expr.span.end as usize).unwrap_or_default()
    }

    fn compare(&mut self, expected: &Expr, actual: &Tree) -> Check {
        if let ExprKind::Paren(inner) = &expected.kind {
            return self.compare(inner, actual);
        }
        self.same_form(expected, actual)?;
        match &expected.kind {
            ExprKind::Struct(body) => self.structure(body, actual),
            ExprKind::List(list) => {
                self.no_other_fields(actual)?;
                self.list(list, actual)
            }
            ExprKind::Binary { op: BinaryOp::Disjunction, .. } => self.choice(expected, actual),
            ExprKind::Binary { op: BinaryOp::Unification, .. } => {
                self.conjunction(expected, actual)
            }
            ExprKind::Unary { op: UnaryOp::Default, .. } => self.choice(expected, actual),
            ExprKind::Unary { op: UnaryOp::Plus | UnaryOp::Minus | UnaryOp::Not, .. } => {
                self.leaf(expected, actual)
            }
            ExprKind::Unary { op, operand, .. } => self.bound(*op, operand, actual),
            ExprKind::Bottom => match fault(actual) {
                Some(_) => Ok(()),
                None => self.fail(format!("expected an error, got {}", brief(actual))),
            },
            ExprKind::Call { .. } | ExprKind::Selector { .. } => self.leaf(expected, actual),
            _ => {
                self.no_other_fields(actual)?;
                self.leaf(expected, actual)
            }
        }
    }

    /// A choice must be expected as a choice and a conjunction as a conjunction, so that `1` does
    /// not pass for `*1 | 2`.
    fn same_form(&self, expected: &Expr, actual: &Tree) -> Check {
        let op = match &expected.kind {
            ExprKind::Struct(_) => return Ok(()),
            ExprKind::Binary { op, .. } => Some(*op),
            _ => None,
        };
        match &actual.kind {
            TreeKind::Disjunction(_) if op != Some(BinaryOp::Disjunction) => {
                self.fail(format!("the value is a choice: {}", brief(actual)))
            }
            TreeKind::Conjunction(_) if op != Some(BinaryOp::Unification) => {
                self.fail(format!("the value is a conjunction: {}", brief(actual)))
            }
            _ => Ok(()),
        }
    }

    /// A value with definitions or hidden fields must be expected as a struct that lists them.
    fn no_other_fields(&self, actual: &Tree) -> Check {
        let TreeKind::Struct(tree) = &actual.kind else { return Ok(()) };
        match tree.fields.iter().find(|field| !field.label.is_regular()) {
            Some(field) => self.fail(format!(
                "the value has a field {} beside what is expected",
                field.label.name()
            )),
            None => Ok(()),
        }
    }

    fn list(&mut self, expected: &ListLit, actual: &Tree) -> Check {
        let actual = embedded(actual);
        let TreeKind::List(list) = &actual.kind else {
            return self.fail(format!("expected a list, got {}", brief(actual)));
        };
        let wanted = expected.elements.len() + usize::from(expected.ellipsis.is_some());
        if wanted != list.items.len() {
            return self.fail(format!("expected {wanted} items, got {}", list.items.len()));
        }
        for (index, (element, item)) in expected.elements.iter().zip(&list.items).enumerate() {
            let ListElementKind::Expr(expr) = &element.kind else {
                return self.fail("a comprehension cannot be expected");
            };
            self.within(index.to_string(), |this| this.compare(expr, item))?;
        }
        if expected.ellipsis.is_some() {
            return self.fail("`...` cannot be expected in a list");
        }
        Ok(())
    }

    fn choice(&mut self, expected: &Expr, actual: &Tree) -> Check {
        let TreeKind::Disjunction(alternatives) = &actual.kind else {
            return self.fail(format!("expected a choice, got {}", brief(actual)));
        };
        let mut wanted = Vec::new();
        flatten_choice(expected, false, &mut wanted);
        if wanted.len() != alternatives.len() {
            return self.fail(format!(
                "expected {} alternatives, got {}: {}",
                wanted.len(),
                alternatives.len(),
                brief(actual)
            ));
        }
        let mut used = vec![false; alternatives.len()];
        for (expr, default) in wanted {
            let free = (0..alternatives.len()).find(|&index| {
                !used[index]
                    && alternatives[index].default == default
                    && self.compare(expr, &alternatives[index].value).is_ok()
            });
            match free {
                Some(index) => used[index] = true,
                None => {
                    let mark = if default { "*" } else { "" };
                    return self.fail(format!(
                        "no alternative {mark}{} in {}",
                        self.source(expr),
                        brief(actual)
                    ));
                }
            }
        }
        Ok(())
    }

    fn conjunction(&mut self, expected: &Expr, actual: &Tree) -> Check {
        let mut wanted = Vec::new();
        flatten_conjunction(expected, &mut wanted);
        let one = std::slice::from_ref(actual);
        let parts = match &actual.kind {
            TreeKind::Conjunction(parts) => parts.as_slice(),
            _ => one,
        };
        if wanted.len() != parts.len() {
            return self.fail(format!(
                "expected {} conjuncts, got {}: {}",
                wanted.len(),
                parts.len(),
                brief(actual)
            ));
        }
        let mut used = vec![false; parts.len()];
        for expr in wanted {
            let free = (0..parts.len())
                .find(|&index| !used[index] && self.compare(expr, &parts[index]).is_ok());
            match free {
                Some(index) => used[index] = true,
                None => {
                    return self.fail(format!(
                        "no conjunct {} in {}",
                        self.source(expr),
                        brief(actual)
                    ));
                }
            }
        }
        Ok(())
    }

    fn bound(&mut self, op: UnaryOp, operand: &Expr, actual: &Tree) -> Check {
        let wanted = match op {
            UnaryOp::Less => Some(BoundOp::Less),
            UnaryOp::LessEqual => Some(BoundOp::LessEqual),
            UnaryOp::Greater => Some(BoundOp::Greater),
            UnaryOp::GreaterEqual => Some(BoundOp::GreaterEqual),
            UnaryOp::NotEqual => Some(BoundOp::NotEqual),
            UnaryOp::Match => Some(BoundOp::Match),
            UnaryOp::NotMatch => Some(BoundOp::NotMatch),
            _ => None,
        };
        match &actual.kind {
            TreeKind::Bound(op, bound) if Some(*op) == wanted => self.compare(operand, bound),
            _ => self.fail(format!("expected a bound, got {}", brief(actual))),
        }
    }

    fn leaf(&mut self, expected: &Expr, actual: &Tree) -> Check {
        let actual = embedded(actual);
        let source = self.source(expected);
        if let Some(equal) = literal(expected, actual) {
            return match equal {
                true => Ok(()),
                false => self.fail(format!("expected {source}, got {}", brief(actual))),
            };
        }
        match self.leaves.evaluate(source) {
            Ok(tree) if fault(&tree).is_some() => {
                self.fail(format!("the expected {source} is itself an error"))
            }
            Ok(tree) if same(&tree, actual) => Ok(()),
            Ok(_) => self.fail(format!("expected {source}, got {}", brief(actual))),
            Err(reason) => self.fail(format!("cannot evaluate the expected {source}: {reason}")),
        }
    }
}

/// Compares a literal without evaluating anything; `None` where evaluation is needed.
fn literal(expected: &Expr, actual: &Tree) -> Option<bool> {
    Some(match (&expected.kind, &actual.kind) {
        (ExprKind::Top, TreeKind::Top) => true,
        (ExprKind::Null, TreeKind::Null | TreeKind::Type("null")) => true,
        (ExprKind::Bool(a), TreeKind::Bool(b)) => a == b,
        (ExprKind::String(a), TreeKind::String(b)) => a == b,
        (ExprKind::Bytes(a), TreeKind::Bytes(b)) => a == b,
        (ExprKind::Number(text), kind) => {
            let number = Number::parse(&text.replace('_', "")).ok()?;
            matches!(kind, TreeKind::Number(actual) if same::numbers(&number, actual))
        }
        (ExprKind::Ident(name), TreeKind::Type(kind)) if &**name == *kind => true,
        (ExprKind::Ident(_), _) => return None,
        (
            ExprKind::Top
            | ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::String(_)
            | ExprKind::Bytes(_),
            _,
        ) => false,
        _ => return None,
    })
}

fn flatten_choice<'e>(expr: &'e Expr, default: bool, into: &mut Vec<(&'e Expr, bool)>) {
    match &expr.kind {
        ExprKind::Binary { op: BinaryOp::Disjunction, left, right, .. } => {
            flatten_choice(left, default, into);
            flatten_choice(right, default, into);
        }
        ExprKind::Unary { op: UnaryOp::Default, operand, .. } => {
            flatten_choice(operand, true, into);
        }
        ExprKind::Paren(inner) => flatten_choice(inner, default, into),
        _ => into.push((expr, default)),
    }
}

fn flatten_conjunction<'e>(expr: &'e Expr, into: &mut Vec<&'e Expr>) {
    match &expr.kind {
        ExprKind::Binary { op: BinaryOp::Unification, left, right, .. } => {
            flatten_conjunction(left, into);
            flatten_conjunction(right, into);
        }
        ExprKind::Paren(inner) => flatten_conjunction(inner, into),
        _ => into.push(expr),
    }
}

/// The scalar or list embedded in a struct, or the value itself.
fn embedded(actual: &Tree) -> &Tree {
    match &actual.kind {
        TreeKind::Struct(tree) => tree.embedded.as_deref().unwrap_or(actual),
        _ => actual,
    }
}

/// A value in a few words, for messages.
#[must_use]
pub fn brief(tree: &Tree) -> String {
    let mut text = String::new();
    write_brief(tree, 3, &mut text);
    if text.len() > 300 {
        let end = (0..=300).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

fn write_brief(tree: &Tree, depth: usize, into: &mut String) {
    let list = |items: &mut dyn Iterator<Item = &Tree>, between: &str, into: &mut String| {
        for (index, item) in items.enumerate() {
            if index > 0 {
                into.push_str(between);
            }
            if depth == 0 {
                into.push('…');
                return;
            }
            write_brief(item, depth - 1, into);
        }
    };
    match &tree.kind {
        TreeKind::Bottom(bottom) => {
            into.push_str(&format!("_|_({}: {})", bottom.code.as_str(), bottom.message));
        }
        TreeKind::Top => into.push('_'),
        TreeKind::Null => into.push_str("null"),
        TreeKind::Bool(value) => into.push_str(&value.to_string()),
        TreeKind::Number(number) => into.push_str(&number.to_string()),
        TreeKind::String(text) => into.push_str(&format!("{text:?}")),
        TreeKind::Bytes(bytes) => {
            into.push_str(&format!("'{}'", String::from_utf8_lossy(bytes)));
        }
        TreeKind::Struct(tree) => brief_struct(tree, depth, into),
        TreeKind::List(tree) => {
            into.push('[');
            list(&mut tree.items.iter(), ", ", into);
            into.push_str(if tree.rest.is_some() { ", ...]" } else { "]" });
        }
        TreeKind::Disjunction(alternatives) => {
            for (index, alternative) in alternatives.iter().enumerate() {
                if index > 0 {
                    into.push_str(" | ");
                }
                if alternative.default {
                    into.push('*');
                }
                write_brief(&alternative.value, depth.saturating_sub(1), into);
            }
        }
        TreeKind::Conjunction(parts) => list(&mut parts.iter(), " & ", into),
        TreeKind::Type(name) => into.push_str(name),
        TreeKind::Bound(op, operand) => {
            into.push_str(bound_text(*op));
            write_brief(operand, depth.saturating_sub(1), into);
        }
        TreeKind::Validator { name, arguments } => {
            into.push_str(name);
            into.push('(');
            list(&mut arguments.iter(), ", ", into);
            into.push(')');
        }
    }
}

fn brief_struct(tree: &TreeStruct, depth: usize, into: &mut String) {
    into.push('{');
    let mut first = true;
    if let Some(embedded) = &tree.embedded {
        write_brief(embedded, depth.saturating_sub(1), into);
        first = false;
    }
    for field in &tree.fields {
        if !first {
            into.push_str(", ");
        }
        first = false;
        into.push_str(field.label.name());
        into.push_str(structs::mark(field.arc));
        into.push_str(": ");
        if depth == 0 {
            into.push('…');
        } else {
            write_brief(&field.value, depth - 1, into);
        }
    }
    into.push('}');
}

fn bound_text(op: BoundOp) -> &'static str {
    match op {
        BoundOp::Less => "<",
        BoundOp::LessEqual => "<=",
        BoundOp::Greater => ">",
        BoundOp::GreaterEqual => ">=",
        BoundOp::NotEqual => "!=",
        BoundOp::Match => "=~",
        BoundOp::NotMatch => "!~",
    }
}
