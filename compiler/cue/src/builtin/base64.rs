//! Package `encoding/base64`: the standard encoding with padding, named by `null`.

use ::base64::Engine;
use ::base64::engine::general_purpose::STANDARD;
use platformc_value::Value;

use super::args::{
    CallError, CallResult, any, binary, bytes, fail, int, integer, literal, space, string, text,
};
use super::{PackageInfo, functions};

/// `encoding/base64`: bytes as text of 64 characters.
pub(super) static PACKAGE: PackageInfo = PackageInfo {
    path: "encoding/base64",
    constants: &[],
    functions: functions! { "encoding/base64";
        Decode(Any, String) -> Bytes = Pure(decode);
        DecodedLen(Any, Int) -> Int = Pure(decoded_length);
        Encode(Any, Bytes) -> String = Pure(encode);
        EncodedLen(Any, Int) -> Int = Pure(encoded_length);
    },
};

/// Other encodings than the standard one are reserved.
fn standard(args: &[Value]) -> Result<(), CallError> {
    let encoding = any(args, 0)?;
    if encoding.is_null() {
        return Ok(());
    }
    fail!(
        "base64: unsupported encoding: cannot use value {} (type {}) as null",
        literal(encoding),
        encoding.kind_name()
    )
}

/// The bytes of base64 text; line breaks in it do not count.
fn decode(args: &[Value]) -> CallResult {
    standard(args)?;
    let given = string(args, 1)?;
    let joined: String = given.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    match LENIENT.decode(&joined) {
        Ok(bytes) => binary(bytes),
        Err(_) => fail!("illegal base64 data at input byte {}", illegal(given)),
    }
}

/// Padding is a must; the bits that the last character has to spare may be anything.
const LENIENT: ::base64::engine::GeneralPurpose = ::base64::engine::GeneralPurpose::new(
    &::base64::alphabet::STANDARD,
    ::base64::engine::GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// Where the text stops being base64.
fn illegal(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_break = |byte: u8| matches!(byte, b'\r' | b'\n');
    let (mut group, mut at) = (0, 0);
    while at < bytes.len() {
        let byte = bytes[at];
        if is_break(byte) {
            at += 1;
            continue;
        }
        if !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')) {
            if byte != b'=' || group < 2 {
                return at;
            }
            let mut rest = (at + 1..bytes.len()).filter(|at| !is_break(bytes[*at]));
            if group == 2 {
                match rest.next() {
                    Some(at) if bytes[at] == b'=' => {}
                    Some(at) => return at - 1,
                    None => return bytes.len(),
                }
            }
            return rest.next().unwrap_or(bytes.len());
        }
        group = (group + 1) % 4;
        at += 1;
    }
    // The last group is short: it counts from its start.
    let mut back = bytes.len();
    while group > 0 && back > 0 {
        back -= 1;
        if !is_break(bytes[back]) {
            group -= 1;
        }
    }
    back
}

/// The base64 text of bytes.
fn encode(args: &[Value]) -> CallResult {
    standard(args)?;
    let given = bytes(args, 1)?;
    space(given.len() / 3 * 4)?;
    text(STANDARD.encode(given))
}

/// The length of the text of so many bytes.
fn encoded_length(args: &[Value]) -> CallResult {
    standard(args)?;
    let n = int(args, 1)?;
    integer(((n.wrapping_add(2)) / 3).wrapping_mul(4))
}

/// The largest number of bytes that text of a length holds.
fn decoded_length(args: &[Value]) -> CallResult {
    standard(args)?;
    integer((int(args, 1)? / 4).wrapping_mul(3))
}
