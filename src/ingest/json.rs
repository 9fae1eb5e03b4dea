//! JSON: where the records are, and one after the other.
//!
//! Four shapes are told apart: a value a line ([`Shape::Lines`]), values one after the other
//! ([`Shape::Values`]), an array of records, alone or somewhere in an object ([`Shape::Array`]), and an
//! object of columns ([`Shape::Columns`]), which is gathered and turned around. The text of all others is cut into records by its brackets alone, so that a record that is no JSON costs only itself.

mod columns;
mod cut;
mod flatten;
mod locate;

pub(super) use locate::Shape;

use super::error::IngestError;
use super::limits::MAX_COLUMNS;
use super::options::ValidLoadOptions;
use super::records::{Bounds, Record};
use super::rows::{Collected, Rows};
use super::sniff::Plan;
use crate::error::Warning;
use crate::job::Host;
use cut::Cutter;
use flatten::{Flat, Kind};

/// A JSON text that is being read.
pub(super) struct JsonReading {
    shape: Shape,
    skipped: usize,
    cutter: Cutter,
    /// The text of an object of columns, and how long it may be.
    gathered: Vec<u8>,
    limit: usize,
    records: JsonRows,
}

/// Records on their way into columns.
struct JsonRows {
    flat: Flat,
    rows: Rows,
    /// What the first record is, and with it all others.
    kind: Option<Kind>,
    /// The first record was the columns' names.
    header: bool,
    bounds: Vec<Bounds>,
}

impl JsonReading {
    /// Finds the records in the first text of a file; `whole` says that it is all there is.
    ///
    /// # Errors
    /// `no-records` where there is no list of records.
    pub(super) fn start(
        text: &[u8],
        whole: bool,
        options: &ValidLoadOptions,
    ) -> Result<Self, IngestError> {
        let (shape, skipped) = locate::locate(text, whole)?;
        let mut reading = Self {
            shape,
            skipped,
            cutter: Cutter::new(shape, options.limits.record_bytes),
            gathered: Vec::new(),
            limit: options.limits.columns_json_bytes,
            records: JsonRows {
                flat: Flat::default(),
                rows: Rows::new(&Plan::open(), options)?,
                kind: None,
                header: false,
                bounds: Vec::new(),
            },
        };
        if let (Shape::Array, Some(names)) = (shape, locate::split_names(&text[..skipped])) {
            reading.records.kind = Some(Kind::Array);
            reading.records.header = true;
            reading.records.flat.set_names(names);
            reading.records.add_named()?;
        }
        Ok(reading)
    }

    /// Where in the first text the records begin.
    pub(super) fn skipped_bytes(&self) -> usize {
        self.skipped
    }

    pub(super) fn shape(&self) -> Shape {
        self.shape
    }

    /// Whether the names of the columns stand in the file.
    pub(super) fn has_header(&self) -> bool {
        self.records.header || self.records.kind == Some(Kind::Object)
    }

    pub(super) fn rows(&self) -> usize {
        self.records.rows.rows()
    }

    /// Makes room for so many rows in all.
    pub(super) fn reserve(&mut self, rows: usize) {
        self.records.rows.reserve(rows);
    }

    /// Takes more text.
    ///
    /// # Errors
    /// `row-too-long`, and those of [`Rows`].
    pub(super) fn read(&mut self, text: &[u8]) -> Result<(), IngestError> {
        if self.shape == Shape::Columns {
            self.gathered.extend_from_slice(text);
            if self.gathered.len() > self.limit {
                return Err(IngestError::RowTooLong { row: 0 });
            }
            return Ok(());
        }
        let records = &mut self.records;
        self.cutter.feed(text, |record| records.accept(record))
    }

    /// The table, once all text was taken.
    ///
    /// # Errors
    /// As [`Rows::finish`].
    pub(super) async fn finish(
        mut self,
        host: &mut impl Host,
    ) -> Result<(Collected, Vec<Warning>), IngestError> {
        let records = &mut self.records;
        if self.shape == Shape::Columns {
            let text = std::mem::take(&mut self.gathered);
            let each = |record: &[u8]| records.accept(record);
            if !columns::turn(&text, each)? {
                // A record, or several, like any others.
                self.cutter.feed(&text, |record| records.accept(record))?;
            }
        }
        let closed = self.cutter.end(|record| records.accept(record))?;
        let mut warnings = Vec::new();
        if !closed {
            let message = "The list of records is not closed: the end of the file may be missing.";
            warnings.push(Warning::new("json-unclosed", message));
        }
        Ok((self.records.rows.finish(host).await?, warnings))
    }
}

impl JsonRows {
    /// Takes the text of one record.
    fn accept(&mut self, text: &[u8]) -> Result<(), IngestError> {
        let Some(kind) = self.flat.read(text) else {
            let message = "The record is no valid JSON.".to_owned();
            return self.rows.reject_record("broken-record", message);
        };
        let first = self.kind.is_none();
        if *self.kind.get_or_insert(kind) != kind {
            let message = "The record is of another shape than the first.".to_owned();
            self.flat.forget(self.rows.width());
            return self.rows.reject_record("other-shape", message);
        }
        if first && kind == Kind::Array && self.flat.are_names() {
            self.header = true;
            return self.take_names();
        }
        let width = self.flat.width();
        if width > MAX_COLUMNS {
            return Err(IngestError::TooManyColumns { count: width });
        }
        for index in self.rows.width()..width {
            self.rows.add_column(self.flat.name(index), false);
        }
        let text = self.flat.spread(&mut self.bounds);
        self.rows.accept(&Record::new(text, &self.bounds))
    }

    /// The first of the arrays names the columns.
    fn take_names(&mut self) -> Result<(), IngestError> {
        self.flat.take_names();
        self.add_named()
    }

    /// Adds the columns whose names are known before any record.
    fn add_named(&mut self) -> Result<(), IngestError> {
        let names = self.flat.names().to_vec();
        if names.len() > MAX_COLUMNS {
            return Err(IngestError::TooManyColumns { count: names.len() });
        }
        for (index, name) in names.iter().enumerate() {
            self.rows
                .add_column(name.clone(), name.starts_with("column_") && index > 0);
        }
        Ok(())
    }
}
