//! The cells of one column, while they come in.
//!
//! Every column begins as a dictionary of the texts as they stand in the file, and most end as one:
//! what a column is can then be decided at the end over its distinct texts, which is the same as over
//! all its cells. A column with more than [`SPILL_LEVELS`] distinct texts that all read as numbers,
//! or all as points in time, goes on as typed values ([`Typed`]), at nine bytes a row instead of the
//! texts. Should a later cell not fit, the texts are had back and it goes on as a dictionary for good.
//! So the result never depends on where the switch was made, only on the cells.

use super::infer::{self, Habits, Settled};
use super::interner::Interner;
use super::number::{self, Evidence, NumberForm, NumberReading};
use super::records::{Bounds, trim};
use super::time::{self, IsoReader, TimeEvidence, TimeForm};
use super::typed::{Typed, reserve};
use super::words::is_missing;
use crate::table::{ColumnType, MISSING_TIME};

/// More distinct texts than this are not kept where they are numbers or points in time.
const SPILL_LEVELS: usize = 1024;
/// From so many cells on they are looked up together.
const MANY_CELLS: usize = 16;
/// How many cells are taken from where they stand at a time.
const BLOCK: usize = 256;
/// How many texts say what a column is likely to be.
const FIRST_TEXTS: usize = 20;

/// There are more different texts than a dictionary may hold.
#[derive(Debug, PartialEq)]
pub(super) struct Full;

/// The texts of a column, by code, and a code per row.
#[derive(Debug, Clone)]
pub(super) struct Texts {
    pub(super) interner: Interner,
    pub(super) codes: Vec<u32>,
    /// Stays a dictionary however many texts come.
    kept: bool,
}

#[derive(Debug, Clone)]
enum Cells {
    Texts(Texts),
    Numbers(Typed<f64, NumberForm>),
    Times(Typed<i64, TimeForm>),
}

/// A column that is being read.
#[derive(Debug, Clone)]
pub(super) struct ColumnBuilder {
    cells: Cells,
    /// The type that was asked for.
    wanted: Option<ColumnType>,
    /// Cells that don't fit become missing, instead of making the column one of texts.
    lenient: bool,
    /// How many cells did not fit.
    misfits: usize,
    spill: usize,
    iso: IsoReader,
}

impl ColumnBuilder {
    pub(super) fn new(wanted: Option<ColumnType>) -> Self {
        let kept = !matches!(wanted, None | Some(ColumnType::Number | ColumnType::Time));
        Self {
            cells: Cells::Texts(Texts {
                kept,
                ..Texts::kept()
            }),
            wanted,
            lenient: wanted.is_some(),
            misfits: 0,
            spill: SPILL_LEVELS,
            iso: IsoReader::default(),
        }
    }

    /// An empty column that may hold so many different texts.
    pub(super) fn within(wanted: Option<ColumnType>, levels: usize) -> Self {
        let mut column = Self::new(wanted);
        if let Cells::Texts(texts) = &mut column.cells {
            texts.interner = Interner::within(levels);
        }
        column
    }

    /// Makes room for so many rows in all.
    pub(super) fn reserve(&mut self, rows: usize) {
        match &mut self.cells {
            Cells::Texts(texts) => reserve(&mut texts.codes, rows),
            Cells::Numbers(numbers) => numbers.reserve(rows),
            Cells::Times(times) => times.reserve(rows),
        }
    }

    /// Adds a trimmed cell.
    #[inline]
    pub(super) fn push(&mut self, cell: &[u8]) -> Result<(), Full> {
        match &mut self.cells {
            Cells::Texts(texts) => {
                let code = texts.interner.intern(cell).ok_or(Full)?;
                texts.codes.push(code);
                if !texts.kept && texts.interner.len() > self.spill {
                    self.spill();
                }
                Ok(())
            }
            Cells::Numbers(numbers) => match number::parse_plain(cell) {
                Some((value, decimals)) => {
                    numbers.push_known(value, decimals);
                    Ok(())
                }
                None if cell.is_empty() => {
                    numbers.push_known(f64::NAN, 0);
                    Ok(())
                }
                None => self.push_slowly(cell),
            },
            Cells::Times(times) => match self.iso.parse(cell) {
                Some((micros, form)) => {
                    times.push_known(micros, form);
                    Ok(())
                }
                None => self.push_slowly(cell),
            },
        }
    }

