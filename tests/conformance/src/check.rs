//! Checks one assertion against an evaluation.
//!
//! Invariant: a check either fills in `passed` and the parts it decides, or fails with a reason;
//! the text and positions of an error never decide whether an assertion passes.

use platformc_cue::{Bottom, Tree, TreeKind, TreeLabel};
use platformc_cue_syntax::{Experiments, parse_expr_with};
use platformc_source::FileId;
use platformc_value::BoundOp;

use crate::compare::{Comparison, brief, fault, find_below, path_matches};
use crate::directive::{Directive, Kind};
use crate::locate::{Assertion, Target, identifier, print_path};
use crate::run::{Context, Evaluation, Selector, Verdict};

/// Checks one assertion.
pub fn run(
    context: &Context<'_>,
    assertion: &Assertion,
    target: &Target,
    evaluation: &mut dyn Evaluation,
) -> Verdict {
    let directive = &assertion.directive;
    let mut verdict = Verdict::failed(assertion, "");
    let mut path = target.path.clone();
    if let (Kind::Eq | Kind::Err, Some(at)) = (directive.kind, directive.named("at")) {
        path.extend(steps(&at));
        verdict.path = print_path(&path);
    }
    let result = match directive.kind {
        Kind::Eq => equal(directive, &path, evaluation),
        Kind::Err => error(context, assertion, target, &path, evaluation, &mut verdict),
        Kind::Closed => closed(directive, &path, evaluation),
        Kind::Allows => allows(directive, &path, evaluation),
        Kind::Kind => kind(directive, &path, evaluation),
        Kind::Permute | Kind::Other => Ok(()),
    };
    match result {
        Ok(()) => verdict.passed = true,
        Err(reason) => verdict.reason = reason,
    }
    verdict
}

/// The steps of `at=`: `a.b.0`, `"x.y".c`, `_h$pkg`, `_h$(mod.test@v0:pkg)`.
fn steps(at: &str) -> Vec<TreeLabel> {
    let mut steps = Vec::new();
    let (mut depth, mut quoted, mut start) = (0, false, 0);
    for (index, byte) in at.bytes().chain([b'.']).enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => depth -= 1,
            b'.' if !quoted && depth == 0 => {
                steps.push(step(&at[start..index]));
                start = index + 1;
            }
            _ => {}
        }
    }
    steps
}

fn step(text: &str) -> TreeLabel {
    if let Some(name) = crate::directive::unquote(text) {
        return TreeLabel::Regular(name.into());
    }
    if text.starts_with('_')
        && let Some((name, package)) = text.split_once('$')
    {
        let package = package.trim_start_matches('(').trim_end_matches(')');
        return identifier(name, package);
    }
    identifier(text, "")
}

fn value(path: &[TreeLabel], evaluation: &mut dyn Evaluation) -> Result<Tree, String> {
    evaluation.tree(path).ok_or_else(|| format!("there is no value at {}", print_path(path)))
}

fn equal(
    directive: &Directive,
    path: &[TreeLabel],
    evaluation: &mut dyn Evaluation,
) -> Result<(), String> {
    let Some(operand) = directive.operand() else {
        // An empty placeholder asserts nothing.
        return Ok(());
    };
    let parsed = parse_expr_with(FileId::NONE, &operand.raw, Experiments::ALL);
    if parsed.has_errors() {
        let message = parsed.diagnostics.first().map_or("", |found| found.message.as_str());
        return Err(format!("syntax of the expectation: {message}"));
    }
    let tree = value(path, evaluation)?;
    let base = print_path(path);
    let mut leaves = Adapter(evaluation);
    Comparison::new(&operand.raw, &base, &mut leaves)
        .run(&parsed.value, &tree)
        .map_err(|mismatch| mismatch.to_string())
}

struct Adapter<'a>(&'a mut dyn Evaluation);

