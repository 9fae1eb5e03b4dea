//! A table of what channels cost, by channel and, where it has dates, by day, week, month or quarter.

use super::cells::{Levels, Numbers};
use super::spend_dates::{Stretch, dates, holds_periods};
use crate::error::{Coded, Warning};
use crate::schema::{SpendGuess, spend_columns};
use crate::table::{MISSING_CODE, Table};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Which columns hold what, where that is not to be guessed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SpendOptions {
    /// The column of the channels.
    pub channel: Option<String>,
    /// The column of the days, weeks, months or quarters.
    pub period: Option<String>,
    /// The column of the spend.
    pub cost: Option<String>,
    /// Channels of the data by the names they have in the spend table, where the names don't tell.
    pub channels: BTreeMap<String, String>,
}

/// The columns of a spend table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SpendColumns {
    /// Of the channels.
    pub channel: String,
    /// Of the days, weeks, months or quarters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// Of the spend.
    pub cost: String,
}

/// What a channel cost, from a day on.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpendCost {
    /// As the data call it.
    pub channel: String,
    /// In the table's currency.
    pub cost: f64,
    /// The first day, as `2026-03-31`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// How many days it was for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// A channel of the table that the data call otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SpendMatch {
    /// In the table.
    pub name: String,
    /// In the data.
    pub channel: String,
}

/// A channel of the table that the data do not have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpendUnmatched {
    /// In the table.
    pub name: String,
    /// How many rows it has there.
    pub rows: usize,
    /// What they cost together.
    pub cost: f64,
}

/// What a spend table says of the channels of the data.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Spend {
    /// By channel and first day, in order; one without a day where none is known.
    pub costs: Vec<SpendCost>,
    /// The columns that were read.
    pub columns: SpendColumns,
    /// What the rows are for: `day`, `week`, `month` or `quarter`; absent without dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<&'static str>,
    /// Rows of the table; `used`, `left_out` and those of `unmatched` add up to them.
    pub rows: usize,
    /// Rows that became costs.
    pub used: usize,
    /// Rows without a channel or without a cost of at least 0.
    pub left_out: usize,
    /// What the costs add up to.
    pub cost: f64,
    /// Channels that are called otherwise in the data.
    pub matched: Vec<SpendMatch>,
    /// Channels that the data do not have, the dearest first.
    pub unmatched: Vec<SpendUnmatched>,
    /// Channels of the data without any cost.
    pub without: Vec<String>,
    /// What to beware of.
    pub warnings: Vec<Warning>,
}

/// Why a table can't be read as spend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpendError {
    /// A column that is not there.
    #[error("The spend table has no column of that name.")]
    UnknownColumn {
        /// The name that was given.
        column: String,
    },
    /// Nothing names a channel.
    #[error("No column of the spend table names channels: choose it.")]
    NoChannel,
    /// Nothing is a cost.
    #[error("No column of the spend table holds numbers that can be costs: choose it.")]
    NoCost,
    /// No channel is one of the data.
    #[error("None of the {found} channels of the spend table is a channel of the data.")]
    NothingMatched {
        /// How many the table has.
        found: usize,
    },
}

impl Coded for SpendError {
    fn code(&self) -> &'static str {
        match self {
            Self::UnknownColumn { .. } => "spend-unknown-column",
            Self::NoChannel => "spend-no-channel",
            Self::NoCost => "spend-no-cost",
            Self::NothingMatched { .. } => "spend-nothing-matched",
        }
    }

    fn figures(&self) -> Vec<(&'static str, f64)> {
        match self {
            Self::NothingMatched { found } => vec![("found", *found as f64)],
            _ => Vec::new(),
        }
    }

    fn columns(&self) -> Vec<String> {
        match self {
            Self::UnknownColumn { column } => vec![column.clone()],
            _ => Vec::new(),
        }
    }
}

