//! From tables made by hand to data sets, and what must hold for any of them.

#![allow(clippy::unwrap_used, missing_docs)]

mod added;
mod cases;
mod criteo;
mod guards;
mod join;
mod outcomes;
mod paths;
mod properties;
mod spend;
mod touches;

use channelwise::error::Coded;
use channelwise::prepare::{Dataset, DatasetSummary, PrepareError, PrepareOptions, prepare};
use channelwise::schema::{ColumnSchema, Reason, Role, Schema};
use channelwise::table::{Column, ColumnData, Dictionary, MISSING_CODE, Table};
use std::collections::BTreeMap;

fn names(cells: &[&str]) -> Dictionary {
    let mut dictionary = Dictionary::default();
    for &cell in cells {
        let known = dictionary.levels.iter().position(|level| level == cell);
        let code = match known {
            _ if cell.is_empty() => MISSING_CODE,
            Some(code) => code as u32,
            None => {
                dictionary.levels.push(cell.to_owned());
                dictionary.levels.len() as u32 - 1
            }
        };
        dictionary.codes.push(code);
    }
    dictionary
}

fn category(cells: &[&str]) -> ColumnData {
    ColumnData::Category(names(cells))
}

fn build(columns: Vec<(&str, Role, ColumnData)>) -> (Table, Schema) {
    let rows = match &columns[0].2 {
        ColumnData::Number(cells) => cells.len(),
        ColumnData::Boolean(cells) => cells.len(),
        ColumnData::Time(cells) => cells.len(),
        ColumnData::Category(cells) | ColumnData::Text(cells) => cells.codes.len(),
    };
    let about = |(name, role, data): &(&str, Role, ColumnData)| ColumnSchema {
        name: (*name).to_owned(),
        column_type: data.column_type(),
        role: *role,
        reason: Reason {
            code: "test",
            message: String::new(),
            figures: BTreeMap::new(),
        },
        missing: 0,
        distinct: 0,
        examples: Vec::new(),
        levels: Vec::new(),
    };
    let schema = Schema {
        columns: columns.iter().map(about).collect(),
        positive: None,
        ..Schema::default()
    };
    let columns = columns.into_iter().map(|(name, _, data)| Column {
        name: name.to_owned(),
        data,
    });
    (
        Table {
            columns: columns.collect(),
            source_rows: None,
            rows,
        },
        schema,
    )
}

fn with(change: impl FnOnce(&mut PrepareOptions)) -> PrepareOptions {
    let mut options = PrepareOptions::default();
    change(&mut options);
    options
}

fn run(
    (table, schema): &(Table, Schema),
    options: PrepareOptions,
) -> Result<(Dataset, DatasetSummary), PrepareError> {
    prepare(table, schema, &options.check()?)
}

fn code(found: Result<(Dataset, DatasetSummary), PrepareError>) -> &'static str {
    found.map(|_| ()).unwrap_err().code()
}

/// A table of all kinds of columns whose cells follow from the row's number.
fn mixed(outcomes: &[bool]) -> (Table, Schema) {
    let n = outcomes.len();
    let each = |cell: &dyn Fn(usize) -> f64| (0..n).map(cell).collect::<Vec<f64>>();
    let level = |row: usize| ["red", "green", "", "blue"][row * 7 % 4];
    build(vec![
        (
            "age",
            Role::Feature,
            ColumnData::Number(each(&|row| (row * 37 % 101) as f64)),
        ),
        (
            "income",
            Role::Feature,
            ColumnData::Number(each(&|row| {
                if row % 3 == 1 {
                    f64::NAN
                } else {
                    1e6 + (row % 17) as f64
                }
            })),
        ),
        (
            "member",
            Role::Feature,
            ColumnData::Boolean((0..n).map(|row| (row % 2) as u8).collect()),
        ),
        (
            "colour",
            Role::Feature,
            category(&(0..n).map(level).collect::<Vec<_>>()),
        ),
        (
            "channel",
            Role::Channel,
            ColumnData::Number(each(&|row| (row % 3 + 9) as f64)),
        ),
        (
            "day",
            Role::Time,
            ColumnData::Time(
                (0..n)
                    .map(|row| (row * 31 % 97) as i64 * 86_400_000)
                    .collect(),
            ),
        ),
        (
            "user",
            Role::User,
            ColumnData::Number(each(&|row| (row / 3) as f64)),
        ),
        (
            "won",
            Role::Label,
            ColumnData::Boolean(outcomes.iter().map(|&won| u8::from(won)).collect()),
        ),
    ])
}

fn alternating(n: usize) -> Vec<bool> {
    (0..n).map(|row| row % 2 == 0).collect()
}
