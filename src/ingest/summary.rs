//! What is told about a file that was read.

use super::options::Layout;
use crate::error::Warning;
use crate::table::Table;
use serde::Serialize;

/// A record that is not part of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RejectedRow {
    /// Its 0-based number among all data records.
    pub row: usize,
    /// `too-few-fields`, `too-many-fields`, `blank-row`, `unclosed-quote`, `totals-row`,
    /// `broken-record` or `other-shape`.
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

/// What kind of file a table was in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Text with a delimiter, whichever.
    Csv,
    /// One JSON value that holds a list of records.
    Json,
    /// A JSON value a record.
    Jsonl,
    /// A sheet of an Excel workbook.
    Xlsx,
}

/// What was around that file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Container {
    /// A single compressed file.
    Gzip,
    /// An archive of files.
    Zip,
}

/// Where in the file the table was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unwrapped {
    /// What was unpacked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<Container>,
    /// The archive's file that was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The archive's files that could have been read, where there are several: the largest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// The sheet that was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The sheets of the workbook, in its order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sheets: Vec<String>,
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
    /// What kind of file it is, told by its content.
    pub format: Format,
    /// Where in the file the table was.
    #[serde(flatten)]
    pub unwrapped: Unwrapped,
    /// The encoding's name in the WHATWG Encoding Standard.
    pub encoding: &'static str,
    /// What separates the cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// Length of the file, as it is, packed or not.
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
