//! Single files that a user names, outside any store.
//!
//! Invariant: nothing that is there is overwritten, save what [`write_report`] and
//! [`replace_files`] are asked to replace; that is written beside its place and renamed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

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

/// Makes or replaces files below a folder: path with `/`, relative to it, and text. Each is replaced
/// as a whole, and none before all of them are on the disk.
///
/// # Errors
/// The path at fault with what the operating system says; [`ErrorKind::InvalidInput`] for a path
/// that leads out of the folder, through a link too, and for one that is a link itself.
pub fn replace_files(folder: &Path, files: &[(String, String)]) -> Result<(), (String, io::Error)> {
    let mut staged: Vec<(PathBuf, PathBuf)> = Vec::with_capacity(files.len());
    let mut result = Ok(());
    for (path, text) in files {
        match stage(folder, path, text.as_bytes()) {
            Ok(pair) => staged.push(pair),
            Err(error) => {
                result = Err((path.clone(), error));
                break;
            }
        }
    }
    let mut staged = staged.into_iter().zip(files);
    if result.is_ok() {
        for ((beside, target), (path, _)) in staged.by_ref() {
            if let Err(error) = fs::rename(&beside, &target) {
                let _ = fs::remove_file(&beside);
                result = Err((path.clone(), error));
                break;
            }
        }
    }
    for ((beside, _), _) in staged {
        // It holds nothing anybody needs; the first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    result
}

/// Writes a file beside its place; yields where it stands and where it belongs.
fn stage(folder: &Path, path: &str, bytes: &[u8]) -> io::Result<(PathBuf, PathBuf)> {
    let refuse = |why: &str| io::Error::new(ErrorKind::InvalidInput, why.to_owned());
    if !platformc_source::is_relative(path) {
        return Err(refuse("the path leads out of the folder"));
    }
    let root = fs::canonicalize(folder)?;
    let target = root.join(path);
    let parent = target.parent().unwrap_or(&root);
    // The nearest folder that is there decides where the others would be made.
    let there = parent.ancestors().find_map(|above| fs::canonicalize(above).ok());
    if !there.is_some_and(|real| real.starts_with(&root)) {
        return Err(refuse("a link on the path leads out of the folder"));
    }
    fs::create_dir_all(parent)?;
    if fs::symlink_metadata(&target).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(refuse("what is there is not a regular file"));
    }
    let name = target.file_name().unwrap_or_default();
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.new", std::process::id()));
    let beside = target.with_file_name(beside);
    let written =
        OpenOptions::new().write(true).create_new(true).open(&beside).and_then(|mut file| {
            file.write_all(bytes)?;
            if let Ok(old) = fs::metadata(&target) {
                file.set_permissions(old.permissions())?;
            }
            file.sync_all()
        });
    if let Err(error) = written {
        if error.kind() != ErrorKind::AlreadyExists {
            let _ = fs::remove_file(&beside);
        }
        return Err(error);
    }
    Ok((beside, target))
}

/// Keeps other processes that ask for the same lock waiting until the file is dropped. A file
/// system without locks is no reason not to go on.
///
/// # Errors
/// Where the file cannot be opened for reading.
pub fn wait_for_lock(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    let _ = file.lock();
    Ok(file)
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
    fn files_are_replaced_all_or_none() {
        let root = tempfile::tempdir().expect("a folder");
        let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let both = [file("pins/prod/a.toml", "1"), file("pins/prod/b.toml", "2")];
        replace_files(root.path(), &both).expect("written");
        replace_files(root.path(), &[file("pins/prod/a.toml", "3")]).expect("replaced");
        let read = |path: &str| fs::read_to_string(root.path().join(path)).expect("there");
        assert_eq!(read("pins/prod/a.toml"), "3");
        fs::create_dir(root.path().join("folder")).expect("a folder");
        let blocked = [file("pins/prod/a.toml", "4"), file("folder", "5")];
        let (path, _) = replace_files(root.path(), &blocked).expect_err("a folder is in the way");
        assert_eq!((path.as_str(), read("pins/prod/a.toml").as_str()), ("folder", "3"));
        assert!(replace_files(root.path(), &[file("../x", "1")]).is_err());
        let left = fs::read_dir(root.path().join("pins/prod")).expect("a folder").count();
        assert_eq!(left, 2, "nothing is left behind");
    }

    #[cfg(unix)]
    #[test]
    fn links_out_of_the_folder_are_not_followed() {
        let (root, other) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("two"));
        std::os::unix::fs::symlink(other.path(), root.path().join("pins")).expect("a link");
        let files = [("pins/prod/a.toml".to_owned(), "1".to_owned())];
        let (_, error) = replace_files(root.path(), &files).expect_err("leads out");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(fs::read_dir(other.path()).expect("a folder").count(), 0);
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
