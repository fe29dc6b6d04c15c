//! What lies in a workspace.
//!
//! Invariant: every file under the folders of documents that this compiler reads belongs to exactly one group; a
//! group is one base name with its overlays, and groups stand in the order of their names,
//! whatever order the folder is listed in.

use std::collections::BTreeMap;

use platformc_model::Manifest;
use platformc_source::{
    Diagnostic, Entry, EntryKind, ReadError, SourceMap, Sources, Span, codes, nearest,
};

/// The manifest's path.
pub(crate) const MANIFEST: &str = "platform.toml";
/// The folders of documents. What a document is, its `apiVersion` and `kind` say, not its folder.
pub(crate) const FOLDERS: [&str; 4] = ["apps", "infrastructure", "tenants", "workflows"];
/// The folder of the workspace's own definitions.
pub(crate) const DEFINITIONS: &str = "definitions";
/// The folder of the workspace's own providers.
pub(crate) const PROVIDERS: &str = "providers";
/// Folders nest at most so deep; a deeper tree is a mistake or a trap.
const MAX_FOLDERS: usize = 64;

/// How a file is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Syntax {
    /// YAML, one document or several.
    Yaml,
    /// JSON, one document.
    Json,
    /// CUE.
    Cue,
    /// Nickel.
    Nickel,
}

impl Syntax {
    /// The syntax of a file name's extension.
    #[must_use]
    pub(crate) fn of(path: &str) -> Option<Syntax> {
        match path.rsplit_once('.')?.1 {
            "yaml" | "yml" => Some(Syntax::Yaml),
            "json" => Some(Syntax::Json),
            "cue" => Some(Syntax::Cue),
            "ncl" => Some(Syntax::Nickel),
            _ => None,
        }
    }
}

/// A file that holds documents.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Found {
    /// Its path in the workspace.
    pub(crate) path: String,
    /// How it is written.
    pub(crate) syntax: Syntax,
}

/// The documents of one base name, `apps/orders`, and what overlays them.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(crate) struct Group {
    /// The files of the documents, nearly always one.
    pub(crate) bases: Vec<Found>,
    /// Overlays by environment.
    pub(crate) overlays: Vec<(String, Found)>,
}

/// A diagnostic on a file or folder as a whole; registers it so that the path can be printed.
pub(crate) fn on_path(
    map: &SourceMap,
    code: platformc_source::Code,
    path: &str,
    message: impl Into<String>,
) -> Diagnostic {
    let file = map.add(path, "");
    Diagnostic::new(code, Span::new(file, 0, 0), message)
}

/// The diagnostic for something that cannot be read.
pub(crate) fn unreadable(map: &SourceMap, path: &str, error: &ReadError) -> Diagnostic {
    let code = match error {
        ReadError::Outside => codes::SOURCE_OUTSIDE,
        ReadError::TooLarge(_) => codes::SOURCE_TOO_LARGE,
        ReadError::NotFound | ReadError::Other(_) => codes::SOURCE_IO,
    };
    on_path(map, code, path, format!("cannot read `{path}`: {error}"))
}

/// All files below a folder in order of their paths; none where there is no such folder. Names
/// that start with a dot are left alone.
pub(crate) fn files(
    sources: &dyn Sources,
    map: &SourceMap,
    folder: &str,
    sink: &mut Vec<Diagnostic>,
) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        if depth > MAX_FOLDERS {
            let message = format!("folders nest more than {MAX_FOLDERS} deep");
            sink.push(on_path(map, codes::SOURCE_IO, &folder, message));
            continue;
        }
        let entries: Vec<Entry> = match sources.list(&folder) {
            Ok(entries) => entries,
            Err(ReadError::NotFound) if depth == 0 => Vec::new(),
            Err(error) => {
                sink.push(unreadable(map, &folder, &error));
                continue;
            }
        };
        for entry in entries {
            let name = entry.path.rsplit('/').next().unwrap_or("");
            match entry.kind {
                _ if name.starts_with('.') => {}
                EntryKind::File => found.push(entry.path),
                EntryKind::Folder => folders.push((entry.path, depth + 1)),
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The groups under the folders of documents.
pub(crate) fn groups(
    sources: &dyn Sources,
    map: &SourceMap,
    manifest: &Manifest,
    sink: &mut Vec<Diagnostic>,
) -> Vec<Group> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut overlays: Vec<(String, String, Found)> = Vec::new();
    let paths = FOLDERS.map(|folder| files(sources, map, folder, sink));
    for path in paths.into_iter().flatten() {
        let Some(syntax) = Syntax::of(&path) else { continue };
        let stem = path.rsplit_once('.').map_or(path.as_str(), |(stem, _)| stem).to_owned();
        let name_at = stem.rfind('/').map_or(0, |at| at + 1);
        let suffix = stem.get(name_at..).and_then(|name| name.rsplit_once('.'));
        let found = Found { path, syntax };
        match suffix {
            Some((_, env)) if manifest.environment(env).is_some() => {
                let base = stem.strip_suffix(&format!(".{env}")).unwrap_or(&stem).to_owned();
                overlays.push((base, env.to_owned(), found));
            }
            _ => groups.entry(stem).or_default().bases.push(found),
        }
    }
    for (base, env, found) in overlays {
        match groups.get_mut(&base) {
            Some(group) => group.overlays.push((env, found)),
            None => {
                let message = format!("overlay of `{base}`, which is not there");
                let mut diagnostic = on_path(map, codes::WORKSPACE_OVERLAY, &found.path, message);
                if let Some(best) = nearest(&base, groups.keys().map(String::as_str)).first() {
                    diagnostic = diagnostic.note(format!("did you mean `{best}`?"));
                }
                sink.push(
                    diagnostic.note(format!(
                        "it stands beside `{base}.yaml`, `{base}.cue` or `{base}.ncl`"
                    )),
                );
            }
        }
    }
    for stem in groups.keys() {
        misspelt_environment(stem, &groups, map, manifest, sink);
    }
    groups.into_values().collect()
}

/// `orders.prdo.yaml` beside `orders.yaml` is an overlay whose environment is misspelt.
fn misspelt_environment(
    stem: &str,
    groups: &BTreeMap<String, Group>,
    map: &SourceMap,
    manifest: &Manifest,
    sink: &mut Vec<Diagnostic>,
) {
    let Some((base, env)) = stem.rsplit_once('.') else { return };
    if !groups.contains_key(base) || env.contains('/') {
        return;
    }
    let Some(file) = groups.get(stem).and_then(|group| group.bases.first()) else { return };
    let message = format!("`{env}` is not an environment of the workspace");
    let mut diagnostic = on_path(map, codes::WORKSPACE_ENVIRONMENT, &file.path, message);
    let known = manifest.environments.iter().map(|environment| &*environment.name.text);
    if let Some(best) = nearest(env, known).first() {
        diagnostic = diagnostic.note(format!("did you mean `{best}`?"));
    }
    sink.push(diagnostic);
}
