//! The Workflow (`platformc.dev/v1alpha1`): a batch of operations with dependencies.
//!
//! Invariant: operation ids are unique, also as names of steps, where `_` is `-`; durations are
//! whole seconds; `parameters` are kept as values, because only an operation's definition can say
//! what they mean. The record `batch_workflow` lowers to the same type.

mod duration;
mod operation;
mod schedule;

use platformc_source::{Diagnostic, Origin, codes};
use platformc_value::{Data, Map, Value};

use crate::Text;
use crate::fields::{Fields, a_kind, wrong_type};

pub use duration::Duration;
pub use operation::{BatchOperation, Dependency, Report, Retries, Rollback};
pub use schedule::Schedule;

/// The key of the record form.
pub(crate) const RECORD: &str = "batch_workflow";
/// Names end up in names of jobs and pods, which add to them.
const LONGEST_NAME: usize = 52;
/// More would make an object that no API server takes.
const MOST_OPERATIONS: usize = 2_000;

/// A workflow of operations.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Its name as written.
    pub name: Text,
    /// Its name as objects of a cluster bear it: `_` is `-`.
    pub object_name: Text,
    /// The namespace it runs in.
    pub namespace: Option<Text>,
    /// Its labels.
    pub labels: Vec<(Text, Text)>,
    /// Its annotations.
    pub annotations: Vec<(Text, Text)>,
    /// The version its author gives it.
    pub version: Option<Text>,
    /// The environments it is for; all where empty.
    pub environments: Vec<Text>,
    /// How many operations may run at once; no limit of its own where not written.
    pub parallel_limit: Option<u32>,
    /// Whether what had succeeded is undone when something fails.
    pub rollback_enabled: bool,
    /// How often a failed operation is tried again, unless it says so itself.
    pub retries: Option<Retries>,
    /// How long the whole workflow may take.
    pub timeout: Option<Duration>,
    /// When it runs by itself.
    pub schedule: Option<Schedule>,
    /// How long what was done counts as done for a run that goes on where another one stopped.
    pub checkpoints: Checkpoints,
    /// The operation that is told how a run ended, beside the log.
    pub report: Option<Report>,
    /// Its operations in order.
    pub operations: Vec<BatchOperation>,
    /// The whole document.
    pub origin: Origin,
}

/// Whether a run goes on where another one stopped.
#[derive(Clone, Debug)]
pub enum Checkpoints {
    /// Every run does everything.
    Off,
    /// What was done at most so long ago is not done again.
    Kept(Duration),
}

/// A day: what was done yesterday may have been undone since.
const KEPT_SECONDS: u64 = 24 * 60 * 60;

/// The name of an object for a name in which `_` is allowed.
fn object_name(name: &Text) -> Text {
    Text { text: name.replace('_', "-").into(), origin: name.origin }
}

fn is_name(text: &str, longest: usize) -> bool {
    text.len() <= longest
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
}

/// Checks the name of a workflow or the id of an operation.
fn check_name(what: &str, name: &Text, longest: usize, sink: &mut Vec<Diagnostic>) -> bool {
    if is_name(name, longest) {
        return true;
    }
    let message = format!("`{name}` cannot be the name of {what}");
    let note = format!(
        "a name is at most {longest} of a-z, 0-9, - and _, a letter first and a letter or digit last"
    );
    let mut diagnostic =
        Diagnostic::new(codes::MODEL_INVALID_NAME, name.span(), message).note(note);
    if let Some(better) = crate::names::suggestion(name).filter(|name| is_name(name, longest)) {
        let title = format!("write `{better}`");
        diagnostic = diagnostic.replace(name.span(), better, title);
    }
    sink.push(diagnostic);
    false
}

/// Lowers a document `kind: Workflow`; its header is already known.
pub(crate) fn document(value: Value, sink: &mut Vec<Diagnostic>) -> Option<Batch> {
    let origin = value.origin;
    let mut fields = Fields::open(value, "a Workflow", sink)?;
    fields.ignore("apiVersion");
    fields.ignore("kind");
    let metadata = fields.required("metadata");
    let spec = fields.required("spec");
    fields.finish();
    let mut head = Head::default();
    if let Some(mut fields) = metadata.and_then(|value| Fields::open(value, "`metadata`", sink)) {
        head.name = fields.required_text("name");
        head.read(&mut fields);
        fields.finish();
    }
    let fields = Fields::open(spec?, "`spec` of a Workflow", sink)?;
    lower(fields, head, origin)
}

/// Lowers the record form, `batch_workflow: {name, version, …, operations}`.
pub(crate) fn record(value: Value, sink: &mut Vec<Diagnostic>) -> Option<Batch> {
    let origin = value.origin;
    let mut outer = Fields::open(value, "a document with `batch_workflow`", sink)?;
    let inner = outer.required(RECORD);
    outer.finish();
    let mut fields = Fields::open(inner?, "`batch_workflow`", sink)?;
    let mut head = Head { name: fields.required_text("name"), ..Head::default() };
    head.read(&mut fields);
    lower(fields, head, origin)
}

/// What names a workflow.
#[derive(Default)]
struct Head {
    name: Option<Text>,
    namespace: Option<Text>,
    labels: Vec<(Text, Text)>,
    annotations: Vec<(Text, Text)>,
}

