//! A trained model as a file.

use super::RunReport;
use crate::error::Coded;
use crate::prepare::Feature;
use safetensors::tensor::{Dtype, TensorView};
use serde::Serialize;
use std::collections::HashMap;
use thiserror::Error;

/// The name of the format in both kinds of file.
const FORMAT: &str = "channelwise-logistic";
/// Its version.
const VERSION: u32 = 1;

/// Why a run could not be written.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The writer refused.
    #[error("The model could not be written.")]
    Write(String),
}

impl Coded for ExportError {
    fn code(&self) -> &'static str {
        "export-failed"
    }

    fn detail(&self) -> Option<String> {
        let Self::Write(said) = self;
        Some(said.clone())
    }
}

fn refused(error: impl std::fmt::Display) -> ExportError {
    ExportError::Write(error.to_string())
}

/// What a reader needs to use the coefficients without Channelwise.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manual<'a> {
    format: &'static str,
    version: u32,
    formula: &'static str,
    /// The outcome that `p` is the chance of.
    positive: &'a str,
    threshold: f64,
    features: &'a [Feature],
}

impl<'a> Manual<'a> {
    fn new(run: &RunReport, features: &'a [Feature], positive: &'a str) -> Self {
        Self {
            format: FORMAT,
            version: VERSION,
            formula: FORMULA,
            positive,
            threshold: run.threshold.value,
            features,
        }
    }
}

/// The manual, the coefficients and the report in one JSON object.
#[derive(Serialize)]
struct Exported<'a> {
    #[serde(flatten)]
    manual: Manual<'a>,
    intercept: f64,
    weights: Vec<f64>,
    run: &'a RunReport,
}

const FORMULA: &str = "p = 1/(1 + exp(-(intercept + sum of weights[j]*x[j]))); x[j] by features[j].kind: \
    standardised: (value - mean)/deviation, 0 where missing, a yes/no value being 1/0; \
    oneHot: 1 where the cell is the level, else 0, the level (missing) meaning an empty cell and true/false a yes/no value; \
    missing: 1 where the cell is missing, else 0";

/// The run as JSON; `features` and `positive` are those of the data set it was trained on: coefficients, the encoding of every feature, how to get a probability from them,
/// and the whole report, so that it can be used elsewhere without Channelwise. Figures that are `NaN`
/// are `null`.
///
/// # Errors
/// [`ExportError::Write`] where serialising fails.
pub fn to_json(
    run: &RunReport,
    features: &[Feature],
    positive: &str,
) -> Result<Vec<u8>, ExportError> {
    let exported = Exported {
        manual: Manual::new(run, features, positive),
        intercept: run.intercept,
        weights: weights(run),
        run,
    };
    serde_json::to_vec(&exported).map_err(refused)
}

/// The run as safetensors: `weights` `[features]` and `intercept` `[1]`, f32. The metadata has one
/// entry, `channelwise`: a JSON object with the format, the formula, the positive outcome, the
/// threshold and every feature's encoding.
///
/// # Errors
/// [`ExportError::Write`] where serialising fails.
pub fn to_safetensors(
    run: &RunReport,
    features: &[Feature],
    positive: &str,
) -> Result<Vec<u8>, ExportError> {
    let bytes = |values: &[f64]| -> Vec<u8> {
        values
            .iter()
            .flat_map(|&value| (value as f32).to_le_bytes())
            .collect()
    };
    let weights = weights(run);
    let (weight_bytes, intercept_bytes) = (bytes(&weights), bytes(&[run.intercept]));
    let view = |shape, bytes| TensorView::new(Dtype::F32, shape, bytes).map_err(refused);
    let tensors = [
        ("intercept", view(vec![1], &intercept_bytes)?),
        ("weights", view(vec![weights.len()], &weight_bytes)?),
    ];
    // One entry only: the writer keeps no order among several, and files should not differ by chance.
    let manual = serde_json::to_string(&Manual::new(run, features, positive)).map_err(refused)?;
    let metadata = HashMap::from([("channelwise".to_owned(), manual)]);
    safetensors::serialize(tensors, Some(metadata)).map_err(refused)
}

fn weights(run: &RunReport) -> Vec<f64> {
    run.coefficients.iter().map(|c| c.value).collect()
}
