//! Overrides: changes to the components of an Application, from an `override` policy or from an
//! overlay file.
//!
//! Invariant: the semantics are those of KubeVela's override policy. A patch finds components by
//! name (with `*` for anything), else by type, else all. Structs merge deeply; lists, scalars and
//! `null` replace. A patch of another type replaces the component; a patch that finds no
//! component adds one. Traits merge by type. What a patch set has the role of an override.
//!
//! One deliberate difference: KubeVela matches a name anywhere inside a component's name, so that
//! `web` also changes `webapp`. Here a name means that component; where KubeVela would change
//! more, a warning says so.

use platformc_source::{Diagnostic, Origin, Role, codes};
use platformc_value::{Data, Map, Value};

use crate::application::{properties, unique};
use crate::fields::Fields;
use crate::{Component, Text, Trait, names};

/// Changes to components.
#[derive(Clone, Debug)]
pub struct Override {
    /// The patches in order.
    pub components: Vec<ComponentPatch>,
    /// The components that stay; empty for all.
    pub selector: Vec<Text>,
}

/// A change to the components that it finds.
#[derive(Clone, Debug)]
pub struct ComponentPatch {
    /// Finds by name, with `*` for anything.
    pub name: Option<Text>,
    /// Finds by type where there is no name; else the type that results.
    pub kind: Option<Text>,
    /// Merged into the properties; an empty struct where none are written.
    pub properties: Value,
    /// Merged into the traits by type.
    pub traits: Vec<TraitPatch>,
    /// Replaces the external revision.
    pub external_revision: Option<Text>,
    /// The whole patch.
    pub origin: Origin,
}

/// A change to the traits of one type.
#[derive(Clone, Debug)]
pub struct TraitPatch {
    /// The type.
    pub kind: Text,
    /// Merged into the properties.
    pub properties: Value,
    /// Removes the trait.
    pub disable: bool,
    /// The whole patch.
    pub origin: Origin,
}

/// Lowers `components` and `selector`.
pub(crate) fn override_properties(
    value: Value,
    what: &str,
    sink: &mut Vec<Diagnostic>,
) -> Option<Override> {
    let mut fields = Fields::open(value, what, sink)?;
    let components = fields.list("components");
    let selector = fields.texts("selector");
    fields.finish();
    let components = components.into_iter().filter_map(|value| patch(value, sink)).collect();
    Some(Override { components, selector })
}

/// Lowers an overlay document: either an Application that holds only what changes, or the
/// properties of an override. Yields the name of the Application it says it belongs to.
pub fn overlay(value: Value, sink: &mut Vec<Diagnostic>) -> Option<(Option<Text>, Override)> {
    let is_document =
        ["apiVersion", "kind", "metadata", "spec"].iter().any(|key| value.get(key).is_some());
    if !is_document {
        return override_properties(value, "an overlay", sink).map(|found| (None, found));
    }
    let mut fields = Fields::open(value, "an overlay", sink)?;
    fields.ignore("apiVersion");
    fields.ignore("kind");
    let metadata = fields.value("metadata");
    let spec = fields.required("spec");
    fields.finish();
    let name = metadata.and_then(|value| {
        let mut fields = Fields::open(value, "`metadata` of an overlay", sink)?;
        let name = fields.text("name");
        fields.finish();
        name
    });
    let found = override_properties(spec?, "`spec` of an overlay", sink)?;
    Some((name, found))
}

fn patch(value: Value, sink: &mut Vec<Diagnostic>) -> Option<ComponentPatch> {
    let origin = value.origin;
    let mut fields = Fields::open(value, "a component of an override", sink)?;
    let name = fields.text("name");
    let kind = fields.text("type");
    let properties = properties(&mut fields, origin);
    let traits = fields.list("traits");
    let external_revision = fields.text("externalRevision");
    fields.finish();
    if let Some(name) = &name
        && !names::is_dns_subdomain(&name.replace('*', "x"))
    {
        let message = format!("`{name}` cannot find a component by name");
        sink.push(
            Diagnostic::new(codes::MODEL_INVALID_NAME, name.span(), message)
                .note("write a component's name, with * for any run of characters"),
        );
        return None;
    }
    let traits: Vec<TraitPatch> = traits
        .into_iter()
        .filter_map(|value| {
            let origin = value.origin;
            let mut fields = Fields::open(value, "a trait of an override", sink)?;
            let kind = fields.required_text("type");
            let properties = self::properties(&mut fields, origin);
            let disable = fields.boolean("disable").unwrap_or(false);
            fields.finish();
            Some(TraitPatch { kind: kind?, properties, disable, origin })
        })
        .collect();
    unique("trait", traits.iter().map(|patch| &patch.kind), sink);
    Some(ComponentPatch { name, kind, properties, traits, external_revision, origin })
}

/// Whether `name` is what `pattern` says, `*` standing for any run of characters.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let tail = parts.pop().unwrap_or("");
    for part in parts {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.len() >= tail.len() && left.ends_with(tail)
}

/// Marks a value and all in it as set by an override.
fn mark(value: &mut Value) {
    value.origin.role = Role::Override;
    match &mut value.data {
        Data::List(items) => items.iter_mut().for_each(mark),
        Data::Map(map) => map.iter_mut().for_each(|entry| mark(&mut entry.value)),
        _ => {}
    }
}

