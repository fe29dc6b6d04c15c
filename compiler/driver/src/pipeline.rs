//! The whole way from a workspace to its artifacts.
//!
//! Invariant: the result is a function of the files and the options. Units are pure; they run on
//! any number of threads and are gathered by their keys. A unit goes all the way, from documents
//! to bytes, before its values are dropped: what stays is what is written.

use platformc_definition::DefinitionKind;
use platformc_emit::ArtifactSet;
use platformc_model::{Application, Document, Environment, Manifest, Override, Text, overlay};
use platformc_source::{Diagnostic, Outcome, Severity, SourceMap, Sources, Span, codes};
use platformc_value::Value;

use crate::definitions::Library;
use crate::delivery::Footprint;
use crate::discover::{Group, groups};
use crate::place::{is_for, place};
use crate::render::{Rendered, Rendering};
use crate::select::{Selection, select};
use crate::{parallel, read};

/// What a run is asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which environments.
    pub environments: Selection,
    /// How many threads; 0 for as many as there are processors.
    pub jobs: usize,
    /// The compiler's own version, for `required-version`.
    pub version: &'static str,
}

/// What a run yields.
#[derive(Debug, Default)]
pub struct Build {
    /// The output of each environment, in the order of their names.
    pub outputs: Vec<Output>,
    /// What was compiled.
    pub summary: Summary,
}

/// The output of one environment: a folder of its own, so that building one environment leaves
/// the others as they are.
#[derive(Debug)]
pub struct Output {
    /// The environment.
    pub environment: String,
    /// Its files with their bytes, sorted by path; paths are relative to the environment's folder.
    pub files: Vec<(String, Vec<u8>)>,
}

/// What was compiled, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Applications, each counted once.
    pub applications: usize,
    /// Kubernetes objects over all clusters.
    pub resources: usize,
    /// The environments.
    pub environments: Vec<String>,
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let s = |count: usize| if count == 1 { "" } else { "s" };
        let (apps, objects) = (self.applications, self.resources);
        write!(
            f,
            "{apps} application{} for {}, {objects} object{}",
            s(apps),
            self.environments.join(" and "),
            s(objects)
        )
    }
}

/// Which unit something belongs to. The order of keys is the order of everything gathered.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct UnitKey {
    environment: String,
    kind: &'static str,
    id: String,
}

struct Unit {
    key: UnitKey,
    rendered: Rendered,
}

struct GroupResult {
    names: Vec<Text>,
    units: Vec<Unit>,
    diagnostics: Vec<Diagnostic>,
}

/// Everything a unit may look at beside its own documents.
struct Shared<'a> {
    sources: &'a dyn Sources,
    map: &'a SourceMap,
    manifest: &'a Manifest,
    environments: &'a [&'a Environment],
    library: &'a Library<'a>,
}

/// Compiles a workspace: finds, reads, lowers, checks, renders and emits.
#[must_use]
pub fn compile(sources: &dyn Sources, map: &SourceMap, options: &Options) -> Outcome<Build> {
    let mut sink = Vec::new();
    let build = run(sources, map, options, &mut sink);
    let failed = sink.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    platformc_source::render::sort(&mut sink, map);
    Outcome::new(build.filter(|_| !failed).unwrap_or_default(), sink)
}

fn run(
    sources: &dyn Sources,
    map: &SourceMap,
    options: &Options,
    sink: &mut Vec<Diagnostic>,
) -> Option<Build> {
    let manifest = read::manifest(sources, map, options.version, sink)?;
    let environments = select(&manifest, &options.environments, sink);
    if environments.is_empty() {
        return None;
    }
    let library = Library::of(sources, map, sink);
    let groups = groups(sources, map, &manifest, sink);
    let shared = Shared {
        sources,
        map,
        manifest: &manifest,
        environments: &environments,
        library: &library,
    };
    let results = parallel::map(&groups, options.jobs, |group| shared.group(group));
    sink.extend(library.diagnostics());
    Some(gather(results, &manifest, &environments, map, sink))
}

