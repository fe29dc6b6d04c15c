//! The configuration of an environment: its layers found, read, merged, resolved and checked.
//!
//! Invariant: a layer is one file or none; the result does not depend on the order in which the
//! workspace lists its files. A file is read once for all environments.

mod show;

use std::collections::BTreeMap;
use std::sync::Arc;

use platformc_config::{
    Declared, Inputs, Layer, LayerKind, Read, ReadKind, Scope, Trace, VariableSetting, expand,
    has_references, interpolate, merge, settings, trace, variable_layers,
};
use platformc_format::{json, toml, yaml};
use platformc_model::{Environment, Manifest};
use platformc_source::{
    Diagnostic, EntryKind, FileId, Outcome, Severity, SourceMap, Sources, Span, codes, nearest,
};
use platformc_value::{Data, Entry, Map, Path, Step, Value};

use crate::Options;
use crate::discover::{on_path, unreadable};
use crate::engines::{self, schema::Schema};
use crate::read::load;
use crate::select::select;

pub use show::{Form, get, setting_place, show, trace_text};

/// What comes behind the name of a layer's file.
const ENDINGS: [&str; 6] = ["toml", "yaml", "yml", "json", "cue", "ncl"];
/// What a schema can be written in.
const SCHEMA_ENDINGS: [&str; 2] = ["cue", "ncl"];
/// Layers of every environment, highest first, with the middle of their files' names.
const SHARED: [(LayerKind, &str); 3] = [
    (LayerKind::Infrastructure, "infra"),
    (LayerKind::User, "user"),
    (LayerKind::Defaults, "defaults"),
];
/// The middle of the name of the schema's file.
const SCHEMA: &str = "schema";

/// The configuration of one environment.
#[derive(Debug)]
pub struct Resolved {
    environment: Arc<str>,
    layers: Vec<Layer>,
    merged: Value,
    value: Value,
    inputs: Inputs,
}

impl Default for Resolved {
    fn default() -> Resolved {
        Resolved {
            environment: Arc::from(""),
            layers: Vec::new(),
            merged: Value::map(Map::new()),
            value: Value::map(Map::new()),
            inputs: Inputs::new(crate::Ambience::default(), Declared::default(), false),
        }
    }
}

impl Resolved {
    /// The name of the environment.
    #[must_use]
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// The whole configuration, a map.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Fills the references of a document that mean the configuration; says what they read.
    /// Every other byte stays as it is.
    #[must_use]
    pub fn interpolate(
        &self,
        document: Value,
        map: &SourceMap,
        sink: &mut Vec<Diagnostic>,
    ) -> (Value, Vec<Read>) {
        if !has_references(&document) {
            return (document, Vec::new());
        }
        let inputs = self.inputs.scoped();
        let (document, _) = interpolate(document, &self.value, &inputs, map, sink);
        (document, inputs.reads())
    }

    /// Everything that the configuration itself was made from, with hashes of the values.
    #[must_use]
    pub fn reads(&self) -> Vec<Read> {
        self.inputs.reads()
    }

    /// How the value at a path came to be.
    #[must_use]
    pub fn trace(&self, map: &SourceMap, path: &Path) -> Trace {
        let scope = Scope { merged: &self.merged, inputs: &self.inputs, map };
        trace(&self.layers, scope, &self.value, path)
    }

    /// The key that sets a path: that of the highest layer which has it.
    #[must_use]
    pub fn declaration(&self, path: &Path) -> Option<Span> {
        let layers = self.layers.iter().map(|layer| &layer.value);
        let found = layers.chain([&self.value]).find_map(|value| key_of(value, path));
        found.filter(|span| !span.is_none())
    }
}

/// The configurations of the environments asked for, for commands that show them.
#[must_use]
pub fn configurations(
    sources: &dyn Sources,
    map: &SourceMap,
    options: &Options,
) -> Outcome<Vec<Resolved>> {
    let mut sink = Vec::new();
    let resolved =
        crate::read::manifest(sources, map, options.version, &mut sink).map(|manifest| {
            let environments = select(&manifest, &options.environments, &mut sink);
            resolve_all(sources, map, &manifest, &environments, options, &mut sink)
        });
    Outcome::new(resolved.unwrap_or_default(), sink)
}