    /// Adds cells of a text, each with the white space around it.
    pub(super) fn push_all(
        &mut self,
        text: &[u8],
        mut cells: impl Iterator<Item = Bounds>,
    ) -> Result<(), Full> {
        let mut block = [(0, 0); BLOCK];
        loop {
            let mut count = 0;
            for (place, cell) in block.iter_mut().zip(&mut cells) {
                *place = cell;
                count += 1;
            }
            self.push_block(text, &block[..count])?;
            if count < BLOCK {
                return Ok(());
            }
        }
    }

    fn push_block(&mut self, text: &[u8], mut cells: &[Bounds]) -> Result<(), Full> {
        let cell = |&(start, end): &Bounds| trim(&text[start as usize..end as usize]);
        while let Some(first) = cells.first() {
            let taken = match &mut self.cells {
                Cells::Texts(texts) if cells.len() >= MANY_CELLS => {
                    let all = texts.interner.intern_all(text, cells, &mut texts.codes);
                    all.ok_or(Full)?;
                    if !texts.kept && texts.interner.len() > self.spill {
                        self.spill();
                    }
                    cells.len()
                }
                Cells::Texts(_) => 0,
                Cells::Numbers(numbers) => numbers.push_while(cells, |place| match cell(place) {
                    [] => Some((f64::NAN, 0)),
                    cell => number::parse_plain(cell),
                }),
                Cells::Times(times) => {
                    let iso = &mut self.iso;
                    times.push_while(cells, |place| iso.parse(cell(place)))
                }
            };
            cells = &cells[taken..];
            // What is no dictionary yet can become one, and the other way round.
            if taken == 0 {
                self.push(cell(first))?;
                cells = &cells[1..];
            }
        }
        Ok(())
    }

    /// Adds a cell to numbers or times that is not written in the plainest way.
    #[cold]
    #[inline(never)]
    fn push_slowly(&mut self, cell: &[u8]) -> Result<(), Full> {
        let fits = match &mut self.cells {
            Cells::Texts(_) => return self.push(cell),
            Cells::Numbers(numbers) => push_number(numbers, cell, self.lenient),
            Cells::Times(times) => push_time(times, cell),
        };
        if fits {
            return Ok(());
        }
        if !self.lenient {
            let texts = match &self.cells {
                Cells::Numbers(numbers) if !numbers.has_forgotten() => texts_of_numbers(numbers),
                Cells::Times(times) if !times.has_forgotten() => texts_of_times(times),
                _ => Err(Full),
            };
            if let Ok(texts) = texts {
                self.cells = Cells::Texts(texts);
                return self.push(cell);
            }
            // Too many to become texts: a stray word shall not cost the whole column.
            self.lenient = true;
        }
        self.misfits += 1;
        match &mut self.cells {
            Cells::Numbers(numbers) => numbers.push_known(f64::NAN, 0),
            Cells::Times(times) => times.push_known(MISSING_TIME, 0),
            Cells::Texts(_) => {}
        }
        Ok(())
    }

    /// Goes on as numbers or times where the texts allow it.
    fn spill(&mut self) {
        let Cells::Texts(texts) = &mut self.cells else {
            return;
        };
        let wanted = self.wanted;
        let numbers = wanted != Some(ColumnType::Time)
            && (wanted.is_some() || texts.fit(|cell| number::parse(cell, false).is_some()));
        let times = wanted == Some(ColumnType::Time)
            || (wanted.is_none() && !numbers && texts.fit(|cell| time::parse(cell).is_some()));
        if !numbers && !times {
            texts.kept = true;
            return;
        }
        let Texts {
            interner, codes, ..
        } = std::mem::replace(texts, Texts::kept());
        self.cells = if numbers {
            Cells::Numbers(Typed::new((0..=15).map(NumberForm::plain).collect()))
        } else {
            Cells::Times(Typed::new(time::forms()))
        };
        for code in codes {
            // Every text was found to fit, or is allowed not to: this cannot return to texts.
            let _ = self.push_typed(interner.text(code as usize));
        }
    }

