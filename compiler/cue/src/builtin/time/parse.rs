//! Text in a layout as instants. Without a zone an instant is at UTC; names of zones other than
//! UTC are kept, but nobody knows their offset.

use super::instant::{Civil, Instant, days_in, is_leap};
use super::layout::{MONTHS, Part, WEEKDAYS, next};
use crate::builtin::args::{CallError, fail};
use crate::builtin::text::quoted;

#[derive(Default)]
struct Found {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanosecond: i64,
    half: Option<bool>,
    offset: Option<i64>,
    zone: Option<String>,
}

/// Why a value is not in its layout.
enum Wrong {
    Form,
    Range(&'static str),
}

type Read<'t, T> = Result<(T, &'t str), Wrong>;

/// The instant of a value in a layout.
pub(super) fn parse(layout: &str, value: &str) -> Result<Instant, CallError> {
    let mut found = Found::default();
    let (mut rest, mut left) = (layout, value);
    let text = quoted(value);
    loop {
        let (before, part, behind) = next(rest);
        let element = &rest[before.len()..rest.len() - behind.len()];
        let Some(after) = literal(left, before) else {
            return fail!(
                "parsing time {text} as {}: cannot parse {} as {}",
                quoted(layout),
                quoted(left),
                quoted(before)
            );
        };
        left = after;
        let Some(part) = part else {
            if !left.is_empty() {
                return fail!("parsing time {text}: extra text: {}", quoted(left));
            }
            break;
        };
        left = match read(part, left, behind, &mut found) {
            Ok(left) => left,
            Err(Wrong::Range(what)) => return fail!("parsing time {text}: {what} out of range"),
            Err(Wrong::Form) => {
                return fail!(
                    "parsing time {text} as {}: cannot parse {} as {}",
                    quoted(layout),
                    quoted(left),
                    quoted(element)
                );
            }
        };
        rest = behind;
    }
    match finish(found) {
        Ok(instant) => Ok(instant),
        Err(what) => fail!("parsing time {text}: {what} out of range"),
    }
}

/// Steps over the text between parts; blanks in it match any number of blanks.
fn literal<'t>(mut value: &'t str, mut text: &str) -> Option<&'t str> {
    while let Some(c) = text.chars().next() {
        if c == ' ' {
            if !value.is_empty() && !value.starts_with(' ') {
                return None;
            }
            text = text.trim_start_matches(' ');
            value = value.trim_start_matches(' ');
            continue;
        }
        value = value.strip_prefix(c)?;
        text = &text[c.len_utf8()..];
    }
    Some(value)
}

/// A number of one or two digits, or of exactly two.
fn number(text: &str, fixed: bool) -> Read<'_, i64> {
    let digits = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    if digits == 0 || (fixed && digits < 2) {
        return Err(Wrong::Form);
    }
    Ok((text[..digits].parse().map_err(|_| Wrong::Form)?, &text[digits..]))
}

fn exact(text: &str, count: usize) -> Read<'_, i64> {
    match text.get(..count) {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok((digits.parse().map_err(|_| Wrong::Form)?, &text[count..]))
        }
        _ => Err(Wrong::Form),
    }
}

fn name<'t>(text: &'t str, names: &[&str], length: Option<usize>) -> Read<'t, i64> {
    for (at, name) in names.iter().enumerate() {
        let name = length.map_or(*name, |length| &name[..length]);
        let start = text.get(..name.len());
        if start.is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return Ok((i64::try_from(at).unwrap_or(0), &text[name.len()..]));
        }
    }
    Err(Wrong::Form)
}

fn within<'t>(
    (n, rest): (i64, &'t str),
    range: std::ops::RangeInclusive<i64>,
    what: &'static str,
) -> Read<'t, i64> {
    if range.contains(&n) { Ok((n, rest)) } else { Err(Wrong::Range(what)) }
}

