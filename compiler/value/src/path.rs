//! Paths into values. Printed as CUE and people write them: `spec.ports[0]."app.kubernetes.io/name"`.

use std::fmt;
use std::sync::Arc;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Into a map by key.
    Field(Arc<str>),
    /// Into a list by index, from 0.
    Index(usize),
}

/// A path from some root.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    steps: Vec<Step>,
}

impl Path {
    /// The empty path.
    #[must_use]
    pub fn root() -> Path {
        Path::default()
    }

    /// The steps in order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Goes one step down.
    pub fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Goes one step up.
    pub fn pop(&mut self) -> Option<Step> {
        self.steps.pop()
    }

    /// This path with a key appended.
    #[must_use]
    pub fn field(&self, name: impl Into<Arc<str>>) -> Path {
        let mut path = self.clone();
        path.push(Step::Field(name.into()));
        path
    }

    /// This path with an index appended.
    #[must_use]
    pub fn index(&self, index: usize) -> Path {
        let mut path = self.clone();
        path.push(Step::Index(index));
        path
    }
}

impl FromIterator<Step> for Path {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Path {
        Path { steps: steps.into_iter().collect() }
    }
}

fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '$' | '#'))
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.steps.iter().enumerate() {
            match step {
                Step::Field(name) => {
                    if at > 0 {
                        f.write_str(".")?;
                    }
                    if is_identifier(name) {
                        f.write_str(name)?;
                    } else {
                        write!(f, "{name:?}")?;
                    }
                }
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_people_write_it() {
        let path = Path::root().field("spec").field("ports").index(0).field("a.b/c");
        assert_eq!(path.to_string(), "spec.ports[0].\"a.b/c\"");
    }
}
