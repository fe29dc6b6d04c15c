//! Artifacts and the set of them that a build writes.
//!
//! Invariant: no two artifacts of a set have one path, also where file names ignore case.

use std::collections::BTreeMap;

use platformc_source::{Diagnostic, Origin, codes};

/// One file of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Its path, relative to the folder of the environment, with `/`.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What it was made from.
    pub origin: Origin,
}

/// The files of one environment.
#[derive(Clone, Debug, Default)]
pub struct ArtifactSet {
    /// By path in lower case.
    artifacts: BTreeMap<String, Artifact>,
}

impl ArtifactSet {
    /// No artifact.
    #[must_use]
    pub fn new() -> ArtifactSet {
        ArtifactSet::default()
    }

    /// Adds an artifact. A second one at the same path is reported with both places and left out.
    pub fn add(&mut self, artifact: Artifact, sink: &mut Vec<Diagnostic>) {
        let key = artifact.path.to_lowercase();
        let Some(first) = self.artifacts.get(&key) else {
            self.artifacts.insert(key, artifact);
            return;
        };
        let message = format!("two artifacts would be written to `{}`", artifact.path);
        let mut diagnostic = Diagnostic::new(codes::EMIT_DUPLICATE, artifact.origin.span, message)
            .primary_label("the second one")
            .label(first.origin.span, "the first one")
            .note("an object of one kind has its name once in an application and a cluster");
        if first.path != artifact.path {
            let note = format!("`{}` is the same path where file names ignore case", first.path);
            diagnostic = diagnostic.note(note);
        }
        sink.push(diagnostic);
    }

    /// How many artifacts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.artifacts.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.artifacts.is_empty()
    }

    /// Paths and bytes, sorted by path.
    #[must_use]
    pub fn into_files(self) -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<_> =
            self.artifacts.into_values().map(|artifact| (artifact.path, artifact.bytes)).collect();
        // Lower case sorts otherwise than the paths themselves.
        files.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        files
    }
}

#[cfg(test)]
mod tests {
    use platformc_source::{FileId, Span};

    use super::*;

    fn artifact(path: &str, at: usize) -> Artifact {
        let origin = Origin::authored(Span::new(FileId(0), at, at + 1));
        Artifact { path: path.to_owned(), bytes: vec![], origin }
    }

    #[test]
    fn a_path_is_taken_once_in_any_case() {
        let (mut set, mut sink) = (ArtifactSet::new(), Vec::new());
        for (at, path) in ["b", "a/B", "a/b", "Z"].into_iter().enumerate() {
            set.add(artifact(path, at), &mut sink);
        }
        let paths: Vec<_> = set.into_files().into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["Z", "a/B", "b"]);
        assert_eq!(sink.len(), 1);
        assert_eq!(sink[0].code, codes::EMIT_DUPLICATE);
        assert_eq!((sink[0].primary.span.start, sink[0].labels[0].span.start), (2, 1));
        assert_eq!(sink[0].notes.len(), 2);
    }
}
