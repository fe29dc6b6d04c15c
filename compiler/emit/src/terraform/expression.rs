//! Expressions: whether they are well formed, and what they name.
//!
//! Invariant: what an expression names is found in its syntax, never by searching its text. The
//! parser refuses what nests deeper than it can go down.

use std::collections::BTreeSet;

use hcl_edit::Ident;
use hcl_edit::expr::{Expression, ForExpr, FuncCall, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::template::ForDirective;
use hcl_edit::visit::{self, Visit};

/// Longer expressions are not what a person or a definition writes.
const LONGEST: usize = 64 * 1024;

/// What an expression names.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// Addresses: `aws_vpc.this`, `data.aws_ami.a`, `var.region`, `module.net`.
    pub(super) addresses: BTreeSet<String>,
    /// Functions of providers: `provider::aws::arn_parse`.
    pub(super) provider_functions: BTreeSet<String>,
    /// Functions of the engine.
    pub(super) functions: BTreeSet<String>,
}

/// What an expression names. `bound` are names that the block around it binds, such as the
/// iterator of a dynamic block.
///
/// # Errors
/// Why the text is no expression.
pub(super) fn names(text: &str, bound: &[&str]) -> Result<Names, String> {
    if text.trim().is_empty() {
        return Err("it is empty".to_owned());
    }
    if text.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    // Inside brackets line breaks mean nothing, as between `${` and `}`.
    let bracketed = format!("({})", text.trim());
    let parsed: Expression = bracketed.parse().map_err(|error: hcl_edit::parser::Error| {
        let column = error.location().column().saturating_sub(1).max(1);
        if error.location().line() > 1 {
            return error.message().to_owned();
        }
        format!("{} at character {column}", error.message())
    })?;
    let bound = bound.iter().map(|name| (*name).to_owned()).collect();
    let mut collect = Collect { bound, names: Names::default() };
    collect.visit_expr(&parsed);
    Ok(collect.names)
}

struct Collect {
    bound: Vec<String>,
    names: Names,
}

impl Collect {
    /// The address that a traversal begins with.
    fn address(&self, node: &Traversal) -> Option<String> {
        let Expression::Variable(root) = &node.expr else { return None };
        let root = root.as_str();
        if self.bound.iter().any(|name| name == root) {
            return None;
        }
        let mut steps = node.operators.iter().map(|operator| match operator.value() {
            TraversalOperator::GetAttr(name) => Some(name.as_str()),
            _ => None,
        });
        let mut next = || steps.next().flatten();
        match root {
            "path" | "each" | "count" | "self" | "terraform" => None,
            "var" | "local" | "module" => Some(format!("{root}.{}", next()?)),
            "data" | "ephemeral" => Some(format!("{root}.{}.{}", next()?, next()?)),
            _ => Some(format!("{root}.{}", next()?)),
        }
    }

    fn within(&mut self, names: &[&Ident], visit: impl FnOnce(&mut Collect)) {
        let before = self.bound.len();
        self.bound.extend(names.iter().map(|name| name.as_str().to_owned()));
        visit(self);
        self.bound.truncate(before);
    }
}

impl Visit for Collect {
    fn visit_traversal(&mut self, node: &Traversal) {
        let address = self.address(node);
        self.names.addresses.extend(address);
        visit::visit_traversal(self, node);
    }

    fn visit_func_call(&mut self, node: &FuncCall) {
        let name = &node.name;
        if name.namespace.is_empty() {
            self.names.functions.insert(name.name.as_str().to_owned());
        } else {
            let spaces: Vec<&str> = name.namespace.iter().map(|part| part.as_str()).collect();
            let full = format!("{}::{}", spaces.join("::"), name.name.as_str());
            self.names.provider_functions.insert(full);
        }
        visit::visit_func_call(self, node);
    }

    fn visit_for_expr(&mut self, node: &ForExpr) {
        // The collection is evaluated outside of what the loop binds.
        self.visit_expr(&node.intro.collection_expr);
        let mut names: Vec<&Ident> = vec![node.intro.value_var.value()];
        names.extend(node.intro.key_var.as_ref().map(|name| name.value()));
        self.within(&names, |inner| {
            if let Some(key) = &node.key_expr {
                inner.visit_expr(key);
            }
            inner.visit_expr(&node.value_expr);
            if let Some(condition) = &node.cond {
                inner.visit_expr(&condition.expr);
            }
        });
    }

    fn visit_for_directive(&mut self, node: &ForDirective) {
        self.visit_expr(&node.for_expr.collection_expr);
        let mut names: Vec<&Ident> = vec![node.for_expr.value_var.value()];
        names.extend(node.for_expr.key_var.as_ref().map(|name| name.value()));
        self.within(&names, |inner| inner.visit_template(&node.for_expr.template));
    }

    fn visit_object_key(&mut self, node: &ObjectKey) {
        // A bare name as a key is text.
        if let ObjectKey::Expression(key) = node {
            self.visit_expr(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(text: &str) -> Vec<String> {
        let found = names(text, &["rule"]).unwrap_or_else(|why| panic!("{text}: {why}"));
        found.addresses.into_iter().collect()
    }

    #[test]
    fn what_is_named() {
        for (text, wanted) in [
            ("aws_vpc.this.id", vec!["aws_vpc.this"]),
            ("aws_subnet.a[0].id", vec!["aws_subnet.a"]),
            (
                "[for k, v in var.m : v.x + aws_eip.e[k].id if local.on]",
                vec!["aws_eip.e", "local.on", "var.m"],
            ),
            (
                "{ a = module.net.ids, (var.k) = data.aws_ami.x.id }",
                vec!["data.aws_ami.x", "module.net", "var.k"],
            ),
            ("\"${var.a}-%{ for x in local.l }${x.y}%{ endfor }\"", vec!["local.l", "var.a"]),
            ("rule.value.port + each.value.a + path.module", vec![]),
            ("var.a ? aws_a.b[*].id : null", vec!["aws_a.b", "var.a"]),
            ("join(\"-\",\n  aws_a.b[var.i].c...)", vec!["aws_a.b", "var.i"]),
            ("\"aws_no.reference\"", vec![]),
        ] {
            assert_eq!(addresses(text), wanted, "{text}");
        }
    }

    #[test]
    fn functions_are_told_apart() {
        let found = names("provider::aws::arn_parse(startswith(var.a, \"b\"))", &[]);
        let found = found.expect("an expression");
        assert_eq!(
            found.provider_functions.into_iter().collect::<Vec<_>>(),
            ["provider::aws::arn_parse"]
        );
        assert_eq!(found.functions.into_iter().collect::<Vec<_>>(), ["startswith"]);
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in ["", " ", "a +", "a} ${b", "a)", "(a", "a b", "\"${a\"", "a = b"] {
            assert!(names(text, &[]).is_err(), "{text}");
        }
        assert!(names(&"(".repeat(100_000), &[]).is_err());
        assert!(names(&"!".repeat(60_000), &[]).is_err());
        let terms = vec!["a"; 20_000].join("+");
        let _ = names(&terms, &[]);
        let _ = names(&"a?b:".repeat(10_000), &[]);
        let _ = names(&"a[".repeat(20_000), &[]);
    }
}
