//! Journeys into a data set: split, inputs, channels.

use super::aggregates;
use super::clean::Cleaned;
use super::features::{Learned, Statics};
use super::journeys::Journeys;
use super::measures::{self, TouchColumns};
use super::path_journeys;
use super::paths::{self, Paths};
use super::report::{self, Step};
use super::rows::{check_channels, warn_of_split};
use super::split::{self, split};
use super::touches::{self, Built, DEFAULT_MAX_LENGTH, Outcomes};
use super::{
    Channels, Dataset, DatasetSummary, Feature, PrepareError, PrepareOptions, Split, SplitBy,
    TouchCounts, ValidPrepareOptions, encode, guards, pool,
};
use crate::error::Warning;
use crate::ingest::Layout;
use crate::schema::{Role, Schema};
use crate::table::{Column, Table};
use std::borrow::Cow;

/// A static feature that differs within more than this share of journeys says something of touches.
const CONFLICTS: f64 = 0.05;

/// A data set of journeys from a table of touches.
pub(super) fn from_touches(
    table: &Table,
    schema: &Schema,
    options: &PrepareOptions,
    cleaned: Cleaned,
) -> Result<(Dataset, DatasetSummary), PrepareError> {
    let mut built = touches::read(table, schema, options, &cleaned, Outcomes::Needed)?;
    check_outcomes(&built, schema)?;
    let channel = schema.name_of(Role::Channel).unwrap_or_default();
    check_channels(channel, built.journeys.channels.len())?;
    let by = split_by(&built, options);
    let split =
        split_journeys(&mut built, options, by).or_else(|error| whole(error, &mut built))?;
    let mut warnings = cleaned.warnings;
    warnings.append(&mut built.warnings);
    let given = options.split.test_rows.is_some();
    let users = built.users.as_deref();
    warn_of_split(&split, &built.y, users, (by, given), &mut warnings);
    let converted = built.y.iter().filter(|&&y| y > 0.5).count();
    let mut steps = report::rows(table.rows, &built.dropped);
    steps.extend(cleaned.steps);
    steps.append(&mut built.steps);
    steps.extend(report::touches(&built.counts, built.y.len(), converted));
    let (mut dataset, mut summary) =
        finish(table, schema, options, built, split, warnings, &mut steps)?;
    let counts = summary.touches.unwrap_or_default();
    dataset.warnings.extend(guards::warnings(&dataset, counts));
    summary.warnings.clone_from(&dataset.warnings);
    summary.split_by = Some(by);
    summary.tell(steps, (table, schema), options);
    Ok((dataset, summary))
}

/// Journeys as inputs of a model that is already trained.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EncodedJourneys {
    /// The journeys, with channels and event types of their own.
    pub journeys: Journeys,
    /// The matrix of the features, row-major, one row per journey.
    pub x: Vec<f32>,
    /// For each journey from touches, the table row of its first touch; empty for whole paths.
    pub table_rows: Vec<u32>,
    /// What of them the model could not use.
    pub warnings: Vec<Warning>,
}

/// Journeys of a table, through the features of an earlier preparation: for journeys that the model has
/// never seen. They are in the order of a data set made from that table; those of a table of paths are
/// its different paths, in the order of [`Paths::read`]. Outcomes may be missing.
///
/// # Errors
/// As `prepare` where touches or paths can't be read; [`PrepareError::MissingColumns`] names the columns
/// the table lacks; [`PrepareError::TooLarge`].
pub fn encode_journeys(
    table: &Table,
    schema: &Schema,
    options: &ValidPrepareOptions,
    features: &[Feature],
) -> Result<EncodedJourneys, PrepareError> {
    let options = options.get();
    let schema = &match &options.positive {
        Some(positive) => schema.clone().with_positive(positive.values()),
        None => schema.clone(),
    };
    let (table, _) = pool::pooled(Cow::Borrowed(table), schema, &options.pool_channels);
    let table = table.as_ref();
    let built = if schema.layout == Layout::Paths {
        let (paths, warnings) = Paths::read(table, schema)?;
        let most = options.max_length.unwrap_or(DEFAULT_MAX_LENGTH) as usize;
        Built {
            warnings,
            ..path_journeys::each(&paths, most)
        }
    } else {
        touches::read(
            table,
            schema,
            options,
            &Cleaned::default(),
            Outcomes::IfThere,
        )?
    };
    let mut x = encode::matrix(built.journeys.len(), features.len())?;
    measures::fill(&built.journeys, features, &mut x);
    let rows_of = |column: &str| {
        let column = table.column(column);
        column.map_or_else(Vec::new, |column| first_known(&built, column).0)
    };
    let unseen = encode::fill_by_column(table, features, rows_of, &mut x)?;
    aggregates::fill(table, features, &built, &mut x)?;
    let mut warnings = built.warnings;
    warnings.extend(unseen);
    Ok(EncodedJourneys {
        table_rows: built.table_rows,
        journeys: built.journeys,
        x,
        warnings,
    })
}

