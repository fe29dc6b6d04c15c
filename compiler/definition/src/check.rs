//! Properties against the parameters of a definition.
//!
//! Invariant: the engine decides what is valid; shapes only help to say it. Every fault of one set
//! of properties is reported at once, on the line its author wrote.

use std::collections::BTreeSet;
use std::sync::Arc;

use platformc_cue::{Bottom, ErrorCode, Options, Reason, check};
use platformc_source::{Code, Diagnostic, Span, codes, nearest};
use platformc_value::{Alternative, Data, Kind, Path, Shape, Step, Value};

use crate::text::{article, list};
use crate::{Body, Compiled, Context, DefinitionKind, context};

/// How strictly properties are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// Undeclared properties are errors, as are all faults of declared ones.
    #[default]
    Strict,
    /// As KubeVela: what a template does not declare is ignored.
    Vela,
}

/// Properties of a component, trait, policy or step, and where they are used.
#[derive(Clone, Copy, Debug)]
pub struct Use<'a> {
    /// The properties; `None` where none are written.
    pub properties: Option<&'a Value>,
    /// The place of the `type` that names the definition, for faults of what is not written.
    pub span: Span,
}

/// Checks properties against `parameter` of a definition.
#[must_use]
pub fn check_properties(
    compiled: &Compiled,
    used: Use<'_>,
    context: &Context,
    strictness: Strictness,
) -> Vec<Diagnostic> {
    check_properties_filled(compiled, used, &[], context, strictness)
}

/// Checks properties of which some are filled in later, by the `inputs` of a workflow step:
/// `filled` names them by their paths, `slack.message.text`. They may be missing.
#[must_use]
pub fn check_properties_filled(
    compiled: &Compiled,
    used: Use<'_>,
    filled: &[Arc<str>],
    context: &Context,
    strictness: Strictness,
) -> Vec<Diagnostic> {
    let foreign = match &compiled.definition.body {
        Body::Foreign(foreign) => Some(foreign),
        _ => None,
    };
    if compiled.package.is_none() && foreign.is_none() {
        return Vec::new();
    }
    if compiled.is_broken() || (!compiled.parameters().declared && used.properties.is_none()) {
        return Vec::new();
    }
    let empty = Value::map(platformc_value::Map::new());
    let written = used.properties.unwrap_or(&empty);
    // A trait may take a list, with a default, where no struct is written.
    if used.properties.is_none()
        && compiled.definition.kind == DefinitionKind::Trait
        && !admits_kind(&compiled.parameters().shape, &empty)
    {
        return Vec::new();
    }
    let floats;
    let properties = match strictness {
        Strictness::Strict => written,
        Strictness::Vela => {
            floats = crate::vela::through_float(written);
            &floats
        }
    };
    if !compiled.parameters().declared {
        return undeclared(compiled, properties, strictness);
    }
    let errors = match (&compiled.package, foreign) {
        (Some(package), _) => {
            let context = context::build(context, context::Local::default(), &compiled.uses);
            let options = Options::default();
            check(package, "parameter", properties, &[("context", &context)], options)
        }
        (None, Some(foreign)) => foreign.check(properties),
        (None, None) => Vec::new(),
    };
    let mut reader = Reporter::new(compiled, properties, used.span, strictness);
    reader.filled = filled;
    for error in &errors {
        reader.report(error);
    }
    reader.finish()
}

/// A template without `parameter` takes no properties.
fn undeclared(compiled: &Compiled, properties: &Value, strictness: Strictness) -> Vec<Diagnostic> {
    if strictness == Strictness::Vela {
        return Vec::new();
    }
    let name = &compiled.definition.name;
    let entries = properties.as_map().into_iter().flatten();
    let report = |entry: &platformc_value::Entry| {
        Diagnostic::new(
            codes::DEFINITION_UNKNOWN_PROPERTY,
            entry.key_origin.span,
            format!("`{}` takes no properties, so `{}` has no effect", name.text, entry.key),
        )
        .label(name.span, format!("`{}` is defined here", name.text))
    };
    entries.map(report).collect()
}

/// Turns errors below `parameter` into diagnostics on the authored lines.
pub(crate) struct Reporter<'a> {
    compiled: &'a Compiled,
    properties: &'a Value,
    used: Span,
    strictness: Strictness,
    found: Vec<Diagnostic>,
    seen: BTreeSet<(String, &'static str)>,
    /// Paths that an undeclared property was taken to mean.
    meant: BTreeSet<String>,
    /// Diagnostics of missing properties, by their path.
    absent: Vec<(String, Diagnostic)>,
    /// Paths that are filled in later.
    filled: &'a [Arc<str>],
}

