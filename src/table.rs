//! Typed columns: what a file has become once it is read.

use serde::{Deserialize, Serialize};

/// The code of a missing cell in a dictionary column.
pub const MISSING_CODE: u32 = u32::MAX;
/// The value of a missing cell in a time column.
pub const MISSING_TIME: i64 = i64::MIN;
/// The value of a missing cell in a boolean column.
pub const MISSING_BOOLEAN: u8 = 2;

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// Quantities.
    Number,
    /// One of a limited set of names.
    Category,
    /// Points in time.
    Time,
    /// Yes or no.
    Boolean,
    /// Free text and identifiers: too many different values to be a category.
    Text,
}

/// Distinct strings, numbered in order of first appearance, and one code per row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dictionary {
    /// The level of each row, or [`MISSING_CODE`].
    pub codes: Vec<u32>,
    /// The level names, by code.
    pub levels: Vec<String>,
}

/// The cells of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnData {
    /// `NaN` where missing.
    Number(Vec<f64>),
    /// [`MISSING_CODE`] where missing.
    Category(Dictionary),
    /// Milliseconds since 1970-01-01 UTC, [`MISSING_TIME`] where missing.
    Time(Vec<i64>),
    /// 0, 1, or [`MISSING_BOOLEAN`].
    Boolean(Vec<u8>),
    /// [`MISSING_CODE`] where missing.
    Text(Dictionary),
}

/// A named column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// As in the file's header, trimmed, made unique.
    pub name: String,
    /// The cells.
    pub data: ColumnData,
}

/// Columns of equal length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// In the file's order.
    pub columns: Vec<Column>,
    /// The 0-based position, among all data records of the file (rejected ones counted, header not),
    /// of each row. `None` where nothing was rejected and it would only count up.
    pub source_rows: Option<Vec<u32>>,
    /// How many rows every column has.
    pub rows: usize,
}

impl ColumnData {
    /// What the cells are.
    pub fn column_type(&self) -> ColumnType {
        match self {
            Self::Number(_) => ColumnType::Number,
            Self::Category(_) => ColumnType::Category,
            Self::Time(_) => ColumnType::Time,
            Self::Boolean(_) => ColumnType::Boolean,
            Self::Text(_) => ColumnType::Text,
        }
    }

    /// How many cells there are, missing ones counted.
    pub fn len(&self) -> usize {
        match self {
            Self::Number(cells) => cells.len(),
            Self::Time(cells) => cells.len(),
            Self::Boolean(cells) => cells.len(),
            Self::Category(dictionary) | Self::Text(dictionary) => dictionary.codes.len(),
        }
    }

    /// Whether there are no cells.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the cell of a row is missing.
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Number(cells) => cells[row].is_nan(),
            Self::Time(cells) => cells[row] == MISSING_TIME,
            Self::Boolean(cells) => cells[row] >= MISSING_BOOLEAN,
            Self::Category(dictionary) | Self::Text(dictionary) => {
                dictionary.codes[row] == MISSING_CODE
            }
        }
    }

    /// How many cells are missing.
    pub fn missing(&self) -> usize {
        (0..self.len()).filter(|&row| self.is_missing(row)).count()
    }
}

impl Table {
    /// The column of that exact name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The 0-based position of a row among all data records of the file.
    pub fn source_row(&self, row: usize) -> u32 {
        self.source_rows
            .as_ref()
            .map_or(row as u32, |rows| rows[row])
    }
}
