//! The documents of one base name, read and run.
//!
//! Invariant: what depends on nothing but the documents of a group is made here, in the thread
//! that took the group; what looks at documents of other groups is handed on.

use platformc_model::{Application, Document, Environment, Manifest, Override, Text, overlay};
use platformc_source::{Diagnostic, SourceMap, Sources, Span, codes};
use platformc_value::Value;

use crate::definitions::Library;
use crate::discover::Group;
use crate::unit::Unit;
use crate::{application, read};

/// Everything a unit may look at beside its own documents.
pub(crate) struct Shared<'a> {
    /// The files.
    pub(crate) sources: &'a dyn Sources,
    /// Their texts.
    pub(crate) map: &'a SourceMap,
    /// The manifest of the workspace.
    pub(crate) manifest: &'a Manifest,
    /// The environments of the run.
    pub(crate) environments: &'a [&'a Environment],
    /// The definitions.
    pub(crate) library: &'a Library<'a>,
}

/// What a group yields.
#[derive(Debug, Default)]
pub(crate) struct GroupResult {
    /// The kind and name of every document.
    pub(crate) names: Vec<(&'static str, Text)>,
    /// The units that have run.
    pub(crate) units: Vec<Unit>,
    /// What was found.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Shared<'_> {
    /// Reads the documents of a group and runs their units.
    pub(crate) fn group(&self, group: &Group) -> GroupResult {
        let mut result = GroupResult::default();
        let sink = &mut result.diagnostics;
        let mut applications = Vec::new();
        for found in &group.bases {
            for value in read::documents(self.sources, self.map, found, sink) {
                let Some(document) = platformc_model::document(value, sink) else { continue };
                match document {
                    Document::Application(application) => applications.push(*application),
                }
            }
        }
        let overlays = self.overlays(group, &applications, sink);
        for (index, application) in applications.iter().enumerate() {
            for environment in self.environments {
                let own = |(at, env, _): &&(usize, String, Override)| {
                    *at == index && **env == *environment.name.text
                };
                let overlay = overlays.iter().find(own).map(|(_, _, change)| change);
                let unit = application::unit(self, application, overlay, environment, sink);
                result.units.extend(unit);
            }
        }
        let names = applications.into_iter().map(|found| found.metadata.name);
        result.names.extend(names.map(|name| ("Application", name)));
        drop_consequences(&mut result.diagnostics, self.map);
        result
    }

    /// The overlays of a group with the index of the Application each belongs to.
    fn overlays(
        &self,
        group: &Group,
        applications: &[Application],
        sink: &mut Vec<Diagnostic>,
    ) -> Vec<(usize, String, Override)> {
        let mut overlays: Vec<(usize, String, Override)> = Vec::new();
        for (environment, found) in &group.overlays {
            // An overlay of another environment is read there.
            if !self.environments.iter().any(|selected| *selected.name.text == **environment) {
                continue;
            }
            for value in read::documents(self.sources, self.map, found, sink) {
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
                    Some(at)
                        if overlays
                            .iter()
                            .any(|(other, env, _)| *other == at && env == environment) =>
                    {
                        let message = "a second overlay of one Application in one environment";
                        sink.push(Diagnostic::new(codes::WORKSPACE_OVERLAY, span, message));
                    }
                    Some(at) => overlays.push((at, environment.clone(), change)),
                    None => {
                        let message = match &name {
                            Some(name) => {
                                format!("overlay of Application `{name}`, not found beside it")
                            }
                            None => {
                                "overlay of which Application? Several stand in the file beside it"
                                    .to_owned()
                            }
                        };
                        let note = "`metadata.name` names the Application";
                        sink.push(
                            Diagnostic::new(codes::WORKSPACE_OVERLAY, span, message).note(note),
                        );
                    }
                }
            }
        }
        overlays
    }
}

/// Leaves out what is only said of a line because its text could not be read.
fn drop_consequences(sink: &mut Vec<Diagnostic>, map: &SourceMap) {
    let line = |diagnostic: &Diagnostic| {
        let span = diagnostic.primary.span;
        map.get(span.file).map(|file| (span.file, file.line_column(span.start).line))
    };
    let is_syntax = |diagnostic: &Diagnostic| {
        [codes::YAML_SYNTAX, codes::JSON_SYNTAX].contains(&diagnostic.code)
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
