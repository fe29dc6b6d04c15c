//! Processing conjuncts: what a node is and which fields it has.

use platformc_source::{Origin, Span};

use super::fail::bottom;
use super::node::{Disjunction, DisjunctionSource, Ellipsis};
use super::{
    Arc, Atom, Ci, Conj, EnvId, Eval, NodeId, Pattern, Scope, ScopeKind, State, Stop, Task,
    TaskKind, Unit, X,
};
use crate::ir::{ArcType, BoundKind, Decl, Expr, ExprKind, FieldInfo, Predeclared, StructLit};
use crate::kind::Kinds;
use crate::label::Label;
use crate::tree::ErrorCode;

/// How many scopes of a node are looked at for the price of a step.
const SCOPES_A_STEP: usize = 256;

impl<'p> Unit<'p> {
    /// Processes all conjuncts and tasks of a node.
    pub(crate) fn expand(&mut self, node: NodeId) -> Eval<()> {
        loop {
            while (self.node(node).done as usize) < self.node(node).conjs.len() {
                if self.exhausted {
                    self.fail_budget(node);
                    return Ok(());
                }
                let index = self.node(node).done as usize;
                let mut conj = self.node(node).conjs[index];
                self.node_mut(node).done += 1;
                conj.ci.order = self.place(super::node::OrderId::FIRST, index);
                self.add(node, conj);
            }
            let mut advanced = false;
            let mut blocked = false;
            let mut index = 0;
            while let Some(task) =
                self.node(node).rare.as_ref().and_then(|rare| rare.tasks.get(index).copied())
            {
                if !task.done {
                    match self.run_task(node, task) {
                        Ok(()) => {
                            self.finish_task(node, index);
                            advanced = true;
                        }
                        Err(Stop::Blocked) => {
                            blocked = true;
                            if self.waiting.is_none() {
                                let index = u32::try_from(index).unwrap_or(u32::MAX);
                                self.waiting = Some((node, index));
                            }
                        }
                        Err(Stop::Error(error)) => {
                            self.finish_task(node, index);
                            self.report(node, *error);
                            advanced = true;
                        }
                    }
                }
                index += 1;
            }
            if (self.node(node).done as usize) < self.node(node).conjs.len() || advanced {
                continue;
            }
            return if blocked && !self.exhausted { Err(Stop::Blocked) } else { Ok(()) };
        }
    }

    fn finish_task(&mut self, node: NodeId, index: usize) {
        self.progress += 1;
        if let Some(task) = self.node_mut(node).rare_mut().tasks.get_mut(index) {
            task.done = true;
        }
    }

    fn run_task(&mut self, node: NodeId, task: Task<'p>) -> Eval<()> {
        let before = std::mem::replace(&mut self.force, task.forced);
        let chain = std::mem::replace(&mut self.chain, task.ci.chain);
        let result = match task.kind {
            TaskKind::Expr(expr) => self.run_expr(node, expr, task.env, task.ci),
            TaskKind::Comprehension(comprehension) => {
                self.run_comprehension(node, comprehension, task.env, task.ci)
            }
            TaskKind::Dynamic(label, info, value, declaration) => {
                self.run_dynamic(node, label, info, value, declaration, task.env, task.ci)
            }
            TaskKind::Pattern(pattern, info, value) => {
                self.run_pattern(node, pattern, info, value, task.env, task.ci)
            }
            TaskKind::List(list, span) => self.run_list(node, list, span, task.env, task.ci),
        };
        self.force = before;
        self.chain = chain;
        result
    }

    pub(crate) fn push_task(&mut self, node: NodeId, kind: TaskKind<'p>, env: EnvId, ci: Ci) {
        let task = Task { kind, env, ci, done: false, forced: false };
        self.node_mut(node).rare_mut().tasks.push(task);
    }

