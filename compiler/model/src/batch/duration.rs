//! Lengths of time. Invariant: a duration is a whole, positive number of seconds, at most a year.

use platformc_source::{Diagnostic, Origin, codes};
use platformc_value::Value;

/// A year: longer is a mistake.
const LONGEST: u64 = 365 * 24 * 60 * 60;

/// A length of time as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duration {
    /// Whole seconds.
    pub seconds: u64,
    /// Where it is written.
    pub origin: Origin,
}

/// Reads `90`, seconds, or `1h30m`, `45s`, `2d`: units from the longest to the shortest, each once.
fn parse(text: &str) -> Option<u64> {
    let units = [('d', 86_400_u64), ('h', 3_600), ('m', 60), ('s', 1)];
    let (mut rest, mut total, mut after) = (text, 0_u64, 0);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let amount: u64 = rest.get(..digits)?.parse().ok()?;
        let unit = rest.get(digits..)?.chars().next()?;
        let at = units.iter().position(|(name, _)| *name == unit)?;
        if at < after {
            return None;
        }
        after = at + 1;
        total = total.checked_add(amount.checked_mul(units.get(at)?.1)?)?;
        rest = rest.get(digits + 1..)?;
    }
    Some(total)
}

/// Lowers a duration; `what` names the field.
pub(super) fn duration(value: &Value, what: &str, sink: &mut Vec<Diagnostic>) -> Option<Duration> {
    let whole = value.as_number().and_then(|number| number.to_i64());
    let seconds = match (whole, value.as_str()) {
        (Some(seconds), _) => u64::try_from(seconds).ok(),
        (None, Some(text)) => parse(text),
        _ => None,
    };
    let seconds = seconds.filter(|seconds| (1..=LONGEST).contains(seconds));
    if seconds.is_none() {
        let message = format!("{what} is not a length of time");
        sink.push(
            Diagnostic::new(codes::MODEL_INVALID_VALUE, value.origin.span, message)
                .note("write seconds, `90`, or `45s`, `30m`, `1h30m`, `2d`; at most a year"),
        );
    }
    seconds.map(|seconds| Duration { seconds, origin: value.origin })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn units_go_from_long_to_short() {
        for (text, seconds) in [("45s", 45), ("1h30m", 5400), ("2d", 172_800), ("1d1s", 86_401)] {
            assert_eq!(parse(text), Some(seconds), "{text}");
        }
        for text in ["h", "30", "1m1h", "1s1s", "-1s", "1.5h", "1 h", "1ü", &"9".repeat(30)] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
