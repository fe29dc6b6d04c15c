//! The operations of a workflow. Invariant: an operation depends on another one once.

use std::collections::BTreeMap;

use platformc_source::{Diagnostic, Origin, Span, codes};
use platformc_value::Value;

use super::{Duration, check_name, duration, object_name, parameters};
use crate::Text;
use crate::fields::{Fields, a_kind, text, wrong_type};

/// Ids become names of steps; what undoes an operation is named `rollback-ID`.
const LONGEST_ID: usize = 63;
const RESERVED: &str = "rollback";
/// Words of the language in which Argo Workflows writes dependencies.
const WORDS: [&str; 15] = [
    "and", "or", "not", "in", "matches", "contains", "let", "if", "else", "true", "false", "nil",
    "all", "none", "any",
];

/// One operation.
#[derive(Clone, Debug)]
pub struct BatchOperation {
    /// Its id, unique in the workflow.
    pub id: Text,
    /// The name of its step: `_` is `-`.
    pub step: Text,
    /// The operation definition it uses.
    pub kind: Text,
    /// The provider that carries it out.
    pub provider: Option<Text>,
    /// What it comes after, each once.
    pub dependencies: Vec<Dependency>,
    /// Its parameters, a struct; empty where none are written.
    pub parameters: Value,
    /// How often it is tried again.
    pub retries: Option<Retries>,
    /// How long one try may take.
    pub timeout: Option<Duration>,
    /// Whether it may run beside others that say `parallel: false`.
    pub parallel: bool,
    /// When it runs at all.
    pub condition: Option<Text>,
    /// How it is undone.
    pub rollback: Rollback,
    /// The whole operation.
    pub origin: Origin,
}

/// An operation another one comes after.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// The id of the other one.
    pub id: Text,
    /// Whether it is enough that the other one has ended, however it ended.
    pub soft: bool,
}

/// How often a failed operation is tried again.
#[derive(Clone, Debug)]
pub struct Retries {
    /// At most so often.
    pub limit: u32,
    /// How long to wait before the first new try, in seconds.
    pub delay: u64,
    /// How much longer the wait is each time.
    pub factor: u32,
    /// No new try after so many seconds.
    pub max_duration: Option<u64>,
    /// Where it is written.
    pub origin: Origin,
}

/// How an operation is undone.
#[derive(Clone, Debug)]
pub enum Rollback {
    /// As its definition says, if it says so.
    Definition,
    /// As its definition says, which must say so.
    Required(Span),
    /// Not at all.
    Never,
    /// By another operation.
    By(Box<Report>),
}

/// A use of an operation definition beside the graph: it undoes something or tells someone.
#[derive(Clone, Debug)]
pub struct Report {
    /// The operation definition.
    pub kind: Text,
    /// The provider that carries it out.
    pub provider: Option<Text>,
    /// Its parameters, a struct.
    pub parameters: Value,
    /// The whole of it.
    pub origin: Origin,
}

/// A whole number of a range.
pub(super) fn count(
    value: &Value,
    what: &str,
    least: u32,
    most: u32,
    sink: &mut Vec<Diagnostic>,
) -> Option<u32> {
    let Some(number) = value.as_number() else {
        sink.push(wrong_type(what, "an int", value));
        return None;
    };
    let number = number.to_i64().and_then(|number| u32::try_from(number).ok());
    let number = number.filter(|number| (least..=most).contains(number));
    if number.is_none() {
        let message = format!("{what} must be a whole number from {least} to {most}");
        sink.push(Diagnostic::new(codes::MODEL_INVALID_VALUE, value.origin.span, message));
    }
    number
}

/// Lowers `retries`: a number, or a struct.
pub(super) fn retries(value: Value, sink: &mut Vec<Diagnostic>) -> Option<Retries> {
    let origin = value.origin;
    let usual = Retries { limit: 0, delay: 10, factor: 2, max_duration: None, origin };
    if value.as_map().is_none() {
        let limit = count(&value, "`retries`", 0, 100, sink)?;
        return Some(Retries { limit, ..usual });
    }
    let mut fields = Fields::open(value, "`retries`", sink)?;
    let limit = fields.required("limit");
    let (delay, factor) = (fields.value("delay"), fields.value("factor"));
    let max_duration = fields.value("max_duration");
    fields.finish();
    let limit = limit.and_then(|value| count(&value, "`limit`", 0, 100, sink))?;
    let delay = delay.and_then(|value| duration::duration(&value, "`delay`", sink));
    let factor = factor.and_then(|value| count(&value, "`factor`", 1, 10, sink));
    let longest = max_duration.and_then(|value| duration::duration(&value, "`max_duration`", sink));
    Some(Retries {
        limit,
        delay: delay.map_or(usual.delay, |delay| delay.seconds),
        factor: factor.unwrap_or(usual.factor),
        max_duration: longest.map(|longest| longest.seconds),
        origin,
    })
}

/// Lowers a use of an operation definition beside the graph.
pub(super) fn report(value: Value, sink: &mut Vec<Diagnostic>) -> Option<Report> {
    let origin = value.origin;
    let mut fields = Fields::open(value, "an operation", sink)?;
    let kind = fields.required_text("type");
    let provider = fields.text("provider");
    let parameters = parameters(&mut fields, origin);
    fields.finish();
    Some(Report { kind: kind?, provider, parameters, origin })
}

