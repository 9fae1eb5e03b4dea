//! From text to points in time.

use super::{COMPACT, ClockForm, DAY, HOUR, MINUTE, Noon, Order, Time, TimeForm, Zone};
use super::{days_from_civil, is_date, spoken};

/// What is left of a cell while it is read.
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl Cursor<'_> {
    /// A run of `least` to `most` digits: its value and length.
    fn digits(&mut self, least: usize, most: usize) -> Option<(i64, usize)> {
        let length = self
            .0
            .iter()
            .take(most)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if length < least {
            return None;
        }
        let (run, rest) = self.0.split_at(length);
        self.0 = rest;
        let value = run
            .iter()
            .fold(0, |value, byte| value * 10 + i64::from(byte - b'0'));
        Some((value, length))
    }

    /// Takes one of these bytes.
    fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        bytes.contains(&first).then(|| {
            self.0 = rest;
            first
        })
    }

    fn text(&mut self, text: &[u8]) -> bool {
        let rest = self.0.strip_prefix(text);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }
}

/// Any point in time of these shapes, with `-`, `/` or `.` in the date: `2024-1-31`, `31.01.2024`,
/// `1/31/2024`, `1/31/24`; then, after a space or `T`, a time of day with or without seconds, a
/// fraction, am or pm, and a zone; `31.01.24` with all its zeros; `20240131T235959Z`; months such as
/// `2024-01`; or with words in them ([`spoken`]).
pub(crate) fn parse(cell: &[u8]) -> Option<Time> {
    if !(6..=64).contains(&cell.len()) {
        return None;
    }
    parse_plain(cell)
        .or_else(|| compact(cell))
        .or_else(|| month(cell))
        .or_else(|| spoken::parse(cell))
}

/// `20240131T235959`, with a zone or without.
fn compact(cell: &[u8]) -> Option<Time> {
    if cell.get(8) != Some(&b'T') {
        return None;
    }
    let mut cursor = Cursor(cell);
    let [year, month, day] = [4, 2, 2].map(|length| cursor.digits(length, length));
    let days = date(year?.0, month?.0, day?.0)?;
    cursor.one_of(b"T")?;
    let [hour, minute, second] = [2, 2, 2].map(|length| cursor.digits(length, length));
    let (hour, minute, second) = (hour?.0, minute?.0, second?.0);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut form = TimeForm::iso(true);
    form.separator = COMPACT;
    let clock = form.clock.as_mut()?;
    clock.separator = b'T';
    let offset = parse_zone(&mut cursor, clock)?;
    let within = hour * HOUR + minute * MINUTE + second * 1_000_000 - offset * MINUTE;
    cursor.0.is_empty().then_some(Time {
        micros: days * DAY + within,
        form,
        exact: true,
    })
}

/// A month of our time: `2024-01`, its first day.
fn month(cell: &[u8]) -> Option<Time> {
    let &[a, b, c, d, b'-' | b'/', m, n] = cell else {
        return None;
    };
    let digits = [a, b, c, d, m, n];
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = |digits: &[u8]| {
        let digits = digits.iter().map(|digit| i64::from(digit - b'0'));
        digits.fold(0, |value, digit| value * 10 + digit)
    };
    let year = value(&digits[..4]);
    let days = date(year, value(&digits[4..]), 1).filter(|_| (1900..=2100).contains(&year))?;
    Some(Time {
        micros: days * DAY,
        form: TimeForm::day(),
        exact: false,
    })
}

/// Days since 1970-01-01.
pub(super) fn date(year: i64, month: i64, day: i64) -> Option<i64> {
    let sound = (1000..=9999).contains(&year) && is_date(year, month, day);
    sound.then(|| days_from_civil(year, month, day))
}

fn parse_plain(cell: &[u8]) -> Option<Time> {
    if !cell[0].is_ascii_digit() {
        return None;
    }
    let mut cursor = Cursor(cell);
    let (days, mut form) = parse_date(&mut cursor)?;
    let mut micros = days * DAY;
    let mut exact = true;
    if !cursor.0.is_empty() {
        let (clock, within, whole) = parse_clock(&mut cursor)?;
        micros += within;
        exact = whole;
        form.clock = Some(clock);
    }
    cursor.0.is_empty().then_some(Time {
        micros,
        form,
        exact,
    })
}

