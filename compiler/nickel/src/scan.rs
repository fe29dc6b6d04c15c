//! The tokens of a Nickel file, looked at before it is parsed.
//!
//! Invariant: every import of the file is found. An import is a keyword and a literal, wherever it
//! stands, so tokens tell it exactly; the places a walk of the syntax tree could forget do not
//! matter. The depth of the syntax tree is bounded by what is counted here, because every node on
//! the way to a place takes a token that no comma on its own level has closed off.

use nickel_lang_core::parser::lexer::{Lexer, MultiStringToken, NormalToken, StringToken, Token};

/// Brackets nest at most so deep.
pub(crate) const BRACKETS: usize = 256;
/// Tokens on the way to a place at most, commas starting again on each level.
pub(crate) const CHAIN: usize = 8_192;
/// Digits of a number's exponent at most.
const EXPONENT_DIGITS: usize = 4;

/// The format that an import names or that the path's ending means.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Format {
    Nickel,
    Yaml,
    Json,
    Toml,
    Text,
}

impl Format {
    fn of_path(path: &str) -> Format {
        match path.rsplit('/').next().and_then(|name| name.rsplit_once('.')) {
            // A name that begins with its only dot has no ending.
            Some((stem, ending)) if !stem.is_empty() => match ending {
                "yaml" | "yml" => Format::Yaml,
                "json" => Format::Json,
                "toml" => Format::Toml,
                "txt" => Format::Text,
                _ => Format::Nickel,
            },
            _ => Format::Nickel,
        }
    }

    fn of_tag(tag: &str) -> Option<Format> {
        Some(match tag {
            "Nickel" => Format::Nickel,
            "Yaml" => Format::Yaml,
            "Json" => Format::Json,
            "Toml" => Format::Toml,
            "Text" => Format::Text,
            _ => return None,
        })
    }
}

/// An import of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Import {
    /// The path as written, escapes read.
    pub(crate) path: String,
    pub(crate) format: Format,
    /// The bytes of the literal.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// What the tokens say.
#[derive(Default, Debug)]
pub(crate) struct Scan {
    pub(crate) imports: Vec<Import>,
    /// Imports of packages by name, with their bytes.
    pub(crate) packages: Vec<(String, usize, usize)>,
    /// The first place that nests too deep.
    pub(crate) too_deep: Option<(usize, usize)>,
    /// A number that nothing could hold.
    pub(crate) huge: Option<(usize, usize)>,
    /// An import whose literal could not be read: the parser has to refuse the file.
    pub(crate) unread: Option<(usize, usize)>,
}

/// Places of `1e99999` and the like. The lexer makes a number of every literal, however long that
/// takes, so it is shown zeros instead.
fn huge_exponents(text: &str) -> Vec<std::ops::Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = bytes[at..].iter().position(|byte| matches!(byte, b'e' | b'E')) {
        let e = at + next;
        at = e + 1;
        if e == 0 || !bytes[e - 1].is_ascii_digit() {
            continue;
        }
        let sign = usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
        let start = at + sign;
        let digits = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        at = start + digits;
        let leading = bytes[start..at].iter().take_while(|byte| **byte == b'0').count();
        if digits - leading > EXPONENT_DIGITS {
            found.push(start..at);
        }
    }
    found
}

