//! What is known of what an author points at.
//!
//! Invariant: everything told comes from the definition, the document's schema or the workspace.

use std::fmt::Write as _;
use std::ops::Range;

use platformc_definition::{Compiled, show};
use platformc_value::{Shape, ShapeField};

use crate::names::{names, part};
use crate::place::{Declared, Place, Takes, of, typed};
use crate::schema::{Field, Kind};
use crate::tree::{Hit, NodeId, Tree};
use crate::{Question, Syntax, reference};

/// What is shown, in Markdown, and what it is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hover {
    /// Markdown.
    pub text: String,
    /// The bytes it is about.
    pub span: Range<usize>,
}

/// What is known of a place.
#[must_use]
pub fn hover(question: &Question<'_>) -> Option<Hover> {
    if let Some(found) = reference::at(question) {
        return reference::hover(question, &found);
    }
    let tree = Syntax::of(question.path)?.tree(question.text);
    let hit = tree.at(question.offset)?;
    let (node, key) = match hit {
        Hit::Key(node) => (node, true),
        Hit::Value(node) => (node, false),
    };
    let found = tree.node(node);
    let span = match (&found.key, key) {
        (Some(key), true) => key.span.clone(),
        _ => found.span.clone(),
    };
    let place = of(&tree, node, question.path, question.snapshot)?;
    let told = if key { None } else { value(question, &tree, node, &place) };
    let text = match told {
        Some(text) => text,
        None => match place.field.as_ref()? {
            Declared::Parameter(field, owner) => parameter(field, owner),
            Declared::Document(field) => document_field(field, &place),
        },
    };
    Some(Hover { text, span })
}

/// What is known of a value that is a name.
fn value(question: &Question<'_>, tree: &Tree, node: NodeId, place: &Place<'_>) -> Option<String> {
    let Takes::Kind(kind) = &place.takes else { return None };
    let text = tree.text(node)?;
    match kind {
        Kind::Type(kind) => {
            let holder = tree.node(node).parent?;
            typed(tree, holder, *kind, text, question.snapshot).map(|found| definition(found))
        }
        Kind::Name(sort) => {
            let within = question.offset.saturating_sub(tree.node(node).span.start);
            let wanted = part(text, within);
            let (document, _) = tree.trail(node);
            let known = names(*sort, question, tree, document);
            let name = known.into_iter().find(|name| name.text == wanted)?;
            Some(format!("**{}**\n\n{}", name.text, name.detail))
        }
        _ => None,
    }
}

/// A definition in a few lines.
pub(crate) fn definition(found: &Compiled) -> String {
    let definition = &found.definition;
    let mut text = format!("**{}** ({})", definition.name.text, definition.kind.noun());
    if let Some(description) = &definition.description {
        let _ = write!(text, "\n\n{description}");
    }
    let Shape::Struct { fields, .. } = &found.parameters().shape else { return text };
    let required: Vec<&ShapeField> = fields.iter().filter(|field| field.required).collect();
    if !required.is_empty() {
        text.push_str("\n\nRequired:");
        for field in required {
            let _ = write!(text, "\n- `{}`: `{}`", field.name, show::type_text(&field.shape));
            if let Some(doc) = &field.doc {
                let _ = write!(text, ", {doc}");
            }
        }
    }
    text
}

/// A parameter of a definition.
pub(crate) fn parameter(field: &ShapeField, owner: &Compiled) -> String {
    let mut text = format!("**{}**: `{}`", field.name, show::type_text(&field.shape));
    match &field.default {
        Some(default) => {
            let _ = write!(text, ", default `{}`", show::value_text(default));
        }
        None if field.required => text.push_str(", required"),
        None => {}
    }
    if let Some(doc) = &field.doc {
        let _ = write!(text, "\n\n{doc}");
    }
    let definition = &owner.definition;
    let _ = write!(text, "\n\n{} `{}`", definition.kind.noun(), definition.name.text);
    text
}

fn document_field(field: &Field, place: &Place<'_>) -> String {
    let mut text = format!("**{}**", field.name);
    if field.required {
        text.push_str(", required");
    }
    let _ = write!(text, "\n\n{}", field.doc);
    match &place.takes {
        Takes::Kind(Kind::OneOf(words)) => {
            let _ = write!(text, "\n\nOne of `{}`.", words.join("`, `"));
        }
        Takes::Shapes(_, owner) => {
            let _ = write!(text, "\n\n{}", definition(owner));
        }
        Takes::Kind(_) => {}
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::testing::ask;
    use crate::{definition, hover};

    const APP: &str = "apiVersion: core.oam.dev/v1beta1\nkind: Application\nmetadata:\n  name: a\n\
        spec:\n  components:\n    - name: one\n      type: gizmo\n      properties:\n        \
        image: x\n        tuning: {depth: 4}\n        speed: fast\n    - name: two\n      type: worker\n      \
        properties: {image: y}\n      dependsOn: [one]\n  policies:\n    - name: p\n      type: topology\n      \
        properties: {clusters: [eu]}\n";

    /// What is shown for the last place of `word`, and where it is declared.
    fn at(word: &str) -> (String, String) {
        let place = APP.rfind(word).expect("the word") + 1;
        let marked = format!("{}‸{}", &APP[..place], &APP[place..]);
        ask("apps/a.yaml", &marked, |question| {
            let told = hover(question).map_or_else(String::new, |found| {
                assert!(question.text[found.span.clone()].contains(word), "{found:?}");
                found.text
            });
            let target = definition(question).into_iter().next();
            let target = target.map_or_else(String::new, |found| {
                format!("{} {}", found.path, &found.text[found.span])
            });
            (told, target)
        })
    }

    #[test]
    fn properties_are_told_of_and_found() {
        let (told, target) = at("tuning");
        assert_eq!(told, "**tuning**: `{…}`\n\ncomponent `gizmo`");
        assert_eq!(target, "definitions/gizmo.cue tuning");
        let (told, target) = at("depth");
        assert_eq!(told, "**depth**: `int`, default `3`\n\ncomponent `gizmo`");
        assert_eq!(target, "definitions/gizmo.cue depth");
        let (told, _) = at("speed");
        assert!(told.contains("default `\"slow\"`\n\nHow fast it turns"), "{told}");
    }

    #[test]
    fn names_are_told_of_and_found() {
        let (told, target) = at("gizmo");
        assert!(told.starts_with("**gizmo** (component)\n\nTurns things.\n\nRequired:\n- `image`"));
        assert_eq!(target, "definitions/gizmo.cue gizmo");
        assert_eq!(at("worker").1, "stdlib/definitions/component/worker.cue worker");
        let (told, target) = at("eu");
        assert_eq!(
            (told.as_str(), target.as_str()),
            ("**eu**\n\nKubernetes 1.33, https://eu.example.com", "platform.toml eu")
        );
        let (told, _) = at("dependsOn");
        assert_eq!(told, "**dependsOn**\n\nComponents it comes after.");
    }

    #[test]
    fn a_dependency_leads_to_its_component() {
        let marked = APP.replace("[one]", "[o‸ne]");
        let found = ask("apps/a.yaml", &marked, definition);
        let target = found.first().expect("a target");
        assert_eq!(
            (&*target.path, target.span.start),
            ("apps/a.yaml", APP.find("name: one").expect("one") + 6)
        );
    }
}
