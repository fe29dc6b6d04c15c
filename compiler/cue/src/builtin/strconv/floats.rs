//! Binary floats as text. Invariant: exact; digits are those of the float's own value.

/// The width of a float.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    Single,
    Double,
}

/// Reads a decimal or hexadecimal float, with `_` between digits where a prefix names the base.
/// Infinite past the range; `None` if it is no float.
pub(super) fn parse(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let negative = text.starts_with('-');
    if !underscores(unsigned) {
        return None;
    }
    let lower = unsigned.to_ascii_lowercase().replace('_', "");
    let magnitude = match lower.as_str() {
        "inf" | "infinity" => f64::INFINITY,
        "nan" if unsigned.len() == text.len() => return Some(f64::NAN),
        hex if hex.starts_with("0x") => hexadecimal(&hex[2..])?,
        decimal => {
            // The parser of the standard library also takes names and no digits.
            let plain = decimal
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'+' | b'-'));
            if !plain || !decimal.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
                return None;
            }
            decimal.parse().ok()?
        }
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// Whether every `_` stands between digits, or between the prefix `0x` and a digit.
fn underscores(text: &str) -> bool {
    let hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    let is_digit = |byte: &u8| {
        if hexadecimal { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() }
    };
    let bytes = text.as_bytes();
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'_').all(|(at, _)| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        (before.is_some_and(is_digit) || (hexadecimal && at == 2))
            && bytes.get(at + 1).is_some_and(is_digit)
    })
}

/// The nearest float of 32 bits to the same text, as one of 64 bits.
pub(super) fn narrow(text: &str, float: f64) -> f64 {
    let hexadecimal = text.contains(['x', 'X']);
    if hexadecimal {
        return f64::from(float as f32);
    }
    text.replace('_', "").parse::<f32>().map_or(float, f64::from)
}

/// The digits behind `0x`, with the exponent that is a must.
fn hexadecimal(text: &str) -> Option<f64> {
    let (digits, exponent) = text.split_once('p')?;
    let exponent: i64 = match exponent.strip_prefix('+').unwrap_or(exponent) {
        body if body.strip_prefix('-').unwrap_or(body).bytes().all(|b| b.is_ascii_digit()) => {
            body.parse().ok()?
        }
        _ => return None,
    };
    let (mut mantissa, mut scale, mut seen, mut fraction, mut sticky) =
        (0u64, 0i64, false, false, false);
    for c in digits.chars() {
        match c {
            '.' if !fraction => fraction = true,
            c => {
                let digit = u64::from(c.to_digit(16)?);
                seen = true;
                if mantissa >> 58 == 0 {
                    mantissa = mantissa << 4 | digit;
                    scale -= if fraction { 4 } else { 0 };
                } else {
                    sticky |= digit != 0;
                    scale += if fraction { 0 } else { 4 };
                }
            }
        }
    }
    if !seen {
        return None;
    }
    // One bit below all that count keeps the rounding right.
    let mantissa = mantissa << 1 | u64::from(sticky);
    Some(scaled(mantissa, (scale - 1).saturating_add(exponent)))
}

/// `mantissa × 2^exponent`, rounded to even once.
fn scaled(mantissa: u64, exponent: i64) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let length = i64::from(64 - mantissa.leading_zeros());
    let top = exponent.saturating_add(length - 1);
    if top > 1023 {
        return f64::INFINITY;
    }
    // Bits that the result holds: 53, fewer below the normal range.
    let kept = if top < -1022 { 53 - (-1022 - top) } else { 53 };
    if kept < 0 {
        return 0.0;
    }
    let drop = length - kept;
    let (mut value, mut exponent) = (mantissa, exponent);
    if drop > 0 {
        let rest = if drop >= 64 { value } else { value & ((1 << drop) - 1) };
        let half = 1u64 << (drop - 1).min(63);
        value = if drop >= 64 { 0 } else { value >> drop };
        if rest > half || (rest == half && value & 1 == 1) {
            value += 1;
        }
        exponent += drop;
    }
    let mut float = value as f64;
    // Powers of two that are floats themselves, so that no step rounds.
    while exponent != 0 {
        let step = exponent.clamp(-1000, 1000);
        let power = i32::try_from(step).unwrap_or(0);
        float *= 2f64.powi(power);
        exponent -= step;
    }
    float
}

/// A float as text in the format of that letter. `digits` counts those behind the point for `e`,
/// `f` and `x`, all that count for `g`; `None` means as few as tell the float from all others.
pub(super) fn format(float: f64, format: u8, digits: Option<usize>, width: Width) -> String {
    let float = if width == Width::Single { f64::from(float as f32) } else { float };
    let sign = if float.is_sign_negative() { "-" } else { "" };
    if float.is_infinite() {
        return format!("{}Inf", if float < 0.0 { '-' } else { '+' });
    }
    let body = match format {
        b'e' | b'E' => exponential(&decimal(float, width, digits.map(|n| n + 1)), digits, format),
        b'f' => fixed(float, digits, width),
        b'g' | b'G' => general(float, digits, width, format),
        b'b' => binary(float, width),
        b'x' | b'X' => hexadecimal_text(float, format, digits, width),
        other => return format!("%{}", char::from(other)),
    };
    format!("{sign}{body}")
}

