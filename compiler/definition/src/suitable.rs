//! Whether the traits of a component suit it and each other.
//!
//! Invariant: warnings only. KubeVela reads `appliesToWorkloads` and `conflictsWith` to filter
//! lists in its tools and enforces neither, so applications that break them exist and work.

use platformc_source::{Diagnostic, codes};

use crate::{Definition, Instance};

/// Reports traits made for other workloads, and traits that do not go together.
pub(crate) fn check(component: Instance<'_>, traits: &[Instance<'_>], found: &mut Vec<Diagnostic>) {
    for (at, instance) in traits.iter().enumerate() {
        let definition = &instance.definition.definition;
        target(component, *instance, found);
        for other in &definition.attributes.conflicts_with {
            let met = traits.iter().enumerate().find(|(index, met)| {
                *index != at && met.definition.definition.name.text == other.text
            });
            if let Some((_, met)) = met {
                found.push(
                    Diagnostic::new(
                        codes::DEFINITION_CONFLICTING_TRAIT,
                        instance.used.span,
                        format!("`{}` does not go with `{}`", definition.name.text, other.text),
                    )
                    .label(met.used.span, "the other trait")
                    .label(other.span, "the definition says so here"),
                );
            }
        }
    }
}

fn target(component: Instance<'_>, instance: Instance<'_>, found: &mut Vec<Diagnostic>) {
    let definition = &instance.definition.definition;
    let wanted = &definition.attributes.applies_to_workloads;
    let Some(names) = workloads(&component.definition.definition) else { return };
    let suits = |pattern: &str| match pattern.strip_prefix("*.") {
        Some(group) => {
            names.iter().any(|name| name.split_once('.').is_some_and(|(_, of)| of == group))
        }
        None => pattern == "*" || names.iter().any(|name| name == pattern),
    };
    if wanted.is_empty() || wanted.iter().any(|text| suits(&text.text)) {
        return;
    }
    let list = crate::text::list(wanted.iter().map(|text| &*text.text));
    found.push(
        Diagnostic::new(
            codes::DEFINITION_TRAIT_TARGET,
            instance.used.span,
            format!(
                "`{}` is made for {list}, not for the workload of `{}`",
                definition.name.text, component.definition.definition.name.text
            ),
        )
        .label(component.used.span, "the component")
        .label(wanted[0].span, "the definition says so here"),
    );
}

/// The names under which a trait may mean the workload of a component: the type of the component,
/// `deployments.apps`, `apps/v1/Deployment`. `None` where the workload is not fixed.
fn workloads(component: &Definition) -> Option<Vec<String>> {
    let workload = component.attributes.workload.as_ref()?;
    let mut names = vec![component.name.text.to_string()];
    if let Some(resource) = &workload.resource {
        if resource.text.starts_with("autodetects") {
            return None;
        }
        names.push(resource.text.to_string());
    }
    let (api, kind) = (workload.api_version.as_ref()?, workload.kind.as_ref()?);
    let kind_lower = kind.text.to_lowercase();
    let ends = |ending: &str| kind_lower.ends_with(ending);
    let plural = if ends("s") || ends("x") || ends("ch") {
        format!("{kind_lower}es")
    } else if ends("y") {
        format!("{}ies", &kind_lower[..kind_lower.len() - 1])
    } else {
        format!("{kind_lower}s")
    };
    match api.text.split_once('/') {
        Some((group, _)) => names.push(format!("{plural}.{group}")),
        None => names.push(plural),
    }
    names.push(format!("{}/{}", api.text, kind.text));
    Some(names)
}
