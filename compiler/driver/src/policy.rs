//! Policies of a run: what it must not contain though it is no error.
//!
//! Invariant: a denied finding is shown as an error that says which policy denies it; what is an
//! error anyway stays one and is never counted as a denial.

use platformc_source::{Code, Diagnostic, Severity, codes, nearest};

/// The name that stands for every warning.
const WARNINGS: &str = "warnings";

/// What is denied.
#[derive(Clone, Debug, Default)]
pub struct Deny {
    /// The names as given, each with its codes.
    rules: Vec<(String, Vec<Code>)>,
    warnings: bool,
}

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is nothing against it.
    Passed,
    /// The input is sound; a policy denies something in it.
    Denied,
    /// The input has errors.
    Failed,
}

impl Deny {
    /// The policy of these names: a code (`pins/placeholder`), the last part of one
    /// (`placeholder`), or `warnings`.
    ///
    /// # Errors
    /// A name that is none of these, with the nearest ones.
    pub fn of(names: &[String]) -> Result<Deny, (String, Vec<&'static str>)> {
        let mut deny = Deny::default();
        for name in names {
            if name == WARNINGS {
                deny.warnings = true;
                continue;
            }
            let slug = |code: &Code| code.id().rsplit('/').next() == Some(name.as_str());
            let found = |code: &&Code| code.id() == name || slug(code);
            let codes: Vec<Code> = codes::ALL.iter().filter(found).copied().collect();
            if codes.is_empty() {
                let ids = codes::ALL.iter().map(|code| code.id());
                let slugs = ids.clone().filter_map(|id| id.rsplit('/').next());
                return Err((name.clone(), nearest(name, ids.chain(slugs).chain([WARNINGS]))));
            }
            deny.rules.push((name.clone(), codes));
        }
        Ok(deny)
    }

    /// Makes errors of what is denied, and says how the run ends.
    pub fn judge(&self, diagnostics: &mut [Diagnostic]) -> Verdict {
        if diagnostics.iter().any(|found| found.severity == Severity::Error) {
            return Verdict::Failed;
        }
        let mut verdict = Verdict::Passed;
        for found in diagnostics {
            let rule = self.rules.iter().find(|(_, codes)| codes.contains(&found.code));
            let every = self.warnings && found.severity == Severity::Warning;
            let name = rule.map(|(name, _)| name.as_str()).or(every.then_some(WARNINGS));
            if let Some(name) = name {
                found.severity = Severity::Error;
                found.notes.push(format!("denied by --deny {name}"));
                verdict = Verdict::Denied;
            }
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use platformc_source::Span;

    use super::*;

    fn of(names: &[&str]) -> Deny {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Deny::of(&names).expect("names of policies")
    }

    fn found(code: Code) -> Diagnostic {
        Diagnostic::new(code, Span::NONE, "message")
    }

    #[test]
    fn only_what_is_named_is_denied() {
        let mut all = vec![found(codes::PINS_PLACEHOLDER), found(codes::PINS_CONFLICT)];
        assert_eq!(Deny::default().judge(&mut all), Verdict::Passed);
        assert_eq!(of(&["placeholder"]).judge(&mut all), Verdict::Denied);
        let severities: Vec<Severity> = all.iter().map(|found| found.severity).collect();
        assert_eq!(severities, [Severity::Error, Severity::Warning]);
        assert_eq!(all[0].notes, ["denied by --deny placeholder"]);
    }

    #[test]
    fn warnings_are_denied_and_notes_are_not() {
        let mut all = vec![found(codes::PINS_PLACEHOLDER), found(codes::PINS_CONFLICT)];
        assert_eq!(of(&["warnings"]).judge(&mut all), Verdict::Denied);
        assert_eq!(all[0].severity, Severity::Note);
        assert_eq!(all[1].severity, Severity::Error);
    }

    #[test]
    fn an_error_is_no_denial() {
        let mut all = vec![found(codes::PINS_IMAGE), found(codes::PINS_PLACEHOLDER)];
        assert_eq!(of(&["pins/placeholder"]).judge(&mut all), Verdict::Failed);
        assert_eq!(all[1].severity, Severity::Note);
    }

    #[test]
    fn unknown_names_are_refused() {
        let (name, near) = Deny::of(&["placeholdr".to_owned()]).expect_err("no policy");
        assert_eq!((name.as_str(), near.first()), ("placeholdr", Some(&"placeholder")));
    }
}
