//! What a stack uses against what its engine can do.
//!
//! Invariant: the table is of released versions (the change logs of Terraform and OpenTofu); what
//! it does not list, every version 1.0 and later has.

use platformc_source::{Diagnostic, Span, codes};
use platformc_value::{Data, Map, Value};

use super::scope::Scope;
use super::{Block, Body, Engine, EngineKind, Stack, Version};

/// Something that not every version has.
struct Capability {
    /// What people call it.
    what: &'static str,
    /// The first version of Terraform that has it.
    terraform: Option<Version>,
    /// The first version of OpenTofu that has it.
    opentofu: Option<Version>,
    /// The way out beside another version.
    instead: &'static str,
}

const fn since(
    what: &'static str,
    terraform: u32,
    opentofu: u32,
    instead: &'static str,
) -> Capability {
    let (terraform, opentofu) = (Some(Version::minor(terraform)), Some(Version::minor(opentofu)));
    Capability { what, terraform, opentofu, instead }
}

// OpenTofu began as a copy of Terraform 1.6.
const TERRAFORM_DATA: Capability =
    since("`terraform_data`", 4, 6, "`null_resource` of the provider hashicorp/null does the same");
const OPTIONAL: Capability =
    since("`optional()` in a type", 3, 6, "give every attribute, or `any` as its type");
const NULLABLE: Capability = since("`nullable`", 1, 6, "leave it out");
const IMPORT: Capability =
    since("the block `import`", 5, 6, "import by the engine's command `import`");
const IMPORT_EACH: Capability =
    since("`for_each` of `import`", 7, 7, "write an `import` for each object");
const CHECK: Capability = since("the block `check`", 5, 6, "a precondition can say the same");
const REMOVED: Capability =
    since("the block `removed`", 7, 7, "remove it by the engine's command `state rm`");
const MOVED: Capability = since("the block `moved`", 1, 6, "move it by the command `state mv`");
const CONDITIONS: Capability =
    since("`precondition` and `postcondition`", 2, 6, "leave the condition out");
const REPLACE: Capability =
    since("`replace_triggered_by`", 2, 6, "leave it out, or replace by hand with `-replace`");
const EPHEMERAL: Capability = since(
    "`ephemeral`",
    10,
    11,
    "a data source or a sensitive variable does the same and is kept in the state",
);
const PROVIDER_FUNCTIONS: Capability =
    since("functions of providers", 8, 7, "a data source of the provider may do the same");
const CLOUD: Capability = since("the backend `cloud`", 1, 6, "the backend `remote` does the same");
const LOCKFILE: Capability =
    since("`use_lockfile` of the backend `s3`", 10, 10, "lock by `dynamodb_table`");

/// Functions that came after 1.0.
const FUNCTIONS: [(&str, u32, u32); 7] = [
    ("endswith", 3, 6),
    ("plantimestamp", 5, 6),
    ("startswith", 3, 6),
    ("strcontains", 5, 6),
    ("templatestring", 9, 7),
    ("timecmp", 3, 6),
    ("ephemeralasnull", 10, 11),
];

struct Gate<'a> {
    engine: &'a Engine,
    sink: &'a mut Vec<Diagnostic>,
}

/// Reports what the engine of a stack cannot do.
pub(super) fn gate(stack: &Stack, scope: &Scope, sink: &mut Vec<Diagnostic>) {
    let mut gate = Gate { engine: &stack.engine, sink };
    gate.body(&stack.body);
    if let Some(backend) = &stack.backend {
        if &*backend.kind.text == "cloud" {
            gate.needs(&CLOUD, backend.kind.span());
        }
        if let Some(entry) = backend.settings.entry("use_lockfile")
            && entry.value.as_bool() == Some(true)
        {
            gate.needs(&LOCKFILE, entry.key_origin.span);
        }
    }
    for span in scope.provider_functions.values() {
        gate.needs(&PROVIDER_FUNCTIONS, *span);
    }
    for (name, terraform, opentofu) in FUNCTIONS {
        if let Some(span) = scope.functions.get(name) {
            let what = format!("the function `{name}`");
            let first = match gate.engine.kind {
                EngineKind::Terraform => terraform,
                EngineKind::OpenTofu => opentofu,
            };
            gate.refuse(&what, Some(Version::minor(first)), "", *span);
        }
    }
}

impl Gate<'_> {
    fn needs(&mut self, capability: &Capability, span: Span) {
        let first = match self.engine.kind {
            EngineKind::Terraform => capability.terraform,
            EngineKind::OpenTofu => capability.opentofu,
        };
        self.refuse(capability.what, first, capability.instead, span);
    }

    fn refuse(&mut self, what: &str, first: Option<Version>, instead: &str, span: Span) {
        let Engine { kind, version, origin } = self.engine;
        if first.is_some_and(|first| *version >= first) {
            return;
        }
        let message = match first {
            Some(first) => format!("{what} needs {kind} {first}, and this is for {version}"),
            None => format!("{kind} has no {what}"),
        };
        let mut diagnostic = Diagnostic::new(codes::TERRAFORM_VERSION, span, message)
            .label(origin.span, "the version is declared here");
        if let Some(first) = first {
            diagnostic = diagnostic.note(format!("declare {kind} {first} or later"));
        }
        if !instead.is_empty() {
            diagnostic = diagnostic.note(instead);
        }
        self.sink.push(diagnostic);
    }

    fn body(&mut self, body: &Body) {
        for variable in &body.variables {
            let span = variable.name.span();
            if variable.ty.as_ref().is_some_and(super::types::Type::has_optional) {
                self.needs(&OPTIONAL, span);
            }
            if variable.nullable.is_some() {
                self.needs(&NULLABLE, span);
            }
            if variable.ephemeral {
                self.needs(&EPHEMERAL, span);
            }
        }
        for block in body.resources.iter().chain(&body.data) {
            self.block(block);
        }
        for block in &body.ephemeral {
            self.needs(&EPHEMERAL, block.kind.span());
        }
        for output in body.outputs.iter().filter(|output| !output.preconditions.is_empty()) {
            self.needs(&CONDITIONS, output.name.span());
        }
        body.moved.iter().for_each(|moved| self.needs(&MOVED, moved.from.span()));
        body.removed.iter().for_each(|removed| self.needs(&REMOVED, removed.from.span()));
        body.checks.iter().for_each(|check| self.needs(&CHECK, check.name.span()));
        for import in &body.imports {
            self.needs(&IMPORT, import.to.span());
            if import.for_each.is_some() {
                self.needs(&IMPORT_EACH, import.to.span());
            }
        }
    }

    fn block(&mut self, block: &Block) {
        if &*block.kind.text == "terraform_data" {
            self.needs(&TERRAFORM_DATA, block.kind.span());
        }
        let lifecycle = block.body.get("lifecycle");
        let items: &[Value] = match lifecycle.map(|value| (&value.data, value)) {
            Some((Data::List(items), _)) => items,
            Some((_, value)) => std::slice::from_ref(value),
            None => &[],
        };
        for map in items.iter().filter_map(Value::as_map) {
            self.lifecycle(map);
        }
    }

    fn lifecycle(&mut self, map: &Map) {
        for entry in map {
            match &*entry.key {
                "precondition" | "postcondition" => {
                    self.needs(&CONDITIONS, entry.key_origin.span);
                }
                "replace_triggered_by" => self.needs(&REPLACE, entry.key_origin.span),
                _ => {}
            }
        }
    }
}
