//! All calls of the engine under test.
//!
//! Invariant: nothing else in this crate names a function of the engine, so that a change of its
//! interface is a change here. Packages of an archive are compiled once for every evaluation.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use platformc_cue::{
    ArcKind, Bottom, CompileOptions, NodeId, Options, Package, Reason, Tree, TreeKind, TreeLabel,
    Unit,
};
use platformc_cue_syntax::ast;
use platformc_source::{FileId, Severity};
use platformc_value::Value;

use crate::archive::Archive;
use crate::compare::Leaves;
use crate::run::{Engine, Evaluation, Selector};
use crate::scan;

/// Packages of the standard library a leaf of an expectation may name without importing them.
const STANDARD: [(&str, &str); 24] = [
    ("ascii85", "encoding/ascii85"),
    ("base64", "encoding/base64"),
    ("bits", "math/bits"),
    ("crypto", "crypto"),
    ("csv", "encoding/csv"),
    ("hex", "encoding/hex"),
    ("html", "html"),
    ("json", "encoding/json"),
    ("list", "list"),
    ("math", "math"),
    ("md5", "crypto/md5"),
    ("net", "net"),
    ("path", "path"),
    ("rand", "math/rand"),
    ("regexp", "regexp"),
    ("sha256", "crypto/sha256"),
    ("strconv", "strconv"),
    ("strings", "strings"),
    ("struct", "struct"),
    ("template", "text/template"),
    ("time", "time"),
    ("url", "net/url"),
    ("uuid", "uuid"),
    ("yaml", "encoding/yaml"),
];

/// Field names of every sort: what allows all of them allows any name.
const ANY_NAMES: [&str; 6] = ["\u{1}any name\u{1}", "moo", "Q", "zz", "0", "A_1"];
/// An index past every list of a corpus.
const ANY_INDEX: &str = "4000000000";

/// How deep structs are looked at for errors of their own.
const MAX_DEPTH: usize = 40;

/// The engine of this compiler.
pub struct Cue;

impl Engine for Cue {
    fn evaluate(
        &self,
        archive: &Archive,
        files: &[&ast::File],
        run: &mut dyn FnMut(&mut dyn Evaluation),
    ) -> Vec<String> {
        let (package, messages) = compile(archive, files);
        let mut running = Running { package: &package, unit: unit(&package) };
        running.unit.finish(running.unit.root());
        run(&mut running);
        messages
    }
}

/// Compiles the root package of an archive; errors as messages.
fn compile(archive: &Archive, files: &[&ast::File]) -> (Package, Vec<String>) {
    let packages = Packages { archive, found: RefCell::default() };
    let find = |path: &str| packages.find(path);
    let options = CompileOptions { imports: Some(&find), ..CompileOptions::default() };
    let outcome = Package::compile(files, &[], options);
    let errors = outcome.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    let messages = errors.map(|found| found.message.clone()).collect();
    (outcome.value, messages)
}

fn unit(package: &Package) -> Unit<'_> {
    Unit::new(package, Options::default())
}

/// A top-level field as a concrete value; `Err` with the first message where it has none.
///
/// # Errors
/// What keeps the field from being concrete.
pub fn export(archive: &Archive, files: &[&ast::File], name: &str) -> Result<Value, String> {
    let (package, _) = compile(archive, files);
    let mut unit = unit(&package);
    let label = TreeLabel::Regular(name.into());
    let node = unit.lookup(&[label]).ok_or("no such field")?;
    unit.value(node)
        .map_err(|errors| errors.first().map_or_else(String::new, |bottom| bottom.message.clone()))
}

struct Running<'p> {
    package: &'p Package,
    unit: Unit<'p>,
}

impl Running<'_> {
    fn node(&mut self, path: &[TreeLabel]) -> Option<NodeId> {
        self.unit.lookup(path)
    }
}

impl Running<'_> {
    /// A struct may be incomplete itself, because of a comprehension or embedding that waits for
    /// more, and have fields all the same. The tree shows the fields; the error is embedded here.
    fn mark_incomplete(&mut self, tree: &mut Tree, node: NodeId, path: &mut Vec<TreeLabel>) {
        let Err(errors) = self.unit.value(node) else { return };
        if path.len() > MAX_DEPTH {
            return;
        }
        let mut own = errors.into_iter().next().filter(|error| {
            error.code.is_incomplete() && !matches!(error.reason, Reason::Required(_))
        });
        let mut below = |this: &mut Self, label: TreeLabel, child: &mut Tree| {
            path.push(label);
            if let Some(node) = this.node(path) {
                let errors = this.unit.value(node).err().unwrap_or_default();
                let same = |own: &Bottom| {
                    errors.iter().any(|e| e.path == own.path && e.message == own.message)
                };
                own.take_if(|own| same(own));
                this.mark_incomplete(child, node, path);
            }
            path.pop();
        };
        match &mut tree.kind {
            TreeKind::Struct(body) => {
                for field in body.fields.iter_mut().filter(|f| f.arc == ArcKind::Member) {
                    below(self, field.label.clone(), &mut field.value);
                }
                if body.embedded.is_none() {
                    let bottom = own.map(|own| TreeKind::Bottom(Box::new(own)));
                    body.embedded = bottom.map(|kind| Box::new(Tree::new(kind, tree.origin)));
                }
            }
            TreeKind::List(list) => {
                for (index, item) in list.items.iter_mut().enumerate() {
                    below(self, TreeLabel::Regular(index.to_string().into()), item);
                }
            }
            _ => {}
        }
    }
}

