//! Arguments as templates or literally, and the meta-arguments that are read literally.
//!
//! Invariant: text that holds `${` or `%{` means that text, wherever it stands (checked against
//! Terraform by tests/oracles/terraform). Keys of maps are templates too and escaped alike.

use std::sync::Arc;

use platformc_source::{Diagnostic, codes};
use platformc_value::{Data, Entry, Map, Value};

use crate::terraform::mark::{self, Mark, Part};
use crate::terraform::names::escape;

type Sink<'a> = &'a mut Vec<Diagnostic>;

/// How an argument is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Position {
    /// Read as it is: addresses, names of providers, keywords.
    Literal,
    /// Blocks whose arguments are read by a grammar of their own.
    Blocks(&'static [(&'static str, Position)]),
    /// Blocks with one label each.
    Labelled(&'static [(&'static str, Position)]),
}

const CONDITION: &[(&str, Position)] = &[];

const LIFECYCLE: &[(&str, Position)] = &[
    ("create_before_destroy", Position::Literal),
    ("destroy", Position::Literal),
    ("ignore_changes", Position::Literal),
    ("postcondition", Position::Blocks(CONDITION)),
    ("precondition", Position::Blocks(CONDITION)),
    ("prevent_destroy", Position::Literal),
    ("replace_triggered_by", Position::Literal),
];

const PROVISIONER: &[(&str, Position)] = &[
    ("connection", Position::Blocks(CONDITION)),
    ("on_failure", Position::Literal),
    ("when", Position::Literal),
];

const DYNAMIC: &[(&str, Position)] = &[("iterator", Position::Literal)];

/// The meta-arguments of resources and data sources.
pub(super) const RESOURCE: &[(&str, Position)] = &[
    ("connection", Position::Blocks(CONDITION)),
    ("depends_on", Position::Literal),
    ("dynamic", Position::Labelled(DYNAMIC)),
    ("lifecycle", Position::Blocks(LIFECYCLE)),
    ("provider", Position::Literal),
    ("provisioner", Position::Labelled(PROVISIONER)),
];

/// The meta-arguments of modules.
pub(super) const MODULE: &[(&str, Position)] =
    &[("depends_on", Position::Literal), ("providers", Position::Literal)];

/// Arguments that are all evaluated.
pub(super) const PLAIN: &[(&str, Position)] = &[];

/// The arguments of a block, in the order of their names.
pub(super) fn block(map: &Map, grammar: &[(&str, Position)], sink: Sink<'_>) -> Value {
    let mut entries = Vec::with_capacity(map.len());
    for entry in map {
        let known = grammar.iter().find(|(name, _)| *name == &*entry.key);
        let value = match known.map(|(_, position)| *position) {
            // The name of an argument is no template, and an identifier that needs no escape.
            None => template(&entry.value, sink),
            Some(Position::Literal) => literal(&entry.value, &entry.key, sink),
            Some(Position::Blocks(inner)) => blocks(&entry.value, inner, sink),
            Some(Position::Labelled(inner)) => labelled(&entry.value, inner, sink),
        };
        entries.push(Entry { key: entry.key.clone(), key_origin: entry.key_origin, value });
    }
    Value::map(sorted(entries))
}

/// A map of entries by their keys; of two entries of one key, the first.
pub(super) fn sorted(mut entries: Vec<Entry>) -> Map {
    entries.sort_by(|a, b| a.key.cmp(&b.key));
    entries.dedup_by(|later, first| later.key == first.key);
    let mut map = Map::with_capacity(entries.len());
    for entry in entries {
        map.push_unique(entry);
    }
    map
}

fn blocks(value: &Value, grammar: &[(&str, Position)], sink: Sink<'_>) -> Value {
    let items = match &value.data {
        Data::List(items) => items.as_slice(),
        _ => std::slice::from_ref(value),
    };
    let each = |item: &Value| match &item.data {
        Data::Map(map) => block(map, grammar, sink),
        _ => template(item, sink),
    };
    Value::list(items.iter().map(each).collect())
}

/// Blocks with a label, as a list of structs with that one key: their order counts.
fn labelled(value: &Value, grammar: &[(&str, Position)], sink: Sink<'_>) -> Value {
    let items = match &value.data {
        Data::List(items) => items.as_slice(),
        _ => std::slice::from_ref(value),
    };
    let mut list = Vec::with_capacity(items.len());
    for item in items {
        let Data::Map(map) = &item.data else {
            list.push(template(item, sink));
            continue;
        };
        for entry in map {
            let mut single = Map::with_capacity(1);
            single.insert(entry.key.clone(), blocks(&entry.value, grammar, sink));
            list.push(Value::map(single));
        }
    }
    Value::list(list)
}

