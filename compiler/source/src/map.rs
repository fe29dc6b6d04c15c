//! The registry of files. Invariant: a file's text never changes once it is registered; it is empty
//! once the file is forgotten, and its id is not used again.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use crate::{FileId, Span};

/// A line and a column, both counted from 1; the column counts Unicode scalar values.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode scalar values, from 1.
    pub column: u32,
}

/// One registered file.
#[derive(Debug)]
pub struct SourceFile {
    path: Arc<str>,
    text: Arc<str>,
    lines: OnceLock<Vec<u32>>,
}

impl SourceFile {
    fn new(path: &str, text: Arc<str>) -> SourceFile {
        SourceFile { path: Arc::from(path), text, lines: OnceLock::new() }
    }

    /// A file without path and text, for what lies in no file.
    #[must_use]
    pub fn nowhere() -> SourceFile {
        SourceFile::new("", Arc::from(""))
    }

    /// The path relative to the workspace, with `/` on every platform.
    #[must_use]
    pub fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let newlines = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0)
                .chain(newlines.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX)))
                .collect()
        })
    }

    /// The line and column of a byte offset; an offset past the end means the end.
    #[must_use]
    pub fn line_column(&self, offset: u32) -> LineColumn {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let lines = self.lines();
        let line = lines.partition_point(|start| *start as usize <= offset).max(1);
        let start = lines.get(line - 1).map_or(0, |start| *start as usize);
        let column = self.text.get(start..offset).map_or(0, |text| text.chars().count());
        LineColumn {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column + 1).unwrap_or(u32::MAX),
        }
    }

    /// The text of a line (counted from 1) without its line break, empty past the end.
    #[must_use]
    pub fn line(&self, line: u32) -> &str {
        let lines = self.lines();
        let index = (line as usize).saturating_sub(1);
        let Some(start) = lines.get(index) else { return "" };
        let end = lines.get(index + 1).map_or(self.text.len(), |next| *next as usize);
        self.text.get(*start as usize..end).map_or("", |text| text.trim_end_matches(['\n', '\r']))
    }
}

/// All files of a build. Threads share it; registration order carries no meaning, so nothing that
/// is printed may depend on the number of a [`FileId`].
#[derive(Debug, Default)]
pub struct SourceMap {
    files: RwLock<Vec<Arc<SourceFile>>>,
    prefix: String,
}

/// Files of the compiler's own are registered below this folder.
const OWN: &str = "stdlib/";

impl SourceMap {
    /// An empty registry.
    #[must_use]
    pub fn new() -> SourceMap {
        SourceMap::default()
    }

    /// An empty registry of a workspace that lies in this folder of its repository: reports name
    /// files with the folder before their paths. The empty folder is the repository itself.
    #[must_use]
    pub fn below(folder: &str) -> SourceMap {
        let folder = folder.trim_end_matches('/');
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        SourceMap { prefix, ..SourceMap::default() }
    }

    /// The path of a file as reports name it.
    #[must_use]
    pub fn shown(&self, file: &SourceFile) -> Arc<str> {
        if self.prefix.is_empty() || file.path().is_empty() || file.path().starts_with(OWN) {
            return Arc::clone(file.path());
        }
        Arc::from(format!("{}{}", self.prefix, file.path()))
    }

    /// Registers `text` under a workspace-relative `path` and returns its id.
    pub fn add(&self, path: &str, text: impl Into<Arc<str>>) -> FileId {
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        let id = FileId(u32::try_from(files.len()).unwrap_or(u32::MAX - 1));
        files.push(Arc::new(SourceFile::new(path, text.into())));
        id
    }

    /// How many files have been registered: the id of the next one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether no file has been registered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Lets go of a file that nothing points into any more: for programs that read a file again
    /// and again. Its id then means a file without path and text.
    pub fn forget(&self, id: FileId) {
        static GONE: OnceLock<Arc<SourceFile>> = OnceLock::new();
        let gone = GONE.get_or_init(|| Arc::new(SourceFile::nowhere()));
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = files.get_mut(id.0 as usize) {
            *file = Arc::clone(gone);
        }
    }

    /// The file of an id; `None` for [`FileId::NONE`] and ids of another map.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<Arc<SourceFile>> {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        files.get(id.0 as usize).cloned()
    }

    /// The path of a span's file, empty where there is none.
    #[must_use]
    pub fn path(&self, span: Span) -> Arc<str> {
        self.get(span.file).map_or_else(|| Arc::from(""), |file| file.path.clone())
    }

    /// The text a span covers, empty where there is none.
    #[must_use]
    pub fn text(&self, span: Span) -> String {
        self.get(span.file)
            .and_then(|file| {
                file.text.get(span.start as usize..span.end as usize).map(str::to_owned)
            })
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_scalar_values() {
        let map = SourceMap::new();
        let id = map.add("a.yaml", "é: 1\nb: ü\n");
        let file = map.get(id).expect("registered");
        assert_eq!(file.line_column(2), LineColumn { line: 1, column: 2 });
        assert_eq!(file.line_column(9), LineColumn { line: 2, column: 4 });
        assert_eq!(file.line(2), "b: ü");
        assert_eq!(file.line_column(1000), LineColumn { line: 3, column: 1 });
    }

    #[test]
    fn a_forgotten_file_leaves_its_place() {
        let map = SourceMap::new();
        let (first, second) = (map.add("a", "1"), map.add("b", "2"));
        map.forget(first);
        map.forget(FileId::NONE);
        let text = |id| map.get(id).map(|file| (file.path().to_string(), file.text().to_string()));
        assert_eq!(text(first), Some((String::new(), String::new())));
        assert_eq!(text(second), Some(("b".to_owned(), "2".to_owned())));
        assert_eq!((map.len(), map.add("c", "3")), (2, FileId(2)));
    }
}
