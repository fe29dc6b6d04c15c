//! `config.schema.cue`: what the configuration may hold.
//!
//! Invariant: the file is checked as the body of a definition would be, so it is closed unless it
//! says otherwise; every fault is told on the line of the layer that set the value.

use std::sync::Arc;

use platformc_cue::{
    ArcKind, Bottom, CompileOptions, Options, Package, Reason, Tree, TreeKind, TreeLabel, Unit,
    check,
};
use platformc_cue_syntax::ast::{
    Constraint, Decl, DeclKind, Expr, ExprKind, Field, File, Label, LabelKind, StructLit,
};
use platformc_cue_syntax::{label_text, parse};
use platformc_definition::{Parameters, describe, parameters, property_path, shape_at, show_value};
use platformc_source::{Diagnostic, FileId, Origin, Outcome, Role, Span, codes, nearest};
use platformc_value::{Data, Entry, Map, Path, Shape, ShapeField, Step, Value};

use super::cue::is_broken;

/// The field that holds the whole schema; the name is the one [`parameters`] looks for.
const FIELD: &str = "parameter";

/// A compiled schema.
#[derive(Debug)]
pub(crate) struct Schema {
    file: FileId,
    package: Package,
    shape: Parameters,
}

impl Schema {
    /// Parses and compiles. `None` where it cannot be evaluated.
    pub(crate) fn new(file: FileId, text: &str) -> Outcome<Option<Schema>> {
        let mut sink = Vec::new();
        let tree = wrapped(parse(file, text).drain_into(&mut sink), text);
        if is_broken(&sink) {
            return Outcome::new(None, sink);
        }
        let shape = parameters(&tree);
        let package =
            Package::compile(&[&tree], &[], CompileOptions::default()).drain_into(&mut sink);
        let schema = Schema { file, package, shape };
        if !is_broken(&sink) {
            schema.check_itself(&mut sink);
        }
        Outcome::new(Some(schema).filter(|_| !is_broken(&sink)), sink)
    }

    /// Faults of the schema alone.
    fn check_itself(&self, sink: &mut Vec<Diagnostic>) {
        let mut unit = Unit::new(&self.package, Options::default());
        let Some(node) = unit.lookup(&[TreeLabel::Regular(Arc::from(FIELD))]) else { return };
        let faults = unit.errors(node);
        super::cue::report(&faults, Span::new(self.file, 0, 0), sink);
    }

    /// The values the schema gives where the layers give none, `given` aside.
    pub(crate) fn defaults(&self, given: &Value) -> Value {
        let alone = self.concrete(&Value::map(Map::new()));
        let with = self.concrete(given);
        let mut merged = with.data;
        if let (Data::Map(into), Data::Map(from)) = (&mut merged, alone.data) {
            fill_in(into, from);
        }
        Value::new(merged, Origin::NONE)
    }

    /// What is concrete once `given` is unified with the schema.
    fn concrete(&self, given: &Value) -> Value {
        let mut unit = Unit::new(&self.package, Options::default());
        unit.inject(FIELD, given);
        let node = unit.lookup(&[TreeLabel::Regular(Arc::from(FIELD))]);
        let tree = node.map(|node| unit.tree(node));
        let found = tree.and_then(|tree| concrete(&tree, Some(given), 0));
        found.unwrap_or_else(|| Value::map(Map::new()))
    }

    /// Checks the configuration, and adds what the schema computes from it.
    pub(crate) fn check(&self, mut value: Value, sink: &mut Vec<Diagnostic>) -> Value {
        let faults = check(&self.package, FIELD, &value, &[], Options::default());
        if faults.is_empty() {
            let computed = self.concrete(&value);
            if let (Data::Map(into), Data::Map(from)) = (&mut value.data, computed.data) {
                fill_in(into, from);
            }
            return value;
        }
        let before = sink.len();
        for fault in &faults {
            if sink.len() - before > 100 {
                break;
            }
            let found = self.fault(fault, &value);
            let same = |other: &Diagnostic| {
                other.code == found.code && other.primary.span == found.primary.span
            };
            if !sink[before..].iter().any(same) {
                sink.push(found);
            }
        }
        value
    }

