//! Where a broken document is broken.
//!
//! Invariant: a [`Region`] holds at least one character that is not blank, and blanking it keeps
//! all offsets and line breaks; so every round of reading makes progress. A region reaches from the
//! fault to the next line whose indentation is that of the fault's own entry, or less.

use platformc_source::{Diagnostic, Edit, FileId, Span, codes};

use super::outline::{Construct, Entry, entry_at, first_open, is_blank, line_end, line_start};

/// What kind of fault it is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// A quote or bracket that is not closed.
    Unclosed(u8),
    /// A line that should be a key.
    MissingColon,
    /// Indentation by tabs.
    Tab,
    /// An alias without an anchor.
    Alias,
    /// `: ` within a plain value.
    Colon,
    /// Anything else the parser says.
    Other,
}

/// What is blanked, and why.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region {
    pub(super) start: usize,
    pub(super) end: usize,
    /// What the diagnostic points at.
    primary: (usize, usize),
    fault: Fault,
}

/// Finds the region at fault for an error at byte `at` of a document that starts at `start`.
pub(super) fn culprit(text: &str, start: usize, at: usize, info: &str) -> Option<Region> {
    let at = at.clamp(start, text.len());
    candidates(text, start, at, info)
        .into_iter()
        .flatten()
        .find(|region| text.get(region.start..region.end).is_some_and(|text| !is_blank(text)))
}

/// Regions to try, the best first.
fn candidates(text: &str, start: usize, at: usize, info: &str) -> [Option<Region>; 5] {
    let alias = info.contains("unknown anchor").then(|| alias(text, at));
    let tab = info.contains("tab").then(|| tabs(text, start, at)).flatten();
    let open = first_open(text, start, at).map(|construct| unclosed(text, &construct));
    // The parser notices a missing colon only on the line after.
    let before = text[start..at].trim_end().len() + start;
    let late = info.contains("simple key") || is_blank(&text[at..line_end(text, at)]);
    let last = text[start..before].char_indices().next_back().map_or(at, |(last, _)| start + last);
    let blamed = if late { last } else { at };
    [alias, tab, open, Some(line(text, start, blamed)), Some(whole_line(text, start, last))]
}

fn alias(text: &str, at: usize) -> Region {
    let end = text[at..]
        .find(|c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}'))
        .map_or(text.len(), |length| at + length);
    Region { start: at, end, primary: (at, end), fault: Fault::Alias }
}

/// The lines at `at`, or right behind it, that tabs indent.
fn tabs(text: &str, start: usize, at: usize) -> Option<Region> {
    let indentation = |line: usize| {
        let rest = &text[line..line_end(text, line)];
        &rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()]
    };
    let here = line_start(text, at).max(start);
    let behind = line_end(text, at) + 1;
    let mut lines = [here, behind].into_iter();
    let first = lines.find(|line| *line < text.len() && indentation(*line).contains('\t'))?;
    let mut end = line_end(text, first);
    while end < text.len() {
        let next = end + 1;
        let stop = line_end(text, next);
        if !is_blank(&text[next..stop]) && !indentation(next).contains('\t') {
            break;
        }
        end = stop;
    }
    let primary = (first, first + indentation(first).len());
    Some(Region { start: first, end, primary, fault: Fault::Tab })
}

fn unclosed(text: &str, construct: &Construct) -> Region {
    let opener = text.as_bytes().get(construct.start).copied().unwrap_or(b'"');
    let fault = if construct.closed { Fault::Other } else { Fault::Unclosed(opener) };
    let primary = (construct.start, construct.start + 1);
    Region { start: construct.start, end: construct.end, primary, fault }
}