fn read<'t>(part: Part, text: &'t str, behind: &str, found: &mut Found) -> Result<&'t str, Wrong> {
    let blank = |text: &'t str| text.strip_prefix(' ').unwrap_or(text);
    Ok(match part {
        Part::LongMonth | Part::ShortMonth => {
            let length = (part == Part::ShortMonth).then_some(3);
            let (month, rest) = name(text, &MONTHS, length)?;
            found.month = Some(month + 1);
            rest
        }
        Part::LongWeekday => name(text, &WEEKDAYS, None)?.1,
        Part::ShortWeekday => name(text, &WEEKDAYS, Some(3))?.1,
        Part::Month | Part::ZeroMonth => {
            let (n, rest) = within(number(text, part == Part::ZeroMonth)?, 1..=12, "month")?;
            found.month = Some(n);
            rest
        }
        Part::Day | Part::BlankDay | Part::ZeroDay => {
            let text = if part == Part::BlankDay { blank(text) } else { text };
            // The range depends on the month, which may come later.
            let (n, rest) = number(text, part == Part::ZeroDay)?;
            found.day = Some(n);
            rest
        }
        Part::BlankYearDay | Part::ZeroYearDay => {
            let blanks = if part == Part::BlankYearDay {
                text.bytes().take(2).take_while(|byte| *byte == b' ').count()
            } else {
                0
            };
            let text = &text[blanks..];
            let digits = text.bytes().take(3).take_while(u8::is_ascii_digit).count();
            if digits == 0 || (part == Part::ZeroYearDay && digits < 3) {
                return Err(Wrong::Form);
            }
            let (n, rest) = exact(text, digits)?;
            found.year_day = Some(n);
            rest
        }
        Part::Hour => {
            let (n, rest) = within(number(text, false)?, 0..=23, "hour")?;
            found.hour = n;
            rest
        }
        Part::Hour12 | Part::ZeroHour12 => {
            let (n, rest) = within(number(text, part == Part::ZeroHour12)?, 0..=12, "hour")?;
            found.hour = n;
            rest
        }
        Part::Minute | Part::ZeroMinute => {
            let (n, rest) = within(number(text, part == Part::ZeroMinute)?, 0..=59, "minute")?;
            found.minute = n;
            rest
        }
        Part::Second | Part::ZeroSecond => {
            let (n, rest) = within(number(text, part == Part::ZeroSecond)?, 0..=59, "second")?;
            found.second = n;
            // A fraction may follow seconds though the layout has none.
            let told = matches!(next(behind), ("", Some(Part::Fraction { .. }), _));
            let digits = rest
                .strip_prefix(['.', ','])
                .map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
            if told || digits == 0 {
                rest
            } else {
                found.nanosecond = nanoseconds(&rest[1..=digits]);
                &rest[1 + digits..]
            }
        }
        Part::LongYear => {
            let (n, rest) = exact(text, 4)?;
            found.year = n;
            rest
        }
        Part::Year => {
            let (n, rest) = exact(text, 2)?;
            found.year = if n >= 69 { n + 1900 } else { n + 2000 };
            rest
        }
        Part::UpperHalf | Part::LowerHalf => {
            let halves = if part == Part::UpperHalf { ["AM", "PM"] } else { ["am", "pm"] };
            let at = halves.iter().position(|half| text.starts_with(half)).ok_or(Wrong::Form)?;
            found.half = Some(at == 1);
            &text[2..]
        }
        Part::ZoneName => {
            let length = zone_length(text).ok_or(Wrong::Form)?;
            // Even of `GMT+3` the reference takes the name, not the offset.
            found.zone = Some(text[..length].to_owned());
            &text[length..]
        }
        Part::Offset { utc, colon, minutes, seconds } => {
            if utc && let Some(rest) = text.strip_prefix('Z') {
                found.offset = Some(0);
                found.zone = None;
                return Ok(rest);
            }
            let (offset, rest) = offset(text, colon, minutes, seconds)?;
            found.offset = Some(offset);
            rest
        }
        Part::Fraction { digits, trimmed } => {
            if trimmed {
                // Nines: a fraction of any length, or none.
                let many = text
                    .strip_prefix(['.', ','])
                    .map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
                if many == 0 {
                    return Ok(text);
                }
                found.nanosecond = nanoseconds(&text[1..=many]);
                &text[1 + many..]
            } else {
                let rest = text.strip_prefix(['.', ',']).ok_or(Wrong::Form)?;
                exact_digits(rest, digits)?;
                found.nanosecond = nanoseconds(&rest[..digits]);
                &rest[digits..]
            }
        }
    })
}

