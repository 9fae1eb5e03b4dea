//! What a column is, decided over all its cells by way of its distinct texts.

use super::column::Texts;
use super::number::{self, Evidence, Number, NumberConflict, NumberForm, NumberReading};
use super::options::{DateOrder, DecimalMark, Writing};
use super::time::{self, Time, TimeConflict, TimeEvidence, TimeForm, TimeReading};
use super::typed::{Typed, in_parts};
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

/// What is known of how the numbers and dates of a file are written, before they are looked at.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Habits {
    /// The file comes from where commas are decimal: its delimiter is `;`.
    pub(super) comma_country: bool,
    /// Commas are decimal, or points are, since it was asked for.
    pub(super) decimal_comma: Option<bool>,
    /// Likewise whether the day stands before the month.
    pub(super) day_first: Option<bool>,
}

impl Habits {
    /// What is known where a file is written so.
    pub(super) fn of(writing: Writing) -> Self {
        Self {
            comma_country: writing.semicolons,
            decimal_comma: writing.decimal.map(|mark| mark == DecimalMark::Comma),
            day_first: writing.dates.map(|order| order == DateOrder::DayFirst),
        }
    }
}

/// Why a column of nothing but numbers, or dates, was not read as one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Conflict {
    Numbers(NumberConflict),
    Dates(TimeConflict),
}

/// A column's data and what a person should know about how it was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Settled {
    pub(super) data: ColumnData,
    /// Cells that did not fit the type and became missing.
    pub(super) misfits: usize,
    /// The cells can be read in two ways.
    pub(super) ambiguous: bool,
    /// Where the cells alone could be read in two ways, or had to decide between them: whether the day
    /// stands first, or commas are decimal.
    pub(super) reading: Option<bool>,
    /// The share of numbers in a column that is none of numbers because of a few cells.
    pub(super) almost_number: Option<f64>,
    /// Its cells are all numbers, or all dates, that contradict each other.
    pub(super) conflict: Option<Conflict>,
}

impl Settled {
    fn new(data: ColumnData) -> Self {
        Self {
            data,
            misfits: 0,
            ambiguous: false,
            reading: None,
            almost_number: None,
            conflict: None,
        }
    }
}

/// A column that was read as numbers.
pub(super) fn numbers(
    numbers: Typed<f64, NumberForm>,
    reading: NumberReading,
    misfits: usize,
) -> Settled {
    let mut unread = 0;
    let kept = |form| reading.keeps(form);
    let values = numbers.into_values(kept, |value, form| {
        if value.is_nan() {
            return value;
        }
        reading.value(value, form).unwrap_or_else(|| {
            unread += 1;
            f64::NAN
        })
    });
    Settled {
        misfits: misfits + unread,
        ambiguous: reading.ambiguous,
        reading: reading.ambiguous.then_some(reading.european),
        ..Settled::new(ColumnData::Number(values))
    }
}

/// A column that was read as points in time.
pub(super) fn times(times: Typed<i64, TimeForm>, reading: TimeReading, misfits: usize) -> Settled {
    let mut unread = 0;
    let values = times.into_values(
        |_| false,
        |micros, form| {
            if micros == MISSING_TIME {
                return micros;
            }
            millis(micros, form, reading).unwrap_or_else(|| {
                unread += 1;
                MISSING_TIME
            })
        },
    );
    Settled {
        misfits: misfits + unread,
        ambiguous: reading.ambiguous,
        reading: reading.told(),
        ..Settled::new(ColumnData::Time(values))
    }
}

fn millis(micros: i64, form: TimeForm, reading: TimeReading) -> Option<i64> {
    Some(reading.micros(micros, form)?.div_euclid(1000))
}