impl<'a> Reporter<'a> {
    pub(crate) fn new(
        compiled: &'a Compiled,
        properties: &'a Value,
        used: Span,
        strictness: Strictness,
    ) -> Reporter<'a> {
        Reporter {
            compiled,
            properties,
            used,
            strictness,
            found: Vec::new(),
            seen: BTreeSet::new(),
            meant: BTreeSet::new(),
            absent: Vec::new(),
            filled: &[],
        }
    }

    /// Whether a property, or something inside it, is filled in later.
    fn is_filled(&self, path: &str) -> bool {
        let begins = |long: &str, short: &str| {
            let rest = long.strip_prefix(short);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        self.filled.iter().any(|filled| begins(filled, path) || begins(path, filled))
    }

    /// Everything reported. A property that is missing only because its name is misspelt is one
    /// fault, not two.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        for (path, diagnostic) in std::mem::take(&mut self.absent) {
            if !self.meant.contains(&path) && !self.is_filled(&path) {
                self.found.push(diagnostic);
            }
        }
        self.found
    }

    /// Reports one error whose path begins with `parameter`.
    pub(crate) fn report(&mut self, error: &Bottom) {
        let branch = nearest_branch(error);
        let path = property_path(&branch.path, self.properties);
        match &branch.reason {
            Reason::NotAllowed { .. } => self.unknown(error, branch, path),
            Reason::Required(name) => {
                let path = match path.steps().last() {
                    Some(Step::Field(last)) if last == name => path,
                    _ => path.field(Arc::clone(name)),
                };
                self.missing(&path);
            }
            _ if self.properties.lookup(&path).is_none() => self.missing(&path),
            _ if branch.code == ErrorCode::Incomplete
                && is_empty(self.properties.lookup(&path)) =>
            {
                self.missing(&path);
            }
            Reason::Budget => self.other(branch, &path),
            Reason::Bound => self.bound(branch, &path),
            Reason::Conflict | Reason::Disjunction => self.conflict(branch, &path),
            _ => self.other(branch, &path),
        }
    }

    /// Adds a diagnostic once for a path and code.
    fn push(&mut self, path: &Path, diagnostic: Diagnostic) {
        if self.seen.insert((path.to_string(), diagnostic.code.id())) {
            self.found.push(diagnostic);
        }
    }

    fn name(&self) -> &str {
        &self.compiled.definition.name.text
    }

    /// The place of a value; for one that is not written, of the nearest struct that is.
    fn span(&self, path: &Path) -> Span {
        if let Some(value) = self.properties.lookup(path)
            && !value.origin.span.is_none()
        {
            return value.origin.span;
        }
        let mut at = path.clone();
        while at.pop().is_some() {
            if let Some(span) = self.key_span(&at) {
                return span;
            }
        }
        self.used
    }

    /// The place of the key that leads to a path; of the item, for an item of a list.
    fn key_span(&self, path: &Path) -> Option<Span> {
        let mut parent = path.clone();
        let span = match parent.pop()? {
            Step::Field(name) => {
                self.properties.lookup(&parent)?.as_map()?.entry(&name)?.key_origin.span
            }
            Step::Index(_) => self.properties.lookup(path)?.origin.span,
        };
        (!span.is_none()).then_some(span)
    }

    /// The line of the definition that declares a property.
    fn declared(&self, diagnostic: Diagnostic, path: &Path) -> Diagnostic {
        let shape = &self.compiled.parameters().shape;
        let mut at = path.clone();
        let mut found = declaration(shape, &at);
        // What a pattern admits is declared by the field that holds the pattern.
        while found.is_none() && at.pop().is_some() {
            found = declaration(shape, &at);
        }
        match found {
            Some(field) => {
                let words = match &field.doc {
                    Some(doc) => format!("`{}`: {doc}", field.name),
                    None => format!("`{}` is declared here", field.name),
                };
                diagnostic.label(field.origin.span, words)
            }
            None => {
                let span = self.compiled.definition.name.span;
                diagnostic.label(span, format!("`{}` is defined here", self.name()))
            }
        }
    }

    fn unknown(&mut self, whole: &Bottom, branch: &Bottom, path: Path) {
        if self.strictness == Strictness::Vela && !self.is_closed(&path) {
            return;
        }
        let Reason::NotAllowed { field, .. } = &branch.reason else { return };
        let (parent, path) = match path.steps().last() {
            Some(Step::Field(last)) if last == field => {
                let mut parent = path.clone();
                parent.pop();
                (parent, path)
            }
            _ => (path.clone(), path.field(Arc::clone(field))),
        };
        let mut known: BTreeSet<Arc<str>> = BTreeSet::new();
        allowed(whole, field, &mut known);
        if let Some(shape) = shape_at(&self.compiled.parameters().shape, parent.steps()) {
            field_names(shape, &mut known);
        }
        let written: BTreeSet<&str> = self
            .properties
            .lookup(&parent)
            .and_then(Value::as_map)
            .map(|map| map.keys().collect())
            .unwrap_or_default();
        let span = self.key_span(&path).unwrap_or_else(|| self.span(&path));
        let place = if parent.steps().is_empty() {
            format!("`{}`", self.name())
        } else {
            format!("`{parent}` of `{}`", self.name())
        };
        let mut diagnostic = Diagnostic::new(
            codes::DEFINITION_UNKNOWN_PROPERTY,
            span,
            format!("{place} has no property `{field}`"),
        );
        // A name that is written already cannot have been meant.
        let free = known.iter().map(|name| &**name).filter(|name| !written.contains(name));
        match nearest(field, free).first() {
            Some(name) => {
                diagnostic = diagnostic.primary_label(format!("did you mean `{name}`?")).replace(
                    span,
                    platformc_cue_syntax::label_text(name),
                    format!("write `{name}`"),
                );
                let meant = parent.field(Arc::from(*name));
                self.meant.insert(meant.to_string());
                diagnostic = self.declared(diagnostic, &meant);
            }
            None => {
                if !known.is_empty() {
                    let names = list(known.iter().map(|name| &**name));
                    diagnostic = diagnostic.note(format!("known here: {names}"));
                }
                diagnostic = self.declared(diagnostic, &parent);
            }
        }
        self.push(&path, diagnostic);
    }

    /// Whether the template itself closes the struct at a path, which KubeVela enforces too.
    fn is_closed(&self, path: &Path) -> bool {
        let mut parent = path.clone();
        parent.pop();
        matches!(
            shape_at(&self.compiled.parameters().shape, parent.steps()),
            Some(Shape::Struct { open: false, .. })
        )
    }

    fn missing(&mut self, path: &Path) {
        let mut parent = path.clone();
        let name = match parent.pop() {
            Some(Step::Field(name)) => format!("`{name}`"),
            Some(Step::Index(index)) => format!("item {index}"),
            None => "its properties".to_owned(),
        };
        let place = if parent.steps().is_empty() {
            format!("`{}`", self.name())
        } else {
            format!("`{parent}` of `{}`", self.name())
        };
        let span = self.key_span(&parent).unwrap_or(self.used);
        let mut diagnostic = Diagnostic::new(
            codes::DEFINITION_MISSING_PROPERTY,
            span,
            format!("{place} needs {name}"),
        );
        if let Some(field) = declaration(&self.compiled.parameters().shape, path) {
            let admits = describe(&field.shape);
            diagnostic = diagnostic.note(format!("`{}` is {admits}", field.name));
        }
        let diagnostic = self.declared(diagnostic, path);
        let path = path.to_string();
        if self.seen.insert((path.clone(), diagnostic.code.id())) {
            self.absent.push((path, diagnostic));
        }
    }

    fn bound(&mut self, error: &Bottom, path: &Path) {
        let written = self.properties.lookup(path).map(show).unwrap_or_default();
        let wanted = declaration(&self.compiled.parameters().shape, path)
            .map(|field| describe(&field.shape))
            .filter(|text| text.contains('`'));
        let mut diagnostic = Diagnostic::new(
            codes::DEFINITION_OUT_OF_BOUNDS,
            self.span(path),
            match &wanted {
                Some(wanted) => format!("`{path}` of `{}` is {wanted}, not {written}", self.name()),
                None => format!("`{path}` of `{}` cannot be {written}", self.name()),
            },
        );
        if wanted.is_none() {
            diagnostic = diagnostic.note(error.message.clone());
        }
        let diagnostic = self.declared(diagnostic, path);
        self.push(path, diagnostic);
    }

    fn conflict(&mut self, error: &Bottom, path: &Path) {
        let Some(value) = self.properties.lookup(path) else { return };
        let shape = shape_at(&self.compiled.parameters().shape, path.steps());
        let found = if value.is_null() { "`null`".to_owned() } else { article(value.kind_name()) };
        let (code, message): (Code, String) = match shape {
            Some(shape) if !admits_kind(shape, value) => (
                codes::DEFINITION_WRONG_TYPE,
                format!("`{path}` of `{}` is {}, not {}", self.name(), describe(shape), found),
            ),
            Some(shape @ (Shape::Choice(_) | Shape::Literal(_))) if !is_literal(shape, value) => (
                codes::DEFINITION_NOT_ONE_OF,
                format!(
                    "`{path}` of `{}` is {}, not {}",
                    self.name(),
                    describe(shape),
                    show(value)
                ),
            ),
            _ if error.message.contains("mismatched types") => (
                codes::DEFINITION_WRONG_TYPE,
                format!("`{path}` of `{}` cannot be {}", self.name(), found),
            ),
            _ => return self.other(error, path),
        };
        let mut diagnostic = Diagnostic::new(code, self.span(path), message);
        if shape.is_none() {
            diagnostic = diagnostic.note(error.message.clone());
        }
        if let (Some(shape), Data::String(text)) = (shape, &value.data) {
            let mut names = BTreeSet::new();
            literals(shape, &mut names);
            if code == codes::DEFINITION_NOT_ONE_OF
                && let Some(name) = nearest(text, names.iter().map(String::as_str)).first()
            {
                let quoted = platformc_cue_syntax::quote_string(name);
                diagnostic = diagnostic.replace(self.span(path), quoted, format!("write `{name}`"));
            } else if code == codes::DEFINITION_WRONG_TYPE
                && let Some(plain) = unquoted(shape, text)
            {
                let title = format!("write {plain} without quotes");
                diagnostic = diagnostic.replace(self.span(path), plain, title);
            }
        }
        let diagnostic = self.declared(diagnostic, path);
        self.push(path, diagnostic);
    }

    fn other(&mut self, error: &Bottom, path: &Path) {
        let place = if path.steps().is_empty() {
            format!("the properties of `{}`", self.name())
        } else {
            format!("`{path}` of `{}`", self.name())
        };
        let mut diagnostic = Diagnostic::new(
            codes::DEFINITION_INVALID_PROPERTY,
            self.span(path),
            format!("{place} cannot hold: {}", error.message),
        );
        for span in &error.spans {
            if span.file == self.compiled.file() {
                diagnostic = diagnostic.label(*span, "required here");
            }
        }
        self.push(path, diagnostic);
    }
}

