//! Parses the files named on the command line and prints faults and MB/s.
//!
//! `cargo run --release -p platformc-cue-syntax --example throughput -- a.cue b.cue`

#![allow(clippy::disallowed_methods, reason = "a measuring program, not part of the compiler")]
#![allow(clippy::print_stdout, reason = "its output is for people")]

use std::time::Instant;

use platformc_cue_syntax::parse;
use platformc_source::SourceMap;

fn main() {
    let map = SourceMap::new();
    let mut texts = Vec::new();
    for path in std::env::args().skip(1) {
        match std::fs::read_to_string(&path) {
            Ok(text) => texts.push((map.add(&path, text.as_str()), text)),
            Err(error) => println!("{path}: {error}"),
        }
    }
    let mut faulty = 0usize;
    for (id, text) in &texts {
        let outcome = parse(*id, text);
        faulty += usize::from(!outcome.diagnostics.is_empty());
        for found in outcome.diagnostics.iter().take(3) {
            let span = found.primary.span;
            let place = map.get(span.file).map(|file| file.line_column(span.start));
            let (line, column) = place.map_or((0, 0), |place| (place.line, place.column));
            println!("{}:{line}:{column}: {}", map.path(span), found.message);
        }
    }
    let bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
    let rounds = (200_000_000 / bytes.max(1)).clamp(1, 2_000);
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        for _ in 0..rounds.div_ceil(5) {
            for (id, text) in &texts {
                std::hint::black_box(parse(*id, text));
            }
        }
        best = best.min(start.elapsed().as_secs_f64() / rounds.div_ceil(5) as f64);
    }
    let speed = bytes as f64 / best / 1e6;
    println!("{} files, {faulty} with faults, {bytes} bytes, {speed:.1} MB/s", texts.len());
}
