//! References to the configuration, `{{registry.host}}`: in layers and in documents.
//!
//! Invariant: a reference is found in the text of one line, whether it is closed or not; values and
//! places are those of the configuration as it was last resolved, for every environment that the
//! file counts for.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use platformc_config::{INPUT_ROOTS, parse_path};
use platformc_driver::configuration::{Resolved, setting_place};
use platformc_driver::session::Snapshot;
use platformc_format::json;
use platformc_value::{Data, Path, Step, Value};

use crate::completion::{Item, ItemKind};
use crate::definition::Target;
use crate::hover::Hover;
use crate::{Question, Syntax, target};

/// Folders whose documents may refer to the configuration.
const FOLDERS: [&str; 4] = ["apps/", "infrastructure/", "tenants/", "workflows/"];
/// So many bytes of a value are shown.
const MOST_SHOWN: usize = 120;

/// What a reference can take from the surroundings of a build, with what it is.
const CLOCK: [(&str, &str); 5] = [
    ("date", "The day of the build in UTC, such as `2026-09-21`."),
    ("time", "The time of the build in UTC, such as `14:13:20`."),
    ("timestamp", "The time of the build in UTC, such as `2026-09-21T14:13:20Z`."),
    ("year", "The year of the build in UTC, a number."),
    ("unix", "The time of the build in seconds since 1970, a number."),
];
const CHECKOUT: [(&str, &str); 2] = [
    ("branch", "The branch that is checked out; no value on a detached commit."),
    ("commit", "The commit that is checked out."),
];
const VARIABLE: &str = "An environment variable, read when the workspace is built.";

/// One operand of a reference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Operand {
    /// Its bytes without the blanks around it.
    span: Range<usize>,
    /// Whether it stands in a text in double quotes, where quotes are escaped.
    escaped: bool,
}

/// Whether a file is a layer of the configuration.
fn is_layer(path: &str, snapshot: &Snapshot) -> bool {
    let Some((name, _)) = path.strip_prefix("config.").and_then(|rest| rest.rsplit_once('.'))
    else {
        return false;
    };
    let environment =
        || snapshot.manifest.as_ref().is_some_and(|found| found.environment(name).is_some());
    !path.contains('/') && (matches!(name, "defaults" | "infra" | "user") || environment())
}

/// The operand at the place of a question, where that is inside a reference.
pub(crate) fn at(question: &Question<'_>) -> Option<Operand> {
    let Question { path, text, offset, snapshot, .. } = *question;
    let document = FOLDERS.iter().any(|folder| path.starts_with(folder))
        && Syntax::of(path) == Some(Syntax::Yaml);
    let layer = is_layer(path, snapshot) && Syntax::of(path).is_some();
    if !document && !layer {
        return None;
    }
    let before = text.get(..offset)?;
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let head = before.get(line..)?;
    let open = line + head.rfind("{{")?;
    let lead = text.get(line..open)?;
    let inner = text.get(open + 2..offset)?;
    // More braces and a dollar are other languages; a comment is none.
    if lead.ends_with(['{', '$'])
        || lead.trim_start().starts_with(['#', '/'])
        || inner.contains("}}")
        || text.get(open + 2..)?.starts_with('{')
    {
        return None;
    }
    let rest = text.get(offset..)?.lines().next().unwrap_or("");
    let end = match rest.find("}}") {
        Some(at) => at,
        // Not closed yet: the rest of the line is the author's, not the reference's.
        None => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
    };
    let end = offset + end;
    let start = inner.rfind("??").map_or(open + 2, |at| open + 2 + at + 2);
    let end = text.get(offset..end)?.find("??").map_or(end, |at| offset + at);
    let operand = text.get(start..end)?;
    let start = start + (operand.len() - operand.trim_start().len());
    let end = start + operand.trim().len();
    let escaped = lead.matches('"').count() % 2 == 1;
    Some(Operand { span: start.min(offset)..end.max(start), escaped })
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

impl Operand {
    /// A part of it as it reads outside of quotes.
    fn plain(&self, text: &str, span: Range<usize>) -> Option<String> {
        let found = text.get(span)?;
        Some(if self.escaped { found.replace("\\\"", "\"") } else { found.to_owned() })
    }

    /// Where the step at a place ends: at the next dot or bracket outside of quotes.
    fn step_end(&self, text: &str, offset: usize) -> usize {
        let mut quoted = false;
        for (at, c) in text.get(self.span.clone()).unwrap_or("").char_indices() {
            let at = self.span.start + at;
            match c {
                '"' => quoted = !quoted,
                '.' | '[' if !quoted && at >= offset => return at,
                _ => {}
            }
        }
        self.span.end
    }

    /// The path up to the step at a place, with its bytes.
    fn path(&self, question: &Question<'_>) -> Option<(Path, Range<usize>)> {
        let end = self.step_end(question.text, question.offset);
        let span = self.span.start..end;
        let path = parse_path(&self.plain(question.text, span.clone())?).ok()?;
        Some((path, span))
    }
}

/// The configurations that count for a file: of one environment where its name says so.
fn configurations<'s>(question: &Question<'s>) -> Vec<&'s Resolved> {
    let all = question.snapshot.configurations.iter();
    let stem = question.path.rsplit_once('.').map_or("", |(stem, _)| stem);
    let name = stem.rsplit_once('.').map_or("", |(_, name)| name);
    let own: Vec<&Resolved> = all.clone().filter(|found| found.environment() == name).collect();
    if own.is_empty() { all.collect() } else { own }
}