/// Looks at the tokens of a file. What is no token is left to the parser.
pub(crate) fn scan(text: &str) -> Scan {
    let mut found = Scan::default();
    let huge = huge_exponents(text);
    let mut shown = std::borrow::Cow::Borrowed(text);
    for range in &huge {
        let zeros = "0".repeat(range.len());
        shown.to_mut().replace_range(range.clone(), &zeros);
    }
    let mut tokens = Lexer::new(&shown).filter_map(Result::ok).peekable();
    // Tokens since the last comma, one count an open bracket.
    let mut open: Vec<usize> = vec![0];
    let mut chain = 0;
    while let Some((start, token, end)) = tokens.next() {
        match &token {
            Token::Normal(NormalToken::Comma) => {
                if let Some(count) = open.last_mut() {
                    chain -= std::mem::take(count);
                }
            }
            token if opens(token) => {
                open.push(1);
                chain += 1;
            }
            token if closes(token) => {
                if open.len() > 1 {
                    chain -= open.pop().unwrap_or(0);
                }
                // The bracket as a whole is one more node of its surroundings.
                if let Some(count) = open.last_mut() {
                    *count += 1;
                    chain += 1;
                }
            }
            _ => {
                if let Some(count) = open.last_mut() {
                    *count += 1;
                    chain += 1;
                }
            }
        }
        if matches!(token, Token::Normal(NormalToken::DecNumLiteral(_)))
            && huge.iter().any(|range| start < range.start && range.start < end)
        {
            found.huge = Some((start, end));
            return found;
        }
        if open.len() > BRACKETS || chain > CHAIN {
            found.too_deep = Some((start, end));
            return found;
        }
        if token != Token::Normal(NormalToken::Import) {
            continue;
        }
        match tokens.peek() {
            Some((_, Token::Normal(NormalToken::DoubleQuote), _)) => {
                let from = tokens.next().map_or(start, |(from, ..)| from);
                let mut path = String::new();
                let mut to = None;
                for (_, token, end) in tokens.by_ref() {
                    match token {
                        Token::Str(StringToken::Literal(part)) => path.push_str(&part),
                        // The lexer has read the escape already.
                        Token::Str(StringToken::EscapedChar(c)) => path.push(c),
                        Token::Normal(NormalToken::DoubleQuote)
                        | Token::Str(StringToken::DoubleQuote) => {
                            to = Some(end);
                            break;
                        }
                        _ => break,
                    }
                }
                let Some(to) = to else {
                    found.unread.get_or_insert((from, end));
                    continue;
                };
                let mut format = Some(Format::of_path(&path));
                if let Some((_, Token::Normal(NormalToken::As), _)) = tokens.peek() {
                    tokens.next();
                    format = match tokens.peek() {
                        Some((_, Token::Normal(NormalToken::RawEnumTag(tag)), _)) => {
                            Format::of_tag(tag)
                        }
                        _ => None,
                    };
                }
                match format {
                    Some(format) => {
                        found.imports.push(Import { path, format, start: from, end: to });
                    }
                    None => {
                        found.unread.get_or_insert((from, to));
                    }
                }
            }
            Some((from, Token::Normal(NormalToken::Identifier(name)), to)) => {
                found.packages.push(((*name).to_owned(), *from, *to));
            }
            _ => {
                found.unread.get_or_insert((start, end));
            }
        }
    }
    found
}

fn opens(token: &Token<'_>) -> bool {
    matches!(
        token,
        Token::Normal(
            NormalToken::LBrace
                | NormalToken::LBracket
                | NormalToken::LParen
                | NormalToken::EnumOpen
        ) | Token::Str(StringToken::Interpolation)
            | Token::MultiStr(MultiStringToken::Interpolation)
    )
}

fn closes(token: &Token<'_>) -> bool {
    matches!(
        token,
        Token::Normal(
            NormalToken::RBrace
                | NormalToken::RBracket
                | NormalToken::RParen
                | NormalToken::EnumClose
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(text: &str) -> Vec<(String, Format)> {
        scan(text).imports.into_iter().map(|found| (found.path, found.format)).collect()
    }

    #[test]
    fn finds_imports_wherever_they_stand() {
        let plain = |path: &str| vec![(path.to_owned(), Format::Nickel)];
        assert_eq!(imports("import \"a.ncl\""), plain("a.ncl"));
        assert_eq!(imports("# import \"a.ncl\"\n\"import %{x}\""), []);
        assert_eq!(imports("\"%{import \"a.ncl\"}\""), plain("a.ncl"));
        assert_eq!(imports("m%\"%{import \"a.ncl\"}\"%"), plain("a.ncl"));
        assert_eq!(imports("let {a ? import \"a.ncl\"} = {} in a"), plain("a.ncl"));
        assert_eq!(imports("{a | (import \"a.ncl\") = 1}"), plain("a.ncl"));
        assert_eq!(imports("import \"\\u{61}\\x2encl\""), plain("a.ncl"));
        assert_eq!(imports("import \"a\" as 'Text"), [("a".to_owned(), Format::Text)]);
        assert_eq!(imports("import \"a.yml\""), [("a.yml".to_owned(), Format::Yaml)]);
        assert_eq!(scan("import platform").packages, [("platform".to_owned(), 7, 15)]);
    }

    #[test]
    fn an_import_that_cannot_be_read_is_told() {
        for text in ["import \"a\" as 'Sh", "import \"a%{x}\"", "import m%\"a\"%", "import 1"] {
            assert!(scan(text).unread.is_some(), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        assert!(scan(&"[".repeat(300)).too_deep.is_some());
        assert!(scan(&"\"%{".repeat(300)).too_deep.is_some());
        assert!(scan(&format!("{}1", "1 + ".repeat(9_000))).too_deep.is_some());
        assert!(scan(&format!("[{}]", "{ a = [1] }, ".repeat(9_000))).too_deep.is_none());
        assert!(scan(&"[".repeat(200)).too_deep.is_none());
    }

    #[test]
    fn numbers_are_bounded() {
        assert!(scan("{ a = 1e999999999 }").huge.is_some());
        assert!(scan("{ a = [1.5E-99999] }").huge.is_some());
        assert!(scan("{ a = \"9e999999999\", b = x1e99999, c = 1e+00005 }").huge.is_none());
    }
}
