//! Excel workbooks: the cells of a sheet as records.
//!
//! What opens workbooks is a crate of its own ([`channelwise_workbook`]): linked in where the engine is native, a
//! WebAssembly module that is fetched when it is needed where it runs in a browser. Its cells are made text and then
//! read as those of a text file are: so a column of dates with a stray word, or of numbers stored as text, comes
//! out the same from either.

use super::error::IngestError;
use super::limits::{Limits, MAX_COLUMNS};
use super::number::push_shortest;
use super::options::ValidLoadOptions;
use super::records::{Bounds, Dialect, Record};
use super::rows::{Collected, Rows};
use super::sniff::{self, SNIFF_RECORDS};
use super::time::iso_text;
use crate::error::Warning;
use crate::job::{Host, Progress, Signal};
use channelwise_workbook::cells::{Item, Value, items};
use channelwise_workbook::{About, Fault, Most, Workbook};
use std::pin::Pin;

/// The serial numbers of 1970-01-01 in either of Excel's calendars.
const EPOCH_1900: f64 = 25_569.0;
const EPOCH_1904: f64 = 24_107.0;
/// That of 1900-02-29, a day that never was.
const LEAP_1900: f64 = 60.0;
/// The first serial number beyond the year 9999.
const END_OF_DAYS: f64 = 2_958_466.0;
const DAY_MILLIS: f64 = 86_400_000.0;

/// A workbook that is being opened.
pub type Opening<'a> = Pin<Box<dyn Future<Output = Result<Box<dyn Workbook>, IngestError>> + 'a>>;

/// What opens workbooks.
pub trait OpenWorkbook {
    /// Opens one from its bytes.
    fn open(&self, bytes: Vec<u8>, most: Most) -> Opening<'_>;
}

/// What opens workbooks where nothing else was named: the reader that is linked in, where one is.
pub(super) fn linked_in() -> Box<dyn OpenWorkbook> {
    Box::new(LinkedIn)
}

struct LinkedIn;

impl OpenWorkbook for LinkedIn {
    #[cfg(not(target_arch = "wasm32"))]
    fn open(&self, bytes: Vec<u8>, most: Most) -> Opening<'_> {
        let opened = channelwise_workbook::reader::Book::open(bytes, most);
        let opened = opened.map_err(|fault| told(fault, None));
        Box::pin(std::future::ready(
            opened.map(|book| Box::new(book) as Box<dyn Workbook>),
        ))
    }

    #[cfg(target_arch = "wasm32")]
    fn open(&self, _: Vec<u8>, _: Most) -> Opening<'_> {
        let detail = "no reader was named".to_owned();
        Box::pin(std::future::ready(Err(IngestError::ReaderNotLoaded {
            detail,
        })))
    }
}

/// What a sheet came to.
pub(super) struct SheetRead {
    /// All sheets of the workbook, and the one that was read.
    pub(super) sheets: Vec<String>,
    pub(super) sheet: String,
    pub(super) collected: Collected,
    pub(super) header: bool,
    pub(super) warnings: Vec<Warning>,
}

/// Reads the sheet that the options ask for, or the first that can be a table.
///
/// # Errors
/// `workbook-too-large`, `broken-archive`, `broken-workbook`, `encrypted-archive`, `unknown-sheet`, `empty-file` for a
/// workbook without sheets, `reader-not-loaded`, `aborted`, those of the plan and of [`Rows`].
pub(super) async fn read(
    bytes: Vec<u8>,
    options: &ValidLoadOptions,
    opener: &dyn OpenWorkbook,
    host: &mut impl Host,
) -> Result<SheetRead, IngestError> {
    let opened = opener.open(bytes, most(&options.limits)).await;
    // A reader that was waited for may have been given up.
    if host.breathe().await == Signal::Cancel {
        return Err(IngestError::Aborted);
    }
    let mut workbook = opened?;
    let wanted = options.sheet.as_deref();
    let told = |fault| told(fault, wanted);
    let sheets = workbook.sheets();
    let mut sheet = workbook.sheet(wanted).map_err(told)?;
    let About {
        name,
        from_1904,
        rows,
    } = sheet.about().clone();
    let mut reader = SheetReader::default();
    let mut batch = Vec::new();
    let mut last = 0;
    while sheet.next(&mut batch).map_err(told)? {
        for item in items(&batch) {
            match item.map_err(told)? {
                Item::Row(row) => {
                    reader.end_row(options)?;
                    last = row;
                }
                Item::Cell(column, value) => reader.row.add(column as usize, value, from_1904),
            }
        }
        batch.clear();
        if rows > 0 {
            host.report(Progress {
                phase: "read",
                fraction: (f64::from(last) / f64::from(rows)).min(1.0),
                ..Progress::default()
            });
        }
        if host.breathe().await == Signal::Cancel {
            return Err(IngestError::Aborted);
        }
    }
    drop(sheet);
    // What it holds is not needed while the columns are settled.
    drop(workbook);
    reader.end_row(options)?;
    let (collected, header, warnings) = reader.finish(options, host).await?;
    Ok(SheetRead {
        sheets,
        sheet: name,
        collected,
        header,
        warnings,
    })
}

