//! `eval`: the value of files, or of an expression in their scope.
//!
//! Invariant: CUE files are one package; data files are unified into its top level, and so are the
//! values of Nickel files. With an
//! expression only what it reaches is validated, without one everything.

use std::sync::Arc;

use platformc_cue::{CompileOptions, Options, Package, TreeLabel, Unit, tree_text};
use platformc_cue_syntax::{ast, parse, parse_expr};
use platformc_format::{json, toml, yaml};
use platformc_source::{
    Diagnostic, MemorySources, Outcome, ReadError, SourceMap, Sources, Span, is_relative,
};
use platformc_value::Value;

use crate::engines::cue::{is_broken, report};
use crate::engines::nickel::Nickel;
use crate::read::register;

/// A file to look at.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its path as the user wrote it.
    pub path: String,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
}

/// The form of a result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// JSON, indented.
    Json,
    /// YAML.
    Yaml,
    /// CUE, with what is not concrete kept.
    Cue,
}

/// The diagnostic for a file that is there and cannot be read.
#[must_use]
pub fn unreadable(map: &SourceMap, path: &str, error: &ReadError) -> Diagnostic {
    crate::discover::unreadable(map, path, error)
}

#[derive(Default)]
struct Files {
    cue: Vec<ast::File>,
    data: Vec<Value>,
}

fn load(
    sources: &dyn Sources,
    inputs: &[Input],
    map: &SourceMap,
    sink: &mut Vec<Diagnostic>,
) -> Files {
    let mut files = Files::default();
    let nothing = MemorySources::new();
    for input in inputs {
        let Some(id) = register(map, &input.path, &input.bytes, sink) else { continue };
        let Some(file) = map.get(id) else { continue };
        let text = file.text();
        match input.path.rsplit_once('.').map(|(_, ending)| ending) {
            Some("yaml" | "yml") => {
                let documents = yaml::read(id, text).drain_into(sink);
                files.data.extend(documents.into_iter().map(|document| document.value));
            }
            Some("json") => files.data.extend(json::read(id, text).drain_into(sink)),
            Some("toml") => files.data.push(toml::read(id, text).drain_into(sink)),
            Some("ncl") => {
                // A file from elsewhere has no workspace around it to import from.
                let inside = is_relative(&input.path);
                let nickel = Nickel::new(if inside { sources } else { &nothing }, map);
                files.data.extend(nickel.value(&input.path, id, text, &[]).drain_into(sink));
            }
            _ => files.cue.push(parse(id, text).drain_into(sink)),
        }
    }
    files
}

/// Evaluates; `None` where something is wrong. What Nickel files import is read from `sources`, in
/// which a relative path of an input is one of it.
#[must_use]
pub fn eval(
    sources: &dyn Sources,
    inputs: &[Input],
    expression: Option<&str>,
    form: Form,
    map: &SourceMap,
) -> Outcome<Option<String>> {
    let mut sink = Vec::new();
    let files = load(sources, inputs, map, &mut sink);
    let text = if is_broken(&sink) { None } else { run(&files, expression, form, map, &mut sink) };
    Outcome::new(text, sink)
}

fn print(values: &[Value], form: Form) -> String {
    match form {
        Form::Json => values.iter().fold(String::new(), |mut text, value| {
            text.push_str(json::write(value, true).trim_end());
            text.push('\n');
            text
        }),
        Form::Yaml | Form::Cue => yaml::write_documents(values),
    }
}

fn run(
    files: &Files,
    expression: Option<&str>,
    form: Form,
    map: &SourceMap,
    sink: &mut Vec<Diagnostic>,
) -> Option<String> {
    if files.cue.is_empty() && expression.is_none() && form != Form::Cue {
        return Some(print(&files.data, form));
    }
    let expression = expression.map(|text| {
        let id = map.add("--expression", text);
        (parse_expr(id, text).drain_into(sink), Span::new(id, 0, text.len()))
    });
    if is_broken(sink) {
        return None;
    }
    // Data that is no struct cannot join a package; it is then the whole of it.
    let mut names: Vec<&str> = Vec::new();
    for value in &files.data {
        match value.as_map() {
            Some(map) => names.extend(map.keys()),
            None if files.cue.is_empty() && files.data.len() == 1 && expression.is_none() => {
                return Some(format!("{}\n", json::write(value, true).trim_end()));
            }
            None => {
                let message = "only a struct can be unified with a package";
                let code = platformc_source::codes::CUE_CONFLICT;
                sink.push(Diagnostic::new(code, value.origin.span, message));
                return None;
            }
        }
    }
    names.sort_unstable();
    names.dedup();
    let empty;
    let mut trees: Vec<&ast::File> = files.cue.iter().collect();
    if trees.is_empty() {
        empty = parse(map.add("(no files)", ""), "").value;
        trees.push(&empty);
    }
    let expressions: Vec<&ast::Expr> = expression.iter().map(|(expr, _)| expr).collect();
    let options = CompileOptions { inputs: &names, ..CompileOptions::default() };
    let package = Package::compile(&trees, &expressions, options).drain_into(sink);
    if is_broken(sink) {
        return None;
    }
    let mut unit = Unit::new(&package, Options::default());
    for value in &files.data {
        for entry in value.as_map()? {
            unit.inject(&entry.key, &entry.value);
        }
    }
    let first = trees.first().map_or(Span::NONE, |tree| Span::new(tree.file, 0, 0));
    let (node, whole) = match &expression {
        Some((_, span)) => {
            // An expression refers to the package's fields, so these must be known first; asking
            // for any field finds them without evaluating their values.
            let _ = unit.lookup(&[TreeLabel::Regular(Arc::from(""))]);
            (unit.expression(0)?, *span)
        }
        None => (unit.root(), first),
    };
    if form == Form::Cue {
        let faults = unit.errors(node);
        if !faults.is_empty() {
            report(&faults, whole, sink);
            return None;
        }
        return Some(format!("{}\n", tree_text(&unit.tree(node))));
    }
    match unit.value(node) {
        Ok(value) => Some(print(std::slice::from_ref(&value), form)),
        Err(faults) => {
            report(&faults, whole, sink);
            None
        }
    }
}
