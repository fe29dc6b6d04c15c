//! Documents become planned stacks: a name, a module, its inputs.
//!
//! Invariant: a planned stack is plain data. What it takes of other stacks stands in its inputs as
//! references, the same whether the author, the provider or the compiler wrote them.

use std::sync::Arc;

use platformc_definition::{Compiled, DefinitionKind};
use platformc_model::{
    CustomModule, Infrastructure, ModuleSource, OUTPUTS, Part, Provider, Role, Text,
};
use platformc_source::{Diagnostic, Origin, Span, codes, nearest};
use platformc_value::{Data, Entry, Map, Value};

use super::providers::Providers;
use crate::definitions::Library;

/// What makes the content of a stack.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// A module definition.
    Module(Arc<Compiled>),
    /// A Terraform module as such: its name and where it comes from.
    Terraform {
        /// The name of the module in the stack.
        name: Text,
        /// A folder of the workspace, or a remote address.
        source: Text,
        /// The version, for modules of a registry.
        version: Option<Text>,
        /// The outputs with Terraform's types.
        outputs: Vec<(Text, Text)>,
        /// Terraform providers with settings.
        providers: Vec<(Text, Value)>,
    },
    /// Outputs of other stacks under one roof; the inputs are the outputs.
    Outputs,
}

/// A stack before it is compiled.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    /// Its name, unique in the environment.
    pub(super) name: Text,
    /// What makes its content.
    pub(super) content: Content,
    /// What the content takes; a struct, references included.
    pub(super) inputs: Value,
    /// Where faults of what is not written are shown.
    pub(super) span: Span,
    /// Stacks it comes after, beside those it takes outputs of: names and the rule, where no
    /// author says so.
    pub(super) after: Vec<(Text, Option<&'static str>)>,
    /// The provider whose Terraform providers it may use.
    pub(super) provider: String,
    /// What stands for `{region}`.
    pub(super) region: Arc<str>,
    /// The stack that stores its state.
    pub(super) backend: Option<String>,
    /// The name of the document it belongs to.
    pub(super) document: Arc<str>,
}

/// What all stacks of one document know.
pub(super) struct Scope<'a> {
    /// The definitions.
    pub(super) library: &'a Library<'a>,
    /// The providers.
    pub(super) providers: &'a Providers,
    /// The environment.
    pub(super) environment: &'a str,
}

/// The words that stand for something in a provider's manifest.
pub(super) struct Words<'a> {
    /// `{name}`.
    pub(super) name: &'a str,
    /// `{region}`.
    pub(super) region: &'a str,
    /// `{environment}`.
    pub(super) environment: &'a str,
}

impl Words<'_> {
    fn fill(&self, text: &str) -> String {
        text.replace("{name}", self.name)
            .replace("{region}", self.region)
            .replace("{environment}", self.environment)
    }
}

/// A value of a provider's manifest for one infrastructure: words filled in, outputs of roles
/// turned into references. `Err` names a role that the infrastructure does not have.
pub(super) fn wire(
    value: &Value,
    infrastructure: &Infrastructure,
    words: &Words<'_>,
) -> Result<Value, Role> {
    let data = match &value.data {
        Data::String(text) => Data::String(words.fill(text).into()),
        Data::List(items) => Data::List(
            items.iter().map(|item| wire(item, infrastructure, words)).collect::<Result<_, _>>()?,
        ),
        Data::Map(map) => {
            let role = map.get("role").and_then(Value::as_str).and_then(Role::parse);
            if let (Some(role), Some(output)) = (role, map.get("output")) {
                if infrastructure.part(role).is_none() {
                    return Err(role);
                }
                let mut inner = Map::with_capacity(2);
                inner.insert("stack", Value::string(infrastructure.stack(role)).at(value.origin));
                inner.insert("output", output.clone());
                return Ok(value_from(inner, value.origin));
            }
            let mut out = Map::with_capacity(map.len());
            for entry in map {
                out.push_unique(Entry {
                    key: Arc::clone(&entry.key),
                    key_origin: entry.key_origin,
                    value: wire(&entry.value, infrastructure, words)?,
                });
            }
            Data::Map(out)
        }
        other => other.clone(),
    };
    Ok(Value::new(data, value.origin))
}

