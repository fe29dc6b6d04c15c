//! Events to values. Invariant: every value that is built has a span, nests at most
//! [`MAX_DEPTH`] deep, and aliases never add more than [`node_budget`] values to a file.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use platformc_source::{Diagnostic, FileId, Origin, Severity, Span, codes};
use platformc_value::{Data, Entry, Map, Value};
use saphyr_parser::{ScalarStyle, Tag};

use super::lint;
use super::scalar::{Plain, is_ambiguous, resolve};
use super::tags::{self, Typed};
use crate::MAX_DEPTH;

/// How many values aliases may add to a file of `length` bytes.
fn node_budget(length: usize) -> usize {
    length.saturating_mul(100).clamp(10_000, 1_000_000)
}

/// So many errors, and so many warnings, are kept of a file.
pub(super) const MAX_FINDINGS: usize = 1000;

/// Above so many entries a map finds its keys by hash.
const INDEX_FROM: usize = 16;

/// A scalar event with its place.
pub(super) struct Scalar<'e> {
    pub(super) text: &'e str,
    pub(super) style: ScalarStyle,
    pub(super) tag: Option<&'e Tag>,
    /// The anchor's id, 0 for none.
    pub(super) anchor: usize,
    pub(super) span: Span,
}

/// The nesting is at its limit; the rest of the document cannot be built.
pub(super) struct TooDeep;

/// What was found, and what aliases added, up to some place.
#[derive(Clone, Copy)]
pub(super) struct Findings {
    kept: usize,
    errors: usize,
    warnings: usize,
    added: usize,
}

struct Anchored {
    value: Value,
    nodes: usize,
    height: usize,
}

enum Pending {
    /// A key comes next.
    Key,
    /// The value of this key comes next.
    Value(Arc<str>, Span),
    /// The value of a merge key comes next.
    Merge(Span),
    /// The value of a refused key comes next, and is dropped.
    Dropped,
}

struct MapFrame {
    map: Map,
    pending: Pending,
    /// Entry of a key, by the address of the interned key; used from `INDEX_FROM` entries on.
    index: HashMap<usize, usize>,
    /// Entries that a merge put there.
    merged: HashSet<usize>,
    merge: Option<Span>,
}

enum Kind {
    List(Vec<Value>),
    Map(Box<MapFrame>),
}

struct Frame {
    kind: Kind,
    start: usize,
    flow: bool,
    anchor: usize,
}

/// Builds the documents of one file.
pub(super) struct Builder<'t> {
    pub(super) file: FileId,
    pub(super) text: &'t str,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Byte after the last token that was seen.
    pub(super) last: usize,
    frames: Vec<Frame>,
    root: Option<Value>,
    keys: HashMap<Arc<str>, ()>,
    anchors: HashMap<usize, Anchored>,
    added: usize,
    errors: usize,
    warnings: usize,
}

impl<'t> Builder<'t> {
    pub(super) fn new(file: FileId, text: &'t str) -> Builder<'t> {
        Builder {
            file,
            text,
            diagnostics: Vec::new(),
            last: 0,
            frames: Vec::new(),
            root: None,
            keys: HashMap::new(),
            anchors: HashMap::new(),
            added: 0,
            errors: 0,
            warnings: 0,
        }
    }

    /// Keeps a finding, of each severity as many as anyone reads.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        let error = diagnostic.severity == Severity::Error;
        let count = if error { &mut self.errors } else { &mut self.warnings };
        *count += 1;
        if *count <= MAX_FINDINGS {
            self.diagnostics.push(diagnostic);
        }
    }

    /// How many findings there are, to go back to with [`Builder::forget`].
    pub(super) fn findings(&self) -> Findings {
        Findings {
            kept: self.diagnostics.len(),
            errors: self.errors,
            warnings: self.warnings,
            added: self.added,
        }
    }

    /// Forgets the findings that came after `before`.
    pub(super) fn forget(&mut self, before: Findings) {
        self.diagnostics.truncate(before.kept);
        self.errors = before.errors;
        self.warnings = before.warnings;
        self.added = before.added;
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        crate::text::whole_characters(self.file, self.text, start, end)
    }

    /// Forgets what was built of the current document, whose text starts at byte `start`.
    pub(super) fn restart(&mut self, start: usize) {
        self.frames.clear();
        self.root = None;
        self.anchors.clear();
        self.last = start;
    }

