//! What can go wrong while a model is trained.

use crate::error::Coded;
use thiserror::Error;

/// Why a model was not trained.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum TrainError {
    /// An option is outside its range.
    #[error("The training option {name} must be {expected}.")]
    InvalidOption {
        /// The option, as in the public API.
        name: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// A journey model without journeys.
    #[error(
        "The journey model needs journeys: a file of events or of paths. This data has one row per case; use logistic regression."
    )]
    NoJourneys,
    /// L-BFGS reads numbers back at every step, which a browser's GPU cannot do in time.
    #[error(
        "L-BFGS trains on the CPU only. Choose the CPU, or gradient descent, momentum or Adam for WebGPU."
    )]
    LbfgsNeedsCpu,
    /// L-BFGS needs the same objective at every step.
    #[error(
        "L-BFGS uses all rows at every step: leave the batch size at 0, or choose another optimiser."
    )]
    LbfgsNeedsFullBatch,
    /// There is nothing to learn from.
    #[error("The training part has no rows.")]
    NoTrainingRows,
    /// There is nothing to learn with.
    #[error("There are no features to train on.")]
    NoFeatures,
    /// All training rows have the same outcome.
    #[error(
        "All training rows have the same outcome, so there is nothing to tell apart. The data needs both converted and not converted rows."
    )]
    OneClass,
    /// The arrays of the data set do not fit together.
    #[error("The training data is not consistent: {0}.")]
    BadData(&'static str),
    /// The loss became infinite or not a number.
    #[error(
        "Training diverged: the loss is no longer a finite number. Try a smaller learning rate, or L-BFGS on the CPU."
    )]
    Diverged,
    /// The caller gave the training up.
    #[error("Training was cancelled.")]
    Aborted,
    /// The device did not answer.
    #[error("The device failed while training.")]
    Device(
        /// What the device said.
        String,
    ),
}

impl Coded for TrainError {
    fn code(&self) -> &'static str {
        match self {
            Self::InvalidOption { .. } => "invalid-option",
            Self::NoJourneys => "no-journeys",
            Self::LbfgsNeedsCpu => "lbfgs-needs-cpu",
            Self::LbfgsNeedsFullBatch => "lbfgs-needs-full-batch",
            Self::NoTrainingRows => "no-training-rows",
            Self::NoFeatures => "no-features",
            Self::OneClass => "one-class",
            Self::BadData(_) => "bad-data",
            Self::Diverged => "diverged",
            Self::Aborted => "aborted",
            Self::Device(_) => "device-failed",
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::Device(said) => Some(said.clone()),
            _ => None,
        }
    }
}
