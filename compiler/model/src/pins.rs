//! Pins: the images that components of an Application run in an environment,
//! `pins/ENV/APP.toml`.
//!
//! Invariant: a pin that is kept names a component that can be, and an image that can be pulled;
//! every other line is reported where it stands.

use platformc_source::{Diagnostic, codes};
use platformc_value::{Data, Value};

use crate::fields::wrong_type;
use crate::image::ImageReference;
use crate::{Text, names};

/// One line of a pins file.
#[derive(Clone, Debug)]
pub struct Pin {
    /// The component.
    pub component: Text,
    /// The image it runs.
    pub image: Text,
}

/// Lowers a pins file: a table of images by component.
pub fn pins(value: Value, sink: &mut Vec<Diagnostic>) -> Vec<Pin> {
    let Data::Map(map) = value.data else {
        sink.push(wrong_type("a pins file", "a table of images by component", &value));
        return Vec::new();
    };
    let mut pins = Vec::with_capacity(map.len());
    for entry in map {
        let component = Text { text: entry.key, origin: entry.key_origin };
        let what = format!("the pin of component `{component}`");
        let Some(image) = crate::fields::text(&entry.value) else {
            let mut diagnostic = wrong_type(&what, "an image, written as a string", &entry.value);
            if entry.value.as_map().is_some() {
                diagnostic = diagnostic.note("a name with dots needs quotes: \"a.b\" = \"IMAGE\"");
            }
            sink.push(diagnostic);
            continue;
        };
        let good = names::check_subdomain("a component", &component, sink);
        if check_image(&image, &what, sink) && good {
            pins.push(Pin { component, image });
        }
    }
    pins
}

/// Whether a text is a reference to an image; reports it where it is not.
pub(crate) fn check_image(image: &Text, what: &str, sink: &mut Vec<Diagnostic>) -> bool {
    let Err(error) = ImageReference::parse(image) else { return true };
    let message = format!("{what} is no reference to an image: {error}");
    let diagnostic = Diagnostic::new(codes::PINS_IMAGE, image.span(), message);
    let hint = error.hint.unwrap_or_else(|| {
        "a reference is [REGISTRY/]PATH[:TAG][@DIGEST], such as r.example.com/team/api:v1".into()
    });
    sink.push(diagnostic.note(hint));
    false
}
