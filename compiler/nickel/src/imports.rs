//! Bringing a file and everything it imports into the evaluator.
//!
//! Invariant: a file is evaluated only when all it imports, directly or not, is in memory; whatever
//! keeps an import from that is reported where the import is written.

use std::sync::Arc;

use nickel_lang_core::cache::{InputFormat, TermEntry, TermEntryState};
use nickel_lang_core::eval::value::NickelValue;
use nickel_lang_core::files::FileId as NickelFile;
use platformc_format::{json, toml, yaml};
use platformc_source::{Diagnostic, FileId, Outcome, ReadError, Span, codes, is_relative};
use platformc_value::Value;

use crate::engine::{Engine, Known};
use crate::errors;
use crate::scan::{BRACKETS, CHAIN, Format, Import, scan};
use crate::session::Loader;
use crate::{MAX_SOURCE, Source};

/// Imports nest at most so deep.
const MAX_IMPORTS: usize = 64;

/// A file on the way to the one that is being loaded, with the place of its import.
struct Step {
    path: String,
    at: Span,
}

/// Loads a file with all it imports; `None` where it cannot be evaluated, which is reported.
pub(crate) fn load(
    engine: &mut Engine,
    loader: &dyn Loader,
    source: &Source<'_>,
    sink: &mut Vec<Diagnostic>,
) -> Option<NickelFile> {
    engine.files.retain(|_, known| matches!(known, Known::Ready(_)));
    engine.session.learn(source.path, source.file, source.text);
    let mut stack = vec![Step { path: source.path.to_owned(), at: Span::new(source.file, 0, 0) }];
    let mut bringing = Bringing { engine, loader, stack: &mut stack, sink };
    match bringing.nickel(source.path, source.file, source.text) {
        Known::Ready(id) => Some(id),
        Known::Broken => None,
    }
}

struct Bringing<'a> {
    engine: &'a mut Engine,
    loader: &'a dyn Loader,
    stack: &'a mut Vec<Step>,
    sink: &'a mut Vec<Diagnostic>,
}