/// The configuration of one environment.
pub fn resolve(
    sources: &dyn Sources,
    map: &SourceMap,
    manifest: &Manifest,
    environment: &Environment,
    options: &Options,
    sink: &mut Vec<Diagnostic>,
) -> Resolved {
    let mut all = resolve_all(sources, map, manifest, &[environment], options, sink);
    all.pop().unwrap_or_default()
}

/// The configurations of several environments, in their order.
pub fn resolve_all(
    sources: &dyn Sources,
    map: &SourceMap,
    manifest: &Manifest,
    environments: &[&Environment],
    options: &Options,
    sink: &mut Vec<Diagnostic>,
) -> Vec<Resolved> {
    let files = Files::find(sources, map, manifest, sink);
    let shared = Shared {
        sources,
        map,
        manifest,
        options,
        common: SHARED.map(|(kind, name)| files.layer(kind, name, sources, map, sink)),
        runtime: settings(&options.set, map, sink),
        schema: files.schema(sources, map, sink),
    };
    let environments = environments.iter();
    environments
        .map(|environment| {
            let name = &environment.name.text;
            let own = files.layer(LayerKind::Environment, name, sources, map, sink);
            shared.resolve(name, own.as_ref(), sink)
        })
        .collect()
}

/// The files of the layers and of the schema, by the middle of their names.
struct Files {
    found: BTreeMap<String, String>,
}

/// A layer, and the text of its file for the record.
struct LoadedLayer {
    layer: Layer,
    text: Arc<str>,
}

impl Files {
    fn find(
        sources: &dyn Sources,
        map: &SourceMap,
        manifest: &Manifest,
        sink: &mut Vec<Diagnostic>,
    ) -> Files {
        let entries = sources.list("").unwrap_or_else(|error| {
            sink.push(unreadable(map, "", &error));
            Vec::new()
        });
        let mut files: Vec<String> = entries
            .into_iter()
            .filter(|entry| entry.kind == EntryKind::File)
            .map(|entry| entry.path)
            .collect();
        files.sort_unstable();
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        for path in files {
            let Some((name, ending)) =
                path.strip_prefix("config.").and_then(|rest| rest.rsplit_once('.'))
            else {
                continue;
            };
            if !ENDINGS.contains(&ending) {
                continue;
            }
            let known = name == SCHEMA
                || SHARED.iter().any(|(_, shared)| *shared == name)
                || manifest.environment(name).is_some();
            if !known {
                sink.push(unknown_file(&path, name, map, manifest));
            } else if name == SCHEMA && !SCHEMA_ENDINGS.contains(&ending) {
                let message = format!("a schema of the configuration is not read from `{path}`");
                sink.push(
                    on_path(map, codes::CONFIG_UNKNOWN_FILE, &path, message)
                        .severity(Severity::Error)
                        .note("write it in CUE or Nickel: config.schema.cue, config.schema.ncl"),
                );
            } else if let Some(first) = found.get(name) {
                let other = map.add(first, "");
                let message = format!("`{path}` and `{first}` are one layer");
                sink.push(
                    on_path(map, codes::CONFIG_DUPLICATE_LAYER, &path, message)
                        .label(Span::new(other, 0, 0), "the other one")
                        .note("keep one of the two"),
                );
            } else {
                found.insert(name.to_owned(), path);
            }
        }
        Files { found }
    }

    fn layer(
        &self,
        kind: LayerKind,
        name: &str,
        sources: &dyn Sources,
        map: &SourceMap,
        sink: &mut Vec<Diagnostic>,
    ) -> Option<LoadedLayer> {
        let path = self.found.get(name)?;
        let (file, text) = load(sources, map, path, sink)?;
        let value = read_layer(path, file, &text, sources, map, sink)?;
        let value = table(value, path, file, sink)?;
        reserved(&value, sink);
        Some(LoadedLayer { layer: Layer { kind, name: Arc::from(path.as_str()), value }, text })
    }