    /// Processes one conjunct.
    pub(crate) fn add(&mut self, node: NodeId, conj: Conj<'p>) {
        self.step();
        if self.exhausted {
            // References bring conjuncts that bring references: nothing else would end this.
            self.fail_budget(node);
            return;
        }
        let Conj { env, ci, .. } = conj;
        match conj.x {
            X::Expr(expr) => self.add_expr(node, expr, env, ci),
            X::Atom(index) => {
                let atom = self.atoms[index as usize].clone();
                self.mark(node, ci);
                self.add_atom(node, atom, Origin::NONE);
            }
            X::Value(value) => self.add_value(node, value, ci),
            X::Tree(tree) => self.add_tree(node, tree, ci),
            X::Items(index) => self.add_computed_items(node, index, ci),
            X::Fields(index) => self.add_computed_fields(node, index, ci),
            X::Node(target) => self.follow(node, target, 0, ci, false),
            X::Top => {
                self.mark(node, ci);
                self.node_mut(node).rare_mut().tops.push(ci.scope);
            }
        }
    }

    /// Notes whether a conjunct came through a structural cycle.
    pub(crate) fn mark(&mut self, node: NodeId, ci: Ci) {
        let record = self.node_mut(node);
        if ci.cyclic {
            record.cyclic = true;
        } else {
            record.noncyclic = true;
        }
    }

    pub(crate) fn add_expr(&mut self, node: NodeId, expr: &'p Expr, env: EnvId, ci: Ci) {
        let origin = Origin::authored(expr.span);
        match &expr.kind {
            ExprKind::Bottom => {
                let error =
                    bottom(ErrorCode::User, "explicit error (_|_ literal) in source", expr.span);
                self.report(node, error);
            }
            ExprKind::Bad(message) => {
                let error = bottom(ErrorCode::Eval, message.clone(), expr.span);
                self.report(node, error);
            }
            ExprKind::Top => {
                self.mark(node, ci);
                self.node_mut(node).rare_mut().tops.push(ci.scope);
            }
            ExprKind::Null => self.literal(node, Atom::Null, origin, ci),
            ExprKind::Bool(b) => self.literal(node, Atom::Bool(*b), origin, ci),
            ExprKind::Number(n) => self.literal(node, Atom::Number(n.clone()), origin, ci),
            ExprKind::String(s) => self.literal(node, Atom::String(s.clone()), origin, ci),
            ExprKind::Bytes(b) => self.literal(node, Atom::Bytes(b.clone()), origin, ci),
            ExprKind::Type(kinds, bounds) => {
                self.mark(node, ci);
                self.restrict(node, *kinds, expr.span);
                for (op, number) in bounds {
                    self.add_bound(node, *op, Atom::Number(number.clone()), expr.span);
                }
            }
            ExprKind::Struct(literal) => self.add_struct(node, literal, expr.span, env, ci),
            ExprKind::List(list) => self.add_list(node, list, expr.span, env, ci),
            ExprKind::And(operands) => {
                for (index, operand) in operands.iter().enumerate() {
                    let order = self.place(ci.order, index);
                    stacker::maybe_grow(super::run::RED_ZONE, super::run::SEGMENT, || {
                        self.add_expr(node, operand, env, Ci { order, ..ci });
                    });
                }
            }
            ExprKind::Or(alternatives) => {
                self.add_disjunction(node, DisjunctionSource::Expr(alternatives), env, ci);
            }
            ExprKind::Field { .. }
            | ExprKind::Let { .. }
            | ExprKind::Binding { .. }
            | ExprKind::ValueOf { .. }
            | ExprKind::Import(_) => self.add_reference(node, expr, env, ci),
            ExprKind::Open(inner) => {
                stacker::maybe_grow(super::run::RED_ZONE, super::run::SEGMENT, || {
                    self.add_expr(node, inner, env, Ci { open: true, ..ci });
                });
            }
            ExprKind::Bound(BoundKind::Op(op), operand) => {
                // Bounds of literals need not wait.
                if let Some(atom) = literal_atom(operand) {
                    self.mark(node, ci);
                    self.add_bound(node, *op, atom, expr.span);
                } else {
                    self.push_task(node, TaskKind::Expr(expr), env, ci);
                }
            }
            ExprKind::Call { function, arguments }
                if matches!(function.kind, ExprKind::Predeclared(Predeclared::Close))
                    && arguments.len() == 1 =>
            {
                let scope = self.new_scope(Scope {
                    parent: ci.scope,
                    kind: ScopeKind::Close,
                    embedded: ci.embed,
                    node: self.canonical(node),
                });
                let ci = Ci { scope, embed: false, ..ci };
                self.add_expr(node, &arguments[0], env, ci);
            }
            _ => self.push_task(node, TaskKind::Expr(expr), env, ci),
        }
    }