fn is_empty(value: Option<&Value>) -> bool {
    match value.map(|value| &value.data) {
        Some(Data::Map(map)) => map.is_empty(),
        Some(Data::Null) | None => true,
        _ => false,
    }
}

/// The error that tells most: of a failed choice, the branch that came furthest.
fn nearest_branch(error: &Bottom) -> &Bottom {
    const MAX_DEPTH: usize = 16;
    let mut at = error;
    for _ in 0..MAX_DEPTH {
        if at.reason != Reason::Disjunction || at.causes.is_empty() {
            return at;
        }
        let steps = |bottom: &Bottom| bottom.path.matches('.').count();
        let deepest = at.causes.iter().map(steps).max().unwrap_or(0);
        if deepest <= steps(at) {
            return at;
        }
        // A branch that knows all fields came further than one that does not know a field.
        let rank =
            |bottom: &Bottom| (steps(bottom), !matches!(bottom.reason, Reason::NotAllowed { .. }));
        let Some(best) =
            at.causes.iter().reduce(|best, next| if rank(next) > rank(best) { next } else { best })
        else {
            return at;
        };
        at = best;
    }
    at
}

/// The names that any branch of an error would have allowed instead of `field`.
fn allowed(error: &Bottom, field: &str, into: &mut BTreeSet<Arc<str>>) {
    if let Reason::NotAllowed { field: other, allowed } = &error.reason
        && &**other == field
    {
        into.extend(allowed.iter().cloned());
    }
    for cause in &error.causes {
        if let Reason::NotAllowed { field: other, allowed } = &cause.reason
            && &**other == field
        {
            into.extend(allowed.iter().cloned());
        }
    }
}

