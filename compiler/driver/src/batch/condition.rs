//! Conditions of operations: `dns.status == "Failed" && servers.outputs.count > 0`.
//!
//! Invariant: a condition that passes is an expression that Argo Workflows evaluates to true or
//! false, and every operation it reads is known. What is read is told apart from text by its form
//! alone; text is quoted.

use platformc_model::Text;
use platformc_source::{Diagnostic, Span, codes, nearest};

/// A condition, understood.
#[derive(Clone, Debug, Default)]
pub(super) struct Condition {
    /// The expression.
    pub(super) expression: String,
    /// The operations whose outputs it reads, with the outputs.
    pub(super) outputs: Vec<(String, String)>,
    /// The operations whose end it reads.
    pub(super) ends: Vec<String>,
}

/// How an operation can have ended, as Argo Workflows says it.
const ENDS: [&str; 5] = ["Succeeded", "Failed", "Error", "Skipped", "Omitted"];
/// Parentheses and `!` nest at most so deep.
const MAX_DEPTH: usize = 32;
/// Longer is no condition any more.
const MAX_BYTES: usize = 4096;

#[derive(Clone, Debug, PartialEq)]
enum Token<'t> {
    /// `servers.outputs.count`, `true`.
    Word(&'t str),
    /// Quoted, without the quotes.
    Text(&'t str),
    /// A number as written.
    Number(&'t str),
    /// An operator or a parenthesis.
    Sign(&'static str),
}

const SIGNS: [&str; 11] = ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")"];

fn tokens(text: &str) -> Result<Vec<Token<'_>>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = if let Some(sign) = SIGNS.into_iter().find(|s| rest.starts_with(s)) {
            (Token::Sign(sign), rest.get(sign.len()..).unwrap_or_default())
        } else if first == '"' || first == '\'' {
            let inner = rest.get(1..).unwrap_or_default();
            let (quoted, after) = inner.split_once(first).ok_or("a quote is not closed")?;
            if quoted.contains(['\\', '{', '}', '"', '\'']) || quoted.contains(char::is_control) {
                return Err("text in a condition has no quotes, braces or backslashes".to_owned());
            }
            (Token::Text(quoted), after)
        } else {
            let inner = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            let end = rest.find(|c: char| !inner(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            if word.is_empty() {
                return Err(format!("`{first}` means nothing in a condition"));
            }
            let digit = first.is_ascii_digit() || first == '-';
            (if digit { Token::Number(word) } else { Token::Word(word) }, after)
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

/// Something that is compared.
#[derive(Clone, Debug)]
enum Operand {
    Output(String),
    End(String),
    Text(String),
    Number(String),
}

struct Parser<'t, 'k> {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token<'t>>>,
    known: &'k [(&'k str, &'k str)],
    found: Condition,
}

type Parsed<T> = Result<T, String>;

impl<'t> Parser<'t, '_> {
    fn sign(&mut self, sign: &str) -> bool {
        self.tokens.next_if(|token| matches!(token, Token::Sign(found) if *found == sign)).is_some()
    }

    fn any(&mut self, depth: usize) -> Parsed<String> {
        let mut text = self.all(depth)?;
        while self.sign("||") {
            text = format!("{text} || {}", self.all(depth)?);
        }
        Ok(text)
    }

    fn all(&mut self, depth: usize) -> Parsed<String> {
        let mut text = self.one(depth)?;
        while self.sign("&&") {
            text = format!("{text} && {}", self.one(depth)?);
        }
        Ok(text)
    }

    fn one(&mut self, depth: usize) -> Parsed<String> {
        if depth > MAX_DEPTH {
            return Err(format!("it nests more than {MAX_DEPTH} deep"));
        }
        if self.sign("!") {
            return Ok(format!("!({})", self.one(depth + 1)?));
        }
        if self.sign("(") {
            let inner = self.any(depth + 1)?;
            let closed = self.sign(")");
            return if closed {
                Ok(format!("({inner})"))
            } else {
                Err("`)` is missing".to_owned())
            };
        }
        if let Some(Token::Word(word @ ("true" | "false"))) = self.tokens.peek() {
            let word = (*word).to_owned();
            self.tokens.next();
            return Ok(word);
        }
        let left = self.operand()?;
        let Some(Token::Sign(sign)) = self.tokens.next() else {
            return Err("a value is compared with another one: `a.outputs.b == \"c\"`".to_owned());
        };
        if !["==", "!=", "<", ">", "<=", ">="].contains(&sign) {
            return Err(format!("`{sign}` compares nothing"));
        }
        let right = self.operand()?;
        compare(&left, sign, &right)
    }

    fn operand(&mut self) -> Parsed<Operand> {
        match self.tokens.next() {
            Some(Token::Text(text)) => Ok(Operand::Text(text.to_owned())),
            Some(Token::Number(number)) => {
                let plain = number.strip_prefix('-').unwrap_or(number);
                let digits = |text: &str| {
                    !text.is_empty() && text.len() < 16 && text.bytes().all(|b| b.is_ascii_digit())
                };
                let good = match plain.split_once('.') {
                    Some((whole, part)) => digits(whole) && digits(part),
                    None => digits(plain),
                };
                if good {
                    return Ok(Operand::Number(number.to_owned()));
                }
                Err(format!("`{number}` is no number; ids that start with a digit are none"))
            }
            Some(Token::Word(word)) => self.read(word),
            Some(Token::Sign(sign)) => Err(format!("a value belongs before `{sign}`")),
            None => Err("it ends where a value belongs".to_owned()),
        }
    }

    fn read(&mut self, word: &str) -> Parsed<Operand> {
        let mut parts = word.split('.');
        let id = parts.next().unwrap_or_default();
        let rest: Vec<&str> = parts.collect();
        let Some((_, step)) = self.known.iter().find(|(known, _)| *known == id) else {
            let near = nearest(id, self.known.iter().map(|(id, _)| *id));
            return Err(match near.first() {
                Some(near) => format!("there is no operation `{id}`; did you mean `{near}`?"),
                None => format!("there is no operation `{id}`; text stands in quotes"),
            });
        };
        match rest.as_slice() {
            ["status"] => {
                self.found.ends.push(id.to_owned());
                Ok(Operand::End(format!("tasks['{step}'].status")))
            }
            ["outputs", name] if !name.is_empty() => {
                self.found.outputs.push((id.to_owned(), (*name).to_owned()));
                Ok(Operand::Output(match *name {
                    "result" => format!("tasks['{step}'].outputs.result"),
                    name => format!("tasks['{step}'].outputs.parameters['{name}']"),
                }))
            }
            _ => {
                Err(format!("of `{id}` a condition can read `{id}.status` and `{id}.outputs.NAME`"))
            }
        }
    }
}

fn compare(left: &Operand, sign: &str, right: &Operand) -> Parsed<String> {
    use Operand::{End, Number, Output, Text};
    let ordered = !matches!(sign, "==" | "!=");
    let number = |operand: &Operand| match operand {
        Output(text) => format!("asFloat({text})"),
        Number(text) => text.clone(),
        End(text) | Text(text) => text.clone(),
    };
    match (left, right) {
        (End(end), Text(text)) | (Text(text), End(end)) if !ordered => {
            if !ENDS.contains(&text.as_str()) {
                return Err(format!(
                    "an operation does not end as `{text}`; it ends as {}",
                    ENDS.join(", ")
                ));
            }
            Ok(format!("{end} {sign} '{text}'"))
        }
        (Output(output), Text(text)) if !ordered => Ok(format!("{output} {sign} '{text}'")),
        (Text(text), Output(output)) if !ordered => Ok(format!("'{text}' {sign} {output}")),
        (Output(a), Output(b)) if !ordered => Ok(format!("{a} {sign} {b}")),
        (Output(_), Number(_) | Output(_)) | (Number(_), Output(_)) => {
            Ok(format!("{} {sign} {}", number(left), number(right)))
        }
        (End(_), _) | (_, End(_)) => {
            Err(format!("the status of an operation is compared with {}", ENDS.join(", ")))
        }
        (Text(_), _) | (_, Text(_)) if ordered => Err("text has no order".to_owned()),
        _ => Err("it compares two values that are known already".to_owned()),
    }
}

/// Understands a condition; `known` are pairs of the id of an operation and the name of its step.
pub(super) fn condition(
    text: &Text,
    known: &[(&str, &str)],
    sink: &mut Vec<Diagnostic>,
) -> Option<Condition> {
    match parse(text, known) {
        Ok(condition) => Some(condition),
        Err(reason) => {
            let span: Span = text.span();
            let message = "this condition cannot be understood";
            sink.push(
                Diagnostic::new(codes::WORKFLOW_CONDITION, span, message)
                    .primary_label(reason)
                    .note("for example: dns.status == \"Failed\" && servers.outputs.count > 0"),
            );
            None
        }
    }
}

fn parse(text: &str, known: &[(&str, &str)]) -> Parsed<Condition> {
    if text.len() > MAX_BYTES {
        return Err(format!("it is longer than {MAX_BYTES} bytes"));
    }
    let tokens = tokens(text)?.into_iter().peekable();
    let mut parser = Parser { tokens, known, found: Condition::default() };
    let expression = parser.any(0)?;
    if parser.tokens.next().is_some() {
        return Err("it goes on where it should end; conditions are joined by && and ||".to_owned());
    }
    Ok(Condition { expression, ..parser.found })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::parse;

    const KNOWN: [(&str, &str); 2] = [("dns", "dns"), ("web_servers", "web-servers")];

    #[test]
    fn reads_outputs_and_ends() {
        for (text, expression) in [
            ("dns.status == \"Failed\"", "tasks['dns'].status == 'Failed'"),
            (
                "!(web_servers.outputs.count >= 3) || dns.outputs.result != 'x'",
                "!((asFloat(tasks['web-servers'].outputs.parameters['count']) >= 3)) || \
                 tasks['dns'].outputs.result != 'x'",
            ),
            ("false", "false"),
        ] {
            assert_eq!(
                parse(text, &KNOWN).map(|found| found.expression),
                Ok(expression.to_owned())
            );
        }
    }

    #[test]
    fn says_what_it_cannot_read() {
        for (text, part) in [
            ("", "ends where"),
            ("dns", "can read"),
            ("dns.status", "compared"),
            ("dns.status == 'Done'", "does not end"),
            ("dsn.status == 'Failed'", "did you mean `dns`"),
            ("dns.status == 'Failed", "not closed"),
            ("dns.status == '{{x}}'", "braces"),
            ("1 == 1", "known already"),
            ("dns.outputs.a < 'b'", "no order"),
            ("true true", "goes on"),
            ("(true", "missing"),
            (&"!".repeat(100), "nests"),
            ("dns.status == Failed", "no operation `Failed`"),
            ("a $ b", "means nothing"),
        ] {
            let found = parse(text, &KNOWN).expect_err(text);
            assert!(found.contains(part), "{text}: {found}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_never_opens_a_template(text in "[a-z.!&|()='\"<> 0-9{}-]{0,60}") {
            if let Ok(found) = parse(&text, &KNOWN) {
                prop_assert!(!found.expression.contains("}}") && !found.expression.contains("{{"));
            }
        }
    }
}
