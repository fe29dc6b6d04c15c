//! The real surroundings of a build. Invariant: a clock that `SOURCE_DATE_EPOCH` fixes is never
//! read.

use std::path::PathBuf;
use std::sync::Arc;

use platformc_config::{Ambient, Clock, Git};

use crate::{now_seconds, repository};

/// The variable that fixes the clock: <https://reproducible-builds.org/specs/source-date-epoch/>.
const EPOCH: &str = "SOURCE_DATE_EPOCH";

/// Reads an environment variable.
pub type Variable = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Environment variables, the clock and the repository around a folder.
pub struct Surroundings {
    folder: PathBuf,
    variable: Variable,
}

impl Surroundings {
    /// Those of a workspace's folder; `variable` reads an environment variable.
    #[must_use]
    pub fn new(folder: PathBuf, variable: Variable) -> Surroundings {
        Surroundings { folder, variable }
    }
}

impl std::fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Ambient for Surroundings {
    fn variable(&self, name: &str) -> Option<String> {
        (self.variable)(name)
    }

    fn now(&self) -> Result<Clock, String> {
        match (self.variable)(EPOCH).filter(|text| !text.is_empty()) {
            None => Ok(Clock { seconds: now_seconds(), fixed: false }),
            Some(text) => match text.parse() {
                Ok(seconds) => Ok(Clock { seconds, fixed: true }),
                Err(_) => Err(format!("{EPOCH} is `{text}`, not a number of seconds")),
            },
        }
    }

    fn git(&self) -> Option<Git> {
        repository(&self.folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(epoch: Option<&'static str>) -> Result<Clock, String> {
        let variable = move |name: &str| {
            assert_eq!(name, EPOCH);
            epoch.map(str::to_owned)
        };
        Surroundings::new(PathBuf::from("."), Arc::new(variable)).now()
    }

    #[test]
    fn the_clock_can_be_fixed() {
        assert_eq!(clock(Some("1790000000")), Ok(Clock { seconds: 1_790_000_000, fixed: true }));
        assert!(clock(Some("tomorrow")).expect_err("refused").contains("tomorrow"));
        let real = clock(None).expect("a clock");
        assert!(!real.fixed && real.seconds > 1_700_000_000);
        assert_eq!(clock(Some("")).map(|clock| clock.fixed), Ok(false));
    }
}
