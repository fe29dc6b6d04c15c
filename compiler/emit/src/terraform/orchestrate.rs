//! The order of stacks for the tools that run them.
//!
//! Invariant: an orchestrator says what it can express; a dependency that it cannot is a
//! diagnostic, never left out silently.

mod atlantis;
mod hcl;
mod plan;
mod terragrunt;
mod terramate;

use std::sync::Arc;

use platformc_graph::{Graph, Reason, Strength};
use platformc_source::{Diagnostic, codes, nearest};

use super::{Dependency, Name, Stack};
use crate::Artifact;

/// What an orchestrator can express.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Abilities {
    /// A stack waits until another has succeeded.
    pub hard: bool,
    /// A stack waits until another has ended, however it ended.
    pub soft: bool,
    /// Outputs of one stack are given to another.
    pub outputs: bool,
    /// How many run at once can be limited in the files.
    pub parallel_limit: bool,
}

/// The stacks of an environment with the dependencies between them.
#[derive(Debug)]
pub struct StackGraph<'a> {
    /// The environment.
    pub env: &'a str,
    /// The folder of the environment's output in its repository, `""` for the root.
    pub folder: &'a str,
    /// The stacks, in the order of their names.
    pub stacks: &'a [Stack],
    /// The dependencies between them.
    pub dependencies: &'a [Dependency],
    /// For each stack 0 where it depends on none, else one more than the highest it depends on.
    pub ranks: Vec<usize>,
    /// The orchestrators that were chosen, by name.
    pub chosen: Vec<&'static str>,
}

impl<'a> StackGraph<'a> {
    /// Ranks the stacks. A circle of stacks is reported.
    #[must_use]
    pub fn new(
        env: &'a str,
        folder: &'a str,
        stacks: &'a [Stack],
        dependencies: &'a [Dependency],
        sink: &mut Vec<Diagnostic>,
    ) -> StackGraph<'a> {
        let mut graph = Graph::new("stack");
        let nodes: Vec<_> = stacks
            .iter()
            .map(|stack| graph.node(Arc::clone(&stack.name.text), stack.name.span()))
            .collect();
        for dependency in dependencies {
            let (Some(from), Some(to)) = (nodes.get(dependency.from), stacks.get(dependency.to))
            else {
                continue;
            };
            let reason = match &dependency.output {
                Some(output) => Reason::Input(Arc::clone(&output.text)),
                None => Reason::DependsOn,
            };
            graph.depend(*from, &to.name, dependency.span, reason);
        }
        let ranks = graph.order().drain_into(sink).ranks;
        StackGraph { env, folder, stacks, dependencies, ranks, chosen: Vec::new() }
    }

    /// The stacks that one depends on, each once, in the order of their names.
    fn dependencies_of(&self, at: usize) -> Vec<&'a Stack> {
        let own = self.dependencies.iter().filter(|found| found.from == at);
        let mut found: Vec<&Stack> =
            own.filter_map(|dependency| self.stacks.get(dependency.to)).collect();
        found.sort_by(|a, b| a.name.text.cmp(&b.name.text));
        found.dedup_by(|a, b| a.name.text == b.name.text);
        found
    }

    /// A path below the environment as the repository has it.
    fn in_repository(&self, path: &str) -> String {
        match self.folder.trim_matches('/') {
            "" => path.to_owned(),
            folder => format!("{folder}/{path}"),
        }
    }

    /// A name of a stack that is unique in a repository of several environments.
    fn unique_name(&self, stack: &Stack) -> String {
        format!("{}-{}", self.env, stack.name)
    }
}

/// A tool that runs stacks in their order.
pub trait Orchestrator: Sync {
    /// The word that manifests choose it by.
    fn name(&self) -> &'static str;

    /// What it can express.
    fn abilities(&self) -> Abilities;

    /// Its files.
    fn files(&self, graph: &StackGraph<'_>, sink: &mut Vec<Diagnostic>) -> Vec<Artifact>;
}

const ALL: [&dyn Orchestrator; 4] =
    [&atlantis::Atlantis, &plan::Plan, &terragrunt::Terragrunt, &terramate::Terramate];

/// The orchestrator of a name.
#[must_use]
pub fn orchestrator(name: &str) -> Option<&'static dyn Orchestrator> {
    ALL.into_iter().find(|found| found.name() == name)
}

/// The orchestrators of a list of names; unknown ones are reported.
pub fn orchestrators(names: &[Name], sink: &mut Vec<Diagnostic>) -> Vec<&'static dyn Orchestrator> {
    let mut found: Vec<&'static dyn Orchestrator> = Vec::new();
    for name in names {
        match orchestrator(name) {
            Some(one) if !found.iter().any(|other| other.name() == one.name()) => found.push(one),
            Some(_) => {}
            None => {
                let message = format!("`{name}` is no orchestrator of stacks");
                let span = name.span();
                let mut diagnostic = Diagnostic::new(codes::MODEL_INVALID_VALUE, span, message);
                let known = ALL.map(Orchestrator::name);
                if let Some(best) = nearest(name, known).first() {
                    diagnostic = diagnostic
                        .primary_label(format!("did you mean `{best}`?"))
                        .replace(span, format!("\"{best}\""), format!("write \"{best}\""));
                }
                sink.push(diagnostic.note(format!("the orchestrators are {}", known.join(", "))));
            }
        }
    }
    found
}

/// The files of the chosen orchestrators, and what would be lost with each.
pub fn orchestrate(
    chosen: &[&'static dyn Orchestrator],
    mut graph: StackGraph<'_>,
    sink: &mut Vec<Diagnostic>,
) -> Vec<Artifact> {
    graph.chosen = chosen.iter().map(|found| found.name()).collect();
    let mut artifacts = Vec::new();
    for found in chosen {
        lost(*found, &graph, sink);
        artifacts.extend(found.files(&graph, sink));
    }
    artifacts
}

fn lost(orchestrator: &dyn Orchestrator, graph: &StackGraph<'_>, sink: &mut Vec<Diagnostic>) {
    let abilities = orchestrator.abilities();
    for dependency in graph.dependencies {
        let kept = match dependency.strength {
            Strength::Hard => abilities.hard,
            Strength::Soft => abilities.soft,
        };
        let (Some(from), Some(to)) =
            (graph.stacks.get(dependency.from), graph.stacks.get(dependency.to))
        else {
            continue;
        };
        if !kept {
            let (from, to, tool) = (&from.name, &to.name, orchestrator.name());
            let message =
                format!("{tool} cannot let `{from}` wait for `{to}` to end, failed or not");
            sink.push(
                Diagnostic::new(codes::TERRAFORM_ORDER_LOST, dependency.span, message)
                    .note("make it a hard dependency, which has to succeed, or remove it")
                    .note(format!("or leave {tool} out of `orchestrator` in platform.toml")),
            );
        }
    }
}
