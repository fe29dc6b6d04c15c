//! What names must look like. Invariant: a name that passes is one step of a path on every file
//! system and a valid name of a Kubernetes object (RFC 1123).

use platformc_source::{Diagnostic, codes};

use crate::Text;

fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty()
        && text.len() <= 63
        && text.bytes().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// Whether `text` is a DNS label: 1 to 63 of `a-z`, `0-9` and `-`, no `-` at an end.
#[must_use]
pub fn is_dns_label(text: &str) -> bool {
    is_label(text)
}

/// Whether `text` is a DNS subdomain: labels joined by dots, at most 253 characters.
#[must_use]
pub fn is_dns_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}

/// A name that fits, made from one that does not; `None` where nothing is left of it.
#[must_use]
pub fn suggestion(text: &str) -> Option<String> {
    let mut name = String::new();
    for c in text.chars().take(63) {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_lowercase() || c.is_ascii_digit() => name.push(c),
            _ if !name.is_empty() && !name.ends_with('-') => name.push('-'),
            _ => {}
        }
    }
    let name = name.trim_end_matches('-').to_owned();
    (!name.is_empty()).then_some(name)
}

fn complain(what: &str, rule: &str, name: &Text, sink: &mut Vec<Diagnostic>) {
    let message = format!("`{name}` cannot be the name of {what}");
    let mut diagnostic =
        Diagnostic::new(codes::MODEL_INVALID_NAME, name.span(), message).note(rule.to_owned());
    if let Some(better) = suggestion(name).filter(|better| **better != **name) {
        let title = format!("write `{better}`");
        diagnostic = diagnostic.replace(name.span(), better, title);
    }
    sink.push(diagnostic);
}

/// Checks a name that must be a DNS label.
pub(crate) fn check_label(what: &str, name: &Text, sink: &mut Vec<Diagnostic>) -> bool {
    let good = is_label(name);
    if !good {
        complain(what, "a name is 1 to 63 of a-z, 0-9 and -, with no - at an end", name, sink);
    }
    good
}

/// Checks a name that must be a DNS subdomain.
pub(crate) fn check_subdomain(what: &str, name: &Text, sink: &mut Vec<Diagnostic>) -> bool {
    let good = is_dns_subdomain(name);
    if !good {
        let rule = "a name is at most 253 of a-z, 0-9, - and ., each part between dots \
                    starting and ending with a letter or digit";
        complain(what, rule, name, sink);
    }
    good
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_kubernetes() {
        for good in ["a", "a-b", "0", "a.b-c.d", &"x".repeat(63)] {
            assert!(is_dns_subdomain(good), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a_b", "a..b", ".", "..", "a/b", &"x".repeat(64)] {
            assert!(!is_dns_subdomain(bad), "{bad}");
        }
        assert!(!is_dns_label("a.b"));
        assert_eq!(suggestion("Order_API!").as_deref(), Some("order-api"));
        assert_eq!(suggestion("__"), None);
    }
}
