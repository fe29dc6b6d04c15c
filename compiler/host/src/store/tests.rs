//! Kills and faults at every step, hostile outputs, and what a build must never do.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// Lets the operations of a [`Disk`] fail, one or all from one on.
#[derive(Debug)]
pub(super) struct Fuse {
    seen: AtomicUsize,
    at: usize,
    kill: bool,
}

impl Fuse {
    pub(super) fn burn(&self) -> io::Result<()> {
        let step = self.seen.fetch_add(1, Ordering::SeqCst);
        if step == self.at {
            return Err(ErrorKind::StorageFull.into());
        }
        if self.kill && step > self.at {
            return Err(io::Error::other("killed"));
        }
        Ok(())
    }
}

type Tree = BTreeMap<String, String>;

fn files(pairs: &[(&str, &str)]) -> Vec<File> {
    let mut files: Vec<File> =
        pairs.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    files.sort();
    files
}

/// Everything below `root` but the store's own folder; links are shown, not followed.
fn tree(root: &Path) -> Tree {
    fn walk(root: &Path, at: &str, out: &mut Tree) {
        for entry in fs::read_dir(root.join(at)).expect("folder") {
            let name = entry.expect("entry").file_name().into_string().expect("text");
            let path = if at.is_empty() { name } else { format!("{at}/{name}") };
            let full = root.join(&path);
            let kind = fs::symlink_metadata(&full).expect("entry");
            if path == STATE_FOLDER {
            } else if kind.is_symlink() {
                let to = fs::read_link(&full).expect("link");
                out.insert(path, format!("-> {}", to.display()));
            } else if kind.is_dir() {
                out.insert(format!("{path}/"), String::new());
                walk(root, &path, out);
            } else {
                out.insert(path, fs::read_to_string(&full).expect("file"));
            }
        }
    }
    let mut out = Tree::new();
    if root.exists() {
        walk(root, "", &mut out);
    }
    out
}

fn commit(root: &Path, files: &[File]) -> Result<(), StoreError> {
    DiskStore::new(root).commit(files)
}

fn leftovers(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root.join(STATE_FOLDER)).expect("state folder");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("entry").file_name().into_string().expect("text"))
        .filter(|name| ![".gitignore", LOCK, OWNED].contains(&name.as_str()))
        .collect();
    names.sort();
    names
}

/// Every kind of change there is between two commits.
fn before() -> Vec<File> {
    files(&[
        ("dev/same", "same"),
        ("dev/changed", "old"),
        ("dev/removed", "gone"),
        ("dev/emptied/x/y", "gone"),
        ("dev/file-to-folder", "file"),
        ("dev/folder-to-file/x", "folder"),
        ("dev/swap/old", "1"),
    ])
}

fn after() -> Vec<File> {
    files(&[
        ("dev/same", "same"),
        ("dev/changed", "a new and longer text"),
        ("dev/made", "made"),
        ("dev/file-to-folder/a/b", "folder"),
        ("dev/folder-to-file", "file"),
        ("dev/swap/new", "2"),
        ("prod/a/x", "whole folder"),
        ("prod/b/x", "whole folder"),
    ])
}

fn expected(files: &[File]) -> Tree {
    let mut tree = Tree::from([("by-hand".to_owned(), "mine".to_owned())]);
    for (path, bytes) in files {
        tree.insert(path.clone(), String::from_utf8(bytes.clone()).expect("text"));
        let mut folder = parent(path);
        while !folder.is_empty() {
            tree.insert(format!("{folder}/"), String::new());
            folder = parent(folder);
        }
    }
    tree
}

fn plant(root: &Path) {
    fs::create_dir_all(root).expect("root");
    fs::write(root.join("by-hand"), "mine").expect("file");
}

#[test]
fn every_change_arrives_and_nothing_else() {
    let folder = tempfile::tempdir().expect("folder");
    let root = folder.path().join("dist");
    plant(&root);
    for wanted in [before(), after(), before(), after()] {
        assert!(!DiskStore::new(&root).verify(&wanted).expect("verify").is_empty());
        commit(&root, &wanted).expect("commit");
        assert_eq!(tree(&root), expected(&wanted));
        assert_eq!(DiskStore::new(&root).verify(&wanted), Ok(vec![]));
        assert_eq!(leftovers(&root), [""; 0]);
    }
    commit(&root, &[]).expect("commit");
    assert_eq!(tree(&root), expected(&[]));
}

