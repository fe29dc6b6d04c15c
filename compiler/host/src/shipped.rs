//! Copies, for people to look at, of texts that ship inside the compiler; and where a workspace is.
//!
//! Invariant: a copy lies in the user's own cache under a folder of its version and holds exactly
//! the text; nobody reads it back.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use platformc_source::is_relative;
use sha2::{Digest, Sha256};

use crate::environment::variable;

/// A folder of copies.
#[derive(Debug)]
pub struct Shipped {
    folder: Option<PathBuf>,
    made: Mutex<BTreeMap<String, Option<PathBuf>>>,
}

impl Shipped {
    /// Copies below the user's cache folder: `XDG_CACHE_HOME`, `LOCALAPPDATA`, or `.cache` in the
    /// home folder. Without any of them there are no copies.
    #[must_use]
    pub fn in_cache(version: &str) -> Shipped {
        let set = |name| variable(name).filter(|path| Path::new(path).is_absolute());
        let cache = set("XDG_CACHE_HOME").or_else(|| set("LOCALAPPDATA")).map(PathBuf::from);
        let home = || Some(PathBuf::from(set("HOME")?).join(".cache"));
        Shipped::below(cache.or_else(home).map(|cache| cache.join("platformc").join(version)))
    }

    /// Copies below a folder, which need not exist; none without a folder.
    #[must_use]
    pub fn below(folder: Option<PathBuf>) -> Shipped {
        Shipped { folder, made: Mutex::default() }
    }

    /// A file that holds `text`, named by `path` (relative, with `/`). `None` where it cannot be
    /// written.
    #[must_use]
    pub fn file(&self, path: &str, text: &str) -> Option<PathBuf> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = made.get(path) {
            return known.clone();
        }
        let place = self.write(path, text);
        made.insert(path.to_owned(), place.clone());
        place
    }

    fn write(&self, path: &str, text: &str) -> Option<PathBuf> {
        let folder = self.folder.as_ref().filter(|_| is_relative(path))?;
        // Another build of the same version may ship another text.
        let digest = Sha256::digest(text.as_bytes());
        let digest: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let target = folder.join(digest).join(path);
        if fs::read(&target).is_ok_and(|bytes| bytes == text.as_bytes()) {
            return Some(target);
        }
        fs::create_dir_all(target.parent()?).ok()?;
        let mut beside = target.file_name()?.to_os_string();
        beside.push(format!(".{}.new", std::process::id()));
        let beside = target.with_file_name(beside);
        let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, &target));
        if written.is_err() {
            // It holds nothing anybody needs.
            let _ = fs::remove_file(&beside);
            return None;
        }
        Some(target)
    }
}

/// The nearest folder at or above `path` that holds a file of this name.
#[must_use]
pub fn folder_with(name: &str, path: &Path) -> Option<PathBuf> {
    path.ancestors().find(|folder| folder.join(name).is_file()).map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_holds_the_text_and_stays_inside() {
        let folder = tempfile::tempdir().expect("a folder");
        let copies = Shipped::below(Some(folder.path().to_path_buf()));
        let place = copies.file("stdlib/a.cue", "x: 1\n").expect("a copy");
        assert!(place.starts_with(folder.path()) && place.ends_with("stdlib/a.cue"));
        assert_eq!(fs::read_to_string(&place).expect("text"), "x: 1\n");
        assert_eq!(copies.file("stdlib/a.cue", "x: 1\n"), Some(place.clone()));
        // Somebody changed the copy: the next process writes it again.
        fs::write(&place, "y").expect("written");
        let again = Shipped::below(Some(folder.path().to_path_buf()));
        assert_eq!(again.file("stdlib/a.cue", "x: 1\n"), Some(place.clone()));
        assert_eq!(fs::read_to_string(&place).expect("text"), "x: 1\n");
        assert_eq!(copies.file("../a", "x"), None);
        assert_eq!(Shipped::below(None).file("a", "x"), None);
    }

    #[test]
    fn a_folder_is_found_upward() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("a/b")).expect("folders");
        fs::write(folder.path().join("a/mark"), "").expect("written");
        let found = |path: &str| folder_with("mark", &folder.path().join(path));
        assert_eq!(found("a/b/c.yaml"), Some(folder.path().join("a")));
        assert_eq!(found("a"), Some(folder.path().join("a")));
        assert_eq!(found("x"), None);
    }
}
