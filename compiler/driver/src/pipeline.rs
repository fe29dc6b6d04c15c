//! The whole way from a workspace to its artifacts.
//!
//! Invariant: the result is a function of the files and the options. Units are pure; they run on
//! any number of threads and are gathered by their keys. What stays of a unit is what is written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::application::KIND;
use crate::definitions::Library;
use crate::discover::{Group, groups};
use crate::estate::Estate;
use crate::group::{GroupResult, Reads, Shared};
use crate::pins::Pins;
use crate::select::{Selection, select};
use crate::unit::Unit;
use crate::{batch, configuration, parallel, read, stacks, stray, whole_graph};
use platformc_config::Ambience;
use platformc_emit::{ArtifactSet, Input};
use platformc_graph::{Kind, Whole};
use platformc_model::Text;
use platformc_source::{Diagnostic, Outcome, Severity, SourceMap, Sources, codes};

/// What a run is asked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Which environments.
    pub environments: Selection,
    /// How many threads; 0 for as many as there are processors.
    pub jobs: usize,
    /// The compiler's own version, for `required-version`.
    pub version: &'static str,
    /// Settings of the configuration, `PATH=VALUE`; later ones win.
    pub set: Vec<String>,
    /// Whether to refuse what would make the result depend on the user or the time.
    pub locked: bool,
    /// Where declared inputs come from.
    pub ambience: Ambience,
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
    /// What comes before what in it.
    pub graph: Whole,
}

/// What was compiled, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Applications, each counted once.
    pub applications: usize,
    /// Terraform stacks, each counted once.
    pub stacks: usize,
    /// Workflows, each counted once.
    pub workflows: usize,
    /// Kubernetes objects over all clusters.
    pub resources: usize,
    /// The environments.
    pub environments: Vec<String>,
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = |count: usize, what: &str| {
            format!("{count} {what}{}", if count == 1 { "" } else { "s" })
        };
        let all = [
            (self.applications, "application"),
            (self.stacks, "stack"),
            (self.workflows, "workflow"),
        ];
        let mut parts: Vec<String> =
            all.iter().filter(|(n, _)| *n > 0).map(|(n, what)| count(*n, what)).collect();
        if parts.is_empty() {
            parts.push(count(0, "application"));
        }
        let last = parts.pop().unwrap_or_default();
        let compiled =
            if parts.is_empty() { last } else { format!("{} and {last}", parts.join(", ")) };
        let environments = self.environments.join(" and ");
        write!(f, "{compiled} for {environments}, {}", count(self.resources, "object"))
    }
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
    with_workspace(sources, map, options, sink, |shared, groups, sink| {
        let results = parallel::map(groups, options.jobs, |group| shared.group(group));
        finish(results, shared, sink)
    })
}

