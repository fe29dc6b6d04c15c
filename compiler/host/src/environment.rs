//! Environment, working folder and clock, as inputs of a build.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// An environment variable; `None` where it is not set or not UTF-8.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    // The standard library panics on such names.
    if name.is_empty() || name.contains(['=', '\0']) {
        return None;
    }
    std::env::var(name).ok()
}

/// The folder the process was started in.
///
/// # Errors
/// What the operating system says, for example that the folder is gone.
pub fn working_folder() -> std::io::Result<PathBuf> {
    std::env::current_dir()
}

/// Seconds since 1970-01-01 00:00:00 UTC; 0 for a clock set before that.
#[must_use]
pub fn now_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_cannot_be_are_not_set() {
        assert_eq!(variable(""), None);
        assert_eq!(variable("A=B"), None);
        assert_eq!(variable("A\0"), None);
        assert!(now_seconds() > 1_700_000_000);
        assert!(working_folder().expect("a folder").is_absolute());
    }
}
