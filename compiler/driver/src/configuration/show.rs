//! The configuration in words. Invariant: every value is shown with the layer that set it.

use std::fmt::Write;

use platformc_config::{LayerKind, Setting, Trace, find, parse_path};
use platformc_format::{json, yaml};
use platformc_source::{Diagnostic, Outcome, SourceMap, Span, codes};
use platformc_value::{Data, Map, Path, Value};

use super::{Resolved, leaves};

/// The form of a result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// For people.
    Text,
    /// JSON, indented.
    Json,
    /// YAML.
    Yaml,
}

/// The configurations: one as it is, several by the names of their environments.
#[must_use]
pub fn show(configurations: &[Resolved], map: &SourceMap, form: Form) -> String {
    if form != Form::Text {
        let value = match configurations {
            [one] => one.value.clone(),
            several => {
                let mut map = Map::new();
                for one in several {
                    map.insert(&*one.environment, one.value.clone());
                }
                Value::map(map)
            }
        };
        return printed(&value, form);
    }
    let mut out = String::new();
    for one in configurations {
        if configurations.len() > 1 {
            let gap = if out.is_empty() { "" } else { "\n" };
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{gap}# {}", one.environment);
        }
        leaves(&one.value, &mut Path::root(), &mut |path, entry| {
            let trace = one.trace(map, path);
            let from = match trace.settings.first() {
                Some(setting) => setting_place(setting, map),
                None => place(entry.value.origin.span, map),
            };
            let value = json::write(&entry.value, false);
            let _ = writeln!(out, "{path} = {value}  # {from}");
        });
    }
    out
}

/// One value of each configuration; scalars are plain text.
#[must_use]
pub fn get(
    configurations: &[Resolved],
    path: &str,
    map: &SourceMap,
    form: Form,
) -> Outcome<String> {
    let mut sink = Vec::new();
    let Some((path, span)) = path_of(path, map, &mut sink) else {
        return Outcome::new(String::new(), sink);
    };
    let mut found = Vec::new();
    for one in configurations {
        match find(&one.value, &path, span) {
            Ok(value) => found.push((one.environment(), value.clone())),
            Err(diagnostic) => {
                sink.push(diagnostic.note(format!("in environment `{}`", one.environment)));
            }
        }
    }
    let text = match (found.as_slice(), form) {
        ([(_, value)], Form::Text) => match &value.data {
            Data::String(text) => format!("{text}\n"),
            Data::Map(_) | Data::List(_) => yaml::write(value),
            _ => format!("{}\n", json::write(value, false)),
        },
        ([(_, value)], _) => printed(value, form),
        (_, Form::Text) => found.iter().fold(String::new(), |mut text, (environment, value)| {
            let _ = writeln!(text, "{environment}: {}", json::write(value, false));
            text
        }),
        _ => {
            let mut map = Map::new();
            for (environment, value) in found {
                map.insert(environment, value);
            }
            printed(&Value::map(map), form)
        }
    };
    Outcome::new(text, sink)
}

/// Who set the value at a path, in each configuration.
#[must_use]
pub fn trace_text(
    configurations: &[Resolved],
    path: &str,
    map: &SourceMap,
    form: Form,
) -> Outcome<String> {
    let mut sink = Vec::new();
    let Some((path, span)) = path_of(path, map, &mut sink) else {
        return Outcome::new(String::new(), sink);
    };
    let mut text = String::new();
    let mut values = Vec::new();
    for one in configurations {
        if let Err(diagnostic) = find(&one.value, &path, span) {
            sink.push(diagnostic.note(format!("in environment `{}`", one.environment)));
            continue;
        }
        let trace = one.trace(map, &path);
        if form == Form::Text {
            if configurations.len() > 1 {
                let gap = if text.is_empty() { "" } else { "\n" };
                let _ = writeln!(text, "{gap}# {}", one.environment);
            }
            told(&mut text, &path, &trace, map);
        } else {
            values.push(as_value(one.environment(), &path, &trace, map));
        }
    }
    if form != Form::Text && !values.is_empty() {
        let value = match values.len() {
            1 => values.remove(0),
            _ => Value::list(values),
        };
        text = printed(&value, form);
    }
    Outcome::new(text, sink)
}

