//! URLs: escapes and syntax. Rules: RFC 3986; as the reference, other than ASCII may stand as is.

use crate::builtin::args::{CallError, fail};
use crate::builtin::text::quoted;

/// Where an escaped text is to stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A segment of a path.
    Segment,
    /// A value of a query, in which a blank is `+`.
    Query,
}

/// Escapes what may not stand in a part.
pub(super) fn escape(text: &str, part: Part) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let stays = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'.' | b'~')
            || (part == Part::Segment && matches!(byte, b'$' | b'&' | b'+' | b'=' | b':' | b'@'));
        if stays {
            out.push(char::from(byte));
        } else if byte == b' ' && part == Part::Query {
            out.push('+');
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Replaces escapes; in a query also `+`.
pub(super) fn unescape(text: &str, query: bool) -> Result<String, CallError> {
    check_escapes(text)?;
    let mut out = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'%' => {
                let digits = text.get(at + 1..at + 3).unwrap_or("");
                out.push(u8::from_str_radix(digits, 16).unwrap_or(b'%'));
                at += 2;
            }
            b'+' if query => out.push(b' '),
            byte => out.push(*byte),
        }
        at += 1;
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

fn check_escapes(text: &str) -> Result<(), CallError> {
    for (at, _) in text.match_indices('%') {
        let bytes = &text.as_bytes()[at..];
        if !matches!(bytes, [_, a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit()) {
            let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(3)]);
            return fail!("invalid URL escape {}", quoted(&shown));
        }
    }
    Ok(())
}

/// Checks a URL or a reference to one; whether it names a scheme.
pub(super) fn check(text: &str) -> Result<bool, CallError> {
    let wrong = |why: &str| fail!("parse {}: {why}", quoted(text));
    if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return wrong("net/url: invalid control character in URL");
    }
    if text == "*" {
        return Ok(false);
    }
    let (before_fragment, fragment) = text.split_once('#').unwrap_or((text, ""));
    let Some((scheme, rest)) = split_scheme(before_fragment) else {
        return wrong("missing protocol scheme");
    };
    let rest = rest.split_once('?').map_or(rest, |(path, _)| path);
    let absolute = !scheme.is_empty();
    let mut path = rest;
    if !rest.starts_with('/') {
        if absolute {
            // What follows the scheme has no structure.
            return check_escapes(fragment).map(|()| true).or_else(|error| wrong(&error.message));
        }
        let segment = rest.split('/').next().unwrap_or("");
        if segment.contains(':') {
            return wrong("first path segment in URL cannot contain colon");
        }
    }
    if let Some(authority) = rest.strip_prefix("//")
        && (absolute || !rest.starts_with("///"))
    {
        let end = authority.find('/').unwrap_or(authority.len());
        path = &authority[end..];
        if let Err(error) = check_authority(&authority[..end]) {
            return wrong(&error.message);
        }
    }
    if let Err(error) = check_escapes(path).and_then(|()| check_escapes(fragment)) {
        return wrong(&error.message);
    }
    Ok(absolute)
}

/// The scheme, if there is one, and the rest; `None` if a colon stands first.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return None,
            b':' => return Some((&text[..at], &text[at + 1..])),
            _ => break,
        }
    }
    Some(("", text))
}

fn check_authority(authority: &str) -> Result<(), CallError> {
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (user, host),
        None => ("", authority),
    };
    let in_user = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
    if !user.chars().all(in_user) {
        return fail!("net/url: invalid userinfo");
    }
    check_escapes(user)?;
    let (name, port) = if host.starts_with('[') {
        let Some(end) = host.rfind(']') else { return fail!("missing ']' in host") };
        (&host[..=end], &host[end + 1..])
    } else {
        host.find(':').map_or((host, ""), |_| host.split_at(host.rfind(':').unwrap_or(0)))
    };
    let valid_port = port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    if !valid_port {
        return fail!("invalid port {} after host", quoted(port));
    }
    if let Some(address) = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        let address = address.split('%').next().unwrap_or("");
        return match address.parse::<std::net::Ipv6Addr>() {
            Ok(_) => Ok(()),
            Err(_) => fail!("invalid host: ParseAddr({}): unable to parse IP", quoted(address)),
        };
    }
    for (at, c) in name.char_indices() {
        let stays =
            !c.is_ascii() || c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:[]<>\"%".contains(c);
        if !stays {
            let shown = quoted(&c.to_string());
            return fail!("invalid character {shown} in host name");
        }
        // Of ASCII only few characters may be escaped in a host name.
        let escape = name.get(at + 1..at + 3).unwrap_or("");
        let is_ascii = u8::from_str_radix(escape, 16).is_ok_and(|byte| byte < 0x80);
        if c == '%' && is_ascii && escape != "25" {
            return fail!("invalid URL escape {}", quoted(&format!("%{escape}")));
        }
    }
    check_escapes(name)
}
