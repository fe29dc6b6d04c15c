//! Values that are known only once a stack is applied, inside templates that are evaluated now.
//!
//! A template gets a stand-in of the output's type, and is evaluated several times, each time with
//! other stand-ins. Where the results differ, they may differ only by the stand-ins themselves:
//! there the reference goes. Any other difference means that the template computes with a value
//! that nobody knows yet.
//!
//! Invariant: what is left after [`Standins::resolve`] does not depend on the stand-ins.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::modules::place;
use platformc_emit::terraform::mark;
use platformc_emit::terraform::types::Type;
use platformc_model::OutputReference;
use platformc_source::{Origin, Span};
use platformc_value::{BoundOp, Data, Map, Number, Path, Shape, Step, Value};

/// Attributes of objects nest at most so deep in a stand-in.
const MAX_DEPTH: usize = 16;

/// A reference with the type of its value.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    /// Where in the inputs it stands.
    pub(super) path: Path,
    /// The reference.
    pub(super) reference: OutputReference,
    /// The type of the value, a key chosen.
    pub(super) ty: Type,
}

/// A place of a stand-in: the value itself, or something inside it.
#[derive(Debug)]
struct Place {
    /// Which reference.
    reference: usize,
    /// The way from the output's value to it, as an expression continues: `.name`, `[0]`.
    suffix: String,
    /// What stands there in each evaluation.
    values: Vec<Value>,
}

/// The stand-ins for the references of one template.
#[derive(Debug)]
pub(super) struct Standins {
    references: Vec<Typed>,
    places: Vec<Place>,
    /// For each reference the index of its whole stand-in among the places.
    whole: Vec<usize>,
    runs: usize,
    salt: String,
}

/// A place where a template computes with what is not known.
#[derive(Debug)]
pub(super) struct Computed {
    /// The place in the template's result.
    pub(super) path: Path,
    /// The text that made it.
    pub(super) span: Span,
    /// The reference it computes with, as far as that can be told.
    pub(super) reference: Option<usize>,
}

/// What is left when references take the places of stand-ins.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    /// The values of the names, in their order.
    pub(super) values: Vec<(Arc<str>, Value)>,
    /// References that an expression needs by a name of its own.
    pub(super) locals: BTreeMap<String, Value>,
    /// Where a template computes with what is not known.
    pub(super) computed: Vec<Computed>,
}

impl Standins {
    /// Stand-ins for references in `inputs`; `shape` is what the template declares of them.
    pub(super) fn new(references: Vec<Typed>, inputs: &Value, shape: &Shape) -> Standins {
        let bools = references.iter().map(|typed| bools(&typed.ty, 0)).sum::<usize>();
        // Booleans are told apart by their values over all evaluations, of which those that are
        // always true or always false are the template's own.
        let mut runs = 2;
        while (1_usize << runs) - 2 < bools {
            runs += 1;
        }
        let mut standins = Standins {
            references: Vec::new(),
            places: Vec::new(),
            whole: Vec::new(),
            runs,
            salt: salt(inputs),
        };
        let mut making = Making { bools: 0, strings: 0, pairs: Vec::new() };
        for (index, typed) in references.into_iter().enumerate() {
            let declared = declared(shape, typed.path.steps());
            let values = standins.make(index, &typed.ty, declared, "", &mut making, 0);
            standins.whole.push(standins.places.len());
            standins.places.push(Place { reference: index, suffix: String::new(), values });
            standins.references.push(typed);
        }
        // The outermost place that fits is the one that is meant.
        standins
    }

    /// How often the template has to be evaluated.
    pub(super) fn runs(&self) -> usize {
        if self.references.is_empty() { 1 } else { self.runs }
    }

    /// The references.
    pub(super) fn references(&self) -> &[Typed] {
        &self.references
    }