    fn literal(&mut self, node: NodeId, atom: Atom, origin: Origin, ci: Ci) {
        self.mark(node, ci);
        self.add_atom(node, atom, origin);
    }

    /// Narrows the kinds a node may have.
    pub(crate) fn restrict(&mut self, node: NodeId, kinds: Kinds, span: Span) {
        let record = self.node(node);
        let before = record.kinds;
        let after = before & kinds;
        if after == before {
            return;
        }
        if after.is_empty() && !before.is_empty() {
            let known = self.describe(node);
            let known_span = record.kind_span;
            let (known_kind, new_kind) = (before.text(), kinds.text());
            self.conflict(
                node,
                (&known, known_span),
                (&new_kind, span),
                Some((&known_kind, &new_kind)),
            );
        }
        let record = self.node_mut(node);
        record.kinds = after;
        if record.kind_span.is_none() {
            record.kind_span = span;
        }
        if record.origin.span.is_none() {
            record.origin = Origin::authored(span);
        }
    }

    pub(crate) fn add_atom(&mut self, node: NodeId, atom: Atom, origin: Origin) {
        let record = self.node(node);
        if let Some(known) = &record.scalar {
            if *known != atom {
                let (left, right) = (known.text(), atom.text());
                let (a, b) = (known.kind().text(), atom.kind().text());
                let left_span = record.kind_span;
                let types = (a != b).then_some((a.as_str(), b.as_str()));
                self.conflict(node, (&left, left_span), (&right, origin.span), types);
            }
            return;
        }
        let before = record.kinds;
        if (before & atom.kind()).is_empty() && !before.is_empty() {
            let (left, right) = (self.describe(node), atom.text());
            let (a, b) = (before.text(), atom.kind().text());
            let left_span = record.kind_span;
            self.conflict(node, (&left, left_span), (&right, origin.span), Some((&a, &b)));
        }
        self.progress += 1;
        let record = self.node_mut(node);
        record.kinds &= atom.kind();
        record.kind_span = origin.span;
        record.scalar = Some(atom);
        record.origin = origin;
    }

    /// Adds the disjunction to those that wait, or the alternative already chosen for it.
    pub(crate) fn add_disjunction(
        &mut self,
        node: NodeId,
        source: DisjunctionSource<'p>,
        env: EnvId,
        ci: Ci,
    ) {
        let identity = match source {
            DisjunctionSource::Expr(alternatives) => std::ptr::from_ref(alternatives).addr(),
            DisjunctionSource::Tree(alternatives) => std::ptr::from_ref(alternatives).addr(),
            DisjunctionSource::Nodes(_, identity) => identity,
        };
        // The same disjunction again, in the same environment, is the same choice: only the
        // scopes it comes through are different.
        let seen = &mut self.node_mut(node).rare_mut().seen_disjunctions;
        let known = seen.iter().position(|(id, known)| *id == identity && *known == env);
        let ordinal = match known {
            Some(at) => seen.iter().take(at).filter(|(id, _)| *id == identity).count(),
            None => {
                let before = seen.iter().filter(|(id, _)| *id == identity).count();
                seen.push((identity, env));
                before
            }
        };
        let ordinal = u32::try_from(ordinal).unwrap_or(u32::MAX);
        let key = (identity, ordinal);
        let choice = self.node(node).choices.find(key);
        let disjunction = Disjunction { source, env, ci, key };
        match choice {
            Some(index) => self.add_alternative(node, disjunction, index),
            None => {
                self.mark(node, Ci { cyclic: false, ..ci });
                let rare = self.node_mut(node).rare_mut();
                if known.is_none() {
                    rare.disjunctions.push(disjunction);
                }
            }
        }
    }

