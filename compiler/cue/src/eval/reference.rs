//! Following references: a node takes over the conjuncts of the node it refers to.
//!
//! Invariant: what a reference brings is the target's *conjuncts*, evaluated again in their new
//! place, never its value; so fields of the new place are seen by the expressions of the old.

use super::node::{Chain, Scope, ScopeKind};
use super::{Ci, Conj, EnvId, Eval, NodeId, State, TaskKind, Unit, Val, X};
use crate::ir::{ArcType, Expr, ExprKind, StructLit};
use crate::label::Label;
use crate::tree::ErrorCode;

/// How often one reference may be followed within itself where each lap brings something of its
/// own.
const MAX_LAPS: u32 = 64;

/// Whether an expression refers to a definition, or into one.
fn is_definition(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Field { label, .. } => label.is_definition(),
        ExprKind::Selector { base, label, .. } => label.is_definition() || is_definition(base),
        ExprKind::Index { base, .. } => is_definition(base),
        _ => false,
    }
}

impl<'p> Unit<'p> {
    /// The environment `up` scopes out.
    pub(crate) fn env_up(&self, mut env: EnvId, up: u32) -> EnvId {
        for _ in 0..up {
            env = self.env(env).up;
        }
        env
    }

    /// A reference that needs no evaluation to find its target.
    pub(crate) fn add_reference(&mut self, node: NodeId, expr: &'p Expr, env: EnvId, ci: Ci) {
        match self.target(expr, env, node) {
            Some(target) if self.node(target).arc == ArcType::Member => {
                let closing = is_definition(expr) && !ci.open;
                self.follow(node, target, std::ptr::from_ref(expr).addr(), ci, closing);
            }
            // A field that does not exist (yet).
            _ => self.push_task(node, TaskKind::Expr(expr), env, ci),
        }
    }

    /// The node a plain name stands for.
    pub(crate) fn target(&mut self, expr: &'p Expr, env: EnvId, at: NodeId) -> Option<NodeId> {
        match &expr.kind {
            ExprKind::Field { up, label } => {
                let env = self.env_up(env, *up);
                let frame = self.deref(self.env(env).node);
                let found = self.find_arc(frame, *label)?;
                Some(self.redirect(found, at))
            }
            ExprKind::Let { up, index } => {
                let env = self.env_up(env, *up);
                self.let_node(env, *index)
            }
            ExprKind::Binding { up, slot } => {
                let env = self.env_up(env, *up);
                let node = self.env(env).bindings[usize::from(*slot)];
                (node != NodeId::NONE).then_some(node)
            }
            ExprKind::ValueOf { up } => {
                let env = self.env_up(env, *up);
                Some(self.env(env).node)
            }
            ExprKind::DynamicAlias { up, index } => {
                let env = self.env_up(env, *up);
                self.dynamic.get(&(env, *index)).copied()
            }
            ExprKind::Import(package) => Some(self.package_node(package)),
            _ => None,
        }
    }

    /// The node of a `let` of one instance of a struct literal.
    fn let_node(&mut self, env: EnvId, index: u32) -> Option<NodeId> {
        let literal: &'p StructLit = *self.literals.get(&env)?;
        let binding = literal.lets.get(index as usize)?;
        let key = (env, std::ptr::from_ref(binding).addr());
        if let Some(node) = self.lets.get(&key) {
            return Some(*node);
        }
        let frame = self.env(env).node;
        let node = self.new_node(frame, None, ArcType::Member);
        let conj = Conj { x: X::Expr(&binding.value), env, ci: Ci::ROOT };
        self.node_mut(node).conjs.push(conj);
        self.lets.insert(key, node);
        Some(node)
    }

    /// Where a trial of the found node encloses `at`, the trial stands for it.
    pub(crate) fn redirect(&self, found: NodeId, at: NodeId) -> NodeId {
        let tried = self.node(found).rare.as_ref().is_some_and(|rare| rare.trials.is_some());
        if !tried {
            return found;
        }
        let mut ancestor = at;
        while ancestor != NodeId::NONE {
            let record = self.node(ancestor);
            if record.trial_root == Some(found) {
                return ancestor;
            }
            ancestor = record.parent;
        }
        found
    }

