//! Workflows as Argo Workflows would run them: the graph that is written is run here, task by task.

use std::collections::BTreeMap;

use platformc_format::yaml;
use platformc_source::FileId;
use proptest::prelude::*;

use super::*;

fn pod() -> Body {
    let template = map([("container", map([("image", text("busybox:1.37.0"))]))]);
    body(template, Span::NONE, &mut Vec::new()).expect("a body")
}

fn step(name: &str) -> Step {
    Step {
        name: name.to_owned(),
        body: pod(),
        rollback: None,
        hard: Vec::new(),
        soft: Vec::new(),
        inputs: Vec::new(),
        reads: Vec::new(),
        condition: None,
        retries: None,
        deadline: None,
        exclusive: false,
    }
}

fn input(steps: Vec<Step>) -> Workflow<'static> {
    Workflow {
        name: "nightly",
        namespace: "jobs",
        env: "prod",
        version: Some("1.0.0"),
        labels: Vec::new(),
        annotations: Vec::new(),
        parallelism: Some(3),
        deadline: None,
        schedule: None,
        rollback: true,
        checkpoints: None,
        controller_namespace: "argo",
        report: None,
        steps,
        origin: Origin::NONE,
    }
}

/// The tasks of the graph: names and what they wait for, and the targets.
fn tasks(workflow: &Workflow<'_>) -> (Vec<(String, String)>, Vec<String>) {
    let mut sink = Vec::new();
    let artifacts = super::workflow(workflow, &mut sink);
    assert!(sink.is_empty(), "{sink:?}");
    let found = artifacts.iter().find(|artifact| artifact.path.ends_with("/workflowtemplate.yaml"));
    let text = String::from_utf8(found.expect("a template").bytes.clone()).expect("text");
    let document = yaml::read(FileId::NONE, &text).value.remove(0).value;
    let templates = document.get("spec").and_then(|spec| spec.get("templates"));
    let templates = templates.and_then(Value::as_list).expect("templates");
    let word = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let main = templates.iter().find(|template| word(template, "name") == "main").expect("main");
    let dag = main.get("dag").expect("dag");
    let tasks = dag.get("tasks").and_then(Value::as_list).expect("tasks");
    let names: Vec<String> = templates.iter().map(|template| word(template, "name")).collect();
    for task in tasks {
        assert!(names.contains(&word(task, "template")), "{names:?}");
    }
    let targets = word(dag, "target").split(' ').map(str::to_owned).collect();
    (tasks.iter().map(|task| (word(task, "name"), word(task, "depends"))).collect(), targets)
}

/// Evaluates what a task waits for, from the outside in; `None` while a task it names still runs.
fn holds(depends: &str, ended: &BTreeMap<String, &'static str>) -> Option<bool> {
    fn any(text: &mut &str, ended: &BTreeMap<String, &'static str>) -> Option<bool> {
        let mut value = all(text, ended);
        while let Some(rest) = text.strip_prefix(" || ") {
            *text = rest;
            let other = all(text, ended);
            value = value.zip(other).map(|(a, b)| a || b);
        }
        value
    }
    fn all(text: &mut &str, ended: &BTreeMap<String, &'static str>) -> Option<bool> {
        let mut value = one(text, ended);
        while let Some(rest) = text.strip_prefix(" && ") {
            *text = rest;
            let other = one(text, ended);
            value = value.zip(other).map(|(a, b)| a && b);
        }
        value
    }
    fn one(text: &mut &str, ended: &BTreeMap<String, &'static str>) -> Option<bool> {
        if let Some(rest) = text.strip_prefix('!') {
            *text = rest;
            return one(text, ended).map(|value| !value);
        }
        if let Some(rest) = text.strip_prefix('(') {
            *text = rest;
            let value = any(text, ended);
            *text = text.strip_prefix(')').expect("closed");
            return value;
        }
        let inner = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
        let end = text.find(|c| !inner(c)).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        *text = rest;
        let (task, way) = word.split_once('.').expect("a task and a way to end");
        ended.get(task).map(|found| *found == way)
    }
    let mut text = depends;
    let value = if text.is_empty() { Some(true) } else { any(&mut text, ended) };
    assert!(text.is_empty(), "`{text}` is left of `{depends}`");
    value
}

/// Runs a graph; tasks end as `ends` says. The order in which they ended, with how.
fn run(
    tasks: &[(String, String)],
    ends: &dyn Fn(&str) -> &'static str,
) -> (Vec<String>, BTreeMap<String, &'static str>) {
    let (mut order, mut ended) = (Vec::new(), BTreeMap::new());
    while ended.len() < tasks.len() {
        let before = ended.len();
        for (name, depends) in tasks {
            if ended.contains_key(name) {
                continue;
            }
            match holds(depends, &ended) {
                None => {}
                Some(false) => {
                    ended.insert(name.clone(), "Omitted");
                }
                Some(true) => {
                    order.push(name.clone());
                    ended.insert(name.clone(), ends(name));
                }
            }
        }
        assert!(ended.len() > before, "tasks wait for each other: {tasks:?}");
    }
    (order, ended)
}