    fn push_typed(&mut self, cell: &[u8]) -> Result<(), Full> {
        match (&mut self.cells, number::parse_plain(cell)) {
            (Cells::Numbers(numbers), Some((value, decimals))) => {
                numbers.push_known(value, decimals);
                Ok(())
            }
            _ => self.push_slowly(cell),
        }
    }

    /// Whether what it holds so far are numbers or points in time.
    pub(super) fn is_numeric(&self) -> bool {
        match &self.cells {
            Cells::Texts(texts) => texts.is_numeric(),
            Cells::Numbers(_) | Cells::Times(_) => true,
        }
    }

    /// Whether a cell was missing so far.
    pub(super) fn has_gaps(&self) -> bool {
        match &self.cells {
            Cells::Texts(texts) => texts.interner.texts().any(is_missing),
            Cells::Numbers(_) | Cells::Times(_) => true,
        }
    }

    /// How long its texts are together, and how many there are.
    pub(super) fn texts(&self) -> (usize, usize) {
        match &self.cells {
            Cells::Texts(texts) => (texts.interner.bytes(), texts.interner.len()),
            Cells::Numbers(_) | Cells::Times(_) => (0, 0),
        }
    }

    /// The column's data and what was found out on the way.
    pub(super) fn finish(self, habits: Habits) -> Result<Settled, Full> {
        let texts = match self.cells {
            Cells::Texts(texts) => texts,
            Cells::Numbers(numbers) => {
                let mut evidence = Evidence::default();
                for (form, counts) in numbers.tally::<3>(number::kind) {
                    for (value, cells) in number::OF_KIND.into_iter().zip(counts) {
                        if cells > 0 {
                            evidence.add(value, form, cells);
                        }
                    }
                }
                let reading = evidence.settle(habits.comma_country, habits.decimal_comma);
                match reading {
                    Err(_) if !self.lenient && !numbers.has_forgotten() => {
                        texts_of_numbers(&numbers)?
                    }
                    reading => {
                        let reading = reading.unwrap_or_else(|_| NumberReading::each());
                        return Ok(infer::numbers(numbers, reading, self.misfits));
                    }
                }
            }
            Cells::Times(times) => {
                let mut evidence = TimeEvidence::default();
                for (form, [cells]) in times.tally(|value| (value != MISSING_TIME).then_some(0)) {
                    if cells > 0 {
                        evidence.add(form, cells);
                    }
                }
                match evidence.settle(habits.day_first) {
                    Err(_) if !self.lenient && !times.has_forgotten() => texts_of_times(&times)?,
                    reading => {
                        let reading = reading.unwrap_or_default();
                        return Ok(infer::times(times, reading, self.misfits));
                    }
                }
            }
        };
        Ok(infer::texts(texts, self.wanted, habits))
    }
}

/// Adds a cell, unless it is neither a number nor missing.
fn push_number(numbers: &mut Typed<f64, NumberForm>, cell: &[u8], lenient: bool) -> bool {
    if is_missing(cell) {
        numbers.push_known(f64::NAN, 0);
    } else if let Some(number) = number::parse(cell, lenient) {
        return numbers.push(number.value, number.form, number.exact, cell);
    } else {
        return false;
    }
    true
}

/// Adds a cell, unless it is neither a point in time nor missing.
fn push_time(times: &mut Typed<i64, TimeForm>, cell: &[u8]) -> bool {
    if is_missing(cell) {
        times.push_known(MISSING_TIME, 0);
    } else if let Some(time) = time::parse(cell) {
        return times.push(time.micros, time.form, time.exact, cell);
    } else {
        return false;
    }
    true
}

/// The dictionary of the cells' texts as they stood in the file.
fn texts_of_numbers(numbers: &Typed<f64, NumberForm>) -> Result<Texts, Full> {
    let mut texts = Texts::kept();
    numbers.for_each(|value, form, text| match text {
        Some(text) => texts.add(text),
        None if value.is_nan() => texts.add(b""),
        None => texts.add(number::render(value, form).as_bytes()),
    });
    texts.complete(numbers.len())
}

