//! When objects of a kind are there, for kinds of which Argo CD does not know it.
//!
//! Invariant: Argo CD waits with the next wave until everything in a wave is healthy, and takes
//! what it has no check for as healthy at once. So that an order is kept, every kind that
//! something waits for needs a check. The scripts stand in files of their own, which are tested
//! by themselves (`tests/oracles/argocd_health`).

use platformc_format::yaml;
use platformc_source::Origin;
use platformc_value::{Map, Value};

use super::{map, put};
use crate::{Artifact, layout};

/// A check of the health of one kind, in Lua.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Health {
    group: &'static str,
    kind: &'static str,
    script: &'static str,
}

/// Argo CD's own Applications: their check left Argo CD in version 1.8.
pub const APPLICATION: Health = Health {
    group: "argoproj.io",
    kind: "Application",
    script: include_str!("health/application.lua"),
};

/// The checks there are, beside those that Argo CD brings.
const ALL: [Health; 4] = [
    APPLICATION,
    Health {
        group: "core.oam.dev",
        kind: "Application",
        script: include_str!("health/oam_application.lua"),
    },
    Health {
        group: "k8s.keycloak.org",
        kind: "KeycloakRealmImport",
        script: include_str!("health/realm_import.lua"),
    },
    Health {
        group: "terraform.core.oam.dev",
        kind: "Configuration",
        script: include_str!("health/configuration.lua"),
    },
];

/// The check of a kind that Argo CD has none for.
#[must_use]
pub fn health_of(group: &str, kind: &str) -> Option<Health> {
    ALL.into_iter().find(|health| health.group == group && health.kind == kind)
}

/// Above the patch, for whoever installs Argo CD.
fn instructions(namespace: &str) -> String {
    format!(
        "# Argo CD waits for these kinds only if it is told when they are healthy. Its settings\n\
         # belong to whoever installs it, so the root Application leaves this file aside. Apply it\n\
         # once, and again when it changes:\n\
         #\n\
         #     kubectl patch configmap argocd-cm --namespace {namespace} --patch-file argocd-cm.yaml\n\
         #\n\
         # or add the entries of `data` to `configs.cm` of Argo CD's Helm chart.\n"
    )
}

/// The patch of Argo CD's settings that makes it wait; nothing where no check is needed.
#[must_use]
pub fn health(
    checks: impl IntoIterator<Item = Health>,
    argocd_namespace: &str,
    origin: Origin,
) -> Option<Artifact> {
    let mut checks: Vec<Health> = checks.into_iter().collect();
    checks.sort_unstable();
    checks.dedup();
    if checks.is_empty() {
        return None;
    }
    let mut data = Map::with_capacity(checks.len());
    for Health { group, kind, script } in checks {
        let key = format!("resource.customizations.health.{group}_{kind}");
        data.insert(key.as_str(), Value::string(script));
    }
    let mut patch = map([("data", Value::map(data))]);
    put(&mut patch, "apiVersion", Value::string("v1"));
    put(&mut patch, "kind", Value::string("ConfigMap"));
    let metadata = [
        ("name", Value::string("argocd-cm")),
        ("namespace", Value::string(argocd_namespace)),
        // Without it Argo CD does not take the settings for its own.
        ("labels", map([("app.kubernetes.io/part-of", Value::string("argocd"))])),
    ];
    put(&mut patch, "metadata", map(metadata));
    crate::order::canonical(&mut patch);
    let text = instructions(argocd_namespace) + &yaml::write(&patch);
    Some(Artifact { path: layout::ARGOCD_SETTINGS.to_owned(), bytes: text.into_bytes(), origin })
}
