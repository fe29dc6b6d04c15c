//! `env`, `now` and `git` in references.
//!
//! Invariant: nothing is read that `platform.toml` does not declare; whatever is read is recorded
//! with the hash of its value, never with the value.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use platformc_format::json;
use platformc_source::{Diagnostic, Span, codes, nearest};
use platformc_value::{Number, Path, Step, Value};
use sha2::{Digest, Sha256};

use crate::calendar::Moment;
use crate::{Ambience, INPUT_ROOTS};

/// The fields of `now`.
const NOW: [&str; 5] = ["date", "time", "timestamp", "unix", "year"];
/// The fields of `git`.
const GIT: [&str; 2] = ["branch", "commit"];

/// What `platform.toml` lets a build take from its surroundings.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// Environment variables, each with the place that declares it.
    pub env: Vec<(Arc<str>, Span)>,
    /// Whether the clock may be read.
    pub now: bool,
    /// Whether the repository may be looked at.
    pub git: bool,
}

/// What sort of thing was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReadKind {
    /// A value of the configuration, by its path.
    Config,
    /// Something of the surroundings.
    Environment,
    /// A layer or a schema.
    File,
    /// A setting of the command line, by its path.
    Set,
}

impl ReadKind {
    /// The word for it in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ReadKind::Config => "config",
            ReadKind::Environment => "environment",
            ReadKind::File => "file",
            ReadKind::Set => "set",
        }
    }
}

/// Something that was read, for the record of a build.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Read {
    /// What it is.
    pub kind: ReadKind,
    /// `env.HOME`, `now`, `git.commit`; the path of a file; the path of a setting.
    pub name: String,
    /// SHA-256 of its value; `None` where there was nothing.
    pub sha256: Option<[u8; 32]>,
}

/// What was read, by kind and name, with the SHA-256 of its value.
type Reads = BTreeMap<(ReadKind, String), Option<[u8; 32]>>;

/// The inputs of one environment.
#[derive(Debug)]
pub struct Inputs {
    ambience: Ambience,
    declared: Declared,
    locked: bool,
    reads: Mutex<Reads>,
}

/// Why an input has no value.
pub(crate) enum Fault {
    /// There is none in these surroundings; a default may stand in for it.
    Absent(Box<Diagnostic>),
    /// It may not be read.
    Refused(Box<Diagnostic>),
}

impl Fault {
    fn absent(diagnostic: Diagnostic) -> Fault {
        Fault::Absent(Box::new(diagnostic))
    }

    fn refused(diagnostic: Diagnostic) -> Fault {
        Fault::Refused(Box::new(diagnostic))
    }
}

impl Inputs {
    /// Inputs that ask `ambience` for what is declared; `locked` refuses a clock that is not fixed.
    #[must_use]
    pub fn new(ambience: Ambience, declared: Declared, locked: bool) -> Inputs {
        Inputs { ambience, declared, locked, reads: Mutex::default() }
    }

    /// The same inputs with a record of their own, for one document.
    #[must_use]
    pub fn scoped(&self) -> Inputs {
        Inputs::new(self.ambience.clone(), self.declared.clone(), self.locked)
    }

    /// Records that something was read.
    pub fn record(&self, kind: ReadKind, name: impl Into<String>, value: Option<&[u8]>) {
        let sha256 = value.map(|bytes| Sha256::digest(bytes).into());
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        reads.insert((kind, name.into()), sha256);
    }

    /// Records that a document read a value of the configuration, which is the same each time.
    pub(crate) fn record_config(&self, path: &Path, value: &Value) {
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        let digest = || Some(Sha256::digest(json::write(value, false)).into());
        reads.entry((ReadKind::Config, path.to_string())).or_insert_with(digest);
    }

    /// What was read so far, in order of kinds and names.
    #[must_use]
    pub fn reads(&self) -> Vec<Read> {
        let reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        let all = reads.iter();
        all.map(|((kind, name), sha256)| Read { kind: *kind, name: name.clone(), sha256: *sha256 })
            .collect()
    }

