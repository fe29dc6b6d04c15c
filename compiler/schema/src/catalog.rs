//! A set of schemas: kinds of objects, and the types they lead to.
//!
//! Invariant: a catalog is read in time proportional to its lines; a type is read when it is first
//! asked for, once, whatever thread asks.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use crate::types::{Type, TypeId, read};

/// Minor versions of Kubernetes, both included, and the type there.
type Served = (u32, u32, TypeId);

/// A set of schemas; the default knows nothing.
#[derive(Debug, Default)]
pub struct Catalog {
    /// By apiVersion, then kind.
    objects: BTreeMap<Box<str>, BTreeMap<Box<str>, Vec<Served>>>,
    /// The minor versions it tells about; all where it does not depend on them.
    minors: Option<(u32, u32)>,
    text: Cow<'static, str>,
    /// The line of each type in the text, and the type once it has been read.
    types: Vec<(Range<usize>, OnceLock<Type>)>,
}

/// Why a text is no catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: &'static str,
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for CatalogError {}

/// What a catalog knows of a kind of object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Its type.
    Type(TypeId),
    /// It is there, but not in this version of Kubernetes; these versions of its group serve it
    /// there.
    NotServed(Vec<String>),
    /// The catalog knows the group, but no such kind; the kinds of the group.
    UnknownKind(Vec<String>),
    /// The catalog knows nothing of the group.
    Unknown,
}

fn group_of(api_version: &str) -> &str {
    api_version.rsplit_once('/').map_or("", |(group, _)| group)
}

impl Catalog {
    /// Reads a catalog.
    ///
    /// # Errors
    /// The first line that does not have the form that `schemas/README.md` describes. Lines of
    /// types are looked at when they are needed.
    pub fn read(text: impl Into<Cow<'static, str>>) -> Result<Catalog, CatalogError> {
        let text = text.into();
        let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
        let mut next = |message| lines.next().ok_or(CatalogError { line: 0, message });
        let wrong = |line, message| CatalogError { line, message };
        let (at, head) = next("the first line is missing")?;
        let words: Vec<&str> = head.split(' ').collect();
        let minor = |text: &str| text.strip_prefix("1.")?.parse::<u32>().ok();
        let minors = match words.as_slice() {
            ["kubernetes", low, high] => match (minor(low), minor(high)) {
                (Some(low), Some(high)) => Some((low, high)),
                _ => return Err(wrong(at, "versions are written 1.MINOR")),
            },
            ["resources", ..] => None,
            _ => return Err(wrong(at, "a catalog starts with `kubernetes` or `resources`")),
        };
        let counted = |line: (usize, &str), word: &str| {
            let count = line.1.strip_prefix(word).and_then(|rest| rest.trim_start().parse().ok());
            count.ok_or(wrong(line.0, "a count is missing"))
        };
        let count: usize = counted(next("the number of objects is missing")?, "objects")?;
        let mut objects: BTreeMap<Box<str>, BTreeMap<Box<str>, _>> = BTreeMap::new();
        for _ in 0..count {
            let (at, line) = next("an object is missing")?;
            let mut words = line.split(' ');
            let (Some(version), Some(kind)) = (words.next(), words.next()) else {
                return Err(wrong(at, "an object is `apiVersion kind types`"));
            };
            let served = |word: &str| {
                if minors.is_none() {
                    return Some((0, u32::MAX, word.parse().ok()?));
                }
                let (range, id) = word.split_once(':')?;
                let (low, high) = range.split_once('-')?;
                Some((low.parse().ok()?, high.parse().ok()?, id.parse().ok()?))
            };
            let served: Option<Vec<Served>> = words.map(served).collect();
            match served {
                Some(served) if !served.is_empty() => {
                    objects.entry(version.into()).or_default().insert(kind.into(), served);
                }
                _ => return Err(wrong(at, "types are written LOW-HIGH:TYPE")),
            };
        }
        let count: usize = counted(next("the number of types is missing")?, "types")?;
        let start = text.as_ptr().addr();
        let types: Vec<_> = lines
            .map(|(_, line)| {
                let at = line.as_ptr().addr() - start;
                (at..at + line.len(), OnceLock::new())
            })
            .collect();
        if types.len() != count {
            return Err(wrong(0, "types are missing or too many"));
        }
        Ok(Catalog { objects, minors, text, types })
    }

    /// What it knows of a kind of object in a minor version of Kubernetes. Versions behind the
    /// newest, or before the oldest, that it tells about are taken for that.
    #[must_use]
    pub fn find(&self, api_version: &str, kind: &str, minor: u32) -> Found {
        let minor = self.minors.map_or(minor, |(low, high)| minor.clamp(low, high));
        let at = |served: &[Served]| {
            let found = served.iter().find(|(low, high, _)| (*low..=*high).contains(&minor));
            found.map(|(_, _, id)| *id)
        };
        let kinds = self.objects.get(api_version);
        if let Some(id) = kinds.and_then(|kinds| kinds.get(kind)).and_then(|served| at(served)) {
            return Found::Type(id);
        }
        let group = group_of(api_version);
        let of_group = || {
            let versions = self.objects.iter().filter(|(version, _)| group_of(version) == group);
            versions.flat_map(|(version, kinds)| {
                kinds.iter().map(move |(kind, served)| (version, kind, served))
            })
        };
        if of_group().any(|(_, other, _)| **other == *kind) {
            let served = of_group()
                .filter(|(_, other, served)| ***other == *kind && at(served).is_some())
                .map(|(version, ..)| version.to_string());
            return Found::NotServed(served.collect());
        }
        let mut kinds: Vec<String> = of_group()
            .filter(|(.., served)| at(served).is_some())
            .map(|(_, kind, _)| kind.to_string())
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.is_empty() { Found::Unknown } else { Found::UnknownKind(kinds) }
    }

    /// A type; one that the catalog does not have, or that cannot be read, admits anything.
    pub(crate) fn get(&self, id: TypeId) -> &Type {
        const ANY: &Type = &Type::Any;
        let slot = usize::try_from(id).ok().and_then(|at| self.types.get(at));
        slot.map_or(ANY, |(line, slot)| {
            slot.get_or_init(|| read(self.line(line)).unwrap_or(Type::Any))
        })
    }

    fn line(&self, line: &Range<usize>) -> &str {
        self.text.get(line.clone()).unwrap_or("")
    }

    /// The first line of a type that is not in the form, or that refers to no type; `None` for a
    /// catalog that is sound. Reads all of it.
    #[must_use]
    pub fn first_fault(&self) -> Option<&str> {
        let count = self.types.len();
        let sound = |id: TypeId| usize::try_from(id).is_ok_and(|id| id < count);
        let refers = |line: &str| match read(line) {
            Some(found) => refs(&found).into_iter().all(sound),
            None => false,
        };
        let of_objects =
            self.objects.values().flat_map(BTreeMap::values).flatten().all(|(_, _, id)| sound(*id));
        if !of_objects {
            return Some("an object refers to no type");
        }
        self.types.iter().map(|(line, _)| self.line(line)).find(|line| !refers(line))
    }
}

/// The types that one refers to.
fn refs(kind: &Type) -> Vec<TypeId> {
    let mut found = Vec::new();
    let mut pending = vec![kind];
    while let Some(kind) = pending.pop() {
        match kind {
            Type::Ref(id) => found.push(*id),
            Type::List { item, .. } | Type::Map(item) => pending.push(item),
            Type::Struct(fields) => pending.extend(fields.iter().map(|field| &field.kind)),
            _ => {}
        }
    }
    found
}
