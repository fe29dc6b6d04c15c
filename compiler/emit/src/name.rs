//! Names as Kubernetes' API server checks them (documentation: "Object Names and IDs", "Labels and
//! Selectors", "Annotations").

/// What kind of name something has to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// RFC 1123 subdomain: at most 253 characters of `a-z0-9-.`, each part with an alphanumeric
    /// character at its ends.
    Subdomain,
    /// RFC 1123 label: at most 63 characters of `a-z0-9-`, alphanumeric at the ends.
    Label,
    /// RFC 1035 label: as [`Rule::Label`], starting with a letter.
    ServiceName,
    /// At most 52 characters of a subdomain: jobs get 11 more.
    CronJob,
    /// Anything that is one step of a URL's path.
    PathSegment,
}

impl Rule {
    /// The rule for the name of an object.
    pub(crate) fn of(group: &str, kind: &str) -> Rule {
        match (group, kind) {
            ("", "Namespace") => Rule::Label,
            ("", "Service") => Rule::ServiceName,
            ("batch", "CronJob") => Rule::CronJob,
            ("rbac.authorization.k8s.io", _) | ("certificates.k8s.io", "ClusterTrustBundle") => {
                Rule::PathSegment
            }
            _ => Rule::Subdomain,
        }
    }

    /// The rule in words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Rule::Subdomain => {
                "at most 253 of a-z, 0-9, `-` and `.`, with a letter or digit at both ends of each part"
            }
            Rule::Label => "at most 63 of a-z, 0-9 and `-`, with a letter or digit at both ends",
            Rule::ServiceName => {
                "at most 63 of a-z, 0-9 and `-`, a letter first and a letter or digit last"
            }
            Rule::CronJob => {
                "at most 52 of a-z, 0-9, `-` and `.`, with a letter or digit at both ends of each part"
            }
            Rule::PathSegment => "anything without `/` and `%`, but not `.` or `..`",
        }
    }

    /// Whether `name` follows the rule.
    pub(crate) fn admits(self, name: &str) -> bool {
        match self {
            Rule::Subdomain => name.len() <= 253 && name.split('.').all(is_label_text),
            Rule::Label => name.len() <= 63 && is_label_text(name),
            Rule::ServiceName => {
                Rule::Label.admits(name) && name.starts_with(|c: char| c.is_ascii_lowercase())
            }
            Rule::CronJob => name.len() <= 52 && Rule::Subdomain.admits(name),
            Rule::PathSegment => !matches!(name, "" | "." | "..") && !name.contains(['/', '%']),
        }
    }
}

/// `[a-z0-9]([-a-z0-9]*[a-z0-9])?`
fn is_label_text(text: &str) -> bool {
    let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
    let bytes = text.as_bytes();
    let end = |b: Option<&u8>| b.is_some_and(|b| *b != b'-');
    bytes.iter().all(inner) && end(bytes.first()) && end(bytes.last())
}

/// `[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?`, at most 63 characters.
fn is_qualified_text(text: &str) -> bool {
    let inner = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let bytes = text.as_bytes();
    let end = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    text.len() <= 63 && bytes.iter().all(inner) && end(bytes.first()) && end(bytes.last())
}

/// Whether `key` is a key of a label or annotation: a name, perhaps after a domain and `/`.
pub(crate) fn is_key(key: &str) -> bool {
    match key.split_once('/') {
        Some((domain, name)) => Rule::Subdomain.admits(domain) && is_qualified_text(name),
        None => is_qualified_text(key),
    }
}

/// Whether `value` is the value of a label.
pub(crate) fn is_label_value(value: &str) -> bool {
    value.is_empty() || is_qualified_text(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (rule, good, bad) in [
            (Rule::Subdomain, "a-b.c1", "a..b"),
            (Rule::Subdomain, "0", "A"),
            (Rule::Subdomain, "a", ""),
            (Rule::Label, "0-a", "a.b"),
            (Rule::ServiceName, "a-0", "0-a"),
            (Rule::PathSegment, "system:Node", ".."),
        ] {
            assert!(rule.admits(good) && !rule.admits(bad), "{good} {bad}");
        }
        assert!(Rule::CronJob.admits(&"a".repeat(52)) && !Rule::CronJob.admits(&"a".repeat(53)));
        assert!(!Rule::Label.admits(&"a".repeat(64)) && !Rule::Subdomain.admits("-a.b"));
    }

    #[test]
    fn keys_and_values_of_labels() {
        for good in ["app", "app.kubernetes.io/name", "A_b.c-1"] {
            assert!(is_key(good), "{good}");
        }
        for bad in ["", "/a", "a/", "A.io/x", "a b", "-a", "a/b/c", "ü"] {
            assert!(!is_key(bad), "{bad}");
        }
        assert!(is_label_value("") && is_label_value("v1.2_x") && !is_label_value("a/b"));
    }
}