    fn fault(&self, whole: &Bottom, config: &Value) -> Diagnostic {
        let fault = deepest(whole);
        let mut path = property_path(&fault.path, config);
        match &fault.reason {
            Reason::NotAllowed { field, allowed } => {
                if !matches!(path.steps().last(), Some(Step::Field(last)) if last == field) {
                    path.push(Step::Field(field.clone()));
                }
                self.unknown(&path, field, allowed, config)
            }
            Reason::Required(name) => {
                if !matches!(path.steps().last(), Some(Step::Field(last)) if last == name) {
                    path.push(Step::Field(name.clone()));
                }
                self.missing(&path)
            }
            _ => match config.lookup(&path) {
                None => self.missing(&path),
                Some(value) if fault.code.is_incomplete() && value.as_map().is_some() => {
                    self.missing(&path)
                }
                Some(value) => self.invalid(fault, &path, value, config),
            },
        }
    }

    /// Where a path is declared, and what it admits.
    fn declaration(&self, path: &Path) -> Option<&ShapeField> {
        let (last, above) = path.steps().split_last()?;
        let Step::Field(name) = last else { return None };
        shape_at(&self.shape.shape, above)?.field(name)
    }

    /// Points at the declaration, with its documentation.
    fn declared(&self, diagnostic: Diagnostic, path: &Path) -> Diagnostic {
        match self.declaration(path) {
            Some(field) => {
                let words = match &field.doc {
                    Some(doc) => format!("`{}`: {doc}", field.name),
                    None => format!("`{}` is declared here", field.name),
                };
                diagnostic.label(field.origin.span, words)
            }
            None => diagnostic,
        }
    }

    fn unknown(
        &self,
        path: &Path,
        field: &str,
        allowed: &[Arc<str>],
        config: &Value,
    ) -> Diagnostic {
        let mut above = path.clone();
        above.pop();
        let message = format!("the schema has no `{path}`");
        let map = config.lookup(&above).and_then(Value::as_map);
        let entry = map.and_then(|map| map.entry(field));
        let span = entry.map_or(Span::NONE, |entry| entry.key_origin.span);
        let diagnostic = Diagnostic::new(codes::CONFIG_UNKNOWN_KEY, span, message);
        let mut names: Vec<&str> = allowed.iter().map(|name| &**name).collect();
        if let Some(Shape::Struct { fields, .. }) = shape_at(&self.shape.shape, above.steps()) {
            names.extend(fields.iter().map(|field| &*field.name));
        }
        names.sort_unstable();
        names.dedup();
        // A name that is set already cannot have been meant.
        let free = names.iter().copied();
        let set = |name: &str| {
            let role = map.and_then(|map| map.get(name)).map(|value| value.origin.role);
            role.is_some_and(|role| role != Role::Default)
        };
        if let Some(best) = nearest(field, free.filter(|name| !set(name))).first() {
            let meant = above.field(*best);
            let diagnostic = diagnostic.primary_label(format!("did you mean `{meant}`?")).replace(
                span,
                label_text(best),
                format!("write `{best}`"),
            );
            return self.declared(diagnostic, &meant);
        }
        let known: Vec<String> =
            names.iter().take(12).map(|name| format!("`{}`", above.field(*name))).collect();
        if known.is_empty() { diagnostic } else { diagnostic.note(known_words(&known)) }
    }

    fn missing(&self, path: &Path) -> Diagnostic {
        let field = self.declaration(path);
        let span = field.map_or(Span::new(self.file, 0, 0), |field| field.origin.span);
        let message = format!("no layer sets `{path}`, which the schema requires");
        let mut diagnostic = Diagnostic::new(codes::CONFIG_MISSING, span, message);
        if let Some(field) = field {
            diagnostic = diagnostic.primary_label(match &field.doc {
                Some(doc) => format!("`{}`: {doc}", field.name),
                None => format!("`{path}` is {}", describe(&field.shape)),
            });
        }
        diagnostic.note("set it in config.defaults.toml or for an environment in config.ENV.toml")
    }

    fn invalid(&self, fault: &Bottom, path: &Path, value: &Value, config: &Value) -> Diagnostic {
        let span = place(path, value, config);
        let shape = shape_at(&self.shape.shape, path.steps());
        let wanted = shape.filter(|shape| !matches!(shape, Shape::Any | Shape::Opaque(_)));
        let message = match wanted {
            Some(shape) if !matches!(shape, Shape::Struct { .. }) => {
                format!("`{path}` is {}, not {}", describe(shape), shown(value))
            }
            _ => format!("`{path}` does not hold against the schema: {}", fault.message),
        };
        let mut diagnostic = Diagnostic::new(codes::CONFIG_INVALID, span, message);
        let mut places = fault.spans.iter().filter(|span| span.file == self.file).peekable();
        if places.peek().is_none() {
            return self.declared(diagnostic, path);
        }
        for span in places.take(4) {
            diagnostic = diagnostic.label(*span, "the schema says so here");
        }
        diagnostic
    }
}

