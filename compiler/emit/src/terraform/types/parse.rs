//! Reading types.
//!
//! Invariant: the depth and the length of what is read are bounded before the parser starts, which
//! goes down on the stack.

use std::collections::BTreeMap;
use std::sync::Arc;

use chumsky::error::RichReason;
use chumsky::prelude::*;
use platformc_source::nearest;
use platformc_value::{Data, Entry, Map, Number, Value};

use super::{Attribute, Type, fit};

/// Longer texts are no types that a person or a definition writes.
const LONGEST: usize = 64 * 1024;
/// Brackets inside brackets.
const DEEPEST: usize = 64;

const COLLECTIONS: [&str; 3] = ["list", "set", "map"];

type Extra<'a> = extra::Err<Rich<'a, char>>;

/// Names that other languages give to types.
const OTHERS: [(&str, &str); 10] = [
    ("int", "number"),
    ("integer", "number"),
    ("float", "number"),
    ("boolean", "bool"),
    ("str", "string"),
    ("text", "string"),
    ("array", "list"),
    ("dict", "map"),
    ("struct", "object"),
    ("record", "object"),
];

/// The type that a text is.
///
/// # Errors
/// What is wrong with it, in a few words.
pub(super) fn parse(text: &str) -> Result<Type, String> {
    if text.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    let mut depth = 0_usize;
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err(format!("it nests deeper than {DEEPEST} brackets"));
        }
    }
    let parser = blank().ignore_then(ty()).then_ignore(blank()).then_ignore(end());
    parser.parse(text).into_result().map_err(|errors| explain(text, &errors))
}

