//! Package `path`: paths of several operating systems, without looking at any disk.
//!
//! Invariant: a path is text; every function takes the system as its last argument, so that
//! results are the same wherever they are computed.

use platformc_value::Value;

use super::args::{
    CallError, CallResult, any, fail, items, space, string, strings, text, texts, truth,
};
use super::text::{lower, upper};
use super::{Constant, PackageInfo, functions};

mod glob;

const UNIX: Option<&str> = Some("unix");

/// `path`: paths of Unix, Windows and Plan 9.
pub(super) static PACKAGE: PackageInfo = PackageInfo {
    path: "path",
    constants: &[
        ("Plan9", Constant::String("plan9")),
        ("Unix", Constant::String("unix")),
        ("Windows", Constant::String("windows")),
    ],
    functions: functions! { "path";
        Base(String, Os(UNIX)) -> String = Pure(|a| text(base(string(a, 0)?, os(a, 1, UNIX)?)));
        Clean(String, Os(UNIX)) -> String = Pure(|a| text(clean(string(a, 0)?, os(a, 1, UNIX)?)));
        Dir(String, Os(UNIX)) -> String = Pure(|a| text(dir(string(a, 0)?, os(a, 1, UNIX)?)));
        Ext(String, Os(UNIX)) -> String = Pure(|a| text(ext(string(a, 0)?, os(a, 1, UNIX)?)));
        FromSlash(String, Os(None)) -> String = Pure(|a| text(from_slash(string(a, 0)?, os(a, 1, None)?)));
        IsAbs(String, Os(UNIX)) -> Bool = Pure(|a| truth(is_absolute(string(a, 0)?, os(a, 1, UNIX)?)));
        Join(StringList, Os(UNIX)) -> String = Pure(|a| joined(&strings(a, 0)?, os(a, 1, UNIX)?));
        Match(String, String, Os(UNIX)) -> Bool = Pure(matches);
        Rel(String, String, Os(UNIX)) -> String = Pure(rel);
        Resolve(String, String, Os(UNIX)) -> String = Pure(resolve);
        Split(String, Os(UNIX)) -> List = Pure(split);
        SplitList(String, Os(None)) -> List = Pure(split_list);
        ToSlash(String, Os(None)) -> String = Pure(|a| text(to_slash(string(a, 0)?, os(a, 1, None)?)));
        VolumeName(String, Os(Some("windows"))) -> String = Pure(volume_name);
    },
};

/// The families of systems.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Os {
    Unix,
    Windows,
    Plan9,
}

/// Names that stand for Unix.
const UNIX_LIKE: [&str; 16] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "solaris",
    "unix",
    "zos",
];

fn os(args: &[Value], at: usize, missing: Option<&str>) -> Result<Os, CallError> {
    let name = match (args.get(at), missing) {
        (None, Some(name)) => name,
        _ => string(args, at)?,
    };
    match name {
        "windows" => Ok(Os::Windows),
        "plan9" => Ok(Os::Plan9),
        unix if UNIX_LIKE.contains(&unix) => Ok(Os::Unix),
        _ => fail!(
            "cannot use {} as the name of an operating system in argument {at}",
            super::args::literal(any(args, at)?)
        ),
    }
}

impl Os {
    fn separator(self) -> char {
        if self == Os::Windows { '\\' } else { '/' }
    }

    fn separates(self, c: char) -> bool {
        c == '/' || (self == Os::Windows && c == '\\')
    }

    fn same_word(self, a: &str, b: &str) -> bool {
        let fold = |c: char| lower(upper(c));
        if self == Os::Windows { a.chars().map(fold).eq(b.chars().map(fold)) } else { a == b }
    }

    /// The volume that a path names, and the rest of it.
    fn volume(self, path: &str) -> (&str, &str) {
        path.split_at(if self == Os::Windows { volume_len(path) } else { 0 })
    }
}

