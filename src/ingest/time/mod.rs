//! Points in time as people and programs write them.
//!
//! A parsed cell is a count of microseconds since 1970-01-01 UTC and a [`TimeForm`] that gives the
//! cell's text back. Cells without a zone count as UTC. Whether `03/04/2024` is in March or in April
//! is decided over the whole column ([`TimeEvidence::settle`]).

mod iso;
mod parse;
mod spoken;

pub(crate) use iso::{IsoReader, forms};
pub(crate) use parse::parse;

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The order of day, month and year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    YearMonthDay,
    MonthDayYear,
    DayMonthYear,
    /// Both of the last two are possible; the value is the month-first one.
    Either,
}

/// How an hour before or after noon is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Noon {
    Absent,
    Upper,
    Lower,
}

/// How a zone is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Zone {
    Absent,
    /// `Z`
    Zulu,
    /// ` UTC`
    Utc,
    /// `+08:00`, `+0800` or `+08`, in minutes.
    Colon(i16),
    Compact(i16),
    Hours(i16),
}

/// How a time of day is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ClockForm {
    /// `T` or a space.
    separator: u8,
    padded_hour: bool,
    seconds: bool,
    /// Digits of the fraction of a second, and its mark.
    fraction: u8,
    comma: bool,
    noon: Noon,
    noon_spaced: bool,
    zone: Zone,
    zone_spaced: bool,
}

/// The separator of a day written without any, and of the time of day behind it.
const COMPACT: u8 = 0;

/// How a point in time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimeForm {
    order: Order,
    /// Between the parts of the day, or [`COMPACT`].
    separator: u8,
    short_year: bool,
    /// Whether the first and second of month and day, as written, have two digits.
    padded: (bool, bool),
    clock: Option<ClockForm>,
}

impl TimeForm {
    /// Microseconds that its clock is ahead of UTC.
    fn offset(self) -> i64 {
        match self.clock.map(|clock| clock.zone) {
            Some(Zone::Colon(minutes) | Zone::Compact(minutes) | Zone::Hours(minutes)) => {
                i64::from(minutes) * MINUTE
            }
            _ => 0,
        }
    }

    /// `2024-01-31`.
    pub(crate) fn day() -> Self {
        Self::iso(false)
    }

    /// `2024-01-31 23:59:59` or, for whole days, `2024-01-31`.
    fn iso(with_clock: bool) -> Self {
        Self {
            order: Order::YearMonthDay,
            separator: b'-',
            short_year: false,
            padded: (true, true),
            clock: with_clock.then_some(ClockForm {
                separator: b' ',
                padded_hour: true,
                seconds: true,
                fraction: 0,
                comma: false,
                noon: Noon::Absent,
                noon_spaced: false,
                zone: Zone::Absent,
                zone_spaced: false,
            }),
        }
    }
}

/// A point in time and how it is written; `exact` says that [`render`] gives the same text again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Time {
    pub(crate) micros: i64,
    pub(crate) form: TimeForm,
    pub(crate) exact: bool,
}

/// The text of a point in time in a form.
pub(crate) fn render(micros: i64, form: TimeForm) -> String {
    let local = micros + form.offset();
    let (year, month, day) = civil_from_days(local.div_euclid(DAY));
    let number = |value: i64, padded: bool| {
        if padded {
            format!("{value:02}")
        } else {
            value.to_string()
        }
    };
    let year = if form.short_year {
        number(year % 100, true)
    } else {
        format!("{year:04}")
    };
    let (first, second, third) = match form.order {
        Order::YearMonthDay => (
            year,
            number(month, form.padded.0),
            number(day, form.padded.1),
        ),
        Order::DayMonthYear => (
            number(day, form.padded.0),
            number(month, form.padded.1),
            year,
        ),
        Order::MonthDayYear | Order::Either => (
            number(month, form.padded.0),
            number(day, form.padded.1),
            year,
        ),
    };
    let mut text = if form.separator == COMPACT {
        format!("{first}{second}{third}")
    } else {
        let separator = char::from(form.separator);
        format!("{first}{separator}{second}{separator}{third}")
    };
    if let Some(clock) = form.clock {
        let colon = if form.separator == COMPACT { "" } else { ":" };
        render_clock(&mut text, local.rem_euclid(DAY), clock, colon);
    }
    text
}

