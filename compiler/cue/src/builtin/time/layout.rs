//! Layouts: how the reference instant, Monday 2 January 2006 15:04:05 in the zone MST seven hours
//! west of UTC, would be written. Rules: public documentation of the package.

/// A part of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    LongMonth,
    ShortMonth,
    Month,
    ZeroMonth,
    LongWeekday,
    ShortWeekday,
    Day,
    BlankDay,
    ZeroDay,
    BlankYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperHalf,
    LowerHalf,
    ZoneName,
    /// An offset: `Z` for UTC, colons, seconds, and whether it has minutes.
    Offset {
        utc: bool,
        colon: bool,
        minutes: bool,
        seconds: bool,
    },
    /// A fraction of so many digits; digits written as 9 are left out where they are zero.
    Fraction {
        digits: usize,
        trimmed: bool,
    },
}

const fn offset(utc: bool, colon: bool, minutes: bool, seconds: bool) -> Part {
    Part::Offset { utc, colon, minutes, seconds }
}

/// Texts of parts; where one begins another, the longer stands first.
const PARTS: [(&str, Part); 33] = [
    ("January", Part::LongMonth),
    ("Jan", Part::ShortMonth),
    ("Monday", Part::LongWeekday),
    ("Mon", Part::ShortWeekday),
    ("MST", Part::ZoneName),
    ("01", Part::ZeroMonth),
    ("002", Part::ZeroYearDay),
    ("02", Part::ZeroDay),
    ("03", Part::ZeroHour12),
    ("04", Part::ZeroMinute),
    ("05", Part::ZeroSecond),
    ("06", Part::Year),
    ("15", Part::Hour),
    ("1", Part::Month),
    ("2006", Part::LongYear),
    ("2", Part::Day),
    ("__2", Part::BlankYearDay),
    ("_2", Part::BlankDay),
    ("3", Part::Hour12),
    ("4", Part::Minute),
    ("5", Part::Second),
    ("PM", Part::UpperHalf),
    ("pm", Part::LowerHalf),
    ("-07:00:00", offset(false, true, true, true)),
    ("-070000", offset(false, false, true, true)),
    ("-07:00", offset(false, true, true, false)),
    ("-0700", offset(false, false, true, false)),
    ("-07", offset(false, false, false, false)),
    ("Z07:00:00", offset(true, true, true, true)),
    ("Z070000", offset(true, false, true, true)),
    ("Z07:00", offset(true, true, true, false)),
    ("Z0700", offset(true, false, true, false)),
    ("Z07", offset(true, false, false, false)),
];

/// The next part of a layout: the text before it, the part, and the text behind it.
pub(super) fn next(layout: &str) -> (&str, Option<Part>, &str) {
    for (at, c) in layout.char_indices() {
        let rest = &layout[at..];
        if matches!(c, '.' | ',')
            && let Some((part, length)) = fraction(rest)
        {
            return (&layout[..at], Some(part), &rest[length..]);
        }
        // `_2006` is a blank and a year.
        if let Some(behind) = rest.strip_prefix("_2006") {
            return (&layout[..=at], Some(Part::LongYear), behind);
        }
        let found = PARTS.iter().find(|(text, _)| rest.starts_with(text));
        let Some((text, part)) = found else { continue };
        let behind = &rest[text.len()..];
        // `Janet` and `Month` are words.
        if *part == Part::ShortMonth && behind.starts_with(|c: char| c.is_ascii_lowercase()) {
            continue;
        }
        if *part == Part::ShortWeekday && behind.starts_with(|c: char| c.is_ascii_lowercase()) {
            continue;
        }
        return (&layout[..at], Some(*part), behind);
    }
    (layout, None, "")
}

/// A point or comma with zeros or nines, and no other digit behind them.
fn fraction(text: &str) -> Option<(Part, usize)> {
    let digit = *text.as_bytes().get(1)?;
    if !matches!(digit, b'0' | b'9') {
        return None;
    }
    let digits = text.bytes().skip(1).take_while(|byte| *byte == digit).count();
    if text.as_bytes().get(1 + digits).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    Some((Part::Fraction { digits, trimmed: digit == b'9' }, 1 + digits))
}

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
