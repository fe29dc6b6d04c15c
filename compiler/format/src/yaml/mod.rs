//! YAML, read as kubectl reads it.
//!
//! Invariant: [`read`] returns every document of the text. Where the text is broken, the place is
//! reported, blanked out of a copy, and the document is read again, so that what stands around it
//! survives; every round blanks something, and rounds are bounded by the bytes they read again.
//!
//! Typing follows sigs.k8s.io/yaml (checked against kubectl): YAML 1.1 booleans with `y` and `n`,
//! octal `0777` and `0o17`, underscores, dates as text. Numbers stay exact. A plain scalar on which
//! YAML 1.1 and 1.2 disagree gets `yaml/ambiguous-scalar`. Keys become the JSON keys kubectl makes.

mod build;
mod lint;
mod offsets;
mod outline;
mod recover;
mod scalar;
mod tags;
mod text;
mod write;

use std::borrow::Cow;

use platformc_source::{Diagnostic, FileId, Origin, Outcome, Span};
use platformc_value::{Data, Value};
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};

use build::{Builder, Findings, Scalar, TooDeep};
use offsets::Offsets;

pub use write::{write, write_documents, write_into};

/// One document of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// What it says; null for an empty document.
    pub value: Value,
    /// From its `---`, or the start of its text, to its end.
    pub span: Span,
}

/// Bytes that recovery may read again, beyond a multiple of the text's length.
const REREAD_FLOOR: usize = 1 << 20;
/// So many times a text may be read again as a whole.
const REREAD_FACTOR: usize = 16;
/// So many places are blanked in one file at most.
const MAX_ROUNDS: usize = 200;

/// Reads all documents of a file. A byte order mark at the start is stepped over. A text of
/// nothing but comments has no document; an empty document between markers is null.
#[must_use]
pub fn read(file: FileId, text: &str) -> Outcome<Vec<Document>> {
    let mut reader = Reader {
        builder: Builder::new(file, text),
        work: Cow::Borrowed(text),
        documents: Vec::new(),
        faults: Vec::new(),
        start: crate::without_bom(text).1,
        reread: 0,
        rounds: 0,
    };
    if let Some(at) = text.bytes().position(|byte| byte == 0) {
        // The event parser takes NUL for the end of the text.
        reader.faults.push(crate::text::nul(file, at));
        reader.work = Cow::Owned(text.replace('\0', " "));
    }
    reader.run();
    let mut diagnostics = reader.faults;
    diagnostics.extend(reader.builder.diagnostics);
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span.start);
    Outcome::new(reader.documents, diagnostics)
}

struct Reader<'t> {
    builder: Builder<'t>,
    /// The text with the broken places blanked.
    work: Cow<'t, str>,
    documents: Vec<Document>,
    faults: Vec<Diagnostic>,
    /// Where the current document starts.
    start: usize,
    reread: usize,
    rounds: usize,
}

/// Why reading stopped before the end of the text.
enum Stop {
    Syntax(ScanError, usize),
    TooDeep,
}

