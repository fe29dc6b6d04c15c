//! What surrounds a build: environment variables, clock, repository.
//!
//! Invariant: an [`Ambience`] asks the world once for each thing; whoever asks again, on whatever
//! thread, gets the same answer.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A reading of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Seconds since 1970-01-01 00:00:00 UTC.
    pub seconds: u64,
    /// Whether the reading was given from outside and is the same in every run.
    pub fixed: bool,
}

/// The state of the repository that the workspace lies in.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Git {
    /// The branch that is checked out; `None` on a detached commit.
    pub branch: Option<String>,
    /// The commit that is checked out, in hexadecimal; `None` before the first one.
    pub commit: Option<String>,
}

/// The world around a build, as the configuration sees it.
pub trait Ambient: Send + Sync {
    /// An environment variable; `None` where it is not set.
    fn variable(&self, name: &str) -> Option<String>;

    /// The clock.
    ///
    /// # Errors
    /// Why there is no reading, in one line: a fixed clock that is no number.
    fn now(&self) -> Result<Clock, String>;

    /// The repository around the workspace; `None` where there is none.
    fn git(&self) -> Option<Git>;
}

/// A world with nothing in it: no variable, no clock, no repository.
#[derive(Debug)]
struct Nothing;

impl Ambient for Nothing {
    fn variable(&self, _name: &str) -> Option<String> {
        None
    }

    fn now(&self) -> Result<Clock, String> {
        Err("this run has no clock".to_owned())
    }

    fn git(&self) -> Option<Git> {
        None
    }
}

struct Shared {
    ambient: Box<dyn Ambient>,
    variables: Mutex<BTreeMap<String, Option<String>>>,
    clock: OnceLock<Result<Clock, String>>,
    git: OnceLock<Option<Git>>,
}

/// The surroundings of one build. A clone shares the answers.
#[derive(Clone)]
pub struct Ambience(Arc<Shared>);

impl Ambience {
    /// Surroundings that ask `ambient`, for each thing once.
    #[must_use]
    pub fn new(ambient: impl Ambient + 'static) -> Ambience {
        Ambience(Arc::new(Shared {
            ambient: Box::new(ambient),
            variables: Mutex::default(),
            clock: OnceLock::new(),
            git: OnceLock::new(),
        }))
    }

    /// An environment variable.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<String> {
        let mut known = self.0.variables.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = known.get(name) {
            return answer.clone();
        }
        let answer = self.0.ambient.variable(name);
        known.insert(name.to_owned(), answer.clone());
        answer
    }

    /// The clock.
    ///
    /// # Errors
    /// As [`Ambient::now`].
    pub fn now(&self) -> Result<Clock, String> {
        self.0.clock.get_or_init(|| self.0.ambient.now()).clone()
    }

    /// The repository.
    #[must_use]
    pub fn git(&self) -> Option<&Git> {
        self.0.git.get_or_init(|| self.0.ambient.git()).as_ref()
    }
}

/// No variable, no clock, no repository.
impl Default for Ambience {
    fn default() -> Ambience {
        Ambience::new(Nothing)
    }
}

impl fmt::Debug for Ambience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What variables hold is nobody's business.
        f.write_str("Ambience")
    }
}
