//! The sample as a file.

use super::Simulated;
use crate::ingest::time::iso_text;
use crate::table::{ColumnData, MISSING_BOOLEAN, Table};
use std::io::Write;

impl Simulated {
    /// The sample as a CSV file: UTF-8, commas, a header, `yes` and `no`, empty cells where missing.
    pub fn csv(&self) -> Vec<u8> {
        of_table(&self.table)
    }
}

/// A table of the simulator's as a CSV file.
pub(super) fn of_table(table: &Table) -> Vec<u8> {
    let mut out = Vec::with_capacity(table.rows * table.columns.len() * 8);
    let header: Vec<&str> = table
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    out.extend_from_slice(header.join(",").as_bytes());
    out.push(b'\n');
    for row in 0..table.rows {
        for (place, column) in table.columns.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            write_cell(&mut out, &column.data, row);
        }
        out.push(b'\n');
    }
    out
}

/// No name or number of the simulator's needs quoting.
fn write_cell(out: &mut Vec<u8>, data: &ColumnData, row: usize) {
    let written = match data {
        ColumnData::Number(cells) if cells[row].is_nan() => Ok(()),
        ColumnData::Number(cells) => write!(out, "{}", cells[row]),
        ColumnData::Boolean(cells) => match cells[row] {
            MISSING_BOOLEAN => Ok(()),
            0 => out.write_all(b"no"),
            _ => out.write_all(b"yes"),
        },
        ColumnData::Category(cells) | ColumnData::Text(cells) => {
            let name = cells.levels.get(cells.codes[row] as usize);
            out.write_all(name.map_or(&[][..], |name| name.as_bytes()))
        }
        ColumnData::Time(cells) => write!(out, "{}", iso_text(cells[row])),
    };
    written.expect("writing to memory does not fail");
}
