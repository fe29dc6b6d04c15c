//! Applications from other repositories. Invariant: each has one source, pinned.

use platformc_source::{Diagnostic, Origin, codes};
use platformc_value::{Entry, Value};

use super::{a_struct, pin};
use crate::fields::Fields;
use crate::{Text, names};

/// An application from another repository, which Argo CD delivers.
#[derive(Clone, Debug)]
pub struct ExternalApplication {
    /// Its name.
    pub name: Text,
    /// The namespace it goes to.
    pub namespace: Text,
    /// Its Argo CD project, instead of the environment's.
    pub project: Option<Text>,
    /// Where it comes from.
    pub source: ExternalSource,
    /// Applications of the same infrastructure that it comes after.
    pub depends_on: Vec<Text>,
    /// The whole application.
    pub origin: Origin,
}

/// Where an application comes from.
#[derive(Clone, Debug)]
pub enum ExternalSource {
    /// A Helm chart from a repository of charts.
    Helm {
        /// The repository.
        repository: Text,
        /// The name of the chart.
        chart: Text,
        /// Its exact version.
        version: Text,
        /// The name of the release, instead of the application's.
        release: Option<Text>,
        /// Values of the chart.
        values: Option<Value>,
    },
    /// A folder that Kustomize builds.
    Kustomize {
        /// The repository.
        repository: Text,
        /// The commit or tag.
        revision: Text,
        /// The folder.
        path: Text,
        /// What Argo CD tells Kustomize: `images`, `namePrefix` and so on.
        options: Option<Value>,
    },
    /// A folder of manifests.
    Manifests {
        /// The repository.
        repository: Text,
        /// The commit or tag.
        revision: Text,
        /// The folder.
        path: Text,
        /// Whether folders inside it are read too.
        recurse: bool,
        /// The files to read, as a glob.
        include: Option<Text>,
        /// The files to leave out, as a glob.
        exclude: Option<Text>,
    },
}

impl ExternalSource {
    /// The repository it is read from.
    #[must_use]
    pub fn repository(&self) -> &Text {
        match self {
            ExternalSource::Helm { repository, .. }
            | ExternalSource::Kustomize { repository, .. }
            | ExternalSource::Manifests { repository, .. } => repository,
        }
    }
}

const SOURCES: [&str; 3] = ["helm", "kustomize", "manifests"];

/// Lowers one entry of `applications`.
pub(super) fn application(value: Value, sink: &mut Vec<Diagnostic>) -> Option<ExternalApplication> {
    let origin = value.origin;
    let mut fields = Fields::open(value, "an application of an infrastructure", sink)?;
    let name = fields.required_text("name");
    let namespace = fields.text("namespace");
    let project = fields.text("project");
    let depends_on = fields.texts("dependsOn");
    let mut sources: Vec<(&str, Entry)> = Vec::new();
    for key in SOURCES {
        sources.extend(fields.take(key).map(|entry| (key, entry)));
    }
    let anchor = fields.anchor();
    fields.finish();
    if let [(_, first), (key, second), ..] = sources.as_slice() {
        let message = format!("an application has one source: `{key}` is a second one");
        sink.push(
            Diagnostic::new(codes::MODEL_INVALID_VALUE, second.key_origin.span, message)
                .label(first.key_origin.span, "the first one"),
        );
        return None;
    }
    let Some((key, entry)) = sources.pop() else {
        let message = "an application of an infrastructure says where it comes from";
        sink.push(
            Diagnostic::new(codes::MODEL_MISSING_FIELD, anchor, message)
                .note("one of `helm`, `kustomize` and `manifests` stands beside its name"),
        );
        return None;
    };
    let source = match key {
        "helm" => helm(entry.value, sink),
        "kustomize" => kustomize(entry.value, sink),
        _ => manifests(entry.value, sink),
    };
    let name = name?;
    let namespace = namespace.unwrap_or_else(|| name.clone());
    let good = names::check_label("an application", &name, sink);
    let good = names::check_label("a namespace", &namespace, sink) && good;
    let source = source?;
    good.then_some(ExternalApplication { name, namespace, project, source, depends_on, origin })
}

fn helm(value: Value, sink: &mut Vec<Diagnostic>) -> Option<ExternalSource> {
    let mut fields = Fields::open(value, "`helm`", sink)?;
    let repository = fields.required_text("repository");
    let chart = fields.required_text("chart");
    let version = fields.required_text("version");
    let release = fields.text("releaseName");
    let values = fields.value("values");
    fields.finish();
    let values = values.map(|values| a_struct(values, "`values` of a chart", sink));
    let (repository, chart, version) = (repository?, chart?, version?);
    pin::check_address("a repository of charts", &repository, sink);
    pin::check_version("the chart", &version, sink);
    if let Some(release) = &release {
        names::check_label("a release", release, sink);
    }
    Some(ExternalSource::Helm { repository, chart, version, release, values })
}

fn kustomize(value: Value, sink: &mut Vec<Diagnostic>) -> Option<ExternalSource> {
    let mut fields = Fields::open(value, "`kustomize`", sink)?;
    let repository = fields.required_text("repository");
    let revision = fields.required_text("revision");
    let path = fields.text("path");
    let options = fields.value("options");
    fields.finish();
    let options = options.map(|options| a_struct(options, "`options` of Kustomize", sink));
    let (repository, revision, path) = folder(repository?, revision?, path, sink);
    Some(ExternalSource::Kustomize { repository, revision, path, options })
}

fn manifests(value: Value, sink: &mut Vec<Diagnostic>) -> Option<ExternalSource> {
    let mut fields = Fields::open(value, "`manifests`", sink)?;
    let repository = fields.required_text("repository");
    let revision = fields.required_text("revision");
    let path = fields.text("path");
    let recurse = fields.boolean("recurse").unwrap_or(false);
    let include = fields.text("include");
    let exclude = fields.text("exclude");
    fields.finish();
    let (repository, revision, path) = folder(repository?, revision?, path, sink);
    Some(ExternalSource::Manifests { repository, revision, path, recurse, include, exclude })
}

/// Checks a folder of a repository; the repository's root where no folder is written.
fn folder(
    repository: Text,
    revision: Text,
    path: Option<Text>,
    sink: &mut Vec<Diagnostic>,
) -> (Text, Text, Text) {
    pin::check_address("a repository", &repository, sink);
    pin::check_revision("the repository", &revision, sink);
    let path = path.unwrap_or_else(|| Text::computed("."));
    if &*path != "." && !platformc_source::is_relative(&path) {
        let message = format!("`{path}` is not a folder of a repository");
        sink.push(
            Diagnostic::new(codes::MODEL_INVALID_VALUE, path.span(), message)
                .note("write it relative to the repository's root, with /, without . and .."),
        );
    }
    (repository, revision, path)
}
