//! From the bytes of a file to a typed table.
//!
//! Bytes are pushed in as they come. What is around the table is told by the first of them: text and
//! gzip go through at once ([`gunzip`]), zip archives and workbooks are gathered and opened at the end
//! ([`archive`], [`workbook`]). Text goes through a chain that never holds more than one chunk of it:
//! [`decode`] makes it UTF-8, [`format`] tells JSON from delimited text, [`sniff`] looks at the first of
//! it and plans, [`records`] or [`json`] cut it into records, [`rows`] sorts out those that don't fit
//! and hands the cells to one [`column::ColumnBuilder`] each, which at the end decides on the type over
//! all its cells. What comes out does not depend on how the bytes were cut into chunks.
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

mod archive;
mod column;
mod dated;
mod decode;
mod error;
mod findings;
mod format;
mod gunzip;
mod infer;
mod interner;
mod json;
pub mod limits;
pub(crate) mod number;
mod open;
mod options;
mod plain;
mod records;
mod rows;
mod scan;
mod sniff;
mod summary;
mod text;
pub(crate) mod time;
mod typed;
pub(crate) mod words;
pub(crate) mod workbook;

pub use error::IngestError;
pub use options::{DateOrder, DecimalMark, Layout, LoadOptions, ValidLoadOptions, Writing};
pub use summary::{Container, Format, Loaded, ReadSummary, Rejected, RejectedRow, Unwrapped};
pub use workbook::{OpenWorkbook, Opening};

use crate::job::{Host, Quiet};
use crate::table::{ColumnData, ColumnType};
use column::ColumnBuilder;
use format::{CONTAINER_BYTES, ContainerKind};
use gunzip::Gunzip;
use infer::Habits;
use text::TextTable;

/// From so many bytes on, the rest of a file is taken to be like its beginning.
const RESERVE_AFTER: u64 = 1 << 20;

/// Reads a table from chunks of bytes.
pub struct Ingest {
    options: ValidLoadOptions,
    source: Source,
    text: TextTable,
    bytes: u64,
    expected: usize,
    workbooks: Box<dyn OpenWorkbook>,
}

/// What the bytes are.
enum Source {
    /// Too few so far to tell.
    Head(Vec<u8>),
    Bare,
    Gzip(Box<Gunzip>),
    /// An archive, gathered until it is whole.
    Zip(Vec<u8>),
}

impl Ingest {
    /// A reader that has seen nothing yet.
    pub fn new(options: ValidLoadOptions) -> Self {
        Self {
            text: TextTable::new(options.clone()),
            options,
            source: Source::Head(Vec::new()),
            bytes: 0,
            expected: 0,
            workbooks: workbook::linked_in(),
        }
    }

    /// Names what opens workbooks, in place of the reader that is linked in.
    #[must_use]
    pub fn opening_workbooks_by(mut self, opener: Box<dyn OpenWorkbook>) -> Self {
        self.workbooks = opener;
        self
    }

    /// Says how long the file is: what is gathered then takes no more memory than it needs.
    #[must_use]
    pub fn expecting(mut self, bytes: u64) -> Self {
        self.expected = usize::try_from(bytes).unwrap_or(0);
        self
    }

    /// How many rows the table has so far. The first rows appear after a few hundred KiB, those of an
    /// archive at the end.
    pub fn rows(&self) -> usize {
        self.text.rows()
    }

    /// Takes the next bytes of the file, however many.
    ///
    /// # Errors
    /// Any [`IngestError`] but `no-rows` and `all-rows-rejected`. The reader is of no use after it.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), IngestError> {
        self.bytes += bytes.len() as u64;
        self.options.limits.check_bytes(self.bytes)?;
        self.take(bytes)
    }

    fn take(&mut self, mut bytes: &[u8]) -> Result<(), IngestError> {
        if let Source::Head(head) = &mut self.source {
            let taken = bytes.len().min(CONTAINER_BYTES - head.len());
            head.extend_from_slice(&bytes[..taken]);
            bytes = &bytes[taken..];
            if head.len() < CONTAINER_BYTES {
                return Ok(());
            }
            self.settle_source()?;
        }
        let text = &mut self.text;
        match &mut self.source {
            Source::Head(_) => Ok(()),
            Source::Bare => {
                text.push(bytes)?;
                if self.bytes >= RESERVE_AFTER && self.expected > 0 {
                    text.reserve((self.bytes as f64 / self.expected as f64).min(1.0));
                }
                Ok(())
            }
            Source::Gzip(gunzip) => gunzip.feed(bytes, |inflated| text.push(inflated)),
            Source::Zip(gathered) => {
                gathered.extend_from_slice(bytes);
                self.options.limits.check_archive(gathered.len() as u64)
            }
        }
    }

    /// Decides what the file is, and takes its first bytes again.
    fn settle_source(&mut self) -> Result<(), IngestError> {
        let Source::Head(head) = &mut self.source else {
            return Ok(());
        };
        let head = std::mem::take(head);
        self.source = match format::container(&head) {
            ContainerKind::Bare => Source::Bare,
            ContainerKind::Gzip => {
                Source::Gzip(Box::new(Gunzip::new(self.options.limits.inflated_bytes)))
            }
            ContainerKind::Zip => {
                self.options.limits.check_archive(self.expected as u64)?;
                Source::Zip(Vec::with_capacity(self.expected))
            }
        };
        self.take(&head)
    }

    /// The table, once all bytes were pushed.
    ///
    /// # Errors
    /// Any [`IngestError`] but `aborted`.
    pub fn finish(self) -> Result<Loaded, IngestError> {
        let mut host = Quiet::default();
        let mut work = std::pin::pin!(self.finish_on(&mut host));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        loop {
            // That host keeps nobody waiting.
            if let std::task::Poll::Ready(loaded) = work.as_mut().poll(&mut context) {
                return loaded;
            }
        }
    }

    /// The table, once all bytes were pushed, with breaths for `host` while an archive is read and
    /// between columns.
    ///
    /// # Errors
    /// Any [`IngestError`].
    pub async fn finish_on(mut self, host: &mut impl Host) -> Result<Loaded, IngestError> {
        self.settle_source()?;
        let unwrapped = match self.source {
            Source::Head(_) | Source::Bare => Unwrapped::default(),
            Source::Gzip(gunzip) => {
                gunzip.end()?;
                Unwrapped {
                    container: Some(Container::Gzip),
                    ..Unwrapped::default()
                }
            }
            Source::Zip(bytes) => {
                let opener = self.workbooks.as_ref();
                return open::open(bytes, self.options, self.text, self.bytes, opener, host).await;
            }
        };
        self.text.finish(self.bytes, unwrapped, host).await
    }
}

/// A column of the type asked for from cells as text, read as those of a file so written are, and how many
/// of them did not fit; `None` where there are too many different ones.
pub(crate) fn column_of_type(
    cells: impl Iterator<Item = Option<String>>,
    wanted: ColumnType,
    writing: Writing,
) -> Option<(ColumnData, usize)> {
    let mut builder = ColumnBuilder::new(Some(wanted));
    for cell in cells {
        builder
            .push(cell.as_deref().unwrap_or_default().as_bytes())
            .ok()?;
    }
    let settled = builder.finish(Habits::of(writing)).ok()?;
    Some((settled.data, settled.misfits))
}
