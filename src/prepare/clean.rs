//! Rows that come twice, and cells that can't be.

use crate::schema::blank_impossible;
use crate::table::{ColumnData, MISSING_BOOLEAN, MISSING_CODE, MISSING_TIME, Table};
use std::borrow::Cow;

/// Tables of more rows are searched for repeated ones only where that is asked for: it takes 8 bytes a row.
const SEARCHED: usize = 1 << 22;
const FREE: u32 = u32::MAX;

/// The rows that are the same as an earlier one in every cell; `None` where the table is so long that
/// they are looked for only on request.
pub(super) fn duplicates(table: &Table, asked: bool) -> Option<Duplicates> {
    if table.rows > SEARCHED && !asked {
        return None;
    }
    let mut slots = vec![FREE; (table.rows * 2).next_power_of_two().max(16)];
    let mask = slots.len() - 1;
    let mut repeated = vec![false; table.rows];
    let mut count = 0;
    for row in 0..table.rows {
        let mut slot = hash(table, row) as usize & mask;
        loop {
            match slots[slot] {
                FREE => {
                    slots[slot] = row as u32;
                    break;
                }
                known if same(table, known as usize, row) => {
                    repeated[row] = true;
                    count += 1;
                    break;
                }
                _ => slot = (slot + 1) & mask,
            }
        }
    }
    Some(Duplicates { repeated, count })
}

/// Which rows repeat an earlier one.
pub(super) struct Duplicates {
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
