//! What can be said of a stack before an engine sees it.
//!
//! Invariant: what is reported here an engine would refuse, or would run otherwise than it reads.

use std::collections::BTreeMap;

use platformc_source::{Diagnostic, Span, codes, nearest};
use platformc_value::Value;

use super::names::is_identifier;
use super::scope::Edge;
use super::{Body, ModuleCall, Name, RequiredProvider, Stack, Variable, gate, scope, types};

type Sink<'a> = &'a mut Vec<Diagnostic>;

/// Names that variables cannot have: they are arguments of every module.
const RESERVED: [&str; 8] =
    ["count", "depends_on", "for_each", "lifecycle", "locals", "providers", "source", "version"];

/// Checks a stack and returns the dependencies inside it.
pub fn check(stack: &Stack, sink: &mut Vec<Diagnostic>) -> Vec<Edge> {
    stack_name(&stack.name, sink);
    names(&stack.body, sink);
    duplicates(&stack.body, sink);
    stack.body.variables.iter().for_each(|variable| default(variable, sink));
    providers(stack, sink);
    stack.body.modules.iter().for_each(|module| source(module, stack, sink));
    let scope = scope::scope(&stack.body, sink);
    gate::gate(stack, &scope, sink);
    scope.edges
}

fn stack_name(name: &Name, sink: Sink<'_>) {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let edge = |byte: Option<&u8>| byte.is_some_and(|byte| plain(*byte));
    let bytes = name.as_bytes();
    let good = bytes.iter().all(|byte| plain(*byte) || matches!(byte, b'-' | b'_'))
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes.len() <= 90;
    if !good {
        let message = format!("`{name}` cannot be the name of a stack");
        let mut diagnostic = Diagnostic::new(codes::TERRAFORM_NAME, name.span(), message).note(
            "at most 90 of a-z, 0-9, `-` and `_`, with a letter or digit at both ends: it names a \
             folder, a state and a unit of every orchestrator",
        );
        if name.contains('/') {
            diagnostic = diagnostic.note("stacks lie side by side: write `-` for `/`");
        }
        sink.push(diagnostic);
    }
}

fn identifier(what: &str, name: &Name, sink: Sink<'_>) {
    if is_identifier(name) {
        return;
    }
    let article = if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    let message = format!("`{name}` cannot be the name of {article} {what}");
    let mut diagnostic = Diagnostic::new(codes::TERRAFORM_NAME, name.span(), message)
        .note("a letter or `_` first, then letters, digits, `_` and `-`");
    let mut better: String = name
        .chars()
        .map(|char| if char.is_ascii_alphanumeric() || char == '-' { char } else { '_' })
        .collect();
    if !better.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        better.insert(0, '_');
    }
    if name.len() <= 64 {
        diagnostic = diagnostic.note(format!("for example `{better}`"));
    }
    sink.push(diagnostic);
}

fn names(body: &Body, sink: Sink<'_>) {
    for variable in &body.variables {
        identifier("variable", &variable.name, sink);
        if RESERVED.contains(&&*variable.name.text) {
            let message = format!("`{}` cannot be the name of a variable", variable.name);
            let note = "Terraform keeps it for the arguments of modules";
            let span = variable.name.span();
            sink.push(Diagnostic::new(codes::TERRAFORM_NAME, span, message).note(note));
        }
    }
    body.locals.iter().for_each(|local| identifier("local value", &local.name, sink));
    body.outputs.iter().for_each(|output| identifier("output", &output.name, sink));
    body.modules.iter().for_each(|module| identifier("module", &module.name, sink));
    body.checks.iter().for_each(|check| identifier("check", &check.name, sink));
    for provider in &body.required_providers {
        identifier("provider", &provider.name, sink);
    }
    for provider in &body.providers {
        identifier("provider", &provider.name, sink);
        provider.alias.iter().for_each(|alias| identifier("provider's alias", alias, sink));
    }
    for (what, blocks) in
        [("resource", &body.resources), ("data source", &body.data), ("ephemeral", &body.ephemeral)]
    {
        for block in blocks {
            identifier(&format!("{what}'s type"), &block.kind, sink);
            identifier(what, &block.name, sink);
        }
    }
}

