//! A workspace in a folder of its own, and platformc run inside it.
//!
//! Invariant: a run sees only the environment variables a case gives; the folder's path never
//! shows in what a run says (it becomes `$WORK`).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use platformc_cli::{Environment, run};
use tempfile::TempDir;

/// A folder that goes when it is dropped.
#[derive(Debug)]
pub struct Workspace {
    folder: TempDir,
}

/// What a run said and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The exit code.
    pub exit: u8,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Workspace {
    /// An empty one.
    ///
    /// # Errors
    /// What the disk says.
    pub fn new() -> io::Result<Workspace> {
        Ok(Workspace { folder: tempfile::Builder::new().prefix("case-").tempdir()? })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, making its folders.
    ///
    /// # Errors
    /// What the disk says.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        let target = self.path().join(path);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(target, bytes)
    }

    /// Copies a folder in, its output folder left out.
    ///
    /// # Errors
    /// What the disk says.
    pub fn copy(&self, from: &Path) -> io::Result<()> {
        for path in crate::files_below(from, "")? {
            let name = path.strip_prefix(from).map_err(io::Error::other)?;
            if !name.starts_with("dist") {
                self.write(&name.to_string_lossy(), fs::read(&path)?)?;
            }
        }
        Ok(())
    }

    /// Path and text of every file below a folder of the workspace, sorted; files that are not
    /// text and what the store keeps for itself are left out.
    ///
    /// # Errors
    /// What the disk says.
    pub fn texts(&self, folder: &str) -> io::Result<Vec<(String, String)>> {
        let root = self.path().join(folder);
        if root.is_file() {
            return Ok(vec![(folder.to_owned(), fs::read_to_string(root)?)]);
        }
        if !root.exists() {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for path in crate::files_below(&root, "")? {
            let name = path.strip_prefix(self.path()).map_err(io::Error::other)?;
            let name = name.to_string_lossy().replace('\\', "/");
            if name.split('/').any(|step| step == platformc_host::STATE_FOLDER) {
                continue;
            }
            found.push((name, String::from_utf8_lossy(&fs::read(&path)?).into_owned()));
        }
        Ok(found)
    }

    /// Runs platformc inside this process, with the workspace as the working folder.
    #[must_use]
    pub fn run(&self, arguments: &[String], variables: &BTreeMap<String, String>) -> Run {
        let variables = variables.clone();
        let variable = Arc::new(move |name: &str| variables.get(name).cloned());
        let environment =
            Environment { folder: self.path().to_path_buf(), variable, terminal: false };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let arguments = std::iter::once("platformc").chain(arguments.iter().map(String::as_str));
        let exit = run(arguments.map(OsString::from), &environment, &mut out, &mut err);
        Run { exit, stdout: self.plain(&out), stderr: self.plain(&err) }
    }

    fn plain(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes);
        text.replace(&*self.path().to_string_lossy(), "$WORK")
    }
}
