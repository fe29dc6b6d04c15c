//! Marks in text that goes into templates: authored braces, and values of other operations.
//!
//! Invariant: what an author writes is never read as a template by Argo Workflows, which replaces
//! `{{…}}` anywhere in an object. Before a definition renders, each such brace and each reference is
//! a mark of private characters; afterwards a mark is written the way its place allows, and where no
//! place allows it that is a diagnostic.

use platformc_source::{Diagnostic, Span, codes};
use platformc_value::{Data, Value};

/// Stands for `{` where two of them meet.
const BRACE: char = '\u{f8d0}';
/// Before the number of a reference.
const OPEN: char = '\u{f8d1}';
/// Behind the number of a reference.
const CLOSE: char = '\u{f8d2}';

/// The variable that a container has where text in it needs a brace: Kubernetes replaces
/// `$(NAME)` when it starts the container, long after Argo Workflows has read the text.
const VARIABLE: &str = "PLATFORMC_BRACE";

/// The text with marks for braces; `None` where it holds characters that are marks themselves.
#[must_use]
pub fn hide(text: &str) -> Option<String> {
    if text.contains([BRACE, OPEN, CLOSE]) {
        return None;
    }
    if !text.contains("{{") {
        return Some(text.to_owned());
    }
    let chars: Vec<char> = text.chars().collect();
    let brace = |at: Option<usize>| at.and_then(|at| chars.get(at)) == Some(&'{');
    let hidden = chars.iter().enumerate().map(|(at, c)| {
        let meets = brace(Some(at + 1)) || brace(at.checked_sub(1));
        if *c == '{' && meets { BRACE } else { *c }
    });
    Some(hidden.collect())
}

/// The mark of a reference.
#[must_use]
pub fn reference(number: usize) -> String {
    format!("{OPEN}{number}{CLOSE}")
}

/// How a place can say a brace.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Through a variable of the container.
    Variable,
    /// As an escape of JSON.
    Escape,
    /// Not at all.
    None,
}

struct Settle<'a> {
    names: &'a [String],
    /// Where the operation is written, for text of no place of its own.
    used: Span,
    sink: &'a mut Vec<Diagnostic>,
    /// Whether the container that is walked needs the variable.
    variable: bool,
}

/// Writes the marks in a template: references as inputs by their names, braces as places allow.
pub fn settle(template: &mut Value, names: &[String], used: Span, sink: &mut Vec<Diagnostic>) {
    let mut settle = Settle { names, used, sink, variable: false };
    let Some(map) = template.as_map_mut() else { return };
    for entry in map.iter_mut() {
        let key = &*entry.key;
        match (key, &mut entry.value.data) {
            ("container" | "script", Data::Map(_)) => settle.container(&mut entry.value),
            ("containerSet", Data::Map(set)) => {
                for inner in set.iter_mut() {
                    match (&*inner.key, &mut inner.value.data) {
                        ("containers", Data::List(items)) => {
                            items.iter_mut().for_each(|item| settle.container(item));
                        }
                        _ => settle.all(&mut inner.value, Way::None),
                    }
                }
            }
            ("initContainers" | "sidecars", Data::List(items)) => {
                items.iter_mut().for_each(|item| settle.container(item));
            }
            ("resource", Data::Map(resource)) => {
                for inner in resource.iter_mut() {
                    let json = inner.value.as_str().is_some_and(|text| {
                        text.trim_start().starts_with(['{', BRACE]) && &*inner.key == "manifest"
                    });
                    let way = if json { Way::Escape } else { Way::None };
                    settle.all(&mut inner.value, way);
                }
            }
            _ => settle.all(&mut entry.value, Way::None),
        }
    }
}

impl Settle<'_> {
    fn container(&mut self, container: &mut Value) {
        let Some(map) = container.as_map_mut() else {
            return self.all(container, Way::None);
        };
        self.variable = false;
        for entry in map.iter_mut() {
            match (&*entry.key, &mut entry.value.data) {
                ("args" | "command", _) => self.all(&mut entry.value, Way::Variable),
                ("env", Data::List(variables)) => {
                    for variable in variables {
                        let Some(variable) = variable.as_map_mut() else { continue };
                        for part in variable.iter_mut() {
                            let plain = &*part.key == "value";
                            let way = if plain { Way::Variable } else { Way::None };
                            self.all(&mut part.value, way);
                        }
                    }
                }
                _ => self.all(&mut entry.value, Way::None),
            }
        }
        if !self.variable {
            return;
        }
        let brace = super::map([("name", super::text(VARIABLE)), ("value", super::text("{"))]);
        // Only variables that stand before others are replaced in them.
        match map.get_mut("env").map(|env| &mut env.data) {
            Some(Data::List(variables)) => variables.insert(0, brace),
            _ => {
                map.insert("env", Value::list(vec![brace]));
            }
        }
    }

    /// Everything in a value; depth is bounded by a list of its own.
    fn all(&mut self, value: &mut Value, way: Way) {
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            match &mut value.data {
                Data::String(text) if text.contains([BRACE, OPEN, CLOSE]) => {
                    let written = self.text(text, way, value.origin.span);
                    *text = written.into();
                }
                Data::List(items) => open.extend(items),
                Data::Map(map) => {
                    for entry in map.iter_mut() {
                        if entry.key.contains([BRACE, OPEN, CLOSE]) {
                            let message = "the name of a field cannot be a value of a run";
                            self.report(entry.key_origin.span, message.to_owned(), "");
                        }
                        open.push(&mut entry.value);
                    }
                }
                _ => {}
            }
        }
    }

    fn report(&mut self, span: Span, message: String, note: &str) {
        let at = if self.used.is_none() { span } else { self.used };
        let mut diagnostic = Diagnostic::new(codes::EMIT_ARGO_WORKFLOWS, at, message);
        if !note.is_empty() {
            diagnostic = diagnostic.note(note);
        }
        if at != span {
            diagnostic = diagnostic.label(span, "it would stand here");
        }
        self.sink.push(diagnostic);
    }

    fn text(&mut self, text: &str, way: Way, span: Span) -> String {
        let mut out = String::with_capacity(text.len() + 16);
        let mut rest = text;
        while let Some(at) = rest.find([BRACE, OPEN, CLOSE]) {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            let mut chars = from.chars();
            let mark = chars.next();
            rest = chars.as_str();
            if mark == Some(BRACE) {
                match way {
                    Way::Variable => {
                        self.variable = true;
                        out.push_str(&format!("$({VARIABLE})"));
                    }
                    Way::Escape => out.push_str("\\u007b"),
                    Way::None => {
                        let message = "`{{` cannot stand in what the definition makes of this";
                        let note = "Argo Workflows would read it as a template of its own; a \
                                    definition can pass text on in `args` or `env` of a container";
                        self.report(span, message.to_owned(), note);
                        return out;
                    }
                }
                continue;
            }
            let number = rest.split_once(CLOSE).filter(|_| mark == Some(OPEN));
            let found = number.and_then(|(number, after)| {
                Some((self.names.get(number.parse::<usize>().ok()?)?, after))
            });
            match found {
                Some((name, after)) => {
                    out.push_str(&format!("{{{{inputs.parameters.{name}}}}}"));
                    rest = after;
                }
                None => {
                    let message = "the definition computes with a value that only a run knows";
                    let note = "the output of another operation can only be passed on as it is";
                    self.report(span, message.to_owned(), note);
                    return out;
                }
            }
        }
        out.push_str(rest);
        out
    }
}
