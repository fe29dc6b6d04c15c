//! When a workflow runs by itself.
//!
//! Invariant: a schedule that passes is one that Argo Workflows takes: five fields of the cron
//! syntax with names and steps, or one of its words (`@daily`).

use platformc_source::{Diagnostic, codes};
use platformc_value::Value;

use crate::Text;
use crate::fields::{Fields, text};

/// When a workflow runs by itself.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// The times, in cron syntax.
    pub cron: Text,
    /// The IANA time zone; the controller's own where not written.
    pub timezone: Option<Text>,
    /// What happens when the last run still goes on: `Allow`, `Forbid`, `Replace`.
    pub concurrency: Text,
    /// Whether nothing is started for now.
    pub suspended: bool,
}

const WORDS: [&str; 7] =
    ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const CONCURRENCY: [&str; 3] = ["Allow", "Forbid", "Replace"];

struct Part {
    what: &'static str,
    least: u32,
    most: u32,
    names: &'static [&'static str],
}

const PARTS: [Part; 5] = [
    Part { what: "minute", least: 0, most: 59, names: &[] },
    Part { what: "hour", least: 0, most: 23, names: &[] },
    Part { what: "day of the month", least: 1, most: 31, names: &[] },
    Part { what: "month", least: 1, most: 12, names: &MONTHS },
    Part { what: "day of the week", least: 0, most: 6, names: &DAYS },
];

impl Part {
    fn number(&self, text: &str) -> Option<u32> {
        let named = self.names.iter().position(|name| text.eq_ignore_ascii_case(name));
        let plain = !text.is_empty() && text.len() < 4 && text.bytes().all(|b| b.is_ascii_digit());
        let number = match named {
            Some(at) => u32::try_from(at).ok()? + self.least,
            None => plain.then(|| text.parse().ok()).flatten()?,
        };
        (self.least..=self.most).contains(&number).then_some(number)
    }

    fn admits(&self, text: &str) -> bool {
        text.split(',').all(|item| {
            let (range, step) = match item.split_once('/') {
                Some((range, step)) => (range, Some(step)),
                None => (item, None),
            };
            let step_good = step.is_none_or(|step| {
                step.len() < 4 && step.parse::<u32>().is_ok_and(|step| step > 0)
            });
            let range_good = match range.split_once('-') {
                Some((from, to)) => match (self.number(from), self.number(to)) {
                    (Some(from), Some(to)) => from <= to,
                    _ => false,
                },
                None => matches!(range, "*" | "?") || self.number(range).is_some(),
            };
            step_good && range_good
        })
    }
}

/// What is wrong with a schedule, in words.
fn fault(cron: &str) -> Option<String> {
    if cron.starts_with('@') {
        let known = WORDS.contains(&cron);
        return (!known).then(|| format!("the words for times are {}", WORDS.join(", ")));
    }
    let fields: Vec<&str> = cron.split_whitespace().collect();
    if fields.len() != PARTS.len() {
        return Some(format!(
            "it has {} fields; there are five: minute, hour, day of the month, month, day of the week",
            fields.len()
        ));
    }
    fields.iter().zip(&PARTS).find(|(field, part)| !part.admits(field)).map(|(field, part)| {
        format!("`{field}` is no {}, which goes from {} to {}", part.what, part.least, part.most)
    })
}

/// `Area/Place`, as the time zone database names them. Which there are, only the cluster knows.
fn is_timezone(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || b"_+-".contains(&b);
    text.len() <= 64 && text.split('/').all(|part| !part.is_empty() && part.bytes().all(inner))
}

/// Lowers `schedule`: cron text, or a struct.
pub(super) fn schedule(value: Value, sink: &mut Vec<Diagnostic>) -> Option<Schedule> {
    let origin = value.origin;
    let forbid = || Text { text: "Forbid".into(), origin };
    let schedule = if let Some(cron) = text(&value) {
        Schedule { cron, timezone: None, concurrency: forbid(), suspended: false }
    } else {
        let mut fields = Fields::open(value, "`schedule`", sink)?;
        let cron = fields.required_text("cron");
        let timezone = fields.text("timezone");
        let concurrency = fields.text("concurrency");
        let suspended = fields.boolean("suspended").unwrap_or(false);
        fields.finish();
        let concurrency = concurrency.unwrap_or_else(forbid);
        Schedule { cron: cron?, timezone, concurrency, suspended }
    };
    let mut refuse = |text: &Text, what: &str, note: String| {
        let message = format!("`{text}` is not {what}");
        let at = text.span();
        sink.push(Diagnostic::new(codes::MODEL_INVALID_VALUE, at, message).note(note));
    };
    if let Some(fault) = fault(&schedule.cron) {
        refuse(&schedule.cron, "a schedule", fault);
    }
    if let Some(zone) = schedule.timezone.as_ref().filter(|zone| !is_timezone(zone)) {
        refuse(zone, "a time zone", "for example Europe/Helsinki or UTC".to_owned());
    }
    if !CONCURRENCY.contains(&&*schedule.concurrency) {
        let note = format!("it is one of {}", CONCURRENCY.join(", "));
        refuse(&schedule.concurrency, "a way to treat runs that overlap", note);
    }
    Some(schedule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cron() {
        for good in ["0 3 * * *", "*/15 0-6,22 1,15 jan-mar mon-fri", "@daily", "5/10 * ? * 0"] {
            assert_eq!(fault(good), None, "{good}");
        }
        for bad in [
            "",
            "0 3 * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 7",
            "*/0 * * * *",
            "5-1 * * * *",
            "@never",
            "a * * * *",
            "1,,2 * * * *",
        ] {
            assert!(fault(bad).is_some(), "{bad}");
        }
        assert!(is_timezone("Europe/Helsinki") && is_timezone("Etc/GMT+2") && !is_timezone("a//b"));
    }
}