    /// Closes what is open and returns the document's value; `None` if nothing was seen of it.
    pub(super) fn finish(&mut self) -> Option<Value> {
        while !self.frames.is_empty() {
            self.close(None);
        }
        self.anchors.clear();
        self.root.take()
    }

    pub(super) fn scalar(&mut self, scalar: &Scalar<'_>) {
        self.last = scalar.span.end as usize;
        let plain_text = scalar.tag.is_none() && scalar.anchor == 0;
        if self.expects_key() && plain_text {
            let simple = scalar.style != ScalarStyle::Plain || {
                let plain = resolve(scalar.text);
                plain == Plain::String && !is_ambiguous(scalar.text, &plain)
            };
            if simple {
                let key = self.intern(scalar.text);
                self.set_key(key, scalar.span);
                return;
            }
            if scalar.style == ScalarStyle::Plain && scalar.text == "<<" {
                self.set_merge(scalar.span);
                return;
            }
        }
        let value = self.typed(scalar);
        self.place(value, scalar.anchor);
    }

    fn typed(&mut self, scalar: &Scalar<'_>) -> Value {
        let data = if let Some(tag) = scalar.tag {
            let plain = scalar.style == ScalarStyle::Plain;
            match tags::scalar(tag, scalar.text, plain) {
                Typed::Data(data) => data,
                Typed::Untagged => return self.untagged(scalar),
                Typed::Fault(message) => {
                    let diagnostic = Diagnostic::new(codes::YAML_TAG, scalar.span, message);
                    self.report(diagnostic.note(tags::KNOWN));
                    Data::String(Arc::from(scalar.text))
                }
            }
        } else {
            return self.untagged(scalar);
        };
        Value::new(data, Origin::authored(scalar.span))
    }

    fn untagged(&mut self, scalar: &Scalar<'_>) -> Value {
        let origin = Origin::authored(scalar.span);
        if scalar.style != ScalarStyle::Plain {
            return Value::new(Data::String(Arc::from(scalar.text)), origin);
        }
        let plain = resolve(scalar.text);
        if is_ambiguous(scalar.text, &plain) {
            let key = self.expects_key();
            self.report(lint::ambiguous(scalar.text, &plain, scalar.span, key));
        }
        let data = match plain {
            Plain::Null => Data::Null,
            Plain::Bool(b) => Data::Bool(b),
            Plain::Number(number) => Data::Number(number),
            Plain::NotFinite => {
                if !self.expects_key() {
                    self.report(lint::not_finite(scalar.text, scalar.span));
                }
                Data::String(Arc::from(scalar.text))
            }
            Plain::String => Data::String(Arc::from(scalar.text)),
        };
        Value::new(data, origin)
    }

    pub(super) fn open(
        &mut self,
        list: bool,
        start: usize,
        flow: bool,
        anchor: usize,
        tag: Option<(&Tag, Span)>,
    ) -> Result<(), TooDeep> {
        if let Some((tag, span)) = tag
            && let Err(message) = tags::collection(tag, list)
        {
            let diagnostic = Diagnostic::new(codes::YAML_TAG, span, message);
            self.report(diagnostic.note(tags::KNOWN));
        }
        if self.frames.len() >= MAX_DEPTH {
            self.too_deep(start);
            return Err(TooDeep);
        }
        if flow {
            self.last = start + 1;
        }
        let kind = if list {
            Kind::List(Vec::new())
        } else {
            Kind::Map(Box::new(MapFrame {
                map: Map::new(),
                pending: Pending::Key,
                index: HashMap::new(),
                merged: HashSet::new(),
                merge: None,
            }))
        };
        self.frames.push(Frame { kind, start, flow, anchor });
        Ok(())
    }

    /// Reports that collections nest too deep at byte `at`.
    pub(super) fn too_deep(&mut self, at: usize) {
        let span = self.span(at, at + 1);
        let message = "collections nest deeper than the limit";
        self.report(Diagnostic::new(codes::YAML_DEPTH, span, message).note(format!(
            "blocks may nest {MAX_DEPTH} deep, brackets 255; the rest of this document is not read"
        )));
    }

