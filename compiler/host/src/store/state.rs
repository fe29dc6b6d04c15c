//! What the store remembers: the files earlier commits wrote, and the journal of a commit under
//! way. Both have one form, so that finishing a commit is one rename.
//!
//! Invariant: a text that was not written to its end is not read at all.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// SHA-256 of a file's bytes.
pub(super) type Digest = [u8; 32];

const HEADER: &str = "platformc-store 1";

/// One step of a commit. Paths of the store are relative to its root, kept and staged files
/// relative to the state folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Op {
    /// Moves an orphan out of the way, to `kept`.
    Remove { kept: String, path: String },
    /// Removes a folder if it is empty.
    Prune { path: String },
    /// Moves a staged file or folder to its place; what it replaces has a second name, `kept`.
    Move { staged: String, path: String, kept: Option<String> },
}

/// Files with their digests, and the steps that lead to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    pub(super) ops: Vec<Op>,
    pub(super) owned: BTreeMap<String, Digest>,
}

pub(super) fn digest(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

fn hex(digest: &Digest) -> String {
    let mut out = String::with_capacity(64);
    push_hex(&mut out, digest);
    out
}

fn push_hex(out: &mut String, digest: &Digest) {
    for byte in digest {
        for nibble in [byte >> 4, byte & 15] {
            out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
}

fn unhex(text: &str) -> Option<Digest> {
    let mut digest = Digest::default();
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(digest)
}

impl State {
    /// One record a line; paths hold no line breaks (the store refuses them) and come last; names
    /// in the state folder hold no spaces.
    pub(super) fn encode(&self) -> String {
        let mut out = String::with_capacity(64 + 160 * (self.ops.len() + self.owned.len()));
        let _ = writeln!(out, "{HEADER}");
        for op in &self.ops {
            let _ = match op {
                Op::Remove { kept, path } => writeln!(out, "remove {kept} {path}"),
                Op::Prune { path } => writeln!(out, "prune {path}"),
                Op::Move { staged, path, kept } => {
                    let kept = kept.as_deref().unwrap_or("-");
                    writeln!(out, "move {staged} {kept} {path}")
                }
            };
        }
        for (path, digest) in &self.owned {
            out.push_str("own ");
            push_hex(&mut out, digest);
            out.push(' ');
            out.push_str(path);
            out.push('\n');
        }
        let end = digest(out.as_bytes());
        let _ = writeln!(out, "end {}", hex(&end));
        out
    }

    /// `None` for anything that `encode` did not write in full, and for paths that leave the root.
    pub(super) fn decode(text: &[u8]) -> Option<State> {
        let text = std::str::from_utf8(text).ok()?;
        let (body, end) = text.strip_suffix('\n')?.rsplit_once('\n')?;
        let covered = text.get(..=body.len())?;
        if unhex(end.strip_prefix("end ")?)? != digest(covered.as_bytes()) {
            return None;
        }
        let mut lines = body.lines();
        if lines.next()? != HEADER {
            return None;
        }
        let mut state = State::default();
        for line in lines {
            let (name, rest) = line.split_once(' ')?;
            match name {
                "own" => {
                    let (digest, path) = rest.split_once(' ')?;
                    state.owned.insert(relative(path)?, unhex(digest)?);
                }
                "remove" => {
                    let (kept, path) = rest.split_once(' ')?;
                    let (kept, path) = (relative(kept)?, relative(path)?);
                    state.ops.push(Op::Remove { kept, path });
                }
                "prune" => state.ops.push(Op::Prune { path: relative(rest)? }),
                "move" => {
                    let (staged, rest) = rest.split_once(' ')?;
                    let (kept, path) = rest.split_once(' ')?;
                    let kept = if kept == "-" { None } else { Some(relative(kept)?) };
                    let (staged, path) = (relative(staged)?, relative(path)?);
                    state.ops.push(Op::Move { staged, path, kept });
                }
                _ => return None,
            }
        }
        Some(state)
    }
}

fn relative(path: &str) -> Option<String> {
    platformc_source::is_relative(path).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> State {
        State {
            ops: vec![
                Op::Remove { kept: "old/0".into(), path: "a b".into() },
                Op::Prune { path: "c".into() },
                Op::Move { staged: "new/1".into(), path: "d -".into(), kept: None },
                Op::Move { staged: "new/2".into(), path: "e".into(), kept: Some("old/2".into()) },
            ],
            owned: BTreeMap::from([("d -".into(), digest(b"d")), ("é".into(), digest(b""))]),
        }
    }

    #[test]
    fn reads_what_it_writes() {
        assert_eq!(State::decode(sample().encode().as_bytes()), Some(sample()));
        let empty = State::default();
        assert_eq!(State::decode(empty.encode().as_bytes()), Some(empty));
    }

    #[test]
    fn refuses_what_is_torn_changed_or_hostile() {
        let text = sample().encode();
        for end in 0..text.len() {
            assert_eq!(State::decode(&text.as_bytes()[..end]), None, "cut at {end}");
        }
        assert_eq!(State::decode(text.replace("a b", "a c").as_bytes()), None);
        let mut outside = sample();
        outside.owned.insert("../x".into(), digest(b""));
        assert_eq!(State::decode(outside.encode().as_bytes()), None);
    }
}
