//! The program as a process, with a bound on its time and its memory.
//!
//! Invariant: a run ends by itself. One that ends by a signal, takes longer than [`SECONDS`] or
//! asks for more than [`MEBIBYTES`] of address space fails its test: a stack that overflows, an
//! allocation without end and a loop all look like that.
#![allow(clippy::disallowed_methods, reason = "tests of a program need files and processes")]

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a run may take, on a machine that is busy with other tests.
pub const SECONDS: u64 = 60;
/// How much address space a run may ask for.
pub const MEBIBYTES: u64 = 3 * 1024;
/// How much a run may write to one of its streams before its end is cut off.
const SHOWN: usize = 4_000;

/// A workspace in a folder that goes when it is dropped.
#[derive(Debug)]
pub struct Workspace {
    folder: TempDir,
    program: PathBuf,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// What was run, for messages.
    pub what: String,
    /// The exit code; `None` for a signal.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

/// A manifest with one environment and one cluster, both `test`.
pub const MANIFEST: &str = r#"name = "hostile"

[environments.test]
clusters = ["test"]

[clusters.test]
server = "https://test.example.com:6443"
kubernetes = "1.31"
"#;

/// An Application of one component. `name` stands as written.
#[must_use]
pub fn application(name: &str) -> String {
    format!(
        "apiVersion: core.oam.dev/v1beta1\nkind: Application\nmetadata:\n  name: {name}\nspec:\n  \
         components:\n    - name: web\n      type: webservice\n      properties:\n        \
         image: nginx:1.27\n"
    )
}

impl Workspace {
    /// A workspace that builds: a manifest and `apps/a.yaml` with the Application `alpha`.
    ///
    /// # Panics
    /// If the disk does not let it.
    #[must_use]
    pub fn new(program: &str) -> Workspace {
        let folder = tempfile::Builder::new().prefix("hostile-").tempdir().expect("a folder");
        let workspace = Workspace { folder, program: PathBuf::from(program) };
        workspace.write("platform.toml", MANIFEST);
        workspace.write("apps/a.yaml", application("alpha"));
        workspace
    }

    /// A path in the workspace.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Writes a file, making its folders.
    ///
    /// # Panics
    /// If the disk does not let it.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let target = self.path(path);
        fs::create_dir_all(target.parent().expect("a folder")).expect("folders can be made");
        fs::write(target, bytes).expect("files can be written");
    }

    /// Every file below a folder with its bytes, sorted; what the store keeps for itself left out.
    ///
    /// # Panics
    /// If the disk does not let it.
    #[must_use]
    pub fn files(&self, folder: &str) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        let mut folders = vec![self.path(folder)];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for entry in entries {
                let path = entry.expect("an entry").path();
                if path.ends_with(".platformc") {
                    continue;
                }
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(self.folder.path()).unwrap_or(&path);
                    let bytes = fs::read(&path).expect("readable");
                    found.push((name.to_string_lossy().into_owned(), bytes));
                }
            }
        }
        found.sort();
        found
    }

    /// Runs the program to its end.
    ///
    /// # Panics
    /// If it ends by a signal or does not end.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.run_after("", arguments)
    }

    /// Runs the program to its end after lines of a shell.
    ///
    /// # Panics
    /// If it ends by a signal or does not end.
    #[must_use]
    pub fn run_after(&self, shell: &str, arguments: &[&str]) -> Ended {
        let what = format!("platformc {}", arguments.join(" "));
        let streams = tempfile::tempdir().expect("a folder");
        let (out, err) = (streams.path().join("out"), streams.path().join("err"));
        let mut child = self.start(shell, arguments, &out, &err).expect("the program starts");
        let status = wait(&mut child, Duration::from_secs(SECONDS))
            .unwrap_or_else(|| panic!("{what}: did not end in {SECONDS} s"));
        let ended = Ended { what, code: status.code(), stdout: read(&out), stderr: read(&err) };
        assert!(ended.code.is_some(), "{}: ended by {status}\n{}", ended.what, ended.shown());
        ended
    }

    /// Starts the program and kills it after a while. Whether it was still running.
    ///
    /// # Panics
    /// If it cannot be started.
    #[must_use]
    pub fn kill_after(&self, arguments: &[&str], time: Duration) -> bool {
        let null = Path::new("/dev/null");
        let mut child = self.start("", arguments, null, null).expect("the program starts");
        std::thread::sleep(time);
        let running = child.try_wait().expect("a child").is_none();
        let _ = child.kill();
        child.wait().expect("a child");
        running
    }

    fn start(&self, shell: &str, arguments: &[&str], out: &Path, err: &Path) -> io::Result<Child> {
        let kibibytes = MEBIBYTES * 1024;
        // The shell becomes the program, so that a signal reaches it.
        let script = format!("ulimit -v {kibibytes}\n{shell}\nexec \"$0\" \"$@\"\n");
        Command::new("/bin/sh")
            .arg("-c")
            .arg(script)
            .arg(&self.program)
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .stdin(Stdio::null())
            .stdout(File::create(out)?)
            .stderr(File::create(err)?)
            .spawn()
    }
}

fn wait(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return Some(status);
        }
        if start.elapsed() > limit {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).expect("readable")).into_owned()
}

fn cut(text: &str) -> &str {
    text.char_indices().nth(SHOWN).map_or(text, |(at, _)| &text[..at])
}

impl Ended {
    /// What it said, cut off where it is long.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("{:?}\n{}\n{}", self.code, cut(&self.stdout), cut(&self.stderr))
    }

    /// Asserts that it found these faults in its input, each at a place, and wrote no result.
    ///
    /// # Panics
    /// If it did not.
    #[track_caller]
    pub fn finds(&self, codes: &[&str]) {
        assert_eq!(self.code, Some(1), "{}\n{}", self.what, self.shown());
        for code in codes {
            let said = self.stderr.contains(&format!("error[{code}]"));
            assert!(said, "{}: no {code}\n{}", self.what, self.shown());
        }
        let placed = self.stderr.contains("╭─[") || self.stderr.contains("    at ");
        assert!(placed, "{}: no place\n{}", self.what, self.shown());
    }

    /// Asserts that it ended with a fault of the tool: exit 2, and a reason.
    ///
    /// # Panics
    /// If it did not.
    #[track_caller]
    pub fn fails(&self, reason: &str) {
        assert_eq!(self.code, Some(2), "{}\n{}", self.what, self.shown());
        // Reports for people are broken into lines.
        let said: Vec<&str> = self.stderr.split_whitespace().filter(|word| *word != "│").collect();
        assert!(said.join(" ").contains(reason), "{}\n{}", self.what, self.shown());
    }

    /// Asserts that it succeeded.
    ///
    /// # Panics
    /// If it did not.
    #[track_caller]
    pub fn succeeds(&self) {
        assert_eq!(self.code, Some(0), "{}\n{}", self.what, self.shown());
    }
}