/// `{valueFrom: {…}}`.
pub(super) fn value_from(inner: Map, origin: Origin) -> Value {
    let mut map = Map::with_capacity(1);
    map.insert("valueFrom", Value::new(Data::Map(inner), origin));
    Value::new(Data::Map(map), origin)
}

/// Adds what a module declares and nobody gave.
pub(super) fn fill(inputs: &mut Value, module: &Compiled, known: &[(&str, Value)]) {
    let shape = &module.parameters().shape;
    let Some(map) = inputs.as_map_mut() else { return };
    for (name, value) in known {
        if map.get(name).is_none() && shape.field(name).is_some() {
            map.insert(*name, value.clone());
        }
    }
}

/// A map of texts as a value.
pub(super) fn texts(pairs: &[(Text, Text)]) -> Value {
    let mut map = Map::with_capacity(pairs.len());
    for (key, text) in pairs {
        map.insert(Arc::clone(&key.text), text.to_value());
    }
    Value::map(map)
}

/// The stacks of an infrastructure, in the order in which they are written.
pub(super) fn infrastructure(
    scope: &Scope<'_>,
    found: &Infrastructure,
    sink: &mut Vec<Diagnostic>,
) -> Vec<Planned> {
    let Some(provider) = scope.providers.resolve(&found.provider, sink) else { return Vec::new() };
    let region = region(found, provider, sink);
    let words =
        Words { name: &found.metadata.name, region: &region, environment: scope.environment };
    let mut known = vec![
        ("name", found.metadata.name.to_value()),
        ("environment", Value::string(scope.environment)),
        ("labels", texts(&found.metadata.labels)),
        ("admin", found.admin.value.clone()),
    ];
    if let Some(region) = &found.region {
        known.push(("region", region.to_value()));
    }
    // Without `kubernetes` there is no cluster to reach; its absence is reported already.
    if let Some(Ok(access)) = provider.access.as_ref().map(|access| wire(access, found, &words)) {
        known.push(("access", access));
    }
    let mut planned = Vec::new();
    let has_backend = found.part(Role::Backend).is_some() && provider.role(Role::Backend).is_some();
    let backend = has_backend.then(|| found.stack(Role::Backend));
    let common = |name: String, origin: Origin| Planned {
        name: Text { text: name.into(), origin },
        content: Content::Outputs,
        inputs: Value::map(Map::new()),
        span: origin.span,
        after: Vec::new(),
        provider: provider.name.text.to_string(),
        region: Arc::clone(&region),
        backend: backend.clone(),
        document: Arc::clone(&found.metadata.name.text),
    };
    for part in &found.parts {
        let origin = Origin::authored(part.span);
        let mut stack = common(found.stack(part.role), origin);
        if part.role == Role::Backend {
            stack.backend = None;
        }
        let Some(made) = role(scope, found, provider, part, &words, &known, sink) else { continue };
        (stack.content, stack.inputs) = made;
        planned.push(stack);
    }
    for module in &found.modules {
        let name = format!("{}-{}", found.metadata.name, module.name);
        let mut stack = common(name, module.name.origin);
        let Some(made) = custom(scope, module, &known, sink) else { continue };
        (stack.content, stack.inputs) = made;
        stack.after = module.depends_on.iter().map(|name| (name.clone(), None)).collect();
        planned.push(stack);
    }
    if !found.outputs.is_empty() {
        let origin = found.outputs.first().map_or(found.origin, |(name, _)| name.origin);
        let mut stack = common(format!("{}-{OUTPUTS}", found.metadata.name), origin);
        let mut inputs = Map::with_capacity(found.outputs.len());
        for (name, value) in &found.outputs {
            inputs.push_unique(Entry {
                key: Arc::clone(&name.text),
                key_origin: name.origin,
                value: value.clone(),
            });
        }
        stack.inputs = Value::map(inputs);
        planned.push(stack);
    }
    // `dependsOn` may leave out the infrastructure's name.
    let names: Vec<Arc<str>> = planned.iter().map(|stack| Arc::clone(&stack.name.text)).collect();
    for (target, _) in planned.iter_mut().flat_map(|stack| &mut stack.after) {
        let full = format!("{}-{target}", found.metadata.name);
        if names.iter().any(|name| **name == *full) {
            target.text = full.into();
        }
    }
    if let Some(backend) = &backend {
        let name = Text::computed(backend.as_str());
        for stack in planned.iter_mut().filter(|stack| *stack.name.text != **backend) {
            stack.after.push((name.clone(), Some("the storage of its state comes first")));
        }
    }
    planned
}

