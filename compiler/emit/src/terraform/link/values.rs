//! Every evaluated value of a stack, to change it.
//!
//! Invariant: a reference anywhere in a value is offered once.

use platformc_value::{Data, Map, Value};

use crate::terraform::Body;
use crate::terraform::mark::{self, Mark, Part, Reference};

/// Hands out every value that may hold a reference.
pub(super) fn for_each(body: &mut Body, change: &mut dyn FnMut(&mut Value)) {
    let mut map = |map: &mut Map| map.iter_mut().for_each(|entry| change(&mut entry.value));
    body.providers.iter_mut().for_each(|found| map(&mut found.settings));
    body.variables.iter_mut().flat_map(|found| &mut found.validations).for_each(&mut map);
    body.resources.iter_mut().for_each(|found| map(&mut found.body));
    body.data.iter_mut().for_each(|found| map(&mut found.body));
    body.ephemeral.iter_mut().for_each(|found| map(&mut found.body));
    body.modules.iter_mut().for_each(|found| map(&mut found.body));
    body.outputs.iter_mut().flat_map(|found| &mut found.preconditions).for_each(&mut map);
    for check in &mut body.checks {
        check.data.iter_mut().for_each(|found| map(&mut found.body));
        check.asserts.iter_mut().for_each(&mut map);
    }
    body.locals.iter_mut().for_each(|found| change(&mut found.value));
    body.outputs.iter_mut().for_each(|found| change(&mut found.value));
    for import in &mut body.imports {
        change(&mut import.id);
        import.for_each.iter_mut().for_each(&mut *change);
    }
}

/// Puts an expression in the place of every reference. One that resolves to nothing becomes
/// `null`, which whoever resolves has reported.
pub(super) fn replace(value: &mut Value, resolve: &mut dyn FnMut(&Reference) -> Option<String>) {
    if let Ok(Some(mark)) = mark::of(value) {
        let mut resolved = |reference: &Reference| {
            let text = resolve(reference).unwrap_or_else(|| "null".to_owned());
            mark::expression(&text).at(reference.origin)
        };
        match mark {
            Mark::Expression(_) => {}
            Mark::Reference(reference) => {
                let origin = value.origin;
                *value = resolved(&reference).at(origin);
            }
            Mark::Parts(parts) => {
                let part = |part: Part| match part {
                    Part::Text(text) => Value::new(Data::String(text.text), text.origin),
                    Part::Expression(text) => mark::expression(&text.text).at(text.origin),
                    Part::Reference(reference) => resolved(&reference),
                };
                *value = mark::join(parts.into_iter().map(part).collect()).at(value.origin);
            }
        }
        return;
    }
    match &mut value.data {
        Data::List(items) => items.iter_mut().for_each(|item| replace(item, resolve)),
        Data::Map(map) => {
            map.iter_mut().for_each(|entry| replace(&mut entry.value, resolve));
        }
        _ => {}
    }
}
