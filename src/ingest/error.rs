//! What can go wrong while a file is read.

use super::limits::{
    MAX_ARCHIVE_BYTES, MAX_BYTES, MAX_CELL_BYTES, MAX_COLUMNS, MAX_INFLATED_BYTES, MAX_LEVELS,
    MAX_ROWS, MAX_STRINGS_BYTES, MAX_TABLE_TEXT_BYTES, MAX_WORKBOOK_BYTES,
};
use crate::error::Coded;

/// Why a file could not be turned into a table. Row numbers are 0-based data records.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IngestError {
    /// There is nothing, or nothing but blank lines, in the file.
    #[error("The file is empty.")]
    EmptyFile,
    /// There is a header and nothing below it.
    #[error("The file has a header but no rows below it.")]
    NoRows,
    /// Not one row fits the header.
    #[error(
        "None of the {count} rows fits the {columns} columns of the header. Is the delimiter right?"
    )]
    AllRowsRejected {
        /// How many rows there were.
        count: usize,
        /// How many columns the header has.
        columns: usize,
    },
    /// The bytes are not text.
    #[error(
        "This is not a text table: it holds binary data. Export it as CSV from where it came from."
    )]
    NotATable,
    /// The bytes are those of a known format that cannot be read.
    #[error("This looks like {format}, which cannot be read yet. {remedy}")]
    UnsupportedFormat {
        /// The format, with its article: `an Excel workbook`.
        format: &'static str,
        /// What to do instead.
        remedy: &'static str,
    },
    /// No such encoding.
    #[error("No encoding goes by the name that was given. Try `utf-8`, `gbk` or `windows-1252`.")]
    UnknownEncoding {
        /// The name that was given.
        label: String,
    },
    /// The delimiter option is not one that can separate cells.
    #[error(
        "The delimiter must be a single ASCII character that is no letter, digit, quote or line end."
    )]
    BadDelimiter {
        /// What was given.
        delimiter: String,
    },
    /// The layout is part of the API but not built yet.
    #[error("The layout `{layout}` is not built yet; only `rows` is.")]
    NotImplemented {
        /// The layout asked for.
        layout: &'static str,
    },
    /// An option names a column that is not there.
    #[error("The options name a column that the file does not have.")]
    UnknownColumn {
        /// The name in the options.
        column: String,
    },
    /// A gzip or zip file that ends too early or does not match its checksum.
    #[error(
        "The archive is damaged, or was cut off when it was downloaded or copied. Get it again."
    )]
    BrokenArchive,
    /// A zip archive or workbook with a password.
    #[error("The file is protected by a password. Save it without one.")]
    EncryptedArchive,
    /// A zip archive that holds nothing that could be a table.
    #[error("There is no table in the archive: no CSV, JSON or Excel file.")]
    ArchiveWithoutTable,
    /// The option `member` names a file that is not there.
    #[error("The archive has no file of that name.")]
    UnknownMember {
        /// The name in the options.
        member: String,
    },
    /// The option `sheet` names a sheet that is not there.
    #[error("The workbook has no sheet of that name.")]
    UnknownSheet {
        /// The name in the options.
        sheet: String,
    },
    /// A workbook that is not as Excel writes them.
    #[error("The workbook is damaged. Open it in Excel and save it again, or export it as CSV.")]
    BrokenWorkbook,
    /// The part that reads workbooks could not be fetched.
    #[error(
        "The part of Channelwise that reads such files could not be loaded. What was loaded before is still there."
    )]
    ReaderNotLoaded {
        /// What the browser says.
        detail: String,
    },
    /// A JSON file without a list.
    #[error("There is no list of records in the JSON file.")]
    NoRecords,
    /// See [`MAX_ARCHIVE_BYTES`].
    #[error("The archive or workbook is larger than {} MiB, the most that can be opened. Unpack it, or export it as CSV.", MAX_ARCHIVE_BYTES >> 20)]
    ArchiveTooLarge,
    /// See [`MAX_INFLATED_BYTES`].
    #[error("The file unpacks to more than {} MiB, the most that can be read.", MAX_INFLATED_BYTES >> 20)]
    InflatedTooLarge,
    /// See [`MAX_WORKBOOK_BYTES`].
    #[error("The workbook unpacks to more than {} MiB, or {} MiB of texts, the most that can be read. Export it as CSV.", MAX_WORKBOOK_BYTES >> 20, MAX_STRINGS_BYTES >> 20)]
    WorkbookTooLarge,
    /// The work was given up.
    #[error("The job was cancelled.")]
    Aborted,
    /// See [`MAX_BYTES`].
    #[error("The file is larger than {} MiB, the most that can be read.", MAX_BYTES >> 20)]
    TooManyBytes,
    /// See [`MAX_ROWS`].
    #[error("The file has more than {MAX_ROWS} rows, the most that can be read.")]
    TooManyRows,
    /// See [`MAX_COLUMNS`].
    #[error("The file has {count} columns; at most {MAX_COLUMNS} can be read.")]
    TooManyColumns {
        /// How many there are.
        count: usize,
    },
    /// See [`MAX_CELL_BYTES`].
    #[error(
        "A cell of row {row} is longer than {} KiB. Perhaps a quote is opened there and never closed.",
        MAX_CELL_BYTES >> 10
    )]
    CellTooLong {
        /// The record it is in.
        row: usize,
    },
    /// See [`super::limits::MAX_RECORD_BYTES`].
    #[error("Row {row} is longer than any row of a table. Is this a CSV file?")]
    RowTooLong {
        /// The record.
        row: usize,
    },
    /// See [`MAX_TABLE_TEXT_BYTES`].
    #[error(
        "The different texts of the columns take more than the {} MiB that there is room for. Name columns in `roles.ignore` to leave them out.",
        MAX_TABLE_TEXT_BYTES >> 20
    )]
    TooMuchText {
        /// The column with the most.
        column: String,
    },
    /// The option `quote` is not one that can stand around cells.
    #[error(
        "The quote must be a single ASCII character that is no letter, digit or line end, or nothing."
    )]
    BadQuote {
        /// What was given.
        quote: String,
    },
    /// See [`MAX_LEVELS`].
    #[error(
        "A column holds more than {MAX_LEVELS} different texts. Name it in `roles.ignore` to leave it out."
    )]
    TooManyLevels {
        /// The column's name.
        column: String,
    },
}

