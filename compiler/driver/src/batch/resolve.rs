//! From the words of an operation to its definition, and from that to what it runs.
//!
//! Invariant: parameters are checked before anything is rendered from them; what is rendered is
//! checked against what Argo Workflows takes before it is used.

use std::sync::Arc;

use platformc_definition::{
    Compiled, Context, CueEngine, DefinitionKind, Instance, Strictness, TemplateEngine, Use,
    check_properties,
};
use platformc_emit::argo_workflows::{self as argo, Body};
use platformc_model::Text;
use platformc_source::{Diagnostic, Severity, Span, codes, nearest};
use platformc_value::Value;

use super::parameters::{Reference, explain, parameters};
use super::providers::Providers;
use crate::definitions::Library;

/// A use of an operation definition.
#[derive(Clone, Copy)]
pub(super) struct Used<'a> {
    pub(super) kind: &'a Text,
    pub(super) provider: Option<&'a Text>,
    pub(super) parameters: &'a Value,
}

/// What a use of an operation definition makes.
pub(super) struct Made {
    /// What it runs, with marks for references.
    pub(super) body: Body,
    /// What undoes it.
    pub(super) rollback: Option<Body>,
    /// The references in its parameters.
    pub(super) references: Vec<Reference>,
    /// The stacks it works on.
    pub(super) stacks: Vec<Text>,
    /// The Applications it works on.
    pub(super) applications: Vec<Text>,
}

/// Everything definitions are looked up and rendered with.
pub(super) struct Resolver<'a> {
    pub(super) library: &'a Library<'a>,
    pub(super) providers: &'a Providers,
    pub(super) context: Context,
}

const KIND: DefinitionKind = DefinitionKind::Operation;
/// Fields of a definition's template beside `parameter`.
const FIELDS: [&str; 5] = ["output", "rollback", "permissions", "checkpoint", "targets"];

