//! Who set a value. Invariant: every layer that sets the path is told, the winner first, and every
//! reference on the way to the value.

use platformc_source::Span;
use platformc_value::{Data, Path, Value};

use crate::expand::Scope;
use crate::inputs::is_input;
use crate::template::{Operand, Piece, is_template, pieces};
use crate::{Layer, LayerKind};

/// So many references of a value are told.
const MOST_STEPS: usize = 200;

/// A layer's part in a value.
#[derive(Clone, Debug)]
pub struct Setting {
    /// What the layer is for.
    pub kind: LayerKind,
    /// Its file, or what else it came from.
    pub name: std::sync::Arc<str>,
    /// What it sets there, as written.
    pub value: Value,
}

/// One reference on the way to a value.
#[derive(Clone, Debug)]
pub struct Step {
    /// How many references lead to the text that holds it.
    pub depth: usize,
    /// The path it refers to.
    pub path: Path,
    /// What is there; `None` where nothing is and a default counts.
    pub value: Option<Value>,
    /// Where that is set; [`Span::NONE`] for what is no text.
    pub span: Span,
}

/// How a value came to be.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The value.
    pub value: Option<Value>,
    /// Who sets it, the winner first. Tables are merged of all.
    pub settings: Vec<Setting>,
    /// The references in it, each before those that it leads to.
    pub steps: Vec<Step>,
}

/// Tells how the value at a path came to be; `layers` are in order, highest first, `value` is the
/// whole configuration without references.
#[must_use]
pub fn trace(layers: &[Layer], scope: Scope<'_>, value: &Value, path: &Path) -> Trace {
    let settings = layers.iter().filter_map(|layer| {
        let value = layer.value.lookup(path)?.clone();
        Some(Setting { kind: layer.kind, name: layer.name.clone(), value })
    });
    let settings = settings.collect();
    let mut steps = Vec::new();
    follow(scope, value, path, 0, &mut steps);
    Trace { value: value.lookup(path).cloned(), settings, steps }
}

fn follow(scope: Scope<'_>, config: &Value, path: &Path, depth: usize, steps: &mut Vec<Step>) {
    let Some(Data::String(text)) = scope.merged.lookup(path).map(|raw| &raw.data) else { return };
    if !is_template(text) || depth > 64 {
        return;
    }
    for piece in pieces(text) {
        let Piece::Reference(reference, _) = piece else { continue };
        for operand in &reference.operands {
            let Operand::Path(target) = operand else { break };
            if steps.len() >= MOST_STEPS {
                return;
            }
            let value = if is_input(target) {
                scope.inputs.get(target, Span::NONE).ok()
            } else {
                config.lookup(target).cloned()
            };
            let span = match scope.merged.lookup(target) {
                Some(raw) => raw.origin.span,
                None => value.as_ref().map_or(Span::NONE, |value| value.origin.span),
            };
            let found = value.as_ref().is_some_and(|value| !value.is_null());
            steps.push(Step { depth, path: target.clone(), value, span });
            follow(scope, config, target, depth + 1, steps);
            if found {
                break;
            }
        }
    }
}
