//! Terraform expressions inside values: marks.
//!
//! Invariant: text is literal. Only a struct with exactly one key that starts with `$tf` or is
//! `$ref` is more than itself, and a key like that beside other keys, or with content of another
//! form, is an error and never passed on as data.
//!
//! | mark | means |
//! |---|---|
//! | `{$tf: "aws_vpc.this.id"}` | the expression, evaluated by Terraform |
//! | `{$tf: ["arn:", {$tf: "aws_s3_bucket.b.arn"}, "/*"]}` | text with expressions in it |
//! | `{$ref: {stack: "net", output: "vpc_id"}}` | an output of another stack |
//! | `{$ref: {stack: "net", output: "ids", type: "list(string)"}}` | the same, of a type |

use platformc_source::Origin;
use platformc_value::{Data, Map, Value};

use super::Name;

/// The key of an expression.
pub const EXPRESSION: &str = "$tf";
/// The key of a reference to an output of another stack.
pub const REFERENCE: &str = "$ref";

/// An output of another stack, as a document asks for it.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The stack that has the output.
    pub stack: Name,
    /// The output.
    pub output: Name,
    /// The type it has to fit, as written: `list(string)`. Unchecked where there is none.
    pub wanted: Option<Name>,
    /// Where the reference was written.
    pub origin: Origin,
}

/// A part of text with expressions in it.
#[derive(Clone, Debug)]
pub enum Part {
    /// Literal text.
    Text(Name),
    /// An expression.
    Expression(Name),
    /// An output of another stack.
    Reference(Reference),
}

/// What a mark says.
#[derive(Clone, Debug)]
pub enum Mark {
    /// An expression.
    Expression(Name),
    /// Text with expressions in it.
    Parts(Vec<Part>),
    /// An output of another stack.
    Reference(Reference),
}

/// Why a struct that has the key of a mark is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// There are other keys beside it.
    Beside,
    /// `$tf` is neither text nor a list of texts and marks.
    Expression,
    /// `$ref` is not a struct of `stack`, `output` and perhaps `type`.
    Reference,
}

impl Fault {
    /// The way out.
    #[must_use]
    pub fn note(self) -> &'static str {
        match self {
            Fault::Beside => "a mark is a struct of its own, with one key",
            Fault::Expression => {
                "`$tf` is an expression as text, or a list of literal texts and marks"
            }
            Fault::Reference => {
                "`$ref` has `stack`, `output` and perhaps `type`, each of them text"
            }
        }
    }
}

/// An expression as a value: `expression("aws_vpc.this.id")`.
#[must_use]
pub fn expression(text: &str) -> Value {
    single(EXPRESSION, Value::string(text))
}

/// Text with expressions in it: each item is text or a mark.
#[must_use]
pub fn join(parts: Vec<Value>) -> Value {
    single(EXPRESSION, Value::list(parts))
}

/// An output of another stack as a value.
#[must_use]
pub fn reference(reference: &Reference) -> Value {
    let text =
        |name: &Name| Value::new(Data::String(std::sync::Arc::clone(&name.text)), name.origin);
    let mut map = Map::with_capacity(3);
    map.insert("stack", text(&reference.stack));
    map.insert("output", text(&reference.output));
    if let Some(wanted) = &reference.wanted {
        map.insert("type", text(wanted));
    }
    let value = Value::new(Data::Map(map), reference.origin);
    single(REFERENCE, value).at(reference.origin)
}

fn single(key: &str, value: Value) -> Value {
    let mut map = Map::with_capacity(1);
    map.insert(key, value);
    Value::map(map)
}

/// The mark that a value is; `Ok(None)` for a value that is none.
///
/// # Errors
/// What is wrong with a struct that has the key of a mark.
pub fn of(value: &Value) -> Result<Option<Mark>, Fault> {
    let Data::Map(map) = &value.data else { return Ok(None) };
    let Some(entry) = map.iter().find(|entry| is_key(&entry.key)) else { return Ok(None) };
    if map.len() != 1 {
        return Err(Fault::Beside);
    }
    // The place of the mark is what it says, where the struct around it has none.
    let origin =
        |inner: &Value| if inner.origin.span.is_none() { value.origin } else { inner.origin };
    if &*entry.key == REFERENCE {
        return as_reference(&entry.value, origin(&entry.value))
            .map(|found| Some(Mark::Reference(found)))
            .ok_or(Fault::Reference);
    }
    match &entry.value.data {
        Data::String(text) => {
            Ok(Some(Mark::Expression(Name::new(text.clone(), origin(&entry.value)))))
        }
        Data::List(items) => {
            let mut parts = Vec::with_capacity(items.len());
            for item in items {
                match (&item.data, of(item)?) {
                    (Data::String(text), _) => {
                        parts.push(Part::Text(Name::new(text.clone(), item.origin)));
                    }
                    (_, Some(Mark::Expression(text))) => parts.push(Part::Expression(text)),
                    (_, Some(Mark::Reference(found))) => parts.push(Part::Reference(found)),
                    (_, Some(Mark::Parts(inner))) => parts.extend(inner),
                    (_, None) => return Err(Fault::Expression),
                }
            }
            Ok(Some(Mark::Parts(parts)))
        }
        _ => Err(Fault::Expression),
    }
}

/// Whether a key is the key of a mark.
fn is_key(key: &str) -> bool {
    key == EXPRESSION || key == REFERENCE
}

fn as_reference(value: &Value, origin: Origin) -> Option<Reference> {
    let map = value.as_map()?;
    let known = ["stack", "output", "type"];
    if map.keys().any(|key| !known.contains(&key)) {
        return None;
    }
    let text = |key: &str| -> Option<Option<Name>> {
        let Some(found) = map.get(key).filter(|found| !found.is_null()) else { return Some(None) };
        let place = if found.origin.span.is_none() { origin } else { found.origin };
        Some(Some(Name::new(found.as_str()?, place)))
    };
    let (stack, output, wanted) = (text("stack")??, text("output")??, text("type")?);
    Some(Reference { stack, output, wanted, origin })
}
