//! Reads txtar archives: a comment, then files that each begin with a `-- name --` line.
//!
//! Invariant: the reader never fails; text before the first marker is the comment, and the text
//! of a file is exactly the bytes between two markers.

/// One archive.
#[derive(Clone, Debug, Default)]
pub struct Archive {
    /// The text before the first file.
    pub comment: String,
    /// The files in order.
    pub files: Vec<ArchiveFile>,
}

/// One file of an archive.
#[derive(Clone, Debug)]
pub struct ArchiveFile {
    /// Its name with `/` separators.
    pub name: String,
    /// Its text.
    pub text: String,
}

impl Archive {
    /// Splits the text of an archive.
    #[must_use]
    pub fn parse(text: &str) -> Archive {
        let mut archive = Archive::default();
        for line in text.split_inclusive('\n') {
            if let Some(name) = marker(line) {
                archive.files.push(ArchiveFile { name: name.to_owned(), text: String::new() });
            } else if let Some(file) = archive.files.last_mut() {
                file.text.push_str(line);
            } else {
                archive.comment.push_str(line);
            }
        }
        archive
    }

    /// The value of a `#flag: value` line of the comment.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&str> {
        self.comment.lines().find_map(|line| {
            let rest = line.trim().strip_prefix('#')?.strip_prefix(name)?;
            match rest.chars().next() {
                None => Some(""),
                Some(':' | ' ') => Some(rest[1..].trim()),
                Some(_) => None,
            }
        })
    }

    /// The CUE files of the archive itself, without recorded outputs.
    pub fn sources(&self) -> impl Iterator<Item = &ArchiveFile> {
        self.files
            .iter()
            .filter(|file| file.name.ends_with(".cue") && !file.name.starts_with("out/"))
    }

    /// The CUE files that make up the package under test: those in no folder.
    pub fn root_sources(&self) -> impl Iterator<Item = &ArchiveFile> {
        self.sources().filter(|file| !file.name.contains('/'))
    }

    /// The archive made of the files whose name starts with `prefix`, which is cut off.
    #[must_use]
    pub fn section(&self, prefix: &str) -> Archive {
        let files = self.files.iter().filter_map(|file| {
            let name = file.name.strip_prefix(prefix)?;
            Some(ArchiveFile { name: name.to_owned(), text: file.text.clone() })
        });
        Archive { comment: self.comment.clone(), files: files.collect() }
    }

    /// The text of the file of a name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.files.iter().find(|file| file.name == name).map(|file| file.text.as_str())
    }
}

fn marker(line: &str) -> Option<&str> {
    let name = line.trim_end_matches(['\n', '\r']).strip_prefix("-- ")?.strip_suffix(" --")?;
    let name = name.trim();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_comment_and_files() {
        let archive = Archive::parse("#skip\n#subpath: b\n-- in.cue --\na: 1\n-- x/y.cue --\n");
        assert_eq!(archive.flag("subpath"), Some("b"));
        assert_eq!(archive.flag("skip"), Some(""));
        assert_eq!(archive.flag("sub"), None);
        assert_eq!(archive.text("in.cue"), Some("a: 1\n"));
        assert_eq!(archive.root_sources().count(), 1);
        assert_eq!(archive.sources().count(), 2);
        assert_eq!(archive.section("x/").files[0].name, "y.cue");
    }

    #[test]
    fn a_line_that_only_looks_like_a_marker_is_text() {
        let archive = Archive::parse("-- a --\n-- \n--b--\n  -- c --\n");
        assert_eq!(archive.files.len(), 1);
        assert_eq!(archive.files[0].text, "-- \n--b--\n  -- c --\n");
    }
}
