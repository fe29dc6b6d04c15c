//! A stack as Terraform's JSON syntax.
//!
//! Invariant: equal stacks give equal bytes, in whatever order their parts were added. Text is
//! escaped exactly where Terraform evaluates templates, blocks of our own kinds are lists, and no
//! mark is left.

mod argument;
mod blocks;

use platformc_format::json;
use platformc_source::Diagnostic;
use platformc_value::{Map, Value};

use super::Stack;
use crate::{Artifact, layout};

/// What stands at the head of a file that nobody should edit.
const COMMENT: &str = "Written by platformc; the next build overwrites changes.";

/// The files of a stack: its content, the version of its engine, the files of its modules.
///
/// The stack has to be linked: a reference to another stack's output that is still there is
/// reported by [`super::check`], which runs before.
pub fn stack(stack: &Stack, sink: &mut Vec<Diagnostic>) -> Vec<Artifact> {
    let folder = layout::stack_folder(&stack.name);
    let mut artifacts = Vec::with_capacity(2 + stack.files.len());
    let mut push = |path: &str, bytes: Vec<u8>, origin| {
        artifacts.push(Artifact { path: format!("{folder}/{path}"), bytes, origin });
    };
    push("main.tf.json", json::write(&main(stack, sink), true).into_bytes(), stack.origin);
    let version = format!("{}\n", stack.engine.version);
    push(stack.engine.kind.version_file(), version.into_bytes(), stack.origin);
    for file in &stack.files {
        push(&file.path, file.bytes.clone(), file.origin);
    }
    artifacts
}

/// The content of `main.tf.json`.
pub(crate) fn main(stack: &Stack, sink: &mut Vec<Diagnostic>) -> Value {
    let body = &stack.body;
    let mut root = Map::new();
    root.insert("//", Value::string(COMMENT));
    root.insert("terraform", Value::list(vec![blocks::terraform(stack)]));
    let mut put = |key: &str, value: Value| {
        let empty = match &value.data {
            platformc_value::Data::Map(map) => map.is_empty(),
            platformc_value::Data::List(items) => items.is_empty(),
            _ => false,
        };
        if !empty {
            root.insert(key, value);
        }
    };
    put("provider", blocks::providers(&body.providers, sink));
    put("variable", blocks::variables(&body.variables, sink));
    put("locals", blocks::locals(&body.locals, sink));
    put("data", blocks::labelled(&body.data, sink));
    put("ephemeral", blocks::labelled(&body.ephemeral, sink));
    put("resource", blocks::labelled(&body.resources, sink));
    put("module", blocks::modules(&body.modules, sink));
    put("output", blocks::outputs(&body.outputs, sink));
    put("moved", blocks::moved(&body.moved));
    put("removed", blocks::removed(&body.removed));
    put("import", blocks::imports(&body.imports, sink));
    put("check", blocks::checks(&body.checks, sink));
    Value::map(root)
}
