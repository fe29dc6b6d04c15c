//! References in text: `{{paths.base}}`, `{{env.HOME ?? "/root"}}`, and `{{{{…}}}}` to write one
//! that is none.
//!
//! Invariant: pieces cover the text without gaps, whatever it is, in time linear in its length;
//! what is not exactly in this grammar is [`Piece::Foreign`], for Helm, Argo, Jinja and others
//! write their templates with the same braces.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use chumsky::error::RichReason;
use chumsky::prelude::*;
use platformc_value::{Data, Number, Path, Step, Value};

/// A reference with its brackets is at most so many bytes long.
const MAX_LEN: usize = 2048;

/// One operand of a reference.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A path from the root of the configuration, or into `env`, `git`, `now`.
    Path(Path),
    /// A scalar as written, behind `??` only.
    Literal(Value),
}

/// `{{a.b ?? c ?? "d"}}`: the first operand that is there counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// The operands; the first one is a path.
    pub operands: Vec<Operand>,
}

impl Reference {
    /// The path of the first operand.
    #[must_use]
    pub fn path(&self) -> &Path {
        static EMPTY: std::sync::OnceLock<Path> = std::sync::OnceLock::new();
        match self.operands.first() {
            Some(Operand::Path(path)) => path,
            _ => EMPTY.get_or_init(Path::root),
        }
    }

    /// The first step of the first operand.
    #[must_use]
    pub fn root(&self) -> &str {
        root_of(self.path())
    }
}

/// The first name of a path.
pub(crate) fn root_of(path: &Path) -> &str {
    match path.steps().first() {
        Some(Step::Field(name)) => name,
        _ => "",
    }
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Text that stands for itself.
    Text(Range<usize>),
    /// A reference with its braces.
    Reference(Reference, Range<usize>),
    /// Four braces around something: meant as the same with two.
    Escaped {
        /// The whole.
        range: Range<usize>,
        /// The text between the braces.
        inner: Range<usize>,
    },
    /// Two braces around something this grammar does not know.
    Foreign {
        /// The whole, or only the braces where nothing closes them.
        range: Range<usize>,
        /// What is wrong with it as a reference.
        fault: String,
        /// The name it starts with, where it starts with one.
        root: Option<String>,
    },
}

/// Whether a text may hold a reference. Cheap; everything else is only looked at where it is true.
#[must_use]
pub fn is_template(text: &str) -> bool {
    text.contains("{{")
}

/// The parts of a text in order.
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let last = [text.rfind("}}").unwrap_or(0), text.rfind("}}}}").unwrap_or(0)];
    let (mut done, mut at) = (0, 0);
    while let Some(open) = text.get(at..).and_then(|rest| rest.find("{{")).map(|next| at + next) {
        let rest = &text[open..];
        let run = rest.bytes().take_while(|byte| *byte == b'{').count();
        let piece = piece(text, open, run, last);
        let range = match &piece {
            Piece::Reference(_, range)
            | Piece::Escaped { range, .. }
            | Piece::Foreign { range, .. }
            | Piece::Text(range) => range.clone(),
        };
        if done < range.start {
            found.push(Piece::Text(done..range.start));
        }
        (done, at) = (range.end, range.end);
        found.push(piece);
    }
    if done < text.len() {
        found.push(Piece::Text(done..text.len()));
    }
    found
}

/// `last` are the places of the last `}}` and the last `}}}}`: behind them nothing is looked for,
/// which is what keeps the search linear.
fn piece(text: &str, open: usize, run: usize, last: [usize; 2]) -> Piece {
    let close = |from: usize, bracket: &str| {
        let found = (from <= last[bracket.len() / 4]).then(|| text[from..].find(bracket)).flatten();
        found.map(|at| from + at + bracket.len())
    };
    let foreign = |fault: String| {
        let range = open..close(open + run, "}}").unwrap_or(open + run);
        let root = text[open + run..].trim_start();
        let length = root.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(root.len());
        let root = root.get(..length.min(256)).filter(|name| !name.is_empty()).map(str::to_owned);
        Piece::Foreign { range, fault, root }
    };
    if run == 4 {
        return match close(open + 4, "}}}}") {
            Some(end) => Piece::Escaped { range: open..end, inner: open + 4..end - 4 },
            None => foreign("four braces are not closed".to_owned()),
        };
    }
    if run != 2 {
        return foreign(format!("{run} braces open nothing here"));
    }
    if text[..open].ends_with('$') {
        return foreign("`$` stands before it".to_owned());
    }
    let mut end = (open + 2 + MAX_LEN).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    match parse(&text[open + 2..end]) {
        Ok((reference, length)) => Piece::Reference(reference, open..open + 2 + length),
        Err(fault) => foreign(fault),
    }
}

