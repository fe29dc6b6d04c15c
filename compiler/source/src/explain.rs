//! The documentation pages of the codes, embedded.
//!
//! Invariant: a page lies at `docs/diagnostics/<stage>/<slug>.md`; the build script lists them in
//! order of their paths, and a test holds them and the registry against each other.

include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The page of a code in Markdown; `None` for an unknown code.
#[must_use]
pub fn explain(code: &str) -> Option<&'static str> {
    let at = PAGES.binary_search_by_key(&code, |(id, _)| id).ok()?;
    PAGES.get(at).map(|(_, page)| *page)
}

#[cfg(test)]
mod tests;