    /// Takes over the conjuncts of `target`.
    ///
    /// `identity` tells referring expressions apart; `closing` says that the reference is to a
    /// definition, which closes what comes through it.
    pub(crate) fn follow(
        &mut self,
        node: NodeId,
        target: NodeId,
        identity: usize,
        ci: Ci,
        closing: bool,
    ) {
        let source = self.canonical(target);
        let own = self.canonical(node);
        if source == own {
            // `a: a` says nothing.
            self.mark(node, ci);
            return;
        }
        if self.followed_before(node, identity, ci) {
            self.mark(node, ci);
            return;
        }
        let cyclic = ci.cyclic || self.is_cyclic(node, target, identity, ci.chain);
        let chain = self.new_chain(Chain { next: ci.chain, expr: identity, target, at: node });
        let scope = if closing {
            self.new_scope(Scope {
                parent: ci.scope,
                kind: ScopeKind::Definition,
                embedded: ci.embed,
                node: own,
            })
        } else {
            ci.scope
        };
        let embed = ci.embed && !closing;
        let ci = Ci { scope, chain, cyclic, embed, ..ci };
        if cyclic && self.laps(identity, ci.chain) > MAX_LAPS {
            let span = self.node(node).origin.span;
            let error = super::fail::bottom(ErrorCode::StructuralCycle, "structural cycle", span);
            self.report(node, error);
            return;
        }
        if cyclic {
            self.node_mut(node).cyclic = true;
            // Following a cycle once more can only repeat it.
            if self.followed_above(node, target) {
                return;
            }
        }
        if self.depth >= self.options.depth {
            self.fail_budget(node);
            return;
        }
        let conjs = self.node(target).conjs.clone();
        let choices = self.node(target).choices.clone();
        if choices.0.is_some() && self.node(node).choices.0.is_none() {
            self.node_mut(node).choices = choices;
        }
        if !self.settled(target) {
            self.node_mut(target).rare_mut().subscribers.push((node, ci));
        }
        // Chains of references are as long as the text makes them.
        self.depth += 1;
        for (index, conj) in conjs.into_iter().enumerate() {
            let ci = Ci { order: self.place(ci.order, index), ..ci };
            stacker::maybe_grow(super::run::RED_ZONE, super::run::SEGMENT, || {
                self.receive(node, conj, ci);
            });
        }
        self.depth -= 1;
    }

    /// Whether nothing can give a node more conjuncts: the fields of everything around it are known.
    fn settled(&self, node: NodeId) -> bool {
        let mut at = self.node(node).parent;
        while at != NodeId::NONE {
            let record = self.node(at);
            if record.state < State::Expanded {
                return false;
            }
            at = record.parent;
        }
        true
    }

    /// Takes over one conjunct in the context of the reference that brings it.
    pub(crate) fn receive(&mut self, node: NodeId, conj: Conj<'p>, ci: Ci) {
        if self.came_through(conj.ci.chain, ci.chain) {
            // The subscription would feed itself.
            self.node_mut(node).cyclic = true;
            return;
        }
        if self.node(node).state > State::New {
            // It came late: keep it with the node's own, so that a new round sees it.
            self.reopen(node);
        }
        self.add(node, Conj { x: conj.x, env: conj.env, ci });
    }

    /// An expression that had to be evaluated to become a conjunct.
    pub(crate) fn run_expr(
        &mut self,
        node: NodeId,
        expr: &'p Expr,
        env: EnvId,
        ci: Ci,
    ) -> Eval<()> {
        match &expr.kind {
            ExprKind::Bound(kind, operand) => {
                return self.run_bound(node, *kind, operand, expr.span, env, ci);
            }
            ExprKind::Builtin(function) => {
                return self.add_bare_validator(node, function, expr.span);
            }
            ExprKind::Predeclared(function) => {
                let message = format!("{} is a function, not a value", function.text());
                return Err(super::fail::failed(message, expr.span));
            }
            ExprKind::Call { function, arguments } => {
                return self.run_call(node, expr, function, arguments, env, ci);
            }
            _ => {}
        }
        match self.eval(expr, env, node)? {
            Val::Atom(atom) => {
                self.mark(node, ci);
                self.add_atom(node, atom, platformc_source::Origin::authored(expr.span));
            }
            Val::Node(target) => {
                let closing = is_definition(expr) && !ci.open;
                self.follow(node, target, std::ptr::from_ref(expr).addr(), ci, closing);
            }
        }
        Ok(())
    }

    /// The label of the field a scope belongs to.
    pub(crate) fn own_label(&self, env: EnvId) -> Option<Label> {
        self.node(self.env(env).node).label
    }
}
