//! Evaluated trees become concrete values.
//!
//! Invariant: a default is chosen only here, when nothing can narrow a value any more; what has
//! no concrete value is a fault with its path and its place, never left out.

use std::sync::Arc;

use platformc_cue::{ArcKind, Bottom, Tree, TreeKind, TreeLabel};
use platformc_source::{FileId, Origin, Role, Span};
use platformc_value::{Data, Entry, Map, Path, Step, Value};

/// Values nest this deep at most.
const MAX_DEPTH: usize = 512;

/// Faults reported for one tree.
const MAX_FAULTS: usize = 100;

/// Why a place of a tree has no value.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Where in the tree.
    pub(crate) path: Path,
    /// The text behind it.
    pub(crate) span: Span,
    /// The error, where evaluation gave one.
    pub(crate) bottom: Option<Bottom>,
    /// What stands there instead of a value.
    pub(crate) found: String,
}

/// How trees become values.
pub(crate) struct Finalize<'a> {
    /// The files of templates: what they say has the role of a template.
    pub(crate) templates: &'a [FileId],
}

impl Finalize<'_> {
    /// The concrete value of a tree.
    pub(crate) fn value(&self, tree: &Tree) -> Result<Value, Vec<Fault>> {
        let mut reader =
            Finalizer { templates: self.templates, path: Path::root(), faults: Vec::new() };
        let value = reader.value(tree, 0);
        if reader.faults.is_empty() { Ok(value) } else { Err(reader.faults) }
    }
}

/// Whether two trees have equal concrete values.
pub(crate) fn same(a: &Tree, b: &Tree) -> bool {
    let finalize = Finalize { templates: &[] };
    matches!((finalize.value(a), finalize.value(b)), (Ok(a), Ok(b)) if a == b)
}

struct Finalizer<'a> {
    templates: &'a [FileId],
    path: Path,
    faults: Vec<Fault>,
}

impl Finalizer<'_> {
    fn origin(&self, origin: Origin) -> Origin {
        if origin.role == Role::Authored && self.templates.contains(&origin.span.file) {
            return Origin::new(origin.span, Role::Template);
        }
        origin
    }

    fn fault(&mut self, tree: &Tree, bottom: Option<&Bottom>, found: String) -> Data {
        if self.faults.len() < MAX_FAULTS {
            let span = bottom
                .and_then(|bottom| bottom.spans.iter().copied().find(|span| !span.is_none()))
                .unwrap_or(tree.origin.span);
            self.faults.push(Fault {
                path: self.path.clone(),
                span,
                bottom: bottom.cloned(),
                found,
            });
        }
        Data::Null
    }

    fn value(&mut self, tree: &Tree, depth: usize) -> Value {
        let tree = tree.resolve_default();
        if depth > MAX_DEPTH {
            let data = self.fault(tree, None, "a value nested deeper than the limit".to_owned());
            return Value::new(data, self.origin(tree.origin));
        }
        let data = match &tree.kind {
            TreeKind::Null => Data::Null,
            TreeKind::Bool(value) => Data::Bool(*value),
            TreeKind::Number(number) => Data::Number(number.clone()),
            TreeKind::String(text) => Data::String(Arc::clone(text)),
            TreeKind::Bytes(bytes) => Data::Bytes(Arc::clone(bytes)),
            TreeKind::List(list) => {
                let mut items = Vec::with_capacity(list.items.len());
                for (at, item) in list.items.iter().enumerate() {
                    self.path.push(Step::Index(at));
                    items.push(self.value(item, depth + 1));
                    self.path.pop();
                }
                Data::List(items)
            }
            TreeKind::Struct(fields) => {
                if let Some(embedded) = &fields.embedded {
                    return self.value(embedded, depth + 1);
                }
                let mut map = Map::with_capacity(fields.fields.len());
                for field in &fields.fields {
                    let TreeLabel::Regular(name) = &field.label else { continue };
                    if field.arc == ArcKind::Optional {
                        continue;
                    }
                    self.path.push(Step::Field(Arc::clone(name)));
                    if field.arc == ArcKind::Required {
                        self.fault(
                            &field.value,
                            None,
                            "a required field without a value".to_owned(),
                        );
                    } else {
                        let value = self.value(&field.value, depth + 1);
                        let key_origin = self.origin(Origin::authored(field.label_span));
                        map.push_unique(Entry { key: Arc::clone(name), key_origin, value });
                    }
                    self.path.pop();
                }
                Data::Map(map)
            }
            TreeKind::Bottom(bottom) => self.fault(tree, Some(bottom), bottom.message.clone()),
            TreeKind::Disjunction(_) => {
                self.fault(tree, None, "a choice without a default".to_owned())
            }
            TreeKind::Top => self.fault(tree, None, "`_`, any value".to_owned()),
            TreeKind::Type(name) => self.fault(tree, None, format!("the type `{name}`")),
            TreeKind::Bound(..) | TreeKind::Validator { .. } | TreeKind::Conjunction(_) => {
                self.fault(tree, None, "a constraint".to_owned())
            }
        };
        Value::new(data, self.origin(tree.origin))
    }
}