    pub(crate) fn add_struct(
        &mut self,
        node: NodeId,
        literal: &'p StructLit,
        span: Span,
        env: EnvId,
        ci: Ci,
    ) {
        // Looking among the scopes of all literals embedded so far is work too.
        self.charge(1 + self.node(node).scopes.len() / SCOPES_A_STEP);
        if self.exhausted {
            self.fail_budget(node);
            return;
        }
        self.mark(node, ci);
        let scope = if literal.embeds {
            self.new_scope(Scope {
                parent: ci.scope,
                kind: ScopeKind::Literal,
                embedded: ci.embed,
                node: self.canonical(node),
            })
        } else {
            ci.scope
        };
        if literal.has_fields || !literal.embeds {
            self.restrict(node, Kinds::STRUCT, span);
        }
        let record = self.node_mut(node);
        record.maybe_struct = true;
        if !record.scopes.contains(&scope) {
            record.scopes.push(scope);
        }
        let env = self.new_env(env, node, [NodeId::NONE; 2]);
        if !literal.lets.is_empty() {
            self.literals.insert(env, literal);
        }
        let inner = Ci { scope, ..ci.below() };
        for (index, decl) in literal.decls.iter().enumerate() {
            let order = self.place(ci.order, index);
            self.order = order;
            match decl {
                Decl::Field { label, info, value } => {
                    self.add_field(node, *label, info, value, env, inner);
                }
                Decl::Dynamic { label, info, value } => {
                    let index = u32::try_from(index).unwrap_or(u32::MAX);
                    let kind = TaskKind::Dynamic(label, info, value, index);
                    self.push_task(node, kind, env, Ci { order, ..inner });
                }
                Decl::Pattern { pattern, info, value } => {
                    if matches!(&pattern.kind, ExprKind::Type(kinds, bounds)
                        if *kinds == Kinds::STRING && bounds.is_empty())
                    {
                        self.add_pattern(node, None, info, value, env, inner);
                    } else {
                        let kind = TaskKind::Pattern(pattern, info, value);
                        self.push_task(node, kind, env, inner);
                    }
                }
                Decl::Ellipsis(value) => {
                    let value =
                        value.as_ref().map(|value| Conj { x: X::Expr(value), env, ci: inner });
                    self.add_ellipsis(node, Some(literal), value, scope);
                }
                Decl::Embed(expr) => {
                    stacker::maybe_grow(super::run::RED_ZONE, super::run::SEGMENT, || {
                        self.add_expr(node, expr, env, Ci { embed: true, order, ..inner });
                    });
                }
                Decl::Comprehension(comprehension) => {
                    let kind = TaskKind::Comprehension(comprehension);
                    self.push_task(node, kind, env, Ci { embed: true, order, ..inner });
                }
            }
        }
    }

    fn add_ellipsis(
        &mut self,
        node: NodeId,
        literal: Option<&'p StructLit>,
        value: Option<Conj<'p>>,
        scope: super::ScopeId,
    ) {
        let ellipsis = Ellipsis { literal, scope, value };
        self.node_mut(node).rare_mut().ellipses.push(ellipsis);
        if value.is_some() {
            let arcs = self.node(node).arcs.clone();
            for arc in arcs {
                self.apply_ellipsis(arc, ellipsis);
            }
        }
    }

    /// Notes that a scope admits any field.
    pub(crate) fn open(&mut self, node: NodeId, scope: super::ScopeId) {
        self.add_ellipsis(node, None, None, scope);
    }

