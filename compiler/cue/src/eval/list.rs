//! Lists.

use platformc_source::Span;

use super::fail::bottom;
use super::{Ci, Conj, EnvId, Eval, NodeId, TaskKind, Unit, X};
use crate::ir::{ArcType, Element, ListLit};
use crate::kind::Kinds;
use crate::label::Label;
use crate::tree::{ErrorCode, Reason};

impl<'p> Unit<'p> {
    pub(crate) fn add_list(
        &mut self,
        node: NodeId,
        list: &'p ListLit,
        span: Span,
        env: EnvId,
        ci: Ci,
    ) {
        self.mark(node, ci);
        self.restrict(node, Kinds::LIST, span);
        self.node_mut(node).rare_mut().list.get_or_insert_default();
        let scope = ci.scope;
        if !self.node(node).scopes.contains(&scope) {
            self.node_mut(node).scopes.push(scope);
        }
        if list.elements.iter().any(|element| matches!(element, Element::Comprehension(_))) {
            self.push_task(node, TaskKind::List(list, span), env, ci);
            return;
        }
        let items: Vec<Conj<'p>> = list
            .elements
            .iter()
            .filter_map(|element| match element {
                Element::Expr(expr) => Some(Conj { x: X::Expr(expr), env, ci: ci.below() }),
                Element::Comprehension(_) => None,
            })
            .collect();
        self.install_list(node, list, &items, span, env, ci);
    }

    pub(crate) fn run_list(
        &mut self,
        node: NodeId,
        list: &'p ListLit,
        span: Span,
        env: EnvId,
        ci: Ci,
    ) -> Eval<()> {
        let mut items = Vec::new();
        for element in &list.elements {
            match element {
                Element::Expr(expr) => {
                    items.push(Conj { x: X::Expr(expr), env, ci: ci.below() });
                }
                Element::Comprehension(comprehension) => {
                    let mut yields = Vec::new();
                    self.clauses(node, &comprehension.clauses, env, &mut yields)?;
                    if yields.is_empty()
                        && let Some(fallback) = &comprehension.fallback
                    {
                        items.push(Conj { x: X::Expr(fallback), env, ci: ci.below() });
                    }
                    for env in yields {
                        let x = X::Expr(&comprehension.body);
                        items.push(Conj { x, env, ci: ci.below() });
                    }
                }
            }
            if items.len() > super::builtins::MAX_ITEMS {
                return Err(super::fail::failed("list too long", span));
            }
        }
        self.install_list(node, list, &items, span, env, ci);
        Ok(())
    }

