//! What one unit says of the graph of its environment.
//!
//! Invariant: a fragment is plain data, made without knowing any other unit; its paths are
//! relative to the environment. That an edge's ends exist is checked where fragments meet.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::sync::Arc;

use platformc_source::Span;

use crate::Reason;

/// What a node is. The order is the order in which kinds are listed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// A Terraform stack.
    Stack,
    /// A Kubernetes cluster.
    Cluster,
    /// An Argo CD Application, inside a cluster.
    Application,
    /// A component, inside an Application.
    Component,
    /// A Kubernetes object or a Terraform resource, inside what owns it.
    Resource,
    /// A workflow.
    Workflow,
    /// A step of a workflow.
    Step,
}

impl Kind {
    /// The word for it in paths and messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Stack => "stack",
            Kind::Cluster => "cluster",
            Kind::Application => "application",
            Kind::Component => "component",
            Kind::Resource => "resource",
            Kind::Workflow => "workflow",
            Kind::Step => "step",
        }
    }

    /// Every kind, in the order in which they are listed.
    pub const ALL: [Kind; 7] = [
        Kind::Stack,
        Kind::Cluster,
        Kind::Application,
        Kind::Component,
        Kind::Resource,
        Kind::Workflow,
        Kind::Step,
    ];

    /// The kind of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// The way from the environment down to a node: `cluster:eu/application:orders`. Steps are joined
/// by `/`; a `/` or `%` inside a name is percent-encoded, so that different ways differ.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodePath(Arc<str>);

impl NodePath {
    /// A node directly in the environment.
    #[must_use]
    pub fn top(kind: Kind, name: &str) -> NodePath {
        NodePath(step(kind, name).into())
    }

    /// A node inside this one.
    #[must_use]
    pub fn child(&self, kind: Kind, name: &str) -> NodePath {
        NodePath(format!("{}/{}", self.0, step(kind, name)).into())
    }

    /// The node this one is inside of; `None` for the environment.
    #[must_use]
    pub fn parent(&self) -> Option<NodePath> {
        self.0.rsplit_once('/').map(|(parent, _)| NodePath(parent.into()))
    }

    /// What the node is; `None` where the text is no path, which no constructor makes.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.last().split_once(':').and_then(|(kind, _)| Kind::of(kind))
    }

    /// The name of the node.
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        let name = self.last().split_once(':').map_or("", |(_, name)| name);
        if !name.contains('%') {
            return Cow::Borrowed(name);
        }
        // In this order: an encoded percent sign does not make another code.
        Cow::Owned(name.replace("%2f", "/").replace("%25", "%"))
    }

    fn last(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, last)| last)
    }

    /// Whether the node is this one or inside of it.
    #[must_use]
    pub fn holds(&self, other: &NodePath) -> bool {
        let rest = other.0.strip_prefix(&*self.0);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The text of the path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for NodePath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NodePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn step(kind: Kind, name: &str) -> String {
    format!("{}:{}", kind.as_str(), name.replace('%', "%25").replace('/', "%2f"))
}

/// A node as its unit declares it. Several units may declare one node (a cluster).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// Where it is.
    pub path: NodePath,
    /// What it is.
    pub kind: Kind,
    /// Its name as authored, for people.
    pub name: Arc<str>,
    /// Where it is authored.
    pub span: Span,
}

/// Whether a dependency has to succeed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Strength {
    /// The dependent starts once the dependency has succeeded.
    #[default]
    Hard,
    /// The dependent starts once the dependency has ended, however it ended.
    Soft,
}

/// A dependency between two nodes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edge {
    /// The dependent, which comes later.
    pub from: NodePath,
    /// The dependency, which comes first.
    pub to: NodePath,
    /// Whether it has to succeed.
    pub strength: Strength,
    /// Why.
    pub reason: Reason,
    /// What asked for it.
    pub span: Span,
}

/// Something that others can need without knowing who has it: a namespace, a kind of object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// What it is, one text for one thing in the environment: `cluster:eu/namespace:shop`.
    pub key: Arc<str>,
    /// The node that has it.
    pub node: NodePath,
}

/// Something a node needs of whoever has it. Where nobody has it, it is there without the
/// workspace, and nothing follows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Need {
    /// What it is, as in [`Offer`].
    pub key: Arc<str>,
    /// The node that needs it.
    pub node: NodePath,
    /// Why the one comes after the other, in a few words.
    pub rule: &'static str,
    /// What asked for it.
    pub span: Span,
}

/// A dependency on what is known by its kind and name only, wherever it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reference {
    /// The dependent.
    pub from: NodePath,
    /// What kind of node it depends on.
    pub kind: Kind,
    /// The name of that node. Of several, those that share the most of their path with the
    /// dependent are meant: an Application of the same cluster, else of every other.
    pub name: Arc<str>,
    /// Whether it has to succeed.
    pub strength: Strength,
    /// What asked for it.
    pub span: Span,
}

/// What one unit says of the graph of its environment.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fragment {
    /// Its nodes.
    pub nodes: Vec<Node>,
    /// Its edges; their ends may be nodes of other units.
    pub edges: Vec<Edge>,
    /// Edges to nodes whose place the unit does not know.
    pub references: Vec<Reference>,
    /// What others may need.
    pub offers: Vec<Offer>,
    /// What it needs, of itself or of others.
    pub needs: Vec<Need>,
}

impl Fragment {
    /// Declares a node and returns its path.
    pub fn node(&mut self, path: NodePath, kind: Kind, name: &str, span: Span) -> NodePath {
        self.nodes.push(Node { path: path.clone(), kind, name: name.into(), span });
        path
    }

    /// Declares a dependency.
    pub fn edge(
        &mut self,
        from: NodePath,
        to: NodePath,
        strength: Strength,
        reason: Reason,
        span: Span,
    ) {
        self.edges.push(Edge { from, to, strength, reason, span });
    }

    /// Declares a dependency on a node by its kind and name.
    pub fn refer(
        &mut self,
        from: NodePath,
        kind: Kind,
        name: impl Into<Arc<str>>,
        strength: Strength,
        span: Span,
    ) {
        self.references.push(Reference { from, kind, name: name.into(), strength, span });
    }

    /// Says that a node has what others may need.
    pub fn offer(&mut self, key: impl Into<Arc<str>>, node: NodePath) {
        self.offers.push(Offer { key: key.into(), node });
    }

    /// Says that a node needs something, whoever has it: an edge with that rule, if anybody does.
    pub fn need(
        &mut self,
        key: impl Into<Arc<str>>,
        node: NodePath,
        rule: &'static str,
        span: Span,
    ) {
        self.needs.push(Need { key: key.into(), node, rule, span });
    }

    /// Adds another fragment to this one.
    pub fn join(&mut self, other: Fragment) {
        self.nodes.extend(other.nodes);
        self.edges.extend(other.edges);
        self.references.extend(other.references);
        self.offers.extend(other.offers);
        self.needs.extend(other.needs);
    }
}
