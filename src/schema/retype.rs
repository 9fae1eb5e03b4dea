//! Other types for columns that are already there.

use super::SchemaError;
use super::profile::cell_text;
use crate::error::Warning;
use crate::ingest::{Writing, column_of_type};
use crate::table::{Column, ColumnData, ColumnType, MISSING_BOOLEAN, MISSING_TIME, Table};
use std::collections::BTreeMap;

/// Numbers from here on are milliseconds since 1970 rather than seconds (year 5138 in seconds).
const MILLISECONDS_FROM: f64 = 1e11;

/// Gives columns other types, from the cells as they are: numbers become words as short as they can be
/// written, words are read as in a file written as `writing` says, yes and no are 1 and 0, points in time are milliseconds since
/// 1970, and numbers become points in time as seconds or, from 10¹¹ on, milliseconds since 1970.
/// Columns that have the type already stay as they are.
///
/// Returns a warning `cells-unfit` for every column with cells that did not fit; they are now missing.
/// A column that is read in two types one after the other is not always what it would be in the second
/// at once: what did not fit the first is gone.
///
/// # Errors
/// `unknown-column`; `too-many-levels` where numbers are too many to become words. The table is then
/// unchanged.
pub fn retype(
    table: &mut Table,
    types: &BTreeMap<String, ColumnType>,
    writing: Writing,
) -> Result<Vec<Warning>, SchemaError> {
    let mut changed = Vec::new();
    for (name, &wanted) in types {
        let position = table.columns.iter().position(|column| column.name == *name);
        let Some(index) = position else {
            let column = name.clone();
            return Err(SchemaError::UnknownColumn { column });
        };
        let column = &table.columns[index];
        if column.data.column_type() != wanted {
            changed.push((index, convert(column, wanted, writing)?));
        }
    }
    let mut warnings = Vec::new();
    for (index, (data, misfits)) in changed {
        let column = &mut table.columns[index];
        column.data = data;
        if misfits > 0 {
            let name = &column.name;
            let message =
                format!("{misfits} cells of `{name}` don't fit its type and count as missing.");
            let warning = Warning::new("cells-unfit", message).columns([name]);
            warnings.push(warning.figure("cells", misfits as f64));
        }
    }
    Ok(warnings)
}

/// The cells in another type, and how many did not fit.
fn convert(
    column: &Column,
    wanted: ColumnType,
    writing: Writing,
) -> Result<(ColumnData, usize), SchemaError> {
    let converted = match (&column.data, wanted) {
        (ColumnData::Text(dictionary), ColumnType::Category) => {
            ColumnData::Category(dictionary.clone())
        }
        (ColumnData::Category(dictionary), ColumnType::Text) => {
            ColumnData::Text(dictionary.clone())
        }
        (ColumnData::Boolean(cells), ColumnType::Number) => {
            let number = |&cell: &u8| match cell {
                MISSING_BOOLEAN.. => f64::NAN,
                cell => f64::from(cell),
            };
            ColumnData::Number(cells.iter().map(number).collect())
        }
        (ColumnData::Time(cells), ColumnType::Number) => {
            let number = |&cell: &i64| match cell {
                MISSING_TIME => f64::NAN,
                cell => cell as f64,
            };
            ColumnData::Number(cells.iter().map(number).collect())
        }
        (ColumnData::Number(cells), ColumnType::Time) => {
            ColumnData::Time(cells.iter().map(|&cell| unix_time(cell)).collect())
        }
        (data, _) => {
            let texts = (0..data.len()).map(|row| cell_text(data, row));
            return column_of_type(texts, wanted, writing).ok_or_else(|| {
                SchemaError::TooManyLevels {
                    column: column.name.clone(),
                }
            });
        }
    };
    Ok((converted, 0))
}

