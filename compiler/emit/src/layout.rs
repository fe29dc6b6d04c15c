//! Where artifacts lie, relative to the folder of an environment.
//!
//! Invariant: a step of a path is in lower case, starts with no dot, and holds only characters
//! that every file system takes; different names give different steps.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// File names longer than this, in bytes, end in a digest instead: file systems take 255.
const LONGEST_STEP: usize = 200;

/// One step of a path: lower-case letters, digits, `-`, `_` and inner dots stay, every other byte
/// is percent-encoded.
#[must_use]
pub fn step(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for (at, byte) in name.bytes().enumerate() {
        let edge = at == 0 || at + 1 == name.len();
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => out.push(char::from(byte)),
            b'.' if !edge => out.push('.'),
            _ => {
                let _ = write!(out, "%{byte:02x}");
            }
        }
    }
    if out.len() <= LONGEST_STEP {
        return out;
    }
    // Encoded text is ASCII, so that any cut falls between characters.
    let digest = Sha256::digest(name.as_bytes());
    out.truncate(LONGEST_STEP - 33);
    out.push('~');
    for byte in digest.iter().take(16) {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// The folder of an application's manifests in a cluster.
#[must_use]
pub fn application_folder(cluster: &str, app: &str) -> String {
    format!("kubernetes/{}/{}", step(cluster), step(app))
}

/// A file of a workflow; `file` is a path below its folder without an ending.
#[must_use]
pub fn workflow(workflow: &str, file: &str) -> String {
    format!("workflows/{}/{file}.yaml", step(workflow))
}

/// The file of an Argo CD Application.
#[must_use]
pub fn argocd_application(cluster: &str, app: &str) -> String {
    format!("argocd/apps/{}/{}.yaml", step(cluster), step(app))
}

/// The file of an Argo CD project.
#[must_use]
pub fn argocd_project(project: &str) -> String {
    format!("argocd/projects/{}.yaml", step(project))
}

/// The folder of a Terraform stack.
#[must_use]
pub fn stack_folder(stack: &str) -> String {
    format!("{TERRAFORM_FOLDER}/{}", step(stack))
}

/// The folder of all Terraform stacks.
pub const TERRAFORM_FOLDER: &str = "terraform";

/// The folder of all that Argo CD gets.
pub const ARGOCD_FOLDER: &str = "argocd";

/// The file of the Argo CD Application that reads all others.
pub const ARGOCD_ROOT: &str = "argocd/root.yaml";

/// The settings that Argo CD needs so that its waves wait; not read by the root.
pub const ARGOCD_SETTINGS: &str = "argocd/settings/argocd-cm.yaml";

/// The file of a unit's record.
#[must_use]
pub fn unit(unit: &str) -> String {
    format!("units/{}.json", step(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_safe_and_tell_names_apart() {
        assert_eq!(step("web-1.example"), "web-1.example");
        assert_eq!(step("system:Node"), "system%3a%4eode");
        assert_eq!(step(".."), "%2e%2e");
        assert_eq!(step("a/../b%"), "a%2f..%2fb%25");
        assert_eq!(step("ü"), "%c3%bc");
        let long = |end| format!("{}{end}", "a".repeat(240));
        assert!(step(&long("x")).len() <= LONGEST_STEP);
        assert_ne!(step(&long("x")), step(&long("y")));
    }
}
