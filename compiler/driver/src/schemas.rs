//! What objects may hold, for the clusters of a workspace.
//!
//! Invariant: schemas of the workspace come before shipped ones; the shipped ones are read when
//! the first object is there, once.

use std::sync::OnceLock;

use platformc_format::yaml;
use platformc_schema::{Catalog, Known, check, resources};
use platformc_source::{Diagnostic, SourceMap, Sources};
use platformc_value::Value;

use crate::discover::files;
use crate::read;

/// The folder of the workspace's own schemas: CustomResourceDefinitions.
const FOLDER: &str = "schemas";

/// The schemas of a build.
#[derive(Debug, Default)]
pub(crate) struct Schemas {
    own: Catalog,
}

/// The schemas that are part of the compiler.
fn shipped() -> &'static [Catalog] {
    static SHIPPED: OnceLock<Vec<Catalog>> = OnceLock::new();
    SHIPPED.get_or_init(|| {
        let texts = platformc_stdlib::schemas().iter().filter(|file| file.path.ends_with(".txt"));
        // That each of them can be read is a test of the schemas.
        texts.filter_map(|file| Catalog::read(file.text).ok()).collect()
    })
}

impl Schemas {
    /// The schemas of a workspace.
    pub(crate) fn of(
        sources: &dyn Sources,
        map: &SourceMap,
        sink: &mut Vec<Diagnostic>,
    ) -> Schemas {
        let mut documents = Vec::new();
        for path in files(sources, map, FOLDER, sink) {
            if !path.ends_with(".yaml") && !path.ends_with(".yml") {
                continue;
            }
            let Some((file, text)) = read::load(sources, map, &path, sink) else { continue };
            let found = yaml::read(file, &text).drain_into(sink).into_iter();
            documents.extend(found.map(|document| document.value).filter(|value| !value.is_null()));
        }
        let own =
            if documents.is_empty() { Catalog::default() } else { resources(&documents, sink) };
        Schemas { own }
    }

    /// Checks an object for a cluster of a minor version of Kubernetes.
    pub(crate) fn check(&self, object: &Value, minor: u32, sink: &mut Vec<Diagnostic>) -> Known {
        let mut catalogs: Vec<&Catalog> = Vec::with_capacity(shipped().len() + 1);
        catalogs.push(&self.own);
        catalogs.extend(shipped());
        check(object, minor, &catalogs, sink)
    }
}