fn unix_time(number: f64) -> i64 {
    if number.is_nan() {
        MISSING_TIME
    } else if number.abs() >= MILLISECONDS_FROM {
        number as i64
    } else {
        (number * 1000.0).round() as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Coded;

    fn table(columns: Vec<(&str, ColumnData)>) -> Table {
        let rows = columns[0].1.len();
        let columns = columns.into_iter().map(|(name, data)| Column {
            name: name.into(),
            data,
        });
        Table {
            columns: columns.collect(),
            source_rows: None,
            rows,
        }
    }

    fn to(table: &mut Table, name: &str, wanted: ColumnType) -> Vec<Warning> {
        let types = BTreeMap::from([(name.to_owned(), wanted)]);
        retype(table, &types, Writing::default()).unwrap()
    }

    fn texts(table: &Table, name: &str) -> Vec<Option<String>> {
        let data = &table.column(name).unwrap().data;
        (0..data.len()).map(|row| cell_text(data, row)).collect()
    }

    fn some(cells: &[&str]) -> Vec<Option<String>> {
        cells
            .iter()
            .map(|cell| (*cell != "∅").then(|| (*cell).to_owned()))
            .collect()
    }

    #[test]
    fn types_change_there_and_back() {
        let mut table = table(vec![
            ("code", ColumnData::Number(vec![1.0, 2.5, f64::NAN, 1.0])),
            ("flag", ColumnData::Boolean(vec![0, 1, 2, 1])),
            (
                "when",
                ColumnData::Time(vec![0, 86_400_000, MISSING_TIME, 1000]),
            ),
        ]);
        assert_eq!(to(&mut table, "code", ColumnType::Category), []);
        assert_eq!(texts(&table, "code"), some(&["1", "2.5", "∅", "1"]));
        assert_eq!(to(&mut table, "code", ColumnType::Text), []);
        assert_eq!(to(&mut table, "code", ColumnType::Number), []);
        assert_eq!(texts(&table, "code"), some(&["1", "2.5", "∅", "1"]));
        to(&mut table, "flag", ColumnType::Category);
        assert_eq!(texts(&table, "flag"), some(&["false", "true", "∅", "true"]));
        to(&mut table, "flag", ColumnType::Boolean);
        to(&mut table, "flag", ColumnType::Number);
        assert_eq!(texts(&table, "flag"), some(&["0", "1", "∅", "1"]));
        to(&mut table, "flag", ColumnType::Boolean);
        assert_eq!(texts(&table, "flag"), some(&["false", "true", "∅", "true"]));
        to(&mut table, "when", ColumnType::Category);
        let days = some(&["1970-01-01", "1970-01-02", "∅", "1970-01-01 00:00:01"]);
        assert_eq!(texts(&table, "when"), days);
        to(&mut table, "when", ColumnType::Time);
        to(&mut table, "when", ColumnType::Number);
        assert_eq!(texts(&table, "when"), some(&["0", "86400000", "∅", "1000"]));
    }

    #[test]
    fn words_are_read_as_the_file_was_said_to_be_written() {
        use crate::ingest::{DateOrder, DecimalMark};
        use crate::table::Dictionary;
        let words = |levels: &[&str]| {
            ColumnData::Category(Dictionary {
                codes: (0..levels.len() as u32).collect(),
                levels: levels.iter().map(|&level| level.to_owned()).collect(),
            })
        };
        let read = |decimal, dates| {
            let mut table = table(vec![
                ("n", words(&["1,234", "5,678"])),
                ("t", words(&["03/04/2026", "05/06/2026"])),
            ]);
            let types = [("n", ColumnType::Number), ("t", ColumnType::Time)];
            let types = types.map(|(name, wanted)| (name.to_owned(), wanted)).into();
            let writing = Writing {
                dates: Some(dates),
                decimal: Some(decimal),
                semicolons: false,
            };
            retype(&mut table, &types, writing).unwrap();
            (texts(&table, "n"), texts(&table, "t"))
        };
        assert_eq!(
            read(DecimalMark::Comma, DateOrder::DayFirst),
            (
                some(&["1.234", "5.678"]),
                some(&["2026-04-03", "2026-06-05"])
            )
        );
        assert_eq!(
            read(DecimalMark::Point, DateOrder::MonthFirst),
            (some(&["1234", "5678"]), some(&["2026-03-04", "2026-05-06"]))
        );
    }

    #[test]
    fn numbers_become_points_in_time_by_their_size() {
        let cells = vec![1_700_000_000.0, 1_700_000_000_000.0, f64::NAN];
        let mut table = table(vec![("t", ColumnData::Number(cells))]);
        to(&mut table, "t", ColumnType::Time);
        let second = "2023-11-14 22:13:20";
        assert_eq!(texts(&table, "t"), some(&[second, second, "∅"]));
    }

    #[test]
    fn misfits_are_counted_and_mistakes_change_nothing() {
        let mut table = table(vec![("n", ColumnData::Number(vec![0.0, 1.0, 7.0]))]);
        let before = table.clone();
        let unknown = BTreeMap::from([
            ("n".to_owned(), ColumnType::Category),
            ("nope".to_owned(), ColumnType::Text),
        ]);
        let error = retype(&mut table, &unknown, Writing::default()).unwrap_err();
        assert_eq!((error.code(), &table), ("unknown-column", &before));
        let warnings = to(&mut table, "n", ColumnType::Boolean);
        assert_eq!(warnings[0].code, "cells-unfit");
        assert_eq!(warnings[0].figures.as_ref().unwrap()["cells"], 1.0);
        assert_eq!(texts(&table, "n"), some(&["false", "true", "∅"]));
    }
}
