//! Names and strings as HCL has them (HCL's native syntax specification: "Identifiers", "Quoted
//! template expressions").

use std::fmt::Write as _;

/// Whether a text is an identifier of Terraform: a letter or `_`, then letters, digits, `_`, `-`.
pub(crate) fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| first == '_' || first.is_ascii_alphabetic())
        && chars.all(|other| other.is_ascii_alphanumeric() || matches!(other, '_' | '-'))
}

/// Literal text as HCL reads it inside a template: `${` and `%{` start nothing.
pub(crate) fn escape(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

/// Literal text as a quoted string of HCL.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for char in escape(text).chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other if other.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(other));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers() {
        for good in ["a", "_", "aws_vpc", "a-b", "A9"] {
            assert!(is_identifier(good), "{good}");
        }
        for bad in ["", "9a", "-a", "a.b", "a b", "ü", "a/b"] {
            assert!(!is_identifier(bad), "{bad}");
        }
    }

    #[test]
    fn text_stays_text() {
        assert_eq!(quote("a\"b\\${c}%{d}\n\u{1}"), r#""a\"b\\$${c}%%{d}\n\u0001""#);
        assert_eq!(escape("$${a} $%{"), "$$${a} $%%{");
    }
}
