//! The `workflow` of an Application. Invariant: step names are unique, sub-steps included.

use platformc_source::{Diagnostic, Origin, codes};
use platformc_value::Value;

use crate::application::{inputs, outputs, properties, unique};
use crate::fields::Fields;
use crate::{Input, Output, Text};

/// A workflow.
#[derive(Clone, Debug)]
pub struct Workflow {
    /// The name of a Workflow document to use instead of steps.
    pub reference: Option<Text>,
    /// How steps run: `StepByStep` or `DAG`.
    pub mode: Option<Text>,
    /// How sub-steps run.
    pub sub_mode: Option<Text>,
    /// The steps in order.
    pub steps: Vec<Step>,
    /// The whole workflow.
    pub origin: Origin,
}

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name.
    pub name: Option<Text>,
    /// The step definition it uses.
    pub kind: Text,
    /// Its properties, a struct; empty where none are written.
    pub properties: Value,
    /// Steps it comes after.
    pub depends_on: Vec<Text>,
    /// Values it takes.
    pub inputs: Vec<Input>,
    /// Values it gives.
    pub outputs: Vec<Output>,
    /// A condition, in CUE.
    pub condition: Option<Text>,
    /// How long it may take.
    pub timeout: Option<Text>,
    /// The steps of a group.
    pub sub_steps: Vec<Step>,
    /// The whole step.
    pub origin: Origin,
}

const MODES: [&str; 2] = ["DAG", "StepByStep"];

fn check_mode(mode: Option<Text>, sink: &mut Vec<Diagnostic>) -> Option<Text> {
    if let Some(mode) = &mode
        && !MODES.contains(&&**mode)
    {
        let message = format!("`{mode}` is not a mode of a workflow");
        sink.push(
            Diagnostic::new(codes::MODEL_INVALID_VALUE, mode.span(), message)
                .note("the modes are DAG and StepByStep"),
        );
    }
    mode
}

/// Lowers a workflow.
pub(crate) fn workflow(value: Value, sink: &mut Vec<Diagnostic>) -> Option<Workflow> {
    let origin = value.origin;
    let mut fields = Fields::open(value, "`workflow`", sink)?;
    let reference = fields.text("ref");
    let mode = fields.value("mode");
    let steps = fields.list("steps");
    fields.finish();
    let (mode, sub_mode) = match mode.and_then(|value| Fields::open(value, "`mode`", sink)) {
        Some(mut fields) => {
            let modes = (fields.text("steps"), fields.text("subSteps"));
            fields.finish();
            (check_mode(modes.0, sink), check_mode(modes.1, sink))
        }
        None => (None, None),
    };
    let steps: Vec<Step> = steps.into_iter().filter_map(|value| step(value, true, sink)).collect();
    let names = steps.iter().flat_map(|step| step.sub_steps.iter().chain([step]));
    unique("workflow step", names.filter_map(|step| step.name.as_ref()), sink);
    Some(Workflow { reference, mode, sub_mode, steps, origin })
}

fn step(value: Value, outer: bool, sink: &mut Vec<Diagnostic>) -> Option<Step> {
    let origin = value.origin;
    let what = if outer { "a workflow step" } else { "a sub-step" };
    let mut fields = Fields::open(value, what, sink)?;
    let name = fields.text("name");
    let kind = fields.required_text("type");
    let properties = properties(&mut fields, origin);
    let depends_on = fields.texts("dependsOn");
    let inputs = inputs(&mut fields);
    let outputs = outputs(&mut fields);
    let condition = fields.text("if");
    let timeout = fields.text("timeout");
    fields.ignore("meta");
    fields.ignore("mode");
    let sub_steps = if outer { fields.list("subSteps") } else { Vec::new() };
    fields.finish();
    let sub_steps = sub_steps.into_iter().filter_map(|value| step(value, false, sink)).collect();
    Some(Step {
        name,
        kind: kind?,
        properties,
        depends_on,
        inputs,
        outputs,
        condition,
        timeout,
        sub_steps,
        origin,
    })
}
