//! Seconds to dates, in UTC and the Gregorian calendar. Invariant: exact for every second up to
//! the year 9999; later ones stay at its end.

/// The last second of 9999.
const LAST: u64 = 253_402_300_799;

/// A moment in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) year: u64,
    month: u64,
    day: u64,
    second_of_day: u64,
}

impl Moment {
    /// The moment so many seconds after 1970-01-01 00:00:00.
    pub(crate) fn of(seconds: u64) -> Moment {
        let seconds = seconds.min(LAST);
        let days = seconds / 86_400;
        // Years that begin in March put the leap day last; eras of 400 years are all alike.
        let shifted = days + 719_468;
        let (era, in_era) = (shifted / 146_097, shifted % 146_097);
        let of_era = (in_era - in_era / 1_460 + in_era / 36_524 - in_era / 146_096) / 365;
        let of_year = in_era - (365 * of_era + of_era / 4 - of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = of_era + era * 400 + u64::from(month <= 2);
        Moment { year, month, day, second_of_day: seconds % 86_400 }
    }

    /// `2026-11-20`
    pub(crate) fn date(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// `16:43:46`
    pub(crate) fn time(self) -> String {
        let second = self.second_of_day;
        format!("{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60)
    }

    /// `2026-11-20T16:43:46Z`
    pub(crate) fn timestamp(self) -> String {
        format!("{}T{}Z", self.date(), self.time())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (68_169_599, "1972-02-28T23:59:59Z"),
            (68_169_600, "1972-02-29T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_790_000_000, "2026-09-21T14:13:20Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (LAST, "9999-12-31T23:59:59Z"),
            (u64::MAX, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(Moment::of(seconds).timestamp(), text, "{seconds}");
        }
    }

    #[test]
    fn days_follow_each_other() {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut second = 0;
        for year in 1970..2101_u64 {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            for (month, length) in (1..).zip(lengths) {
                for day in 1..=length + u64::from(leap && month == 2) {
                    let moment = Moment::of(second);
                    assert_eq!((moment.year, moment.month, moment.day), (year, month, day));
                    second += 86_400;
                }
            }
        }
    }
}
