//! Pinning: from images by component to the new texts of pins files.
//!
//! Invariant: nothing is changed unless everything asked for can be pinned: every Application and
//! component is there in the environment, every image is a reference, every file involved is sound.

use std::collections::BTreeMap;

use platformc_model::image::ImageReference;
use platformc_model::{Application, Document, Environment};
use platformc_source::{Diagnostic, Outcome, ReadError, Severity, SourceMap, Sources, nearest};

use super::edit::edit;
use super::{Pins, read_file};
use crate::configuration::Resolved;
use crate::discover::Group;
use crate::group::Shared;
use crate::pipeline::with_workspace;
use crate::place::{is_for, place};
use crate::{Options, read};

/// An image for a component.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// The Application.
    pub app: String,
    /// The component.
    pub component: String,
    /// The image.
    pub image: String,
}

/// Why an image cannot be pinned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub message: String,
    /// A way out.
    pub help: Option<String>,
}

/// What pinning changes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Path and new text of every file that changes, sorted by path.
    pub files: Vec<(String, String)>,
    /// Why nothing is changed.
    pub refusals: Vec<Refusal>,
}

/// The names of an Application's components in an environment.
type Components = BTreeMap<String, Vec<String>>;

/// What becomes of the pins files of the selected environments. Where there are refusals, or
/// errors among the diagnostics, nothing changes.
#[must_use]
pub fn pin(
    sources: &dyn Sources,
    map: &SourceMap,
    options: &Options,
    requests: &[Request],
) -> Outcome<Changes> {
    let mut sink = Vec::new();
    let changes = run(sources, map, options, requests, &mut sink);
    Outcome::new(changes.unwrap_or_default(), sink)
}

fn run(
    sources: &dyn Sources,
    map: &SourceMap,
    options: &Options,
    requests: &[Request],
    sink: &mut Vec<Diagnostic>,
) -> Option<Changes> {
    let mut said = Vec::new();
    let mut known = true;
    let done = with_workspace(sources, map, options, &mut said, |shared, groups, said| {
        let found = components(shared, groups, said);
        let mut refusals: Vec<Refusal> =
            requests.iter().filter_map(|request| check_image(request).err()).collect();
        refusals.extend(check_twice(requests).err());
        let before = refusals.len();
        for (environment, components) in shared.environments.iter().zip(&found) {
            let places =
                requests.iter().map(|request| check_place(request, environment, components));
            refusals.extend(places.filter_map(Result::err));
        }
        known = refusals.len() == before;
        refusals.dedup();
        let files = if refusals.is_empty() { files(shared, requests, sink) } else { Vec::new() };
        Changes { files, refusals }
    });
    // What else is wrong with the workspace is for `check` to say, unless it may be why a name is
    // not known.
    if done.is_none() || !known {
        sink.extend(said.into_iter().filter(|found| found.severity == Severity::Error));
    }
    done
}

/// The files that change, with their new texts.
fn files(
    shared: &Shared<'_>,
    requests: &[Request],
    sink: &mut Vec<Diagnostic>,
) -> Vec<(String, String)> {
    let mut changed = Vec::new();
    for environment in shared.environments {
        let mut files: BTreeMap<String, Vec<(&str, &str)>> = BTreeMap::new();
        for request in requests {
            let path = Pins::path(&environment.name, &request.app);
            files.entry(path).or_default().push((&request.component, &request.image));
        }
        for (path, pins) in files {
            let old = match shared.sources.read(&path) {
                Err(ReadError::NotFound) => Some(String::new()),
                _ => read_file(shared.sources, shared.map, &path, sink)
                    .map(|(text, _)| text.to_string()),
            };
            let Some(old) = old else { continue };
            let new = edit(&old, &pins);
            if new != old {
                changed.push((path, new));
            }
        }
    }
    changed.sort();
    changed
}

/// The components of every Application, one map an environment.
fn components(
    shared: &Shared<'_>,
    groups: &[Group],
    sink: &mut Vec<Diagnostic>,
) -> Vec<Components> {
    let configured = shared.environments.iter().zip(shared.configurations.iter());
    configured
        .map(|(environment, config)| {
            let mut found = Components::new();
            for group in groups {
                components_of(shared, group, environment, config, &mut found, sink);
            }
            found
        })
        .collect()
}

/// The components of the Applications of a group that are for an environment.
fn components_of(
    shared: &Shared<'_>,
    group: &Group,
    environment: &Environment,
    config: &Resolved,
    found: &mut Components,
    sink: &mut Vec<Diagnostic>,
) {
    let mut applications = Vec::new();
    for file in &group.bases {
        let parsed = read::parse(shared.sources, shared.map, shared.library.nickel(), file, sink);
        for value in parsed.into_documents(config, shared.map, sink).0 {
            if let Some(Document::Application(found)) = platformc_model::document(value, sink) {
                applications.push(*found);
            }
        }
    }
    let applications: Vec<&Application> = applications.iter().collect();
    let overlays = shared.overlays(group, environment, config, &applications, sink);
    for (index, application) in applications.into_iter().enumerate() {
        if !is_for(application, environment, shared.manifest, sink) {
            continue;
        }
        let overlay = overlays.iter().find(|overlay| overlay.application == index);
        let overlay = overlay.map(|overlay| &overlay.change);
        // Faults of the Application are for `check` to report; here only names count.
        let mut ignored = Vec::new();
        let (manifest, defined) = (shared.manifest, |_: &str| false);
        let variants =
            place(application, overlay, None, environment, manifest, &defined, &mut ignored);
        let authored = application.components.iter();
        let placed = variants.iter().flat_map(|variant| variant.components.iter());
        let names = found.entry(application.metadata.name.to_string()).or_default();
        names.extend(authored.chain(placed).map(|component| component.name.to_string()));
        names.sort();
        names.dedup();
    }
}

fn check_image(request: &Request) -> Result<(), Refusal> {
    let Err(error) = ImageReference::parse(&request.image) else { return Ok(()) };
    let message = format!("`{}` is no reference to an image: {error}", request.image);
    Err(Refusal { message, help: error.hint })
}

/// One component cannot run two images.
fn check_twice(requests: &[Request]) -> Result<(), Refusal> {
    for (at, second) in requests.iter().enumerate() {
        let same = |first: &&Request| {
            first.app == second.app
                && first.component == second.component
                && first.image != second.image
        };
        if let Some(first) = requests.iter().take(at).find(same) {
            let Request { app, component, image } = second;
            return Err(Refusal {
                message: format!("two images for {app}/{component}: {} and {image}", first.image),
                help: None,
            });
        }
    }
    Ok(())
}

fn check_place(
    request: &Request,
    environment: &Environment,
    components: &Components,
) -> Result<(), Refusal> {
    let env = &environment.name;
    let help = |name: &str, known: Vec<&str>| match nearest(name, known.iter().copied()).as_slice()
    {
        [] if known.is_empty() => None,
        [] if known.len() <= 12 => Some(format!("there are {}", known.join(", "))),
        [] => None,
        near => Some(format!("did you mean {}?", near.join(" or "))),
    };
    let Request { app, component, .. } = request;
    let Some(known) = components.get(app) else {
        let known = components.keys().map(String::as_str).collect();
        let message = format!("there is no Application `{app}` in `{env}`");
        return Err(Refusal { message, help: help(app, known) });
    };
    if known.contains(component) {
        return Ok(());
    }
    let message = format!("Application `{app}` has no component `{component}` in `{env}`");
    Err(Refusal { message, help: help(component, known.iter().map(String::as_str).collect()) })
}