    fn schema(
        &self,
        sources: &dyn Sources,
        map: &SourceMap,
        sink: &mut Vec<Diagnostic>,
    ) -> Option<LoadedSchema> {
        let path = self.found.get(SCHEMA)?;
        let (file, text) = load(sources, map, path, sink)?;
        let schema = match path.rsplit_once('.') {
            Some((_, "ncl")) => SchemaKind::Nickel,
            _ => SchemaKind::Cue(Schema::new(file, &text).drain_into(sink)?),
        };
        Some(LoadedSchema { path: Arc::from(path.as_str()), schema, text })
    }
}

struct LoadedSchema {
    path: Arc<str>,
    schema: SchemaKind,
    text: Arc<str>,
}

/// What a schema is written in.
enum SchemaKind {
    /// CUE: its defaults are the lowest layer.
    Cue(Schema),
    /// A Nickel contract: what it adds, its defaults too, is part of the result, to which layers
    /// cannot refer, because a contract has no value before it is applied to one.
    Nickel,
}

/// What a Nickel schema is applied by: `config` is merged in as for documents.
const APPLY: &str = "{ config, checked | (import \"config.schema.ncl\") = config }\n";
/// Where that text would lie, for the import in it.
const APPLIED_IN: &str = "config.schema.applied.ncl";

impl LoadedSchema {
    /// The values the schema gives where the layers give none, `given` aside.
    fn defaults(&self, given: &Value) -> Value {
        match &self.schema {
            SchemaKind::Cue(schema) => schema.defaults(given),
            SchemaKind::Nickel => Value::map(Map::new()),
        }
    }

    /// The configuration as the schema has it; reports what does not hold.
    fn check(
        &self,
        value: Value,
        (sources, map): (&dyn Sources, &SourceMap),
        sink: &mut Vec<Diagnostic>,
    ) -> Value {
        match &self.schema {
            SchemaKind::Cue(schema) => schema.check(value, sink),
            SchemaKind::Nickel => {
                let text: Arc<str> = Arc::from(APPLY);
                let file = map.add(APPLIED_IN, Arc::clone(&text));
                let nickel = engines::nickel::Nickel::new(sources, map);
                let found = nickel.value(APPLIED_IN, file, &text, &[("config", &value)]);
                let before = sink.len();
                let mut found = found.drain_into(sink);
                for diagnostic in sink.iter_mut().skip(before) {
                    point_into_layers(diagnostic, file, &value);
                }
                let checked = found.as_mut().and_then(Value::as_map_mut);
                checked.and_then(|map| map.remove("checked")).map_or(value, |entry| entry.value)
            }
        }
    }
}

/// Speaks of the configuration and points at a layer, where a fault speaks of the text by which
/// the schema is applied.
fn point_into_layers(diagnostic: &mut Diagnostic, applied: FileId, value: &Value) {
    let message = diagnostic.message.replace("`checked.", "`");
    diagnostic.message = message.replace("`checked`", "the configuration");
    diagnostic.labels.retain(|label| label.span.file != applied);
    if diagnostic.primary.span.file == applied {
        let map = value.as_map();
        let named = |name: &str| diagnostic.message.contains(&format!("`{name}`"));
        let entry = map.into_iter().flatten().find(|entry| named(&entry.key));
        let entry = entry.or_else(|| map.and_then(|map| map.iter().next()));
        diagnostic.primary.span = entry.map_or(Span::NONE, |entry| entry.key_origin.span);
    }
}

fn unknown_file(path: &str, name: &str, map: &SourceMap, manifest: &Manifest) -> Diagnostic {
    let message = format!("`{path}` is not a layer of the configuration and is not read");
    let diagnostic = on_path(map, codes::CONFIG_UNKNOWN_FILE, path, message);
    let mut names: Vec<&str> =
        manifest.environments.iter().map(|environment| &*environment.name.text).collect();
    names.extend(SHARED.iter().map(|(_, name)| *name));
    names.push(SCHEMA);
    if let Some(best) = nearest(name, names.iter().copied()).first() {
        return diagnostic.note(format!("did you mean `config.{best}`?"));
    }
    let names: Vec<String> = names.iter().map(|name| format!("config.{name}")).collect();
    diagnostic.note(format!("layers are {}", names.join(", ")))
}

