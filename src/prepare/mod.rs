//! From a typed table to the numbers a model is trained on.
//!
//! [`prepare`] reads the outcome, leaves out rows that can't be used, divides the rest into parts, and
//! only then learns from the training part how columns become numbers. [`encode`] takes a new table
//! the same way for a model that is already trained.

mod aggregates;
mod assemble;
mod cells;
mod clean;
mod conversion_time;
mod cut;
mod dataset;
mod encode;
mod error;
mod features;
mod guards;
mod join;
mod journeys;
mod keys;
mod measures;
mod moments;
mod options;
mod outcome;
mod outcome_of;
mod path_columns;
mod path_journeys;
pub mod paths;
mod pool;
pub mod random;
mod remedies;
mod report;
mod rows;
mod spend;
mod spend_dates;
mod split;
mod summary;
mod touch_order;
mod touches;

pub use assemble::{EncodedJourneys, encode_journeys};
pub use dataset::{Channels, Dataset, Encoding, Feature, Split};
pub use encode::{MAX_CELLS, encode};
pub use error::PrepareError;
pub use features::MAX_LEVELS;
pub use join::{JoinError, JoinOptions, Joined, RepeatedKeys, join, unjoin};
pub use journeys::Journeys;
pub use keys::{KeyPair, key_pair, likely_keys};
pub use measures::{Measure, fill as measure_touches};
pub use options::{
    Aggregate, Duplicates, Impossible, OutcomeOf, PositiveValues, PrepareOptions, SplitBy,
    SplitOptions, TouchFeatures, TouchFeaturesWord, ValidPrepareOptions, Winsorise,
};
pub use report::Step;
pub use spend::{
    Spend, SpendColumns, SpendCost, SpendError, SpendMatch, SpendOptions, SpendUnmatched, spend,
};
pub use summary::{DatasetSummary, Dropped};
pub use touches::{DEFAULT_MAX_LENGTH, TouchCounts};

use crate::ingest::Layout;
use crate::schema::Schema;
use crate::table::Table;
use clean::without_impossible;

/// The level that stands for an empty cell of a category, and the channel of rows without one.
pub const MISSING_LEVEL: &str = "(missing)";

/// The level that stands for all rare values of a category.
pub const OTHER_LEVEL: &str = "(other)";

/// Turns a table into a data set divided into parts, and tells what became of it. `schema` already
/// holds the layout and the roles, and `table` the types, that `options` asked for.
///
/// A table of touches becomes journeys, a table of paths weighted journeys; the data set's rows are
/// then journeys, and what is learned from their touches is counts and lengths of time
/// ([`Measure`]), beside what the table knows of their users.
///
/// Numbers and booleans are standardised with the mean and population standard deviation of the
/// training rows, with a further column that marks missing cells where training rows miss some;
/// categories, and the channel whatever its type, are one-hot with all levels of the training rows.
///
/// # Errors
/// A [`PrepareError`] where the outcome is absent or isn't yes or no, where nothing is left to learn
/// from, where rows are too few or cells too many, or where the split asks for what isn't there.
pub fn prepare(
    table: &Table,
    schema: &Schema,
    options: &ValidPrepareOptions,
) -> Result<(Dataset, DatasetSummary), PrepareError> {
    let options = options.get();
    let asked = options.positive.as_ref();
    let schema = &match asked {
        Some(positive) => schema.clone().with_positive(positive.values()),
        None => schema.clone(),
    };
    let (table, impossible) = without_impossible(table, options.impossible == Impossible::Missing);
    let mut cleaned = clean::look(&table, schema, options);
    for (column, count) in impossible {
        let message = format!("{count} cells of `{column}` that can't be count as missing.");
        let step = Step::new("impossible-blanked", message, &[("cells", count as f64)]);
        cleaned.steps.push(step.columns(vec![column]));
    }
    let (table, step) = pool::pooled(table, schema, &options.pool_channels);
    cleaned.steps.extend(step);
    match schema.layout {
        Layout::Events => assemble::from_touches(&table, schema, options, cleaned),
        Layout::Paths => assemble::from_paths(&table, schema, options),
        Layout::Rows | Layout::Auto => rows::from_rows(&table, schema, options, cleaned),
    }
}
