//! References to container images.
//!
//! Invariant: what parses here is what registries and container runtimes accept: the grammar of
//! the distribution project (`reference`), without its short forms for identifiers.

use std::fmt;

/// The longest name: registry and repository together, without tag and digest.
const MAX_NAME: usize = 255;
/// The longest tag.
const MAX_TAG: usize = 128;
/// The registry of names that give none.
const DEFAULT_REGISTRY: &str = "docker.io";
/// Where that registry keeps images that name no owner.
const DEFAULT_OWNER: &str = "library";

/// A reference to an image: `[REGISTRY[:PORT]/]PATH[:TAG][@DIGEST]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageReference<'t> {
    /// The registry, possibly with a port, where one is written.
    pub registry: Option<&'t str>,
    /// The repository in the registry.
    pub path: &'t str,
    /// The tag, where one is written.
    pub tag: Option<&'t str>,
    /// The digest, `ALGORITHM:HEX`, where one is written.
    pub digest: Option<&'t str>,
}

/// Why a text is no reference to an image, in words that follow it: `X: …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageError {
    /// What is wrong.
    pub message: String,
    /// What to write instead, where that can be told.
    pub hint: Option<String>,
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

fn error(message: impl Into<String>) -> ImageError {
    ImageError { message: message.into(), hint: None }
}

fn hinted(message: impl Into<String>, hint: impl Into<String>) -> ImageError {
    ImageError { message: message.into(), hint: Some(hint.into()) }
}

impl<'t> ImageReference<'t> {
    /// Reads a reference.
    ///
    /// # Errors
    /// The first part of the text that does not follow the grammar.
    pub fn parse(text: &'t str) -> Result<ImageReference<'t>, ImageError> {
        obvious(text)?;
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        if let Some(digest) = digest {
            check_digest(digest)?;
        }
        // A colon before the last slash belongs to a port.
        let last = rest.rfind('/').map_or(0, |at| at + 1);
        let (name, tag) = match rest.get(last..).and_then(|tail| tail.find(':')) {
            Some(at) => (&rest[..last + at], Some(&rest[last + at + 1..])),
            None => (rest, None),
        };
        if let Some(tag) = tag {
            check_tag(tag)?;
        }
        let (registry, path) = match name.split_once('/') {
            Some((first, path)) if is_registry(first) => (Some(first), path),
            _ => (None, name),
        };
        if let Some(registry) = registry {
            check_registry(registry)?;
        }
        check_path(path)?;
        if name.len() > MAX_NAME {
            return Err(error(format!("the name is longer than {MAX_NAME} characters")));
        }
        if registry.is_none() && tag.is_none() && path.len() == 64 && is_hex(path) {
            return Err(error("64 hexadecimal digits are an identifier, not a name"));
        }
        Ok(ImageReference { registry, path, tag, digest })
    }

    /// Whether both mean one image where `self` is a pattern: a digest counts only if the pattern
    /// has one, and the short forms of Docker Hub's names are the long ones.
    #[must_use]
    pub fn covers(&self, other: &ImageReference<'_>) -> bool {
        let tag = |image: &ImageReference<'_>| match (image.tag, image.digest) {
            (None, None) => Some("latest".to_owned()),
            (tag, _) => tag.map(str::to_owned),
        };
        let tags = match self.tag {
            None if self.digest.is_some() => true,
            _ => tag(self) == tag(other),
        };
        self.full_name() == other.full_name()
            && tags
            && (self.digest.is_none() || self.digest == other.digest)
    }

    /// Registry and path, as registries know them.
    fn full_name(&self) -> (&str, String) {
        let registry = match self.registry {
            None | Some("index.docker.io") => DEFAULT_REGISTRY,
            Some(registry) => registry,
        };
        if registry == DEFAULT_REGISTRY && !self.path.contains('/') {
            return (registry, format!("{DEFAULT_OWNER}/{}", self.path));
        }
        (registry, self.path.to_owned())
    }
}

