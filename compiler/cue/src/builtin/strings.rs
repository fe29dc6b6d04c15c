//! Package `strings`. Indices count bytes, except where a name says runes.

use super::args::{
    CallResult, MAX_REPEAT, binary, bytes, fail, int, integer, items, room, space, string, strings,
    text, texts, truth,
};
use super::text::{lower, title, upper};
use super::{PackageInfo, functions};
use platformc_value::Value;

/// `strings`: functions on UTF-8 text.
pub(super) static PACKAGE: PackageInfo = PackageInfo {
    path: "strings",
    constants: &[],
    functions: functions! { "strings";
        ByteAt(Bytes, Int) -> Int = Pure(byte_at);
        ByteSlice(Bytes, Int, Int) -> Bytes = Pure(byte_slice);
        Compare(String, String) -> Int = Pure(compare);
        Contains(String, String) -> Bool = Pure(|a| truth(string(a, 0)?.contains(string(a, 1)?)));
        ContainsAny(String, String) -> Bool = Pure(contains_any);
        Count(String, String) -> Int = Pure(count);
        Fields(String) -> List = Pure(|a| texts(string(a, 0)?.split_whitespace()));
        HasPrefix(String, String) -> Bool = Pure(|a| truth(string(a, 0)?.starts_with(string(a, 1)?)));
        HasSuffix(String, String) -> Bool = Pure(|a| truth(string(a, 0)?.ends_with(string(a, 1)?)));
        Index(String, String) -> Int = Pure(|a| position(string(a, 0)?.find(string(a, 1)?)));
        IndexAny(String, String) -> Int = Pure(|a| position(string(a, 0)?.find(one_of(string(a, 1)?))));
        Join(StringList, String) -> String = Pure(join);
        LastIndex(String, String) -> Int = Pure(|a| position(string(a, 0)?.rfind(string(a, 1)?)));
        LastIndexAny(String, String) -> Int = Pure(|a| position(string(a, 0)?.rfind(one_of(string(a, 1)?))));
        MaxRunes(String, Int) -> Bool = Pure(|a| truth(runes(string(a, 0)?) <= int(a, 1)?));
        MinRunes(String, Int) -> Bool = Pure(|a| truth(runes(string(a, 0)?) >= int(a, 1)?));
        Repeat(String, Int) -> String = Pure(repeat);
        Replace(String, String, String, Int) -> String = Pure(replace);
        Runes(String) -> List = Pure(code_points);
        SliceRunes(String, Int, Int) -> String = Pure(slice_runes);
        Split(String, String) -> List = Pure(|a| split(string(a, 0)?, string(a, 1)?, -1, false));
        SplitAfter(String, String) -> List = Pure(|a| split(string(a, 0)?, string(a, 1)?, -1, true));
        SplitAfterN(String, String, Int) -> List = Pure(|a| split(string(a, 0)?, string(a, 1)?, int(a, 2)?, true));
        SplitN(String, String, Int) -> List = Pure(|a| split(string(a, 0)?, string(a, 1)?, int(a, 2)?, false));
        ToCamel(String) -> String = Pure(|a| text(first_of_words(string(a, 0)?, lower)));
        ToLower(String) -> String = Pure(|a| text(string(a, 0)?.chars().map(lower).collect::<String>()));
        ToTitle(String) -> String = Pure(|a| text(first_of_words(string(a, 0)?, title)));
        ToUpper(String) -> String = Pure(|a| text(string(a, 0)?.chars().map(upper).collect::<String>()));
        Trim(String, String) -> String = Pure(|a| text(string(a, 0)?.trim_matches(one_of(string(a, 1)?))));
        TrimLeft(String, String) -> String = Pure(|a| text(string(a, 0)?.trim_start_matches(one_of(string(a, 1)?))));
        TrimPrefix(String, String) -> String = Pure(|a| text(trim_prefix(string(a, 0)?, string(a, 1)?)));
        TrimRight(String, String) -> String = Pure(|a| text(string(a, 0)?.trim_end_matches(one_of(string(a, 1)?))));
        TrimSpace(String) -> String = Pure(|a| text(string(a, 0)?.trim()));
        TrimSuffix(String, String) -> String = Pure(|a| text(trim_suffix(string(a, 0)?, string(a, 1)?)));
    },
};

fn one_of(set: &str) -> impl FnMut(char) -> bool + use<'_> {
    move |c| set.contains(c)
}

fn position(at: Option<usize>) -> CallResult {
    match at {
        Some(at) => integer(at),
        None => integer(-1i64),
    }
}

