//! One Application in one environment: checked, rendered, written down.
//!
//! Invariant: properties are checked before anything is rendered from them, and what fails the
//! check is not rendered, so that one fault is reported once.

use std::collections::BTreeMap;
use std::sync::Arc;

use platformc_definition::{
    ClusterVersion, Compiled, Context, CueEngine, DefinitionKind, Instance, Strictness,
    TemplateEngine, Use, check_properties, check_properties_filled,
};
use platformc_emit::{Artifact, argocd, kubernetes};
use platformc_graph::{Fragment, Graph, NodeId, Order, Reason};
use platformc_model::{
    Application, Component, Environment, Manifest, PolicyClass, Step, Text, Trait,
};
use platformc_source::{Diagnostic, Label, Severity, Span, codes};
use platformc_value::{Map, Value};

use crate::definitions::Library;
use crate::delivery::Footprint;
use crate::object::{Place, complete, put, reference};
use crate::place::{Target, Variant};
use crate::unit::UnitOutput;

/// Step types that KubeVela runs without a definition.
const BUILTIN_STEPS: [&str; 4] =
    ["apply-component", "builtin-apply-component", "step-group", "suspend"];
/// Argo CD's waves of neighbouring ranks, apart so that other waves fit between.
const WAVE_STEP: i32 = 10;
/// The namespace where neither topology, Application nor environment names one.
const NAMESPACE: &str = "default";

/// The rendering of one Application in one environment.
pub(crate) struct Rendering<'a> {
    library: &'a Library<'a>,
    manifest: &'a Manifest,
    environment: &'a Environment,
    application: &'a Application,
    resources: usize,
    artifacts: Vec<Artifact>,
    footprint: Footprint,
    fragment: Fragment,
    engine: CueEngine,
}

fn has_errors(sink: &[Diagnostic], from: usize) -> bool {
    sink.iter().skip(from).any(|diagnostic| diagnostic.severity == Severity::Error)
}