impl crate::compare::Leaves for Adapter<'_> {
    fn evaluate(&mut self, expression: &str) -> Result<Tree, String> {
        self.0.evaluate(expression)
    }
}

fn error(
    context: &Context<'_>,
    assertion: &Assertion,
    target: &Target,
    path: &[TreeLabel],
    evaluation: &mut dyn Evaluation,
    verdict: &mut Verdict,
) -> Result<(), String> {
    let directive = &assertion.directive;
    let codes = directive.codes();
    let accepts = |code: &str| codes.is_empty() || codes.iter().any(|wanted| wanted == code);
    let tree = value(path, evaluation)?;
    if directive.has_flag("any") {
        let any = find_below(&tree, &|_| true);
        verdict.parts.insert("error".to_owned(), any);
        let found = find_below(&tree, &|found| accepts(found.code.as_str()));
        if !codes.is_empty() {
            verdict.parts.insert("code".to_owned(), found);
        }
        return match found {
            true => Ok(()),
            false => Err(format!("no error {codes:?} at or below {}", brief(&tree))),
        };
    }
    let Some(found) = fault(&tree) else {
        verdict.parts.insert("error".to_owned(), false);
        return Err(format!("expected an error {codes:?}, got {}", brief(&tree)));
    };
    verdict.parts.insert("error".to_owned(), true);
    let mut result = Ok(());
    if !codes.is_empty() {
        let holds = accepts(found.code.as_str());
        verdict.parts.insert("code".to_owned(), holds);
        if !holds {
            result = Err(format!("expected an error {codes:?}, got {}", brief(&tree)));
        }
    }
    if let Some(expected) = directive.named("path") {
        let holds = path_matches(&found.bottom.path, &print_path(path), &expected);
        verdict.parts.insert("path".to_owned(), holds);
        if !holds && result.is_ok() {
            result = Err(format!("expected the error at {expected}, got {:?}", found.bottom.path));
        }
    }
    if let Some(expected) = directive.named("contains") {
        verdict.parts.insert("contains".to_owned(), contains(&found.bottom.message, &expected));
    }
    if directive.named("pos").is_some() {
        let holds = positions(context, assertion, target, found.bottom);
        verdict.parts.insert("pos".to_owned(), holds);
    }
    result
}

