//! Stacks from data: what is written for each kind of block, how stacks are linked, what each
//! orchestrator gets, and what is said of faults.

mod support;

use platformc_emit::terraform::orchestrate::{StackGraph, orchestrate, orchestrators};
use platformc_emit::terraform::{self, Name, Plumbing, Stack};
use platformc_source::{Diagnostic, Severity};
use support::{Said, stacks};

const STACKS: &str = include_str!("stacks.yaml");

fn files(stacks: &[Stack], sink: &mut Vec<Diagnostic>) -> String {
    let mut out = String::new();
    for stack in stacks {
        terraform::check(stack, sink);
        for file in terraform::stack(stack, sink) {
            out.push_str(&format!("--- {}\n", file.path));
            out.push_str(std::str::from_utf8(&file.bytes).expect("text"));
        }
    }
    out
}

#[test]
fn every_kind_of_block() {
    let (mut stacks, said) = stacks("terraform 1.11.4", STACKS);
    let mut sink = Vec::new();
    stacks.truncate(1);
    let text = files(&stacks, &mut sink);
    assert_eq!(said.text(&sink), "");
    insta::assert_snapshot!(text);
}

#[test]
fn stacks_that_read_each_others_states() {
    let (mut stacks, said) = stacks("opentofu 1.10.6", STACKS);
    let mut sink = Vec::new();
    terraform::link(&mut stacks, Plumbing::RemoteState, &mut sink);
    let text = files(&stacks[3..], &mut sink);
    assert_eq!(said.text(&sink), "");
    insta::assert_snapshot!(text);
}

#[test]
fn equal_content_gives_equal_bytes() {
    let (stacks, _) = stacks("terraform 1.11.4", STACKS);
    for stack in &stacks {
        let mut other = stack.clone();
        other.body.resources.reverse();
        other.body.outputs.reverse();
        other.body.providers.reverse();
        other.body.variables.reverse();
        let mut sink = Vec::new();
        assert_eq!(
            terraform::stack(stack, &mut sink)[0].bytes,
            terraform::stack(&other, &mut sink)[0].bytes
        );
    }
}

#[test]
fn what_is_written_reads_back() {
    let (mut stacks, _) = stacks("terraform 1.11.4", STACKS);
    let mut sink = Vec::new();
    terraform::link(&mut stacks, Plumbing::RemoteState, &mut sink);
    for stack in &stacks {
        let file = &terraform::stack(stack, &mut sink)[0];
        let text = std::str::from_utf8(&file.bytes).expect("text");
        let read = platformc_format::json::read(platformc_source::FileId(9), text);
        assert!(read.diagnostics.is_empty());
        assert_eq!(platformc_format::json::write(&read.value.expect("a value"), true), text);
    }
}

#[test]
fn orchestrators_get_the_order() {
    let (mut stacks, said) = stacks("opentofu 1.10.6", STACKS);
    let mut sink = Vec::new();
    stacks.sort_by(|a, b| a.name.text.cmp(&b.name.text));
    let dependencies = terraform::link(&mut stacks, Plumbing::Terragrunt, &mut sink);
    let names = ["terragrunt", "atlantis", "terramate", "plan"].map(Name::computed);
    let chosen = orchestrators(&names, &mut sink);
    let graph = StackGraph::new("prod", "out/prod", &stacks, &dependencies, &mut sink);
    let mut text = String::new();
    for file in orchestrate(&chosen, graph, &mut sink) {
        text.push_str(&format!("--- {}\n", file.path));
        text.push_str(std::str::from_utf8(&file.bytes).expect("text"));
    }
    let services = stacks.iter().find(|stack| &*stack.name.text == "services");
    text.push_str(&files(services.map_or(&[], std::slice::from_ref), &mut sink));
    assert_eq!(said.text(&sink), "");
    insta::assert_snapshot!(text);
}

/// A case: a title, an engine, and the stacks; what is said of them stands in the snapshot.
fn case(engine: &str, text: &str) -> String {
    let (mut stacks, said) = stacks(engine, text);
    let mut sink = said.found.clone();
    let dependencies = terraform::link(&mut stacks, Plumbing::RemoteState, &mut sink);
    files(&stacks, &mut sink);
    let names = ["terragrunt", "terramate"].map(Name::computed);
    let chosen = orchestrators(&names, &mut sink);
    let graph = StackGraph::new("prod", "", &stacks, &dependencies, &mut sink);
    orchestrate(&chosen, graph, &mut sink);
    assert!(sink.iter().any(|found| found.severity == Severity::Error), "{text}");
    said.text(&sink)
}

#[test]
fn faults_are_located() {
    let mut out = String::new();
    for part in include_str!("faults.yaml").split("\n=== ").skip(1) {
        let (title, text) = part.split_once('\n').expect("a title");
        let (engine, title) = title.split_once(": ").expect("an engine");
        out.push_str(&format!("=== {title} ({engine})\n{}\n", case(engine, text)));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn text_is_never_a_template() {
    // The same texts are applied by Terraform in tests/oracles/terraform.sh.
    for text in support::NASTY {
        let yaml =
            format!("name: a\nspec: {{locals: {{a: {}}}}}\n", platformc_format::json::quote(text));
        let (stacks, said) = stacks("terraform 1.11.4", &yaml);
        let mut sink = said.found.clone();
        let out = files(&stacks, &mut sink);
        assert_eq!(said.text(&sink), "", "{text}");
        let escaped = text.replace("${", "$${").replace("%{", "%%{");
        assert!(out.contains(&platformc_format::json::quote(&escaped)), "{text}: {out}");
    }
}

/// A `Said` that is not looked at would hide what was found while reading.
#[test]
fn samples_are_clean() {
    let (_, said): (_, Said) = stacks("terraform 1.11.4", STACKS);
    assert_eq!(said.text(&said.found), "");
}
