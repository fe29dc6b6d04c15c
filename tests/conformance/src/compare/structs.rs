//! Structs: the same fields with the same marks, in any order.
//!
//! Invariant: a field is known by its label *and* its mark: `a?`, `a!` and `a` are three fields.
//! A field the expectation does not list is a difference.

use platformc_cue::{ArcKind, Tree, TreeField, TreeKind, TreeLabel, TreeStruct};
use platformc_cue_syntax::ast::{
    Attribute, Constraint, DeclKind, Expr, ExprKind, Field, LabelKind, StructLit,
};

use super::{Check, Comparison, brief, embedded, fault, find_below, path_matches};
use crate::directive::Directive;
use crate::locate::identifier;

/// The mark of a field as written behind its label.
pub(super) fn mark(arc: ArcKind) -> &'static str {
    match arc {
        ArcKind::Member => "",
        ArcKind::Required => "!",
        ArcKind::Optional => "?",
    }
}

/// A field of the expectation.
struct Wanted<'e> {
    label: TreeLabel,
    arc: ArcKind,
    value: &'e Expr,
    /// Resolve defaults before comparing.
    last: bool,
    /// The field may be anything and may be missing.
    ignore: bool,
    /// The field must be an error of this description.
    error: Option<Directive>,
    /// Attributes other than `@test`.
    attributes: Vec<(&'e str, &'e str)>,
}

/// The parts of an expected struct.
#[derive(Default)]
struct Expectation<'e> {
    fields: Vec<Wanted<'e>>,
    patterns: Vec<(&'e Expr, &'e Expr)>,
    embeds: Vec<&'e Expr>,
    in_order: bool,
    last: bool,
    error: Option<Directive>,
}

