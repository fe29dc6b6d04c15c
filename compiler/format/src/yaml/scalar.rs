//! The type of a plain scalar, as kubectl's YAML parser finds it.
//!
//! Invariant: [`resolve`] agrees with sigs.k8s.io/yaml on every text, except that numbers stay
//! exact; [`is_ambiguous`] holds where YAML 1.1 or YAML 1.2 reads something else.

use platformc_value::Number;

/// What a plain scalar is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Plain {
    Null,
    Bool(bool),
    Number(Number),
    /// An infinity or a NaN, which JSON and therefore Kubernetes do not have.
    NotFinite,
    String,
}

/// Reads a plain scalar.
pub(crate) fn resolve(text: &str) -> Plain {
    match text.as_bytes().first() {
        None => Plain::Null,
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => number(text),
        Some(b'~') if text.len() == 1 => Plain::Null,
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O')
            if text.len() <= 5 =>
        {
            word(text)
        }
        Some(_) => Plain::String,
    }
}

fn word(text: &str) -> Plain {
    match text {
        "null" | "Null" | "NULL" => Plain::Null,
        "true" | "True" | "TRUE" => Plain::Bool(true),
        "false" | "False" | "FALSE" => Plain::Bool(false),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Plain::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Plain::Bool(false),
        _ => Plain::String,
    }
}

fn number(text: &str) -> Plain {
    let bytes = text.as_bytes();
    if bytes.iter().all(u8::is_ascii_digit) && (bytes[0] != b'0' || bytes.len() == 1) {
        return Number::parse(text).map_or(Plain::String, Plain::Number);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Plain::NotFinite;
    }
    let joined;
    let plain = if text.contains('_') {
        if bytes[0] == b'.' && !separates_digits(bytes) {
            return Plain::String;
        }
        joined = text.replace('_', "");
        joined.as_str()
    } else {
        text
    };
    integer(plain).or_else(|| float(plain)).map_or(Plain::String, Plain::Number)
}

/// Whether every underscore stands between two digits.
fn separates_digits(bytes: &[u8]) -> bool {
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    (0..bytes.len())
        .filter(|at| bytes[*at] == b'_')
        .all(|at| digit(at.checked_sub(1)) && digit(Some(at + 1)))
}

fn integer(text: &str) -> Option<Number> {
    // The reference takes a sign behind `0b`, though behind no other prefix.
    if let Some(signed) = text.strip_prefix("0b").filter(|body| body.starts_with(['+', '-'])) {
        return i64::from_str_radix(signed, 2).ok().map(Number::Int);
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let prefixed = |lower, upper| digits.strip_prefix(lower).or(digits.strip_prefix(upper));
    let (radix, body) = if let Some(body) = prefixed("0x", "0X") {
        (16, body)
    } else if let Some(body) = prefixed("0o", "0O") {
        (8, body)
    } else if let Some(body) = prefixed("0b", "0B") {
        (2, body)
    } else if digits.len() > 1 && digits.starts_with('0') {
        (8, digits)
    } else {
        (10, digits)
    };
    if body.is_empty() || !body.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    if radix == 10 {
        return Number::parse(text).ok();
    }
    // Longer than 64 bits it is no integer; digits alone are then read as a decimal number.
    let magnitude = u64::from_str_radix(body, radix).ok()?;
    let number = Number::parse(&magnitude.to_string()).ok()?;
    if negative {
        let number = number.neg();
        return number.to_i64().is_some().then_some(number);
    }
    Some(number)
}

fn float(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    };
    let exponent_fits =
        exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)));
    if !mantissa_fits || !exponent_fits {
        return None;
    }
    if (exponent.is_some() || mantissa.len() > 300)
        && !unsigned.parse::<f64>().is_ok_and(f64::is_finite)
    {
        return None;
    }
    Number::parse(text).ok()
}

/// Whether YAML 1.1 or YAML 1.2 reads a plain scalar otherwise than it was read here.
pub(crate) fn is_ambiguous(text: &str, plain: &Plain) -> bool {
    match plain {
        Plain::Null | Plain::NotFinite => false,
        Plain::Bool(_) => !text.eq_ignore_ascii_case("true") && !text.eq_ignore_ascii_case("false"),
        Plain::Number(number) => !is_common_number(text, number),
        Plain::String => match text.as_bytes().first() {
            Some(b'0'..=b'9' | b'+' | b'-') => {
                is_sexagesimal(text) || is_timestamp(text) || looks_numeric(text)
            }
            Some(b'=') => text.len() == 1,
            Some(b'<') => text == "<<",
            _ => false,
        },
    }
}

/// Numbers that YAML 1.1, YAML 1.2 and kubectl read alike.
fn is_common_number(text: &str, number: &Number) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if number.is_int() {
        if let Some(hex) = text.strip_prefix("0x") {
            return hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        }
        return digits(unsigned) && (unsigned.len() == 1 || !unsigned.starts_with('0'));
    }
    // YAML 1.1 wants a point, and a sign in the exponent.
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    mantissa.split_once('.').is_some_and(|(whole, fraction)| digits(whole) && digits(fraction))
        && exponent.is_none_or(|text| text.starts_with(['+', '-']))
}

/// `1:30`, `190:20:30`, `1:30.5`: numbers to base sixty in YAML 1.1.
fn is_sexagesimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (body, fraction) = match unsigned.rsplit_once('.') {
        Some((body, fraction)) => (body, Some(fraction)),
        None => (unsigned, None),
    };
    let mut parts = body.split(':');
    let first = parts.next().unwrap_or("");
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let sixty = |part: &str| match part.as_bytes() {
        [one] => one.is_ascii_digit(),
        [ten, one] => matches!(ten, b'0'..=b'5') && one.is_ascii_digit(),
        _ => false,
    };
    let starts = first.starts_with(|c: char| c.is_ascii_digit())
        && (fraction.is_some() || !first.starts_with('0'))
        && number(first);
    starts && body.contains(':') && parts.all(sixty) && fraction.is_none_or(number)
}

/// Dates and times of YAML 1.1, which kubectl keeps as text.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |at: usize| bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    if bytes.len() < 8 || digits(0) != 4 || bytes[4] != b'-' {
        return false;
    }
    let month = digits(5);
    let day_at = 6 + month;
    if !(1..=2).contains(&month) || bytes.get(day_at - 1) != Some(&b'-') || day_at >= bytes.len() {
        return false;
    }
    let day = digits(day_at);
    let rest = &text[day_at + day..];
    if rest.is_empty() {
        return month == 2 && day == 2;
    }
    (1..=2).contains(&day)
        && rest.starts_with(['T', 't', ' ', '\t'])
        && rest[1..].trim_start().starts_with(|c: char| c.is_ascii_digit())
        && rest.matches(':').count() >= 2
}

/// Text that a YAML 1.2 reader takes for a number although kubectl does not: too large for
/// 64 bits in a radix, or too large for a float.
fn looks_numeric(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if let Some(hex) = unsigned.strip_prefix("0x") {
        return !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    if let Some(octal) = unsigned.strip_prefix("0o") {
        return !octal.is_empty() && octal.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    }
    unsigned.contains(['e', 'E']) && unsigned.parse::<f64>().is_ok()
}
