//! Package `strconv`: text of numbers, booleans and quoted text, and back.

use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_traits::{Signed, Zero};
use platformc_cue_syntax::ast::ExprKind;
use platformc_source::FileId;
use platformc_value::{Data, Number, Value};

use super::args::{
    CallError, CallResult, any, big, boolean, decimal, fail, float, from_float, int, int32,
    integer, space, string, text, truth,
};
use super::text::{Keep, is_graphic, is_print, quote, quoted};
use super::{Constant, PackageInfo, functions};

mod floats;
mod numbers;

/// `strconv`: conversions between text and other values.
pub(super) static PACKAGE: PackageInfo = PackageInfo {
    path: "strconv",
    constants: &[("IntSize", Constant::Number("64"))],
    functions: functions! { "strconv";
        Atoi(String) -> Int = Pure(|a| parse_int("Atoi", string(a, 0)?, 10, 0));
        FormatBool(Bool) -> String = Pure(|a| text(boolean(a, 0)?.to_string()));
        FormatFloat(Number, Any, Int, Int) -> String = Pure(format_float);
        FormatInt(Int, Int) -> String = Pure(format_int);
        FormatUint(Int, Int) -> String = Pure(format_int);
        IsGraphic(Int) -> Bool = Pure(|a| truth(rune(a)?.is_some_and(is_graphic)));
        IsPrint(Int) -> Bool = Pure(|a| truth(rune(a)?.is_some_and(is_print)));
        ParseBool(String) -> Bool = Pure(parse_bool);
        ParseFloat(String, Int) -> Number = Pure(parse_float);
        ParseInt(String, Int, Int) -> Int = Pure(|a| parse_int("ParseInt", string(a, 0)?, int(a, 1)?, int(a, 2)?));
        ParseNumber(String) -> Number = Pure(parse_number);
        ParseUint(String, Int, Int) -> Int = Pure(parse_uint);
        Quote(String) -> String = Pure(|a| quote_text(a, Keep::Printable));
        QuoteRune(Int) -> String = Pure(|a| quote_rune(a, Keep::Printable));
        QuoteRuneToASCII(Int) -> String = Pure(|a| quote_rune(a, Keep::Ascii));
        QuoteRuneToGraphic(Int) -> String = Pure(|a| quote_rune(a, Keep::Graphic));
        QuoteToASCII(String) -> String = Pure(|a| quote_text(a, Keep::Ascii));
        QuoteToGraphic(String) -> String = Pure(|a| quote_text(a, Keep::Graphic));
        Unquote(String) -> String = Pure(unquote);
    },
};

fn bad(function: &str, parsed: &str, why: &str) -> CallError {
    CallError::new(format!("strconv.{function}: parsing {}: {why}", quoted(parsed)))
}

const SYNTAX: &str = "invalid syntax";
const RANGE: &str = "value out of range";

