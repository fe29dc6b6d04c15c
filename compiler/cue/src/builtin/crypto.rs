//! Packages `crypto/…`: digests, message authentication and signatures, by the libraries of the
//! RustCrypto and dalek projects.

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use md5::{Digest, Md5};
use platformc_value::Value;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};

use super::args::{CallError, CallResult, binary, bytes, fail, string, truth};
use super::{Constant, PackageInfo, functions};

/// `crypto/md5`: for old formats, not for security.
pub(super) static MD5: PackageInfo = PackageInfo {
    path: "crypto/md5",
    constants: &[("BlockSize", Constant::Number("64")), ("Size", Constant::Number("16"))],
    functions: functions! { "crypto/md5";
        Sum(Bytes) -> Bytes = Pure(digest::<Md5>);
    },
};

/// `crypto/sha1`: for old formats, not for security.
pub(super) static SHA1: PackageInfo = PackageInfo {
    path: "crypto/sha1",
    constants: &[("BlockSize", Constant::Number("64")), ("Size", Constant::Number("20"))],
    functions: functions! { "crypto/sha1";
        Sum(Bytes) -> Bytes = Pure(digest::<Sha1>);
    },
};

/// `crypto/sha256`
pub(super) static SHA256: PackageInfo = PackageInfo {
    path: "crypto/sha256",
    constants: &[
        ("BlockSize", Constant::Number("64")),
        ("Size", Constant::Number("32")),
        ("Size224", Constant::Number("28")),
    ],
    functions: functions! { "crypto/sha256";
        Sum224(Bytes) -> Bytes = Pure(digest::<Sha224>);
        Sum256(Bytes) -> Bytes = Pure(digest::<Sha256>);
    },
};

/// `crypto/sha512`
pub(super) static SHA512: PackageInfo = PackageInfo {
    path: "crypto/sha512",
    constants: &[
        ("BlockSize", Constant::Number("128")),
        ("Size", Constant::Number("64")),
        ("Size224", Constant::Number("28")),
        ("Size256", Constant::Number("32")),
        ("Size384", Constant::Number("48")),
    ],
    functions: functions! { "crypto/sha512";
        Sum384(Bytes) -> Bytes = Pure(digest::<Sha384>);
        Sum512(Bytes) -> Bytes = Pure(digest::<Sha512>);
        Sum512_224(Bytes) -> Bytes = Pure(digest::<Sha512_224>);
        Sum512_256(Bytes) -> Bytes = Pure(digest::<Sha512_256>);
    },
};

/// `crypto/hmac`
pub(super) static HMAC: PackageInfo = PackageInfo {
    path: "crypto/hmac",
    constants: &[
        ("MD5", Constant::String("MD5")),
        ("SHA1", Constant::String("SHA1")),
        ("SHA224", Constant::String("SHA224")),
        ("SHA256", Constant::String("SHA256")),
        ("SHA384", Constant::String("SHA384")),
        ("SHA512", Constant::String("SHA512")),
        ("SHA512_224", Constant::String("SHA512_224")),
        ("SHA512_256", Constant::String("SHA512_256")),
    ],
    functions: functions! { "crypto/hmac";
        Sign(String, Bytes, Bytes) -> Bytes = Pure(sign);
    },
};

/// `crypto/ed25519`
pub(super) static ED25519: PackageInfo = PackageInfo {
    path: "crypto/ed25519",
    constants: &[("PublicKeySize", Constant::Number("32"))],
    functions: functions! { "crypto/ed25519";
        Valid(Bytes, Bytes, Bytes) -> Bool = Pure(valid);
    },
};

fn digest<D: Digest>(args: &[Value]) -> CallResult {
    binary(&D::digest(bytes(args, 0)?)[..])
}

fn mac<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> CallResult {
    let mut mac =
        <M as Mac>::new_from_slice(key).map_err(|error| CallError::new(error.to_string()))?;
    mac.update(data);
    binary(&mac.finalize().into_bytes()[..])
}

/// The authentication code of data under a key, by the hash of that name.
fn sign(args: &[Value]) -> CallResult {
    let (key, data) = (bytes(args, 1)?, bytes(args, 2)?);
    match string(args, 0)? {
        "MD5" => mac::<Hmac<Md5>>(key, data),
        "SHA1" => mac::<Hmac<Sha1>>(key, data),
        "SHA224" => mac::<Hmac<Sha224>>(key, data),
        "SHA256" => mac::<Hmac<Sha256>>(key, data),
        "SHA384" => mac::<Hmac<Sha384>>(key, data),
        "SHA512" => mac::<Hmac<Sha512>>(key, data),
        "SHA512_224" => mac::<Hmac<Sha512_224>>(key, data),
        "SHA512_256" => mac::<Hmac<Sha512_256>>(key, data),
        _ => fail!("unsupported hash function"),
    }
}

/// Whether a signature of a message is that of a public key's owner.
fn valid(args: &[Value]) -> CallResult {
    let (key, message, signature) = (bytes(args, 0)?, bytes(args, 1)?, bytes(args, 2)?);
    let Ok(key) = <&[u8; 32]>::try_from(key) else {
        return fail!("ed25519: publicKey must be 32 bytes");
    };
    let (Ok(key), Ok(signature)) = (
        ed25519_dalek::VerifyingKey::from_bytes(key),
        ed25519_dalek::Signature::from_slice(signature),
    ) else {
        return truth(false);
    };
    truth(ed25519_dalek::Verifier::verify(&key, message, &signature).is_ok())
}