/// The path of an error below `parameter`, as CUE prints it, as a path into the properties.
/// Numbers are indices where the value at that place is a list.
#[must_use]
pub fn property_path(text: &str, properties: &Value) -> Path {
    let mut path = Path::root();
    for label in labels(text).into_iter().skip(1) {
        let index = match properties.lookup(&path).map(|value| &value.data) {
            Some(Data::List(_)) => label.parse().ok(),
            _ => None,
        };
        path.push(match index {
            Some(index) => Step::Index(index),
            None => Step::Field(Arc::from(label.as_str())),
        });
    }
    path
}

/// The labels of a path as CUE prints it: `a."b.c".0`.
pub(crate) fn labels(text: &str) -> Vec<String> {
    let mut labels = Vec::new();
    let mut label = String::new();
    let mut quoted = false;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            '\\' if quoted => label.extend(chars.next()),
            '.' if !quoted => labels.push(std::mem::take(&mut label)),
            _ => label.push(c),
        }
    }
    if !text.is_empty() {
        labels.push(label);
    }
    labels
}

/// The shape at a path, through choices, patterns and lists.
#[must_use]
pub fn shape_at<'s>(shape: &'s Shape, steps: &[Step]) -> Option<&'s Shape> {
    let Some((step, rest)) = steps.split_first() else { return Some(shape) };
    match (shape, step) {
        (Shape::Struct { fields, pattern, .. }, Step::Field(name)) => {
            let field = fields.iter().find(|field| field.name == *name);
            let next = field.map(|field| &field.shape).or(pattern.as_deref())?;
            shape_at(next, rest)
        }
        (Shape::List { items, rest: more }, Step::Index(index)) => {
            shape_at(items.get(*index).or(more.as_deref())?, rest)
        }
        (Shape::Choice(alternatives), _) => {
            alternatives.iter().find_map(|alternative| shape_at(&alternative.shape, steps))
        }
        _ => None,
    }
}

