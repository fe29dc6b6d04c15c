//! The table `[terraform]` of the manifest.
//!
//! Invariant: the engine is one that exists and its version is exact, so that whoever runs the
//! output runs what was checked. What a backend has to have is known where stacks are written.

use platformc_source::{Diagnostic, Origin, codes, nearest};
use platformc_value::{Data, Map, Value};
use semver::Version;

use crate::Text;
use crate::fields::{Fields, wrong_type};

/// How Terraform is run.
#[derive(Clone, Debug)]
pub struct Terraform {
    /// `terraform` or `opentofu`.
    pub engine: Text,
    /// Its exact version: `1.11.4`.
    pub version: Text,
    /// Where states are, as a pattern with `{env}` and `{stack}`.
    pub backend: Option<StateBackend>,
    /// The tools that run the stacks in their order.
    pub orchestrators: Vec<Text>,
    /// How stacks get outputs of others: `remote-state` or `terragrunt`.
    pub outputs: Option<Text>,
    /// Who runs the Terraform components of Applications, where an environment does not say.
    pub components: Option<Runner>,
    /// The folder of the output in the repository that orchestrators run in; that of Argo CD
    /// where not written.
    pub path: Option<Text>,
}

/// A backend: where states are.
#[derive(Clone, Debug)]
pub struct StateBackend {
    /// Its type.
    pub kind: Text,
    /// Its settings.
    pub settings: Map,
    /// Where it was written.
    pub origin: Origin,
}

/// Who runs the Terraform components of Applications.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Runner {
    /// The Terraform controller, in the cluster.
    #[default]
    Controller,
    /// An orchestrator of stacks: each component is a stack.
    Stack,
}

impl Runner {
    /// Reads the word for it.
    pub(crate) fn read(text: &Text, sink: &mut Vec<Diagnostic>) -> Option<Runner> {
        match &**text {
            "controller" => Some(Runner::Controller),
            "stack" => Some(Runner::Stack),
            _ => {
                sink.push(one_of("runner of Terraform components", text, &["controller", "stack"]));
                None
            }
        }
    }
}

fn one_of(what: &str, text: &Text, known: &[&str]) -> Diagnostic {
    let message = format!("`{text}` is no {what}");
    let mut diagnostic = Diagnostic::new(codes::MODEL_INVALID_VALUE, text.span(), message);
    if let Some(best) = nearest(text, known.iter().copied()).first() {
        diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?")).replace(
            text.span(),
            format!("\"{best}\""),
            format!("write \"{best}\""),
        );
    }
    diagnostic.note(format!("it is one of {}", known.join(", ")))
}

/// Lowers `[terraform]`.
pub(crate) fn terraform(value: Value, sink: &mut Vec<Diagnostic>) -> Option<Terraform> {
    let mut fields = Fields::open(value, "`terraform`", sink)?;
    let engine = fields.text("engine").unwrap_or_else(|| Text::computed("terraform"));
    let version = fields.required_text("version");
    let backend = fields.value("backend").and_then(|value| backend(value, fields.sink()));
    let orchestrators = match fields.value("orchestrator") {
        Some(Value { data: Data::String(text), origin }) => vec![Text { text, origin }],
        Some(Value { data: Data::List(items), .. }) => {
            let mut texts = Vec::with_capacity(items.len());
            for item in items {
                match item.data {
                    Data::String(text) => texts.push(Text { text, origin: item.origin }),
                    _ => fields.report(wrong_type("an orchestrator", "a string", &item)),
                }
            }
            texts
        }
        Some(other) => {
            fields.report(wrong_type(
                "`orchestrator` of `terraform`",
                "a string or a list",
                &other,
            ));
            Vec::new()
        }
        None => Vec::new(),
    };
    let outputs = fields.text("outputs");
    let components = fields.text("components");
    let path = fields.text("path");
    let components = components.and_then(|text| Runner::read(&text, fields.sink()));
    fields.finish();
    if !matches!(&*engine.text, "terraform" | "opentofu") {
        sink.push(one_of("engine that runs Terraform", &engine, &["opentofu", "terraform"]));
        return None;
    }
    if let Some(outputs) = &outputs
        && !matches!(&*outputs.text, "remote-state" | "terragrunt")
    {
        let what = "way to get outputs of other stacks";
        sink.push(one_of(what, outputs, &["remote-state", "terragrunt"]));
        return None;
    }
    if let Some(outputs) = outputs.as_ref().filter(|text| &*text.text == "terragrunt")
        && !orchestrators.iter().any(|found| &*found.text == "terragrunt")
    {
        let message = "outputs come by terragrunt, which is not an orchestrator here";
        sink.push(
            Diagnostic::new(codes::MODEL_INVALID_VALUE, outputs.span(), message)
                .note("add it: orchestrator = [\"terragrunt\"]"),
        );
    }
    if let Some(path) = &path
        && !platformc_source::is_relative(path)
    {
        let message = format!("`{path}` is not a folder of a repository");
        sink.push(
            Diagnostic::new(codes::MODEL_INVALID_VALUE, path.span(), message)
                .note("write it relative to the repository's root, with /, without . and .."),
        );
    }
    let version = version?;
    if !is_exact(&version) {
        let message = format!("`{version}` is not an exact version of an engine");
        sink.push(
            Diagnostic::new(codes::MODEL_INVALID_VALUE, version.span(), message)
                .note("write all three numbers, without an operator: version = \"1.11.4\"")
                .note("version managers install what is written here, and stacks are checked against it"),
        );
        return None;
    }
    Some(Terraform { engine, version, backend, orchestrators, outputs, components, path })
}

fn is_exact(text: &str) -> bool {
    Version::parse(text).is_ok_and(|found| found.pre.is_empty() && found.build.is_empty())
}

fn backend(value: Value, sink: &mut Vec<Diagnostic>) -> Option<StateBackend> {
    let origin = value.origin;
    let Data::Map(mut settings) = value.data else {
        sink.push(wrong_type("`backend` of `terraform`", "a struct", &value));
        return None;
    };
    let Some(entry) = settings.remove("type") else {
        let span = settings.iter().next().map_or(origin.span, |entry| entry.key_origin.span);
        let message = "`type` is missing in `backend` of `terraform`";
        let diagnostic = Diagnostic::new(codes::MODEL_MISSING_FIELD, span, message);
        sink.push(diagnostic.note("for example type = \"s3\""));
        return None;
    };
    match entry.value.data {
        Data::String(text) => {
            let kind = Text { text, origin: entry.value.origin };
            Some(StateBackend { kind, settings, origin })
        }
        _ => {
            sink.push(wrong_type("`type` of the backend", "a string", &entry.value));
            None
        }
    }
}