/// What may stand at the place.
pub(crate) fn completion(question: &Question<'_>, operand: &Operand) -> Vec<Item> {
    items(question, operand).unwrap_or_default()
}

fn items(question: &Question<'_>, operand: &Operand) -> Option<Vec<Item>> {
    let Question { text, offset, .. } = *question;
    let typed = text.get(operand.span.start..offset.max(operand.span.start))?;
    let word = offset - (typed.len() - typed.trim_end_matches(is_word).len());
    let word = word.max(operand.span.start);
    let rest = text.get(offset..)?;
    let end = offset + (rest.len() - rest.trim_start_matches(is_word).len());
    let above = operand.plain(text, operand.span.start..word)?;
    let path = match above.strip_suffix('.') {
        None if above.trim().is_empty() => Path::root(),
        None => return None,
        Some(above) => parse_path(above).ok()?,
    };
    let mut writer = Writer { span: word..end, escaped: operand.escaped, items: Vec::new() };
    match path.steps() {
        [] => {
            writer.settings(question, &path);
            writer.surroundings(question);
        }
        [Step::Field(root)] if INPUT_ROOTS.contains(&&**root) => writer.inputs(question, root),
        _ => writer.settings(question, &path),
    }
    Some(writer.items)
}

struct Writer {
    span: Range<usize>,
    escaped: bool,
    items: Vec<Item>,
}

impl Writer {
    fn item(&mut self, name: &str, kind: ItemKind, detail: String, documentation: String) {
        let alone = |path: Path| matches!(path.steps(), [Step::Field(found)] if **found == *name);
        let insert = if parse_path(name).is_ok_and(alone) {
            name.to_owned()
        } else if self.escaped {
            format!("\\\"{name}\\\"")
        } else {
            format!("\"{name}\"")
        };
        self.items.push(Item {
            label: name.to_owned(),
            kind,
            detail,
            documentation,
            insert,
            span: self.span.clone(),
            required: false,
        });
    }

    /// What the table at a path holds, in any environment.
    fn settings(&mut self, question: &Question<'_>, path: &Path) {
        let mut names: Vec<&str> = Vec::new();
        let mut values: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        let configurations = configurations(question);
        for found in &configurations {
            let table = found.value().lookup(path).and_then(Value::as_map);
            for entry in table.into_iter().flatten() {
                let known = values.entry(&entry.key).or_default();
                if known.is_empty() {
                    names.push(&entry.key);
                }
                known.push(&entry.value);
            }
        }
        for name in names {
            let Some(found) = values.get(name) else { continue };
            let first = found.first().map(|value| shown(value)).unwrap_or_default();
            let same = found.len() == configurations.len()
                && found.iter().all(|value| shown(value) == first);
            let table = found.iter().any(|value| value.as_map().is_some());
            let kind = if table { ItemKind::Field } else { ItemKind::Value };
            let detail = if same { first } else { "differs by environment".to_owned() };
            let told = told(question, &path.field(name)).unwrap_or_default();
            self.item(name, kind, detail, told);
        }
    }

    /// What the manifest declares of the surroundings.
    fn surroundings(&mut self, question: &Question<'_>) {
        let Some(manifest) = &question.snapshot.manifest else { return };
        let inputs = &manifest.inputs;
        let doc = |text: &str| text.to_owned();
        let field = ItemKind::Field;
        if !inputs.env.is_empty() {
            self.item("env", field, doc("inputs"), doc("Environment variables."));
        }
        if inputs.git {
            self.item("git", field, doc("inputs"), doc("What is checked out."));
        }
        if inputs.now {
            self.item("now", field, doc("inputs"), doc("The time of the build."));
        }
    }

