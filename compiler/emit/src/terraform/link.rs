//! References between stacks: resolved, checked by type, and turned into what an engine reads.
//!
//! Invariant: after [`link`] no reference is left. One that names nothing, or does not fit, is a
//! diagnostic; downstream nothing would say so before a plan.

mod values;

use std::collections::BTreeMap;

use platformc_graph::Strength;
use platformc_source::{Diagnostic, Severity, Span, codes, nearest};
use platformc_value::Value;

use super::mark::Reference;
use super::types::{Fit, Type, fits};
use super::{Block, Input, Name, Stack, Variable, backend, read};

/// How a stack gets the outputs of others.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Plumbing {
    /// It reads their states: works with every way to run it.
    #[default]
    RemoteState,
    /// Terragrunt gives them as variables.
    Terragrunt,
}

/// A dependency between two stacks, by their indices.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// The dependent.
    pub from: usize,
    /// The dependency.
    pub to: usize,
    /// The output that is taken, where there is one.
    pub output: Option<Name>,
    /// Whether it has to succeed.
    pub strength: Strength,
    /// What asked for it.
    pub span: Span,
}

/// Links the stacks of one environment: references become expressions, and what is needed for them
/// is added to the stacks. Returns the dependencies between stacks, in the order of the stacks.
pub fn link(
    stacks: &mut [Stack],
    plumbing: Plumbing,
    sink: &mut Vec<Diagnostic>,
) -> Vec<Dependency> {
    let index = index(stacks, sink);
    let mut dependencies = Vec::new();
    for at in 0..stacks.len() {
        let Some(stack) = stacks.get_mut(at) else { continue };
        let mut body = std::mem::take(&mut stack.body);
        let mut inputs = Vec::new();
        let mut linker = Linker {
            stacks,
            index: &index,
            plumbing,
            at,
            found: BTreeMap::new(),
            dependencies: &mut dependencies,
            sink,
        };
        values::for_each(&mut body, &mut |value| linker.value(value));
        linker.after();
        for ((to, output), span) in std::mem::take(&mut linker.found) {
            let Some(producer) = stacks.get(to) else { continue };
            match plumbing {
                Plumbing::RemoteState => {
                    let name = Name::computed(identifier(&producer.name));
                    let kind = Name::computed("terraform_remote_state");
                    let there = |block: &Block| {
                        block.kind.text == kind.text && *block.name.text == *name.text
                    };
                    if !body.data.iter().any(there) {
                        body.data.push(Block { kind, name, body: backend::remote_state(producer) });
                    }
                }
                Plumbing::Terragrunt => {
                    let declared = producer.body.outputs.iter().find(|o| *o.name.text == *output);
                    let name = Name::new(
                        variable(&producer.name, &output),
                        platformc_source::Origin::authored(span),
                    );
                    let mut variable =
                        Variable::new(name.clone(), declared.and_then(|o| o.ty.clone()));
                    variable.sensitive = declared.is_some_and(|o| o.sensitive);
                    body.variables.push(variable);
                    let ty = declared.and_then(|o| o.ty.clone()).unwrap_or(Type::Any);
                    inputs.push(Input {
                        variable: name,
                        stack: producer.name.clone(),
                        output: Name::computed(output),
                        ty,
                    });
                }
            }
        }
        if let Some(stack) = stacks.get_mut(at) {
            stack.body = body;
            stack.inputs.extend(inputs);
        }
    }
    dependencies
}

fn index(stacks: &[Stack], sink: &mut Vec<Diagnostic>) -> BTreeMap<String, usize> {
    let mut index: BTreeMap<String, usize> = BTreeMap::new();
    for (at, stack) in stacks.iter().enumerate() {
        let key = stack.name.to_lowercase();
        if let Some(first) = index.get(&key).and_then(|first| stacks.get(*first)) {
            let message = format!("a second stack is named `{}`", stack.name);
            sink.push(
                Diagnostic::new(codes::TERRAFORM_DUPLICATE, stack.name.span(), message)
                    .label(first.name.span(), "the first one")
                    .note(
                        "an environment has one stack of a name: it names the folder and the state",
                    ),
            );
            continue;
        }
        index.insert(key, at);
    }
    index
}

/// A name as an identifier of Terraform.
pub(super) fn identifier(name: &str) -> String {
    let digit = name.starts_with(|first: char| first.is_ascii_digit());
    if digit { format!("_{name}") } else { name.to_owned() }
}

/// The variable that an output of another stack becomes.
fn variable(stack: &str, output: &str) -> String {
    identifier(&format!("{}_{output}", stack.replace('-', "_")))
}

struct Linker<'a> {
    stacks: &'a [Stack],
    index: &'a BTreeMap<String, usize>,
    plumbing: Plumbing,
    at: usize,
    /// Outputs that are taken, with a place that asks for each.
    found: BTreeMap<(usize, String), Span>,
    dependencies: &'a mut Vec<Dependency>,
    sink: &'a mut Vec<Diagnostic>,
}

