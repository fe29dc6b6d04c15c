//! What a module written in HCL takes and gives.
//!
//! Invariant: only literal parts of the text are read; what cannot be told without evaluating is
//! left open (no type, a default that is there).

use hcl_edit::structure::{Block, Body};

use super::types::Type;

/// Larger texts are not modules that somebody wrote into a definition.
const LARGEST: usize = 1024 * 1024;

/// A variable of a module.
#[derive(Clone, Debug)]
pub struct ModuleVariable {
    /// Its name.
    pub name: String,
    /// Its type, where it can be told.
    pub ty: Option<Type>,
    /// Whether a value has to be given.
    pub required: bool,
}

/// An output of a module.
#[derive(Clone, Debug)]
pub struct ModuleOutput {
    /// Its name.
    pub name: String,
    /// Whether plans and logs hide its value.
    pub sensitive: bool,
}

/// What a module takes and gives.
#[derive(Clone, Debug, Default)]
pub struct Interface {
    /// Its variables in order.
    pub variables: Vec<ModuleVariable>,
    /// Its outputs in order.
    pub outputs: Vec<ModuleOutput>,
}

/// The interface of a module's text.
///
/// # Errors
/// Why the text is not HCL, with the line and column, counted from 1.
pub fn interface(text: &str) -> Result<Interface, String> {
    if text.len() > LARGEST {
        return Err(format!("it is larger than {LARGEST} bytes"));
    }
    let body: Body = text.parse().map_err(|error: hcl_edit::parser::Error| {
        let at = error.location();
        format!("{} at line {}, column {}", error.message(), at.line(), at.column())
    })?;
    let mut found = Interface::default();
    for block in body.blocks() {
        let Some(name) = block.labels.first() else { continue };
        let name = name.as_str().to_owned();
        match block.ident.as_str() {
            "variable" => {
                let ty = attribute(block, "type");
                let ty = ty.and_then(|text| Type::parse(text.trim()).ok());
                let required = attribute(block, "default").is_none();
                found.variables.push(ModuleVariable { name, ty, required });
            }
            "output" => {
                let sensitive = attribute(block, "sensitive");
                let sensitive = sensitive.is_some_and(|text| text.trim() == "true");
                found.outputs.push(ModuleOutput { name, sensitive });
            }
            _ => {}
        }
    }
    Ok(found)
}

fn attribute(block: &Block, name: &str) -> Option<String> {
    block.body.get_attribute(name).map(|found| found.value.to_string())
}

/// A module's address in a Git repository: its `url`, a folder in it, a revision.
#[must_use]
pub fn git_source(url: &str, folder: Option<&str>, revision: Option<&str>) -> String {
    let mut source = String::from(if url.starts_with("git::") { "" } else { "git::" });
    source.push_str(url);
    if let Some(folder) = folder.map(|folder| folder.trim_matches('/')).filter(|f| !f.is_empty()) {
        source.push_str("//");
        source.push_str(folder);
    }
    if let Some(revision) = revision {
        source.push_str("?ref=");
        source.push_str(revision);
    }
    source
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_module_takes_and_gives() {
        let text = r#"
variable "acl" {
  type = string
}
variable "sizes" {
  type    = map(object({ a = number, b = optional(bool, true) }))
  default = {}
}
variable "free" {}
resource "aws_s3_bucket" "b" { bucket = "${var.acl}-x" }
output "name" {
  value     = aws_s3_bucket.b.id
  sensitive = true
}
"#;
        let found = interface(text).expect("a module");
        let said: Vec<String> = found
            .variables
            .iter()
            .map(|v| format!("{} {:?} {}", v.name, v.ty.as_ref().map(Type::to_string), v.required))
            .collect();
        assert_eq!(
            said,
            [
                "acl Some(\"string\") true",
                "sizes Some(\"map(object({a = number, b = optional(bool, true)}))\") false",
                "free None true"
            ]
        );
        assert!(found.outputs[0].sensitive && found.outputs[0].name == "name");
        assert!(interface("variable \"a\" {").is_err());
        assert!(interface(&"a {".repeat(50_000)).is_err());
    }

    #[test]
    fn sources() {
        let url = "https://git.example.com/modules.git";
        assert_eq!(
            git_source(url, Some("/network/"), Some("v1")),
            "git::https://git.example.com/modules.git//network?ref=v1"
        );
        assert_eq!(git_source(url, None, None), "git::https://git.example.com/modules.git");
    }
}
