//! Learning from the training rows how each column becomes model inputs.

use super::cells::{Levels, Numbers, sort_levels};
use super::{Encoding, Feature, MISSING_LEVEL};
use crate::error::Warning;
use crate::schema::{Role, Schema};
use crate::table::{Column, ColumnData, MISSING_CODE, Table};

/// A category with more levels than this is no feature.
pub const MAX_LEVELS: usize = 1_000;

/// The columns of the design matrix, in the table's order, and what was left out on the way.
///
/// `table_rows` are the rows of the data set and `in_training` says which of them train: nothing is
/// learned from any other.
pub(super) fn learn(
    table: &Table,
    schema: &Schema,
    table_rows: &[u32],
    in_training: &[bool],
) -> (Vec<Feature>, Vec<Warning>) {
    let mut learner = Learner {
        table_rows,
        in_training,
        features: Vec::new(),
        left_out: LeftOut::default(),
    };
    for about in &schema.columns {
        let Some(column) = table.column(&about.name) else {
            continue;
        };
        match (about.role, &column.data) {
            (Role::Channel, _) | (Role::Feature, ColumnData::Category(_)) => learner.names(column),
            (Role::Feature, ColumnData::Number(_) | ColumnData::Boolean(_)) => {
                learner.numbers(column)
            }
            (Role::Feature, ColumnData::Time(_) | ColumnData::Text(_)) => {
                learner.left_out.unsuitable.push(column.name.clone());
            }
            _ => {}
        }
    }
    (learner.features, learner.left_out.warnings())
}

/// What is learned of columns one by one, where each has rows of its own.
pub(super) struct Statics<'a> {
    in_training: &'a [bool],
    features: Vec<Feature>,
    left_out: LeftOut,
}

impl<'a> Statics<'a> {
    /// Nothing learned yet; `in_training` says which rows of the data set train.
    pub fn new(in_training: &'a [bool]) -> Self {
        Self {
            in_training,
            features: Vec::new(),
            left_out: LeftOut::default(),
        }
    }

    /// Learns one column; `table_rows` has the table row of every row of the data set.
    pub fn learn(&mut self, column: &Column, table_rows: &[u32]) {
        let mut learner = Learner {
            table_rows,
            in_training: self.in_training,
            features: std::mem::take(&mut self.features),
            left_out: std::mem::take(&mut self.left_out),
        };
        match &column.data {
            ColumnData::Category(_) => learner.names(column),
            ColumnData::Number(_) | ColumnData::Boolean(_) => learner.numbers(column),
            ColumnData::Time(_) | ColumnData::Text(_) => {
                learner.left_out.unsuitable.push(column.name.clone());
            }
        }
        (self.features, self.left_out) = (learner.features, learner.left_out);
    }

    /// What was learned, and what was left out.
    pub fn finish(self) -> (Vec<Feature>, Vec<Warning>) {
        (self.features, self.left_out.warnings())
    }
}

#[derive(Default)]
struct LeftOut {
    constant: Vec<String>,
    too_many_levels: Vec<String>,
    unsuitable: Vec<String>,
}

impl LeftOut {
    fn warnings(self) -> Vec<Warning> {
        let warn = |columns: Vec<String>, code: &str, message: String| {
            (!columns.is_empty()).then(|| Warning::new(code, message).columns(columns))
        };
        let constant = self.constant.len();
        let many = self.too_many_levels.len();
        let unsuitable = self.unsuitable.len();
        let found = [
            warn(
                self.constant,
                "constant-column",
                format!("Left out, having one value in all training rows: {constant} column(s)."),
            )
            .map(|warning| warning.figure("columns", constant as f64)),
            warn(
                self.too_many_levels,
                "too-many-levels",
                format!("Left out, having more than {MAX_LEVELS} different values: {many} column(s)."),
            )
            .map(|warning| warning.figure("columns", many as f64).figure("limit", MAX_LEVELS as f64)),
            warn(
                self.unsuitable,
                "not-a-feature",
                format!("Left out, since times and free text are no model inputs: {unsuitable} column(s)."),
            )
            .map(|warning| warning.figure("columns", unsuitable as f64)),
        ];
        found.into_iter().flatten().collect()
    }
}

struct Learner<'a> {
    table_rows: &'a [u32],
    in_training: &'a [bool],
    features: Vec<Feature>,
    left_out: LeftOut,
}

