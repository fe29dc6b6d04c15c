//! Values handed in, and numbers.
//!
//! Invariant: a value that goes in and comes out again is the same, with its places.

use nickel_lang_core::eval::cache::lazy::Thunk;
use nickel_lang_core::eval::value::NickelValue;
use nickel_lang_core::eval::{Closure, Environment};
use nickel_lang_core::identifier::LocIdent;
use nickel_lang_core::parser::lexer::{Lexer, NormalToken, Token};
use nickel_lang_core::term::Number as NickelNumber;
use nickel_lang_core::term::record::RecordData;
use platformc_value::{Data, Number, Value};

use crate::engine::Engine;

impl Engine {
    /// A value of ours for an evaluation that is under way.
    pub(crate) fn inject(&mut self, value: &Value) -> NickelValue {
        self.put(value, true)
    }

    /// A value of ours as the content of a file, which is yet to be made ready for evaluation.
    pub(crate) fn content(&mut self, value: &Value) -> NickelValue {
        self.put(value, false)
    }

    /// The depth of a value is that of its reader. Inside records and lists the evaluator takes
    /// scalars and suspended computations only, which `suspend` makes of records and lists.
    fn put(&mut self, value: &Value, suspend: bool) -> NickelValue {
        let at = self.place_of(value.origin.span);
        match &value.data {
            Data::Null => NickelValue::null().with_pos_idx(at),
            Data::Bool(value) => NickelValue::bool_value(*value, at),
            Data::Number(number) => match rational(number) {
                Some(number) => NickelValue::number(number, at),
                // The text keeps what cannot be a number of the evaluator.
                None => NickelValue::string(number.to_string(), at),
            },
            Data::String(text) => NickelValue::string(&**text, at),
            Data::Bytes(bytes) => NickelValue::string(String::from_utf8_lossy(bytes), at),
            Data::List(items) => {
                let items = items.iter().map(|item| self.inner(item, suspend)).collect();
                NickelValue::array(items, Vec::new(), at)
            }
            Data::Map(map) => {
                let mut fields = Vec::with_capacity(map.len());
                for entry in map {
                    let key = self.place_of(entry.key_origin.span);
                    let key = self.vm.pos_table.get(key);
                    let key = LocIdent::new_with_pos(&*entry.key, key);
                    fields.push((key, self.inner(&entry.value, suspend)));
                }
                NickelValue::record(RecordData::with_field_values(fields), at)
            }
        }
    }

    fn inner(&mut self, value: &Value, suspend: bool) -> NickelValue {
        let inner = self.put(value, suspend);
        match value.data {
            Data::List(_) | Data::Map(_) if suspend => suspended(inner, Environment::new()),
            _ => inner,
        }
    }
}

/// A computation that is set aside until it is needed, and done once.
pub(crate) fn suspended(value: NickelValue, env: Environment) -> NickelValue {
    let at = value.pos_idx();
    Thunk::new(Closure { value, env }, at).into()
}

/// A number as a fraction; `None` for one whose exponent would make it huge.
fn rational(number: &Number) -> Option<NickelNumber> {
    if let Number::Int(n) = number {
        return Some(NickelNumber::from(*n));
    }
    let text = number.to_string();
    let exponent = text.split(['e', 'E']).nth(1).map_or(Ok(0), str::parse::<i64>).ok()?;
    if exponent.abs() > 10_000 || text.len() > 100_000 {
        return None;
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.as_str()),
    };
    match Lexer::new(digits).next()?.ok()? {
        (_, Token::Normal(NormalToken::DecNumLiteral(number)), end) if end == digits.len() => {
            Some(if negative { -number } else { number })
        }
        _ => None,
    }
}

/// A fraction as a number: exactly, where decimals can say it; else as the nearest number of
/// 64 bits, which is what Nickel exports.
pub(crate) fn number(number: &NickelNumber, value: &NickelValue) -> Option<Number> {
    let text = number.to_string();
    match text.split_once('/') {
        None => Number::parse(&text).ok(),
        Some((numerator, denominator)) => decimal(numerator, denominator)
            .or_else(|| Number::parse(&serde_json::to_string(value).ok()?).ok()),
    }
}

/// A fraction as an exact decimal of at most 30 places.
fn decimal(numerator: &str, denominator: &str) -> Option<Number> {
    let bottom: u128 = denominator.parse().ok()?;
    let mut scale = 1_u128;
    let mut places = 0_usize;
    while !scale.is_multiple_of(bottom) {
        places += 1;
        if places > 30 {
            return None;
        }
        scale *= 10;
    }
    let (sign, digits) = match numerator.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", numerator),
    };
    let top: u128 = digits.parse().ok()?;
    let shifted = top.checked_mul(scale / bottom)?.to_string();
    let padded = format!("{shifted:0>width$}", width = places + 1);
    let (whole, fraction) = padded.split_at(padded.len() - places);
    Number::parse(&format!("{sign}{whole}.{fraction}")).ok()
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn fractions_are_exact_decimals_where_they_can_be() {
        let text = |top, bottom| decimal(top, bottom).map(|number| number.to_string());
        assert_eq!(text("1", "10").as_deref(), Some("0.1"));
        assert_eq!(text("-3", "8").as_deref(), Some("-0.375"));
        assert_eq!(text("1000001", "1000").as_deref(), Some("1000.001"));
        assert_eq!(text("1", "3"), None);
    }
}
