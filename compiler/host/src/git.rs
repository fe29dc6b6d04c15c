//! The branch and commit of a repository, read from its files without running git.
//!
//! Invariant: every file is read up to a limit, links between files are followed a few times, and
//! what is not understood is as good as no repository: nothing here fails.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use platformc_config::Git;

/// The largest `HEAD`, `.git` or loose reference that is read, in bytes.
const SMALL: u64 = 4 << 10;
/// The largest list of packed references that is read, in bytes.
const PACKED: u64 = 64 << 20;
/// References may point to references so many times.
const MOST_LINKS: usize = 8;

/// The repository that a folder lies in; `None` where there is none, or one in a form that is not
/// known.
#[must_use]
pub fn repository(folder: &Path) -> Option<Git> {
    let folder = fs::canonicalize(folder).ok()?;
    let git = folder.ancestors().find_map(git_folder)?;
    let common = match text(&git.join("commondir"), SMALL) {
        Some(path) => git.join(path.trim_end()),
        None => git.clone(),
    };
    let mut reference = text(&git.join("HEAD"), SMALL)?.trim_end().to_owned();
    let mut branch = None;
    for _ in 0..MOST_LINKS {
        let Some(name) = reference.strip_prefix("ref:").map(str::trim) else {
            return is_commit(&reference).then_some(Git { branch, commit: Some(reference) });
        };
        // Repositories that keep references in tables write a name that cannot be.
        if name == "refs/heads/.invalid" || !platformc_source::is_relative(name) {
            return None;
        }
        if branch.is_none() {
            branch = name.strip_prefix("refs/heads/").map(str::to_owned);
        }
        let loose = [&git, &common].into_iter().find_map(|root| text(&root.join(name), SMALL));
        match loose {
            Some(found) => reference = found.trim_end().to_owned(),
            None => return Some(Git { branch, commit: packed(&common, name) }),
        }
    }
    None
}

/// The folder of a repository's data, if `folder` is the root of its working tree.
fn git_folder(folder: &Path) -> Option<PathBuf> {
    let entry = folder.join(".git");
    if entry.is_dir() {
        return entry.join("HEAD").is_file().then_some(entry);
    }
    // Worktrees and submodules have a file that says where their data lies.
    let pointer = text(&entry, SMALL)?;
    let target = pointer.strip_prefix("gitdir:")?.trim();
    Some(folder.join(target))
}

/// The commit of a reference in the list of packed ones.
fn packed(common: &Path, name: &str) -> Option<String> {
    let list = text(&common.join("packed-refs"), PACKED)?;
    list.lines().filter_map(|line| line.split_once(' ')).find_map(|(commit, other)| {
        (other.trim_end() == name && is_commit(commit)).then(|| commit.to_owned())
    })
}

/// Whether a text is the hash of a commit, SHA-1 or SHA-256.
fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The text of a regular file that is no larger than `limit`.
fn text(path: &Path, limit: u64) -> Option<String> {
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.take(limit + 1).read_to_end(&mut bytes).ok()?;
    if bytes.len() as u64 > limit {
        return None;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "0123456789abcdef0123456789abcdef01234567";

    fn write(root: &Path, path: &str, text: &str) {
        let target = root.join(path);
        fs::create_dir_all(target.parent().expect("a parent")).expect("folders");
        fs::write(target, text).expect("written");
    }

    fn found(branch: Option<&str>, commit: Option<&str>) -> Option<Git> {
        Some(Git { branch: branch.map(str::to_owned), commit: commit.map(str::to_owned) })
    }

    #[test]
    fn loose_packed_detached_and_unborn() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path();
        write(root, "deep/er/x", "");
        assert_eq!(repository(&root.join("deep/er")), None);
        write(root, ".git/HEAD", "ref: refs/heads/team/main\n");
        assert_eq!(repository(&root.join("deep/er")), found(Some("team/main"), None));
        let packed = format!("# pack-refs with: peeled\n{A} refs/heads/team/main\n^{A}\n");
        write(root, ".git/packed-refs", &packed);
        assert_eq!(repository(root), found(Some("team/main"), Some(A)));
        let b = A.replace('0', "f");
        write(root, ".git/refs/heads/team/main", &format!("{b}\n"));
        assert_eq!(repository(root), found(Some("team/main"), Some(&b)));
        write(root, ".git/HEAD", &format!("{A}\n"));
        assert_eq!(repository(root), found(None, Some(A)));
    }

    #[test]
    fn worktrees_share_the_references() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path();
        write(root, "main/.git/HEAD", "ref: refs/heads/main\n");
        write(root, "main/.git/packed-refs", &format!("{A} refs/heads/side\n"));
        write(root, "main/.git/worktrees/side/HEAD", "ref: refs/heads/side\n");
        write(root, "main/.git/worktrees/side/commondir", "../..\n");
        write(root, "side/.git", "gitdir: ../main/.git/worktrees/side\n");
        assert_eq!(repository(&root.join("side")), found(Some("side"), Some(A)));
    }

    #[test]
    fn what_is_not_understood_is_no_repository() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path();
        for head in [
            "ref: refs/heads/.invalid\n",
            "ref: ../../secret\n",
            "ref: /etc/passwd\n",
            "not a commit\n",
            "",
            &"a".repeat(5000),
        ] {
            write(root, ".git/HEAD", head);
            assert_eq!(repository(root), None, "{head}");
        }
        write(root, ".git/HEAD", "ref: refs/heads/a\n");
        write(root, ".git/refs/heads/a", "ref: refs/heads/a\n");
        assert_eq!(repository(root), None);
    }
}
