//! Closedness: which fields a node allows.
//!
//! Every conjunct carries a scope. A reference to a definition, and `close()`, open a closing
//! scope; a struct literal that embeds opens a literal scope. A closing scope demands of every
//! regular field of a node it reaches that some conjunct of the field comes from inside the scope;
//! where the closed thing is embedded, from inside the literal that embeds it. A definition's
//! demand reaches the nodes below through the conjuncts that carry its scope, that of `close()`
//! only the node itself.

use super::node::{Scope, ScopeKind};
use super::{Arc, NodeId, ScopeId, Unit};
use crate::ir::ArcType;
use crate::label::Label;
use crate::tree::{ErrorCode, Names, Reason};

impl<'p> Unit<'p> {
    fn scope(&self, scope: ScopeId) -> Scope {
        self.scopes[scope.0 as usize]
    }

    /// Whether `scope` is `outer` or lies inside it.
    fn within(&self, mut scope: ScopeId, outer: ScopeId) -> bool {
        loop {
            if scope == outer {
                return true;
            }
            if scope == ScopeId::ROOT {
                return false;
            }
            scope = self.scope(scope).parent;
        }
    }

    /// The scope whose conjuncts satisfy the demand of a closing scope: the scope itself, or the
    /// outermost literal that embeds it or something it lies in.
    fn evidence(&self, closing: ScopeId) -> ScopeId {
        let mut evidence = closing;
        let mut at = closing;
        while at != ScopeId::ROOT {
            let scope = self.scope(at);
            if scope.embedded {
                evidence = scope.parent;
            }
            at = scope.parent;
        }
        evidence
    }

    /// The demands that hold at a node: the scopes that must have contributed to every field.
    pub(crate) fn demands(&self, node: NodeId) -> Vec<ScopeId> {
        let own = self.canonical(node);
        let mut demands = Vec::new();
        let mut seen: Vec<ScopeId> = Vec::new();
        for start in &self.node(node).scopes {
            let mut at = *start;
            while at != ScopeId::ROOT && !seen.contains(&at) {
                seen.push(at);
                let scope = self.scope(at);
                let active = match scope.kind {
                    ScopeKind::Definition => true,
                    ScopeKind::Close => scope.node == own,
                    ScopeKind::Plain | ScopeKind::Literal | ScopeKind::Own => false,
                };
                if active {
                    let evidence = self.evidence(at);
                    if !demands.contains(&evidence) {
                        demands.push(evidence);
                    }
                }
                at = scope.parent;
            }
        }
        demands
    }

    /// Whether a demand is met by something that admits any field: `...` or `_`.
    fn opened(&self, node: NodeId, demand: ScopeId) -> bool {
        let Some(rare) = &self.node(node).rare else { return false };
        rare.ellipses.iter().any(|ellipsis| self.within(ellipsis.scope, demand))
            || rare.tops.iter().any(|scope| self.within(*scope, demand))
    }

    fn field_meets(&self, arc: NodeId, demand: ScopeId) -> bool {
        let record = self.node(arc);
        if record.conjs.iter().any(|conj| self.within(conj.ci.scope, demand)) {
            return true;
        }
        false
    }

    /// Whether a node lies in a field that declares a definition, and nothing there opens it.
    fn closed_by_declaration(&self, node: NodeId) -> bool {
        let record = self.node(node);
        let open = record
            .rare
            .as_ref()
            .is_some_and(|rare| !rare.ellipses.is_empty() || !rare.tops.is_empty());
        !open && self.in_declaration(node)
    }

    fn in_declaration(&self, node: NodeId) -> bool {
        self.node(node).scopes.iter().any(|start| {
            let mut at = *start;
            while at != ScopeId::ROOT {
                let scope = self.scope(at);
                if scope.kind == ScopeKind::Own {
                    return true;
                }
                at = scope.parent;
            }
            false
        })
    }

