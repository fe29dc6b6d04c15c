//! Numbers as CUE literals and as digits in a base.

use num_bigint::BigInt;
use platformc_value::Number;

/// Longest text that is read as an integer: more digits than any number may have.
const MAX_DIGITS: usize = 400_000;

/// Digits in a base from 2 to 62 with an optional sign. Base 0 takes it from a prefix (`0x`, `0o`,
/// `0b`, `0`) and allows `_` between digits. `None` if it is no such integer.
pub(super) fn integer(text: &str, base: u32) -> Option<BigInt> {
    if text.len() > MAX_DIGITS {
        return None;
    }
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let n = if base == 0 { prefixed(digits)? } else { plain(digits, base)? };
    Some(if negative { -n } else { n })
}

fn prefixed(digits: &str) -> Option<BigInt> {
    let lower = digits.as_bytes().get(1).map(u8::to_ascii_lowercase);
    let (base, rest, prefix) = match (digits.as_bytes().first()?, lower) {
        (b'0', Some(b'x')) => (16, &digits[2..], true),
        (b'0', Some(b'o')) => (8, &digits[2..], true),
        (b'0', Some(b'b')) => (2, &digits[2..], true),
        (b'0', Some(_)) => (8, &digits[1..], true),
        _ => (10, digits, false),
    };
    if !underscores(rest, prefix) {
        return None;
    }
    plain(&rest.replace('_', ""), base)
}

/// Whether every `_` stands between digits, or behind the prefix of the base.
fn underscores(digits: &str, prefix: bool) -> bool {
    !digits.ends_with('_') && !digits.contains("__") && (prefix || !digits.starts_with('_'))
}

fn plain(digits: &str, base: u32) -> Option<BigInt> {
    if digits.is_empty() {
        return None;
    }
    if base <= 36 {
        if !digits.bytes().all(|byte| char::from(byte).is_digit(base)) {
            return None;
        }
        return BigInt::parse_bytes(digits.as_bytes(), base);
    }
    let mut values = Vec::with_capacity(digits.len());
    for byte in digits.bytes() {
        let value = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'z' => byte - b'a' + 10,
            b'A'..=b'Z' => byte - b'A' + 36,
            _ => return None,
        };
        values.push(value);
    }
    BigInt::from_radix_be(num_bigint::Sign::Plus, &values, base)
}

const MULTIPLIERS: [(&str, u32, u32); 10] = [
    ("Ki", 2, 10),
    ("Mi", 2, 20),
    ("Gi", 2, 30),
    ("Ti", 2, 40),
    ("Pi", 2, 50),
    ("K", 10, 3),
    ("M", 10, 6),
    ("G", 10, 9),
    ("T", 10, 12),
    ("P", 10, 15),
];

/// A CUE number literal with an optional sign; what is wrong, if it is none.
pub(super) fn literal(text: &str) -> Result<Number, String> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let negative = text.starts_with('-');
    let n = unsigned_literal(unsigned)?;
    Ok(if negative { n.neg() } else { n })
}

fn unsigned_literal(text: &str) -> Result<Number, String> {
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.') {
        return Err(format!("illegal number start {text:?}"));
    }
    if text.len() > MAX_DIGITS {
        return Err("number too large".to_owned());
    }
    if let (b'0', Some(radix @ (b'x' | b'X' | b'o' | b'b'))) = (bytes[0], bytes.get(1)) {
        let (base, name) = match radix {
            b'o' => (8, "octal"),
            b'b' => (2, "binary"),
            _ => (16, "hexadecimal"),
        };
        let digits = &text[2..];
        if !underscores(digits, true) {
            return Err("illegal '_' in number".to_owned());
        }
        return plain(&digits.replace('_', ""), base)
            .map(Number::from)
            .ok_or_else(|| format!("illegal {name} number {text:?}"));
    }
    let (digits, factor) = MULTIPLIERS
        .iter()
        .find_map(|(suffix, base, power)| {
            let digits = text.strip_suffix(suffix)?;
            Some((digits, Some(BigInt::from(*base).pow(*power))))
        })
        .unwrap_or((text, None));
    let whole = digits.split(['.', 'e', 'E']).next().unwrap_or("");
    if digits.ends_with('_') || digits.contains("__") || digits.contains("_.") {
        return Err("illegal '_' in number".to_owned());
    }
    if whole.len() > 1 && whole.starts_with('0') {
        return Err(format!("illegal integer number {text:?}"));
    }
    let parsed = Number::parse(&digits.replace('_', ""))
        .map_err(|error| format!("illegal number {text:?}: {error}"))?;
    match factor {
        Some(factor) => {
            parsed.scaled(&factor).map_err(|_| "number cannot be represented as int".to_owned())
        }
        None => Ok(parsed),
    }
}
