//! What a place in a document takes.
//!
//! Invariant: the way to a place is walked in the document's own outline; where a definition says
//! what stands there, its shape is followed, and nothing is evaluated.

use std::sync::Arc;

use platformc_definition::{Compiled, DefinitionKind};
use platformc_driver::session::Snapshot;
use platformc_model::Role;
use platformc_value::{Shape, ShapeField, Step};

use crate::completion::MARKER;
use crate::schema::{
    APPLICATION, COMPONENT_PATCH, Field, INFRASTRUCTURE, Kind, MANIFEST, Names, OVERLAY, TENANTS,
    WORKFLOW_DOCUMENT,
};
use crate::tree::{NodeId, Tree};

/// What stands at a place, as far as it can be told.
#[derive(Clone, Debug)]
pub(crate) enum Takes<'s> {
    /// What the document's own schema says.
    Kind(&'static Kind),
    /// What a definition says: one of these shapes.
    Shapes(Vec<&'s Shape>, &'s Arc<Compiled>),
}

/// A place and the field that it is the value of.
#[derive(Clone, Debug)]
pub(crate) struct Place<'s> {
    pub(crate) takes: Takes<'s>,
    pub(crate) field: Option<Declared<'s>>,
}

/// A declaration of a field.
#[derive(Clone, Debug)]
pub(crate) enum Declared<'s> {
    /// Of a document.
    Document(&'static Field),
    /// Of a definition's parameters.
    Parameter(&'s ShapeField, &'s Arc<Compiled>),
}

/// The schema of a document.
pub(crate) fn root(
    tree: &Tree,
    root: NodeId,
    path: &str,
    snapshot: &Snapshot,
) -> Option<&'static Kind> {
    if path == "platform.toml" {
        return Some(&MANIFEST);
    }
    match tree.text_of(root, "kind") {
        Some("Application") => return Some(&APPLICATION),
        Some("Infrastructure") => return Some(&INFRASTRUCTURE),
        Some("Tenants") => return Some(&TENANTS),
        Some("Workflow") => return Some(&WORKFLOW_DOCUMENT),
        Some(other) if !other.contains(MARKER) => return None,
        _ => {}
    }
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let environment = stem.rsplit_once('.').map(|(_, environment)| environment);
    let manifest = snapshot.manifest.as_ref();
    if environment
        .is_some_and(|name| manifest.is_some_and(|found| found.environment(name).is_some()))
    {
        return Some(&OVERLAY);
    }
    // Where nothing is said yet, it is likely to become what its folder is for.
    let version = tree.text_of(root, "apiVersion").unwrap_or("");
    let own = !version.contains('/') || version.starts_with("platformc.dev/");
    match path.split_once('/')?.0 {
        "apps" if own || version.starts_with("core.oam.dev/") => Some(&APPLICATION),
        "infrastructure" if own => Some(&INFRASTRUCTURE),
        "tenants" if own => Some(&TENANTS),
        "workflows" if own => Some(&WORKFLOW_DOCUMENT),
        _ => None,
    }
}

/// What a node takes.
pub(crate) fn of<'s>(
    tree: &Tree,
    node: NodeId,
    path: &str,
    snapshot: &'s Snapshot,
) -> Option<Place<'s>> {
    let (document, way) = tree.trail(node);
    let kind = root(tree, document, path, snapshot)?;
    let mut place = Place { takes: Takes::Kind(kind), field: None };
    let steps = tree.steps(node);
    // The steps from the properties of a definition to the place.
    let mut inside: Vec<&Step> = Vec::new();
    for (step, pair) in steps.iter().zip(way.windows(2)) {
        let parent = *pair.first()?;
        if let Some(found) = opened(&place.takes, tree, parent, document, snapshot) {
            place.takes = found?;
            inside.clear();
        }
        place = match &place.takes {
            Takes::Kind(kind) => in_document(kind, step)?,
            Takes::Shapes(shapes, owner) => {
                inside.push(step);
                in_definition(shapes, owner, step, &inside)?
            }
        };
    }
    if let Some(found) = opened(&place.takes, tree, node, document, snapshot) {
        place.takes = found?;
    }
    Some(place)
}

/// What a definition says of a place whose own schema leaves it to one; `Some(None)` where the
/// definition is not known.
fn opened<'s>(
    takes: &Takes<'s>,
    tree: &Tree,
    node: NodeId,
    document: NodeId,
    snapshot: &'s Snapshot,
) -> Option<Option<Takes<'s>>> {
    match takes {
        Takes::Kind(Kind::Properties(kind)) => {
            Some(properties(tree, node, *kind, document, snapshot))
        }
        Takes::Kind(Kind::Part(role)) => Some(part(tree, *role, document, snapshot)),
        _ => None,
    }
}

/// The module that plays a role: the provider's, else the one for every provider.
fn part<'s>(
    tree: &Tree,
    role: Role,
    document: NodeId,
    snapshot: &'s Snapshot,
) -> Option<Takes<'s>> {
    let written = tree.get(document, &["spec", "provider"]).and_then(|node| tree.text(node));
    let names = written.into_iter().chain(["common"]);
    let module = names.filter_map(|name| snapshot.providers.get(name)?.role(role)).next()?;
    let owner = snapshot.definition(DefinitionKind::Module, &module.module)?;
    Some(Takes::Shapes(expanded(&owner.parameters().shape), owner))
}