    /// The inputs of an evaluation.
    pub(super) fn inputs(&self, inputs: &Value, run: usize) -> Value {
        let mut inputs = inputs.clone();
        for (index, typed) in self.references.iter().enumerate() {
            let place = self.whole.get(index).and_then(|at| self.places.get(*at));
            let Some(standin) = place.and_then(|place| place.values.get(run)) else { continue };
            if let Some(slot) = at_mut(&mut inputs, typed.path.steps()) {
                *slot = standin.clone().at(typed.reference.origin);
            }
        }
        inputs
    }

    /// Text for people with stand-ins replaced by what they stand for.
    pub(super) fn explain(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for place in &self.places {
            let Some(typed) = self.references.get(place.reference) else { continue };
            for token in place.values.iter().filter_map(Value::as_str) {
                let OutputReference { stack, output, .. } = &typed.reference;
                let words = format!("output `{output}` of stack `{stack}`");
                text = text.replace(&format!("`\"{token}\"`"), &words);
                text = text.replace(&format!("\"{token}\""), &words).replace(token, &words);
            }
        }
        text
    }

    /// Puts references in the places of stand-ins. `runs` are the results of the evaluations.
    pub(super) fn resolve(&self, runs: &[Vec<(Arc<str>, Value)>]) -> Resolved {
        let mut resolved = Resolved::default();
        let Some(first) = runs.first() else { return resolved };
        for (name, value) in first {
            let mut values = vec![value];
            for other in runs.iter().skip(1) {
                values.extend(other.iter().find(|(own, _)| own == name).map(|(_, value)| value));
            }
            let mut path = Path::root().field(Arc::clone(name));
            let value = if values.len() == runs.len() {
                self.value(&values, &mut path, &mut resolved)
            } else {
                self.fault(value, &path, &mut resolved)
            };
            resolved.values.push((Arc::clone(name), value));
        }
        resolved
    }

    fn value(&self, values: &[&Value], path: &mut Path, into: &mut Resolved) -> Value {
        let Some((first, others)) = values.split_first() else { return Value::null() };
        if others.iter().all(|other| other == first) {
            return (*first).clone();
        }
        let found = self.places.iter().find(|place| {
            place.suffix.is_empty() && place.values.iter().zip(values).all(|(a, b)| a == *b)
        });
        let found = found.or_else(|| {
            self.places.iter().find(|place| place.values.iter().zip(values).all(|(a, b)| a == *b))
        });
        if let Some(place) = found {
            return self.mark(place, first.origin, into);
        }
        match &first.data {
            Data::Map(map) => self.map(map, values, path, into),
            Data::List(items) => {
                let lists: Vec<&[Value]> =
                    values.iter().filter_map(|value| value.as_list()).collect();
                if lists.len() < values.len() || lists.iter().any(|l| l.len() != items.len()) {
                    return self.fault(first, path, into);
                }
                let mut list = Vec::with_capacity(items.len());
                for at in 0..items.len() {
                    let item: Vec<&Value> = lists.iter().filter_map(|list| list.get(at)).collect();
                    path.push(Step::Index(at));
                    list.push(self.value(&item, path, into));
                    path.pop();
                }
                Value::new(Data::List(list), first.origin)
            }
            Data::String(_) => {
                let texts: Vec<&str> = values.iter().filter_map(|value| value.as_str()).collect();
                let parts = (texts.len() == values.len()).then(|| self.parts(&texts, into));
                match parts.flatten() {
                    Some(parts) => mark::join(parts).at(first.origin),
                    None => self.fault(first, path, into),
                }
            }
            _ => self.fault(first, path, into),
        }
    }

    fn map(&self, map: &Map, values: &[&Value], path: &mut Path, into: &mut Resolved) -> Value {
        let origin = values.first().map_or(Origin::NONE, |value| value.origin);
        let maps: Vec<&Map> = values.iter().filter_map(|value| value.as_map()).collect();
        let same = maps.len() == values.len() && maps.iter().all(|other| other.len() == map.len());
        let mut out = Map::with_capacity(map.len());
        for entry in map {
            let inner: Vec<&Value> = maps.iter().filter_map(|map| map.get(&entry.key)).collect();
            if !same || inner.len() != values.len() {
                let whole = Value::new(Data::Map(map.clone()), origin);
                return self.fault(&whole, path, into);
            }
            path.push(Step::Field(Arc::clone(&entry.key)));
            let value = self.value(&inner, path, into);
            path.pop();
            out.push_unique(platformc_value::Entry {
                key: Arc::clone(&entry.key),
                key_origin: entry.key_origin,
                value,
            });
        }
        Value::new(Data::Map(out), origin)
    }