impl Learner<'_> {
    fn training_rows(&self) -> impl Iterator<Item = usize> {
        let rows = self.table_rows.iter().zip(self.in_training);
        rows.filter(|&(_, &training)| training)
            .map(|(&row, _)| row as usize)
    }

    fn push(&mut self, column: &Column, name: String, encoding: Encoding) {
        self.features.push(Feature {
            name,
            column: column.name.clone(),
            encoding,
        });
    }

    fn numbers(&mut self, column: &Column) {
        let moments = Moments::of(&Numbers::of(&column.data), || self.training_rows());
        let varies = moments.lowest < moments.highest && moments.deviation.is_finite();
        if varies && moments.deviation > 0.0 {
            let Moments {
                mean, deviation, ..
            } = moments;
            self.push(
                column,
                column.name.clone(),
                Encoding::Standardised { mean, deviation },
            );
        } else {
            self.left_out.constant.push(column.name.clone());
        }
        if moments.present > 0 && moments.missing > 0 {
            self.push(
                column,
                format!("{} is missing", column.name),
                Encoding::Missing,
            );
        }
    }

    fn names(&mut self, column: &Column) {
        let levels = Levels::of(&column.data);
        let mut used = vec![false; levels.names.len()];
        let mut missing = false;
        for row in self.training_rows() {
            match levels.codes[row] {
                MISSING_CODE => missing = true,
                code => used[code as usize] = true,
            }
        }
        let mut names: Vec<String> = levels
            .names
            .iter()
            .zip(used)
            .filter(|&(_, used)| used)
            .map(|(name, _)| name.clone())
            .collect();
        sort_levels(&mut names);
        if missing && !names.iter().any(|name| name == MISSING_LEVEL) {
            names.push(MISSING_LEVEL.to_owned());
        }
        if names.len() > MAX_LEVELS {
            self.left_out.too_many_levels.push(column.name.clone());
        } else if names.len() < 2 {
            self.left_out.constant.push(column.name.clone());
        } else {
            for level in names {
                self.push(
                    column,
                    format!("{} = {level}", column.name),
                    Encoding::OneHot { level },
                );
            }
        }
    }
}

/// Mean and population standard deviation, in two passes over the rows.
struct Moments {
    mean: f64,
    deviation: f64,
    lowest: f64,
    highest: f64,
    present: usize,
    missing: usize,
}

impl Moments {
    /// Of numbers whose sizes are so far from 1 that their squares or their sum can't be held, a power
    /// of two is taken out first, which costs no digit.
    fn of<I: Iterator<Item = usize>>(numbers: &Numbers<'_>, rows: impl Fn() -> I) -> Self {
        const LARGE: f64 = 1e100;
        const SMALL: f64 = 1e-100;
        let (mut sum, mut present, mut missing) = (0.0, 0usize, 0usize);
        let (mut lowest, mut highest) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in rows().map(|row| numbers.at(row)) {
            if value.is_nan() {
                missing += 1;
                continue;
            }
            sum += value;
            present += 1;
            lowest = lowest.min(value);
            highest = highest.max(value);
        }
        let n = present.max(1) as f64;
        let size = f64::max(lowest.abs(), highest.abs());
        let unit = if present == 0 || size == 0.0 || (SMALL..=LARGE).contains(&size) {
            1.0
        } else {
            // Its reciprocal is a number, too.
            size.log2().floor().clamp(-1_000.0, 1_000.0).exp2()
        };
        let values = || {
            rows()
                .map(|row| numbers.at(row) / unit)
                .filter(|value| !value.is_nan())
        };
        if unit != 1.0 {
            sum = values().sum();
        }
        let mean = sum / n;
        let (mut squares, mut rest) = (0.0, 0.0);
        for deviation in values().map(|value| value - mean) {
            squares += deviation * deviation;
            rest += deviation;
        }
        // The second term takes back what rounding did to the mean (Chan, Golub & LeVeque 1983, eq. 1.7).
        let deviation = ((squares - rest * rest / n) / n).sqrt();
        Self {
            mean: mean * unit,
            deviation: deviation * unit,
            lowest,
            highest,
            present,
            missing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_far_from_one_have_their_moments() {
        let plain = [3.0, -1.0, f64::NAN, 0.5, 7.25, -2.0];
        let of = |values: &[f64]| {
            let data = ColumnData::Number(values.to_vec());
            Moments::of(&Numbers::of(&data), || 0..values.len())
        };
        let expected = of(&plain);
        for power in [-1_020, -900, -330, 330, 900, 1_020] {
            let unit = f64::from(power).exp2();
            let found = of(&plain.map(|value| value * unit));
            // A power of two costs no digit.
            assert_eq!(found.mean, expected.mean * unit, "2^{power}");
            assert_eq!(found.deviation, expected.deviation * unit, "2^{power}");
            assert_eq!((found.present, found.missing), (5, 1));
        }
        let ends = of(&[f64::MAX, -f64::MAX, f64::MAX, -f64::MAX]);
        assert_eq!((ends.mean, ends.deviation), (0.0, f64::MAX));
        let empty = of(&[f64::NAN]);
        assert_eq!((empty.mean, empty.deviation, empty.present), (0.0, 0.0, 0));
        assert_eq!(of(&[0.0, 0.0]).deviation, 0.0);
    }
}
