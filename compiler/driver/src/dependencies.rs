//! What an Application says of the graph.
//!
//! Invariant: the authored part (components, `dependsOn`, inputs, the annotation) is declared
//! whether or not anything could be rendered, so that its faults are found together with others.

use std::sync::Arc;

use platformc_emit::kubernetes::Identity;
use platformc_graph::{Fragment, Kind, NodePath, Reason, Strength};
use platformc_model::{Application, Cluster, Component, Text};
use platformc_source::{Diagnostic, SourceMap, Span, codes};
use platformc_value::Value;

/// The annotation by which an Application names what comes before it.
const DEPENDS_ON: &str = "platformc.dev/depends-on";
/// How many entries it may have.
const MOST: usize = 1000;

/// One entry of the annotation.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    kind: Kind,
    name: Arc<str>,
    span: Span,
}

/// What the annotation of an Application asks for.
pub(crate) fn entries(
    application: &Application,
    map: &SourceMap,
    sink: &mut Vec<Diagnostic>,
) -> Vec<Entry> {
    let annotations = &application.metadata.annotations;
    let Some((_, value)) = annotations.iter().find(|(key, _)| &**key == DEPENDS_ON) else {
        return Vec::new();
    };
    let mut entries: Vec<Entry> = Vec::new();
    let mut parts = split(value, map);
    if let Some((_, span)) = parts.get(MOST) {
        let message = format!("an Application depends on no more than {MOST} others");
        sink.push(Diagnostic::new(codes::MODEL_INVALID_VALUE, *span, message));
        parts.truncate(MOST);
    }
    for (text, span) in parts {
        let (kind, name) = match text.split_once(':') {
            None => (Some(Kind::Application), text),
            Some((kind, name)) => (Kind::of(kind.trim()), name.trim()),
        };
        match kind {
            Some(kind @ (Kind::Application | Kind::Stack | Kind::Cluster | Kind::Workflow))
                if !name.is_empty() =>
            {
                // The edit of a misspelt name leaves the kind before it alone.
                let offset = u32::try_from(text.len() - name.len()).unwrap_or(0);
                let exact = span.end.saturating_sub(span.start) as usize == text.len();
                let start = if exact { span.start + offset } else { span.start };
                let again = |entry: &Entry| entry.kind == kind && *entry.name == *name;
                if !entries.iter().any(again) {
                    let span = Span { start, ..span };
                    entries.push(Entry { kind, name: name.into(), span });
                }
            }
            _ => {
                let message = format!("`{text}` does not name what comes before an Application");
                sink.push(Diagnostic::new(codes::MODEL_INVALID_VALUE, span, message).note(
                    "an entry is the name of an Application, or `stack:NAME`, `cluster:NAME` \
                         or `workflow:NAME`; entries are separated by commas",
                ));
            }
        }
    }
    entries
}

/// The entries of a list in a text, each with its own place where the text stands as written.
fn split<'t>(value: &'t Text, map: &SourceMap) -> Vec<(&'t str, Span)> {
    let whole = value.span();
    let written = map.text(whole);
    // Behind an opening quote, if there is one.
    let start = written.find(&**value).map(|at| whole.start as usize + at);
    let mut at = 0;
    let mut entries = Vec::new();
    for part in value.split(',') {
        let text = part.trim();
        let before = part.len() - part.trim_start().len();
        let span = match start {
            Some(start) => {
                let start = start + at + before;
                Span::new(whole.file, start, start + text.len())
            }
            None => whole,
        };
        if !text.is_empty() {
            entries.push((text, span));
        }
        at += part.len() + 1;
    }
    entries
}

/// The node of an Application in a cluster, or nowhere.
pub(crate) fn node(cluster: Option<&Cluster>, application: &Application) -> NodePath {
    let name = &application.metadata.name;
    match cluster {
        Some(cluster) => NodePath::top(Kind::Cluster, &cluster.name).child(Kind::Application, name),
        None => NodePath::top(Kind::Application, name),
    }
}

/// Declares an Application and its components, and what they depend on.
pub(crate) fn declare(
    application: &Application,
    components: &[Component],
    cluster: Option<&Cluster>,
) -> Fragment {
    let mut fragment = Fragment::default();
    if let Some(cluster) = cluster {
        let above = NodePath::top(Kind::Cluster, &cluster.name);
        fragment.node(above, Kind::Cluster, &cluster.name, cluster.name.span());
    }
    let name = &application.metadata.name;
    let own = fragment.node(node(cluster, application), Kind::Application, name, name.span());
    let path = |name: &str| own.child(Kind::Component, name);
    for component in components {
        let name = &component.name;
        fragment.node(path(name), Kind::Component, name, name.span());
    }
    for component in components {
        let from = || path(&component.name);
        for target in &component.depends_on {
            let (to, reason) = (path(target), Reason::DependsOn);
            fragment.edge(from(), to, Strength::Hard, reason, target.span());
        }
        for input in &component.inputs {
            let mut givers = components.iter().filter(|giver| {
                giver.outputs.iter().any(|output| output.name.text == input.from.text)
            });
            if let Some(giver) = givers.next() {
                let reason = Reason::Input(input.from.text.clone());
                let (to, span) = (path(&giver.name), input.from.span());
                fragment.edge(from(), to, Strength::Hard, reason, span);
            }
        }
    }
    fragment
}

/// Declares what the Application depends on as a whole.
pub(crate) fn refer(fragment: &mut Fragment, application: &NodePath, entries: &[Entry]) {
    for Entry { kind, name, span } in entries {
        fragment.refer(application.clone(), *kind, name.clone(), Strength::Hard, *span);
    }
}

/// Declares an object of a component, with what it has for others and needs of them: the
/// namespace it lies in, the definition of its kind.
pub(crate) fn object(
    fragment: &mut Fragment,
    component: &NodePath,
    cluster: &str,
    namespace: &str,
    identity: &Identity,
    (object, span): (&Value, Span),
) {
    let Identity { group, kind, name, .. } = identity;
    let own = identity.namespace.as_deref();
    let mut label = kind.to_lowercase();
    if !group.is_empty() {
        label.push('.');
        label.push_str(group);
    }
    label.push('/');
    if let Some(other) = own.filter(|own| *own != namespace) {
        label.push_str(other);
        label.push('/');
    }
    label.push_str(name);
    let path = component.child(Kind::Resource, &label);
    let node = fragment.node(path, Kind::Resource, &label, span);
    let namespace = |name: &str| format!("{cluster}/namespace/{name}");
    let defined = |group: &str, kind: &str| format!("{cluster}/kind/{group}/{kind}");
    match (&**group, &**kind) {
        ("", "Namespace") => fragment.offer(namespace(name), node.clone()),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            let spec = object.get("spec");
            let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
            let group = text(spec.and_then(|spec| spec.get("group")));
            let names = spec.and_then(|spec| spec.get("names"));
            let kind = text(names.and_then(|names| names.get("kind")));
            if let (Some(group), Some(kind)) = (group, kind) {
                fragment.offer(defined(&group, &kind), node.clone());
            }
        }
        _ => {}
    }
    if let Some(name) = own {
        fragment.need(namespace(name), node.clone(), "the namespace it lies in", span);
    }
    // What has no domain is Kubernetes' own.
    if group.contains('.') {
        fragment.need(defined(group, kind), node, "the definition of its kind", span);
    }
}