    fn apply_ellipsis(&mut self, arc: Arc, ellipsis: Ellipsis<'p>) {
        let declared = |literal: &StructLit| {
            literal
                .decls
                .iter()
                .any(|decl| matches!(decl, Decl::Field { label, .. } if *label == arc.label))
        };
        if let Some(conj) = ellipsis.value
            && arc.label.is_regular()
            && !ellipsis.literal.is_some_and(declared)
        {
            self.push_conj(arc.node, conj);
        }
    }

    pub(crate) fn add_field(
        &mut self,
        node: NodeId,
        label: Label,
        info: &'p FieldInfo,
        value: &'p Expr,
        env: EnvId,
        ci: Ci,
    ) -> NodeId {
        let ci = if label.is_definition() {
            let scope = self.new_scope(Scope {
                parent: ci.scope,
                kind: ScopeKind::Own,
                embedded: false,
                node: NodeId::NONE,
            });
            Ci { scope, ..ci }
        } else {
            ci
        };
        let arc = self.arc(node, label, info.arc);
        let env = if info.scoped { self.new_env(env, arc, [NodeId::NONE; 2]) } else { env };
        self.push_conj(arc, Conj { x: X::Expr(value), env, ci: ci.below() });
        self.node_mut(arc).declarations.push(info);
        arc
    }

    /// Adds a conjunct to the field of a label, made where it is not there.
    pub(crate) fn insert(
        &mut self,
        node: NodeId,
        label: Label,
        arc: ArcType,
        conj: Conj<'p>,
        info: Option<&'p FieldInfo>,
    ) -> NodeId {
        let arc = self.arc(node, label, arc);
        self.push_conj(arc, conj);
        if let Some(info) = info {
            self.node_mut(arc).declarations.push(info);
        }
        arc
    }

    /// The field of a label, made where it is not there, with the stronger constraint.
    pub(crate) fn arc(&mut self, node: NodeId, label: Label, arc: ArcType) -> NodeId {
        if let Some(found) = self.find_arc(node, label) {
            let record = self.node_mut(found);
            if arc < record.arc {
                record.arc = arc;
                self.progress += 1;
            }
            self.note_place(found);
            return found;
        }
        self.progress += 1;
        let child = self.new_node(node, Some(label), arc);
        self.node_mut(child).order = self.order;
        self.node_mut(node).push_arc(Arc { label, node: child });
        let Some(rare) = &self.node(node).rare else { return child };
        if label.is_regular() && (!rare.patterns.is_empty() || !rare.ellipses.is_empty()) {
            let (patterns, ellipses) = (rare.patterns.clone(), rare.ellipses.clone());
            for pattern in patterns {
                self.apply_pattern(node, Arc { label, node: child }, pattern);
            }
            for ellipsis in ellipses {
                self.apply_ellipsis(Arc { label, node: child }, ellipsis);
            }
        }
        child
    }

    pub(crate) fn find_arc(&self, node: NodeId, label: Label) -> Option<NodeId> {
        let record = self.node(node);
        if let Label::Index(index) = label
            && let Some(arc) = record.arcs.get(index as usize)
            && arc.label == label
        {
            return Some(arc.node);
        }
        record.find(label)
    }

    /// Gives a node one more conjunct, opening it again where it was further.
    pub(crate) fn push_conj(&mut self, node: NodeId, conj: Conj<'p>) {
        self.progress += 1;
        self.node_mut(node).conjs.push(conj);
        if self.node(node).state > State::New || self.node(node).forward.is_some() {
            self.reopen(node);
        }
        let Some(rare) = &self.node(node).rare else { return };
        if rare.subscribers.is_empty() {
            return;
        }
        for (subscriber, ci) in rare.subscribers.clone() {
            self.receive(subscriber, conj, ci);
        }
    }

    /// Takes back a node's conclusions, since it learns more.
    pub(crate) fn reopen(&mut self, node: NodeId) {
        let record = self.node_mut(node);
        record.state = State::New;
        record.closed_checked = false;
        record.forward = None;
        if let Some(rare) = &mut record.rare {
            rare.trials = None;
            rare.alternatives.clear();
            rare.validated = false;
            rare.pending.clear();
        }
        // What holds this node as a field is not final any more either.
        let mut at = self.node(node).parent;
        while at != NodeId::NONE {
            let record = self.node_mut(at);
            if record.state != State::Final {
                break;
            }
            record.state = State::Resolved;
            record.child_error = None;
            at = record.parent;
        }
    }

