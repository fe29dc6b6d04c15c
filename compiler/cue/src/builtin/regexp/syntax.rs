//! Expressions of RE2 in the syntax of the `regex` crate.
//!
//! Invariant: what is translated means the same; what means something only to the crate is
//! escaped or refused. Rules: public documentation of the RE2 syntax (Perl classes are ASCII, a
//! `{` that begins no count stands for itself, no operators within classes).

use std::iter::Peekable;
use std::str::CharIndices;

use crate::builtin::args::CallError;

/// Largest count of a repetition.
const MAX_COUNT: u32 = 1000;

struct Translator<'p> {
    pattern: &'p str,
    chars: Peekable<CharIndices<'p>>,
    out: String,
}

/// Translates an expression.
pub(super) fn translate(pattern: &str) -> Result<String, CallError> {
    let mut translator = Translator {
        pattern,
        chars: pattern.char_indices().peekable(),
        out: String::with_capacity(pattern.len() + 8),
    };
    translator.run()?;
    Ok(translator.out)
}

fn error(why: &str, part: &str) -> CallError {
    CallError::new(format!("error parsing regexp: {why}: `{part}`"))
}

impl<'p> Translator<'p> {
    fn rest(&mut self) -> &'p str {
        self.chars.peek().map_or("", |(at, _)| &self.pattern[*at..])
    }

    fn skip(&mut self, chars: usize) {
        for _ in 0..chars {
            self.chars.next();
        }
    }

    fn run(&mut self) -> Result<(), CallError> {
        let mut groups = 0usize;
        // Where the operand of a repetition starts; the start of the last repetition behind it.
        let mut operand = false;
        let mut repeated: Option<usize> = None;
        while let Some((at, c)) = self.chars.next() {
            let repetition = match c {
                '*' | '+' | '?' => Some(None),
                '{' => self.count(at)?.map(Some),
                _ => None,
            };
            if let Some(count) = repetition {
                if let Some(first) = repeated {
                    let end = self.chars.peek().map_or(self.pattern.len(), |(at, _)| *at);
                    return Err(error(
                        "invalid nested repetition operator",
                        &self.pattern[first..end],
                    ));
                }
                if !operand {
                    let end = self.chars.peek().map_or(self.pattern.len(), |(at, _)| *at);
                    return Err(error(
                        "missing argument to repetition operator",
                        &self.pattern[at..end],
                    ));
                }
                match count {
                    Some(count) => self.out.push_str(&count),
                    None => self.out.push(c),
                }
                if self.rest().starts_with('?') {
                    self.skip(1);
                    self.out.push('?');
                }
                repeated = Some(at);
                continue;
            }
            repeated = None;
            operand = true;
            match c {
                '(' => {
                    operand = false;
                    groups += 1;
                    self.out.push('(');
                    if self.rest().starts_with('?') && self.flags()? {
                        groups -= 1;
                    }
                }
                ')' => {
                    groups =
                        groups.checked_sub(1).ok_or_else(|| error("unexpected )", self.pattern))?;
                    self.out.push(')');
                }
                '|' => {
                    operand = false;
                    self.out.push('|');
                }
                '[' => self.class(at)?,
                '\\' => operand = self.escape(at)?,
                '.' | '^' | '$' => self.out.push(c),
                c => self.literal(c),
            }
        }
        if groups > 0 {
            return Err(error("missing closing )", self.pattern));
        }
        Ok(())
    }

    fn literal(&mut self, c: char) {
        if !c.is_alphanumeric() && c.is_ascii() && !matches!(c, ' ' | '<' | '>' | '_') {
            self.out.push('\\');
            if c.is_ascii_control() {
                self.out.push_str(&format!("x{{{:x}}}", u32::from(c)));
                return;
            }
        }
        self.out.push(c);
    }

    /// A count behind `{`; `None` if the brace stands for itself.
    fn count(&mut self, at: usize) -> Result<Option<String>, CallError> {
        let rest = self.rest();
        let Some(end) = rest.find('}') else { return Ok(None) };
        let body = &rest[..end];
        let (least, most) = match body.split_once(',') {
            None => (body, Some(body)),
            Some((least, "")) => (least, None),
            Some((least, most)) => (least, Some(most)),
        };
        let is_number = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_digit())
                && (text.len() == 1 || !text.starts_with('0'))
        };
        if !is_number(least) || most.is_some_and(|most| !is_number(most)) {
            return Ok(None);
        }
        let number = |text: &str| text.parse().unwrap_or(u32::MAX);
        let (low, high) = (number(least), most.map(number));
        if low > MAX_COUNT || high.is_some_and(|high| high > MAX_COUNT || high < low) {
            return Err(error("invalid repeat count", &self.pattern[at..at + end + 2]));
        }
        let count = format!("{{{body}}}");
        self.skip(end + 1);
        Ok(Some(count))
    }

    /// What follows `(?`; whether it only sets flags and closes the group.
    fn flags(&mut self) -> Result<bool, CallError> {
        let rest = self.rest();
        for opening in ["?P<", "?<"] {
            let Some(behind) = rest.strip_prefix(opening) else { continue };
            if behind.starts_with(['=', '!']) {
                break;
            }
            let Some(end) = behind.find('>') else {
                return Err(error("invalid named capture", &format!("({rest}")));
            };
            let name = &behind[..end];
            let valid = !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if !valid {
                return Err(error(
                    "invalid named capture",
                    &format!("({}", &rest[..opening.len() + end + 1]),
                ));
            }
            // The crate wants names that begin with a letter; digits alone are no name there.
            self.out.push_str(&format!("?P<{name}>"));
            self.skip(rest[..opening.len() + end + 1].chars().count());
            return Ok(false);
        }
        let end = rest.find([':', ')']).unwrap_or(rest.len());
        let flags = &rest[1..end];
        let valid = flags.bytes().all(|byte| matches!(byte, b'i' | b'm' | b's' | b'U' | b'-'))
            && flags.matches('-').count() <= 1
            && !flags.ends_with('-');
        if !valid || end == rest.len() {
            let shown = rest.char_indices().nth(2).map_or(rest, |(at, _)| &rest[..at]);
            if end == rest.len() && valid {
                return Err(error("missing argument to repetition operator", "?"));
            }
            return Err(error("invalid or unsupported Perl syntax", &format!("({shown}")));
        }
        let closes = rest[end..].starts_with(')');
        if flags.is_empty() && closes {
            // `(?)` sets no flags.
            self.out.push_str("?:");
        } else {
            self.out.push('?');
            self.out.push_str(flags);
            if !closes {
                self.out.push(':');
            }
        }
        self.skip(end + usize::from(!closes));
        if closes {
            self.skip(1);
            self.out.push(')');
        }
        Ok(closes)
    }

    /// An escape outside of classes; whether something stands there that may be repeated.
    fn escape(&mut self, at: usize) -> Result<bool, CallError> {
        match self.chars.peek().map(|(_, c)| *c) {
            Some('A') => self.out.push_str(r"\A"),
            Some('z') => self.out.push_str(r"\z"),
            Some('b') => self.out.push_str(r"(?-u:\b)"),
            Some('B') => self.out.push_str(r"(?-u:\B)"),
            Some('Q') => {
                self.skip(1);
                let rest = self.rest();
                let quoted = rest.split("\\E").next().unwrap_or(rest);
                let closed = quoted.len() < rest.len();
                for c in quoted.chars() {
                    self.literal(c);
                }
                self.skip(quoted.chars().count() + if closed { 2 } else { 0 });
                return Ok(!quoted.is_empty());
            }
            _ => {
                match self.escaped(at)? {
                    Escaped::Char(c) => self.push_char(c),
                    Escaped::Class(class) => self.out.push_str(&class),
                }
                return Ok(true);
            }
        }
        self.skip(1);
        Ok(true)
    }

    fn push_char(&mut self, c: char) {
        self.out.push_str(&format!("\\x{{{:x}}}", u32::from(c)));
    }

    /// The character or class behind a backslash at `at`.
    fn escaped(&mut self, at: usize) -> Result<Escaped, CallError> {
        let Some((_, c)) = self.chars.next() else {
            return Err(error("trailing backslash at end of expression", ""));
        };
        let class = |class: &str| Ok(Escaped::Class(class.to_owned()));
        let invalid = |end: usize| {
            let end = end.min(self.pattern.len());
            Err(error("invalid escape sequence", &self.pattern[at..end]))
        };
        match c {
            'd' => class("[0-9]"),
            'D' => class("[^0-9]"),
            's' => class(r"[\t\n\x0c\r ]"),
            'S' => class(r"[^\t\n\x0c\r ]"),
            'w' => class("[0-9A-Za-z_]"),
            'W' => class("[^0-9A-Za-z_]"),
            'a' => Ok(Escaped::Char('\u{7}')),
            'f' => Ok(Escaped::Char('\u{c}')),
            'n' => Ok(Escaped::Char('\n')),
            'r' => Ok(Escaped::Char('\r')),
            't' => Ok(Escaped::Char('\t')),
            'v' => Ok(Escaped::Char('\u{b}')),
            'p' | 'P' => self.property(at, c == 'P'),
            '0'..='7' => {
                let mut value = c.to_digit(8).unwrap_or(0);
                let next = self.rest().chars().next().is_some_and(|c| c.is_digit(8));
                if c != '0' && !next {
                    return invalid(at + 2);
                }
                for _ in 0..2 {
                    let Some(digit) = self.rest().chars().next().and_then(|c| c.to_digit(8)) else {
                        break;
                    };
                    value = value * 8 + digit;
                    self.skip(1);
                }
                Ok(Escaped::Char(char::from_u32(value).unwrap_or('\0')))
            }
            'x' => {
                let rest = self.rest();
                let (digits, length) = match rest.strip_prefix('{') {
                    Some(behind) => {
                        let end = behind.find('}').unwrap_or(behind.len());
                        (&behind[..end], end + 2)
                    }
                    None => (rest.get(..2).unwrap_or(""), 2),
                };
                let valid = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
                let code = u32::from_str_radix(digits, 16).ok().filter(|_| valid);
                match code.and_then(char::from_u32) {
                    Some(c) => {
                        self.skip(length);
                        Ok(Escaped::Char(c))
                    }
                    None => invalid(at + 2),
                }
            }
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => Ok(Escaped::Char(c)),
            c => invalid(at + 1 + c.len_utf8()),
        }
    }

    fn property(&mut self, at: usize, negated: bool) -> Result<Escaped, CallError> {
        let rest = self.rest();
        let (name, length) = match rest.strip_prefix('{') {
            Some(behind) => match behind.find('}') {
                Some(end) => (&behind[..end], end + 2),
                None => return Err(error("invalid character class range", &self.pattern[at..])),
            },
            None => {
                let end = rest.chars().next().map_or(0, char::len_utf8);
                (&rest[..end], 1)
            }
        };
        let (name, flipped) = match name.strip_prefix('^') {
            Some(name) => (name, true),
            None => (name, false),
        };
        let known = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !known {
            return Err(error("invalid character class range", &self.pattern[at..]));
        }
        self.skip(length);
        let letter = if negated == flipped { 'p' } else { 'P' };
        Ok(Escaped::Class(format!("\\{letter}{{{name}}}")))
    }

    /// A class in brackets, whose `[` is at `at`.
    fn class(&mut self, at: usize) -> Result<(), CallError> {
        self.out.push('[');
        if self.rest().starts_with('^') {
            self.skip(1);
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let Some((here, c)) = self.chars.next() else {
                return Err(error("missing closing ]", &self.pattern[at..]));
            };
            if c == ']' && !first {
                self.out.push(']');
                return Ok(());
            }
            // A `-` stands for itself only first and last.
            if c == '-' && !first && !self.rest().starts_with(']') {
                let end = self.rest().chars().next().map_or(0, char::len_utf8);
                return Err(error(
                    "invalid character class range",
                    &self.pattern[here..here + 1 + end],
                ));
            }
            first = false;
            if c == '[' && self.rest().starts_with(':') {
                let rest = self.rest();
                if let Some(end) = rest[1..].find(":]") {
                    let whole = &self.pattern[here..here + end + 4];
                    let name = rest[1..end + 1].trim_start_matches('^');
                    if !POSIX.contains(&name) {
                        return Err(error("invalid character class range", whole));
                    }
                    self.out.push_str(whole);
                    self.skip(whole.chars().count() - 1);
                    continue;
                }
            }
            let low = match self.class_char(here, c)? {
                Escaped::Class(class) => {
                    self.out.push_str(&class);
                    continue;
                }
                Escaped::Char(low) => low,
            };
            self.push_char(low);
            let rest = self.rest();
            if rest.starts_with('-') && !rest[1..].starts_with(']') {
                self.skip(1);
                let Some((next, c)) = self.chars.next() else {
                    return Err(error("missing closing ]", &self.pattern[at..]));
                };
                let high = match self.class_char(next, c)? {
                    Escaped::Char(high) if high >= low => high,
                    _ => {
                        let end = self.chars.peek().map_or(self.pattern.len(), |(at, _)| *at);
                        return Err(error(
                            "invalid character class range",
                            &self.pattern[here..end],
                        ));
                    }
                };
                self.out.push('-');
                self.push_char(high);
            }
        }
    }

    fn class_char(&mut self, at: usize, c: char) -> Result<Escaped, CallError> {
        if c == '\\' { self.escaped(at) } else { Ok(Escaped::Char(c)) }
    }
}

const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
];

enum Escaped {
    Char(char),
    Class(String),
}