/// A column that was kept as texts: of the type asked for, or of the first type that all its texts
/// fit: boolean, number, time, then category or text.
pub(super) fn texts(texts: Texts, wanted: Option<ColumnType>, habits: Habits) -> Settled {
    let empty = texts.interner.texts().all(is_missing);
    let forced = wanted.is_some();
    let candidates = match wanted {
        Some(wanted) => vec![wanted],
        None if empty => vec![],
        None => vec![ColumnType::Boolean, ColumnType::Number, ColumnType::Time],
    };
    let mut conflict = None;
    for candidate in candidates {
        let settled = match candidate {
            ColumnType::Boolean => Ok(as_booleans(&texts, forced)),
            ColumnType::Number => as_numbers(&texts, forced, habits).map_err(Conflict::Numbers),
            ColumnType::Time => as_times(&texts, forced, habits).map_err(Conflict::Dates),
            ColumnType::Category => return as_words(texts, Some(true)),
            ColumnType::Text => return as_words(texts, Some(false)),
        };
        match settled {
            Ok(Some(settled)) => return settled,
            Ok(None) => {}
            Err(found) => conflict = Some(found),
        }
    }
    Settled {
        conflict,
        ..as_words(texts, None)
    }
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

/// How many cells have each text.
fn count_cells(texts: &Texts) -> Vec<usize> {
    let mut counts = vec![0; texts.interner.len()];
    in_parts(texts.codes.iter(), |&code| counts[code as usize] += 1);
    counts
}

/// The cells of a column whose distinct texts have these values, with the number of misfits; `None`
/// where there are misfits that are not to be.
fn spread<T, V: Copy>(
    texts: &Texts,
    levels: &Levels<T>,
    strict: bool,
    missing: V,
    value: impl Fn(&T) -> Option<V>,
) -> Option<(Vec<V>, usize)> {
    let mut unread = vec![false; levels.len()];
    let values: Vec<V> = levels
        .iter()
        .zip(&mut unread)
        .map(|(level, unread)| {
            let Some(level) = level else {
                return missing;
            };
            let read = level.as_ref().and_then(&value);
            *unread = read.is_none();
            read.unwrap_or(missing)
        })
        .collect();
    let misfits = if unread.contains(&true) {
        if strict {
            return None;
        }
        let codes = texts.codes.iter();
        codes.filter(|&&code| unread[code as usize]).count()
    } else {
        0
    };
    let mut cells = Vec::with_capacity(texts.codes.len());
    in_parts(texts.codes.iter(), |&code| {
        cells.push(values[code as usize])
    });
    Some((cells, misfits))
}

fn as_booleans(texts: &Texts, forced: bool) -> Option<Settled> {
    let words = |text: &[u8]| boolean(std::str::from_utf8(text).ok()?);
    let first = texts.interner.texts().find_map(words)?;
    if !forced && has_misfit(texts, words) {
        return None;
    }
    let levels = read_levels(texts, |text| words(text).filter(|word| word.0 == first.0));
    let (cells, misfits) = spread(texts, &levels, !forced, MISSING_BOOLEAN, |word| {
        Some(u8::from(word.1))
    })?;
    Some(Settled {
        misfits,
        ..Settled::new(ColumnData::Boolean(cells))
    })
}

fn as_numbers(
    texts: &Texts,
    forced: bool,
    habits: Habits,
) -> Result<Option<Settled>, NumberConflict> {
    if !forced && has_misfit(texts, |text| number::parse(text, false)) {
        return Ok(None);
    }
    let levels: Levels<Number> = read_levels(texts, |text| number::parse(text, forced));
    let mut evidence = Evidence::default();
    for (level, cells) in levels.iter().zip(count_cells(texts)) {
        if let Some(Some(number)) = level {
            evidence.add(number.value, number.form, cells);
        }
    }
    let reading = match evidence.settle(habits.comma_country, habits.decimal_comma) {
        Err(_) if forced => NumberReading::each(),
        reading => reading?,
    };
    let value = |number: &Number| reading.value(number.value, number.form);
    let Some((cells, misfits)) = spread(texts, &levels, false, f64::NAN, value) else {
        return Ok(None);
    };
    Ok(Some(Settled {
        misfits,
        ambiguous: reading.ambiguous,
        reading: reading.ambiguous.then_some(reading.european),
        ..Settled::new(ColumnData::Number(cells))
    }))
}

fn as_times(texts: &Texts, forced: bool, habits: Habits) -> Result<Option<Settled>, TimeConflict> {
    if !forced && has_misfit(texts, time::parse) {
        return Ok(None);
    }
    let levels: Levels<Time> = read_levels(texts, time::parse);
    let mut evidence = TimeEvidence::default();
    for (level, cells) in levels.iter().zip(count_cells(texts)) {
        if let Some(Some(time)) = level {
            evidence.add(time.form, cells);
        }
    }
    let reading = match evidence.settle(habits.day_first) {
        Err(_) if forced => TimeReading::default(),
        reading => reading?,
    };
    let value = |time: &Time| millis(time.micros, time.form, reading);
    let Some((cells, misfits)) = spread(texts, &levels, false, MISSING_TIME, value) else {
        return Ok(None);
    };
    Ok(Some(Settled {
        misfits,
        ambiguous: reading.ambiguous,
        reading: reading.told(),
        ..Settled::new(ColumnData::Time(cells))
    }))
}

/// A dictionary without its missing words; a category if asked for or if there are few enough.
fn as_words(texts: Texts, category: Option<bool>) -> Settled {
    let almost_number = match category {
        None => share_of_numbers(&texts),
        Some(_) => None,
    };
    let Texts {
        mut interner,
        mut codes,
        ..
    } = texts;
    interner.close();
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
    let mut filled = codes.len();
    if levels.len() < renumbered.len() {
        in_parts(codes.iter_mut(), |code| {
            *code = renumbered[*code as usize];
            filled -= usize::from(*code == MISSING_CODE);
        });
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
    let levels = read_levels(texts, |text| number::parse(text, false).map(|_| ()));
    let mut names = levels.iter().zip(texts.interner.texts());
    let named = |(level, text): (&Option<Option<()>>, &[u8])| {
        matches!(level, Some(None)) && number::parse(text, true).is_some()
    };
    if !levels.contains(&Some(Some(()))) || names.any(named) {
        return None;
    }
    let (mut filled, mut numbers) = (0usize, 0usize);
    in_parts(texts.codes.iter(), |&code| {
        if let Some(level) = &levels[code as usize] {
            filled += 1;
            numbers += usize::from(level.is_some());
        }
    });
    let share = numbers as f64 / filled.max(1) as f64;
    (share >= ALMOST && numbers < filled).then_some(share)
}
