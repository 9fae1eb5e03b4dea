//! From the bytes of a file to a typed table.
//!
//! Bytes are pushed in as they come and go through a chain that never holds more than one chunk of
//! text: [`decode`] makes them UTF-8, [`sniff`] looks at the first of it and plans, [`records`] cuts
//! it into records, [`rows`] sorts out those that don't fit and hands the cells to one
//! [`column::ColumnBuilder`] each, which at the end decides on the type over all its cells. What comes
//! out does not depend on how the bytes were cut into chunks.
//!
//! ```
//! use channelwise::ingest::{Ingest, LoadOptions};
//!
//! let mut ingest = Ingest::new(LoadOptions::default().check()?);
//! ingest.push(b"channel,visits,conv")?;
//! ingest.push(b"erted\nsearch,3,yes\nsocial,1,no\n")?;
//! let loaded = ingest.finish()?;
//! assert_eq!(loaded.table.rows, 2);
//! assert_eq!(loaded.summary.delimiter.as_deref(), Some(","));
//! # Ok::<(), channelwise::ingest::IngestError>(())
//! ```

mod column;
mod decode;
mod error;
mod format;
mod infer;
mod interner;
pub mod limits;
pub(crate) mod number;
mod options;
mod records;
mod rows;
mod sniff;
pub(crate) mod time;
mod typed;
pub(crate) mod words;

pub use error::IngestError;
pub use options::{Layout, LoadOptions, ValidLoadOptions};

use crate::error::Warning;
use crate::table::{ColumnData, ColumnType, Table};
use column::ColumnBuilder;
use decode::Decoder;
use records::Records;
use rows::Rows;
use serde::Serialize;
use sniff::{Plan, SNIFF_BYTES};

/// A record that is not part of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RejectedRow {
    /// Its 0-based number among all data records.
    pub row: usize,
    /// `too-few-fields`, `too-many-fields`, `blank-row` or `unclosed-quote`.
    pub code: &'static str,
    /// The same in plain English, without cell values.
    pub message: String,
}

/// The records that are not part of the table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rejected {
    /// How many there are.
    pub count: usize,
    /// The first of them.
    pub examples: Vec<RejectedRow>,
}

/// How a file was read. With the schema's columns it makes the public API's `TableSummary`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadSummary {
    /// Rows of the table; with the rejected ones, all that the file holds.
    pub rows: usize,
    /// Records that are not part of the table.
    pub rejected: Rejected,
    /// What a row stands for.
    pub layout: Layout,
    /// The encoding's name in the WHATWG Encoding Standard.
    pub encoding: &'static str,
    /// What separates the cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// Length of the file.
    pub bytes: u64,
    /// Whether the first row gave the columns their names.
    pub header: bool,
    /// The first rows as they stand in the file, in the order of the columns.
    pub preview: Vec<Vec<String>>,
    /// What a person should know about how the file was read.
    pub warnings: Vec<Warning>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// What it holds.
    pub table: Table,
    /// How it was read.
    pub summary: ReadSummary,
}

/// Reads a text table from chunks of bytes.
pub struct Ingest {
    decoder: Decoder,
    text: Text,
    bytes: u64,
}

/// What becomes of the decoded text.
struct Text {
    options: ValidLoadOptions,
    stage: Stage,
}

enum Stage {
    /// Gathering enough to plan.
    Sniffing(Vec<u8>),
    /// Reading after the plan.
    Reading(Box<Reading>),
}

struct Reading {
    plan: Plan,
    records: Records,
    rows: Rows,
}

impl Ingest {
    /// A reader that has seen nothing yet.
    pub fn new(options: ValidLoadOptions) -> Self {
        Self {
            decoder: Decoder::new(options.encoding),
            text: Text {
                options,
                stage: Stage::Sniffing(Vec::new()),
            },
            bytes: 0,
        }
    }

    /// How many rows the table has so far. The first rows appear after a few hundred KiB.
    pub fn rows(&self) -> usize {
        match &self.text.stage {
            Stage::Sniffing(_) => 0,
            Stage::Reading(reading) => reading.rows.rows(),
        }
    }

