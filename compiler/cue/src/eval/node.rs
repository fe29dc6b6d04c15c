//! The arena's records.

use std::rc::Rc;

use platformc_source::{Origin, Span};
use platformc_value::{BoundOp, Value};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::{Atom, NodeId};
use crate::builtin::Function;
use crate::ir::{ArcType, Comprehension, Expr, FieldInfo, ListLit, Predeclared, StructLit};
use crate::kind::Kinds;
use crate::label::Label;
use crate::tree::{Bottom, Tree};

/// A scope of the evaluation: the node of a struct literal or field, or the values a clause binds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Env {
    pub(crate) up: EnvId,
    pub(crate) node: NodeId,
    /// Key and value of a clause.
    pub(crate) bindings: [NodeId; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct EnvId(pub(crate) u32);

impl EnvId {
    pub(crate) const NONE: EnvId = EnvId(u32::MAX);
}

impl NodeId {
    pub(crate) const NONE: NodeId = NodeId(u32::MAX);
}

/// Where a conjunct came from: the scope that closedness is judged by, and the references that
/// led to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ci {
    pub(crate) scope: ScopeId,
    pub(crate) chain: ChainId,
    /// Whether a structural cycle led to it.
    pub(crate) cyclic: bool,
    /// Whether it is embedded in the literal whose scope it carries.
    pub(crate) embed: bool,
    /// Whether the closedness of what it refers to is left out (`x...`).
    pub(crate) open: bool,
    /// Where it stands among the conjuncts of its node.
    pub(crate) order: OrderId,
}

impl Ci {
    pub(crate) const ROOT: Ci = Ci {
        scope: ScopeId::ROOT,
        chain: ChainId::NONE,
        cyclic: false,
        embed: false,
        open: false,
        order: OrderId::FIRST,
    };

    /// For the value of a field of this conjunct.
    pub(crate) fn below(self) -> Ci {
        Ci { embed: false, open: false, order: OrderId::FIRST, ..self }
    }
}

/// A place in the text, for the order of fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct OrderId(pub(crate) u32);