/// A data set of weighted journeys from a table of paths.
pub(super) fn from_paths(
    table: &Table,
    schema: &Schema,
    options: &PrepareOptions,
) -> Result<(Dataset, DatasetSummary), PrepareError> {
    let read = paths::read(table, schema)?;
    let paths = read.paths;
    let most = options.max_length.unwrap_or(DEFAULT_MAX_LENGTH) as usize;
    let conversions: f64 = paths.conversions.iter().sum();
    let nulls: f64 = paths.nulls.iter().sum();
    // Without journeys that failed no model can learn, but credit can be given.
    if conversions == 0.0 {
        return Err(PrepareError::OneClass {
            column: schema.name_of(Role::Label).unwrap_or_default().to_owned(),
            rows: (conversions + nulls) as usize,
        });
    }
    let mut warnings = read.warnings;
    if options.lookback_days.is_some() {
        warnings.push(touches::lookback_without_times());
    }
    let mut steps = report::rows(table.rows, &read.dropped);
    steps.extend(read.steps);
    let dropped: usize = read.dropped.iter().map(|left| left.count).sum();
    steps.push(report::paths(
        &paths,
        table.rows - dropped,
        (conversions, nulls),
    ));
    let (mut built, split) = path_journeys::build(paths, options, most)?;
    warnings.append(&mut built.warnings);
    built.dropped = read.dropped;
    let (mut dataset, mut summary) =
        finish(table, schema, options, built, split, warnings, &mut steps)?;
    dataset
        .warnings
        .extend(guards::warnings(&dataset, TouchCounts::default()));
    summary.warnings.clone_from(&dataset.warnings);
    summary.tell(steps, (table, schema), options);
    Ok((dataset, summary))
}

fn check_outcomes(built: &Built, schema: &Schema) -> Result<(), PrepareError> {
    let converted = built.y.iter().filter(|&&y| y > 0.5).count();
    // Where all converted no model can learn, but credit can be given.
    if converted == 0 {
        let column = schema.name_of(Role::Label).or(schema.name_of(Role::Event));
        return Err(PrepareError::OneClass {
            column: column.unwrap_or_default().to_owned(),
            rows: built.y.len(),
        });
    }
    Ok(())
}

/// What stays together: what was asked for, else users where any has several journeys.
fn split_by(built: &Built, options: &PrepareOptions) -> SplitBy {
    let again = || built.journeys.ordinals.iter().any(|&ordinal| ordinal > 0);
    options.split.by.unwrap_or_else(|| {
        if built.users.is_some() && again() {
            SplitBy::User
        } else {
            SplitBy::Row
        }
    })
}

/// All journeys as the training part, where there are too few of one outcome to divide them: credit needs
/// no parts.
///
/// # Errors
/// `error`, if that is not what it says.
pub(super) fn whole(error: PrepareError, built: &mut Built) -> Result<Split, PrepareError> {
    let PrepareError::TooFewRows { rows, converted } = error else {
        return Err(error);
    };
    let message = "There are too few journeys of one outcome to train a model and test it. Credit can be given all the same.";
    let warning = Warning::new("too-few-to-train", message);
    built.warnings.push(
        warning
            .figure("rows", rows as f64)
            .figure("converted", converted as f64),
    );
    Ok(Split {
        train: (0..built.y.len() as u32).collect(),
        validation: Vec::new(),
        test: Vec::new(),
    })
}

