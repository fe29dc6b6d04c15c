//! From tokens and notes to lines.
//!
//! Invariant: every token and comment of the text is written once and in order, but for commas,
//! which follow from where elements end, and doubled brackets.

use std::collections::HashMap;

use super::Style;
use super::lines::{ATTRIBUTE, COMMENT, Line, Row, VALUE};
use super::notes::{Bracket, BracketKind, Element, FILE, Notes, RowKind};
use crate::lexer::Lexed;
use crate::token::{Kind, RawComment, Token};

/// A bracket that is open.
struct Frame {
    /// The byte of the bracket.
    id: u32,
    bracket: Bracket,
    /// The level of the line that the closing bracket returns to.
    base: usize,
    /// The level of its elements, once a line has ended inside it.
    content: Option<usize>,
    /// Levels added by values that start on a line of their own.
    extra: usize,
    /// The colon that was last counted in `extra`.
    counted: Option<u32>,
    /// Whether its first element or a comment stands on a line of its own.
    opened: bool,
    /// Elements begun so far, and the row of the last one.
    begun: usize,
    last: Option<RowKind>,
}

impl Frame {
    fn level(&self) -> usize {
        self.content.unwrap_or(self.base) + self.extra
    }
}

struct Emitter<'t> {
    text: &'t str,
    tokens: &'t [Token],
    comments: &'t [RawComment],
    notes: &'t Notes<'t>,
    style: &'t Style,
    /// For parts of strings over several lines: the white space their lines begin with.
    margins: HashMap<u32, &'t str>,
    /// The levels of the lines of the interpolated literals around the token.
    levels: Vec<usize>,
    lines: Vec<Line>,
    line: Line,
    frames: Vec<Frame>,
    /// The element that the line begins with, the frame it belongs to, and how many elements
    /// begin on the line.
    begins: Option<(Element, u32)>,
    on_line: usize,
    /// Whether the line continues an expression of that frame.
    continues: Option<u32>,
    /// Whether the line holds a token that is longer than the line.
    spills: bool,
    /// Frames that were open when the line began and still are.
    depth_at_start: usize,
    /// One past the last byte written from the text.
    end: u32,
    /// The last token written.
    before: Option<Token>,
    /// Whether a comment was written last.
    after_comment: bool,
    next_comment: usize,
}

/// Writes the tokens and comments of a text.
pub(super) fn emit(text: &str, lexed: &Lexed, notes: &Notes<'_>, style: &Style) -> Vec<Line> {
    let file = Bracket { kind: BracketKind::Curly, broken: true, open: false, comma_free: true };
    let mut emitter = Emitter {
        text,
        tokens: &lexed.tokens,
        comments: &lexed.comments,
        notes,
        style,
        margins: margins(text, &lexed.tokens),
        levels: Vec::new(),
        lines: Vec::new(),
        line: blank_line(0, false),
        frames: vec![Frame {
            id: FILE,
            bracket: file,
            base: 0,
            content: Some(0),
            extra: 0,
            counted: None,
            opened: true,
            begun: 0,
            last: None,
        }],
        begins: None,
        on_line: 0,
        continues: None,
        spills: false,
        depth_at_start: 1,
        end: 0,
        before: None,
        after_comment: false,
        next_comment: 0,
    };
    emitter.run();
    emitter.lines
}

fn blank_line(indent: usize, blank_before: bool) -> Line {
    Line {
        indent,
        text: String::new(),
        cuts: [None; 3],
        row: Row::None,
        blank_before,
        verbatim: false,
    }
}

/// The white space that every line of a multi-line literal begins with, by the byte of each of
/// its parts.
fn margins<'t>(text: &'t str, tokens: &[Token]) -> HashMap<u32, &'t str> {
    let mut margins = HashMap::new();
    let mut open: Vec<Vec<u32>> = Vec::new();
    for token in tokens {
        let parts = match token.kind {
            Kind::String => vec![token.start],
            Kind::StringStart => {
                open.push(vec![token.start]);
                continue;
            }
            Kind::StringMid => {
                if let Some(parts) = open.last_mut() {
                    parts.push(token.start);
                }
                continue;
            }
            Kind::StringEnd => {
                let mut parts = open.pop().unwrap_or_default();
                parts.push(token.start);
                parts
            }
            _ => continue,
        };
        let last = text.get(token.start as usize..token.end as usize).unwrap_or("");
        let Some((_, tail)) = last.rsplit_once('\n') else { continue };
        let margin = tail.len() - tail.trim_start_matches([' ', '\t', '\r']).len();
        let margin = tail.get(..margin).unwrap_or("");
        for part in parts {
            margins.insert(part, margin);
        }
    }
    margins
}