/// From `first` to `second` with the disk failing at each step in turn.
fn fail_everywhere(first: &[File], second: &[File], kill: bool) {
    for at in 0.. {
        let folder = tempfile::tempdir().expect("folder");
        let root = folder.path().join("dist");
        plant(&root);
        if !first.is_empty() {
            commit(&root, first).expect("the first commit");
        }
        let mut store = DiskStore::new(&root);
        store.disk.fuse = Some(Fuse { seen: AtomicUsize::new(0), at, kill });
        let result = store.commit(second);
        let reached = store.disk.fuse.as_ref().expect("fuse").seen.load(Ordering::SeqCst) > at;
        let now = tree(&root);
        if result.is_ok() {
            assert_eq!(now, expected(second), "step {at}");
        } else if !kill {
            assert_eq!(now, expected(first), "step {at}: {result:?}");
        } else if !root.join(STATE_FOLDER).join(JOURNAL).exists() {
            assert_eq!(now, expected(first), "step {at}: killed before the journal");
        }
        let wanted = if at % 2 == 0 { second } else { first };
        let differences = DiskStore::new(&root).verify(wanted).expect("verify");
        assert_eq!(differences.is_empty(), now == expected(wanted), "step {at}");
        commit(&root, wanted).expect("the next commit");
        assert_eq!(tree(&root), expected(wanted), "step {at}: after the next commit");
        assert_eq!(leftovers(&root), [""; 0], "step {at}");
        // What was interrupted is owned all the same: it goes when it is no longer wanted.
        commit(&root, &[]).expect("the last commit");
        assert_eq!(tree(&root), expected(&[]), "step {at}: emptied");
        if !reached {
            assert!(at > 5, "the fuse was never reached");
            return;
        }
    }
}

#[test]
fn a_fault_at_any_step_changes_nothing() {
    fail_everywhere(&before(), &after(), false);
    fail_everywhere(&after(), &before(), false);
    fail_everywhere(&[], &after(), false);
}

#[test]
fn a_kill_at_any_step_leaves_old_or_new() {
    fail_everywhere(&before(), &after(), true);
    fail_everywhere(&after(), &before(), true);
    fail_everywhere(&[], &after(), true);
}

#[test]
fn a_kill_while_recovering_leaves_old_or_new() {
    for first in (12..40).step_by(3) {
        for second in 0..12 {
            let folder = tempfile::tempdir().expect("folder");
            let root = folder.path().join("dist");
            plant(&root);
            commit(&root, &before()).expect("the first commit");
            for at in [first, second] {
                let mut store = DiskStore::new(&root);
                store.disk.fuse = Some(Fuse { seen: AtomicUsize::new(0), at, kill: true });
                let _ = store.commit(&after());
            }
            commit(&root, &before()).expect("the next commit");
            assert_eq!(tree(&root), expected(&before()), "steps {first}, {second}");
            assert_eq!(leftovers(&root), [""; 0]);
        }
    }
}

const KILL_VARIABLE: &str = "PLATFORMC_TEST_STORE";

fn many(text: &str) -> Vec<File> {
    let mut files: Vec<File> = (0..300)
        .map(|n| (format!("env{}/{text}/{n}", n % 7), format!("{text}{n}").into_bytes()))
        .collect();
    files.extend((0..300).map(|n| (format!("same/{n}"), text.repeat(n).into_bytes())));
    files.sort();
    files
}

/// Alternates between two outputs; as the child of the next test, until it is killed.
#[test]
fn alternates() {
    let given = crate::variable(KILL_VARIABLE);
    let folder = tempfile::tempdir().expect("folder");
    let root = given.as_ref().map_or_else(|| folder.path().to_owned(), PathBuf::from);
    let mut round = 0;
    while round < 4 || given.is_some() {
        let wanted = many(if round % 2 == 0 { "a" } else { "b" });
        commit(&root, &wanted).expect("commit");
        assert_eq!(DiskStore::new(&root).verify(&wanted), Ok(vec![]));
        round += 1;
    }
}

#[test]
fn a_process_killed_at_any_time_leaves_a_store_that_goes_on() {
    let folder = tempfile::tempdir().expect("folder");
    let root = folder.path().join("dist");
    let program = std::env::current_exe().expect("this program");
    for round in 0..8u64 {
        let mut child = Command::new(&program)
            .args(["--exact", "store::tests::alternates"])
            .env(KILL_VARIABLE, &root)
            .stdout(Stdio::null())
            .spawn()
            .expect("child");
        std::thread::sleep(Duration::from_millis(60 + 17 * round));
        child.kill().expect("kill");
        child.wait().expect("wait");
        let wanted = many(if round % 3 == 0 { "c" } else { "a" });
        commit(&root, &wanted).expect("commit after a kill");
        let text = |(path, bytes): &File| (path.clone(), String::from_utf8_lossy(bytes).into());
        let mut found = tree(&root);
        found.retain(|path, _| !path.ends_with('/'));
        assert_eq!(found, wanted.iter().map(text).collect::<Tree>());
        assert_eq!(leftovers(&root), [""; 0]);
    }
}