fn duplicates(body: &Body, sink: Sink<'_>) {
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    let mut add = |what: &str, address: &str, span: Span| {
        if let Some(first) = seen.get(&format!("{what} {address}")) {
            let message = format!("a second {what} is named `{address}`");
            let diagnostic = Diagnostic::new(codes::TERRAFORM_DUPLICATE, span, message);
            sink.push(diagnostic.label(*first, "the first one").note("rename one of them"));
            return;
        }
        seen.insert(format!("{what} {address}"), span);
    };
    body.variables.iter().for_each(|v| add("variable", &v.name, v.name.span()));
    body.locals.iter().for_each(|l| add("local value", &l.name, l.name.span()));
    body.outputs.iter().for_each(|o| add("output", &o.name, o.name.span()));
    body.modules.iter().for_each(|m| add("module", &m.name, m.name.span()));
    body.checks.iter().for_each(|c| add("check", &c.name, c.name.span()));
    body.required_providers.iter().for_each(|p| add("provider", &p.name, p.name.span()));
    for found in &body.providers {
        let name = match &found.alias {
            Some(alias) => format!("{}.{alias}", found.name),
            None => found.name.to_string(),
        };
        add("configuration of a provider", &name, found.name.span());
    }
    for (what, blocks) in
        [("resource", &body.resources), ("data source", &body.data), ("ephemeral", &body.ephemeral)]
    {
        for block in blocks {
            add(what, &format!("{}.{}", block.kind, block.name), block.name.span());
        }
    }
    body.imports.iter().for_each(|import| add("import", &import.to, import.to.span()));
    body.moved.iter().for_each(|moved| add("move", &moved.from, moved.from.span()));
}

fn default(variable: &Variable, sink: Sink<'_>) {
    let (Some(default), Some(ty)) = (&variable.default, &variable.ty) else { return };
    if let Err(why) = types::value(default, ty) {
        let message = format!("the default of the variable `{}` {why}", variable.name);
        let span = default.origin.span;
        let span = if span.is_none() { variable.name.span() } else { span };
        sink.push(
            Diagnostic::new(codes::TERRAFORM_TYPE_MISMATCH, span, message)
                .label(variable.name.span(), format!("it is declared as {ty}")),
        );
    }
}

/// The provider that a block belongs to.
fn provider_of(kind: &str, body: &platformc_value::Map) -> String {
    let named = body.get("provider").and_then(Value::as_str);
    let name = named.unwrap_or_else(|| kind.split('_').next().unwrap_or(kind));
    name.split('.').next().unwrap_or(name).to_owned()
}

fn providers(stack: &Stack, sink: Sink<'_>) {
    let body = &stack.body;
    for found in &body.required_providers {
        pin(found, sink);
    }
    let known: Vec<&str> = body.required_providers.iter().map(|found| &*found.name.text).collect();
    let mut missing: BTreeMap<String, Span> = BTreeMap::new();
    let mut uses = |name: String, span: Span| {
        if name != "terraform" && !known.contains(&&*name) {
            missing.entry(name).or_insert(span);
        }
    };
    for block in body.resources.iter().chain(&body.data).chain(&body.ephemeral) {
        uses(provider_of(&block.kind, &block.body), block.kind.span());
    }
    for found in &body.providers {
        uses(found.name.to_string(), found.name.span());
    }
    for (name, span) in missing {
        let message = format!("the stack says no version of the provider `{name}`");
        let mut diagnostic = Diagnostic::new(codes::TERRAFORM_SOURCE, span, message);
        if let Some(best) = nearest(&name, known.iter().copied()).first() {
            diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?"));
        }
        sink.push(diagnostic.note(format!(
            "declare it under `required_providers`: {name}: {{source: …, version: …}}"
        )));
    }
    for block in body.resources.iter().chain(&body.data).chain(&body.ephemeral) {
        let Some(named) = block.body.get("provider") else { continue };
        let Some((name, alias)) = named.as_str().and_then(|text| text.split_once('.')) else {
            continue;
        };
        let same = |found: &&super::ProviderConfiguration| *found.name.text == *name;
        let aliases: Vec<&str> = body
            .providers
            .iter()
            .filter(same)
            .filter_map(|found| found.alias.as_ref().map(|alias| &*alias.text))
            .collect();
        if !aliases.contains(&alias) {
            let message = format!("the provider `{name}` has no configuration `{alias}`");
            let span = named.origin.span;
            let mut diagnostic = Diagnostic::new(codes::TERRAFORM_UNDECLARED, span, message);
            if let Some(best) = nearest(alias, aliases.iter().copied()).first() {
                diagnostic = diagnostic.primary_label(format!("did you mean `{name}.{best}`?"));
            }
            sink.push(diagnostic.note("a configuration is named by its `alias`"));
        }
    }
}