/// As [`texts_of_numbers`].
fn texts_of_times(times: &Typed<i64, TimeForm>) -> Result<Texts, Full> {
    let mut texts = Texts::kept();
    times.for_each(|value, form, text| match text {
        Some(text) => texts.add(text),
        None if value == MISSING_TIME => texts.add(b""),
        None => texts.add(time::render(value, form).as_bytes()),
    });
    texts.complete(times.len())
}

impl Texts {
    /// No texts, and no intention to be anything else.
    fn kept() -> Self {
        Self {
            interner: Interner::new(),
            codes: Vec::new(),
            kept: true,
        }
    }

    /// Adds a text, unless there are too many.
    fn add(&mut self, text: &[u8]) {
        if let Some(code) = self.interner.intern(text) {
            self.codes.push(code);
        }
    }

    /// Itself, if it has so many rows.
    fn complete(self, rows: usize) -> Result<Self, Full> {
        if self.codes.len() == rows {
            Ok(self)
        } else {
            Err(Full)
        }
    }

    /// Whether the first texts are numbers or points in time, missing ones apart.
    fn is_numeric(&self) -> bool {
        let mut filled = self.interner.texts().filter(|text| !is_missing(text));
        let is_numeric =
            |text: &[u8]| number::parse(text, false).is_some() || time::parse(text).is_some();
        let first = filled.next().is_some_and(is_numeric);
        first && filled.take(FIRST_TEXTS).all(is_numeric)
    }

    /// Whether every text fits or stands for a missing cell, and some text fits.
    fn fit(&self, mut fits: impl FnMut(&[u8]) -> bool) -> bool {
        let mut any = false;
        self.interner.texts().all(|text| {
            let fit = fits(text);
            any |= fit;
            fit || is_missing(text)
        }) && any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn column(cells: &[String], spill: usize, wanted: Option<ColumnType>) -> Settled {
        let mut builder = ColumnBuilder {
            spill,
            ..ColumnBuilder::new(wanted)
        };
        for cell in cells {
            builder.push(cell.as_bytes()).unwrap();
        }
        builder.finish(Habits::default()).unwrap()
    }

    /// Columns that are mostly of one kind, with a stray or two.
    fn cells() -> impl Strategy<Value = Vec<String>> {
        let kinds = [
            "-?[0-9]{1,3}(\\.[0-9]{1,3})?",
            "[0-9]{1,3}([,.][0-9]{3})?",
            "[1-9][0-9]?,[0-9]{1,3}",
            "1e[0-9]|0\\.[0-9]{17}|[$][0-9]{1,4}",
            "20(19|20)-0[1-9]-1[0-9]( 1[0-9]:00(:00)?)?",
            "[01][0-9]/[01][0-9]/2024",
            "[a-d]{1,2}",
            "[01]",
        ];
        let strays = prop_oneof![
            Just(String::new()),
            Just("NA".to_owned()),
            Just("007".to_owned()),
            Just("word".to_owned()),
            Just("31/01/2024".to_owned()),
        ];
        let picked = prop::sample::select(kinds.to_vec());
        (picked, prop::collection::vec((0..200usize, strays), 0..2)).prop_flat_map(
            |(kind, strays)| {
                prop::collection::vec(kind, 0..100).prop_map(move |mut cells| {
                    for (at, stray) in &strays {
                        cells.insert((*at).min(cells.len()), stray.clone());
                    }
                    cells
                })
            },
        )
    }

    proptest! {
        #[test]
        fn where_the_switch_is_made_changes_nothing(
            cells in cells(),
            // Yes and no are few, and must stay texts to be told from numbers.
            spill in 7..20usize,
            wanted in prop::sample::select(vec![
                None, Some(ColumnType::Number), Some(ColumnType::Time), Some(ColumnType::Category),
            ]),
        ) {
            // `NaN` is not equal to itself, hence the comparison as text.
            prop_assert_eq!(
                format!("{:?}", column(&cells, spill, wanted)),
                format!("{:?}", column(&cells, usize::MAX, wanted))
            );
        }
    }
}
