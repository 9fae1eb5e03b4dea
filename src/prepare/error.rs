//! Why a table can't be turned into numbers.

use super::paths::PathsError;
use crate::error::Coded;

/// What stops the preparation, or the encoding of a new table.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PrepareError {
    /// An option is outside its range.
    #[error("The option {name} must be {range}.")]
    InvalidOption {
        /// The option's name in the public API.
        name: &'static str,
        /// What it may be.
        range: &'static str,
    },
    /// No column has the role of the outcome.
    #[error("No column says who converted: choose the outcome column.")]
    NoOutcome,
    /// The outcome column is empty.
    #[error("Every cell of the outcome column is empty.")]
    OutcomeEmpty {
        /// The column's name.
        column: String,
    },
    /// The outcome has more than two values.
    #[error(
        "The outcome column has more than two different values ({found}): say which of them count as converted."
    )]
    OutcomeNotBinary {
        /// The column's name.
        column: String,
        /// How many values, as text: `7`, or `3 or more` where counting stopped early.
        found: String,
    },
    /// All rows have the same outcome.
    #[error(
        "All {rows} usable rows have the same outcome: a model needs rows that converted and rows that did not."
    )]
    OneClass {
        /// The column's name.
        column: String,
        /// How many rows can be used.
        rows: usize,
    },
    /// The value that was said to mean converted isn't in the outcome column.
    #[error("The value that should count as converted does not occur in the outcome column.")]
    PositiveNotFound {
        /// The column's name.
        column: String,
        /// The value that was asked for.
        positive: String,
    },
    /// The weight column holds no numbers.
    #[error("The weight column does not hold numbers.")]
    WeightNotNumber {
        /// The column's name.
        column: String,
    },
    /// Nothing says whose touches they are.
    #[error(
        "To put touches together, choose the column that says whose they are: a user, or a journey."
    )]
    NoJourneyColumn,
    /// A table of paths can't be read.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// A split by user without users.
    #[error("To split by user, choose the column that says who the user is.")]
    NoUserColumn,
    /// A split by time without times.
    #[error("To split by time, choose the column that says when it happened.")]
    NoTimeColumn,
    /// The time column can't be put in order.
    #[error(
        "The time column holds neither times nor numbers, so rows can't be put in order by it."
    )]
    TimeNotOrdered {
        /// The column's name.
        column: String,
    },
    /// A test row that the file doesn't have.
    #[error("{count} of the test rows lie beyond the end of the file.")]
    TestRowOutOfRange {
        /// How many.
        count: usize,
    },
    /// A test row named twice.
    #[error("{count} of the test rows are named more than once.")]
    TestRowRepeated {
        /// How many.
        count: usize,
    },
    /// The parts would be empty or the training part would lack converters or non-converters.
    #[error(
        "{rows} usable rows, of which {converted} converted, are too few to divide into the parts asked for: the training part needs rows of both outcomes, and no other part may be empty."
    )]
    TooFewRows {
        /// How many rows can be used.
        rows: usize,
        /// How many of them converted.
        converted: usize,
    },
    /// No column can be an input.
    #[error("No column is left that the model could learn from.")]
    NoFeatures,
    /// More channels than can be compared.
    #[error(
        "The channel column holds {found} different channels; at most {limit} can be compared."
    )]
    TooManyChannels {
        /// The column's name.
        column: String,
        /// How many there are.
        found: usize,
        /// The most there may be.
        limit: usize,
    },
    /// The design matrix would not fit.
    #[error(
        "{rows} rows × {features} model inputs are {cells} cells; at most {limit} fit. Leave out columns with many different values, or rows."
    )]
    TooLarge {
        /// Rows of the design matrix.
        rows: usize,
        /// Columns of the design matrix.
        features: usize,
        /// Their product.
        cells: u64,
        /// The most cells there may be.
        limit: u64,
    },
    /// A new table lacks columns that the model was trained on.
    #[error("The file lacks {} of the columns that the model was trained on.", columns.len())]
    MissingColumns {
        /// Their names.
        columns: Vec<String>,
    },
}

impl Coded for PrepareError {
    fn code(&self) -> &'static str {
        match self {
            Self::InvalidOption { .. } => "invalid-option",
            Self::NoOutcome => "no-outcome",
            Self::OutcomeEmpty { .. } => "outcome-empty",
            Self::OutcomeNotBinary { .. } => "outcome-not-binary",
            Self::OneClass { .. } => "one-class",
            Self::PositiveNotFound { .. } => "positive-not-found",
            Self::WeightNotNumber { .. } => "weight-not-number",
            Self::NoJourneyColumn => "no-journey-column",
            Self::Paths(error) => error.code(),
            Self::NoUserColumn => "no-user-column",
            Self::NoTimeColumn => "no-time-column",
            Self::TimeNotOrdered { .. } => "time-not-ordered",
            Self::TestRowOutOfRange { .. } => "test-row-out-of-range",
            Self::TestRowRepeated { .. } => "test-row-repeated",
            Self::TooFewRows { .. } => "too-few-rows",
            Self::NoFeatures => "no-features",
            Self::TooManyChannels { .. } => "too-many-channels",
            Self::TooLarge { .. } => "too-large",
            Self::MissingColumns { .. } => "missing-columns",
        }
    }

    fn figures(&self) -> Vec<(&'static str, f64)> {
        match self {
            Self::OneClass { rows, .. } => vec![("rows", *rows as f64)],
            Self::Paths(error) => error.figures(),
            Self::TestRowOutOfRange { count } | Self::TestRowRepeated { count } => {
                vec![("count", *count as f64)]
            }
            Self::TooFewRows { rows, converted } => {
                vec![("rows", *rows as f64), ("converted", *converted as f64)]
            }
            Self::TooManyChannels { found, limit, .. } => {
                vec![("found", *found as f64), ("limit", *limit as f64)]
            }
            Self::TooLarge {
                rows,
                features,
                cells,
                limit,
            } => vec![
                ("rows", *rows as f64),
                ("features", *features as f64),
                ("cells", *cells as f64),
                ("limit", *limit as f64),
            ],
            Self::MissingColumns { columns } => vec![("count", columns.len() as f64)],
            _ => Vec::new(),
        }
    }

    fn columns(&self) -> Vec<String> {
        match self {
            Self::OutcomeEmpty { column }
            | Self::OutcomeNotBinary { column, .. }
            | Self::OneClass { column, .. }
            | Self::PositiveNotFound { column, .. }
            | Self::WeightNotNumber { column }
            | Self::TimeNotOrdered { column }
            | Self::TooManyChannels { column, .. } => vec![column.clone()],
            Self::MissingColumns { columns } => columns.clone(),
            Self::Paths(error) => error.columns(),
            _ => Vec::new(),
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::PositiveNotFound { positive, .. } => Some(positive.clone()),
            Self::Paths(error) => error.detail(),
            _ => None,
        }
    }
}
