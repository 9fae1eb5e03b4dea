//! Points in time with words in them: `24 Nov 2026`, `Tue, 24 Nov 2026 14:05:06 GMT`,
//! `2026年11月24日 下午2:05`.

use super::parse::{Cursor, date, parse_clock, parse_date};
use super::{DAY, Order, Time, TimeForm};

/// The months in English, German, French and Spanish; a list for each place.
const MONTHS: [&[&str]; 12] = [
    &["january", "januar", "jänner", "janvier", "enero"],
    &["february", "februar", "février", "fevrier", "febrero"],
    &["march", "märz", "maerz", "mrz", "mars", "marzo"],
    &["april", "avril", "abril"],
    &["may", "mai", "mayo"],
    &["june", "juni", "juin", "junio"],
    &["july", "juli", "juillet", "julio"],
    &["august", "août", "aout", "agosto"],
    &["september", "septembre", "septiembre", "setiembre"],
    &["october", "oktober", "octobre", "octubre"],
    &["november", "novembre", "noviembre"],
    &["december", "dezember", "décembre", "decembre", "diciembre"],
];
const WEEKDAYS: [&[&str]; 7] = [
    &["monday", "montag", "lundi", "lunes"],
    &["tuesday", "dienstag", "mardi", "martes"],
    &["wednesday", "mittwoch", "mercredi", "miércoles"],
    &["thursday", "donnerstag", "jeudi", "jueves"],
    &["friday", "freitag", "vendredi", "viernes"],
    &["saturday", "samstag", "samedi", "sábado"],
    &["sunday", "sonntag", "dimanche", "domingo"],
];

/// What is left of a text while it is read.
struct Words<'a>(&'a str);

impl<'a> Words<'a> {
    /// A run of digits, behind white space and the marks between the parts of a date.
    fn number(&mut self, most: usize) -> Option<(i64, usize)> {
        let rest = self.0.trim_start_matches([' ', ',', '-', '/', '.']);
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        if length == 0 || length > most {
            return None;
        }
        self.0 = &rest[length..];
        Some((rest[..length].parse().ok()?, length))
    }

    /// The place of a word in a list, written out or as its first three to five letters.
    fn word(&mut self, list: &[&[&str]]) -> Option<i64> {
        let rest = self.0.trim_start_matches([' ', ',', '-', '/', '.']);
        let end = rest.find(|letter: char| !letter.is_alphabetic());
        let (word, rest) = rest.split_at(end.unwrap_or(rest.len()));
        if word.len() > 12 {
            return None;
        }
        let word = word.to_lowercase();
        let letters = word.chars().count();
        let known = |full: &&str| {
            full.starts_with(&word) && (matches!(letters, 3 | 4) || word.len() == full.len())
        };
        let place = list.iter().position(|names| names.iter().any(known))?;
        self.0 = rest;
        Some(place as i64)
    }

    /// The Spanish word between the parts of a date.
    fn of(&mut self) {
        self.0 = self.0.strip_prefix(" de ").unwrap_or(self.0);
    }

    fn text(&mut self, text: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }
}

/// A point in time with words in it. Its text can't be had back from its form.
pub(super) fn parse(cell: &[u8]) -> Option<Time> {
    let text = std::str::from_utf8(cell).ok()?;
    // Cheap: most texts that come here are no times at all.
    if text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    let (days, order, rest) = chinese(text)
        .or_else(|| with_month_name(text))
        .or_else(|| numeric(text))?;
    let mut form = TimeForm::day();
    form.order = order;
    form.separator = b'/';
    let mut micros = days * DAY;
    let rest = rest.trim();
    if !rest.is_empty() {
        let clock = plain_clock(rest);
        let mut cursor = Cursor(clock.as_bytes());
        let (clock, within, _) = parse_clock(&mut cursor)?;
        if !cursor.0.is_empty() {
            return None;
        }
        form.clock = Some(clock);
        micros += within;
    }
    Some(Time {
        micros,
        form,
        exact: false,
    })
}

/// `2026年11月24日`, also with `号`.
fn chinese(text: &str) -> Option<(i64, Order, &str)> {
    let mut words = Words(text);
    let (year, _) = words.number(4)?;
    words.text("年")?;
    let (month, _) = words.number(2)?;
    words.text("月")?;
    if words.0.is_empty() {
        return Some((date(year, month, 1)?, Order::YearMonthDay, ""));
    }
    let (day, _) = words.number(2)?;
    words.text("日").or_else(|| words.text("号"))?;
    Some((date(year, month, day)?, Order::YearMonthDay, words.0))
}

/// `24 Nov 2026`, `24-Nov-26`, `November 24, 2026`, `24 de noviembre de 2026`, each with a day of the
/// week or none; `Nov 2026`.
fn with_month_name(text: &str) -> Option<(i64, Order, &str)> {
    let mut words = Words(text);
    words.word(&WEEKDAYS);
    let (day, month) = if let Some(month) = words.word(&MONTHS) {
        words.of();
        match words.number(4)? {
            (year, 4) if words.0.is_empty() => {
                let first = date(year, month + 1, 1)?;
                return Some((first, Order::YearMonthDay, ""));
            }
            (day, 1 | 2) => (day, month),
            _ => return None,
        }
    } else {
        let (day, _) = words.number(2)?;
        words.of();
        let month = words.word(&MONTHS)?;
        words.of();
        (day, month)
    };
    let year = match words.number(4)? {
        (year, 4) => year,
        (year @ 0..70, 2) => 2000 + year,
        (year, 2) => 1900 + year,
        _ => return None,
    };
    Some((date(year, month + 1, day)?, Order::YearMonthDay, words.0))
}

/// Digits alone, with a word in the time of day behind them.
fn numeric(text: &str) -> Option<(i64, Order, &str)> {
    let mut cursor = Cursor(text.as_bytes());
    let (days, form) = parse_date(&mut cursor)?;
    let rest = text.get(text.len() - cursor.0.len()..)?;
    (!rest.is_empty()).then_some((days, form.order, rest))
}

/// A time of day in the shape that [`parse_clock`] knows.
fn plain_clock(text: &str) -> String {
    let mut noon = "";
    let mut rest = text.trim_start_matches([',', 'T', ' ']);
    for (word, written) in [("上午", " AM"), ("下午", " PM"), ("at ", "")] {
        if let Some(behind) = rest.strip_prefix(word) {
            (noon, rest) = (written, behind.trim_start());
        }
    }
    let mut clock = format!(" {rest}{noon}");
    let marks = [
        ("时", ":"),
        ("時", ":"),
        ("点", ":"),
        ("分", ":"),
        ("秒", ""),
        ("GMT+0000", "UTC"),
        ("GMT", "UTC"),
        ("a.m.", "am"),
        ("p.m.", "pm"),
    ];
    for (mark, plain) in marks {
        clock = clock.replace(mark, plain);
    }
    // `14时05分` leaves a mark behind.
    clock.trim_end_matches(':').to_owned()
}
