//! Rendering a whole component: its workload, its other objects, its traits in order.
//!
//! Invariant: base and auxiliary objects stay evaluated trees until the last trait has patched
//! them; only then are defaults chosen and values made. What a trait reads of them (through
//! `context.output`) is their value at that moment, a copy that changes nothing.

use std::sync::Arc;

use platformc_cue::{ArcKind, Bottom, ErrorCode, Options, Tree, TreeKind, TreeLabel, Unit};
use platformc_source::{Diagnostic, FileId, Outcome, Span, codes};
use platformc_value::{Data, Map, Value};

use crate::check::{Reporter, Strictness, labels};
use crate::context::{self, Local};
use crate::finalize::{Fault, Finalize};
use crate::patch::{self, Plain, Strategy};
use crate::{Body, Compiled, Context, DefinitionKind, Foreign, Use, suitable, terraform};

/// A component or trait as a document uses it.
#[derive(Clone, Copy, Debug)]
pub struct Instance<'a> {
    /// The definition.
    pub definition: &'a Compiled,
    /// The properties and the place of the `type`.
    pub used: Use<'a>,
}

/// What a component renders to.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// The main object; none where the definition makes none (references).
    pub workload: Option<Value>,
    /// The other objects, those of the component first, then of each trait in order.
    pub auxiliaries: Vec<Auxiliary>,
}

/// An object beside the workload.
#[derive(Clone, Debug)]
pub struct Auxiliary {
    /// The key in `outputs`.
    pub name: Arc<str>,
    /// The trait that made it, by its place among the component's traits; `None` for the
    /// component itself.
    pub trait_index: Option<usize>,
    /// The name of the definition that made it.
    pub definition: Arc<str>,
    /// The object.
    pub value: Value,
}