fn runes(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

/// The byte at an index.
fn byte_at(args: &[Value]) -> CallResult {
    let (bytes, at) = (bytes(args, 0)?, int(args, 1)?);
    match usize::try_from(at).ok().and_then(|at| bytes.get(at)) {
        Some(byte) => integer(i64::from(*byte)),
        None => fail!("index out of range"),
    }
}

/// The bytes between two indices.
fn byte_slice(args: &[Value]) -> CallResult {
    let bytes = bytes(args, 0)?;
    match range(int(args, 1)?, int(args, 2)?).and_then(|range| bytes.get(range)) {
        Some(slice) => binary(slice),
        None => fail!("index out of range"),
    }
}

fn range(start: i64, end: i64) -> Option<std::ops::Range<usize>> {
    Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
}

/// The order of two texts: -1, 0 or 1.
fn compare(args: &[Value]) -> CallResult {
    integer(string(args, 0)?.cmp(string(args, 1)?) as i64)
}

/// Whether any character of a set stands in the text.
fn contains_any(args: &[Value]) -> CallResult {
    truth(string(args, 0)?.contains(one_of(string(args, 1)?)))
}

/// How often a text stands in another without overlap; the empty one between all characters.
fn count(args: &[Value]) -> CallResult {
    let (text, part) = (string(args, 0)?, string(args, 1)?);
    if part.is_empty() {
        return integer(runes(text) + 1);
    }
    integer(text.matches(part).count())
}

/// The texts of a list with a separator between them.
fn join(args: &[Value]) -> CallResult {
    let (parts, separator) = (strings(args, 0)?, string(args, 1)?);
    let total = parts.iter().map(|part| part.len() + separator.len()).sum();
    space(total)?;
    text(parts.join(separator))
}

/// So many copies of a text.
fn repeat(args: &[Value]) -> CallResult {
    let (copied, count) = (string(args, 0)?, int(args, 1)?);
    if count < 0 {
        return fail!("negative count");
    }
    if count > MAX_REPEAT {
        return fail!("count {count} exceeds limit of {MAX_REPEAT}");
    }
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    space(copied.len().saturating_mul(count))?;
    text(copied.repeat(count))
}

/// The first so many (all, if negative) of a text replaced by another; the empty text stands
/// before every character and at the end.
fn replace(args: &[Value]) -> CallResult {
    let (whole, old, new) = (string(args, 0)?, string(args, 1)?, string(args, 2)?);
    let limit = usize::try_from(int(args, 3)?).unwrap_or(usize::MAX);
    let found = whole.matches(old).take(limit).count();
    space(whole.len().saturating_add(found.saturating_mul(new.len())))?;
    text(whole.replacen(old, new, limit))
}

/// The code points of a text.
fn code_points(args: &[Value]) -> CallResult {
    let text = string(args, 0)?;
    room(text.chars().count())?;
    items(text.chars().map(|c| Value::int(i64::from(u32::from(c)))).collect())
}

/// The text between two indices that count characters.
fn slice_runes(args: &[Value]) -> CallResult {
    let whole = string(args, 0)?;
    let Some(range) = range(int(args, 1)?, int(args, 2)?) else {
        return fail!("index out of range");
    };
    let mut offsets = whole.char_indices().map(|(at, _)| at).chain([whole.len()]);
    let start = offsets.nth(range.start);
    let end = match range.end.checked_sub(range.start) {
        Some(0) => start,
        Some(more) => offsets.nth(more - 1),
        None => None,
    };
    match (start, end) {
        (Some(start), Some(end)) => text(&whole[start..end]),
        _ => fail!("index out of range"),
    }
}

/// Splits at a separator into at most `limit` parts (all, if negative), with or without the
/// separator at their ends; the empty separator stands between all characters.
fn split(whole: &str, separator: &str, limit: i64, keep: bool) -> CallResult {
    let limit = match limit {
        0 => return items(Vec::new()),
        limit => usize::try_from(limit).unwrap_or(usize::MAX),
    };
    if !separator.is_empty() {
        let parts = whole.splitn(limit, separator);
        if !keep {
            return texts(parts);
        }
        let mut at = 0;
        return texts(parts.map(|part| {
            let start = at;
            at = (start + part.len() + separator.len()).min(whole.len());
            &whole[start..at]
        }));
    }
    let mut rest = whole;
    let mut left = limit;
    texts(std::iter::from_fn(|| {
        let first = rest.chars().next()?;
        let end = if left == 1 { rest.len() } else { first.len_utf8() };
        left -= 1;
        let (part, after) = rest.split_at(end);
        rest = after;
        Some(part)
    }))
}

/// Maps the characters that begin words, that is, stand behind white space.
fn first_of_words(text: &str, map: fn(char) -> char) -> String {
    let mut before = ' ';
    text.chars()
        .map(|c| if std::mem::replace(&mut before, c).is_whitespace() { map(c) } else { c })
        .collect()
}

fn trim_prefix<'t>(text: &'t str, prefix: &str) -> &'t str {
    text.strip_prefix(prefix).unwrap_or(text)
}

fn trim_suffix<'t>(text: &'t str, suffix: &str) -> &'t str {
    text.strip_suffix(suffix).unwrap_or(text)
}
