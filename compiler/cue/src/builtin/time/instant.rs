//! Instants and the calendar. The calendar is the proleptic Gregorian one, without leap seconds.

/// A point in time, with the zone it is told in.
#[derive(Clone, Debug)]
pub(super) struct Instant {
    /// Seconds since the start of 1970 at UTC.
    pub(super) seconds: i64,
    /// Nanoseconds within the second.
    pub(super) nanoseconds: i64,
    /// Seconds east of UTC.
    pub(super) offset: i64,
    /// The abbreviation of the zone, if it was told by name.
    pub(super) zone: Option<String>,
}

/// An instant by its calendar date and time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Civil {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) nanosecond: i64,
}

const DAY: i64 = 86_400;

pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The days of a month, 1 to 12.
pub(super) fn days_in(month: i64, year: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from the start of 1970 to the start of a year.
fn days_before_year(year: i64) -> i64 {
    let past = year - 1;
    let leap = |years: i64| years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400);
    365 * (year - 1970) + leap(past) - leap(1969)
}

impl Instant {
    pub(super) fn utc(seconds: i64, nanoseconds: i64) -> Instant {
        Instant { seconds, nanoseconds, offset: 0, zone: None }
    }

    pub(super) fn from_civil(civil: &Civil, offset: i64, zone: Option<String>) -> Instant {
        let months = (1..civil.month).map(|month| days_in(month, civil.year)).sum::<i64>();
        let days = days_before_year(civil.year) + months + civil.day - 1;
        let seconds = days * DAY + civil.hour * 3600 + civil.minute * 60 + civil.second - offset;
        Instant { seconds, nanoseconds: civil.nanosecond, offset, zone }
    }

    pub(super) fn at_utc(&self) -> Instant {
        Instant::utc(self.seconds, self.nanoseconds)
    }

    pub(super) fn civil(&self) -> Civil {
        let local = self.seconds + self.offset;
        let (days, rest) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        // The mean length of a year gives the year or one next to it.
        let mut year = 1970 + (days * 400).div_euclid(146_097);
        while days_before_year(year) > days {
            year -= 1;
        }
        while days_before_year(year + 1) <= days {
            year += 1;
        }
        let mut day = days - days_before_year(year) + 1;
        let mut month = 1;
        while day > days_in(month, year) {
            day -= days_in(month, year);
            month += 1;
        }
        Civil {
            year,
            month,
            day,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
            nanosecond: self.nanoseconds,
        }
    }

    /// The day of the week, Sunday being 0.
    pub(super) fn weekday(&self) -> i64 {
        ((self.seconds + self.offset).div_euclid(DAY) + 4).rem_euclid(7)
    }

    /// The day of the year, from 1.
    pub(super) fn day_of_year(&self) -> i64 {
        let civil = self.civil();
        (self.seconds + self.offset).div_euclid(DAY) - days_before_year(civil.year) + 1
    }
}
