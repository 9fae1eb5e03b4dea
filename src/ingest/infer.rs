//! What a column is, decided over all its cells by way of its distinct texts.

use super::column::Texts;
use super::number::{self, Evidence, Number, NumberForm, NumberReading};
use super::time::{self, Time, TimeEvidence, TimeForm, TimeReading};
use super::typed::Typed;
use super::words::{boolean, is_missing};
use crate::table::{
    ColumnData, ColumnType, Dictionary, MISSING_BOOLEAN, MISSING_CODE, MISSING_TIME,
};

/// More distinct texts than this make a column one of texts, not of categories.
const MAX_CATEGORIES: usize = 1000;
/// So do more than this, where more than half of the filled cells are distinct.
const FEW_CATEGORIES: usize = 50;
/// From this share of numbers on, a column of texts is said to be nearly one of numbers.
const ALMOST: f64 = 0.9;

/// A column's data and what a person should know about how it was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Settled {
    pub(super) data: ColumnData,
    /// Cells that did not fit the type and became missing.
    pub(super) misfits: usize,
    /// The cells can be read in two ways.
    pub(super) ambiguous: bool,
    /// Of dates: some cell fits only one order of day and month, and whether the day is first.
    pub(super) day_first: Option<bool>,
    /// The share of numbers in a column that is none of numbers because of a few cells.
    pub(super) almost_number: Option<f64>,
}

impl Settled {
    fn new(data: ColumnData) -> Self {
        Self {
            data,
            misfits: 0,
            ambiguous: false,
            day_first: None,
            almost_number: None,
        }
    }
}

/// A column that was read as numbers.
pub(super) fn numbers(
    numbers: Typed<f64, NumberForm>,
    reading: NumberReading,
    misfits: usize,
) -> Settled {
    let values = numbers.into_values(|value, form| reading.value(value, form));
    Settled {
        misfits,
        ambiguous: reading.ambiguous,
        ..Settled::new(ColumnData::Number(values))
    }
}

/// A column that was read as points in time.
pub(super) fn times(times: Typed<i64, TimeForm>, reading: TimeReading, misfits: usize) -> Settled {
    let values = times.into_values(|micros, form| millis(micros, form, reading));
    Settled {
        misfits,
        ambiguous: reading.ambiguous,
        day_first: reading.decided,
        ..Settled::new(ColumnData::Time(values))
    }
}

fn millis(micros: i64, form: TimeForm, reading: TimeReading) -> i64 {
    match micros {
        MISSING_TIME => MISSING_TIME,
        _ => reading.micros(micros, form).div_euclid(1000),
    }
}

/// A column that was kept as texts: of the type asked for, or of the first type that all its texts
/// fit: boolean, number, time, then category or text.
pub(super) fn texts(texts: Texts, wanted: Option<ColumnType>, comma_country: bool) -> Settled {
    let empty = texts.interner.texts().all(is_missing);
    let forced = wanted.is_some();
    let candidates = match wanted {
        Some(wanted) => vec![wanted],
        None if empty => vec![],
        None => vec![ColumnType::Boolean, ColumnType::Number, ColumnType::Time],
    };
    for candidate in candidates {
        let settled = match candidate {
            ColumnType::Boolean => as_booleans(&texts, forced),
            ColumnType::Number => as_numbers(&texts, forced, comma_country),
            ColumnType::Time => as_times(&texts, forced),
            ColumnType::Category => return as_words(texts, Some(true)),
            ColumnType::Text => return as_words(texts, Some(false)),
        };
        if let Some(settled) = settled {
            return settled;
        }
    }
    as_words(texts, None)
}

/// The value of every distinct text: `Some(None)` where it does not fit, `None` where it is missing.
type Levels<T> = Vec<Option<Option<T>>>;

fn read_levels<T>(texts: &Texts, read: impl Fn(&[u8]) -> Option<T>) -> Levels<T> {
    let read = |text: &[u8]| (!is_missing(text)).then(|| read(text));
    texts.interner.texts().map(read).collect()
}

/// Whether some text neither fits nor is missing: it is then not worth while to read the others.
fn has_misfit<T>(texts: &Texts, read: impl Fn(&[u8]) -> Option<T>) -> bool {
    let is_misfit = |text: &[u8]| !is_missing(text) && read(text).is_none();
    texts.interner.texts().any(is_misfit)
}

/// The cells of a column whose distinct texts have these values, with the number of misfits; `None`
/// where there are misfits that are not to be.
fn spread<T, V: Copy>(
    texts: &Texts,
    levels: &Levels<T>,
    forced: bool,
    missing: V,
    value: impl Fn(&T) -> V,
) -> Option<(Vec<V>, usize)> {
    let is_misfit = |level: &Option<Option<T>>| matches!(level, Some(None));
    let misfits = if levels.iter().any(is_misfit) {
        if !forced {
            return None;
        }
        let codes = texts.codes.iter();
        codes
            .filter(|&&code| is_misfit(&levels[code as usize]))
            .count()
    } else {
        0
    };
    let values: Vec<V> = levels
        .iter()
        .map(|level| {
            level
                .as_ref()
                .and_then(Option::as_ref)
                .map_or(missing, &value)
        })
        .collect();
    let cells = texts.codes.iter().map(|&code| values[code as usize]);
    Some((cells.collect(), misfits))
}

