//! Operations as the steps that are written.
//!
//! Invariant: steps stand in an order in which each comes after those it depends on; every
//! reference has become an input of its step, and every mark in a template is written.

use std::collections::BTreeMap;

use platformc_emit::argo_workflows::{self as argo, Body, Input, Step};
use platformc_graph::Order;
use platformc_model::{Batch, BatchOperation, Retries, Rollback};
use platformc_source::{Diagnostic, Severity, codes};

use super::Operation;

/// Operations by their ids, with the places of their steps.
struct Places<'a> {
    by_id: BTreeMap<&'a str, (usize, &'a Operation<'a>)>,
}

impl Places<'_> {
    fn of(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).map(|(place, _)| *place)
    }
}

/// The steps of a workflow, one for each operation.
pub(super) fn steps(
    batch: &Batch,
    operations: &[Option<Operation<'_>>],
    order: &Order,
    sink: &mut Vec<Diagnostic>,
) -> Option<Vec<Step>> {
    let before = sink.len();
    let ordered: Vec<&Operation<'_>> = order
        .order
        .iter()
        .map(|at| operations.get(*at).and_then(Option::as_ref))
        .collect::<Option<_>>()?;
    let by_id = ordered
        .iter()
        .enumerate()
        .map(|(place, operation)| (&*operation.written.id.text, (place, *operation)))
        .collect();
    let places = Places { by_id };
    let steps: Option<Vec<Step>> =
        ordered.into_iter().map(|operation| step(batch, operation, &places, sink)).collect();
    let failed = sink.iter().skip(before).any(|found| found.severity == Severity::Error);
    steps.filter(|_| !failed)
}

fn step(
    batch: &Batch,
    operation: &Operation<'_>,
    places: &Places<'_>,
    sink: &mut Vec<Diagnostic>,
) -> Option<Step> {
    let written = operation.written;
    let mut names = Vec::new();
    let mut inputs = Vec::new();
    for reference in operation.made.references.iter().chain(&operation.rollback_references) {
        let (step, giver) = *places.by_id.get(&*reference.operation.text)?;
        let input = Input { step, output: reference.output.text.to_string() };
        names.push(format!("{}-{}", giver.written.step, input.output));
        inputs.push(input);
    }
    inputs.sort();
    inputs.dedup();
    let used = written.kind.span();
    let own = operation.made.references.len();
    let (own, others) = names.split_at(own.min(names.len()));
    let mut body = operation.made.body.clone();
    argo::settle(&mut body.template, own, used, sink);
    let mut rollback = operation.rollback.clone();
    if let Some(rollback) = &mut rollback {
        let by_other = matches!(written.rollback, Rollback::By(_));
        argo::settle(&mut rollback.template, if by_other { others } else { own }, used, sink);
        check_rollback_inputs(rollback, &body, written, sink);
    }
    let side = |soft: bool| -> Vec<usize> {
        let chosen = written.dependencies.iter().filter(|found| found.soft == soft);
        chosen.filter_map(|found| places.of(&found.id)).collect()
    };
    let (mut reads, mut soft) = (Vec::new(), side(true));
    if let Some(condition) = &operation.condition {
        for (id, _) in &condition.outputs {
            reads.push(places.of(id)?);
        }
        for id in &condition.ends {
            let end = places.of(id)?;
            if !soft.contains(&end) {
                soft.push(end);
            }
        }
    }
    Some(Step {
        name: written.step.text.to_string(),
        rollback: rollback.filter(|_| batch.rollback_enabled),
        hard: side(false),
        soft,
        inputs,
        reads,
        condition: operation.condition.as_ref().map(|found| found.expression.clone()),
        retries: written.retries.as_ref().or(batch.retries.as_ref()).map(retries),
        deadline: written.timeout.map(|timeout| timeout.seconds),
        exclusive: !written.parallel,
        body,
    })
}

fn retries(retries: &Retries) -> argo::Retries {
    argo::Retries {
        limit: retries.limit,
        delay: retries.delay,
        factor: retries.factor,
        max_duration: retries.max_duration,
    }
}

/// What undoes an operation can take the operation's own outputs, and nothing that is not there.
fn check_rollback_inputs(
    rollback: &Body,
    body: &Body,
    written: &BatchOperation,
    sink: &mut Vec<Diagnostic>,
) {
    for input in rollback.inputs.iter().filter(|input| !body.outputs.contains(input)) {
        let kind = &written.kind;
        let message = format!("what undoes `{kind}` takes `{input}`, which `{kind}` does not give");
        sink.push(Diagnostic::new(codes::EMIT_ARGO_WORKFLOWS, kind.span(), message));
    }
    for input in &body.inputs {
        let kind = &written.kind;
        let message = format!("`{kind}` declares the input `{input}`, which nothing gives");
        sink.push(
            Diagnostic::new(codes::EMIT_ARGO_WORKFLOWS, kind.span(), message)
                .note("what an operation is told are its parameters"),
        );
    }
}
