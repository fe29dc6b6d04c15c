//! The meaning of one `@test(…)` attribute.
//!
//! Invariant: reading a directive needs the scanner only, never the parser or engine under test,
//! so that the counts of a corpus do not depend on what is measured.

use std::ops::Range;

use crate::scan::{self, ScanError};

/// One argument of an attribute.
#[derive(Clone, Debug)]
pub struct Argument {
    /// The text before `=`, trimmed; empty for a positional argument.
    pub key: String,
    /// The text after `=` or the whole argument, trimmed.
    pub raw: String,
    /// The bytes of `raw` in the body.
    pub span: Range<usize>,
}

impl Argument {
    /// The raw text, without quotes where it is a string literal.
    #[must_use]
    pub fn value(&self) -> String {
        unquote(&self.raw).unwrap_or_else(|| self.raw.clone())
    }
}

/// What an attribute asserts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `eq`: the value equals an expression.
    Eq,
    /// `err`: the value is an error.
    Err,
    /// `closed`, `closed=false`.
    Closed,
    /// `allows`, `allows=false`.
    Allows,
    /// `kind=…`.
    Kind,
    /// `permute`: the same result in every order of fields.
    Permute,
    /// Says something about the reference's data structures or about the test itself.
    Other,
}

/// One directive.
#[derive(Clone, Debug)]
pub struct Directive {
    /// What it asserts.
    pub kind: Kind,
    /// Its name as written, without suffix.
    pub name: String,
    /// The part after `:`: `todo` or an evaluator version.
    pub suffix: Option<String>,
    /// All arguments; the first holds the name.
    pub arguments: Vec<Argument>,
}

impl Directive {
    /// Reads the text between the brackets of an attribute.
    ///
    /// # Errors
    /// Text that cannot be scanned.
    pub fn parse(body: &str) -> Result<Directive, ScanError> {
        let mut arguments = Vec::new();
        for part in scan::split_top(body, b',')? {
            let text = &body[part.clone()];
            let (key, from) = match scan::assignment(text) {
                Some(at) => (text[..at].trim(), part.start + at + 1),
                None => ("", part.start),
            };
            let raw = &body[from..part.end];
            let start = from + (raw.len() - raw.trim_start().len());
            let raw = raw.trim();
            arguments.push(Argument {
                key: key.to_owned(),
                raw: raw.to_owned(),
                span: start..start + raw.len(),
            });
        }
        let first = &arguments[0];
        let head = if first.key.is_empty() { first.value() } else { first.key.clone() };
        let (name, suffix) = match head.rsplit_once(':') {
            Some((name, suffix)) => (name.to_owned(), Some(suffix.to_owned())),
            None => (head, None),
        };
        let kind = match name.as_str() {
            "eq" => Kind::Eq,
            "err" => Kind::Err,
            "closed" => Kind::Closed,
            "allows" => Kind::Allows,
            "kind" => Kind::Kind,
            "permute" => Kind::Permute,
            _ => Kind::Other,
        };
        Ok(Directive { kind, name, suffix, arguments })
    }

    /// The name with its suffix, as counted in the manifest.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.suffix {
            Some(suffix) => format!("{}:{suffix}", self.name),
            None if self.name.is_empty() => "empty".to_owned(),
            None => self.name.clone(),
        }
    }

    /// Whether it describes what the reference wants to do one day.
    #[must_use]
    pub fn is_todo(&self) -> bool {
        self.suffix.as_deref() == Some("todo")
    }

    /// Whether it applies to the evaluator measured against (`v3`), and is not a wish.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.suffix.as_deref().is_none_or(|suffix| suffix == "v3")
    }

    /// The value of a named argument after the first.
    #[must_use]
    pub fn named(&self, key: &str) -> Option<String> {
        self.arguments[1..].iter().find(|argument| argument.key == key).map(Argument::value)
    }

    /// Whether a positional argument after the first is `word`.
    #[must_use]
    pub fn has_flag(&self, word: &str) -> bool {
        self.arguments[1..].iter().any(|argument| argument.key.is_empty() && argument.raw == word)
    }

    /// Whether it records output the reference knows to be wrong.
    #[must_use]
    pub fn is_incorrect(&self) -> bool {
        self.has_flag("incorrect")
    }

    /// The first positional argument after the name: the expression of `eq`, the selector of
    /// `allows`.
    #[must_use]
    pub fn operand(&self) -> Option<&Argument> {
        self.arguments[1..].iter().find(|argument| argument.key.is_empty())
    }

    /// What follows the `=` of the name, as in `closed=false`.
    #[must_use]
    pub fn assigned(&self) -> Option<String> {
        let first = &self.arguments[0];
        (!first.key.is_empty()).then(|| first.value())
    }

    /// The accepted error codes; empty where any will do.
    #[must_use]
    pub fn codes(&self) -> Vec<String> {
        let Some(codes) = self.named("code") else { return Vec::new() };
        let codes = codes.trim();
        let codes =
            codes.strip_prefix('(').and_then(|codes| codes.strip_suffix(')')).unwrap_or(codes);
        codes
            .split('|')
            .map(|code| code.trim().to_owned())
            .filter(|code| !code.is_empty())
            .collect()
    }

    /// The expected positions, as (file, line, column); the line is relative where no file is
    /// given. `None` where positions are not asserted.
    #[must_use]
    pub fn positions(&self) -> Option<Vec<(Option<String>, i64, u32)>> {
        let raw = self.named("pos")?;
        let inner = raw.trim().strip_prefix('[')?.strip_suffix(']')?;
        let mut positions = Vec::new();
        for text in inner.split(',').map(str::trim).filter(|text| !text.is_empty()) {
            let (rest, column) = text.rsplit_once(':')?;
            let (file, line) = match rest.rsplit_once(':') {
                Some((file, line)) => (Some(file.to_owned()), line),
                None => (None, rest),
            };
            positions.push((file, line.parse().ok()?, column.parse().ok()?));
        }
        Some(positions)
    }
}

