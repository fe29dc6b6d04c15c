//! How long it takes to check, order and write the objects of 1,000 applications.
//!
//! `cargo run --release -p platformc-emit --example emit_speed`; prints the median of 21 rounds.
//! Not a test: times are for reading, not for asserting.
#![allow(clippy::print_stdout, reason = "it prints its figures")]

use std::time::Instant;

use platformc_emit::kubernetes::{Context, resource};
use platformc_format::yaml;
use platformc_source::FileId;
use platformc_value::Value;

const OBJECTS: &str = include_str!("objects.yaml");

fn main() {
    let objects: Vec<Value> =
        yaml::read(FileId(0), OBJECTS).value.into_iter().map(|document| document.value).collect();
    let mut times = Vec::new();
    let mut bytes = 0;
    for _ in 0..21 {
        let batch: Vec<Value> = (0..1000).flat_map(|_| objects.iter().cloned()).collect();
        let mut sink = Vec::new();
        let context = Context { cluster: "eu", app: "shop", namespace: "shop", wave: 0 };
        let start = Instant::now();
        bytes = 0;
        for object in batch {
            bytes += resource(object, &context, &mut sink).map_or(0, |(_, a)| a.bytes.len());
        }
        times.push(start.elapsed());
        assert!(sink.is_empty(), "{sink:?}");
    }
    times.sort_unstable();
    let median = times.get(times.len() / 2).map_or(0.0, |t| t.as_secs_f64() * 1000.0);
    println!("{} objects, {bytes} bytes: median {median:.1} ms", objects.len() * 1000);
}