/// A provider has a source that an engine can find and a version that decides on one release line.
fn pin(found: &RequiredProvider, sink: Sink<'_>) {
    let RequiredProvider { name, source, version } = found;
    let parts: Vec<&str> = source.split('/').collect();
    let host = |text: &str| text.contains('.') || text.contains(':');
    let word = |text: &&str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let good = match parts.as_slice() {
        [host_name, rest @ ..] if rest.len() == 2 => host(host_name) && rest.iter().all(word),
        rest => rest.len() == 2 && rest.iter().all(word),
    };
    if !good {
        let message = format!("`{source}` is no address of a provider");
        let note = "for example hashicorp/aws, or registry.example.com/acme/aws";
        let span = source.span();
        sink.push(Diagnostic::new(codes::TERRAFORM_SOURCE, span, message).note(note));
    }
    let pinned = version.as_ref().is_some_and(|version| is_constraint(version));
    if !pinned {
        let message = match version {
            Some(version) => format!("`{version}` is no version of a provider"),
            None => format!("the provider `{name}` has no version"),
        };
        let span = version.as_ref().map_or(name.span(), Name::span);
        sink.push(
            Diagnostic::new(codes::TERRAFORM_SOURCE, span, message)
                .note("for example \"5.100.0\" or \"~> 5.100\""),
        );
    }
}

/// Whether a text is a version constraint: comparisons, separated by commas.
fn is_constraint(text: &str) -> bool {
    text.split(',').all(|part| {
        let part = part.trim();
        let operators = ["~>", ">=", "<=", "!=", "=", ">", "<"];
        let bare = operators.iter().find_map(|operator| part.strip_prefix(operator));
        let version = bare.unwrap_or(part).trim();
        let core = version.split(['-', '+']).next().unwrap_or_default();
        let numbers: Vec<&str> = core.split('.').collect();
        let digits =
            |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        numbers.len() <= 3 && numbers.iter().all(digits)
    })
}

/// A module lies inside the stack, or comes from a place that says which revision of it.
fn source(module: &ModuleCall, stack: &Stack, sink: Sink<'_>) {
    let source = &module.source;
    let refuse = |message: String, note: &str, sink: Sink<'_>| {
        let diagnostic = Diagnostic::new(codes::TERRAFORM_SOURCE, source.span(), message);
        sink.push(diagnostic.note(note));
    };
    if source.starts_with("../") || source.starts_with('/') || &*source.text == ".." {
        let message = format!("the module `{}` lies outside of its stack", module.name);
        let note = "a stack is run alone: vendor the module, and name it as ./modules/NAME";
        return refuse(message, note, sink);
    }
    if let Some(inside) = source.strip_prefix("./") {
        let folder = format!("{}/", inside.trim_end_matches('/'));
        if !stack.files.iter().any(|file| file.path.starts_with(&folder)) {
            let message = format!("the stack has no module in `{source}`");
            return refuse(message, "vendor the module into that folder", sink);
        }
        return;
    }
    if let Err(note) = pinned(source, module.version.as_ref()) {
        let message = format!("the source of the module `{}` is not pinned", module.name);
        refuse(message, note, sink);
    }
}

/// Whether a module's address says which revision it means (Terraform documentation: "Module
/// Sources").
pub(crate) fn pinned(source: &str, version: Option<&Name>) -> Result<(), &'static str> {
    let is_git = source.starts_with("git::")
        || source.starts_with("git@")
        || source.starts_with("github.com/")
        || source.starts_with("bitbucket.org/")
        || source.trim_end_matches('/').ends_with(".git");
    let query = source.split_once('?').map_or("", |(_, query)| query);
    let parameter = |wanted: &str| {
        query.split('&').any(|part| {
            part.split_once('=').is_some_and(|(key, value)| key == wanted && !value.is_empty())
        })
    };
    if is_git {
        let note = "name a tag or commit at its end: ?ref=v1.2.3";
        return if parameter("ref") { Ok(()) } else { Err(note) };
    }
    if source.starts_with("hg::") {
        let note = "name a revision at its end: ?rev=v1.2.3";
        return if parameter("rev") { Ok(()) } else { Err(note) };
    }
    if source.contains("://") || source.starts_with("s3::") || source.starts_with("gcs::") {
        let note = "name the digest of the archive at its end: ?checksum=sha256:…";
        return if parameter("checksum") { Ok(()) } else { Err(note) };
    }
    let exact = version.is_some_and(|version| {
        super::Version::parse(version.trim_start_matches('=').trim()).is_some()
    });
    if exact { Ok(()) } else { Err("name its exact version: version: \"5.8.1\"") }
}