impl<'a> Rendering<'a> {
    pub(crate) fn new(
        library: &'a Library<'a>,
        manifest: &'a Manifest,
        environment: &'a Environment,
        application: &'a Application,
    ) -> Rendering<'a> {
        Rendering {
            library,
            manifest,
            environment,
            application,
            resources: 0,
            artifacts: Vec::new(),
            footprint: Footprint::default(),
            fragment: Fragment::default(),
            engine: CueEngine { strictness: Strictness::Strict },
        }
    }

    /// Checks the properties of whatever uses a definition.
    fn check(
        &self,
        definition: &Compiled,
        properties: &Value,
        kind: &Text,
        context: &Context,
        sink: &mut Vec<Diagnostic>,
    ) {
        let strictness = self.engine.strictness;
        sink.extend(check_properties(definition, used(properties, kind), context, strictness));
    }

    /// What templates are told of their surroundings.
    fn context(&self, target: Option<&Target<'_>>, all: &Arc<Value>) -> Context {
        let metadata = &self.application.metadata;
        let namespaces = [
            target.and_then(|target| target.namespace.as_ref()),
            metadata.namespace.as_ref(),
            self.environment.namespace.as_ref(),
        ];
        let namespace = namespaces.into_iter().flatten().next();
        let pairs = |pairs: &[(Text, Text)]| -> Vec<(Arc<str>, Arc<str>)> {
            pairs.iter().map(|(key, value)| (key.text.clone(), value.text.clone())).collect()
        };
        let annotation = |name: &str| {
            let found = metadata.annotations.iter().find(|(key, _)| &**key == name);
            found.map_or_else(|| Arc::from(""), |(_, value)| value.text.clone())
        };
        let version = target.map(|target| &target.cluster.kubernetes);
        let version = version.and_then(|text| ClusterVersion::parse(text)).unwrap_or_default();
        Context {
            app_name: metadata.name.text.clone(),
            namespace: namespace.map_or_else(|| Arc::from(NAMESPACE), |text| text.text.clone()),
            app_labels: pairs(&metadata.labels),
            app_annotations: pairs(&metadata.annotations),
            components: Some(all.clone()),
            cluster: target.map_or_else(|| Arc::from(""), |t| t.cluster.name.text.clone()),
            cluster_version: version,
            workflow_name: annotation("app.oam.dev/workflowName"),
            publish_version: annotation("app.oam.dev/publishVersion"),
            ..Context::default()
        }
    }

    /// Checks what belongs to no component: policies and workflow steps.
    pub(crate) fn check_application(&self, sink: &mut Vec<Diagnostic>) {
        let all = Arc::new(Value::list(Vec::new()));
        let context = self.context(None, &all);
        for policy in &self.application.policies {
            let kind = DefinitionKind::Policy;
            let defined = PolicyClass::of(&policy.kind) == PolicyClass::Defined;
            let found = if defined {
                self.library.resolve(kind, &policy.kind, sink)
            } else {
                self.library.find(kind, &policy.kind)
            };
            if let Some(found) = &found {
                self.check(found, &policy.properties, &policy.kind, &context, sink);
            }
            if defined && found.is_some() {
                let message = format!("policies of type `{}` are not compiled yet", policy.kind);
                sink.push(
                    Diagnostic::new(codes::MODEL_NOT_SUPPORTED, policy.kind.span(), message)
                        .note("`topology` and `override` are; remove the policy for now"),
                );
            }
        }
        let steps = self.application.workflow.iter().flat_map(|workflow| &workflow.steps);
        for step in steps.flat_map(|step| std::iter::once(step).chain(&step.sub_steps)) {
            self.check_step(step, &context, sink);
        }
    }

    fn check_step(&self, step: &Step, context: &Context, sink: &mut Vec<Diagnostic>) {
        let kind = DefinitionKind::WorkflowStep;
        let found = if BUILTIN_STEPS.contains(&&*step.kind) {
            self.library.find(kind, &step.kind)
        } else {
            self.library.resolve(kind, &step.kind, sink)
        };
        if let Some(found) = found {
            let filled: Vec<Arc<str>> = step
                .inputs
                .iter()
                .filter_map(|input| input.parameter_key.as_ref())
                .map(|key| Arc::from(key.strip_prefix("properties.").unwrap_or(key)))
                .collect();
            let properties = used(&step.properties, &step.kind);
            let strictness = self.engine.strictness;
            let checked = check_properties_filled(&found, properties, &filled, context, strictness);
            sink.extend(checked);
        }
    }

    /// Checks and renders the components of a variant for each of its targets.
    pub(crate) fn variant(&mut self, variant: &Variant<'_>, sink: &mut Vec<Diagnostic>) {
        let order = order(&variant.components).drain_into(sink);
        let all = Arc::new(components_value(&variant.components));
        let mut context = self.context(variant.targets.first(), &all);
        let ready: Vec<Option<Ready<'_>>> = variant
            .components
            .iter()
            .map(|component| {
                context.name = component.name.text.clone();
                self.ready(component, &context, sink)
            })
            .collect();
        // What fails anywhere is not rendered: the faults of half an Application mislead.
        if has_errors(sink, 0) {
            return;
        }
        for target in &variant.targets {
            self.target(target, &ready, &order, &all, sink);
        }
    }

    /// A component whose definitions are there and whose properties hold.
    fn ready<'c>(
        &self,
        component: &'c Component,
        context: &Context,
        sink: &mut Vec<Diagnostic>,
    ) -> Option<Ready<'c>> {
        let before = sink.len();
        let definition = self.library.resolve(DefinitionKind::Component, &component.kind, sink);
        let readable =
            !component.flawed || used(&component.properties, &component.kind).properties.is_some();
        if let Some(definition) = definition.as_ref().filter(|_| readable) {
            self.check(definition, &component.properties, &component.kind, context, sink);
        }
        let mut traits = Vec::with_capacity(component.traits.len());
        for item in &component.traits {
            let found = self.library.resolve(DefinitionKind::Trait, &item.kind, sink);
            if let Some(found) = found {
                self.check(&found, &item.properties, &item.kind, context, sink);
                traits.push((found, item));
            }
        }
        if has_errors(sink, before) {
            return None;
        }
        definition.map(|definition| Ready { component, definition, traits })
    }

    fn target(
        &mut self,
        target: &Target<'_>,
        ready: &[Option<Ready<'_>>],
        order: &Order,
        all: &Arc<Value>,
        sink: &mut Vec<Diagnostic>,
    ) {
        let mut context = self.context(Some(target), all);
        let namespace = context.namespace.clone();
        let mut artifacts = Vec::new();
        for index in &order.order {
            let Some(Some(ready)) = ready.get(*index) else { continue };
            context.name = ready.component.name.text.clone();
            let rank = order.ranks.get(*index).copied().unwrap_or(0);
            let place = kubernetes::Context {
                cluster: &target.cluster.name,
                app: &self.application.metadata.name,
                namespace: &namespace,
                wave: i32::try_from(rank).unwrap_or(i32::MAX / WAVE_STEP) * WAVE_STEP,
            };
            let forced = target.namespace.is_some();
            for (object, maker) in ready.render(&self.engine, &context, forced, sink) {
                let before = sink.len();
                let resource = kubernetes::resource(object, &place, sink);
                for diagnostic in sink.iter_mut().skip(before) {
                    point_at(diagnostic, maker);
                }
                let Some((identity, mut artifact)) = resource else { continue };
                // What two objects have in common is best shown where their author wrote them.
                artifact.origin = platformc_source::Origin::authored(maker);
                // It is kept until everything is compiled, the room to grow is not needed.
                artifact.bytes.shrink_to_fit();
                self.footprint.object(&target.cluster.server, &identity);
                artifacts.push(artifact);
            }
        }
        self.resources += artifacts.len();
        self.footprint.destination(&target.cluster.server, &namespace);
        self.artifacts.append(&mut artifacts);
        self.argocd(target, &namespace, sink);
    }

    /// What Argo CD needs to deliver the Application to a cluster.
    fn argocd(&mut self, target: &Target<'_>, namespace: &str, sink: &mut Vec<Diagnostic>) {
        let Some(settings) = &self.manifest.argocd else { return };
        let (env, app) = (&self.environment.name, &self.application.metadata.name);
        let name = settings.name_of(app, env, &target.cluster.name);
        if !platformc_model::names::is_dns_subdomain(&name) {
            let message = format!("an Argo CD Application cannot be named `{name}`");
            sink.push(
                Diagnostic::new(codes::EMIT_ARGOCD, app.span(), message)
                    .label(settings.naming.span(), "made from this")
                    .note("a name is at most 253 characters, 63 between dots"),
            );
            return;
        }
        let input = argocd::Application {
            name: &name,
            argocd_namespace: &settings.namespace,
            project: &settings.project_of(env),
            repository: argocd::Repository {
                url: &settings.repository,
                revision: &settings.revision,
                folder: &settings.folder(env),
            },
            env,
            cluster: &target.cluster.name,
            server: &target.cluster.server,
            app,
            namespace,
            wave: 0,
            cascade: false,
            // What can still be wrong is in the manifest, and said once for all Applications.
            origin: settings.repository.origin,
        };
        self.artifacts.extend(argocd::application(&input, sink));
    }

    /// All there is, with the unit's record.
    pub(crate) fn finish(mut self) -> UnitOutput {
        if !self.artifacts.is_empty() {
            let name = &self.application.metadata.name;
            self.artifacts.push(platformc_emit::unit(name, &self.artifacts, name.origin));
        }
        UnitOutput {
            resources: self.resources,
            artifacts: self.artifacts,
            footprint: self.footprint,
            fragment: self.fragment,
        }
    }
}