impl Evaluation for Running<'_> {
    fn tree(&mut self, path: &[TreeLabel]) -> Option<Tree> {
        let node = self.node(path)?;
        let mut tree = self.unit.tree(node);
        self.mark_incomplete(&mut tree, node, &mut path.to_vec());
        Some(tree)
    }

    fn is_closed(&mut self, path: &[TreeLabel]) -> Option<bool> {
        let node = self.node(path)?;
        Some(self.unit.is_closed(node))
    }

    fn allows(&mut self, path: &[TreeLabel], selector: &Selector) -> Option<bool> {
        let node = self.node(path)?;
        Some(match selector {
            Selector::Label(label) => self.unit.allows(node, label),
            // An index no list reaches stands for any index; a struct has no items.
            Selector::AnyString => ANY_NAMES
                .iter()
                .all(|name| self.unit.allows(node, &TreeLabel::Regular((*name).into()))),
            Selector::AnyIndex => {
                let is_struct = self.unit.tree(node).as_struct().is_some();
                !is_struct && self.unit.allows(node, &TreeLabel::Regular(ANY_INDEX.into()))
            }
        })
    }

    fn reset(&mut self) {
        self.unit = unit(self.package);
    }
}

impl Leaves for Running<'_> {
    fn evaluate(&mut self, expression: &str) -> Result<Tree, String> {
        leaf(expression)
    }
}

/// Evaluates an expression that refers to the standard library only.
fn leaf(expression: &str) -> Result<Tree, String> {
    let tokens = scan::tokens(expression).map_err(|error| error.message.to_owned())?;
    let mut text = String::new();
    let mut seen = Vec::new();
    for token in tokens {
        let Some((name, _)) = expression[token].split_once('.') else { continue };
        let Some((_, path)) = STANDARD.iter().find(|(known, _)| *known == name) else { continue };
        if !seen.contains(&name) {
            seen.push(name);
            text.push_str(&format!("import \"{path}\"\n"));
        }
    }
    text.push_str(&format!("x: ({expression})\n"));
    let file = platformc_cue_syntax::parse(FileId(0), &text);
    if let Some(found) = file.diagnostics.first() {
        return Err(found.message.clone());
    }
    let outcome = Package::compile(&[&file.value], &[], CompileOptions::default());
    if let Some(found) = outcome.diagnostics.first() {
        return Err(found.message.clone());
    }
    let mut unit = unit(&outcome.value);
    let node = unit.lookup(&[TreeLabel::Regular("x".into())]).ok_or("no value")?;
    Ok(unit.tree(node))
}

/// The packages an archive brings along, by import path.
struct Packages<'a> {
    archive: &'a Archive,
    /// `None` while a package is being compiled: an import cycle finds nothing.
    found: RefCell<BTreeMap<String, Option<Arc<Package>>>>,
}

impl Packages<'_> {
    fn find(&self, path: &str) -> Option<Arc<Package>> {
        if let Some(known) = self.found.borrow().get(path) {
            return known.clone();
        }
        self.found.borrow_mut().insert(path.to_owned(), None);
        let package = self.load(path).map(Arc::new);
        self.found.borrow_mut().insert(path.to_owned(), package.clone());
        package
    }

    fn load(&self, path: &str) -> Option<Package> {
        let (place, name) = match path.split_once(':') {
            Some((place, name)) => (place, name),
            None => (path, path.rsplit('/').next().unwrap_or(path)),
        };
        let place = place.split('@').next().unwrap_or(place);
        let mut folders: Vec<String> =
            ["pkg", "gen", "usr"].map(|kind| format!("cue.mod/{kind}/{place}")).into();
        if let Some(rest) = self.module().and_then(|module| place.strip_prefix(module)) {
            folders.push(rest.trim_start_matches('/').to_owned());
        }
        let mut files = Vec::new();
        for (index, source) in self.archive.files.iter().enumerate() {
            let folder = source.name.rsplit_once('/').map_or("", |(folder, _)| folder);
            if source.name.ends_with(".cue") && folders.iter().any(|other| other == folder) {
                let number = FileId(u32::try_from(index).unwrap_or(u32::MAX));
                let file = platformc_cue_syntax::parse(number, &source.text).value;
                if file.package.as_ref().is_some_and(|package| &*package.name == name) {
                    files.push(file);
                }
            }
        }
        if files.is_empty() {
            return None;
        }
        let find = |path: &str| self.find(path);
        let options = CompileOptions { path, imports: Some(&find), ..CompileOptions::default() };
        let files: Vec<&ast::File> = files.iter().collect();
        Some(Package::compile(&files, &[], options).value)
    }

    /// The path of the archive's module, without its major version.
    fn module(&self) -> Option<&str> {
        let text = self.archive.text("cue.mod/module.cue")?;
        let line = text.lines().find_map(|line| line.trim().strip_prefix("module:"))?;
        line.trim().trim_matches('"').split('@').next()
    }
}