#[derive(Clone, Debug)]
struct Random {
    steps: Vec<Step>,
    ends: Vec<&'static str>,
}

fn random() -> impl Strategy<Value = Random> {
    let one = (
        prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8), 0..4),
        any::<bool>(),
        prop::sample::select(vec!["Succeeded", "Succeeded", "Succeeded", "Failed", "Errored"]),
        any::<bool>(),
    );
    prop::collection::vec(one, 1..10).prop_map(|list| {
        let mut random = Random { steps: Vec::new(), ends: Vec::new() };
        for (at, (edges, undo, end, skip)) in list.into_iter().enumerate() {
            let mut step = step(&format!("s{at}"));
            step.rollback = undo.then(pod);
            let skipped = skip && end == "Failed";
            step.condition = skipped.then(|| "false".to_owned());
            for (other, sort) in edges.into_iter().filter(|_| at > 0) {
                let other = other.index(at);
                match sort {
                    0 => step.hard.push(other),
                    1 => step.soft.push(other),
                    _ => step.inputs.push(Input { step: other, output: "result".to_owned() }),
                }
            }
            random.ends.push(if skipped { "Skipped" } else { end });
            random.steps.push(step);
        }
        random
    })
}

proptest! {
    #[test]
    fn every_dependency_is_kept_and_undone_in_reverse(random in random()) {
        let workflow = input(random.steps.clone());
        let (tasks, targets) = tasks(&workflow);
        prop_assert_eq!(&targets, &tasks.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>());
        let ends = |name: &str| {
            let at = random.steps.iter().position(|step| step.name == name);
            at.map_or("Succeeded", |at| random.ends[at])
        };
        let (order, ended) = run(&tasks, &ends);
        let place = |name: &str| order.iter().position(|other| other == name);
        let end = |at: usize| ended[&random.steps[at].name];
        for step in &random.steps {
            let good = |at: &usize| end(*at) == "Succeeded";
            let tolerated =
                |at: &usize| random.steps[*at].condition.is_some() && end(*at) == "Skipped";
            let taken: Vec<usize> = step.inputs.iter().map(|input| input.step).collect();
            let runs = taken.iter().all(good)
                && step.hard.iter().all(|at| good(at) || (tolerated(at) && !taken.contains(at)));
            prop_assert_eq!(place(&step.name).is_some(), runs, "{}", step.name);
            for before in step.hard.iter().chain(&step.soft).chain(&taken) {
                let before = place(&random.steps[*before].name);
                if let (Some(before), Some(own)) = (before, place(&step.name)) {
                    prop_assert!(before < own);
                }
            }
        }
        let failed = ended.values().any(|end| ["Failed", "Errored"].contains(end));
        for (at, step) in random.steps.iter().enumerate() {
            let own = place(&format!("rollback-{}", step.name));
            let undone = failed && step.rollback.is_some() && end(at) == "Succeeded";
            prop_assert_eq!(own.is_some(), undone, "{}", step.name);
            let Some(own) = own else { continue };
            // All that came after it, through any number of others, is undone before it.
            let mut later = vec![at];
            while let Some(from) = later.pop() {
                for (next, other) in random.steps.iter().enumerate().skip(from + 1) {
                    let taken = other.inputs.iter().any(|input| input.step == from);
                    if other.hard.contains(&from) || other.soft.contains(&from) || taken {
                        if let Some(before) = place(&format!("rollback-{}", other.name)) {
                            prop_assert!(before < own, "{} before {}", other.name, step.name);
                        }
                        later.push(next);
                    }
                }
            }
        }
    }

    #[test]
    fn authored_text_is_never_a_template(text in "[{}=a. $(]{0,20}") {
        let hidden = hide(&text).expect("no marks");
        prop_assert!(!hidden.contains("{{"));
        let mut template = map([(
            "container",
            map([("args", Value::list(vec![Value::string(hidden)]))]),
        )]);
        let mut sink = Vec::new();
        settle(&mut template, &[], Span::NONE, &mut sink);
        prop_assert!(sink.is_empty());
        let container = template.get("container").expect("container");
        let written = container.get("args").and_then(Value::as_list).expect("args");
        let written = written[0].as_str().expect("text");
        prop_assert!(!written.contains("{{"), "{}", written);
        // What Kubernetes makes of it is what was written.
        prop_assert_eq!(written.replace("$(PLATFORMC_BRACE)", "{"), text);
    }
}