/// Decimal digits without leading zeros and the exponent of the first.
struct Decimal {
    digits: String,
    exponent: i32,
}

/// All digits a float of 64 bits can have.
const MOST_DIGITS: usize = 1100;

fn decimal(float: f64, width: Width, digits: Option<usize>) -> Decimal {
    let float = float.abs();
    let text = match digits {
        Some(digits) => format!("{float:.*e}", digits.clamp(1, MOST_DIGITS) - 1),
        None if width == Width::Single => format!("{:e}", float as f32),
        None => format!("{float:e}"),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    Decimal { digits: mantissa.replace('.', ""), exponent: exponent.parse().unwrap_or(0) }
}

fn exponential(decimal: &Decimal, digits: Option<usize>, letter: u8) -> String {
    let (first, rest) = decimal.digits.split_at(1);
    let count = digits.unwrap_or(rest.len());
    let point = if count > 0 { "." } else { "" };
    let zeros = "0".repeat(count.saturating_sub(rest.len()));
    let sign = if decimal.exponent < 0 { '-' } else { '+' };
    let (letter, exponent) = (char::from(letter), decimal.exponent.unsigned_abs());
    format!("{first}{point}{rest}{zeros}{letter}{sign}{exponent:02}")
}

fn fixed(float: f64, digits: Option<usize>, width: Width) -> String {
    if let Some(digits) = digits {
        let shown = digits.min(MOST_DIGITS);
        return format!("{:.shown$}{}", float.abs(), "0".repeat(digits - shown));
    }
    plain(&decimal(float, width, None))
}

/// Digits with the point at its place.
fn plain(decimal: &Decimal) -> String {
    let length = i32::try_from(decimal.digits.len()).unwrap_or(i32::MAX);
    let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or(0));
    let point = decimal.exponent + 1;
    if point <= 0 {
        format!("0.{}{}", zeros(-point), decimal.digits)
    } else if point >= length {
        format!("{}{}", decimal.digits, zeros(point - length))
    } else {
        let (whole, fraction) = decimal.digits.split_at(usize::try_from(point).unwrap_or(0));
        format!("{whole}.{fraction}")
    }
}

/// The shorter of the two notations: exponents below -4, or from the number of digits on.
fn general(float: f64, digits: Option<usize>, width: Width, letter: u8) -> String {
    let mut decimal = decimal(float, width, digits.map(|n| n.max(1)));
    let kept = decimal.digits.trim_end_matches('0').len().max(1);
    decimal.digits.truncate(kept);
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let exponent = i64::from(decimal.exponent);
    let limit = match digits.map(|digits| digits.max(1)) {
        // The shortest form goes by six digits, as `%g` does without a precision.
        None => 6,
        Some(digits) if digits > kept && count(kept) > exponent => count(kept),
        Some(digits) => count(digits),
    };
    if exponent < -4 || exponent >= limit {
        let letter = if letter == b'g' { b'e' } else { b'E' };
        return exponential(&decimal, None, letter);
    }
    plain(&decimal)
}

/// Mantissa and binary exponent.
fn parts(float: f64, width: Width) -> (u64, i32) {
    if width == Width::Single {
        let bits = (float as f32).to_bits();
        let (exponent, fraction) = ((bits >> 23 & 0xff) as i32, u64::from(bits & 0x7f_ffff));
        return if exponent == 0 { (fraction, -149) } else { (fraction | 1 << 23, exponent - 150) };
    }
    let bits = float.to_bits();
    let (exponent, fraction) = ((bits >> 52 & 0x7ff) as i32, bits & ((1 << 52) - 1));
    if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) }
}

fn binary(float: f64, width: Width) -> String {
    let (mantissa, exponent) = parts(float, width);
    format!("{mantissa}p{exponent:+}")
}

fn hexadecimal_text(float: f64, letter: u8, digits: Option<usize>, width: Width) -> String {
    let (mantissa, exponent) = parts(float, width);
    let (mut mantissa, mut exponent) = (mantissa, exponent);
    if mantissa == 0 {
        exponent = 0;
    } else {
        // One digit before the point, 60 bits behind it.
        let shift = mantissa.leading_zeros() as i32 - 3;
        mantissa <<= shift;
        exponent += 60 - shift;
    }
    if let Some(digits) = digits.filter(|digits| *digits < 15) {
        let drop = 60 - 4 * digits as u32;
        let (rest, half) = (mantissa & ((1 << drop) - 1), 1u64 << (drop - 1));
        mantissa >>= drop;
        if rest > half || (rest == half && mantissa & 1 == 1) {
            mantissa += 1;
        }
        mantissa <<= drop;
        if mantissa >> 61 != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let mut fraction = format!("{:015x}", mantissa & ((1 << 60) - 1));
    match digits {
        None => fraction.truncate(fraction.trim_end_matches('0').len()),
        Some(digits) if digits <= 15 => fraction.truncate(digits),
        Some(digits) => fraction.push_str(&"0".repeat(digits - 15)),
    }
    let point = if fraction.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    let (first, exponent) = (mantissa >> 60, exponent.unsigned_abs());
    let text = format!("0x{first}{point}{fraction}p{sign}{exponent:02}");
    if letter == b'X' { text.to_ascii_uppercase() } else { text }
}