    fn inputs(&mut self, question: &Question<'_>, root: &str) {
        let Some(manifest) = &question.snapshot.manifest else { return };
        let inputs = &manifest.inputs;
        let fixed: &[(&str, &str)] = match root {
            "env" => {
                for name in &inputs.env {
                    self.item(name, ItemKind::Value, String::new(), VARIABLE.to_owned());
                }
                return;
            }
            "now" if inputs.now => &CLOCK,
            "git" if inputs.git => &CHECKOUT,
            _ => return,
        };
        for (name, doc) in fixed {
            self.item(name, ItemKind::Value, String::new(), (*doc).to_owned());
        }
    }
}

/// What is known of the path at the place.
pub(crate) fn hover(question: &Question<'_>, operand: &Operand) -> Option<Hover> {
    let (path, span) = operand.path(question)?;
    Some(Hover { text: told(question, &path)?, span })
}

/// Where the value at the place is set: by the layers that win.
pub(crate) fn definition(question: &Question<'_>, operand: &Operand) -> Vec<Target> {
    let Some((path, _)) = operand.path(question) else { return Vec::new() };
    let snapshot = question.snapshot;
    if let [Step::Field(root), Step::Field(name)] = path.steps()
        && &**root == "env"
    {
        let declared = snapshot.manifest.iter().flat_map(|manifest| &manifest.inputs.env);
        let mut declared = declared.filter(|found| found.text == *name);
        return declared
            .next()
            .and_then(|found| target(snapshot, found.span()))
            .into_iter()
            .collect();
    }
    let mut targets: Vec<Target> = Vec::new();
    for found in configurations(question) {
        let place = found.declaration(&path).and_then(|span| target(snapshot, span));
        targets.extend(place.filter(|place| !targets.contains(place)));
    }
    targets
}

/// A path in words: its value in each environment and who set it.
fn told(question: &Question<'_>, path: &Path) -> Option<String> {
    let mut text = format!("**{}**\n", path.to_string().replace('*', "\\*"));
    if let Some(Step::Field(root)) = path.steps().first()
        && INPUT_ROOTS.contains(&&**root)
    {
        let _ = write!(text, "\n{}", input(question, path)?);
        return Some(text);
    }
    let map = &question.snapshot.map;
    let mut somewhere = false;
    for found in configurations(question) {
        let trace = found.trace(map, path);
        let environment = found.environment();
        let Some(value) = trace.value.as_ref() else {
            let _ = write!(text, "\n- {environment}: not set");
            continue;
        };
        somewhere = true;
        let _ = write!(text, "\n- {environment}: {}", code(&shown(value)));
        let table = value.as_map().is_some();
        let mut settings = trace.settings.iter();
        if table {
            let places: Vec<String> =
                settings.map(|found| code(&setting_place(found, map))).collect();
            if !places.is_empty() {
                let _ = write!(text, ", merged of {}", places.join(", "));
            }
            continue;
        }
        if let Some(winner) = settings.next() {
            let _ = write!(text, ", set by {}", code(&setting_place(winner, map)));
            if has_reference(&winner.value) {
                let _ = write!(text, " as {}", code(&shown(&winner.value)));
            }
        }
        for loser in settings {
            let (place, value) = (code(&setting_place(loser, map)), code(&shown(&loser.value)));
            let _ = write!(text, "\n  - over {value} of {place}");
        }
    }
    somewhere.then_some(text)
}

fn has_reference(value: &Value) -> bool {
    value.as_str().is_some_and(platformc_config::is_template)
}

/// What a reference to the surroundings of a build is.
fn input(question: &Question<'_>, path: &Path) -> Option<String> {
    let inputs = &question.snapshot.manifest.as_ref()?.inputs;
    let [Step::Field(root), Step::Field(name)] = path.steps() else { return None };
    let (declared, doc) = match &**root {
        "env" => (inputs.env.iter().any(|found| found.text == *name), VARIABLE),
        "now" => (inputs.now, CLOCK.iter().find(|(found, _)| *found == &**name)?.1),
        _ => (inputs.git, CHECKOUT.iter().find(|(found, _)| *found == &**name)?.1),
    };
    let more = if declared { "" } else { "\n\n`[inputs]` of `platform.toml` does not declare it." };
    Some(format!("{doc}{more}"))
}

/// A value in a few words.
fn shown(value: &Value) -> String {
    if let Data::Map(map) = &value.data {
        let names: Vec<&str> = map.iter().map(|entry| &*entry.key).take(8).collect();
        let more = if map.len() > names.len() { ", …" } else { "" };
        return format!("{{{}{more}}}", names.join(", "));
    }
    let mut text = json::write(value, false);
    if text.len() > MOST_SHOWN {
        let mut end = MOST_SHOWN;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}

/// Code in Markdown, whatever it holds.
fn code(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}