impl Resolver<'_> {
    /// The definition of a use: the provider's own before the one for all.
    fn definition(&self, used: Used<'_>, sink: &mut Vec<Diagnostic>) -> Option<Arc<Compiled>> {
        let Used { kind, provider, .. } = used;
        let plain = self.library.find(KIND, kind);
        let Some(provider) = provider else {
            if plain.is_none() {
                sink.push(self.without_provider(kind));
            }
            return plain;
        };
        let Some(offered) = self.providers.operations(provider) else {
            sink.push(self.unknown_provider(provider));
            return None;
        };
        let own = self.library.find(KIND, &format!("{provider}-{kind}"));
        let listed = offered.iter().any(|name| **name == **kind);
        // What no provider speaks of does not depend on one.
        let neutral = plain.is_some() && self.providers.that_offer(kind).next().is_none();
        if (listed || neutral)
            && let Some(found) = own.or(plain)
        {
            return Some(found);
        }
        sink.push(self.not_offered(used, provider, offered));
        None
    }

    fn without_provider(&self, kind: &Text) -> Diagnostic {
        let mut offering = self.providers.that_offer(kind).peekable();
        if offering.peek().is_some() {
            let names: Vec<&str> = offering.collect();
            let message = format!("`{kind}` needs a provider");
            return Diagnostic::new(codes::WORKFLOW_PROVIDER, kind.span(), message)
                .note(format!("it is offered by {}", names.join(", ")))
                .note(format!("add `provider: {}`", names.first().unwrap_or(&"")));
        }
        self.unknown_kind(kind)
    }

    /// A type that nothing defines, with the nearest of those that are.
    fn unknown_kind(&self, kind: &Text) -> Diagnostic {
        let providers: Vec<&str> = self.providers.names().collect();
        let mut known: Vec<&str> = Vec::new();
        for name in self.library.names(KIND) {
            let own = providers
                .iter()
                .find_map(|provider| name.strip_prefix(*provider)?.strip_prefix('-'));
            known.push(own.unwrap_or(name));
        }
        known.sort_unstable();
        known.dedup();
        let message = format!("there is no operation `{kind}`");
        let diagnostic = Diagnostic::new(codes::DEFINITION_UNKNOWN_TYPE, kind.span(), message);
        match nearest(kind, known.iter().copied()).first() {
            Some(near) => diagnostic.primary_label(format!("did you mean `{near}`?")).replace(
                kind.span(),
                *near,
                format!("write `{near}`"),
            ),
            None => diagnostic.note(format!("the operations are {}", known.join(", "))),
        }
    }

    fn unknown_provider(&self, provider: &Text) -> Diagnostic {
        let names: Vec<&str> = self.providers.names().collect();
        let message = format!("there is no provider `{provider}`");
        let diagnostic = Diagnostic::new(codes::WORKFLOW_PROVIDER, provider.span(), message)
            .note(format!("the providers are {}", names.join(", ")));
        match nearest(provider, names.iter().copied()).first() {
            Some(near) => diagnostic.primary_label(format!("did you mean `{near}`?")).replace(
                provider.span(),
                *near,
                format!("write `{near}`"),
            ),
            None => diagnostic,
        }
    }

    fn not_offered(&self, used: Used<'_>, provider: &Text, offered: &[String]) -> Diagnostic {
        let kind = used.kind;
        let others: Vec<&str> = self.providers.that_offer(kind).collect();
        let defined = self.library.find(KIND, kind).is_some();
        if others.is_empty() && !defined {
            return self.unknown_kind(kind);
        }
        let message = format!("provider `{provider}` does not offer `{kind}`");
        let mut diagnostic = Diagnostic::new(codes::WORKFLOW_PROVIDER, kind.span(), message)
            .label(provider.span(), "the provider");
        if let Some(near) = nearest(kind, offered.iter().map(String::as_str)).first() {
            diagnostic = diagnostic.primary_label(format!("did you mean `{near}`?")).replace(
                kind.span(),
                *near,
                format!("write `{near}`"),
            );
        }
        diagnostic = diagnostic.note(format!("it offers {}", offered.join(", ")));
        if !others.is_empty() {
            diagnostic = diagnostic.note(format!("`{kind}` is offered by {}", others.join(", ")));
        }
        diagnostic
    }

    /// Checks and renders a use; `id` is what it is called.
    pub(super) fn make(
        &self,
        id: &str,
        used: Used<'_>,
        sink: &mut Vec<Diagnostic>,
    ) -> Option<Made> {
        let before = sink.len();
        let parameters = parameters(used.parameters, sink);
        let definition = self.definition(used, sink)?;
        let context = Context {
            name: Arc::from(id),
            operation: self.told(used.provider),
            ..self.context.clone()
        };
        let place = used.kind.span();
        let written = used.parameters.as_map().is_some_and(|map| !map.is_empty());
        let used_as = |value| Use { properties: written.then_some(value), span: place };
        let found = check_properties(
            &definition,
            used_as(&parameters.checked),
            &context,
            Strictness::Strict,
        );
        let references = parameters.references;
        sink.extend(found.into_iter().map(|one| explain(one, used.parameters, &references)));
        if failed(sink, before) {
            return None;
        }
        let engine = CueEngine { strictness: Strictness::Strict };
        let empty = Value::map(platformc_value::Map::new());
        let properties = if written { &parameters.rendered } else { &empty };
        let instance = Instance {
            definition: &definition,
            used: Use { properties: Some(properties), span: place },
        };
        let fields = engine.render_fields(instance, &FIELDS, &context).drain_into(sink);
        if failed(sink, before) {
            return None;
        }
        let take = |name: &str| fields.iter().find(|(found, _)| &**found == name).map(|(_, v)| v);
        let Some(output) = take("output") else {
            let message = format!("`{}` makes nothing of these parameters", used.kind);
            sink.push(Diagnostic::new(codes::DEFINITION_NO_OUTPUT, place, message));
            return None;
        };
        let rules = rules(take("permissions"), place, sink);
        let mut body = argo::body(output.clone(), place, sink)?;
        body.rules.clone_from(&rules);
        body.kept = take("checkpoint").and_then(Value::as_bool) != Some(false);
        let rollback = match take("rollback") {
            Some(rollback) => {
                let mut rollback = argo::body(rollback.clone(), place, sink)?;
                rollback.rules = rules;
                Some(rollback)
            }
            None => None,
        };
        let targets = |name: &str| texts(take("targets").and_then(|targets| targets.get(name)));
        let (stacks, applications) = (targets("stacks"), targets("applications"));
        (!failed(sink, before)).then_some(Made { body, rollback, references, stacks, applications })
    }

    fn told(&self, provider: Option<&Text>) -> Vec<(&'static str, Value)> {
        let name = provider.map_or_else(|| Value::string(""), Text::to_value);
        let mut told = self.context.operation.clone();
        told.push(("provider", name));
        told
    }
}

fn failed(sink: &[Diagnostic], before: usize) -> bool {
    sink.iter().skip(before).any(|found| found.severity == Severity::Error)
}

fn texts(value: Option<&Value>) -> Vec<Text> {
    let items = value.and_then(Value::as_list).unwrap_or_default();
    let text = |item: &Value| {
        let text = item.as_str()?;
        Some(Text { text: text.into(), origin: item.origin })
    };
    items.iter().filter_map(text).collect()
}

/// `permissions` of a definition: rules of a Role.
fn rules(value: Option<&Value>, place: Span, sink: &mut Vec<Diagnostic>) -> Vec<Value> {
    let Some(value) = value else { return Vec::new() };
    let list = |rule: &Value, key: &str| {
        rule.get(key).and_then(Value::as_list).is_some_and(|items| {
            !items.is_empty() && items.iter().all(|item| item.as_str().is_some())
        })
    };
    let known = ["apiGroups", "resources", "resourceNames", "verbs"];
    let good = |rule: &Value| {
        ["apiGroups", "resources", "verbs"].iter().all(|key| list(rule, key))
            && rule.as_map().is_some_and(|map| map.keys().all(|key| known.contains(&key)))
            && rule.get("resourceNames").is_none_or(|_| list(rule, "resourceNames"))
    };
    match value.as_list() {
        Some(rules) if rules.iter().all(good) => rules.to_vec(),
        _ => {
            let message = "`permissions` of an operation is a list of rules of a Role";
            sink.push(
                Diagnostic::new(codes::EMIT_ARGO_WORKFLOWS, place, message)
                    .label(value.origin.span, "the definition says this")
                    .note("a rule has lists of text: apiGroups, resources, verbs, resourceNames"),
            );
            Vec::new()
        }
    }
}
