//! Planned stacks become stacks: inputs checked, templates evaluated, references typed.
//!
//! Invariant: a stack is compiled after every stack whose outputs it takes, so that the type of a
//! reference is known before the template that uses it is evaluated.

use std::collections::BTreeMap;
use std::sync::Arc;

use platformc_definition::{
    Compiled, Context, CueEngine, Instance, Strictness, TemplateEngine, Use, check_properties,
};
use platformc_emit::terraform::types::Type;
use platformc_emit::terraform::{
    After, Backend, Body, Engine, Local, Name, ProviderConfiguration, RequiredProvider, Stack,
    backend_of,
};
use platformc_graph::Strength;
use platformc_model::{OutputReference, Provider, references};
use platformc_source::{Diagnostic, Label, Severity, Span, codes, nearest};
use platformc_value::{Data, Entry, Map, Path, Value};

use super::modules;
use super::opaque::{Standins, Typed};
use super::plan::{Content, Planned};
use super::providers::{COMMON, Providers};
use crate::group::Shared;

/// The fields of a module's template: the stack, and where states are for a module that stores
/// them.
const FIELDS: [&str; 2] = ["output", "backend"];

/// The types that references to a stack have.
#[derive(Debug, Default)]
pub(super) struct Outputs(BTreeMap<Arc<str>, Option<Type>>);

/// Compiles the stacks of one environment.
pub(super) struct Compiler<'a> {
    pub(super) shared: &'a Shared<'a>,
    pub(super) providers: &'a Providers,
    pub(super) environment: &'a str,
    pub(super) engine: Engine,
    /// The outputs of the stacks that are compiled; `None` for one with faults.
    pub(super) outputs: BTreeMap<Arc<str>, Option<Outputs>>,
    /// What modules that store states say of where they are, by the name of the stack.
    pub(super) backends: BTreeMap<Arc<str>, Value>,
}