fn read_layer(
    path: &str,
    file: FileId,
    text: &Arc<str>,
    sources: &dyn Sources,
    map: &SourceMap,
    sink: &mut Vec<Diagnostic>,
) -> Option<Value> {
    let before = sink.len();
    let value = match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "toml" => Some(toml::read(file, text).drain_into(sink)),
        "json" => json::read(file, text).drain_into(sink),
        "cue" => engines::cue::plain_value(file, text).drain_into(sink),
        "ncl" => {
            let nickel = engines::nickel::Nickel::new(sources, map);
            nickel.value(path, file, text, &[]).drain_into(sink)
        }
        _ => {
            let mut documents = yaml::read(file, text).drain_into(sink).into_iter();
            let first = documents.next();
            if let Some(second) = documents.next() {
                let span = Span { end: second.span.start + 3, ..second.span };
                let message = format!("`{path}` holds several documents");
                sink.push(
                    Diagnostic::new(codes::CONFIG_NOT_A_TABLE, span, message)
                        .note("a layer is one document"),
                );
            }
            first.map(|document| document.value)
        }
    };
    // Half a layer would make references look wrong.
    let failed = sink[before..].iter().any(|found| found.severity == Severity::Error);
    value.filter(|_| !failed)
}

/// A layer's table; an empty file is an empty table.
fn table(value: Value, path: &str, file: FileId, sink: &mut Vec<Diagnostic>) -> Option<Value> {
    match value.data {
        Data::Map(_) => Some(value),
        Data::Null => Some(Value::map(Map::new())),
        _ => {
            let message =
                format!("`{path}` is not a table of settings but a {}", value.kind_name());
            let span =
                if value.origin.span.is_none() { Span::new(file, 0, 0) } else { value.origin.span };
            sink.push(
                Diagnostic::new(codes::CONFIG_NOT_A_TABLE, span, message)
                    .note("a layer sets names: `region = \"eu\"`, `region: eu`"),
            );
            None
        }
    }
}

/// Names that references take for the surroundings cannot be set.
fn reserved(value: &Value, sink: &mut Vec<Diagnostic>) {
    let entries = value.as_map().into_iter().flatten();
    for entry in entries {
        if platformc_config::INPUT_ROOTS.contains(&&*entry.key) {
            let key = &entry.key;
            let message = format!("`{key}` cannot be set: {{{{{key}.…}}}} means something else");
            sink.push(
                Diagnostic::new(codes::CONFIG_RESERVED, entry.key_origin.span, message)
                    .note("env, git and now are what surrounds a build; choose another name"),
            );
        }
    }
}

/// What the configurations of all environments share.
struct Shared<'a> {
    sources: &'a dyn Sources,
    map: &'a SourceMap,
    manifest: &'a Manifest,
    options: &'a Options,
    common: [Option<LoadedLayer>; 3],
    runtime: Vec<Layer>,
    schema: Option<LoadedSchema>,
}

