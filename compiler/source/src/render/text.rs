//! Text for people, drawn by ariadne: the message, the lines it speaks of, ways out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use ariadne::{Cache, CharSet, Color, Config, IndexType, Report, ReportKind, Source};

use super::RenderOptions;
use super::escape;
use super::place::{Place, floor};
use crate::{Diagnostic, FileId, Fix, Label, LineColumn, Severity, SourceMap, Span};

/// Lines longer than this, in bytes, are not drawn; their place is named instead.
const LONGEST_LINE: usize = 400;
/// At most so many places are drawn for one diagnostic; the rest is counted.
const MOST_LABELS: usize = 16;
/// A replacement longer than this, in bytes, is not quoted.
const LONGEST_QUOTE: usize = 120;

pub(super) fn render(
    diagnostics: &[Diagnostic],
    map: &SourceMap,
    options: &RenderOptions<'_>,
) -> String {
    let mut texts = Texts { map, files: BTreeMap::new() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        if !out.is_empty() {
            out.push('\n');
        }
        one(diagnostic, &mut texts, options, &mut out);
    }
    out
}

fn one(d: &Diagnostic, texts: &mut Texts<'_>, options: &RenderOptions<'_>, out: &mut String) {
    let (drawn, named) = places(d, texts.map);
    header(out, d, options.color);
    let config = Config::new()
        .with_index_type(IndexType::Byte)
        .with_char_set(CharSet::Unicode)
        .with_label_attach(ariadne::LabelAttach::Start)
        .with_tab_width(2)
        .with_color(options.color);
    let is_primary = |label: &Label| std::ptr::eq(label, &d.primary);
    let head = drawn.iter().find(|(label, _)| is_primary(label)).or(drawn.first());
    let at = head.map_or((FileId::NONE, 0..0), |(_, span)| span.clone());
    let mut report = Report::build(ReportKind::Error, at).with_config(config);
    for (label, span) in &drawn {
        let primary = is_primary(label);
        let tint = if primary { color(d.severity) } else { Color::Blue };
        let mark = ariadne::Label::new(span.clone()).with_color(tint);
        // Without words ariadne marks nothing where there is no colour.
        let mark = mark.with_message(escape::line(&label.message));
        report = report.with_label(mark.with_priority(i32::from(primary)));
    }
    let mut bytes = Vec::new();
    if report.finish().write(&mut *texts, &mut bytes).is_err() {
        bytes.clear();
    }
    let text = String::from_utf8_lossy(&bytes);
    // The first line is ariadne's own header. Notes and fixes follow the drawing, because ariadne
    // would number them and space them out.
    for line in text.lines().skip(1) {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    for line in named {
        let _ = writeln!(out, "    at {line}");
    }
    for note in &d.notes {
        trailer(out, "note", &escape::block(note));
    }
    for fix in &d.fixes {
        trailer(out, "help", &help(fix, texts.map));
    }
}

/// `error[yaml/syntax]: message`
fn header(out: &mut String, d: &Diagnostic, colored: bool) {
    let name = format!("{}[{}]", d.severity.as_str(), d.code.id());
    let message = escape::line(&d.message);
    let _ = if colored {
        let code = match d.severity {
            Severity::Error => 31,
            Severity::Warning => 33,
            Severity::Note => 36,
        };
        writeln!(out, "\u{1b}[{code}m{name}\u{1b}[0m: {message}")
    } else {
        writeln!(out, "{name}: {message}")
    };
}

/// A paragraph under the drawing; further lines of it are indented.
fn trailer(out: &mut String, name: &str, text: &str) {
    let mut lines = text.lines();
    let _ = writeln!(out, "    {name}: {}", lines.next().unwrap_or("").trim_end());
    for line in lines {
        let _ = writeln!(out, "          {}", line.trim_end());
    }
}

/// A label with the bytes it marks.
type Marked<'a> = (&'a Label, (FileId, Range<usize>));

