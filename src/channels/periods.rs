//! Days, weeks, months and quarters of the calendar (UTC).

use crate::ingest::time::{civil_from_days, days_from_civil};
use crate::prepare::Journeys;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Milliseconds of a day.
pub(super) const DAY: f64 = 86_400_000.0;

/// A stretch of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// From midnight to midnight.
    Day,
    /// From Monday to Sunday.
    Week,
    /// Of the calendar.
    Month,
    /// Of the calendar: January to March, ….
    Quarter,
}

impl Period {
    /// The period that parts a span of so many days into about six to thirty pieces.
    pub(super) fn fitting(days: f64) -> Self {
        match days {
            _ if days <= 31.0 => Self::Day,
            _ if days <= 200.0 => Self::Week,
            _ if days <= 1_000.0 => Self::Month,
            _ => Self::Quarter,
        }
    }

    /// The finest period that a cost over so many days does not lie across.
    pub(super) fn holding(days: u32) -> Self {
        match days {
            0..=1 => Self::Day,
            2..=7 => Self::Week,
            8..=31 => Self::Month,
            _ => Self::Quarter,
        }
    }

    /// The number of the period that a moment (milliseconds since 1970) lies in.
    pub(super) fn of(self, moment: i64) -> i64 {
        let day = moment.div_euclid(DAY as i64);
        match self {
            Self::Day => day,
            // 1970-01-01 was a Thursday.
            Self::Week => (day + 3).div_euclid(7),
            Self::Month => months(day),
            Self::Quarter => months(day).div_euclid(3),
        }
    }

    /// The numbers of the periods that data from one moment to another cover as a whole, but for less than a
    /// day at either end.
    pub(super) fn whole(self, (first, last): (i64, i64)) -> Range<i64> {
        self.of(first - DAY as i64) + 1..self.of(last + DAY as i64)
    }

    /// The first day of a period, as `2026-03-31`.
    pub(super) fn start(self, number: i64) -> String {
        let day = match self {
            Self::Day => number,
            Self::Week => number * 7 - 3,
            Self::Month => first_of_month(number),
            Self::Quarter => first_of_month(number * 3),
        };
        let (year, month, day) = civil_from_days(day);
        format!("{year:04}-{month:02}-{day:02}")
    }
}

/// Months since January 1970.
fn months(day: i64) -> i64 {
    let (year, month, _) = civil_from_days(day);
    (year - 1970) * 12 + month - 1
}

fn first_of_month(number: i64) -> i64 {
    days_from_civil(1970 + number.div_euclid(12), number.rem_euclid(12) + 1, 1)
}

/// Midnight of a day written as `2026-03-31`, in milliseconds since 1970.
pub(super) fn moment_of(date: &str) -> Option<i64> {
    let mut parts = date.trim().splitn(3, '-');
    let year: i64 = parts.next()?.parse().ok()?;
    let month: i64 = parts.next()?.parse().ok()?;
    let day: i64 = parts.next()?.get(..2)?.parse().ok()?;
    let number = days_from_civil(year, month, day);
    ((1..=9999).contains(&year) && civil_from_days(number) == (year, month, day))
        .then_some(number * DAY as i64)
}

/// When a touch was, in milliseconds since 1970, where times are of the calendar.
pub(super) fn touched_at(journeys: &Journeys, journey: usize, touch: usize) -> Option<i64> {
    let end = *journeys.ends.get(journey)?;
    let before = *journeys.days_before_end.get(touch)?;
    journeys
        .calendar
        .then_some(end - (f64::from(before) * DAY).round() as i64)
}

/// The first touch and the last end of all journeys, where times are of the calendar.
pub(super) fn span(journeys: &Journeys) -> Option<(i64, i64)> {
    let starts = (0..journeys.len())
        .filter_map(|journey| touched_at(journeys, journey, journeys.offsets[journey] as usize));
    let first = starts.min()?;
    Some((first, *journeys.ends.iter().max()?))
}

/// The period asked for, or the one that fits the span of the journeys.
pub(super) fn period_of(asked: Option<Period>, (first, last): (i64, i64)) -> Period {
    asked.unwrap_or_else(|| Period::fitting((last - first) as f64 / DAY))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_calendar_is_another_librarys() {
        for day in (-200_000..200_000).step_by(37) {
            let theirs = date(1970, 1, 1) + jiff::Span::new().days(day);
            let moment = day * DAY as i64 + 1;
            let text = theirs.to_string();
            assert_eq!(Period::Day.start(Period::Day.of(moment)), text);
            assert_eq!(moment_of(&text), (theirs.year() > 0).then_some(moment - 1));
            let monday = theirs
                - jiff::Span::new().days(i64::from(theirs.weekday().to_monday_zero_offset()));
            assert_eq!(
                Period::Week.start(Period::Week.of(moment)),
                monday.to_string()
            );
            let first = theirs.first_of_month();
            assert_eq!(
                Period::Month.start(Period::Month.of(moment)),
                first.to_string()
            );
            let quarter = date(theirs.year(), (theirs.month() - 1) / 3 * 3 + 1, 1);
            assert_eq!(
                Period::Quarter.start(Period::Quarter.of(moment)),
                quarter.to_string()
            );
        }
        assert_eq!(moment_of("2026-02-30"), None);
        assert_eq!(moment_of("march"), None);
    }
}
