//! The days, weeks, months and quarters of a spend table.

use super::cells::Levels;
use crate::ingest::time::{civil_from_days, days_from_civil};
use crate::table::{Column, ColumnData, MISSING_CODE, MISSING_TIME};
use std::collections::BTreeSet;

const DAY: i64 = 86_400_000;

/// Some days in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stretch {
    /// Days since 1970-01-01.
    first: i64,
    pub days: u32,
}

impl Stretch {
    /// As `2026-03-31`.
    pub fn first_day(self) -> String {
        let (year, month, day) = civil_from_days(self.first);
        format!("{year:04}-{month:02}-{day:02}")
    }

    fn of(first: i64, period: &str) -> Self {
        let months = match period {
            "quarter" => 3,
            "month" => 1,
            "week" => return Self { first, days: 7 },
            _ => return Self { first, days: 1 },
        };
        let (year, month, day) = civil_from_days(first);
        let next = month - 1 + months;
        let end = days_from_civil(
            year + next.div_euclid(12),
            next.rem_euclid(12) + 1,
            day.min(28),
        );
        let end = end + (day - day.min(28));
        Self {
            first,
            days: u32::try_from(end - first).unwrap_or(1),
        }
    }
}

/// The stretch of each row, and what the stretches are.
pub(super) struct Dates {
    pub stretches: Vec<Option<Stretch>>,
    pub period: &'static str,
}

/// Reads a column of days or of periods; `None` where it holds neither.
pub(super) fn dates(column: &Column) -> Option<Dates> {
    if let ColumnData::Time(cells) = &column.data {
        let day = |&time: &i64| (time != MISSING_TIME).then(|| time.div_euclid(DAY));
        let days: Vec<Option<i64>> = cells.iter().map(day).collect();
        let period = told_apart(&days.iter().flatten().copied().collect());
        let stretch = |day: &Option<i64>| day.map(|day| Stretch::of(day, period));
        return Some(Dates {
            stretches: days.iter().map(stretch).collect(),
            period,
        });
    }
    let levels = Levels::of(&column.data);
    let read: Vec<Option<(Stretch, &'static str)>> =
        levels.names.iter().map(|name| spoken(name)).collect();
    let mut periods = read.iter().flatten().map(|(_, period)| *period);
    let period = periods.next()?;
    if periods.any(|other| other != period) {
        return None;
    }
    let stretch = |&code: &u32| match code {
        MISSING_CODE => None,
        code => read[code as usize].map(|(stretch, _)| stretch),
    };
    Some(Dates {
        stretches: levels.codes.iter().map(stretch).collect(),
        period,
    })
}

/// How a column of periods is written, where most of its cells are.
pub(super) fn holds_periods(column: &Column) -> bool {
    let levels = Levels::of(&column.data);
    let fit = levels
        .names
        .iter()
        .filter(|name| spoken(name).is_some())
        .count();
    fit > 0 && fit * 10 >= levels.names.len() * 9
}

/// What days that come again are the first of: quarters, months, weeks, or nothing but themselves.
fn told_apart(days: &BTreeSet<i64>) -> &'static str {
    let gaps = || days.iter().zip(days.iter().skip(1)).map(|(a, b)| b - a);
    if gaps().next().is_none() {
        return "day";
    }
    let first_of_month = || days.iter().all(|&day| civil_from_days(day).2 == 1);
    if first_of_month() {
        let quarters = days
            .iter()
            .all(|&day| (civil_from_days(day).1 - 1) % 3 == 0);
        return if quarters { "quarter" } else { "month" };
    }
    if gaps().all(|gap| gap % 7 == 0) {
        return "week";
    }
    "day"
}

/// A period as people write it: `2026-03`, `2026/3`, `202603`, `2026年3月`, `2026-W05`, `2026-Q1`.
fn spoken(text: &str) -> Option<(Stretch, &'static str)> {
    let text = text.trim().to_uppercase();
    let letter = text
        .chars()
        .find(|mark| !mark.is_ascii_digit() && !" -/.".contains(*mark));
    let parts = text.split(|mark: char| !mark.is_ascii_digit());
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let (year, number) = match parts[..] {
        [year, number] if year.len() == 4 => (year, number),
        [whole] if whole.len() == 6 => whole.split_at(4),
        _ => return None,
    };
    let (year, number): (i64, i64) = (year.parse().ok()?, number.parse().ok()?);
    if !(1970..=2100).contains(&year) {
        return None;
    }
    let month = |month: i64| days_from_civil(year, month, 1);
    let (first, period) = match letter {
        None | Some('年' | 'M') if (1..=12).contains(&number) => (month(number), "month"),
        Some('Q' | '第') if (1..=4).contains(&number) => (month(3 * number - 2), "quarter"),
        Some('W') if (1..=53).contains(&number) => {
            // ISO 8601: week 1 holds 4 January; 1970-01-01 was a Thursday.
            let fourth = days_from_civil(year, 1, 4);
            let monday = fourth - (fourth + 3).rem_euclid(7);
            (monday + 7 * (number - 1), "week")
        }
        _ => return None,
    };
    Some((Stretch::of(first, period), period))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{ISOWeekDate, Weekday, date};

    fn told(text: &str) -> Option<(String, u32, &'static str)> {
        let (stretch, period) = spoken(text)?;
        Some((stretch.first_day(), stretch.days, period))
    }

    #[test]
    fn periods_are_read_as_people_write_them() {
        let month = Some(("2026-02-01".to_owned(), 28, "month"));
        for text in ["2026-02", "2026/2", "202602", "2026年2月", " 2026-M02 "] {
            assert_eq!(told(text), month, "{text}");
        }
        assert_eq!(
            told("2028-Q1"),
            Some(("2028-01-01".to_owned(), 91, "quarter"))
        );
        assert_eq!(
            told("2026-Q4"),
            Some(("2026-10-01".to_owned(), 92, "quarter"))
        );
        for text in [
            "2026",
            "2026-13",
            "26-02",
            "2026-W54",
            "spring",
            "2026-02-03",
            "",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }

    #[test]
    fn weeks_are_another_librarys() {
        for year in 2015..2031 {
            for week in 1..=52 {
                let monday = ISOWeekDate::new(year, week, Weekday::Monday).map(|day| day.date());
                let expected = monday.map(|day| day.to_string()).ok();
                assert_eq!(
                    told(&format!("{year}-W{week:02}")).map(|told| told.0),
                    expected
                );
            }
        }
    }

    #[test]
    fn points_in_time_are_told_apart_by_their_distances() {
        let kind = |days: &[(i16, i8, i8)]| {
            let number = |&(year, month, day): &(i16, i8, i8)| {
                let since = date(1970, 1, 1).until(date(year, month, day));
                i64::from(since.expect("in range").get_days())
            };
            told_apart(&days.iter().map(number).collect())
        };
        assert_eq!(kind(&[(2026, 1, 1), (2026, 2, 1), (2026, 4, 1)]), "month");
        assert_eq!(
            kind(&[(2026, 1, 1), (2026, 4, 1), (2026, 10, 1)]),
            "quarter"
        );
        assert_eq!(kind(&[(2026, 1, 4), (2026, 1, 11), (2026, 2, 1)]), "week");
        assert_eq!(kind(&[(2026, 1, 4), (2026, 1, 5)]), "day");
        assert_eq!(kind(&[(2026, 1, 1)]), "day");
    }
}
