//! The files shipped with the compiler: X-Definitions from `stdlib/` and schemas from `schemas/`.
//!
//! Invariant: everything is laid out at compile time. Nothing runs at start-up, nothing is
//! allocated, and every table is sorted, so that a list made from it is the same in every build.

/// A file that is part of the binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Embedded {
    /// The path below `stdlib/` or `schemas/`, with `/`.
    pub path: &'static str,
    /// The content.
    pub text: &'static str,
}

/// A shipped X-Definition: the file, and the kind and name its folder and file name say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShippedDefinition {
    /// `component`, `trait`, `policy` or `workflow-step`.
    pub kind: &'static str,
    /// The name Applications use as `type`.
    pub name: &'static str,
    /// The CUE file.
    pub file: &'static Embedded,
}

include!(concat!(env!("OUT_DIR"), "/table.rs"));

/// Every file of `stdlib/` except the cases of its tests, in the byte order of the paths.
#[must_use]
pub fn files() -> &'static [Embedded] {
    LIBRARY
}

/// Every file of `schemas/`, in the byte order of the paths.
#[must_use]
pub fn schemas() -> &'static [Embedded] {
    SCHEMAS
}

/// The file of `stdlib/` at a path, in O(log n).
#[must_use]
pub fn file(path: &str) -> Option<&'static Embedded> {
    find(LIBRARY, path)
}

/// The file of `schemas/` at a path, in O(log n).
#[must_use]
pub fn schema(path: &str) -> Option<&'static Embedded> {
    find(SCHEMAS, path)
}

/// The files of the X-Definitions, in the byte order of the paths.
#[must_use]
pub fn definitions() -> &'static [Embedded] {
    below("definitions/")
}

/// The files of `stdlib/` whose paths start with `prefix`.
#[must_use]
pub fn below(prefix: &str) -> &'static [Embedded] {
    let start = LIBRARY.partition_point(|file| file.path < prefix);
    let length = LIBRARY[start..].partition_point(|file| file.path.starts_with(prefix));
    &LIBRARY[start..start + length]
}

/// The definition of a kind (`component`, `trait`, `policy`, `workflow-step`) and name, in
/// O(log n).
#[must_use]
pub fn definition(kind: &str, name: &str) -> Option<ShippedDefinition> {
    let at = INDEX.binary_search_by(|&(k, n, _)| (k, n).cmp(&(kind, name))).ok()?;
    Some(shipped(&INDEX[at]))
}

/// The definitions of a kind, in the order of their names.
pub fn of_kind(kind: &str) -> impl ExactSizeIterator<Item = ShippedDefinition> + use<> {
    let start = INDEX.partition_point(|&(k, ..)| k < kind);
    let length = INDEX[start..].partition_point(|&(k, ..)| k == kind);
    INDEX[start..start + length].iter().map(shipped)
}

fn shipped(&(kind, name, file): &(&'static str, &'static str, usize)) -> ShippedDefinition {
    ShippedDefinition { kind, name, file: &LIBRARY[file] }
}

fn find(table: &'static [Embedded], path: &str) -> Option<&'static Embedded> {
    let at = table.binary_search_by(|file| file.path.cmp(path)).ok()?;
    Some(&table[at])
}