pub(super) fn parse_date(cursor: &mut Cursor<'_>) -> Option<(i64, TimeForm)> {
    let (first, first_length) = cursor.digits(1, 4)?;
    let separator = cursor.one_of(b"-/.")?;
    let (second, second_length) = cursor.digits(1, 2)?;
    cursor.one_of(&[separator])?;
    let (third, third_length) = cursor.digits(1, 4)?;
    let mut form = TimeForm {
        order: Order::YearMonthDay,
        separator,
        short_year: false,
        padded: (first_length == 2, second_length == 2),
        clock: None,
    };
    let (year, month, day);
    if first_length == 4 {
        (year, month, day) = (first, second, third);
        form.padded = (second_length == 2, third_length == 2);
        if third_length > 2 {
            return None;
        }
    } else {
        // Between points two-digit years need all their zeros: `1.10.12` is more often a version.
        let full = (first_length, second_length) == (2, 2) && separator == b'.';
        form.short_year = third_length == 2 && (separator == b'/' || full);
        if first_length > 2 || !(third_length == 4 || form.short_year) {
            return None;
        }
        year = match third {
            0..70 if form.short_year => 2000 + third,
            70..100 if form.short_year => 1900 + third,
            _ => third,
        };
        let can_be = |month: i64, day: i64| is_date(year, month, day);
        (form.order, month, day) = match (can_be(first, second), can_be(second, first)) {
            (true, true) => (Order::Either, first, second),
            (true, false) => (Order::MonthDayYear, first, second),
            (false, true) => (Order::DayMonthYear, second, first),
            (false, false) => return None,
        };
    }
    (1000..=9999).contains(&year).then_some(())?;
    is_date(year, month, day).then(|| (days_from_civil(year, month, day), form))
}

/// The form, the microseconds since midnight UTC, and whether nothing was cut off.
pub(super) fn parse_clock(cursor: &mut Cursor<'_>) -> Option<(ClockForm, i64, bool)> {
    let separator = cursor.one_of(b"T ")?;
    let (mut hour, hour_length) = cursor.digits(1, 2)?;
    cursor.one_of(b":")?;
    let (minute, _) = cursor.digits(2, 2)?;
    let mut within = minute * MINUTE;
    let seconds = cursor.one_of(b":").is_some();
    let (mut fraction, mut comma, mut whole) = (0, false, true);
    if seconds {
        let (second, _) = cursor.digits(2, 2)?;
        if second > 59 {
            return None;
        }
        within += second * 1_000_000;
        if let Some(mark) = cursor.one_of(b".,") {
            comma = mark == b',';
            let (value, length) = cursor.digits(1, 9)?;
            fraction = length as u8;
            whole = length <= 6;
            within += value * 10i64.pow(9 - length as u32) / 1000;
        }
    }
    let mut form = ClockForm {
        separator,
        padded_hour: hour_length == 2,
        seconds,
        fraction,
        comma,
        noon: Noon::Absent,
        noon_spaced: false,
        zone: Zone::Absent,
        zone_spaced: false,
    };
    if let Some(after_noon) = parse_noon(cursor, &mut form) {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + if after_noon { 12 } else { 0 };
    }
    if hour > 23 || minute > 59 {
        return None;
    }
    let offset = parse_zone(cursor, &mut form)?;
    Some((form, within + hour * HOUR - offset * MINUTE, whole))
}

fn parse_noon(cursor: &mut Cursor<'_>, form: &mut ClockForm) -> Option<bool> {
    let spaced = cursor.0.first() == Some(&b' ');
    let words: [(&[u8], Noon, bool); 4] = [
        (b"AM", Noon::Upper, false),
        (b"PM", Noon::Upper, true),
        (b"am", Noon::Lower, false),
        (b"pm", Noon::Lower, true),
    ];
    let rest = &cursor.0[usize::from(spaced)..];
    let (word, noon, after) = words
        .into_iter()
        .find(|(word, ..)| rest.starts_with(word))?;
    cursor.0 = &rest[word.len()..];
    (form.noon, form.noon_spaced) = (noon, spaced);
    Some(after)
}

/// Minutes east of UTC; `None` where something else stands there.
fn parse_zone(cursor: &mut Cursor<'_>, form: &mut ClockForm) -> Option<i64> {
    if cursor.0.is_empty() {
        return Some(0);
    }
    if cursor.text(b" UTC") {
        form.zone = Zone::Utc;
        return Some(0);
    }
    form.zone_spaced = cursor.text(b" ");
    let sign = match cursor.one_of(b"Z+-")? {
        b'Z' => {
            form.zone = Zone::Zulu;
            return Some(0);
        }
        b'-' => -1,
        _ => 1,
    };
    let (hours, _) = cursor.digits(2, 2)?;
    let colon = cursor.one_of(b":").is_some();
    let minutes = if colon || !cursor.0.is_empty() {
        Some(cursor.digits(2, 2)?.0)
    } else {
        None
    };
    let offset = sign * (hours * 60 + minutes.unwrap_or(0));
    if hours > 15 || minutes.is_some_and(|minutes| minutes > 59) || (offset == 0 && sign < 0) {
        return None;
    }
    form.zone = match (minutes, colon) {
        (None, _) => Zone::Hours(offset as i16),
        (_, true) => Zone::Colon(offset as i16),
        (_, false) => Zone::Compact(offset as i16),
    };
    Some(offset)
}
