//! Atlantis: `atlantis.yaml` with a project for each stack.
//!
//! Invariant: an edge is said twice, by `depends_on`, which guards an apply of one project, and by
//! the group, which orders an apply of all; the group is the stack's rank. With `projects` Atlantis
//! finds none by itself, so all stacks are listed.

use platformc_format::yaml;
use platformc_source::{Diagnostic, Origin};
use platformc_value::{Map, Value};

use super::{Abilities, Orchestrator, StackGraph};
use crate::terraform::{EngineKind, Stack};
use crate::{Artifact, layout};

pub(super) struct Atlantis;

impl Orchestrator for Atlantis {
    fn name(&self) -> &'static str {
        "atlantis"
    }

    fn abilities(&self) -> Abilities {
        Abilities { hard: true, soft: false, outputs: false, parallel_limit: false }
    }

    fn files(&self, graph: &StackGraph<'_>, _sink: &mut Vec<Diagnostic>) -> Vec<Artifact> {
        let projects: Vec<Value> =
            graph.stacks.iter().enumerate().map(|(at, stack)| project(graph, at, stack)).collect();
        if projects.is_empty() {
            return Vec::new();
        }
        let mut root = Map::new();
        root.insert("version", Value::int(3));
        root.insert("abort_on_execution_order_fail", Value::bool(true));
        root.insert("parallel_apply", Value::bool(true));
        root.insert("parallel_plan", Value::bool(true));
        root.insert("projects", Value::list(projects));
        let bytes = yaml::write(&Value::map(root)).into_bytes();
        vec![Artifact { path: "atlantis.yaml".to_owned(), bytes, origin: Origin::NONE }]
    }
}

fn texts<T: Into<String>>(items: impl IntoIterator<Item = T>) -> Value {
    Value::list(items.into_iter().map(|item| Value::string(item.into())).collect())
}

fn project(graph: &StackGraph<'_>, at: usize, stack: &Stack) -> Value {
    let mut map = Map::new();
    map.insert("name", Value::string(graph.unique_name(stack)));
    map.insert("dir", Value::string(graph.in_repository(&layout::stack_folder(&stack.name))));
    let rank = graph.ranks.get(at).copied().unwrap_or(0);
    map.insert("execution_order_group", Value::int(i64::try_from(rank).unwrap_or(i64::MAX)));
    let before = graph.dependencies_of(at);
    if !before.is_empty() {
        map.insert("depends_on", texts(before.iter().map(|found| graph.unique_name(found))));
    }
    let distribution = match stack.engine.kind {
        EngineKind::Terraform => "terraform",
        EngineKind::OpenTofu => "opentofu",
    };
    map.insert("terraform_distribution", Value::string(distribution));
    map.insert("terraform_version", Value::string(stack.engine.version.to_string()));
    let mut modified = vec!["*.tf.json".to_owned(), stack.engine.kind.version_file().to_owned()];
    if !stack.files.is_empty() {
        modified.push("modules/**".to_owned());
    }
    if graph.chosen.contains(&"terragrunt") {
        map.insert("workflow", Value::string("terragrunt"));
        modified.extend(["terragrunt.hcl.json", "../root.hcl"].map(str::to_owned));
    }
    let mut autoplan = Map::with_capacity(2);
    autoplan.insert("enabled", Value::bool(true));
    autoplan.insert("when_modified", texts(modified));
    map.insert("autoplan", Value::map(autoplan));
    Value::map(map)
}
