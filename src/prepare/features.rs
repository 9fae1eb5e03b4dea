//! Learning from the training rows how each column becomes model inputs.

use super::cells::{Levels, Numbers, sort_levels};
use super::moments::Moments;
use super::report::Step;
use super::{Encoding, Feature, MISSING_LEVEL, OTHER_LEVEL, PrepareOptions};
use crate::error::Warning;
use crate::schema::{Role, Schema};
use crate::table::{Column, ColumnData, MISSING_CODE, Table};

/// Of categories with more levels than this, rare ones become one unless something else is asked for.
const MANY_LEVELS: usize = 50;
/// Levels with fewer training rows than this are rare.
const POOLED_BELOW: u32 = 10;
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
    options: &PrepareOptions,
) -> Learned {
    let mut learner = Learner {
        table_rows,
        in_training,
        options,
        learned: Learned::default(),
        left_out: LeftOut::default(),
    };
    for about in &schema.columns {
        let Some(column) = table.column(&about.name) else {
            continue;
        };
        match (about.role, &column.data) {
            (Role::Channel, _) => learner.names(column, 0),
            (Role::Feature, ColumnData::Category(_)) => learner.pooled(column),
            (Role::Feature, ColumnData::Number(_) | ColumnData::Boolean(_)) => {
                learner.numbers(column)
            }
            (Role::Feature, ColumnData::Time(_) | ColumnData::Text(_)) => {
                learner.left_out.unsuitable.push(column.name.clone());
            }
            _ => {}
        }
    }
    learner.finish()
}

/// The columns of a design matrix, and what was done and noticed on the way.
#[derive(Default)]
pub(super) struct Learned {
    pub features: Vec<Feature>,
    pub warnings: Vec<Warning>,
    pub steps: Vec<Step>,
    /// Which training rows the columns with a mark of their own miss.
    patterns: Vec<(String, (usize, [u64; 2]))>,
    /// Columns without such a mark, each with the one that misses the same rows.
    alike: Vec<(String, String)>,
    /// Columns whose missing cells became their mean, and how many training cells these were.
    filled: Vec<String>,
    filled_cells: usize,
}

/// How many rows are missing and which, as good as certainly (two sums of 64 scattered bits a row).
fn pattern_of(missing: &[bool]) -> (usize, [u64; 2]) {
    let rows = missing.iter().enumerate().filter(|&(_, &missing)| missing);
    let (mut count, mut sums) = (0, [0u64; 2]);
    for (row, _) in rows {
        count += 1;
        for (sum, salt) in sums
            .iter_mut()
            .zip([0x9e37_79b9_7f4a_7c15u64, 0xd1b5_4a32_d192_ed03])
        {
            // SplitMix64's finaliser (Steele, Lea & Flood 2014).
            let mut value = (row as u64).wrapping_add(1).wrapping_mul(salt);
            value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *sum = sum.wrapping_add(value ^ (value >> 31));
        }
    }
    (count, sums)
}

impl Learned {
    /// What was done about missing numbers, and which columns were left out for what they hold.
    fn tell(&mut self, left_out: &LeftOut) {
        let step = |code, message: String, figures: &[_], columns: Vec<String>| {
            Step::new(code, message, figures).columns(columns)
        };
        if !self.filled.is_empty() {
            let (columns, cells) = (self.filled.clone(), self.filled_cells);
            let message = format!(
                "{cells} missing training cells of {} columns count as the mean of their column.",
                columns.len()
            );
            let figures = [("columns", columns.len() as f64), ("cells", cells as f64)];
            self.steps
                .push(step("missing-filled", message, &figures, columns));
        }
        if !self.patterns.is_empty() {
            let columns: Vec<String> = self.patterns.iter().map(|known| known.0.clone()).collect();
            let message = format!("{} inputs mark where numbers are missing.", columns.len());
            let figures = [("inputs", columns.len() as f64)];
            self.steps
                .push(step("missing-marked", message, &figures, columns));
        }
        if !self.alike.is_empty() {
            let columns: Vec<String> = self.alike.iter().map(|alike| alike.0.clone()).collect();
            let message = format!(
                "{} columns miss the same rows as another, whose mark stands for them.",
                columns.len()
            );
            let figures = [("columns", columns.len() as f64)];
            self.steps
                .push(step("missing-alike", message, &figures, columns));
        }
        for (code, columns, why) in [
            (
                "left-out-constant",
                &left_out.constant,
                "have one value in all training rows",
            ),
            (
                "left-out-levels",
                &left_out.too_many_levels,
                "have too many different values",
            ),
            (
                "left-out-rare",
                &left_out.rare,
                "have only values with a few training rows",
            ),
            (
                "left-out-unsuitable",
                &left_out.unsuitable,
                "hold times or free text",
            ),
        ] {
            if !columns.is_empty() {
                let message = format!("{} columns are left out: they {why}.", columns.len());
                let figures = [("columns", columns.len() as f64)];
                self.steps
                    .push(step(code, message, &figures, columns.clone()));
            }
        }
    }
}