fn most(limits: &Limits) -> Most {
    Most {
        bytes: limits.workbook_bytes,
        strings: limits.strings_bytes,
    }
}

/// What goes wrong in a workbook, as an error of ours.
pub fn told(fault: Fault, wanted: Option<&str>) -> IngestError {
    match fault {
        Fault::TooLarge => IngestError::WorkbookTooLarge,
        Fault::BrokenArchive => IngestError::BrokenArchive,
        Fault::Encrypted => IngestError::EncryptedArchive,
        Fault::Broken => IngestError::BrokenWorkbook,
        Fault::Empty => IngestError::EmptyFile,
        Fault::UnknownSheet => IngestError::UnknownSheet {
            sheet: wanted.unwrap_or_default().to_owned(),
        },
    }
}

/// One row in the making.
#[derive(Debug, Default)]
struct Row {
    bytes: Vec<u8>,
    cells: Vec<Bounds>,
    filled: usize,
    /// Cells that hold an error instead of a value.
    errors: usize,
}

/// The rows of a sheet, on their way into columns.
#[derive(Default)]
struct SheetReader {
    row: Row,
    /// The first rows, until there are enough to plan.
    sample: Vec<(Vec<u8>, Vec<Bounds>)>,
    reading: Option<Reading>,
}

struct Reading {
    rows: Rows,
    /// Columns of the sheet before the table's first.
    offset: usize,
    width: usize,
    header: bool,
    warnings: Vec<Warning>,
}

impl Row {
    fn add(&mut self, column: usize, value: Value<'_>, from_1904: bool) {
        // Out of order, or farther right than any table goes.
        if column < self.cells.len() || column > 8 * MAX_COLUMNS {
            return;
        }
        self.cells.resize(column, (0, 0));
        let start = self.bytes.len();
        match value {
            Value::Error => self.errors += 1,
            value => write_cell(&mut self.bytes, value, from_1904),
        }
        self.filled += usize::from(!self.bytes[start..].trim_ascii().is_empty());
        self.cells.push((start as u32, self.bytes.len() as u32));
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.cells.clear();
        self.filled = 0;
    }
}

impl SheetReader {
    /// Takes the row that is complete; those without any cell don't count.
    fn end_row(&mut self, options: &ValidLoadOptions) -> Result<(), IngestError> {
        if self.row.filled > 0 {
            if let Some(reading) = &mut self.reading {
                reading.accept(&self.row.bytes, &mut self.row.cells, self.row.filled)?;
            } else {
                let row = (self.row.bytes.clone(), self.row.cells.clone());
                self.sample.push(row);
                if self.sample.len() == SNIFF_RECORDS {
                    self.plan(options)?;
                }
            }
        }
        self.row.clear();
        Ok(())
    }