impl Comparison<'_> {
    pub(super) fn structure(&mut self, expected: &StructLit, actual: &Tree) -> Check {
        let wanted = self.read(expected)?;
        for embed in &wanted.embeds {
            match &embed.kind {
                ExprKind::List(list) => self.list(list, actual)?,
                _ => self.compare(embed, embedded(actual))?,
            }
        }
        let bottom = wanted.embeds.iter().any(|embed| matches!(embed.kind, ExprKind::Bottom));
        if wanted.embeds.is_empty() {
            self.is_plain_struct(actual)?;
        }
        if let Some(directive) = &wanted.error {
            self.error(directive, actual)?;
        }
        // With an embedded `_|_` the struct is asserted to be an error, and its fields are there
        // for the reader: where exactly an error comes up may differ.
        if bottom {
            return Ok(());
        }
        let empty = TreeStruct::default();
        let body = match &actual.kind {
            TreeKind::Struct(body) => body,
            _ => &empty,
        };
        self.fields(&wanted, body)?;
        self.patterns(&wanted, body)
    }

    fn is_plain_struct(&self, actual: &Tree) -> Check {
        match &actual.kind {
            TreeKind::Struct(body) => match &body.embedded {
                // A struct that is an error itself still has the shape its fields give it.
                Some(embedded) if embedded.bottom().is_some() => match body.fields.is_empty() {
                    true => self.fail(format!("expected a struct, got {}", brief(embedded))),
                    false => Ok(()),
                },
                Some(embedded) => self
                    .fail(format!("the value embeds {}, the expected does not", brief(embedded))),
                None => Ok(()),
            },
            TreeKind::Type("struct") => Ok(()),
            _ => self.fail(format!("expected a struct, got {}", brief(actual))),
        }
    }

    fn fields(&mut self, wanted: &Expectation<'_>, body: &TreeStruct) -> Check {
        for field in &wanted.fields {
            let step = format!("{}{}", field.label.name(), mark(field.arc));
            let found = find(body, &field.label, field.arc);
            self.within(step, |this| this.field(field, wanted.last, found))?;
        }
        for field in &body.fields {
            let listed = wanted
                .fields
                .iter()
                .any(|wanted| wanted.arc == field.arc && labels_match(&wanted.label, &field.label));
            // A closed struct turns optional fields it does not allow into errors; they need not
            // be listed.
            let refused =
                body.closed && field.arc == ArcKind::Optional && fault(&field.value).is_some();
            if !listed && !refused {
                return self.fail(format!(
                    "unexpected field {}{}: {}",
                    field.label.name(),
                    mark(field.arc),
                    brief(&field.value)
                ));
            }
        }
        if wanted.in_order {
            let names = wanted.fields.iter().map(|field| field.label.name());
            if !names.eq(body.fields.iter().map(|field| field.label.name())) {
                let order: Vec<_> = body.fields.iter().map(|field| &**field.label.name()).collect();
                return self.fail(format!("the order of fields is {}", order.join(", ")));
            }
        }
        Ok(())
    }

    fn field(&mut self, wanted: &Wanted<'_>, last: bool, found: Option<&TreeField>) -> Check {
        if wanted.ignore {
            return match (&wanted.error, found) {
                (Some(directive), Some(found)) => self.error(directive, &found.value),
                _ => Ok(()),
            };
        }
        let Some(found) = found else { return self.fail("the value has no such field") };
        if let Some(directive) = &wanted.error {
            return self.error(directive, &found.value);
        }
        if wanted.last || last {
            self.compare(wanted.value, &resolved(&found.value))?;
        } else {
            self.compare(wanted.value, &found.value)?;
        }
        self.attributes(&wanted.attributes, found)
    }

    fn attributes(&self, wanted: &[(&str, &str)], found: &TreeField) -> Check {
        let mut actual: Vec<(&str, &str)> = Vec::new();
        for (key, body) in &found.attributes {
            let pair = (&**key, &**body);
            if pair.0 != "test" && !actual.contains(&pair) {
                actual.push(pair);
            }
        }
        for (key, body) in wanted {
            match actual.iter().position(|pair| *pair == (*key, *body)) {
                Some(at) => drop(actual.remove(at)),
                None => return self.fail(format!("the value has no attribute @{key}({body})")),
            }
        }
        match actual.first() {
            Some((key, body)) => self.fail(format!("unexpected attribute @{key}({body})")),
            None => Ok(()),
        }
    }

    fn patterns(&mut self, wanted: &Expectation<'_>, body: &TreeStruct) -> Check {
        if wanted.patterns.is_empty() {
            return Ok(());
        }
        if wanted.patterns.len() != body.patterns.len() {
            return self.fail(format!(
                "expected {} patterns, got {}",
                wanted.patterns.len(),
                body.patterns.len()
            ));
        }
        for (pattern, value) in &wanted.patterns {
            let step = format!("[{}]", self.source(pattern));
            let found = body
                .patterns
                .iter()
                .find(|(actual, _)| self.compare(pattern, actual).is_ok())
                .map(|(_, value)| value);
            let Some(found) = found else { return self.fail(format!("no pattern {step}")) };
            self.within(step, |this| this.compare(value, found))?;
        }
        Ok(())
    }

    /// Checks `@test(err, …)` inside an expectation: the error, its code and its path; message and
    /// positions belong to another score.
    fn error(&self, directive: &Directive, actual: &Tree) -> Check {
        let codes = directive.codes();
        let accepts = |code: &str| codes.is_empty() || codes.iter().any(|wanted| wanted == code);
        if directive.has_flag("any") {
            return match find_below(actual, &|found| accepts(found.code.as_str())) {
                true => Ok(()),
                false => self.fail(format!("no error {codes:?} at or below {}", brief(actual))),
            };
        }
        let Some(found) = fault(actual) else {
            return self.fail(format!("expected an error, got {}", brief(actual)));
        };
        if !accepts(found.code.as_str()) {
            return self.fail(format!("expected an error {codes:?}, got {}", brief(actual)));
        }
        if let Some(path) = directive.named("path") {
            let base = [self.base, &self.path.join(".")].join(".");
            if !path_matches(&found.bottom.path, &base, &path)
                && !path_matches(&found.bottom.path, self.base, &path)
            {
                return self.fail(format!(
                    "expected an error at {path}, got one at {}",
                    found.bottom.path
                ));
            }
        }
        Ok(())
    }

    fn read<'e>(&self, expected: &'e StructLit) -> Result<Expectation<'e>, super::Mismatch> {
        let mut wanted = Expectation::default();
        let mut shared = Vec::new();
        for decl in &expected.decls {
            match &decl.kind {
                DeclKind::Attribute(attribute) => {
                    let Some(directive) = self.directive(attribute)? else { continue };
                    match directive.name.as_str() {
                        "checkOrder" => wanted.in_order = true,
                        "final" => wanted.last = true,
                        "err" => wanted.error = Some(directive),
                        _ => {}
                    }
                }
                DeclKind::Field(field) => self.read_field(field, &mut shared, &mut wanted)?,
                DeclKind::Embed(expr) => wanted.embeds.push(expr),
                // What `let` binds is no part of an evaluated tree.
                DeclKind::Let(_) => {}
                DeclKind::Ellipsis(_) => {}
                DeclKind::Comprehension(_) => {
                    return self.fail("a comprehension cannot be expected");
                }
                DeclKind::Bad => return self.fail("the expected struct cannot be read"),
            }
        }
        Ok(wanted)
    }

    fn read_field<'e>(
        &self,
        field: &'e Field,
        shared: &mut Vec<String>,
        wanted: &mut Expectation<'e>,
    ) -> Check {
        let label = match &field.label.kind {
            LabelKind::Pattern { pattern, .. } => {
                wanted.patterns.push((pattern, &field.value));
                return Ok(());
            }
            LabelKind::Ident(name) => {
                let (name, package) = name.split_once('$').unwrap_or((name, ""));
                match identifier(name, package) {
                    // A `$` in a name that is not hidden is part of the name.
                    TreeLabel::Hidden(name, package) => TreeLabel::Hidden(name, package),
                    TreeLabel::HiddenDefinition(name, package) => {
                        TreeLabel::HiddenDefinition(name, package)
                    }
                    _ => match &field.label.kind {
                        LabelKind::Ident(name) => identifier(name, ""),
                        _ => return Ok(()),
                    },
                }
            }
            LabelKind::String(name) | LabelKind::Number(name) => TreeLabel::Regular(name.clone()),
            LabelKind::Interpolation(_) | LabelKind::Dynamic(_) => {
                return self.fail("a computed field cannot be expected");
            }
        };
        let arc = match field.constraint {
            Constraint::Member => ArcKind::Member,
            Constraint::Required => ArcKind::Required,
            Constraint::Optional => ArcKind::Optional,
        };
        let mut item = Wanted {
            label,
            arc,
            value: &field.value,
            last: false,
            ignore: false,
            error: None,
            attributes: Vec::new(),
        };
        for attribute in &field.attributes {
            let Some(directive) = self.directive(attribute)? else {
                item.attributes.push((&attribute.key, &attribute.body));
                continue;
            };
            match directive.name.as_str() {
                "final" => item.last = true,
                "ignore" => item.ignore = true,
                "err" => item.error = Some(directive),
                // The first of several shared fields is compared; the rest are the same vertex.
                "shareID" => {
                    let name = directive.assigned().unwrap_or_default();
                    item.ignore |= shared.contains(&name);
                    shared.push(name);
                }
                _ => {}
            }
        }
        wanted.fields.push(item);
        Ok(())
    }

    fn directive(&self, attribute: &Attribute) -> Result<Option<Directive>, super::Mismatch> {
        if &*attribute.key != "test" {
            return Ok(None);
        }
        match Directive::parse(&attribute.body) {
            Ok(directive) => Ok(Some(directive)),
            Err(error) => {
                self.fail(format!("cannot read @test({}): {}", attribute.body, error.message))
            }
        }
    }
}

