//! The files of a workspace as their author sees them: open buffers before the disk.
//!
//! Invariant: a file that is open is what its buffer says, whether or not it is on the disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use platformc_source::{Entry, EntryKind, ReadError, Sources};

/// Files by workspace-relative path before those of a disk.
pub(crate) struct Overlay {
    pub(crate) disk: Arc<dyn Sources + Send + Sync>,
    pub(crate) open: BTreeMap<String, Arc<[u8]>>,
}

impl Sources for Overlay {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, ReadError> {
        match self.open.get(path) {
            Some(bytes) => Ok(Arc::clone(bytes)),
            None => self.disk.read(path),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<Entry>, ReadError> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let below = self.open.keys().filter_map(|path| path.strip_prefix(&prefix));
        let mut unsaved: Vec<Entry> = below
            .map(|rest| match rest.split_once('/') {
                Some((name, _)) => {
                    Entry { path: format!("{prefix}{name}"), kind: EntryKind::Folder }
                }
                None => Entry { path: format!("{prefix}{rest}"), kind: EntryKind::File },
            })
            .collect();
        match self.disk.list(folder) {
            Ok(entries) => {
                // What the disk says a path is stands.
                unsaved.retain(|new| !entries.iter().any(|known| known.path == new.path));
                unsaved.extend(entries);
            }
            Err(ReadError::NotFound) if !unsaved.is_empty() => {}
            Err(error) => return Err(error),
        }
        unsaved.sort_unstable();
        unsaved.dedup();
        Ok(unsaved)
    }
}

#[cfg(test)]
mod tests {
    use platformc_source::MemorySources;

    use super::*;

    #[test]
    fn buffers_stand_before_and_among_the_files_of_the_disk() {
        let disk = MemorySources::new().with("apps/a.yaml", "disk").with("b", "disk");
        let open =
            [("apps/a.yaml", "open"), ("apps/new/c.yaml", "open"), ("definitions/d", "open")];
        let open = open.into_iter().map(|(path, text)| (path.to_owned(), text.as_bytes().into()));
        let overlay = Overlay { disk: Arc::new(disk), open: open.collect() };
        assert_eq!(&*overlay.read("apps/a.yaml").expect("open"), b"open");
        assert_eq!(&*overlay.read("b").expect("on disk"), b"disk");
        let list = |folder| -> Vec<String> {
            let entries = overlay.list(folder).expect("folder");
            entries.into_iter().map(|entry| format!("{}:{:?}", entry.path, entry.kind)).collect()
        };
        assert_eq!(list("apps"), ["apps/a.yaml:File", "apps/new:Folder"]);
        assert_eq!(list("definitions"), ["definitions/d:File"]);
        assert_eq!(list(""), ["apps:Folder", "b:File", "definitions:Folder"]);
        assert_eq!(overlay.list("nowhere"), Err(ReadError::NotFound));
    }
}