fn path_of(text: &str, map: &SourceMap, sink: &mut Vec<Diagnostic>) -> Option<(Path, Span)> {
    let file = map.add("PATH", text);
    let span = Span::new(file, 0, text.len());
    match parse_path(text) {
        Ok(path) => Some((path, span)),
        Err(why) => {
            let message = format!("`{text}` is not a path: {why}");
            sink.push(Diagnostic::new(codes::CONFIG_UNKNOWN_PATH, span, message));
            None
        }
    }
}

fn printed(value: &Value, form: Form) -> String {
    match form {
        Form::Yaml => yaml::write(value),
        Form::Json | Form::Text => json::write(value, true),
    }
}

/// `config.dev.toml:3`
fn place(span: Span, map: &SourceMap) -> String {
    match map.get(span.file) {
        Some(file) => format!("{}:{}", file.path(), file.line_column(span.start).line),
        None => "computed".to_owned(),
    }
}

/// Where a layer sets a value: `config.dev.toml:3`, or what else it came from.
#[must_use]
pub fn setting_place(setting: &Setting, map: &SourceMap) -> String {
    match setting.kind {
        LayerKind::Runtime | LayerKind::Variable => setting.name.to_string(),
        _ => place(setting.value.origin.span, map),
    }
}

fn told(out: &mut String, path: &Path, trace: &Trace, map: &SourceMap) {
    let value = trace.value.clone().unwrap_or_else(Value::null);
    let _ = writeln!(out, "{path} = {}", json::write(&value, false));
    let table = value.as_map().is_some();
    for (at, setting) in trace.settings.iter().enumerate() {
        let word = match (table, at) {
            (true, _) => "merged",
            (false, 0) => "set by",
            (false, _) => "lost  ",
        };
        let place = setting_place(setting, map);
        let _ = writeln!(out, "  {word} {place}: {}", json::write(&setting.value, false));
    }
    if trace.settings.is_empty() {
        let _ = writeln!(out, "  set by {}", place(value.origin.span, map));
    }
    for step in &trace.steps {
        let indent = "  ".repeat(step.depth);
        let target = &step.path;
        let _ = match &step.value {
            Some(value) => {
                let shown = json::write(value, false);
                match map.get(step.span.file) {
                    Some(_) => {
                        let place = place(step.span, map);
                        writeln!(out, "  {indent}refers to {target} = {shown}, {place}")
                    }
                    None => writeln!(out, "  {indent}refers to {target} = {shown}"),
                }
            }
            None => writeln!(out, "  {indent}refers to {target}, which is not set"),
        };
    }
}

fn as_value(environment: &str, path: &Path, trace: &Trace, map: &SourceMap) -> Value {
    let located = |into: &mut Map, span: Span| {
        if let Some(file) = map.get(span.file) {
            into.insert("file", Value::string(file.path().clone()));
            into.insert("line", Value::int(i64::from(file.line_column(span.start).line)));
        }
    };
    let mut whole = Map::new();
    whole.insert("environment", Value::string(environment));
    whole.insert("path", Value::string(path.to_string()));
    whole.insert("value", trace.value.clone().unwrap_or_else(Value::null));
    let settings = trace.settings.iter().map(|setting| {
        let mut one = Map::new();
        one.insert("layer", Value::string(setting.kind.as_str()));
        one.insert("name", Value::string(setting.name.clone()));
        if !matches!(setting.kind, LayerKind::Runtime | LayerKind::Variable) {
            located(&mut one, setting.value.origin.span);
        }
        one.insert("value", setting.value.clone());
        Value::map(one)
    });
    whole.insert("settings", Value::list(settings.collect()));
    let steps = trace.steps.iter().map(|step| {
        let mut one = Map::new();
        one.insert("path", Value::string(step.path.to_string()));
        one.insert("depth", Value::int(i64::try_from(step.depth).unwrap_or(i64::MAX)));
        located(&mut one, step.span);
        one.insert("value", step.value.clone().unwrap_or_else(Value::null));
        Value::map(one)
    });
    whole.insert("references", Value::list(steps.collect()));
    Value::map(whole)
}
