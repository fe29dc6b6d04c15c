//! The documents of one base name, read and run.
//!
//! Invariant: what depends on nothing but the documents of a group is made here, in the thread
//! that took the group; what looks at documents of other groups is handed on.

use std::collections::BTreeMap;
use std::sync::Arc;

use platformc_config::Read;
use platformc_model::{
    Application, Batch, Document, Environment, Manifest, Override, Text, overlay,
};
use platformc_source::{Diagnostic, FileId, SourceMap, Sources, Span, codes};
use platformc_value::Value;

use crate::application;
use crate::batch;
use crate::configuration::Resolved;
use crate::definitions::Library;
use crate::discover::Group;
use crate::estate::Estate;
use crate::pins::Pins;
use crate::read::{self, Parsed};
use crate::unit::Unit;

/// Everything a unit may look at beside its own documents.
#[derive(Clone, Copy)]
pub(crate) struct Shared<'a> {
    /// The files.
    pub(crate) sources: &'a dyn Sources,
    /// Their texts.
    pub(crate) map: &'a SourceMap,
    /// The manifest of the workspace.
    pub(crate) manifest: &'a Manifest,
    /// The environments of the run.
    pub(crate) environments: &'a [&'a Environment],
    /// The configuration of each of them.
    pub(crate) configurations: &'a Arc<[Resolved]>,
    /// The definitions.
    pub(crate) library: &'a Library<'a>,
    /// The images of components by environment.
    pub(crate) pins: &'a Pins,
    /// Whether the output is wanted, and not only what is found.
    pub(crate) records: bool,
    /// How many threads may work; 0 for as many as there are processors.
    pub(crate) jobs: usize,
}

/// What a group yields.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroupResult {
    /// The kind and name of every document.
    pub(crate) names: Vec<(&'static str, Text)>,
    /// The units that have run.
    pub(crate) units: Vec<Unit>,
    /// The documents whose units look at documents of other groups: for each environment of the
    /// run, in their order.
    pub(crate) estates: Vec<Estate>,
    /// What the files read of the configuration: for each environment of the run, in their order.
    pub(crate) reads: Vec<Reads>,
    /// What was found.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// What files of documents read of the configuration of one environment.
pub(crate) type Reads = BTreeMap<FileId, Vec<Read>>;

fn keep(reads: &mut Reads, file: FileId, more: Vec<Read>) {
    if !more.is_empty() {
        reads.entry(file).or_default().extend(more);
    }
}

impl Shared<'_> {
    /// Reads the documents of a group and runs their units.
    pub(crate) fn group(&self, group: &Group) -> GroupResult {
        let mut result = GroupResult::default();
        let sink = &mut result.diagnostics;
        let read = |found| read::parse(self.sources, self.map, self.library.nickel(), found, sink);
        let files = group.bases.iter().map(read);
        let (configured, fixed): (Vec<Parsed>, Vec<Parsed>) =
            files.partition(Parsed::is_configured);
        // What is the same in every environment is lowered once.
        let nothing = Resolved::default();
        let mut common = Documents::default();
        for file in fixed {
            common.add(file.into_documents(&nothing, self.map, sink).0, sink);
        }
        for (environment, config) in self.environments.iter().zip(self.configurations.iter()) {
            let mut own = Documents::default();
            let mut reads = Reads::new();
            for file in &configured {
                let (documents, read) = file.documents(config, self.map, sink);
                own.add(documents, sink);
                keep(&mut reads, file.file, read);
            }
            let applications: Vec<&Application> =
                common.applications.iter().chain(&own.applications).collect();
            let overlays = self.overlays(group, environment, config, &applications, sink);
            for overlay in &overlays {
                keep(&mut reads, overlay.file, overlay.reads.clone());
            }
            for (index, application) in applications.into_iter().enumerate() {
                let overlay = overlays.iter().find(|overlay| overlay.application == index);
                let unit = application::unit(self, application, overlay, environment, sink);
                result.units.extend(unit);
            }
            for workflow in common.workflows.iter().chain(&own.workflows) {
                result.units.extend(batch::unit(self, workflow, environment, sink));
            }
            result.names.extend(own.names());
            let mut estate = common.estate.clone();
            estate.join(own.estate);
            result.estates.push(estate);
            result.reads.push(reads);
        }
        result.names.extend(common.names());
        drop_consequences(&mut result.diagnostics, self.map);
        result
    }

    /// The overlays of a group in an environment.
    pub(crate) fn overlays(
        &self,
        group: &Group,
        environment: &Environment,
        config: &Resolved,
        applications: &[&Application],
        sink: &mut Vec<Diagnostic>,
    ) -> Vec<Overlay> {
        let mut overlays: Vec<Overlay> = Vec::new();
        let own = group.overlays.iter().filter(|(name, _)| **name == *environment.name.text);
        for (_, found) in own {
            let parsed = read::parse(self.sources, self.map, self.library.nickel(), found, sink);
            let (documents, reads) = parsed.into_documents(config, self.map, sink);
            for value in documents {
                let span = first_place(&value);
                let Some((name, change)) = overlay(value, sink) else { continue };
                let at = match (&name, applications) {
                    (None, [_]) => Some(0),
                    (None, _) => None,
                    (Some(name), all) => {
                        all.iter().position(|app| *app.metadata.name.text == *name.text)
                    }
                };
                let span = name.as_ref().map_or(span, Text::span);
                match at {
                    Some(at) if overlays.iter().any(|other| other.application == at) => {
                        let message = "a second overlay of one Application in one environment";
                        sink.push(Diagnostic::new(codes::WORKSPACE_OVERLAY, span, message));
                    }
                    Some(application) => {
                        overlays.push(Overlay {
                            application,
                            file: span.file,
                            reads: reads.clone(),
                            change,
                        });
                    }
                    None => sink.push(orphan(name.as_ref(), span)),
                }
            }
        }
        overlays
    }
}

