//! CUE inside a YAML scalar.
//!
//! Invariant: the places of a template written as a literal block (`|`) are places of the YAML
//! file. The template is parsed from a copy of the file in which everything else is blank, so no
//! place ever needs translation. Other scalars escape or fold their text; what is found in them is
//! reported at the scalar, with the line inside the template.

use platformc_cue_syntax::ast;
use platformc_source::{Diagnostic, FileId, Span, codes};
use platformc_value::Value;

/// Bytes of blank copies made for one file: a file of many definitions must not cost its size
/// times their number.
const BLANK_LIMIT: usize = 64 << 20;

/// What is left to spend on one YAML file.
pub(super) struct Budget {
    left: usize,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { left: BLANK_LIMIT }
    }
}

/// Parses the template in `value`, a scalar of the YAML file `text`.
pub(super) fn parse(
    text: &str,
    value: &Value,
    budget: &mut Budget,
    sink: &mut Vec<Diagnostic>,
) -> Option<(ast::File, Span)> {
    let span = value.origin.span;
    let Some(template) = value.as_str() else {
        let message = format!("a template has to be text, not {}", value.kind_name());
        sink.push(Diagnostic::new(codes::DEFINITION_NO_TEMPLATE, span, message));
        return None;
    };
    if let Some((blank, start)) = literal_block(text, span, template, budget) {
        let parsed = platformc_cue_syntax::parse(span.file, &blank);
        sink.extend(parsed.diagnostics);
        return Some((parsed.value, Span::new(span.file, start, blank.len())));
    }
    let parsed = platformc_cue_syntax::parse(FileId::NONE, template);
    for found in parsed.diagnostics {
        let at = found.primary.span.start as usize;
        let line = template.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
        let mut moved = Diagnostic::new(found.code, span, found.message)
            .severity(found.severity)
            .note(format!("on line {line} of the template"))
            .note("write the template as a literal block (`template: |`) to see exact places");
        moved.notes.extend(found.notes);
        sink.push(moved);
    }
    Some((parsed.value, span))
}

/// Where an import may be inserted: before the first import or declaration.
pub(super) fn first_place(file: &ast::File, whole: Span) -> Span {
    let imports = file.imports.iter().map(|import| import.span);
    let decls = file.decls.iter().map(|decl| decl.span);
    let first = imports.chain(decls).min().unwrap_or(whole);
    Span { end: first.start, ..first }
}

/// A copy of the file up to the end of the block with everything before it, and the indentation
/// of its lines, blank; and where the block starts. `None` where `span` is no literal block.
fn literal_block(
    text: &str,
    span: Span,
    template: &str,
    budget: &mut Budget,
) -> Option<(String, usize)> {
    let start = content_start(text, span)?;
    let mut blank = String::new();
    let mut at = start;
    let mut indent = None;
    let mut lines = template.split('\n').peekable();
    let mut body = String::with_capacity(template.len() * 2);
    while let Some(line) = lines.next() {
        if lines.peek().is_none() && line.is_empty() {
            break;
        }
        let rest = text.get(at..)?;
        let end = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let raw = &rest[..end];
        let content = raw.trim_end_matches(['\n', '\r']);
        if line.is_empty() {
            if !content.trim_matches(' ').is_empty() {
                return None;
            }
            body.extend(std::iter::repeat_n(' ', content.len()));
        } else {
            let width = *indent.get_or_insert(content.len().checked_sub(line.len())?);
            let (before, after) = content.split_at_checked(width)?;
            if after != line || !before.bytes().all(|byte| byte == b' ') {
                return None;
            }
            body.push_str(content);
        }
        // A carriage return is a blank to CUE as well.
        body.push_str(&raw[content.len()..]);
        at += end;
    }
    budget.left = budget.left.checked_sub(start)?;
    blank.reserve(start + body.len());
    blank.extend(std::iter::repeat_n(' ', start));
    blank.push_str(&body);
    Some((blank, start))
}

/// The start of the line after the `|` of a literal block.
fn content_start(text: &str, span: Span) -> Option<usize> {
    let start = span.start as usize;
    let head = text.get(start..)?;
    if head.starts_with('|') {
        return Some(start + head.find('\n')? + 1);
    }
    // Some readers let the scalar begin with its first line.
    let line = text.get(..start)?.rfind('\n')? + 1;
    let before = text.get(..line - 1)?;
    let opener = before.rsplit('\n').find(|line| !line.trim().is_empty())?;
    let opener = opener.split(" #").next()?.trim_end();
    let mark = opener.rsplit([' ', ':']).next()?;
    mark.starts_with('|').then_some(line)
}