impl Compiler<'_> {
    /// Whether every stack that it takes outputs of is compiled.
    pub(super) fn is_ready(&self, planned: &Planned) -> bool {
        let references = references(&planned.inputs, &mut Vec::new());
        references.iter().all(|(_, reference)| self.outputs.contains_key(&reference.stack.text))
    }

    /// Compiles one stack. `None` where it has faults, which are then in `sink`.
    pub(super) fn stack(&mut self, planned: &Planned, sink: &mut Vec<Diagnostic>) -> Option<Stack> {
        let before = sink.len();
        let body = self.body(planned, sink);
        let failed = sink.iter().skip(before).any(|found| found.severity == Severity::Error);
        let name = Arc::clone(&planned.name.text);
        let Some((body, files)) = body.filter(|_| !failed) else {
            self.outputs.insert(name, None);
            return None;
        };
        let outputs = body.outputs.iter().map(|out| (Arc::clone(&out.name.text), out.ty.clone()));
        self.outputs.insert(name, Some(Outputs(outputs.collect())));
        let mut stack = Stack::new(as_name(&planned.name), self.engine.clone());
        stack.body = body;
        stack.files = files;
        stack.backend = self.backend_of(planned, sink);
        let after = planned
            .after
            .iter()
            .map(|(target, _)| After { stack: as_name(target), strength: Strength::Hard });
        stack.after = after.collect();
        stack.tags = vec![Name::computed(Arc::clone(&planned.document))];
        Some(stack)
    }

    fn body(
        &mut self,
        planned: &Planned,
        sink: &mut Vec<Diagnostic>,
    ) -> Option<(Body, Vec<platformc_emit::terraform::ModuleFile>)> {
        let typed = self.typed(&planned.inputs, sink)?;
        let (mut body, files, configured) = match &planned.content {
            Content::Module(module) => {
                let body = self.module(planned, module, typed, sink)?;
                (body, Vec::new(), Vec::new())
            }
            Content::Terraform { name, source, version, outputs, providers } => {
                let call = modules::Call { name, source, version: version.as_ref(), outputs };
                let (body, files) =
                    modules::terraform(self.shared, &call, &planned.inputs, &typed, sink)?;
                (body, files, providers.clone())
            }
            Content::Outputs => {
                (modules::outputs(&planned.inputs, &typed, sink), Vec::new(), Vec::new())
            }
        };
        self.require_providers(planned, &mut body, &configured, sink);
        Some((body, files))
    }

    /// The references in inputs with their types. `None` where one of them means a stack with
    /// faults, which are reported there.
    fn typed(&self, inputs: &Value, sink: &mut Vec<Diagnostic>) -> Option<Vec<Typed>> {
        let before = sink.len();
        let mut typed = Vec::new();
        for (path, reference) in references(inputs, sink) {
            // A stack that is not there is reported with the order of stacks.
            let outputs = self.outputs.get(&reference.stack.text)?.as_ref()?;
            if let Some(ty) = output_type(&reference, outputs, sink) {
                typed.push(Typed { path, reference, ty });
            }
        }
        (sink.len() == before).then_some(typed)
    }

    /// The content that a module's template makes.
    fn module(
        &mut self,
        planned: &Planned,
        module: &Arc<Compiled>,
        typed: Vec<Typed>,
        sink: &mut Vec<Diagnostic>,
    ) -> Option<Body> {
        let shape = &module.parameters().shape;
        let standins = Standins::new(typed, &planned.inputs, shape);
        let context = Context {
            name: Arc::clone(&planned.name.text),
            app_name: Arc::clone(&planned.document),
            ..Context::default()
        };
        let engine = CueEngine { strictness: Strictness::Strict };
        let mut runs = Vec::with_capacity(standins.runs());
        for run in 0..standins.runs() {
            let inputs = standins.inputs(&planned.inputs, run);
            let used = Use { properties: Some(&inputs), span: planned.span };
            let mut found = Vec::new();
            if run == 0 {
                found = check_properties(module, used, &context, Strictness::Strict);
            }
            if !has_errors(&found) {
                let instance = Instance { definition: module, used };
                let made = engine.render_fields(instance, &FIELDS, &context);
                runs.push(made.drain_into(&mut found));
            }
            let failed = has_errors(&found);
            // What the other evaluations find, the first one has found.
            if run == 0 || failed {
                sink.extend(found.into_iter().map(|found| explained(found, &standins)));
            }
            if failed {
                return None;
            }
        }
        let resolved = standins.resolve(&runs);
        for computed in &resolved.computed {
            sink.push(computes(computed, &standins, module, planned.span));
        }
        if !resolved.computed.is_empty() {
            return None;
        }
        let mut body = None;
        for (name, value) in resolved.values {
            match &*name {
                "output" => body = Some(platformc_emit::terraform::body(value, sink)),
                _ => {
                    self.backends.insert(Arc::clone(&planned.name.text), value);
                }
            }
        }
        let mut body = body?;
        for (name, value) in resolved.locals {
            let name = Name::computed(name);
            body.locals.push(Local { name, value });
        }
        Some(body)
    }

    /// Where the state of a stack is.
    fn backend_of(&self, planned: &Planned, sink: &mut Vec<Diagnostic>) -> Option<Backend> {
        let Some(from) = &planned.backend else {
            return crate::stacks::backend(self.shared.manifest, self.environment, &planned.name);
        };
        let value = self.backends.get(&**from)?;
        let kind = value.get("type").and_then(Value::as_str);
        let settings = value.get("config").and_then(Value::as_map);
        let (Some(kind), Some(settings)) = (kind, settings) else {
            let message = format!("the module of stack `{from}` does not say where states are");
            let span = value.origin.span;
            let diagnostic = Diagnostic::new(codes::INFRASTRUCTURE_PROVIDER, span, message);
            sink.push(diagnostic.note(
                "`backend` of its template is {type: \"s3\", config: {…}}, in which {stack} \
                 stands for the name of a stack",
            ));
            return None;
        };
        let kind = Name::new(kind, value.origin);
        let pattern = Backend { kind, settings: settings.clone(), origin: value.origin };
        Some(backend_of(&pattern, self.environment, &planned.name))
    }

    /// Adds the Terraform providers that a stack uses, with the settings their provider gives.
    fn require_providers(
        &self,
        planned: &Planned,
        body: &mut Body,
        configured: &[(platformc_model::Text, Value)],
        sink: &mut Vec<Diagnostic>,
    ) {
        let mut used: BTreeMap<Arc<str>, Span> = BTreeMap::new();
        for block in body.resources.iter().chain(&body.data).chain(&body.ephemeral) {
            let name = match block.body.get("provider").and_then(Value::as_str) {
                Some(named) => named.split('.').next().unwrap_or(named),
                None => block.kind.split('_').next().unwrap_or(&block.kind),
            };
            used.entry(name.into()).or_insert(block.kind.span());
        }
        for provider in &body.providers {
            used.entry(Arc::clone(&provider.name.text)).or_insert(provider.name.span());
        }
        for (name, settings) in configured {
            used.entry(Arc::clone(&name.text)).or_insert(name.span());
            if settings.as_map().is_some_and(|map| !map.is_empty()) {
                body.providers.push(ProviderConfiguration {
                    name: as_name(name),
                    alias: None,
                    settings: settings.as_map().cloned().unwrap_or_default(),
                });
            }
        }
        for (name, span) in used {
            // `terraform_data` and `terraform_remote_state` are built in.
            if &*name == "terraform"
                || body.required_providers.iter().any(|known| known.name.text == name)
            {
                continue;
            }
            let own = self.providers.get(&planned.provider);
            let shared = self.providers.get(COMMON);
            let found = [own, shared].into_iter().flatten().find_map(|from| from.terraform(&name));
            let Some(found) = found else {
                sink.push(unpinned(&name, span, &planned.provider, own));
                continue;
            };
            body.required_providers.push(RequiredProvider {
                name: Name::new(name.clone(), found.name.origin),
                source: as_name(&found.source),
                version: Some(as_name(&found.version)),
            });
            let settings = found.configuration.as_map().filter(|map| !map.is_empty());
            if let Some(settings) = settings
                && body.providers.iter().all(|own| own.name.text != name || own.alias.is_some())
            {
                let settings = Value::map(settings.clone());
                let filled = filled(&settings, "{region}", &planned.region);
                body.providers.push(ProviderConfiguration {
                    name: Name::new(name, found.name.origin),
                    alias: None,
                    settings: filled.as_map().cloned().unwrap_or_default(),
                });
            }
        }
    }
}

