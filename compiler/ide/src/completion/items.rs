//! What is offered for a probe.
//!
//! Invariant: fields come in the order of the schema, those that must be there first; definitions
//! and names in their own order.

use platformc_definition::{DefinitionKind, show};
use platformc_value::{Data, Kind as ValueKind, Shape, Value};

use super::probe::Probe;
use super::{Item, ItemKind};
use crate::hover;
use crate::names::names;
use crate::place::{Takes, of};
use crate::schema::{Field, Kind, Names};
use crate::{Question, Syntax};

/// How a value of a field begins.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Scalar,
    Struct,
    List,
}

struct Writer<'p> {
    probe: &'p Probe,
    items: Vec<Item>,
}

pub(super) fn items(question: &Question<'_>, probe: &Probe) -> Vec<Item> {
    let mut writer = Writer { probe, items: Vec::new() };
    let tree = &probe.tree;
    // A key stands in what its parent takes; a value in what the node takes.
    let asked = if probe.key { tree.node(probe.node).parent } else { Some(probe.node) };
    let Some(place) = asked.and_then(|node| of(tree, node, question.path, question.snapshot))
    else {
        return writer.headers(question);
    };
    let (document, way) = tree.trail(probe.node);
    match &place.takes {
        Takes::Kind(Kind::Struct(fields) | Kind::Open(fields)) => writer.document_fields(fields),
        Takes::Kind(Kind::Map(Kind::Name(Names::Environment))) => {
            let doc = "Environments the Application is for, separated by commas; all if not given.";
            writer.field("platformc.dev/environments", "text", doc.to_owned(), Form::Scalar, false);
        }
        Takes::Kind(Kind::Type(DefinitionKind::Operation)) => {
            let holder = tree.node(probe.node).parent;
            let provider = holder.and_then(|holder| tree.text_of(holder, "provider"));
            writer.operations(question, provider);
        }
        Takes::Kind(Kind::Type(kind)) => {
            for (name, found) in question.snapshot.definitions(*kind) {
                let detail = found.definition.description.as_deref().unwrap_or("");
                let more = hover::definition(found);
                writer.value(name, ItemKind::Type, detail, more, true);
            }
        }
        Takes::Kind(Kind::OneOf(words)) => {
            for word in *words {
                writer.value(word, ItemKind::Value, "", String::new(), true);
            }
        }
        Takes::Kind(Kind::Bool) => writer.booleans(),
        Takes::Kind(Kind::Name(sort)) => {
            // What depends on itself is a circle.
            let above = way.iter().rev().skip(1);
            let mut own = above.filter_map(|holder| {
                tree.text_of(*holder, "name").or_else(|| tree.text_of(*holder, "id"))
            });
            let own = own.next();
            let depends = matches!(sort, Names::Component | Names::Step | Names::Operation);
            for name in names(*sort, question, tree, document) {
                if depends && own == Some(&*name.text) {
                    continue;
                }
                writer.value(&name.text, ItemKind::Name, &name.detail, String::new(), true);
            }
        }
        Takes::Shapes(shapes, owner) => {
            for shape in shapes {
                writer.shape(shape, owner);
            }
            if let (false, Some(crate::place::Declared::Parameter(field, _))) =
                (probe.key, &place.field)
                && let Some(default) = &field.default
            {
                writer.literal(default, "default");
            }
        }
        Takes::Kind(_) => {}
    }
    writer.finish()
}