impl Shared<'_> {
    fn resolve(
        &self,
        environment: &Arc<str>,
        own: Option<&LoadedLayer>,
        sink: &mut Vec<Diagnostic>,
    ) -> Resolved {
        let before = sink.len();
        let declared = &self.manifest.inputs;
        let env = declared.env.iter().map(|name| (name.text.clone(), name.span()));
        let inputs = Inputs::new(
            self.options.ambience.clone(),
            Declared { env: env.collect(), now: declared.now, git: declared.git },
            self.options.locked,
        );
        let variables: Vec<VariableSetting> = declared
            .set
            .iter()
            .map(|(variable, path)| VariableSetting {
                variable: variable.text.clone(),
                path: path.text.clone(),
                span: path.span(),
            })
            .collect();
        let mut layers = self.runtime.clone();
        for argument in &self.options.set {
            let (path, value) = argument.split_once('=').unwrap_or((argument, ""));
            inputs.record(ReadKind::Set, path, Some(value.as_bytes()));
        }
        layers.extend(variable_layers(&variables, &inputs, sink));
        for layer in &layers {
            reserved(&layer.value, sink);
        }
        for loaded in own.into_iter().chain(self.common.iter().flatten()) {
            let LoadedLayer { layer, text } = loaded;
            if layer.kind == LayerKind::User
                && self.options.locked
                && let Some(first) = layer.value.as_map().and_then(|map| map.iter().next())
            {
                let message = format!("a locked run does not read `{}`", layer.name);
                sink.push(
                    Diagnostic::new(codes::CONFIG_LOCKED, first.key_origin.span, message)
                        .note("what everybody needs belongs into another layer; remove the file"),
                );
                continue;
            }
            inputs.record(ReadKind::File, &*layer.name, Some(text.as_bytes()));
            layers.push(layer.clone());
        }
        if let Some(schema) = &self.schema {
            inputs.record(ReadKind::File, &*schema.path, Some(schema.text.as_bytes()));
            let given = literal(&merge(&layers, &mut Vec::new()));
            let value = schema.defaults(&given);
            layers.push(Layer { kind: LayerKind::Schema, name: schema.path.clone(), value });
        }
        let merged = merge(&layers, sink);
        let scope = Scope { merged: &merged, inputs: &inputs, map: self.map };
        let expanded = expand(scope, sink);
        // A value that could not be resolved would only be reported once more.
        let failed = sink[before..].iter().any(|found| found.severity == Severity::Error);
        let value = match &self.schema {
            Some(schema) if !failed => schema.check(expanded.value, (self.sources, self.map), sink),
            _ => expanded.value,
        };
        sink.extend(user_layer(&layers));
        Resolved { environment: environment.clone(), layers, merged, value, inputs }
    }
}

/// The key at a path, or the item of a list.
fn key_of(value: &Value, path: &Path) -> Option<Span> {
    let (last, above) = path.steps().split_last()?;
    let holder = value.lookup(&above.iter().cloned().collect())?;
    match last {
        Step::Field(name) => {
            let entry = holder.as_map()?.iter().find(|entry| entry.key == *name)?;
            Some(entry.key_origin.span)
        }
        Step::Index(index) => Some(holder.as_list()?.get(*index)?.origin.span),
    }
}

/// What holds no reference; lists count as a whole.
fn literal(value: &Value) -> Value {
    let Data::Map(map) = &value.data else { return value.clone() };
    let mut copy = Map::with_capacity(map.len());
    for entry in map {
        if entry.value.as_map().is_none() && has_references(&entry.value) {
            continue;
        }
        copy.push_unique(Entry {
            key: entry.key.clone(),
            key_origin: entry.key_origin,
            value: literal(&entry.value),
        });
    }
    Value::new(Data::Map(copy), value.origin)
}

/// The note on what the user's own layer changes.
fn user_layer(layers: &[Layer]) -> Option<Diagnostic> {
    let at = layers.iter().position(|layer| layer.kind == LayerKind::User)?;
    let (higher, rest) = layers.split_at(at);
    let (user, lower) = rest.split_first()?;
    let mut won = Vec::new();
    leaves(&user.value, &mut Path::root(), &mut |path, entry| {
        let value = &entry.value;
        let lost = higher.iter().any(|layer| layer.value.lookup(path).is_some());
        let same = lower.iter().find_map(|layer| layer.value.lookup(path)) == Some(value);
        if !lost && !same {
            won.push((path.to_string(), entry.key_origin.span));
        }
    });
    let (_, span) = won.first()?;
    let names: Vec<String> = won.iter().take(10).map(|(path, _)| format!("`{path}`")).collect();
    let mut names = names.join(", ");
    if won.len() > 10 {
        names.push_str(&format!(" and {} more", won.len() - 10));
    }
    let message = format!("`{}` sets {names}", user.name);
    Some(
        Diagnostic::new(codes::CONFIG_USER_LAYER, *span, message)
            .note("on another machine the result may differ; --locked refuses this layer"),
    )
}

/// Every setting that is no table, with its path.
fn leaves(value: &Value, path: &mut Path, each: &mut dyn FnMut(&Path, &Entry)) {
    for entry in value.as_map().into_iter().flatten() {
        path.push(Step::Field(entry.key.clone()));
        match &entry.value.data {
            Data::Map(map) if !map.is_empty() => leaves(&entry.value, path, each),
            _ => each(path, entry),
        }
        path.pop();
    }
}