impl Head {
    fn read(&mut self, fields: &mut Fields<'_>) {
        self.namespace = fields.text("namespace");
        self.labels = fields.text_map("labels");
        self.annotations = fields.text_map("annotations");
    }
}

fn lower(mut fields: Fields<'_>, head: Head, origin: Origin) -> Option<Batch> {
    let version = fields.text("version");
    let environments = fields.texts("environments");
    let parallel_limit = fields.value("parallel_limit");
    let rollback_enabled = fields.boolean("rollback_enabled").unwrap_or(false);
    let retries = fields.value("retries");
    let timeout = fields.value("timeout");
    let schedule = fields.value("schedule");
    let checkpoints = fields.value("checkpoints");
    let report = fields.value("report");
    let operations = fields.required("operations");
    let anchor = fields.anchor();
    let sink = fields.finish_into();
    let name = head.name?;
    let mut good = check_name("a workflow", &name, LONGEST_NAME, sink);
    if let Some(namespace) = &head.namespace {
        good &= crate::names::check_label("a namespace", namespace, sink);
    }
    if let Some(version) = &version {
        check_version(version, sink);
    }
    let parallel_limit = parallel_limit
        .and_then(|value| operation::count(&value, "`parallel_limit`", 1, 10_000, sink));
    let retries = retries.and_then(|value| operation::retries(value, sink));
    let timeout = timeout.and_then(|value| duration::duration(&value, "`timeout`", sink));
    let schedule = schedule.and_then(|value| schedule::schedule(value, sink));
    let checkpoints = self::checkpoints(checkpoints, sink);
    let report = report.and_then(|value| operation::report(value, sink));
    let items = match operations {
        Some(Value { data: Data::List(items), .. }) => items,
        Some(other) => {
            sink.push(wrong_type("`operations` of a Workflow", "a list", &other));
            return None;
        }
        None => return None,
    };
    if items.is_empty() {
        let message = "a workflow without operations does nothing";
        sink.push(Diagnostic::new(codes::MODEL_MISSING_FIELD, anchor, message));
    }
    if let Some(first) = items.get(MOST_OPERATIONS) {
        let message = format!("a workflow has at most {MOST_OPERATIONS} operations");
        let span = crate::fields::anchor(first);
        sink.push(
            Diagnostic::new(codes::MODEL_INVALID_VALUE, span, message)
                .note("split it into several workflows"),
        );
        return None;
    }
    let operations: Vec<BatchOperation> =
        items.into_iter().filter_map(|value| operation::operation(value, sink)).collect();
    operation::unique(&operations, sink);
    good.then(|| Batch {
        object_name: object_name(&name),
        name,
        namespace: head.namespace,
        labels: head.labels,
        annotations: head.annotations,
        version,
        environments,
        parallel_limit,
        rollback_enabled,
        retries,
        timeout,
        schedule,
        checkpoints,
        report,
        operations,
        origin,
    })
}

/// A version becomes the value of a label.
fn check_version(version: &Text, sink: &mut Vec<Diagnostic>) {
    let inner = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    let edge = |c: char| c.is_ascii_alphanumeric();
    let good = version.len() <= 63
        && version.bytes().all(inner)
        && version.starts_with(edge)
        && version.ends_with(edge);
    if !good {
        let message = format!("`{version}` cannot be the version of a workflow");
        sink.push(
            Diagnostic::new(codes::MODEL_INVALID_VALUE, version.span(), message)
                .note("a version is at most 63 of letters, digits, `.`, `-` and `_`: 1.0.0"),
        );
    }
}

fn checkpoints(value: Option<Value>, sink: &mut Vec<Diagnostic>) -> Checkpoints {
    let usual = |origin| Checkpoints::Kept(Duration { seconds: KEPT_SECONDS, origin });
    match value {
        None => usual(Origin::NONE),
        Some(value) if value.as_bool() == Some(false) => Checkpoints::Off,
        Some(value) if value.as_bool() == Some(true) => usual(value.origin),
        Some(value) if value.as_map().is_some() => {
            let origin = value.origin;
            let Some(mut fields) = Fields::open(value, "`checkpoints`", sink) else {
                return Checkpoints::Off;
            };
            let age = fields.value("max_age");
            fields.finish();
            let age = age.and_then(|value| duration::duration(&value, "`max_age`", sink));
            age.map_or_else(|| usual(origin), Checkpoints::Kept)
        }
        Some(other) => {
            let message = format!(
                "`checkpoints` is true, false or a struct with `max_age`, not {}",
                a_kind(&other)
            );
            sink.push(Diagnostic::new(codes::MODEL_WRONG_TYPE, other.origin.span, message));
            Checkpoints::Off
        }
    }
}

/// `parameters` as a struct: empty where left out, reported where it is something else.
fn parameters(fields: &mut Fields<'_>, origin: Origin) -> Value {
    match fields.value("parameters") {
        None => Value::new(Data::Map(Map::new()), origin),
        Some(value) if value.as_map().is_some() => value,
        Some(value) => {
            fields.report(wrong_type("`parameters`", "a struct", &value));
            Value::new(Data::Map(Map::new()), origin)
        }
    }
}
