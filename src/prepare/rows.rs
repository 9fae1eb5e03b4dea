//! A table of sessions or customers into a data set.

use super::cells::{Levels, Numbers, sort_levels};
use super::clean::Cleaned;
use super::outcome::{self, Outcome, Positive, UNKNOWN};
use super::paths::MAX_CHANNELS;
use super::{
    Channels, Dataset, DatasetSummary, Dropped, PrepareError, PrepareOptions, Split, SplitBy,
    TouchCounts, encode, features, guards, report, split,
};
use crate::error::Warning;
use crate::schema::{Role, Schema};
use crate::table::{Column, ColumnData, MISSING_CODE, Table};
use std::collections::HashMap;

/// A data set of sessions or customers.
pub(super) fn from_rows(
    table: &Table,
    schema: &Schema,
    options: &PrepareOptions,
    mut cleaned: Cleaned,
) -> Result<(Dataset, DatasetSummary), PrepareError> {
    let column_of = |role| schema.name_of(role).and_then(|name| table.column(name));
    let label = column_of(Role::Label).ok_or(PrepareError::NoOutcome)?;
    let positive = Positive::of(options, schema);
    let outcome = outcome::read(label, positive, options.blank_outcome)?;
    let weights = column_of(Role::Weight).map(weights).transpose()?;
    let by = options.split.by.unwrap_or_default();
    let users = column_of(Role::User);
    if by == SplitBy::User && users.is_none() {
        return Err(PrepareError::NoUserColumn);
    }
    let times = if by == SplitBy::Time {
        Some(times(column_of(Role::Time))?)
    } else {
        None
    };

    let (table_rows, dropped) = usable_rows(&cleaned, &outcome, weights.as_ref(), times.as_ref());
    let y: Vec<f32> = table_rows
        .iter()
        .map(|&row| f32::from(outcome.marks[row as usize]))
        .collect();
    let converted = y.iter().filter(|&&y| y > 0.5).count();
    if !y.is_empty() && (converted == 0 || converted == y.len()) {
        return Err(PrepareError::OneClass {
            column: label.name.clone(),
            rows: y.len(),
        });
    }
    let mut warnings = std::mem::take(&mut cleaned.warnings);
    warnings.extend(outcome.warnings);
    let users = users.map(|column| pick(&Levels::of(&column.data).codes, &table_rows));
    let times = times.map(|times| {
        table_rows
            .iter()
            .map(|&row| times.at(row as usize))
            .collect::<Vec<_>>()
    });
    let fixed_test = match &options.split.test_rows {
        Some(rows) => Some(test_rows(table, &table_rows, rows, &mut warnings)?),
        None => None,
    };
    let rows = split::Rows {
        y: &y,
        users: users.as_deref(),
        times: times.as_deref(),
    };
    let split = split::split(&rows, &options.split, by, fixed_test.as_deref())?;
    let given = options.split.test_rows.is_some();
    warn_of_split(&split, &y, users.as_deref(), (by, given), &mut warnings);

    let mut in_training = vec![false; y.len()];
    split
        .train
        .iter()
        .for_each(|&row| in_training[row as usize] = true);
    let learned = features::learn(table, schema, &table_rows, &in_training, options);
    let features = learned.features;
    warnings.extend(learned.warnings);
    if features.is_empty() {
        return Err(PrepareError::NoFeatures);
    }
    let (x, unseen) = encode::fill(table, &table_rows, &features)?;
    warnings.extend(unseen);
    let channels = column_of(Role::Channel).map(|column| channels(column, &table_rows));
    if let Some(channels) = &channels {
        check_channels(&channels.column, channels.names.len())?;
    }
    if channels.is_none() {
        warnings.push(Warning::new(
            "no-channel",
            "No column names the channel: a model can be trained, but there are no channels to compare.",
        ));
    }
    let values = values(column_of(Role::Value), &table_rows, &mut warnings);
    let weights = weights.map(|weights| {
        table_rows
            .iter()
            .map(|&row| weights.at(row as usize) as f32)
            .collect()
    });
    let positives = outcome.positive;
    let mut dataset = Dataset {
        features,
        x,
        y,
        weights,
        values,
        users,
        table_rows,
        channels,
        journeys: None,
        split,
        positive: positives.join(", "),
        positives,
        warnings,
    };
    dataset
        .warnings
        .extend(guards::warnings(&dataset, TouchCounts::default()));
    let mut steps = report::rows(table.rows, &dropped);
    steps.extend(cleaned.steps);
    steps.extend(learned.steps);
    let mut summary = DatasetSummary::new(&dataset, dropped, schema);
    summary.split_by = Some(by);
    summary.tell(steps, (table, schema), options);
    Ok((dataset, summary))
}

