//! One evaluation over one package: the arena and its entry points.

use rustc_hash::FxHashMap;

use platformc_value::Value;

use super::{
    Atom, Chain, ChainId, Ci, Conj, Env, EnvId, Node, NodeId, Scope, ScopeId, ScopeKind, State, X,
};
use crate::ir::{ArcType, Expr, StructLit};
use crate::label::Label;
use crate::package::Package;
use crate::tree::{Bottom, Tree, TreeLabel};

/// Limits of one evaluation. The count of steps depends on the text and the inputs alone.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Conjuncts and expressions that may be processed.
    pub steps: u64,
    /// How deep references and nesting may go.
    pub depth: u32,
    /// How many nodes the arena may hold.
    pub nodes: u32,
}

impl Default for Options {
    fn default() -> Options {
        Options { steps: 2_000_000, depth: 2_000, nodes: 2_000_000 }
    }
}

/// One evaluation of one package, with an arena of its own that is dropped whole.
pub struct Unit<'p> {
    pub(crate) package: &'p Package,
    pub(crate) options: Options,
    pub(crate) nodes: Vec<Node<'p>>,
    pub(crate) envs: Vec<Env>,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) chains: Vec<Chain>,
    pub(crate) atoms: Vec<Atom>,
    pub(crate) node_lists: Vec<Vec<NodeId>>,
    pub(crate) field_lists: Vec<Vec<(Label, NodeId)>>,
    pub(crate) lets: FxHashMap<(EnvId, usize), NodeId>,
    pub(crate) anonymous: FxHashMap<(usize, EnvId, NodeId), NodeId>,
    pub(crate) dynamic: FxHashMap<(EnvId, u32), NodeId>,
    pub(crate) packages: FxHashMap<usize, NodeId>,
    /// The literal behind a scope, where it declares `let`.
    pub(crate) literals: FxHashMap<EnvId, &'p StructLit>,
    /// The constraint on further items of open lists, for export.
    pub(crate) list_tails: FxHashMap<NodeId, NodeId>,
    pub(crate) places: Vec<super::order::Place>,
    /// The place of the declaration that is being processed.
    pub(crate) order: super::node::OrderId,
    pub(crate) steps: u64,
    pub(crate) depth: u32,
    pub(crate) progress: u64,
    pub(crate) waiting: Option<(NodeId, u32)>,
    pub(crate) force: bool,
    /// The references on the way to the task that is being run.
    pub(crate) chain: ChainId,
    pub(crate) give_up: bool,
    pub(crate) exhausted: bool,
    root: NodeId,
}

impl<'p> Unit<'p> {
    /// Prepares the evaluation of a package; nothing is evaluated yet.
    #[must_use]
    pub fn new(package: &'p Package, options: Options) -> Unit<'p> {
        let mut unit = Unit {
            package,
            options,
            nodes: Vec::with_capacity(256),
            envs: Vec::with_capacity(64),
            scopes: Vec::with_capacity(64),
            chains: Vec::new(),
            atoms: Vec::new(),
            node_lists: Vec::new(),
            field_lists: Vec::new(),
            lets: FxHashMap::default(),
            anonymous: FxHashMap::default(),
            dynamic: FxHashMap::default(),
            packages: FxHashMap::default(),
            literals: FxHashMap::default(),
            list_tails: FxHashMap::default(),
            places: vec![super::order::Place::ROOT],
            order: super::node::OrderId::FIRST,
            steps: 0,
            depth: 0,
            progress: 0,
            waiting: None,
            force: false,
            chain: ChainId::NONE,
            give_up: false,
            exhausted: false,
            root: NodeId(0),
        };
        unit.scopes.push(Scope {
            parent: ScopeId::ROOT,
            kind: ScopeKind::Plain,
            embedded: false,
            node: NodeId::NONE,
        });
        unit.root = unit.package_node(package);
        unit
    }

    /// The node of a package's value.
    pub(crate) fn package_node(&mut self, package: &'p Package) -> NodeId {
        let key = std::ptr::from_ref(package) as usize;
        if let Some(node) = self.packages.get(&key) {
            return *node;
        }
        let node = self.new_node(NodeId::NONE, None, ArcType::Member);
        // The files of a package are one struct: what one of them embeds allows the fields of all.
        let scope = self.new_scope(Scope {
            parent: ScopeId::ROOT,
            kind: ScopeKind::Literal,
            embedded: false,
            node,
        });
        let ci = Ci { scope, embed: true, ..Ci::ROOT };
        for file in &package.files {
            let conj = Conj { x: X::Expr(file), env: EnvId::NONE, ci };
            self.node_mut(node).conjs.push(conj);
        }
        self.packages.insert(key, node);
        for label in &package.inputs {
            let conj = Conj { x: X::Top, env: EnvId::NONE, ci: Ci::ROOT };
            self.insert(node, *label, ArcType::Member, conj, None);
        }
        node
    }

    /// Adds a concrete value as one more conjunct of a top-level field.
    pub fn inject(&mut self, name: &str, value: &'p Value) {
        self.inject_conj(name, X::Value(value));
    }

    /// Adds an evaluated tree as one more conjunct of a top-level field.
    pub fn inject_tree(&mut self, name: &str, tree: &'p Tree) {
        self.inject_conj(name, X::Tree(tree));
    }

    fn inject_conj(&mut self, name: &str, x: X<'p>) {
        let label = Label::identifier(name, &self.package.name);
        let conj = Conj { x, env: EnvId::NONE, ci: Ci::ROOT };
        self.insert(self.root, label, ArcType::Member, conj, None);
    }

    /// The node of the package's value.
    #[must_use]
    pub fn root(&self) -> NodeId {
        self.root
    }

    /// A node for one of the expressions the package was compiled with.
    ///
    /// Returns `None` past the last expression.
    pub fn expression(&mut self, index: usize) -> Option<NodeId> {
        let expr = self.package.expressions.get(index)?;
        let env = self.new_env(EnvId::NONE, self.root, [NodeId::NONE; 2]);
        Some(self.anonymous_node(expr, env, self.root))
    }

    /// The node at a path, evaluated as far as finding it needs. Items of lists are found by a
    /// regular label of their index.
    pub fn lookup(&mut self, path: &[TreeLabel]) -> Option<NodeId> {
        let mut node = self.root;
        for step in path {
            node = self.child(node, step)?;
        }
        Some(node)
    }

    /// The field of a node, optional fields included.
    pub fn child(&mut self, node: NodeId, label: &TreeLabel) -> Option<NodeId> {
        let node = self.drive(node, State::Resolved);
        let node = self.default_of(node).unwrap_or(node);
        self.check_closed(node);
        let label = match label {
            TreeLabel::Regular(name) if self.node(node).is_list() => {
                Label::Index(name.parse().ok()?)
            }
            TreeLabel::Regular(name) => Label::regular(name),
            TreeLabel::Definition(name) => Label::identifier(name, ""),
            TreeLabel::Hidden(name, package) | TreeLabel::HiddenDefinition(name, package) => {
                Label::identifier(name, package)
            }
        };
        self.find_arc(node, label)
    }

    /// Evaluates a node and everything below it; the node that stands for it then.
    pub fn finish(&mut self, node: NodeId) -> NodeId {
        self.drive(node, State::Final)
    }

    /// Everything wrong at or below a node that more information cannot mend.
    pub fn errors(&mut self, node: NodeId) -> Vec<Bottom> {
        let node = self.finish(node);
        let mut found = Vec::new();
        self.collect_errors(node, &mut found, 0);
        found
    }

    /// How many conjuncts and expressions were processed so far.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    pub(crate) fn node(&self, node: NodeId) -> &Node<'p> {
        &self.nodes[node.0 as usize]
    }