/// Terraform providers without a pin would be another version tomorrow.
fn unpinned(name: &str, span: Span, provider: &str, own: Option<&Provider>) -> Diagnostic {
    let message = format!("provider `{provider}` pins no Terraform provider `{name}`");
    let mut diagnostic = Diagnostic::new(codes::INFRASTRUCTURE_PROVIDER, span, message);
    let known = own.into_iter().flat_map(|own| &own.terraform).map(|known| &*known.name.text);
    if let Some(best) = nearest(name, known).first() {
        diagnostic = diagnostic.note(format!("did you mean `{best}`?"));
    }
    diagnostic.note(format!(
        "add [terraform.{name}] with `source` and `version` to its manifest, or \
         `required_providers` to the module"
    ))
}

/// A name of a document as the emitter has it.
pub(super) fn as_name(text: &platformc_model::Text) -> Name {
    Name::new(Arc::clone(&text.text), text.origin)
}

fn has_errors(found: &[Diagnostic]) -> bool {
    found.iter().any(|found| found.severity == Severity::Error)
}

/// A value with a word in its texts replaced.
fn filled(value: &Value, word: &str, by: &str) -> Value {
    let data = match &value.data {
        Data::String(text) => Data::String(text.replace(word, by).into()),
        Data::List(items) => Data::List(items.iter().map(|item| filled(item, word, by)).collect()),
        Data::Map(map) => {
            let mut out = Map::with_capacity(map.len());
            for entry in map {
                out.push_unique(Entry {
                    key: Arc::clone(&entry.key),
                    key_origin: entry.key_origin,
                    value: filled(&entry.value, word, by),
                });
            }
            Data::Map(out)
        }
        other => other.clone(),
    };
    Value::new(data, value.origin)
}

