//! How good a model is, and how sure one can be of it.
//!
//! Everything counts a row as often as its row weight says, as if it stood there so many times.

mod baselines;
mod coefficients;
mod curves;
mod export;
mod metrics;
mod probabilities;
mod ranking;
mod report;
mod score;

pub use baselines::{
    Answer, BaselineFigures, Baselines, Better, Ceiling, Contrast, Drawn, Verdict, baselines,
    baselines_within, ceiling, contrast,
};
pub use coefficients::{
    ChannelCoefficients, Coefficient, Covariance, MAX_COLUMNS, NoCovariance, coefficients,
};
pub use curves::{CalibrationBin, Curves, GainPoint, PrecisionRecallPoint, RocPoint, ThresholdRow};
pub use export::{ExportError, to_json, to_safetensors};
pub use metrics::{BestF1, Confusion, Metrics};
pub use probabilities::{probabilities, probability};
pub use ranking::{Group, Ranking};
pub use report::{InputsReport, Parts, RunReport, Threshold, channel_coefficients, report};
pub use score::{JourneyScorer, predict};

pub(crate) use crate::statistics::Z95;
