//! TOML with spans.
//!
//! Invariant: numbers keep their digits, dates and times become text. The parser limits nesting to
//! a fraction of [`crate::MAX_DEPTH`], so the walk below is safe.

use std::sync::Arc;

use ::toml::de::{DeTable, DeValue};
use platformc_source::{Diagnostic, FileId, Origin, Outcome, Span, codes};
use platformc_value::{Data, Entry, Map, Number, Value};

/// So many findings are kept of a file.
const MAX_FINDINGS: usize = 1000;

/// Reads a TOML text; the value is a map, with what could be understood.
#[must_use]
pub fn read(file: FileId, text: &str) -> Outcome<Value> {
    let (body, base) = crate::without_bom(text);
    let (table, errors) = DeTable::parse_recoverable(body);
    let mut walk = Walk { file, base, text, diagnostics: Vec::new() };
    for error in errors {
        let place = error.span().unwrap_or(0..0);
        let span = walk.span(place.start..place.end.max(place.start + 1));
        walk.report(Diagnostic::new(
            codes::TOML_SYNTAX,
            span,
            format!("the text is not TOML: {}", error.message().trim_end()),
        ));
    }
    let map = walk.table(table.get_ref());
    let value = Value::new(Data::Map(map), Origin::authored(Span::new(file, base, text.len())));
    walk.diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span.start);
    Outcome::new(value, walk.diagnostics)
}

struct Walk<'t> {
    file: FileId,
    base: usize,
    text: &'t str,
    diagnostics: Vec<Diagnostic>,
}

impl Walk<'_> {
    fn span(&self, range: std::ops::Range<usize>) -> Span {
        let (start, end) = (range.start + self.base, range.end + self.base);
        crate::text::whole_characters(self.file, self.text, start, end)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MAX_FINDINGS {
            self.diagnostics.push(diagnostic);
        }
    }

    fn table(&mut self, table: &DeTable<'_>) -> Map {
        let mut map = Map::with_capacity(table.len());
        for (key, value) in table {
            let place = self.span(value.span());
            let data = self.data(value.get_ref(), place);
            map.push_unique(Entry {
                key: Arc::from(&**key.get_ref()),
                key_origin: Origin::authored(self.span(key.span())),
                value: Value::new(data, Origin::authored(place)),
            });
        }
        map
    }

    fn data(&mut self, value: &DeValue<'_>, place: Span) -> Data {
        match value {
            DeValue::String(text) => Data::String(Arc::from(&**text)),
            DeValue::Boolean(b) => Data::Bool(*b),
            DeValue::Datetime(datetime) => Data::String(Arc::from(datetime.to_string())),
            DeValue::Table(table) => Data::Map(self.table(table)),
            DeValue::Array(items) => Data::List(
                items
                    .iter()
                    .map(|item| {
                        let place = self.span(item.span());
                        Value::new(self.data(item.get_ref(), place), Origin::authored(place))
                    })
                    .collect(),
            ),
            DeValue::Integer(integer) => {
                self.number(Number::parse_radix(integer.as_str(), integer.radix()).ok(), place)
            }
            DeValue::Float(float) => {
                let text = float.as_str();
                let number = Number::parse(text).ok();
                // `1e3` has no point, and a float stays a float.
                let number = number.and_then(|number| {
                    let (coefficient, exponent) = number.coefficient_exponent();
                    Number::decimal(coefficient, exponent).ok()
                });
                self.number(number, place)
            }
        }
    }

    fn number(&mut self, number: Option<Number>, place: Span) -> Data {
        if let Some(number) = number {
            return Data::Number(number);
        }
        let message = "the number is infinite, not a number, or larger than the compiler holds";
        self.report(Diagnostic::new(codes::TOML_SYNTAX, place, message));
        Data::Null
    }
}
