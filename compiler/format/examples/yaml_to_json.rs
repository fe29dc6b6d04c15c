//! Reads YAML from standard input and writes its first document as JSON; findings go to standard
//! error. For `tests/oracles/yaml_scalars.sh`.

use std::io::{Read, Write};

use platformc_format::{json, yaml};
use platformc_source::FileId;

fn main() -> std::io::Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let outcome = yaml::read(FileId(0), &text);
    for found in &outcome.diagnostics {
        writeln!(std::io::stderr(), "{}: {}", found.code.id(), found.message)?;
    }
    let out = outcome.value.first().map(|document| json::write(&document.value, true));
    std::io::stdout().write_all(out.unwrap_or_default().as_bytes())
}