fn rollback(value: Option<Value>, sink: &mut Vec<Diagnostic>) -> Rollback {
    match value {
        None => Rollback::Definition,
        Some(value) if value.as_bool() == Some(true) => Rollback::Required(value.origin.span),
        Some(value) if value.as_bool() == Some(false) => Rollback::Never,
        Some(value) if value.as_map().is_some() => {
            report(value, sink).map_or(Rollback::Definition, |found| Rollback::By(found.into()))
        }
        Some(other) => {
            let message =
                format!("`rollback` is true, false or an operation, not {}", a_kind(&other));
            sink.push(
                Diagnostic::new(codes::MODEL_WRONG_TYPE, other.origin.span, message)
                    .note("an operation that undoes this one: {type: script, parameters: {…}}"),
            );
            Rollback::Definition
        }
    }
}

/// Lowers one operation.
pub(super) fn operation(value: Value, sink: &mut Vec<Diagnostic>) -> Option<BatchOperation> {
    let origin = value.origin;
    let mut fields = Fields::open(value, "an operation", sink)?;
    let id = fields.required_text("id");
    let kind = fields.required_text("type");
    let provider = fields.text("provider");
    let hard = fields.list("dependencies");
    let soft = fields.texts("soft_dependencies");
    let parameters = parameters(&mut fields, origin);
    let retries = fields.value("retries");
    let timeout = fields.value("timeout");
    let parallel = fields.boolean("parallel").unwrap_or(true);
    let condition = fields.text("condition");
    let rollback = fields.value("rollback");
    fields.finish();
    let mut dependencies: Vec<Dependency> =
        hard.into_iter().filter_map(|value| dependency(value, sink)).collect();
    dependencies.extend(soft.into_iter().map(|id| Dependency { id, soft: true }));
    once(&dependencies, sink);
    let retries = retries.and_then(|value| self::retries(value, sink));
    let timeout = timeout.and_then(|value| duration::duration(&value, "`timeout`", sink));
    let rollback = self::rollback(rollback, sink);
    let (id, kind) = (id?, kind?);
    check_id(&id, sink).then(|| BatchOperation {
        step: object_name(&id),
        id,
        kind,
        provider,
        dependencies,
        parameters,
        retries,
        timeout,
        parallel,
        condition,
        rollback,
        origin,
    })
}

fn check_id(id: &Text, sink: &mut Vec<Diagnostic>) -> bool {
    if !check_name("an operation", id, LONGEST_ID, sink) {
        return false;
    }
    let name = id.replace('_', "-");
    let own = name == RESERVED || name.starts_with("rollback-");
    if !own && !WORDS.contains(&&*name) {
        return true;
    }
    let message = format!("`{id}` cannot be the name of an operation");
    let note = if own {
        "names that start with `rollback` are those of the steps that undo operations"
    } else {
        "it is a word of the language in which Argo Workflows writes dependencies"
    };
    sink.push(Diagnostic::new(codes::MODEL_INVALID_NAME, id.span(), message).note(note));
    false
}

fn dependency(value: Value, sink: &mut Vec<Diagnostic>) -> Option<Dependency> {
    if let Some(id) = text(&value) {
        return Some(Dependency { id, soft: false });
    }
    let mut fields = Fields::open(value, "a dependency", sink)?;
    let id = fields.required_text("id");
    let kind = fields.text("kind");
    fields.finish();
    let soft = match kind.as_deref() {
        None | Some("hard") => false,
        Some("soft") => true,
        Some(other) => {
            let message = format!("`{other}` is not a kind of dependency");
            let span = kind.as_ref().map_or(Span::NONE, Text::span);
            sink.push(Diagnostic::new(codes::MODEL_INVALID_VALUE, span, message).note(
                "after a `hard` one the operation runs if it succeeded, after a `soft` one in any case",
            ));
            false
        }
    };
    Some(Dependency { id: id?, soft })
}

/// Reports dependencies that stand twice.
fn once(dependencies: &[Dependency], sink: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for dependency in dependencies {
        let id = &dependency.id;
        if let Some(first) = seen.get(&**id) {
            let message = format!("the dependency on `{id}` stands twice");
            sink.push(
                Diagnostic::new(codes::MODEL_DUPLICATE_NAME, id.span(), message)
                    .primary_label("the second one")
                    .label(*first, "the first one"),
            );
        } else {
            seen.insert(&**id, id.span());
        }
    }
}

/// Reports ids that stand twice, or that would name one step.
pub(super) fn unique(operations: &[BatchOperation], sink: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&str, &Text> = BTreeMap::new();
    for operation in operations {
        let Some(first) = seen.get(&*operation.step) else {
            seen.insert(&*operation.step, &operation.id);
            continue;
        };
        let id = &operation.id;
        let message = if first.text == id.text {
            format!("there are two operations `{id}`")
        } else {
            format!("`{first}` and `{id}` would be one step, `{}`", operation.step)
        };
        sink.push(
            Diagnostic::new(codes::MODEL_DUPLICATE_NAME, id.span(), message)
                .primary_label("the second one")
                .label(first.span(), "the first one"),
        );
    }
}
