//! One Application in one environment: checked, rendered, written down.
//!
//! Invariant: properties are checked before anything is rendered from them, and what fails the
//! check is not rendered, so that one fault is reported once.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use platformc_definition::{
    ClusterVersion, Compiled, Context, CueEngine, DefinitionKind, Instance, Strictness,
    TemplateEngine, Use, check_properties, check_properties_filled,
};
use platformc_emit::kubernetes;
use platformc_emit::terraform::Stack;
use platformc_graph::{Fragment, Kind, NodePath, Whole};
use platformc_model::{
    Application, Component, Environment, Manifest, PolicyClass, Step, Text, Trait,
};
use platformc_source::{Diagnostic, FileId, Label, Severity, SourceMap, Span, codes};
use platformc_value::{Map, Value};

use crate::definitions::Library;
use crate::dependencies::{self, Entry};
use crate::group::Shared;
use crate::object::{Place, complete, put, reference};
use crate::place::{Target, Variant};
use crate::stacks;
use crate::unit::UnitOutput;
use crate::whole_graph::{Delivery, Source, wave};

/// Step types that KubeVela runs without a definition.
const BUILTIN_STEPS: [&str; 4] =
    ["apply-component", "builtin-apply-component", "step-group", "suspend"];
/// The namespace where neither topology, Application nor environment names one.
const NAMESPACE: &str = "default";

/// The rendering of one Application in one environment.
pub(crate) struct Rendering<'a> {
    library: &'a Library<'a>,
    map: &'a SourceMap,
    manifest: &'a Manifest,
    environment: &'a Environment,
    application: &'a Application,
    /// What comes before the Application as a whole.
    before: Vec<Entry>,
    /// The files of the definitions that were used.
    files: RefCell<Vec<FileId>>,
    output: UnitOutput,
    engine: CueEngine,
}

fn has_errors(sink: &[Diagnostic], from: usize) -> bool {
    sink.iter().skip(from).any(|diagnostic| diagnostic.severity == Severity::Error)
}

