//! Durations such as `1h15m30.918s`, in nanoseconds of 64 bits.

use crate::builtin::args::{CallError, fail};
use crate::builtin::text::quoted;

const UNITS: [(&str, i128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// The nanoseconds of a sequence of numbers with units, with an optional sign.
pub(super) fn parse(given: &str) -> Result<i64, CallError> {
    let invalid = || fail!("time: invalid duration {}", quoted(given));
    let negative = given.starts_with('-');
    let mut rest = given.strip_prefix(['-', '+']).unwrap_or(given);
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return invalid();
    }
    let mut total = 0i128;
    while !rest.is_empty() {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let (whole, behind) = rest.split_at(digits(rest));
        let (fraction, behind) = match behind.strip_prefix('.') {
            Some(behind) => behind.split_at(digits(behind)),
            None => ("", behind),
        };
        if whole.is_empty() && fraction.is_empty() {
            return invalid();
        }
        let length = behind.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(behind.len());
        let (name, behind) = behind.split_at(length);
        if name.is_empty() {
            return fail!("time: missing unit in duration {}", quoted(given));
        }
        let Some((_, unit)) = UNITS.iter().find(|(known, _)| *known == name) else {
            return fail!("time: unknown unit {} in duration {}", quoted(name), quoted(given));
        };
        let whole = match whole.trim_start_matches('0') {
            "" => 0,
            whole if whole.len() > 19 => return invalid(),
            whole => whole.parse::<i128>().unwrap_or(i128::MAX >> 64),
        };
        total += whole * unit + fraction_of(fraction, *unit);
        let limit = i128::from(i64::MAX) + i128::from(negative);
        if total > limit {
            return invalid();
        }
        rest = behind;
    }
    i64::try_from(if negative { -total } else { total }).or_else(|_| invalid())
}

/// A fraction of a unit. The reference multiplies floats, which rounds thirds of an hour well.
fn fraction_of(digits: &str, unit: i128) -> i128 {
    let (mut part, mut scale) = (0u64, 1f64);
    for digit in digits.bytes() {
        // Further digits are below what a float tells apart.
        if part > i64::MAX.unsigned_abs() / 10 {
            break;
        }
        part = part * 10 + u64::from(digit - b'0');
        scale *= 10.0;
    }
    (part as f64 * (unit as f64 / scale)) as i128
}

/// Nanoseconds in the largest units that fit: hours, minutes and seconds, or one smaller unit.
pub(super) fn format(nanoseconds: i64) -> String {
    let size = nanoseconds.unsigned_abs();
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let decimal = |unit: u64| {
        let digits = unit.ilog10() as usize;
        let text = format!("{}.{:0digits$}", size / unit, size % unit);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    let body = match size {
        0 => return "0s".to_owned(),
        1..1_000 => format!("{size}ns"),
        1_000..1_000_000 => format!("{}µs", decimal(1_000)),
        1_000_000..1_000_000_000 => format!("{}ms", decimal(1_000_000)),
        _ => {
            let minutes = size / 60_000_000_000;
            let rest = size % 60_000_000_000;
            let fraction = format!("{}.{:09}", rest / 1_000_000_000, rest % 1_000_000_000);
            let seconds = fraction.trim_end_matches('0').trim_end_matches('.').to_owned();
            match (minutes / 60, minutes % 60) {
                (0, 0) => format!("{seconds}s"),
                (0, minutes) => format!("{minutes}m{seconds}s"),
                (hours, minutes) => format!("{hours}h{minutes}m{seconds}s"),
            }
        }
    };
    format!("{sign}{body}")
}
