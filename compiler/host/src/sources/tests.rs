//! Against a real folder with everything hostile in it.

use super::*;

fn other(result: Result<impl std::fmt::Debug, ReadError>, part: &str) {
    match result {
        Err(ReadError::Other(message)) => assert!(message.contains(part), "{message}"),
        result => panic!("{result:?}"),
    }
}

#[test]
fn reads_and_lists() {
    let folder = tempfile::tempdir().expect("folder");
    let root = folder.path();
    fs::create_dir_all(root.join("a/b")).expect("folders");
    for (path, text) in [("z", "1"), ("a-b", "2"), ("a/b/c.yaml", "3"), ("Ä", "4")] {
        fs::write(root.join(path), text).expect("file");
    }
    let sources = DiskSources::new(root).expect("root");
    let list = |folder| -> Vec<String> {
        let entries = sources.list(folder).expect("folder");
        entries.into_iter().map(|e| format!("{}:{:?}", e.path, e.kind)).collect()
    };
    assert_eq!(list(""), ["a:Folder", "a-b:File", "z:File", "Ä:File"]);
    assert_eq!(list("a"), ["a/b:Folder"]);
    assert_eq!(&*sources.read("a/b/c.yaml").expect("file"), b"3");
    assert_eq!(sources.stamp("a/b/c.yaml").expect("stamp").length, 1);
    assert_eq!(sources.read("a/no"), Err(ReadError::NotFound));
    assert_eq!(sources.read("no/no"), Err(ReadError::NotFound));
    assert_eq!(sources.list("no"), Err(ReadError::NotFound));
    other(sources.read("z/x"), "not a folder");
    other(sources.list("z"), "not a folder");
    other(sources.read("a"), "is a folder");
    for path in ["../x", "/etc/hostname", "a/../z", "./z", "", "a//b", "a\0", "a/"] {
        assert_eq!(sources.read(path), Err(ReadError::Outside), "{path:?}");
        if !path.is_empty() {
            assert_eq!(sources.list(path), Err(ReadError::Outside), "{path:?}");
        }
    }
}

#[test]
fn files_beyond_the_limit_are_refused() {
    let folder = tempfile::tempdir().expect("folder");
    fs::write(folder.path().join("four"), "1234").expect("file");
    fs::write(folder.path().join("five"), "12345").expect("file");
    let sources = DiskSources::new(folder.path()).expect("root").with_limit(4);
    assert_eq!(sources.read("four").expect("fits").len(), 4);
    assert_eq!(sources.read("five"), Err(ReadError::TooLarge(4)));
}

#[test]
fn the_root_has_to_be_a_folder() {
    let folder = tempfile::tempdir().expect("folder");
    fs::write(folder.path().join("file"), "").expect("file");
    assert!(DiskSources::new(&folder.path().join("file")).is_err());
    assert!(DiskSources::new(&folder.path().join("none")).is_err());
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_stay_inside() {
        let folder = tempfile::tempdir().expect("folder");
        let root = folder.path().join("root");
        fs::create_dir_all(root.join("in")).expect("folders");
        fs::write(folder.path().join("secret"), "s").expect("file");
        fs::write(root.join("in/x"), "x").expect("file");
        let link = |to: &str, at: &str| symlink(to, root.join(at)).expect("link");
        link("in/x", "good");
        link("in", "folder");
        link("../secret", "bad");
        link("..", "up");
        link("/etc/hostname", "absolute");
        link("loop", "loop");
        link("nowhere", "dangling");
        let sources = DiskSources::new(&root).expect("root");
        assert_eq!(&*sources.read("good").expect("inside"), b"x");
        assert_eq!(&*sources.read("folder/x").expect("inside"), b"x");
        assert_eq!(sources.read("bad"), Err(ReadError::Outside));
        assert_eq!(sources.read("up/secret"), Err(ReadError::Outside));
        assert_eq!(sources.list("up"), Err(ReadError::Outside));
        assert_eq!(sources.read("absolute"), Err(ReadError::Outside));
        assert!(matches!(sources.read("loop"), Err(ReadError::Other(_))));
        assert_eq!(sources.read("dangling"), Err(ReadError::NotFound));
        assert_eq!(sources.list("").expect("root").len(), 8);
    }

    #[test]
    fn folders_that_lead_back_are_refused() {
        let folder = tempfile::tempdir().expect("folder");
        let root = folder.path();
        fs::create_dir_all(root.join("a")).expect("folder");
        fs::create_dir_all(root.join("b")).expect("folder");
        symlink(".", root.join("self")).expect("link");
        symlink("../b", root.join("a/x")).expect("link");
        symlink("../a", root.join("b/y")).expect("link");
        let sources = DiskSources::new(root).expect("root");
        other(sources.list("self"), "leads back");
        assert_eq!(sources.list("a/x").expect("no loop yet").len(), 1);
        other(sources.list("a/x/y"), "leads back");
    }

    #[test]
    fn a_pipe_does_not_hang() {
        let folder = tempfile::tempdir().expect("folder");
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.is_ok_and(|status| status.success()), "mkfifo is part of every Unix");
        let sources = DiskSources::new(folder.path()).expect("root");
        other(sources.read("pipe"), "not a regular file");
        assert_eq!(sources.list("").expect("root")[0].kind, EntryKind::File);
    }

    #[test]
    fn names_that_are_not_text_stay_visible() {
        use std::os::unix::ffi::OsStrExt;
        let folder = tempfile::tempdir().expect("folder");
        let name = std::ffi::OsStr::from_bytes(b"a\xff.yaml");
        fs::write(folder.path().join(name), "").expect("file");
        let sources = DiskSources::new(folder.path()).expect("root");
        let entries = sources.list("").expect("root");
        assert_eq!(entries[0].path, "a\u{FFFD}.yaml");
        assert_eq!(sources.read(&entries[0].path), Err(ReadError::NotFound));
    }
}
