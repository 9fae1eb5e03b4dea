//! What reads workbooks.

use crate::cells::{Value, push_cell, push_row};
use crate::{About, Fault, Most, Sheet, Workbook};
use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxCellReader, XlsxError};
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// A batch ends with the cell that takes it to so many rows or bytes: whoever asked has a pause then.
const BATCH_ROWS: usize = 4096;
const BATCH_BYTES: usize = 1 << 20;

type Bytes = Cursor<Vec<u8>>;

/// A workbook, held in memory.
pub struct Book {
    xlsx: Xlsx<Bytes>,
    /// Those with cells, in the workbook's order.
    sheets: Vec<String>,
    /// The same without the hidden ones.
    shown: Vec<String>,
}

impl Book {
    /// Opens a workbook.
    ///
    /// # Errors
    /// [`Fault::TooLarge`], [`Fault::BrokenArchive`], [`Fault::Encrypted`], [`Fault::Broken`].
    pub fn open(bytes: Vec<u8>, most: Most) -> Result<Self, Fault> {
        let bytes = check_sizes(bytes, most)?;
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

    /// Begins to read a sheet: see [`Workbook::sheet`].
    ///
    /// # Errors
    /// Those of [`Workbook::sheet`].
    pub fn begin(&mut self, wanted: Option<&str>) -> Result<Cells<'_>, Fault> {
        let name = self.choose(wanted)?;
        let from_1904 = self.xlsx.has_1904_epoch();
        let cells = self.xlsx.worksheet_cells_reader(&name).map_err(told)?;
        let last = cells.dimensions().end.0;
        Ok(Cells {
            about: About {
                name,
                from_1904,
                rows: if last == 0 { 0 } else { last.saturating_add(1) },
            },
            cells,
            row: 0,
            ended: false,
        })
    }

    fn choose(&mut self, wanted: Option<&str>) -> Result<String, Fault> {
        if let Some(wanted) = wanted {
            let found = self.sheets.iter().find(|name| *name == wanted).cloned();
            return found.ok_or(Fault::UnknownSheet);
        }
        for name in self.shown.clone() {
            if self.has_two_rows(&name)? {
                return Ok(name);
            }
        }
        let first = self.shown.first().or(self.sheets.first()).cloned();
        first.ok_or(Fault::Empty)
    }

    fn has_two_rows(&mut self, name: &str) -> Result<bool, Fault> {
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
}

impl Workbook for Book {
    fn sheets(&self) -> Vec<String> {
        self.sheets.clone()
    }

    fn sheet(&mut self, wanted: Option<&str>) -> Result<Box<dyn Sheet + '_>, Fault> {
        Ok(Box::new(self.begin(wanted)?))
    }
}

/// The cells of a sheet, one after the other.
pub struct Cells<'a> {
    about: About,
    cells: XlsxCellReader<'a, Bytes>,
    row: u32,
    ended: bool,
}

impl Sheet for Cells<'_> {
    fn about(&self) -> &About {
        &self.about
    }

    fn next(&mut self, batch: &mut Vec<u8>) -> Result<bool, Fault> {
        let before = batch.len();
        let mut rows = 0;
        while !self.ended && rows < BATCH_ROWS && batch.len() - before < BATCH_BYTES {
            let Some(cell) = self.cells.next_cell().map_err(told)? else {
                self.ended = true;
                break;
            };
            let (row, column) = cell.get_position();
            if row != self.row {
                push_row(batch, row);
                self.row = row;
                rows += 1;
            }
            push(batch, column, cell.get_value());
        }
        Ok(batch.len() > before)
    }
}

fn push(batch: &mut Vec<u8>, column: u32, value: &DataRef<'_>) {
    let written;
    let value = match value {
        DataRef::Empty => Value::Empty,
        DataRef::Error(_) => Value::Error,
        DataRef::String(text) => Value::Text(text.as_bytes()),
        DataRef::SharedString(text) => Value::Text(text.as_bytes()),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Value::Text(text.as_bytes()),
        DataRef::Bool(value) => Value::Bool(*value),
        DataRef::Int(value) => {
            written = value.to_string();
            Value::Text(written.as_bytes())
        }
        DataRef::Float(value) => Value::Number(*value),
        DataRef::DateTime(time) if time.is_duration() => Value::Number(time.as_f64()),
        DataRef::DateTime(time) => Value::Moment(time.as_f64()),
    };
    push_cell(batch, column, value);
}

fn is_filled(value: &DataRef<'_>) -> bool {
    match value {
        DataRef::Empty => false,
        DataRef::String(text) => !text.trim().is_empty(),
        DataRef::SharedString(text) => !text.trim().is_empty(),
        _ => true,
    }
}

/// Inflates what the library will, and throws it away: a small file can hold more than a tab can.
fn check_sizes(bytes: Vec<u8>, most: Most) -> Result<Vec<u8>, Fault> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Fault::BrokenArchive)?;
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
                Err(_) => return Err(Fault::BrokenArchive),
            };
            total += read;
            strings += if name.ends_with("sharedStrings.xml") {
                read
            } else {
                0
            };
            if total > most.bytes || strings > most.strings {
                return Err(Fault::TooLarge);
            }
        }
    }
    Ok(zip.into_inner().into_inner())
}

/// What goes wrong in a workbook.
fn told(error: XlsxError) -> Fault {
    match error {
        XlsxError::Password => Fault::Encrypted,
        _ => Fault::Broken,
    }
}
