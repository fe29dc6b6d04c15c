//! A few lines of HCL's native syntax, for tools that read no JSON.
//!
//! Invariant: every text is a quoted string whose escapes HCL undoes.

use std::fmt::Write as _;

use crate::terraform::names::quote;

/// A value of an argument.
pub(super) enum Hcl {
    /// Text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
}

/// Arguments, each on a line, their `=` under each other as the formatters of HCL have it.
pub(super) fn arguments(out: &mut String, indent: usize, arguments: &[(&str, Hcl)]) {
    let width = arguments.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, value) in arguments {
        let value = match value {
            Hcl::Text(text) => quote(text),
            Hcl::Texts(texts) => {
                let items: Vec<String> = texts.iter().map(|text| quote(text)).collect();
                format!("[{}]", items.join(", "))
            }
        };
        let _ = writeln!(out, "{:indent$}{name:width$} = {value}", "");
    }
}
