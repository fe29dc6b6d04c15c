//! Instants as text in a layout.

use super::instant::Instant;
use super::layout::{MONTHS, Part, WEEKDAYS, next};
use crate::builtin::args::{CallError, space};

/// An instant in a layout, in its own zone.
pub(super) fn format(instant: &Instant, layout: &str) -> Result<String, CallError> {
    let mut out = String::new();
    let mut rest = layout;
    while !rest.is_empty() {
        let (before, part, behind) = next(rest);
        out.push_str(before);
        if let Some(part) = part {
            let separator = rest[before.len()..].chars().next().unwrap_or('.');
            push(&mut out, instant, part, separator);
        }
        space(out.len())?;
        rest = behind;
    }
    Ok(out)
}

fn name(names: &[&'static str], index: i64) -> &'static str {
    usize::try_from(index).ok().and_then(|index| names.get(index)).copied().unwrap_or("")
}

fn push(out: &mut String, instant: &Instant, part: Part, separator: char) {
    let civil = instant.civil();
    let hour12 = if civil.hour % 12 == 0 { 12 } else { civil.hour % 12 };
    out.push_str(&match part {
        Part::LongMonth => name(&MONTHS, civil.month - 1).to_owned(),
        Part::ShortMonth => name(&MONTHS, civil.month - 1)[..3].to_owned(),
        Part::Month => civil.month.to_string(),
        Part::ZeroMonth => format!("{:02}", civil.month),
        Part::LongWeekday => name(&WEEKDAYS, instant.weekday()).to_owned(),
        Part::ShortWeekday => name(&WEEKDAYS, instant.weekday())[..3].to_owned(),
        Part::Day => civil.day.to_string(),
        Part::BlankDay => format!("{:2}", civil.day),
        Part::ZeroDay => format!("{:02}", civil.day),
        Part::BlankYearDay => format!("{:3}", instant.day_of_year()),
        Part::ZeroYearDay => format!("{:03}", instant.day_of_year()),
        Part::Hour => format!("{:02}", civil.hour),
        Part::Hour12 => hour12.to_string(),
        Part::ZeroHour12 => format!("{hour12:02}"),
        Part::Minute => civil.minute.to_string(),
        Part::ZeroMinute => format!("{:02}", civil.minute),
        Part::Second => civil.second.to_string(),
        Part::ZeroSecond => format!("{:02}", civil.second),
        Part::LongYear if civil.year < 0 => format!("-{:04}", -civil.year),
        Part::LongYear => format!("{:04}", civil.year),
        Part::Year => format!("{:02}", civil.year.rem_euclid(100)),
        Part::UpperHalf => (if civil.hour >= 12 { "PM" } else { "AM" }).to_owned(),
        Part::LowerHalf => (if civil.hour >= 12 { "pm" } else { "am" }).to_owned(),
        Part::ZoneName => zone(instant),
        Part::Offset { utc: true, .. } if instant.offset == 0 => "Z".to_owned(),
        Part::Offset { colon, minutes, seconds, .. } => {
            offset(instant.offset, colon, minutes, seconds)
        }
        Part::Fraction { digits, trimmed } => {
            fraction(civil.nanosecond, digits, trimmed, separator)
        }
    });
}

fn zone(instant: &Instant) -> String {
    match &instant.zone {
        Some(zone) => zone.clone(),
        None if instant.offset == 0 => "UTC".to_owned(),
        None => offset(instant.offset, false, true, false),
    }
}

fn offset(offset: i64, colon: bool, minutes: bool, seconds: bool) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let size = offset.abs();
    let colon = if colon { ":" } else { "" };
    let mut out = format!("{sign}{:02}", size / 3600);
    if minutes {
        out.push_str(&format!("{colon}{:02}", size / 60 % 60));
    }
    if seconds {
        out.push_str(&format!("{colon}{:02}", size % 60));
    }
    out
}

fn fraction(nanosecond: i64, digits: usize, trimmed: bool, separator: char) -> String {
    let mut text = format!("{nanosecond:09}");
    text.truncate(digits.min(9));
    if trimmed {
        text.truncate(text.trim_end_matches('0').len());
        if text.is_empty() {
            return text;
        }
    }
    format!("{separator}{text}")
}
