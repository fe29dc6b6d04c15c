//! Package `time`: instants and durations as text. There is no clock: nothing here knows the
//! current time or the zone of a machine.

use platformc_value::Value;

use super::args::{CallError, CallResult, fail, int, integer, record, string, text, truth};
use super::text::quoted;
use super::{Constant, PackageInfo, functions};

mod duration;
mod format;
mod instant;
mod layout;
mod parse;

use instant::Instant;

/// `time`: instants, durations and their layouts.
pub(super) static PACKAGE: PackageInfo = PackageInfo {
    path: "time",
    constants: &[
        ("ANSIC", Constant::String("Mon Jan _2 15:04:05 2006")),
        ("April", Constant::Number("4")),
        ("August", Constant::Number("8")),
        ("December", Constant::Number("12")),
        ("February", Constant::Number("2")),
        ("Friday", Constant::Number("5")),
        ("Hour", Constant::Number("3600000000000")),
        ("January", Constant::Number("1")),
        ("July", Constant::Number("7")),
        ("June", Constant::Number("6")),
        ("Kitchen", Constant::String("3:04PM")),
        ("Kitchen24", Constant::String("15:04")),
        ("March", Constant::Number("3")),
        ("May", Constant::Number("5")),
        ("Microsecond", Constant::Number("1000")),
        ("Millisecond", Constant::Number("1000000")),
        ("Minute", Constant::Number("60000000000")),
        ("Monday", Constant::Number("1")),
        ("Nanosecond", Constant::Number("1")),
        ("November", Constant::Number("11")),
        ("October", Constant::Number("10")),
        ("RFC1123", Constant::String("Mon, 02 Jan 2006 15:04:05 MST")),
        ("RFC1123Z", Constant::String("Mon, 02 Jan 2006 15:04:05 -0700")),
        ("RFC3339", Constant::String("2006-01-02T15:04:05Z07:00")),
        ("RFC3339Date", Constant::String("2006-01-02")),
        ("RFC3339Nano", Constant::String(RFC3339_NANO)),
        ("RFC822", Constant::String("02 Jan 06 15:04 MST")),
        ("RFC822Z", Constant::String("02 Jan 06 15:04 -0700")),
        ("RFC850", Constant::String("Monday, 02-Jan-06 15:04:05 MST")),
        ("RubyDate", Constant::String("Mon Jan 02 15:04:05 -0700 2006")),
        ("Saturday", Constant::Number("6")),
        ("Second", Constant::Number("1000000000")),
        ("September", Constant::Number("9")),
        ("Sunday", Constant::Number("0")),
        ("Thursday", Constant::Number("4")),
        ("Tuesday", Constant::Number("2")),
        ("UnixDate", Constant::String("Mon Jan _2 15:04:05 MST 2006")),
        ("Wednesday", Constant::Number("3")),
    ],
    functions: functions! { "time";
        Duration(String) -> Bool = Pure(|a| duration::parse(string(a, 0)?).and_then(|_| truth(true)));
        Format(String, String) -> Bool = Pure(|a| check(string(a, 0)?, string(a, 1)?));
        FormatDuration(Int) -> String = Pure(|a| text(duration::format(int(a, 0)?)));
        FormatString(String, String) -> String = Pure(format_string);
        Parse(String, String) -> String = Pure(parse_with_layout);
        ParseDuration(String) -> Int = Pure(|a| integer(duration::parse(string(a, 0)?)?));
        Split(String) -> Struct = Pure(split);
        Time(String) -> Bool = Pure(|a| check(string(a, 0)?, RFC3339_NANO));
        ToUnix(String) -> Int = Pure(|a| integer(instant(a)?.seconds));
        ToUnixNano(String) -> Int = Pure(to_nanoseconds);
        Unix(Int, Int) -> String = Pure(unix);
    },
};

const RFC3339_NANO: &str = "2006-01-02T15:04:05.999999999Z07:00";

/// Refuses text that is no instant in a layout.
fn check(value: &str, layout: &str) -> CallResult {
    match parse::parse(layout, value) {
        Ok(_) => truth(true),
        Err(_) => fail!("invalid time {}", quoted(value)),
    }
}

/// The instant of the first argument, in the form of RFC 3339.
fn instant(args: &[Value]) -> Result<Instant, CallError> {
    parse::parse(RFC3339_NANO, string(args, 0)?)
}

/// An instant of RFC 3339 in a layout.
fn format_string(args: &[Value]) -> CallResult {
    let instant = parse::parse(RFC3339_NANO, string(args, 1)?)?;
    text(format::format(&instant, string(args, 0)?)?)
}

/// An instant in a layout as one of RFC 3339 at UTC.
fn parse_with_layout(args: &[Value]) -> CallResult {
    let instant = parse::parse(string(args, 0)?, string(args, 1)?)?;
    text(format::format(&instant.at_utc(), RFC3339_NANO)?)
}

/// The instant so many seconds and nanoseconds after the start of 1970.
fn unix(args: &[Value]) -> CallResult {
    let (seconds, nanoseconds) = (int(args, 0)?, int(args, 1)?);
    let instant = seconds
        .checked_add(nanoseconds.div_euclid(1_000_000_000))
        .filter(|seconds| seconds.unsigned_abs() < 1 << 55)
        .map(|seconds| Instant::utc(seconds, nanoseconds.rem_euclid(1_000_000_000)));
    match instant {
        Some(instant) => text(format::format(&instant, RFC3339_NANO)?),
        None => fail!("the instant is out of range"),
    }
}

/// The nanoseconds since the start of 1970.
fn to_nanoseconds(args: &[Value]) -> CallResult {
    let instant = instant(args)?;
    let total = i128::from(instant.seconds) * 1_000_000_000 + i128::from(instant.nanoseconds);
    match i64::try_from(total) {
        Ok(total) => integer(total),
        Err(_) => fail!("the instant is out of range"),
    }
}

/// The parts of an instant in its own zone.
fn split(args: &[Value]) -> CallResult {
    let civil = instant(args)?.civil();
    record([
        ("year", Value::int(civil.year)),
        ("month", Value::int(civil.month)),
        ("day", Value::int(civil.day)),
        ("hour", Value::int(civil.hour)),
        ("minute", Value::int(civil.minute)),
        ("second", Value::int(civil.second)),
        ("nanosecond", Value::int(civil.nanosecond)),
    ])
}
