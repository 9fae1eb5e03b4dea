//! What can be asked of the preparation.

use super::PrepareError;
use crate::ingest::Layout;
use crate::schema::{BlankOutcome, RoleOptions};
use crate::table::ColumnType;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What stays together when the rows are divided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SplitBy {
    /// Each row for itself, stratified by outcome.
    #[default]
    Row,
    /// All rows of a user, stratified by whether the user converted.
    User,
    /// The last rows are held out.
    Time,
}

/// How the rows are divided into training, validation and test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SplitOptions {
    /// What stays together. Defaults to `user` for journeys of users that come again, else to `row`.
    pub by: Option<SplitBy>,
    /// The share of the rows that is held out to the end. Defaults to `0.2`.
    pub test: f64,
    /// The share of the remaining rows that decides when to stop, and the threshold. Defaults to `0.1`.
    pub validation: f64,
    /// Defaults to `42`.
    pub seed: u64,
    /// 0-based rows as read that make up the test part (journeys in the order of the data set, for
    /// touches); they win over `test`. Filled by the caller,
    /// since they arrive as a typed array.
    #[serde(skip)]
    pub test_rows: Option<Vec<u32>>,
}

impl Default for SplitOptions {
    fn default() -> Self {
        Self {
            by: None,
            test: 0.2,
            validation: 0.1,
            seed: 42,
            test_rows: None,
        }
    }
}

/// The options of `prepare`, unchecked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PrepareOptions {
    /// What a row stands for, over what `load` found; whoever calls `prepare` has put it into the
    /// schema.
    pub layout: Option<Layout>,
    /// Roles that override the inferred ones; whoever calls `prepare` has put them into the schema.
    pub roles: Option<RoleOptions>,
    /// Types that override the inferred ones; whoever calls `prepare` has put them into the table.
    pub types: BTreeMap<String, ColumnType>,
    /// Which value of the outcome column counts as converted, or which values do.
    pub positive: Option<PositiveValues>,
    /// What an empty cell of the outcome column says. Defaults to `auto`: that nothing was converted
    /// where all filled cells say converted, else nothing.
    pub blank_outcome: BlankOutcome,
    /// Whether the outcome of touches is that of each touch or that of their whole journey. Defaults to
    /// `auto`: what most journeys of several touches speak for. Journeys only.
    pub outcome_of: OutcomeOf,
    /// How the rows are divided.
    pub split: SplitOptions,
    /// The most touches of a journey that are kept. Journeys only.
    pub max_length: Option<u32>,
    /// How many days before the outcome a touch still counts. Journeys only.
    pub lookback_days: Option<f64>,
    /// Whether touches of one channel in a row become one. Journeys only.
    pub collapse_repeats: Option<bool>,
    /// What becomes of rows that repeat an earlier one in every cell. Defaults to `keep`.
    pub duplicates: Duplicates,
    /// What becomes of cells that can't be: see [`crate::schema::possible_range`]. Defaults to `keep`.
    pub impossible: Impossible,
    /// Draws the numbers of features in to these quantiles of the training rows. Defaults to nothing.
    pub winsorise: Option<Winsorise>,
    /// Levels of a category (but not of the channel) that fewer training rows have become one,
    /// `(other)`. Defaults to 10 for categories with more than 50 levels, and to 0 for others.
    pub pool_below: Option<u32>,
    /// Channels that count as one, `(other)`. Not for tables of whole paths.
    pub pool_channels: Vec<String>,
    /// What becomes of numbers and of yes or no that change from touch to touch. Defaults to `auto`.
    /// Events only.
    pub touch_features: TouchFeatures,
}

/// What becomes of columns of touches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TouchFeatures {
    /// By a word.
    Word(TouchFeaturesWord),
    /// Of these columns these, of all others nothing.
    Columns(BTreeMap<String, Vec<Aggregate>>),
    /// As the word `auto`.
    #[default]
    #[serde(skip)]
    Auto,
}

/// What becomes of all columns of touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TouchFeaturesWord {
    /// Of yes or no whether and how often, of numbers the sum and the last.
    Auto,
    /// They are left out.
    Off,
}

/// One number of the touches of a journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aggregate {
    /// What the filled cells add up to.
    Sum,
    /// 1 where any cell is above 0, else 0.
    Any,
    /// The last filled cell.
    Last,
}

/// One value or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PositiveValues {
    /// One.
    One(String),
    /// Any of several.
    Several(Vec<String>),
}

impl PositiveValues {
    /// All of them.
    pub fn values(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Several(values) => values,
        }
    }
}

/// What the outcome that stands beside a touch speaks of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutcomeOf {
    /// Whichever most journeys speak for.
    #[default]
    Auto,
    /// Of that touch: it converted, and ends its journey.
    Touch,
    /// Of the journey: all its touches say the same.
    Journey,
}

/// What becomes of repeated rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Duplicates {
    /// They count.
    #[default]
    Keep,
    /// Only the first of them counts.
    Drop,
}

/// What becomes of cells that can't be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Impossible {
    /// They count.
    #[default]
    Keep,
    /// They count as missing.
    Missing,
}

/// Two shares of the training rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Winsorise {
    /// What is below this quantile becomes the quantile.
    pub lower: f64,
    /// What is above this quantile becomes the quantile.
    pub upper: f64,
}

/// Options that have been checked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ValidPrepareOptions(PrepareOptions);

impl PrepareOptions {
    /// The options, once every one of them is known to be in its range.
    ///
    /// # Errors
    /// [`PrepareError::InvalidOption`] names the first that isn't.
    pub fn check(self) -> Result<ValidPrepareOptions, PrepareError> {
        let invalid = |name, range| Err(PrepareError::InvalidOption { name, range });
        let share = |value: f64| (0.0..=0.9).contains(&value);
        if !share(self.split.test) {
            return invalid("split.test", "a share from 0 to 0.9");
        }
        if !share(self.split.validation) {
            return invalid("split.validation", "a share from 0 to 0.9");
        }
        if self.max_length == Some(0) {
            return invalid("maxLength", "at least 1");
        }
        if self
            .lookback_days
            .is_some_and(|days| days.is_nan() || days <= 0.0)
        {
            return invalid("lookbackDays", "more than 0");
        }
        let nothing = |positive: &PositiveValues| positive.values().is_empty();
        if self.positive.as_ref().is_some_and(nothing) {
            return invalid("positive", "one value or more");
        }
        let ordered =
            |ends: Winsorise| 0.0 <= ends.lower && ends.lower < ends.upper && ends.upper <= 1.0;
        if self.winsorise.is_some_and(|ends| !ordered(ends)) {
            return invalid("winsorise", "two shares from 0 to 1, the lower first");
        }
        Ok(ValidPrepareOptions(self))
    }
}

impl ValidPrepareOptions {
    /// The checked options.
    pub fn get(&self) -> &PrepareOptions {
        &self.0
    }
}
