//! Hooks of git: files that run when something is committed.
//!
//! Invariant: a hook that somebody else wrote, or changed, is neither replaced nor removed; what is
//! ours is known by a seal, the digest of the script in its last line. Where hooks lie, git says.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

const SEAL: &str = "# sealed by platformc: sha256:";

/// Why a hook cannot be written or removed.
#[derive(Debug)]
pub enum HookError {
    /// git could not be run, or says that there is no repository.
    Git(String),
    /// Hooks lie outside the repository, where other repositories may use them too.
    Shared(PathBuf),
    /// There is a hook that is not ours.
    Foreign(PathBuf),
    /// There is a hook of ours that somebody changed.
    Changed(PathBuf),
    /// What the operating system says.
    Io(PathBuf, io::Error),
}

impl fmt::Display for HookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HookError::Git(message) => write!(f, "git says: {message}"),
            HookError::Shared(path) => {
                write!(f, "hooks lie in {}, outside the repository", path.display())
            }
            HookError::Foreign(path) => {
                write!(f, "there is a hook that platformc did not write: {}", path.display())
            }
            HookError::Changed(path) => {
                write!(f, "the hook was changed since platformc wrote it: {}", path.display())
            }
            HookError::Io(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for HookError {}

/// Where a hook of a repository lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookPlace {
    /// The hook's file, whether or not it is there.
    pub file: PathBuf,
    /// The folder that was asked for, relative to the top of the work tree, with `/`; `.` is the top.
    pub folder: String,
}

/// Where the hook of a name lies in the repository around a folder. One repository has one, also
/// where it has several work trees.
///
/// # Errors
/// Where there is no repository or no git, and where hooks are shared with other repositories.
pub fn hook_place(folder: &Path, name: &str) -> Result<HookPlace, HookError> {
    let folder = fs::canonicalize(folder).map_err(|e| HookError::Io(folder.to_owned(), e))?;
    let ask = |what: &[&str]| git(&folder, what);
    let top = ask(&["--show-toplevel"])?;
    let common = ask(&["--git-common-dir"])?;
    let hooks = ask(&["--git-path", "hooks"])?;
    // What is not there yet lies where its nearest folder leads.
    let real = |path: &Path| {
        let there = path.ancestors().find_map(|above| Some((above, fs::canonicalize(above).ok()?)));
        match there {
            Some((above, real)) => real.join(path.strip_prefix(above).unwrap_or(Path::new(""))),
            None => path.to_owned(),
        }
    };
    let (top, common, hooks) =
        (real(&folder.join(top)), real(&folder.join(common)), real(&folder.join(hooks)));
    if !hooks.starts_with(&top) && !hooks.starts_with(&common) {
        return Err(HookError::Shared(hooks));
    }
    let steps = folder.strip_prefix(&top).unwrap_or(Path::new("")).iter();
    let steps: Vec<_> = steps.map(OsStr::to_string_lossy).collect();
    let folder = if steps.is_empty() { ".".to_owned() } else { steps.join("/") };
    Ok(HookPlace { file: hooks.join(name), folder })
}

/// One answer of `git rev-parse`.
fn git(folder: &Path, arguments: &[&str]) -> Result<PathBuf, HookError> {
    let output = Command::new("git").arg("rev-parse").args(arguments).current_dir(folder).output();
    let output = output.map_err(|error| HookError::Git(format!("cannot be run: {error}")))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let line = text.lines().next().unwrap_or("").trim_start_matches("fatal: ");
        return Err(HookError::Git(line.to_owned()));
    }
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end_matches(['\n', '\r'])))
}

/// The script with its seal.
fn sealed(script: &str) -> String {
    let end = if script.ends_with('\n') { "" } else { "\n" };
    let text = format!("{script}{end}");
    let digest: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{text}{SEAL}{digest}\n")
}

/// Whose hook a place holds: `None` where there is none, else an error unless it is ours.
fn ours(file: &Path) -> Result<Option<String>, HookError> {
    let io = |error| HookError::Io(file.to_owned(), error);
    match fs::symlink_metadata(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
        Ok(metadata) if !metadata.is_file() => return Err(HookError::Foreign(file.to_owned())),
        Ok(_) => {}
    }
    let bytes = fs::read(file).map_err(io)?;
    let text = String::from_utf8_lossy(&bytes);
    match text.find(SEAL) {
        None => Err(HookError::Foreign(file.to_owned())),
        Some(at) if sealed(text.get(..at).unwrap_or("")) == *text => Ok(Some(text.into_owned())),
        Some(_) => Err(HookError::Changed(file.to_owned())),
    }
}