/// The entry on the line of `at`: its value if the fault lies there, otherwise all of it.
fn line(text: &str, start: usize, at: usize) -> Region {
    let entry = entry_at(text, start, at);
    if at < entry.start {
        return whole_line(text, start, at);
    }
    let end = below(text, &entry, entry.column);
    match entry.colon {
        // A second entry cannot follow a plain text on the line before; that one lacks its colon.
        Some(colon) if at <= colon => {
            if let Some(before) = previous(text, start, &entry)
                && before.colon.is_none()
                && before.column == entry.column
            {
                return Region {
                    start: before.start,
                    end: before.end,
                    primary: (before.start, before.end),
                    fault: Fault::MissingColon,
                };
            }
            let primary = (entry.start, colon);
            Region { start: entry.start, end, primary, fault: Fault::Other }
        }
        Some(colon) => {
            let value = &text[colon + 1..entry.end];
            let value = colon + 1 + (value.len() - value.trim_start().len());
            let fault = if text[at..].starts_with(':') { Fault::Colon } else { Fault::Other };
            Region { start: colon + 1, end, primary: (value, entry.end), fault }
        }
        None => {
            let plain = text[entry.start..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
            let fault = if plain { Fault::MissingColon } else { Fault::Other };
            Region { start: entry.start, end, primary: (entry.start, entry.end), fault }
        }
    }
}

fn whole_line(text: &str, start: usize, at: usize) -> Region {
    let entry = entry_at(text, start, at);
    let first = line_start(text, at).max(start);
    let content =
        first + (text[first..entry.end].len() - text[first..entry.end].trim_start().len());
    let end = below(text, &entry, content - first);
    Region { start: first, end, primary: (content, entry.end), fault: Fault::Other }
}

/// The end of the lines below an entry that are indented more than `column`; at least its own.
fn below(text: &str, entry: &Entry, column: usize) -> usize {
    let mut end = line_end(text, entry.end);
    while end < text.len() {
        let next = end + 1;
        let stop = line_end(text, next);
        let line = &text[next..stop];
        let indent = line.len() - line.trim_start_matches(' ').len();
        if !is_blank(line) && indent <= column {
            break;
        }
        end = stop;
    }
    end
}

/// The entry on the last line before that says something.
fn previous(text: &str, start: usize, entry: &Entry) -> Option<Entry> {
    let line = line_start(text, entry.start).max(start);
    let before = text[start..line].trim_end();
    (!before.is_empty()).then(|| entry_at(text, start, start + before.len()))
}

/// Replaces a region by spaces, byte by byte, and keeps line breaks.
pub(super) fn blank(text: &mut String, region: &Region) {
    let blanks: String = text
        .get(region.start..region.end)
        .unwrap_or("")
        .bytes()
        .map(|byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { ' ' })
        .collect();
    text.replace_range(region.start..region.start + blanks.len(), &blanks);
}

/// Where the next document of `text` starts, after byte `from`.
pub(super) fn next_document(text: &str, from: usize) -> Option<usize> {
    let mut from = from.min(text.len());
    loop {
        let at = from + text.get(from..)?.find("\n---")? + 1;
        let after = text.as_bytes().get(at + 3);
        if after.is_none_or(u8::is_ascii_whitespace) {
            return Some(at);
        }
        from = at + 3;
    }
}

/// A fault that no text could be found for.
pub(super) fn unplaced(span: Span, info: &str) -> Diagnostic {
    Diagnostic::new(codes::YAML_SYNTAX, span, format!("the text is not YAML: {info}"))
        .note("the rest of this document is not read")
}

impl Region {
    /// The words for it. `given_up` says that the rest of the document is not read.
    pub(super) fn diagnostic(
        &self,
        file: FileId,
        text: &str,
        info: &str,
        given_up: bool,
    ) -> Diagnostic {
        let span = Span::new(file, self.primary.0, self.primary.1);
        let words = text.get(self.primary.0..self.primary.1).unwrap_or("");
        let short: String = words.chars().take_while(|c| *c != '\n').take(60).collect();
        let new = |message: String| Diagnostic::new(codes::YAML_SYNTAX, span, message);
        let diagnostic = match self.fault {
            Fault::Unclosed(b'[' | b'{') => new(format!("`{short}` is not closed"))
                .primary_label("opened here")
                .note("the lines of a collection in brackets are indented more than its key"),
            Fault::Unclosed(_) => new("a quoted text is not closed".to_owned())
                .primary_label("opened here")
                .note("the lines of a quoted text are indented more than its key"),
            Fault::MissingColon => missing_colon(file, &short, span),
            Fault::Tab => {
                let width = words.replace('\t', "  ");
                new("a tab cannot indent a line of YAML".to_owned()).replace(
                    span,
                    width,
                    "indent with two spaces a tab",
                )
            }
            Fault::Alias => {
                Diagnostic::new(codes::YAML_ALIAS, span, format!("`{short}` names no anchor"))
                    .note("an anchor (`&name`) must stand before it, in the same document")
                    .replace(span, super::text::quoted(&short), "quote it, to mean text")
            }
            Fault::Colon => {
                let whole = words.lines().next().unwrap_or("").trim_end();
                let value = Span::new(file, self.primary.0, self.primary.0 + whole.len());
                new(format!("`: ` cannot stand in the plain text `{short}`")).replace(
                    value,
                    super::text::quoted(whole),
                    "quote the text",
                )
            }
            Fault::Other if info.starts_with("unexpected character") => {
                let first = short.chars().next().map_or(String::new(), String::from);
                let whole = words.lines().next().unwrap_or("").trim_end();
                let value = Span::new(file, self.primary.0, self.primary.0 + whole.len());
                new(format!("plain text cannot start with `{first}`")).replace(
                    value,
                    super::text::quoted(whole),
                    "quote the text",
                )
            }
            Fault::Other if info == "invalid indentation" => {
                new("the lines of a collection in brackets are indented more than its key"
                    .to_owned())
            }
            Fault::Other if info.contains("block mapping, did not find expected key") => {
                new("the indentation of this line fits no entry above it".to_owned())
            }
            Fault::Other => new(format!("the text is not YAML: {info}")),
        };
        if given_up { diagnostic.note("the rest of this document is not read") } else { diagnostic }
    }
}

fn missing_colon(file: FileId, words: &str, span: Span) -> Diagnostic {
    let words = words.trim_end();
    let diagnostic = Diagnostic::new(
        codes::YAML_SYNTAX,
        span,
        format!("`{words}` is no entry of the map: its `: ` is missing"),
    );
    let joined = words.find(':').filter(|at| *at > 0 && !words.contains(' '));
    let (at, text, title) = match joined {
        Some(at) => (at + 1, " ", "put a space behind the colon"),
        None => (words.len(), ":", "put a colon behind the key"),
    };
    let at = span.start as usize + at;
    let edit = Edit { span: Span::new(file, at, at), text: text.to_owned() };
    diagnostic.fix(title, vec![edit])
}