    /// Plans after the first rows, and reads them.
    fn plan(&mut self, options: &ValidLoadOptions) -> Result<(), IngestError> {
        let sample = std::mem::take(&mut self.sample);
        let is_empty = |cell: &&Bounds| cell.0 == cell.1;
        let leading = |cells: &[Bounds]| cells.iter().take_while(is_empty).count();
        let offset = sample.iter().map(|(_, cells)| leading(cells)).min();
        let offset = offset.unwrap_or(0);
        let mut cells: Vec<Vec<String>> = Vec::with_capacity(sample.len());
        for (bytes, bounds) in &sample {
            let record = Record::new(bytes, bounds);
            let cell = |cell| String::from_utf8_lossy(cell).into_owned();
            cells.push(record.cells().skip(offset).map(cell).collect());
        }
        // Titles stay short; rows of the table are as wide as the widest, which cells left empty hide.
        let is_row = |cells: &Vec<String>| cells.iter().filter(|cell| !cell.is_empty()).count() > 1;
        let widest = cells
            .iter()
            .filter(|cells| is_row(cells))
            .map(Vec::len)
            .max();
        if let Some(widest) = widest {
            for row in cells.iter_mut().filter(|cells| is_row(cells)) {
                row.resize(widest, String::new());
            }
        }
        let plan = sniff::plan(&cells, Dialect::of(b'\t'), 0, options.header)?;
        let mut reading = Reading {
            rows: Rows::new(&plan, options)?,
            offset,
            width: plan.names.len(),
            header: plan.header,
            warnings: plan.warnings,
        };
        for (bytes, mut bounds) in sample {
            let record = Record::new(&bytes, &bounds);
            let filled = record.cells().filter(|cell| !cell.is_empty()).count();
            reading.accept(&bytes, &mut bounds, filled)?;
        }
        self.reading = Some(reading);
        Ok(())
    }

    async fn finish(
        mut self,
        options: &ValidLoadOptions,
        host: &mut impl Host,
    ) -> Result<(Collected, bool, Vec<Warning>), IngestError> {
        if self.reading.is_none() {
            if self.sample.is_empty() {
                return Err(IngestError::EmptyFile);
            }
            self.plan(options)?;
        }
        let reading = self.reading.ok_or(IngestError::EmptyFile)?;
        let mut warnings = reading.warnings;
        if self.row.errors > 0 {
            let count = self.row.errors;
            let message =
                format!("{count} cells hold an error instead of a value and count as missing.");
            warnings.push(Warning::new("formula-errors", message).figure("cells", count as f64));
        }
        let collected = reading.rows.finish(host).await?;
        Ok((collected, reading.header, warnings))
    }
}

impl Reading {
    fn accept(
        &mut self,
        bytes: &[u8],
        bounds: &mut Vec<Bounds>,
        filled: usize,
    ) -> Result<(), IngestError> {
        // A remark below the table is one cell; a row of the table has more, or the table is narrow.
        let is_remark = filled == 1 && self.width > 2;
        if !is_remark && bounds.len() < self.width + self.offset {
            bounds.resize(self.width + self.offset, (0, 0));
        }
        let bounds = bounds.get(self.offset..).unwrap_or_default();
        self.rows.accept(&Record::new(bytes, bounds))
    }
}

/// Writes what stands in a cell.
fn write_cell(out: &mut Vec<u8>, value: Value<'_>, from_1904: bool) {
    match value {
        Value::Empty | Value::Error => {}
        Value::Text(text) => out.extend_from_slice(text),
        Value::Bool(value) => out.extend_from_slice(if value { b"TRUE" } else { b"FALSE" }),
        Value::Number(value) => push_shortest(out, value),
        Value::Moment(days) => write_time(out, days, from_1904),
    }
}

/// A day, a point in time, or a time of day.
fn write_time(out: &mut Vec<u8>, serial: f64, from_1904: bool) {
    if !(0.0..END_OF_DAYS).contains(&serial) {
        return push_shortest(out, serial);
    }
    let (epoch, leap) = if from_1904 {
        (EPOCH_1904, 0.0)
    } else {
        // Excel takes 1900 for a leap year; before its 29th of February the count is one behind.
        (EPOCH_1900, f64::from(u8::from(serial < LEAP_1900)))
    };
    let millis = ((serial + leap - epoch) * DAY_MILLIS).round();
    let mut text = iso_text(millis as i64);
    let fraction = (millis as i64).rem_euclid(1000);
    if fraction != 0 {
        text.push_str(&format!(".{fraction:03}"));
    }
    // A time of day alone is given to the first day of the calendar.
    let shown = if serial < 1.0 {
        text.get(11..).unwrap_or("00:00:00")
    } else {
        &text
    };
    out.extend_from_slice(shown.as_bytes());
}