/// The value with the defaults of all choices taken, at every depth.
fn resolved(tree: &Tree) -> Tree {
    let mut tree = tree.resolve_default().clone();
    match &mut tree.kind {
        TreeKind::Struct(body) => {
            for field in &mut body.fields {
                field.value = resolved(&field.value);
            }
        }
        TreeKind::List(list) => {
            for item in &mut list.items {
                *item = resolved(item);
            }
        }
        _ => {}
    }
    tree
}

fn find<'t>(body: &'t TreeStruct, label: &TreeLabel, arc: ArcKind) -> Option<&'t TreeField> {
    body.fields.iter().find(|field| field.arc == arc && labels_match(label, &field.label))
}

/// Whether labels are the same; a package may be given by its name only.
pub(crate) fn labels_match(wanted: &TreeLabel, actual: &TreeLabel) -> bool {
    let package = |wanted: &str, actual: &str| {
        let name = actual.rsplit([':', '/']).next().unwrap_or(actual);
        wanted == actual || wanted == name
    };
    match (wanted, actual) {
        (TreeLabel::Hidden(a, p), TreeLabel::Hidden(b, q))
        | (TreeLabel::HiddenDefinition(a, p), TreeLabel::HiddenDefinition(b, q)) => {
            a == b && package(p, q)
        }
        (wanted, actual) => wanted == actual,
    }
}