/// What is drawn, the primary file first and each file from top to bottom, and lines that name
/// the places that are not drawn.
fn places<'a>(d: &'a Diagnostic, map: &SourceMap) -> (Vec<Marked<'a>>, Vec<String>) {
    let (mut drawn, mut named) = (Vec::new(), Vec::new());
    for (at, label) in std::iter::once(&d.primary).chain(&d.labels).enumerate() {
        let Some(place) = Place::of(map, label.span) else { continue };
        let id = label.span.file;
        let Some(file) = map.get(id) else { continue };
        let short = |line: u32| file.line(line).len() <= LONGEST_LINE;
        if drawn.len() < MOST_LABELS && short(place.start.line) && short(place.end.line) {
            let mut span = place.start_byte as usize..place.end_byte as usize;
            if label.message.is_empty() {
                // A mark without words over several lines is not drawn; that of the first one is.
                let length = file.text()[span.clone()].find('\n').unwrap_or(span.len());
                span.end = span.start + length;
            }
            drawn.push((place.path, (place.end.line, at), label, (id, span)));
        } else if named.len() < MOST_LABELS {
            let path = escape::line(&place.path);
            let LineColumn { line, column } = place.start;
            let words = if label.message.is_empty() { "" } else { ": " };
            named.push(format!("{path}:{line}:{column}{words}{}", escape::line(&label.message)));
        }
    }
    let left_out = (1 + d.labels.len()).saturating_sub(2 * MOST_LABELS);
    if left_out > 0 {
        named.push(format!("{left_out} more places"));
    }
    let first = Place::of(map, d.primary.span).map(|place| place.path);
    drawn.sort_by(|a, b| {
        let other = |path: &Arc<str>| Some(path) != first.as_ref();
        (other(&a.0), &a.0, a.1).cmp(&(other(&b.0), &b.0, b.1))
    });
    (drawn.into_iter().map(|(_, _, label, span)| (label, span)).collect(), named)
}

fn color(severity: Severity) -> Color {
    match severity {
        Severity::Error => Color::Red,
        Severity::Warning => Color::Yellow,
        Severity::Note => Color::Cyan,
    }
}

/// A fix in words: its title, and each edit where it is short enough to be quoted.
fn help(fix: &Fix, map: &SourceMap) -> String {
    let mut out = escape::line(&fix.title);
    for edit in &fix.edits {
        let old = clipped(map, edit.span);
        if old.len() > LONGEST_QUOTE || edit.text.len() > LONGEST_QUOTE {
            continue;
        }
        let Some(place) = Place::of(map, edit.span) else { continue };
        let at =
            format!("{}:{}:{}", escape::line(&place.path), place.start.line, place.start.column);
        let (old, new) = (escape::line(&old), escape::line(&edit.text));
        let _ = match (old.is_empty(), new.is_empty()) {
            (true, true) => Ok(()),
            (true, false) => write!(out, "\n{at}: insert `{new}`"),
            (false, true) => write!(out, "\n{at}: remove `{old}`"),
            (false, false) => write!(out, "\n{at}: replace `{old}` by `{new}`"),
        };
    }
    out
}

fn clipped(map: &SourceMap, span: Span) -> String {
    let Some(file) = map.get(span.file) else { return String::new() };
    let (start, end) = (floor(file.text(), span.start), floor(file.text(), span.end));
    map.text(Span { file: span.file, start, end: end.max(start) })
}

/// The texts that drawings need, prepared once a rendering.
struct Texts<'a> {
    map: &'a SourceMap,
    files: BTreeMap<FileId, Source<String>>,
}

impl Cache<FileId> for &mut Texts<'_> {
    type Storage = String;

    fn fetch(&mut self, id: &FileId) -> Result<&Source<String>, impl std::fmt::Debug> {
        let map = self.map;
        Ok::<_, std::convert::Infallible>(self.files.entry(*id).or_insert_with(|| {
            let mut text = map.get(*id).map_or_else(String::new, |f| escape::same_length(f.text()));
            // Ariadne knows no line after a final line break, yet positions lie there.
            if text.ends_with('\n') {
                text.push(' ');
            }
            Source::from(text)
        }))
    }

    fn display<'b>(&self, id: &'b FileId) -> Option<impl std::fmt::Display + 'b> {
        self.map.get(*id).map(|file| escape::line(&self.map.shown(&file)))
    }
}
