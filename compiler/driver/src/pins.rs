//! Pins: which image a component runs in an environment, `pins/ENV/APP.toml`.
//!
//! Invariant: a pin replaces one property of one component, the one its definition keeps the image
//! in, after the overlay and before override policies; the value's origin is the pin's line. Every
//! pin of an environment that is compiled has an effect or is reported.

mod apply;
mod edit;
mod request;

use std::collections::BTreeMap;

use platformc_format::toml;
use platformc_model::{Manifest, Pin};
use platformc_source::{Diagnostic, Severity, SourceMap, Sources, codes, nearest};

use crate::discover::{files, on_path};
use crate::read;

pub(crate) use apply::Pinned;
pub use request::{Changes, Refusal, Request, pin};

/// The folder of pins.
pub(crate) const FOLDER: &str = "pins";

/// The pins files of a workspace by environment and Application, not yet read.
#[derive(Debug, Default)]
pub(crate) struct Pins {
    paths: BTreeMap<(String, String), String>,
}

impl Pins {
    /// Finds the pins files; one for an environment that is not there is reported.
    pub(crate) fn find(
        sources: &dyn Sources,
        map: &SourceMap,
        manifest: &Manifest,
        sink: &mut Vec<Diagnostic>,
    ) -> Pins {
        let mut paths = BTreeMap::new();
        for path in files(sources, map, FOLDER, sink) {
            // Something that explains the folder may stand in it.
            let Some(stem) = path.strip_suffix(".toml") else { continue };
            let steps: Vec<&str> = stem.split('/').collect();
            match steps.as_slice() {
                [_, environment, app] if manifest.environment(environment).is_some() => {
                    paths.insert(((*environment).to_owned(), (*app).to_owned()), path);
                }
                [_, environment, _] => {
                    let message = format!("pins for `{environment}`, which is no environment");
                    let known: Vec<&str> =
                        manifest.environments.iter().map(|e| &*e.name.text).collect();
                    let diagnostic = on_path(map, codes::PINS_UNKNOWN, &path, message);
                    let note = format!("the workspace's environments are {}", known.join(", "));
                    sink.push(near(diagnostic, environment, &known).note(note));
                }
                _ => {
                    let message = "this file pins nothing: its path says neither environment \
                                   nor Application";
                    sink.push(
                        on_path(map, codes::PINS_UNKNOWN, &path, message)
                            .note("pins stand in pins/ENVIRONMENT/APPLICATION.toml"),
                    );
                }
            }
        }
        Pins { paths }
    }

    /// The path of an Application's pins in an environment, whether or not the file is there.
    pub(crate) fn path(environment: &str, app: &str) -> String {
        format!("{FOLDER}/{environment}/{app}.toml")
    }

    /// The pins of an Application in an environment.
    pub(crate) fn of(
        &self,
        sources: &dyn Sources,
        map: &SourceMap,
        environment: &str,
        app: &str,
        sink: &mut Vec<Diagnostic>,
    ) -> Vec<Pin> {
        let key = (environment.to_owned(), app.to_owned());
        let Some(path) = self.paths.get(&key) else { return Vec::new() };
        read_file(sources, map, path, sink).map(|(_, pins)| pins).unwrap_or_default()
    }

    /// Reports the pins of Applications that have no unit in their environment. `names` are those
    /// of all Applications, `ran` says which of them are for an environment.
    pub(crate) fn report_unused(
        &self,
        map: &SourceMap,
        environments: &[&str],
        names: &[&str],
        ran: &dyn Fn(&str, &str) -> bool,
        sink: &mut Vec<Diagnostic>,
    ) {
        // An Application that could not be read is not one that is not there.
        let own = format!("{FOLDER}/");
        let elsewhere = |found: &Diagnostic| {
            found.severity == Severity::Error && !map.path(found.primary.span).starts_with(&own)
        };
        if sink.iter().any(elsewhere) {
            return;
        }
        for ((environment, app), path) in &self.paths {
            if !environments.contains(&environment.as_str()) || ran(environment, app) {
                continue;
            }
            let diagnostic = if names.contains(&app.as_str()) {
                let message = format!("Application `{app}` is not for `{environment}`");
                on_path(map, codes::PINS_UNKNOWN, path, message)
            } else {
                let message = format!("the workspace has no Application `{app}`");
                near(on_path(map, codes::PINS_UNKNOWN, path, message), app, names)
            };
            sink.push(diagnostic.note("rename the file, or remove it with its pins"));
        }
    }
}

/// A pins file: its text and its pins. `None` where the text is not TOML; the reason is reported.
fn read_file(
    sources: &dyn Sources,
    map: &SourceMap,
    path: &str,
    sink: &mut Vec<Diagnostic>,
) -> Option<(std::sync::Arc<str>, Vec<Pin>)> {
    let (file, text) = read::load(sources, map, path, sink)?;
    let outcome = toml::read(file, &text);
    let broken = outcome.has_errors();
    let value = outcome.drain_into(sink);
    // What is left of half a file would unpin the rest.
    (!broken).then(|| (text, platformc_model::pins(value, sink)))
}

/// Adds the nearest of the known names.
fn near(diagnostic: Diagnostic, name: &str, known: &[&str]) -> Diagnostic {
    match nearest(name, known.iter().copied()).first() {
        Some(best) => diagnostic.note(format!("did you mean `{best}`?")),
        None => diagnostic,
    }
}
