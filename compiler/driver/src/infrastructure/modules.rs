//! Terraform modules as such, and outputs under one roof.
//!
//! Invariant: the files of a module of the workspace are copied into the stack byte by byte, so
//! that a stack is complete by itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use platformc_emit::terraform::mark;
use platformc_emit::terraform::types::Type;
use platformc_emit::terraform::{Body, Local, ModuleCall, ModuleFile, Name, Output};
use platformc_model::{OutputReference, Text};
use platformc_source::{Diagnostic, Origin, Span, codes};
use platformc_value::{Data, Entry, Map, Path, Step, Value};

use super::opaque::Typed;
use super::stacks::as_name;
use crate::discover::files;
use crate::group::Shared;
use crate::read;

/// A call of a Terraform module.
pub(super) struct Call<'a> {
    /// Its name in the stack.
    pub(super) name: &'a Text,
    /// A folder of the workspace, or a remote address.
    pub(super) source: &'a Text,
    /// The version, for modules of a registry.
    pub(super) version: Option<&'a Text>,
    /// The outputs with Terraform's types.
    pub(super) outputs: &'a [(Text, Text)],
}

/// References put where they are used, and the locals that some of them need.
struct Placing<'a> {
    typed: &'a [Typed],
    locals: BTreeMap<String, Value>,
}

impl Placing<'_> {
    fn value(&mut self, value: &Value, path: &mut Path) -> Value {
        if let Some(typed) = self.typed.iter().find(|typed| typed.path == *path) {
            return self.mark(&typed.reference);
        }
        let data = match &value.data {
            Data::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for (at, item) in items.iter().enumerate() {
                    path.push(Step::Index(at));
                    list.push(self.value(item, path));
                    path.pop();
                }
                Data::List(list)
            }
            Data::Map(map) => {
                let mut out = Map::with_capacity(map.len());
                for entry in map {
                    path.push(Step::Field(Arc::clone(&entry.key)));
                    let value = self.value(&entry.value, path);
                    path.pop();
                    out.push_unique(Entry {
                        key: Arc::clone(&entry.key),
                        key_origin: entry.key_origin,
                        value,
                    });
                }
                Data::Map(out)
            }
            other => other.clone(),
        };
        Value::new(data, value.origin)
    }

    fn mark(&mut self, reference: &OutputReference) -> Value {
        let (value, local) = place(reference, "");
        self.locals.extend(local);
        value
    }
}

/// A reference as the emitter reads it; where a part of the output is meant, the local that holds
/// the whole output. `suffix` goes on from the output, or from its key.
pub(super) fn place(reference: &OutputReference, suffix: &str) -> (Value, Option<(String, Value)>) {
    let OutputReference { stack, output, key, origin } = reference;
    let whole = mark::reference(&mark::Reference {
        stack: as_name(stack),
        output: as_name(output),
        wanted: None,
        origin: *origin,
    });
    if key.is_none() && suffix.is_empty() {
        return (whole, None);
    }
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let local: String = format!("{stack}_{output}").chars().map(plain).collect();
    let key = key.as_ref().map(|key| format!("[\"{key}\"]")).unwrap_or_default();
    let expression = mark::expression(&format!("local.{local}{key}{suffix}")).at(*origin);
    (expression, Some((local, whole)))
}

fn locals(body: &mut Body, placing: Placing<'_>) {
    let locals = placing.locals.into_iter();
    body.locals.extend(locals.map(|(name, value)| Local { name: Name::computed(name), value }));
}

/// The content of a stack that calls a Terraform module.
pub(super) fn terraform(
    shared: &Shared<'_>,
    call: &Call<'_>,
    inputs: &Value,
    typed: &[Typed],
    sink: &mut Vec<Diagnostic>,
) -> Option<(Body, Vec<ModuleFile>)> {
    let is_folder = call.version.is_none() && platformc_model::is_folder(call.source);
    let vendored = if is_folder { vendor(shared, call, sink)? } else { Vec::new() };
    let source = if is_folder {
        Name::new(format!("./modules/{}", call.name), call.source.origin)
    } else {
        as_name(call.source)
    };
    let mut placing = Placing { typed, locals: BTreeMap::new() };
    let arguments = placing.value(inputs, &mut Path::root());
    let mut body = Body::default();
    body.modules.push(ModuleCall {
        name: as_name(call.name),
        source,
        version: call.version.map(as_name),
        body: arguments.as_map().cloned().unwrap_or_default(),
    });
    for (name, ty) in call.outputs {
        let value = mark::expression(&format!("module.{}.{name}", call.name));
        let ty = parse_type(ty, sink);
        body.outputs.push(Output::new(as_name(name), value, ty));
    }
    locals(&mut body, placing);
    Some((body, vendored))
}