    /// Text with references in it; `None` where the texts differ in another way.
    fn parts(&self, texts: &[&str], into: &mut Resolved) -> Option<Vec<Value>> {
        let mut rests: Vec<&str> = texts.to_vec();
        let mut parts = Vec::new();
        loop {
            let cuts: Vec<Option<usize>> = rests.iter().map(|rest| rest.find(&self.salt)).collect();
            if cuts.iter().all(Option::is_none) {
                let [first, others @ ..] = rests.as_slice() else { return None };
                if others.iter().any(|other| other != first) {
                    return None;
                }
                if !first.is_empty() {
                    parts.push(Value::string(*first));
                }
                return Some(parts);
            }
            let mut before: Option<&str> = None;
            for (rest, cut) in rests.iter_mut().zip(&cuts) {
                let (text, after) = rest.split_at((*cut)?);
                if before.is_some_and(|before| before != text) {
                    return None;
                }
                before = Some(text);
                *rest = after;
            }
            if let Some(text) = before.filter(|text| !text.is_empty()) {
                parts.push(Value::string(text));
            }
            let place = self.places.iter().find(|place| {
                place.values.iter().zip(&rests).all(|(token, rest)| {
                    token.as_str().is_some_and(|token| rest.starts_with(token))
                })
            })?;
            for (rest, token) in rests.iter_mut().zip(&place.values) {
                *rest = rest.strip_prefix(token.as_str()?)?;
            }
            parts.push(self.mark(place, Origin::NONE, into));
        }
    }

    /// The reference of a place, as the emitter reads it.
    fn mark(&self, at: &Place, origin: Origin, into: &mut Resolved) -> Value {
        let Some(typed) = self.references.get(at.reference) else { return Value::null() };
        let (value, local) = place(&typed.reference, &at.suffix);
        into.locals.extend(local);
        if value.origin.span.is_none() { value.at(origin) } else { value }
    }

    fn fault(&self, value: &Value, path: &Path, into: &mut Resolved) -> Value {
        // One mistake in a template shows at many places.
        if into.computed.iter().all(|found| found.span != value.origin.span) {
            let text = value.as_str().map(str::to_lowercase);
            let reference = self.places.iter().find_map(|place| {
                let token = place.values.first()?.as_str()?;
                text.as_ref()?.contains(token).then_some(place.reference)
            });
            let reference = reference.or_else(|| (self.references.len() == 1).then_some(0));
            let computed = Computed { path: path.clone(), span: value.origin.span, reference };
            into.computed.push(computed);
        }
        Value::null()
    }
}

/// What is counted while stand-ins are made.
struct Making {
    bools: usize,
    strings: usize,
    pairs: Vec<Vec<Number>>,
}

