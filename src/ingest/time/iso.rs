//! The shapes that programs write points in time in, read without looking for others.

use super::{ClockForm, DAY, HOUR, MINUTE, Noon, TimeForm, Zone};
use super::{days_from_civil, is_date};

/// A reader of ISO 8601 in one of the [`forms`], which remembers the last day: the next cell is mostly
/// of the same.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IsoReader {
    text: [u8; 10],
    days: i64,
    /// Index into [`SHAPES`] of the last cell's.
    shape: usize,
}

impl Default for IsoReader {
    /// Remembers a day that is one: nothing else may be taken for it.
    fn default() -> Self {
        Self {
            text: *b"1970-01-01",
            days: 0,
            shape: 0,
        }
    }
}

/// Separator, digits of the fraction, and whether a `Z` follows, of each form but the first.
const SHAPES: [(u8, u8, bool); 6] = [
    (b' ', 0, false),
    (b'T', 0, false),
    (b'T', 0, true),
    (b' ', 3, false),
    (b'T', 3, false),
    (b'T', 3, true),
];

/// Days, then the [`SHAPES`].
pub(crate) fn forms() -> Vec<TimeForm> {
    let clock = |(separator, fraction, zulu): (u8, u8, bool)| TimeForm {
        clock: Some(ClockForm {
            separator,
            padded_hour: true,
            seconds: true,
            fraction,
            comma: false,
            noon: Noon::Absent,
            noon_spaced: false,
            zone: if zulu { Zone::Zulu } else { Zone::Absent },
            zone_spaced: false,
        }),
        ..TimeForm::day()
    };
    let shapes = SHAPES.into_iter().map(clock);
    std::iter::once(TimeForm::day()).chain(shapes).collect()
}

impl IsoReader {
    /// Microseconds and the index into [`forms`] of what is written in one of them.
    #[inline]
    pub(crate) fn parse(&mut self, cell: &[u8]) -> Option<(i64, u8)> {
        let (date, rest) = cell.split_first_chunk::<10>()?;
        let days = if *date == self.text {
            self.days
        } else {
            self.read_day(date)?
        };
        if rest.is_empty() {
            return Some((days * DAY, 0));
        }
        let (clock, rest) = rest.split_first_chunk::<9>()?;
        let &[separator, h, i, b':', m, n, b':', s, t] = clock else {
            return None;
        };
        let [hour, minute, second] = [pair(h, i)?, pair(m, n)?, pair(s, t)?];
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let (millis, digits, zulu) = match *rest {
            [] => (0, 0, false),
            [b'Z'] => (0, 0, true),
            [b'.', a, b, c] => (pair(b'0', a)? * 100 + pair(b, c)?, 3, false),
            [b'.', a, b, c, b'Z'] => (pair(b'0', a)? * 100 + pair(b, c)?, 3, true),
            _ => return None,
        };
        let shape = (separator, digits, zulu);
        if SHAPES[self.shape] != shape {
            self.shape = SHAPES.iter().position(|known| *known == shape)?;
        }
        let within = hour * HOUR + minute * MINUTE + second * 1_000_000 + millis * 1000;
        Some((days * DAY + within, self.shape as u8 + 1))
    }

    fn read_day(&mut self, date: &[u8; 10]) -> Option<i64> {
        let &[a, b, c, d, b'-', m, n, b'-', x, y] = date else {
            return None;
        };
        let year = pair(a, b)? * 100 + pair(c, d)?;
        let [month, day] = [pair(m, n)?, pair(x, y)?];
        if year < 1000 || !is_date(year, month, day) {
            return None;
        }
        (self.text, self.days) = (*date, days_from_civil(year, month, day));
        Some(self.days)
    }
}

#[inline]
fn pair(first: u8, second: u8) -> Option<i64> {
    let [first, second] = [first, second].map(|byte| byte.wrapping_sub(b'0'));
    (first <= 9 && second <= 9).then(|| i64::from(first) * 10 + i64::from(second))
}