/// Learns columns one by one, where each has rows of its own; `in_training` says which rows of the data
/// set train.
pub(super) struct Statics<'a> {
    in_training: &'a [bool],
    options: &'a PrepareOptions,
    learned: Learned,
    left_out: LeftOut,
}

impl<'a> Statics<'a> {
    /// Nothing learned yet.
    pub fn new(in_training: &'a [bool], options: &'a PrepareOptions) -> Self {
        Self {
            in_training,
            options,
            learned: Learned::default(),
            left_out: LeftOut::default(),
        }
    }

    /// Learns one column; `table_rows` has the table row of every row of the data set.
    pub fn learn(&mut self, column: &Column, table_rows: &[u32]) {
        let mut learner = Learner {
            table_rows,
            in_training: self.in_training,
            options: self.options,
            learned: std::mem::take(&mut self.learned),
            left_out: std::mem::take(&mut self.left_out),
        };
        match &column.data {
            ColumnData::Category(_) => learner.pooled(column),
            ColumnData::Number(_) | ColumnData::Boolean(_) => learner.numbers(column),
            ColumnData::Time(_) | ColumnData::Text(_) => {
                learner.left_out.unsuitable.push(column.name.clone());
            }
        }
        (self.learned, self.left_out) = (learner.learned, learner.left_out);
    }

    /// What was learned.
    pub fn finish(self) -> Learned {
        let learner = Learner {
            table_rows: &[],
            in_training: self.in_training,
            options: self.options,
            learned: self.learned,
            left_out: self.left_out,
        };
        learner.finish()
    }
}

#[derive(Default)]
struct LeftOut {
    constant: Vec<String>,
    too_many_levels: Vec<String>,
    rare: Vec<String>,
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
        let rare = self.rare.len();
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
                self.rare,
                "levels-too-rare",
                format!("Left out, each value having only a few training rows: {rare} column(s)."),
            )
            .map(|warning| warning.figure("columns", rare as f64)),
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
    options: &'a PrepareOptions,
    learned: Learned,
    left_out: LeftOut,
}

