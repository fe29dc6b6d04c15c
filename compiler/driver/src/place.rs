//! Where an Application goes, and with which components.
//!
//! Invariant: every policy and every workflow step is accounted for. What changes the output is
//! applied or an error; what acts only where KubeVela's controller runs is a warning.
//!
//! As in KubeVela, a `deploy` step places its own topologies with its own overrides; without
//! such a step each topology gets every override; without a topology the Application goes to the
//! environment's default clusters.

use std::borrow::Cow;

use platformc_model::{
    Application, Cluster, Component, Environment, Manifest, Override, Policy, PolicyClass, Step,
    Text, Topology, apply, override_of, topology_of,
};
use platformc_source::{Diagnostic, Severity, codes, nearest};
use platformc_value::Value;

use crate::pins::Pinned;

/// The components of an Application as they are rendered for some targets.
#[derive(Clone, Debug)]
pub(crate) struct Variant<'a> {
    /// After overlays, pins and overrides.
    pub(crate) components: Cow<'a, [Component]>,
    /// Where they go.
    pub(crate) targets: Vec<Target<'a>>,
}

/// One cluster and namespace.
#[derive(Clone, Debug)]
pub(crate) struct Target<'a> {
    /// The cluster.
    pub(crate) cluster: &'a Cluster,
    /// The namespace a topology gives, which then holds for every object.
    pub(crate) namespace: Option<Text>,
}

/// The annotation by which an Application names its environments.
pub(crate) const ENVIRONMENTS: &str = "platformc.dev/environments";

/// Whether the Application is for an environment; reports names that are none.
pub(crate) fn is_for(
    application: &Application,
    environment: &Environment,
    manifest: &Manifest,
    sink: &mut Vec<Diagnostic>,
) -> bool {
    let annotations = &application.metadata.annotations;
    let Some((_, names)) = annotations.iter().find(|(key, _)| &**key == ENVIRONMENTS) else {
        return true;
    };
    let mut is_for = false;
    for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        is_for |= name == &*environment.name.text;
        if manifest.environment(name).is_none() {
            let known: Vec<&str> = manifest.environments.iter().map(|e| &*e.name.text).collect();
            let message = format!("`{name}` is not an environment of the workspace");
            let mut diagnostic =
                Diagnostic::new(codes::WORKSPACE_ENVIRONMENT, names.span(), message);
            if let Some(best) = nearest(name, known.iter().copied()).first() {
                diagnostic = diagnostic.note(format!("did you mean `{best}`?"));
            }
            sink.push(diagnostic.note(format!("its environments are {}", known.join(", "))));
        }
    }
    is_for
}

