//! What one unit says of the graph of its environment.
//!
//! Invariant: a fragment is plain data, made without knowing any other unit; its paths are
//! relative to the environment. That an edge's ends exist is checked where fragments meet.

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

    /// The text of the path.
    #[must_use]
    pub fn as_str(&self) -> &str {
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

/// What one unit says of the graph of its environment.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fragment {
    /// Its nodes.
    pub nodes: Vec<Node>,
    /// Its edges; their ends may be nodes of other units.
    pub edges: Vec<Edge>,
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
}
