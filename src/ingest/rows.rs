//! Records to columns: which records are rows, and where they go.

use super::column::{ColumnBuilder, Full};
use super::dated;
use super::error::IngestError;
use super::findings;
use super::infer::{Habits, Settled};
use super::limits::Limits;
use super::number;
use super::options::{ValidLoadOptions, Writing};
use super::plain::PlainRows;
use super::records::{Bounds, Record, Sink, trim};
use super::sniff::Plan;
use super::summary::{Rejected, RejectedRow};
use super::time;
use super::words::is_missing;
use crate::error::Warning;
use crate::job::{Host, Progress, Signal};
use crate::table::{Column, ColumnData, ColumnType, Dictionary, MISSING_CODE, Table};
use std::collections::BTreeMap;

/// How many rejected rows are told one by one.
const REJECTED_EXAMPLES: usize = 20;
/// How many rows the preview has.
const PREVIEW_ROWS: usize = 8;
/// How many cells are brought into their columns together.
const STAGED_CELLS: usize = 4096;

/// A table in the making.
pub(super) struct Rows {
    names: Vec<String>,
    unnamed: Vec<bool>,
    columns: Vec<Slot>,
    /// What the options say of columns by name.
    types: BTreeMap<String, ColumnType>,
    ignore: Vec<String>,
    habits: Habits,
    limits: Limits,
    /// The first row gave the columns their names.
    header: bool,
    skipped: usize,
    rows: usize,
    records: usize,
    source_rows: Option<Vec<u32>>,
    rejected: Rejected,
    preview: Vec<Vec<String>>,
    /// The cells of the rows that are not in their columns yet, row by row.
    staged: Vec<Bounds>,
    /// A record that looks like totals: if it is the last it is no row.
    held: Option<(Vec<u8>, Vec<Bounds>)>,
    /// A row without its first cell can be that of totals: no other row lacks it.
    gapless: bool,
    /// Another table began.
    ended: bool,
}

/// From so many bytes a text on, texts are notes, which a table does without.
const LONG_TEXT: usize = 64;

/// A column, unless its cells are not kept.
enum Slot {
    // A builder is large, and there are few.
    Kept(Box<ColumnBuilder>),
    /// That was asked for.
    Ignored,
    /// Its texts took so many bytes.
    GivenUp(usize),
}

impl Slot {
    /// Adds cells of a text.
    fn push_all(
        &mut self,
        name: &str,
        text: &[u8],
        cells: impl Iterator<Item = Bounds>,
    ) -> Result<(), IngestError> {
        match self {
            Self::Kept(column) => column.push_all(text, cells).map_err(|Full| {
                let column = name.to_owned();
                IngestError::TooManyLevels { column }
            }),
            Self::Ignored | Self::GivenUp(_) => Ok(()),
        }
    }
}

/// What the records came to.
pub(super) struct Collected {
    pub(super) table: Table,
    pub(super) rejected: Rejected,
    pub(super) preview: Vec<Vec<String>>,
    pub(super) warnings: Vec<Warning>,
}

impl Rows {
    /// An empty table after a plan.
    ///
    /// # Errors
    /// `unknown-column` where the options give a type to a column that is not there.
    pub(super) fn new(plan: &Plan, options: &ValidLoadOptions) -> Result<Self, IngestError> {
        let mut rows = Self {
            names: Vec::new(),
            unnamed: Vec::new(),
            columns: Vec::new(),
            types: options.types.clone(),
            ignore: options.ignore.clone(),
            habits: Habits::of(Writing {
                dates: options.dates,
                decimal: options.decimal,
                semicolons: plan.dialect.delimiter == b';',
            }),
            limits: options.limits,
            header: plan.header,
            skipped: plan.skipped_records,
            rows: 0,
            records: 0,
            source_rows: None,
            rejected: Rejected::default(),
            preview: Vec::new(),
            staged: Vec::new(),
            held: None,
            gapless: true,
            ended: false,
        };
        for (name, &unnamed) in plan.names.iter().zip(&plan.unnamed) {
            rows.add_column(name.clone(), unnamed);
        }
        if !plan.names.is_empty() {
            rows.check_types()?;
        }
        Ok(rows)
    }

