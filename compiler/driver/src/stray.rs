//! Files at the root of a workspace that other tools pass over or take for something else.
//!
//! Invariant: only names are looked at; a workspace without Terraform's tools at its root costs two
//! look-ups, and nothing here keeps a build from its end.

use platformc_source::{Diagnostic, SourceMap, Sources, codes};

use crate::discover::on_path;

/// Named after tenv, and read by nothing.
const VERSION: &str = ".tenv.tofu.version";
/// A stack in every folder, also in the one that all others lie in.
const TERRAGRUNT: &str = "terragrunt.hcl";

/// Reports files that do not do what they look like.
pub(crate) fn check(sources: &dyn Sources, map: &SourceMap, sink: &mut Vec<Diagnostic>) {
    let exists = |path| sources.read(path).is_ok();
    if exists(VERSION) {
        let message = format!("no tool reads a version from `{VERSION}`");
        sink.push(
            on_path(map, codes::TERRAFORM_VERSION_FILE, VERSION, message)
                .note("rename it to .opentofu-version, which tenv reads for OpenTofu")
                .note(
                    "stacks of the output have such a file each, from [terraform] in platform.toml",
                ),
        );
    }
    if exists(TERRAGRUNT) {
        let message = format!("Terragrunt takes `{TERRAGRUNT}` at the root for a stack of its own");
        sink.push(
            on_path(map, codes::TERRAFORM_ROOT_FILE, TERRAGRUNT, message)
                .note(
                    "rename it to root.hcl, and include it by find_in_parent_folders(\"root.hcl\")",
                )
                .note("stacks of the output include terraform/root.hcl, and nothing above it"),
        );
    }
}
