//! Package `regexp`: regular expressions in the syntax of RE2.
//!
//! Invariant: matching takes time linear in the text. Differences to RE2's own library: `\C` and
//! `\pN` classes newer than this Unicode version are refused or taken as this version has them;
//! a compiled expression may take at most [`MAX_COMPILED`] bytes.

use platformc_value::{Map, Value};
use regex::{Captures, Regex, RegexBuilder};

use super::args::{
    CallError, CallResult, MAX_ITEMS, fail, int, items, room, space, string, text, texts, truth,
};
use super::{PackageInfo, functions};

/// Bytes that a compiled expression may take.
const MAX_COMPILED: usize = 10 << 20;

/// `regexp`: search with regular expressions.
pub(super) static PACKAGE: PackageInfo = PackageInfo {
    path: "regexp",
    constants: &[],
    functions: functions! { "regexp";
        Find(String, String) -> String = Pure(find);
        FindAll(String, String, Int) -> List = Pure(find_all);
        FindAllNamedSubmatch(String, String, Int) -> List = Pure(find_all_named);
        FindAllSubmatch(String, String, Int) -> List = Pure(find_all_groups);
        FindNamedSubmatch(String, String) -> Struct = Pure(find_named);
        FindSubmatch(String, String) -> List = Pure(find_groups);
        Match(String, String) -> Bool = Pure(|a| truth(compile(string(a, 0)?)?.is_match(string(a, 1)?)));
        QuoteMeta(String) -> String = Pure(|a| text(quote(string(a, 0)?)));
        ReplaceAll(String, String, String) -> String = Pure(replace);
        ReplaceAllLiteral(String, String, String) -> String = Pure(replace_literal);
        Valid(String) -> Bool = Pure(|a| compile(string(a, 0)?).and_then(|_| truth(true)));
    },
};

/// Compiles an expression, also for the operators `=~` and `!~`.
pub(crate) fn compile(pattern: &str) -> Result<Regex, CallError> {
    let translated = syntax::translate(pattern)?;
    RegexBuilder::new(&translated).size_limit(MAX_COMPILED).build().map_err(|error| {
        let why = match error {
            regex::Error::CompiledTooBig(_) => "expression too large".to_owned(),
            error => {
                let shown = error.to_string();
                let last = shown.lines().last().unwrap_or("").trim_start_matches("error: ");
                last.to_owned()
            }
        };
        CallError::new(format!("error parsing regexp: {why}: `{pattern}`"))
    })
}

mod syntax;

fn no_match<T>() -> Result<T, CallError> {
    fail!("no match")
}

fn limit(n: i64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// The leftmost match.
fn find(args: &[Value]) -> CallResult {
    match compile(string(args, 0)?)?.find(string(args, 1)?) {
        Some(found) => text(found.as_str()),
        None => no_match(),
    }
}

/// The first so many matches (all, if negative).
fn find_all(args: &[Value]) -> CallResult {
    let regex = compile(string(args, 0)?)?;
    let n = limit(int(args, 2)?);
    let found: Vec<&str> =
        regex.find_iter(string(args, 1)?).take(n.min(MAX_ITEMS + 1)).map(|m| m.as_str()).collect();
    if found.is_empty() {
        return no_match();
    }
    texts(found)
}

fn groups(captures: &Captures<'_>) -> Value {
    let group = |group: Option<regex::Match<'_>>| Value::string(group.map_or("", |m| m.as_str()));
    Value::list(captures.iter().map(group).collect())
}

fn named(regex: &Regex, captures: &Captures<'_>) -> Value {
    let mut names: Vec<(&str, &str)> = regex
        .capture_names()
        .enumerate()
        .filter_map(|(at, name)| Some((name?, captures.get(at).map_or("", |m| m.as_str()))))
        .collect();
    names.sort_by_key(|(name, _)| *name);
    let mut map = Map::new();
    for (name, text) in names {
        map.insert(name, Value::string(text));
    }
    Value::map(map)
}

/// The leftmost match and what its groups hold.
fn find_groups(args: &[Value]) -> CallResult {
    match compile(string(args, 0)?)?.captures(string(args, 1)?) {
        Some(captures) => Ok(groups(&captures)),
        None => no_match(),
    }
}

/// What the named groups of the leftmost match hold.
fn find_named(args: &[Value]) -> CallResult {
    let regex = compile(string(args, 0)?)?;
    match regex.captures(string(args, 1)?) {
        Some(captures) => Ok(named(&regex, &captures)),
        None => no_match(),
    }
}

fn find_each(args: &[Value], each: fn(&Regex, &Captures<'_>) -> Value) -> CallResult {
    let regex = compile(string(args, 0)?)?;
    let n = limit(int(args, 2)?);
    let mut found = Vec::new();
    let mut count = 0;
    for captures in regex.captures_iter(string(args, 1)?).take(n) {
        count += captures.len();
        room(count)?;
        found.push(each(&regex, &captures));
    }
    if found.is_empty() {
        return no_match();
    }
    items(found)
}

/// The first so many matches with their groups.
fn find_all_groups(args: &[Value]) -> CallResult {
    find_each(args, |_, captures| groups(captures))
}

/// The named groups of the first so many matches.
fn find_all_named(args: &[Value]) -> CallResult {
    find_each(args, named)
}

fn replace_with(args: &[Value], replacement: impl Fn(&Captures<'_>, &mut String)) -> CallResult {
    let regex = compile(string(args, 0)?)?;
    let source = string(args, 1)?;
    let mut out = String::new();
    let mut done = 0;
    for captures in regex.captures_iter(source) {
        let whole = captures.get_match();
        out.push_str(&source[done..whole.start()]);
        replacement(&captures, &mut out);
        space(out.len())?;
        done = whole.end();
    }
    out.push_str(&source[done..]);
    space(out.len())?;
    text(out)
}

/// Replaces all matches; `$name` and `${name}` stand for groups, `$$` for `$`.
fn replace(args: &[Value]) -> CallResult {
    let template = string(args, 2)?;
    space(template.len())?;
    replace_with(args, |captures, out| captures.expand(template, out))
}

/// Replaces all matches by a text as it is.
fn replace_literal(args: &[Value]) -> CallResult {
    let literal = string(args, 2)?;
    replace_with(args, |_, out| out.push_str(literal))
}

/// Escapes all characters that mean something in an expression.
fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