/// Reads what stands between braces, if it is a reference and nothing else.
pub(crate) fn parse_inner(inner: &str) -> Option<Reference> {
    if inner.len() > MAX_LEN {
        return None;
    }
    let closed = format!("{inner}}}}}");
    parse(&closed).ok().filter(|(_, length)| *length == closed.len()).map(|(found, _)| found)
}

/// Reads a path as references write it: `paths.data-dir`, `ports[0]`, `labels."a.b/c"`.
///
/// # Errors
/// What is wrong with it, in one line.
pub fn parse_path(text: &str) -> Result<Path, String> {
    let bad = || "a path is like `paths.data-dir`, `ports[0]` or `labels.\"a.b/c\"`".to_owned();
    match parse_inner(text).map(|found| found.operands) {
        Some(operands) => match operands.as_slice() {
            [Operand::Path(path)] => Ok(path.clone()),
            _ => Err(bad()),
        },
        None => Err(bad()),
    }
}

/// Reads a reference behind its opening braces; with the bytes it takes, closing braces included.
fn parse(text: &str) -> Result<(Reference, usize), String> {
    let result = grammar().parse(text).into_result();
    result.map_err(|faults| match faults.first() {
        Some(fault) => message(fault),
        None => "this is not a reference".to_owned(),
    })
}

type Fault<'t> = extra::Err<Rich<'t, char>>;

fn grammar<'t>() -> impl Parser<'t, &'t str, (Reference, usize), Fault<'t>> {
    let blank = || select! { c if char::is_whitespace(c) => () }.repeated();
    let letter = select! { c if char::is_alphabetic(c) || c == '_' => () };
    let more = select! { c if char::is_alphanumeric(c) || c == '_' || c == '-' => () };
    let name = letter
        .then(more.repeated())
        .to_slice()
        .filter(|name: &&str| !name.ends_with('-'))
        .labelled("a name");
    let quoted = just('\\')
        .ignore_then(select! { '"' => '"', '\\' => '\\', 'n' => '\n', 't' => '\t' })
        .or(none_of("\"\\\n\r"))
        .repeated()
        .collect::<String>()
        .delimited_by(just('"'), just('"'))
        .labelled("a quoted text");
    let digits = select! { c if char::is_ascii_digit(&c) => () }.repeated().at_least(1);
    let index = digits
        .to_slice()
        .try_map(|text: &str, span| {
            text.parse().map_err(|_| Rich::custom(span, "this index is longer than any list"))
        })
        .delimited_by(just('['), just(']'))
        .map(Step::Index)
        .labelled("an index in brackets");
    let field = name.map(Arc::<str>::from).or(quoted.map(Arc::<str>::from)).map(Step::Field);
    let step = just('.').ignore_then(field).or(index);
    let path = name.map(|name: &str| vec![Step::Field(Arc::from(name))]).foldl(
        step.repeated(),
        |mut steps, step| {
            steps.push(step);
            steps
        },
    );
    let path = path.map(|steps| keyword_or_path(steps.into_iter().collect()));
    let number = just('-')
        .or_not()
        .then(digits)
        .then(just('.').then(digits).or_not())
        .to_slice()
        .try_map(|text: &str, span| {
            let number = Number::parse(text).map(Data::Number);
            number.map_err(|_| Rich::custom(span, "this number is too large"))
        })
        .labelled("a number");
    let literal = quoted.map(|text| Data::String(Arc::from(text))).or(number);
    let literal =
        literal.map(|data| Operand::Literal(Value::new(data, platformc_source::Origin::NONE)));
    let first = path.try_map(|operand, span| match operand {
        Operand::Path(_) => Ok(operand),
        Operand::Literal(_) => Err(Rich::custom(span, "a reference begins with a path")),
    });
    let next = blank().ignore_then(just("??")).ignore_then(blank()).ignore_then(path.or(literal));
    blank()
        .ignore_then(first.map(|operand| vec![operand]).foldl(next.repeated(), |mut all, next| {
            all.push(next);
            all
        }))
        .then_ignore(blank())
        .then_ignore(just("}}"))
        .map_with(|operands, extra| {
            let span: SimpleSpan = extra.span();
            (Reference { operands }, span.end)
        })
        .lazy()
}

/// `true`, `false` and `null` are scalars, every other path is one.
fn keyword_or_path(path: Path) -> Operand {
    let data = match path.to_string().as_str() {
        "true" => Data::Bool(true),
        "false" => Data::Bool(false),
        "null" => Data::Null,
        _ => return Operand::Path(path),
    };
    Operand::Literal(Value::new(data, platformc_source::Origin::NONE))
}

