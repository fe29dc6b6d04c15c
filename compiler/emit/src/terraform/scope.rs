//! What a stack declares, what its expressions name, and the edges between them.
//!
//! Invariant: an edge is a reference or a `depends_on` between two things that the stack declares;
//! a name that leads nowhere is a diagnostic with the nearest names.

use std::collections::{BTreeMap, BTreeSet};

use platformc_source::{Diagnostic, Span, codes, nearest};
use platformc_value::{Data, Map, Value};

use super::mark::{self, Mark, Part};
use super::{Block, Body, Name, expression};

/// A dependency inside a stack: addresses and the text that asks for it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Edge {
    /// The dependent.
    pub from: String,
    /// The dependency.
    pub to: String,
    /// What asked for it.
    pub span: Span,
}

/// What is found in the expressions of a stack.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// Every address with its place.
    pub(super) declared: BTreeMap<String, Span>,
    /// Dependencies between them, sorted.
    pub(super) edges: Vec<Edge>,
    /// Functions with a place where each is called.
    pub(super) functions: BTreeMap<String, Span>,
    /// Functions of providers with a place where each is called.
    pub(super) provider_functions: BTreeMap<String, Span>,
}

/// Looks through a stack's content.
pub(super) fn scope(body: &Body, sink: &mut Vec<Diagnostic>) -> Scope {
    let mut scope = Scope { declared: declared(body), ..Scope::default() };
    let mut look = Look { scope: &mut scope, sink, from: String::new(), bound: Vec::new() };
    for provider in &body.providers {
        look.at(format!("provider.{}", provider.name), |look| look.arguments(&provider.settings));
    }
    for variable in &body.variables {
        look.at(format!("var.{}", variable.name), |look| {
            variable.validations.iter().for_each(|map| look.arguments(map));
        });
    }
    for local in &body.locals {
        look.at(format!("local.{}", local.name), |look| look.value(&local.value));
    }
    for block in &body.resources {
        look.at(address("", block), |look| look.block(&block.body));
    }
    for block in &body.data {
        look.at(address("data.", block), |look| look.block(&block.body));
    }
    for block in &body.ephemeral {
        look.at(address("ephemeral.", block), |look| look.block(&block.body));
    }
    for module in &body.modules {
        look.at(format!("module.{}", module.name), |look| look.block(&module.body));
    }
    for output in &body.outputs {
        look.at(format!("output.{}", output.name), |look| {
            look.value(&output.value);
            output.preconditions.iter().for_each(|map| look.arguments(map));
            output.depends_on.iter().for_each(|to| look.literal_address(to));
        });
    }
    for import in &body.imports {
        look.at(format!("import.{}", import.to), |look| {
            look.value(&import.id);
            import.for_each.iter().for_each(|value| look.value(value));
        });
    }
    for check in &body.checks {
        look.at(format!("check.{}", check.name), |look| {
            check.data.iter().for_each(|data| look.block(&data.body));
            check.asserts.iter().for_each(|map| look.arguments(map));
        });
    }
    scope.edges.sort();
    scope.edges.dedup_by(|a, b| a.from == b.from && a.to == b.to);
    scope
}

fn address(prefix: &str, block: &Block) -> String {
    format!("{prefix}{}.{}", block.kind, block.name)
}

fn declared(body: &Body) -> BTreeMap<String, Span> {
    let mut found = BTreeMap::new();
    let mut add = |address: String, name: &Name| {
        found.entry(address).or_insert(name.span());
    };
    body.variables.iter().for_each(|v| add(format!("var.{}", v.name), &v.name));
    body.locals.iter().for_each(|l| add(format!("local.{}", l.name), &l.name));
    body.modules.iter().for_each(|m| add(format!("module.{}", m.name), &m.name));
    body.resources.iter().for_each(|b| add(address("", b), &b.name));
    body.data.iter().for_each(|b| add(address("data.", b), &b.name));
    body.ephemeral.iter().for_each(|b| add(address("ephemeral.", b), &b.name));
    let own = body.checks.iter().filter_map(|check| check.data.as_ref());
    own.for_each(|b| add(address("data.", b), &b.name));
    found
}

struct Look<'a> {
    scope: &'a mut Scope,
    sink: &'a mut Vec<Diagnostic>,
    from: String,
    bound: Vec<String>,
}

