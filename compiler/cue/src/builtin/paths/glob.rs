//! Patterns of file names. Invariant: matching takes at most the product of the lengths.

use crate::builtin::args::{CallError, fail};

enum Token {
    /// Any characters but separators.
    Star,
    /// One character but a separator.
    Any,
    Char(char),
    Class(bool, Vec<(char, char)>),
}

/// Whether a name matches; `raw` means that backslashes escape nothing.
pub(super) fn matches(
    pattern: &str,
    name: &str,
    separator: char,
    raw: bool,
) -> Result<bool, CallError> {
    let tokens = parse(pattern, raw)?;
    let name: Vec<char> = name.chars().collect();
    let (mut token, mut at) = (0, 0);
    // The last star, and how far it reaches.
    let mut star: Option<(usize, usize)> = None;
    loop {
        let one = match (tokens.get(token), name.get(at)) {
            (None, None) => return Ok(true),
            (Some(Token::Star), _) => {
                star = Some((token, at));
                token += 1;
                continue;
            }
            (Some(Token::Any), Some(c)) => *c != separator,
            (Some(Token::Char(wanted)), Some(c)) => wanted == c,
            (Some(Token::Class(negated, ranges)), Some(c)) => {
                ranges.iter().any(|(low, high)| low <= c && c <= high) != *negated
            }
            _ => false,
        };
        if one {
            token += 1;
            at += 1;
            continue;
        }
        let Some((starred, reach)) = star else { return Ok(false) };
        if name.get(reach).is_none_or(|c| *c == separator) {
            return Ok(false);
        }
        star = Some((starred, reach + 1));
        token = starred + 1;
        at = reach + 1;
    }
}

fn bad<T>() -> Result<T, CallError> {
    fail!("syntax error in pattern")
}

fn parse(pattern: &str, raw: bool) -> Result<Vec<Token>, CallError> {
    let mut tokens = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' => {
                if chars.peek() == Some(&'*') {
                    return fail!("'**' is not supported in patterns as of yet");
                }
                Token::Star
            }
            '?' => Token::Any,
            '\\' if !raw => match chars.next() {
                Some(c) => Token::Char(c),
                None => return bad(),
            },
            '[' => {
                let negated = chars.next_if_eq(&'^').is_some();
                let mut ranges = Vec::new();
                while ranges.is_empty() || chars.next_if_eq(&']').is_none() {
                    let low = class_char(&mut chars, raw)?;
                    let high = match chars.next_if_eq(&'-') {
                        Some(_) => class_char(&mut chars, raw)?,
                        None => low,
                    };
                    ranges.push((low, high));
                }
                Token::Class(negated, ranges)
            }
            c => Token::Char(c),
        });
    }
    Ok(tokens)
}

/// A character of a class, behind which something must follow.
fn class_char(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    raw: bool,
) -> Result<char, CallError> {
    let c = match chars.next() {
        None | Some('-' | ']') => return bad(),
        Some('\\') if !raw => match chars.next() {
            Some(c) => c,
            None => return bad(),
        },
        Some(c) => c,
    };
    if chars.peek().is_none() { bad() } else { Ok(c) }
}