/// Reads what all units share, finds the groups, and hands both to `work`; `None` where the
/// workspace itself is not in order.
pub(crate) fn with_workspace<R>(
    sources: &dyn Sources,
    map: &SourceMap,
    options: &Options,
    sink: &mut Vec<Diagnostic>,
    work: impl FnOnce(&Shared<'_>, &[Group], &mut Vec<Diagnostic>) -> R,
) -> Option<R> {
    let manifest = read::manifest(sources, map, options.version, sink)?;
    stacks::check_settings(&manifest, sink);
    stray::check(sources, map, sink);
    let environments = select(&manifest, &options.environments, sink);
    if environments.is_empty() {
        return None;
    }
    let configurations =
        configuration::resolve_all(sources, map, &manifest, &environments, options, sink).into();
    let library = Library::of(sources, map, sink);
    let pins = Pins::find(sources, map, &manifest, sink);
    let groups = groups(sources, map, &manifest, sink);
    let shared = Shared {
        sources,
        map,
        manifest: &manifest,
        environments: &environments,
        configurations: &configurations,
        library: &library,
        pins: &pins,
        records: true,
        jobs: options.jobs,
    };
    Some(work(&shared, &groups, sink))
}

/// What remains when all groups have run: what was found in the definitions they use, and what
/// concerns several of them.
pub(crate) fn finish(
    mut results: Vec<GroupResult>,
    shared: &Shared<'_>,
    sink: &mut Vec<Diagnostic>,
) -> Build {
    let mut across = GroupResult::default();
    for (index, environment) in shared.environments.iter().enumerate() {
        let mut estate = Estate::default();
        for result in &mut results {
            estate.join(result.estates.get_mut(index).map(std::mem::take).unwrap_or_default());
        }
        across.units.extend(estate.units(shared, environment, &mut across.diagnostics));
    }
    results.push(across);
    sink.extend(shared.library.diagnostics());
    gather(results, shared, sink)
}

/// Puts the results together in the order of their keys.
fn gather(results: Vec<GroupResult>, shared: &Shared<'_>, sink: &mut Vec<Diagnostic>) -> Build {
    let Shared { map, environments, .. } = *shared;
    let mut units = Vec::new();
    let mut names: Vec<(&str, Text)> = Vec::new();
    let mut reads: BTreeMap<&str, Reads> = BTreeMap::new();
    for result in results {
        sink.extend(result.diagnostics);
        for (environment, more) in environments.iter().zip(result.reads) {
            reads.entry(&environment.name.text).or_default().extend(more);
        }
        names.extend(result.names);
        units.extend(result.units);
    }
    names.sort_by(|(a_kind, a), (b_kind, b)| {
        let key = |name: &Text| (name.text.clone(), map.path(name.span()), name.span().start);
        (a_kind, key(a)).cmp(&(b_kind, key(b)))
    });
    // One document that depends on the environment is named once in each.
    names.dedup_by(|(_, a), (_, b)| a.span() == b.span());
    for pair in names.windows(2) {
        if let [(first_kind, first), (kind, second)] = pair
            && first_kind == kind
            && first.text == second.text
        {
            let message = format!("a second {kind} is named `{second}`");
            sink.push(
                Diagnostic::new(codes::WORKSPACE_DUPLICATE, second.span(), message)
                    .label(first.span(), "the first one")
                    .note(format!("one workspace has one {kind} of a name")),
            );
        }
    }
    units.sort_by(|a, b| a.key.cmp(&b.key));
    // A second one of a name is reported above; its files would only clash with the first one's.
    units.dedup_by(|a, b| a.key == b.key);
    report_unused_pins(shared, &names, &units, sink);
    for unit in &mut units {
        let Some(reads) = reads.get(&*unit.key.environment) else { continue };
        let read = unit.output.files.iter().filter_map(|file| reads.get(file)).flatten();
        unit.output.inputs.extend(read.map(|read| Input {
            kind: read.kind.as_str(),
            name: Arc::from(read.name.as_str()),
            sha256: read.sha256,
        }));
    }
    let names_of = |kind: &str| {
        let made = units.iter().filter(|unit| unit.key.kind == kind && unit.output.has_output());
        made.map(|unit| &*unit.key.id).collect::<BTreeSet<&str>>().len()
    };
    let mut build = Build::default();
    build.summary.applications = names_of(KIND);
    build.summary.workflows = names_of(batch::KIND);
    let mut all_stacks: BTreeSet<String> = BTreeSet::new();
    build.summary.environments =
        environments.iter().map(|environment| environment.name.text.to_string()).collect();
    // Every environment has an output, if only to remove what an earlier build wrote.
    let mut sorted = environments.to_vec();
    sorted.sort_unstable_by(|a, b| a.name.text.cmp(&b.name.text));
    let elsewhere = names.iter().filter_map(|(kind, name)| {
        let kind = Kind::of(&kind.to_ascii_lowercase())?;
        Some((kind, name.text.clone()))
    });
    let elsewhere: BTreeSet<(Kind, Arc<str>)> = elsewhere.collect();
    let mut rest = units.into_iter().peekable();
    for environment in sorted {
        let mut own = Vec::new();
        while let Some(unit) = rest.next_if(|unit| *unit.key.environment == *environment.name.text)
        {
            own.push(unit);
        }
        let stacks = stacks::deliver(shared.manifest, &environment.name, &mut own, sink);
        let written = stacks.iter().filter(|unit| unit.key.kind == stacks::KIND);
        all_stacks.extend(written.map(|unit| unit.key.id.clone()));
        own.extend(stacks);
        let whole = whole_graph::environment(own, environment, &elsewhere, shared, sink);
        build.summary.resources += whole.resources;
        let mut set = ArtifactSet::new();
        for artifact in whole.artifacts {
            set.add(artifact, sink);
        }
        build.outputs.push(Output {
            environment: environment.name.text.to_string(),
            files: set.into_files(),
            graph: whole.graph,
        });
    }
    build.summary.stacks = all_stacks.len();
    build
}

/// Pins are for Applications that are there, in environments that they are for.
fn report_unused_pins(
    shared: &Shared<'_>,
    names: &[(&str, Text)],
    units: &[Unit],
    sink: &mut Vec<Diagnostic>,
) {
    let applications = names.iter().filter(|(kind, _)| *kind == "Application");
    let applications: Vec<&str> = applications.map(|(_, name)| &*name.text).collect();
    let environments = shared.environments.iter();
    let environments: Vec<&str> = environments.map(|found| &*found.name.text).collect();
    let ran = |environment: &str, app: &str| {
        let key = |unit: &Unit| {
            (&*unit.key.environment, unit.key.kind, &*unit.key.id).cmp(&(environment, KIND, app))
        };
        units.binary_search_by(key).is_ok()
    };
    shared.pins.report_unused(shared.map, &environments, &applications, &ran, sink);
}
