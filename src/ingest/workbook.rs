//! Excel workbooks: which sheet, and its cells as text.
//!
//! A sheet's cells are made text and then read as those of a text file are: so a column of dates with a
//! stray word, or of numbers stored as text, comes out the same from either.

use super::error::IngestError;
use super::limits::{Limits, MAX_COLUMNS};
use super::number::push_shortest;
use super::options::ValidLoadOptions;
use super::records::{Bounds, Dialect, Record};
use super::rows::{Collected, Rows};
use super::sniff::{self, SNIFF_RECORDS};
use super::time::iso_text;
use crate::error::Warning;
use crate::job::{Host, Signal};
use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// Rows between two breaths.
const BREATH: usize = 4096;
/// The serial numbers of 1970-01-01 in either of Excel's calendars.
const EPOCH_1900: f64 = 25_569.0;
const EPOCH_1904: f64 = 24_107.0;
/// That of 1900-02-29, a day that never was.
const LEAP_1900: f64 = 60.0;
/// The first serial number beyond the year 9999.
const END_OF_DAYS: f64 = 2_958_466.0;
const DAY_MILLIS: f64 = 86_400_000.0;

/// A workbook, held in memory.
pub(super) struct Workbook {
    xlsx: Xlsx<Cursor<Vec<u8>>>,
    /// Those with cells, in the workbook's order.
    pub(super) sheets: Vec<String>,
    /// The same without the hidden ones.
    shown: Vec<String>,
}

/// What a sheet came to.
pub(super) struct SheetRead {
    pub(super) collected: Collected,
    pub(super) header: bool,
    pub(super) warnings: Vec<Warning>,
}

impl Workbook {
    /// Opens a workbook.
    ///
    /// # Errors
    /// `workbook-too-large`, `broken-workbook`, `encrypted-archive`.
    pub(super) fn open(bytes: Vec<u8>, limits: &Limits) -> Result<Self, IngestError> {
        let bytes = check_sizes(bytes, limits)?;
        let xlsx = Xlsx::new(Cursor::new(bytes)).map_err(told)?;
        let sheets = xlsx.sheets_metadata().iter();
        let sheets: Vec<_> = sheets
            .filter(|sheet| sheet.typ == SheetType::WorkSheet)
            .collect();
        let shown = sheets
            .iter()
            .filter(|sheet| sheet.visible == SheetVisible::Visible);
        Ok(Self {
            shown: shown.map(|sheet| sheet.name.clone()).collect(),
            sheets: sheets.iter().map(|sheet| sheet.name.clone()).collect(),
            xlsx,
        })
    }

    /// The sheet asked for, or the first that is shown and has at least two rows; else the first.
    ///
    /// # Errors
    /// `unknown-sheet`, `empty-file` for a workbook without sheets, `broken-workbook`.
    pub(super) fn choose(&mut self, wanted: Option<&str>) -> Result<String, IngestError> {
        if let Some(wanted) = wanted {
            let found = self.sheets.iter().find(|name| *name == wanted).cloned();
            let sheet = wanted.to_owned();
            return found.ok_or(IngestError::UnknownSheet { sheet });
        }
        for name in self.shown.clone() {
            if self.has_two_rows(&name)? {
                return Ok(name);
            }
        }
        let first = self.shown.first().or(self.sheets.first()).cloned();
        first.ok_or(IngestError::EmptyFile)
    }