    /// Closes the innermost collection; `end` is the byte after its bracket, if it has one.
    pub(super) fn close(&mut self, end: Option<usize>) {
        let Some(frame) = self.frames.pop() else { return };
        if let Some(end) = end
            && frame.flow
        {
            self.last = end;
        }
        let span = self.span(frame.start, self.last.max(frame.start));
        let data = match frame.kind {
            Kind::List(items) => Data::List(items),
            Kind::Map(mut map) => {
                // A key without its value: the text broke off here.
                if let Pending::Value(key, key_span) = map.pending {
                    let at = key_span.end as usize;
                    let value = Value::new(Data::Null, Origin::authored(self.span(at, at)));
                    map.pending = Pending::Key;
                    self.insert(&mut map, key, key_span, value);
                }
                Data::Map(map.map)
            }
        };
        self.place(Value::new(data, Origin::authored(span)), frame.anchor);
    }

    pub(super) fn alias(&mut self, id: usize, span: Span) {
        self.last = span.end as usize;
        let budget = node_budget(self.text.len());
        let fault = match self.anchors.get(&id) {
            None => Some((codes::YAML_ALIAS, "the value of an anchor contains an alias of itself")),
            Some(anchored) if self.frames.len() + anchored.height > MAX_DEPTH => {
                Some((codes::YAML_DEPTH, "an alias nests collections deeper than the limit"))
            }
            Some(anchored) if self.added + anchored.nodes > budget => {
                Some((codes::YAML_ALIAS, "aliases expand to more values than the limit"))
            }
            Some(anchored) => {
                self.added += anchored.nodes;
                let value = anchored.value.clone().at(Origin::authored(span));
                self.place(value, 0);
                return;
            }
        };
        if let Some((code, message)) = fault {
            let label = self.text.get(span.start as usize..span.end as usize).unwrap_or("");
            let diagnostic = Diagnostic::new(code, span, message)
                .note(format!("`{label}` is read as null; write the value out instead"));
            self.report(diagnostic);
        }
        self.place(Value::new(Data::Null, Origin::authored(span)), 0);
    }

    fn expects_key(&self) -> bool {
        matches!(
            self.frames.last(),
            Some(Frame { kind: Kind::Map(map), .. }) if matches!(map.pending, Pending::Key)
        )
    }

    fn intern(&mut self, text: &str) -> Arc<str> {
        if let Some((key, ())) = self.keys.get_key_value(text) {
            return key.clone();
        }
        let key: Arc<str> = Arc::from(text);
        self.keys.insert(key.clone(), ());
        key
    }

    fn set_key(&mut self, key: Arc<str>, span: Span) {
        if let Some(Frame { kind: Kind::Map(map), .. }) = self.frames.last_mut() {
            map.pending = Pending::Value(key, span);
        }
    }

    fn set_merge(&mut self, span: Span) {
        let Some(Frame { kind: Kind::Map(map), .. }) = self.frames.last_mut() else { return };
        let first = map.merge;
        map.merge = first.or(Some(span));
        map.pending = if first.is_some() { Pending::Dropped } else { Pending::Merge(span) };
        if let Some(first) = first {
            self.report(lint::second_merge(span, first));
        }
    }

    /// Puts a finished value where it belongs: the root, a list, a key or the value of a key.
    fn place(&mut self, value: Value, anchor: usize) {
        if anchor != 0 {
            self.keep(&value, anchor);
        }
        let Some(mut frame) = self.frames.pop() else {
            self.root = Some(value);
            return;
        };
        match &mut frame.kind {
            Kind::List(items) => items.push(value),
            Kind::Map(map) => match std::mem::replace(&mut map.pending, Pending::Key) {
                Pending::Key => map.pending = self.key_of(&value),
                Pending::Value(key, span) => self.insert(map, key, span, value),
                Pending::Merge(span) => self.merge(map, span, value),
                Pending::Dropped => {}
            },
        }
        self.frames.push(frame);
    }

    fn keep(&mut self, value: &Value, anchor: usize) {
        let (nodes, height) = measure(value);
        // A copy is kept beside the value, so it counts as one alias.
        if self.added + nodes > node_budget(self.text.len()) {
            return;
        }
        self.added += nodes;
        self.anchors.insert(anchor, Anchored { value: value.clone(), nodes, height });
    }