impl Bringing<'_> {
    fn nickel(&mut self, path: &str, file: FileId, text: &Arc<str>) -> Known {
        let key = (path.to_owned(), Format::Nickel);
        if let Some(Known::Ready(id)) = self.engine.files.get(&key) {
            return Known::Ready(*id);
        }
        let known = self.read_nickel(path, file, text);
        self.engine.files.insert(key, known);
        known
    }

    fn read_nickel(&mut self, path: &str, file: FileId, text: &Arc<str>) -> Known {
        if text.len() > MAX_SOURCE {
            let message = format!("a Nickel file has at most {MAX_SOURCE} bytes");
            self.sink.push(
                Diagnostic::new(codes::NICKEL_BUDGET, Span::new(file, 0, 0), message)
                    .note("import large data from a YAML or JSON file"),
            );
            return Known::Broken;
        }
        let scan = scan(text);
        if let Some((start, end)) = scan.huge {
            let message = "the exponent of this number is too large";
            let span = Span::new(file, start, end);
            self.sink.push(
                Diagnostic::new(codes::NICKEL_BUDGET, span, message)
                    .note("an exponent has at most four digits"),
            );
            return Known::Broken;
        }
        if let Some((start, end)) = scan.too_deep {
            let message = "the expression nests too deep here".to_owned();
            self.sink.push(
                Diagnostic::new(codes::NICKEL_BUDGET, Span::new(file, start, end), message)
                    .note(format!(
                        "brackets nest at most {BRACKETS} deep, and at most {CHAIN} operators or \
                         names follow each other without a comma"
                    ))
                    .note("name parts of it with `let`"),
            );
            return Known::Broken;
        }
        let id = self.engine.add(path, Format::Nickel, file, text);
        if let Err(found) = self.engine.vm.import_resolver.parse_to_ast(id) {
            errors::syntax(self.engine, self.loader, found, Span::new(file, 0, 0), self.sink);
            return Known::Broken;
        }
        let before = self.sink.len();
        if let Some((start, end)) = scan.unread {
            let message = "this import cannot be followed";
            self.sink.push(
                Diagnostic::new(codes::NICKEL_IMPORT, Span::new(file, start, end), message).note(
                    "write `import \"PATH\"`, `import \"PATH\" as 'FORMAT` or `import platform`",
                ),
            );
        }
        for (name, start, end) in &scan.packages {
            if name != "platform" {
                let span = Span::new(file, *start, *end);
                let message = format!("there is no package `{name}`");
                self.sink.push(
                    Diagnostic::new(codes::NICKEL_IMPORT, span, message)
                        .replace(span, "platform", "write `platform`")
                        .note("the one package is `platform`; import files by their paths"),
                );
            }
        }
        let mut failed = self.sink.len() > before;
        for import in &scan.imports {
            failed |= !self.import(path, file, import);
        }
        if failed { Known::Broken } else { Known::Ready(id) }
    }

    /// Brings what an import means; says whether it can be evaluated.
    fn import(&mut self, from: &str, file: FileId, import: &Import) -> bool {
        let at = Span::new(file, import.start, import.end);
        let fail = |message: String| Diagnostic::new(codes::NICKEL_IMPORT, at, message);
        let Some(path) = resolve(from, &import.path) else {
            let message = format!("`{}` leads out of the workspace", import.path);
            self.sink.push(fail(message).note(
                "imports are relative to the file that has them and stay below the workspace",
            ));
            return false;
        };
        if let Some(first) = self.stack.iter().position(|step| step.path == path) {
            let mut diagnostic = fail(format!("`{path}` imports itself"));
            for step in self.stack.iter().skip(first + 1) {
                diagnostic = diagnostic.label(step.at, format!("`{}` is imported here", step.path));
            }
            self.sink.push(diagnostic.note("move what both files need to a third one"));
            return false;
        }
        if self.stack.len() >= MAX_IMPORTS {
            self.sink.push(fail(format!("imports nest more than {MAX_IMPORTS} deep")));
            return false;
        }
        let key = (path.clone(), import.format);
        if let Some(known) = self.engine.files.get(&key) {
            // A broken one is reported where it was met first.
            return matches!(known, Known::Ready(_));
        }
        let (id, text) = match self.engine.session.load(&path, self.loader) {
            Ok(loaded) => loaded,
            Err(error) => {
                let message = match error {
                    ReadError::NotFound => format!("there is no file `{path}`"),
                    error => format!("`{path}` cannot be imported: {error}"),
                };
                self.sink.push(fail(message).note(format!("imported by `{from}`")));
                return false;
            }
        };
        self.stack.push(Step { path: path.clone(), at });
        let known = match import.format {
            Format::Nickel => self.nickel(&path, id, &text),
            format => self.data(&path, format, id, &text),
        };
        self.stack.pop();
        self.engine.files.insert(key, known);
        matches!(known, Known::Ready(_))
    }

    /// A file of another format, read by this compiler's own readers.
    fn data(&mut self, path: &str, format: Format, file: FileId, text: &Arc<str>) -> Known {
        let whole = Span::new(file, 0, text.len());
        let outcome = match format {
            Format::Yaml => yaml::read(file, text).map(documents),
            Format::Json => json::read(file, text),
            Format::Toml => toml::read(file, text).map(Some),
            Format::Text | Format::Nickel => {
                let origin = platformc_source::Origin::authored(whole);
                Outcome::clean(Some(Value::string(Arc::clone(text)).at(origin)))
            }
        };
        let broken = outcome.has_errors();
        let value = outcome.drain_into(self.sink);
        let id = self.engine.add(path, format, file, text);
        let value: NickelValue = match value {
            Some(value) if !broken => self.engine.content(&value),
            _ => return Known::Broken,
        };
        let entry =
            TermEntry { value, state: TermEntryState::Populated, format: InputFormat::Json };
        self.engine.vm.import_resolver.terms.insert(id, entry);
        Known::Ready(id)
    }
}

/// One document as itself, several as a list.
fn documents(documents: Vec<yaml::Document>) -> Option<Value> {
    let mut values: Vec<Value> = documents.into_iter().map(|document| document.value).collect();
    match values.len() {
        0 => Some(Value::null()),
        1 => values.pop(),
        _ => Some(Value::list(values)),
    }
}

/// The path in the workspace that an import of the file `from` means; `None` where it leads out.
fn resolve(from: &str, import: &str) -> Option<String> {
    if import.starts_with('/') || import.contains(['\\', '\0']) || import.get(1..2) == Some(":") {
        return None;
    }
    let mut steps: Vec<&str> = from.split('/').collect();
    steps.pop();
    for step in import.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop()?;
            }
            step => steps.push(step),
        }
    }
    let path = steps.join("/");
    is_relative(&path).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn imports_stay_inside() {
        let inside = |from, import| resolve(from, import).unwrap_or_default();
        assert_eq!(inside("apps/a.ncl", "b.ncl"), "apps/b.ncl");
        assert_eq!(inside("apps/team/a.ncl", "../../lib/./b.ncl"), "lib/b.ncl");
        assert_eq!(inside("a.ncl", "lib//b.ncl"), "lib/b.ncl");
        for outside in ["../a", "lib/../../a", "/etc/passwd", "C:/a", "a\\b", "", "a\0"] {
            assert_eq!(resolve("a.ncl", outside), None, "{outside}");
        }
        assert_eq!(resolve("apps/a.ncl", "../../apps/b.ncl"), None);
    }
}