impl Coded for IngestError {
    fn code(&self) -> &'static str {
        match self {
            Self::EmptyFile => "empty-file",
            Self::NoRows => "no-rows",
            Self::AllRowsRejected { .. } => "all-rows-rejected",
            Self::NotATable => "not-a-table",
            Self::UnsupportedFormat { .. } => "unsupported-format",
            Self::UnknownEncoding { .. } => "unknown-encoding",
            Self::BadDelimiter { .. } => "bad-delimiter",
            Self::NotImplemented { .. } => "not-implemented",
            Self::UnknownColumn { .. } => "unknown-column",
            Self::BrokenArchive => "broken-archive",
            Self::EncryptedArchive => "encrypted-archive",
            Self::ArchiveWithoutTable => "archive-without-table",
            Self::UnknownMember { .. } => "unknown-member",
            Self::UnknownSheet { .. } => "unknown-sheet",
            Self::BrokenWorkbook => "broken-workbook",
            Self::ReaderNotLoaded { .. } => "reader-not-loaded",
            Self::NoRecords => "no-records",
            Self::ArchiveTooLarge => "archive-too-large",
            Self::InflatedTooLarge => "inflated-too-large",
            Self::WorkbookTooLarge => "workbook-too-large",
            Self::Aborted => "aborted",
            Self::TooManyBytes => "too-many-bytes",
            Self::TooManyRows => "too-many-rows",
            Self::TooManyColumns { .. } => "too-many-columns",
            Self::CellTooLong { .. } => "cell-too-long",
            Self::RowTooLong { .. } => "row-too-long",
            Self::TooManyLevels { .. } => "too-many-levels",
            Self::TooMuchText { .. } => "too-much-text",
            Self::BadQuote { .. } => "bad-quote",
        }
    }

    fn figures(&self) -> Vec<(&'static str, f64)> {
        let mebibytes = |bytes: u64| ("mebibytes", (bytes >> 20) as f64);
        match self {
            Self::AllRowsRejected { count, columns } => {
                vec![("count", *count as f64), ("expected", *columns as f64)]
            }
            Self::ArchiveTooLarge => vec![mebibytes(MAX_ARCHIVE_BYTES)],
            Self::InflatedTooLarge => vec![mebibytes(MAX_INFLATED_BYTES)],
            Self::WorkbookTooLarge => vec![
                mebibytes(MAX_WORKBOOK_BYTES),
                ("textMebibytes", (MAX_STRINGS_BYTES >> 20) as f64),
            ],
            Self::TooManyBytes => vec![mebibytes(MAX_BYTES)],
            Self::TooManyRows => vec![("limit", MAX_ROWS as f64)],
            Self::TooManyColumns { count } => {
                vec![("count", *count as f64), ("limit", MAX_COLUMNS as f64)]
            }
            Self::CellTooLong { row } => vec![
                ("row", *row as f64),
                ("kibibytes", (MAX_CELL_BYTES >> 10) as f64),
            ],
            Self::RowTooLong { row } => vec![("row", *row as f64)],
            Self::TooManyLevels { .. } => vec![("limit", MAX_LEVELS as f64)],
            Self::TooMuchText { .. } => vec![mebibytes(MAX_TABLE_TEXT_BYTES as u64)],
            _ => Vec::new(),
        }
    }

    fn columns(&self) -> Vec<String> {
        match self {
            Self::UnknownColumn { column }
            | Self::TooManyLevels { column }
            | Self::TooMuchText { column } => vec![column.clone()],
            _ => Vec::new(),
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::UnknownEncoding { label } => Some(label.clone()),
            Self::BadDelimiter { delimiter } => Some(delimiter.clone()),
            Self::UnknownMember { member } => Some(member.clone()),
            Self::UnknownSheet { sheet } => Some(sheet.clone()),
            Self::BadQuote { quote } => Some(quote.clone()),
            Self::ReaderNotLoaded { detail } => Some(detail.clone()),
            _ => None,
        }
    }
}
