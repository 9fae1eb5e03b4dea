//! Fitting a model: the loop, the optimisers, early stopping.
//!
//! [`TrainOptions`] are checked once into [`ValidTrainOptions`]; [`fit`] then takes [`TrainingData`]
//! and a device, and gives a [`Fit`] that can travel between workers. Everything that is read back
//! from a device is read asynchronously, L-BFGS apart, which runs on the CPU only.

mod adam;
mod auc;
mod blocks;
mod error;
mod first_order;
mod fit;
mod journey_batches;
mod journey_fit;
#[cfg(feature = "webgpu")]
mod journey_gpu;
mod journey_options;
mod lbfgs;
mod line_search;
mod objective;
mod options;
mod quasi_newton;
mod shuffle;
mod step_size;
mod stopping;
mod trial;
mod watch;
mod without_touches;

pub use auc::auc;
pub use blocks::TrainingData;
pub use error::TrainError;
pub use fit::{Ended, EpochRecord, Fit, FittedJourney, fit};
pub(crate) use journey_fit::score_journeys;
pub use journey_options::{CONTROLLED, Preset, ValidJourneyOptions};
pub use options::{
    DeviceKind, EarlyStopping, EarlyStoppingOptions, ModelKind, OptimizerKind, OptimizerOptions,
    StoppingMetric, TrainOptions, ValidOptimizer, ValidTrainOptions,
};
pub use trial::{Pace, trial};
pub use without_touches::WithoutTouches;
