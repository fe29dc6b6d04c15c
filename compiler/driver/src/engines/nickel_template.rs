//! Nickel definitions as the definitions of this compiler.
//!
//! Invariant: the contract of the parameters decides what holds; its shape names what is not
//! declared, because a contract says only that something is too much. What a template marks with
//! `| default` stays open for traits, as a default of CUE does; what a patch marks with `| force`
//! takes the place of what is there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use platformc_cue::{
    ArcKind, Bottom, ErrorCode, Reason, Tree, TreeAlternative, TreeField, TreeKind, TreeLabel,
    TreeList, TreeStruct,
};
use platformc_cue_syntax::label_text;
use platformc_definition::patch::Strategy;
use platformc_definition::{Definition, Foreign, ForeignMade, Parameters, load_foreign};
use platformc_nickel::{Broken, Mark, Source, Template, load};
use platformc_source::{FileId, Origin, Outcome, Span};
use platformc_value::{Data, Map, Path, Shape, Step, Value};

use super::nickel::Nickel;

/// What a template can make.
const MADE: [&str; 5] = ["output", "outputs", "patch", "patchOutputs", "errs"];

impl Nickel<'_> {
    /// The definition of a file; none in a file that only others import.
    pub(crate) fn definitions(
        &self,
        path: &str,
        file: FileId,
        text: &Arc<str>,
    ) -> Outcome<Vec<Definition>> {
        let mut sink = Vec::new();
        let source = Source { path, file, text };
        let loaded = load(self.session(), self, source).drain_into(&mut sink);
        let definition = loaded.and_then(|(loaded, template)| {
            let declared = loaded.parameter.is_some();
            let shape = loaded.parameter.unwrap_or(Shape::Struct {
                fields: Vec::new(),
                pattern: None,
                open: true,
            });
            let parameters = Parameters { shape, ignored: BTreeSet::new(), declared };
            let made = loaded
                .template
                .map(|_| -> Arc<dyn Foreign> { Arc::new(NickelTemplate { template, parameters }) });
            let whole = Span::new(file, 0, text.len());
            load_foreign(&loaded.header, whole, made).drain_into(&mut sink)
        });
        Outcome::new(definition.into_iter().collect(), sink)
    }
}

#[derive(Debug)]
struct NickelTemplate {
    template: Template,
    parameters: Parameters,
}

impl Foreign for NickelTemplate {
    fn file(&self) -> FileId {
        self.template.file()
    }

    fn parameters(&self) -> Parameters {
        self.parameters.clone()
    }

    fn reads(&self, field: &str) -> bool {
        self.template.names(field)
    }

    fn check(&self, properties: &Value) -> Vec<Bottom> {
        let mut errors = Vec::new();
        let mut path = Path::root().field("parameter");
        let known = declared(&self.parameters.shape, properties, &mut path, &mut errors);
        let found = self.template.check(&known);
        errors.extend(found.into_iter().map(|found| bottom(found, Some("parameter"))));
        errors
    }

