//! Two tables side by side: what a second file knows of each row's user, lead or campaign.

use super::cells::codes_of;
use crate::error::Coded;
use crate::schema::cell_text;
use crate::table::{
    Column, ColumnData, Dictionary, MISSING_BOOLEAN, MISSING_CODE, MISSING_TIME, Table,
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashMap;

const NONE: u32 = u32::MAX;

/// Which columns have to agree.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JoinOptions {
    /// A column of this name in both tables.
    pub on: Option<String>,
    /// The column of the table at hand, where its name is another.
    pub left_key: Option<String>,
    /// The column of the other table, where its name is another.
    pub right_key: Option<String>,
    /// What becomes of rows of the other table that have one key. Defaults to `refuse`.
    pub duplicates: RepeatedKeys,
}

/// What becomes of rows of one key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RepeatedKeys {
    /// The join is refused.
    #[default]
    Refuse,
    /// The first of them counts.
    First,
    /// The last of them counts.
    Last,
    /// They become one: numbers add up, yes or no is yes where any is, of everything else the first filled
    /// cell counts.
    Sum,
}

/// How many rows found their counterpart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Joined {
    /// Rows of the table at hand that found theirs.
    pub matched: usize,
    /// Rows that did not: what was added is missing there.
    pub unmatched: usize,
    /// Rows of the other table that no row asked for.
    pub unused: usize,
    /// Rows of the other table whose key an earlier one has, where these were made one.
    #[serde(skip_serializing_if = "is_zero")]
    pub repeated: usize,
    /// The columns that were added.
    pub columns: Vec<String>,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Why two tables can't be joined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// Nothing says which columns have to agree.
    #[error("Say which column has to agree in both files: they share no column name, or several.")]
    NoKey,
    /// A key that is not there.
    #[error("There is no column of that name to join by.")]
    UnknownKey {
        /// The name that was given.
        column: String,
    },
    /// The other table has a key several times.
    #[error(
        "The key of the second file has {count} rows whose value stands there twice: say whether the first or the last of them counts, or whether they add up."
    )]
    RepeatedKey {
        /// The column's name.
        column: String,
        /// Rows whose key an earlier row has.
        count: usize,
    },
    /// No row found a counterpart.
    #[error("No value of the key occurs in the key of the second file.")]
    NothingMatched {
        /// The key of the table at hand.
        left: String,
        /// The key of the other.
        right: String,
    },
}

impl Coded for JoinError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoKey => "join-no-key",
            Self::UnknownKey { .. } => "join-unknown-key",
            Self::RepeatedKey { .. } => "join-repeated-key",
            Self::NothingMatched { .. } => "join-nothing-matched",
        }
    }

    fn figures(&self) -> Vec<(&'static str, f64)> {
        match self {
            Self::RepeatedKey { count, .. } => vec![("count", *count as f64)],
            _ => Vec::new(),
        }
    }

    fn columns(&self) -> Vec<String> {
        match self {
            Self::UnknownKey { column } | Self::RepeatedKey { column, .. } => vec![column.clone()],
            Self::NothingMatched { left, right } => vec![left.clone(), right.clone()],
            Self::NoKey => Vec::new(),
        }
    }
}

/// The table at hand with the columns of another beside its own: each row gets the cells of the one row
/// of the other table whose key reads the same, or missing cells. Rows stay as they are, in number and
/// order. A column whose name is taken gets a number behind its own.
///
/// # Errors
/// [`JoinError`], also where a key stands in several rows of the other table.
pub fn join(
    left: &Table,
    right: &Table,
    options: &JoinOptions,
) -> Result<(Table, Joined), JoinError> {
    let (left_key, right_key) = keys(left, right, options)?;
    let (row_of, groups) = rows_by_key(right_key, options.duplicates)?;
    let (codes, texts) = texts_of(left_key);
    let found: Vec<u32> = texts
        .iter()
        .map(|text| row_of.get(text.trim()).copied().unwrap_or(NONE))
        .collect();
    let rows: Vec<u32> = codes
        .iter()
        .map(|&code| found.get(code as usize).copied().unwrap_or(NONE))
        .collect();
    let matched = rows.iter().filter(|&&row| row != NONE).count();
    if matched == 0 {
        return Err(JoinError::NothingMatched {
            left: left_key.name.clone(),
            right: right_key.name.clone(),
        });
    }
    let mut used = vec![false; right.rows];
    for &row in rows.iter().filter(|&&row| row != NONE) {
        used[row as usize] = true;
    }
    // Rows that were made one with a used row are used as well.
    for &(row, first) in groups.iter().rev() {
        used[row as usize] |= used[first as usize];
    }
    let mut table = left.clone();
    let mut columns = Vec::new();
    for column in right
        .columns
        .iter()
        .filter(|column| column.name != right_key.name)
    {
        let name = free_name(&table, &column.name);
        columns.push(name.clone());
        let data = match options.duplicates {
            RepeatedKeys::Sum if !groups.is_empty() => {
                take(&added_up(&column.data, &groups), &rows)
            }
            _ => take(&column.data, &rows),
        };
        table.columns.push(Column { name, data });
    }
    let joined = Joined {
        matched,
        unmatched: rows.len() - matched,
        repeated: groups.len(),
        unused: used.iter().filter(|&&used| !used).count(),
        columns,
    };
    Ok((table, joined))
}

