//! Package `encoding/hex`.

use std::fmt::Write;

use platformc_value::Value;

use super::args::{CallResult, binary, bytes, fail, int, integer, space, string, text};
use super::{PackageInfo, functions};

/// `encoding/hex`: bytes as hexadecimal digits.
pub(super) static PACKAGE: PackageInfo = PackageInfo {
    path: "encoding/hex",
    constants: &[],
    functions: functions! { "encoding/hex";
        Decode(String) -> Bytes = Pure(decode);
        DecodedLen(Int) -> Int = Pure(|a| integer(int(a, 0)? / 2));
        Dump(Bytes) -> String = Pure(dump);
        Encode(Bytes) -> String = Pure(encode);
        EncodedLen(Int) -> Int = Pure(|a| integer(int(a, 0)?.wrapping_mul(2)));
    },
};

/// The bytes of pairs of digits.
fn decode(args: &[Value]) -> CallResult {
    let given = string(args, 0)?;
    let mut out = Vec::with_capacity(given.len() / 2);
    let mut high = None;
    for c in given.chars() {
        let Some(digit) = c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()) else {
            return fail!("encoding/hex: invalid byte: U+{:04X} {c:?}", u32::from(c));
        };
        match high.take() {
            None => high = Some(digit),
            Some(high) => out.push(high << 4 | digit),
        }
    }
    if high.is_some() {
        return fail!("encoding/hex: odd length hex string");
    }
    binary(out)
}

/// The digits of bytes, in lower case.
pub(super) fn digits(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to text cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

fn encode(args: &[Value]) -> CallResult {
    let bytes = bytes(args, 0)?;
    space(bytes.len() * 2)?;
    text(digits(bytes))
}

/// A dump as `hexdump -C` makes it: offset, sixteen bytes in two groups, their ASCII.
fn dump(args: &[Value]) -> CallResult {
    let bytes = bytes(args, 0)?;
    space(bytes.len().saturating_mul(5))?;
    let mut out = String::new();
    for (row, line) in bytes.chunks(16).enumerate() {
        let _ = write!(out, "{:08x} ", row * 16);
        for at in 0..16 {
            if at == 8 {
                out.push(' ');
            }
            match line.get(at) {
                Some(byte) => {
                    let _ = write!(out, " {byte:02x}");
                }
                None => out.push_str("   "),
            }
        }
        out.push_str("  |");
        out.extend(line.iter().map(|byte| match byte {
            b' '..=b'~' => char::from(*byte),
            _ => '.',
        }));
        out.push_str("|\n");
    }
    text(out)
}
