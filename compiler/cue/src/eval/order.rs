//! The order of fields.
//!
//! Fields are exported in the order of the text, whatever order evaluation made them in: a field
//! that a comprehension yields stands where the comprehension stands. A place is a path of indices
//! (which conjunct, which declaration, which yield, ...), kept as a tree of parents.

use std::cmp::Ordering;

use super::node::OrderId;
use super::{Arc, NodeId, Unit};

/// One step of a path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    parent: OrderId,
    index: u32,
    depth: u32,
}

impl Place {
    pub(crate) const ROOT: Place = Place { parent: OrderId::FIRST, index: 0, depth: 0 };
}

impl Unit<'_> {
    /// The place `index` below another.
    pub(crate) fn place(&mut self, parent: OrderId, index: usize) -> OrderId {
        let depth = self.places[parent.0 as usize].depth + 1;
        let id = OrderId(u32::try_from(self.places.len()).unwrap_or(u32::MAX));
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        self.places.push(Place { parent, index, depth });
        id
    }

    fn compare_places(&self, a: OrderId, b: OrderId) -> Ordering {
        let place = |id: OrderId| self.places[id.0 as usize];
        let lift = |mut id: OrderId, depth: u32| {
            while place(id).depth > depth {
                id = place(id).parent;
            }
            id
        };
        let depth = place(a).depth.min(place(b).depth);
        let (mut x, mut y) = (lift(a, depth), lift(b, depth));
        if x == y {
            return place(a).depth.cmp(&place(b).depth);
        }
        while place(x).parent != place(y).parent {
            (x, y) = (place(x).parent, place(y).parent);
        }
        place(x).index.cmp(&place(y).index)
    }

    /// Notes that a field is declared at the current place too.
    pub(crate) fn note_place(&mut self, field: NodeId) {
        let known = self.node(field).order;
        if self.compare_places(self.order, known) == Ordering::Less {
            self.node_mut(field).order = self.order;
        }
    }

    /// Fields in the order of the text.
    pub(crate) fn ordered_arcs(&self, node: NodeId) -> Vec<Arc> {
        let record = self.node(node);
        let mut arcs = record.arcs.to_vec();
        // Without anything that had to wait, fields were made in the order of the text.
        if record.rare.as_ref().is_some_and(|rare| !rare.tasks.is_empty()) {
            arcs.sort_by(|a, b| {
                self.compare_places(self.node(a.node).order, self.node(b.node).order)
            });
        }
        arcs
    }
}