    /// Adds a column, which is missing in all rows so far.
    pub(super) fn add_column(&mut self, name: String, unnamed: bool) {
        self.columns.push(if self.ignore.contains(&name) {
            Slot::Ignored
        } else {
            let wanted = self.types.get(&name).copied();
            let mut column = Box::new(ColumnBuilder::within(wanted, self.limits.levels));
            for _ in 0..self.rows {
                // One text, which is never too many.
                let _ = column.push(b"");
            }
            Slot::Kept(column)
        });
        self.unnamed.push(unnamed);
        self.names.push(name);
    }

    /// Makes room for so many rows in all.
    pub(super) fn reserve(&mut self, rows: usize) {
        for slot in &mut self.columns {
            if let Slot::Kept(column) = slot {
                column.reserve(rows.min(self.limits.rows));
            }
        }
    }

    fn check_types(&self) -> Result<(), IngestError> {
        match self.types.keys().find(|name| !self.names.contains(name)) {
            None => Ok(()),
            Some(column) => Err(IngestError::UnknownColumn {
                column: column.clone(),
            }),
        }
    }

    /// How many columns there are so far.
    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }

    /// How many rows there are so far.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Whether a record is a row, counted as such; all others are counted for what they are.
    #[inline]
    fn admit(&mut self, record: &Record<'_>) -> Result<bool, IngestError> {
        if self.skipped > 0 {
            // Blank records were not counted when the plan was made.
            self.skipped -= usize::from(!record.is_blank());
            return Ok(false);
        }
        if self.records == self.limits.rows {
            return Err(IngestError::TooManyRows);
        }
        self.records += 1;
        let width = self.columns.len();
        let fits = record.count == width || (record.count > width && record.is_empty_from(width));
        if !fits || (width != 1 && record.is_blank()) {
            self.reject(record);
            return Ok(false);
        }
        if let Some(source_rows) = &mut self.source_rows {
            source_rows.push(self.records as u32 - 1);
        }
        if self.preview.len() < PREVIEW_ROWS {
            let text = |cell| String::from_utf8_lossy(cell).into_owned();
            self.preview
                .push(record.cells().take(width).map(text).collect());
        }
        self.rows += 1;
        Ok(true)
    }

    /// Keeps a record back until another follows.
    #[cold]
    fn hold(&mut self, record: &Record<'_>) {
        let mut bytes = Vec::new();
        let bounds = record.cells().map(|cell| {
            let start = bytes.len() as u32;
            bytes.extend_from_slice(cell);
            (start, bytes.len() as u32)
        });
        let bounds = bounds.collect();
        self.held = Some((bytes, bounds));
    }

    /// Takes the record that was kept back as a row like others. `text` is what the staged cells are in.
    #[cold]
    fn release(&mut self, text: &[u8]) -> Result<(), IngestError> {
        let Some((bytes, bounds)) = self.held.take() else {
            return Ok(());
        };
        self.spread(text)?;
        let record = Record::new(&bytes, &bounds);
        self.gapless &= bounds.first().is_none_or(|cell| cell.0 != cell.1);
        if self.admit(&record)? {
            let width = self.columns.len();
            self.staged.extend_from_slice(&record.bounds()[..width]);
            self.spread(&bytes)?;
        }
        Ok(())
    }

    /// Brings the staged cells into their columns, one column after the other: so the look-ups of one
    /// column wait for memory together.
    fn spread(&mut self, text: &[u8]) -> Result<(), IngestError> {
        let width = self.columns.len();
        for (index, (slot, name)) in self.columns.iter_mut().zip(&self.names).enumerate() {
            let cells = self.staged.get(index..).unwrap_or_default();
            slot.push_all(name, text, cells.iter().step_by(width).copied())?;
        }
        self.staged.clear();
        self.check_texts()
    }

    /// How many of the first rows are rows like others: no totals, no header, not blank.
    fn ordinary(&self, rows: &PlainRows<'_>) -> usize {
        let room = self.limits.rows - self.records;
        let header = self.names.first().filter(|_| self.header);
        let is_ordinary = |(index, (first, _)): &(usize, (&[u8], usize))| {
            let first = trim(first);
            // Nearly all rows are done with here.
            if !first.is_empty()
                && !can_be_totals(first)
                && header.is_none_or(|name| name.as_bytes() != first)
            {
                return true;
            }
            if first.is_empty() && self.gapless {
                return false;
            }
            let bounds = rows.row(*index);
            let record = Record::new(rows.text, &bounds);
            !record.is_blank() && !is_totals(&record) && !self.is_header(&record)
        };
        let firsts = rows.firsts().enumerate().take(room);
        firsts.take_while(is_ordinary).count()
    }

    /// Gives up columns of long texts where there is no more room for them.
    ///
    /// # Errors
    /// `too-much-text` where the texts are short, and perhaps needed.
    fn check_texts(&mut self) -> Result<(), IngestError> {
        loop {
            let (mut total, mut most) = (0, (0, 0, 0));
            for (index, slot) in self.columns.iter().enumerate() {
                if let Slot::Kept(column) = slot {
                    let (bytes, texts) = column.texts();
                    total += bytes;
                    most = most.max((bytes, texts, index));
                }
            }
            let (bytes, texts, index) = most;
            let limits = &self.limits;
            if bytes <= limits.column_text_bytes && total <= limits.table_text_bytes {
                return Ok(());
            }
            if bytes / texts.max(1) < LONG_TEXT {
                let column = self.names[index].clone();
                return Err(IngestError::TooMuchText { column });
            }
            self.columns[index] = Slot::GivenUp(bytes);
        }
    }

    /// Takes a record whose cells nobody has measured yet.
    ///
    /// # Errors
    /// `cell-too-long`, and those of [`Sink::take`].
    pub(super) fn accept(&mut self, record: &Record<'_>) -> Result<(), IngestError> {
        let limit = self.limits.cell_bytes;
        if record.cells().any(|cell| cell.len() > limit) {
            return Err(IngestError::CellTooLong { row: self.records });
        }
        self.take(record)
    }

    /// Looks at a record behind a blank line: another table can begin there.
    #[cold]
    fn look_behind_blank(&mut self, record: &Record<'_>) -> Result<(), IngestError> {
        self.spread(record.bytes())?;
        let is_word = |cell: &[u8]| {
            !is_missing(cell) && number::parse(cell, true).is_none() && time::parse(cell).is_none()
        };
        if record.count < 2 || !record.cells().all(is_word) || self.is_header(record) {
            return Ok(());
        }
        let is_numeric = |slot: &Slot| matches!(slot, Slot::Kept(column) if column.is_numeric());
        let fits = record.count == self.columns.len();
        self.ended = fits && self.columns.iter().any(is_numeric);
        // Rows of another width are told apart by that; but what stands above was the last of this table.
        if (self.ended || !fits) && self.held.take().is_some() {
            self.reject_totals()?;
        }
        Ok(())
    }

    /// Whether a record is the header once more, as where files were put one behind the other.
    fn is_header(&self, record: &Record<'_>) -> bool {
        let mut cells = record.cells();
        let names = || self.names.iter().map(String::as_bytes);
        self.header
            && self.columns.len() > 1
            && cells.next() == names().next()
            && cells.eq(names().skip(1))
    }

    /// Whether the first cell is empty, which it is nowhere else, and all others are numbers or empty
    /// too: so some programs write totals.
    fn are_unnamed_totals(&mut self, record: &Record<'_>) -> bool {
        let is_gap = record.bounds().first().is_some_and(|cell| cell.0 == cell.1);
        if !is_gap || !self.gapless || record.count != self.columns.len() {
            return false;
        }
        let number = |cell: &[u8]| number::parse(cell, false).is_some();
        let filled = || record.cells().filter(|cell| !cell.is_empty());
        if self.spread(record.bytes()).is_err() || filled().count() == 0 {
            return false;
        }
        // The first rows say it; where the first column has gaps, this is no news.
        let named = self.columns.first().is_some_and(
            |slot| matches!(slot, Slot::Kept(column) if !column.is_numeric() && !column.has_gaps()),
        );
        self.gapless = named;
        named && filled().all(number)
    }

    fn reject_totals(&mut self) -> Result<(), IngestError> {
        self.reject_record("totals-row", "The last row holds totals.".to_owned())
    }

    fn reject(&mut self, record: &Record<'_>) {
        self.keep_numbers();
        let (has, width) = (record.count, self.columns.len());
        let (code, message) = if record.is_blank() {
            ("blank-row", "The row is blank.".to_owned())
        } else if has > width {
            let message = format!("The row has {has} cells, more than the {width} columns.");
            ("too-many-fields", message)
        } else if record.spans_lines() {
            let message = format!(
                "The row has {has} cells, fewer than the {width} columns, and spans several lines: \
                 perhaps a quote is not closed."
            );
            ("unclosed-quote", message)
        } else {
            let message = format!("The row has {has} cells, fewer than the {width} columns.");
            ("too-few-fields", message)
        };
        self.note(code, message);
    }

    /// Counts a record that is no row, told one by one while they are few.
    fn note(&mut self, code: &'static str, message: String) {
        self.rejected.count += 1;
        if self.rejected.examples.len() < REJECTED_EXAMPLES {
            self.rejected.examples.push(RejectedRow {
                row: self.records - 1,
                code,
                message,
            });
        }
    }

    /// Takes a record that has no cells at all.
    ///
    /// # Errors
    /// `too-many-rows`.
    pub(super) fn reject_record(
        &mut self,
        code: &'static str,
        message: String,
    ) -> Result<(), IngestError> {
        if self.records == self.limits.rows {
            return Err(IngestError::TooManyRows);
        }
        self.records += 1;
        self.keep_numbers();
        self.note(code, message);
        Ok(())
    }

    /// From the first rejected record on, rows keep the numbers they had in the file.
    fn keep_numbers(&mut self) {
        if self.source_rows.is_none() {
            self.source_rows = Some((0..self.rows as u32).collect());
        }
    }

    /// The table and all that was noted on the way.
    ///
    /// # Errors
    /// `no-rows`, `all-rows-rejected`, `too-many-levels`, `too-much-text`, `aborted`.
    pub(super) async fn finish(mut self, host: &mut impl Host) -> Result<Collected, IngestError> {
        self.check_types()?;
        if self.rows < 2 {
            self.release(&[])?;
        } else if self.held.take().is_some() {
            self.reject_totals()?;
        }
        if self.rows == 0 {
            let columns = self.columns.len();
            return Err(match self.rejected.count {
                0 => IngestError::NoRows,
                count => IngestError::AllRowsRejected { count, columns },
            });
        }
        let mut collected = Collected {
            table: Table {
                columns: Vec::with_capacity(self.columns.len()),
                source_rows: self.source_rows,
                rows: self.rows,
            },
            rejected: self.rejected,
            preview: vec![Vec::new(); self.preview.len()],
            warnings: Vec::new(),
        };
        let mut empty_names = Vec::new();
        let count = self.columns.len();
        let columns = self.columns.into_iter().zip(self.names).zip(self.unnamed);
        for (index, ((slot, name), unnamed)) in columns.enumerate() {
            host.report(Progress {
                phase: "infer",
                fraction: index as f64 / count as f64,
                ..Progress::default()
            });
            if host.breathe().await == Signal::Cancel {
                return Err(IngestError::Aborted);
            }
            let builder = match slot {
                Slot::Kept(builder) => builder,
                Slot::Ignored => {
                    collected.leave_out(name, index, &self.preview);
                    continue;
                }
                Slot::GivenUp(bytes) => {
                    collected.warnings.push(findings::given_up(&name, bytes));
                    collected.leave_out(name, index, &self.preview);
                    continue;
                }
            };
            let mut settled = match builder.finish(self.habits) {
                Ok(settled) => settled,
                Err(Full) => return Err(IngestError::TooManyLevels { column: name }),
            };
            // A delimiter at the end of every line, header and all, makes a column of nothing.
            let is_nothing = matches!(&settled.data, ColumnData::Category(dictionary)
                if dictionary.levels.is_empty());
            if unnamed && is_nothing && index > 0 {
                continue;
            }
            if unnamed {
                empty_names.push(name.clone());
            }
            let rows = collected.table.rows;
            collected
                .warnings
                .extend(findings::of(&name, &settled, rows));
            if !self.types.contains_key(&name) {
                collected.date(&name, &mut settled);
            }
            collected.add(name, settled.data, index, &self.preview);
        }
        collected.warn_of_empty_names(empty_names);
        Ok(collected)
    }
}

