//! Which document a value is. Invariant: `apiVersion` and `kind` decide, and every pair that is
//! not compiled is a located error.

use platformc_source::{Diagnostic, Span, codes, nearest};
use platformc_value::Value;

use crate::fields::{anchor, text, wrong_type};
use crate::infrastructure::{infrastructure, tenants};
use crate::{Application, Batch, Infrastructure, Tenants, Text, application, batch};

/// The group and version of Applications.
const OAM: &str = "core.oam.dev/v1beta1";
/// The group and version of this compiler's own documents.
const PLATFORM: &str = "platformc.dev/v1alpha1";
/// Kinds of [`PLATFORM`] documents.
const PLATFORM_KINDS: [&str; 3] = ["Infrastructure", "Tenants", "Workflow"];

/// A typed document.
#[derive(Clone, Debug)]
pub enum Document {
    /// An Application.
    Application(Box<Application>),
    /// An Infrastructure.
    Infrastructure(Box<Infrastructure>),
    /// Tenants.
    Tenants(Box<Tenants>),
    /// A workflow of operations.
    Workflow(Box<Batch>),
}

fn header(value: &Value, key: &str, sink: &mut Vec<Diagnostic>) -> Option<Text> {
    match value.get(key) {
        None => {
            let message = format!("`{key}` is missing: what is this document?");
            sink.push(
                Diagnostic::new(codes::MODEL_MISSING_FIELD, anchor(value), message).note(format!(
                    "an Application has `apiVersion: {OAM}` and `kind: Application`"
                )),
            );
            None
        }
        Some(found) => {
            let text = text(found);
            if text.is_none() {
                sink.push(wrong_type(&format!("`{key}`"), "a string", found));
            }
            text
        }
    }
}

fn rename(diagnostic: Diagnostic, span: Span, name: &str, known: &[&str]) -> Diagnostic {
    match nearest(name, known.iter().copied()).first() {
        Some(best) => diagnostic.primary_label(format!("did you mean `{best}`?")).replace(
            span,
            *best,
            format!("write `{best}`"),
        ),
        None => diagnostic,
    }
}

/// Lowers a document. `None` where it cannot be one; the reason is then in `sink`.
pub fn document(value: Value, sink: &mut Vec<Diagnostic>) -> Option<Document> {
    if value.as_map().is_none() {
        sink.push(wrong_type("a document", "a struct", &value));
        return None;
    }
    // A record of this one key says by it what it is.
    if value.get(batch::RECORD).is_some() && value.get("kind").is_none() {
        return batch::record(value, sink).map(|found| Document::Workflow(found.into()));
    }
    let (version, kind) = (header(&value, "apiVersion", sink), header(&value, "kind", sink));
    let (version, kind) = (version?, kind?);
    match (&*version, &*kind) {
        (OAM, "Application") => {
            application::application(value, sink).map(|found| Document::Application(found.into()))
        }
        (OAM, other) => {
            let message = format!("documents of kind `{other}` are not compiled");
            let diagnostic = Diagnostic::new(codes::MODEL_UNKNOWN_KIND, kind.span(), message)
                .note("definitions belong under `definitions/`, Applications under `apps/`");
            sink.push(rename(diagnostic, kind.span(), other, &["Application"]));
            None
        }
        (PLATFORM, "Infrastructure") => {
            infrastructure(value, sink).map(|found| Document::Infrastructure(found.into()))
        }
        (PLATFORM, "Tenants") => tenants(value, sink).map(|found| Document::Tenants(found.into())),
        (PLATFORM, "Workflow") => {
            batch::document(value, sink).map(|found| Document::Workflow(found.into()))
        }
        (PLATFORM, other) => {
            let message = format!("`{other}` is not a kind of {PLATFORM}");
            let diagnostic = Diagnostic::new(codes::MODEL_UNKNOWN_KIND, kind.span(), message)
                .note(format!("its kinds are {}", PLATFORM_KINDS.join(", ")));
            sink.push(rename(diagnostic, kind.span(), other, &PLATFORM_KINDS));
            None
        }
        (other, "Application") => {
            let message = format!("an Application has `apiVersion: {OAM}`, not `{other}`");
            let diagnostic = Diagnostic::new(codes::MODEL_UNKNOWN_KIND, version.span(), message)
                .replace(version.span(), OAM, format!("write `{OAM}`"));
            sink.push(diagnostic);
            None
        }
        (other, kind_name) => {
            let message = format!("`{other}` `{kind_name}` is not a document of a workspace");
            let diagnostic = Diagnostic::new(codes::MODEL_UNKNOWN_KIND, kind.span(), message).note(
                "a plain Kubernetes object goes into an Application as a component of type \
                     `k8s-objects`",
            );
            sink.push(diagnostic);
            None
        }
    }
}