/// A boolean from one of its common spellings.
fn parse_bool(args: &[Value]) -> CallResult {
    match string(args, 0)? {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => truth(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => truth(false),
        other => Err(bad("ParseBool", other, SYNTAX)),
    }
}

/// The float of 32 or 64 bits nearest to a decimal or hexadecimal text.
fn parse_float(args: &[Value]) -> CallResult {
    let (given, bits) = (string(args, 0)?, int(args, 1)?);
    let float = floats::parse(given).ok_or_else(|| bad("ParseFloat", given, SYNTAX))?;
    let float = if bits == 32 { floats::narrow(given, float) } else { float };
    if float.is_infinite() && given.bytes().any(|byte| byte.is_ascii_digit()) {
        return Err(bad("ParseFloat", given, RANGE));
    }
    from_float(float)
}

/// The number of a CUE literal.
fn parse_number(args: &[Value]) -> CallResult {
    let given = string(args, 0)?;
    match numbers::literal(given) {
        Ok(n) => decimal(n),
        Err(why) => Err(bad("ParseNumber", given, &why)),
    }
}

fn parse_big(function: &str, given: &str, base: i64, bits: i64) -> Result<BigInt, CallError> {
    if bits < 0 {
        return Err(bad(function, given, RANGE));
    }
    if base != 0 && !(2..=62).contains(&base) {
        return fail!("invalid number base {base}");
    }
    numbers::integer(given, u32::try_from(base).unwrap_or(0))
        .ok_or_else(|| bad(function, given, SYNTAX))
}

/// An integer in a base, of so many bits with its sign (any number of bits, if 0).
fn parse_int(function: &str, given: &str, base: i64, bits: i64) -> CallResult {
    let n = parse_big(function, given, base, bits)?;
    // The most negative integer of a width has the bits of the one after it.
    let magnitude = if n.is_negative() { (&n + 1i32).bits() } else { n.bits() };
    if bits != 0 && magnitude > bits.unsigned_abs() - 1 {
        return Err(bad(function, given, RANGE));
    }
    integer(n)
}

/// An integer in a base, of so many bits without a sign (any number of bits, if 0).
fn parse_uint(args: &[Value]) -> CallResult {
    let (given, bits) = (string(args, 0)?, int(args, 2)?);
    let n = parse_big("ParseUint", given, int(args, 1)?, bits)?;
    if n.is_negative() || (bits != 0 && n.bits() > bits.unsigned_abs()) {
        return Err(bad("ParseUint", given, RANGE));
    }
    integer(n)
}

/// An integer in a base from 2 to 62; digits past 9 are `a` to `z`, then `A` to `Z`.
fn format_int(args: &[Value]) -> CallResult {
    let (n, base) = (big(args, 0)?, int(args, 1)?);
    let Some(base) = u32::try_from(base).ok().filter(|base| (2..=62).contains(base)) else {
        return fail!("invalid base");
    };
    if base <= 36 {
        return text(n.to_str_radix(base));
    }
    let mut digits = Vec::new();
    let mut rest = n.magnitude().clone();
    while !rest.is_zero() {
        let (quotient, digit) = rest.div_rem(&base.into());
        let digit = u8::try_from(digit).unwrap_or(0);
        digits.push(match digit {
            0..=9 => b'0' + digit,
            10..=35 => b'a' + digit - 10,
            _ => b'A' + digit - 36,
        });
        rest = quotient;
    }
    if digits.is_empty() {
        digits.push(b'0');
    }
    if n.sign() == Sign::Minus {
        digits.push(b'-');
    }
    digits.reverse();
    text(String::from_utf8_lossy(&digits).into_owned())
}

/// A float in one of the formats `b e E f g G x X` with so many digits (as few as tell it from
/// all others, if negative).
fn format_float(args: &[Value]) -> CallResult {
    let float = float(args, 0)?;
    let format = match &any(args, 1)?.data {
        Data::String(name) => match name.as_bytes() {
            [byte] => *byte,
            _ => return fail!("expected single character string"),
        },
        Data::Number(n) if n.is_int() => {
            match n.to_i64().and_then(|code| u8::try_from(code).ok()) {
                Some(byte) => byte,
                None => return fail!("format value {n} out of range [0, 255]"),
            }
        }
        _ => return fail!("unexpected kind {}", any(args, 1)?.kind_name()),
    };
    let digits = int(args, 2)?;
    space(usize::try_from(digits).unwrap_or(0))?;
    let bits = match int(args, 3)? {
        32 => floats::Width::Single,
        64 => floats::Width::Double,
        _ => return fail!("strconv: illegal AppendFloat/FormatFloat bitSize"),
    };
    text(floats::format(float, format, usize::try_from(digits).ok(), bits))
}

fn quote_text(args: &[Value], keep: Keep) -> CallResult {
    let given = string(args, 0)?;
    space(given.len())?;
    text(quote(given, '"', keep))
}

/// The character of an integer, if it is one.
fn rune(args: &[Value]) -> Result<Option<char>, CallError> {
    Ok(u32::try_from(int32(args, 0, "rune")?).ok().and_then(char::from_u32))
}

fn quote_rune(args: &[Value], keep: Keep) -> CallResult {
    let rune = rune(args)?.unwrap_or(char::REPLACEMENT_CHARACTER);
    text(quote(rune.encode_utf8(&mut [0; 4]), '\'', keep))
}

/// The text of a CUE string or bytes literal.
fn unquote(args: &[Value]) -> CallResult {
    let given = string(args, 0)?;
    let is_literal = given.starts_with(['"', '\'', '#']) && given.ends_with(['"', '\'', '#']);
    let parsed =
        platformc_cue_syntax::parse_expr(FileId::NONE, if is_literal { given } else { "" });
    if is_literal && parsed.diagnostics.is_empty() {
        match &parsed.value.kind {
            ExprKind::String(decoded) => return text(decoded.clone()),
            ExprKind::Bytes(decoded) => return text(String::from_utf8_lossy(decoded)),
            _ => {}
        }
    }
    fail!("invalid syntax")
}

/// An integer or decimal literal of CUE, for other packages.
pub(super) fn number_literal(given: &str) -> Option<Number> {
    numbers::literal(given).ok()
}