/// Renders definitions of one language. The whole component goes through one engine, because what
/// is not final yet cannot cross from one to another.
pub trait TemplateEngine: Sync {
    /// Renders a component with its traits, in the order written.
    fn render(
        &self,
        component: Instance<'_>,
        traits: &[Instance<'_>],
        context: &Context,
    ) -> Outcome<Rendered>;

    /// Renders the objects of a policy.
    fn render_policy(&self, policy: Instance<'_>, context: &Context) -> Outcome<Vec<Auxiliary>>;

    /// The concrete values of the top-level fields `names` of a template, of those that it has,
    /// in the order of `names`: what a module or an operation makes. Empty where it fails.
    fn render_fields(
        &self,
        instance: Instance<'_>,
        names: &[&str],
        context: &Context,
    ) -> Outcome<Vec<(Arc<str>, Value)>>;
}

/// Rendering with the CUE engine.
#[derive(Clone, Copy, Debug, Default)]
pub struct CueEngine {
    /// How properties are read. With [`Strictness::Vela`], numbers pass through binary floating
    /// point, as JSON in Go does.
    pub strictness: Strictness,
}

impl TemplateEngine for CueEngine {
    fn render(
        &self,
        component: Instance<'_>,
        traits: &[Instance<'_>],
        context: &Context,
    ) -> Outcome<Rendered> {
        let mut rendering = Rendering::new(self.strictness, context);
        if self.strictness == Strictness::Strict {
            suitable::check(component, traits, &mut rendering.found);
        }
        rendering.component(component);
        for (index, instance) in traits.iter().enumerate() {
            if rendering.failed {
                break;
            }
            rendering.add_trait(index, *instance, component);
        }
        rendering.finish(component, traits)
    }

    fn render_policy(&self, policy: Instance<'_>, context: &Context) -> Outcome<Vec<Auxiliary>> {
        let mut rendering = Rendering::new(self.strictness, context);
        rendering.component(policy);
        let rendered = rendering.finish(policy, &[]);
        rendered.map(|rendered| {
            let main = rendered.workload.map(|value| Auxiliary {
                name: Arc::from(""),
                trait_index: None,
                definition: Arc::clone(&policy.definition.definition.name.text),
                value,
            });
            main.into_iter().chain(rendered.auxiliaries).collect()
        })
    }

    fn render_fields(
        &self,
        instance: Instance<'_>,
        names: &[&str],
        context: &Context,
    ) -> Outcome<Vec<(Arc<str>, Value)>> {
        let mut rendering = Rendering::new(self.strictness, context);
        let local = Local { parameter: instance.used.properties, ..Local::default() };
        let made = rendering.fields(instance, local, names).unwrap_or_default();
        let mut values = Vec::with_capacity(made.len());
        for (name, tree) in made {
            match rendering.value(&tree) {
                Ok(value) => values.push((name, value)),
                Err(faults) => rendering.incomplete(&name, &faults, instance),
            }
        }
        if rendering.failed {
            values.clear();
        }
        Outcome::new(values, rendering.found)
    }
}

struct Object {
    name: Arc<str>,
    trait_index: Option<usize>,
    tree: Tree,
}

struct Rendering<'a> {
    strictness: Strictness,
    context: &'a Context,
    base: Option<Tree>,
    objects: Vec<Object>,
    templates: Vec<FileId>,
    patchers: Vec<Patcher>,
    found: Vec<Diagnostic>,
    failed: bool,
    /// How the patch of the template evaluated last applies.
    strategy: Strategy,
}

/// A trait that has patched something.
struct Patcher {
    file: FileId,
    span: Span,
    /// The whole of its properties.
    properties: Option<Span>,
    name: Arc<str>,
}

/// What one template made.
#[derive(Default)]
struct Made {
    output: Option<Tree>,
    outputs: Vec<(Arc<str>, Tree)>,
    patch: Option<Tree>,
    strategy: Strategy,
    patch_outputs: Vec<(Arc<str>, Tree)>,
}

impl<'a> Rendering<'a> {
    fn new(strictness: Strictness, context: &'a Context) -> Rendering<'a> {
        Rendering {
            strictness,
            context,
            base: None,
            objects: Vec::new(),
            templates: Vec::new(),
            patchers: Vec::new(),
            found: Vec::new(),
            failed: false,
            strategy: Strategy::default(),
        }
    }

    fn component(&mut self, instance: Instance<'_>) {
        if !matches!(instance.definition.definition.body, Body::Cue(_) | Body::Foreign(_)) {
            return;
        }
        let local = Local { parameter: instance.used.properties, ..Local::default() };
        let Some(made) = self.evaluate(instance, local) else { return };
        self.base = made.output;
        let objects = made.outputs.into_iter();
        self.objects.extend(objects.map(|(name, tree)| Object { name, trait_index: None, tree }));
    }

    fn add_trait(&mut self, index: usize, instance: Instance<'_>, component: Instance<'_>) {
        if !matches!(instance.definition.definition.body, Body::Cue(_) | Body::Foreign(_)) {
            return;
        }
        let uses = &instance.definition.uses;
        let needs = |name: &str| uses.context(name);
        let output = match &self.base {
            Some(base) if needs("output") => match self.value(base) {
                Ok(value) => Some(value),
                Err(faults) => return self.incomplete("output", &faults, component),
            },
            _ => None,
        };
        let outputs = if needs("outputs") && !self.objects.is_empty() {
            let mut map = Map::with_capacity(self.objects.len());
            for object in &self.objects {
                match self.value(&object.tree) {
                    Ok(value) => {
                        map.insert(Arc::clone(&object.name), value);
                    }
                    Err(faults) => {
                        let path = format!("outputs.{}", object.name);
                        return self.incomplete(&path, &faults, component);
                    }
                }
            }
            Some(Value::map(map))
        } else {
            None
        };
        let local = Local {
            component_type: Some(&component.definition.definition.name.text),
            parameter: component.used.properties,
            output,
            outputs,
        };
        let Some(made) = self.evaluate(instance, local) else { return };
        for (name, tree) in made.outputs {
            self.objects.push(Object { name, trait_index: Some(index), tree });
        }
        if made.patch.is_some() || !made.patch_outputs.is_empty() {
            self.patchers.push(Patcher {
                file: instance.definition.file(),
                span: instance.used.span,
                properties: instance.used.properties.map(|properties| properties.origin.span),
                name: Arc::clone(&instance.definition.definition.name.text),
            });
        }
        if let Some(patch) = made.patch {
            self.patch(patch, made.strategy, instance, component);
        }
        for (name, patch) in made.patch_outputs {
            for object in self.objects.iter_mut().filter(|object| object.name == name) {
                let tree = std::mem::replace(&mut object.tree, hole());
                object.tree =
                    patch::apply(tree, patch.clone(), Strategy::Strategic, &Plain, &mut self.found);
            }
        }
    }

    fn patch(
        &mut self,
        patch: Tree,
        strategy: Strategy,
        instance: Instance<'_>,
        component: Instance<'_>,
    ) {
        let Some(base) = self.base.take() else {
            let definition = &instance.definition.definition.name;
            self.found.push(
                Diagnostic::new(
                    codes::DEFINITION_PATCH_TARGET,
                    instance.used.span,
                    format!(
                        "`{}` patches the workload, but `{}` makes none",
                        definition.text, component.definition.definition.name.text
                    ),
                )
                .label(component.used.span, "the component")
                .label(definition.span, format!("`{}` is defined here", definition.text)),
            );
            self.failed = true;
            return;
        };
        let before = self.found.len();
        self.base = Some(patch::apply(base, patch, strategy, &Plain, &mut self.found));
        for diagnostic in &mut self.found[before..] {
            if diagnostic.primary.span.is_none()
                || self.templates.contains(&diagnostic.primary.span.file)
            {
                let place = diagnostic.primary.span;
                diagnostic.primary.span = instance.used.span;
                if !place.is_none() {
                    diagnostic.labels.push(platformc_source::Label {
                        span: place,
                        message: "the operation".to_owned(),
                    });
                }
            }
            self.failed = true;
        }
    }

    /// What one template makes of its properties; `None` where it fails.
    fn evaluate(&mut self, instance: Instance<'_>, local: Local<'_>) -> Option<Made> {
        let mut made = Made::default();
        self.strategy = instance.definition.strategy;
        let names = ["output", "outputs", "patch", "patchOutputs"];
        for (name, tree) in self.fields(instance, local, &names)? {
            match &*name {
                "output" => made.output = Some(tree),
                "patch" => made.patch = Some(tree),
                "outputs" => made.outputs = members(tree),
                _ => made.patch_outputs = members(tree),
            }
        }
        made.strategy = self.strategy;
        Some(made)
    }

    /// Evaluates one template with its properties; the fields `names` of it, of those it has.
    /// `None` where it fails.
    fn fields(
        &mut self,
        instance: Instance<'_>,
        local: Local<'_>,
        names: &[&str],
    ) -> Option<Vec<(Arc<str>, Tree)>> {
        let compiled = instance.definition;
        let foreign = match &compiled.definition.body {
            Body::Foreign(foreign) => Some(foreign),
            _ => None,
        };
        if compiled.is_broken() {
            self.failed = true;
            return None;
        }
        self.templates.push(compiled.file());
        if let Some(diagnostic) = crate::live::refuse(compiled, instance.used) {
            self.found.push(diagnostic);
            self.failed = true;
            return None;
        }
        let empty;
        let floats;
        let properties = match (instance.used.properties, self.strictness) {
            (Some(properties), Strictness::Strict) => properties,
            (Some(properties), Strictness::Vela) => {
                floats = crate::vela::through_float(properties);
                &floats
            }
            (None, _) => {
                empty = Value::map(Map::new());
                &empty
            }
        };
        let context = context::build(self.context, local, &compiled.uses);
        if let Some(foreign) = foreign {
            return self.foreign(&**foreign, (properties, &context), instance, names);
        }
        let package = compiled.package.as_ref()?;
        let mut unit = Unit::new(package, Options::default());
        unit.inject("context", &context);
        // A trait without properties takes what its template makes of none; a component gets `{}`.
        let given = instance.used.properties.is_some();
        if given || compiled.definition.kind != DefinitionKind::Trait {
            unit.inject("parameter", properties);
        }
        let root = unit.root();
        let errors = unit.errors(root);
        let user = user_errors(&mut unit, compiled);
        if !errors.is_empty() || !user.is_empty() {
            self.failed = true;
            for message in user {
                self.user_error(&message, instance);
            }
            self.template_errors(&errors, properties, instance);
            return None;
        }
        let mut made = Vec::with_capacity(names.len());
        for name in names.iter().filter(|name| compiled.uses.declares(name)) {
            let name: Arc<str> = Arc::from(*name);
            let Some(node) = unit.child(root, &TreeLabel::Regular(Arc::clone(&name))) else {
                continue;
            };
            let tree = unit.tree(node);
            if exists(&tree) {
                made.push((name, tree));
            }
        }
        Some(made)
    }

    /// The fields that a template in another language made, of those asked for.
    fn foreign(
        &mut self,
        foreign: &dyn Foreign,
        (properties, context): (&Value, &Value),
        instance: Instance<'_>,
        names: &[&str],
    ) -> Option<Vec<(Arc<str>, Tree)>> {
        let (errors, user) = match foreign.render(properties, context) {
            Ok(made) if made.errors.is_empty() => {
                self.strategy = made.strategy;
                let asked = made.fields.into_iter().filter(|(name, _)| names.contains(&&**name));
                return Some(asked.collect());
            }
            Ok(made) => (Vec::new(), made.errors),
            Err(errors) => (errors, Vec::new()),
        };
        self.failed = true;
        for message in user {
            self.user_error(&message, instance);
        }
        self.template_errors(&errors, properties, instance);
        None
    }

    fn user_error(&mut self, message: &str, instance: Instance<'_>) {
        let definition = &instance.definition.definition;
        let errs = instance.definition.uses.declared.get("errs").copied().unwrap_or(Span::NONE);
        self.found.push(
            Diagnostic::new(
                codes::DEFINITION_USER_ERROR,
                instance.used.span,
                format!("`{}` reports: {message}", definition.name.text),
            )
            .label(errs, "the definition reports it here"),
        );
    }

    fn template_errors(&mut self, errors: &[Bottom], properties: &Value, instance: Instance<'_>) {
        let mut reporter =
            Reporter::new(instance.definition, properties, instance.used.span, self.strictness);
        let (own, others): (Vec<_>, Vec<_>) = errors
            .iter()
            .partition(|error| labels(&error.path).first().is_some_and(|at| at == "parameter"));
        for error in own {
            reporter.report(error);
        }
        let mut own = reporter.finish();
        let parameters_fail = !own.is_empty();
        self.found.append(&mut own);
        if parameters_fail {
            // What the template makes of faulty properties says nothing new.
            return;
        }
        for error in others {
            let diagnostic = self.template_error(error, instance);
            if !self.found.contains(&diagnostic) {
                self.found.push(diagnostic);
            }
        }
    }

    fn template_error(&self, error: &Bottom, instance: Instance<'_>) -> Diagnostic {
        let name = &instance.definition.definition.name.text;
        let place =
            if error.path.is_empty() { String::new() } else { format!(" at `{}`", error.path) };
        let message = format!("`{name}` fails{place}: {}", reason(error));
        let authored =
            error.spans.iter().find(|span| !span.is_none() && !self.templates.contains(&span.file));
        let mut diagnostic = Diagnostic::new(
            codes::DEFINITION_TEMPLATE,
            authored.copied().unwrap_or(instance.used.span),
            message,
        );
        for span in error.spans.iter().filter(|span| self.templates.contains(&span.file)).take(3) {
            diagnostic = diagnostic.label(*span, "the template says this");
        }
        diagnostic
    }

    fn value(&self, tree: &Tree) -> Result<Value, Vec<Fault>> {
        Finalize { templates: &self.templates }.value(tree)
    }

    /// Reports what has no value in an object.
    fn incomplete(&mut self, object: &str, faults: &[Fault], component: Instance<'_>) {
        self.failed = true;
        for fault in faults {
            let diagnostic = self.fault(object, fault, component);
            if !self.found.contains(&diagnostic) {
                self.found.push(diagnostic);
            }
        }
    }

    /// The trait whose patch had a part in a fault: one whose template or properties stand behind
    /// it, else the last one. Before the first patch nothing contradicts itself, because templates
    /// that do end the rendering.
    fn patcher(&self, spans: &[Span]) -> Option<&Patcher> {
        let part = |patcher: &&Patcher| {
            spans.iter().any(|span| {
                let inside = patcher.properties.is_some_and(|properties| {
                    properties.file == span.file
                        && properties.start <= span.start
                        && span.end <= properties.end
                });
                inside || span.file == patcher.file
            })
        };
        self.patchers.iter().rev().find(part).or(self.patchers.last())
    }

    fn fault(&self, object: &str, fault: &Fault, component: Instance<'_>) -> Diagnostic {
        let name = &component.definition.definition.name.text;
        let path = &fault.path;
        let spans: Vec<Span> = match &fault.bottom {
            Some(bottom) if !bottom.spans.is_empty() => bottom.spans.clone(),
            _ => vec![fault.span],
        };
        let conflict = fault.bottom.as_ref().filter(|bottom| !bottom.code.is_incomplete());
        let patcher = conflict.and_then(|_| self.patcher(&spans));
        let (code, message) = match (conflict, patcher) {
            (Some(bottom), Some(patcher)) => (
                codes::DEFINITION_PATCH_CONFLICT,
                format!("`{}` cannot patch `{object}.{path}`: {}", patcher.name, reason(bottom)),
            ),
            (Some(bottom), None) => (
                codes::DEFINITION_TEMPLATE,
                format!("`{name}` fails at `{object}.{path}`: {}", reason(bottom)),
            ),
            (None, _) => (
                codes::DEFINITION_INCOMPLETE,
                format!("`{object}.{path}` of `{name}` has no concrete value but {}", fault.found),
            ),
        };
        let authored = |span: &&Span| !span.is_none() && !self.templates.contains(&span.file);
        let fallback = patcher.map_or(component.used.span, |patcher| patcher.span);
        let primary = spans.iter().find(authored).copied().unwrap_or(fallback);
        let mut diagnostic = Diagnostic::new(code, primary, message);
        let mut seen = vec![primary];
        for span in spans {
            if seen.contains(&span) {
                continue;
            }
            seen.push(span);
            let words = if patcher.is_some_and(|patcher| patcher.file == span.file) {
                "the patch says this"
            } else if self.templates.contains(&span.file) {
                "the template says this"
            } else {
                "and this"
            };
            diagnostic = diagnostic.label(span, words);
        }
        if patcher.is_some() && primary != component.used.span {
            diagnostic = diagnostic.label(component.used.span, "the component");
        }
        diagnostic
    }

    fn finish(mut self, component: Instance<'_>, traits: &[Instance<'_>]) -> Outcome<Rendered> {
        let mut rendered = Rendered::default();
        if self.failed {
            return Outcome::new(rendered, self.found);
        }
        if let Some(base) = self.base.take() {
            match self.value(&base) {
                Ok(value) => rendered.workload = Some(value),
                Err(faults) => self.incomplete("output", &faults, component),
            }
        }
        let definition = &component.definition.definition;
        if let Body::Terraform(terraform) = &definition.body {
            let found = &mut self.found;
            let made = terraform::configuration(
                definition,
                terraform,
                component.used,
                self.context,
                found,
            );
            self.failed |= made.is_none();
            rendered.workload = made;
        }
        for object in std::mem::take(&mut self.objects) {
            let maker =
                object.trait_index.and_then(|index| traits.get(index)).unwrap_or(&component);
            match self.value(&object.tree) {
                Ok(value) => rendered.auxiliaries.push(Auxiliary {
                    name: object.name,
                    trait_index: object.trait_index,
                    definition: Arc::clone(&maker.definition.definition.name.text),
                    value,
                }),
                Err(faults) => {
                    let path = format!("outputs.{}", object.name);
                    self.incomplete(&path, &faults, *maker);
                }
            }
        }
        if self.failed {
            rendered = Rendered::default();
        }
        Outcome::new(rendered, self.found)
    }
}

/// The message of an error; of a failed choice, those of its alternatives.
fn reason(bottom: &Bottom) -> String {
    const SHOWN: usize = 3;
    if bottom.reason != platformc_cue::Reason::Disjunction || bottom.causes.is_empty() {
        return bottom.message.clone();
    }
    let mut causes: Vec<&str> = Vec::new();
    for cause in &bottom.causes {
        if !causes.contains(&cause.message.as_str()) {
            causes.push(&cause.message);
        }
    }
    causes.truncate(SHOWN);
    format!("no alternative holds ({})", causes.join("; "))
}

fn hole() -> Tree {
    Tree::new(TreeKind::Top, platformc_source::Origin::NONE)
}

/// Whether a field of a template is there: one whose condition does not hold is not.
fn exists(tree: &Tree) -> bool {
    !matches!(&tree.kind, TreeKind::Top)
        && !matches!(&tree.kind, TreeKind::Bottom(bottom) if bottom.code == ErrorCode::Incomplete && bottom.spans.is_empty())
}

/// The fields of `outputs`, in order.
fn members(tree: Tree) -> Vec<(Arc<str>, Tree)> {
    let TreeKind::Struct(fields) = tree.kind else { return Vec::new() };
    fields
        .fields
        .into_iter()
        .filter(|field| field.arc == ArcKind::Member)
        .filter_map(|field| match field.label {
            TreeLabel::Regular(name) => Some((name, field.value)),
            _ => None,
        })
        .collect()
}

/// The messages of `errs`. KubeVela skips a list that is not of strings; so is it here.
fn user_errors(unit: &mut Unit<'_>, compiled: &Compiled) -> Vec<String> {
    if !compiled.uses.declares("errs") {
        return Vec::new();
    }
    let root = unit.root();
    let Some(node) = unit.child(root, &TreeLabel::Regular(Arc::from("errs"))) else {
        return Vec::new();
    };
    let Ok(Value { data: Data::List(items), .. }) = unit.value(node) else { return Vec::new() };
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}