fn region(found: &Infrastructure, provider: &Provider, sink: &mut Vec<Diagnostic>) -> Arc<str> {
    let known = || provider.regions.iter().map(|region| &*region.text);
    match &found.region {
        Some(region)
            if provider.regions.is_empty() || known().any(|name| name == &*region.text) =>
        {
            Arc::clone(&region.text)
        }
        Some(region) => {
            let message = format!("`{region}` is not a region of provider `{}`", provider.name);
            let span = region.span();
            let mut diagnostic = Diagnostic::new(codes::INFRASTRUCTURE_PROVIDER, span, message);
            if let Some(best) = nearest(region, known()).first() {
                diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?")).replace(
                    span,
                    *best,
                    format!("write `{best}`"),
                );
            }
            let names: Vec<&str> = known().collect();
            sink.push(diagnostic.note(format!("its regions are {}", names.join(", "))));
            Arc::clone(&region.text)
        }
        None => {
            if !provider.regions.is_empty() {
                let message = format!("`region` is missing: where is it at `{}`?", provider.name);
                let names: Vec<&str> = known().collect();
                sink.push(
                    Diagnostic::new(codes::MODEL_MISSING_FIELD, found.provider.span(), message)
                        .note(format!("its regions are {}", names.join(", "))),
                );
            }
            Arc::from("")
        }
    }
}

type Made = (Content, Value);

/// The module of a role with what it takes.
fn role(
    scope: &Scope<'_>,
    found: &Infrastructure,
    provider: &Provider,
    part: &Part,
    words: &Words<'_>,
    known: &[(&str, Value)],
    sink: &mut Vec<Diagnostic>,
) -> Option<Made> {
    let Some(module) = provider.role(part.role) else {
        let message = format!("provider `{}` has no module for `{}`", provider.name, part.role);
        let roles: Vec<&str> = provider.roles.iter().map(|role| role.role.as_str()).collect();
        sink.push(
            Diagnostic::new(codes::INFRASTRUCTURE_PROVIDER, part.span, message)
                .label(found.provider.span(), "the provider")
                .note(format!("it has modules for {}", roles.join(", ")))
                .note(format!("remove `{}`, or give the provider a module for it", part.role)),
        );
        return None;
    };
    let compiled = scope.library.resolve(DefinitionKind::Module, &module.module, sink)?;
    let mut inputs = part.properties.clone();
    let shape = &compiled.parameters().shape;
    for entry in &module.inputs {
        if inputs.get(&entry.key).is_some() {
            continue;
        }
        let declared = shape.field(&entry.key);
        match wire(&entry.value, found, words) {
            Ok(value) => {
                if let Some(map) = inputs.as_map_mut() {
                    map.insert(Arc::clone(&entry.key), value);
                }
            }
            // What may be left out is, where the role it comes from is not there.
            Err(_) if declared.is_some_and(|field| !field.required) => {}
            Err(missing) => {
                let message = format!(
                    "`{}` of provider `{}` needs `{missing}`, which the infrastructure lacks",
                    part.role, provider.name
                );
                sink.push(
                    Diagnostic::new(codes::MODEL_MISSING_FIELD, part.span, message)
                        .note(format!("write `{missing}: {{}}` beside it to have one made"))
                        .note(format!("or give `{}` in `{}` yourself", entry.key, part.role)),
                );
                return None;
            }
        }
    }
    fill(&mut inputs, &compiled, known);
    Some((Content::Module(compiled), inputs))
}

fn custom(
    scope: &Scope<'_>,
    module: &CustomModule,
    known: &[(&str, Value)],
    sink: &mut Vec<Diagnostic>,
) -> Option<Made> {
    let mut inputs = module.inputs.clone();
    match &module.source {
        ModuleSource::Definition(kind) => {
            let compiled = scope.library.resolve(DefinitionKind::Module, kind, sink)?;
            fill(&mut inputs, &compiled, known);
            Some((Content::Module(compiled), inputs))
        }
        ModuleSource::Terraform { source, version, outputs, providers } => {
            let content = Content::Terraform {
                name: module.name.clone(),
                source: source.clone(),
                version: version.clone(),
                outputs: outputs.clone(),
                providers: providers.clone(),
            };
            Some((content, inputs))
        }
    }
}
