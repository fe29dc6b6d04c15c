//! What exporting a tree needs beyond evaluation: fields that do not exist (optional and required
//! ones), patterns and the tails of open lists are evaluated only here, since nothing else asks.

use super::{Ci, Conj, NodeId, Pattern, State, Unit, X};
use crate::ir::ArcType;

impl<'p> Unit<'p> {
    /// Evaluates what exporting `node` shows.
    pub(crate) fn prepare(&mut self, node: NodeId, depth: u32) {
        let node = self.deref(node);
        if depth > 256 || self.exhausted {
            return;
        }
        let alternatives: Vec<NodeId> =
            self.node(node).alternatives().iter().map(|alternative| alternative.node).collect();
        for alternative in alternatives {
            self.prepare(alternative, depth + 1);
        }
        let mut index = 0;
        while let Some(arc) = self.node(node).arcs.get(index).copied() {
            index += 1;
            if self.node(arc.node).arc != ArcType::Member {
                // A recursive optional field goes on for ever; one lap shows it.
                if depth > 12 {
                    continue;
                }
                self.drive(arc.node, State::Final);
            }
            self.prepare(arc.node, depth + 1);
        }
        if self.node(node).rare.is_none() {
            return;
        }
        self.prepare_patterns(node, depth);
        self.prepare_tail(node, depth);
    }

    fn prepare_patterns(&mut self, node: NodeId, depth: u32) {
        let rare = self.node_mut(node).rare_mut();
        if rare.patterns.is_empty() || !rare.pattern_nodes.is_empty() || depth > 12 {
            return;
        }
        let patterns = rare.patterns.clone();
        let mut groups: Vec<(Option<NodeId>, Vec<Pattern<'p>>)> = Vec::new();
        for pattern in patterns {
            let known = groups.iter_mut().find(|(matcher, _)| match (matcher, pattern.matcher) {
                (None, None) => true,
                (Some(a), Some(b)) => self.equal(*a, b),
                _ => false,
            });
            match known {
                Some((_, group)) => group.push(pattern),
                None => groups.push((pattern.matcher, vec![pattern])),
            }
        }
        let mut nodes = Vec::with_capacity(groups.len());
        for (matcher, group) in groups {
            let matcher = matcher.unwrap_or_else(|| {
                let matcher = self.new_node(node, None, ArcType::Member);
                self.node_mut(matcher).kinds = crate::kind::Kinds::STRING;
                matcher
            });
            let value = self.new_node(node, None, ArcType::Optional);
            for pattern in group {
                let env = if pattern.scoped {
                    self.new_env(pattern.env, value, [NodeId::NONE; 2])
                } else {
                    pattern.env
                };
                let ci = Ci { chain: pattern.ci.chain, ..pattern.ci };
                self.node_mut(value).conjs.push(Conj { x: pattern.value, env, ci });
            }
            self.drive(matcher, State::Final);
            self.drive(value, State::Final);
            self.prepare(value, depth + 1);
            nodes.push((matcher, value));
        }
        self.node_mut(node).rare_mut().pattern_nodes = nodes;
    }

    fn prepare_tail(&mut self, node: NodeId, depth: u32) {
        let Some(list) = self.node(node).rare.as_ref().and_then(|rare| rare.list.clone()) else {
            return;
        };
        if list.length.is_some() || self.list_tails.contains_key(&node) || depth > 12 {
            return;
        }
        let tails: Vec<Conj<'p>> = list.rests.iter().filter_map(|(_, tail)| *tail).collect();
        if tails.is_empty() {
            return;
        }
        let tail = self.new_node(node, None, ArcType::Optional);
        for conj in tails {
            if !matches!(conj.x, X::Top) {
                self.node_mut(tail).conjs.push(conj);
            }
        }
        self.drive(tail, State::Final);
        self.prepare(tail, depth + 1);
        self.list_tails.insert(node, tail);
    }
}
