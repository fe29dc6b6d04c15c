//! The operations that change a disk, in one place so that tests can let any of them fail.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Changes a disk. Every method is one step that a kill or a fault can fall before.
#[derive(Debug, Default)]
pub(super) struct Disk {
    #[cfg(test)]
    pub(super) fuse: Option<super::tests::Fuse>,
}

impl Disk {
    #[cfg_attr(not(test), allow(clippy::unused_self, clippy::unnecessary_wraps))]
    fn step(&self) -> io::Result<()> {
        #[cfg(test)]
        if let Some(fuse) = &self.fuse {
            return fuse.burn();
        }
        Ok(())
    }

    /// Makes a file that must not be there: a link planted at `path` is not followed.
    pub(super) fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<File> {
        let open = || OpenOptions::new().write(true).create_new(true).open(path);
        #[cfg(test)]
        if let Err(error) = self.step() {
            // What a full disk, or a kill in the middle, leaves behind: half a file.
            if error.kind() == io::ErrorKind::StorageFull {
                open()?.write_all(&bytes[..bytes.len() / 2])?;
            }
            return Err(error);
        }
        let mut file = open()?;
        file.write_all(bytes)?;
        Ok(file)
    }

    pub(super) fn sync(&self, file: &File) -> io::Result<()> {
        self.step()?;
        file.sync_all()
    }

    pub(super) fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        fs::create_dir(path)
    }

    pub(super) fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        fs::rename(from, to)
    }

    /// A second name for a file; a copy where the file system has no hard links.
    pub(super) fn keep(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(|_| ()))
    }

    pub(super) fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        fs::remove_file(path)
    }

    /// Removes a folder that is empty.
    pub(super) fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        fs::remove_dir(path)
    }

    /// Removes a folder with all in it, links themselves and not what they lead to. Nothing there
    /// is no fault.
    pub(super) fn remove_tree(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
            Ok(_) => fs::remove_file(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}
