//! Terramate: `stack.tm.hcl` in the folder of each stack.
//!
//! Invariant: `after` holds paths from the root of the project, since Terramate reads others
//! relative to the stack itself and leaves out what it does not find; identifiers are unique in a
//! project and of the form that Terramate accepts.

use std::fmt::Write as _;

use platformc_source::{Diagnostic, codes};
use sha2::{Digest, Sha256};

use super::hcl::{Hcl, arguments};
use super::{Abilities, Orchestrator, StackGraph};
use crate::terraform::{Name, Stack};
use crate::{Artifact, layout};

pub(super) struct Terramate;

/// Terramate's own limit.
const LONGEST_ID: usize = 64;

impl Orchestrator for Terramate {
    fn name(&self) -> &'static str {
        "terramate"
    }

    fn abilities(&self) -> Abilities {
        Abilities { hard: true, soft: false, outputs: false, parallel_limit: false }
    }

    fn files(&self, graph: &StackGraph<'_>, sink: &mut Vec<Diagnostic>) -> Vec<Artifact> {
        let each = |(at, stack): (usize, &Stack)| file(graph, at, stack, sink);
        graph.stacks.iter().enumerate().map(each).collect()
    }
}

fn file(graph: &StackGraph<'_>, at: usize, stack: &Stack, sink: &mut Vec<Diagnostic>) -> Artifact {
    let mut all = vec![("name", Hcl::Text(stack.name.to_string()))];
    if let Some(description) = &stack.description {
        all.push(("description", Hcl::Text(description.to_string())));
    }
    all.push(("id", Hcl::Text(id(&graph.unique_name(stack)))));
    stack.tags.iter().for_each(|tag| check_tag(tag, sink));
    let mut tags: Vec<String> = stack.tags.iter().map(|tag| tag.to_string()).collect();
    if !tags.is_empty() {
        tags.sort();
        tags.dedup();
        all.push(("tags", Hcl::Texts(tags)));
    }
    let after: Vec<String> = graph
        .dependencies_of(at)
        .iter()
        .map(|found| format!("/{}", graph.in_repository(&layout::stack_folder(&found.name))))
        .collect();
    if !after.is_empty() {
        all.push(("after", Hcl::Texts(after)));
    }
    let mut text =
        String::from("# Written by platformc; the next build overwrites changes.\nstack {\n");
    arguments(&mut text, 2, &all);
    text.push_str("}\n");
    Artifact {
        path: format!("{}/stack.tm.hcl", layout::stack_folder(&stack.name)),
        bytes: text.into_bytes(),
        origin: stack.origin,
    }
}

/// An identifier of `a-z`, `A-Z`, `0-9`, `_` and `-`, at most 64 of them.
fn id(name: &str) -> String {
    if name.len() <= LONGEST_ID {
        return name.to_owned();
    }
    let mut short: String = name.chars().take(LONGEST_ID - 17).collect();
    short.push('-');
    for byte in Sha256::digest(name.as_bytes()).iter().take(8) {
        let _ = write!(short, "{byte:02x}");
    }
    short
}

fn check_tag(tag: &Name, sink: &mut Vec<Diagnostic>) {
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let inner = |byte: &u8| plain(byte) || matches!(byte, b'-' | b'_' | b'.' | b'/');
    let bytes = tag.as_bytes();
    let good = bytes.iter().all(inner)
        && bytes.first().is_some_and(plain)
        && bytes.last().is_some_and(plain);
    if !good {
        let message = format!("`{tag}` is no tag of a stack");
        let note =
            "a tag is of a-z, 0-9, `-`, `_`, `.` and `/`, with a letter or digit at both ends";
        sink.push(Diagnostic::new(codes::TERRAFORM_NAME, tag.span(), message).note(note));
    }
}