    /// Whether undeclared fields are refused.
    pub(crate) fn closed_here(&self, node: NodeId) -> bool {
        self.closed_by_declaration(node)
            || self.demands(node).iter().any(|demand| !self.opened(node, *demand))
    }

    /// Whether a definition or `close()` closes a node, though `...` may open it again.
    pub(crate) fn declared_closed(&self, node: NodeId) -> bool {
        let node = self.deref(node);
        let alternatives = self.node(node).alternatives();
        if !alternatives.is_empty() {
            return alternatives.iter().all(|alternative| self.declared_closed(alternative.node));
        }
        self.in_declaration(node) || !self.demands(node).is_empty()
    }

    /// Whether an optional field of a node could ever exist there.
    pub(crate) fn admits_optional(&self, node: NodeId, field: NodeId) -> bool {
        self.demands(node)
            .iter()
            .all(|demand| self.opened(node, *demand) || self.field_meets(field, *demand))
    }

    /// Marks the fields a node does not allow.
    pub(crate) fn check_closed(&mut self, node: NodeId) {
        if std::mem::replace(&mut self.node_mut(node).closed_checked, true) {
            return;
        }
        if self.node(node).scopes.iter().all(|scope| *scope == ScopeId::ROOT) {
            return;
        }
        let demands: Vec<ScopeId> =
            self.demands(node).into_iter().filter(|demand| !self.opened(node, *demand)).collect();
        if demands.is_empty() {
            return;
        }
        let regular: Vec<Arc> = self
            .node(node)
            .arcs
            .iter()
            .filter(|arc| matches!(arc.label, Label::Name(_)) && arc.label.is_regular())
            .copied()
            .collect();
        let (allowed, others): (Vec<Arc>, Vec<Arc>) = regular
            .into_iter()
            .partition(|arc| demands.iter().all(|demand| self.field_meets(arc.node, *demand)));
        // Every error names what is allowed, so the names are shared by all of them.
        let allowed: Names = allowed.iter().map(|arc| arc.label.shared()).collect();
        for arc in others {
            if self.node(arc.node).arc == ArcType::Optional {
                continue;
            }
            let span = self.field_span(arc.node);
            let reason = Reason::NotAllowed { field: arc.label.shared(), allowed: allowed.clone() };
            let error =
                super::fail::bottom(ErrorCode::Eval, "field not allowed", span).because(reason);
            self.report(arc.node, error);
        }
    }

    /// Where a field was written: the label of its last declaration, or its value.
    pub(crate) fn field_span(&self, node: NodeId) -> platformc_source::Span {
        let record = self.node(node);
        if let Some(info) = record.declarations.last() {
            return info.label_span;
        }
        record
            .conjs
            .iter()
            .rev()
            .find_map(|conj| match conj.x {
                super::X::Value(value) => Some(value.origin.span),
                super::X::Expr(expr) => Some(expr.span),
                super::X::Tree(tree) => Some(tree.origin.span),
                _ => None,
            })
            .unwrap_or(record.origin.span)
    }

    /// Whether a node would allow a regular field of this name.
    pub(crate) fn allows_label(&mut self, node: NodeId, label: Label) -> bool {
        if let Some(arc) = self.find_arc(node, label) {
            let demands = self.demands(node);
            return demands
                .iter()
                .all(|demand| self.opened(node, *demand) || self.field_meets(arc, *demand));
        }
        let demands: Vec<ScopeId> =
            self.demands(node).into_iter().filter(|demand| !self.opened(node, *demand)).collect();
        let patterns =
            self.node(node).rare.as_ref().map(|rare| rare.patterns.clone()).unwrap_or_default();
        if self.closed_by_declaration(node)
            && !patterns.iter().any(|pattern| {
                pattern.matcher.is_none_or(|matcher| self.admits_label(matcher, label))
            })
        {
            return false;
        }
        demands.iter().all(|demand| {
            patterns.iter().any(|pattern| {
                self.within(pattern.ci.scope, *demand)
                    && pattern.matcher.is_none_or(|matcher| self.admits_label(matcher, label))
            })
        })
    }
}