/// The field that declares a path.
fn declaration<'s>(shape: &'s Shape, path: &Path) -> Option<&'s platformc_value::ShapeField> {
    let steps = path.steps();
    let at = steps.iter().rposition(|step| matches!(step, Step::Field(_)))?;
    let Step::Field(name) = &steps[at] else { return None };
    shape_at(shape, &steps[..at])?.field(name)
}

fn field_names(shape: &Shape, into: &mut BTreeSet<Arc<str>>) {
    match shape {
        Shape::Struct { fields, .. } => into.extend(fields.iter().map(|f| Arc::clone(&f.name))),
        Shape::Choice(alternatives) => {
            for alternative in alternatives {
                field_names(&alternative.shape, into);
            }
        }
        _ => {}
    }
}

fn literals(shape: &Shape, into: &mut BTreeSet<String>) {
    match shape {
        Shape::Literal(Value { data: Data::String(text), .. }) => {
            into.insert(text.to_string());
        }
        Shape::Choice(alternatives) => {
            for alternative in alternatives {
                literals(&alternative.shape, into);
            }
        }
        _ => {}
    }
}

/// Whether a value is one of the literals of a shape: then something else contradicts it.
fn is_literal(shape: &Shape, value: &Value) -> bool {
    match shape {
        Shape::Literal(literal) => literal == value,
        Shape::Choice(alternatives) => {
            alternatives.iter().any(|alternative| is_literal(&alternative.shape, value))
        }
        _ => false,
    }
}

/// The text of a quoted number or boolean, where the shape wants one.
fn unquoted(shape: &Shape, text: &str) -> Option<String> {
    let kind = match shape {
        Shape::Kind(kind) => Some(*kind),
        Shape::Bounded { kind, .. } => *kind,
        _ => None,
    }?;
    let plain = match kind {
        Kind::Int | Kind::Number | Kind::Float => {
            !text.is_empty()
                && text.len() < 19
                && text.bytes().all(|byte| byte.is_ascii_digit())
                && (text == "0" || !text.starts_with('0'))
        }
        Kind::Bool => matches!(text, "true" | "false"),
        _ => false,
    };
    plain.then(|| text.to_owned())
}

