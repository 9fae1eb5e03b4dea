//! Rows that come twice, and cells that can't be.

use super::report::Step;
use super::{Duplicates, PrepareOptions};
use crate::error::Warning;
use crate::ingest::Layout;
use crate::schema::{Role, Schema, blank_impossible};
use crate::table::{ColumnData, MISSING_BOOLEAN, MISSING_CODE, MISSING_TIME, Table};
use std::borrow::Cow;

/// Tables of more rows are searched for repeated ones only where that is asked for: it takes 8 bytes a row.
const SEARCHED: usize = 1 << 22;
const FREE: u32 = u32::MAX;

/// What was found before anything is read.
#[derive(Default)]
pub(super) struct Cleaned {
    /// The rows that are left out as repetitions.
    pub repeated: Option<Vec<bool>>,
    pub warnings: Vec<Warning>,
    pub steps: Vec<Step>,
}

impl Cleaned {
    pub fn is_repeated(&self, row: usize) -> bool {
        self.repeated.as_ref().is_some_and(|repeated| repeated[row])
    }
}

/// Looks for rows that repeat an earlier one. Where rows have nothing that tells one from another, they
/// may be alike by chance, and nothing is said of it.
pub(super) fn look(table: &Table, schema: &Schema, options: &PrepareOptions) -> Cleaned {
    let mut cleaned = Cleaned::default();
    let asked = options.duplicates == Duplicates::Drop;
    let single = [Role::User, Role::Time, Role::Journey];
    let told_apart = schema
        .columns
        .iter()
        .any(|column| single.contains(&column.role) || column.reason.code == "identifier");
    if schema.layout == Layout::Paths || !(asked || told_apart) {
        return cleaned;
    }
    let Some(found) = duplicates(table, asked).filter(|found| found.count > 0) else {
        return cleaned;
    };
    if asked {
        cleaned.repeated = Some(found.repeated);
        return cleaned;
    }
    let (count, share) = (found.count as f64, found.count as f64 / table.rows as f64);
    let message = format!(
        "{count} rows repeat an earlier one in every cell. They count unless they are dropped."
    );
    let warning = Warning::new("duplicate-rows", message).figure("rows", count);
    cleaned
        .warnings
        .push(warning.figure("share", share).remedy("duplicates", "drop"));
    cleaned
}

/// The rows that are the same as an earlier one in every cell; `None` where the table is so long that
/// they are looked for only on request.
fn duplicates(table: &Table, asked: bool) -> Option<Repeated> {
    if table.rows > SEARCHED && !asked {
        return None;
    }
    let mut slots = vec![FREE; (table.rows * 2).next_power_of_two().max(16)];
    let mask = slots.len() - 1;
    let mut repeated = vec![false; table.rows];
    let mut count = 0;
    for (row, repeated) in repeated.iter_mut().enumerate() {
        let mut slot = hash(table, row) as usize & mask;
        loop {
            match slots[slot] {
                FREE => {
                    slots[slot] = row as u32;
                    break;
                }
                known if same(table, known as usize, row) => {
                    *repeated = true;
                    count += 1;
                    break;
                }
                _ => slot = (slot + 1) & mask,
            }
        }
    }
    Some(Repeated { repeated, count })
}

/// Which rows repeat an earlier one.
struct Repeated {
    pub repeated: Vec<bool>,
    pub count: usize,
}

fn hash(table: &Table, row: usize) -> u64 {
    table.columns.iter().fold(0, |hash, column| {
        // SplitMix64's finaliser (Steele, Lea & Flood 2014) over a running sum.
        let mut value = (key(&column.data, row) ^ hash).wrapping_add(0x9e37_79b9_7f4a_7c15);
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    })
}

fn same(table: &Table, a: usize, b: usize) -> bool {
    let mut columns = table.columns.iter();
    columns.all(|column| key(&column.data, a) == key(&column.data, b))
}

/// A number that is the same for equal cells of a column only; all missing cells are equal.
fn key(data: &ColumnData, row: usize) -> u64 {
    match data {
        ColumnData::Number(cells) if cells[row].is_nan() => u64::MAX,
        ColumnData::Number(cells) => (cells[row] + 0.0).to_bits(),
        ColumnData::Time(cells) => (cells[row] as u64).wrapping_sub(MISSING_TIME as u64),
        ColumnData::Boolean(cells) => u64::from(cells[row].min(MISSING_BOOLEAN)),
        ColumnData::Category(cells) | ColumnData::Text(cells) => {
            u64::from(cells.codes[row].wrapping_sub(MISSING_CODE))
        }
    }
}

/// The table without cells that can't be, and how many there were by column; on request only.
pub(super) fn without_impossible(
    table: &Table,
    asked: bool,
) -> (Cow<'_, Table>, Vec<(String, usize)>) {
    let mut found = Vec::new();
    if !asked {
        return (Cow::Borrowed(table), found);
    }
    let mut clean = table.clone();
    for column in &mut clean.columns {
        let count = blank_impossible(column);
        if count > 0 {
            found.push((column.name.clone(), count));
        }
    }
    if found.is_empty() {
        return (Cow::Borrowed(table), found);
    }
    (Cow::Owned(clean), found)
}