pub(super) fn weights(column: &Column) -> Result<Numbers<'_>, PrepareError> {
    match &column.data {
        ColumnData::Number(_) | ColumnData::Boolean(_) => Ok(Numbers::of(&column.data)),
        _ => Err(PrepareError::WeightNotNumber {
            column: column.name.clone(),
        }),
    }
}

/// Whether there are no more channels than can be compared.
pub(super) fn check_channels(column: &str, found: usize) -> Result<(), PrepareError> {
    if found <= MAX_CHANNELS {
        return Ok(());
    }
    Err(PrepareError::TooManyChannels {
        column: column.to_owned(),
        found,
        limit: MAX_CHANNELS,
    })
}

fn times(column: Option<&Column>) -> Result<Numbers<'_>, PrepareError> {
    let column = column.ok_or(PrepareError::NoTimeColumn)?;
    match &column.data {
        ColumnData::Time(_) | ColumnData::Number(_) => Ok(Numbers::of(&column.data)),
        _ => Err(PrepareError::TimeNotOrdered {
            column: column.name.clone(),
        }),
    }
}

/// The table rows that can be used, in order, and how many can't, each counted for the first reason
/// that applies.
fn usable_rows(
    cleaned: &Cleaned,
    outcome: &Outcome,
    weights: Option<&Numbers<'_>>,
    times: Option<&Numbers<'_>>,
) -> (Vec<u32>, Vec<Dropped>) {
    let mut counts = [0usize; 4];
    let mut rows = Vec::with_capacity(outcome.marks.len());
    for (row, &mark) in outcome.marks.iter().enumerate() {
        let bad_weight = weights.is_some_and(|weights| {
            let weight = weights.at(row) as f32;
            weight.is_nan() || weight <= 0.0
        });
        let no_time = times.is_some_and(|times| times.at(row).is_nan());
        let repeated = cleaned.is_repeated(row);
        let reason = [repeated, mark == UNKNOWN, bad_weight, no_time]
            .iter()
            .position(|&applies| applies);
        match reason {
            Some(reason) => counts[reason] += 1,
            None => rows.push(row as u32),
        }
    }
    let reasons = [
        ("duplicate", "It repeats an earlier row in every cell."),
        ("missing-outcome", "The outcome is missing."),
        ("bad-weight", "The weight is missing or not above 0."),
        (
            "missing-time",
            "The time is missing, and the split is by time.",
        ),
    ];
    let dropped = reasons
        .into_iter()
        .zip(counts)
        .filter(|&(_, count)| count > 0);
    (
        rows,
        dropped
            .map(|((code, message), count)| Dropped {
                code,
                message,
                count,
            })
            .collect(),
    )
}

fn pick(cells: &[u32], table_rows: &[u32]) -> Vec<u32> {
    table_rows.iter().map(|&row| cells[row as usize]).collect()
}