    pub(crate) fn add_pattern(
        &mut self,
        node: NodeId,
        matcher: Option<NodeId>,
        info: &'p FieldInfo,
        value: &'p Expr,
        env: EnvId,
        ci: Ci,
    ) {
        let pattern = Pattern { matcher, value: X::Expr(value), env, scoped: info.scoped, ci };
        self.install_pattern(node, pattern);
    }

    pub(crate) fn install_pattern(&mut self, node: NodeId, pattern: Pattern<'p>) {
        self.node_mut(node).rare_mut().patterns.push(pattern);
        let arcs = self.node(node).arcs.clone();
        for arc in arcs {
            self.apply_pattern(node, arc, pattern);
        }
    }

    fn apply_pattern(&mut self, _node: NodeId, arc: Arc, pattern: Pattern<'p>) {
        if !arc.label.is_regular() || matches!(arc.label, Label::Index(_)) {
            return;
        }
        if let Some(matcher) = pattern.matcher
            && !self.admits_label(matcher, arc.label)
        {
            return;
        }
        let env = if pattern.scoped {
            self.new_env(pattern.env, arc.node, [NodeId::NONE; 2])
        } else {
            pattern.env
        };
        self.push_conj(arc.node, Conj { x: pattern.value, env, ci: pattern.ci });
    }

    fn run_pattern(
        &mut self,
        node: NodeId,
        pattern: &'p Expr,
        info: &'p FieldInfo,
        value: &'p Expr,
        env: EnvId,
        ci: Ci,
    ) -> Eval<()> {
        let matcher = self.anonymous_node(pattern, env, node);
        let matcher = self.need(matcher, State::Resolved)?;
        if let Some(error) = self.node(matcher).errors.first() {
            return Err(Stop::from(error.clone()));
        }
        self.add_pattern(node, Some(matcher), info, value, env, ci);
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "a declaration and its place")]
    fn run_dynamic(
        &mut self,
        node: NodeId,
        label: &'p Expr,
        info: &'p FieldInfo,
        value: &'p Expr,
        declaration: u32,
        env: EnvId,
        ci: Ci,
    ) -> Eval<()> {
        let name = match self.operand(label, env, node)? {
            Atom::String(text) => text,
            other => {
                let message = format!(
                    "invalid label: {} (expected string, found {})",
                    other.text(),
                    other.kind().text()
                );
                return Err(super::fail::failed(message, label.span));
            }
        };
        self.restrict(node, Kinds::STRUCT, label.span);
        self.order = ci.order;
        let arc = self.add_field(node, Label::regular(&name), info, value, env, ci);
        self.dynamic.insert((env, declaration), arc);
        Ok(())
    }

    /// The node whose place a trial takes, or the node itself.
    pub(crate) fn canonical(&self, node: NodeId) -> NodeId {
        self.node(node).trial_root.unwrap_or(node)
    }
}

/// The scalar of a literal expression.
pub(crate) fn literal_atom(expr: &Expr) -> Option<Atom> {
    Some(match &expr.kind {
        ExprKind::Null => Atom::Null,
        ExprKind::Bool(b) => Atom::Bool(*b),
        ExprKind::Number(n) => Atom::Number(n.clone()),
        ExprKind::String(text) => Atom::String(text.clone()),
        ExprKind::Bytes(bytes) => Atom::Bytes(bytes.clone()),
        ExprKind::Sign { negative, operand } => match (&operand.kind, negative) {
            (ExprKind::Number(n), true) => Atom::Number(n.neg()),
            (ExprKind::Number(n), false) => Atom::Number(n.clone()),
            _ => return None,
        },
        _ => return None,
    })
}
