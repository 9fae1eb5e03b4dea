//! Which columns of a table hold the paths and the counts of their ends.

use super::paths::PathsError;
use crate::error::Warning;
use crate::schema::{Role, Schema};
use crate::table::{Column, ColumnData, MISSING_BOOLEAN, MISSING_CODE, Table};

const PATH_NAMES: [&str; 5] = ["path", "paths", "journey", "touchpoints", "路径"];
const CONVERSION_NAMES: [&str; 19] = [
    "total conversions",
    "conversions",
    "total conversion",
    "conversion",
    "conv",
    "key events",
    "transactions",
    "orders",
    "purchases",
    "converted",
    "转化",
    "转化数",
    "转化次数",
    "转化量",
    "总转化",
    "总转化数",
    "订单数",
    "成交数",
    "是否转化",
];
const VALUE_NAMES: [&str; 15] = [
    "total conversion value",
    "conversion value",
    "total conversions value",
    "conversions value",
    "total value",
    "value",
    "revenue",
    "total revenue",
    "purchase revenue",
    "转化价值",
    "转化金额",
    "价值",
    "金额",
    "收入",
    "成交金额",
];
const NULL_NAMES: [&str; 13] = [
    "total null",
    "total nulls",
    "null",
    "nulls",
    "non conversions",
    "non conversion",
    "non converting",
    "no conversion",
    "not converted",
    "non converted",
    "未转化",
    "未转化数",
    "未转化次数",
];
/// How the outcome `no` is written.
const NO: [&str; 6] = ["0", "false", "no", "n", "f", "否"];

/// The columns of the `paths` layout.
pub(super) struct PathColumns<'a> {
    pub(super) path: &'a Column,
    conversions: &'a Column,
    values: Option<&'a Column>,
    nulls: Option<&'a Column>,
    weights: Option<&'a Column>,
    positive: Vec<&'a str>,
}

/// How the journeys of each row ended.
pub(super) struct Counts {
    pub(super) conversions: Vec<f64>,
    pub(super) values: Vec<f64>,
    pub(super) nulls: Vec<f64>,
}

impl<'a> PathColumns<'a> {
    /// Finds them by role, else by name.
    pub(super) fn find(table: &'a Table, schema: &'a Schema) -> Result<Self, PathsError> {
        let by_role = |role| schema.name_of(role).and_then(|name| table.column(name));
        let ignored = |name: &str| {
            let mut columns = schema.columns.iter();
            columns.any(|column| column.name == name && column.role == Role::Ignore)
        };
        let by_name = |names: &[&str]| {
            names.iter().find_map(|name| {
                let mut columns = table.columns.iter();
                columns.find(|column| !ignored(&column.name) && plain(&column.name) == *name)
            })
        };
        let named_path = || {
            by_name(&PATH_NAMES).or_else(|| {
                let ends = |name: String| {
                    name.ends_with(" path") || name.ends_with(" paths") || name.ends_with("路径")
                };
                let mut columns = table.columns.iter();
                columns.find(|column| !ignored(&column.name) && ends(plain(&column.name)))
            })
        };
        let path = by_role(Role::Path).or_else(named_path);
        let conversions = by_role(Role::Label).or_else(|| by_name(&CONVERSION_NAMES));
        let conversions = conversions.ok_or(PathsError::NoConversions);
        Ok(Self {
            path: path.ok_or(PathsError::NoPathColumn)?,
            conversions: conversions?,
            values: by_role(Role::Value).or_else(|| by_name(&VALUE_NAMES)),
            nulls: by_role(Role::Nulls).or_else(|| by_name(&NULL_NAMES)),
            weights: by_role(Role::Weight),
            positive: schema
                .positive
                .iter()
                .chain(&schema.also_positive)
                .map(String::as_str)
                .collect(),
        })
    }

    /// How the journeys of each row ended: from counts, or from the one outcome of each row.
    pub(super) fn counts(&self, rows: usize) -> Result<Counts, PathsError> {
        let values = self.values.map(numbers).transpose()?;
        let values = values.unwrap_or_else(|| vec![0.0; rows]);
        if let Some(converted) = self.outcomes() {
            let weights = self.weights.map(amounts).transpose()?;
            let weights = weights.unwrap_or_else(|| vec![1.0; rows]);
            let ended = |yes: bool| {
                let ends = converted.iter().zip(&weights);
                ends.map(move |(&end, &weight)| if end == Some(yes) { weight } else { 0.0 })
            };
            let conversions: Vec<f64> = ended(true).collect();
            return Ok(Counts {
                values: values
                    .iter()
                    .zip(&conversions)
                    .map(|(value, count)| value * count)
                    .collect(),
                nulls: ended(false).collect(),
                conversions,
            });
        }
        let nulls = self.nulls.map(amounts).transpose()?;
        Ok(Counts {
            conversions: amounts(self.conversions)?,
            values,
            nulls: nulls.unwrap_or_else(|| vec![0.0; rows]),
        })
    }