    fn has_two_rows(&mut self, name: &str) -> Result<bool, IngestError> {
        let mut cells = self.xlsx.worksheet_cells_reader(name).map_err(told)?;
        let mut first = None;
        while let Some(cell) = cells.next_cell().map_err(told)? {
            let row = cell.get_position().0;
            if is_filled(cell.get_value()) && *first.get_or_insert(row) != row {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads a sheet.
    ///
    /// # Errors
    /// `broken-workbook`, `aborted`, those of the plan and of [`Rows`].
    pub(super) async fn read(
        &mut self,
        sheet: &str,
        options: &ValidLoadOptions,
        host: &mut impl Host,
    ) -> Result<SheetRead, IngestError> {
        let from_1904 = self.xlsx.has_1904_epoch();
        let mut cells = self.xlsx.worksheet_cells_reader(sheet).map_err(told)?;
        let mut reader = SheetReader::default();
        let mut rows_seen = 0;
        while let Some(cell) = cells.next_cell().map_err(told)? {
            let (row, column) = cell.get_position();
            if row != reader.row.number {
                reader.end_row(options)?;
                reader.row.number = row;
                rows_seen += 1;
                if rows_seen % BREATH == 0 && host.breathe().await == Signal::Cancel {
                    return Err(IngestError::Aborted);
                }
            }
            reader.row.add(column as usize, cell.get_value(), from_1904);
        }
        reader.end_row(options)?;
        reader.finish(options, host).await
    }
}

/// One row in the making.
#[derive(Debug, Default)]
struct Row {
    number: u32,
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
    fn add(&mut self, column: usize, value: &DataRef<'_>, from_1904: bool) {
        // Out of order, or farther right than any table goes.
        if column < self.cells.len() || column > 8 * MAX_COLUMNS {
            return;
        }
        self.cells.resize(column, (0, 0));
        let start = self.bytes.len();
        match value {
            DataRef::Error(_) => self.errors += 1,
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
    ) -> Result<SheetRead, IngestError> {
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
        Ok(SheetRead {
            collected: reading.rows.finish(host).await?,
            header: reading.header,
            warnings,
        })
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

fn is_filled(value: &DataRef<'_>) -> bool {
    match value {
        DataRef::Empty => false,
        DataRef::String(text) => !text.trim().is_empty(),
        DataRef::SharedString(text) => !text.trim().is_empty(),
        _ => true,
    }
}

/// Writes what stands in a cell.
fn write_cell(out: &mut Vec<u8>, value: &DataRef<'_>, from_1904: bool) {
    match value {
        DataRef::Empty | DataRef::Error(_) => {}
        DataRef::String(text) => out.extend_from_slice(text.as_bytes()),
        DataRef::SharedString(text) => out.extend_from_slice(text.as_bytes()),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            out.extend_from_slice(text.as_bytes());
        }
        DataRef::Bool(value) => out.extend_from_slice(if *value { b"TRUE" } else { b"FALSE" }),
        DataRef::Int(value) => out.extend_from_slice(value.to_string().as_bytes()),
        DataRef::Float(value) => push_shortest(out, *value),
        DataRef::DateTime(time) => write_time(out, time, from_1904),
    }
}

/// A day, a point in time, a time of day or a duration in days.
fn write_time(out: &mut Vec<u8>, time: &ExcelDateTime, from_1904: bool) {
    let serial = time.as_f64();
    if time.is_duration() || !(0.0..END_OF_DAYS).contains(&serial) {
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

/// Inflates what the library will, and throws it away: a small file can hold more than a tab can.
fn check_sizes(bytes: Vec<u8>, limits: &Limits) -> Result<Vec<u8>, IngestError> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| IngestError::BrokenArchive)?;
    let mut total = 0;
    let mut buffer = vec![0; 64 << 10];
    for index in 0..zip.len() {
        let Ok(mut file) = zip.by_index(index) else {
            continue;
        };
        let Ok(name) = file.name().map(std::borrow::Cow::into_owned) else {
            continue;
        };
        if !name.to_ascii_lowercase().ends_with(".xml") {
            continue;
        }
        let mut strings = 0;
        loop {
            let read = match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read as u64,
                Err(_) => return Err(IngestError::BrokenArchive),
            };
            total += read;
            strings += if name.ends_with("sharedStrings.xml") {
                read
            } else {
                0
            };
            if total > limits.workbook_bytes || strings > limits.strings_bytes {
                return Err(IngestError::WorkbookTooLarge);
            }
        }
    }
    Ok(zip.into_inner().into_inner())
}

/// What goes wrong in a workbook.
fn told(error: XlsxError) -> IngestError {
    match error {
        XlsxError::Password => IngestError::EncryptedArchive,
        _ => IngestError::BrokenWorkbook,
    }
}
