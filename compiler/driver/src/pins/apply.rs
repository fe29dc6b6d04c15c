//! Putting pins into components, and telling which components still run a placeholder.
//!
//! Invariant: components that no pin names stay as they are.

use std::sync::Arc;

use platformc_definition::DefinitionKind;
use platformc_model::image::ImageReference;
use platformc_model::{Component, Environment, Manifest, Pin, Text};
use platformc_source::{Diagnostic, Edit, Origin, Role, SourceMap, Span, codes, nearest};
use platformc_value::{Data, Map, Path, Step, Value};

use crate::definitions::Library;
use crate::place::Variant;

/// The annotation by which a component definition says where it keeps the image.
const ANNOTATION: &str = "platformc.dev/image";
/// The same as a header of CUE records it, under KubeVela's prefix.
const PREFIXED: &str = "custom.definition.oam.dev/platformc.dev/image";
/// Where definitions keep the image unless they say otherwise.
const PROPERTY: &str = "image";

/// The pins of one Application in one environment.
pub(crate) struct Pinned<'a> {
    /// The pins.
    pub(crate) pins: Vec<Pin>,
    /// The definitions.
    pub(crate) library: &'a Library<'a>,
    /// The files, for edits that remove a line.
    pub(crate) map: &'a SourceMap,
    /// The Application.
    pub(crate) app: &'a Text,
    /// The environment.
    pub(crate) environment: &'a Environment,
}

impl Pinned<'_> {
    /// Replaces the images of the components that are pinned.
    pub(crate) fn apply(&self, components: &mut [Component], sink: &mut Vec<Diagnostic>) {
        for pin in &self.pins {
            let name = &pin.component;
            match components.iter().position(|found| *found.name.text == *name.text) {
                Some(at) => {
                    if let Some(component) = components.get_mut(at) {
                        self.set(component, pin, sink);
                    }
                }
                None => sink.push(self.unknown(pin, components)),
            }
        }
    }

    /// Where a component keeps its image.
    fn property(&self, component: &Component) -> Path {
        let found = self.library.find(DefinitionKind::Component, &component.kind);
        let named = found.as_ref().and_then(|found| {
            let annotations = &found.definition.annotations;
            let named = |key: &str| annotations.iter().find(|(name, _)| &**name == key);
            named(PREFIXED).or_else(|| named(ANNOTATION)).map(|(_, path)| path.clone())
        });
        let path = named.as_deref().unwrap_or(PROPERTY);
        path.split('.').map(|field| Step::Field(Arc::from(field.trim()))).collect()
    }

    fn set(&self, component: &mut Component, pin: &Pin, sink: &mut Vec<Diagnostic>) {
        let path = self.property(component);
        if let Some(old) = component.properties.lookup(&path)
            && old.origin.role == Role::Override
        {
            let name = &component.name;
            let message = format!("the overlay's image of `{name}` has no effect: it is pinned");
            sink.push(
                Diagnostic::new(codes::PINS_CONFLICT, old.origin.span, message)
                    .label(pin.image.span(), "pinned here")
                    .note("remove one of the two"),
            );
        }
        let origin = Origin::new(pin.image.span(), Role::Override);
        let value = Value::new(Data::String(pin.image.text.clone()), origin);
        let key_origin = Origin::new(pin.component.span(), Role::Override);
        put(&mut component.properties, path.steps(), value, key_origin);
    }

    fn unknown(&self, pin: &Pin, components: &[Component]) -> Diagnostic {
        let (name, app, env) = (&pin.component, self.app, &self.environment.name);
        let message = format!("Application `{app}` has no component `{name}` in `{env}`");
        let span = name.span();
        let mut diagnostic = Diagnostic::new(codes::PINS_UNKNOWN, span, message);
        let known = components.iter().map(|component| &*component.name.text);
        if let Some(best) = nearest(name, known).first() {
            diagnostic = diagnostic.primary_label(format!("did you mean `{best}`?")).replace(
                span,
                *best,
                format!("rename it to `{best}`"),
            );
        }
        match self.line(pin) {
            Some(line) => {
                let edit = Edit { span: line, text: String::new() };
                diagnostic.fix("remove the pin", vec![edit])
            }
            None => diagnostic,
        }
    }

    /// The whole lines of a pin.
    fn line(&self, pin: &Pin) -> Option<Span> {
        let whole = pin.component.span().to(pin.image.span());
        let file = self.map.get(whole.file)?;
        let text = file.text();
        let start = text.get(..whole.start as usize)?.rfind('\n').map_or(0, |at| at + 1);
        let rest = text.get(whole.end as usize..)?.find('\n');
        let end = rest.map_or(text.len(), |at| whole.end as usize + at + 1);
        Some(Span::new(whole.file, start, end))
    }

    /// What is left to say once override policies have had their say: pins that they replace, and
    /// placeholders that go to a cluster.
    pub(crate) fn review(
        &self,
        variants: &[Variant<'_>],
        manifest: &Manifest,
        sink: &mut Vec<Diagnostic>,
    ) {
        let placed = variants.iter().filter(|variant| !variant.targets.is_empty());
        for component in placed.flat_map(|variant| variant.components.iter()) {
            let Some(value) = component.properties.lookup(&self.property(component)) else {
                continue;
            };
            let pin = self.pins.iter().find(|pin| *pin.component.text == *component.name.text);
            if let Some(pin) = pin
                && pin.image.span() != value.origin.span
            {
                let name = &component.name;
                let message = format!("an override policy replaces the pinned image of `{name}`");
                sink.push(
                    Diagnostic::new(codes::PINS_CONFLICT, value.origin.span, message)
                        .label(pin.image.span(), "pinned here")
                        .note("remove the image from the policy, or the pin"),
                );
            }
            if let Some(image) = value.as_str().filter(|image| is_placeholder(image, manifest)) {
                let (app, name, env) = (self.app, &component.name, &self.environment.name);
                let span = value.origin.span;
                let span = if span.is_none() { name.span() } else { span };
                let message =
                    format!("component `{name}` runs the placeholder `{image}` in `{env}`");
                sink.push(Diagnostic::new(codes::PINS_PLACEHOLDER, span, message).note(format!(
                    "once it is built: platformc pin {app}/{name}=IMAGE --env {env}"
                )));
            }
        }
    }
}

fn is_placeholder(image: &str, manifest: &Manifest) -> bool {
    let Ok(image) = ImageReference::parse(image) else { return false };
    let parsed = manifest.placeholders.iter().map(|text| ImageReference::parse(text));
    parsed.flatten().any(|placeholder| placeholder.covers(&image))
}

/// Sets the value at a path of fields, making the structs on the way; something else on the way is
/// left for the check of the properties to find.
fn put(value: &mut Value, path: &[Step], new: Value, key_origin: Origin) {
    let Some((Step::Field(name), rest)) = path.split_first() else {
        *value = new;
        return;
    };
    let Some(map) = value.as_map_mut() else { return };
    if map.get(name).is_none() {
        let value = Value::new(Data::Map(Map::new()), key_origin);
        map.push_unique(platformc_value::Entry { key: Arc::clone(name), key_origin, value });
    }
    if let Some(inner) = map.get_mut(name) {
        put(inner, rest, new, key_origin);
    }
}