fn keys<'a>(
    left: &'a Table,
    right: &'a Table,
    options: &JoinOptions,
) -> Result<(&'a Column, &'a Column), JoinError> {
    let named = |table: &'a Table, name: &str| {
        table.column(name).ok_or_else(|| JoinError::UnknownKey {
            column: name.to_owned(),
        })
    };
    let left_name = options.left_key.as_ref().or(options.on.as_ref());
    let right_name = options.right_key.as_ref().or(options.on.as_ref());
    let (left_name, right_name) = match (left_name, right_name) {
        (Some(left), Some(right)) => (left, right),
        (Some(both), None) | (None, Some(both)) => (both, both),
        (None, None) => {
            let mut shared = left.columns.iter().map(|column| &column.name);
            let both = |name: &&String| right.column(name).is_some();
            let one = shared.find(both).ok_or(JoinError::NoKey)?;
            if shared.any(|name| right.column(name).is_some()) {
                return Err(JoinError::NoKey);
            }
            (one, one)
        }
    };
    Ok((named(left, left_name)?, named(right, right_name)?))
}

/// The row that stands for each key.
type RowOf = HashMap<String, u32>;
/// Rows whose key has another row that stands for it, with that row.
type Groups = Vec<(u32, u32)>;

/// The row that counts for each key, as text, and the rows that repeat one; rows without a key are passed
/// over.
fn rows_by_key(key: &Column, repeated: RepeatedKeys) -> Result<(RowOf, Groups), JoinError> {
    let (codes, texts) = texts_of(key);
    let mut row_of = RowOf::with_capacity(texts.len());
    let mut groups = Groups::new();
    for (row, &code) in codes.iter().enumerate() {
        let Some(text) = texts.get(code as usize) else {
            continue;
        };
        let row = row as u32;
        let counts = row_of.entry(text.trim().to_owned()).or_insert(row);
        if *counts == row {
            continue;
        }
        if repeated == RepeatedKeys::Last {
            groups.push((std::mem::replace(counts, row), row));
        } else {
            groups.push((row, *counts));
        }
    }
    if repeated == RepeatedKeys::Refuse && !groups.is_empty() {
        return Err(JoinError::RepeatedKey {
            column: key.name.clone(),
            count: groups.len(),
        });
    }
    Ok((row_of, groups))
}

/// The cells with those of repeated rows taken into the rows that stand for them.
fn added_up(data: &ColumnData, groups: &Groups) -> ColumnData {
    let mut data = data.clone();
    for &(row, first) in groups {
        let (row, first) = (row as usize, first as usize);
        match &mut data {
            ColumnData::Number(cells) if cells[first].is_nan() => cells[first] = cells[row],
            ColumnData::Number(cells) if !cells[row].is_nan() => cells[first] += cells[row],
            ColumnData::Number(_) => {}
            ColumnData::Boolean(cells) => {
                let known = [cells[first], cells[row]].into_iter();
                let known = known.filter(|&cell| cell != MISSING_BOOLEAN);
                cells[first] = known.max().unwrap_or(MISSING_BOOLEAN);
            }
            ColumnData::Time(cells) if cells[first] == MISSING_TIME => cells[first] = cells[row],
            ColumnData::Category(cells) | ColumnData::Text(cells)
                if cells.codes[first] == MISSING_CODE =>
            {
                cells.codes[first] = cells.codes[row];
            }
            _ => {}
        }
    }
    data
}

/// A code per row, and the text of each.
pub(super) fn texts_of(column: &Column) -> (Cow<'_, [u32]>, Vec<String>) {
    let (codes, count) = codes_of(&column.data);
    if let ColumnData::Category(dictionary) | ColumnData::Text(dictionary) = &column.data {
        return (codes, dictionary.levels.clone());
    }
    let mut texts = vec![String::new(); count];
    for (row, &code) in codes.iter().enumerate() {
        if let Some(text) = texts.get_mut(code as usize).filter(|text| text.is_empty()) {
            *text = cell_text(&column.data, row).unwrap_or_default();
        }
    }
    (codes, texts)
}

fn free_name(table: &Table, name: &str) -> String {
    if table.column(name).is_none() {
        return name.to_owned();
    }
    let mut numbered = (2..).map(|number| format!("{name}_{number}"));
    let free = numbered.find(|name| table.column(name).is_none());
    free.unwrap_or_default()
}

/// The cells of some rows, missing where there is no row.
fn take(data: &ColumnData, rows: &[u32]) -> ColumnData {
    fn pick<T: Copy>(cells: &[T], rows: &[u32], missing: T) -> Vec<T> {
        let cell = |&row: &u32| cells.get(row as usize).copied().unwrap_or(missing);
        rows.iter().map(cell).collect()
    }
    let of = |dictionary: &Dictionary| Dictionary {
        codes: pick(&dictionary.codes, rows, MISSING_CODE),
        levels: dictionary.levels.clone(),
    };
    match data {
        ColumnData::Number(cells) => ColumnData::Number(pick(cells, rows, f64::NAN)),
        ColumnData::Time(cells) => ColumnData::Time(pick(cells, rows, MISSING_TIME)),
        ColumnData::Boolean(cells) => ColumnData::Boolean(pick(cells, rows, MISSING_BOOLEAN)),
        ColumnData::Category(dictionary) => ColumnData::Category(of(dictionary)),
        ColumnData::Text(dictionary) => ColumnData::Text(of(dictionary)),
    }
}

/// The table without the columns that a join added last.
pub fn unjoin(table: &Table, joined: &Joined) -> Table {
    let own = table.columns.len().saturating_sub(joined.columns.len());
    Table {
        columns: table.columns[..own].to_vec(),
        source_rows: table.source_rows.clone(),
        rows: table.rows,
    }
}