/// Merges `patch` into `base`: structs deeply, everything else replaced.
fn merge(base: &mut Map, patch: Map) {
    for mut entry in patch {
        if let Some(old) = base.get_mut(&entry.key) {
            if let (Data::Map(into), Data::Map(_)) = (&mut old.data, &entry.value.data) {
                if let Data::Map(from) = entry.value.data {
                    merge(into, from);
                }
                continue;
            }
            mark(&mut entry.value);
            *old = entry.value;
        } else {
            mark(&mut entry.value);
            base.push_unique(entry);
        }
    }
}

fn merge_value(base: &mut Value, patch: Value) {
    if let (Data::Map(into), Data::Map(from)) = (&mut base.data, patch.data) {
        merge(into, from);
    }
}

fn apply_to(component: &mut Component, patch: &ComponentPatch) {
    if let Some(kind) = &patch.kind
        && *kind.text != *component.kind.text
    {
        // Another type: nothing of the old component fits it.
        component.kind = kind.clone();
        component.properties = patch.properties.clone();
        mark(&mut component.properties);
        component.traits = patch.traits.iter().filter_map(fresh_trait).collect();
        component.external_revision.clone_from(&patch.external_revision);
        return;
    }
    merge_value(&mut component.properties, patch.properties.clone());
    if let Some(revision) = &patch.external_revision {
        component.external_revision = Some(revision.clone());
    }
    for change in &patch.traits {
        if change.disable {
            component.traits.retain(|old| *old.kind.text != *change.kind.text);
            continue;
        }
        let mut found = false;
        for old in component.traits.iter_mut().filter(|old| *old.kind.text == *change.kind.text) {
            merge_value(&mut old.properties, change.properties.clone());
            found = true;
        }
        if !found {
            component.traits.extend(fresh_trait(change));
        }
    }
}

fn fresh_trait(patch: &TraitPatch) -> Option<Trait> {
    let mut properties = patch.properties.clone();
    mark(&mut properties);
    (!patch.disable).then(|| Trait { kind: patch.kind.clone(), properties, origin: patch.origin })
}

/// Applies an override to the components of an Application.
pub fn apply(components: &mut Vec<Component>, change: &Override, sink: &mut Vec<Diagnostic>) {
    for patch in &change.components {
        let found: Vec<usize> = components
            .iter()
            .enumerate()
            .filter(|(_, component)| match (&patch.name, &patch.kind) {
                (Some(name), _) => matches(name, &component.name),
                (None, Some(kind)) => *kind.text == *component.kind.text,
                (None, None) => true,
            })
            .map(|(index, _)| index)
            .collect();
        if let Some(name) = &patch.name {
            warn_of_loose_match(name, components, &found, sink);
        }
        for index in &found {
            if let Some(component) = components.get_mut(*index) {
                apply_to(component, patch);
            }
        }
        if found.is_empty() {
            add(components, patch, sink);
        }
    }
    if !change.selector.is_empty() {
        for wanted in &change.selector {
            if !components.iter().any(|component| *component.name.text == *wanted.text) {
                unknown_component(wanted, components, sink);
            }
        }
        components.retain(|component| {
            change.selector.iter().any(|wanted| *wanted.text == *component.name.text)
        });
    }
}

fn warn_of_loose_match(
    name: &Text,
    components: &[Component],
    found: &[usize],
    sink: &mut Vec<Diagnostic>,
) {
    let loose = format!("*{name}*");
    for (index, component) in components.iter().enumerate() {
        if !found.contains(&index) && matches(&loose, &component.name) {
            let message = format!("`{name}` does not mean component `{}` here", component.name);
            sink.push(
                Diagnostic::new(codes::MODEL_OVERRIDE_MATCH, name.span(), message)
                    .label(component.name.span(), "KubeVela would change this one too")
                    .note("write `*` where more than one component is meant"),
            );
        }
    }
}

fn unknown_component(wanted: &Text, components: &[Component], sink: &mut Vec<Diagnostic>) {
    let message = format!("there is no component `{wanted}` to change");
    let mut diagnostic = Diagnostic::new(codes::MODEL_UNKNOWN_COMPONENT, wanted.span(), message);
    let known = components.iter().map(|component| &*component.name.text);
    if let Some(best) = platformc_source::nearest(wanted, known).first() {
        diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?")).replace(
            wanted.span(),
            *best,
            format!("rename it to `{best}`"),
        );
    }
    sink.push(diagnostic);
}

/// A patch that finds nothing adds a component, if it says enough to be one.
fn add(components: &mut Vec<Component>, patch: &ComponentPatch, sink: &mut Vec<Diagnostic>) {
    match (&patch.name, &patch.kind) {
        (Some(name), Some(kind)) if !name.contains('*') => {
            let mut properties = patch.properties.clone();
            mark(&mut properties);
            components.push(Component {
                name: name.clone(),
                kind: kind.clone(),
                properties,
                traits: patch.traits.iter().filter_map(fresh_trait).collect(),
                depends_on: Vec::new(),
                inputs: Vec::new(),
                outputs: Vec::new(),
                external_revision: patch.external_revision.clone(),
                replica_key: None,
                flawed: false,
                origin: patch.origin,
            });
        }
        (Some(name), _) => unknown_component(name, components, sink),
        (None, Some(kind)) => {
            let message = format!("there is no component of type `{kind}` to change");
            sink.push(Diagnostic::new(codes::MODEL_UNKNOWN_COMPONENT, kind.span(), message));
        }
        (None, None) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_name_means_that_component() {
        for (pattern, name, expected) in [
            ("web", "web", true),
            ("web", "webapp", false),
            ("web*", "webapp", true),
            ("*", "", true),
            ("*-api", "order-api", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