/// Whether a value has a kind that a shape admits, whatever its bounds.
fn admits_kind(shape: &Shape, value: &Value) -> bool {
    let kind_of = |kind: Kind| match (&value.data, kind) {
        (Data::Null, Kind::Null)
        | (Data::Bool(_), Kind::Bool)
        | (Data::String(_), Kind::String | Kind::Bytes)
        | (Data::Bytes(_), Kind::Bytes)
        | (Data::Number(_), Kind::Number) => true,
        (Data::Number(number), Kind::Int) => number.is_int(),
        (Data::Number(number), Kind::Float) => !number.is_int(),
        _ => false,
    };
    match shape {
        Shape::Any | Shape::Opaque(_) => true,
        Shape::Never => false,
        Shape::Kind(kind) => kind_of(*kind),
        Shape::Bounded { kind, .. } => kind.is_none_or(kind_of),
        Shape::Literal(literal) => literal.kind_name() == value.kind_name(),
        Shape::List { .. } => matches!(value.data, Data::List(_)),
        Shape::Struct { .. } => matches!(value.data, Data::Map(_)),
        Shape::Choice(alternatives) => {
            alternatives.iter().any(|alternative| admits_kind(&alternative.shape, value))
        }
    }
}

/// A value in a few words.
#[must_use]
pub fn show(value: &Value) -> String {
    const LONGEST: usize = 60;
    match &value.data {
        Data::String(text) if text.chars().count() <= LONGEST => format!("`{text}`"),
        Data::String(_) => "this text".to_owned(),
        Data::Number(number) => format!("`{number}`"),
        Data::Bool(value) => format!("`{value}`"),
        Data::Null => "`null`".to_owned(),
        _ => article(value.kind_name()),
    }
}

/// What a shape admits, in a few words: "an int", "one of `a` and `b`", "an int with `>=1`".
#[must_use]
pub fn describe(shape: &Shape) -> String {
    match shape {
        Shape::Any => "any value".to_owned(),
        Shape::Never => "nothing".to_owned(),
        Shape::Kind(kind) => article(kind.as_str()),
        Shape::Literal(value) => match &value.data {
            Data::List(_) => "a list".to_owned(),
            _ => show(value),
        },
        Shape::Bounded { kind, bounds } => {
            let kind = kind.map_or_else(|| "a value".to_owned(), |kind| article(kind.as_str()));
            let bounds: Vec<String> = bounds.iter().map(bound_text).collect();
            format!("{kind} with {}", list(bounds.iter().map(String::as_str)))
        }
        Shape::List { .. } => "a list".to_owned(),
        Shape::Struct { .. } => "a struct".to_owned(),
        Shape::Opaque(text) => format!("`{text}`"),
        Shape::Choice(alternatives) => choice(alternatives),
    }
}

fn choice(alternatives: &[Alternative]) -> String {
    let literal = |alternative: &Alternative| match &alternative.shape {
        Shape::Literal(Value { data: Data::String(text), .. }) => Some(text.to_string()),
        Shape::Literal(Value { data: Data::Number(number), .. }) => Some(number.to_string()),
        Shape::Literal(Value { data: Data::Bool(value), .. }) => Some(value.to_string()),
        Shape::Literal(Value { data: Data::Null, .. }) => Some("null".to_owned()),
        _ => None,
    };
    let literals: Vec<String> = alternatives.iter().filter_map(literal).collect();
    if literals.len() == alternatives.len() {
        return format!("one of {}", list(literals.iter().map(String::as_str)));
    }
    let mut words: Vec<String> = Vec::new();
    for alternative in alternatives {
        let text = describe(&alternative.shape);
        if !words.contains(&text) {
            words.push(text);
        }
    }
    words.join(" or ")
}

pub(crate) fn bound_text(bound: &platformc_value::Bound) -> String {
    use platformc_value::BoundOp;
    let op = match bound.op {
        BoundOp::Less => "<",
        BoundOp::LessEqual => "<=",
        BoundOp::Greater => ">",
        BoundOp::GreaterEqual => ">=",
        BoundOp::NotEqual => "!=",
        BoundOp::Match => "=~",
        BoundOp::NotMatch => "!~",
    };
    let operand = match &bound.operand.data {
        Data::String(text) => platformc_cue_syntax::quote_string(text),
        Data::Number(number) => number.to_string(),
        _ => show(&bound.operand),
    };
    format!("{op}{operand}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_paths() {
        assert_eq!(labels("parameter.a.\"b.c\".0"), ["parameter", "a", "b.c", "0"]);
        assert_eq!(labels("parameter"), ["parameter"]);
        assert!(labels("").is_empty());
    }
}