impl Shared<'_> {
    /// Reads the documents of a group and runs their units.
    fn group(&self, group: &Group) -> GroupResult {
        let mut sink = Vec::new();
        let mut applications = Vec::new();
        for found in &group.bases {
            for value in read::documents(self.sources, self.map, found, &mut sink) {
                match platformc_model::document(value, &mut sink) {
                    Some(Document::Application(application)) => applications.push(*application),
                    None => {}
                }
            }
        }
        let overlays = self.overlays(group, &applications, &mut sink);
        let mut units = Vec::new();
        for (index, application) in applications.iter().enumerate() {
            for environment in self.environments {
                let own = |(at, env, _): &&(usize, String, Override)| {
                    *at == index && **env == *environment.name.text
                };
                let overlay = overlays.iter().find(own).map(|(_, _, change)| change);
                units.extend(self.unit(application, overlay, environment, &mut sink));
            }
        }
        let names = applications.into_iter().map(|found| found.metadata.name).collect();
        drop_consequences(&mut sink, self.map);
        GroupResult { names, units, diagnostics: sink }
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

    /// One Application in one environment: place, check, render, emit.
    fn unit(
        &self,
        application: &Application,
        overlay: Option<&Override>,
        environment: &Environment,
        sink: &mut Vec<Diagnostic>,
    ) -> Option<Unit> {
        if !is_for(application, environment, self.manifest, sink) {
            return None;
        }
        let defined = |kind: &str| self.library.find(DefinitionKind::Policy, kind).is_some();
        let variants = place(application, overlay, environment, self.manifest, &defined, sink);
        let mut rendering = Rendering::new(self.library, self.manifest, environment, application);
        rendering.check_application(sink);
        for variant in &variants {
            rendering.variant(variant, sink);
        }
        let key = UnitKey {
            environment: environment.name.text.to_string(),
            kind: "application",
            id: application.metadata.name.text.to_string(),
        };
        Some(Unit { key, rendered: rendering.finish() })
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

/// Puts the results together in the order of their keys.
fn gather(
    results: Vec<GroupResult>,
    manifest: &Manifest,
    environments: &[&Environment],
    map: &SourceMap,
    sink: &mut Vec<Diagnostic>,
) -> Build {
    let mut units = Vec::new();
    let mut names: Vec<Text> = Vec::new();
    for result in results {
        sink.extend(result.diagnostics);
        names.extend(result.names);
        units.extend(result.units);
    }
    names.sort_by(|a, b| {
        let key = |name: &Text| (name.text.clone(), map.path(name.span()), name.span().start);
        key(a).cmp(&key(b))
    });
    for pair in names.windows(2) {
        if let [first, second] = pair
            && first.text == second.text
        {
            let message = format!("a second Application is named `{second}`");
            sink.push(
                Diagnostic::new(codes::WORKSPACE_DUPLICATE, second.span(), message)
                    .label(first.span(), "the first one")
                    .note("one workspace has one Application of a name"),
            );
        }
    }
    units.sort_by(|a, b| a.key.cmp(&b.key));
    // A second one of a name is reported above; its files would only clash with the first one's.
    units.dedup_by(|a, b| a.key == b.key);
    let placed = units.iter().filter(|unit| !unit.rendered.artifacts.is_empty());
    let mut compiled: Vec<&str> = placed.map(|unit| &*unit.key.id).collect();
    compiled.sort_unstable();
    compiled.dedup();
    let mut build = Build::default();
    build.summary.applications = compiled.len();
    build.summary.environments =
        environments.iter().map(|environment| environment.name.text.to_string()).collect();
    // Every environment has an output, if only to remove what an earlier build wrote.
    let mut names: Vec<&str> = environments.iter().map(|found| &*found.name.text).collect();
    names.sort_unstable();
    let mut rest = units.into_iter().peekable();
    for environment in names {
        let mut set = ArtifactSet::new();
        let mut footprint = Footprint::default();
        while let Some(unit) = rest.next_if(|unit| unit.key.environment == environment) {
            build.summary.resources += unit.rendered.resources;
            footprint.join(unit.rendered.footprint);
            for artifact in unit.rendered.artifacts {
                set.add(artifact, sink);
            }
        }
        for artifact in footprint.artifacts(manifest, environment, sink) {
            set.add(artifact, sink);
        }
        build.outputs.push(Output { environment: environment.to_owned(), files: set.into_files() });
    }
    build
}
