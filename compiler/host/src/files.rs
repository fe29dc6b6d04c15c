//! Single files that a user names, outside any store.
//!
//! Invariant: nothing that is there is overwritten, save a report, which is written beside its
//! place and renamed.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// Writes a report to a file that the user names; what is there is replaced whole.
///
/// # Errors
/// What the operating system says.
pub fn write_report(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A device such as /dev/stdout takes the bytes as they come.
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let Some(name) = path.file_name() else { return Err(ErrorKind::InvalidInput.into()) };
    let mut beside = name.to_os_string();
    beside.push(format!(".{}.new", std::process::id()));
    let beside = path.with_file_name(beside);
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&beside)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // It holds nothing anybody needs; the first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Writes files (path with `/`, and text) into a folder that is empty or missing.
///
/// # Errors
/// [`ErrorKind::DirectoryNotEmpty`] where the folder holds anything; else what the operating
/// system says.
pub fn write_new_folder(folder: &Path, files: &[(&str, String)]) -> io::Result<()> {
    match fs::read_dir(folder) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                return Err(io::Error::new(
                    ErrorKind::DirectoryNotEmpty,
                    "the folder is not empty",
                ));
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => fs::create_dir_all(folder)?,
        Err(error) => return Err(error),
    }
    for (path, text) in files {
        let target = folder.join(path);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).open(&target)?;
        file.write_all(text.as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_folder_is_written_once() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join("a/b");
        let files = [("x.txt", "1".to_owned()), ("c/y.txt", "2".to_owned())];
        write_new_folder(&folder, &files).expect("written");
        assert_eq!(fs::read_to_string(folder.join("c/y.txt")).expect("there"), "2");
        let again = write_new_folder(&folder, &files).expect_err("not empty");
        assert_eq!(again.kind(), ErrorKind::DirectoryNotEmpty);
    }

    #[test]
    fn a_report_replaces_what_is_there() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("report.json");
        write_report(&path, b"1").expect("written");
        write_report(&path, b"2").expect("written");
        assert_eq!(fs::read(&path).expect("there"), b"2");
        assert_eq!(fs::read_dir(root.path()).expect("a folder").count(), 1);
        assert!(write_report(&root.path().join("missing/report"), b"1").is_err());
    }
}