fn exact_digits(text: &str, count: usize) -> Result<(), Wrong> {
    match text.as_bytes().get(..count) {
        Some(digits) if digits.iter().all(u8::is_ascii_digit) => Ok(()),
        _ => Err(Wrong::Form),
    }
}

/// Digits behind the point as nanoseconds; what is smaller does not count.
fn nanoseconds(digits: &str) -> i64 {
    format!("{digits:0<9}").get(..9).and_then(|nine| nine.parse().ok()).unwrap_or(0)
}

fn offset(text: &str, colon: bool, minutes: bool, seconds: bool) -> Read<'_, i64> {
    let sign = match text.as_bytes().first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return Err(Wrong::Form),
    };
    let step = |text: &'_ str| -> Result<usize, Wrong> {
        match (colon, text.starts_with(':')) {
            (true, true) => Ok(1),
            (true, false) => Err(Wrong::Form),
            (false, _) => Ok(0),
        }
    };
    let (hours, mut rest) = exact(&text[1..], 2)?;
    let mut total = within((hours, ""), 0..=24, "time zone offset hour")?.0 * 3600;
    for (wanted, unit, what) in
        [(minutes, 60, "time zone offset minute"), (seconds, 1, "time zone offset second")]
    {
        if wanted {
            let (n, behind) = exact(&rest[step(rest)?..], 2)?;
            total += within((n, ""), 0..=60, what)?.0 * unit;
            rest = behind;
        }
    }
    Ok((sign * total, rest))
}

/// The length of an abbreviation: three to five capitals, `ChST`, `MeST`, `GMT+3`, or `+03`.
fn zone_length(text: &str) -> Option<usize> {
    if text.starts_with("ChST") || text.starts_with("MeST") {
        return Some(4);
    }
    if let Some(rest) = text.strip_prefix("GMT") {
        return Some(3 + signed_hours(rest).unwrap_or(0));
    }
    if text.starts_with(['+', '-']) {
        return signed_hours(text);
    }
    let capitals = text.bytes().take(6).take_while(u8::is_ascii_uppercase).count();
    match capitals {
        3 => Some(3),
        4 if text.as_bytes()[3] == b'T' || text.starts_with("WITA") => Some(4),
        5 if text.as_bytes()[4] == b'T' => Some(5),
        _ => None,
    }
}

/// The length of a sign with hours up to 23.
fn signed_hours(text: &str) -> Option<usize> {
    let digits = text.strip_prefix(['+', '-'])?;
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    let hours: u32 = digits.get(..length)?.parse().ok()?;
    (hours <= 23).then_some(1 + length)
}

fn finish(found: Found) -> Result<Instant, &'static str> {
    let mut hour = found.hour;
    match found.half {
        Some(true) if hour < 12 => hour += 12,
        Some(false) if hour == 12 => hour = 0,
        _ => {}
    }
    let (mut month, mut day) = (found.month, found.day);
    if let Some(year_day) = found.year_day {
        let last = if is_leap(found.year) { 366 } else { 365 };
        if !(1..=last).contains(&year_day) {
            return Err("day-of-year");
        }
        let (mut m, mut d) = (1, year_day);
        while d > days_in(m, found.year) {
            d -= days_in(m, found.year);
            m += 1;
        }
        if month.is_some_and(|month| month != m) {
            return Err("day-of-year does not match month");
        }
        if day.is_some_and(|day| day != d) {
            return Err("day-of-year does not match day");
        }
        (month, day) = (Some(m), Some(d));
    }
    let (month, day) = (month.unwrap_or(1), day.unwrap_or(1));
    if day < 1 || day > days_in(month, found.year) {
        return Err("day");
    }
    let civil = Civil {
        year: found.year,
        month,
        day,
        hour,
        minute: found.minute,
        second: found.second,
        nanosecond: found.nanosecond,
    };
    Ok(Instant::from_civil(&civil, found.offset.unwrap_or(0), found.zone))
}
