//! `file:` URIs and paths.
//!
//! Invariant: a path goes to a URI and back unchanged; a URI of another scheme or machine is no path.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The path that a `file:` URI names, absolute.
pub(crate) fn to_path(uri: &str) -> Option<PathBuf> {
    let scheme = uri.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("file:"))?;
    let rest = uri.get(scheme.len()..)?;
    let path = match rest.strip_prefix("//") {
        // An authority other than this machine is not ours to read.
        Some(rest) => match rest.split_once('/') {
            Some(("" | "localhost", _)) => rest.find('/').and_then(|at| rest.get(at..))?,
            _ => return None,
        },
        None => rest,
    };
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let text = decode(path)?;
    if text.contains('\0') || !text.starts_with('/') {
        return None;
    }
    let bytes = text.as_bytes();
    // `/C:/x` is the path `C:/x`.
    let drive = bytes.get(1).is_some_and(u8::is_ascii_alphabetic) && bytes.get(2) == Some(&b':');
    let text = if drive && cfg!(windows) { text.get(1..)? } else { &text };
    Some(normal(Path::new(text)))
}

/// A path without `.` and `..` steps.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for step in path.components() {
        match step {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                out.pop();
            }
            step => out.push(step),
        }
    }
    out
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let value = digit(rest.next())? * 16 + digit(rest.next())?;
        bytes.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// The URI of an absolute path.
pub(crate) fn of_path(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    let mut uri = String::from(if text.starts_with('/') { "file://" } else { "file:///" });
    for byte in text.bytes() {
        let plain =
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/');
        if plain {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

/// The path of a file relative to a root, with `/`.
pub(crate) fn relative(root: &Path, path: &Path) -> Option<String> {
    let inside = path.strip_prefix(root).ok()?;
    let steps: Option<Vec<&str>> = inside.iter().map(|step| step.to_str()).collect();
    let text = steps?.join("/");
    platformc_source::is_relative(&text).then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn editors_write_uris_in_many_ways() {
        let path = |uri| to_path(uri).map(|path| path.to_string_lossy().into_owned());
        assert_eq!(path("file:///w/a%20b/%C3%A9.yaml").as_deref(), Some("/w/a b/é.yaml"));
        assert_eq!(path("FILE://localhost/w/x").as_deref(), Some("/w/x"));
        assert_eq!(path("file:/w/./x/../y").as_deref(), Some("/w/y"));
        for wrong in ["untitled:Untitled-1", "file://host/x", "file:///%", "file:///%00", "", "é"]
        {
            assert_eq!(path(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn paths_survive(text in "(/[^/\\\\\0]{1,8}){1,4}") {
            let path = normal(Path::new(&text));
            prop_assert_eq!(to_path(&of_path(&path)), Some(path));
        }

        #[test]
        fn any_text_is_a_path_or_is_not(text in ".{0,40}") {
            let _ = to_path(&text);
            let _ = to_path(&format!("file:///{text}"));
        }
    }
}