impl Reader<'_> {
    fn run(&mut self) {
        loop {
            let work = std::mem::take(&mut self.work);
            let mut kept = self.builder.findings();
            let outcome = self.pass(&work, &mut kept);
            self.work = work;
            match outcome {
                Ok(()) => return,
                Err(Stop::TooDeep) => {
                    if !self.leave_document() {
                        return;
                    }
                }
                Err(Stop::Syntax(error, at)) if error.info().contains("recursion limit") => {
                    // The event parser's own limit on brackets.
                    self.builder.too_deep(at);
                    if !self.leave_document() {
                        return;
                    }
                }
                Err(Stop::Syntax(error, at)) => {
                    // What a pass costs before it starts to parse is a fraction of the text.
                    self.reread += at.saturating_sub(self.start) + self.work.len() / 16;
                    self.rounds += 1;
                    let limit = REREAD_FLOOR + REREAD_FACTOR * self.work.len();
                    let region = recover::culprit(&self.work, self.start, at, error.info());
                    let Some(region) = region else {
                        self.fault(recover::unplaced(self.builder.span(at, at), error.info()));
                        if !self.leave_document() {
                            return;
                        }
                        continue;
                    };
                    let given_up = self.rounds > MAX_ROUNDS || self.reread > limit;
                    let (file, words) = (self.builder.file, &*self.work);
                    let fault = region.diagnostic(file, words, error.info(), given_up);
                    self.fault(fault);
                    if given_up {
                        if !self.leave_document() {
                            return;
                        }
                        continue;
                    }
                    recover::blank(self.work.to_mut(), &region);
                    self.builder.forget(kept);
                    self.builder.restart(self.start);
                }
            }
        }
    }

    /// Keeps what is built of the current document and goes on behind its end; false if there is
    /// nothing behind it.
    fn leave_document(&mut self) -> bool {
        let value = self.builder.finish();
        let rest = self.work.get(self.start..).unwrap_or("");
        let from = self.builder.last.max(self.start) - self.start;
        let next = recover::next_document(rest, from);
        let end = next.map_or(self.work.len(), |at| self.start + at);
        self.push(value, self.start, end);
        self.start = end;
        self.builder.restart(end);
        next.is_some()
    }

    /// Keeps a fault, as many as anyone reads.
    fn fault(&mut self, fault: Diagnostic) {
        if self.faults.len() < build::MAX_FINDINGS {
            self.faults.push(fault);
        }
    }

    fn push(&mut self, value: Option<Value>, start: usize, end: usize) {
        let span = self.builder.span(start, end.max(start));
        let value = value.unwrap_or_else(|| {
            Value::new(Data::Null, Origin::authored(self.builder.span(end, end)))
        });
        self.documents.push(Document { value, span });
    }

    /// Reads on from the start of the current document.
    fn pass(&mut self, work: &str, kept: &mut Findings) -> Result<(), Stop> {
        let base = self.start;
        let text = work.get(base..).unwrap_or("");
        let offsets = Offsets::new(text, base);
        let byte = |index: usize| offsets.byte(text, index);
        let mut parser = Parser::new_from_str(text);
        let mut document = base;
        while let Some(event) = parser.next_event() {
            let (event, place) = event.map_err(|error| {
                let at = byte(error.marker().index());
                Stop::Syntax(error, at)
            })?;
            match event {
                Event::Scalar(value, style, anchor, tag) => {
                    let (start, end) = match style {
                        ScalarStyle::Plain if value.is_empty() && tag.is_none() && anchor == 0 => {
                            let at =
                                outline::null_place(text, self.builder.last.saturating_sub(base))
                                    + base;
                            (at, at)
                        }
                        ScalarStyle::Literal | ScalarStyle::Folded => {
                            let start =
                                outline::block_header(text, self.builder.last.saturating_sub(base));
                            let end = byte(place.end.index()) - base;
                            let body = text.get(start..end).unwrap_or("");
                            (start + base, start + body.trim_end().len() + base)
                        }
                        _ => (byte(place.start.index()), byte(place.end.index())),
                    };
                    self.builder.scalar(&Scalar {
                        text: &value,
                        style,
                        tag: tag.as_deref(),
                        anchor,
                        span: self.builder.span(start, end),
                    });
                }
                Event::SequenceStart(anchor, tag) => {
                    self.open(text, base, &byte, place, true, anchor, tag.as_deref())?;
                }
                Event::MappingStart(anchor, tag) => {
                    self.open(text, base, &byte, place, false, anchor, tag.as_deref())?;
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    let start = byte(place.start.index());
                    self.builder.close(Some(start + 1));
                }
                Event::Alias(id) => {
                    let span =
                        self.builder.span(byte(place.start.index()), byte(place.end.index()));
                    self.builder.alias(id, span);
                }
                Event::DocumentStart(explicit) => {
                    document = byte(place.start.index());
                    if explicit {
                        self.builder.last = byte(place.end.index());
                    }
                    *kept = self.builder.findings();
                }
                Event::DocumentEnd => {
                    let marker = byte(place.start.index());
                    let dots = work.get(marker..).is_some_and(|rest| rest.starts_with("..."));
                    let end = if dots { byte(place.end.index()) } else { marker };
                    let value = self.builder.finish();
                    self.push(value, document, end);
                    self.start = end;
                    self.builder.last = self.builder.last.max(end);
                    *kept = self.builder.findings();
                }
                Event::Nothing | Event::StreamStart | Event::StreamEnd => {}
            }
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments, reason = "one call, twice")]
    fn open(
        &mut self,
        text: &str,
        base: usize,
        byte: &dyn Fn(usize) -> usize,
        place: saphyr_parser::Span,
        list: bool,
        anchor: usize,
        tag: Option<&saphyr_parser::Tag>,
    ) -> Result<(), Stop> {
        let (start, end) = (byte(place.start.index()), byte(place.end.index()));
        // The event covers the bracket and the blanks behind it, if there is a bracket.
        let head = text.get(start - base..end - base).unwrap_or("").trim_end();
        let flow = head.ends_with(['[', '{']);
        let tag = tag.map(|tag| (tag, self.builder.span(start, end)));
        let start = if flow { start + head.len() - 1 } else { start };
        self.builder.open(list, start, flow, anchor, tag).map_err(|TooDeep| Stop::TooDeep)
    }
}