/// A value in an evaluated position: text escaped, marks as templates, keys in order.
pub(super) fn template(value: &Value, sink: Sink<'_>) -> Value {
    let data = match &value.data {
        Data::String(text) => Data::String(escape(text).into()),
        Data::List(items) => Data::List(items.iter().map(|item| template(item, sink)).collect()),
        Data::Map(map) => match mark::of(value) {
            Ok(None) => {
                let entry = |entry: &Entry| Entry {
                    key: escape(&entry.key).into(),
                    key_origin: entry.key_origin,
                    value: template(&entry.value, sink),
                };
                Data::Map(sorted(map.iter().map(entry).collect()))
            }
            Ok(Some(mark)) => Data::String(marked(&mark, sink).into()),
            Err(fault) => {
                let message = "this is no mark of a Terraform expression";
                let diagnostic =
                    Diagnostic::new(codes::TERRAFORM_EXPRESSION, place(value), message);
                sink.push(diagnostic.note(fault.note()));
                Data::Null
            }
        },
        other => other.clone(),
    };
    Value::new(data, value.origin)
}

fn place(value: &Value) -> platformc_source::Span {
    let first = value.as_map().and_then(|map| map.iter().next());
    first.map_or(value.origin.span, |entry| entry.key_origin.span)
}

/// A mark as text of Terraform's template language.
fn marked(mark: &Mark, sink: Sink<'_>) -> String {
    match mark {
        Mark::Expression(text) => format!("${{{}}}", text.trim()),
        Mark::Reference(found) => unlinked(found, sink),
        Mark::Parts(parts) => {
            // Texts side by side are one text: together they may hold a `${` that none of them has.
            let (mut out, mut literals) = (String::new(), String::new());
            for part in parts {
                let text = match part {
                    Part::Text(text) => {
                        literals.push_str(text);
                        continue;
                    }
                    Part::Expression(text) => format!("${{{}}}", text.trim()),
                    Part::Reference(found) => unlinked(found, sink),
                };
                out.push_str(&escape(&std::mem::take(&mut literals)));
                // `$` before `${` would be read as an escape.
                let kept = out.trim_end_matches('$').len();
                if kept < out.len() {
                    let dollars = out.split_off(kept);
                    out.push_str(&format!("${{\"{dollars}\"}}"));
                }
                out.push_str(&text);
            }
            out.push_str(&escape(&literals));
            out
        }
    }
}

fn unlinked(found: &mark::Reference, sink: Sink<'_>) -> String {
    let message = format!("the output `{}` of stack `{}` is not linked", found.output, found.stack);
    sink.push(
        Diagnostic::new(codes::TERRAFORM_UNKNOWN_OUTPUT, found.origin.span, message)
            .note("the stack is not one of this environment"),
    );
    String::new()
}

/// A value in a position that Terraform reads as it is.
pub(super) fn literal(value: &Value, what: &str, sink: Sink<'_>) -> Value {
    let data = match &value.data {
        Data::String(text) => {
            if text.contains("${") || text.contains("%{") {
                sink.push(no_expression(what, value));
            }
            Data::String(Arc::clone(text))
        }
        Data::List(items) => {
            Data::List(items.iter().map(|item| literal(item, what, sink)).collect())
        }
        Data::Map(map) => match mark::of(value) {
            Ok(None) => {
                let entry = |entry: &Entry| Entry {
                    key: entry.key.clone(),
                    key_origin: entry.key_origin,
                    value: literal(&entry.value, what, sink),
                };
                Data::Map(sorted(map.iter().map(entry).collect()))
            }
            _ => {
                sink.push(no_expression(what, value));
                Data::Null
            }
        },
        other => other.clone(),
    };
    Value::new(data, value.origin)
}

/// A default of a variable: read without evaluating, so that `${` in it is text as it stands.
pub(super) fn default_value(value: &Value, sink: Sink<'_>) -> Value {
    let data = match &value.data {
        Data::List(items) => {
            Data::List(items.iter().map(|item| default_value(item, sink)).collect())
        }
        Data::Map(map) => match mark::of(value) {
            Ok(None) => {
                let entry = |entry: &Entry| Entry {
                    key: entry.key.clone(),
                    key_origin: entry.key_origin,
                    value: default_value(&entry.value, sink),
                };
                Data::Map(sorted(map.iter().map(entry).collect()))
            }
            _ => {
                let message =
                    "the default of a variable is read literally and cannot hold an expression";
                let diagnostic = Diagnostic::new(codes::TERRAFORM_LITERAL, place(value), message);
                sink.push(diagnostic.note("a local value can hold one: `locals`"));
                Data::Null
            }
        },
        other => other.clone(),
    };
    Value::new(data, value.origin)
}

fn no_expression(what: &str, value: &Value) -> Diagnostic {
    let message = format!("`{what}` is read literally and cannot hold an expression");
    let diagnostic = Diagnostic::new(codes::TERRAFORM_LITERAL, value.origin.span, message);
    diagnostic.note("write the address or name itself, without `${` and without a mark")
}
