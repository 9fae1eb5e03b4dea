//! What a file may hold at most. Beyond these a browser tab runs out of memory, or the file is not
//! the table it was taken for; each has an error code of its own.

use super::error::IngestError;

/// Bytes in the file (1.5 GiB).
pub const MAX_BYTES: u64 = 3 << 29;
/// Bytes that a packed file may unpack to (1.5 GiB).
pub const MAX_INFLATED_BYTES: u64 = MAX_BYTES;
/// Bytes of an archive or a workbook, which are held in memory whole (512 MiB).
pub const MAX_ARCHIVE_BYTES: u64 = 512 << 20;
/// Bytes that the parts of a workbook unpack to (1 GiB), and its texts alone (256 MiB).
pub const MAX_WORKBOOK_BYTES: u64 = 1 << 30;
/// See [`MAX_WORKBOOK_BYTES`].
pub const MAX_STRINGS_BYTES: u64 = 256 << 20;
/// Data records in the file, rejected ones counted.
pub const MAX_ROWS: usize = 20_000_000;
/// Columns of the table.
pub const MAX_COLUMNS: usize = 2_000;
/// Bytes of one cell, as UTF-8 (64 KiB). An unclosed quote is what usually reaches it.
pub const MAX_CELL_BYTES: usize = 64 << 10;
/// Bytes of one record, as UTF-8 without its delimiters (16 MiB).
pub const MAX_RECORD_BYTES: usize = 16 << 20;
/// Different texts in one column.
pub const MAX_LEVELS: usize = 4_000_000;

/// Bytes of the different texts in one column (256 MiB), and in all (512 MiB). Columns of long texts are
/// left out before either is passed.
pub const MAX_COLUMN_TEXT_BYTES: usize = 256 << 20;
/// See [`MAX_COLUMN_TEXT_BYTES`].
pub const MAX_TABLE_TEXT_BYTES: usize = 512 << 20;
/// Bytes of a JSON text that lists its columns one after the other, which is held in memory (64 MiB).
pub const MAX_COLUMNS_JSON_BYTES: usize = 64 << 20;

/// The same limits as values, so that tests can reach each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// See [`MAX_BYTES`].
    pub bytes: u64,
    /// See [`MAX_INFLATED_BYTES`].
    pub inflated_bytes: u64,
    /// See [`MAX_ARCHIVE_BYTES`].
    pub archive_bytes: u64,
    /// See [`MAX_WORKBOOK_BYTES`].
    pub workbook_bytes: u64,
    /// See [`MAX_STRINGS_BYTES`].
    pub strings_bytes: u64,
    /// See [`MAX_ROWS`].
    pub rows: usize,
    /// See [`MAX_CELL_BYTES`].
    pub cell_bytes: usize,
    /// See [`MAX_RECORD_BYTES`].
    pub record_bytes: usize,
    /// See [`MAX_LEVELS`].
    pub levels: usize,
    /// See [`MAX_COLUMN_TEXT_BYTES`].
    pub column_text_bytes: usize,
    /// See [`MAX_TABLE_TEXT_BYTES`].
    pub table_text_bytes: usize,
    /// See [`MAX_COLUMNS_JSON_BYTES`].
    pub columns_json_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: MAX_BYTES,
            inflated_bytes: MAX_INFLATED_BYTES,
            archive_bytes: MAX_ARCHIVE_BYTES,
            workbook_bytes: MAX_WORKBOOK_BYTES,
            strings_bytes: MAX_STRINGS_BYTES,
            rows: MAX_ROWS,
            cell_bytes: MAX_CELL_BYTES,
            record_bytes: MAX_RECORD_BYTES,
            levels: MAX_LEVELS,
            column_text_bytes: MAX_COLUMN_TEXT_BYTES,
            table_text_bytes: MAX_TABLE_TEXT_BYTES,
            columns_json_bytes: MAX_COLUMNS_JSON_BYTES,
        }
    }
}

impl Limits {
    /// Refuses a file by its size before any of it is read.
    ///
    /// # Errors
    /// `too-many-bytes` above [`Limits::bytes`].
    pub fn check_bytes(&self, bytes: u64) -> Result<(), IngestError> {
        if bytes > self.bytes {
            return Err(IngestError::TooManyBytes);
        }
        Ok(())
    }

    /// Refuses an archive that would have to be held in memory.
    ///
    /// # Errors
    /// `archive-too-large` above [`Limits::archive_bytes`].
    pub fn check_archive(&self, bytes: u64) -> Result<(), IngestError> {
        if bytes > self.archive_bytes {
            return Err(IngestError::ArchiveTooLarge);
        }
        Ok(())
    }
}