    /// Takes the next bytes of the file, however many.
    ///
    /// # Errors
    /// Any [`IngestError`] but `no-rows` and `all-rows-rejected`. The reader is of no use after it.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), IngestError> {
        self.bytes += bytes.len() as u64;
        limits::check_bytes(self.bytes)?;
        let text = &mut self.text;
        self.decoder
            .feed(bytes, false, &mut |decoded| text.take(decoded))
    }

    /// The table, once all bytes were pushed.
    ///
    /// # Errors
    /// Any [`IngestError`].
    pub fn finish(mut self) -> Result<Loaded, IngestError> {
        let text = &mut self.text;
        self.decoder
            .feed(&[], true, &mut |decoded| text.take(decoded))?;
        let Reading {
            plan,
            mut records,
            mut rows,
        } = self.text.into_reading()?;
        records.end(|record| rows.accept(record))?;
        let collected = rows.finish()?;
        let mut warnings = plan.warnings;
        let replaced = self.decoder.replaced();
        if replaced > 0 {
            let message = format!(
                "{replaced} places are not valid {} and were replaced by \u{fffd}.",
                self.decoder.encoding()
            );
            let warning = Warning::new("undecodable-bytes", message);
            warnings.push(warning.figure("places", replaced as f64));
        }
        warnings.extend(collected.warnings);
        Ok(Loaded {
            summary: ReadSummary {
                rows: collected.table.rows,
                rejected: collected.rejected,
                layout: Layout::Rows,
                encoding: self.decoder.encoding(),
                delimiter: Some(char::from(plan.delimiter).to_string()),
                bytes: self.bytes,
                header: plan.header,
                preview: collected.preview,
                warnings,
            },
            table: collected.table,
        })
    }
}

/// A column of the type asked for from cells as text, read as those of a file are, and how many of
/// them did not fit; `None` where there are too many different ones.
pub(crate) fn column_of_type(
    cells: impl Iterator<Item = Option<String>>,
    wanted: ColumnType,
) -> Option<(ColumnData, usize)> {
    let mut builder = ColumnBuilder::new(Some(wanted));
    for cell in cells {
        builder
            .push(cell.as_deref().unwrap_or_default().as_bytes())
            .ok()?;
    }
    let settled = builder.finish(false).ok()?;
    Some((settled.data, settled.misfits))
}

impl Text {
    /// Takes decoded text. The text before a NUL is read first, so that of two errors the first in
    /// the file is told, however the file is cut.
    fn take(&mut self, text: &[u8]) -> Result<(), IngestError> {
        if !text.contains(&0) {
            return self.read(text);
        }
        let end = text.iter().position(|&byte| byte == 0);
        self.read(&text[..end.unwrap_or(0)])?;
        Err(IngestError::NotATable)
    }

    fn read(&mut self, mut text: &[u8]) -> Result<(), IngestError> {
        if let Stage::Sniffing(gathered) = &mut self.stage {
            let taken = text.len().min(SNIFF_BYTES - gathered.len());
            gathered.extend_from_slice(&text[..taken]);
            text = &text[taken..];
            if gathered.len() < SNIFF_BYTES {
                return Ok(());
            }
            let gathered = std::mem::take(gathered);
            self.start(&gathered, false)?;
        }
        match &mut self.stage {
            Stage::Reading(reading) => reading.read(text),
            Stage::Sniffing(_) => Ok(()),
        }
    }

    /// Plans after the first text, and reads it.
    fn start(&mut self, text: &[u8], whole: bool) -> Result<(), IngestError> {
        if text.trim_ascii().is_empty() && whole {
            return Err(IngestError::EmptyFile);
        }
        format::check_text(text)?;
        let plan = sniff::sniff(text, whole, self.options.delimiter)?;
        let mut reading = Reading {
            records: Records::new(plan.delimiter, plan.skipped_records),
            rows: Rows::new(&plan, &self.options)?,
            plan,
        };
        reading.read(&text[reading.plan.skipped_bytes..])?;
        self.stage = Stage::Reading(Box::new(reading));
        Ok(())
    }

    fn into_reading(mut self) -> Result<Reading, IngestError> {
        if let Stage::Sniffing(gathered) = &mut self.stage {
            let gathered = std::mem::take(gathered);
            self.start(&gathered, true)?;
        }
        match self.stage {
            Stage::Reading(reading) => Ok(*reading),
            Stage::Sniffing(_) => Err(IngestError::EmptyFile),
        }
    }
}

impl Reading {
    fn read(&mut self, text: &[u8]) -> Result<(), IngestError> {
        let Self { records, rows, .. } = self;
        records.feed(text, |record| rows.accept(record))
    }
}