impl Standins {
    /// The stand-ins of a type, one for each evaluation; places inside them are noted.
    fn make(
        &mut self,
        reference: usize,
        ty: &Type,
        shape: Option<&Shape>,
        suffix: &str,
        making: &mut Making,
        depth: usize,
    ) -> Vec<Value> {
        let runs = self.runs;
        let values: Vec<Value> = match ty {
            Type::Bool => {
                making.bools += 1;
                let code = making.bools;
                (0..runs).map(|run| Value::bool((code >> run) & 1 == 1)).collect()
            }
            Type::Number => numbers(shape, runs, making),
            Type::List(of) | Type::Set(of) if depth < MAX_DEPTH => {
                let fixed = match shape {
                    Some(Shape::List { items, .. }) => items.len().min(MAX_DEPTH),
                    _ => 0,
                };
                let least = fixed.max(1);
                // Evaluations get lists of different lengths, so that a template that counts or
                // goes through the items is found out.
                let mut items = Vec::new();
                for at in 0..least + runs - 1 {
                    let inner = item(shape, at);
                    let place = format!("{suffix}[{at}]");
                    let made = self.make(reference, of, inner, &place, making, depth + 1);
                    let indexed = matches!(ty, Type::List(_)) && at < least;
                    if indexed {
                        let values = made.clone();
                        self.places.push(Place { reference, suffix: place, values });
                    }
                    items.push(made);
                }
                (0..runs)
                    .map(|run| {
                        let items = items.iter().take(least + run);
                        Value::list(items.filter_map(|made| made.get(run).cloned()).collect())
                    })
                    .collect()
            }
            Type::Tuple(types) if depth < MAX_DEPTH => {
                let mut lists = vec![Vec::new(); runs];
                for (at, ty) in types.iter().enumerate() {
                    let place = format!("{suffix}[{at}]");
                    let made = self.make(reference, ty, item(shape, at), &place, making, depth + 1);
                    for (list, value) in lists.iter_mut().zip(&made) {
                        list.push(value.clone());
                    }
                    self.places.push(Place { reference, suffix: place, values: made });
                }
                lists.into_iter().map(Value::list).collect()
            }
            Type::Map(of) if depth < MAX_DEPTH => {
                let keys = self.token(making);
                let inner = shape.and_then(|shape| match shape {
                    Shape::Struct { pattern, .. } => pattern.as_deref(),
                    _ => None,
                });
                let made = self.make(reference, of, inner, suffix, making, depth + 1);
                let entry = |(key, value): (&Value, &Value)| {
                    let mut map = Map::with_capacity(1);
                    map.insert(key.as_str().unwrap_or_default(), value.clone());
                    Value::map(map)
                };
                keys.iter().zip(&made).map(entry).collect()
            }
            Type::Object(attributes) if depth < MAX_DEPTH => {
                let mut maps = vec![Map::with_capacity(attributes.len()); runs];
                for (name, attribute) in attributes {
                    let place = format!("{suffix}.{name}");
                    let inner = shape.and_then(|shape| shape.field(name)).map(|field| &field.shape);
                    let made =
                        self.make(reference, &attribute.ty, inner, &place, making, depth + 1);
                    for (map, value) in maps.iter_mut().zip(&made) {
                        map.insert(Arc::clone(name), value.clone());
                    }
                    self.places.push(Place { reference, suffix: place, values: made });
                }
                maps.into_iter().map(Value::map).collect()
            }
            _ => self.token(making),
        };
        values
    }

    /// Text that stands for a value: of another length in each evaluation, letters of both cases
    /// where a template could fold them, and good as a name.
    fn token(&self, making: &mut Making) -> Vec<Value> {
        making.strings += 1;
        let (salt, index) = (&self.salt, making.strings);
        let letter = |run: usize| "abcdefghijklmnopqrstuvwxy".chars().nth(run % 25).unwrap_or('a');
        (0..self.runs)
            .map(|run| {
                let letters: String = std::iter::repeat_n(letter(run), run + 1).collect();
                Value::string(format!("{salt}-{index}-{letters}z"))
            })
            .collect()
    }
}

/// Text that no string of the inputs contains.
fn salt(inputs: &Value) -> String {
    let mut number = 0;
    loop {
        let salt = format!("zr{number}q");
        if !contains(inputs, &salt, 0) {
            return salt;
        }
        number += 1;
    }
}

fn contains(value: &Value, text: &str, depth: usize) -> bool {
    match &value.data {
        _ if depth > 512 => false,
        Data::String(own) => own.contains(text),
        Data::List(items) => items.iter().any(|item| contains(item, text, depth + 1)),
        Data::Map(map) => map
            .iter()
            .any(|entry| entry.key.contains(text) || contains(&entry.value, text, depth + 1)),
        _ => false,
    }
}

