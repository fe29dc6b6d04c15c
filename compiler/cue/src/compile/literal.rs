//! Number literals (CUE specification, "Numeric literals").

use num_bigint::BigInt;
use platformc_value::{Number, NumberError};

/// Decodes a number as written: separators, radix prefixes, fractions, exponents, multipliers.
pub(super) fn number(text: &str) -> Result<Number, NumberError> {
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    let radix = match plain.get(..2) {
        Some("0x" | "0X") => 16,
        Some("0o" | "0O") => 8,
        Some("0b" | "0B") => 2,
        _ => 10,
    };
    if radix != 10 {
        return Number::parse_radix(&plain[2..], radix);
    }
    let (body, factor) = multiplier(&plain);
    match factor {
        Some(factor) => Number::parse(body)?.scaled(&factor),
        None => Number::parse(&plain),
    }
}

/// Splits a multiplier such as `K` or `Mi` off.
fn multiplier(text: &str) -> (&str, Option<BigInt>) {
    let (body, base) = match text.strip_suffix('i') {
        Some(body) => (body, 1024),
        None => (text, 1000),
    };
    let power = body.chars().last().and_then(|c| "KMGTP".find(c));
    match power {
        Some(power) => {
            let exponent = u32::try_from(power + 1).unwrap_or(1);
            (&body[..body.len() - 1], Some(BigInt::from(base).pow(exponent)))
        }
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_every_form() {
        let read = |text: &str| number(text).map(|n| n.to_string());
        assert_eq!(read("1_000").as_deref(), Ok("1000"));
        assert_eq!(read("0x1F").as_deref(), Ok("31"));
        assert_eq!(read("0b101").as_deref(), Ok("5"));
        assert_eq!(read("1.5Ki").as_deref(), Ok("1536"));
        assert_eq!(read("2M").as_deref(), Ok("2000000"));
        assert_eq!(read(".5").as_deref(), Ok("0.5"));
        assert_eq!(number("1e999999999"), Err(NumberError::TooLarge));
    }
}