/// Writes a hook; says whether that changed anything.
///
/// # Errors
/// Where there is another hook, or the disk refuses.
pub fn write_hook(place: &HookPlace, script: &str) -> Result<bool, HookError> {
    let file = &place.file;
    let io = |error| HookError::Io(file.clone(), error);
    let text = sealed(script);
    if ours(file)?.is_some_and(|old| old == text) {
        return Ok(false);
    }
    let folder = file.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder).map_err(io)?;
    let mut beside = file.clone().into_os_string();
    beside.push(format!(".{}.new", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = executable(&beside)
        .and_then(|mut new| new.write_all(text.as_bytes()).and_then(|()| new.sync_all()))
        .and_then(|()| fs::rename(&beside, file));
    written.map_err(|error| {
        // The first error is the one to tell.
        let _ = fs::remove_file(&beside);
        io(error)
    })?;
    Ok(true)
}

/// A new file that can be run.
fn executable(path: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o755);
    options.open(path)
}

/// Removes a hook; says whether there was one.
///
/// # Errors
/// Where the hook is not ours, or the disk refuses.
pub fn remove_hook(place: &HookPlace) -> Result<bool, HookError> {
    if ours(&place.file)?.is_none() {
        return Ok(false);
    }
    fs::remove_file(&place.file).map_err(|error| HookError::Io(place.file.clone(), error))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(root: &Path) -> HookPlace {
        HookPlace { file: root.join("hooks/pre-commit"), folder: ".".to_owned() }
    }

    #[test]
    fn a_hook_is_written_once_renewed_and_removed() {
        let root = tempfile::tempdir().expect("a folder");
        let place = place(root.path());
        assert!(write_hook(&place, "#!/bin/sh\nexit 0\n").expect("written"));
        assert!(!write_hook(&place, "#!/bin/sh\nexit 0").expect("the same"));
        assert!(write_hook(&place, "#!/bin/sh\nexit 1\n").expect("renewed"));
        #[cfg(unix)]
        {
            let mode = fs::metadata(&place.file).expect("there").permissions();
            let mode = std::os::unix::fs::PermissionsExt::mode(&mode);
            assert_eq!(mode & 0o100, 0o100);
        }
        assert_eq!(fs::read_dir(root.path().join("hooks")).expect("a folder").count(), 1);
        assert!(remove_hook(&place).expect("removed"));
        assert!(!remove_hook(&place).expect("nothing to remove"));
    }

    #[test]
    fn hooks_of_others_stay() {
        let root = tempfile::tempdir().expect("a folder");
        let place = place(root.path());
        write_hook(&place, "#!/bin/sh\n").expect("written");
        let text = fs::read_to_string(&place.file).expect("there");
        for (changed, foreign) in [
            (format!("{text}echo more\n"), false),
            (text.replace("/bin/sh", "/bin/bash"), false),
            ("#!/bin/sh\n".to_owned(), true),
            (String::new(), true),
        ] {
            fs::write(&place.file, &changed).expect("changed");
            for result in [write_hook(&place, "#!/bin/sh\n"), remove_hook(&place)] {
                match result.expect_err("not ours") {
                    HookError::Foreign(_) => assert!(foreign, "{changed}"),
                    HookError::Changed(_) => assert!(!foreign, "{changed}"),
                    other => panic!("{other}"),
                }
            }
            assert_eq!(fs::read_to_string(&place.file).expect("there"), changed);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_ours() {
        let root = tempfile::tempdir().expect("a folder");
        let place = place(root.path());
        write_hook(&place, "#!/bin/sh\n").expect("written");
        let elsewhere = root.path().join("elsewhere");
        fs::rename(&place.file, &elsewhere).expect("moved");
        std::os::unix::fs::symlink(&elsewhere, &place.file).expect("linked");
        assert!(matches!(remove_hook(&place), Err(HookError::Foreign(_))));
        assert!(matches!(write_hook(&place, "x"), Err(HookError::Foreign(_))));
    }

    #[test]
    fn outside_a_repository_git_says_so() {
        let root = tempfile::tempdir().expect("a folder");
        assert!(matches!(hook_place(root.path(), "pre-commit"), Err(HookError::Git(_))));
    }
}
