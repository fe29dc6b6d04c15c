//! Host names and ports. Rules: RFC 1123, RFC 5891 for names in the lookup form.

use crate::builtin::args::{CallError, fail};
use crate::builtin::text::is_name;

/// Whether a text is a fully qualified domain name in ASCII; a dot at its end does not count.
pub(super) fn is_fqdn(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    !name.is_empty() && name.len() <= 253 && name.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let valid = (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-');
    if !valid {
        return false;
    }
    match label.get(..4) {
        Some(prefix) if prefix.eq_ignore_ascii_case("xn--") => {
            // Of all that a name may decode to, letters, digits and marks are valid.
            punycode(&label[4..].to_ascii_lowercase()).is_some_and(|name| {
                !name.is_ascii() && name.chars().all(|c| c == '-' || is_name(c))
            })
        }
        Some(prefix) if label.len() > 4 => !prefix.ends_with("--"),
        _ => true,
    }
}

/// The text that a label behind `xn--` stands for: RFC 3492.
fn punycode(encoded: &str) -> Option<String> {
    let (basic, digits) = encoded.rsplit_once('-').unwrap_or(("", encoded));
    let mut out: Vec<char> = basic.chars().collect();
    let (mut code, mut at, mut bias) = (128u32, 0u32, 72u32);
    let mut rest = digits.bytes().peekable();
    let mut first = true;
    while rest.peek().is_some() {
        let (before, mut weight, mut threshold_base) = (at, 1u32, 36u32);
        loop {
            let digit = match rest.next()? {
                byte @ b'a'..=b'z' => u32::from(byte - b'a'),
                byte @ b'0'..=b'9' => u32::from(byte - b'0') + 26,
                _ => return None,
            };
            at = at.checked_add(digit.checked_mul(weight)?)?;
            let threshold = threshold_base.saturating_sub(bias).clamp(1, 26);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(36 - threshold)?;
            threshold_base += 36;
        }
        let count = u32::try_from(out.len()).ok()? + 1;
        let mut delta = (at - before) / if first { 700 } else { 2 };
        first = false;
        delta += delta / count;
        let mut steps = 0;
        while delta > 455 {
            delta /= 35;
            steps += 36;
        }
        bias = steps + 36 * delta / (delta + 38);
        code = code.checked_add(at / count)?;
        at %= count;
        out.insert(usize::try_from(at).ok()?, char::from_u32(code)?);
        at += 1;
    }
    Some(out.into_iter().collect())
}

/// The host and the port of `host:port`, `[host]:port` or `[host%zone]:port`.
pub(super) fn split_port(text: &str) -> Result<(&str, &str), CallError> {
    let wrong = |why: &str| fail!("address {text}: {why}");
    let Some(colon) = text.rfind(':') else { return wrong("missing port in address") };
    let (host, open) = if text.starts_with('[') {
        let Some(end) = text.find(']') else { return wrong("missing ']' in address") };
        if end + 1 == text.len() {
            return wrong("missing port in address");
        }
        if end + 1 != colon {
            let many = text.as_bytes().get(end + 1) == Some(&b':');
            return wrong(if many {
                "too many colons in address"
            } else {
                "missing port in address"
            });
        }
        (&text[1..end], 1)
    } else {
        let host = &text[..colon];
        if host.contains(':') {
            return wrong("too many colons in address");
        }
        (host, 0)
    };
    if text[open..].contains('[') {
        return wrong("unexpected '[' in address");
    }
    if text[if open == 1 { colon } else { 0 }..].contains(']') {
        return wrong("unexpected ']' in address");
    }
    Ok((host, &text[colon + 1..]))
}