/// The definition that a `type` means where it stands, in the struct `holder`.
pub(crate) fn typed<'s>(
    tree: &Tree,
    holder: NodeId,
    kind: DefinitionKind,
    name: &str,
    snapshot: &'s Snapshot,
) -> Option<&'s Arc<Compiled>> {
    let provider = (kind == DefinitionKind::Operation).then(|| tree.text_of(holder, "provider"));
    let own = provider.flatten().map(|provider| format!("{provider}-{name}"));
    own.and_then(|own| snapshot.definition(kind, &own)).or_else(|| snapshot.definition(kind, name))
}

fn in_document(kind: &'static Kind, step: &Step) -> Option<Place<'static>> {
    match (kind, step) {
        (Kind::Struct(fields) | Kind::Open(fields), Step::Field(name)) => {
            let field = fields.iter().find(|field| *field.name == **name)?;
            Some(Place { takes: Takes::Kind(&field.kind), field: Some(Declared::Document(field)) })
        }
        (Kind::Map(item), Step::Field(name)) => {
            let any = matches!(item, Kind::Name(Names::Environment))
                && &**name != "platformc.dev/environments";
            let item = if any { &Kind::Text } else { *item };
            Some(Place { takes: Takes::Kind(item), field: None })
        }
        (Kind::List(item), Step::Index(_)) => Some(Place { takes: Takes::Kind(item), field: None }),
        _ => None,
    }
}

/// The properties node `node`, beside which a `type` stands.
fn properties<'s>(
    tree: &Tree,
    node: NodeId,
    kind: DefinitionKind,
    document: NodeId,
    snapshot: &'s Snapshot,
) -> Option<Takes<'s>> {
    let holder = tree.node(node).parent?;
    let name = tree.text_of(holder, "type");
    // A patch may leave out the type: it is that of the component it names.
    let named = || {
        let wanted = tree.text_of(holder, "name")?;
        let list = tree.get(document, &["spec", "components"])?;
        let mut items = tree.node(list).children.iter();
        let item = items.find(|item| tree.text_of(**item, "name") == Some(wanted))?;
        tree.text_of(*item, "type")
    };
    let name = match name {
        Some(name) => name,
        None => named()?,
    };
    let owner = typed(tree, holder, kind, name, snapshot)?;
    Some(Takes::Shapes(expanded(&owner.parameters().shape), owner))
}

/// A shape with its choices opened.
fn expanded(shape: &Shape) -> Vec<&Shape> {
    let mut open = vec![(shape, 0)];
    let mut out = Vec::new();
    while let Some((shape, depth)) = open.pop() {
        match shape {
            Shape::Choice(alternatives) if depth < 16 => {
                open.extend(alternatives.iter().rev().map(|found| (&found.shape, depth + 1)));
            }
            shape => out.push(shape),
        }
    }
    out
}

fn in_definition<'s>(
    shapes: &[&'s Shape],
    owner: &'s Arc<Compiled>,
    step: &Step,
    inside: &[&Step],
) -> Option<Place<'s>> {
    if let Some(kind) = known_names(owner, inside) {
        return Some(Place { takes: Takes::Kind(kind), field: None });
    }
    let mut next: Vec<&'s Shape> = Vec::new();
    let mut field = None;
    for shape in shapes {
        match (shape, step) {
            (Shape::Struct { fields, pattern, .. }, Step::Field(name)) => {
                match fields.iter().find(|field| field.name == *name) {
                    Some(found) => {
                        field = field.or(Some(Declared::Parameter(found, owner)));
                        next.extend(expanded(&found.shape));
                    }
                    None => next.extend(pattern.iter().flat_map(|shape| expanded(shape))),
                }
            }
            (Shape::List { items, rest }, Step::Index(index)) => {
                let item = items.get(*index).or(rest.as_deref());
                next.extend(item.into_iter().flat_map(expanded));
            }
            _ => {}
        }
    }
    (!next.is_empty()).then_some(Place { takes: Takes::Shapes(next, owner), field })
}

/// Properties of the compiler's own policies and steps that hold names.
fn known_names(owner: &Compiled, inside: &[&Step]) -> Option<&'static Kind> {
    static CLUSTER: Kind = Kind::Name(Names::Cluster);
    static POLICY: Kind = Kind::Name(Names::Policy);
    static COMPONENT: Kind = Kind::Name(Names::Component);
    let steps: Vec<&str> = inside
        .iter()
        .map(|step| match step {
            Step::Field(name) => &**name,
            Step::Index(_) => "[]",
        })
        .collect();
    let definition = &owner.definition;
    match (definition.kind, &*definition.name.text, steps.as_slice()) {
        (DefinitionKind::Policy, "topology", ["clusters", "[]"]) => Some(&CLUSTER),
        (DefinitionKind::Policy, "override", ["components", "[]"]) => Some(&COMPONENT_PATCH),
        (DefinitionKind::Policy, "override", ["selector", "[]"])
        | (DefinitionKind::WorkflowStep, "apply-component", ["component"]) => Some(&COMPONENT),
        (DefinitionKind::WorkflowStep, "deploy", ["policies", "[]"]) => Some(&POLICY),
        _ => None,
    }
}
