//! Cycles of references and of structure.
//!
//! A reference that is met again at the same node adds nothing (`a: b, b: a` is top). A reference
//! to a node that encloses the place, or one that was already followed to the same target on the
//! way here, is a structural cycle; it is an error unless some other conjunct, one that does not
//! come through the cycle, stands at the node (CUE specification, "Structural cycles").

use super::{ChainId, Ci, NodeId, Unit};

/// How many links of a chain are walked for the price of a step.
const LINKS_A_STEP: usize = 128;

impl Unit<'_> {
    /// Whether this reference was already followed at this node on the way to this conjunct.
    pub(crate) fn followed_before(&self, node: NodeId, identity: usize, ci: Ci) -> bool {
        if identity == 0 {
            return false;
        }
        let mut at = ci.chain;
        while at != ChainId::NONE {
            let chain = self.chains[at.0 as usize];
            if chain.at != node {
                break;
            }
            if chain.expr == identity {
                return true;
            }
            at = chain.next;
        }
        false
    }

    /// Whether following a reference from `node` to `target` closes a structural cycle.
    pub(crate) fn is_cyclic(
        &mut self,
        node: NodeId,
        target: NodeId,
        identity: usize,
        chain: ChainId,
    ) -> bool {
        let wanted = self.canonical(target);
        let mut ancestor = self.node(node).parent;
        while ancestor != NodeId::NONE {
            if self.canonical(ancestor) == wanted && self.node(node).label.is_some() {
                return true;
            }
            ancestor = self.node(ancestor).parent;
        }
        let mut at = chain;
        let mut links = 0;
        while at != ChainId::NONE {
            let entry = self.chains[at.0 as usize];
            if identity != 0 && entry.expr == identity && self.canonical(entry.target) == wanted {
                return true;
            }
            at = entry.next;
            links += 1;
        }
        // Walking a chain at each of its links is work of its own.
        self.charge(links / LINKS_A_STEP);
        false
    }

    /// How often a reference was already followed on the way here.
    pub(crate) fn laps(&self, identity: usize, mut chain: ChainId) -> u32 {
        let mut laps = 0;
        while chain != ChainId::NONE {
            let entry = self.chains[chain.0 as usize];
            laps += u32::from(identity != 0 && entry.expr == identity);
            chain = entry.next;
        }
        laps
    }

    /// Whether the cycle was already followed on the way down to this node, so that going on
    /// could not end: a node between it and the target has nothing but what came through a cycle.
    pub(crate) fn followed_above(&self, node: NodeId, target: NodeId) -> bool {
        let wanted = self.canonical(target);
        let mut ancestor = self.node(node).parent;
        while ancestor != NodeId::NONE {
            let record = self.node(ancestor);
            if record.cyclic && !record.noncyclic {
                return true;
            }
            if self.canonical(ancestor) == wanted {
                return false;
            }
            ancestor = record.parent;
        }
        false
    }

    /// Whether a chain leads through a link.
    pub(crate) fn came_through(&self, mut chain: ChainId, link: ChainId) -> bool {
        while chain != ChainId::NONE {
            if chain == link {
                return true;
            }
            chain = self.chains[chain.0 as usize].next;
        }
        false
    }
}