    /// Whether the journey of each row converted, where the column holds outcomes and not counts.
    fn outcomes(&self) -> Option<Vec<Option<bool>>> {
        if self.nulls.is_some() {
            return None;
        }
        match &self.conversions.data {
            ColumnData::Boolean(cells) => {
                let no = |word: &str| NO.contains(&word.to_lowercase().as_str());
                let yes = u8::from(!self.positive.first().copied().is_some_and(no));
                let outcome = |&cell: &u8| (cell != MISSING_BOOLEAN).then_some(cell == yes);
                Some(cells.iter().map(outcome).collect())
            }
            ColumnData::Number(cells) => {
                let outcome = |&cell: &f64| (!cell.is_nan()).then_some(cell == 1.0);
                let flag = |cell: &f64| cell.is_nan() || *cell == 0.0 || *cell == 1.0;
                let flags = cells.contains(&0.0) && cells.iter().all(flag);
                flags.then(|| cells.iter().map(outcome).collect())
            }
            ColumnData::Category(cells) | ColumnData::Text(cells) => {
                let counts = |level: &String| self.positive.contains(&level.as_str());
                let yes: Vec<bool> = cells.levels.iter().map(counts).collect();
                if !yes.contains(&true) {
                    return None;
                }
                if cells.levels.iter().all(|level| number(level).is_some())
                    && cells.levels.len() > 2
                {
                    return None;
                }
                let outcome = |&code: &u32| (code != MISSING_CODE).then(|| yes[code as usize]);
                Some(cells.codes.iter().map(outcome).collect())
            }
            ColumnData::Time(_) => None,
        }
    }

    /// What a person should know about the counts; `orphaned` is the value in paths without a conversion.
    pub(super) fn warn(&self, orphaned: f64, warnings: &mut Vec<Warning>) {
        if orphaned != 0.0 {
            let message = format!(
                "A value of {orphaned} stands in paths without a conversion and is left out."
            );
            let warning = Warning::new("paths-value-without-conversions", message);
            let column = self.values.map(|column| column.name.clone());
            warnings.push(warning.columns(column).figure("value", orphaned));
        }
    }
}

/// A header in small letters, its words parted by single spaces.
fn plain(header: &str) -> String {
    let words = header.split(|mark: char| !mark.is_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join(" ")
}

/// A number that may have thousands marked off by commas.
fn number(cell: &str) -> Option<f64> {
    let digits: String = cell
        .chars()
        .filter(|mark| *mark != ',' && !mark.is_whitespace())
        .collect();
    digits.parse().ok().filter(|value: &f64| value.is_finite())
}

/// The cells as finite numbers, 0 where missing.
fn numbers(column: &Column) -> Result<Vec<f64>, PathsError> {
    let wrong = |cell: String| PathsError::NotANumber {
        column: column.name.clone(),
        cell,
    };
    match &column.data {
        ColumnData::Number(cells) => {
            let value = |&cell: &f64| match cell {
                cell if cell.is_nan() => Ok(0.0),
                cell if cell.is_finite() => Ok(cell),
                cell => Err(wrong(cell.to_string())),
            };
            cells.iter().map(value).collect()
        }
        ColumnData::Boolean(cells) => Ok(cells
            .iter()
            .map(|&cell| f64::from(u8::from(cell == 1)))
            .collect()),
        ColumnData::Category(cells) | ColumnData::Text(cells) => {
            let value = |&code: &u32| match cells.levels.get(code as usize) {
                None => Ok(0.0),
                Some(level) => number(level).ok_or_else(|| wrong(level.clone())),
            };
            cells.codes.iter().map(value).collect()
        }
        ColumnData::Time(_) => Err(wrong(String::new())),
    }
}

/// [`numbers`] that may not be negative.
fn amounts(column: &Column) -> Result<Vec<f64>, PathsError> {
    let amounts = numbers(column)?;
    if amounts.iter().any(|&amount| amount < 0.0) {
        return Err(PathsError::NegativeCount {
            column: column.name.clone(),
        });
    }
    Ok(amounts)
}
