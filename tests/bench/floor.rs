//! The floor of a build: `floor IN OUT [TO]` reads every file below `IN`, and every file below `OUT` as
//! bytes once into memory, then writes the latter to `TO` if given. It checks and renders nothing:
//! a compiler that reads the same files and writes the same files cannot be faster than this.
//!
//! It prints the time of each part: reading the input, and writing the output, in milliseconds.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a program that measures")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, output, to @ ..] = arguments.as_slice() else {
        return Err(io::Error::other("usage: floor IN OUT [TO]"));
    };
    let expected: Vec<(PathBuf, Vec<u8>)> = platformc_tests::files_below(Path::new(output), "")?
        .into_iter()
        .map(|path| {
            Ok((
                path.strip_prefix(output).map_err(io::Error::other)?.to_path_buf(),
                fs::read(&path)?,
            ))
        })
        .collect::<io::Result<_>>()?;
    let start = Instant::now();
    let mut bytes = 0;
    for path in platformc_tests::files_below(Path::new(input), "")? {
        bytes += fs::read(path)?.len();
    }
    let read = start.elapsed();
    println!("read    {:8.1} ms  {bytes} bytes", read.as_secs_f64() * 1e3);
    if let Some(to) = to.first() {
        let start = Instant::now();
        let mut made = std::collections::BTreeSet::new();
        for (name, text) in &expected {
            let target = Path::new(to).join(name);
            if let Some(parent) = target.parent()
                && made.insert(parent.to_path_buf())
            {
                fs::create_dir_all(parent)?;
            }
            fs::write(target, text)?;
        }
        let written = start.elapsed();
        println!("write   {:8.1} ms  {} files", written.as_secs_f64() * 1e3, expected.len());
    }
    Ok(())
}