    /// An environment variable that is declared; read and recorded.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<String> {
        let value = self.ambience.variable(name);
        self.record(
            ReadKind::Environment,
            format!("env.{name}"),
            value.as_deref().map(str::as_bytes),
        );
        value
    }

    /// The value of a path that begins with one of [`INPUT_ROOTS`].
    pub(crate) fn get(&self, path: &Path, span: Span) -> Result<Value, Fault> {
        let (root, field) = match path.steps() {
            [Step::Field(root), Step::Field(field)] => (&**root, &**field),
            _ => return Err(Fault::refused(not_a_field(path, span))),
        };
        match root {
            "env" => self.env(field, span),
            "now" => self.now(field, path, span),
            _ => self.git(field, path, span),
        }
    }

    fn env(&self, name: &str, span: Span) -> Result<Value, Fault> {
        if !self.declared.env.iter().any(|(known, _)| &**known == name) {
            return Err(Fault::refused(self.undeclared_variable(name, span)));
        }
        self.variable(name).map(Value::string).ok_or_else(|| {
            let message = format!("the environment variable `{name}` is not set");
            Fault::absent(
                Diagnostic::new(codes::CONFIG_UNDEFINED_INPUT, span, message)
                    .note(format!("set it, or give a default: {{{{env.{name} ?? \"…\"}}}}")),
            )
        })
    }

    fn undeclared_variable(&self, name: &str, span: Span) -> Diagnostic {
        let message = format!("the environment variable `{name}` is not declared as an input");
        let diagnostic = Diagnostic::new(codes::CONFIG_UNDECLARED_INPUT, span, message);
        let known = self.declared.env.iter().map(|(name, _)| &**name);
        if let Some(best) = nearest(name, known).first() {
            return diagnostic.primary_label(format!("did you mean `env.{best}`?"));
        }
        match self.declared.env.last() {
            Some((_, last)) if !last.is_none() => {
                let behind = Span { start: last.end, ..*last };
                let text = format!(", {}", platformc_format::json::quote(name));
                diagnostic.label(*last, "declared are this and those before it").replace(
                    behind,
                    text,
                    format!("declare `{name}`"),
                )
            }
            _ => {
                diagnostic.note(format!("declare it in platform.toml: [inputs] env = [\"{name}\"]"))
            }
        }
    }

    fn now(&self, field: &str, path: &Path, span: Span) -> Result<Value, Fault> {
        if !NOW.contains(&field) {
            return Err(Fault::refused(not_a_field(path, span)));
        }
        if !self.declared.now {
            return Err(Fault::refused(undeclared("now", "the clock", span)));
        }
        let clock = self.ambience.now().map_err(|why| {
            let message = format!("there is no time for `{path}`: {why}");
            Fault::refused(Diagnostic::new(codes::CONFIG_UNDEFINED_INPUT, span, message))
        })?;
        if self.locked && !clock.fixed {
            let message = format!("`{path}` changes from run to run, and this one is locked");
            return Err(Fault::refused(Diagnostic::new(codes::CONFIG_LOCKED, span, message).note(
                "set SOURCE_DATE_EPOCH to the seconds of a fixed time, for example of \
                           the last commit: `git log -1 --format=%ct`",
            )));
        }
        self.record(ReadKind::Environment, "now", Some(clock.seconds.to_string().as_bytes()));
        let moment = Moment::of(clock.seconds);
        let number = |n: u64| {
            Value::new(
                platformc_value::Data::Number(Number::Int(i64::try_from(n).unwrap_or(i64::MAX))),
                platformc_source::Origin::NONE,
            )
        };
        Ok(match field {
            "date" => Value::string(moment.date()),
            "time" => Value::string(moment.time()),
            "timestamp" => Value::string(moment.timestamp()),
            "unix" => number(clock.seconds),
            _ => number(moment.year),
        })
    }

    fn git(&self, field: &str, path: &Path, span: Span) -> Result<Value, Fault> {
        if !GIT.contains(&field) {
            return Err(Fault::refused(not_a_field(path, span)));
        }
        if !self.declared.git {
            return Err(Fault::refused(undeclared("git", "the repository", span)));
        }
        let git = self.ambience.git();
        let found = git.and_then(|git| match field {
            "branch" => git.branch.clone(),
            _ => git.commit.clone(),
        });
        self.record(ReadKind::Environment, path.to_string(), found.as_deref().map(str::as_bytes));
        found.map(Value::string).ok_or_else(|| {
            let why = match (git, field) {
                (None, _) => "the workspace lies in no git repository",
                (_, "branch") => "no branch is checked out, only a commit, as CI systems do",
                _ => "the repository has no commit yet",
            };
            Fault::absent(
                Diagnostic::new(
                    codes::CONFIG_UNDEFINED_INPUT,
                    span,
                    format!("`{path}` has no value: {why}"),
                )
                .note(format!("a default helps: {{{{{path} ?? \"…\"}}}}, or another input")),
            )
        })
    }
}

fn undeclared(root: &str, what: &str, span: Span) -> Diagnostic {
    let message = format!("`{root}` is not declared as an input");
    Diagnostic::new(codes::CONFIG_UNDECLARED_INPUT, span, message)
        .note(format!("{what} is only looked at with [inputs] {root} = true in platform.toml"))
}

/// `now.dat`, `env`, `git.branch.name`.
fn not_a_field(path: &Path, span: Span) -> Diagnostic {
    let root = crate::template::root_of(path);
    let known: &[&str] = match root {
        "now" => &NOW,
        "git" => &GIT,
        _ => &[],
    };
    let message = format!("`{path}` is no input");
    let diagnostic = Diagnostic::new(codes::CONFIG_UNKNOWN_PATH, span, message);
    let field = match path.steps() {
        [_, Step::Field(field)] => &**field,
        _ => "",
    };
    if let Some(best) = nearest(field, known.iter().copied()).first() {
        return diagnostic.primary_label(format!("did you mean `{root}.{best}`?"));
    }
    if known.is_empty() {
        return diagnostic.note("a variable is written {{env.NAME}}");
    }
    let names: Vec<String> = known.iter().map(|name| format!("`{root}.{name}`")).collect();
    diagnostic.note(format!("there are {}", names.join(", ")))
}

/// Whether a path leads into the surroundings.
pub(crate) fn is_input(path: &Path) -> bool {
    INPUT_ROOTS.contains(&crate::template::root_of(path))
}