impl<'t> Emitter<'t> {
    fn slice(&self, start: u32, end: u32) -> &'t str {
        self.text.get(start as usize..end as usize).unwrap_or("")
    }

    fn frame(&mut self) -> &mut Frame {
        // The frame of the file is never taken off.
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    fn top(&self) -> &Frame {
        &self.frames[self.frames.len() - 1]
    }

    /// Line breaks between the last thing written and `start`, at most two.
    fn breaks(&self, start: u32) -> usize {
        self.slice(self.end, start).bytes().filter(|byte| *byte == b'\n').take(2).count()
    }

    fn run(&mut self) {
        let tokens = self.tokens;
        for (index, token) in tokens.iter().enumerate() {
            match token.kind {
                Kind::Newline => continue,
                Kind::Comma if !self.notes.commas.contains(&token.start) => continue,
                _ => {}
            }
            while let Some(comment) = self.comments.get(self.next_comment).copied()
                && comment.start < token.start
            {
                self.next_comment += 1;
                self.comment(comment, *token, index);
            }
            if token.kind == Kind::Eof {
                break;
            }
            if !self.notes.dropped.contains(&token.start) {
                self.token(*token);
            } else {
                self.end = token.end;
            }
            self.comma_after(index);
        }
        self.end_line(0, false, None);
    }

    fn comment(&mut self, comment: RawComment, next: Token, index: usize) {
        let breaks = if self.before.is_none() && !self.after_comment {
            0
        } else {
            self.breaks(comment.start).max(usize::from(self.after_comment))
        };
        let first = self.before.is_none() && !self.after_comment;
        let text = self.slice(comment.start, comment.end).trim_end();
        if breaks > 0 {
            let blank = breaks > 1 || self.wants_blank(comment, next, index);
            let indent = self.comment_level(next);
            self.end_line(indent, blank, Some(next));
            let frame = self.frame();
            frame.opened |= frame.begun == 0;
        } else if !first {
            self.line.text.push(' ');
            self.line.cuts[COMMENT] = Some(self.line.text.len());
            // A comment behind an opening bracket opens it.
            let frame = self.frame();
            frame.opened |= frame.begun == 0;
        }
        self.line.text.push_str(text);
        self.end = comment.end;
        self.after_comment = true;
    }

    /// Whether a blank line is put before a comment that documents the next declaration.
    fn wants_blank(&self, comment: RawComment, next: Token, _index: usize) -> bool {
        if !self.style.separate || !comment.own_line {
            return false;
        }
        let Some(element) = self.notes.elements.get(&next.start) else { return false };
        // Only the first comment of the group directly above.
        if self.after_comment && self.breaks(comment.start) == 1 {
            return false;
        }
        let between = self.slice(comment.start, next.start);
        let attached = !between.contains("\n\n") && !between.contains("\n\r\n");
        attached && self.separates(element)
    }

    /// Whether the last declaration asks for a blank line before a documented one.
    fn separates(&self, element: &Element) -> bool {
        let frame = self.top();
        if frame.id != element.bracket || frame.bracket.kind != BracketKind::Curly {
            return false;
        }
        match frame.last {
            Some(RowKind::Field { definition, .. }) => definition,
            Some(RowKind::Other | RowKind::Package | RowKind::Import) => true,
            Some(RowKind::Item) | None => false,
        }
    }

    /// The level of a comment on a line of its own before `next`.
    fn comment_level(&mut self, next: Token) -> usize {
        if is_closer(next.kind) || next.kind == Kind::Eof {
            self.settle();
            let frame = self.frame();
            frame.extra = 0;
            return frame.level();
        }
        self.break_level(next)
    }

    /// Decides the levels inside brackets that were opened on the line that ends: where several
    /// stay open, they share one level.
    fn settle(&mut self) {
        let last = self.frames.len() - 1;
        for (index, frame) in self.frames.iter_mut().enumerate() {
            if frame.content.is_none() {
                frame.content = Some(frame.base + usize::from(index == last));
            }
        }
    }

    /// The level of a line that begins with `token`.
    fn break_level(&mut self, token: Token) -> usize {
        self.settle();
        if is_closer(token.kind) {
            return self.top().base;
        }
        let starts_element = self
            .notes
            .elements
            .get(&token.start)
            .is_some_and(|element| element.bracket == self.top().id);
        let begun = self.top().begun;
        let colon = self.before.filter(|before| self.notes.colons.contains(&before.start));
        let clause = self.notes.clauses.contains(&token.start);
        let frame = self.frame();
        if starts_element {
            frame.extra = 0;
            return frame.level();
        }
        if frame.bracket.kind == BracketKind::Round && begun == 0 {
            frame.begun = 1;
            return frame.level();
        }
        if clause {
            return frame.level();
        }
        if let Some(colon) = colon {
            if frame.counted != Some(colon.start) {
                frame.counted = Some(colon.start);
                frame.extra += 1;
            }
            return frame.level();
        }
        frame.level() + 1
    }

    fn token(&mut self, token: Token) {
        let closer = is_closer(token.kind);
        let element = self.notes.elements.get(&token.start).copied();
        let element = element.filter(|element| element.bracket == self.top().id);
        let breaks = self.breaks_before(token, element.as_ref());
        if breaks > 0 {
            let first = self.top().begun == 0;
            let level = self.break_level(token);
            if element.is_some() || self.top().begun == 0 {
                let frame = self.frame();
                frame.opened |= frame.begun == 0 || frame.begun == 1 && element.is_none();
            }
            let continues = element.is_none()
                && !closer
                && !first
                && !self.notes.clauses.contains(&token.start);
            self.end_line(level, breaks > 1, Some(token));
            if continues {
                self.continues = Some(self.top().id);
            }
        } else if self.blank_between(token) {
            self.line.text.push(' ');
        }
        if let Some(element) = element {
            let frame = self.frame();
            frame.begun += 1;
            frame.last = Some(element.kind);
            frame.extra = 0;
            frame.counted = None;
            if self.line.text.is_empty() {
                self.begins = Some((element, element.bracket));
            }
            if self.begins.is_some_and(|(_, id)| id == element.bracket) {
                self.on_line += 1;
            }
        } else if self.top().bracket.kind == BracketKind::Round && !closer {
            self.frame().begun = 1;
        }
        if closer || matches!(token.kind, Kind::StringMid | Kind::StringEnd) {
            if self.frames.len() > 1 {
                self.frames.pop();
            }
            self.depth_at_start = self.depth_at_start.min(self.frames.len());
        }
        let whole = self.on_line == 1
            && self.begins.is_some_and(|(element, id)| {
                id == self.top().id && matches!(element.kind, RowKind::Field { .. })
            });
        if whole && self.notes.values.contains(&token.start) && self.line.cuts[VALUE].is_none() {
            self.line.cuts[VALUE] = Some(self.line.text.len());
        }
        if whole
            && self.notes.attributes.contains(&token.start)
            && self.line.cuts[ATTRIBUTE].is_none()
        {
            self.line.cuts[ATTRIBUTE] = Some(self.line.text.len());
        }
        self.write(token);
        if matches!(token.kind, Kind::LParen | Kind::LBracket | Kind::LBrace) {
            let bracket =
                self.notes.brackets.get(&token.start).copied().unwrap_or_else(Bracket::round);
            self.open(token.start, bracket);
        } else if matches!(token.kind, Kind::StringStart | Kind::StringMid) {
            self.open(token.start, Bracket::round());
        }
        self.end = token.end;
        self.before = Some(token);
        self.after_comment = false;
    }

    fn open(&mut self, id: u32, bracket: Bracket) {
        let base = match self.top().content {
            // The body of a comprehension belongs to the first line of its clauses.
            Some(_) if self.notes.bodies.contains(&id) => self.top().level(),
            _ => self.line.indent,
        };
        self.frames.push(Frame {
            id,
            bracket,
            base,
            content: None,
            extra: 0,
            counted: None,
            opened: false,
            begun: 0,
            last: None,
        });
    }

    /// How many line breaks stand before a token: none, one, or two for a blank line.
    fn breaks_before(&self, token: Token, element: Option<&Element>) -> usize {
        let Some(before) = self.before else {
            let after = if self.after_comment { self.breaks(token.start).max(1) } else { 0 };
            return after;
        };
        let mut breaks = self.breaks(token.start);
        let frame = self.top();
        let joined = self.notes.let_equals.contains(&before.start)
            || self.notes.unary_ops.contains(&before.start)
            || self.notes.alias_equals.contains(&before.start)
            || self.notes.colons.contains(&token.start)
            || self.notes.bodies.contains(&token.start)
            || self.notes.tight.contains(&before.start) && before.kind == Kind::Tilde;
        if joined {
            breaks = 0;
        }
        if let Some(element) = element {
            let first = frame.begun == 0;
            if !first && frame.bracket.broken || first && frame.bracket.open && frame.id != FILE {
                breaks = breaks.max(1);
            }
            if self.style.separate && !self.after_comment && frame.id == FILE {
                let header = matches!(frame.last, Some(RowKind::Package))
                    || matches!(frame.last, Some(RowKind::Import))
                        && element.kind != RowKind::Import;
                if header {
                    breaks = 2;
                }
            }
        }
        let holds_elements = frame.bracket.kind != BracketKind::Round;
        if is_closer(token.kind)
            && holds_elements
            && frame.begun > 0
            && (frame.opened || frame.bracket.open)
        {
            breaks = breaks.max(1);
        }
        if is_closer(token.kind) && holds_elements && frame.begun == 0 && !self.after_comment {
            breaks = 0;
        }
        if !self.after_comment {
            return breaks;
        }
        // Nothing separates a comment inside an expression from what follows it.
        let inside = element.is_none()
            && !is_closer(token.kind)
            && !self.notes.clauses.contains(&token.start)
            && !self.notes.colons.contains(&before.start);
        if inside { 1 } else { breaks.max(1) }
    }

    /// Writes the comma that follows the token at `index`, if an element ends with it.
    fn comma_after(&mut self, index: usize) {
        let frame = self.top();
        if matches!(frame.bracket.kind, BracketKind::Round | BracketKind::Imports)
            || frame.begun == 0
        {
            return;
        }
        let tokens = self.tokens;
        let mut rest = tokens[index + 1..]
            .iter()
            .filter(|token| !matches!(token.kind, Kind::Newline))
            .skip_while(|token| {
                token.kind == Kind::Comma && !self.notes.commas.contains(&token.start)
            });
        let Some(next) = rest.next().copied() else { return };
        let elsewhere = self.breaks(next.start) > 0;
        let starts =
            self.notes.elements.get(&next.start).is_some_and(|element| element.bracket == frame.id);
        // A comma inside an element is no token that separates elements: the next element of
        // this frame begins right behind it.
        let comma = if starts {
            match frame.bracket.kind {
                BracketKind::Curly => !elsewhere && !frame.bracket.broken,
                _ => !elsewhere || !frame.bracket.comma_free,
            }
        } else if is_closer(next.kind) && frame.bracket.kind != BracketKind::Curly {
            (elsewhere || frame.opened) && !frame.bracket.comma_free
        } else {
            false
        };
        if comma {
            self.line.text.push(',');
        }
    }

    /// Whether a blank stands between the last token and `token` on one line.
    fn blank_between(&self, token: Token) -> bool {
        let Some(before) = self.before else { return false };
        if self.line.text.is_empty() {
            return false;
        }
        let notes = self.notes;
        let (first, second) = (before.kind, token.kind);
        if let Some(spaced) = notes.binary_ops.get(&token.start) {
            return *spaced;
        }
        if let Some(spaced) = notes.binary_ops.get(&before.start) {
            return *spaced;
        }
        if let Some(spaced) =
            notes.slice_colons.get(&token.start).or_else(|| notes.slice_colons.get(&before.start))
        {
            return *spaced;
        }
        if notes.unary_ops.contains(&before.start) || notes.alias_equals.contains(&before.start) {
            return joins(self.slice(before.start, before.end), self.slice(token.start, token.end));
        }
        if notes.elements.get(&token.start).is_some_and(|e| e.bracket == self.top().id)
            && self.top().begun > 0
        {
            return true;
        }
        if notes.tight.contains(&token.start) || notes.tight.contains(&before.start) {
            let bracket = matches!(first, Kind::LParen | Kind::LBracket);
            return notes.tight.contains(&before.start)
                && !bracket
                && !notes.tight.contains(&token.start)
                && !matches!(second, Kind::Colon | Kind::Question | Kind::Not | Kind::RParen);
        }
        match (first, second) {
            (Kind::LParen | Kind::LBracket | Kind::LBrace, _) => false,
            (_, Kind::RParen | Kind::RBracket | Kind::RBrace) => false,
            (Kind::StringStart | Kind::StringMid, _) => false,
            (_, Kind::StringMid | Kind::StringEnd) => false,
            (Kind::Dot, _) => false,
            // `1 .a` is not `1.a`.
            (_, Kind::Dot) => first == Kind::Number,
            (_, Kind::Comma | Kind::Colon | Kind::Question) => false,
            (_, Kind::Not) => !notes.colons.contains(&self.after(token)),
            (_, Kind::Assign) => notes.let_equals.contains(&token.start),
            (Kind::Ellipsis, _) => false,
            (_, Kind::Ellipsis) => false,
            _ => true,
        }
    }

    /// The byte of the token after `token`.
    fn after(&self, token: Token) -> u32 {
        let index = self.tokens.partition_point(|other| other.start <= token.start);
        self.tokens.get(index).map_or(0, |next| next.start)
    }

    /// Writes the text of a token; a literal over several lines moves to the present level.
    fn write(&mut self, token: Token) {
        let text = self.slice(token.start, token.end);
        let level = match token.kind {
            Kind::StringMid => self.levels.last().copied(),
            Kind::StringEnd => self.levels.pop(),
            _ => None,
        };
        let level = level.unwrap_or(self.line.indent + 1);
        if token.kind == Kind::StringStart {
            self.levels.push(level);
        }
        if let Some(text) = self.notes.replaced.get(&token.start) {
            self.line.text.push_str(text);
            return;
        }
        let Some(margin) = self.margins.get(&token.start).copied().filter(|_| text.contains('\n'))
        else {
            self.line.text.push_str(text);
            return;
        };
        for (index, line) in text.split('\n').enumerate() {
            let line = line.trim_end_matches('\r');
            if index == 0 {
                self.line.text.push_str(line);
                continue;
            }
            self.spills = true;
            self.line.verbatim = true;
            self.finish_line();
            self.line = blank_line(level, false);
            let rest = line.trim_start_matches('\r');
            let rest = rest.strip_prefix(margin).unwrap_or(rest);
            self.line.text.push_str(rest);
            self.spills = true;
            self.begins = None;
        }
    }

    /// Ends the line and begins one at `indent`, whose first token is `next`.
    fn end_line(&mut self, indent: usize, blank: bool, next: Option<Token>) {
        self.settle();
        self.line.row = self.row(next);
        self.finish_line();
        self.line = blank_line(indent, blank);
        self.begins = None;
        self.continues = None;
        self.on_line = 0;
        self.spills = false;
        self.depth_at_start = self.frames.len();
    }

    fn finish_line(&mut self) {
        let line = std::mem::replace(&mut self.line, blank_line(0, false));
        // The text may begin with white space or nothing at all.
        if !(line.text.is_empty() && self.lines.is_empty() && !self.spills) {
            self.lines.push(line);
        }
    }

    /// The table that the line that ends belongs to.
    fn row(&self, next: Option<Token>) -> Row {
        if self.spills || self.line.text.is_empty() {
            return Row::None;
        }
        let top = self.top();
        let ends = next.is_none_or(|next| {
            is_closer(next.kind)
                || next.kind == Kind::Eof
                || self.notes.elements.get(&next.start).is_some_and(|e| e.bracket == top.id)
        });
        if let Some((element, id)) = self.begins {
            let whole = ends && top.id == id && self.on_line == 1;
            return match element.kind {
                RowKind::Field { labels, .. } if whole && self.line.cuts[VALUE].is_some() => {
                    Row::Field(id, labels)
                }
                RowKind::Item if whole => Row::Item(id),
                _ => Row::None,
            };
        }
        match self.continues {
            Some(id)
                if top.id == id
                    && self.frames.len() == self.depth_at_start
                    && self.line.cuts[COMMENT].is_some() =>
            {
                Row::Continuation(id)
            }
            _ => Row::None,
        }
    }
}

fn is_closer(kind: Kind) -> bool {
    matches!(kind, Kind::RParen | Kind::RBracket | Kind::RBrace | Kind::StringMid | Kind::StringEnd)
}

/// Whether an operator and what follows would read as another token without a blank.
fn joins(operator: &str, next: &str) -> bool {
    match operator {
        "<" => next.starts_with(['=', '-', '~']),
        ">" | "!" | "=" => next.starts_with(['=', '~']),
        _ => false,
    }
}
