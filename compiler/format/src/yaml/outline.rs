//! A coarse view of a broken document: lines, entries, and quotes and brackets that do not close.
//!
//! Invariant: one pass over the text, whatever it holds; nothing here decides whether text is YAML.

/// A quoted text or a collection in brackets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Construct {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether its own closing mark was found.
    pub(super) closed: bool,
}

/// What a line holds behind its indentation and dashes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// First byte behind indentation and dashes.
    pub(super) start: usize,
    /// One past the last byte of the line that is not blank.
    pub(super) end: usize,
    /// Column of `start`.
    pub(super) column: usize,
    /// Column of the last dash.
    dash: Option<usize>,
    /// Column of the first character that is not blank.
    indent: usize,
    /// Place of the colon that ends the key.
    pub(super) colon: Option<usize>,
}

pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_whitespace())
}

pub(super) fn line_start(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |n| n + 1)
}

/// The line break that ends the line of `at`, or the end of the text.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    text.as_bytes()[at..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |n| at + n)
}

fn is_space(byte: Option<&u8>) -> bool {
    byte.is_none_or(u8::is_ascii_whitespace)
}

/// The entry on the line of byte `at`.
pub(super) fn entry_at(text: &str, floor: usize, at: usize) -> Entry {
    let bytes = text.as_bytes();
    let line = line_start(text, at).max(floor);
    let stop = line_end(text, at.max(line));
    let end = line + text[line..stop].trim_end().len();
    let mut start = line;
    while start < end && matches!(bytes[start], b' ' | b'\t') {
        start += 1;
    }
    let indent = start - line;
    let mut dash = None;
    while start < end && matches!(bytes[start], b'-' | b'?') && is_space(bytes.get(start + 1)) {
        dash = Some(start - line);
        start += 1;
        while start < end && matches!(bytes[start], b' ' | b'\t') {
            start += 1;
        }
    }
    let colon = colon(bytes, start, end);
    Entry { start, end, column: start - line, dash, indent, colon }
}

/// The colon that ends a key which starts at `start`.
fn colon(bytes: &[u8], start: usize, end: usize) -> Option<usize> {
    let mut at = start;
    if let Some(quote @ (b'"' | b'\'')) = bytes.get(start) {
        at += 1;
        while at < end && bytes[at] != *quote {
            at += if bytes[at] == b'\\' && *quote == b'"' { 2 } else { 1 };
        }
    } else if matches!(bytes.get(start), Some(b'[' | b'{' | b'#')) {
        return None;
    }
    while at < end {
        match bytes[at] {
            b':' if is_space(bytes.get(at + 1)) => return Some(at),
            b'#' if at > start && bytes[at - 1] == b' ' => return None,
            _ => at += 1,
        }
    }
    None
}

/// The first quote or bracket of the document at `start` that opens at or before `at` and either
/// does not close, or closes only behind `at`, on a later line than it opens.
pub(super) fn first_open(text: &str, start: usize, at: usize) -> Option<Construct> {
    let bytes = text.as_bytes();
    let mut line = start;
    while line <= at && line < text.len() {
        let stop = line_end(text, line);
        if is_blank(&text[line..stop]) {
            line = stop + 1;
            continue;
        }
        let mut entry = entry_at(text, start, line);
        if text[line..stop].starts_with("--- ") {
            entry.start = line + 4;
            entry.colon = None;
        }
        // Lines that belong to a value are indented more than this.
        let mut floor = match (entry.colon, entry.dash) {
            (Some(_), _) => Some(entry.column),
            (None, Some(dash)) => Some(dash),
            (None, None) => entry.indent.checked_sub(1),
        };
        let mut at_token = true;
        let mut cursor = entry.start;
        let mut next_line = stop + 1;
        while cursor < stop {
            match bytes[cursor] {
                b'#' if cursor == line || is_space(bytes.get(cursor - 1)) => break,
                b' ' | b'\t' | b'\r' => {
                    cursor += 1;
                    continue;
                }
                b'|' | b'>' if at_token => {
                    next_line = behind_block(text, stop, floor);
                    break;
                }
                b'&' | b'!' | b'*' if at_token => {
                    while cursor < stop && !is_space(bytes.get(cursor)) {
                        cursor += 1;
                    }
                    continue;
                }
                b'"' | b'\'' | b'[' | b'{' if at_token => {
                    let alone = entry.colon.is_none() && entry.dash.is_none();
                    let entries = if alone { Some(entry.indent) } else { floor };
                    let found = scan(text, cursor, floor, entries);
                    let later = found.end > at && line_end(text, cursor) < found.end;
                    if cursor <= at && (!found.closed || later) {
                        return Some(found);
                    }
                    if !found.closed {
                        return None;
                    }
                    cursor = found.end;
                    at_token = false;
                    if cursor > stop {
                        let rest = line_end(text, cursor);
                        next_line = rest + 1;
                        break;
                    }
                    continue;
                }
                b':' if is_space(bytes.get(cursor + 1)) => {
                    floor = Some(entry.column);
                    at_token = true;
                    cursor += 1;
                    continue;
                }
                _ => {}
            }
            at_token = false;
            cursor += 1;
        }
        line = next_line;
    }
    None
}