impl Linker<'_> {
    fn value(&mut self, value: &mut Value) {
        values::replace(value, &mut |reference| self.resolve(reference));
    }

    fn find(&mut self, name: &Name) -> Option<usize> {
        if let Some(at) = self.index.get(&name.to_lowercase()) {
            return Some(*at);
        }
        let message = format!("there is no stack `{name}` in this environment");
        let mut diagnostic = Diagnostic::new(codes::TERRAFORM_UNKNOWN_OUTPUT, name.span(), message);
        let names = self.stacks.iter().map(|stack| &*stack.name.text);
        if let Some(best) = nearest(name, names).first() {
            diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?")).replace(
                name.span(),
                *best,
                format!("write `{best}`"),
            );
        }
        self.sink.push(diagnostic);
        None
    }

    /// The expression that a reference becomes.
    fn resolve(&mut self, reference: &Reference) -> Option<String> {
        let to = self.find(&reference.stack)?;
        let producer = self.stacks.get(to)?;
        // A stack whose content is taken out is the one that is being linked.
        if to == self.at {
            let message = format!("the stack `{}` takes an output of its own", producer.name);
            let diagnostic =
                Diagnostic::new(codes::TERRAFORM_UNKNOWN_OUTPUT, reference.origin.span, message);
            self.sink.push(diagnostic.note("name the resource itself: {$tf: \"aws_vpc.this.id\"}"));
            return None;
        }
        let outputs = &producer.body.outputs;
        let Some(output) = outputs.iter().find(|found| found.name.text == reference.output.text)
        else {
            self.unknown_output(producer, reference);
            return None;
        };
        self.fits(producer, output.ty.as_ref(), output.name.span(), reference);
        let name = reference.output.to_string();
        let span = reference.origin.span;
        if self.found.insert((to, name.clone()), span).is_none() {
            self.dependencies.push(Dependency {
                from: self.at,
                to,
                output: Some(reference.output.clone()),
                strength: Strength::Hard,
                span,
            });
        }
        Some(match self.plumbing {
            Plumbing::RemoteState => {
                format!("data.terraform_remote_state.{}.outputs.{name}", identifier(&producer.name))
            }
            Plumbing::Terragrunt => format!("var.{}", variable(&producer.name, &name)),
        })
    }

    fn unknown_output(&mut self, producer: &Stack, reference: &Reference) {
        let Reference { stack, output, .. } = reference;
        let message = format!("the stack `{stack}` has no output `{output}`");
        let mut diagnostic =
            Diagnostic::new(codes::TERRAFORM_UNKNOWN_OUTPUT, output.span(), message);
        let mut names: Vec<&str> =
            producer.body.outputs.iter().map(|found| &*found.name.text).collect();
        names.sort_unstable();
        if let Some(best) = nearest(output, names.iter().copied()).first() {
            diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?")).replace(
                output.span(),
                *best,
                format!("write `{best}`"),
            );
        }
        diagnostic = diagnostic.label(producer.name.span(), "the stack");
        self.sink.push(match names.as_slice() {
            [] => diagnostic.note("it has no outputs"),
            names => {
                let shown = names.iter().take(20).copied().collect::<Vec<_>>().join(", ");
                diagnostic.note(format!("its outputs are {shown}"))
            }
        });
    }

    fn fits(
        &mut self,
        producer: &Stack,
        given: Option<&Type>,
        declared: Span,
        reference: &Reference,
    ) {
        let Some(text) = &reference.wanted else { return };
        let Some(wanted) = read::parse_type(text, self.sink) else { return };
        let given = given.cloned().unwrap_or(Type::Any);
        let what = format!("the output `{}` of stack `{}`", reference.output, producer.name);
        let (message, severity, notes) = match fits(&given, &wanted) {
            Fit::Exact | Fit::Converts(_) => return,
            Fit::Loses(notes) => {
                (format!("{what} is {given}, and {wanted} is wanted"), Severity::Warning, notes)
            }
            Fit::Unknown => {
                let note = "declare the `type` of the output, so that it can be checked".to_owned();
                (
                    format!("{what} has no known type, and {wanted} is wanted"),
                    Severity::Warning,
                    vec![note],
                )
            }
            Fit::Never(why) => {
                (format!("{what} is {given}, and {wanted} is wanted"), Severity::Error, vec![why])
            }
        };
        let mut diagnostic =
            Diagnostic::new(codes::TERRAFORM_TYPE_MISMATCH, reference.origin.span, message)
                .severity(severity)
                .label(declared, "the output is declared here");
        for note in notes {
            diagnostic = diagnostic.note(note);
        }
        self.sink.push(diagnostic);
    }

    /// Edges without outputs.
    fn after(&mut self) {
        let Some(stack) = self.stacks.get(self.at) else { return };
        for after in &stack.after {
            let Some(to) = self.find(&after.stack) else { continue };
            let span = after.stack.span();
            let (from, strength) = (self.at, after.strength);
            self.dependencies.push(Dependency { from, to, output: None, strength, span });
        }
    }
}
