//! Several files in one text: `-- NAME --` on a line of its own starts a file.
//!
//! Invariant: writing what was read gives the same text; every section ends in a line break.

/// A text with files behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Archive {
    /// What stands before the first file.
    pub head: String,
    /// Name and text of each file in order.
    pub files: Vec<(String, String)>,
}

fn marker(line: &str) -> Option<&str> {
    let name = line.trim_end().strip_prefix("-- ")?.strip_suffix(" --")?.trim();
    (!name.is_empty()).then_some(name)
}

impl Archive {
    /// Reads an archive. Every text is one.
    #[must_use]
    pub fn parse(text: &str) -> Archive {
        let mut archive = Archive::default();
        for line in text.split_inclusive('\n') {
            match (marker(line), archive.files.last_mut()) {
                (Some(name), _) => archive.files.push((name.to_owned(), String::new())),
                (None, Some((_, text))) => text.push_str(line),
                (None, None) => archive.head.push_str(line),
            }
        }
        archive
    }

    /// Writes the archive.
    #[must_use]
    pub fn print(&self) -> String {
        let mut out = self.head.clone();
        for (name, text) in &self.files {
            if !out.is_empty() && !out.ends_with('\n') {
                out.push('\n');
            }
            out.push_str(&format!("-- {name} --\n{text}"));
        }
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let text = "head\n-- a/b.yaml --\nx: 1\n-- c --\n-- stdout 1 --\n--- \n-- --\n";
        let archive = Archive::parse(text);
        let names: Vec<&str> = archive.files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a/b.yaml", "c", "stdout 1"]);
        assert_eq!(archive.print(), text);
        assert_eq!(Archive::parse(&archive.print()), archive);
    }
}