    fn install_list(
        &mut self,
        node: NodeId,
        list: &'p ListLit,
        items: &[Conj<'p>],
        span: Span,
        env: EnvId,
        ci: Ci,
    ) {
        let rest = list
            .rest
            .as_ref()
            .map(|rest| rest.as_ref().map(|rest| Conj { x: X::Expr(rest), env, ci: ci.below() }));
        self.add_items(node, items, rest, span);
    }

    /// Adds the items of one list conjunct; `rest` is its open tail.
    pub(crate) fn add_items(
        &mut self,
        node: NodeId,
        items: &[Conj<'p>],
        rest: Option<Option<Conj<'p>>>,
        span: Span,
    ) {
        let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
        let state = self.node_mut(node).rare_mut().list.get_or_insert_default();
        let known = state.length;
        state.minimum = state.minimum.max(count);
        match rest {
            None => {
                if let Some(length) = known
                    && length != count
                {
                    self.length_conflict(node, length, count, span);
                    return;
                }
                self.node_mut(node).rare_mut().list.get_or_insert_default().length = Some(count);
            }
            Some(tail) => {
                let state = self.node_mut(node).rare_mut().list.get_or_insert_default();
                state.rests.push((count, tail));
            }
        }
        let state = self.node_mut(node).rare_mut().list.get_or_insert_default().clone();
        if let Some(length) = state.length
            && state.minimum > length
        {
            self.length_conflict(node, length, state.minimum, span);
            return;
        }
        for (index, conj) in items.iter().enumerate() {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            let fresh = self.find_arc(node, Label::Index(index)).is_none();
            let arc = self.insert(node, Label::Index(index), ArcType::Member, *conj, None);
            if fresh {
                // Tails of other conjuncts speak of the new item too.
                for (from, tail) in &state.rests {
                    if index >= *from
                        && let Some(tail) = tail
                    {
                        self.push_conj(arc, *tail);
                    }
                }
            }
        }
        if let Some(Some(tail)) = rest {
            let arcs = self.node(node).arcs.clone();
            for arc in arcs {
                let past = matches!(arc.label, Label::Index(index) if index >= count);
                let had = self
                    .node(arc.node)
                    .conjs
                    .iter()
                    .any(|conj| conj.env == tail.env && same_source(conj.x, tail.x));
                if past && !had {
                    self.push_conj(arc.node, tail);
                }
            }
        }
    }

    fn length_conflict(&mut self, node: NodeId, a: u32, b: u32, span: Span) {
        let message = format!("incompatible list lengths ({} and {})", a.min(b), a.max(b));
        let error = bottom(ErrorCode::Eval, message, span).because(Reason::Conflict);
        self.report(node, error);
    }

    /// The items of a list in order.
    pub(crate) fn items(&self, node: NodeId) -> Vec<NodeId> {
        let mut items: Vec<(u32, NodeId)> = self
            .node(node)
            .arcs
            .iter()
            .filter_map(|arc| match arc.label {
                Label::Index(index) => Some((index, arc.node)),
                Label::Name(_) => None,
            })
            .collect();
        items.sort_unstable_by_key(|(index, _)| *index);
        items.into_iter().map(|(_, node)| node).collect()
    }

    /// A closed list of nodes, outside any struct.
    pub(crate) fn list_of(&mut self, items: &[NodeId], at: NodeId) -> NodeId {
        let index = u32::try_from(self.node_lists.len()).unwrap_or(u32::MAX);
        self.node_lists.push(items.to_vec());
        let list = self.new_node(at, None, ArcType::Member);
        let conj = Conj { x: X::Items(index), env: EnvId::NONE, ci: Ci::ROOT };
        self.node_mut(list).conjs.push(conj);
        list
    }

    /// Processes the conjunct of a computed list.
    pub(crate) fn add_computed_items(&mut self, node: NodeId, index: u32, ci: Ci) {
        self.mark(node, ci);
        self.restrict(node, Kinds::LIST, Span::NONE);
        self.node_mut(node).rare_mut().list.get_or_insert_default();
        let conjs: Vec<Conj<'p>> = self.node_lists[index as usize]
            .iter()
            .map(|item| Conj { x: X::Node(*item), env: EnvId::NONE, ci: ci.below() })
            .collect();
        self.add_items(node, &conjs, None, Span::NONE);
    }

    /// A struct of nodes, outside any struct.
    pub(crate) fn struct_of(&mut self, fields: Vec<(Label, NodeId)>, at: NodeId) -> NodeId {
        let index = u32::try_from(self.field_lists.len()).unwrap_or(u32::MAX);
        self.field_lists.push(fields);
        let node = self.new_node(at, None, ArcType::Member);
        let conj = Conj { x: X::Fields(index), env: EnvId::NONE, ci: Ci::ROOT };
        self.node_mut(node).conjs.push(conj);
        node
    }

    /// Processes the conjunct of a computed struct.
    pub(crate) fn add_computed_fields(&mut self, node: NodeId, index: u32, ci: Ci) {
        self.mark(node, ci);
        self.restrict(node, Kinds::STRUCT, Span::NONE);
        self.node_mut(node).maybe_struct = true;
        if !self.node(node).scopes.contains(&ci.scope) {
            self.node_mut(node).scopes.push(ci.scope);
        }
        let fields = self.field_lists[index as usize].clone();
        for (at, (label, field)) in fields.into_iter().enumerate() {
            self.order = self.place(ci.order, at);
            let conj = Conj { x: X::Node(field), env: EnvId::NONE, ci: ci.below() };
            self.insert(node, label, ArcType::Member, conj, None);
        }
    }
}

fn same_source(a: X<'_>, b: X<'_>) -> bool {
    match (a, b) {
        (X::Expr(a), X::Expr(b)) => std::ptr::eq(a, b),
        _ => false,
    }
}