/// Divides the journeys; those that no model may learn from are in no part.
fn split_journeys(
    built: &mut Built,
    options: &PrepareOptions,
    by: SplitBy,
) -> Result<Split, PrepareError> {
    if by == SplitBy::User && built.users.is_none() {
        return Err(PrepareError::NoUserColumn);
    }
    if by == SplitBy::Time && built.journeys.ends.is_empty() {
        return Err(PrepareError::NoTimeColumn);
    }
    let learnable = |journey: &u32| {
        let only = built.conversion_only.get(*journey as usize);
        !only.copied().unwrap_or(false)
    };
    let journeys: Vec<u32> = (0..built.y.len() as u32).filter(learnable).collect();
    let pick = |codes: &Vec<u32>| -> Vec<u32> {
        journeys
            .iter()
            .map(|&journey| codes[journey as usize])
            .collect()
    };
    let y: Vec<f32> = journeys
        .iter()
        .map(|&journey| built.y[journey as usize])
        .collect();
    let users = built.users.as_ref().map(pick);
    let times: Option<Vec<f64>> = (by == SplitBy::Time).then(|| {
        let ends = journeys
            .iter()
            .map(|&journey| built.journeys.ends[journey as usize]);
        ends.map(|end| end as f64).collect()
    });
    let fixed = match &options.split.test_rows {
        Some(asked) => Some(fixed_test(
            asked,
            &journeys,
            built.y.len(),
            &mut built.warnings,
        )?),
        None => None,
    };
    let rows = split::Rows {
        y: &y,
        users: users.as_deref(),
        times: times.as_deref(),
    };
    let mut split = split(&rows, &options.split, by, fixed.as_deref())?;
    for part in [&mut split.train, &mut split.validation, &mut split.test] {
        part.iter_mut()
            .for_each(|row| *row = journeys[*row as usize]);
    }
    Ok(split)
}