fn as_booleans(texts: &Texts, forced: bool) -> Option<Settled> {
    let words = |text: &[u8]| boolean(std::str::from_utf8(text).ok()?);
    let first = texts.interner.texts().find_map(words)?;
    if !forced && has_misfit(texts, words) {
        return None;
    }
    let levels = read_levels(texts, |text| words(text).filter(|word| word.0 == first.0));
    let (cells, misfits) = spread(texts, &levels, forced, MISSING_BOOLEAN, |word| {
        u8::from(word.1)
    })?;
    Some(Settled {
        misfits,
        ..Settled::new(ColumnData::Boolean(cells))
    })
}

fn as_numbers(texts: &Texts, forced: bool, comma_country: bool) -> Option<Settled> {
    if !forced && has_misfit(texts, |text| number::parse(text, false)) {
        return None;
    }
    let levels: Levels<Number> = read_levels(texts, |text| number::parse(text, forced));
    let mut evidence = Evidence::default();
    for number in levels.iter().flatten().flatten() {
        evidence.add(number.value, number.form);
    }
    let reading = match evidence.settle(comma_country) {
        None if forced => NumberReading::default(),
        reading => reading?,
    };
    let value = |number: &Number| reading.value(number.value, number.form);
    let (cells, misfits) = spread(texts, &levels, forced, f64::NAN, value)?;
    Some(Settled {
        misfits,
        ambiguous: reading.ambiguous,
        ..Settled::new(ColumnData::Number(cells))
    })
}

fn as_times(texts: &Texts, forced: bool) -> Option<Settled> {
    if !forced && has_misfit(texts, time::parse) {
        return None;
    }
    let levels: Levels<Time> = read_levels(texts, time::parse);
    let mut evidence = TimeEvidence::default();
    for time in levels.iter().flatten().flatten() {
        evidence.add(time.form);
    }
    let reading = match evidence.settle() {
        None if forced => TimeReading::default(),
        reading => reading?,
    };
    let value = |time: &Time| millis(time.micros, time.form, reading);
    let (cells, misfits) = spread(texts, &levels, forced, MISSING_TIME, value)?;
    Some(Settled {
        misfits,
        ambiguous: reading.ambiguous,
        day_first: reading.decided,
        ..Settled::new(ColumnData::Time(cells))
    })
}

/// A dictionary without its missing words; a category if asked for or if there are few enough.
fn as_words(texts: Texts, category: Option<bool>) -> Settled {
    let almost_number = match category {
        None => share_of_numbers(&texts),
        Some(_) => None,
    };
    let Texts {
        interner,
        mut codes,
        ..
    } = texts;
    let mut renumbered = Vec::with_capacity(interner.len());
    let mut levels = Vec::new();
    for text in interner.texts() {
        renumbered.push(if is_missing(text) {
            MISSING_CODE
        } else {
            levels.push(String::from_utf8_lossy(text).into_owned());
            levels.len() as u32 - 1
        });
    }
    drop(interner);
    // Growing has left up to as much again unused.
    levels.shrink_to_fit();
    codes.shrink_to_fit();
    let mut filled = 0;
    for code in &mut codes {
        *code = renumbered[*code as usize];
        filled += usize::from(*code != MISSING_CODE);
    }
    let category = category.unwrap_or_else(|| are_categories(levels.len(), filled));
    let dictionary = Dictionary { codes, levels };
    Settled {
        almost_number,
        ..Settled::new(if category {
            ColumnData::Category(dictionary)
        } else {
            ColumnData::Text(dictionary)
        })
    }
}

/// Whether so many distinct texts in so many filled cells are names of groups rather than of things.
fn are_categories(distinct: usize, filled: usize) -> bool {
    distinct <= FEW_CATEGORIES || (distinct <= MAX_CATEGORIES && distinct * 2 <= filled)
}

/// The share of numbers among the filled cells, where it is nearly all of them and the rest are not
/// numbers with leading zeros, which are names.
fn share_of_numbers(texts: &Texts) -> Option<f64> {
    let levels = read_levels(texts, |text| number::parse(text, false));
    let names = levels.iter().zip(texts.interner.texts());
    let named = |(level, text): (&Option<Option<Number>>, &[u8])| {
        matches!(level, Some(None)) && number::parse(text, true).is_some()
    };
    if names.into_iter().any(named) {
        return None;
    }
    let (mut filled, mut numbers) = (0usize, 0usize);
    for &code in &texts.codes {
        if let Some(level) = &levels[code as usize] {
            filled += 1;
            numbers += usize::from(level.is_some());
        }
    }
    let share = numbers as f64 / filled.max(1) as f64;
    (share >= ALMOST && numbers < filled).then_some(share)
}