/// A type as Terraform writes it.
fn parse_type(text: &Text, sink: &mut Vec<Diagnostic>) -> Option<Type> {
    match Type::parse(text) {
        Ok(ty) => Some(ty),
        Err(error) => {
            let message = format!("`{text}` is not a type of Terraform: {error}");
            sink.push(
                Diagnostic::new(codes::MODEL_INVALID_VALUE, text.span(), message)
                    .note("for example string, list(string) or object({name = string})"),
            );
            None
        }
    }
}

/// The files of a module that lies in the workspace.
fn vendor(
    shared: &Shared<'_>,
    call: &Call<'_>,
    sink: &mut Vec<Diagnostic>,
) -> Option<Vec<ModuleFile>> {
    let folder: &str = call.source;
    let paths = files(shared.sources, shared.map, folder, sink);
    let is_terraform = |path: &String| {
        let rest = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
        rest.is_some_and(|name| !name.contains('/'))
            && [".tf", ".tf.json", ".tofu"].iter().any(|ending| path.ends_with(ending))
    };
    if !paths.iter().any(is_terraform) {
        let message = format!("the folder `{folder}` holds no Terraform module");
        let span = call.source.span();
        let diagnostic = Diagnostic::new(codes::TERRAFORM_SOURCE, span, message);
        sink.push(diagnostic.note("a module is a folder of the workspace with *.tf files in it"));
        return None;
    }
    let mut vendored = Vec::with_capacity(paths.len());
    for path in paths {
        let Some(rest) = path.strip_prefix(folder) else { continue };
        let bytes = match shared.sources.read(&path) {
            Ok(bytes) => bytes.to_vec(),
            Err(error) => {
                sink.push(crate::discover::unreadable(shared.map, &path, &error));
                continue;
            }
        };
        if path.ends_with(".tf") {
            leads_out(shared, &path, &bytes, sink);
        }
        let path = format!("modules/{}{rest}", call.name);
        vendored.push(ModuleFile { path, bytes, origin: call.source.origin });
    }
    Some(vendored)
}

/// A module that names a module outside its folder would not find it in the stack.
fn leads_out(shared: &Shared<'_>, path: &str, bytes: &[u8], sink: &mut Vec<Diagnostic>) {
    let Some(file) = read::register(shared.map, path, bytes, sink) else { return };
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let code = line.trim();
        if code.starts_with("source") && code.contains("\"..") {
            let start = offset + line.find("\"..").unwrap_or(0);
            let end = offset + line.trim_end().len();
            let message = "a module outside the folder is not copied into the stack";
            sink.push(
                Diagnostic::new(codes::TERRAFORM_SOURCE, Span::new(file, start, end), message)
                    .note("move the inner module below the folder that is copied"),
            );
        }
        offset += line.len();
    }
}

/// Outputs of other stacks under one roof.
pub(super) fn outputs(inputs: &Value, typed: &[Typed], sink: &mut Vec<Diagnostic>) -> Body {
    let mut placing = Placing { typed, locals: BTreeMap::new() };
    let mut body = Body::default();
    for entry in inputs.as_map().into_iter().flatten() {
        let path = Path::root().field(Arc::clone(&entry.key));
        let Some(typed) = typed.iter().find(|typed| typed.path == path) else {
            let message = format!("output `{}` takes its value from a stack", entry.key);
            let span = entry.key_origin.span;
            sink.push(
                Diagnostic::new(codes::MODEL_INVALID_VALUE, span, message)
                    .note("write {valueFrom: {stack: NAME, output: NAME}}"),
            );
            continue;
        };
        let value = placing.mark(&typed.reference);
        let name = Name::new(Arc::clone(&entry.key), Origin::authored(entry.key_origin.span));
        body.outputs.push(Output::new(name, value, Some(typed.ty.clone())));
    }
    locals(&mut body, placing);
    body
}