/// A change to an Application in one environment.
#[derive(Clone, Debug)]
pub(crate) struct Overlay {
    /// The index of the Application among those of the group.
    pub(crate) application: usize,
    /// Where it stands.
    pub(crate) file: FileId,
    /// What the file it stands in read of the configuration.
    pub(crate) reads: Vec<Read>,
    /// What it changes.
    pub(crate) change: Override,
}

/// The typed documents of some files.
#[derive(Debug, Default)]
struct Documents {
    applications: Vec<Application>,
    estate: Estate,
    workflows: Vec<Batch>,
}

impl Documents {
    /// Lowers documents.
    fn add(&mut self, values: Vec<Value>, sink: &mut Vec<Diagnostic>) {
        for value in values {
            match platformc_model::document(value, sink) {
                Some(Document::Application(found)) => self.applications.push(*found),
                Some(Document::Infrastructure(found)) => {
                    self.estate.infrastructures.push(found.into());
                }
                Some(Document::Tenants(found)) => self.estate.tenants.push(found.into()),
                Some(Document::Workflow(found)) => self.workflows.push(*found),
                None => {}
            }
        }
    }

    /// The kind and name of every document.
    fn names(&self) -> impl Iterator<Item = (&'static str, Text)> {
        let applications = self.applications.iter();
        let names = applications.map(|found| ("Application", found.metadata.name.clone()));
        let workflows = self.workflows.iter();
        // Names that differ in `_` and `-` only are one name in a cluster.
        let workflows = workflows.map(|found| ("Workflow", found.object_name.clone()));
        names.chain(workflows).chain(self.estate.names())
    }
}

/// The diagnostic for an overlay that belongs to no Application beside it.
fn orphan(name: Option<&Text>, span: Span) -> Diagnostic {
    let message = match name {
        Some(name) => format!("overlay of Application `{name}`, not found beside it"),
        None => "overlay of which Application? Several stand in the file beside it".to_owned(),
    };
    Diagnostic::new(codes::WORKSPACE_OVERLAY, span, message)
        .note("`metadata.name` names the Application")
}

/// Leaves out what is only said of a line because its text could not be read.
fn drop_consequences(sink: &mut Vec<Diagnostic>, map: &SourceMap) {
    let line = |diagnostic: &Diagnostic| {
        let span = diagnostic.primary.span;
        map.get(span.file).map(|file| (span.file, file.line_column(span.start).line))
    };
    let is_syntax = |diagnostic: &Diagnostic| {
        [codes::YAML_SYNTAX, codes::YAML_TEMPLATE, codes::JSON_SYNTAX].contains(&diagnostic.code)
    };
    let broken: Vec<_> = sink.iter().filter(|found| is_syntax(found)).filter_map(line).collect();
    if !broken.is_empty() {
        sink.retain(|found| {
            is_syntax(found) || !line(found).is_some_and(|at| broken.contains(&at))
        });
    }
}

/// A place in a value that is short enough to point at.
fn first_place(value: &Value) -> Span {
    let first = value.as_map().and_then(|map| map.iter().next());
    first.map_or(value.origin.span, |entry| entry.key_origin.span)
}
