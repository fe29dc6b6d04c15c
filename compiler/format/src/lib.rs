//! YAML, JSON and TOML readers with spans; byte-stable writers
