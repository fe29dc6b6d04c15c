//! What a step runs, as its definition makes it.
//!
//! Invariant: a body that passes has exactly one thing to run and no field that the compiler
//! writes itself; its outputs have names that Argo Workflows takes.
//! Source: the type `Template` of Argo Workflows' custom resource definitions.

use std::sync::Arc;

use platformc_source::{Diagnostic, Span, codes, nearest};
use platformc_value::{Data, Value};

/// What sort of thing a step runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// A pod that ends.
    Pod,
    /// A pod that goes on while others run.
    Daemon,
    /// A request that the workflow's agent makes.
    Agent,
    /// A wait.
    Pause,
}

/// What a step runs.
#[derive(Clone, Debug)]
pub struct Body {
    /// What sort of thing.
    pub kind: BodyKind,
    /// The template, without what the compiler adds.
    pub template: Value,
    /// The outputs by their names.
    pub outputs: Vec<Arc<str>>,
    /// The inputs it declares itself.
    pub inputs: Vec<Arc<str>>,
    /// What its service account has to be allowed: rules of a Role.
    pub rules: Vec<Value>,
    /// Whether a run that goes on where another one stopped need not do it again.
    pub kept: bool,
}

/// Fields that say what is run.
const RUNS: [&str; 7] =
    ["container", "script", "containerSet", "resource", "data", "http", "suspend"];
/// Fields that say how.
const FIELDS: [&str; 19] = [
    "affinity",
    "archiveLocation",
    "automountServiceAccountToken",
    "daemon",
    "hostAliases",
    "initContainers",
    "inputs",
    "metadata",
    "metrics",
    "nodeSelector",
    "outputs",
    "podSpecPatch",
    "priorityClassName",
    "schedulerName",
    "securityContext",
    "sidecars",
    "tolerations",
    "volumes",
    "executor",
];
/// Fields that the compiler writes.
const OURS: [(&str, &str); 11] = [
    ("name", "the operation's id"),
    ("retryStrategy", "`retries` of the operation"),
    ("activeDeadlineSeconds", "`timeout` of the operation"),
    ("timeout", "`timeout` of the operation"),
    ("synchronization", "`parallel` of the operation"),
    ("memoize", "`checkpoint` of the definition and `checkpoints` of the workflow"),
    ("parallelism", "`parallel_limit` of the workflow"),
    ("failFast", "the dependencies"),
    ("dag", "the dependencies"),
    ("steps", "the dependencies"),
    ("serviceAccountName", "`permissions` of the definition"),
];

/// The output that is what a step writes.
const RESULT: &str = "result";

/// Reads what a definition made for an operation; `used` is where the operation is written.
pub fn body(template: Value, used: Span, sink: &mut Vec<Diagnostic>) -> Option<Body> {
    let mut check = Check { used, sink, good: true };
    let Some(map) = template.as_map() else {
        check.refuse(template.origin.span, "`output` of an operation is a struct".to_owned(), "");
        return None;
    };
    let mut runs: Vec<&str> = Vec::new();
    for entry in map {
        let key = &*entry.key;
        let at = entry.key_origin.span;
        if RUNS.contains(&key) {
            runs.push(key);
        } else if let Some((_, ours)) = OURS.iter().find(|(name, _)| *name == key) {
            check.refuse(
                at,
                format!("`{key}` is not for a definition to say"),
                &format!("it follows from {ours}"),
            );
        } else if !FIELDS.contains(&key) {
            let known = RUNS.iter().chain(&FIELDS).copied();
            let note = match nearest(key, known).first() {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("what an operation runs is one of {}", RUNS.join(", ")),
            };
            check.refuse(at, format!("a step of Argo Workflows has no field `{key}`"), &note);
        }
    }
    let kind = match runs.as_slice() {
        ["suspend"] => BodyKind::Pause,
        ["http"] => BodyKind::Agent,
        [_] if map.get("daemon").and_then(Value::as_bool) == Some(true) => BodyKind::Daemon,
        [_] => BodyKind::Pod,
        _ => {
            let message = match runs.as_slice() {
                [] => "the definition makes nothing to run".to_owned(),
                more => format!("the definition makes {} things to run", more.len()),
            };
            let note = format!("what an operation runs is one of {}", RUNS.join(", "));
            check.refuse(template.origin.span, message, &note);
            return None;
        }
    };
    let mut outputs = check.parameters(map.get("outputs"));
    let inputs = check.parameters(map.get("inputs"));
    // The standard output of the main container, or the body of an answer.
    if ["container", "script", "http"].contains(&runs.first().copied().unwrap_or_default()) {
        outputs.push(Arc::from(RESULT));
    }
    let good = check.good;
    good.then(|| Body { kind, template, outputs, inputs, rules: Vec::new(), kept: true })
}

struct Check<'a> {
    used: Span,
    sink: &'a mut Vec<Diagnostic>,
    good: bool,
}

impl Check<'_> {
    fn refuse(&mut self, place: Span, message: String, note: &str) {
        let mut diagnostic = Diagnostic::new(codes::EMIT_ARGO_WORKFLOWS, self.used, message);
        if place != self.used {
            diagnostic = diagnostic.label(place, "the definition says this");
        }
        if !note.is_empty() {
            diagnostic = diagnostic.note(note);
        }
        self.sink.push(diagnostic);
        self.good = false;
    }

    /// The names under `parameters`.
    fn parameters(&mut self, side: Option<&Value>) -> Vec<Arc<str>> {
        let Some(Data::List(items)) = side.and_then(|side| side.get("parameters")).map(|v| &v.data)
        else {
            return Vec::new();
        };
        let mut names: Vec<Arc<str>> = Vec::with_capacity(items.len());
        for item in items {
            let name = item.get("name");
            let place = name.unwrap_or(item).origin.span;
            let text = name.and_then(Value::as_str).unwrap_or_default();
            let inner = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
            if text.is_empty() || text.len() > 63 || !text.bytes().all(inner) {
                let note = "a name is at most 63 of letters, digits, - and _";
                self.refuse(place, format!("`{text}` cannot name a parameter"), note);
            } else if text == RESULT || names.iter().any(|known| **known == *text) {
                self.refuse(place, format!("there is a parameter `{text}` already"), "");
            } else {
                names.push(Arc::from(text));
            }
        }
        names
    }
}