/// What people paste that is no reference at all.
fn obvious(text: &str) -> Result<(), ImageError> {
    if text.is_empty() {
        return Err(error("it is empty"));
    }
    if let Some((inner, _)) = text.strip_prefix('[').and_then(|rest| rest.split_once("](")) {
        return Err(hinted("it is a link of Markdown", format!("write `{inner}`")));
    }
    if let Some((scheme, rest)) = text.split_once("://") {
        return Err(hinted(
            format!("it starts with `{scheme}://`, which references do not have"),
            format!("write `{rest}`"),
        ));
    }
    match text.chars().find(|c| !c.is_ascii_graphic()) {
        Some(' ') => Err(error("it contains a space")),
        Some(c) => Err(error(format!("it contains the character {}", c.escape_unicode()))),
        None => Ok(()),
    }
}

/// Whether the first step of a name is a registry: it has a dot or a port, or is `localhost`, or
/// has capitals, which no path can have.
fn is_registry(step: &str) -> bool {
    step.contains(['.', ':', '['])
        || step == "localhost"
        || step.bytes().any(|b| b.is_ascii_uppercase())
}

fn check_registry(text: &str) -> Result<(), ImageError> {
    let bad = |why: &str| Err(error(format!("the registry `{text}` {why}")));
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let Some((address, port)) = rest.split_once(']') else {
                return bad("opens a bracket and does not close it");
            };
            if address.is_empty() || !address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':') {
                return bad("is not an IPv6 address between its brackets");
            }
            match (port, port.strip_prefix(':')) {
                ("", _) => return Ok(()),
                (_, Some(port)) => ("ipv6", Some(port)),
                _ => return bad("has more than a port after its bracket"),
            }
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    if port.is_some_and(|port| port.is_empty() || !port.bytes().all(|b| b.is_ascii_digit())) {
        return bad("has a port that is no number");
    }
    let good = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if host.split('.').all(good) { Ok(()) } else { bad("is not the name of a host") }
}

fn check_path(path: &str) -> Result<(), ImageError> {
    if path.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(hinted(
            format!("the repository `{path}` has capital letters"),
            format!("repositories are written small: `{}`", path.to_ascii_lowercase()),
        ));
    }
    match path.split('/').find(|step| !is_step(step)) {
        None => Ok(()),
        Some("") if path.is_empty() => Err(error("the repository is missing")),
        Some("") => Err(error(format!("the repository `{path}` has an empty step"))),
        Some(step) => Err(hinted(
            format!("`{step}` cannot be a step of a repository"),
            "a step is letters and digits, joined by one `.`, one or two `_`, or any number of `-`",
        )),
    }
}

/// Runs of small letters and digits, joined by `.`, `_`, `__` or a run of `-`.
fn is_step(step: &str) -> bool {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let mut rest = step.as_bytes();
    loop {
        let run = rest.iter().take_while(|b| word(**b)).count();
        if run == 0 {
            return false;
        }
        rest = rest.get(run..).unwrap_or_default();
        if rest.is_empty() {
            return true;
        }
        let joint = rest.iter().take_while(|b| !word(**b)).count();
        let (joined, after) = rest.split_at(joint);
        let good = matches!(joined, b"." | b"_" | b"__") || joined.iter().all(|b| *b == b'-');
        if !good {
            return false;
        }
        rest = after;
    }
}