/// Whether an expected expression is plain data: literals, lists and structs of regular fields.
#[must_use]
pub fn is_concrete(expression: &str) -> bool {
    let Ok(ranges) = scan::tokens(expression) else { return false };
    let tokens: Vec<&str> = ranges.into_iter().map(|range| &expression[range]).collect();
    let mut inside = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1).copied().unwrap_or_default();
        let label = next == ":" && inside.last() == Some(&"{");
        let Some(first) = token.chars().next() else { continue };
        match first {
            '{' | '[' => inside.push(token),
            '}' => drop(inside.pop()),
            ']' => {
                inside.pop();
                if next == ":" {
                    return false;
                }
            }
            ',' | ':' | '-' | '+' => {}
            '"' | '\'' | '0'..='9' => {}
            '#' if token.contains(['"', '\'']) => {}
            '.' if next.starts_with(|c: char| c.is_ascii_digit()) => {}
            _ if label => {
                if first == '#' || (first == '_' && *token != "_") {
                    return false;
                }
            }
            _ if matches!(*token, "true" | "false" | "null") => {}
            _ => return false,
        }
    }
    true
}

/// The text of a string literal; `None` where it is not one.
#[must_use]
pub fn unquote(literal: &str) -> Option<String> {
    let hashes = literal.bytes().take_while(|byte| *byte == b'#').count();
    let inner = literal.get(hashes..literal.len().checked_sub(hashes)?)?;
    if !literal.ends_with(&"#".repeat(hashes)) {
        return None;
    }
    let quote = inner.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let inner = inner.strip_prefix(quote)?.strip_suffix(quote)?;
    let escape = format!("\\{}", "#".repeat(hashes));
    let mut text = String::new();
    let mut rest = inner;
    while let Some(at) = rest.find(&escape) {
        text.push_str(&rest[..at]);
        rest = &rest[at + escape.len()..];
        let kind = rest.chars().next()?;
        rest = &rest[kind.len_utf8()..];
        match kind {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'u' => {
                let digits = rest.get(..4)?;
                text.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
                rest = &rest[4..];
            }
            other => text.push(other),
        }
    }
    text.push_str(rest);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_suffixes_and_arguments() {
        let eq = Directive::parse("eq:v3, {a: 1, b: \"x=y\"}, at=a.b").unwrap();
        assert_eq!((eq.kind, eq.label().as_str()), (Kind::Eq, "eq:v3"));
        assert_eq!(eq.operand().unwrap().raw, "{a: 1, b: \"x=y\"}");
        assert_eq!(eq.named("at").as_deref(), Some("a.b"));
        assert!(eq.is_active() && !eq.is_todo());
        assert!(!Directive::parse("eq:v2, 1").unwrap().is_active());
        assert!(Directive::parse("err:todo, p=1").unwrap().is_todo());
        assert_eq!(Directive::parse("closed=false").unwrap().assigned().as_deref(), Some("false"));
        assert_eq!(Directive::parse("").unwrap().label(), "empty");
        assert_eq!(Directive::parse("kind=int|string").unwrap().assigned().unwrap(), "int|string");
        assert!(Directive::parse("eq, 3, incorrect").unwrap().is_incorrect());
    }

    #[test]
    fn reads_error_arguments() {
        let err = Directive::parse(
            "err, code=(cycle|incomplete), contains=\"a \\\"b\\\"\", pos=[-1:5, x.cue:3:7]",
        )
        .unwrap();
        assert_eq!(err.codes(), ["cycle", "incomplete"]);
        assert_eq!(err.named("contains").as_deref(), Some("a \"b\""));
        assert_eq!(err.positions().unwrap(), [(None, -1, 5), (Some("x.cue".to_owned()), 3, 7)]);
        assert_eq!(Directive::parse("err").unwrap().positions(), None);
    }

    #[test]
    fn the_span_of_an_operand_points_into_the_body() {
        let body = "eq,\n\t{a: 1}\n";
        let eq = Directive::parse(body).unwrap();
        assert_eq!(&body[eq.operand().unwrap().span.clone()], "{a: 1}");
    }

    #[test]
    fn concrete_means_plain_data() {
        for yes in ["1", "-1.5", "{a: 1, \"b-c\": [true, {}], _: null}", "'x'", "#\"a\"#", "[]"] {
            assert!(is_concrete(yes), "{yes}");
        }
        for no in [
            "int",
            "{a?: 1}",
            "*1 | 2",
            ">1",
            "{#a: 1}",
            "{_a: 1}",
            "_|_",
            "{[string]: 1}",
            "{a: _}",
            "{a: 1 @test(final)}",
            "strings.MinRunes(1)",
            "{let x = 1}",
            "[...]",
        ] {
            assert!(!is_concrete(no), "{no}");
        }
    }
}