    pub(crate) fn node_mut(&mut self, node: NodeId) -> &mut Node<'p> {
        &mut self.nodes[node.0 as usize]
    }

    pub(crate) fn new_node(
        &mut self,
        parent: NodeId,
        label: Option<Label>,
        arc: ArcType,
    ) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        if id.0 >= self.options.nodes {
            self.exhausted = true;
        }
        self.nodes.push(Node::new(parent, label, arc));
        id
    }

    pub(crate) fn new_env(&mut self, up: EnvId, node: NodeId, bindings: [NodeId; 2]) -> EnvId {
        let id = EnvId(u32::try_from(self.envs.len()).unwrap_or(u32::MAX));
        self.envs.push(Env { up, node, bindings });
        id
    }

    pub(crate) fn env(&self, env: EnvId) -> Env {
        self.envs[env.0 as usize]
    }

    pub(crate) fn new_scope(&mut self, scope: Scope) -> ScopeId {
        let id = ScopeId(u32::try_from(self.scopes.len()).unwrap_or(u32::MAX));
        self.scopes.push(scope);
        id
    }

    pub(crate) fn new_chain(&mut self, chain: Chain) -> ChainId {
        let id = ChainId(u32::try_from(self.chains.len()).unwrap_or(u32::MAX));
        self.chains.push(chain);
        id
    }

    pub(crate) fn atom_conj(&mut self, atom: Atom) -> X<'p> {
        let id = u32::try_from(self.atoms.len()).unwrap_or(u32::MAX);
        self.atoms.push(atom);
        X::Atom(id)
    }

    /// A node outside any struct for the value of an expression, made once for every place.
    pub(crate) fn anonymous_node(&mut self, expr: &'p Expr, env: EnvId, at: NodeId) -> NodeId {
        let key = (std::ptr::from_ref(expr) as usize, env, at);
        if let Some(node) = self.anonymous.get(&key) {
            return *node;
        }
        let node = self.new_node(at, None, ArcType::Member);
        let ci = Ci { chain: self.chain, ..Ci::ROOT };
        self.node_mut(node).conjs.push(Conj { x: X::Expr(expr), env, ci });
        self.anonymous.insert(key, node);
        node
    }

    /// A node outside any struct that holds one scalar.
    pub(crate) fn atom_node(&mut self, atom: Atom, at: NodeId) -> NodeId {
        let x = self.atom_conj(atom);
        let node = self.new_node(at, None, ArcType::Member);
        self.node_mut(node).conjs.push(Conj { x, env: EnvId::NONE, ci: Ci::ROOT });
        node
    }
}