/// Points from a place in a template to what the author wrote.
fn point_at(diagnostic: &mut Diagnostic, maker: Span) {
    if diagnostic.primary.span.is_none() {
        diagnostic.primary.span = maker;
    } else if diagnostic.primary.span.file != maker.file && !maker.is_none() {
        let message = "it is rendered for this".to_owned();
        diagnostic.labels.push(Label { span: maker, message });
    }
}

/// Properties with the place of the `type` that names their definition.
fn used<'v>(properties: &'v Value, kind: &Text) -> Use<'v> {
    let written = properties.as_map().is_some_and(|map| !map.is_empty());
    Use { properties: written.then_some(properties), span: kind.span() }
}

/// The order of components, from `dependsOn` and from what they take of each other.
fn order(components: &[Component]) -> platformc_source::Outcome<Order> {
    let mut graph = Graph::new("component");
    let nodes: Vec<NodeId> = components
        .iter()
        .map(|component| graph.node(component.name.text.clone(), component.name.span()))
        .collect();
    let outputs: BTreeMap<&str, &str> = components
        .iter()
        .flat_map(|component| {
            component.outputs.iter().map(|output| (&*output.name.text, &*component.name.text))
        })
        .collect();
    for (node, component) in nodes.into_iter().zip(components) {
        for target in &component.depends_on {
            graph.depend(node, target, target.span(), Reason::DependsOn);
        }
        for input in &component.inputs {
            if let Some(giver) = outputs.get(&*input.from.text) {
                let reason = Reason::Input(input.from.text.clone());
                graph.depend(node, giver, input.from.span(), reason);
            }
        }
    }
    graph.order()
}

