//! The unit of an Application.
//!
//! Invariant: an Application in an environment is placed, checked, rendered and written down by
//! one unit, which looks at nothing but its document, its overlay, its pins and what all units share.

use platformc_definition::DefinitionKind;
use platformc_model::{Application, Environment};
use platformc_source::Diagnostic;

use crate::group::{Overlay, Shared};
use crate::pins::Pinned;
use crate::place::{is_for, place};
use crate::render::Rendering;
use crate::unit::{Unit, UnitKey};

/// The kind of these units.
pub(crate) const KIND: &str = "application";

/// One Application in one environment; `None` where it is not for the environment.
pub(crate) fn unit(
    shared: &Shared<'_>,
    application: &Application,
    overlay: Option<&Overlay>,
    environment: &Environment,
    sink: &mut Vec<Diagnostic>,
) -> Option<Unit> {
    if !is_for(application, environment, shared.manifest, sink) {
        return None;
    }
    let (name, env) = (&application.metadata.name, &environment.name);
    let pinned = Pinned {
        pins: shared.pins.of(shared.sources, shared.map, env, name, sink),
        library: shared.library,
        map: shared.map,
        app: name,
        environment,
    };
    let defined = |kind: &str| shared.library.find(DefinitionKind::Policy, kind).is_some();
    let manifest = shared.manifest;
    let change = overlay.map(|overlay| &overlay.change);
    let variants = place(application, change, Some(&pinned), environment, manifest, &defined, sink);
    pinned.review(&variants, manifest, sink);
    let mut rendering = Rendering::new(shared, environment, application, sink);
    rendering.check_application(sink);
    for variant in &variants {
        rendering.variant(variant, sink);
    }
    let key = UnitKey {
        environment: environment.name.text.to_string(),
        kind: KIND,
        id: application.metadata.name.text.to_string(),
    };
    let mut output = rendering.finish();
    output.files.push(application.metadata.name.span().file);
    output.files.extend(overlay.map(|overlay| overlay.file));
    output.files.extend(pinned.pins.first().map(|pin| pin.component.span().file));
    Some(Unit { key, output })
}
