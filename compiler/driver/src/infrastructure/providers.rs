//! The providers of a build: those of the workspace and those shipped.
//!
//! Invariant: a provider of the workspace takes the place of a shipped one of its name; what is
//! wrong with a shipped one would be a fault of the compiler and is reported all the same.

use std::collections::BTreeMap;

use platformc_format::toml;
use platformc_model::{Provider, Text};
use platformc_source::{Diagnostic, SourceMap, Sources, codes, nearest};

use crate::discover::{PROVIDERS, files};
use crate::read;

/// The name of a provider's manifest.
const MANIFEST: &str = "provider.toml";

/// The provider of modules that only need a cluster, wherever it is.
pub(crate) const COMMON: &str = "common";

/// Every provider by name.
#[derive(Debug, Default)]
pub(crate) struct Providers {
    providers: BTreeMap<String, Provider>,
}

impl Providers {
    /// Reads the manifests of all providers.
    pub(crate) fn of(
        sources: &dyn Sources,
        map: &SourceMap,
        sink: &mut Vec<Diagnostic>,
    ) -> Providers {
        let mut providers = BTreeMap::new();
        for file in platformc_stdlib::below("providers/") {
            let Some(folder) = folder(file.path) else { continue };
            let id = map.add(&format!("stdlib/{}", file.path), file.text);
            let value = toml::read(id, file.text).drain_into(sink);
            if let Some(provider) = platformc_model::provider(value, folder, sink) {
                providers.insert(folder.to_owned(), provider);
            }
        }
        for path in files(sources, map, PROVIDERS, sink) {
            let Some(folder) = folder(&path) else { continue };
            let Some((id, text)) = read::load(sources, map, &path, sink) else { continue };
            let value = toml::read(id, &text).drain_into(sink);
            if let Some(provider) = platformc_model::provider(value, folder, sink) {
                providers.insert(folder.to_owned(), provider);
            }
        }
        Providers { providers }
    }

    /// Every provider by name.
    pub(crate) fn into_all(self) -> BTreeMap<String, Provider> {
        self.providers
    }

    /// The provider of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&Provider> {
        self.providers.get(name)
    }

    /// The provider that a document names; one that is not there is reported.
    pub(crate) fn resolve(&self, name: &Text, sink: &mut Vec<Diagnostic>) -> Option<&Provider> {
        if let Some(found) = self.get(name) {
            return Some(found);
        }
        let message = format!("there is no provider `{name}`");
        let mut diagnostic = Diagnostic::new(codes::INFRASTRUCTURE_PROVIDER, name.span(), message);
        let known = || self.providers.keys().map(String::as_str);
        if let Some(best) = nearest(name, known()).first() {
            diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?")).replace(
                name.span(),
                *best,
                format!("write `{best}`"),
            );
        }
        let names: Vec<&str> = known().collect();
        let own = format!("providers/{name}/{MANIFEST}");
        sink.push(
            diagnostic
                .note(format!("known: {}", names.join(", ")))
                .note(format!("a provider of your own is described by `{own}`")),
        );
        None
    }
}

/// The folder of a provider's manifest: `aws` of `providers/aws/provider.toml`.
fn folder(path: &str) -> Option<&str> {
    let folder = path.strip_prefix(PROVIDERS)?.strip_prefix('/')?.strip_suffix(MANIFEST)?;
    let folder = folder.strip_suffix('/')?;
    (!folder.contains('/')).then_some(folder)
}
