//! Properties that only a live cluster could answer.

use platformc_source::{Diagnostic, Span, codes};
use platformc_value::Value;

use crate::{Compiled, Use};

/// `ref-objects` copies objects of a cluster: by selector, by name, or from an address.
const REFERENCES: &str = "ref-objects";

/// Refuses the use of a definition that would have to ask a cluster or the network.
pub(crate) fn refuse(compiled: &Compiled, used: Use<'_>) -> Option<Diagnostic> {
    if &*compiled.definition.name.text != REFERENCES {
        return None;
    }
    let properties = used.properties?;
    let span = reference(properties)?;
    Some(
        Diagnostic::new(
            codes::DEFINITION_NOT_HERMETIC,
            span,
            "`ref-objects` would have to read these objects from a cluster or an address",
        )
        .note("write the objects into a component of type `k8s-objects`"),
    )
}

/// The first property that refers to something outside.
fn reference(properties: &Value) -> Option<Span> {
    let map = properties.as_map()?;
    if let Some(urls) = map.entry("urls") {
        return Some(urls.key_origin.span);
    }
    for object in map.get("objects")?.as_list()? {
        let fields = object.as_map()?;
        for name in ["resource", "labelSelector", "cluster", "group"] {
            if let Some(entry) = fields.entry(name) {
                return Some(entry.key_origin.span);
            }
        }
        if fields.get("kind").is_none() || fields.get("apiVersion").is_none() || fields.len() <= 3 {
            return Some(object.origin.span);
        }
    }
    None
}
