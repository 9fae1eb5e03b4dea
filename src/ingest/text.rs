//! From decoded text to rows: delimited text or JSON, whichever it is.

use super::decode::Decoder;
use super::error::IngestError;
use super::format::{self, TextKind};
use super::json::{JsonReading, Shape};
use super::options::{Layout, ValidLoadOptions};
use super::records::Records;
use super::rows::{Collected, Rows};
use super::sniff::{self, Plan, SNIFF_BYTES};
use super::summary::{Format, Loaded, ReadSummary, Unwrapped};
use crate::error::Warning;
use crate::job::Host;

/// Bytes that are decoded and read together: few enough to stay in the processor's cache.
const PIECE_BYTES: usize = 128 << 10;

/// Bytes of text, in whatever encoding, to a table.
pub(super) struct TextTable {
    decoder: Decoder,
    text: Text,
}

struct Text {
    options: ValidLoadOptions,
    stage: Stage,
}

enum Stage {
    /// Gathering enough to plan.
    Sniffing(Vec<u8>),
    /// Reading after the plan.
    Delimited(Box<Delimited>),
    /// Reading JSON records.
    Json(Box<JsonReading>),
}

struct Delimited {
    plan: Plan,
    records: Records,
    rows: Rows,
}

impl TextTable {
    /// A reader that has seen nothing yet.
    pub(super) fn new(options: ValidLoadOptions) -> Self {
        Self {
            decoder: Decoder::new(options.encoding),
            text: Text {
                options,
                stage: Stage::Sniffing(Vec::new()),
            },
        }
    }

    /// How many rows the table has so far.
    pub(super) fn rows(&self) -> usize {
        match &self.text.stage {
            Stage::Sniffing(_) => 0,
            Stage::Delimited(reading) => reading.rows.rows(),
            Stage::Json(reading) => reading.rows(),
        }
    }

    /// Makes room for a file of which `share` was pushed so far: growing by doubling would take up to
    /// twice the table's memory.
    pub(super) fn reserve(&mut self, share: f64) {
        let rows = |rows: usize| (rows as f64 / share) as usize;
        match &mut self.text.stage {
            Stage::Sniffing(_) => {}
            Stage::Delimited(reading) => reading.rows.reserve(rows(reading.rows.rows())),
            Stage::Json(reading) => reading.reserve(rows(reading.rows())),
        }
    }

    /// Takes the next bytes, however many.
    ///
    /// # Errors
    /// Any [`IngestError`] but `no-rows` and `all-rows-rejected`.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), IngestError> {
        let text = &mut self.text;
        for piece in bytes.chunks(PIECE_BYTES) {
            self.decoder
                .feed(piece, false, &mut |decoded| text.take(decoded))?;
        }
        Ok(())
    }

    /// The table, once all bytes were pushed. `bytes` is the length of the file they were in.
    ///
    /// # Errors
    /// Any [`IngestError`].
    pub(super) async fn finish(
        mut self,
        bytes: u64,
        unwrapped: Unwrapped,
        host: &mut impl Host,
    ) -> Result<Loaded, IngestError> {
        let text = &mut self.text;
        self.decoder
            .feed(&[], true, &mut |decoded| text.take(decoded))?;
        let read = self.text.finish(host).await?;
        let mut warnings = read.warnings;
        let replaced = self.decoder.replaced();
        if replaced > 0 {
            let message = format!(
                "{replaced} places are not valid {} and were replaced by \u{fffd}.",
                self.decoder.encoding()
            );
            let warning = Warning::new("undecodable-bytes", message);
            warnings.push(warning.figure("places", replaced as f64));
        }
        warnings.extend(read.collected.warnings);
        Ok(Loaded {
            summary: ReadSummary {
                rows: read.collected.table.rows,
                rejected: read.collected.rejected,
                layout: Layout::Rows,
                format: read.format,
                unwrapped,
                encoding: self.decoder.encoding(),
                delimiter: read.delimiter,
                bytes,
                header: read.header,
                preview: read.collected.preview,
                warnings,
            },
            table: read.collected.table,
        })
    }
}