/// The length of a drive (`C:`) or of a network share (`\\server\share`).
fn volume_len(path: &str) -> usize {
    let bytes = path.as_bytes();
    let slash = |at: usize| matches!(bytes.get(at), Some(b'\\' | b'/'));
    if bytes.len() >= 2 && bytes[1] == b':' && bytes[0].is_ascii_alphabetic() {
        return 2;
    }
    if bytes.len() < 5 || !slash(0) || !slash(1) || slash(2) || bytes[2] == b'.' {
        return 0;
    }
    // The server's name ends at a single separator; the share's name follows.
    let Some(end) = (3..bytes.len() - 1).find(|at| slash(*at)) else { return 0 };
    if slash(end + 1) || bytes[end + 1] == b'.' {
        return 0;
    }
    (end + 1..bytes.len()).find(|at| slash(*at)).unwrap_or(bytes.len())
}

/// The shortest path of the same meaning, by the text alone.
fn clean(whole: &str, os: Os) -> String {
    let (volume, path) = os.volume(whole);
    if path.is_empty() {
        let is_share = volume.len() > 1 && volume.as_bytes().get(1) != Some(&b':');
        return if is_share { from_slash(whole, os) } else { format!("{whole}.") };
    }
    let rooted = path.starts_with(|c| os.separates(c));
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split(|c| os.separates(c)) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let mut out = volume.to_owned();
    if rooted {
        out.push(os.separator());
    } else if parts.is_empty() {
        out.push('.');
    }
    let mut separator = [0; 4];
    out.push_str(&parts.join(&*os.separator().encode_utf8(&mut separator)));
    from_slash(&out, os)
}

fn to_slash(path: &str, os: Os) -> String {
    if os == Os::Windows { path.replace('\\', "/") } else { path.to_owned() }
}

fn from_slash(path: &str, os: Os) -> String {
    if os == Os::Windows { path.replace('/', "\\") } else { path.to_owned() }
}

/// The last part of a path; `.` for none, a separator for the root.
fn base(path: &str, os: Os) -> String {
    if path.is_empty() {
        return ".".to_owned();
    }
    let trimmed = path.trim_end_matches(|c| os.separates(c));
    let (_, rest) = os.volume(trimmed);
    match rest.rsplit(|c| os.separates(c)).next() {
        None | Some("") => os.separator().to_string(),
        Some(last) => last.to_owned(),
    }
}

/// Where the last part of a path begins, behind its volume.
fn last_part(path: &str, os: Os) -> usize {
    let (volume, rest) = os.volume(path);
    volume.len() + rest.rfind(|c| os.separates(c)).map_or(0, |at| at + 1)
}

/// All but the last part of a path, cleaned.
fn dir(path: &str, os: Os) -> String {
    let (volume, _) = os.volume(path);
    let dir = clean(&path[volume.len()..last_part(path, os)], os);
    if dir == "." && volume.len() > 2 {
        return volume.to_owned();
    }
    format!("{volume}{dir}")
}

/// The part of the last name from its last dot on.
fn ext(path: &str, os: Os) -> &str {
    let name = path.rsplit(|c| os.separates(c)).next().unwrap_or("");
    name.rfind('.').map_or("", |at| &name[at..])
}

/// File names that Windows keeps for devices.
fn is_device(path: &str) -> bool {
    let name = path.to_ascii_uppercase();
    match name.as_str() {
        "CON" | "PRN" | "AUX" | "NUL" => true,
        name => name
            .strip_prefix("COM")
            .or_else(|| name.strip_prefix("LPT"))
            .is_some_and(|number| matches!(number.as_bytes(), [b'1'..=b'9'])),
    }
}

fn is_absolute(path: &str, os: Os) -> bool {
    match os {
        Os::Unix => path.starts_with('/'),
        Os::Plan9 => path.starts_with(['/', '#']),
        Os::Windows => {
            let (volume, rest) = os.volume(path);
            is_device(path) || (!volume.is_empty() && rest.starts_with(['\\', '/']))
        }
    }
}