/// Whether a message holds the expected text, in which `%s` and the like stand for any text.
fn contains(message: &str, expected: &str) -> bool {
    if message.contains(expected) {
        return true;
    }
    let mut parts = Vec::new();
    let mut rest = expected;
    while let Some(at) = rest.find('%') {
        parts.push(&rest[..at]);
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    parts.push(rest);
    let mut from = 0;
    parts.iter().all(|part| match message[from..].find(part) {
        Some(at) => {
            from += at + part.len();
            true
        }
        None => false,
    })
}

fn positions(
    context: &Context<'_>,
    assertion: &Assertion,
    target: &Target,
    bottom: &Bottom,
) -> bool {
    let Some(expected) = assertion.directive.positions() else { return false };
    let mut actual: Vec<_> =
        bottom.spans.iter().filter_map(|span| context.texts.place(*span)).collect();
    actual.sort_unstable();
    actual.dedup();
    let mut wanted: Vec<_> = expected
        .into_iter()
        .map(|(file, line, column)| {
            let index = match &file {
                Some(name) => context.archive.files.iter().position(|file| file.name == *name),
                None => assertion.file_index,
            };
            let base = if file.is_some() { 0 } else { target.base_line };
            let line = usize::try_from(line + i64::try_from(base).unwrap_or(i64::MAX));
            (index.unwrap_or(usize::MAX), line.unwrap_or(0), column as usize)
        })
        .collect();
    wanted.sort_unstable();
    actual == wanted
}

fn closed(
    directive: &Directive,
    path: &[TreeLabel],
    evaluation: &mut dyn Evaluation,
) -> Result<(), String> {
    let expected = directive.assigned().as_deref() != Some("false");
    match evaluation.is_closed(path) {
        None => Err("there is no value".to_owned()),
        Some(actual) if actual == expected => Ok(()),
        Some(actual) => Err(format!("expected closed={expected}, got closed={actual}")),
    }
}

fn allows(
    directive: &Directive,
    path: &[TreeLabel],
    evaluation: &mut dyn Evaluation,
) -> Result<(), String> {
    let expected = directive.assigned().as_deref() != Some("false");
    let operand = directive.operand().ok_or("`allows` needs a selector")?;
    let tree = value(path, evaluation)?;
    let kinds = kinds(&tree);
    if kinds != STRUCT && kinds != LIST {
        return Err(format!("neither a struct nor a list: {}", brief(&tree)));
    }
    let selector = match operand.raw.as_str() {
        "string" => Selector::AnyString,
        "int" => Selector::AnyIndex,
        text => Selector::Label(step(text)),
    };
    match evaluation.allows(path, &selector) {
        None => Err("there is no value".to_owned()),
        Some(actual) if actual == expected => Ok(()),
        Some(actual) => Err(format!("expected allows({})={expected}, got {actual}", operand.raw)),
    }
}

const NULL: u16 = 1;
const BOOL: u16 = 2;
const INT: u16 = 4;
const FLOAT: u16 = 8;
const STRING: u16 = 16;
const BYTES: u16 = 32;
const LIST: u16 = 64;
const STRUCT: u16 = 128;
const ANY: u16 = 255;

fn kind_of_name(name: &str) -> Option<u16> {
    Some(match name {
        "null" => NULL,
        "bool" => BOOL,
        "int" => INT,
        "float" => FLOAT,
        "number" => INT | FLOAT,
        "string" => STRING,
        "bytes" => BYTES,
        "list" => LIST,
        "struct" => STRUCT,
        "top" | "_" => ANY,
        "bottom" | "_|_" => 0,
        _ => return None,
    })
}

/// The basic kinds a value may still have, as bits.
fn kinds(tree: &Tree) -> u16 {
    match &tree.kind {
        TreeKind::Bottom(_) => 0,
        TreeKind::Top | TreeKind::Validator { .. } => ANY,
        TreeKind::Null => NULL,
        TreeKind::Bool(_) => BOOL,
        TreeKind::Number(number) if number.is_int() => INT,
        TreeKind::Number(_) => FLOAT,
        TreeKind::String(_) => STRING,
        TreeKind::Bytes(_) => BYTES,
        TreeKind::Struct(body) => body.embedded.as_deref().map_or(STRUCT, kinds),
        TreeKind::List(_) => LIST,
        TreeKind::Disjunction(alternatives) => {
            alternatives.iter().fold(0, |all, alternative| all | kinds(&alternative.value))
        }
        TreeKind::Conjunction(parts) => parts.iter().fold(ANY, |all, part| all & kinds(part)),
        TreeKind::Type(name) => kind_of_name(name).unwrap_or(ANY),
        TreeKind::Bound(op, operand) => match kinds(operand) {
            NULL if *op == BoundOp::NotEqual => ANY & !NULL,
            INT | FLOAT => INT | FLOAT,
            STRING if matches!(op, BoundOp::Match | BoundOp::NotMatch) => STRING | BYTES,
            kind => kind,
        },
    }
}

fn kind(
    directive: &Directive,
    path: &[TreeLabel],
    evaluation: &mut dyn Evaluation,
) -> Result<(), String> {
    let expected = directive.assigned().unwrap_or_default();
    let mut wanted = 0;
    for name in expected.split('|') {
        wanted |= kind_of_name(name.trim()).ok_or_else(|| format!("no kind {name}"))?;
    }
    let tree = value(path, evaluation)?;
    match kinds(&tree) == wanted {
        true => Ok(()),
        false => Err(format!("expected the kind {expected}, got {}", brief(&tree))),
    }
}
