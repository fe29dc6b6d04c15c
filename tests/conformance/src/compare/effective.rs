//! Whether a value is an error, which one, and where it says it happened.
//!
//! Invariant: a struct or list is an error where it is one itself or where a field that exists or
//! an item is an error that more information cannot mend; a field that is merely incomplete
//! leaves its struct in order. The code is that of the worst of them.

use platformc_cue::{ArcKind, Bottom, ErrorCode, Tree, TreeKind};

/// An error of a value or of something below it.
#[derive(Clone, Copy, Debug)]
pub struct Fault<'t> {
    /// The code that counts.
    pub code: ErrorCode,
    /// The first error behind it.
    pub bottom: &'t Bottom,
}

/// The error of a value; `None` where it is in order.
#[must_use]
pub fn fault(tree: &Tree) -> Option<Fault<'_>> {
    let mut worst: Option<Fault<'_>> = None;
    match &tree.kind {
        TreeKind::Bottom(bottom) => return Some(Fault { code: bottom.code, bottom }),
        TreeKind::Struct(body) => {
            if let Some(own) = body.embedded.as_deref().and_then(fault) {
                return Some(own);
            }
            for field in body.fields.iter().filter(|field| field.arc == ArcKind::Member) {
                merge(&mut worst, &field.value);
            }
        }
        TreeKind::List(list) => {
            for item in &list.items {
                merge(&mut worst, item);
            }
        }
        _ => {}
    }
    worst
}

fn merge<'t>(worst: &mut Option<Fault<'t>>, child: &'t Tree) {
    let Some(found) = fault(child).filter(|found| !found.code.is_incomplete()) else { return };
    match worst {
        None => *worst = Some(found),
        Some(worst) => worst.code = worst.code.min(found.code),
    }
}

/// Whether the value or something below its regular fields is an error that `accept` takes.
#[must_use]
pub fn find_below(tree: &Tree, accept: &dyn Fn(Fault<'_>) -> bool) -> bool {
    if fault(tree).is_some_and(accept) {
        return true;
    }
    let TreeKind::Struct(body) = &tree.kind else { return false };
    body.fields
        .iter()
        .filter(|field| field.label.is_regular() && field.arc == ArcKind::Member)
        .any(|field| find_below(&field.value, accept))
}

/// Whether the path an error reports is `expected`, either from the root or from `base`.
#[must_use]
pub fn path_matches(reported: &str, base: &str, expected: &str) -> bool {
    let (reported, base, expected) = (steps(reported), steps(base), steps(expected));
    reported == expected || reported.strip_prefix(base.as_slice()) == Some(expected.as_slice())
}

/// The steps of a printed path: `a."b.c"[0]` and `a."b.c".0` alike.
fn steps(path: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut step = String::new();
    let mut chars = path.chars();
    while let Some(char) = chars.next() {
        match char {
            '.' | '[' | ']' => {
                if !step.is_empty() {
                    steps.push(std::mem::take(&mut step));
                }
            }
            '"' => {
                while let Some(char) = chars.next() {
                    match char {
                        '"' => break,
                        '\\' => step.extend(chars.next()),
                        char => step.push(char),
                    }
                }
            }
            char => step.push(char),
        }
    }
    if !step.is_empty() {
        steps.push(step);
    }
    steps
}
