//! Pins. Invariant: what comes from elsewhere is named by an exact version, a tag or a commit, so
//! that the same input gives the same platform tomorrow.

use platformc_source::{Diagnostic, codes};
use semver::Version;

use crate::Text;

/// Whether a text names a commit: a whole SHA-1 or SHA-256, in hexadecimal.
fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether a text looks like the tag of a release: `v1.2.3`, `chart-1.2.3`, `2024-05-01`.
fn is_release(text: &str) -> bool {
    let tag = text.strip_prefix("refs/tags/").unwrap_or(text);
    // Names of branches such as `main` and `release-next` have no dotted or dashed number.
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let parts = tag.split(['.', '-', '_', '/', '+']).map(|part| part.trim_start_matches('v'));
    parts.filter(|part| number(part)).count() >= 2
}

/// Whether a text is one exact version, and no range.
fn is_exact(text: &str) -> bool {
    Version::parse(text.trim_start_matches('v')).is_ok()
}

/// Checks the revision of a repository.
pub(crate) fn check_revision(what: &str, revision: &Text, sink: &mut Vec<Diagnostic>) -> bool {
    let good = is_commit(revision) || is_release(revision);
    if !good {
        let message =
            format!("{what} is not pinned: `{revision}` can name another commit tomorrow");
        sink.push(
            Diagnostic::new(codes::MODEL_UNPINNED, revision.span(), message)
                .note("name a whole commit, or the tag of a release such as v1.2.3"),
        );
    }
    good
}

/// Checks a version of a chart or of a module in a registry.
pub(crate) fn check_version(what: &str, version: &Text, sink: &mut Vec<Diagnostic>) -> bool {
    let good = is_exact(version);
    if !good {
        let message = format!("{what} is not pinned: `{version}` is not one version");
        sink.push(
            Diagnostic::new(codes::MODEL_UNPINNED, version.span(), message)
                .note("write one whole version, such as 1.2.3, without a range"),
        );
    }
    good
}

/// Checks the address of a repository or a registry.
pub(crate) fn check_address(what: &str, address: &Text, sink: &mut Vec<Diagnostic>) -> bool {
    let schemes = ["https://", "ssh://", "git@", "oci://"];
    let plain = !address.contains(char::is_whitespace) && !address.chars().any(char::is_control);
    let good = plain && schemes.iter().any(|scheme| address.starts_with(scheme));
    if !good {
        let message = format!("`{address}` is not the address of {what}");
        let mut diagnostic = Diagnostic::new(codes::MODEL_INVALID_VALUE, address.span(), message);
        diagnostic = match address.strip_prefix("http://") {
            Some(rest) => diagnostic.replace(
                address.span(),
                format!("https://{rest}"),
                "read it over an encrypted connection",
            ),
            None => diagnostic.note("it starts with https://, ssh://, git@ or oci://"),
        };
        sink.push(diagnostic);
    }
    good
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_and_ranges_are_no_pins() {
        for good in ["v1.2.3", "1.2", "chart-4.11.3", "refs/tags/v2.0", &"a1".repeat(20)] {
            assert!(is_commit(good) || is_release(good), "{good}");
        }
        for bad in ["main", "HEAD", "release-1", "master", "v1", "", "a1b2c3d"] {
            assert!(!is_commit(bad) && !is_release(bad), "{bad}");
        }
        for bad in ["1", "1.2", "~1.2.3", "^1.2.3", ">=1.0.0", "1.x", "*", "latest", ""] {
            assert!(!is_exact(bad), "{bad}");
        }
        assert!(is_exact("1.2.3") && is_exact("v1.2.3-rc.1"));
    }
}
