//! What is known of a workspace beside what is wrong with it.
//!
//! Invariant: a snapshot never changes; whoever holds one is answered from the state it was made
//! in, however long the next one takes.

use std::collections::BTreeMap;
use std::sync::Arc;

use platformc_definition::{Compiled, DefinitionKind};
use platformc_model::{Manifest, Provider};
use platformc_source::{SourceMap, Sources};

use crate::configuration::Resolved;
use crate::definitions::Library;
use crate::group::Shared;
use crate::infrastructure::Providers;

/// What requests of an editor are answered from.
#[derive(Debug)]
pub struct Snapshot {
    /// The manifest; none where it is not in order.
    pub manifest: Option<Manifest>,
    /// The texts that spans of definitions point into.
    pub map: Arc<SourceMap>,
    /// The configuration of each environment that is checked, in their order.
    pub configurations: Arc<[Resolved]>,
    /// The providers of infrastructure and operations by name.
    pub providers: BTreeMap<String, Provider>,
    definitions: BTreeMap<DefinitionKind, BTreeMap<Arc<str>, Arc<Compiled>>>,
}

impl Snapshot {
    pub(super) fn of(shared: &Shared<'_>, map: &Arc<SourceMap>) -> Snapshot {
        Snapshot {
            manifest: Some(shared.manifest.clone()),
            map: Arc::clone(map),
            configurations: Arc::clone(shared.configurations),
            // What is wrong with them is said where documents use them.
            providers: Providers::of(shared.sources, map, &mut Vec::new()).into_all(),
            definitions: shared.library.all(),
        }
    }

    pub(super) fn without_manifest(sources: &dyn Sources, map: &Arc<SourceMap>) -> Snapshot {
        // What is wrong with definitions is said once the manifest is in order.
        let library = Library::of(sources, map, &mut Vec::new());
        Snapshot {
            manifest: None,
            map: Arc::clone(map),
            configurations: Arc::from([]),
            providers: Providers::of(sources, map, &mut Vec::new()).into_all(),
            definitions: library.all(),
        }
    }

    /// The definitions of a kind in the order of their names.
    pub fn definitions(
        &self,
        kind: DefinitionKind,
    ) -> impl Iterator<Item = (&Arc<str>, &Arc<Compiled>)> {
        self.definitions.get(&kind).into_iter().flatten()
    }

    /// The definition that `type: NAME` means; `NAME@VERSION` means `NAME`.
    #[must_use]
    pub fn definition(&self, kind: DefinitionKind, name: &str) -> Option<&Arc<Compiled>> {
        let name = name.split_once('@').map_or(name, |(name, _)| name);
        let of = |kind| self.definitions.get(&kind).and_then(|names| names.get(name));
        let legacy = kind == DefinitionKind::Component;
        of(kind).or_else(|| legacy.then(|| of(DefinitionKind::Workload)).flatten())
    }
}
