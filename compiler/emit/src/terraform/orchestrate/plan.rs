//! No tool: the order as data, for scripts.
//!
//! Invariant: `terraform/order.json` lists the stacks by rank; those of one rank do not depend on
//! each other.

use platformc_format::json;
use platformc_graph::Strength;
use platformc_source::{Diagnostic, Origin};
use platformc_value::{Map, Value};

use super::{Abilities, Orchestrator, StackGraph};
use crate::terraform::Stack;
use crate::{Artifact, layout};

pub(super) struct Plan;

impl Orchestrator for Plan {
    fn name(&self) -> &'static str {
        "plan"
    }

    fn abilities(&self) -> Abilities {
        Abilities { hard: true, soft: true, outputs: false, parallel_limit: false }
    }

    fn files(&self, graph: &StackGraph<'_>, _sink: &mut Vec<Diagnostic>) -> Vec<Artifact> {
        let mut order: Vec<(usize, usize, &Stack)> = graph
            .stacks
            .iter()
            .enumerate()
            .map(|(at, stack)| (graph.ranks.get(at).copied().unwrap_or(0), at, stack))
            .collect();
        order.sort_by(|a, b| (a.0, &*a.2.name.text).cmp(&(b.0, &*b.2.name.text)));
        let each = |(rank, at, stack): &(usize, usize, &Stack)| {
            let mut map = Map::with_capacity(4);
            map.insert("stack", Value::string(&*stack.name.text));
            map.insert("folder", Value::string(layout::stack_folder(&stack.name)));
            map.insert("rank", Value::int(i64::try_from(*rank).unwrap_or(i64::MAX)));
            for (key, strength) in [("after", Strength::Hard), ("afterEnd", Strength::Soft)] {
                let own = graph.dependencies.iter().filter(|found| found.from == *at);
                let mut names: Vec<&str> = own
                    .filter(|found| found.strength == strength)
                    .filter_map(|found| graph.stacks.get(found.to))
                    .map(|found| &*found.name.text)
                    .collect();
                names.sort_unstable();
                names.dedup();
                if !names.is_empty() {
                    map.insert(key, Value::list(names.into_iter().map(Value::string).collect()));
                }
            }
            Value::map(map)
        };
        let value = Value::list(order.iter().map(each).collect());
        let path = format!("{}/order.json", layout::TERRAFORM_FOLDER);
        vec![Artifact { path, bytes: json::write(&value, true).into_bytes(), origin: Origin::NONE }]
    }
}