#[test]
fn unchanged_files_are_not_written_again() {
    let folder = tempfile::tempdir().expect("folder");
    let root = folder.path();
    commit(root, &before()).expect("commit");
    let stamp = |path: &str| fs::metadata(root.join(path)).expect("file").modified().expect("time");
    let (same, owned) = (stamp("dev/same"), stamp(".platformc/owned"));
    std::thread::sleep(Duration::from_millis(20));
    commit(root, &before()).expect("commit");
    assert_eq!((stamp("dev/same"), stamp(".platformc/owned")), (same, owned));
    commit(root, &after()).expect("commit");
    assert_eq!(stamp("dev/same"), same);
}

#[test]
fn orphans_changed_by_hand_are_kept_and_reported() {
    let folder = tempfile::tempdir().expect("folder");
    let root = folder.path();
    commit(root, &before()).expect("commit");
    fs::write(root.join("dev/removed"), "edited").expect("edit");
    commit(root, &after()).expect("commit");
    assert_eq!(tree(root).get("dev/removed").map(String::as_str), Some("edited"));
    assert_eq!(DiskStore::new(root).verify(&after()), Ok(vec!["dev/removed".to_owned()]));
    fs::remove_file(root.join("dev/removed")).expect("remove");
    assert_eq!(DiskStore::new(root).verify(&after()), Ok(vec![]));
}

#[test]
fn claims_hold_only_for_the_bytes_claimed() {
    let folder = tempfile::tempdir().expect("folder");
    let root = &folder.path().join("dist");
    commit(root, &before()).expect("commit");
    fs::write(folder.path().join("outside"), "").expect("file");
    // A fresh clone: the output is there, the store's own folder is not.
    fs::remove_dir_all(root.join(STATE_FOLDER)).expect("remove");
    let mut store = DiskStore::new(root);
    store.claim("dev/removed", state::digest(b"gone"));
    store.claim("dev/emptied/x/y", state::digest(b"something else"));
    store.claim("dev/never", state::digest(b""));
    store.claim("../outside", state::digest(b""));
    store.claim(folder.path().join("outside").to_string_lossy(), state::digest(b""));
    let keep = files(&[("dev/same", "same")]);
    assert_eq!(store.verify(&keep), Ok(vec!["dev/removed".to_owned()]));
    store.commit(&keep).expect("commit");
    assert!(folder.path().join("outside").exists());
    let left = tree(root);
    assert!(!left.contains_key("dev/removed") && left.contains_key("dev/emptied/x/y"));
    assert!(left.contains_key("dev/changed"), "nobody claimed it");
}

#[test]
fn paths_are_checked_first() {
    let folder = tempfile::tempdir().expect("folder");
    let root = folder.path().join("dist");
    for bad in ["../x", "/x", "a/../x", "", "a//x", "a\nb", ".platformc/owned", ".Platformc/x"] {
        let error = commit(&root, &files(&[(bad, "")])).expect_err(bad);
        assert_eq!(error.path, bad);
    }
    assert!(commit(&root, &files(&[("a", ""), ("a/b", ""), ("a-b", "")])).is_err());
    let twice = vec![("a".to_owned(), vec![]), ("a".to_owned(), vec![])];
    assert!(commit(&root, &twice).is_err());
    assert!(!root.exists(), "nothing was touched");
}

#[test]
fn folders_and_files_in_the_way_are_named() {
    let folder = tempfile::tempdir().expect("folder");
    let root = folder.path();
    fs::create_dir_all(root.join("a/b")).expect("folder");
    fs::write(root.join("f"), "mine").expect("file");
    let error = commit(root, &files(&[("a", "x"), ("c", "y")])).expect_err("a folder");
    assert_eq!(error.to_string(), "a: a folder is in the way");
    let error = commit(root, &files(&[("c", "y"), ("f/x", "x")])).expect_err("a file");
    assert_eq!(error.to_string(), "f/x: a file is where a folder is needed");
    assert!(!root.join("c").exists());
    // A folder of ours in which somebody put something of their own.
    commit(root, &files(&[("o/x", "x")])).expect("commit");
    fs::write(root.join("o/mine"), "mine").expect("file");
    let held = tree(root);
    let error = commit(root, &files(&[("o", "x")])).expect_err("not empty");
    assert_eq!(error.path, "o");
    assert_eq!(tree(root), held);
    commit(root, &files(&[("z", "x")])).expect("the store goes on");
    assert!(root.join("o/mine").exists() && !root.join("o/x").exists());
}