/// The parts as one path, cleaned; empty parts do not count.
fn join(parts: &[&str], os: Os) -> String {
    let Some(first) = parts.iter().position(|part| !part.is_empty()) else {
        return String::new();
    };
    let parts = &parts[first..];
    if os != Os::Windows {
        return clean(&parts.join("/"), os);
    }
    let (head, tail) = (parts[0], &parts[1..]);
    if head.len() == 2 && head.ends_with(':') {
        // A drive without a separator stays relative to the drive's own directory.
        let next = tail.iter().position(|part| !part.is_empty()).unwrap_or(tail.len());
        return clean(&format!("{head}{}", tail[next..].join("\\")), os);
    }
    let is_share = |path: &str| volume_len(path) > 2;
    let whole = clean(&parts.join("\\"), os);
    let head = clean(head, os);
    if !is_share(&whole) || is_share(&head) {
        return whole;
    }
    // Parts that are no share do not become one by being joined.
    let tail = clean(&tail.join("\\"), os);
    if head.ends_with('\\') { format!("{head}{tail}") } else { format!("{head}\\{tail}") }
}

fn joined(parts: &[&str], os: Os) -> CallResult {
    space(parts.iter().map(|part| part.len() + 1).sum())?;
    text(join(parts, os))
}

/// Whether a name matches a pattern of `*`, `?` and classes.
fn matches(args: &[Value]) -> CallResult {
    let (pattern, name) = (string(args, 0)?, string(args, 1)?);
    let os = os(args, 2, UNIX)?;
    truth(glob::matches(pattern, name, os.separator(), os == Os::Windows)?)
}

/// A path as seen from a directory.
fn resolve(args: &[Value]) -> CallResult {
    let (dir, sub, os) = (string(args, 0)?, string(args, 1)?, os(args, 2, UNIX)?);
    if is_absolute(sub, os) {
        return text(clean(sub, os));
    }
    joined(&[&clean(dir, os), sub], os)
}

/// A path that leads from a directory to a target.
fn rel(args: &[Value]) -> CallResult {
    let (from, to, os) = (string(args, 0)?, string(args, 1)?, os(args, 2, UNIX)?);
    let impossible = || fail!("Rel: can't make {to} relative to {from}");
    let (base, target) = (clean(from, os), clean(to, os));
    if os.same_word(&base, &target) {
        return text(".");
    }
    let (base_volume, target_volume) = (os.volume(from).0, os.volume(to).0);
    let (base, target) = (&base[base_volume.len()..], &target[target_volume.len()..]);
    let base = if base == "." { "" } else { base };
    let separator = os.separator();
    if base.starts_with(separator) != target.starts_with(separator)
        || !os.same_word(base_volume, target_volume)
    {
        return impossible();
    }
    let parts = |path: &'_ str| -> Vec<String> {
        path.split(separator).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let (base, target) = (parts(base), parts(target));
    let common = base.iter().zip(&target).take_while(|(a, b)| os.same_word(a, b)).count();
    let (up, down) = (&base[common..], &target[common..]);
    if up.first().is_some_and(|part| part == "..") {
        return impossible();
    }
    let all: Vec<&str> = up.iter().map(|_| "..").chain(down.iter().map(String::as_str)).collect();
    text(all.join(separator.encode_utf8(&mut [0; 4])))
}

/// The directory with its separator, and the last part.
fn split(args: &[Value]) -> CallResult {
    let path = string(args, 0)?;
    let at = last_part(path, os(args, 1, UNIX)?);
    texts([&path[..at], &path[at..]])
}

/// The paths of a list such as that of a search path.
fn split_list(args: &[Value]) -> CallResult {
    let (list, os) = (string(args, 0)?, os(args, 1, None)?);
    if list.is_empty() {
        return items(Vec::new());
    }
    match os {
        Os::Unix => texts(list.split(':')),
        Os::Plan9 => texts(list.split('\0')),
        Os::Windows => {
            // Quotes keep a separator from separating, and do not count themselves.
            let mut quoted = false;
            let parts: Vec<String> = list
                .split(|c| {
                    quoted ^= c == '"';
                    c == ';' && !quoted
                })
                .map(|part| part.replace('"', ""))
                .collect();
            texts(parts.iter().map(String::as_str))
        }
    }
}

/// The drive or share a path begins with.
fn volume_name(args: &[Value]) -> CallResult {
    let os = os(args, 1, Some("windows"))?;
    text(os.volume(string(args, 0)?).0)
}
