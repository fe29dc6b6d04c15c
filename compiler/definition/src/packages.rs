//! The packages `vela/…` that templates of workflow steps import.
//!
//! Invariant: they describe the parameters and results of actions and run none; they are compiled
//! when first imported and shared.

use std::sync::{Arc, OnceLock};

use platformc_cue::{CompileOptions, Package};
use platformc_source::FileId;

const PACKAGES: [(&str, &str); 15] = [
    ("vela/base64", include_str!("../packages/base64.cue")),
    ("vela/builtin", include_str!("../packages/builtin.cue")),
    ("vela/config", include_str!("../packages/config.cue")),
    ("vela/email", include_str!("../packages/email.cue")),
    ("vela/helm", include_str!("../packages/helm.cue")),
    ("vela/http", include_str!("../packages/http.cue")),
    ("vela/kube", include_str!("../packages/kube.cue")),
    ("vela/metrics", include_str!("../packages/metrics.cue")),
    ("vela/multicluster", include_str!("../packages/multicluster.cue")),
    ("vela/oam", include_str!("../packages/oam.cue")),
    ("vela/op", include_str!("../packages/op.cue")),
    ("vela/query", include_str!("../packages/query.cue")),
    ("vela/terraform", include_str!("../packages/terraform.cue")),
    ("vela/time", include_str!("../packages/time.cue")),
    ("vela/util", include_str!("../packages/util.cue")),
];

static COMPILED: [OnceLock<Arc<Package>>; PACKAGES.len()] =
    [const { OnceLock::new() }; PACKAGES.len()];

/// The package of an import path. `vela/ql` is the older name of `vela/query`.
pub(crate) fn find(path: &str) -> Option<Arc<Package>> {
    let path = match path {
        "vela/ql" => "vela/query",
        other => other,
    };
    let at = PACKAGES.binary_search_by_key(&path, |(known, _)| known).ok()?;
    let package = COMPILED[at].get_or_init(|| {
        let (path, text) = PACKAGES[at];
        let file = platformc_cue_syntax::parse(FileId::NONE, text).value;
        let options = CompileOptions { path, ..CompileOptions::default() };
        Arc::new(Package::compile(&[&file], &[], options).value)
    });
    Some(Arc::clone(package))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_compile() {
        let mut paths: Vec<_> = PACKAGES.iter().map(|(path, _)| *path).collect();
        paths.sort_unstable();
        assert!(paths.iter().eq(PACKAGES.iter().map(|(path, _)| path)), "sorted");
        for (path, text) in PACKAGES {
            let parsed = platformc_cue_syntax::parse(FileId::NONE, text);
            assert!(parsed.diagnostics.is_empty(), "{path}: {:?}", parsed.diagnostics);
            let options = CompileOptions { path, ..CompileOptions::default() };
            let compiled = Package::compile(&[&parsed.value], &[], options);
            assert!(compiled.diagnostics.is_empty(), "{path}: {:?}", compiled.diagnostics);
            let mut unit =
                platformc_cue::Unit::new(&compiled.value, platformc_cue::Options::default());
            let root = unit.root();
            let errors = unit.errors(root);
            assert!(errors.is_empty(), "{path}: {errors:?}");
            assert!(find(path).is_some());
        }
        assert!(find("vela/ql").is_some());
        assert!(find("vela/other").is_none());
    }
}