impl Look<'_> {
    fn at(&mut self, from: String, look: impl FnOnce(&mut Self)) {
        self.from = from;
        look(self);
        self.bound.clear();
    }

    /// The body of a block: its meta-arguments hold addresses, its dynamic blocks bind names.
    fn block(&mut self, map: &Map) {
        let mut iterators = Vec::new();
        if let Some(dynamic) = map.get("dynamic") {
            collect_iterators(dynamic, &mut iterators);
        }
        self.bound.extend(iterators);
        for entry in map {
            match &*entry.key {
                "depends_on" => self.addresses(&entry.value),
                "provider" | "providers" => {}
                "lifecycle" => self.lifecycle(&entry.value),
                _ => self.value(&entry.value),
            }
        }
    }

    fn lifecycle(&mut self, value: &Value) {
        match &value.data {
            Data::List(items) => items.iter().for_each(|item| self.lifecycle(item)),
            Data::Map(map) => {
                for entry in map {
                    match &*entry.key {
                        "ignore_changes" => {}
                        "replace_triggered_by" => self.addresses(&entry.value),
                        _ => self.value(&entry.value),
                    }
                }
            }
            _ => {}
        }
    }

    fn addresses(&mut self, value: &Value) {
        for item in value.as_list().into_iter().flatten() {
            if let Some(text) = item.as_str() {
                self.literal_address(&Name::new(text, item.origin));
            }
        }
    }

    /// An address that stands literally; it may go on into an attribute or an instance.
    fn literal_address(&mut self, text: &Name) {
        match expression::names(text, &[]) {
            Ok(names) if !names.addresses.is_empty() => {
                names.addresses.into_iter().for_each(|to| self.edge(to, text.span()));
            }
            _ => {
                let message =
                    format!("`{text}` is no address of a resource, data source or module");
                let diagnostic = Diagnostic::new(codes::TERRAFORM_EXPRESSION, text.span(), message);
                self.sink.push(diagnostic.note("for example aws_vpc.this or module.network"));
            }
        }
    }

    fn arguments(&mut self, map: &Map) {
        map.iter().for_each(|entry| self.value(&entry.value));
    }

    fn value(&mut self, value: &Value) {
        match &value.data {
            Data::List(items) => items.iter().for_each(|item| self.value(item)),
            Data::Map(map) => match mark::of(value) {
                Ok(None) => self.arguments(map),
                Ok(Some(mark)) => self.mark(&mark),
                // Reported where it is written.
                Err(_) => {}
            },
            _ => {}
        }
    }

    fn mark(&mut self, mark: &Mark) {
        match mark {
            Mark::Expression(text) => self.expression(text),
            Mark::Parts(parts) => {
                for part in parts {
                    if let Part::Expression(text) = part {
                        self.expression(text);
                    }
                }
            }
            Mark::Reference(_) => {}
        }
    }

    fn expression(&mut self, text: &Name) {
        let bound: Vec<&str> = self.bound.iter().map(String::as_str).collect();
        let names = match expression::names(text, &bound) {
            Ok(names) => names,
            Err(why) => {
                let message = format!("`{}` is not a Terraform expression: {why}", clip(text));
                let mut diagnostic =
                    Diagnostic::new(codes::TERRAFORM_EXPRESSION, text.span(), message);
                if text.contains("${") {
                    let note = "`$tf` holds the expression itself, without `${` and `}` around it";
                    diagnostic = diagnostic.note(note);
                }
                self.sink.push(diagnostic);
                return;
            }
        };
        names.addresses.into_iter().for_each(|to| self.edge(to, text.span()));
        for name in names.functions {
            self.scope.functions.entry(name).or_insert(text.span());
        }
        for name in names.provider_functions {
            self.scope.provider_functions.entry(name).or_insert(text.span());
        }
    }

    fn edge(&mut self, to: String, span: Span) {
        if self.scope.declared.contains_key(&to) {
            self.scope.edges.push(Edge { from: self.from.clone(), to, span });
            return;
        }
        let message = format!("the stack declares no `{to}`");
        let mut diagnostic = Diagnostic::new(codes::TERRAFORM_UNDECLARED, span, message);
        let known: BTreeSet<&str> = self.scope.declared.keys().map(String::as_str).collect();
        if let Some(best) = nearest(&to, known.iter().copied()).first() {
            diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?"));
            if let Some(place) = self.scope.declared.get(*best) {
                diagnostic = diagnostic.label(*place, "declared here");
            }
        }
        self.sink.push(diagnostic.note(match to.split('.').next() {
            Some("var") => "an output of another stack is taken by `$ref` or `valueFrom`",
            Some("local") => "local values stand under `locals`",
            _ => "a `$tf` names what its own stack declares",
        }));
    }
}

/// Text short enough for a message.
fn clip(text: &str) -> String {
    if text.chars().count() <= 60 {
        return text.to_owned();
    }
    text.chars().take(57).chain("…".chars()).collect()
}

/// The names that dynamic blocks bind, also those inside of others.
fn collect_iterators(value: &Value, found: &mut Vec<String>) {
    match &value.data {
        Data::List(items) => items.iter().for_each(|item| collect_iterators(item, found)),
        Data::Map(map) => {
            for entry in map {
                found.push(entry.key.to_string());
                let bodies = match &entry.value.data {
                    Data::List(items) => items.as_slice(),
                    _ => std::slice::from_ref(&entry.value),
                };
                for body in bodies {
                    found.extend(body.get("iterator").and_then(Value::as_str).map(str::to_owned));
                    if let Some(inner) = body.get("content").and_then(|c| c.get("dynamic")) {
                        collect_iterators(inner, found);
                    }
                }
            }
        }
        _ => {}
    }
}