/// The places among the learnable journeys of those that were asked for.
fn fixed_test(
    asked: &[u32],
    journeys: &[u32],
    all: usize,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<u32>, PrepareError> {
    let count = asked
        .iter()
        .filter(|&&journey| journey as usize >= all)
        .count();
    if count > 0 {
        return Err(PrepareError::TestRowOutOfRange { count });
    }
    let mut wanted = vec![false; all];
    let mut repeated = 0;
    for &journey in asked {
        repeated += usize::from(std::mem::replace(&mut wanted[journey as usize], true));
    }
    if repeated > 0 {
        return Err(PrepareError::TestRowRepeated { count: repeated });
    }
    let places = journeys.iter().zip(0u32..);
    let found: Vec<u32> = places
        .filter(|(journey, _)| wanted[**journey as usize])
        .map(|(_, place)| place)
        .collect();
    if found.len() < asked.len() {
        let lost = asked.len() - found.len();
        let message = format!(
            "{lost} of the test journeys hold nothing but the conversion and are in no part."
        );
        warnings.push(Warning::new("test-rows-dropped", message).figure("rows", lost as f64));
    }
    Ok(found)
}

fn finish(
    table: &Table,
    schema: &Schema,
    options: &PrepareOptions,
    built: Built,
    split: Split,
    mut warnings: Vec<Warning>,
    steps: &mut Vec<Step>,
) -> Result<(Dataset, DatasetSummary), PrepareError> {
    let name = |role| schema.name_of(role).unwrap_or_default().to_owned();
    let channel = if built.journeys.source.is_some() {
        Role::Path
    } else {
        Role::Channel
    };
    let columns = TouchColumns {
        channel: name(channel),
        event: name(Role::Event),
        time: name(Role::Time),
    };
    let journeys = &built.journeys;
    let mut features = measures::learn(journeys, &columns, &split.train, built.weights.as_deref());
    let learned = learn_statics(table, schema, options, &built, &split, &mut warnings);
    features.extend(learned.features);
    warnings.extend(learned.warnings);
    steps.extend(learned.steps);
    if features.is_empty() {
        return Err(PrepareError::NoFeatures);
    }
    let mut x = encode::matrix(built.y.len(), features.len())?;
    measures::fill(journeys, &features, &mut x);
    let rows_of = |column: &str| {
        table
            .column(column)
            .map_or_else(Vec::new, |column| first_known(&built, column).0)
    };
    warnings.extend(encode::fill_by_column(table, &features, rows_of, &mut x)?);
    aggregates::fill(table, &features, &built, &mut x)?;
    let channels = Some(Channels {
        column: columns.channel,
        names: journeys.channels.clone(),
        codes: (0..journeys.len())
            .filter_map(|journey| journeys.touches(journey).last().copied())
            .collect(),
    });
    let counts = built.counts;
    let dataset = Dataset {
        features,
        x,
        y: built.y,
        weights: built.weights,
        values: built.values,
        users: built.users,
        table_rows: built.table_rows,
        channels,
        split,
        positive: built.positive.join(", "),
        positives: built.positive,
        warnings,
        journeys: Some(built.journeys),
    };
    let mut summary = DatasetSummary::new(&dataset, built.dropped, schema);
    summary.touches = Some(counts);
    Ok((dataset, summary))
}

/// The inputs that are known of users; columns that rather say something of single touches are left
/// out and named.
fn learn_statics(
    table: &Table,
    schema: &Schema,
    options: &PrepareOptions,
    built: &Built,
    split: &Split,
    warnings: &mut Vec<Warning>,
) -> Learned {
    if built.spans.is_empty() {
        return Learned::default();
    }
    let mut in_training = vec![false; built.y.len()];
    split
        .train
        .iter()
        .for_each(|&row| in_training[row as usize] = true);
    let mut statics = Statics::new(&in_training, options);
    let (mut varying, mut summed) = (Vec::new(), Vec::new());
    for about in schema
        .columns
        .iter()
        .filter(|column| column.role == Role::Feature)
    {
        let Some(column) = table.column(&about.name) else {
            continue;
        };
        let (rows, conflicts) = first_known(built, column);
        let share = conflicts as f64 / built.y.len().max(1) as f64;
        if share > CONFLICTS {
            if aggregates::wanted(column, options).is_empty() {
                varying.push(column.name.clone());
            } else {
                summed.push(column);
            }
            continue;
        }
        if conflicts > 0 {
            let name = &column.name;
            let message =
                format!("`{name}` changes within {conflicts} journeys; its first value counts.");
            let warning = Warning::new("conflicting-values", message).columns([name]);
            warnings.push(
                warning
                    .figure("journeys", conflicts as f64)
                    .figure("share", share)
                    .remedy("ignore", name.clone()),
            );
        }
        statics.learn(column, &rows);
    }
    if !varying.is_empty() {
        let count = varying.len();
        let message =
            format!("Left out, since they change from touch to touch: {count} column(s).");
        warnings.push(
            Warning::new("varies-within-journeys", message)
                .columns(varying)
                .figure("columns", count as f64),
        );
    }
    let mut learned = statics.finish();
    let (features, step) = aggregates::learn(&summed, built, &split.train, options);
    learned.features.extend(features);
    learned.steps.extend(step);
    learned
}

/// For each journey, the row of its first touch where a column is filled (the first touch where none
/// is), and in how many journeys a later touch has another value.
fn first_known(built: &Built, column: &Column) -> (Vec<u32>, usize) {
    let (codes, _) = super::cells::codes_of(&column.data);
    let mut conflicts = 0;
    let rows = built.spans.iter().map(|&(start, end)| {
        let span = &built.rows[start as usize..end as usize];
        let known = |row: &&u32| codes[**row as usize] != crate::table::MISSING_CODE;
        let Some(&first) = span.iter().find(known) else {
            return span[0];
        };
        let differs = |row: &u32| codes[*row as usize] != codes[first as usize];
        conflicts += usize::from(span.iter().filter(known).any(differs));
        first
    });
    (rows.collect(), conflicts)
}