impl<'a> Rendering<'a> {
    pub(crate) fn new(
        shared: &'a Shared<'a>,
        environment: &'a Environment,
        application: &'a Application,
        sink: &mut Vec<Diagnostic>,
    ) -> Rendering<'a> {
        let Shared { library, map, manifest, .. } = *shared;
        Rendering {
            library,
            map,
            manifest,
            environment,
            application,
            before: dependencies::entries(application, map, sink),
            files: RefCell::default(),
            output: UnitOutput::default(),
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
        self.files.borrow_mut().push(definition.definition.origin.span.file);
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
            self.files.borrow_mut().push(found.definition.origin.span.file);
            let properties = used(&step.properties, &step.kind);
            let strictness = self.engine.strictness;
            let checked = check_properties_filled(&found, properties, &filled, context, strictness);
            sink.extend(checked);
        }
    }

    /// Checks and renders the components of a variant for each of its targets.
    pub(crate) fn variant(&mut self, variant: &Variant<'_>, sink: &mut Vec<Diagnostic>) {
        let mut fragments: Vec<Fragment> = variant
            .targets
            .iter()
            .map(|target| {
                let cluster = Some(target.cluster);
                dependencies::declare(self.application, &variant.components, cluster)
            })
            .collect();
        if fragments.is_empty() {
            // Placed nowhere because of a mistake; its own dependencies are checked all the same.
            let fragment = dependencies::declare(self.application, &variant.components, None);
            let whole = Whole::merge([&fragment], &BTreeSet::new(), self.map);
            sink.extend(whole.diagnostics);
        }
        self.components(variant, &mut fragments, sink);
        for (mut fragment, target) in fragments.into_iter().zip(&variant.targets) {
            let node = dependencies::node(Some(target.cluster), self.application);
            dependencies::refer(&mut fragment, &node, &self.before);
            self.output.fragment.join(fragment);
        }
    }

    /// Checks and renders the components for each target, each with its part of the graph.
    fn components(
        &mut self,
        variant: &Variant<'_>,
        fragments: &mut [Fragment],
        sink: &mut Vec<Diagnostic>,
    ) {
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
        for (target, fragment) in variant.targets.iter().zip(fragments) {
            self.target(target, &ready, fragment, &all, sink);
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
        fragment: &mut Fragment,
        all: &Arc<Value>,
        sink: &mut Vec<Diagnostic>,
    ) {
        let mut context = self.context(Some(target), all);
        let namespace = context.namespace.clone();
        let (cluster, server) = (&target.cluster.name, &target.cluster.server);
        let node = dependencies::node(Some(target.cluster), self.application);
        let forced = target.namespace.is_some();
        let mut objects = Vec::new();
        for ready in ready.iter().flatten() {
            context.name = ready.component.name.text.clone();
            let component = node.child(Kind::Component, &context.name);
            for (object, maker) in ready.render(&self.engine, &context, forced, sink) {
                let before = sink.len();
                let Some(object) = self.without_stacks(object, &ready.component.name, maker, sink)
                else {
                    continue;
                };
                self.library.schemas().check(&object, target.cluster.minor, sink);
                let identity = kubernetes::identify(&object, sink);
                for diagnostic in sink.iter_mut().skip(before) {
                    point_at(diagnostic, maker);
                }
                let Some(identity) = identity else { continue };
                let told = (&object, maker);
                dependencies::object(fragment, &component, cluster, &namespace, &identity, told);
                self.output.footprint.object(server, &identity);
                self.output.footprint.part(&component, &identity);
                objects.push((component.clone(), object, maker, identity));
            }
        }
        // Where all is stacks, there is nothing for Argo CD to find.
        if objects.is_empty() && !self.output.stacks.is_empty() {
            return;
        }
        let ranks = Ranks::of(fragment, self.map);
        for (component, object, maker, identity) in objects {
            let place = kubernetes::Context {
                cluster,
                app: &self.application.metadata.name,
                namespace: &namespace,
                wave: wave(ranks.of_node(&component)),
            };
            let mut artifact = kubernetes::write(object, &identity, &place);
            // What two objects have in common is best shown where their author wrote them.
            artifact.origin = platformc_source::Origin::authored(maker);
            // It is kept until everything is compiled, the room to grow is not needed.
            artifact.bytes.shrink_to_fit();
            self.output.artifacts.push(artifact);
            self.output.resources += 1;
        }
        self.output.footprint.destination(server, &namespace);
        self.argocd(target, &node, &namespace, sink);
    }

    /// An object that is for Kubernetes; a stack is kept aside. It belongs to the environment: made
    /// for a second cluster it is the same one, and what is said of it is said already.
    fn without_stacks(
        &mut self,
        object: Value,
        component: &Text,
        maker: Span,
        sink: &mut Vec<Diagnostic>,
    ) -> Option<Value> {
        let (manifest, env, before) = (self.manifest, &self.environment.name, sink.len());
        let stack = if stacks::is_stack(&object) {
            stacks::from_object(object, manifest, env, maker, sink)
        } else if stacks::is_configuration(&object, manifest, self.environment) {
            let names = (&self.application.metadata.name, component);
            stacks::from_configuration(&object, manifest, env, names, maker, sink)
        } else {
            return Some(object);
        };
        let stack = stack?;
        let same = |other: &Stack| {
            other.name.text == stack.name.text && other.name.origin == stack.name.origin
        };
        if self.output.stacks.iter().any(same) {
            sink.truncate(before);
        } else {
            self.output.stacks.push(stack);
        }
        None
    }

    /// What Argo CD needs to deliver the Application to a cluster.
    fn argocd(
        &mut self,
        target: &Target<'_>,
        node: &NodePath,
        namespace: &Arc<str>,
        sink: &mut Vec<Diagnostic>,
    ) {
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
        self.output.deliveries.push(Delivery {
            node: node.clone(),
            name: name.to_string(),
            cluster: target.cluster.name.text.clone(),
            server: target.cluster.server.text.clone(),
            app: app.text.clone(),
            namespace: namespace.clone(),
            source: Source::Output,
            // What can still be wrong is in the manifest, and said once for all Applications.
            origin: settings.repository.origin,
        });
    }

    /// All there is.
    pub(crate) fn finish(mut self) -> UnitOutput {
        let mut files = self.files.into_inner();
        files.sort_unstable();
        files.dedup();
        self.output.files = files;
        self.output
    }
}

/// The ranks of the components of one Application.
struct Ranks(Option<Whole>);

impl Ranks {
    /// What cannot be ordered is reported when the whole graph is known.
    fn of(fragment: &Fragment, map: &SourceMap) -> Ranks {
        let free = fragment.edges.is_empty() && fragment.offers.is_empty();
        Ranks((!free).then(|| Whole::merge([fragment], &BTreeSet::new(), map).value))
    }

    fn of_node(&self, path: &NodePath) -> usize {
        self.0.as_ref().map_or(0, |whole| whole.rank(path.as_str()))
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
