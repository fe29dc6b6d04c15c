//! Which provider offers which operation.
//!
//! Invariant: a provider of the workspace takes the place of a shipped one of its name. Faults of
//! a provider's manifest are reported where providers are read, not here.

use std::collections::BTreeMap;

use platformc_format::toml;
use platformc_source::{EntryKind, FileId, Sources};

/// The folder of the workspace's own providers.
const PROVIDERS: &str = "providers";

/// What each provider offers, by its name.
#[derive(Debug, Default)]
pub(super) struct Providers {
    offers: BTreeMap<String, Vec<String>>,
}

impl Providers {
    /// Reads the manifests of all providers.
    pub(super) fn of(sources: &dyn Sources) -> Providers {
        let mut offers = BTreeMap::new();
        for file in platformc_stdlib::below("providers/") {
            if let Some(name) = name(file.path, "providers/") {
                offers.insert(name.to_owned(), operations(file.text));
            }
        }
        for entry in sources.list(PROVIDERS).unwrap_or_default() {
            if entry.kind != EntryKind::Folder {
                continue;
            }
            let path = format!("{}/{MANIFEST}", entry.path);
            let Ok(bytes) = sources.read(&path) else { continue };
            let Ok(text) = std::str::from_utf8(&bytes) else { continue };
            let name = entry.path.rsplit('/').next().unwrap_or_default();
            offers.insert(name.to_owned(), operations(text));
        }
        Providers { offers }
    }

    /// The names of providers, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.offers.keys().map(String::as_str)
    }

    /// The operations of a provider; `None` where there is no such provider.
    pub(super) fn operations(&self, provider: &str) -> Option<&[String]> {
        self.offers.get(provider).map(Vec::as_slice)
    }

    /// The providers that offer an operation.
    pub(super) fn that_offer<'a>(&'a self, operation: &'a str) -> impl Iterator<Item = &'a str> {
        let offers = self.offers.iter();
        offers
            .filter(move |(_, operations)| operations.iter().any(|name| name == operation))
            .map(|(name, _)| name.as_str())
    }
}

const MANIFEST: &str = "provider.toml";

/// The provider whose manifest a path is.
fn name<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    let (name, file) = path.strip_prefix(folder)?.split_once('/')?;
    (file == MANIFEST).then_some(name)
}

fn operations(manifest: &str) -> Vec<String> {
    let value = toml::read(FileId::NONE, manifest).value;
    let list = value.get("operations").and_then(|list| list.as_list()).unwrap_or_default();
    list.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect()
}
