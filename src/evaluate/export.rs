//! A trained model as a file.

use super::RunReport;
use crate::error::Coded;
use crate::model::Parameter;
use crate::prepare::Feature;
use crate::train::{Fit, FittedJourney, ModelKind};
use safetensors::tensor::{Dtype, TensorView};
use serde::Serialize;
use std::collections::HashMap;
use thiserror::Error;

/// The version of the format in both kinds of file.
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

/// What a reader needs to use the parameters without Channelwise.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manual<'a> {
    format: String,
    version: u32,
    formula: &'static str,
    /// The outcome that `p` is the chance of.
    positive: &'a str,
    threshold: f64,
    features: &'a [Feature],
    /// What a journey model takes in, and its sizes.
    #[serde(skip_serializing_if = "Option::is_none")]
    journey: Option<&'a FittedJourney>,
}

impl<'a> Manual<'a> {
    fn new(run: &RunReport, fit: &'a Fit, features: &'a [Feature], positive: &'a str) -> Self {
        Self {
            format: format!("channelwise-{}", run.model),
            version: VERSION,
            formula: match fit.options.model {
                ModelKind::Logistic => LOGISTIC,
                ModelKind::Journey => JOURNEY,
                ModelKind::Transformer => TRANSFORMER,
            },
            positive,
            threshold: run.threshold.value,
            features,
            journey: fit.journey.as_ref(),
        }
    }
}

/// The manual, the parameters and the report in one JSON object.
#[derive(Serialize)]
struct Exported<'a> {
    #[serde(flatten)]
    manual: Manual<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    intercept: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    weights: Vec<f64>,
    #[serde(skip_serializing_if = "<[Parameter]>::is_empty")]
    parameters: &'a [Parameter],
    run: &'a RunReport,
}

const LOGISTIC: &str = "p = 1/(1 + exp(-(intercept + sum of weights[j]*x[j]))); x[j] by features[j].kind: \
    standardised: (value - mean)/deviation, 0 where missing, a yes/no value being 1/0; \
    oneHot: 1 where the cell is the level, else 0, the level (missing) meaning an empty cell and true/false a yes/no value; \
    missing: 1 where the cell is missing, else 0";

const JOURNEY: &str = "Touches of a journey in order of time, t = 0, 1, ...; a channel's entry is its place in journey.inputs.channels + 1, \
    0 for any other; an event type's likewise. Input of a touch: x = [embedding.channel[entry], embedding.event[entry] where there are events, \
    ln(1 + hours since the touch before, 0 for the first) where journey.inputs.gaps]. \
    Gates, each a quarter of the columns: [i, f, g, o] = x*weight_input + h*weight_hidden + bias; i, f, o through the logistic function, g through tanh; \
    c = f*c + i*g; h = o*tanh(c); h and c start at 0. A direction named backward reads the journey from its end; an upper layer reads, \
    touch by touch, the states of all directions of the layer below. p = 1/(1 + exp(-(dense.bias + dense.weight * \
    [last h of each direction of the top layer, features[j] for j in journey.inputs.statics]))); features as in logistic regression: \
    standardised: (value - mean)/deviation, 0 where missing; oneHot: 1 where the cell is the level; missing: 1 where the cell is missing";

const TRANSFORMER: &str = "Touches, entries, gaps and features as x of channelwise-journey; a touch is x = embedding.channel[entry] + \
    embedding.event[entry] where there are events + ln(1 + hours)*embedding.gap where journey.inputs.gaps + 0.1*position, position[2k] = \
    sin(a), position[2k+1] = cos(a), a = (touches after this one)/10000^(2k/width). Each encoder layer: x = x + attention_out(attention(\
    query_key_value(norm_attention(x)))), heads side by side, scores over sqrt(width of a head); x = x + outer(relu(inner(norm_inner(x)))). \
    A norm's first line is its scale, its second its shift; 1e-5 is added to the variance. p = 1/(1 + exp(-(dense.bias + dense.weight * \
    [mean of norm(x) over the touches, features[j] for j in journey.inputs.statics])))";

/// The run as JSON; `features` and `positive` are those of the data set it was trained on: parameters,
/// the encoding of every feature, how to get a probability from them, and the whole report, so that it can
/// be used elsewhere without Channelwise. Figures that are `NaN` are `null`.
///
/// # Errors
/// [`ExportError::Write`] where serialising fails.
pub fn to_json(
    run: &RunReport,
    fit: &Fit,
    features: &[Feature],
    positive: &str,
) -> Result<Vec<u8>, ExportError> {
    let logistic = fit.journey.is_none();
    let exported = Exported {
        manual: Manual::new(run, fit, features, positive),
        intercept: run.intercept,
        weights: run.coefficients.iter().map(|c| c.value).collect(),
        parameters: if logistic { &[] } else { &fit.parameters },
        run,
    };
    serde_json::to_vec(&exported).map_err(refused)
}

/// The run as safetensors, f32: of logistic regression `weights` `[features]` and `intercept` `[1]`, of
/// journey models the arrays of [`crate::model::journey::Layout`]. The metadata has one entry,
/// `channelwise`: a JSON object with the format, the formula, the positive outcome, the threshold, every
/// feature's encoding, and what a journey model takes in.
///
/// # Errors
/// [`ExportError::Write`] where serialising fails.
pub fn to_safetensors(
    run: &RunReport,
    fit: &Fit,
    features: &[Feature],
    positive: &str,
) -> Result<Vec<u8>, ExportError> {
    let mut arrays: Vec<(&Parameter, Vec<u8>)> = fit
        .parameters
        .iter()
        .map(|array| {
            let bytes = array.values.iter().flat_map(|value| value.to_le_bytes());
            (array, bytes.collect())
        })
        .collect();
    crate::order::sort_by(&mut arrays, |a, b| a.0.name.cmp(&b.0.name));
    let tensors = arrays
        .iter()
        .map(|(array, bytes)| {
            let view = TensorView::new(Dtype::F32, array.shape.clone(), bytes);
            view.map(|view| (array.name.as_str(), view))
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(refused)?;
    // One entry only: the writer keeps no order among several, and files should not differ by chance.
    let manual =
        serde_json::to_string(&Manual::new(run, fit, features, positive)).map_err(refused)?;
    let metadata = HashMap::from([("channelwise".to_owned(), manual)]);
    safetensors::serialize(tensors, Some(metadata)).map_err(refused)
}
