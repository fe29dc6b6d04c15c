//! Words for messages.

use std::fmt::Write as _;

/// "`a`, `b` and `c`"; at most twelve names, then how many more there are.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 12;
    let names: Vec<&str> = names.into_iter().collect();
    let mut text = String::new();
    let shown = names.len().min(SHOWN);
    for (at, name) in names.iter().take(shown).enumerate() {
        if at > 0 {
            text.push_str(if at + 1 == names.len() { " and " } else { ", " });
        }
        let _ = write!(text, "`{name}`");
    }
    if names.len() > shown {
        let _ = write!(text, " and {} more", names.len() - shown);
    }
    if names.is_empty() {
        text.push_str("nothing");
    }
    text
}

/// "a string", "an int": a kind with its article.
pub(crate) fn article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {kind}")
}
