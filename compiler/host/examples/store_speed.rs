//! How long a commit takes beside a program that only writes the same files.
//!
//! `cargo run --release -p platformc-host --example store_speed -- [FILES] [FOLDER]`; prints the
//! median of nine rounds for each case. Not a test: times are for reading, not for asserting.
#![allow(clippy::disallowed_methods, reason = "it measures the disk")]
#![allow(clippy::print_stdout, reason = "it prints its figures")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use platformc_host::DiskStore;
use platformc_source::Store;

type Files = Vec<(String, Vec<u8>)>;

/// Three resources an application, about 800 bytes each.
fn files(count: usize, mark: &str) -> Files {
    let kinds = ["deployment.apps", "service", "ingress.networking.k8s.io"];
    let mut files: Files = (0..count)
        .map(|n| {
            let (app, kind) = (n / 3, kinds[n % 3]);
            let path = format!("prod/kubernetes/main/app-{app:05}/{kind}-app-{app:05}.yaml");
            let line = format!("{mark}: application {app} of kind {kind}\n");
            (path, line.repeat(18).into_bytes())
        })
        .collect();
    files.sort();
    files
}

/// What a program does that thinks no further.
fn plain(root: &Path, files: &Files) -> io::Result<()> {
    let mut last = PathBuf::new();
    for (path, bytes) in files {
        let path = root.join(path);
        if let Some(folder) = path.parent().filter(|folder| *folder != last) {
            fs::create_dir_all(folder)?;
            last = folder.to_owned();
        }
        fs::write(&path, bytes)?;
    }
    Ok(())
}

fn commit(root: &Path, files: &Files) -> io::Result<()> {
    DiskStore::new(root).commit(files).map_err(io::Error::other)
}

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let count = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(3000);
    let folder = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let work = folder.join(format!("store-speed-{}", std::process::id()));
    let (a, b) = (files(count, "a"), files(count, "b"));
    let mut few = a.clone();
    for (_, bytes) in few.iter_mut().step_by(100) {
        bytes.extend_from_slice(b"more");
    }
    let mut times: Vec<(&str, Vec<Duration>)> = Vec::new();
    for _ in 0..9 {
        let mut row = Vec::new();
        let mut time = |name, work: &mut dyn FnMut() -> io::Result<()>| -> io::Result<()> {
            // What earlier steps left to be written must not be charged to this one.
            let _ = std::process::Command::new("sync").status();
            let start = Instant::now();
            work()?;
            row.push((name, start.elapsed()));
            Ok(())
        };
        let (p, s) = (work.join("plain"), work.join("store"));
        fs::create_dir_all(&work)?;
        time("plain, empty folder", &mut || plain(&p, &a))?;
        time("store, empty folder", &mut || commit(&s, &a))?;
        time("plain, all changed", &mut || plain(&p, &b))?;
        time("store, all changed", &mut || commit(&s, &b))?;
        plain(&p, &a)?;
        commit(&s, &a)?;
        time("store, nothing changed", &mut || commit(&s, &a))?;
        time("store, one in a hundred changed", &mut || commit(&s, &few))?;
        time("store, verify", &mut || {
            DiskStore::new(&s).verify(&few).map(|_| ()).map_err(io::Error::other)
        })?;
        fs::remove_dir_all(&work)?;
        for (at, (name, elapsed)) in row.into_iter().enumerate() {
            match times.get_mut(at) {
                Some((_, list)) => list.push(elapsed),
                None => times.push((name, vec![elapsed])),
            }
        }
    }
    println!("{count} files");
    for (name, mut list) in times {
        list.sort();
        let ms = |at: usize| list.get(at).map_or(0.0, |t| t.as_secs_f64() * 1000.0);
        println!("{name:34} median {:8.1} ms, best {:8.1} ms", ms(list.len() / 2), ms(0));
    }
    Ok(())
}
