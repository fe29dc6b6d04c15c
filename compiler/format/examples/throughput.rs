//! Prints how fast the YAML reader and writer are, in MB/s, on a file or on generated documents.
//!
//! Usage: `cargo run --release -p platformc-format --example throughput [FILE]`

use std::time::{Duration, Instant};

use platformc_format::yaml;
use platformc_source::FileId;
use platformc_value::Value;

/// Applications of about fifty lines each.
fn generated() -> Vec<String> {
    (0..1000)
        .map(|at| {
            let mut text = format!(
                "apiVersion: core.oam.dev/v1beta1\nkind: Application\nmetadata:\n  name: app-{at}\n  \
                 namespace: team-{}\n  labels:\n    tier: \"{}\"\nspec:\n  components:\n",
                at % 17,
                at % 3
            );
            for component in 0..2 {
                text.push_str(&format!(
                    "    - name: web-{component}\n      type: webservice\n      properties:\n        \
                     image: registry.example.com/app-{at}:1.{component}.0\n        ports:\n          \
                     - port: {}\n            expose: true\n        cpu: \"0.5\"\n        memory: 512Mi\n        \
                     env:\n          - name: LOG_LEVEL\n            value: info\n          - name: URL\n            \
                     value: http://example.com:8080/\n      traits:\n        - type: scaler\n          \
                     properties:\n            replicas: {}\n",
                    8000 + at,
                    1 + at % 5
                ));
            }
            text
        })
        .collect()
}

#[allow(clippy::print_stdout, reason = "it is what the program does")]
fn report(what: &str, bytes: usize, times: &mut [Duration]) {
    times.sort_unstable();
    let median = times[times.len() / 2].as_secs_f64();
    println!(
        "{what}: {:.1} ms, {:.1} MB/s (median of {}, {bytes} bytes)",
        median * 1e3,
        bytes as f64 / 1e6 / median,
        times.len()
    );
}

#[allow(clippy::print_stdout, reason = "it is what the program does")]
#[allow(clippy::disallowed_methods, reason = "a program to measure, not a part of the compiler")]
fn main() -> std::io::Result<()> {
    let texts = match std::env::args().nth(1) {
        Some(path) => vec![std::fs::read_to_string(path)?],
        None => generated(),
    };
    let mut reading = Vec::new();
    let mut writing = Vec::new();
    let mut written = 0;
    let mut findings = 0;
    for _ in 0..21 {
        let start = Instant::now();
        let outcomes: Vec<_> = texts.iter().map(|text| yaml::read(FileId(0), text)).collect();
        reading.push(start.elapsed());
        findings = outcomes.iter().map(|outcome| outcome.diagnostics.len()).sum();
        let values: Vec<Value> =
            outcomes.into_iter().flat_map(|outcome| outcome.value).map(|doc| doc.value).collect();
        let start = Instant::now();
        let out = yaml::write_documents(&values);
        writing.push(start.elapsed());
        written = out.len();
    }
    let bytes = texts.iter().map(String::len).sum();
    println!("{} texts, {findings} findings", texts.len());
    report("read", bytes, &mut reading);
    report("write", written, &mut writing);
    Ok(())
}