fn has_errors(sink: &[Diagnostic]) -> bool {
    sink.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

struct Placing<'a, 's> {
    /// Whether a policy type has a definition, which then checks its properties.
    defined: &'s dyn Fn(&str) -> bool,
    application: &'a Application,
    environment: &'a Environment,
    manifest: &'a Manifest,
    topologies: Vec<(&'a Policy, Topology)>,
    overrides: Vec<(&'a Policy, Override)>,
    overlay: Option<&'a Override>,
    pinned: Option<&'s Pinned<'s>>,
    sink: &'s mut Vec<Diagnostic>,
}

/// The variants of an Application in an environment.
pub(crate) fn place<'a>(
    application: &'a Application,
    overlay: Option<&'a Override>,
    pinned: Option<&Pinned<'_>>,
    environment: &'a Environment,
    manifest: &'a Manifest,
    defined: &dyn Fn(&str) -> bool,
    sink: &mut Vec<Diagnostic>,
) -> Vec<Variant<'a>> {
    let mut placing = Placing {
        defined,
        application,
        environment,
        manifest,
        topologies: Vec::new(),
        overrides: Vec::new(),
        overlay,
        pinned,
        sink,
    };
    placing.policies();
    placing.components();
    let deploys = placing.steps();
    let mut variants = Vec::new();
    if deploys.is_empty() {
        let overrides: Vec<usize> = (0..placing.overrides.len()).collect();
        let targets = if placing.topologies.is_empty() {
            placing.default_targets()
        } else {
            (0..placing.topologies.len()).flat_map(|at| placing.targets(at)).collect()
        };
        placing.variant(&overrides, targets, &mut variants);
    }
    for step in deploys {
        placing.deploy(step, &mut variants);
    }
    placing.unique_targets(&variants);
    variants
}

impl<'a> Placing<'a, '_> {
    fn policies(&mut self) {
        for policy in &self.application.policies {
            let mut found = Vec::new();
            match PolicyClass::of(&policy.kind) {
                PolicyClass::Topology => {
                    self.topologies.extend(topology_of(policy, &mut found).map(|t| (policy, t)));
                }
                PolicyClass::Override => {
                    self.overrides.extend(override_of(policy, &mut found).map(|o| (policy, o)));
                }
                PolicyClass::Dispatch => {
                    let message = format!(
                        "policy `{}` of type `{}` has no effect: only KubeVela's controller acts \
                         on it",
                        policy.name, policy.kind
                    );
                    let span = policy.kind.span();
                    self.sink.push(Diagnostic::new(codes::MODEL_POLICY_NO_EFFECT, span, message));
                }
                PolicyClass::NotCompiled => {
                    let message =
                        format!("policies of type `{}` are not compiled yet", policy.kind);
                    self.sink.push(
                        Diagnostic::new(codes::MODEL_NOT_SUPPORTED, policy.kind.span(), message)
                            .note("`topology` and `override` are; remove the policy for now"),
                    );
                }
                // Whoever renders knows the definition.
                PolicyClass::Defined => {}
            }
            if !(self.defined)(&policy.kind) {
                self.sink.append(&mut found);
            }
        }
    }

    /// What a component asks for that only a running workflow can give.
    fn components(&mut self) {
        for component in &self.application.components {
            for input in &component.inputs {
                let message = format!(
                    "component `{}` takes `{}` at run time, which manifests cannot",
                    component.name, input.from
                );
                self.sink.push(
                    Diagnostic::new(codes::MODEL_NOT_SUPPORTED, input.from.span(), message)
                        .note("write the value as a property, or reference a Secret or ConfigMap"),
                );
            }
            if let Some(key) = &component.replica_key {
                let message = "`replicaKey` needs a replication policy, which is not compiled yet";
                self.sink.push(Diagnostic::new(codes::MODEL_NOT_SUPPORTED, key.span(), message));
            }
        }
    }

    /// The `deploy` steps in order; the other steps are lost, and that is said.
    fn steps(&mut self) -> Vec<&'a Step> {
        let Some(workflow) = &self.application.workflow else { return Vec::new() };
        if let Some(reference) = &workflow.reference {
            let message = format!("workflow `{reference}` lies outside the workspace");
            self.sink.push(
                Diagnostic::new(codes::MODEL_NOT_SUPPORTED, reference.span(), message)
                    .note("write its steps here"),
            );
        }
        let mut deploys = Vec::new();
        for outer in &workflow.steps {
            for step in std::iter::once(outer).chain(&outer.sub_steps) {
                match &*step.kind {
                    "deploy" => deploys.push(step),
                    "step-group" => {}
                    kind => {
                        let message = format!(
                            "a step of type `{kind}` has no effect: Argo CD runs no workflow"
                        );
                        self.sink.push(
                            Diagnostic::new(
                                codes::MODEL_POLICY_NO_EFFECT,
                                step.kind.span(),
                                message,
                            )
                            .note("what `deploy` steps place is compiled, their order is not"),
                        );
                    }
                }
            }
        }
        deploys
    }

    fn deploy(&mut self, step: &'a Step, variants: &mut Vec<Variant<'a>>) {
        let listed = step.properties.get("policies").and_then(Value::as_list).unwrap_or(&[]);
        let (mut topologies, mut overrides) = (Vec::new(), Vec::new());
        for item in listed {
            let Some(name) = item.as_str() else { continue };
            let topology = self.topologies.iter().position(|(policy, _)| &*policy.name == name);
            let change = self.overrides.iter().position(|(policy, _)| &*policy.name == name);
            topologies.extend(topology);
            overrides.extend(change);
            let known: Vec<&str> =
                self.application.policies.iter().map(|policy| &*policy.name.text).collect();
            if !known.contains(&name) {
                let message = format!("there is no policy `{name}`");
                let span = item.origin.span;
                let mut diagnostic = Diagnostic::new(codes::MODEL_UNKNOWN_POLICY, span, message);
                if let Some(best) = nearest(name, known.iter().copied()).first() {
                    diagnostic = diagnostic
                        .primary_label(format!("did you mean `{best}`?"))
                        .replace(span, *best, format!("rename it to `{best}`"));
                }
                self.sink.push(diagnostic);
            }
        }
        let targets = if topologies.is_empty() {
            self.default_targets()
        } else {
            topologies.into_iter().flat_map(|at| self.targets(at)).collect()
        };
        self.variant(&overrides, targets, variants);
    }

    fn variant(
        &mut self,
        overrides: &[usize],
        targets: Vec<Target<'a>>,
        variants: &mut Vec<Variant<'a>>,
    ) {
        // Where nothing is placed because of a mistake, the components are still checked.
        if targets.is_empty() && !has_errors(self.sink) {
            return;
        }
        let authored = self.application.components.as_slice();
        let mut components = Cow::Borrowed(authored);
        if let Some(overlay) = self.overlay {
            apply(components.to_mut(), overlay, self.sink);
        }
        if let Some(pinned) = self.pinned.filter(|pinned| !pinned.pins.is_empty()) {
            pinned.apply(components.to_mut(), self.sink);
        }
        for at in overrides {
            if let Some((_, change)) = self.overrides.get(*at) {
                apply(components.to_mut(), change, self.sink);
            }
        }
        variants.push(Variant { components, targets });
    }

    fn default_targets(&self) -> Vec<Target<'a>> {
        let names = self.environment.default_clusters.iter();
        names
            .filter_map(|name| self.manifest.cluster(name))
            .map(|cluster| Target { cluster, namespace: None })
            .collect()
    }

    /// The targets of a topology in this environment. Clusters of other environments are left to
    /// those.
    fn targets(&mut self, at: usize) -> Vec<Target<'a>> {
        let Some((policy, topology)) = self.topologies.get(at) else { return Vec::new() };
        let own = |name: &str| self.environment.clusters.iter().any(|member| &**member == name);
        let mut targets: Vec<Target<'a>> = Vec::new();
        let mut push = |cluster: &'a Cluster| {
            if !targets.iter().any(|target| std::ptr::eq(target.cluster, cluster)) {
                targets.push(Target { cluster, namespace: topology.namespace.clone() });
            }
        };
        for name in &topology.clusters {
            match self.manifest.cluster(name) {
                Some(cluster) if own(name) => push(cluster),
                Some(_) => {}
                None => {
                    let message = format!("the workspace has no cluster `{name}`");
                    let mut diagnostic =
                        Diagnostic::new(codes::WORKSPACE_CLUSTER, name.span(), message);
                    let known = self.manifest.clusters.iter().map(|cluster| &*cluster.name.text);
                    if let Some(best) = nearest(name, known).first() {
                        diagnostic = diagnostic
                            .primary_label(format!("did you mean `{best}`?"))
                            .replace(name.span(), *best, format!("rename it to `{best}`"));
                    }
                    self.sink.push(diagnostic);
                }
            }
        }
        if let Some(selector) = &topology.selector {
            let matching = |cluster: &&Cluster| {
                selector.labels.iter().all(|(key, value)| {
                    cluster.labels.iter().any(|(k, v)| k.text == key.text && v.text == value.text)
                })
            };
            let anywhere = self.manifest.clusters.iter().any(|cluster| matching(&cluster));
            for cluster in self.manifest.clusters.iter().filter(matching) {
                if own(&cluster.name) {
                    push(cluster);
                }
            }
            if !anywhere && !topology.allow_empty {
                let message = "no cluster of the workspace has these labels";
                let span = policy.name.span();
                let span = if span.is_none() { selector.origin.span } else { span };
                self.sink.push(
                    Diagnostic::new(codes::WORKSPACE_CLUSTER, span, message)
                        .note("`allowEmpty: true` says that this is meant"),
                );
            }
        }
        if topology.clusters.is_empty() && topology.selector.is_none() {
            let mut defaults = self.default_targets();
            for target in &mut defaults {
                target.namespace.clone_from(&topology.namespace);
            }
            return defaults;
        }
        targets
    }

    /// One Application stands once in a cluster: a second time would overwrite the first.
    fn unique_targets(&mut self, variants: &[Variant<'a>]) {
        let mut seen: Vec<&str> = Vec::new();
        for target in variants.iter().flat_map(|variant| &variant.targets) {
            let name = &*target.cluster.name.text;
            if seen.contains(&name) {
                let app = &self.application.metadata.name;
                let message = format!(
                    "Application `{app}` goes to cluster `{name}` twice in environment `{}`",
                    self.environment.name
                );
                self.sink.push(
                    Diagnostic::new(codes::MODEL_NOT_SUPPORTED, app.span(), message)
                        .note("one topology or `deploy` step a cluster can be compiled"),
                );
                return;
            }
            seen.push(name);
        }
    }
}