    /// A scalar that is no plain text, as a key.
    fn key_of(&mut self, value: &Value) -> Pending {
        let span = value.origin.span;
        let authored = self.text.get(span.start as usize..span.end as usize).unwrap_or("");
        let Some(text) = lint::key_text(&value.data, authored) else {
            let before = self.text.as_bytes().get((span.start as usize).wrapping_sub(1));
            let template = before == Some(&b'{') && authored.starts_with('{');
            self.report(lint::bad_key(&value.data, authored, template, span));
            return Pending::Dropped;
        };
        let reported = self
            .diagnostics
            .last()
            .is_some_and(|last| last.code == codes::YAML_AMBIGUOUS && last.primary.span == span);
        if !reported && lint::key_changes(&value.data, authored, &text) {
            self.report(lint::converted_key(authored, &text, span));
        }
        Pending::Value(self.intern(&text), span)
    }

    fn find(map: &MapFrame, key: &Arc<str>) -> Option<usize> {
        if map.map.len() < INDEX_FROM {
            return map.map.iter().position(|entry| Arc::ptr_eq(&entry.key, key));
        }
        map.index.get(&address(key)).copied()
    }

    fn push(map: &mut MapFrame, entry: Entry) {
        let at = map.map.len();
        if at + 1 == INDEX_FROM {
            let known = map.map.iter().enumerate().map(|(at, entry)| (address(&entry.key), at));
            map.index = known.collect();
        }
        if at + 1 >= INDEX_FROM {
            map.index.insert(address(&entry.key), at);
        }
        map.map.push_unique(entry);
    }

    fn insert(&mut self, map: &mut MapFrame, key: Arc<str>, span: Span, value: Value) {
        let entry = Entry { key, key_origin: Origin::authored(span), value };
        let Some(at) = Self::find(map, &entry.key) else {
            Self::push(map, entry);
            return;
        };
        let Some(old) = map.map.iter_mut().nth(at) else { return };
        if map.merged.remove(&at) {
            *old = entry;
            return;
        }
        self.report(
            Diagnostic::new(
                codes::YAML_DUPLICATE_KEY,
                span,
                format!("the key `{}` is there twice", entry.key),
            )
            .primary_label("again here")
            .label(old.key_origin.span, "first here")
            .note("readers disagree on which value counts; remove one of the two"),
        );
    }

    fn merge(&mut self, map: &mut MapFrame, span: Span, value: Value) {
        let place = value.origin.span;
        let sources = match value.data {
            Data::Map(source) => vec![source],
            Data::List(items) if items.iter().all(|item| item.as_map().is_some()) => {
                // An earlier map of the list wins, so it comes last.
                let sources = items.into_iter().rev();
                sources
                    .filter_map(|item| match item.data {
                        Data::Map(source) => Some(source),
                        _ => None,
                    })
                    .collect()
            }
            _ => {
                self.report(lint::bad_merge(place));
                return;
            }
        };
        let before = map.map.len();
        let mut overwritten = Vec::new();
        for entry in sources.into_iter().flatten() {
            match Self::find(map, &entry.key) {
                None => {
                    map.merged.insert(map.map.len());
                    Self::push(map, entry);
                }
                Some(at) => {
                    let Some(old) = map.map.iter_mut().nth(at) else { continue };
                    if at < before {
                        overwritten.push((entry.key.clone(), old.key_origin.span));
                    }
                    // kubectl's parser lets a merge replace what stands before it.
                    *old = entry;
                    map.merged.insert(at);
                }
            }
        }
        if let Some((key, written)) = overwritten.into_iter().next() {
            self.report(lint::merge_replaces(&key, written, span));
        }
    }
}

fn address(key: &Arc<str>) -> usize {
    Arc::as_ptr(key).cast::<u8>() as usize
}

/// The number of values in a value, and how deep its collections nest.
fn measure(value: &Value) -> (usize, usize) {
    let mut nodes = 0;
    let mut height = 0;
    let mut open = vec![(value, 0)];
    while let Some((value, depth)) = open.pop() {
        nodes += 1;
        match &value.data {
            Data::List(items) => {
                height = height.max(depth + 1);
                open.extend(items.iter().map(|item| (item, depth + 1)));
            }
            Data::Map(map) => {
                height = height.max(depth + 1);
                open.extend(map.iter().map(|entry| (&entry.value, depth + 1)));
            }
            _ => {}
        }
    }
    (nodes, height)
}