impl Learner<'_> {
    fn training_rows(&self) -> impl Iterator<Item = usize> {
        let rows = self.table_rows.iter().zip(self.in_training);
        rows.filter(|&(_, &training)| training)
            .map(|(&row, _)| row as usize)
    }

    fn push(&mut self, column: &Column, name: String, encoding: Encoding) {
        self.learned.features.push(Feature {
            name,
            column: column.name.clone(),
            encoding,
        });
    }

    fn finish(mut self) -> Learned {
        self.learned.tell(&self.left_out);
        self.learned.warnings = self.left_out.warnings();
        self.learned
    }

    fn numbers(&mut self, column: &Column) {
        let numbers = Numbers::of(&column.data);
        let ends = self.quantiles(column, &numbers);
        let numbers = match ends {
            Some((low, high)) => Numbers::Within(Box::new(numbers), low, high),
            None => numbers,
        };
        let moments = Moments::of(&numbers, || self.training_rows());
        let varies = moments.lowest < moments.highest && moments.deviation.is_finite();
        if varies && moments.deviation > 0.0 {
            let Moments {
                mean, deviation, ..
            } = moments;
            let encoding = match ends {
                Some((low, high)) => Encoding::Winsorised {
                    low,
                    high,
                    mean,
                    deviation,
                },
                None => Encoding::Standardised { mean, deviation },
            };
            self.push(column, column.name.clone(), encoding);
        } else {
            self.left_out.constant.push(column.name.clone());
        }
        if moments.present > 0 && moments.missing > 0 {
            if varies {
                self.learned.filled.push(column.name.clone());
                self.learned.filled_cells += moments.missing;
            }
            self.mark_missing(column, &numbers);
        }
    }

    /// An input that marks missing cells, unless another column misses the very same training rows.
    fn mark_missing(&mut self, column: &Column, numbers: &Numbers<'_>) {
        let pattern: Vec<bool> = self
            .training_rows()
            .map(|row| numbers.at(row).is_nan())
            .collect();
        let pattern = pattern_of(&pattern);
        if let Some((first, _)) = self
            .learned
            .patterns
            .iter()
            .find(|known| known.1 == pattern)
        {
            let first = first.clone();
            self.learned.alike.push((column.name.clone(), first));
            return;
        }
        self.learned.patterns.push((column.name.clone(), pattern));
        self.push(
            column,
            format!("{} is missing", column.name),
            Encoding::Missing,
        );
    }

    /// The quantiles of the training rows that a column of numbers is drawn in to, where that was asked
    /// for and would not make them all one.
    fn quantiles(&mut self, column: &Column, numbers: &Numbers<'_>) -> Option<(f64, f64)> {
        let ends = self.options.winsorise?;
        if !matches!(column.data, ColumnData::Number(_)) {
            return None;
        }
        let cells = self.training_rows().map(|row| numbers.at(row));
        let mut cells: Vec<f64> = cells.filter(|cell| !cell.is_nan()).collect();
        if cells.is_empty() {
            return None;
        }
        cells.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| cells[(share * (cells.len() - 1) as f64).round() as usize];
        let (low, high) = (at(ends.lower), at(ends.upper));
        let outside = cells
            .iter()
            .filter(|&&cell| cell < low || cell > high)
            .count();
        if low >= high || outside == 0 {
            return None;
        }
        let message = format!(
            "{outside} training cells of `{}` beyond the quantiles asked for were drawn in to them.",
            column.name
        );
        let figures = [("cells", outside as f64), ("low", low), ("high", high)];
        let step = Step::new("winsorised", message, &figures);
        self.learned
            .steps
            .push(step.columns(vec![column.name.clone()]));
        Some((low, high))
    }

    /// A category whose rare levels become one.
    fn pooled(&mut self, column: &Column) {
        let levels = match &column.data {
            ColumnData::Category(dictionary) => dictionary.levels.len(),
            _ => 0,
        };
        let by_default = if levels > MANY_LEVELS {
            POOLED_BELOW
        } else {
            0
        };
        self.names(column, self.options.pool_below.unwrap_or(by_default));
    }

    fn names(&mut self, column: &Column, pool_below: u32) {
        let levels = Levels::of(&column.data);
        let mut used = vec![0u32; levels.names.len()];
        let mut missing = false;
        for row in self.training_rows() {
            match levels.codes[row] {
                MISSING_CODE => missing = true,
                code => used[code as usize] += 1,
            }
        }
        let distinct = used.iter().filter(|&&count| count > 0).count();
        let rare = used
            .iter()
            .filter(|&&count| count > 0 && count < pool_below);
        // One rare level alone would only change its name.
        let pooled = Some(rare.count()).filter(|&rare| rare > 1).unwrap_or(0);
        let least = if pooled > 0 { pool_below } else { 1 };
        let mut names: Vec<String> = levels
            .names
            .iter()
            .zip(used)
            .filter(|&(name, used)| used >= least && !(pooled > 0 && name == OTHER_LEVEL))
            .map(|(name, _)| name.clone())
            .collect();
        if pooled > 0 && pooled < distinct {
            let message = format!(
                "{pooled} levels of `{}` with fewer than {pool_below} training rows became one.",
                column.name
            );
            let figures = [("levels", pooled as f64), ("below", f64::from(pool_below))];
            let step = Step::new("levels-pooled", message, &figures);
            self.learned
                .steps
                .push(step.columns(vec![column.name.clone()]));
        }
        sort_levels(&mut names);
        if pooled > 0 {
            names.push(OTHER_LEVEL.to_owned());
        }
        if missing && !names.iter().any(|name| name == MISSING_LEVEL) {
            names.push(MISSING_LEVEL.to_owned());
        }
        if pooled > 0 && pooled == distinct && distinct <= MAX_LEVELS {
            self.left_out.rare.push(column.name.clone());
        } else if names.len() > MAX_LEVELS || pooled == distinct && pooled > 0 {
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