impl OrderId {
    pub(crate) const FIRST: OrderId = OrderId(0);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ScopeId(pub(crate) u32);

impl ScopeId {
    pub(crate) const ROOT: ScopeId = ScopeId(0);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScopeKind {
    /// Nothing is closed by it.
    Plain,
    /// A struct literal that embeds.
    Literal,
    /// A definition that is referred to: closed here and below.
    Definition,
    /// The field that declares a definition: closed for whoever asks, but its own declarations
    /// add to one another.
    Own,
    /// `close()`: closed here only.
    Close,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope {
    pub(crate) parent: ScopeId,
    pub(crate) kind: ScopeKind,
    /// Embedded in its parent.
    pub(crate) embedded: bool,
    /// The node at which it was opened.
    pub(crate) node: NodeId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ChainId(pub(crate) u32);

impl ChainId {
    pub(crate) const NONE: ChainId = ChainId(u32::MAX);
}

/// One reference on the way to a conjunct.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain {
    pub(crate) next: ChainId,
    /// The referring expression, by identity.
    pub(crate) expr: usize,
    pub(crate) target: NodeId,
    /// The node where the reference was followed.
    pub(crate) at: NodeId,
}

/// What a conjunct is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum X<'p> {
    Expr(&'p Expr),
    /// A value from outside.
    Value(&'p Value),
    /// An evaluated tree from outside.
    Tree(&'p Tree),
    /// A computed scalar, by index.
    Atom(u32),
    /// Everything another node holds.
    Node(NodeId),
    /// A computed list and a computed struct, by index.
    Items(u32),
    Fields(u32),
    /// `_`
    Top,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Conj<'p> {
    pub(crate) x: X<'p>,
    pub(crate) env: EnvId,
    pub(crate) ci: Ci,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    New,
    Expanded,
    Resolved,
    Final,
}

/// How a default mark speaks of an alternative; combining takes the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mode {
    /// No mark was in play.
    Maybe,
    Default,
    /// Another alternative was marked.
    NotDefault,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Alternative {
    pub(crate) node: NodeId,
    pub(crate) mode: Mode,
}

/// Work that may have to wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task<'p> {
    pub(crate) kind: TaskKind<'p>,
    pub(crate) env: EnvId,
    pub(crate) ci: Ci,
    pub(crate) done: bool,
    /// Decide with what is known.
    pub(crate) forced: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum TaskKind<'p> {
    /// An expression whose value becomes a conjunct.
    Expr(&'p Expr),
    Comprehension(&'p Comprehension),
    /// A field with a computed label; the index of its declaration.
    Dynamic(&'p Expr, &'p FieldInfo, &'p Expr, u32),
    Pattern(&'p Expr, &'p FieldInfo, &'p Expr),
    List(&'p ListLit, Span),
}

/// A pattern constraint whose pattern is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pattern<'p> {
    /// `None` for `string`.
    pub(crate) matcher: Option<NodeId>,
    pub(crate) value: X<'p>,
    pub(crate) env: EnvId,
    pub(crate) scoped: bool,
    pub(crate) ci: Ci,
}

/// `...` of one literal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ellipsis<'p> {
    pub(crate) literal: Option<&'p StructLit>,
    pub(crate) scope: ScopeId,
    pub(crate) value: Option<Conj<'p>>,
}

/// What lists contribute to a node.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListState<'p> {
    /// The exact length, once a closed list is among the conjuncts.
    pub(crate) length: Option<u32>,
    pub(crate) minimum: u32,
    /// Open tails: from which index, and what they demand.
    pub(crate) rests: Vec<(u32, Option<Conj<'p>>)>,
}

#[derive(Clone, Debug)]
pub(crate) struct BoundConj {
    pub(crate) op: BoundOp,
    pub(crate) operand: Atom,
    pub(crate) span: Span,
}

/// A constraint that a function decides.
#[derive(Clone, Debug)]
pub(crate) enum ValidatorKind {
    Function(&'static Function),
    Predeclared(Predeclared),
}

#[derive(Clone, Debug)]
pub(crate) struct Validator {
    pub(crate) kind: ValidatorKind,
    pub(crate) arguments: Rc<[NodeId]>,
    pub(crate) span: Span,
}

/// A disjunction that waits for its choice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Disjunction<'p> {
    pub(crate) source: DisjunctionSource<'p>,
    pub(crate) env: EnvId,
    pub(crate) ci: Ci,
    pub(crate) key: (usize, u32),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum DisjunctionSource<'p> {
    Expr(&'p [(Expr, bool)]),
    Tree(&'p [crate::tree::TreeAlternative]),
    /// The items of a list, for the call of `or()` that has this identity.
    Nodes(u32, usize),
}

/// Choices already made on the way to a trial node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choices(pub(crate) Option<Rc<Choice>>);

#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) key: (usize, u32),
    pub(crate) index: u32,
    pub(crate) rest: Choices,
}

impl Choices {
    pub(crate) fn find(&self, key: (usize, u32)) -> Option<u32> {
        let mut at = self;
        while let Some(choice) = &at.0 {
            if choice.key == key {
                return Some(choice.index);
            }
            at = &choice.rest;
        }
        None
    }

    pub(crate) fn with(&self, key: (usize, u32), index: u32) -> Choices {
        Choices(Some(Rc::new(Choice { key, index, rest: self.clone() })))
    }
}

/// A field of a node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arc {
    pub(crate) label: Label,
    pub(crate) node: NodeId,
}

/// One value on its way.
#[derive(Debug)]
pub(crate) struct Node<'p> {
    pub(crate) parent: NodeId,
    pub(crate) label: Option<Label>,
    pub(crate) arc: ArcType,
    /// Where the field was declared first, in the order of the text.
    pub(crate) order: OrderId,
    pub(crate) state: State,
    pub(crate) busy: bool,
    /// Whether fields that are not allowed are marked.
    pub(crate) closed_checked: bool,
    /// Conjuncts given from outside the node, in order; `done` of them are processed.
    pub(crate) conjs: SmallVec<[Conj<'p>; 2]>,
    pub(crate) done: u32,
    pub(crate) kinds: Kinds,
    pub(crate) kind_span: Span,
    pub(crate) scalar: Option<Atom>,
    pub(crate) origin: Origin,
    pub(crate) arcs: SmallVec<[Arc; 4]>,
    /// The node that stands for this one since its choice was made.
    pub(crate) forward: Option<NodeId>,
    /// For a trial, the node whose alternatives are tried.
    pub(crate) trial_root: Option<NodeId>,
    pub(crate) choices: Choices,
    /// Scopes of the struct conjuncts.
    pub(crate) scopes: SmallVec<[ScopeId; 2]>,
    /// Whether some conjunct did not come through a structural cycle, and whether some did.
    pub(crate) noncyclic: bool,
    pub(crate) cyclic: bool,
    /// Whether a struct literal without fields of its own is among the conjuncts.
    pub(crate) maybe_struct: bool,
    /// Declarations of the field, for comments, attributes and places.
    pub(crate) declarations: SmallVec<[&'p FieldInfo; 1]>,
    pub(crate) errors: Vec<Bottom>,
    /// The worst error below.
    pub(crate) child_error: Option<Box<Bottom>>,
    pub(crate) rare: Option<Box<Rare<'p>>>,
}

/// What few nodes have.
#[derive(Debug, Default)]
pub(crate) struct Rare<'p> {
    pub(crate) tasks: Vec<Task<'p>>,
    pub(crate) bounds: Vec<BoundConj>,
    pub(crate) validators: Vec<Validator>,
    pub(crate) validated: bool,
    /// Validators that more information could still satisfy.
    pub(crate) pending: Vec<Bottom>,
    pub(crate) patterns: Vec<Pattern<'p>>,
    /// Patterns as written, for export.
    pub(crate) pattern_nodes: Vec<(NodeId, NodeId)>,
    pub(crate) ellipses: Vec<Ellipsis<'p>>,
    pub(crate) list: Option<ListState<'p>>,
    pub(crate) disjunctions: Vec<Disjunction<'p>>,
    /// Disjunctions met so far, by identity and environment.
    pub(crate) seen_disjunctions: Vec<(usize, EnvId)>,
    pub(crate) trials: Option<Vec<(NodeId, Mode)>>,
    pub(crate) alternatives: Vec<Alternative>,
    /// Scopes in which `_` stands, which admits everything.
    pub(crate) tops: Vec<ScopeId>,
    /// Nodes that copied the conjuncts of this one and want later ones too.
    pub(crate) subscribers: Vec<(NodeId, Ci)>,
    /// Incomplete expressions that are part of the value.
    pub(crate) incomplete: Vec<Bottom>,
    /// Comments and attributes that came with an evaluated tree.
    pub(crate) tree_field: Option<&'p crate::tree::TreeField>,
    /// How the default marks speak of the one alternative that was left.
    pub(crate) mode: Option<Mode>,
    /// The fields by label, where there are more than [`INDEXED`].
    pub(crate) index: Option<Box<FxHashMap<Label, NodeId>>>,
}

/// Fields a node may have before they are found by an index and not by looking at each.
const INDEXED: usize = 24;

impl<'p> Node<'p> {
    pub(crate) fn new(parent: NodeId, label: Option<Label>, arc: ArcType) -> Node<'p> {
        Node {
            parent,
            label,
            arc,
            order: OrderId::FIRST,
            state: State::New,
            busy: false,
            closed_checked: false,
            conjs: SmallVec::new(),
            done: 0,
            kinds: Kinds::ALL,
            kind_span: Span::NONE,
            scalar: None,
            origin: Origin::NONE,
            arcs: SmallVec::new(),
            forward: None,
            trial_root: None,
            choices: Choices::default(),
            scopes: SmallVec::new(),
            noncyclic: false,
            cyclic: false,
            maybe_struct: false,
            declarations: SmallVec::new(),
            errors: Vec::new(),
            child_error: None,
            rare: None,
        }
    }

    pub(crate) fn rare_mut(&mut self) -> &mut Rare<'p> {
        self.rare.get_or_insert_with(Box::default)
    }

    pub(crate) fn find(&self, label: Label) -> Option<NodeId> {
        if let Some(index) = self.rare.as_ref().and_then(|rare| rare.index.as_ref()) {
            return index.get(&label).copied();
        }
        self.arcs.iter().find(|arc| arc.label == label).map(|arc| arc.node)
    }

    /// Adds a field that is not there yet.
    pub(crate) fn push_arc(&mut self, arc: Arc) {
        self.arcs.push(arc);
        if self.arcs.len() <= INDEXED {
            return;
        }
        let rare = self.rare.get_or_insert_with(Box::default);
        match &mut rare.index {
            Some(index) => {
                index.insert(arc.label, arc.node);
            }
            None => {
                let all = self.arcs.iter().map(|arc| (arc.label, arc.node)).collect();
                rare.index = Some(Box::new(all));
            }
        }
    }

    /// Forgets all fields.
    pub(crate) fn clear_arcs(&mut self) {
        self.arcs.clear();
        if let Some(rare) = &mut self.rare {
            rare.index = None;
        }
    }

    pub(crate) fn alternatives(&self) -> &[Alternative] {
        self.rare.as_ref().map_or(&[], |rare| &rare.alternatives)
    }

    pub(crate) fn is_list(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.list.is_some())
    }
}