impl Writer<'_> {
    fn finish(mut self) -> Vec<Item> {
        let mut seen = std::collections::BTreeSet::new();
        self.items.retain(|item| seen.insert(item.label.clone()));
        self.items.sort_by_key(|item| !item.required);
        self.items
    }

    /// A document of which nothing is known yet.
    fn headers(mut self, question: &Question<'_>) -> Vec<Item> {
        let tree = &self.probe.tree;
        let (document, way) = tree.trail(self.probe.node);
        if way.len() == 2
            && self.probe.key
            && crate::place::root(tree, document, question.path, question.snapshot).is_none()
        {
            let Kind::Struct(fields) = &crate::schema::APPLICATION else { return Vec::new() };
            self.document_fields(fields);
        }
        self.finish()
    }

    /// Whether a field of the same struct has this name.
    fn is_there(&self, name: &str) -> bool {
        let tree = &self.probe.tree;
        let Some(parent) = tree.node(self.probe.node).parent else { return false };
        self.probe.key && tree.child(parent, name).is_some()
    }

    fn document_fields(&mut self, fields: &'static [Field]) {
        for field in fields {
            let form = match &field.kind {
                Kind::Struct(_)
                | Kind::Open(_)
                | Kind::Map(_)
                | Kind::Part(_)
                | Kind::Properties(_) => Form::Struct,
                Kind::List(_) => Form::List,
                _ => Form::Scalar,
            };
            let detail = match form {
                Form::Struct => "struct",
                Form::List => "list",
                Form::Scalar => "",
            };
            self.field(field.name, detail, field.doc.to_owned(), form, field.required);
        }
    }

    fn field(&mut self, name: &str, detail: &str, doc: String, form: Form, required: bool) {
        if !self.probe.key || self.is_there(name) {
            return;
        }
        let insert = self.key_text(name, form);
        self.items.push(Item {
            label: name.to_owned(),
            kind: ItemKind::Field,
            detail: match (required, detail) {
                (true, "") => "required".to_owned(),
                (true, detail) => format!("{detail}, required"),
                (false, detail) => detail.to_owned(),
            },
            documentation: doc,
            insert,
            span: self.probe.word.clone(),
            required,
        });
    }

    /// A key with what begins its value.
    fn key_text(&self, name: &str, form: Form) -> String {
        let blank = if self.probe.blank { " " } else { "" };
        if !self.probe.colon {
            return name.to_owned();
        }
        let indent = " ".repeat(self.probe.column + usize::from(self.probe.blank) + 2);
        match (self.probe.syntax, form) {
            (Syntax::Yaml, Form::Struct) if !self.probe.flow => {
                format!("{blank}{name}:\n{indent}")
            }
            (Syntax::Yaml, Form::List) if !self.probe.flow => format!("{blank}{name}:\n{indent}- "),
            (Syntax::Yaml | Syntax::Cue, _) => {
                let name = match self.probe.syntax {
                    Syntax::Cue => platformc_cue_syntax::label_text(name),
                    _ => name.to_owned(),
                };
                format!("{blank}{name}: ")
            }
            (Syntax::Toml, _) => format!("{blank}{name} = "),
        }
    }

    fn value(&mut self, text: &str, kind: ItemKind, detail: &str, more: String, is_text: bool) {
        let probe = self.probe;
        let written = match probe.syntax {
            Syntax::Yaml if is_text => yaml_text(text, probe.quoted),
            Syntax::Cue | Syntax::Toml if is_text && !probe.quoted => {
                platformc_cue_syntax::quote_string(text)
            }
            _ => text.to_owned(),
        };
        let blank = if probe.blank { " " } else { "" };
        self.items.push(Item {
            label: text.to_owned(),
            kind,
            detail: detail.to_owned(),
            documentation: more,
            insert: format!("{blank}{written}"),
            span: probe.word.clone(),
            required: false,
        });
    }

    /// What a provider offers, and what needs none; where none is named, what any offers.
    fn operations(&mut self, question: &Question<'_>, provider: Option<&str>) {
        let snapshot = question.snapshot;
        let kind = DefinitionKind::Operation;
        let mut offered: Vec<&str> = Vec::new();
        let mut found = Vec::new();
        for (name, known) in &snapshot.providers {
            for operation in &known.operations {
                offered.push(operation);
                if provider.is_none_or(|provider| provider == name) {
                    let own = snapshot.definition(kind, &format!("{name}-{operation}"));
                    let own = own.or_else(|| snapshot.definition(kind, operation));
                    found.extend(own.map(|own| (&**operation, own)));
                }
            }
        }
        for (name, known) in snapshot.definitions(kind) {
            let of = |provider: &String| name.starts_with(&format!("{provider}-"));
            if !offered.contains(&&**name) && !snapshot.providers.keys().any(of) {
                found.push((name, known));
            }
        }
        for (name, known) in found {
            let detail = known.definition.description.as_deref().unwrap_or("");
            self.value(name, ItemKind::Type, detail, hover::definition(known), true);
        }
    }

    fn booleans(&mut self) {
        for word in ["true", "false"] {
            self.value(word, ItemKind::Value, "", String::new(), false);
        }
    }

    fn literal(&mut self, value: &Value, detail: &str) {
        let (text, is_text) = match &value.data {
            Data::String(text) => (text.to_string(), true),
            Data::Bool(_) | Data::Number(_) | Data::Null => (show::value_text(value), false),
            _ => return,
        };
        if !text.is_empty() && !text.contains('\n') {
            self.value(&text, ItemKind::Value, detail, String::new(), is_text);
        }
    }

    fn shape(&mut self, shape: &Shape, owner: &platformc_definition::Compiled) {
        match shape {
            Shape::Struct { fields, .. } => {
                for field in fields {
                    let detail = show::type_text(&field.shape);
                    let more = hover::parameter(field, owner);
                    self.field(&field.name, &detail, more, form(&field.shape), field.required);
                }
            }
            Shape::Literal(value) => self.literal(value, ""),
            Shape::Kind(ValueKind::Bool) => self.booleans(),
            _ => {}
        }
    }
}

/// How a value of a shape begins.
fn form(shape: &Shape) -> Form {
    match shape {
        Shape::Struct { .. } => Form::Struct,
        Shape::List { .. } => Form::List,
        Shape::Choice(alternatives) => {
            let mut forms = alternatives.iter().map(|found| form(&found.shape));
            let first = forms.next().unwrap_or(Form::Scalar);
            if forms.all(|other| other == first) { first } else { Form::Scalar }
        }
        _ => Form::Scalar,
    }
}

/// Text as YAML writes it, plain where that reads back as text.
fn yaml_text(text: &str, quoted: bool) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'))
        && !["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
            .contains(&&*text.to_ascii_lowercase());
    if plain || quoted { text.to_owned() } else { platformc_cue_syntax::quote_string(text) }
}
