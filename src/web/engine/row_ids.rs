//! Which row, user or path each prediction is about.

use crate::prepare::Journeys;
use crate::schema::{Role, RoleOptions, Schema, cell_text};
use crate::table::{ColumnData, MISSING_CODE, Table};
use wasm_bindgen::prelude::*;

/// Names of more rows would take more memory than they are worth.
const MOST: usize = 1_000_000;

/// The column that says whom a row is about: the user, else the journey, else one whose cells all differ.
pub(super) fn id_column(roles: &RoleOptions, schema: &Schema) -> Option<String> {
    let differs = || {
        let mut columns = schema.columns.iter();
        let found = columns
            .find(|column| column.role == Role::Ignore && column.reason.code == "identifier");
        found.map(|column| column.name.clone())
    };
    let said = roles.user.clone().or_else(|| roles.journey.clone());
    said.or_else(differs)
}

/// The cells of a column in some rows, as texts; empty where a cell is.
pub(super) fn of_column(table: &Table, column: &str, rows: &[u32]) -> Option<js_sys::Array> {
    let data = &table.column(column)?.data;
    if rows.len() > MOST {
        return None;
    }
    let ids = js_sys::Array::new_with_length(rows.len() as u32);
    let empty = JsValue::from_str("");
    // Texts are made once for all rows that hold them.
    let mut made: Vec<Option<JsValue>> = match data {
        ColumnData::Category(cells) | ColumnData::Text(cells) => vec![None; cells.levels.len()],
        _ => Vec::new(),
    };
    for (place, &row) in rows.iter().enumerate() {
        let id = match data {
            ColumnData::Category(cells) | ColumnData::Text(cells) => {
                match cells.codes[row as usize] {
                    MISSING_CODE => empty.clone(),
                    code => made[code as usize]
                        .get_or_insert_with(|| JsValue::from_str(&cells.levels[code as usize]))
                        .clone(),
                }
            }
            data => JsValue::from_str(&cell_text(data, row as usize).unwrap_or_default()),
        };
        ids.set(place as u32, id);
    }
    Some(ids)
}

/// Paths by the names of their channels.
pub(super) fn of_paths(journeys: &Journeys) -> Option<js_sys::Array> {
    if journeys.len() > MOST {
        return None;
    }
    let name = |&code: &u32| journeys.channels[code as usize].as_str();
    let paths = (0..journeys.len()).map(|journey| {
        let touches: Vec<&str> = journeys.touches(journey).iter().map(name).collect();
        JsValue::from_str(&touches.join(" > "))
    });
    Some(paths.collect())
}