/// The data set rows that came from these rows of the file.
fn test_rows(
    table: &Table,
    table_rows: &[u32],
    asked: &[u32],
    warnings: &mut Vec<Warning>,
) -> Result<Vec<u32>, PrepareError> {
    let end = (0..table.rows)
        .map(|row| table.source_row(row) + 1)
        .max()
        .unwrap_or(0);
    let count = asked.iter().filter(|&&row| row >= end).count();
    if count > 0 {
        return Err(PrepareError::TestRowOutOfRange { count });
    }
    let mut wanted = vec![false; end as usize];
    let mut repeated = 0;
    for &row in asked {
        repeated += usize::from(std::mem::replace(&mut wanted[row as usize], true));
    }
    if repeated > 0 {
        return Err(PrepareError::TestRowRepeated { count: repeated });
    }
    let source = |row: u32| table.source_row(table_rows[row as usize] as usize) as usize;
    let found: Vec<u32> = (0..table_rows.len() as u32)
        .filter(|&row| wanted[source(row)])
        .collect();
    let lost = asked.len() - found.len();
    if lost > 0 {
        warnings.push(
            Warning::new(
                "test-rows-dropped",
                format!("{lost} of the test rows can't be used: they were rejected when read, or left out here."),
            )
            .figure("rows", lost as f64),
        );
    }
    Ok(found)
}

pub(super) fn warn_of_split(
    split: &Split,
    y: &[f32],
    users: Option<&[u32]>,
    (by, given): (SplitBy, bool),
    warnings: &mut Vec<Warning>,
) {
    let straddling = users.map_or(0, |users| split::users_on_both_sides(split, users));
    if straddling > 0 {
        let message = format!(
            "{straddling} users have rows in more than one part: test figures may flatter the model. Splitting by user avoids it."
        );
        let warning = Warning::new("users-on-both-sides", message);
        let warning = warning
            .figure("users", straddling as f64)
            .remedy("split.by", "user");
        warnings.push(if given {
            // Rows that were named stay where they are.
            warning.remedy("split.testRows", serde_json::Value::Null)
        } else {
            warning
        });
    }
    for (name, part) in [("validation", &split.validation), ("test", &split.test)] {
        let converted = part.iter().filter(|&&row| y[row as usize] > 0.5).count();
        if !part.is_empty() && (converted == 0 || converted == part.len()) {
            let message = format!(
                "All rows of the {name} part have the same outcome: some figures can't be given for it."
            );
            let warning = Warning::new("part-with-one-class", message);
            let warning = warning.figure("rows", part.len() as f64);
            warnings.push(if by == SplitBy::Time && !given {
                warning.remedy("split.by", if users.is_some() { "user" } else { "row" })
            } else {
                warning
            });
        }
    }
}

/// The channels that occur, in the order in which they are shown, and the channel of each row.
fn channels(column: &Column, table_rows: &[u32]) -> Channels {
    let levels = Levels::of(&column.data);
    let codes = pick(&levels.codes, table_rows);
    let mut used = vec![false; levels.names.len()];
    codes
        .iter()
        .filter(|&&code| code != MISSING_CODE)
        .for_each(|&code| used[code as usize] = true);
    let mut names: Vec<String> = levels
        .names
        .iter()
        .zip(&used)
        .filter(|&(_, &used)| used)
        .map(|(name, _)| name.clone())
        .collect();
    sort_levels(&mut names);
    let code_of: HashMap<&str, u32> = names.iter().map(String::as_str).zip(0..).collect();
    let renumber = |name: &String| code_of.get(name.as_str()).copied().unwrap_or(MISSING_CODE);
    let renumbered: Vec<u32> = levels.names.iter().map(renumber).collect();
    let codes = codes
        .iter()
        .map(|&code| {
            renumbered
                .get(code as usize)
                .copied()
                .unwrap_or(MISSING_CODE)
        })
        .collect();
    Channels {
        column: column.name.clone(),
        names,
        codes,
    }
}

fn values(
    column: Option<&Column>,
    table_rows: &[u32],
    warnings: &mut Vec<Warning>,
) -> Option<Vec<f64>> {
    let column = column?;
    if !matches!(column.data, ColumnData::Number(_)) {
        warnings.push(
            Warning::new(
                "value-not-number",
                "The value column does not hold numbers and is not used.",
            )
            .columns([column.name.clone()]),
        );
        return None;
    }
    let numbers = Numbers::of(&column.data);
    Some(
        table_rows
            .iter()
            .map(|&row| numbers.at(row as usize))
            .collect(),
    )
}