/// What a text came to.
struct Read {
    collected: Collected,
    format: Format,
    delimiter: Option<String>,
    header: bool,
    warnings: Vec<Warning>,
}

impl Text {
    /// Takes decoded text. The text before a NUL is read first, so that of two errors the first in
    /// the file is told, however the file is cut.
    fn take(&mut self, text: &[u8]) -> Result<(), IngestError> {
        // Looked at as a whole, without a way out, since this is done many bytes at a time.
        if !text.iter().fold(false, |any, &byte| any | (byte == 0)) {
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
            Stage::Delimited(reading) => reading.read(text),
            Stage::Json(reading) => reading.read(text),
            Stage::Sniffing(_) => Ok(()),
        }
    }

    /// Plans after the first text, and reads it.
    fn start(&mut self, text: &[u8], whole: bool) -> Result<(), IngestError> {
        if text.trim_ascii().is_empty() && whole {
            return Err(IngestError::EmptyFile);
        }
        let kind = match self.options.delimiter {
            // Who names the delimiter says that it is a delimited text.
            Some(_) => TextKind::Delimited,
            None => format::check_text(text)?,
        };
        self.stage = match kind {
            TextKind::Delimited => Stage::Delimited(self.start_delimited(text, whole)?),
            TextKind::Json => Stage::Json(self.start_json(text, whole)?),
        };
        Ok(())
    }

    fn start_delimited(&self, text: &[u8], whole: bool) -> Result<Box<Delimited>, IngestError> {
        let plan = sniff::sniff(text, whole, &self.options)?;
        let mut reading = Box::new(Delimited {
            records: Records::new(plan.dialect, plan.skipped_records, &self.options.limits),
            rows: Rows::new(&plan, &self.options)?,
            plan,
        });
        let skipped = reading.plan.skipped_bytes;
        reading.read(&text[skipped..])?;
        Ok(reading)
    }

    fn start_json(&self, text: &[u8], whole: bool) -> Result<Box<JsonReading>, IngestError> {
        let mut reading = Box::new(JsonReading::start(text, whole, &self.options)?);
        let skipped = reading.skipped_bytes();
        reading.read(&text[skipped..])?;
        Ok(reading)
    }

    async fn finish(mut self, host: &mut impl Host) -> Result<Read, IngestError> {
        if let Stage::Sniffing(gathered) = &mut self.stage {
            let gathered = std::mem::take(gathered);
            self.start(&gathered, true)?;
        }
        match self.stage {
            Stage::Delimited(reading) => reading.finish(host).await,
            Stage::Json(reading) => {
                let header = reading.has_header();
                let format = match reading.shape() {
                    Shape::Lines => Format::Jsonl,
                    Shape::Values | Shape::Array | Shape::Columns => Format::Json,
                };
                let (collected, warnings) = reading.finish(host).await?;
                Ok(Read {
                    collected,
                    format,
                    delimiter: None,
                    header,
                    warnings,
                })
            }
            Stage::Sniffing(_) => Err(IngestError::EmptyFile),
        }
    }
}

impl Delimited {
    fn read(&mut self, text: &[u8]) -> Result<(), IngestError> {
        let Self { records, rows, .. } = self;
        records.feed(text, rows)
    }

    async fn finish(self, host: &mut impl Host) -> Result<Read, IngestError> {
        let Self {
            plan,
            mut records,
            mut rows,
        } = self;
        records.end(&mut rows)?;
        Ok(Read {
            collected: rows.finish(host).await?,
            format: Format::Csv,
            delimiter: Some(char::from(plan.dialect.delimiter).to_string()),
            header: plan.header,
            warnings: plan.warnings,
        })
    }
}
