//! The engine that runs a stack and what its version can do.
//!
//! Invariant: a capability is listed with the first version of each engine that has it, or as one
//! that an engine does not have at all.

use std::fmt;

use platformc_source::Origin;

use super::Name;

/// Which engine.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EngineKind {
    /// HashiCorp Terraform.
    Terraform,
    /// OpenTofu.
    OpenTofu,
}

impl EngineKind {
    /// The engine's name for people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            EngineKind::Terraform => "Terraform",
            EngineKind::OpenTofu => "OpenTofu",
        }
    }

    /// The engine of the word that manifests use: `terraform`, `opentofu`.
    #[must_use]
    pub fn of(word: &str) -> Option<EngineKind> {
        match word {
            "terraform" => Some(EngineKind::Terraform),
            "opentofu" => Some(EngineKind::OpenTofu),
            _ => None,
        }
    }

    /// The file that version managers (tenv, tfenv, tofuenv) read the version from.
    #[must_use]
    pub fn version_file(self) -> &'static str {
        match self {
            EngineKind::Terraform => ".terraform-version",
            EngineKind::OpenTofu => ".opentofu-version",
        }
    }

    /// The command.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            EngineKind::Terraform => "terraform",
            EngineKind::OpenTofu => "tofu",
        }
    }
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A version of an engine: three numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Version {
    /// The 1 of 1.11.4.
    pub major: u32,
    /// The 11 of 1.11.4.
    pub minor: u32,
    /// The 4 of 1.11.4.
    pub patch: u32,
}

impl Version {
    /// Reads `1.11.4`; nothing else, since version managers install exactly what is written.
    #[must_use]
    pub fn parse(text: &str) -> Option<Version> {
        let mut parts = text.split('.').map(|part| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            let canonical = part == "0" || !part.starts_with('0');
            (digits && canonical).then(|| part.parse::<u32>().ok()).flatten()
        });
        let version =
            Version { major: parts.next()??, minor: parts.next()??, patch: parts.next()?? };
        parts.next().is_none().then_some(version)
    }

    /// Version `1.<minor>.0`.
    #[must_use]
    pub const fn minor(minor: u32) -> Version {
        Version { major: 1, minor, patch: 0 }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// An engine at a version, as declared.
#[derive(Clone, Debug)]
pub struct Engine {
    /// Which one.
    pub kind: EngineKind,
    /// Its version.
    pub version: Version,
    /// Where the version was written.
    pub origin: Origin,
}

impl Engine {
    /// An engine from the words of a manifest.
    #[must_use]
    pub fn parse(kind: &str, version: &Name) -> Option<Engine> {
        let (kind, version, origin) =
            (EngineKind::of(kind)?, Version::parse(version)?, version.origin);
        Some(Engine { kind, version, origin })
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.version)
    }
}
