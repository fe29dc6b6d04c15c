//! The runtime layers: `--set PATH=VALUE`, and environment variables that set a path.
//!
//! Invariant: a value is read as YAML, on one line as in brackets; the later setting wins. What an
//! environment variable holds is never printed.

use std::sync::Arc;

use platformc_format::yaml;
use platformc_source::{Code, Diagnostic, FileId, Origin, Severity, SourceMap, Span, codes};
use platformc_value::{Data, Entry, Map, Path, Step, Value};

use crate::template::{is_template, parse_path};
use crate::{Inputs, Layer, LayerKind};

/// The layers of `--set` arguments, highest first: one an argument.
pub fn settings(arguments: &[String], map: &SourceMap, sink: &mut Vec<Diagnostic>) -> Vec<Layer> {
    let mut layers: Vec<Layer> =
        arguments.iter().filter_map(|argument| setting(argument, map, sink)).collect();
    layers.reverse();
    layers
}

fn setting(argument: &str, map: &SourceMap, sink: &mut Vec<Diagnostic>) -> Option<Layer> {
    let file = map.add("--set", argument);
    let all = Span::new(file, 0, argument.len());
    let note = "write --set PATH=VALUE, such as --set registry.host=example.com";
    let Some(equals) = equals(argument) else {
        let message = format!("`{argument}` sets nothing: there is no `=`");
        sink.push(Diagnostic::new(codes::CONFIG_SET, all, message).note(note));
        return None;
    };
    let place = Span::new(file, 0, equals);
    let path = match setting_path(&argument[..equals]) {
        Ok(path) => path,
        Err(why) => {
            let message = format!("`{}` cannot be set: {why}", &argument[..equals]);
            sink.push(Diagnostic::new(codes::CONFIG_SET, place, message).note(note));
            return None;
        }
    };
    let value = scalar(file, argument, equals + 1, sink)?;
    Some(layer(LayerKind::Runtime, format!("--set {path}"), &path, place, value))
}

/// Where the path ends: the first `=` outside quotes.
fn equals(argument: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in argument.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'=' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// A path that can be set.
fn setting_path(text: &str) -> Result<Path, String> {
    let path = parse_path(text)?;
    if path.steps().iter().any(|step| matches!(step, Step::Index(_))) {
        return Err("lists are replaced whole; set the list".to_owned());
    }
    Ok(path)
}

/// The value that stands in `text` from byte `start` on.
fn scalar(file: FileId, text: &str, start: usize, sink: &mut Vec<Diagnostic>) -> Option<Value> {
    let written = &text[start..];
    let span = Span::new(file, start, text.len());
    let origin = Origin::authored(span);
    let trimmed = written.trim();
    // Quotes within quotes for the shell are more than anyone should have to write.
    if trimmed.starts_with("{{") && is_template(trimmed) {
        return Some(Value::new(Data::String(Arc::from(trimmed)), origin));
    }
    let fault = |message: &str, note: &str| {
        Some(Diagnostic::new(codes::CONFIG_SET, span, message).note(note))
    };
    if trimmed.is_empty() {
        sink.extend(fault("the value is empty", "write '' for empty text, null for nothing"));
        return None;
    }
    // Blanks keep the places of what follows.
    let shifted = format!("{}{written}", " ".repeat(start));
    let outcome = yaml::read(file, &shifted);
    let broken = outcome.has_errors();
    let mut documents = outcome.drain_into(sink);
    if broken {
        return None;
    }
    let block = !trimmed.starts_with(['{', '[']);
    match (documents.pop(), documents.is_empty()) {
        (Some(document), true)
            if block && matches!(document.value.data, Data::Map(_) | Data::List(_)) =>
        {
            let note = "quote text that holds a colon; write structs as {a: b}, lists as [a, b]";
            sink.extend(fault("the value reads as a struct or list without brackets", note));
            None
        }
        (Some(document), true) => Some(document.value),
        _ => {
            sink.extend(fault("the value is several documents", "quote it, to mean text"));
            None
        }
    }
}

/// A layer that sets one path.
fn layer(kind: LayerKind, name: String, path: &Path, place: Span, value: Value) -> Layer {
    let key_origin = Origin::authored(place);
    let value = path.steps().iter().rev().fold(value, |value, step| {
        let Step::Field(key) = step else { return value };
        let mut map = Map::with_capacity(1);
        map.push_unique(Entry { key: key.clone(), key_origin, value });
        Value::new(Data::Map(map), key_origin)
    });
    Layer { kind, name: name.into(), value }
}

/// A declaration that an environment variable, where it is set, sets a path.
#[derive(Clone, Debug)]
pub struct VariableSetting {
    /// The variable.
    pub variable: Arc<str>,
    /// The path, as written.
    pub path: Arc<str>,
    /// The place of the path.
    pub span: Span,
}

/// The layers of environment variables that are set, highest first: the later declaration wins.
pub fn variable_layers(
    declared: &[VariableSetting],
    inputs: &Inputs,
    sink: &mut Vec<Diagnostic>,
) -> Vec<Layer> {
    let mut layers = Vec::new();
    for setting in declared {
        let VariableSetting { variable, path, span } = setting;
        let path = match setting_path(path) {
            Ok(path) => path,
            Err(why) => {
                let message = format!("`{path}` cannot be set: {why}");
                sink.push(Diagnostic::new(codes::CONFIG_SET, *span, message));
                continue;
            }
        };
        let Some(text) = inputs.variable(variable) else { continue };
        let mut found = Vec::new();
        let value = scalar(FileId::NONE, &text, 0, &mut found);
        let failed = found.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        match value.filter(|_| !failed) {
            Some(value) => {
                let value = placed(value, *span);
                let name = format!("${variable}");
                layers.push(layer(LayerKind::Variable, name, &path, *span, value));
            }
            None => {
                let why = found.first().map_or("it cannot be read", |first| &first.message);
                let message = format!("the value of the variable `{variable}` cannot be used");
                let code: Code = codes::CONFIG_SET;
                // The words of a reader may quote the value; those of this module do not.
                let own = found.first().is_some_and(|first| first.code == code);
                let diagnostic = Diagnostic::new(code, *span, message);
                sink.push(if own {
                    diagnostic.note(why)
                } else {
                    diagnostic.note("it is read as YAML; quotes make it text")
                });
            }
        }
    }
    layers.reverse();
    layers
}

/// The value as though it stood at one place.
fn placed(value: Value, span: Span) -> Value {
    let origin = Origin::authored(span);
    let data = match value.data {
        Data::List(items) => Data::List(items.into_iter().map(|item| placed(item, span)).collect()),
        Data::Map(map) => {
            let mut copy = Map::with_capacity(map.len());
            for entry in map {
                let value = placed(entry.value, span);
                copy.push_unique(Entry { key: entry.key, key_origin: origin, value });
            }
            Data::Map(copy)
        }
        other => other,
    };
    Value::new(data, origin)
}
