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

/// Refuses a file by its size before any of it is read.
///
/// # Errors
/// `too-many-bytes` above [`MAX_BYTES`].
pub fn check_bytes(bytes: u64) -> Result<(), IngestError> {
    if bytes > MAX_BYTES {
        return Err(IngestError::TooManyBytes);
    }
    Ok(())
}

/// Refuses an archive that would have to be held in memory.
///
/// # Errors
/// `archive-too-large` above [`MAX_ARCHIVE_BYTES`].
pub fn check_archive(bytes: u64) -> Result<(), IngestError> {
    if bytes > MAX_ARCHIVE_BYTES {
        return Err(IngestError::ArchiveTooLarge);
    }
    Ok(())
}