/// The type of what a reference means.
fn output_type(
    reference: &OutputReference,
    outputs: &Outputs,
    sink: &mut Vec<Diagnostic>,
) -> Option<Type> {
    let OutputReference { stack, output, key, .. } = reference;
    let place = if output.span().is_none() { reference.origin.span } else { output.span() };
    let Some(ty) = outputs.0.get(&output.text) else {
        let message = format!("stack `{stack}` has no output `{output}`");
        let mut diagnostic = Diagnostic::new(codes::TERRAFORM_UNKNOWN_OUTPUT, place, message);
        let known = || outputs.0.keys().map(|name| &**name);
        if let Some(best) = nearest(output, known()).first() {
            diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?")).replace(
                output.span(),
                *best,
                format!("write `{best}`"),
            );
        }
        let names: Vec<&str> = known().collect();
        let note = match names.as_slice() {
            [] => "it has none".to_owned(),
            names => format!("its outputs are {}", names.join(", ")),
        };
        sink.push(diagnostic.note(note));
        return None;
    };
    let Some(ty) = ty else {
        let message = format!("output `{output}` of stack `{stack}` has no type");
        sink.push(
            Diagnostic::new(codes::TERRAFORM_UNKNOWN_OUTPUT, place, message)
                .note("give it one where it is declared, such as `type: \"string\"`"),
        );
        return None;
    };
    let Some(key) = key else { return Some(ty.clone()) };
    let inner = match ty {
        Type::Map(of) => Some((**of).clone()),
        Type::Object(attributes) => attributes.get(&key.text).map(|found| found.ty.clone()),
        _ => None,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@".contains(c);
    if inner.is_none() || !key.chars().all(plain) {
        let span = if key.span().is_none() { place } else { key.span() };
        let message = format!("output `{output}` of stack `{stack}` has no key `{key}`");
        let mut diagnostic = Diagnostic::new(codes::TERRAFORM_UNKNOWN_OUTPUT, span, message);
        if let Type::Object(attributes) = ty
            && let Some(best) = nearest(key, attributes.keys().map(|name| &**name)).first()
        {
            diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?"));
        }
        sink.push(diagnostic.note(format!("its type is {ty}")));
        return None;
    }
    inner
}

/// A fault of properties, with references named instead of their stand-ins.
fn explained(mut found: Diagnostic, standins: &Standins) -> Diagnostic {
    found.message = standins.explain(&found.message);
    found.primary.message = standins.explain(&found.primary.message);
    for label in &mut found.labels {
        label.message = standins.explain(&label.message);
    }
    for note in &mut found.notes {
        *note = standins.explain(note);
    }
    let span = found.primary.span;
    let own = standins.references().iter().find(|typed| {
        let at = typed.reference.origin.span;
        !span.is_none() && at.file == span.file && at.start <= span.start && span.end <= at.end
    });
    if let Some(Typed { reference, ty, .. }) = own {
        let OutputReference { stack, output, key, .. } = reference;
        let what = match key {
            Some(key) => format!("`{key}` of output `{output}` of stack `{stack}`"),
            None => format!("output `{output}` of stack `{stack}`"),
        };
        found.notes.push(format!("{what} is {ty}, known once the stack is applied"));
    }
    found
}

/// The diagnostic for a template that computes with a value nobody knows.
fn computes(
    computed: &super::opaque::Computed,
    standins: &Standins,
    module: &Compiled,
    used: Span,
) -> Diagnostic {
    let name = &module.definition.name.text;
    let reference = computed.reference.and_then(|at| standins.references().get(at));
    let (what, span) = match reference {
        Some(Typed { reference, .. }) => {
            let OutputReference { stack, output, .. } = reference;
            let span = reference.origin.span;
            let span = if span.is_none() { used } else { span };
            (format!("output `{output}` of stack `{stack}`"), span)
        }
        None => ("an output of another stack".to_owned(), used),
    };
    let message = format!("`{name}` computes `{}` from {what}", path_text(&computed.path));
    let mut diagnostic = Diagnostic::new(codes::INFRASTRUCTURE_COMPUTED, span, message)
        .note("the value is known once that stack is applied; until then it can only be passed on")
        .note("the template can leave the computing to Terraform: a local, {$tf: \"length(local.x)\"}");
    if !computed.span.is_none() {
        diagnostic.labels.push(Label {
            span: computed.span,
            message: "the template computes it here".to_owned(),
        });
    }
    diagnostic
}

/// A path in a template's result without the name of the result itself.
fn path_text(path: &Path) -> String {
    let steps = path.steps().iter().skip(1).cloned();
    steps.collect::<Path>().to_string()
}