fn check_tag(tag: &str) -> Result<(), ImageError> {
    if tag.is_empty() {
        return Err(error("there is a `:` and no tag after it"));
    }
    if tag.len() > MAX_TAG {
        return Err(error(format!("the tag is longer than {MAX_TAG} characters")));
    }
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    if tag.starts_with(['.', '-']) || !tag.bytes().all(inner) {
        return Err(hinted(
            format!("`{tag}` cannot be a tag"),
            "a tag is letters, digits, `_`, `.` and `-`, and starts with none of the last two",
        ));
    }
    Ok(())
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn check_digest(digest: &str) -> Result<(), ImageError> {
    let Some((algorithm, hex)) = digest.split_once(':') else {
        return Err(hinted(
            format!("`{digest}` is not a digest"),
            "a digest is `sha256:` and 64 hexadecimal digits",
        ));
    };
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    if !algorithm.split(['+', '.', '-', '_']).all(part) {
        return Err(error(format!("`{algorithm}` cannot be the algorithm of a digest")));
    }
    let length = match algorithm {
        "sha256" => Some(64),
        "sha512" => Some(128),
        _ => None,
    };
    match length {
        Some(length) if hex.len() != length || !is_hex(hex) => Err(error(format!(
            "a digest of {algorithm} is {length} hexadecimal digits 0-9 and a-f, not {} characters",
            hex.chars().count()
        ))),
        None if hex.len() < 32 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) => {
            Err(error("a digest is at least 32 hexadecimal digits"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn references_are_those_of_registries() {
        let long = format!("a@sha256:{SHA}");
        for (text, registry, path, tag) in [
            ("nginx", None, "nginx", None),
            ("nginx:alpine", None, "nginx", Some("alpine")),
            ("library/nginx:1.27-alpine", None, "library/nginx", Some("1.27-alpine")),
            (
                "myregistry.com/order-api:v1-sha123",
                Some("myregistry.com"),
                "order-api",
                Some("v1-sha123"),
            ),
            ("localhost/a", Some("localhost"), "a", None),
            ("localhost:5000/a/b", Some("localhost:5000"), "a/b", None),
            ("Host/a", Some("Host"), "a", None),
            ("[::1]:5000/a:b", Some("[::1]:5000"), "a", Some("b")),
            ("[2001:db8::1]/a", Some("[2001:db8::1]"), "a", None),
            ("a__b/c--d/e.f/g_h", None, "a__b/c--d/e.f/g_h", None),
            ("a:_x.y-z", None, "a", Some("_x.y-z")),
            (&long, None, "a", None),
        ] {
            let found = ImageReference::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!((found.registry, found.path, found.tag), (registry, path, tag), "{text}");
        }
        let found = ImageReference::parse(&long).expect("a digest");
        assert_eq!(found.digest, Some(&*format!("sha256:{SHA}")));
    }

    #[test]
    fn what_is_no_reference_says_why() {
        for (text, why) in [
            ("", "empty"),
            ("a b", "space"),
            ("https://r.io/a", "https://"),
            ("[r.io/a:v1](https://r.io/a:v1)", "Markdown"),
            ("Nginx", "capital"),
            ("a/Nginx", "capital"),
            ("a:", "no tag"),
            ("a:.b", "tag"),
            ("a:b:c", "tag"),
            (&format!("a:{}", "x".repeat(129)), "128"),
            ("/a", "empty step"),
            ("a/", "empty step"),
            ("r.io/", "missing"),
            ("r.io//a", "empty step"),
            ("a..b", "step"),
            ("a___b", "step"),
            ("-a", "step"),
            ("a-", "step"),
            ("r.io:x/a", "port"),
            ("r.io:/a", "port"),
            ("-r.io/a", "host"),
            ("[::1/a", "bracket"),
            ("[]/a", "IPv6"),
            ("a@b", "digest"),
            ("a@sha256:0", "64"),
            (&format!("a@sha256:{}", SHA.to_uppercase()), "64"),
            ("a@:00", "algorithm"),
            ("a@x:00", "32"),
            ("\u{e4}", "\\u{e4}"),
            (SHA, "identifier"),
            (&"a/".repeat(200), "empty step"),
            (&vec!["a"; 200].join("/"), "255"),
        ] {
            let found = ImageReference::parse(text).expect_err(text);
            assert!(found.message.contains(why), "{text}: {found}");
        }
    }

    #[test]
    fn a_placeholder_covers_every_way_to_write_it() {
        let covers = |a: &str, b: &str| {
            let (a, b) = (ImageReference::parse(a), ImageReference::parse(b));
            a.expect("a reference").covers(&b.expect("a reference"))
        };
        assert!(covers("nginx:alpine", "nginx:alpine"));
        assert!(covers("nginx:alpine", "docker.io/library/nginx:alpine"));
        assert!(covers("nginx:alpine", &format!("docker.io/nginx:alpine@sha256:{SHA}")));
        assert!(covers("nginx", "nginx:latest"));
        assert!(covers(&format!("nginx@sha256:{SHA}"), &format!("nginx:alpine@sha256:{SHA}")));
        assert!(!covers("nginx:alpine", "nginx:1.27-alpine"));
        assert!(!covers("nginx:alpine", "nginx"));
        assert!(!covers("nginx:alpine", "me/nginx:alpine"));
        assert!(!covers("nginx:alpine", "r.io/nginx:alpine"));
        assert!(!covers(&format!("nginx@sha256:{SHA}"), "nginx:alpine"));
    }
}
