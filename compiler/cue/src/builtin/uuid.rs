//! Package `uuid`: identifiers of 128 bits, RFC 9562.

use md5::Digest;
use num_bigint::{BigInt, Sign};
use platformc_value::Value;

use super::args::{CallError, CallResult, big, bytes, fail, integer, string, text, truth};
use super::{Constant, PackageInfo, functions};

/// `uuid`: text and parts of identifiers, and those made from names.
pub(super) static PACKAGE: PackageInfo = PackageInfo {
    path: "uuid",
    constants: &[
        (
            "ns",
            Constant::Source(concat!(
                r#"{DNS: "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "#,
                r#"URL: "6ba7b811-9dad-11d1-80b4-00c04fd430c8", "#,
                r#"OID: "6ba7b812-9dad-11d1-80b4-00c04fd430c8", "#,
                r#"X500: "6ba7b814-9dad-11d1-80b4-00c04fd430c8", "#,
                r#"Nil: "00000000-0000-0000-0000-000000000000"}"#,
            )),
        ),
        (
            "variants",
            Constant::Source("{Invalid: 0, RFC4122: 1, Reserved: 2, Microsoft: 3, Future: 4}"),
        ),
    ],
    functions: functions! { "uuid";
        FromInt(Int) -> String = Pure(from_int);
        MD5(String, Bytes) -> String = Pure(|a| text(named::<md5::Md5>(a, 3)?));
        Parse(String) -> String = Pure(|a| text(show(&parse(string(a, 0)?)?)));
        SHA1(String, Bytes) -> String = Pure(|a| text(named::<sha1::Sha1>(a, 5)?));
        ToInt(String) -> Int = Pure(|a| integer(BigInt::from_bytes_be(Sign::Plus, string(a, 0)?.as_bytes())));
        URN(String) -> String = Pure(|a| text(format!("urn:uuid:{}", show(&parse(string(a, 0)?)?))));
        Valid(String) -> Bool = Pure(|a| parse(string(a, 0)?).and_then(|_| truth(true)));
        Variant(String) -> Int = Pure(|a| integer(variant(&parse(string(a, 0)?)?)));
        Version(String) -> Int = Pure(|a| integer(i64::from(parse(string(a, 0)?)?[6] >> 4)));
    },
};

type Id = [u8; 16];

fn show(id: &Id) -> String {
    let digits = super::hex::digits(id);
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-")
}

/// Reads the form with hyphens, also behind `urn:uuid:` or in braces, or 32 digits alone.
fn parse(given: &str) -> Result<Id, CallError> {
    let length = given.len();
    let body = match length {
        36 => given,
        45 => match given.get(..9).filter(|start| start.eq_ignore_ascii_case("urn:uuid:")) {
            Some(_) => &given[9..],
            None => {
                let start = given.get(..9).unwrap_or("");
                return fail!("invalid urn prefix: {}", super::text::quoted(start));
            }
        },
        38 => match given.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(body) => body,
            None => return fail!("invalid bracketed UUID format"),
        },
        32 => given,
        _ => return fail!("invalid UUID length: {length}"),
    };
    let hyphens = [8, 13, 18, 23];
    let bytes = body.as_bytes();
    if bytes.len() == 36 && !hyphens.iter().all(|at| bytes[*at] == b'-') {
        return fail!("invalid UUID format");
    }
    let long = bytes.len() == 36;
    let mut id = [0u8; 16];
    let digits = bytes
        .iter()
        .enumerate()
        .filter(|(at, _)| !(long && hyphens.contains(at)))
        .map(|(_, byte)| char::from(*byte).to_digit(16));
    for (at, digit) in digits.enumerate() {
        let digit = digit.and_then(|digit| u8::try_from(digit).ok());
        match (digit, id.get_mut(at / 2)) {
            (Some(digit), Some(byte)) => *byte = *byte << 4 | digit,
            _ => return fail!("invalid UUID format"),
        }
    }
    Ok(id)
}

/// The identifier whose bits are those of an integer.
fn from_int(args: &[Value]) -> CallResult {
    let (_, bytes) = big(args, 0)?.to_bytes_be();
    let Some(zeros) = 16usize.checked_sub(bytes.len()) else {
        return fail!("invalid UUID (got {} bytes)", bytes.len());
    };
    let mut id = [0u8; 16];
    id[zeros..].copy_from_slice(&bytes);
    text(show(&id))
}

/// Which layout an identifier has.
fn variant(id: &Id) -> i64 {
    match id[8] {
        byte if byte & 0xc0 == 0x80 => 1,
        byte if byte & 0xe0 == 0xc0 => 3,
        byte if byte & 0xe0 == 0xe0 => 4,
        _ => 2,
    }
}

/// The identifier of a name within a space, of a version that hashes.
fn named<D: Digest>(args: &[Value], version: u8) -> Result<String, CallError> {
    let space = parse(string(args, 0)?)?;
    let digest = D::new().chain_update(space).chain_update(bytes(args, 1)?).finalize();
    let mut id = [0u8; 16];
    id.copy_from_slice(&digest[..16]);
    id[6] = id[6] & 0x0f | version << 4;
    id[8] = id[8] & 0x3f | 0x80;
    Ok(show(&id))
}
