//! Dependencies as Argo Workflows writes them.
//!
//! Invariant: an expression names every task it waits for. A soft dependency holds for every way
//! in which a task can end; a task is undone only after all that came after it have been.
//! Source: Argo Workflows' documentation, "Enhanced Depends Logic".

use std::collections::BTreeSet;

use super::{BodyKind, Step};

/// The task that begins undoing.
pub(super) const ROLLBACK: &str = "rollback";

/// The name of the task that undoes a step.
pub(super) fn rollback_name(step: &Step) -> String {
    format!("{ROLLBACK}-{}", step.name)
}

/// The steps a step takes values of.
fn givers(step: &Step) -> impl Iterator<Item = usize> {
    step.inputs.iter().map(|input| input.step).chain(step.reads.iter().copied())
}

/// What a step waits for; empty where it waits for nothing.
pub(super) fn depends(steps: &[Step], step: &Step) -> String {
    let taken: BTreeSet<usize> = givers(step).collect();
    let needed = |at: usize| taken.contains(&at);
    let mut parts = Vec::new();
    let hard = step.hard.iter().copied();
    let others = taken.iter().copied().filter(|at| !step.hard.contains(at));
    for at in hard.chain(others) {
        let Some(other) = steps.get(at) else { continue };
        let name = &other.name;
        parts.push(match (needed(at), other.condition.is_some(), other.body.kind) {
            // What did not run gives no value.
            (true, ..) | (false, false, BodyKind::Pod | BodyKind::Agent | BodyKind::Pause) => {
                format!("{name}.Succeeded")
            }
            (false, true, BodyKind::Daemon) => {
                format!("({name}.Succeeded || {name}.Skipped || {name}.Daemoned)")
            }
            (false, true, _) => format!("({name}.Succeeded || {name}.Skipped)"),
            (false, false, BodyKind::Daemon) => {
                format!("({name}.Succeeded || {name}.Daemoned)")
            }
        });
    }
    for at in &step.soft {
        if step.hard.contains(at) || needed(*at) {
            continue;
        }
        let Some(other) = steps.get(*at) else { continue };
        let ways = ["Succeeded", "Failed", "Errored", "Skipped", "Omitted", "Daemoned"];
        let ways = ways.map(|way| format!("{}.{way}", other.name));
        parts.push(format!("({})", ways.join(" || ")));
    }
    parts.join(" && ")
}

/// What begins undoing: a failure of any step, once all have ended.
pub(super) fn failure(steps: &[Step]) -> String {
    let parts: Vec<String> =
        steps.iter().map(|step| format!("{0}.Failed || {0}.Errored", step.name)).collect();
    parts.join(" || ")
}

/// What undoing each step waits for; `None` for a step that nothing undoes.
pub(super) fn rollbacks(steps: &[Step]) -> Vec<Option<String>> {
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); steps.len()];
    for (at, step) in steps.iter().enumerate() {
        let others = step.hard.iter().chain(&step.soft).copied();
        for before in others.chain(givers(step)) {
            if let Some(list) = after.get_mut(before) {
                list.push(at);
            }
        }
    }
    let one = |at: usize, step: &Step| {
        step.rollback.as_ref()?;
        let mut text = format!(
            "({ROLLBACK}.Succeeded || {ROLLBACK}.Failed || {ROLLBACK}.Errored) && {}.Succeeded",
            step.name
        );
        for later in nearest(at, steps, &after) {
            let Some(later) = steps.get(later) else { continue };
            let own = rollback_name(later);
            text.push_str(&format!(" && ({own}.Succeeded || !{}.Succeeded)", later.name));
        }
        Some(text)
    };
    steps.iter().enumerate().map(|(at, step)| one(at, step)).collect()
}

/// The steps that come after one and can be undone, without those that come after them: through
/// steps that cannot be undone.
fn nearest(from: usize, steps: &[Step], after: &[Vec<usize>]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        for next in after.get(at).into_iter().flatten() {
            if !seen.insert(*next) {
                continue;
            }
            if steps.get(*next).is_some_and(|step| step.rollback.is_some()) {
                found.insert(*next);
            } else {
                open.push(*next);
            }
        }
    }
    found
}
