//! Layers. Invariant: a layer's value is a map; the order of kinds is the order of precedence,
//! highest first.

use std::fmt;
use std::sync::Arc;

use platformc_value::Value;

/// What a layer is for. Earlier kinds win over later ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LayerKind {
    /// `--set` on the command line.
    Runtime,
    /// Environment variables that `platform.toml` lets set a path.
    Variable,
    /// `config.ENV.*`
    Environment,
    /// `config.infra.*`
    Infrastructure,
    /// `config.user.*`
    User,
    /// `config.defaults.*`
    Defaults,
    /// Defaults of `config.schema.*`
    Schema,
}

impl LayerKind {
    /// What people call it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            LayerKind::Runtime => "command line",
            LayerKind::Variable => "environment variable",
            LayerKind::Environment => "environment",
            LayerKind::Infrastructure => "infrastructure",
            LayerKind::User => "user",
            LayerKind::Defaults => "defaults",
            LayerKind::Schema => "schema",
        }
    }
}

impl fmt::Display for LayerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One layer.
#[derive(Clone, Debug)]
pub struct Layer {
    /// What it is for.
    pub kind: LayerKind,
    /// Its file, or what else it came from.
    pub name: Arc<str>,
    /// What it sets: a map.
    pub value: Value,
}