fn shown(value: &Value) -> String {
    match value.data {
        Data::Map(_) | Data::List(_) | Data::Null | Data::Bytes(_) => {
            format!("a {}", value.kind_name())
        }
        Data::String(_) => format!("the string {}", show_value(value)),
        _ => show_value(value),
    }
}

fn known_words(known: &[String]) -> String {
    format!("it has {}", known.join(", "))
}

/// The declarations of a file as those of one field.
fn wrapped(file: File, text: &str) -> File {
    let span = Span::new(file.file, 0, text.len());
    let start = Span::new(file.file, 0, 0);
    let literal = StructLit { decls: file.decls, span, shorthand: false, comments: Vec::new() };
    let field = Field {
        label: Label { kind: LabelKind::Ident(Arc::from(FIELD)), span: start },
        alias: None,
        postfix_alias: None,
        constraint: Constraint::Member,
        value_alias: None,
        value: Expr { kind: ExprKind::Struct(literal), span },
        attributes: Vec::new(),
    };
    let decl = Decl { kind: DeclKind::Field(field), span, comments: Vec::new() };
    File { decls: vec![decl], ..file }
}

/// The error that tells most: of a failed choice, the branch that came furthest.
fn deepest(fault: &Bottom) -> &Bottom {
    let steps = |bottom: &Bottom| bottom.path.matches('.').count();
    let mut at = fault;
    for _ in 0..16 {
        let causes = at.causes.iter().filter(|cause| steps(cause) > steps(at));
        match causes.max_by_key(|cause| steps(cause)) {
            Some(next) if at.reason == Reason::Disjunction => at = next,
            _ => break,
        }
    }
    at
}

/// Where a value is pointed at: itself, or the key of a table.
fn place(path: &Path, value: &Value, config: &Value) -> Span {
    let mut above = path.clone();
    let key = match above.pop() {
        Some(Step::Field(name)) => {
            let map = config.lookup(&above).and_then(Value::as_map);
            map.and_then(|map| map.entry(&name)).map(|entry| entry.key_origin.span)
        }
        _ => None,
    };
    let own = value.origin.span;
    match key {
        Some(key) if !key.is_none() && (value.as_map().is_some() || own.is_none()) => key,
        _ => own,
    }
}

/// The concrete part of a tree. Of `given`, what is there already is left out.
fn concrete(tree: &Tree, given: Option<&Value>, depth: usize) -> Option<Value> {
    let tree = tree.resolve_default();
    let origin = Origin::new(tree.origin.span, Role::Default);
    let data = match &tree.kind {
        TreeKind::Null => Data::Null,
        TreeKind::Bool(b) => Data::Bool(*b),
        TreeKind::Number(number) => Data::Number(number.clone()),
        TreeKind::String(text) => Data::String(text.clone()),
        TreeKind::Bytes(bytes) => Data::Bytes(bytes.clone()),
        TreeKind::List(list) if depth < 256 => {
            let items = list.items.iter().map(|item| concrete(item, None, depth + 1));
            Data::List(items.collect::<Option<_>>()?)
        }
        TreeKind::Struct(fields) if depth < 256 => {
            let mut map = Map::new();
            for field in &fields.fields {
                let (TreeLabel::Regular(name), ArcKind::Member) = (&field.label, field.arc) else {
                    continue;
                };
                let own = given.and_then(|given| given.get(name));
                let is_map = own.is_some_and(|own| own.as_map().is_some());
                if own.is_some() && !is_map {
                    continue;
                }
                if let Some(value) = concrete(&field.value, own, depth + 1) {
                    let key_origin = Origin::new(field.label_span, Role::Default);
                    map.push_unique(Entry { key: name.clone(), key_origin, value });
                }
            }
            Data::Map(map)
        }
        _ => return None,
    };
    Some(Value::new(data, origin))
}

/// Adds what is missing.
fn fill_in(into: &mut Map, from: Map) {
    for entry in from {
        match (into.get_mut(&entry.key).map(|value| &mut value.data), entry.value.data) {
            (None, data) => into.push_unique(Entry {
                key: entry.key,
                key_origin: entry.key_origin,
                value: Value::new(data, entry.value.origin),
            }),
            (Some(Data::Map(into)), Data::Map(from)) => fill_in(into, from),
            _ => {}
        }
    }
}