/// Reads a table of spend beside the channels of the data.
///
/// Columns that `options` do not name are guessed: of the channels the one whose values are most often
/// channels of the data, of the spend a column of numbers by its name, of the days one of points in time
/// or of periods as text (`2026-03`, `2026-W05`, `2026-Q1`). A name stands for the channel of the data
/// that is written alike but for capitals, blanks and punctuation. Rows of one channel and day add up.
///
/// # Errors
/// [`SpendError`].
pub fn spend(
    table: &Table,
    channels: &[String],
    options: &SpendOptions,
) -> Result<Spend, SpendError> {
    for name in [&options.channel, &options.period, &options.cost]
        .into_iter()
        .flatten()
    {
        if table.column(name).is_none() {
            let column = name.clone();
            return Err(SpendError::UnknownColumn { column });
        }
    }
    let names = Names::new(channels, options);
    let columns = columns(table, &names, options)?;
    let column = |name: &String| table.column(name);
    let of_channel = column(&columns.channel).ok_or(SpendError::NoChannel)?;
    let levels = Levels::of(&of_channel.data);
    let costs = column(&columns.cost).ok_or(SpendError::NoCost)?;
    let costs = Numbers::of(&costs.data);
    let dated = columns.period.as_ref().and_then(column).and_then(dates);

    let found: Vec<Option<usize>> = levels.names.iter().map(|name| names.find(name)).collect();
    let mut sums: BTreeMap<(usize, Option<Stretch>), f64> = BTreeMap::new();
    let mut unmatched: BTreeMap<u32, (usize, f64)> = BTreeMap::new();
    let mut seen = vec![false; levels.names.len()];
    let (mut used, mut left_out, mut undated) = (0, 0, 0);
    for row in 0..table.rows {
        let (code, cost) = (levels.codes[row], costs.at(row));
        // A cost that is not there, or below 0, is none.
        if code == MISSING_CODE || cost.is_nan() || cost < 0.0 {
            left_out += 1;
            continue;
        }
        seen[code as usize] = true;
        let Some(channel) = found[code as usize] else {
            let (rows, sum) = unmatched.entry(code).or_default();
            *rows += 1;
            *sum += cost;
            continue;
        };
        let day = dated.as_ref().and_then(|dated| dated.stretches[row]);
        undated += usize::from(dated.is_some() && day.is_none());
        used += 1;
        *sums.entry((channel, day)).or_default() += cost;
    }
    if used == 0 {
        let found = seen.iter().filter(|&&seen| seen).count();
        return Err(SpendError::NothingMatched { found });
    }
    let mut unmatched: Vec<SpendUnmatched> = unmatched
        .into_iter()
        .map(|(code, (rows, cost))| SpendUnmatched {
            name: levels.names[code as usize].clone(),
            rows,
            cost,
        })
        .collect();
    crate::order::sort_by(&mut unmatched, |a, b| b.cost.total_cmp(&a.cost));
    let otherwise = |(name, channel): (&String, &Option<usize>)| {
        let channel = &channels[(*channel)?];
        (channel != name).then(|| SpendMatch {
            name: name.clone(),
            channel: channel.clone(),
        })
    };
    let matched = levels.names.iter().zip(&found).zip(&seen);
    let matched = matched.filter(|(_, seen)| **seen);
    let without = channels.iter().enumerate().filter(|(place, _)| {
        let mut sums = sums.range((*place, None)..);
        sums.next().is_none_or(|((channel, _), _)| channel != place)
    });
    let mut spend = Spend {
        period: dated.as_ref().map(|dated| dated.period),
        rows: table.rows,
        used,
        left_out,
        cost: sums.values().sum(),
        matched: matched.filter_map(|(pair, _)| otherwise(pair)).collect(),
        without: without.map(|(_, name)| name.clone()).collect(),
        costs: sums
            .into_iter()
            .map(|((channel, stretch), cost)| SpendCost {
                channel: channels[channel].clone(),
                cost,
                date: stretch.map(|stretch| stretch.first_day()),
                days: stretch.map(|stretch| stretch.days),
            })
            .collect(),
        columns,
        unmatched,
        warnings: Vec::new(),
    };
    warn(&mut spend, undated);
    Ok(spend)
}

fn columns(
    table: &Table,
    names: &Names<'_>,
    options: &SpendOptions,
) -> Result<SpendColumns, SpendError> {
    let chosen = SpendGuess {
        channel: options.channel.clone(),
        period: options.period.clone(),
        cost: options.cost.clone(),
    };
    let known = |name: &str| names.find(name).is_some();
    let guess = spend_columns(table, chosen, known, holds_periods);
    Ok(SpendColumns {
        channel: guess.channel.ok_or(SpendError::NoChannel)?,
        period: guess.period,
        cost: guess.cost.ok_or(SpendError::NoCost)?,
    })
}

fn warn(spend: &mut Spend, undated: usize) {
    if !spend.unmatched.is_empty() {
        let names: Vec<String> = spend.unmatched.iter().map(|one| one.name.clone()).collect();
        let cost: f64 = spend.unmatched.iter().map(|one| one.cost).sum();
        let rows: usize = spend.unmatched.iter().map(|one| one.rows).sum();
        let message = format!(
            "{} channels of the spend table are not in the data: {rows} rows with a spend of {cost} are left out.",
            names.len()
        );
        let warning = Warning::new("spend-unmatched", message);
        let warning = warning.figure("channels", names.len() as f64);
        spend.warnings.push(
            warning
                .columns(names)
                .figure("rows", rows as f64)
                .figure("cost", cost),
        );
    }
    if !spend.without.is_empty() {
        let count = spend.without.len() as f64;
        let message = format!("{count} channels of the data have no spend in the table.");
        let warning = Warning::new("spend-missing", message).columns(spend.without.clone());
        spend.warnings.push(warning.figure("channels", count));
    }
    for (code, count, what) in [
        (
            "spend-rows-left-out",
            spend.left_out,
            "without a channel, or without a cost of at least 0, are left out",
        ),
        (
            "spend-without-date",
            undated,
            "without a date count for the whole only, so costs can’t be told by period",
        ),
    ] {
        if count > 0 {
            let message = format!("{count} rows of the spend table {what}.");
            let warning = Warning::new(code, message).figure("rows", count as f64);
            spend.warnings.push(warning);
        }
    }
}

/// The channels of the data by what they are called.
struct Names<'a> {
    exact: HashMap<&'a str, usize>,
    plain: HashMap<String, usize>,
    said: HashMap<&'a str, usize>,
}

impl<'a> Names<'a> {
    fn new(channels: &'a [String], options: &'a SpendOptions) -> Self {
        let exact: HashMap<&str, usize> = channels.iter().map(String::as_str).zip(0..).collect();
        let mut plain = HashMap::new();
        for (place, name) in channels.iter().enumerate() {
            // Of two that differ only in writing, neither is meant by a third way of writing it.
            let known = plain.entry(plainly(name)).or_insert(place);
            if *known != place {
                *known = usize::MAX;
            }
        }
        plain.retain(|name, place| *place != usize::MAX && !name.is_empty());
        let said = options
            .channels
            .iter()
            .filter_map(|(name, channel)| Some((name.as_str(), *exact.get(channel.as_str())?)));
        Self {
            said: said.collect(),
            exact,
            plain,
        }
    }

    fn find(&self, name: &str) -> Option<usize> {
        let said = self.said.get(name).or_else(|| self.exact.get(name));
        said.or_else(|| self.plain.get(&plainly(name))).copied()
    }
}

/// A name without capitals, blanks and punctuation.
fn plainly(name: &str) -> String {
    let kept = name.chars().filter(|mark| mark.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}