#[test]
fn a_failed_undoing_stops_what_was_done_before() {
    let mut steps = vec![step("network"), step("servers"), step("check")];
    steps[1].hard.push(0);
    steps[2].hard.push(1);
    steps[0].rollback = Some(pod());
    steps[1].rollback = Some(pod());
    let (tasks, _) = tasks(&input(steps));
    let ends = |name: &str| match name {
        "check" | "rollback-servers" => "Failed",
        _ => "Succeeded",
    };
    let (order, ended) = run(&tasks, &ends);
    assert_eq!(order, ["network", "servers", "check", "rollback", "rollback-servers"]);
    assert_eq!(ended["rollback-network"], "Omitted");
}

#[test]
fn dependencies_are_written_in_full() {
    let mut steps = vec![step("a"), step("b"), step("c"), step("d")];
    steps[1].condition = Some("false".to_owned());
    steps[2].body.kind = BodyKind::Daemon;
    steps[3].hard = vec![0, 1, 2];
    steps[3].soft = vec![0];
    steps[3].inputs = vec![Input { step: 1, output: "x".to_owned() }];
    assert_eq!(
        depends::depends(&steps, &steps[3]),
        "a.Succeeded && b.Succeeded && (c.Succeeded || c.Daemoned)"
    );
    steps[3].hard = vec![1];
    steps[3].inputs.clear();
    assert_eq!(
        depends::depends(&steps, &steps[3]),
        "(b.Succeeded || b.Skipped) && (a.Succeeded || a.Failed || a.Errored || a.Skipped || \
         a.Omitted || a.Daemoned)"
    );
}

#[test]
fn braces_go_where_the_place_takes_them() {
    let hidden = |text: &str| Value::string(hide(text).expect("no marks"));
    let mut template = map([
        ("resource", map([("manifest", hidden("{\"a\": \"{{x}}\"}"))])),
        ("script", map([("source", hidden("echo {{x}}"))])),
    ]);
    let mut sink = Vec::new();
    settle(&mut template, &[], Span::NONE, &mut sink);
    let manifest = template.get("resource").and_then(|found| found.get("manifest"));
    assert_eq!(manifest.and_then(Value::as_str), Some("{\"a\": \"\\u007b\\u007bx}}\"}"));
    assert_eq!(sink.len(), 1);
    assert!(sink[0].message.contains("cannot stand"), "{}", sink[0].message);
}

#[test]
fn values_of_a_run_are_passed_on_and_not_computed_with() {
    let mut sink = Vec::new();
    let names = ["servers-ids".to_owned()];
    let passed = format!("ids={}", reference(0));
    let mut template = map([("container", map([("args", texts([&*passed]))]))]);
    settle(&mut template, &names, Span::NONE, &mut sink);
    let args = template.get("container").and_then(|found| found.get("args"));
    let args = args.and_then(Value::as_list).expect("args");
    assert_eq!(args[0].as_str(), Some("ids={{inputs.parameters.servers-ids}}"));
    assert!(sink.is_empty());
    for part in [reference(0).trim_end_matches('\u{f8d2}'), &reference(7), "\u{f8d2}"] {
        let mut template = map([("container", map([("args", texts([part]))]))]);
        settle(&mut template, &names, Span::NONE, &mut sink);
    }
    assert_eq!(sink.len(), 3);
    assert!(sink.iter().all(|found| found.message.contains("only a run knows")));
}

#[test]
fn a_body_runs_one_thing() {
    let read = |text: &str| {
        let mut sink = Vec::new();
        let value = yaml::read(FileId::NONE, text).value.remove(0).value;
        let found = body(value, Span::NONE, &mut sink);
        assert_eq!(found.is_none(), !sink.is_empty());
        sink.into_iter().map(|found| found.message).collect::<Vec<_>>()
    };
    assert!(read("http: {url: x}").is_empty());
    assert_eq!(read("{}"), ["the definition makes nothing to run"]);
    assert_eq!(read("suspend: {}\nhttp: {}"), ["the definition makes 2 things to run"]);
    assert_eq!(read("suspend: {}\nname: x"), ["`name` is not for a definition to say"]);
    assert_eq!(read("suspend: {}\nvolume: []"), ["a step of Argo Workflows has no field `volume`"]);
    let outputs = "script: {}\noutputs: {parameters: [{name: a b}, {name: a}, {name: a}]}";
    assert_eq!(read(outputs).len(), 2);
}

#[test]
fn a_workflow_larger_than_an_object_is_refused() {
    let mut steps = vec![step("a")];
    let long = "x".repeat(2 << 20);
    steps[0].body.template = map([("container", map([("image", text(long))]))]);
    let mut sink = Vec::new();
    super::workflow(&input(steps), &mut sink);
    assert_eq!(sink.len(), 1);
    assert!(sink[0].message.contains("KiB"));
}