/// One line on what was expected and found.
fn message(error: &Rich<'_, char>) -> String {
    if let RichReason::Custom(message) = error.reason() {
        return message.clone();
    }
    let found = match error.found() {
        Some(c) => format!("`{c}`"),
        None => "the end".to_owned(),
    };
    format!("a reference is like `{{{{paths.base}}}}` and cannot go on with {found}")
}

/// As it is written, without braces.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, operand) in self.operands.iter().enumerate() {
            if at > 0 {
                f.write_str(" ?? ")?;
            }
            match operand {
                Operand::Path(path) => write!(f, "{path}")?,
                Operand::Literal(value) => match &value.data {
                    Data::String(text) => write!(f, "{text:?}")?,
                    Data::Number(number) => write!(f, "{number}")?,
                    Data::Bool(b) => write!(f, "{b}")?,
                    _ => f.write_str("null")?,
                },
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let show = |piece: &Piece| match piece {
            Piece::Text(range) => format!("text {}", &text[range.clone()]),
            Piece::Reference(reference, range) => {
                format!("reference {reference} from {}", &text[range.clone()])
            }
            Piece::Escaped { inner, .. } => format!("escaped {}", &text[inner.clone()]),
            Piece::Foreign { range, root, .. } => {
                format!("foreign {} root {}", &text[range.clone()], root.as_deref().unwrap_or("-"))
            }
        };
        pieces(text).iter().map(show).collect()
    }

    #[test]
    fn reads_references_among_text() {
        assert_eq!(
            shown("a {{paths.base}}/{{ ports[0] }} b"),
            [
                "text a ",
                "reference paths.base from {{paths.base}}",
                "text /",
                "reference ports[0] from {{ ports[0] }}",
                "text  b"
            ]
        );
        assert_eq!(
            shown(r#"{{env.HOME ?? "/r\"oot" ?? -1.50 ?? data-dir."a.b/c"}}"#),
            [
                r#"reference env.HOME ?? "/r\"oot" ?? -1.50 ?? "data-dir"."a.b/c" from {{env.HOME ?? "/r\"oot" ?? -1.50 ?? data-dir."a.b/c"}}"#
            ]
        );
        assert_eq!(shown("{{a ?? true}}}"), ["reference a ?? true from {{a ?? true}}", "text }"]);
        assert_eq!(shown("{{{{a.b}}}}"), ["escaped a.b"]);
    }

    #[test]
    fn leaves_other_templates_alone() {
        for text in [
            "{{ .Values.image }}",
            "{{- include \"x\" . | nindent 4 -}}",
            "{{ $labels.instance }}",
            "{{ a | upper }}",
            "{{a-}}",
            "{{ a b }}",
            "{{ now() }}",
            "{{ \"{{a.b}}",
            "{{= 1 }}",
            "{{}}",
            "{{true}}",
            "{{\"a\"}}",
            "{{{a}}",
            "${{a.b}}",
        ] {
            let found = pieces(text);
            let foreign = |piece: &Piece| !matches!(piece, Piece::Reference(..));
            assert!(found.iter().all(foreign), "{text}: {found:?}");
        }
        assert_eq!(
            shown("{{ \"{{a.b}}\" }} {% if a %}"),
            ["foreign {{ \"{{a.b}} root -", "text \" }} {% if a %}"]
        );
        assert_eq!(shown("{{ path | x }}"), ["foreign {{ path | x }} root path"]);
    }

    #[test]
    fn stays_linear_on_what_never_closes() {
        for text in ["{{".repeat(50_000), "{{a ?? \"".repeat(20_000), "{{{{ }} ".repeat(20_000)] {
            let covered: usize = pieces(&text)
                .iter()
                .map(|piece| match piece {
                    Piece::Text(range)
                    | Piece::Reference(_, range)
                    | Piece::Escaped { range, .. }
                    | Piece::Foreign { range, .. } => range.len(),
                })
                .sum();
            assert_eq!(covered, text.len());
        }
    }

    proptest! {
        #[test]
        fn pieces_cover_the_text(text in "[ab{}$.?\" é\\[\\]0-9-]{0,40}") {
            let mut at = 0;
            for piece in pieces(&text) {
                let range = match piece {
                    Piece::Text(range) | Piece::Reference(_, range)
                    | Piece::Escaped { range, .. } | Piece::Foreign { range, .. } => range,
                };
                prop_assert_eq!(range.start, at);
                at = range.end;
            }
            prop_assert_eq!(at, text.len());
        }

        #[test]
        fn references_print_as_they_are_read(text in r#"[ab_]{1,3}(\.([ab-]{1,3}|"[ab./]{0,3}")|\[[0-9]{1,3}\]){0,3}"#) {
            if let Some(found) = parse_inner(&text) {
                prop_assert_eq!(parse_inner(&found.to_string()), Some(found));
            }
        }
    }
}