/// Whether a cell can be one of those words: nearly all cells are done with here.
#[inline]
fn can_be_totals(first: &[u8]) -> bool {
    let begins = |&byte: &u8| matches!(byte | 0x20, b't' | b's' | b'g' | 0xe5 | 0xe6);
    first.first().is_some_and(begins) && first.len() <= 16
}

/// Whether the first cell that is filled says that the others are totals.
#[inline]
fn is_totals(record: &Record<'_>) -> bool {
    const WORDS: [&str; 12] = [
        "total",
        "totals",
        "grand total",
        "sum",
        "summe",
        "gesamt",
        "gesamtsumme",
        "total général",
        "合计",
        "总计",
        "总和",
        "合計",
    ];
    let Some(first) = record.cells().find(|cell| !cell.is_empty()) else {
        return false;
    };
    if !can_be_totals(first) {
        return false;
    }
    let text = std::str::from_utf8(first).unwrap_or_default();
    let text = text.trim_end_matches([':', '：']);
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

impl Sink for Rows {
    fn take(&mut self, record: &Record<'_>) -> Result<(), IngestError> {
        self.stage(record)?;
        self.flush(record.bytes())
    }

    #[inline]
    fn stage(&mut self, record: &Record<'_>) -> Result<(), IngestError> {
        if record.after_blank && self.rows > 0 && !self.ended {
            self.look_behind_blank(record)?;
        }
        if self.ended {
            let message = "Another table begins above it, behind a blank line.".to_owned();
            return self.reject_record("second-table", message);
        }
        if self.held.is_some() {
            self.release(record.bytes())?;
        }
        if self.skipped == 0 && self.columns.len() > 1 {
            if is_totals(record) || (self.rows > 1 && self.are_unnamed_totals(record)) {
                self.hold(record);
                return Ok(());
            }
            if self.rows > 0 && self.is_header(record) {
                let message = "The row is the header once more.".to_owned();
                return self.reject_record("repeated-header", message);
            }
        }
        if self.admit(record)? {
            let width = self.columns.len();
            self.staged.extend_from_slice(&record.bounds()[..width]);
            if self.staged.len() >= STAGED_CELLS {
                self.spread(record.bytes())?;
            }
        }
        Ok(())
    }

    fn flush(&mut self, text: &[u8]) -> Result<(), IngestError> {
        if self.staged.is_empty() {
            return Ok(());
        }
        self.spread(text)
    }

    #[inline]
    fn width(&self) -> Option<usize> {
        let started = self.rows > 1 && self.preview.len() == PREVIEW_ROWS && self.skipped == 0;
        let width = self.columns.len();
        (started && !self.ended && self.held.is_none() && width > 1).then_some(width)
    }

    fn take_rows(&mut self, rows: &PlainRows<'_>) -> Result<usize, IngestError> {
        let taken = self.ordinary(rows);
        if taken == 0 {
            return Ok(0);
        }
        self.flush(rows.text)?;
        let rows = rows.first(taken);
        for (index, (slot, name)) in self.columns.iter_mut().zip(&self.names).enumerate() {
            slot.push_all(name, rows.text, rows.column(index))?;
        }
        if let Some(source_rows) = &mut self.source_rows {
            source_rows.extend((self.records..self.records + taken).map(|record| record as u32));
        }
        self.records += taken;
        self.rows += taken;
        self.check_texts()?;
        Ok(taken)
    }
}

impl Collected {
    fn add(&mut self, name: String, data: ColumnData, index: usize, preview: &[Vec<String>]) {
        for (shown, cells) in self.preview.iter_mut().zip(preview) {
            shown.push(cells.get(index).cloned().unwrap_or_default());
        }
        self.table.columns.push(Column { name, data });
    }

    /// Adds a column without its cells.
    fn leave_out(&mut self, name: String, index: usize, preview: &[Vec<String>]) {
        let data = ColumnData::Text(Dictionary {
            codes: vec![MISSING_CODE; self.table.rows],
            levels: Vec::new(),
        });
        self.add(name, data, index, preview);
    }

    /// Makes numbers points in time, where that is what they are.
    fn date(&mut self, name: &str, settled: &mut Settled) {
        let ColumnData::Number(numbers) = &settled.data else {
            return;
        };
        if let Some((times, unit)) = dated::times(name, numbers) {
            settled.data = ColumnData::Time(times);
            let message = format!("The numbers of `{name}` are read as points in time: {unit}.");
            let warning = Warning::new("numbers-as-times", message).columns([name]);
            let rows = self.table.rows as f64;
            self.warnings.push(warning.figure("rows", rows));
        }
    }

    fn warn_of_empty_names(&mut self, names: Vec<String>) {
        let count = names.len();
        if count > 0 {
            let message = format!("{count} columns have no name in the header.");
            let warning = Warning::new("empty-names", message).columns(names);
            self.warnings.push(warning.figure("columns", count as f64));
        }
    }
}