    fn render(&self, properties: &Value, context: &Value) -> Result<ForeignMade, Vec<Bottom>> {
        let made = self.template.render(properties, context);
        let made = made.map_err(|found| -> Vec<Bottom> {
            found.into_iter().map(|found| bottom(found, None)).collect()
        })?;
        let Data::Map(map) = made.value.data else {
            let message = "a template returns a record, such as `{ output = … }`";
            return Err(vec![error(message.to_owned(), "", vec![made.value.origin.span])]);
        };
        let unknown: Vec<Bottom> = map
            .iter()
            .filter(|entry| !MADE.contains(&&*entry.key))
            .map(|entry| {
                let near = platformc_source::nearest(&entry.key, MADE);
                let hint = near.first().map_or_else(
                    || format!("it returns {}", MADE.map(|name| format!("`{name}`")).join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                let message = format!("a template does not return `{}`; {hint}", entry.key);
                error(message, "", vec![entry.key_origin.span])
            })
            .collect();
        if !unknown.is_empty() {
            return Err(unknown);
        }
        let marks: BTreeMap<Path, Mark> = made.marks.into_iter().collect();
        let mut result = ForeignMade::default();
        for entry in map {
            if &*entry.key == "errs" {
                let texts = entry.value.as_list().into_iter().flatten();
                result.errors = texts.filter_map(|text| text.as_str().map(str::to_owned)).collect();
                continue;
            }
            let mut path = Path::root().field(Arc::clone(&entry.key));
            if &*entry.key == "patch"
                && let Some(doc) = marks.get(&path).and_then(|mark| mark.doc.as_ref())
            {
                result.strategy = Strategy::of(&[Arc::clone(doc)]);
            }
            let tree = Marked { marks: &marks }.tree(entry.value, &mut path);
            result.fields.push((entry.key, tree));
        }
        Ok(result)
    }
}

/// Properties without those that a closed record of the shape does not declare; they are errors.
fn declared(shape: &Shape, value: &Value, path: &mut Path, errors: &mut Vec<Bottom>) -> Value {
    let data = match (shape, &value.data) {
        (Shape::Struct { fields, pattern, open }, Data::Map(map)) => {
            let mut kept = Map::with_capacity(map.len());
            for entry in map {
                let field = fields.iter().find(|field| field.name == entry.key);
                let inside = field.map(|field| &field.shape).or(pattern.as_deref());
                let known = inside.is_some() || *open || fields.is_empty();
                path.push(Step::Field(Arc::clone(&entry.key)));
                if known {
                    let inside = inside.unwrap_or(&Shape::Any);
                    let value = declared(inside, &entry.value, path, errors);
                    let key = Arc::clone(&entry.key);
                    let key_origin = entry.key_origin;
                    kept.push_unique(platformc_value::Entry { key, key_origin, value });
                } else {
                    errors.push(Bottom {
                        reason: Reason::NotAllowed {
                            field: Arc::clone(&entry.key),
                            allowed: fields.iter().map(|field| Arc::clone(&field.name)).collect(),
                        },
                        ..error(
                            "field not allowed".to_owned(),
                            &text(path),
                            vec![entry.key_origin.span],
                        )
                    });
                }
                path.pop();
            }
            Data::Map(kept)
        }
        (Shape::List { items, rest }, Data::List(list)) => {
            let mut kept = Vec::with_capacity(list.len());
            for (index, item) in list.iter().enumerate() {
                path.push(Step::Index(index));
                let inside = items.get(index).or(rest.as_deref()).unwrap_or(&Shape::Any);
                kept.push(declared(inside, item, path, errors));
                path.pop();
            }
            Data::List(kept)
        }
        _ => value.data.clone(),
    };
    Value::new(data, value.origin)
}

fn error(message: String, path: &str, spans: Vec<Span>) -> Bottom {
    Bottom {
        code: ErrorCode::Eval,
        message,
        path: path.to_owned(),
        spans,
        expression: None,
        causes: Vec::new(),
        reason: Reason::Other,
    }
}

fn bottom(found: Broken, below: Option<&str>) -> Bottom {
    let path = below
        .map(|name| Step::Field(Arc::from(name)))
        .into_iter()
        .chain(found.path.steps().iter().cloned())
        .collect();
    let reason = match found.path.steps().last() {
        _ if found.budget => Reason::Budget,
        Some(Step::Field(name)) if found.missing => Reason::Required(Arc::clone(name)),
        _ => Reason::Conflict,
    };
    Bottom { reason, ..error(found.message, &text(&path), found.spans) }
}

/// A path as CUE prints it.
fn text(path: &Path) -> String {
    let steps = path.steps().iter().map(|step| match step {
        Step::Field(name) => label_text(name),
        Step::Index(index) => index.to_string(),
    });
    steps.collect::<Vec<_>>().join(".")
}

/// Turns values into trees, with what the metadata of their fields says.
struct Marked<'m> {
    marks: &'m BTreeMap<Path, Mark>,
}

impl Marked<'_> {
    fn tree(&self, value: Value, path: &mut Path) -> Tree {
        let origin = value.origin;
        let kind = match value.data {
            Data::Null => TreeKind::Null,
            Data::Bool(value) => TreeKind::Bool(value),
            Data::Number(number) => TreeKind::Number(number),
            Data::String(text) => TreeKind::String(text),
            Data::Bytes(bytes) => TreeKind::Bytes(bytes),
            Data::List(items) => {
                let mut list = TreeList::default();
                for (index, item) in items.into_iter().enumerate() {
                    path.push(Step::Index(index));
                    list.items.push(self.tree(item, path));
                    path.pop();
                }
                TreeKind::List(Box::new(list))
            }
            Data::Map(map) => {
                let mut fields = TreeStruct::default();
                for entry in map {
                    path.push(Step::Field(Arc::clone(&entry.key)));
                    let docs = self.docs(path, &entry.value);
                    fields.fields.push(TreeField {
                        label: TreeLabel::Regular(entry.key),
                        arc: ArcKind::Member,
                        label_span: entry.key_origin.span,
                        value: self.tree(entry.value, path),
                        docs,
                        attributes: Vec::new(),
                    });
                    path.pop();
                }
                TreeKind::Struct(Box::new(fields))
            }
        };
        let tree = Tree::new(kind, origin);
        let default = self.marks.get(path).is_some_and(|mark| mark.default);
        if !default || matches!(tree.kind, TreeKind::Struct(_)) {
            return tree;
        }
        let open = Tree::new(TreeKind::Top, Origin::NONE);
        let choice = vec![
            TreeAlternative { value: tree, default: true },
            TreeAlternative { value: open, default: false },
        ];
        Tree::new(TreeKind::Disjunction(choice), origin)
    }

    /// The markers of a field: those its documentation has, and the one that `| force` means.
    fn docs(&self, path: &Path, value: &Value) -> Vec<Arc<str>> {
        let Some(mark) = self.marks.get(path) else { return Vec::new() };
        let mut docs: Vec<Arc<str>> = mark.doc.iter().cloned().collect();
        if mark.force {
            let list = value.as_list().is_some();
            let strategy = if list { "replace" } else { "retainKeys" };
            docs.push(Arc::from(format!("+patchStrategy={strategy}")));
        }
        docs
    }
}