/// How many booleans a stand-in of a type holds.
fn bools(ty: &Type, depth: usize) -> usize {
    match ty {
        _ if depth > MAX_DEPTH => 0,
        Type::Bool => 1,
        // Lists of stand-ins have a few items in the longest evaluation.
        Type::List(of) | Type::Set(of) => 4 * bools(of, depth + 1),
        Type::Map(of) => bools(of, depth + 1),
        Type::Tuple(types) => types.iter().map(|ty| bools(ty, depth + 1)).sum(),
        Type::Object(attributes) => {
            attributes.values().map(|attribute| bools(&attribute.ty, depth + 1)).sum()
        }
        _ => 0,
    }
}

/// Numbers that a shape admits, another one in each evaluation.
fn numbers(shape: Option<&Shape>, runs: usize, making: &mut Making) -> Vec<Value> {
    let mut candidates: Vec<i64> = Vec::new();
    let bounds = bounds_of(shape);
    for (_, operand) in &bounds {
        candidates.extend((-40..=40).filter_map(|by| operand.checked_add(by)));
    }
    candidates.extend((0..64).map(|by| 100_003 + 7 * by));
    candidates.extend(1..64);
    candidates.retain(|candidate| {
        bounds.iter().all(|(op, operand)| match op {
            BoundOp::Less => candidate < operand,
            BoundOp::LessEqual => candidate <= operand,
            BoundOp::Greater => candidate > operand,
            BoundOp::GreaterEqual => candidate >= operand,
            BoundOp::NotEqual => candidate != operand,
            BoundOp::Match | BoundOp::NotMatch => true,
        })
    });
    let mut seen = std::collections::BTreeSet::new();
    candidates.retain(|candidate| seen.insert(*candidate));
    if candidates.is_empty() {
        candidates = (1..64).collect();
    }
    // Two numbers are told apart by their values over all evaluations.
    let count = candidates.len();
    let mut start = 0;
    loop {
        let pick = |run: usize| candidates.get((start + run * (1 + start / count)) % count);
        let values: Vec<Number> =
            (0..runs).filter_map(|run| pick(run).map(|n| Number::Int(*n))).collect();
        let differ = values.first() != values.get(1) || count == 1;
        if (differ && !making.pairs.contains(&values)) || start > count * count {
            making.pairs.push(values.clone());
            return values.into_iter().map(|n| Value::new(Data::Number(n), Origin::NONE)).collect();
        }
        start += 1;
    }
}

fn bounds_of(shape: Option<&Shape>) -> Vec<(BoundOp, i64)> {
    match shape {
        Some(Shape::Bounded { bounds, .. }) => bounds
            .iter()
            .filter_map(|bound| match bound.operand.as_number() {
                Some(Number::Int(n)) => Some((bound.op, *n)),
                _ => None,
            })
            .collect(),
        Some(Shape::Choice(alternatives)) => {
            let mut found = alternatives.iter().map(|choice| bounds_of(Some(&choice.shape)));
            found.find(|bounds| !bounds.is_empty()).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// What a shape declares at a path, as far as it can be told.
fn declared<'s>(shape: &'s Shape, steps: &[Step]) -> Option<&'s Shape> {
    let mut at = shape;
    for step in steps {
        at = match step {
            Step::Field(name) => match at.field(name) {
                Some(field) => &field.shape,
                None => match at {
                    Shape::Struct { pattern: Some(pattern), .. } => pattern,
                    _ => return None,
                },
            },
            Step::Index(index) => item(Some(at), *index)?,
        };
    }
    Some(at)
}

fn item(shape: Option<&Shape>, index: usize) -> Option<&Shape> {
    match shape? {
        Shape::List { items, rest } => items.get(index).or(rest.as_deref()),
        Shape::Choice(alternatives) => {
            alternatives.iter().find_map(|choice| item(Some(&choice.shape), index))
        }
        _ => None,
    }
}

/// The value at a path, to change it.
fn at_mut<'v>(value: &'v mut Value, steps: &[Step]) -> Option<&'v mut Value> {
    steps.iter().try_fold(value, |value, step| match (step, &mut value.data) {
        (Step::Field(name), Data::Map(map)) => map.get_mut(name),
        (Step::Index(index), Data::List(items)) => items.get_mut(*index),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