fn explain(text: &str, errors: &[Rich<'_, char>]) -> String {
    let custom = errors.iter().find_map(|error| match error.reason() {
        RichReason::Custom(words) => Some(words.clone()),
        RichReason::ExpectedFound { .. } => None,
    });
    if let Some(words) = custom {
        return words;
    }
    let Some(error) = errors.first() else { return "it ends too early".to_owned() };
    let at = error.span().start;
    let word: String = text
        .get(at..)
        .unwrap_or_default()
        .chars()
        .take_while(|char| char.is_alphanumeric() || *char == '_')
        .take(40)
        .collect();
    let column = text.get(..at).unwrap_or_default().chars().count() + 1;
    match (text.get(at..).and_then(|rest| rest.chars().next()), word.is_empty()) {
        (None, _) => "it ends too early".to_owned(),
        (Some(_), false) => format!("`{word}` at character {column} is not expected there"),
        (Some(char), true) => {
            format!("`{}` at character {column} is not expected there", char.escape_default())
        }
    }
}

fn blank<'a>() -> impl Parser<'a, &'a str, (), Extra<'a>> + Clone {
    one_of(" \t\r\n").repeated()
}

fn inline<'a>() -> impl Parser<'a, &'a str, (), Extra<'a>> + Clone {
    one_of(" \t").repeated()
}

/// Between the items of an object: a comma, or a line break.
fn item_end<'a>() -> impl Parser<'a, &'a str, (), Extra<'a>> + Clone {
    let comma = blank().then(just(',')).ignored();
    let line = inline().then(one_of("\r\n")).ignored();
    comma.or(line).then_ignore(blank())
}

fn comma<'a>() -> impl Parser<'a, &'a str, (), Extra<'a>> + Clone {
    blank().then(just(',')).then(blank()).ignored()
}

fn word<'a>() -> impl Parser<'a, &'a str, &'a str, Extra<'a>> + Clone {
    any()
        .filter(|char: &char| char.is_ascii_alphabetic() || *char == '_')
        .then(
            any()
                .filter(|char: &char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-'))
                .repeated(),
        )
        .to_slice()
}

fn text<'a>() -> impl Parser<'a, &'a str, String, Extra<'a>> + Clone {
    let hex = any().filter(char::is_ascii_hexdigit).repeated().exactly(4).to_slice().validate(
        |digits: &str, extra, emitter| {
            let char = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
            char.unwrap_or_else(|| {
                let message = format!("`\\u{digits}` is no character");
                emitter.emit(Rich::custom(extra.span(), message));
                char::REPLACEMENT_CHARACTER
            })
        },
    );
    let escape = just('\\').ignore_then(choice((
        just('n').to('\n'),
        just('r').to('\r'),
        just('t').to('\t'),
        just('"'),
        just('\\'),
        just('u').ignore_then(hex),
    )));
    let template = just("$${").to("${".to_owned()).or(just("%%{").to("%{".to_owned()));
    let begins = just("${").or(just("%{"));
    let interpolation = begins.validate(|begin: &str, extra, emitter| {
        let message = "a default in a type cannot hold an expression";
        emitter.emit(Rich::custom(extra.span(), message));
        begin.to_owned()
    });
    let plain = begins.not().ignore_then(none_of("\"\\\r\n")).or(escape).map(String::from);
    choice((template, interpolation, plain))
        .repeated()
        .collect::<Vec<_>>()
        .map(|parts| parts.concat())
        .delimited_by(just('"'), just('"'))
}

fn key<'a>() -> impl Parser<'a, &'a str, Arc<str>, Extra<'a>> + Clone {
    word().map(Arc::from).or(text().map(Arc::from))
}

fn entry(key: Arc<str>, value: Value) -> Entry {
    Entry { key, key_origin: value.origin, value }
}

/// A literal value.
fn literal<'a>() -> impl Parser<'a, &'a str, Value, Extra<'a>> + Clone {
    recursive(|literal| {
        let words = word().validate(|word, extra, emitter| match word {
            "true" => Value::bool(true),
            "false" => Value::bool(false),
            "null" => Value::null(),
            _ => {
                let message = format!("`{word}` is not a literal value");
                emitter.emit(Rich::custom(extra.span(), message));
                Value::null()
            }
        });
        let number = just('-')
            .or_not()
            .then(one_of("0123456789.eE+-").repeated().at_least(1))
            .to_slice()
            .validate(|digits: &str, extra, emitter| {
                let number = Number::parse(digits).unwrap_or_else(|_| {
                    let message = format!("`{digits}` is not a number");
                    emitter.emit(Rich::custom(extra.span(), message));
                    Number::Int(0)
                });
                Value::new(Data::Number(number), platformc_source::Origin::NONE)
            });
        let list = literal
            .clone()
            .separated_by(comma())
            .allow_trailing()
            .collect::<Vec<Value>>()
            .delimited_by(just('[').then(blank()), blank().then(just(']')))
            .map(Value::list);
        let field = key()
            .then_ignore(inline().then(one_of("=:")).then(blank()))
            .then(literal)
            .map(|(key, value)| entry(key, value));
        let object = field
            .separated_by(item_end())
            .allow_trailing()
            .collect::<Vec<Entry>>()
            .delimited_by(just('{').then(blank()), blank().then(just('}')))
            .validate(|entries, extra, emitter| {
                let mut map = Map::with_capacity(entries.len());
                for entry in entries {
                    if map.entry(&entry.key).is_some() {
                        let message = format!("`{}` stands twice", entry.key);
                        emitter.emit(Rich::custom(extra.span(), message));
                    } else {
                        map.push_unique(entry);
                    }
                }
                Value::map(map)
            });
        choice((words, number, text().map(Value::string), list, object))
    })
}

fn ty<'a>() -> impl Parser<'a, &'a str, Type, Extra<'a>> + Clone {
    recursive(|ty| {
        let name = |wanted: &'static str| word().filter(move |found: &&str| *found == wanted);
        let argument = ty.clone().delimited_by(just('(').then(blank()), blank().then(just(')')));
        let collection = |wanted, make: fn(Type) -> Type| {
            name(wanted)
                .ignore_then(inline().ignore_then(argument.clone()).or_not())
                .map(move |of| make(of.unwrap_or(Type::Any)))
        };
        let tuple = name("tuple").ignore_then(
            ty.clone()
                .separated_by(comma())
                .allow_trailing()
                .collect::<Vec<Type>>()
                .delimited_by(just('[').then(blank()), blank().then(just(']')))
                .delimited_by(just('(').then(blank()), blank().then(just(')')))
                .map(Type::Tuple),
        );
        let optional = name("optional")
            .ignore_then(
                ty.clone()
                    .then(comma().ignore_then(literal()).or_not())
                    .delimited_by(just('(').then(blank()), blank().then(just(')'))),
            )
            .validate(|(ty, default), extra, emitter| {
                if let Some(default) = &default
                    && let Err(why) = fit::value(default, &ty)
                {
                    emitter.emit(Rich::custom(extra.span(), format!("the default {why}")));
                }
                Attribute { ty, optional: true, default }
            });
        let required = ty.map(|ty| Attribute { ty, optional: false, default: None });
        let object = name("object").ignore_then(
            key()
                .then_ignore(inline().then(one_of("=:")).then(blank()))
                .then(optional.or(required))
                .separated_by(item_end())
                .allow_trailing()
                .collect::<Vec<_>>()
                .delimited_by(just('{').then(blank()), blank().then(just('}')))
                .delimited_by(just('(').then(blank()), blank().then(just(')')))
                .validate(|items, extra, emitter| {
                    let mut attributes = BTreeMap::new();
                    for (name, attribute) in items {
                        let message = format!("the attribute `{name}` stands twice");
                        if attributes.insert(name, attribute).is_some() {
                            emitter.emit(Rich::custom(extra.span(), message));
                        }
                    }
                    Type::Object(attributes)
                }),
        );
        let unknown =
            word().filter(|word| !COLLECTIONS.contains(word)).validate(|word, extra, emitter| {
                emitter.emit(Rich::custom(extra.span(), unknown(word)));
                Type::Any
            });
        choice((
            name("any").to(Type::Any),
            name("string").to(Type::String),
            name("number").to(Type::Number),
            name("bool").to(Type::Bool),
            collection("list", Type::list),
            collection("set", Type::set),
            collection("map", Type::map),
            tuple,
            object,
            unknown,
        ))
    })
}

/// What is said of a word that is no type.
fn unknown(word: &str) -> String {
    let known = ["any", "string", "number", "bool", "list", "set", "map", "tuple", "object"];
    if known.contains(&word) {
        return match word {
            "tuple" => "a tuple is written `tuple([string, number])`".to_owned(),
            _ => "an object is written `object({name = string})`".to_owned(),
        };
    }
    if word == "optional" {
        return "`optional` is for attributes of objects".to_owned();
    }
    let other = OTHERS.iter().find(|(name, _)| *name == word).map(|(_, meant)| *meant);
    match other.or_else(|| nearest(word, known).first().copied()) {
        Some(meant) => format!("there is no type `{word}`; did you mean `{meant}`?"),
        None => format!("there is no type `{word}`"),
    }
}