#[test]
fn a_second_build_waits_outside() {
    let folder = tempfile::tempdir().expect("folder");
    let store = DiskStore::new(folder.path());
    let lock = store.open().expect("lock");
    let error = commit(folder.path(), &before()).expect_err("locked");
    assert_eq!(error.message, "another build is writing here");
    drop(lock);
    commit(folder.path(), &before()).expect("free again");
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    /// A folder outside, with one file in it that nothing may touch.
    fn outside() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().expect("folder");
        let (root, out) = (folder.path().join("dist"), folder.path().join("out"));
        fs::create_dir_all(&root).expect("root");
        fs::create_dir_all(&out).expect("out");
        fs::write(out.join("changed"), "precious").expect("file");
        (folder, root, out)
    }

    fn untouched(out: &Path) {
        let precious = Tree::from([("changed".to_owned(), "precious".to_owned())]);
        assert_eq!(tree(out), precious);
    }

    #[test]
    fn links_planted_in_the_output_lead_nowhere() {
        // (what is linked, to what, the path at fault)
        for (at, to, fault) in [
            ("dev", "out", "dev/changed"),
            ("dev/changed", "out/changed", "dev/changed"),
            ("dev/file-to-folder", "out", "dev/file-to-folder/a/b"),
            (".platformc", "out", ".platformc"),
            (".platformc/lock", "out/lock", ".platformc"),
        ] {
            let (folder, root, out) = outside();
            fs::create_dir_all(root.join(parent(at))).expect("folder");
            symlink(folder.path().join(to), root.join(at)).expect("link");
            let error = commit(&root, &after()).expect_err(at);
            assert_eq!(error.path, fault, "{}", error.message);
            untouched(&out);
        }
    }

    #[test]
    fn links_planted_in_the_state_folder_lead_nowhere() {
        for at in ["new", "old", "journal", "journal.new", "owned", "owned.new"] {
            let (_folder, root, out) = outside();
            commit(&root, &before()).expect("commit");
            let place = root.join(STATE_FOLDER).join(at);
            let _ = fs::remove_file(&place);
            symlink(&out, &place).expect("link");
            let result = commit(&root, &after());
            untouched(&out);
            if at == "owned" {
                // Without the list nothing is known to be ours, so nothing makes way.
                assert_eq!(result.expect_err(at).path, "dev/file-to-folder/a/b");
                continue;
            }
            result.expect(at);
            commit(&root, &before()).expect(at);
            untouched(&out);
            assert_eq!(leftovers(&root), [""; 0], "{at}");
        }
    }

    #[test]
    fn orphans_behind_links_are_not_ours() {
        let (folder, root, out) = outside();
        commit(&root, &files(&[("dev/changed", "precious"), ("x", "x")])).expect("commit");
        fs::remove_dir_all(root.join("dev")).expect("remove");
        symlink(folder.path().join("out"), root.join("dev")).expect("link");
        commit(&root, &files(&[("x", "y")])).expect("commit");
        untouched(&out);
        assert!(root.join("dev").is_symlink());
    }

    #[test]
    fn a_root_that_is_a_link_is_the_users_choice() {
        let (folder, root, _) = outside();
        let link = folder.path().join("link");
        symlink(&root, &link).expect("link");
        commit(&link, &before()).expect("commit");
        assert!(root.join("dev/same").exists());
    }

    /// Root may write everywhere, so there this says nothing; the faults above do.
    #[test]
    fn folders_without_permission_are_named() {
        let (_folder, root, _) = outside();
        commit(&root, &before()).expect("commit");
        let held = tree(&root);
        let mode = |mode| fs::set_permissions(root.join("dev"), fs::Permissions::from_mode(mode));
        mode(0o555).expect("mode");
        let forbidden = fs::write(root.join("dev/probe"), "").is_err();
        let result = commit(&root, &after());
        mode(0o755).expect("mode");
        if forbidden {
            let error = result.expect_err("permission");
            assert!(error.path.starts_with("dev"), "{error}");
            assert!(error.message.contains("permission denied"), "{error}");
            assert_eq!(tree(&root), held);
        } else {
            fs::remove_file(root.join("dev/probe")).expect("probe");
        }
        commit(&root, &after()).expect("commit");
    }
}