/// The line behind a block scalar whose header ends at `stop`.
fn behind_block(text: &str, stop: usize, floor: Option<usize>) -> usize {
    let mut line = stop + 1;
    while line < text.len() {
        let end = line_end(text, line);
        let body = &text[line..end];
        let column = body.len() - body.trim_start_matches(' ').len();
        if !is_blank(body) && floor.is_none_or(|floor| column <= floor) {
            // At the root a block may stand at any column; its end is the next marker.
            if floor.is_some() || body.starts_with("---") || body.starts_with("...") {
                break;
            }
        }
        line = end + 1;
    }
    line
}

/// Follows a quote or bracket to its end, or to the first line that cannot belong to it: one that
/// is not indented more than `floor`, or looks like an entry and not indented more than `entries`.
fn scan(text: &str, start: usize, floor: Option<usize>, entries: Option<usize>) -> Construct {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut quote = None;
    let mut cursor = start;
    // The place to stop at unless the construct closes before anything that looks like an entry.
    let mut dedent = None;
    while cursor < bytes.len() {
        let byte = bytes[cursor];
        if byte == b'\n' {
            let line = cursor + 1;
            let end = line_end(text, line);
            let body = &text[line..end];
            let trimmed = body.trim_start_matches(' ');
            let column = body.len() - trimmed.len();
            let marker = (body.starts_with("---") || body.starts_with("..."))
                && is_space(bytes.get(line + 3));
            let within = |floor: Option<usize>| floor.is_none_or(|floor| column > floor);
            let closes = quote.is_none() && trimmed.starts_with([']', '}']);
            let belongs = within(floor) && within(entries);
            if !is_blank(body) && !closes && !belongs {
                let entry = entry_at(text, line, line);
                let is_entry = entry.colon.is_some() || entry.dash.is_some();
                if is_entry || (quote.is_some() && !within(floor)) {
                    let end = dedent.unwrap_or(cursor);
                    return Construct { start, end, closed: false };
                }
                if !within(floor) {
                    dedent.get_or_insert(cursor);
                }
            }
            if marker {
                return Construct { start, end: dedent.unwrap_or(cursor), closed: false };
            }
            cursor += 1;
            continue;
        }
        match quote {
            Some(b'"') if byte == b'\\' && bytes.get(cursor + 1) != Some(&b'\n') => cursor += 1,
            Some(open) if byte == open => {
                if open == b'\'' && bytes.get(cursor + 1) == Some(&b'\'') {
                    cursor += 1;
                } else {
                    quote = None;
                    if depth == 0 {
                        return Construct { start, end: cursor + 1, closed: true };
                    }
                }
            }
            Some(_) => {}
            None => match byte {
                b'"' | b'\'' if depth == 0 || starts_token(bytes, cursor) => quote = Some(byte),
                b'[' | b'{' => depth += 1,
                b']' | b'}' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Construct { start, end: cursor + 1, closed: true };
                    }
                }
                b'#' if is_space(bytes.get(cursor.wrapping_sub(1))) => {
                    cursor = line_end(text, cursor);
                    continue;
                }
                _ => {}
            },
        }
        cursor += 1;
    }
    Construct { start, end: dedent.unwrap_or(text.len()), closed: false }
}

/// Whether a quote at `at`, within brackets, opens a quoted text.
fn starts_token(bytes: &[u8], at: usize) -> bool {
    let before = bytes[..at].iter().rev().find(|byte| !matches!(byte, b' ' | b'\t'));
    matches!(before, None | Some(b'[' | b'{' | b',' | b':' | b'\n' | b'?'))
        || bytes.get(at.wrapping_sub(1)) == Some(&b' ')
}

/// Where the header of a block scalar (`|`, `>`) stands, looking from byte `from`.
pub(super) fn block_header(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = from.min(bytes.len());
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'|' | b'>' => return at,
            b'#' => at = line_end(text, at),
            b'!' | b'&' => {
                while !is_space(bytes.get(at)) {
                    at += 1;
                }
            }
            _ => at += 1,
        }
    }
    from
}

/// Where an empty value stands that follows byte `from`: behind its colon or dash.
pub(super) fn null_place(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = from.min(bytes.len());
    let mut place = None;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\n' if place.is_some() => break,
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            b'#' if place.is_none() && at > 0 && is_space(bytes.get(at - 1)) => {
                at = line_end(text, at);
            }
            b':' => {
                place = Some(at + 1);
                break;
            }
            b'-' if is_space(bytes.get(at + 1)) => {
                at += 1;
                place = Some(at);
            }
            _ => break,
        }
    }
    place.unwrap_or(from)
}