fn render_clock(text: &mut String, within: i64, form: ClockForm, colon: &str) {
    let hour = within / HOUR;
    let shown = match form.noon {
        Noon::Absent => hour,
        _ => (hour + 11) % 12 + 1,
    };
    text.push(char::from(form.separator));
    text.push_str(&if form.padded_hour {
        format!("{shown:02}")
    } else {
        shown.to_string()
    });
    text.push_str(&format!("{colon}{:02}", within / MINUTE % 60));
    if form.seconds {
        text.push_str(&format!("{colon}{:02}", within / 1_000_000 % 60));
    }
    if form.fraction > 0 {
        let fraction = format!("{:06}000", within % 1_000_000);
        text.push(if form.comma { ',' } else { '.' });
        text.push_str(&fraction[..usize::from(form.fraction).min(9)]);
    }
    let space = |spaced: bool| if spaced { " " } else { "" };
    let words = match form.noon {
        Noon::Absent => None,
        Noon::Upper => Some(["AM", "PM"]),
        Noon::Lower => Some(["am", "pm"]),
    };
    if let Some(words) = words {
        text.push_str(space(form.noon_spaced));
        text.push_str(words[usize::from(hour >= 12)]);
    }
    text.push_str(space(form.zone_spaced));
    let parts = |minutes: i16| {
        let sign = if minutes < 0 { '-' } else { '+' };
        (sign, minutes.abs() / 60, minutes.abs() % 60)
    };
    match form.zone {
        Zone::Absent => {}
        Zone::Zulu => text.push('Z'),
        Zone::Utc => text.push_str(" UTC"),
        Zone::Colon(offset) => {
            let (sign, hours, minutes) = parts(offset);
            text.push_str(&format!("{sign}{hours:02}:{minutes:02}"));
        }
        Zone::Compact(offset) => {
            let (sign, hours, minutes) = parts(offset);
            text.push_str(&format!("{sign}{hours:02}{minutes:02}"));
        }
        Zone::Hours(offset) => {
            let (sign, hours, _) = parts(offset);
            text.push_str(&format!("{sign}{hours:02}"));
        }
    }
}

/// Milliseconds since 1970-01-01 UTC as ISO 8601: a date where it is midnight, else with the time.
pub(crate) fn iso_text(millis: i64) -> String {
    let micros = millis.saturating_mul(1000);
    render(micros, TimeForm::iso(micros % DAY != 0))
}

/// What the cells of a column say about the order of day and month.
#[derive(Debug, Clone, Default)]
pub(crate) struct TimeEvidence {
    /// How many cells fit only one order.
    month_first: usize,
    day_first: usize,
    either: Option<u8>,
    /// `10.11.12`, which can be a version.
    version: bool,
}

/// How the points in time of a column are to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TimeReading {
    day_first: bool,
    /// Both orders fit every cell.
    pub(crate) ambiguous: bool,
    /// Some cell fits only one order.
    decided: bool,
    /// The order was asked for: a cell that does not fit it is none.
    asked: bool,
}

/// The cells contradict each other: how many fit only one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimeConflict {
    pub(crate) day_first: usize,
    pub(crate) month_first: usize,
}

impl TimeEvidence {
    /// Takes cells of one form into account.
    #[inline]
    pub(crate) fn add(&mut self, form: TimeForm, cells: usize) {
        match form.order {
            Order::YearMonthDay => {}
            Order::MonthDayYear => self.month_first += cells,
            Order::DayMonthYear => self.day_first += cells,
            Order::Either => {
                self.either = self.either.or(Some(form.separator));
                self.version |= form.short_year && form.separator == b'.';
            }
        }
    }

    /// One reading for the whole column, or what contradicts it. Where nothing decides, slashes are
    /// read month first, points and hyphens day first. `day_first` is what was asked for.
    pub(crate) fn settle(&self, day_first: Option<bool>) -> Result<TimeReading, TimeConflict> {
        if let Some(day_first) = day_first {
            return Ok(TimeReading {
                day_first,
                asked: true,
                ..TimeReading::default()
            });
        }
        let undecided = self.month_first == 0 && self.day_first == 0;
        if (self.month_first > 0 && self.day_first > 0) || (self.version && undecided) {
            return Err(TimeConflict {
                day_first: self.day_first,
                month_first: self.month_first,
            });
        }
        let (month_first, day_first) = (self.month_first > 0, self.day_first > 0);
        let ambiguous = self.either.is_some() && !month_first && !day_first;
        Ok(TimeReading {
            day_first: day_first || (ambiguous && self.either != Some(b'/')),
            ambiguous,
            decided: month_first || day_first,
            asked: false,
        })
    }
}

impl TimeReading {
    /// Whether the day stands first, where that is not plain.
    pub(crate) fn told(self) -> Option<bool> {
        (self.ambiguous || self.decided).then_some(self.day_first)
    }

    /// The value of a cell once the column's reading is known; `None` where it can't be read so.
    pub(crate) fn micros(self, micros: i64, form: TimeForm) -> Option<i64> {
        let refused = match form.order {
            Order::DayMonthYear => !self.day_first,
            Order::MonthDayYear => self.day_first,
            Order::Either | Order::YearMonthDay => false,
        };
        if refused && self.asked {
            return None;
        }
        if !self.day_first || form.order != Order::Either {
            return Some(micros);
        }
        // Both orders were found to be dates, so day and month may swap places.
        let days = (micros + form.offset()).div_euclid(DAY);
        let (year, month, day) = civil_from_days(days);
        Some(micros + (days_from_civil(year, day, month) - days) * DAY)
    }
}

/// Days since 1970-01-01 of a day written as `20261124`, from 1990 to 2049.
pub(crate) fn day_of_digits(number: f64) -> Option<i64> {
    if number.fract() != 0.0 || !(19_900_101.0..20_500_101.0).contains(&number) {
        return None;
    }
    let digits = number as i64;
    let (year, month, day) = (digits / 10_000, digits / 100 % 100, digits % 100);
    is_date(year, month, day).then(|| days_from_civil(year, month, day))
}

fn is_date(year: i64, month: i64, day: i64) -> bool {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=length).contains(&day)
}

/// Days since 1970-01-01, after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The inverse of [`days_from_civil`], from the same source.
pub(crate) fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = (shifted_month + 2) % 12 + 1;
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests;