/// `spec.components`, for templates that read it.
fn components_value(components: &[Component]) -> Value {
    let items = components.iter().map(|component| {
        let mut map = Map::with_capacity(4);
        map.insert("name", component.name.to_value());
        map.insert("type", component.kind.to_value());
        map.insert("properties", component.properties.clone());
        if !component.traits.is_empty() {
            let traits = component.traits.iter().map(|item| {
                let mut map = Map::with_capacity(2);
                map.insert("type", item.kind.to_value());
                map.insert("properties", item.properties.clone());
                Value::map(map)
            });
            map.insert("traits", Value::list(traits.collect()));
        }
        Value::map(map)
    });
    Value::list(items.collect())
}

/// A component ready to be rendered.
struct Ready<'c> {
    component: &'c Component,
    definition: Arc<Compiled>,
    traits: Vec<(Arc<Compiled>, &'c Trait)>,
}

impl Ready<'_> {
    /// The objects of the component, complete, each with what it is rendered for: the workload
    /// first, then the others as rendered.
    fn render(
        &self,
        engine: &dyn TemplateEngine,
        context: &Context,
        forced: bool,
        sink: &mut Vec<Diagnostic>,
    ) -> Vec<(Value, Span)> {
        let component = Instance {
            definition: &self.definition,
            used: used(&self.component.properties, &self.component.kind),
        };
        let traits: Vec<Instance<'_>> = self
            .traits
            .iter()
            .map(|(definition, item)| Instance {
                definition,
                used: used(&item.properties, &item.kind),
            })
            .collect();
        let rendered = engine.render(component, &traits, context).drain_into(sink);
        let place = |name: String, span: Span| Place {
            name,
            namespace: &context.namespace,
            forced,
            origin: platformc_source::Origin::authored(span),
        };
        let mut workload = rendered.workload;
        if let Some(object) = &mut workload {
            let name = &self.component.name;
            complete(object, &place(name.text.to_string(), name.span()));
        }
        let mut managed = false;
        let mut others = Vec::with_capacity(rendered.auxiliaries.len());
        for auxiliary in rendered.auxiliaries {
            let mut object = auxiliary.value;
            let maker = auxiliary.trait_index.and_then(|index| self.traits.get(index));
            let span = maker.map_or(self.component.name.span(), |(_, item)| item.kind.span());
            complete(&mut object, &place(format!("{}-{}", context.name, auxiliary.name), span));
            if let Some((definition, item)) = maker {
                let attributes = &definition.definition.attributes;
                managed |= attributes.manage_workload;
                if attributes.control_plane_only {
                    let message =
                        format!("trait `{}` belongs to the control plane only", item.kind);
                    sink.push(
                        Diagnostic::new(codes::MODEL_NOT_SUPPORTED, item.kind.span(), message)
                            .note("this version delivers every object to the component's cluster"),
                    );
                }
                if let (Some(path), Some(workload)) = (&attributes.workload_ref_path, &workload)
                    && !path.text.is_empty()
                {
                    put(&mut object, &path.text, reference(workload));
                }
            }
            others.push((object, span));
        }
        // A trait that manages the workload writes it itself.
        let own = self.component.name.span();
        let workload = workload.filter(|_| !managed).map(|object| (object, own));
        workload.into_iter().chain(others).collect()
    }
}
