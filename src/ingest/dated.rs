//! Numbers that are points in time: seconds or milliseconds since 1970, days as `20261124`, and the
//! serial numbers of spreadsheets. Digits alone never say so; the column's name has to as well.

use super::time::day_of_digits;
use crate::table::MISSING_TIME;

/// 2000-01-01 and 2050-01-01 in seconds since 1970.
const SECONDS: std::ops::Range<f64> = 946_684_800.0..2_524_608_000.0;
/// The same in the days of spreadsheets, which count from 1899-12-30.
const SERIALS: std::ops::Range<f64> = 36_526.0..54_789.0;
const SERIAL_OF_1970: f64 = 25_569.0;
const DAY_MILLIS: f64 = 86_400_000.0;
/// Words of a column's name that speak of a point in time, and those that speak of a day.
const TIMES: [&str; 10] = [
    "time",
    "timestamp",
    "datetime",
    "ts",
    "date",
    "day",
    "created",
    "updated",
    "epoch",
    "unix",
];
const DAYS: [&str; 2] = ["date", "datetime"];

/// What the numbers count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Seconds,
    Millis,
    Micros,
    Digits,
    Serials,
}

/// The points in time that a column of numbers holds, and in what unit, if its name says so and every
/// number fits.
pub(super) fn times(name: &str, numbers: &[f64]) -> Option<(Vec<i64>, &'static str)> {
    let (is_time, is_day) = read_name(name);
    if !is_time {
        return None;
    }
    let mut units = vec![Unit::Seconds, Unit::Millis, Unit::Micros, Unit::Digits];
    if is_day {
        units.push(Unit::Serials);
    }
    let mut filled = numbers.iter().filter(|number| !number.is_nan()).peekable();
    filled.peek()?;
    let all = |unit: &Unit| filled.clone().all(|&number| unit.fits(number));
    let unit = units.into_iter().find(all)?;
    let times = numbers.iter().map(|&number| unit.millis(number));
    Some((times.collect(), unit.words()))
}

impl Unit {
    fn fits(self, number: f64) -> bool {
        match self {
            Self::Seconds => SECONDS.contains(&number),
            Self::Millis => SECONDS.contains(&(number / 1e3)),
            Self::Micros => SECONDS.contains(&(number / 1e6)),
            Self::Digits => day_of_digits(number).is_some(),
            Self::Serials => SERIALS.contains(&number),
        }
    }

    fn millis(self, number: f64) -> i64 {
        if number.is_nan() {
            return MISSING_TIME;
        }
        match self {
            Self::Seconds => (number * 1e3).round() as i64,
            Self::Millis => number.round() as i64,
            Self::Micros => (number / 1e3).floor() as i64,
            Self::Digits => day_of_digits(number).map_or(MISSING_TIME, |days| days * 86_400_000),
            Self::Serials => ((number - SERIAL_OF_1970) * DAY_MILLIS).round() as i64,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Seconds => "seconds since 1970",
            Self::Millis => "milliseconds since 1970",
            Self::Micros => "microseconds since 1970",
            Self::Digits => "year, month and day",
            Self::Serials => "a spreadsheet's days",
        }
    }
}

/// Whether a name speaks of a point in time, and of a day at that.
fn read_name(name: &str) -> (bool, bool) {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in name.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && before.is_lowercase()) {
            words.push(String::new());
        }
        if let (Some(word), true) = (words.last_mut(), letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    let any = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let at = words.len() > 1 && words.last().is_some_and(|word| word == "at");
    let chinese = ["时间", "日期", "時間"]
        .iter()
        .any(|word| name.contains(word));
    (
        any(&TIMES) || at || chinese,
        any(&DAYS) || name.contains("日期"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(iso: &str) -> i64 {
        iso.parse::<jiff::Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn numbers_are_times_where_name_and_size_say_so() {
        let noon = millis("2026-11-24T12:00:00Z");
        let day = millis("2026-11-24T00:00:00Z");
        let (seconds, fine) = (noon as f64 / 1e3, noon as f64 + 7.0);
        let cases: &[(&str, &[f64], Option<i64>)] = &[
            ("timestamp", &[seconds, f64::NAN], Some(noon)),
            ("created_at", &[seconds + 0.25], Some(noon + 250)),
            ("eventTime", &[fine], Some(noon + 7)),
            ("event_timestamp", &[fine * 1e3], Some(noon + 7)),
            ("date", &[20_261_124.0], Some(day)),
            ("Date", &[46_350.5], Some(noon)),
            ("日期", &[20_261_124.0], Some(day)),
            ("date", &[20_261_324.0], None),
            ("date", &[46_350.0, 12.0], None),
            ("time_s", &[2_668_193.0, 12.0], None),
            ("user_id", &[seconds], None),
            ("days", &[46_350.0], None),
            ("rate", &[46_350.0], None),
            ("time", &[f64::NAN], None),
        ];
        for (name, numbers, expected) in cases {
            let found = times(name, numbers);
            assert_eq!(
                found.map(|(times, _)| times[0]),
                *expected,
                "{name} {numbers:?}"
            );
        }
        let (times, _) = times("timestamp", &[seconds, f64::NAN]).unwrap();
        assert_eq!(times[1], MISSING_TIME);
    }
}
